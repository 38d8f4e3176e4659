"""Work that recurs is given once by its calendar; people are reminded once a day by rules; and the pages of both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.test import Client
from hypothesis import given as anything
from hypothesis import settings
from hypothesis import strategies as st

from antin.journeys import remind, repeat_work
from antin.notices.models import Notice
from antin.tasks import operations as tasks
from antin.tasks import policy, queries, recurrence
from antin.tasks.models import Assignment, Occurrence, Series
from antin.tasks.operations import Share
from antin.tasks.recurrence import Rule
from antin.tasks.states import Every, Origin, Role, Shift, Whom
from antin.workdays import queries as workdays
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FRIDAYS = Rule(Every.WEEK, 5, 3, Shift.BEFORE, 2)


def weekly(cast: Cast, at: datetime, rule: Rule = FRIDAYS, **more: object) -> Series:
    shares = [Share(Role.LEAD, unit_id=cast.plan_id), Share(Role.JOIN, unit_id=cast.technique_id)]
    return tasks.begin_series(
        title="Báo cáo tuần", rule=rule, shares=shares, since=at.date(), actor=cast.head.actor(), at=at, **more
    )  # type: ignore[arg-type]


@anything(
    every=st.sampled_from(Every.values), day=st.integers(1, 31), month=st.integers(1, 3),
    since=st.dates(date(2024, 1, 1), date(2027, 12, 31)), span=st.integers(0, 400),
)  # fmt: skip
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_nominal_days_are_those_that_a_wall_calendar_shows(
    every: str, day: int, month: int, since: date, span: int
) -> None:
    rule = Rule(every, min(day, 7) if every == Every.WEEK else day, month, Shift.BEFORE, 0)

    def is_one(each: date) -> bool:
        if every == Every.WEEK:
            return each.isoweekday() == rule.day
        last = (each + DAY).month != each.month
        right_day = each.day == day or (last and each.day < day)
        return right_day and (every == Every.MONTH or each.month % 3 == month % 3)

    found = list(recurrence.nominal_days(rule, since, since + span * DAY))
    assert found == [since + n * DAY for n in range(span + 1) if is_one(since + n * DAY)]
    assert all(one < other for one, other in pairwise(found))


def test_each_occurrence_is_given_once_however_often_the_worker_runs(cast: Cast, at: datetime) -> None:
    series = weekly(cast, at, begun_in="once")
    assert weekly(cast, at, begun_in="once") == series
    # Monday 23 November 2026: due Friday 27, given two working days ahead; Tuesday 24 is a holiday, so on Wednesday 25.
    assert repeat_work.give_due(at=at) == 0
    wednesday = at + 2 * DAY
    assert (repeat_work.give_due(at=wednesday), repeat_work.give_due(at=wednesday + DAY)) == (1, 0)
    lead, join = Assignment.objects.order_by("id")
    assert (lead.directive.origin, lead.due_at, join.role) == (
        Origin.ROUTINE,
        workdays.end_of_working_day(date(2026, 11, 27)),
        Role.JOIN,
    )
    on = {"series_id": series.pk, "actor": cast.head.actor(), "at": wednesday}
    refused(tasks.NotAnOccurrence, lambda: tasks.make_exception(day=date(2026, 11, 27), moved_to=None, words="x", **on))  # type: ignore[arg-type]
    refused(tasks.NotAnOccurrence, lambda: tasks.make_exception(day=date(2026, 12, 3), moved_to=None, words="x", **on))  # type: ignore[arg-type]
    refused(tasks.MovedBack, lambda: tasks.make_exception(day=date(2026, 12, 4), moved_to=date(2026, 11, 1), words="x", **on))  # type: ignore[arg-type]  # fmt: skip
    tasks.make_exception(day=date(2026, 12, 4), moved_to=None, words="Nghỉ", **on)  # type: ignore[arg-type]
    tasks.make_exception(day=date(2026, 12, 11), moved_to=date(2026, 12, 14), words="Dời", **on)  # type: ignore[arg-type]
    days = [datetime(2026, 12, day, 3, tzinfo=UTC) for day in range(1, 15)]
    assert [repeat_work.give_due(at=day) for day in days] == [0] * 9 + [
        1,
        0,
        0,
        0,
        0,
    ]  # on the 10th, for Monday the 14th
    tasks.end_series(words="Đủ", **on)  # type: ignore[arg-type]
    refused(policy.SeriesEnded, lambda: tasks.end_series(words="Đủ", **on))  # type: ignore[arg-type]
    assert repeat_work.give_due(at=datetime(2026, 12, 16, 3, tzinfo=UTC)) == 0
    assert Occurrence.objects.exclude(directive=None).count() == 2


def test_a_vacant_post_waits_and_a_refusal_is_tried_again_the_next_day(cast: Cast, at: datetime) -> None:
    series = weekly(cast, at, Rule(Every.MONTH, 31, 3, Shift.AFTER, 3))
    Series.objects.update(shares=[{"role": "lead", "unit_id": 987654, "post_id": None}])
    monday = datetime(2026, 11, 26, 3, tzinfo=UTC)
    assert repeat_work.give_due(at=monday) == 0
    [noted] = Occurrence.objects.filter(series=series)
    assert "Không tìm thấy" in noted.fault
    assert queries.list_occurrences_due(monday.date()) == []
    Series.objects.update(shares=[{"role": "lead", "unit_id": cast.plan_id, "post_id": None}])
    assert repeat_work.give_due(at=monday + DAY) == 1
    assert repeat_work.holder_of(10**6, monday.date()) is None


def late_work(cast: Cast, at: datetime, days: int = 2) -> Assignment:
    share = [Share(Role.LEAD, unit_id=cast.plan_id, days=days)]
    made = tasks.give(
        document_id=None, title="Rà soát", words="", shares=share, origin=Origin.HAND, actor=cast.head.actor(), at=at
    )
    return made.assignments.get()


def test_one_round_a_day_one_notice_a_person_never_twice(cast: Cast, at: datetime) -> None:
    administrator = cast.administrator.actor()
    for days, whom in ((-1, Whom.HOLDER), (-2, Whom.HOLDER), (1, Whom.GIVER), (1, Whom.ABOVE)):
        tasks.set_rule(name=f"{days} {whom}", days=days, whom=whom, actor=administrator, at=at - DAY)
    task = late_work(cast, at)  # given on Monday 23, due on Thursday 26: Tuesday is a holiday
    late_work(cast, at, days=30)

    def told() -> list[tuple[str, int, int]]:
        rows = Notice.objects.filter(kind="task.digest").order_by("at", "holder")
        return [(row.holder, row.facts["late"], row.facts["soon"]) for row in rows]

    plan, head = f"P{cast.plan_head.post_id}", f"P{cast.head.post_id}"
    night, morning = at.replace(hour=0), at.replace(hour=1)
    assert remind.make_round(at=night) == 0  # 7:00 in Vietnam: the offices are closed
    assert (remind.make_round(at=morning), remind.make_round(at=at)) == (1, 0)  # two working days left, one round
    assert remind.make_round(at=morning + DAY) == 0  # a holiday
    assert (remind.make_round(at=morning + 2 * DAY), remind.make_round(at=at + 2 * DAY)) == (1, 0)
    assert told() == [(plan, 0, 1), (plan, 0, 1)]
    assert remind.make_round(at=morning + 3 * DAY) == 0
    assert remind.make_round(at=morning + 4 * DAY) == 1  # Friday: giver and head above are one person
    assert told()[2:] == [(head, 1, 0)]
    assert remind.make_round(at=morning + 7 * DAY) == 0
    tasks.ask_extension(assignment_id=task.pk, until_at=at + 15 * DAY, reason="x", actor=cast.plan_head.actor(), at=at + 7 * DAY)  # fmt: skip  # noqa: E501
    tasks.decide_extension(assignment_id=task.pk, granted=True, words="", actor=cast.head.actor(), at=at + 7 * DAY)
    assert remind.make_round(at=morning + 14 * DAY) == 1  # a later deadline is another one; two rules, one notice
    assert told()[3:] == [(plan, 0, 1)]


def test_a_new_rule_does_not_bring_up_what_is_long_past(cast: Cast, at: datetime) -> None:
    late_work(cast, at - 60 * DAY)
    administrator = cast.administrator.actor()
    tasks.set_rule(name="Muộn", days=3, whom=Whom.AGENCY, actor=administrator, at=at)
    assert remind.make_round(at=at) == 0
    refused(policy.NotAnAdministrator, lambda: tasks.set_rule(name="x", days=1, whom=Whom.GIVER, actor=cast.head.actor(), at=at))  # fmt: skip  # noqa: E501
    refused(tasks.BadDistance, lambda: tasks.set_rule(name="x", days=61, whom=Whom.GIVER, actor=administrator, at=at))
    refused(tasks.NameMissing, lambda: tasks.set_rule(name=" ", days=1, whom=Whom.GIVER, actor=administrator, at=at))


def test_the_administrator_sets_rules_and_sees_numbers_only(cast: Cast, enter: Callable[..., Client]) -> None:
    late_work(cast, datetime.now(UTC), days=1)
    administrator, page = enter(cast.administrator), "/administration/reminders"
    assert "Chưa nhắc ai" in administrator.get(page).content.decode()
    sent = administrator.post(f"{page}/new", {"name": "Trước hạn", "days": "-5", "whom": "holder", "priority": "0"})
    assert sent.status_code == 302
    shown = administrator.get(page).content.decode()
    assert "1 người, 1 việc" in shown
    assert "Rà soát" not in shown
    thought = administrator.get(f"{page}?days=-5&whom=giver&priority=2").content.decode()
    assert "lúc này 0 người nhận thông báo về 0 việc" in thought
    [rule] = queries.list_rules()
    assert administrator.post(f"{page}/{rule.pk}/end").status_code == 302
    assert queries.list_rules() == []
    assert enter(cast.head).get(page).status_code == 403


def test_a_series_on_its_pages(cast: Cast, enter: Callable[..., Client], at: datetime) -> None:
    head = enter(cast.head)
    assert "Chưa có việc định kỳ" in head.get("/series").content.decode()
    told = {"title": "Báo cáo <tuần>", "every": "week", "day": "5", "month": "3", "shift": "before", "ahead": "2", "unit_id": cast.plan_id, "since": "01/01/2026"}  # fmt: skip  # noqa: E501
    home = head.post("/series/new", told).headers["Location"]
    [series] = Series.objects.all()
    page = head.get(home).content.decode()
    assert "Báo cáo &lt;tuần&gt;" in page
    assert "hằng tuần, thứ Sáu" in page
    coming = next(each for each in queries.list_coming(series, date.today(), date.today() + 20 * DAY) if each.due > date.today() + DAY)  # fmt: skip  # noqa: E501
    assert head.get(f"{home}/exceptions/{coming.day}").status_code == 200
    assert head.post(f"{home}/exceptions/{coming.day}", {"words": "Nghỉ Tết"}).status_code == 302
    assert "Nghỉ Tết" in head.get(home).content.decode()
    assert head.get(f"{home}/exceptions/2026-99-99").status_code == 404
    assert enter(cast.plan_head).get(home).status_code == 404
    assert enter(cast.plan_officer).get("/series/new").status_code == 403
    assert head.post(f"{home}/end", {"words": "Đủ"}).status_code == 302
    assert "đã thôi" in head.get("/series").content.decode()
