"""Who may lay out books, keep a number back, put one between two others, or give one up."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from antin.numbering.models import Elsewhere, Series
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotAllowed, Refusal


class NotTheRegistry(NotAllowed):
    code = "not_the_registry"
    words = _("Chỉ văn thư hoặc lãnh đạo cơ quan được giữ số, thôi giữ số.")


class NotALeader(NotAllowed):
    code = "not_a_leader"
    words = _("Chèn số là ngoại lệ: chỉ lãnh đạo cơ quan được cho chèn.")


class BooksElsewhere(Refusal):
    """Two nodes that number for one agency give one number twice."""

    code = "books_elsewhere"
    words = _("Sổ của cơ quan này ở nút %(node)s: máy chủ này không cấp, giữ, chèn hay hủy số nữa.")


class BooksAwaited(BooksElsewhere):
    code = "books_awaited"
    words = _("Cơ quan này chuyển từ nút %(node)s đến, sổ chưa chuyển theo: quản trị viên nhận sổ rồi mới cấp số.")


def why_not_here(found: Elsewhere | None) -> Refusal | None:
    """Why nothing of an agency is numbered on this node."""
    if found is None:
        return None
    return BooksAwaited(node=found.node) if found.awaited else BooksElsewhere(node=found.node)


def why_not_in(series: Series) -> Refusal | None:
    """Why no number of a series is given, kept or voided on this node."""
    return BooksElsewhere(node=series.moved_to) if series.moved_to else None


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
