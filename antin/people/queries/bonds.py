"""Reading what was delegated and who substitutes, for the administrator and the head."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from antin.people.models import Delegation, Substitution


@dataclass(frozen=True)
class DelegationRow:
    """Leave to sign as it was written. `state` on the day: `in_force`, `future`, `expired` or `revoked`."""

    id: int
    form: str
    giver_post_id: int
    giver: str
    taker_post_id: int
    taker: str
    taker_unit: str
    type_codes: tuple[str, ...]
    since: date
    until: date | None
    basis: str
    handed_on: bool
    state: str


@dataclass(frozen=True)
class SubstitutionRow:
    """Who does whose work; `state` as in `DelegationRow`."""

    id: int
    principal_id: int
    principal: str
    substitute_id: int
    substitute: str
    since: date
    until: date
    basis: str
    state: str


def _state(since: date, until: date | None, revoked_on: date | None, on: date) -> str:
    if revoked_on is not None and revoked_on <= on and (until is None or revoked_on < until):
        return "revoked"
    if until is not None and until <= on:
        return "expired"
    return "future" if since > on else "in_force"


def list_powers(post_id: int, on: date) -> list[tuple[int, str]]:
    """Return the leaves to sign and substitutions that a post gave or has, in force or to come: id and words for a hand-over."""
    found = []
    leaves = Delegation.objects.filter(Q(from_post_id=post_id) | Q(to_post_id=post_id))
    for each in leaves.select_related("from_post", "to_post").order_by("id"):
        if _state(each.since, each.until, each.revoked_on, on) in ("in_force", "future"):
            found.append((each.pk, f"{each.form} {each.from_post.title} → {each.to_post.title}, {each.basis}"))
    stands = Substitution.objects.filter(Q(principal_id=post_id) | Q(substitute_id=post_id))
    for one in stands.select_related("principal", "substitute").order_by("id"):
        if _state(one.since, one.until, one.revoked_on, on) in ("in_force", "future"):
            found.append((one.pk, f"{one.substitute.title} → {one.principal.title}, {one.basis}"))
    return found


Last = tuple[date, int]
"""Where a page ended: from which day the last row held, and its id."""


def _before(after: Last | None) -> Q:
    return Q() if after is None else Q(since__lt=after[0]) | Q(since=after[0], pk__lt=after[1])


def list_delegations(
    *, agency_id: int, on: date, after: Last | None = None, limit: int | None = None
) -> list[DelegationRow]:
    """List every leave to sign the heads of an agency ever gave, the latest first; or a page of them."""
    found = Delegation.objects.filter(_before(after), from_post__unit_id=agency_id)
    found = found.select_related("from_post", "to_post__unit")
    return [
        DelegationRow(
            id=each.id,
            form=each.form,
            giver_post_id=each.from_post_id,
            giver=each.from_post.title,
            taker_post_id=each.to_post_id,
            taker=each.to_post.title,
            taker_unit=each.to_post.unit.name,
            type_codes=tuple(each.type_codes),
            since=each.since,
            until=each.until,
            basis=each.basis,
            handed_on=each.may_subdelegate,
            state=_state(each.since, each.until, each.revoked_on, on),
        )
        for each in found.order_by("-since", "-id")[:limit]
    ]


def list_substitutions(
    *, agency_id: int, on: date, after: Last | None = None, limit: int | None = None
) -> list[SubstitutionRow]:
    """List every substitution in an agency, the latest first; or a page of them."""
    found = Substitution.objects.filter(_before(after), principal__unit__agency_id=agency_id)
    found = found.select_related("principal", "substitute")
    return [
        SubstitutionRow(
            id=each.id,
            principal_id=each.principal_id,
            principal=each.principal.title,
            substitute_id=each.substitute_id,
            substitute=each.substitute.title,
            since=each.since,
            until=each.until,
            basis=each.basis,
            state=_state(each.since, each.until, each.revoked_on, on),
        )
        for each in found.order_by("-since", "-id")[:limit]
    ]
