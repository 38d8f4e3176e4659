"""Who begins a hand-over, who sees it, who signs: the two sides, and the administrators of the agency."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from antin.handovers import states
from antin.handovers.models import PostHandOver
from antin.handovers.states import Status
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotAllowed, Refusal, WrongState


class NotForHandOver(NotAllowed):
    code = "not_for_hand_over"
    words = _("Chỉ người giữ chức vụ hoặc quản trị viên của cơ quan được lập bàn giao chức vụ này.")


class NotAParty(NotAllowed):
    code = "not_a_party"
    words = _("Chỉ bên giao và bên nhận được ký biên bản này.")


class GiverFirst(Refusal):
    code = "giver_first"
    words = _("Bên giao %(name)s ký trước.")


class SignedBySide(Refusal):
    code = "signed_by_side"
    words = _("Đã có chữ ký trên biên bản: không sửa danh mục được nữa; thôi và lập biên bản khác.")


class SignedHere(Refusal):
    code = "signed_here"
    words = _("Đồng chí đã ký biên bản này.")


def visible_to(actor: Actor) -> Q:
    """What the actor may see: his own hand-overs; an administrator those of his agency."""
    mine = Q(giver_id=actor.person_id) | Q(taker_id=actor.person_id)
    return mine | Q(agency_id=actor.agency_id) if actor.role == Role.ADMINISTRATOR else mine


def is_party(actor: Actor, act: PostHandOver) -> bool:
    """Whether the actor gives or takes: only these two read what stands on the list."""
    return actor.person_id in (act.giver_id, act.taker_id)


def why_not_begin(actor: Actor, *, agency_id: int, giver_id: int) -> Refusal | None:
    """Why this actor may not begin a hand-over of a post that somebody holds."""
    administers = actor.role == Role.ADMINISTRATOR and actor.agency_id == agency_id
    return None if administers or actor.person_id == giver_id else NotForHandOver()


def why_not_change(actor: Actor, act: PostHandOver, step: str) -> Refusal | None:
    """Why this actor may not fix, reopen or withdraw the hand-over now."""
    refusal = why_not_begin(actor, agency_id=act.agency_id, giver_id=act.giver_id)
    if refusal is not None:
        return refusal
    if act.status not in states.STEPS[step][0]:
        return WrongState(state=str(Status(act.status).label))
    return SignedBySide() if step == "reopen" and act.giver_signed else None


class GiverPassesOn(NotAllowed):
    code = "giver_passes_on"
    words = _("Chỉ bên giao trao được quyền đọc tài liệu mật của mình.")


def why_not_pass_on(actor: Actor, act: PostHandOver) -> Refusal | None:
    """Why this actor may not let the taker read his secrets now: who gives, until the taker has signed."""
    if actor.person_id != act.giver_id:
        return GiverPassesOn()
    if act.status not in (Status.OPEN, Status.FIXED):
        return WrongState(state=str(Status(act.status).label))
    return None


def why_not_sign(actor: Actor, act: PostHandOver) -> Refusal | None:
    """Why this actor may not sign the minutes now: the giver first, then the taker, each once."""
    if not is_party(actor, act):
        return NotAParty()
    if act.status != Status.FIXED:
        return WrongState(state=str(Status(act.status).label))
    if actor.person_id == act.giver_id:
        return SignedHere() if act.giver_signed else None
    return None if act.giver_signed else GiverFirst(name=act.giver_name)
