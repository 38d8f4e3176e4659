"""What who leads sees of the work below him: how many pieces in which cell, by unit and by deadline; and the very rows.

One question to the database gives the sums of a whole branch of units, whatever its size. Sums are open to whoever leads the
branch; of the rows behind them everybody sees those he may see by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, Value, When

from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.tasks import queries, terms
from antin.tasks.models import Assignment
from antin.tasks.states import OPEN, Cell, Mark, Status, Until
from antin.workdays import queries as workdays

LONG_LATE = timedelta(days=10)
WEEK, MONTH = timedelta(days=7), timedelta(days=30)
ALL_OPEN, AT_RISK = "open", "at_risk"
"""Beside the cells: both that are open. Beside the marks: what is said to be at risk, or is behind by the rule."""
MOST = 2000
"""So many rows behind a sum are looked through for a page, the most pressing first; the sums know them all."""


@dataclass
class Sums:
    """How much work there is: by cell; of what is open by when it is due; and what is said of it."""

    cells: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Cell, 0))
    untils: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Until, 0))
    marks: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Mark, 0))
    at_risk: int = 0

    @property
    def open(self) -> int:
        return self.cells[Cell.OPEN_IN_TIME] + self.cells[Cell.OPEN_LATE]

    @property
    def late(self) -> int:
        return self.cells[Cell.OPEN_LATE]

    @property
    def done(self) -> int:
        return self.cells[Cell.DONE_IN_TIME] + self.cells[Cell.DONE_LATE]

    @property
    def whole(self) -> int:
        return self.open + self.done

    def add(self, other: Sums) -> None:
        for name in ("cells", "untils", "marks"):
            for key, n in getattr(other, name).items():
                getattr(self, name)[key] += n
        self.at_risk += other.at_risk


@dataclass(frozen=True)
class Wanted:
    """Which rows are asked for: of a branch of units (or of its uppermost unit alone), by cell, by deadline, by mark."""

    unit: Unit
    alone: bool = False
    cell: str = ""
    until: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Found:
    """The rows that the reader may see, how many there are, and how many of those looked through he may not see."""

    rows: list[Assignment]
    whole: int
    hidden: int
    cut: int


def _edges(now: datetime) -> tuple[datetime, datetime]:
    today = datetime.combine(workdays.local_date(now), time(), workdays.HERE) + timedelta(days=1)
    return today + WEEK, today + MONTH


def _until(now: datetime) -> Case:
    """When open work is due, as the database reckons it; '' for what is not open."""
    week, month = _edges(now)
    return Case(
        When(~Q(status__in=OPEN), then=Value("")),
        When(status=Status.HANDED_IN, then=Value(Until.WAITS)),
        When(paused_at__isnull=False, then=Value(Until.STANDS)),
        When(due_at__isnull=True, then=Value(Until.UNDATED)),
        When(due_at__lt=now - LONG_LATE, then=Value(Until.LONG_LATE)),
        When(due_at__lt=now, then=Value(Until.LATE)),
        When(due_at__lt=week, then=Value(Until.WEEK)),
        When(due_at__lt=month, then=Value(Until.MONTH)),
        default=Value(Until.LATER),
        output_field=CharField(),
    )


def _counted(units: Q, since: datetime, now: datetime) -> Any:
    """What is open, and what was accepted in the period."""
    rows: Any = queries.with_cells(Assignment.objects.filter(units), now)
    return (
        rows.exclude(cell="")
        .filter(Q(status__in=OPEN) | Q(status=Status.ACCEPTED, ended_at__gte=since))
        .annotate(until=_until(now))
    )


def _at_risk(now: datetime, soon: datetime) -> Q:
    """Said to be at risk, or behind by the rule."""
    return queries.mark_in_sql(Mark.SAID_AT_RISK, now, soon) | queries.mark_in_sql(Mark.BEHIND, now, soon)


def sums_by_unit(unit: Unit, since: datetime, now: datetime) -> dict[int, Sums]:
    """Return how the work of each unit of a branch stands, each by itself: what is open, what was accepted since. One question."""
    soon = terms.soon_until(now, workdays.calendar())
    marks = {f"n_{mark}": Count("id", filter=queries.mark_in_sql(mark, now, soon)) for mark in Mark}
    rows = (
        _counted(Q(in_unit__in=people.subtree(unit)), since, now)
        .values("in_unit", "cell", "until")
        .annotate(n=Count("id"), at_risk=Count("id", filter=_at_risk(now, soon)), **marks)
        .order_by()
    )
    found: dict[int, Sums] = defaultdict(Sums)
    for row in rows:
        sums = found[row["in_unit"]]
        sums.cells[row["cell"]] += row["n"]
        if row["until"]:
            sums.untils[row["until"]] += row["n"]
        for mark in Mark:
            sums.marks[mark] += row[f"n_{mark}"]
        sums.at_risk += row["at_risk"]
    return dict(found)


def add_up(parts: Iterable[Sums]) -> Sums:
    """Return the sum of sums."""
    whole = Sums()
    for part in parts:
        whole.add(part)
    return whole


def list_rows(actor: Actor, wanted: Wanted, since: datetime, now: datetime, *, limit: int = 200) -> Found:
    """Return the rows behind a sum that the actor may see, the most pressing first, and how many are hidden from him.

    The caller has checked that he may see the sum. Five questions, whatever the size of the branch.
    """
    soon = terms.soon_until(now, workdays.calendar())
    units = Q(in_unit=wanted.unit) if wanted.alone else Q(in_unit__in=people.subtree(wanted.unit))
    rows = _counted(units, since, now)
    if wanted.cell in Cell.values:
        rows = rows.filter(cell=wanted.cell)
    elif wanted.cell == ALL_OPEN:
        rows = rows.filter(status__in=OPEN)
    if wanted.until in Until.values:
        rows = rows.filter(until=wanted.until)
    if wanted.mark == AT_RISK:
        rows = rows.filter(_at_risk(now, soon))
    elif wanted.mark in Mark.values:
        rows = rows.filter(queries.mark_in_sql(Mark(wanted.mark), now, soon))
    rests = Case(When(until__in=(Until.STANDS, Until.WAITS), then=1), default=0)
    ordered = rows.order_by(rests, F("due_at").asc(nulls_last=True), "id").values_list("id", "cell")
    known = dict(ordered[:MOST])
    seen = queries.list_visible(actor, list(known))
    shown = [seen[number] for number in known if number in seen]
    for row in shown:
        row.cell = known[row.pk]  # type: ignore[attr-defined]
    whole = len(known) if len(known) < MOST else rows.count()
    return Found(shown[:limit], whole, len(known) - len(shown), whole - (len(known) - len(shown)) - len(shown[:limit]))
