"""Who keeps the directory of outside agencies: administrators, and the node itself (no actor) when it takes a line's list."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from antin.correspondents.models import RecipientList
from antin.people.actor import Actor
from antin.refusal import NotAllowed, Refusal


def why_not_keep(actor: Actor | None) -> Refusal | None:
    """Tell why the actor may not enter, change or close outside agencies."""
    return None if actor is None or actor.role == "administrator" else NotAllowed()


class NotYourList(NotAllowed):
    code = "not_your_list"
    words = _("Danh sách này do đơn vị hoặc người khác giữ; chỉ nơi giữ được sửa.")


class ListClosed(Refusal):
    code = "list_closed"
    words = _("Danh sách “%(name)s” đã bỏ.")


def why_not_make_list(actor: Actor) -> Refusal | None:
    """Why this actor may not make a list: an administrator writes to nobody."""
    return NotAllowed() if actor.role == "administrator" else None


def why_not_change_list(actor: Actor, kept: RecipientList) -> Refusal | None:
    """Why this actor may not change a list: only who works in the unit that keeps it, or the person whose own it is."""
    own = kept.person_id == actor.person_id if kept.person_id else kept.unit_id == actor.unit_id
    if not own:
        return NotYourList()
    return ListClosed(name=kept.name) if kept.closed_at else None
