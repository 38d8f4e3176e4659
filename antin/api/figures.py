"""Figures for machines: values of a unit and period with what they were reckoned from, and the dictionary of facts and formulas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from antin.api.callers import READ, CalledRequest
from antin.api.problems import declared
from antin.indicators import policy, queries
from antin.indicators.facts import FACTS
from antin.people import queries as people
from antin.refusal import refuse
from antin.workdays import queries as workdays

router = Router(tags=["Figures"])


class Figure(Schema):
    code: str
    name: str
    measure: str
    better: str
    value: Decimal | None = Field(description="Two decimals; null where there was nothing to divide by.")
    exact: str | None = Field(description="The same as a fraction.")
    target: Decimal | None
    met: bool | None
    few: bool = Field(description="Rests on few rows: not to be ranked.")
    expression: str
    version: int
    sums: dict[str, int]


class Figures(Schema):
    unit_id: int
    unit_name: str
    since: date
    until: date
    figures: list[Figure]


class Fact(Schema):
    name: str
    words: str
    nature: str
    of: str


class Definition(Schema):
    code: str
    name: str
    explains: str
    source: str
    expression: str
    version: int
    target: Decimal | None


class Dictionary(Schema):
    facts: list[Fact]
    indicators: list[Definition]


@router.get("/figures", auth=READ, response={200: Figures, **declared(403, 404, 422)}, operation_id="listFigures")
def list_figures(
    request: CalledRequest, unit_id: int | None = None, since: date | None = None, until: date | None = None
) -> dict[str, Any]:
    """Every figure of a unit with everything below it, for a period; without parameters the caller's agency, the year so far."""
    actor = request.auth.actor
    unit = people.get_unit(unit_id if unit_id is not None else actor.agency_id)
    refuse(policy.why_not_see(actor, unit))
    today = workdays.local_date(timezone.now())
    last = min(until or today, today)
    first = min(since or last.replace(month=1, day=1), last)
    first = max(first, queries.BEGINNING)
    last = max(first, last)
    found = [queries.get_figure(unit, each, first, last) for each in queries.list_indicators()]
    return {
        "unit_id": unit.pk,
        "unit_name": unit.name,
        "since": first,
        "until": last,
        "figures": [
            {
                "code": each.indicator.code,
                "name": each.indicator.name,
                "measure": each.indicator.measure,
                "better": each.indicator.better,
                "value": queries.as_decimal(each.value),
                "exact": None if each.value is None else str(each.value),
                "target": each.formula.target,
                "met": each.met,
                "few": each.few,
                "expression": each.formula.expression,
                "version": each.formula.version,
                "sums": each.sums,
            }
            for each in found
        ],
    }


@router.get(
    "/figures/dictionary", auth=READ, response={200: Dictionary, **declared(403)}, operation_id="getFigureDictionary"
)
def dictionary(request: CalledRequest) -> dict[str, Any]:
    """What is counted, and how each figure is reckoned from it today."""
    today = workdays.local_date(timezone.now())
    indicators = [(each, queries.formula_on(each, today)) for each in queries.list_indicators()]
    return {
        "facts": [
            {"name": each.name, "words": str(each.words), "nature": each.nature, "of": each.of}
            for each in FACTS.values()
        ],
        "indicators": [
            {
                "code": each.code,
                "name": each.name,
                "explains": each.explains,
                "source": each.source,
                "expression": formula.expression,
                "version": formula.version,
                "target": formula.target,
            }
            for each, formula in indicators
        ],
    }
