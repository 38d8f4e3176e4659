"""Who may act on an assignment, and why not."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from antin.documents.policy import level_of
from antin.people.actor import Actor
from antin.refusal import NotAllowed, Refusal, WrongState
from antin.tasks.models import Assignment
from antin.tasks.states import OPEN, STEPS, Role, Status


class NotTheAssignee(NotAllowed):
    code = "not_the_assignee"
    words = _("Việc này giao cho %(holder)s.")


class NotTheGiver(NotAllowed):
    code = "not_the_giver"
    words = _("Chỉ người giao việc được nghiệm thu hoặc trả lại.")


class WorkBelow(Refusal):
    code = "work_below"
    words = _("Còn %(count)d việc đã giao xuống chưa xong: %(names)s.")


class NotTheLead(NotAllowed):
    code = "not_the_lead"
    words = _("Việc “để biết” không có kết quả phải nộp.")


def visible_to(actor: Actor) -> Q:
    """Return the filter of the assignments this actor may see: his own and the ones he gave. Others come with their document."""
    return (Q(holder__in=actor.holders) | Q(giver_holder__in=actor.holders)) & Q(document__secrecy__lte=level_of(actor))


def _state(assignment: Assignment, step: str) -> WrongState | None:
    return None if assignment.status in STEPS[step][0] else WrongState(state=str(Status(assignment.status).label))


def why_not_work(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not report on, attach to or pass down the assignment."""
    if assignment.holder not in actor.holders:
        return NotTheAssignee(holder=assignment.holder_name)
    return _state(assignment, "start")


def why_not_note(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not mark the assignment as read."""
    if assignment.holder not in actor.holders:
        return NotTheAssignee(holder=assignment.holder_name)
    if assignment.role != Role.INFORM:
        return NotAllowed()
    return _state(assignment, "note")


def why_not_hand_in(actor: Actor, assignment: Assignment, open_below: list[str]) -> Refusal | None:
    """Why this actor may not hand the work in as finished; `open_below` names those who still work for him."""
    if assignment.holder not in actor.holders:
        return NotTheAssignee(holder=assignment.holder_name)
    if assignment.role == Role.INFORM:
        return NotTheLead()
    wrong = _state(assignment, "hand_in")
    if wrong:
        return wrong
    return WorkBelow(count=len(open_below), names=", ".join(open_below)) if open_below else None


def why_not_judge(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not accept the finished work or send it back."""
    return _state(assignment, "accept") if assignment.giver_holder in actor.holders else NotTheGiver()


def why_not_cancel(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not take the assignment back."""
    if assignment.giver_holder not in actor.holders:
        return NotTheGiver()
    return None if assignment.status in OPEN else WrongState(state=str(Status(assignment.status).label))
