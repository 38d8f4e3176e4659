"""Which days work that recurs is due on: pure, given a calendar.

A nominal day follows from the rule alone (each Friday, the 25th, the last day of the last month of a quarter) and names the
occurrence for ever. The day it is due is the nominal day, or the working day before or after it; the day it is given lies so
many working days ahead.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from antin.tasks.states import Every, Shift
from antin.workdays.queries import Calendar

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """How often, on which day (of the week from 1, or of the month; 31 is the last), in which month of the quarter."""

    every: str
    day: int
    month: int
    shift: str
    ahead: int


def nominal_days(rule: Rule, since: date, until: date) -> Iterator[date]:
    """Yield the nominal days from one day to another, both included."""
    if rule.every == Every.WEEK:
        first = since + timedelta(days=(rule.day - 1 - since.weekday()) % 7)
        while first <= until:
            yield first
            first += timedelta(days=7)
        return
    month = since.replace(day=1)
    while month <= until:
        if rule.every == Every.MONTH or (month.month - 1) % 3 + 1 == rule.month:
            found = month.replace(day=min(rule.day, monthrange(month.year, month.month)[1]))
            if since <= found <= until:
                yield found
        month = (month + timedelta(days=32)).replace(day=1)


def due_day(rule: Rule, nominal: date, calendar: Calendar) -> date:
    """Return the working day on which an occurrence is due."""
    if calendar.is_working_day(nominal):
        return nominal
    if rule.shift == Shift.AFTER:
        return calendar.next_working_day(nominal)
    return calendar.add_working_days(nominal, -1)


def giving_day(rule: Rule, due: date, calendar: Calendar) -> date:
    """Return the day on which an occurrence that is due on a day is given."""
    return calendar.add_working_days(due, -rule.ahead)
