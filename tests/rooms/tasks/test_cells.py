"""Random histories: deadlines and cells against a model that walks day by day and knows none of the formulas."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from antin.refusal import Refusal
from antin.tasks import operations as tasks
from antin.tasks import queries, terms
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import OPEN, Cell, Mark, Origin, Role
from antin.workdays import operations as calendars
from antin.workdays import queries as workdays
from antin.workdays.models import CalendarDay
from tests.cast import Cast

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ACTS = ("report", "hand_in", "hand_in", "pause", "resume", "extend", "holiday", "risk", "cancel")
JUDGED = ("accept", "accept", "send_back", "holiday")
SHAPES = (None, 1, 3, 7, 12, "named")


@dataclass
class Model:
    """What a clerk with a wall calendar would write down."""

    given: datetime
    term: int | None = None
    named: datetime | None = None
    since: datetime | None = None  # the day the terms hold from
    stood: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    handed_in: datetime | None = None
    done: bool = False
    gone: bool = False
    percent: int = 0
    risk: str = ""

    def stands(self, day: date) -> bool:
        close = workdays.end_of_working_day(day)
        return any(begun <= close and (ended is None or close < ended) for begun, ended in self.stood if ended)

    def due(self) -> datetime | None:
        """Walk from the day after the terms began; each working day at whose close the clock runs is one of the term."""
        start = workdays.local_date(self.since or self.given)
        if self.named is not None:
            moment, day = self.named, start
            while True:  # every day lost before the deadline moves it to the next working day
                day += DAY
                lost = workdays.is_working_day(day) and self.stands(day) and self._before(day, moment)
                if lost:
                    moment = workdays.end_of_working_day(workdays.next_working_day(workdays.local_date(moment)))
                if day > workdays.local_date(moment) and not any(
                    b < moment and e and workdays.local_date(e) > day for b, e in self.stood
                ):
                    return moment
        if self.term is None:
            return None
        left, day = self.term, start
        while left:
            day += DAY
            if workdays.is_working_day(day) and not self.stands(day):
                left -= 1
        return workdays.end_of_working_day(day)

    def _before(self, day: date, moment: datetime) -> bool:
        close = workdays.end_of_working_day(day)
        return any(begun < moment and begun <= close and ended and close < ended for begun, ended in self.stood)

    def cell(self, now: datetime) -> str:
        if self.gone:
            return ""
        standing = next((begun for begun, ended in self.stood if ended is None), None)
        when = self.handed_in or standing or now
        due = self.due()
        late = due is not None and due < when
        return ("done_late" if late else "done_in_time") if self.done else ("open_late" if late else "open_in_time")


def history(dice: random.Random, cast: Cast, at: datetime) -> list[tuple[Assignment, Model]]:
    """Give three pieces of work and let some months of random things happen to them; what is refused has not happened."""
    plan, head = cast.plan_head.actor(), cast.head.actor()
    works = []
    for shape in dice.sample(SHAPES, 3):
        day = workdays.add_working_days(workdays.local_date(at), dice.randint(1, 10))
        named = workdays.end_of_working_day(day) if shape == "named" else None
        days = shape if isinstance(shape, int) else None
        share = Share(Role.LEAD, unit_id=cast.plan_id, due_at=named, days=days)
        made = tasks.give(
            document_id=None, title="Việc", words="", shares=[share], origin=Origin.HAND, actor=head, at=at
        )
        works.append((made.assignments.get(), Model(at, days, named)))
    now = at
    for _step in range(dice.randint(6, 16)):
        now += timedelta(hours=dice.choice((3, 20, 30, 70, 120)))
        task, model = dice.choice(works)
        on = {"assignment_id": task.pk, "at": now}
        act = dice.choice(JUDGED if model.handed_in and not model.done else ACTS)
        try:
            if act == "report":
                tasks.report(words="", percent=(done := dice.randint(0, 99)), actor=plan, **on)
                model.percent = done
            elif act == "hand_in":
                tasks.hand_in(words="Xong", actor=plan, **on)
                model.handed_in, model.percent, model.risk = now, 100, ""
            elif act == "accept":
                tasks.accept(actor=head, **on)
                model.done = True
            elif act == "send_back":
                tasks.send_back(reason="Thiếu", actor=head, **on)
                model.handed_in = None
            elif act == "pause":
                tasks.pause(reason="Chờ", actor=head, **on)
                model.stood.append((now, None))
            elif act == "resume":
                tasks.resume(actor=head, **on)
                model.stood[-1] = (model.stood[-1][0], now)
            elif act == "extend" and not model.stood:
                until = workdays.end_of_working_day(
                    workdays.add_working_days(workdays.local_date(max(now, model.due() or now)), dice.randint(1, 9))
                )
                tasks.ask_extension(until_at=until, reason="Chưa kịp", actor=plan, **on)
                tasks.decide_extension(granted=True, words="", actor=head, **on)
                model.named, model.term, model.since = until, None, now
            elif act == "risk":
                tasks.say(kind="risk", words="Có thể chậm", actor=plan, **on)
                model.risk = "Có thể chậm"
            elif act == "cancel" and dice.random() < 0.3:
                tasks.cancel(assignment_id=task.pk, reason="Thôi", actor=head, at=now)
                model.gone = True
            elif act == "holiday":  # declared late: for a day that may lie behind us
                day = workdays.local_date(now) + dice.randint(-6, 8) * DAY
                kind = CalendarDay.Kind.LOCAL if day.weekday() < 5 else CalendarDay.Kind.SWAPPED_WORK
                calendars.set_day(day=day, kind=kind, note="Theo lệnh", decision="1/QĐ", actor=None, at=now)
                tasks.reckon_again(at=now)
        except Refusal:
            continue
    return works


def compare(dice: random.Random, works: list[tuple[Assignment, Model]], at: datetime, seen: Counter[str]) -> None:
    """Hold rows, model and database against each other on some later days."""
    for offset in (0, 3, 9, 30):
        now = at + offset * DAY + timedelta(hours=dice.randint(0, 23))
        soon = terms.soon_until(now, workdays.calendar())
        found = {row.pk: row for row in queries.with_cells(Assignment.objects.all(), now)}
        marked = {
            mark: set(Assignment.objects.filter(queries.mark_in_sql(mark, now, soon)).values_list("pk", flat=True))
            for mark in Mark
        }
        for task, model in works:
            row = found[task.pk]
            if row.status in OPEN:
                assert row.due_at == model.due()
            else:  # what is ended is not reckoned again
                model.term, model.named, model.stood = None, row.due_at, []
            standing = queries.standing_of(row)
            assert row.cell == model.cell(now) == (terms.cell(standing, now) or "")  # type: ignore[attr-defined]
            assert {mark for mark in Mark if task.pk in marked[mark]} == terms.marks(standing, now, soon)
            seen[row.cell] += 1  # type: ignore[attr-defined]
            seen.update(terms.marks(standing, now, soon))


def test_deadlines_cells_and_marks_agree_with_the_model_and_with_sql(cast: Cast, at: datetime) -> None:
    seen: Counter[str] = Counter()
    for seed in range(14):
        dice = random.Random(seed)
        point = transaction.savepoint()
        compare(dice, history(dice, cast, at), at, seen)
        transaction.savepoint_rollback(point)
    assert set(seen) == {"", *Cell, *Mark}
