"""When a machine counts as protected: pure arithmetic over how it stood and what "current" meant then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from antin.estate.states import Why

ONE_DAY = timedelta(days=1)
SHIPPED_DAYS = 7
"""What "current" means until somebody says otherwise: signatures at most a week old."""

Stay = tuple[date, date | None]
"""From which day on, until before which day."""


@dataclass(frozen=True)
class Norms:
    """Since when signatures may be how many days old: (first day, days), the earliest first."""

    rows: Sequence[tuple[date, int]] = ()

    def days_on(self, day: date) -> int:
        return next((days for first, days in reversed(self.rows) if first <= day), SHIPPED_DAYS)

    def periods(self) -> list[tuple[date, date | None, int]]:
        """Each norm with the days on which it holds."""
        firsts = [(date.min, SHIPPED_DAYS), *self.rows]
        return [
            (first, firsts[n + 1][0] if n + 1 < len(firsts) else None, days) for n, (first, days) in enumerate(firsts)
        ]


def why_not(protection: str, updated_on: date | None, on: date, norms: Norms) -> Why | None:
    """Why a machine is not protected at the end of a day; None: it is."""
    if not protection:
        return Why.ABSENT
    if updated_on is None:
        return Why.UNDATED
    return None if (on - updated_on).days <= norms.days_on(on) else Why.OLD


def stays(protection: str, updated_on: date | None, stay: Stay, norms: Norms) -> list[Stay]:
    """On which days of a stay a machine that stood like this was protected."""
    if not protection or updated_on is None:
        return []
    found: list[Stay] = []
    for first, end, days in norms.periods():
        since = max(stay[0], first)
        ends = [each for each in (stay[1], end) if each is not None]
        if updated_on <= date.max - timedelta(days=days + 1):
            ends.append(updated_on + timedelta(days=days + 1))
        until = min(ends) if ends else None
        if until is None or since < until:
            found = joined([*found, (since, until)])
    return found


def joined(rows: Iterable[Stay]) -> list[Stay]:
    """Stays that touch or overlap as one, in order."""
    found: list[Stay] = []
    for first, last in sorted(rows, key=lambda row: row[0]):
        if last is not None and first >= last:
            continue
        if found and (found[-1][1] is None or first <= found[-1][1]):
            before = found[-1][1]
            found[-1] = (found[-1][0], None if before is None or last is None else max(before, last))
        else:
            found.append((first, last))
    return found


def within(one: Sequence[Stay], other: Sequence[Stay]) -> list[Stay]:
    """The days that are in both."""
    found = []
    for a, b in one:
        for c, d in other:
            ends = [each for each in (b, d) if each is not None]
            first, last = max(a, c), min(ends) if ends else None
            if last is None or first < last:
                found.append((first, last))
    return joined(found)


def without(one: Sequence[Stay], other: Sequence[Stay]) -> list[Stay]:
    """The days of one that are not in the other."""
    gaps: list[Stay] = []
    since: date | None = date.min
    for first, last in joined(other):
        if since is not None and since < first:
            gaps.append((since, first))
        since = last
    if since is not None:
        gaps.append((since, None))
    return within(one, gaps)
