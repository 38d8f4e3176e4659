"""Figures for machines: values of a unit and period with what they were reckoned from, and the dictionary of facts and formulas."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS
from antin.api.problems import declared
from antin.indicators import operations, policy, queries
from antin.indicators.facts import FACTS
from antin.people import queries as people
from antin.refusal import NotFound, refuse
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.people.actor import Actor
    from antin.people.models import Unit

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
    awaits: str = Field(description="The part of the node that will count it; empty where it is counted.")


class Definition(Schema):
    code: str
    name: str
    explains: str
    source: str
    expression: str
    version: int
    target: Decimal | None
    owner_unit_id: int = Field(description="Who answers what is contested.")
    counted: bool = Field(
        description="Everything it speaks of is counted; otherwise it is defined, and not among the figures."
    )


class Dictionary(Schema):
    facts: list[Fact]
    indicators: list[Definition]


@dataclass(frozen=True)
class _Asked:
    """Whose figures, of which period: within what was counted, up to today."""

    unit: Unit
    since: date
    until: date


def _asked(actor: Actor, unit_id: int | None, since: date | None, until: date | None) -> _Asked:
    unit = people.get_unit(unit_id if unit_id is not None else actor.agency_id)
    refuse(policy.why_not_see(actor, unit))
    today = workdays.local_date(timezone.now())
    last = min(until or today, today)
    first = max(min(since or last.replace(month=1, day=1), last), queries.BEGINNING)
    return _Asked(unit, first, max(first, last))


def _figure(each: queries.Figure) -> dict[str, Any]:
    return {
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


@router.get("/figures", auth=READ, response={200: Figures, **declared(403, 404, 422)}, operation_id="listFigures")
def list_figures(
    request: CalledRequest, unit_id: int | None = None, since: date | None = None, until: date | None = None
) -> dict[str, Any]:
    """Every figure of a unit with everything below it, for a period; without parameters the caller's agency, the year so far."""
    asked = _asked(request.auth.actor, unit_id, since, until)
    found = queries.list_figures(asked.unit, queries.list_indicators(), asked.since, asked.until)
    return {
        "unit_id": asked.unit.pk,
        "unit_name": asked.unit.name,
        "since": asked.since,
        "until": asked.until,
        "figures": [_figure(each) for each in found],
    }


COLUMNS = (
    "unit_id",
    "unit_code",
    "unit",
    "since",
    "until",
    "figure",
    "name",
    "measure",
    "value",
    "target",
    "met",
    "few",
    "base",
    "version",
)


TABLE = {"responses": {200: {"description": "OK", "content": {"text/csv": {"schema": {"type": "string"}}}}}}


@router.get(
    "/figures/table.csv",
    auth=READ,
    response={**declared(403, 404, 422)},
    operation_id="getFigureTable",
    openapi_extra=TABLE,
)
def table(
    request: CalledRequest, unit_id: int | None = None, since: date | None = None, until: date | None = None
) -> HttpResponse:
    """The figures of a unit and of each unit right below it as CSV (RFC 4180, UTF-8), a line for each unit and figure.

    Values have two decimals and a point; empty where there was nothing to divide by."""
    asked = _asked(request.auth.actor, unit_id, since, until)
    indicators = queries.list_indicators()
    basis = queries.basis_of(asked.unit, indicators, asked.since, asked.until)
    whole = queries.list_figures(asked.unit, indicators, asked.since, asked.until, basis)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="figures-{asked.until}.csv"'
    writer = csv.writer(answer)
    writer.writerow(COLUMNS)
    below = queries.list_by_unit(asked.unit, whole, asked.since, asked.until, basis)
    for unit, figures in [(asked.unit, whole), *below]:
        code = unit.code.value if unit.code else ""
        for each in figures:
            value = queries.as_decimal(each.value)
            writer.writerow(
                (
                    unit.pk,
                    code,
                    unit.name,
                    asked.since,
                    asked.until,
                    each.indicator.code,
                    each.indicator.name,
                    each.indicator.measure,
                    "" if value is None else f"{value:.2f}",
                    "" if each.formula.target is None else each.formula.target,
                    "" if each.met is None else str(each.met).lower(),
                    str(each.few).lower(),
                    each.base,
                    each.formula.version,
                )
            )
    return answer


class Waited(Schema):
    unit_id: int
    unit_name: str
    things: int
    half_within: int | None = Field(
        description="Half of them was done within so much, up to a bound; null: there are none, or longer than the last bound."
    )
    nine_tenths_within: int | None = Field(description="The same for nine in ten: the slowest tenth took longer.")
    few: bool = Field(description="Rests on few things: not to be ranked.")


class Delay(Schema):
    code: str
    fact: str = Field(description="What is measured: `receipt_minutes`, `registration_days` (working days).")
    bounds: list[int] = Field(description="Up to where things are counted together; nought is counted by itself.")
    since: date
    until: date
    units: list[Waited] = Field(description="The unit with everything below it, then each right below that has any.")


@router.get(
    "/figures/{code}/delay",
    auth=READ,
    response={200: Delay, **declared(403, 404, 422)},
    operation_id="getFigureDelay",
)
def delay(
    request: CalledRequest, code: str, unit_id: int | None = None, since: date | None = None, until: date | None = None
) -> dict[str, Any]:
    """How long it took what a figure of time counts: half of it, and nine in ten; 404 for a figure that says nothing of time."""
    asked = _asked(request.auth.actor, unit_id, since, until)
    fact = queries.took_of(queries.formula_on(queries.get_indicator(code), asked.until))
    if not fact:
        raise NotFound()
    spreads = queries.list_spreads(queries.below(asked.unit), fact, asked.since, asked.until)
    return {
        "code": code,
        "fact": fact,
        "bounds": FACTS[fact].bounds[:-1],
        "since": asked.since,
        "until": asked.until,
        "units": [
            {
                "unit_id": unit.pk,
                "unit_name": unit.name,
                "things": each.things,
                "half_within": each.half,
                "nine_tenths_within": each.most,
                "few": each.few,
            }
            for unit, each in spreads
        ],
    }


class OwnerIn(Schema):
    unit_id: int = Field(description="The uppermost agency, or a unit of it.")


class Owner(Schema):
    code: str
    unit_id: int
    unit_name: str


@router.post(
    "/figures/{code}/owner", auth=ACT, response={200: Owner, **declared(*PROBLEMS)}, operation_id="setFigureOwner"
)
def set_owner(request: CalledRequest, code: str, given: OwnerIn) -> dict[str, Any]:
    """Say which unit answers for a figure: it answers what others contest."""
    operations.set_owner(code=code, unit_id=given.unit_id, actor=request.auth.actor, at=timezone.now())
    unit = people.get_unit(queries.owner_of(queries.get_indicator(code)))
    return {"code": code, "unit_id": unit.pk, "unit_name": unit.name}


@router.get(
    "/figures/dictionary", auth=READ, response={200: Dictionary, **declared(403)}, operation_id="getFigureDictionary"
)
def dictionary(request: CalledRequest) -> dict[str, Any]:
    """What is counted, and how each figure is reckoned from it today."""
    today = workdays.local_date(timezone.now())
    indicators = [
        (each, queries.formula_on(each, today)) for each in (*queries.list_indicators(), *queries.list_awaiting())
    ]
    return {
        "facts": [
            {"name": each.name, "words": str(each.words), "nature": each.nature, "of": each.of, "awaits": each.awaits}
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
                "owner_unit_id": queries.owner_of(each),
                "counted": queries.is_counted(formula.expression),
            }
            for each, formula in indicators
        ],
    }
