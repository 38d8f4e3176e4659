"""Who sees and writes the estate, and why not."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from antin.people.actor import Actor
from antin.people.models import Unit
from antin.people.states import Role
from antin.refusal import NotAllowed, Refusal


class NotTheKeeper(NotAllowed):
    code = "estate_not_the_keeper"
    words = _("Chỉ quản trị viên và lãnh đạo của %(unit)s, của cấp trên ghi được thiết bị, phần mềm của đơn vị này.")


class NotTheTop(NotAllowed):
    code = "estate_not_the_top"
    words = _("Chỉ quản trị viên, lãnh đạo của cơ quan cao nhất quy định mẫu thế nào là mới.")


def sees_agency(actor: Actor) -> bool:
    """Whether the actor sees the estate of his whole agency and below it: its administrators and leaders."""
    return actor.role == Role.ADMINISTRATOR or (actor.leads and actor.unit_id == actor.agency_id)


def root_of(actor: Actor) -> int:
    """The unit under which the actor sees the estate; one who leads nothing sees his own unit alone."""
    return actor.agency_id if sees_agency(actor) else actor.unit_id


def visible_to(actor: Actor, prefix: str = "unit") -> Q:
    """Return the filter of what lies in a unit whose estate the actor may see."""
    if sees_agency(actor) or actor.leads:
        return Q(**{f"{prefix}__path__contains": f"/{root_of(actor)}/"})
    return Q(**{f"{prefix}_id": actor.unit_id})


def may_see(actor: Actor, unit: Unit) -> bool:
    """Whether the actor may see the estate of a unit."""
    if sees_agency(actor) or actor.leads:
        return f"/{root_of(actor)}/" in unit.path
    return unit.pk == actor.unit_id


def keeps(actor: Actor) -> bool:
    """Whether the actor writes the estate of some unit."""
    return actor.role == Role.ADMINISTRATOR or actor.leads


def why_not_write(actor: Actor, unit: Unit) -> Refusal | None:
    """Why this actor may not write what a unit has: its leaders do, those above it, and the administrators of the agency."""
    return None if keeps(actor) and may_see(actor, unit) else NotTheKeeper(unit=unit.name)


def why_not_set_norm(actor: Actor, root_id: int) -> Refusal | None:
    """Why this actor may not say what "current" means."""
    return None if sees_agency(actor) and actor.agency_id == root_id else NotTheTop()
