"""What an agreed contest adds to the facts, as a pure function of how its thing stands now and of what was agreed.

A correction moves a fact by what lies between how it should stand and how it stands by itself. So the facts are never touched, a
thing whose own rows change later is not counted twice, and a recount gives the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from antin.indicators.facts import FACTS, Row
from antin.indicators.states import Claim, Nature

Steps = Mapping[tuple[int, date], int]
"""What is added for which unit on which day."""


@dataclass(frozen=True)
class Correction:
    """A contest as far as it moves facts; one that does not hold (any more) moves none."""

    id: int
    subject_id: int
    claim: str
    facts: tuple[str, ...]
    base: str
    unit_id: int
    day: date
    holds: bool


def rows_of(fresh: Mapping[int, list[Row]], corrections: Iterable[Correction]) -> dict[int, list[Row]]:
    """Return the rows of each correction of some things, in the order in which they were contested: each sees those before it."""
    found: dict[int, list[Row]] = {}
    before: dict[int, list[Row]] = defaultdict(list)
    for each in sorted(corrections, key=lambda one: one.id):
        own = [*fresh.get(each.subject_id, []), *before[each.subject_id]]
        found[each.id] = _rows(each, own) if each.holds else []
        before[each.subject_id] += found[each.id]
    return found


def missing(each: Correction) -> list[Row]:
    """Return the rows of a correction that stands for something nobody counted."""
    return [Row(fact, each.unit_id, each.day) for fact in each.facts] if each.holds else []


def _rows(each: Correction, own: list[Row]) -> list[Row]:
    found: list[Row] = []
    for fact in each.facts:
        should = _steps(own, each.base) if each.claim == Claim.COUNTS else {}
        for part, ((unit, day), n) in enumerate(sorted(_between(each, fact, _steps(own, fact), should).items())):
            found.append(Row(fact, unit, day, n, part))
    return found


def _between(each: Correction, fact: str, stands: Steps, should: Steps) -> dict[tuple[int, date], int]:
    """Return the steps from how a fact stands to how it should: what stands on days is put right from the contested day on."""
    if FACTS[fact].nature == Nature.FLOW:
        moves = {key: should.get(key, 0) - stands.get(key, 0) for key in {*stands, *should}}
        return {key: n for key, n in moves.items() if n}
    found: dict[tuple[int, date], int] = defaultdict(int)
    for sign, steps in ((1, should), (-1, stands)):
        for (unit, day), n in steps.items():
            found[unit, max(day, each.day)] += sign * n
    return {key: n for key, n in found.items() if n}


def _steps(rows: Iterable[Row], fact: str) -> dict[tuple[int, date], int]:
    found: dict[tuple[int, date], int] = defaultdict(int)
    for row in rows:
        if row.fact == fact:
            found[row.unit_id, row.day] += row.amount
    return {key: n for key, n in found.items() if n}
