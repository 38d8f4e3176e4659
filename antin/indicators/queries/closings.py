"""Closed periods: the rows as they were digested, and what became of them since."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from antin.indicators import formulas
from antin.indicators.facts import CONTEST, NAMES
from antin.indicators.models import Closing, Contest, Contribution, Indicator
from antin.indicators.queries.defined import formula_on
from antin.indicators.queries.sums import natures
from antin.people import queries as people
from antin.people.models import Unit

LIGHT = 2000
"""A closed period of so many rows is reckoned again wherever it is shown; a greater one when somebody asks."""


def lines_of(unit: Unit, indicator: Indicator, since: date, until: date) -> list[str]:
    """Return every row that a figure is reckoned from, written down for its digest: fact, thing, unit, day, amount."""
    formula = formula_on(indicator, until)
    flows, stocks = natures(formulas.names_in(formula.expression, NAMES))
    rows = Contribution.objects.filter(
        Q(fact__in=flows, day__gte=since, day__lte=until) | Q(fact__in=stocks, day__lte=until),
        unit__in=people.subtree(unit),
    ).values_list("fact", "subject_kind", "subject_id", "unit_id", "day", "amount")
    return sorted(f"{fact} {kind}:{number} U{owner} {day} {n:+d}" for fact, kind, number, owner, day, n in rows)


def digest_of(lines: list[str]) -> str:
    """Return the SHA-256 of rows, one a line."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def list_closings(indicator: Indicator, unit: Unit) -> list[Closing]:
    """Return the closed periods of a figure, the last one first, without their rows."""
    rows = Closing.objects.filter(indicator=indicator, unit=unit).defer("lines")
    return list(rows.select_related("formula", "indicator", "unit").order_by("-until"))


@dataclass(frozen=True)
class Compared:
    """What a closed period has lost and gained since: nothing says that it is the same. `later`: what was corrected meanwhile."""

    lost: list[str]
    gained: list[str]
    later: list[Contest]

    @property
    def same(self) -> bool:
        return not self.lost and not self.gained


def compare(closing: Closing) -> Compared:
    """Reckon a closed period again from its rows as they are now, and name the difference."""
    now = lines_of(closing.unit, closing.indicator, closing.since, closing.until)
    if digest_of(now) == closing.digest:
        return Compared([], [], [])
    then, fresh = set(closing.lines), set(now)
    lost, gained = sorted(then - fresh), sorted(fresh - then)
    moved = {int(line.split()[1].partition(":")[2]) for line in (*lost, *gained) if f" {CONTEST}:" in line}
    later = list(Contest.objects.filter(pk__in=moved).select_related("unit").order_by("id")) if moved else []
    return Compared(lost, gained, later)
