"""Who may take old books in: the clerks of the agency and its administrators."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from antin.oldbooks import states
from antin.oldbooks.models import OldBook
from antin.oldbooks.states import Status
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotAllowed, Refusal, WrongState


class NotForOldBooks(NotAllowed):
    code = "not_for_old_books"
    words = _("Chỉ văn thư hoặc quản trị viên của cơ quan được nhập sổ cũ.")


def why_not_import(actor: Actor) -> Refusal | None:
    """Why this actor may not take old books in."""
    return None if actor.role in (Role.CLERK, Role.ADMINISTRATOR) else NotForOldBooks()


def why_not(actor: Actor, old_book: OldBook, step: str) -> Refusal | None:
    """Why this actor may not do this step with the import now."""
    if actor.agency_id != old_book.agency_id or why_not_import(actor) is not None:
        return NotForOldBooks()
    return None if old_book.status in states.STEPS[step][0] else WrongState(state=str(Status(old_book.status).label))
