"""Who may act on an assignment, and why not."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from antin.documents.policy import level_of, why_cancelled
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.people.states import Role as PostRole
from antin.refusal import NotAllowed, NotFound, Refusal, WrongState
from antin.tasks.models import Assignment, Series
from antin.tasks.states import OPEN, STEPS, WORKING, Role, Status


class NotTheAssignee(NotAllowed):
    code = "not_the_assignee"
    words = _("Việc này giao cho %(holder)s.")


class NotTheGiver(NotAllowed):
    code = "not_the_giver"
    words = _("Chỉ người giao việc được làm việc này.")


class WorkBelow(Refusal):
    code = "work_below"
    words = _("Còn %(count)d việc đã giao xuống chưa xong: %(names)s.")


class NotTheLead(NotAllowed):
    code = "not_the_lead"
    words = _("Việc “để biết” không có kết quả phải nộp.")


class NotAGiver(NotAllowed):
    code = "not_a_giver"
    words = _("Chỉ cấp trưởng, cấp phó giao việc cho đơn vị, cá nhân dưới quyền.")


class ClockStands(Refusal):
    code = "clock_stands"
    words = _("Người giao đang cho tạm dừng việc này; tiếp tục rồi mới làm được.")


class ClockRuns(Refusal):
    code = "clock_runs"
    words = _("Việc này không tạm dừng.")


class NoDeadline(Refusal):
    code = "no_deadline"
    words = _("Việc này không có thời hạn.")


def leads(actor: Actor) -> bool:
    """Whether the actor heads a unit, or is a deputy of its head."""
    return actor.leads


def cleared_for(actor: Actor) -> Q:
    """Return the filter of the assignments whose secrecy, inherited from their document, the actor is cleared for."""
    return Q(document__isnull=True) | Q(document__secrecy__lte=level_of(actor))


def visible_to(actor: Actor) -> Q:
    """Return the filter of the assignments this actor may see by himself: his own, the ones he gave, and, at the top of an agency,
    all of the agency's. Those passed down from one that he sees come with it (`queries.get_for`)."""
    mine = Q(holder__in=actor.holders) | Q(giver_holder__in=actor.holders)
    if leads(actor):
        of_his = Q(in_unit_id=actor.unit_id)
        mine |= Q(in_unit__agency_id=actor.agency_id) if actor.unit_id == actor.agency_id else of_his
    return mine & cleared_for(actor)


def _state(assignment: Assignment, step: str) -> WrongState | None:
    return None if assignment.status in STEPS[step][0] else WrongState(state=str(Status(assignment.status).label))


def why_not_work(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not report on, attach to or pass down the assignment."""
    if assignment.holder not in actor.holders:
        return NotTheAssignee(holder=assignment.holder_name)
    gone = why_ground_gone(assignment)
    return gone or _state(assignment, "start")


def why_ground_gone(assignment: Assignment) -> Refusal | None:
    """Why work goes on no further: the document it was given on was recalled or replaced. Its giver may still take it back."""
    return why_cancelled(assignment.document) if assignment.document is not None else None


def why_not_give(actor: Actor) -> Refusal | None:
    """Why this actor may not give work of his own, from a paper or by hand."""
    return None if leads(actor) else NotAGiver()


def why_not_decline(actor: Actor, assignment: Assignment, open_below: list[str]) -> Refusal | None:
    """Why this actor may not ask to be let off the assignment."""
    if assignment.holder not in actor.holders:
        return NotTheAssignee(holder=assignment.holder_name)
    if assignment.role == Role.INFORM:
        return NotTheLead()
    wrong = _state(assignment, "decline")
    if wrong:
        return wrong
    return WorkBelow(count=len(open_below), names=", ".join(open_below)) if open_below else None


def why_not_insist(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not let a declined assignment stand."""
    return _state(assignment, "insist") if assignment.giver_holder in actor.holders else NotTheGiver()


def why_not_hand_over(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not let somebody else do the assignment: its giver may, and its holder if he leads."""
    if assignment.giver_holder not in actor.holders:
        if assignment.holder not in actor.holders or not leads(actor):
            return NotTheGiver()
        if assignment.status == Status.DECLINED:
            return WrongState(state=str(Status(assignment.status).label))
    return _state(assignment, "hand_over")


def why_not_ask_extension(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not ask for a later deadline."""
    if assignment.holder not in actor.holders:
        return NotTheAssignee(holder=assignment.holder_name)
    if assignment.due_at is None:
        return NoDeadline()
    return _state(assignment, "start")


def why_not_decide(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not grant or refuse a later deadline."""
    return _working(actor, assignment)


def why_not_pause(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not let the clock stand."""
    return _working(actor, assignment) or (ClockStands() if assignment.paused_at else None)


def why_not_resume(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not set the clock going again."""
    if assignment.giver_holder not in actor.holders:
        return NotTheGiver()
    return None if assignment.paused_at else ClockRuns()


def _working(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor does not rule over the clock of an assignment: its giver does, while it is worked on."""
    if assignment.giver_holder not in actor.holders:
        return NotTheGiver()
    if assignment.status not in WORKING or assignment.role == Role.INFORM:
        return WrongState(state=str(Status(assignment.status).label))
    return None


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
    wrong = why_ground_gone(assignment) or _state(assignment, "hand_in")
    if wrong:
        return wrong
    if assignment.paused_at:
        return ClockStands()
    return WorkBelow(count=len(open_below), names=", ".join(open_below)) if open_below else None


def why_not_judge(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not accept the finished work or send it back."""
    return _state(assignment, "accept") if assignment.giver_holder in actor.holders else NotTheGiver()


def why_not_cancel(actor: Actor, assignment: Assignment) -> Refusal | None:
    """Why this actor may not take the assignment back."""
    if assignment.giver_holder not in actor.holders:
        return NotTheGiver()
    return None if assignment.status in OPEN else WrongState(state=str(Status(assignment.status).label))


class NotOverThisUnit(NotAllowed):
    code = "not_over_this_unit"
    words = _("Chỉ cấp trưởng, cấp phó xem toàn cảnh việc của đơn vị mình và các đơn vị bên dưới.")


def why_not_oversee(actor: Actor, unit: Unit) -> Refusal | None:
    """Why this actor may not see how the work of a branch of units stands: who leads it does, or a unit above it.

    What he sees are sums; the rows behind them are shown as far as he may see them by themselves.
    """
    if not leads(actor):
        return NotOverThisUnit()
    return None if f"/{actor.unit_id}/" in unit.path else NotFound()


class SeriesEnded(Refusal):
    code = "series_ended"
    words = _("Việc định kỳ này đã thôi.")


def series_visible_to(actor: Actor) -> Q:
    """Return the filter of the series this actor may see: those his post gives, and those of his agency for who leads it."""
    mine = Q(giver_post_id=actor.post_id)
    if leads(actor):
        at_top = actor.unit_id == actor.agency_id
        mine |= Q(giver_post__unit__agency_id=actor.agency_id) if at_top else Q(giver_post__unit_id=actor.unit_id)
    return mine


def why_not_rule_series(actor: Actor, series: Series) -> Refusal | None:
    """Why this actor may not change or end a series: who leads the unit that gives it does."""
    if actor.post_id != series.giver_post_id and not (leads(actor) and actor.unit_id == series.giver_post.unit_id):
        return NotTheGiver()
    return SeriesEnded() if series.ended_at else None


class NotAnAdministrator(NotAllowed):
    code = "not_an_administrator"
    words = _("Chỉ quản trị viên đặt quy tắc nhắc việc.")


def why_not_rule_reminders(actor: Actor) -> Refusal | None:
    """Why this actor may not say when people are reminded."""
    return None if actor.role == PostRole.ADMINISTRATOR else NotAnAdministrator()
