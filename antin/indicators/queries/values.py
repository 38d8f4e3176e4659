"""Figures from sums: a value, all of a unit, all units at once, the months, and what another formula would make of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from antin.indicators import formulas
from antin.indicators.facts import NAMES
from antin.indicators.models import Formula, Indicator
from antin.indicators.queries.defined import formula_on, held_on, versions_of
from antin.indicators.queries.sums import Below, Sums, add_up, below, sums_by_month, sums_within
from antin.indicators.states import Better
from antin.people import queries as people
from antin.people.models import Unit

MOST_UNITS = 60
FEW = 10
"""A rate over so few rows says little; it is marked wherever units are compared."""


@dataclass(frozen=True)
class Figure:
    """A value with what it was reckoned from; None where there was nothing to divide by."""

    indicator: Indicator
    formula: Formula
    value: Fraction | None
    sums: Sums
    base: int

    @property
    def few(self) -> bool:
        """Whether the value rests on so few rows that it says little."""
        return self.base < FEW

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target or a value."""
        if self.value is None or self.formula.target is None:
            return None
        return reaches(self.indicator, self.value, Fraction(self.formula.target))


def reaches(indicator: Indicator, value: Fraction, aim: Fraction) -> bool:
    """Whether a value is as good as an aim, or better."""
    return value >= aim if indicator.better == Better.HIGHER else value <= aim


@lru_cache(maxsize=500)
def _taken_apart(expression: str) -> tuple[formulas.Node, tuple[str, ...], tuple[str, ...]]:
    return (
        formulas.read(expression, NAMES),
        formulas.names_in(expression, NAMES),
        formulas.base_in(expression, NAMES),
    )


def figure(indicator: Indicator, formula: Formula, sums: Sums) -> Figure:
    """Return a figure from the sums of its facts."""
    node, names, under = _taken_apart(formula.expression)
    used = {name: sums.get(name, 0) for name in names}
    return Figure(indicator, formula, formulas.reckon(node, used), used, sum([used[name] for name in under]))


def _names(held: Iterable[Formula]) -> set[str]:
    return {name for each in held for name in formulas.names_in(each.expression, NAMES)}


@dataclass(frozen=True)
class Basis:
    """What the views of one period are reckoned from: the units, the formulas of each figure, the sums of each unit."""

    held: Below
    versions: dict[int, list[Formula]]
    sums: dict[int, Sums]


def basis_of(unit: Unit, indicators: Iterable[Indicator], since: date, until: date) -> Basis:
    """Return the basis of some figures of a unit and everything below it: three questions, however many figures and documents."""
    versions, held = versions_of(indicators), below(unit)
    names = _names(held_on(rows, until) for rows in versions.values())
    return Basis(held, versions, sums_within(held, names, since, until))


def get_figure(actor_unit: Unit, indicator: Indicator, since: date, until: date) -> Figure:
    """Return a figure of a unit with everything below it, for a period, as of its last day."""
    return list_figures(actor_unit, [indicator], since, until)[0]


def list_figures(
    unit: Unit, indicators: Iterable[Indicator], since: date, until: date, basis: Basis | None = None
) -> list[Figure]:
    """Return some figures of a unit with everything below it, for a period: three questions, or none where the basis is there."""
    wanted = list(indicators)
    basis = basis or basis_of(unit, wanted, since, until)
    sums = add_up(basis.sums.values())
    return [figure(each, held_on(basis.versions[each.pk], until), sums) for each in wanted]


def list_by_unit(
    unit: Unit, whole: list[Figure], since: date, until: date, basis: Basis | None = None
) -> list[tuple[Unit, list[Figure]]]:
    """Return the same figures of each unit right below, with all below it, as far as it has any. One question after the basis."""
    basis = basis or basis_of(unit, [each.indicator for each in whole], since, until)
    of_child: dict[int, list[Sums]] = defaultdict(list)
    for number, part in basis.sums.items():
        child = basis.held.paths[number].removeprefix(unit.path).split("/")[0]
        if child:
            of_child[int(child)].append(part)
    found = []
    for below_it in people.list_children(unit, until)[:MOST_UNITS]:
        if below_it.pk not in of_child:
            continue
        parts = of_child[below_it.pk]
        own = parts[0] if len(parts) == 1 else add_up(parts)
        figures = [figure(each.indicator, each.formula, own) for each in whole]
        if any(each.base for each in figures):
            found.append((below_it, figures))
    return found


@dataclass(frozen=True)
class Tried:
    """A figure of a unit as it is reckoned now, and as it would be."""

    unit: Unit
    now: Figure
    then: Figure


def trial(unit: Unit, wanted: Formula, since: date, until: date) -> list[Tried]:
    """Return what a formula that is only thought of makes of real rows: for a unit, and for each below it.

    :raises BadFormula: :raises UnknownFact: :raises TooGreat: it cannot be read, or gives too great a number
    """
    indicator = wanted.indicator
    now, held = formula_on(indicator, until), below(unit)
    sums = sums_within(held, _names([wanted, now]), since, until)

    def tried(each: Unit) -> Tried:
        own = add_up(part for number, part in sums.items() if held.paths[number].startswith(each.path))
        return Tried(each, figure(indicator, now, own), figure(indicator, wanted, own))

    found = [tried(each) for each in (unit, *people.list_children(unit, until))]
    return [found[0], *(each for each in found[1:] if each.now.base or each.then.base)]


def list_trends(
    unit: Unit, indicators: Iterable[Indicator], ends: list[date], basis: Basis | None = None
) -> dict[int, list[Figure]]:
    """Return some figures for each month that ends so, by the formula of that day: one question with a basis, however many figures.

    :param ends: see `ends_of`
    """
    wanted = list(indicators)
    versions = basis.versions if basis else versions_of(wanted)
    formulas_at = {each.pk: [held_on(versions[each.pk], end) for end in ends] for each in wanted}
    names = _names(formula for held in formulas_at.values() for formula in held)
    sums = sums_by_month(basis.held if basis else below(unit), names, ends)
    return {
        each.pk: [figure(each, formula, own) for formula, own in zip(formulas_at[each.pk], sums, strict=True)]
        for each in wanted
    }


def as_decimal(value: Fraction | None) -> Decimal | None:
    """Return a value as it is printed: two decimals, half away from zero."""
    if value is None:
        return None
    cents = abs(value) * 100
    whole = (2 * cents.numerator + cents.denominator) // (2 * cents.denominator)
    return (Decimal(whole) / 100) * (-1 if value < 0 else 1)
