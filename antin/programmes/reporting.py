"""The figures of a period report, read from the rooms as they stood on the last evening; read again for one that is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from antin.indicators import queries as indicators
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.programmes import queries
from antin.programmes.account import SUMS, Account
from antin.programmes.models import PeriodReport, Programme
from antin.programmes.states import Span
from antin.tasks import queries as tasks
from antin.tasks import terms
from antin.tasks.models import Report, Spell
from antin.tasks.states import OPEN, Cell, Mark, Role
from antin.tasks.states import Status as Work
from antin.tasks.terms import Standing
from antin.workdays import queries as workdays

MOST_NAMED, MOST_SAID = 60, 20
SAID = ("obstacle", "proposal")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Named:
    """Which rows a report names, by their ids; `unnamed` is how many it does not: classified, or not its maker's to see."""

    late: list[int] = field(default_factory=list)
    risky: list[int] = field(default_factory=list)
    next: list[int] = field(default_factory=list)
    said: list[int] = field(default_factory=list)
    unnamed: int = 0


def span_of(since: date, until: date) -> Span:
    """Return whether two days bound a month, a quarter, a year, or just some days."""
    whole = since.day == 1 and (until + ONE_DAY).day == 1
    months = (until.year - since.year) * 12 + until.month - since.month + 1
    if whole and months == 1:
        return Span.MONTH
    if whole and months == 3 and since.month in (1, 4, 7, 10):
        return Span.QUARTER
    return Span.YEAR if whole and months == 12 and since.month == 1 else Span.DAYS


def last_quarter(today: date) -> tuple[date, date]:
    """Return the first and the last day of the quarter that ended last."""
    until = today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1) - ONE_DAY
    return until.replace(month=until.month - 2, day=1), until


def _evening(day: date) -> datetime:
    return datetime.combine(day, time.max, workdays.HERE)


def _alive(moment: datetime) -> QuerySet[Spell]:
    """How work stood at a moment, without what was given for information."""
    rows = Spell.objects.filter(since_at__lte=moment).filter(Q(until_at=None) | Q(until_at__gt=moment))
    return rows.exclude(role=Role.INFORM).select_related("assignment__directive__document", "in_unit")


def _standing(spell: Spell) -> Standing:
    return Standing(
        role=spell.role,
        status=spell.status,
        given_at=spell.assignment.made_at,
        due_at=spell.due_at,
        handed_in_at=spell.handed_in_at,
        paused_at=spell.paused_at,
        percent=spell.percent,
        risk="x" if spell.said_at_risk else "",
    )


def choose(actor: Actor, unit: Unit, since: date, until: date) -> Named:
    """Return which rows a report of a period would name: of the open work that leads what is late, at risk, or due in a period of
    the same length that follows; and what was said of obstacles and proposals. Only what its maker may see, and nothing classified.
    """
    evening = _evening(until)
    horizon = _evening(until + (until - since) + ONE_DAY)
    soon = terms.soon_until(evening, workdays.calendar())
    late, risky, following = [], [], []
    rows = _alive(evening).filter(in_unit__in=people.subtree(unit), role=Role.LEAD, status__in=OPEN)
    for spell in rows.order_by("due_at", "assignment_id"):
        stood = _standing(spell)
        if terms.cell(stood, evening) == Cell.OPEN_LATE:
            late.append(spell)
        elif terms.marks(stood, evening, soon) & {Mark.SAID_AT_RISK, Mark.BEHIND}:
            risky.append(spell)
        if spell.due_at is not None and evening < spell.due_at <= horizon:
            following.append(spell)
    spoken = (
        Report.objects.filter(kind__in=SAID, at__gte=datetime.combine(since, time(), workdays.HERE), at__lte=evening)
        .filter(assignment__in_unit__in=people.subtree(unit))
        .select_related("assignment__document")
        .order_by("at", "id")
    )
    said = list(spoken)
    works = [*(spell.assignment for spell in (*late, *risky, *following)), *(each.assignment for each in said)]
    concerned = {work.pk: work for work in works}
    seen = set(tasks.list_visible(actor, list(concerned)))
    named = {n for n, work in concerned.items() if n in seen and not (work.document and work.document.secrecy)}
    following.sort(key=lambda spell: (-spell.assignment.directive.priority, spell.due_at, spell.assignment_id))

    def ids(spells: list[Spell]) -> list[int]:
        return [spell.assignment_id for spell in spells if spell.assignment_id in named][:MOST_NAMED]

    return Named(
        late=ids(late),
        risky=ids(risky),
        next=ids(following),
        said=[each.pk for each in said if each.assignment_id in named and each.words][:MOST_SAID],
        unnamed=sum(spell.assignment_id not in named for spell in (*late, *risky)),
    )


def account_of(
    unit: Unit, programme: Programme | None, since: date, until: date, named: Named, *, codes: list[str] | None = None
) -> Account:
    """Return the figures of a unit and everything below it for a period, as of the evening of its last day.

    `codes` are the figures that a kept report names; a new one names all that there are.
    """
    known = indicators.list_indicators()
    wanted = known if codes is None else [each for each in known if each.code in set(codes)]
    names = [fact for fact, _words in SUMS]
    sums = indicators.sums_by_unit(unit, names, since, until)
    inside = people.list_units(list(sums))
    units = []
    for child in people.list_children(unit, until):
        own = indicators.add_up(part for number, part in sums.items() if inside[number].path.startswith(child.path))
        if any(own.values()):
            units.append({"id": child.pk, "name": child.name, "sums": own})
    return {
        "kind": span_of(since, until).value,
        "since": f"{since:%Y-%m-%d}",
        "until": f"{until:%Y-%m-%d}",
        "unit": {"id": unit.pk, "name": unit.name},
        "programme": {"id": programme.pk, "title": programme.title} if programme else None,
        "sums": indicators.add_up(sums.values()),
        "units": units,
        "figures": [_figure(each) for each in indicators.list_figures(unit, wanted, since, until)],
        "parts": _parts(programme, _evening(until)) if programme else [],
        **{kind: _rows(getattr(named, kind), _evening(until)) for kind in ("late", "risky", "next")},
        "said": [
            {"id": each.pk, "kind": each.kind, "words": each.words, "unit": each.assignment.in_unit.name}
            for each in Report.objects.filter(pk__in=named.said)
            .select_related("assignment__in_unit")
            .order_by("at", "id")
        ],
        "unnamed": named.unnamed,
    }


def _figure(figure: indicators.Figure) -> dict[str, Any]:
    indicator, value = figure.indicator, indicators.as_decimal(figure.value)
    return {
        "code": indicator.code,
        "name": indicator.name,
        "measure": indicator.measure,
        "better": indicator.better,
        "version": figure.formula.version,
        "value": None if value is None else f"{value}",
        "target": None if figure.formula.target is None else f"{figure.formula.target.normalize():f}",
        "met": figure.met,
        "sums": figure.sums,
    }


def _parts(programme: Programme, evening: datetime) -> list[dict[str, Any]]:
    told = queries.content_of(queries.find_in_force(programme.pk))
    rows = _alive(evening).filter(assignment__directive__entrusted__programme=programme, role=Role.LEAD)
    found = {part.key: {"key": part.key, "title": part.title, "whole": 0, "done": 0, "late": 0} for part in told.parts}
    for spell in rows.exclude(status__in=(Work.CANCELLED, Work.NOTED)).select_related(
        "assignment__directive__entrusted"
    ):
        part: Any = found.get(spell.assignment.directive.entrusted.part)
        if part is None:
            continue
        cell = terms.cell(_standing(spell), evening)
        part["whole"] += 1
        part["done"] += cell in (Cell.DONE_IN_TIME, Cell.DONE_LATE)
        part["late"] += cell == Cell.OPEN_LATE
    return list(found.values())


def _rows(ids: Iterable[int], evening: datetime) -> list[dict[str, Any]]:
    wanted = list(ids)
    spells = {spell.assignment_id: spell for spell in _alive(evening).filter(assignment__in=wanted)}
    found = []
    for number in wanted:
        spell = spells.get(number)
        if spell is None:
            continue
        cell = terms.cell(_standing(spell), evening)
        found.append(
            {
                "id": number,
                "title": spell.assignment.directive.title,
                "unit": spell.in_unit.name,
                "cell": cell.value if cell else "",
                "due": f"{workdays.local_date(spell.due_at):%Y-%m-%d}" if spell.due_at else "",
                "percent": spell.percent,
            }
        )
    return found


def reckon_again(report: PeriodReport) -> Account:
    """Return the figures of a kept report as the rooms give them now, for the very rows that it names."""
    kept = report.account
    named = Named(
        **{kind: [row["id"] for row in kept[kind]] for kind in ("late", "risky", "next", "said")},
        unnamed=kept["unnamed"],
    )
    codes = [each["code"] for each in kept["figures"]]
    return account_of(report.unit, report.programme, report.since, report.until, named, codes=codes)
