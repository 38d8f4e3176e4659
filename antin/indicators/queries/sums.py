"""Sums of facts, by unit and by month, from the counters: whole months by their sums, the days before and after one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from antin.indicators.facts import FACTS, SPREAD, UNIT
from antin.indicators.models import Contribution, Reading
from antin.indicators.states import Nature
from antin.people import queries as people
from antin.people.models import Unit

ONE_DAY = timedelta(days=1)
MONTHS = 12
BEGINNING = date(1990, 1, 1)

Sums = dict[str, int]


@dataclass(frozen=True)
class Range:
    """Counters of some facts from a day on and before another: of months, or of days. `told`: the month they are told under."""

    facts: list[str]
    month: bool
    first: date
    beyond: date
    told: date | None = None


def natures(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return which of some facts happen, and which stand."""
    flows: list[str] = []
    stocks: list[str] = []
    for name in names:
        nature = FACTS[name.partition(SPREAD)[0]].nature
        (flows if nature == Nature.FLOW else stocks).append(name)
    return flows, stocks


def next_month(day: date) -> date:
    """Return the first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _within(facts: list[str], since: date, until: date) -> list[Range]:
    first = since if since.day == 1 else next_month(since)
    last = next_month(until) if (until + ONE_DAY).day == 1 else until.replace(day=1)
    if first >= last:
        return [Range(facts, False, since, until + ONE_DAY)]
    days = [Range(facts, False, since, first), Range(facts, False, last, until + ONE_DAY)]
    return [Range(facts, True, first, last), *(each for each in days if each.first < each.beyond)]


def _period(names: Iterable[str], since: date, until: date) -> list[Range]:
    flows, stocks = natures(sorted(set(names)))
    found = _within(flows, since, until) if flows else []
    return found + (_within(stocks, BEGINNING, until) if stocks else [])


PART = """
    select {by}, fact, sum(amount)::bigint from indicators_counter
    where unit_id = any(%s) and {month} and fact = any(%s) and day >= %s and day < %s group by 1, 2
"""


def _summed(ids: list[int], ranges: list[Range], by: str) -> list[tuple[Any, str, int]]:
    """Return the sums of counters in some ranges by `unit_id` or `day` and fact: one question, each range one of an index.

    Units are told by number, so that the planner knows how many they are."""
    if not ranges:
        return []
    parts: list[str] = []
    told: list[Any] = []
    for each in ranges:
        label = by if by == "unit_id" or each.told is None else "%s::date"
        parts.append(PART.format(by=label, month="month" if each.month else "not month"))
        told += [*([each.told] if label != by else []), ids, each.facts, each.first, each.beyond]
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(parts), told)
        return list(cursor.fetchall())


@dataclass(frozen=True)
class Below:
    """A unit with everything below it: the path and names of each by number."""

    unit: Unit
    paths: dict[int, str]
    names: dict[int, str]

    @property
    def ids(self) -> list[int]:
        return list(self.paths)


def below(unit: Unit) -> Below:
    """Return a unit with everything below it. One question."""
    rows = list(people.subtree(unit).values_list("pk", "path", "name"))
    return Below(unit, {pk: path for pk, path, _name in rows}, {pk: name for pk, _path, name in rows})


def sums_within(held: Below, names: Iterable[str], since: date, until: date) -> dict[int, Sums]:
    """Return the sums of facts for each unit of a subtree by itself: one question, whatever the number of documents."""
    found: dict[int, Sums] = defaultdict(dict)
    for unit_id, fact, n in _summed(held.ids, _period(names, since, until), "unit_id"):
        own = found[unit_id]
        own[fact] = own.get(fact, 0) + n
    return found


def sums_by_unit(unit: Unit, names: Iterable[str], since: date, until: date) -> dict[int, Sums]:
    """Return the sums of facts for each unit of a subtree by itself: two questions, whatever the number of documents."""
    return sums_within(below(unit), names, since, until)


def add_up(parts: Iterable[Sums]) -> Sums:
    """Return the sum of sums."""
    whole: Sums = defaultdict(int)
    for part in parts:
        for fact, n in part.items():
            whole[fact] += n
    return dict(whole)


def ends_of(until: date, months: int = MONTHS) -> list[date]:
    """Return the last days of the months up to a day, the oldest first; the last one is the day itself."""
    first, ends = until.replace(day=1), [until]
    for _n in range(months - 1):
        ends.append(first - ONE_DAY)
        first = (first - ONE_DAY).replace(day=1)
    return ends[::-1]


def sums_by_month(held: Below, names: Iterable[str], ends: list[date]) -> list[Sums]:
    """Return the sums of facts of each of some months: what happened in it, what stood at its end. One question."""
    flows, stocks = natures(sorted(set(names)))
    first, this, until = ends[0].replace(day=1), ends[-1].replace(day=1), ends[-1]
    before = first - ONE_DAY
    ranges = []
    if flows:
        ranges.append(Range(flows, False, this, until + ONE_DAY, told=this))
        if first < this:
            ranges.append(Range(flows, True, first, this))
    if stocks:
        ranges += [Range(stocks, False, this, until + ONE_DAY, told=this)]
        ranges += [Range(stocks, True, BEGINNING, first, told=before)]
        if first < this:
            ranges.append(Range(stocks, True, first, this))
    by_month: dict[date, Sums] = defaultdict(dict)
    for day, fact, n in _summed(held.ids, ranges, "day"):
        by_month[day][fact] = n
    standing: Sums = defaultdict(int, by_month[before])
    found = []
    for end in ends:
        own = by_month[end.replace(day=1)]
        for fact in stocks:
            standing[fact] += own.get(fact, 0)
        found.append({**{fact: own.get(fact, 0) for fact in flows}, **{fact: standing[fact] for fact in stocks}})
    return found


def find_reading() -> Reading | None:
    """Return how far the journal has been read into figures."""
    return Reading.objects.first()


def rolled_out(unit_ids: list[int]) -> set[int]:
    """Return those of some agencies that are known to be connected and to sign: nothing they do makes them more so."""
    rows = Contribution.objects.filter(subject_kind=UNIT, subject_id__in=unit_ids)
    connected, signing = (
        set(rows.filter(fact=fact).values_list("subject_id", flat=True))
        for fact in ("agencies_connected", "agencies_signing")
    )
    return connected & signing
