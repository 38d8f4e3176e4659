"""What figures are defined: their formulas, version by version, and what they speak of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from antin.indicators import formulas
from antin.indicators.facts import COUNTED, NAMES
from antin.indicators.models import Formula, Indicator
from antin.refusal import NotFound


def list_indicators() -> list[Indicator]:
    """Return the figures in their order, as far as everything they speak of is counted. One question."""
    return list_defined()[0]


def list_awaiting() -> list[Indicator]:
    """Return the figures that are defined, and speak of something that no room counts yet. One question."""
    return [each.indicator for each in list_defined()[1]]


def list_defined() -> tuple[list[Indicator], list[Formula]]:
    """Return the figures that are counted, and the newest formulas of those that are only defined. One question."""
    counted, awaiting = [], []
    for each in _newest():
        if is_counted(each.expression):
            counted.append(each.indicator)
        else:
            awaiting.append(each)
    return counted, awaiting


def _newest() -> QuerySet[Formula]:
    """The newest formula of each figure, with its figure, in their order."""
    order = ("indicator__place", "indicator__code", "indicator_id")
    return Formula.objects.select_related("indicator").order_by(*order, "-version").distinct(*order)


def is_counted(expression: str) -> bool:
    """Whether everything that a formula speaks of is counted by some room."""
    return COUNTED.issuperset(formulas.names_in(expression, NAMES))


def get_indicator(code: str) -> Indicator:
    """:raises NotFound: there is none of this code"""
    found = Indicator.objects.filter(code=code).first()
    if found is None:
        raise NotFound()
    return found


def versions_of(indicators: Iterable[Indicator]) -> dict[int, list[Formula]]:
    """Return the formulas of some figures by the day from which they hold, the first one first. One question."""
    found: dict[int, list[Formula]] = defaultdict(list)
    for formula in Formula.objects.filter(indicator__in=list(indicators)).order_by("valid_from"):
        found[formula.indicator_id].append(formula)
    return found


def held_on(versions: list[Formula], on: date) -> Formula:
    """Return which of the formulas of a figure holds on a day, the first one for days before it. :raises NotFound: it has none"""
    if not versions:
        raise NotFound()
    return next((each for each in reversed(versions) if each.valid_from <= on), versions[0])


def formula_on(indicator: Indicator, on: date) -> Formula:
    """Return the formula that holds on a day, or the first one for days before it. :raises NotFound: it has none"""
    return held_on(versions_of([indicator])[indicator.pk], on)


def list_formulas(indicator: Indicator) -> list[Formula]:
    """Return every version of a formula, the newest first."""
    return list(Formula.objects.filter(indicator=indicator).order_by("-version"))


def thought_of(indicator: Indicator, expression: str, target: Decimal | None, on: date) -> Formula:
    """Return a formula that nobody has published, and that is kept nowhere."""
    return Formula(indicator=indicator, expression=expression, target=target, version=0, valid_from=on)


def facts_of(formula: Formula) -> tuple[list[str], list[str]]:
    """Return the facts whose rows stand behind a formula, and the others: what is counted of them."""
    base = formulas.base_in(formula.expression, NAMES)
    return list(base), [name for name in formulas.names_in(formula.expression, NAMES) if name not in base]


def lacks(codes: set[str]) -> bool:
    """Whether some of these figures are not defined yet."""
    return bool(codes - set(Indicator.objects.values_list("code", flat=True)))


def indicators_of(facts: Iterable[str]) -> list[Indicator]:
    """Return the figures whose newest formula speaks of some facts: what a correction of them moves."""
    wanted, found = set(facts), []
    newest = {each.indicator_id: each for each in Formula.objects.order_by("version")}
    for indicator in list_indicators():
        formula = newest.get(indicator.pk)
        if formula and wanted & set(formulas.names_in(formula.expression, NAMES)):
            found.append(indicator)
    return found
