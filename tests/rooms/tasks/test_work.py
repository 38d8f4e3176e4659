"""Work that comes from no document: given by hand, declined, extended, paused, handed over, seen in its tree and its cell."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from antin.journeys import direct_document as direction
from antin.notices import queries as notices
from antin.refusal import NotFound, WrongState
from antin.tasks import operations as tasks
from antin.tasks import policy, queries, terms
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.operations.clock import BeyondGiver
from antin.tasks.states import Cell, Evidence, Grade, Mark, Origin, Role, Status
from antin.workdays import operations as calendars
from antin.workdays import queries as workdays
from antin.workdays.models import CalendarDay
from tests import given
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def give(cast: Cast, at: datetime, *, days: int | None = 5, **more: object) -> list[Assignment]:
    """The head of the general department gives work to two of its divisions and, for information, to the centre below it."""
    shares = [
        Share(Role.LEAD, unit_id=cast.plan_id, days=days),
        Share(Role.JOIN, unit_id=cast.technique_id, days=days),
        Share(Role.INFORM, unit_id=cast.recipient_id),
    ]
    directive = tasks.give(
        document_id=None,
        title="Rà soát máy trạm chưa có phòng chống mã độc",
        words="Báo cáo trước giao ban",
        shares=shares,
        origin=Origin.HAND,
        actor=cast.head.actor(),
        at=at,
        **more,  # type: ignore[arg-type]
    )
    return list(directive.assignments.order_by("id"))


def cell(task: Assignment, now: datetime) -> Cell | None:
    task.refresh_from_db()
    of_python = terms.cell(queries.standing_of(task), now)
    of_sql = queries.with_cells(Assignment.objects.filter(pk=task.pk), now).get().cell  # type: ignore[attr-defined]
    assert of_sql == (of_python or "")
    return of_python


def test_work_given_by_hand_is_due_in_working_days_and_says_why(cast: Cast, at: datetime) -> None:
    lead, join, inform = give(cast, at)
    # Monday 23 November; Tuesday 24 is Vietnam Culture Day; Saturday and Sunday do not count: the fifth working day is 1 December.
    assert lead.due_at == workdays.end_of_working_day((at + 8 * DAY).date())
    said = terms.due(queries.terms_of(lead), workdays.calendar()).words
    assert said == (
        "5 ngày làm việc: bắt đầu 23/11, trừ nghỉ lễ 24/11, thứ Bảy 28/11, Chủ nhật 29/11, hạn 17:00 ngày 01/12/2026"
    )
    assert [cell(row, at) for row in (lead, join, inform)] == [Cell.OPEN_IN_TIME, Cell.OPEN_IN_TIME, None]
    assert cell(lead, at + 9 * DAY) == Cell.OPEN_LATE
    assert inform.holder == f"U{cast.recipient_id}"
    assert [row.pk for row in queries.list_waiting(cast.recipient_head.actor())] == [inform.pk]


def test_only_who_heads_a_unit_gives_and_only_below_himself(cast: Cast, at: datetime) -> None:
    ways = {"document_id": None, "title": "Việc", "words": "", "origin": Origin.HAND, "at": at}
    share = [Share(Role.LEAD, unit_id=cast.plan_id)]
    refused(policy.NotAGiver, lambda: tasks.give(shares=share, actor=cast.plan_officer.actor(), **ways))
    up = [Share(Role.LEAD, unit_id=cast.agency_id)]
    refused(NotFound, lambda: tasks.give(shares=up, actor=cast.recipient_head.actor(), **ways))
    refused(
        tasks.TitleMissing,
        lambda: tasks.give(shares=share, actor=cast.head.actor(), **(ways | {"title": " "})),
    )


def test_a_form_sent_twice_gives_once(cast: Cast, at: datetime) -> None:
    first = give(cast, at, begun_in="k1")
    assert [row.pk for row in give(cast, at + DAY, begun_in="k1")] == [row.pk for row in first]


def test_the_giver_sees_one_live_tree_to_any_depth(cast: Cast, at: datetime) -> None:
    lead, join, inform = give(cast, at)
    plan = cast.plan_head.actor()
    down = tasks.give(
        document_id=None,
        words="Lập danh sách",
        shares=[Share(Role.LEAD, post_id=cast.plan_officer.post_id, days=2)],
        parent_id=lead.pk,
        actor=plan,
        at=at,
    )
    [below] = down.assignments.all()
    assert (below.path, down.subject) == (f"/{lead.pk}/{below.pk}/", "Rà soát máy trạm chưa có phòng chống mã độc")
    [node] = queries.tree_below(cast.head.actor(), lead)
    assert [row.pk for row, _ in node.assignments] == [lead.pk, join.pk, inform.pk]
    assert [row.pk for row, _ in node.assignments[0][1][0].assignments] == [below.pk]
    assert queries.get_for(cast.head.actor(), below.pk).pk == below.pk
    with pytest.raises(NotFound):
        queries.get_for(cast.technique_officer.actor(), below.pk)
    with pytest.raises(NotFound):
        queries.get_for(cast.recipient_head.actor(), below.pk)


def test_work_is_declined_and_the_giver_insists_or_gives_it_to_another(cast: Cast, at: datetime) -> None:
    lead, *_ = give(cast, at)
    plan, head = cast.plan_head.actor(), cast.head.actor()
    refused(tasks.ReasonMissing, lambda: tasks.decline(assignment_id=lead.pk, reason=" ", actor=plan, at=at))
    tasks.decline(assignment_id=lead.pk, reason="Đang kiểm kê", actor=plan, at=at)
    lead.refresh_from_db()
    assert (lead.status, lead.next_holder) == (Status.DECLINED, lead.giver_holder)
    assert cell(lead, at) == Cell.OPEN_IN_TIME
    refused(WrongState, lambda: tasks.report(assignment_id=lead.pk, words="", percent=5, actor=plan, at=at))
    refused(policy.NotTheGiver, lambda: tasks.insist(assignment_id=lead.pk, words="Không", actor=plan, at=at))
    tasks.insist(assignment_id=lead.pk, words="Vẫn phải làm", actor=head, at=at)
    lead.refresh_from_db()
    assert (lead.status, lead.next_holder) == (Status.GIVEN, f"U{cast.plan_id}")
    refused(
        tasks.NamedTwice,
        lambda: tasks.hand_over(
            assignment_id=lead.pk, to=Share(Role.LEAD, unit_id=cast.technique_id), words="Đổi", actor=head, at=at
        ),
    )
    tasks.hand_over(assignment_id=lead.pk, to=Share(Role.LEAD, unit_id=cast.office_id), words="Đổi", actor=head, at=at)
    lead.refresh_from_db()
    assert (lead.holder_name, lead.in_unit_id, lead.status) == ("Văn phòng", cast.office_id, Status.GIVEN)
    office = cast.office_head.actor()
    clerk = Share(Role.LEAD, post_id=cast.clerk.post_id)
    tasks.hand_over(assignment_id=lead.pk, to=clerk, words="Đồng chí Dung làm", actor=office, at=at)
    kinds = list(lead.reports.order_by("id").values_list("kind", flat=True))
    assert kinds == ["declined", "insisted", "reassigned", "delegated"]


def test_an_extension_is_asked_for_refused_and_granted(cast: Cast, at: datetime) -> None:
    lead, *_ = give(cast, at)
    plan, head = cast.plan_head.actor(), cast.head.actor()
    due = lead.due_at
    assert due is not None
    ask = {"assignment_id": lead.pk, "reason": "Chờ số liệu", "actor": plan, "at": at}
    refused(tasks.ExtensionNotLater, lambda: tasks.ask_extension(until_at=due, **ask))
    tasks.ask_extension(until_at=due + 3 * DAY, **ask)
    refused(tasks.AlreadyAsked, lambda: tasks.ask_extension(until_at=due + 4 * DAY, **ask))
    decide = {"assignment_id": lead.pk, "actor": head, "at": at}
    refused(tasks.ReasonMissing, lambda: tasks.decide_extension(granted=False, words="", **decide))
    tasks.decide_extension(granted=False, words="Giữ hạn", **decide)
    lead.refresh_from_db()
    assert lead.due_at == due
    refused(tasks.NothingAsked, lambda: tasks.decide_extension(granted=True, words="", **decide))
    tasks.ask_extension(until_at=due + 3 * DAY, **ask)
    tasks.decide_extension(granted=True, words="", **decide)
    lead.refresh_from_db()
    assert lead.due_at == due + 3 * DAY
    assert cell(lead, due + DAY) == Cell.OPEN_IN_TIME


def test_what_is_passed_down_is_not_extended_beyond_the_work_above(cast: Cast, at: datetime) -> None:
    lead, *_ = give(cast, at)
    officer, plan = cast.plan_officer.actor(), cast.plan_head.actor()
    share = Share(Role.LEAD, post_id=officer.post_id, days=2)
    down = tasks.give(document_id=None, words="", shares=[share], parent_id=lead.pk, actor=plan, at=at)
    [below] = down.assignments.all()
    assert lead.due_at is not None
    until = lead.due_at + DAY
    tasks.ask_extension(assignment_id=below.pk, until_at=until, reason="Chưa kịp", actor=officer, at=at)
    decide = {"assignment_id": below.pk, "granted": True, "words": "", "actor": plan, "at": at}
    refused(BeyondGiver, lambda: tasks.decide_extension(**decide))


def test_while_the_clock_stands_no_working_day_counts(cast: Cast, at: datetime) -> None:
    lead, *_ = give(cast, at)
    plan, head = cast.plan_head.actor(), cast.head.actor()
    refused(policy.NotTheGiver, lambda: tasks.pause(assignment_id=lead.pk, reason="Chờ", actor=plan, at=at))
    tasks.pause(assignment_id=lead.pk, reason="Chờ Bộ trả lời", actor=head, at=at + 2 * DAY)  # Wednesday
    assert cell(lead, at + 30 * DAY) == Cell.OPEN_IN_TIME
    hand_in = {"assignment_id": lead.pk, "words": "Xong", "actor": plan, "at": at + 3 * DAY}
    refused(policy.ClockStands, lambda: tasks.hand_in(**hand_in))
    tasks.resume(assignment_id=lead.pk, actor=head, at=at + 9 * DAY)  # the next Wednesday: five working days later
    lead.refresh_from_db()
    assert lead.due_at == workdays.end_of_working_day((at + 15 * DAY).date())
    said = terms.due(queries.terms_of(lead), workdays.calendar()).words
    assert said.endswith("tạm dừng 5 ngày làm việc, hạn còn lại 17:00 08/12/2026")


def test_a_holiday_declared_late_moves_working_days_and_not_named_days(cast: Cast, at: datetime) -> None:
    lead, join, _inform = give(cast, at)
    named = lead.due_at
    tasks.ask_extension(
        assignment_id=join.pk,
        until_at=workdays.end_of_working_day((at + 10 * DAY).date()),
        reason="x",
        actor=cast.technique_head.actor(),
        at=at,
    )
    tasks.decide_extension(assignment_id=join.pk, granted=True, words="", actor=cast.head.actor(), at=at)
    calendars.set_day(
        day=(at + 3 * DAY).date(), kind=CalendarDay.Kind.LOCAL, note="Diễn tập", decision="12/QĐ", actor=None, at=at
    )
    assert tasks.reckon_again(at=at) == 2
    assert tasks.reckon_again(at=at) == 0
    lead.refresh_from_db()
    join.refresh_from_db()
    assert named is not None
    assert lead.due_at == named + DAY
    assert join.due_at == workdays.end_of_working_day((at + 10 * DAY).date())


def test_the_evidence_that_was_asked_for_must_be_there(cast: Cast, at: datetime) -> None:
    lead, *_ = give(cast, at, evidence=Evidence.DOCUMENT)
    plan = cast.plan_head.actor()
    hand_in = {"assignment_id": lead.pk, "words": "Xong", "actor": plan, "at": at}
    refused(tasks.EvidenceMissing, lambda: tasks.hand_in(**hand_in))
    draft = given.a_submitted_draft(cast, at)
    refused(tasks.EvidenceNotNumbered, lambda: tasks.hand_in(reply_id=draft.pk, **hand_in))
    report = given.a_numbered_document(cast, at)
    tasks.hand_in(reply_id=report.pk, **hand_in)
    tasks.accept(assignment_id=lead.pk, words="Tốt", grade=Grade.GOOD, actor=cast.head.actor(), at=at + 30 * DAY)
    lead.refresh_from_db()
    assert (lead.status, lead.grade, lead.reply_id) == (Status.ACCEPTED, Grade.GOOD, report.pk)
    assert cell(lead, at + 60 * DAY) == Cell.DONE_IN_TIME  # the day it was handed in counts


def test_what_stands_in_the_way_is_said_and_marked(cast: Cast, at: datetime) -> None:
    lead, *_ = give(cast, at)
    plan = cast.plan_head.actor()
    say = {"assignment_id": lead.pk, "actor": plan, "at": at}
    tasks.say(kind="obstacle", words="Thiếu bản quyền", **say)
    tasks.say(kind="proposal", words="Mua thêm", **say)
    tasks.say(kind="risk", words="Kho chưa cấp", **say)
    lead.refresh_from_db()
    soon = terms.soon_until(at, workdays.calendar())
    assert terms.marks(queries.standing_of(lead), at, soon) == {Mark.SAID_AT_RISK}
    late = lead.due_at - DAY if lead.due_at else at
    near = terms.soon_until(late, workdays.calendar())
    assert terms.marks(queries.standing_of(lead), late, near) == {Mark.SAID_AT_RISK, Mark.SOON, Mark.BEHIND}
    tasks.say(kind="risk", words="", **say)
    lead.refresh_from_db()
    assert lead.risk == ""
    assert list(lead.reports.order_by("id").values_list("kind", flat=True)) == [
        "begun", "obstacle", "proposal", "risk", "no_risk",
    ]  # fmt: skip


def test_what_happens_to_work_without_a_document_is_told_with_its_own_address(cast: Cast, at: datetime) -> None:
    directive = direction.give(
        title="Kiểm tra máy chủ",
        words="",
        shares=[Share(Role.LEAD, unit_id=cast.plan_id)],
        actor=cast.head.actor(),
        at=at,
    )
    [task] = directive.assignments.all()
    direction.decline(assignment_id=task.pk, reason="Bận", actor=cast.plan_head.actor(), at=at)
    told = notices.list_for(cast.head.actor())
    rows = getattr(told, "rows", told)
    assert [(row.kind, row.link) for row in rows] == [("task.declined", f"/tasks/{task.pk}")]
