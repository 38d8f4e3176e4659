"""Who may take old books in: the clerks of the agency and its administrators."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from antin.oldbooks import states
from antin.oldbooks.models import OldBook
from antin.oldbooks.states import Status
from antin.people.actor import Actor
from antin.people.states import Clearance, Role
from antin.refusal import NotAllowed, Refusal, WrongState


class NotForOldBooks(NotAllowed):
    code = "not_for_old_books"
    words = _("Chỉ văn thư hoặc quản trị viên của cơ quan được nhập sổ cũ.")


class NotForSecretBooks(NotAllowed):
    code = "not_for_secret_books"
    words = _("Chỉ văn thư được tiếp cận bí mật nhà nước được nhập sổ mật.")


def why_not_import(actor: Actor) -> Refusal | None:
    """Why this actor may not take old books in."""
    return None if actor.role in (Role.CLERK, Role.ADMINISTRATOR) else NotForOldBooks()


def why_not_import_secret(actor: Actor) -> Refusal | None:
    """Why this actor may not take a book of secret papers in: clerks alone, and those who are cleared; no administrator."""
    if actor.role != Role.CLERK:
        return NotForSecretBooks()
    return None if Clearance.values.index(actor.clearance) else NotForSecretBooks()


def visible_to(actor: Actor) -> Q:
    """What of his agency's imports the actor may see: of secret papers a clerk who is cleared for all of its lines."""
    mine = Q(agency_id=actor.agency_id)
    if why_not_import_secret(actor) is not None:
        return mine & Q(secret=False)
    return mine & Q(level__lte=Clearance.values.index(actor.clearance))


def why_not(actor: Actor, old_book: OldBook, step: str) -> Refusal | None:
    """Why this actor may not do this step with the import now."""
    if actor.agency_id != old_book.agency_id or why_not_import(actor) is not None:
        return NotForOldBooks()
    if old_book.secret and why_not_import_secret(actor) is not None:
        return NotForSecretBooks()
    return None if old_book.status in states.STEPS[step][0] else WrongState(state=str(Status(old_book.status).label))
