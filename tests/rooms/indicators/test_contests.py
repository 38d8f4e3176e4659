"""A contested row: who may say so, who answers, what a correction moves and what it leaves alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from antin.documents.models import Arrival
from antin.indicators import operations, queries
from antin.indicators.models import Contest, Contribution, Counter
from antin.indicators.states import Status
from antin.journal import operations as journal
from antin.journeys import contest_figure
from antin.notices import queries as notices
from antin.people import queries as people
from antin.refusal import NotAllowed, NotFound, WrongState
from antin.tasks import operations as tasks
from antin.tasks.operations import Share
from antin.tasks.states import Origin, Role
from antin.workdays import queries as workdays
from tests import given
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_state")]

DAY = timedelta(days=1)


def count(at: datetime) -> None:
    journal.seal(at=at)
    operations.count(at=at)


def value(cast: Cast, code: str, at: datetime, unit_id: int | None = None) -> Fraction | None:
    day = workdays.local_date(at)
    unit = people.get_unit(unit_id or cast.recipient_id)
    return queries.get_figure(unit, queries.get_indicator(code), day - 20 * DAY, day).value


def test_from_a_contested_row_to_the_correction_and_back(cast: Cast, at: datetime) -> None:
    good = given.a_registered_document(cast, at, key="a")
    bad = given.an_arrival(cast, at, key="b", code="16/TCZ-KH", verdict="undetermined")
    count(at)
    day = workdays.local_date(at)
    unit, signed = people.get_unit(cast.recipient_id), queries.get_indicator("arrived_signed")
    clerk, head = cast.recipient_clerk.actor(), cast.head.actor()
    closing = operations.close(
        code="arrived_signed", unit_id=unit.pk, since=day, until=day, actor=cast.recipient_head.actor(), at=at + DAY
    )
    told = {"code": "arrived_signed", "claim": "counts", "subject": ("document", bad.pk), "until": day, "at": at + DAY}
    why = "Chữ ký hợp lệ, máy kiểm tra lúc đó chưa có danh sách thu hồi"
    refused(NotFound, lambda: operations.contest(**told, words=why, actor=cast.recipient_works_officer.actor()))
    refused(NotFound, lambda: operations.contest(**told, words=why, actor=head))  # he does not see this arrival
    refused(operations.WordsMissing, lambda: operations.contest(**told, words=" ", actor=clerk))
    fine = told | {"subject": ("document", good.pk)}
    refused(operations.ClaimUnfit, lambda: operations.contest(**fine, words=why, actor=clerk))
    made = contest_figure.contest(**told, words=why, actor=clerk)
    refused(operations.AlreadyContested, lambda: operations.contest(**told, words=why, actor=clerk))
    [news] = [row for row in notices.list_for(head) if row.kind == "contest.raised"]
    assert news.link == f"/figures/contests/{made.pk}"

    rows = queries.list_rows(clerk, unit, signed, day, day)
    assert [(row.id, row.counts, row.contest and row.contest.pk) for row in rows.shown] == [
        (bad.pk, False, made.pk),
        (good.pk, True, None),
    ]
    assert value(cast, "arrived_signed", at) == 50
    refused(NotAllowed, lambda: operations.agree(contest_id=made.pk, words="", actor=clerk, at=at + DAY))
    before = list(Contribution.objects.filter(subject_kind="document").order_by("id").values())
    agreed = contest_figure.answer(contest_id=made.pk, act="agree", actor=head, at=at + DAY)
    assert agreed.status == Status.AGREED
    [news] = [row for row in notices.list_for(clerk) if row.kind == "contest.agreed"]
    count(at + DAY)
    assert value(cast, "arrived_signed", at) == 100
    assert before == list(Contribution.objects.filter(subject_kind="document").order_by("id").values())
    rows = queries.list_rows(clerk, unit, signed, day, day)
    assert {row.id: (row.counts, row.reasons) for row in rows.shown} == {
        good.pk: (True, {}),
        bad.pk: (True, {"": "corrected"}),
    }
    assert rows.whole == 2
    line = f"arrived_signed contest:{made.pk} U{unit.pk} {day} +1"
    compared = queries.compare(closing)
    assert (compared.lost, compared.gained, [each.pk for each in compared.later]) == ([], [line], [made.pk])
    refused(WrongState, lambda: operations.withdraw(contest_id=made.pk, actor=clerk, at=at + DAY))

    # its own row changes later: it is not counted twice
    Arrival.objects.filter(document=bad).update(verdict="valid")
    operations.count_again(kind="document", ids=[bad.pk], at=at + DAY)
    assert value(cast, "arrived_signed", at) == 100
    assert not Contribution.objects.filter(subject_kind="contest").exists()
    Arrival.objects.filter(document=bad).update(verdict="undetermined")
    operations.count_again(kind="document", ids=[bad.pk], at=at + DAY)
    assert value(cast, "arrived_signed", at) == 100

    # a recount from nothing gives the same
    counters = sorted(Counter.objects.exclude(amount=0).values_list("fact", "unit_id", "month", "day", "amount"))
    Contribution.objects.all().delete()
    Counter.objects.all().delete()
    queries.Reading.objects.update(index=-1)
    operations.count(at=at + DAY, limit=3)
    again = sorted(Counter.objects.exclude(amount=0).values_list("fact", "unit_id", "month", "day", "amount"))
    assert again == counters

    contest_figure.answer(contest_id=made.pk, act="take-back", words="Nhầm văn bản", actor=head, at=at + 2 * DAY)
    count(at + 2 * DAY)
    assert value(cast, "arrived_signed", at) == 50
    assert queries.compare(closing).same


def test_two_contests_of_one_thing_leave_it_out_once(cast: Cast, at: datetime) -> None:
    one = given.an_arrival(cast, at, key="a", code="15/TCZ-KH", verdict="undetermined")
    given.a_registered_document(
        cast, at, key="b", code="16/TCZ-KH", identifier="G11.90,2026/11/23,16/TCZ-KH", number=16
    )
    count(at)
    day, clerk, head = workdays.local_date(at), cast.recipient_clerk.actor(), cast.head.actor()
    for code in ("arrived_signed", "registered_in_time"):
        made = operations.contest(
            code=code, claim="leave_out", subject=("document", one.pk), words="Gửi nhầm nơi nhận", until=day, actor=clerk, at=at
        )  # fmt: skip
        operations.agree(contest_id=made.pk, words="", actor=head, at=at)
    count(at)
    assert (value(cast, "arrived_signed", at), value(cast, "registered_in_time", at)) == (100, 100)
    unit = people.get_unit(cast.recipient_id)
    assert queries.sums_by_unit(unit, ["arrived"], day, day)[unit.pk] == {"arrived": 1}
    rows = queries.list_rows(clerk, unit, queries.get_indicator("registered_in_time"), day, day)
    assert [(row.id == one.pk, row.counts) for row in rows.shown] == [(True, False), (False, True)]


def test_a_missing_row_and_one_that_stands_on_days(cast: Cast, at: datetime) -> None:
    share = [Share(Role.LEAD, unit_id=cast.plan_id, due_at=at + timedelta(hours=30))]
    made = tasks.give(
        document_id=None, title="Việc", words="", shares=share, origin=Origin.HAND, actor=cast.head.actor(), at=at
    )
    task = made.assignments.get()
    later = at + 9 * DAY
    count(later)
    day, plan, deputy = workdays.local_date(later), cast.plan_head.actor(), cast.deputy.actor()
    assert value(cast, "tasks_late", later, cast.plan_id) == 100
    told = {"words": "Đã hoàn thành đúng hạn, chờ tổng cục xác nhận", "until": day, "actor": plan, "at": later}
    contest = operations.contest(code="tasks_late", claim="counts_not", subject=("task", task.pk), **told)
    own = operations.contest(
        code="tasks_late", claim="missing", unit_id=cast.plan_id, day=day, title="Báo cáo tuần", counts=False, **told
    )
    refused(
        operations.DayAhead,
        lambda: operations.contest(code="tasks_late", claim="missing", unit_id=cast.plan_id, day=day + DAY, title="x", **told),
    )  # fmt: skip
    for each in (contest, own):
        operations.agree(contest_id=each.pk, words="", actor=deputy, at=later)
    count(later)
    unit = people.get_unit(cast.plan_id)
    sums = queries.sums_by_unit(unit, ["tasks_open", "tasks_late"], day, day)[unit.pk]
    assert {name: n for name, n in sums.items() if n} == {"tasks_open": 2}
    rows = queries.list_rows(plan, unit, queries.get_indicator("tasks_late"), day, day)
    assert {(row.kind, row.title if row.kind == "contest" else "", row.counts) for row in rows.shown} == {
        ("task", "", False),
        ("contest", "Báo cáo tuần", False),
    }

    # the work ends: its correction ends with it
    tasks.hand_in(assignment_id=task.pk, words="Xong", actor=plan, at=later + DAY)
    tasks.accept(assignment_id=task.pk, actor=cast.head.actor(), at=later + 2 * DAY)
    count(later + 3 * DAY)
    after = workdays.local_date(later + 3 * DAY)
    sums = queries.sums_by_unit(unit, ["tasks_open", "tasks_late"], after, after)[unit.pk]
    assert {name: n for name, n in sums.items() if n} == {"tasks_open": 1}


def test_who_answers_for_a_figure_answers_but_not_his_own(cast: Cast, at: datetime) -> None:
    given.an_arrival(cast, at, key="a")
    count(at)
    day, head = workdays.local_date(at), cast.head.actor()
    of = {"code": "arrived_signed", "at": at}
    refused(NotAllowed, lambda: operations.set_owner(**of, unit_id=cast.plan_id, actor=cast.deputy.actor()))
    refused(operations.NotAPart, lambda: operations.set_owner(**of, unit_id=cast.recipient_id, actor=head))
    operations.set_owner(**of, unit_id=cast.plan_id, actor=head)
    plan = cast.plan_head.actor()
    told = {
        "code": "arrived_signed",
        "claim": "missing",
        "title": "Công văn 7",
        "words": "Chưa nhập",
        "day": day,
        "until": day,
    }
    own = operations.contest(**told, unit_id=cast.plan_id, actor=plan, at=at)
    refused(operations.OwnContest, lambda: operations.agree(contest_id=own.pk, words="", actor=plan, at=at))
    refused(NotAllowed, lambda: operations.agree(contest_id=own.pk, words="", actor=head, at=at))
    other = operations.contest(**told, unit_id=cast.recipient_id, actor=cast.recipient_head.actor(), at=at)
    refused(
        operations.WordsMissing, lambda: operations.refuse_contest(contest_id=other.pk, words="", actor=plan, at=at)
    )
    operations.refuse_contest(contest_id=other.pk, words="Chưa đủ căn cứ", actor=plan, at=at)
    refused(WrongState, lambda: operations.agree(contest_id=other.pk, words="", actor=plan, at=at))
    operations.withdraw(contest_id=own.pk, actor=plan, at=at)
    assert sorted(Contest.objects.values_list("status", flat=True)) == ["refused", "withdrawn"]
    unread = queries.get_contest_for(cast.technique_officer.actor(), other.pk)
    assert (unread.title, unread.reads) == ("", False)
    refused(NotFound, lambda: queries.get_contest_for(cast.recipient_works_officer.actor(), own.pk))
