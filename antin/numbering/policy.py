"""Who may lay out books, keep a number back, put one between two others, or give one up."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotAllowed, Refusal


class NotTheRegistry(NotAllowed):
    code = "not_the_registry"
    words = _("Chỉ văn thư hoặc lãnh đạo cơ quan được giữ số, thôi giữ số.")


class NotALeader(NotAllowed):
    code = "not_a_leader"
    words = _("Chèn số là ngoại lệ: chỉ lãnh đạo cơ quan được cho chèn.")


def leads(actor: Actor, agency_id: int) -> bool:
    """Whether the actor is the agency's head or one of his deputies."""
    return actor.role in (Role.HEAD, Role.DEPUTY) and actor.unit_id == agency_id


def why_not_reserve(actor: Actor, agency_id: int) -> Refusal | None:
    """Why this actor may not keep a number of the agency back, nor give up one that is kept."""
    if leads(actor, agency_id) or (actor.role == Role.CLERK and actor.agency_id == agency_id):
        return None
    return NotTheRegistry()


def why_not_insert(actor: Actor, agency_id: int) -> Refusal | None:
    """Why this actor may not let a number be put between two others."""
    return None if leads(actor, agency_id) else NotALeader()


def why_not_set_book(actor: Actor | None) -> Refusal | None:
    """Why this actor may not lay out books; that the agency is of his house, `people` has told. None is the node itself."""
    return None if actor is None or actor.role == Role.ADMINISTRATOR else NotAllowed()
