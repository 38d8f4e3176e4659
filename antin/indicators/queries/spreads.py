"""How long things took: half of them, and nine in ten, from sums of how many took how long; no row is read for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from antin.indicators.facts import FACTS, spread_name
from antin.indicators.models import Formula
from antin.indicators.queries.defined import facts_of
from antin.indicators.queries.sums import Below, Sums, add_up, sums_within
from antin.indicators.queries.values import FEW, MOST_UNITS
from antin.people import queries as people
from antin.people.models import Unit

HALF, NINE_TENTHS = (1, 2), (9, 10)


@dataclass(frozen=True)
class Spread:
    """How long the things of a unit took: how many there are, and how many took up to which bound, nought by itself."""

    fact: str
    things: int
    within: dict[int, int]

    @property
    def few(self) -> bool:
        """Whether so few things say little."""
        return self.things < FEW

    @property
    def half(self) -> int | None:
        """The least bound within which half of them was done; None where there are none, or it took longer than all bounds."""
        return self._least(HALF)

    @property
    def most(self) -> int | None:
        """The same for nine in ten: the slowest tenth took longer."""
        return self._least(NINE_TENTHS)

    def _least(self, part: tuple[int, int]) -> int | None:
        n, of, last = *part, FACTS[self.fact].bounds[-1]
        done = 0
        for bound in sorted(self.within):
            done += self.within[bound]
            if self.things and done * of >= self.things * n:
                return bound if bound < last else None
        return None


def took_of(formula: Formula) -> str:
    """Return the quantity that says how long the things of a figure took; empty where there is none."""
    base, counted = facts_of(formula)
    for name in (*counted, *base):
        if FACTS[name].bounds or FACTS[name].took:
            return name if FACTS[name].bounds else FACTS[name].took
    return ""


def _spread(fact: str, parts: Iterable[Sums]) -> Spread:
    sums, bounds = add_up(parts), FACTS[fact].bounds
    within = {bound: sums.get(spread_name(fact, bound), 0) for bound in bounds}
    things = sums.get(FACTS[fact].among, 0)
    return Spread(fact, things, {0: things - sum(within.values()), **within})


def list_spreads(held: Below, fact: str, since: date, until: date) -> list[tuple[Unit, Spread]]:
    """Return how long things took in a unit with everything below it, and in each right below that has any. Two questions."""
    names = [FACTS[fact].among, *(spread_name(fact, bound) for bound in FACTS[fact].bounds)]
    sums = sums_within(held, names, since, until)
    of_child: dict[int, list[Sums]] = defaultdict(list)
    for number, part in sums.items():
        child = held.paths[number].removeprefix(held.unit.path).split("/")[0]
        if child:
            of_child[int(child)].append(part)
    below = [(each, _spread(fact, of_child[each.pk])) for each in people.list_children(held.unit, until)[:MOST_UNITS]]
    return [(held.unit, _spread(fact, sums.values())), *((each, spread) for each, spread in below if spread.things)]
