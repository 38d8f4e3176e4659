"""Reading what persons prove themselves with, and from where they sign in."""

from __future__ import annotations

from django.db.models import QuerySet

from antin.people.models import Device, Factor
from antin.people.states import FactorKind
from antin.refusal import NotFound


def _held(person_id: int) -> QuerySet[Factor]:
    return Factor.objects.filter(person_id=person_id, confirmed_at__isnull=False, removed_at=None)


def has_factors(person_id: int) -> bool:
    """Tell whether a person must show something besides the password. A list of codes alone asks for nothing."""
    return _held(person_id).exclude(kind=FactorKind.CODES).exists()


def list_factors(person_id: int) -> list[Factor]:
    """List what a person proves himself with, in the order it was added."""
    return list(_held(person_id).order_by("added_at", "id"))


def list_keys(person_id: int) -> list[bytes]:
    """List the attested credential data of a person's security keys."""
    return [bytes(each.material) for each in _held(person_id) if each.kind == FactorKind.KEY]


def get_factor(person_id: int, factor_id: int) -> Factor:
    """Return one of a person's own, confirmed or not. :raises NotFound: absent, removed, or another's"""
    found = Factor.objects.filter(id=factor_id, person_id=person_id, removed_at=None).first()
    if found is None:
        raise NotFound(factor=factor_id)
    return found


def lock_factor(factor_id: int) -> Factor:
    """Lock one for writing. :raises NotFound: absent or removed"""
    found = Factor.objects.select_for_update().filter(id=factor_id, removed_at=None).first()
    if found is None:
        raise NotFound(factor=factor_id)
    return found


def list_devices(person_id: int) -> list[Device]:
    """List the browsers a person has signed in from, the latest first."""
    return list(Device.objects.filter(person_id=person_id).order_by("-last_seen_at", "id"))
