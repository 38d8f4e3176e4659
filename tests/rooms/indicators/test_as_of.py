"""What figures say of a past day is what stood at its end: random histories, written down by hand each evening, read back later."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, time, timedelta
from importlib import import_module

import pytest
from django.db import connection

from antin.indicators import operations, queries
from antin.indicators.facts import FACTS
from antin.indicators.models import Contribution
from antin.indicators.states import Nature
from antin.people import queries as people
from antin.refusal import Refusal
from antin.tasks import operations as tasks
from antin.tasks import queries as work
from antin.tasks import terms
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Cell, Mark, Origin, Role
from antin.workdays import operations as calendars
from antin.workdays import queries as workdays
from antin.workdays.models import CalendarDay
from tests.cast import Cast

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ACTS = (
    "report",
    "hand_in",
    "hand_in",
    "pause",
    "resume",
    "extend",
    "holiday",
    "risk",
    "no_risk",
    "cancel",
    "hand_over",
)
NAMES = (
    "tasks_open", "tasks_late", "tasks_soon", "tasks_at_risk", "tasks_undated", "tasks_accepted", "tasks_accepted_in_time"
)  # fmt: skip


def evening(day: date) -> datetime:
    return datetime.combine(day, time.max, workdays.HERE)


def written_down(day: date) -> dict[int, Counter[str]]:
    """Count every piece of work as it stands at the end of a day, by the unit that answers for it."""
    now = evening(day)
    soon = terms.soon_until(now, workdays.calendar())
    found: dict[int, Counter[str]] = {}
    for row in Assignment.objects.all():
        standing = work.standing_of(row)
        cell, marks = terms.cell(standing, now), terms.marks(standing, now, soon)
        told = found.setdefault(row.in_unit_id, Counter())
        told["tasks_open"] += cell in (Cell.OPEN_IN_TIME, Cell.OPEN_LATE)
        told["tasks_late"] += cell == Cell.OPEN_LATE
        told["tasks_soon"] += Mark.SOON in marks
        told["tasks_at_risk"] += bool(marks & {Mark.SAID_AT_RISK, Mark.BEHIND})
        told["tasks_undated"] += Mark.UNDATED in marks
        told["tasks_accepted"] += cell in (Cell.DONE_IN_TIME, Cell.DONE_LATE)
        told["tasks_accepted_in_time"] += cell == Cell.DONE_IN_TIME
    return {unit: +told for unit, told in found.items() if +told}


def some_months(cast: Cast, at: datetime, dice: random.Random) -> dict[date, dict[int, Counter[str]]]:
    """Let random things happen to work of three units; what is refused has not happened. Each evening all is written down."""
    head = cast.head.actor()
    doers = {cast.plan_id: cast.plan_head.actor(), cast.technique_id: cast.technique_head.actor()}
    works: list[Assignment] = []
    evenings: dict[date, dict[int, Counter[str]]] = {}
    now = at
    for _step in range(64):
        later = now + timedelta(hours=dice.choice((1, 3, 9, 20, 30, 50)))
        for n in range((workdays.local_date(later) - workdays.local_date(now)).days):
            day = workdays.local_date(now) + n * DAY
            evenings[day] = written_down(day)
        now = later
        if dice.random() < 0.3 or not works:
            share = Share(Role.LEAD, unit_id=dice.choice(list(doers)), days=dice.choice((None, 1, 3, 6, 12)))
            made = tasks.give(
                document_id=None, title="Việc", words="", shares=[share], origin=Origin.HAND, actor=head, at=now
            )
            works.append(made.assignments.get())
            continue
        waiting = list(Assignment.objects.filter(status="handed_in")) if dice.random() < 0.4 else []
        task = dice.choice(waiting) if waiting else Assignment.objects.get(pk=dice.choice(works[-6:]).pk)
        doer = doers[task.in_unit_id]
        on = {"assignment_id": task.pk, "at": now}
        act = dice.choice(("accept", "accept", "send_back") if task.status == "handed_in" else ACTS)
        try:
            if act == "report":
                tasks.report(words="", percent=dice.randint(0, 99), actor=doer, **on)
            elif act == "hand_in":
                tasks.hand_in(words="Xong", actor=doer, **on)
            elif act == "accept":
                tasks.accept(actor=head, **on)
            elif act == "send_back":
                tasks.send_back(reason="Thiếu", actor=head, **on)
            elif act == "pause":
                tasks.pause(reason="Chờ", actor=head, **on)
            elif act == "resume":
                tasks.resume(actor=head, **on)
            elif act == "extend":
                until = workdays.end_of_working_day(
                    workdays.add_working_days(workdays.local_date(max(now, task.due_at or now)), dice.randint(1, 9))
                )
                tasks.ask_extension(until_at=until, reason="Chưa kịp", actor=doer, **on)
                tasks.decide_extension(granted=True, words="", actor=head, **on)
            elif act in ("risk", "no_risk"):
                tasks.say(kind="risk", words="Có thể chậm" if act == "risk" else "", actor=doer, **on)
            elif act == "cancel" and dice.random() < 0.3:
                tasks.cancel(reason="Thôi", actor=head, **on)
            elif act == "hand_over":
                other = next(unit for unit in doers if unit != task.in_unit_id)
                tasks.hand_over(to=Share(Role.LEAD, unit_id=other), words="Chuyển", actor=head, **on)
            elif act == "holiday":  # declared late: for a day that may lie behind us
                day = workdays.local_date(now) + dice.randint(-4, 6) * DAY
                kind = CalendarDay.Kind.LOCAL if day.weekday() < 5 else CalendarDay.Kind.SWAPPED_WORK
                calendars.set_day(day=day, kind=kind, note="Theo lệnh", decision="1/QĐ", actor=None, at=now)
                tasks.reckon_again(at=now)
        except Refusal:
            continue
        if dice.random() < 0.2:  # counted on the way, and again later
            operations.count_again(kind="task", ids=[each.pk for each in works], at=now)
    return evenings


@pytest.mark.parametrize("seed", range(2))
def test_a_past_day_is_read_back_as_it_was_written_down(cast: Cast, at: datetime, seed: int) -> None:
    dice = random.Random(seed)
    begun = at - 120 * DAY
    operations.count(at=begun)
    evenings = some_months(cast, begun, dice)
    operations.count_again(kind="task", ids=list(Assignment.objects.values_list("id", flat=True)), at=at)
    root, head, seen = people.get_unit(cast.agency_id), cast.head.actor(), Counter[str]()
    for day in dice.sample(sorted(evenings), 25):
        sums = queries.sums_by_unit(root, NAMES, queries.BEGINNING, day)
        mine = {unit: +Counter(told) for unit, told in sums.items() if +Counter(told)}
        assert mine == evenings[day], day
        for told in mine.values():
            seen.update(told)
        rows = queries.list_rows(head, root, queries.get_indicator("tasks_late"), queries.BEGINNING, day)
        assert rows.whole == sum(told["tasks_open"] for told in mine.values())
        assert sum(row.counts for row in rows.shown) == sum(told["tasks_late"] for told in mine.values())
    assert set(seen) == set(NAMES)
    ends = dict(Contribution.objects.values_list("pk", "ends_on"))
    Contribution.objects.update(ends_on=None)
    filled = import_module("antin.indicators.migrations.0012_fill_where_what_stands_ends")
    with connection.cursor() as cursor:
        cursor.execute(filled.FILL)
    assert dict(Contribution.objects.values_list("pk", "ends_on")) == ends
    assert set(filled.STANDS) == {
        name for name, fact in FACTS.items() if fact.nature == Nature.STOCK and not fact.awaits
    }
