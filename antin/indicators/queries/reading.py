"""Reading figures: a value, all units at once, the trend, and the rows behind it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from antin.indicators import formulas
from antin.indicators.facts import CONTEST, COUNTED, FACTS, NAMES, UNIT
from antin.indicators.models import Closing, Contest, Contribution, Counter, Formula, Indicator, Reading
from antin.indicators.queries.contests import contested_of, titles_of
from antin.indicators.states import Because, Better, Claim, Nature, Status
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.refusal import NotFound

ONE_DAY = timedelta(days=1)
MONTHS = 12
BEGINNING = date(1990, 1, 1)
MOST = 1000
"""So many rows behind a figure are looked through for a page, the newest first; the sums know them all."""
SHOWN = 100
MOST_UNITS = 60
FEW = 10
"""A rate over so few rows says little; it is marked wherever units are compared."""

Sums = dict[str, int]


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


@dataclass(frozen=True)
class Behind:
    """A row behind a figure that the reader may see: what it is, where it leads, which facts it adds to and why not to others."""

    kind: str
    id: int
    title: str
    unit_name: str
    day: date
    counts: bool
    reasons: dict[str, str]
    contest: Contest | None = None
    amounts: Sums = field(default_factory=dict)
    """How much it adds to facts that are no counts: days, minutes."""

    @property
    def subject(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Rows:
    """The rows behind a figure: those shown, how many there are, and how many the reader may not see."""

    shown: list[Behind]
    whole: int
    hidden: int
    cut: int

    @property
    def newest(self) -> bool:
        """Whether there are more than were looked through."""
        return self.whole >= MOST


def reaches(indicator: Indicator, value: Fraction, aim: Fraction) -> bool:
    """Whether a value is as good as an aim, or better."""
    return value >= aim if indicator.better == Better.HIGHER else value <= aim


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


def formula_on(indicator: Indicator, on: date) -> Formula:
    """Return the formula that holds on a day, or the first one for days before it. :raises NotFound: it has none"""
    rows = Formula.objects.filter(indicator=indicator)
    found = rows.filter(valid_from__lte=on).order_by("-valid_from").first() or rows.order_by("valid_from").first()
    if found is None:
        raise NotFound()
    return found


def _within(since: date, until: date) -> list[Q]:
    """The counters of a period: whole months by their sums, the days before and after one by one; each a range of an index."""
    first = since if since.day == 1 else _next_month(since)
    last = _next_month(until) if (until + ONE_DAY).day == 1 else until.replace(day=1)
    if first >= last:
        return [Q(month=False, day__gte=since, day__lte=until)]
    ranges = [Q(month=True, day__gte=first, day__lt=last)]
    if since < first:
        ranges.append(Q(month=False, day__gte=since, day__lt=first))
    if last <= until:
        ranges.append(Q(month=False, day__gte=last, day__lte=until))
    return ranges


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _natures(names: Iterable[str]) -> tuple[list[str], list[str]]:
    flows = [name for name in names if FACTS[name].nature == Nature.FLOW]
    return flows, [name for name in names if FACTS[name].nature == Nature.STOCK]


def _period(names: Iterable[str], since: date, until: date) -> list[Q]:
    flows, stocks = _natures(sorted(set(names)))
    found = [Q(fact__in=flows) & each for each in _within(since, until)] if flows else []
    return found + ([Q(fact__in=stocks) & each for each in _within(BEGINNING, until)] if stocks else [])


def _ids(unit: Unit) -> list[int]:
    """A unit and everything below it, by number: the planner then knows how many they are."""
    return list(people.subtree(unit).values_list("pk", flat=True))


def _summed(unit: Unit, ranges: list[Q], *by: str) -> Iterable[tuple[Any, str, int]]:
    """Return the sums of counters in some ranges by something and fact: one question."""
    if not ranges:
        return []
    inside = Counter.objects.filter(unit__in=_ids(unit)).order_by()
    parts = [inside.filter(each).values_list(*by, "fact").annotate(n=Sum("amount")) for each in ranges]
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def sums_by_unit(unit: Unit, names: Iterable[str], since: date, until: date) -> dict[int, Sums]:
    """Return the sums of facts for each unit of a subtree by itself: one question, whatever the number of documents."""
    found: dict[int, Sums] = defaultdict(dict)
    for unit_id, fact, n in _summed(unit, _period(names, since, until), "unit_id"):
        found[unit_id][fact] = found[unit_id].get(fact, 0) + int(n)
    return found


def add_up(parts: Iterable[Sums]) -> Sums:
    """Return the sum of sums."""
    whole: Sums = defaultdict(int)
    for part in parts:
        for fact, n in part.items():
            whole[fact] += n
    return dict(whole)


def figure(indicator: Indicator, formula: Formula, sums: Sums) -> Figure:
    """Return a figure from the sums of its facts."""
    node = formulas.read(formula.expression, NAMES)
    used = {name: sums.get(name, 0) for name in formulas.names_in(formula.expression, NAMES)}
    base = sum(used.get(name, 0) for name in formulas.base_in(formula.expression, NAMES))
    return Figure(indicator, formula, formulas.reckon(node, used), used, base)


def get_figure(actor_unit: Unit, indicator: Indicator, since: date, until: date) -> Figure:
    """Return a figure of a unit with everything below it, for a period, as of its last day."""
    formula = formula_on(indicator, until)
    used = formulas.names_in(formula.expression, NAMES)
    return figure(indicator, formula, add_up(sums_by_unit(actor_unit, used, since, until).values()))


@dataclass(frozen=True)
class Basis:
    """What several views of the same period are reckoned from: the formulas of each figure, the sums of each unit."""

    versions: dict[int, list[Formula]]
    sums: dict[int, Sums]


def basis_of(unit: Unit, indicators: Iterable[Indicator], since: date, until: date) -> Basis:
    """Return the basis of some figures of a unit and everything below it: two questions."""
    versions = _versions(indicators)
    held = [_formula_of(rows, until) for rows in versions.values()]
    names = {name for each in held for name in formulas.names_in(each.expression, NAMES)}
    return Basis(versions, sums_by_unit(unit, names, since, until))


def list_by_unit(
    unit: Unit, whole: list[Figure], since: date, until: date, basis: Basis | None = None
) -> list[tuple[Unit, list[Figure]]]:
    """Return the same figures of each unit right below, with everything below it, as far as it has any. One question for sums."""
    names = sorted({name for each in whole for name in each.sums})
    sums = basis.sums if basis else sums_by_unit(unit, names, since, until)
    inside = people.list_units(list(sums))
    of_child: dict[int, list[Sums]] = defaultdict(list)
    for number, part in sums.items():
        below = inside[number].path.removeprefix(unit.path).split("/")[0]
        if below:
            of_child[int(below)].append(part)
    found = []
    for child in people.list_children(unit, until)[:MOST_UNITS]:
        if child.pk not in of_child:
            continue
        own = add_up(of_child[child.pk])
        figures = [figure(each.indicator, each.formula, own) for each in whole]
        if any(each.base for each in figures):
            found.append((child, figures))
    return found


def thought_of(indicator: Indicator, expression: str, target: Decimal | None, on: date) -> Formula:
    """Return a formula that nobody has published, and that is kept nowhere."""
    return Formula(indicator=indicator, expression=expression, target=target, version=0, valid_from=on)


@dataclass(frozen=True)
class Tried:
    """A figure of a unit as it is reckoned now, and as it would be."""

    unit: Unit
    now: Figure
    then: Figure


def trial(unit: Unit, wanted: Formula, since: date, until: date) -> list[Tried]:
    """Return what a formula that is only thought of makes of real rows: for a unit, and for each below it. One question.

    :raises BadFormula: :raises UnknownFact: :raises TooGreat: it cannot be read, or gives too great a number
    """
    indicator = wanted.indicator
    held = formula_on(indicator, until)
    names = {name for each in (wanted, held) for name in formulas.names_in(each.expression, NAMES)}
    sums = sums_by_unit(unit, names, since, until)
    inside = people.list_units(list(sums))

    def tried(each: Unit) -> Tried:
        own = add_up(part for number, part in sums.items() if inside[number].path.startswith(each.path))
        return Tried(each, figure(indicator, held, own), figure(indicator, wanted, own))

    found = [tried(each) for each in (unit, *people.list_children(unit, until))]
    return [found[0], *(each for each in found[1:] if each.now.base or each.then.base)]


def trend(unit: Unit, indicator: Indicator, until: date, months: int = MONTHS) -> list[tuple[date, Figure]]:
    """Return a figure for each of the last months, by the formula of each month's last day; the last one until today."""
    return list_trends(unit, [indicator], until, months)[indicator.pk]


def list_trends(
    unit: Unit, indicators: Iterable[Indicator], until: date, months: int = MONTHS, basis: Basis | None = None
) -> dict[int, list[tuple[date, Figure]]]:
    """Return some figures for each of the last months: two questions, however many figures, months or documents there are."""
    wanted = list(indicators)
    first, ends = until.replace(day=1), [until]
    for _n in range(months - 1):
        ends.append(first - ONE_DAY)
        first = (first - ONE_DAY).replace(day=1)
    ends.reverse()
    versions = basis.versions if basis else _versions(wanted)
    held = {(each.pk, end): _formula_of(versions[each.pk], end) for each in wanted for end in ends}
    names = {name for formula in held.values() for name in formulas.names_in(formula.expression, NAMES)}
    flows, stocks = _natures(names)
    this = until.replace(day=1)
    ranges = []
    if flows:
        ranges += [Q(fact__in=flows, month=True, day__gte=first, day__lt=this)]
        ranges += [Q(fact__in=flows, month=False, day__gte=this, day__lte=until)]
    if stocks:
        ranges += [Q(fact__in=stocks, month=True, day__gte=BEGINNING, day__lt=this)]
        ranges += [Q(fact__in=stocks, month=False, day__gte=this, day__lte=until)]
    by_month: dict[date, Sums] = defaultdict(dict)
    for day, fact, n in _summed(unit, ranges, "day"):
        own = by_month[day.replace(day=1)]
        own[fact] = own.get(fact, 0) + int(n)
    standing: Sums = defaultdict(int)
    before = sorted(month for month in by_month if month < first)
    for month in before:
        for fact, n in by_month[month].items():
            standing[fact] += n
    found: dict[int, list[tuple[date, Figure]]] = {each.pk: [] for each in wanted}
    for end in ends:
        own = by_month.get(end.replace(day=1), {})
        for fact in stocks:
            standing[fact] += own.get(fact, 0)
        sums = {**{fact: own.get(fact, 0) for fact in flows}, **{fact: standing[fact] for fact in stocks}}
        for each in wanted:
            found[each.pk].append((end, figure(each, held[each.pk, end], sums)))
    return found


def _versions(indicators: Iterable[Indicator]) -> dict[int, list[Formula]]:
    """Return the formulas of some figures, the first one first: one question."""
    found: dict[int, list[Formula]] = defaultdict(list)
    for formula in Formula.objects.filter(indicator__in=list(indicators)).order_by("valid_from"):
        found[formula.indicator_id].append(formula)
    return found


def _formula_of(versions: list[Formula], on: date) -> Formula:
    """:raises NotFound: there is none"""
    if not versions:
        raise NotFound()
    return next((each for each in reversed(versions) if each.valid_from <= on), versions[0])


def list_figures(
    unit: Unit, indicators: Iterable[Indicator], since: date, until: date, basis: Basis | None = None
) -> list[Figure]:
    """Return some figures of a unit with everything below it, for a period: two questions, or none where the basis is there."""
    wanted = list(indicators)
    basis = basis or basis_of(unit, wanted, since, until)
    sums = add_up(basis.sums.values())
    return [figure(each, _formula_of(basis.versions[each.pk], until), sums) for each in wanted]


def _agreed_missing() -> QuerySet[Contest, int]:
    return Contest.objects.filter(claim=Claim.MISSING, status=Status.AGREED).values_list("pk", flat=True)


def facts_of(formula: Formula) -> tuple[list[str], list[str]]:
    """Return the facts whose rows stand behind a formula, and the others: what is counted of them."""
    base = formulas.base_in(formula.expression, NAMES)
    return list(base), [name for name in formulas.names_in(formula.expression, NAMES) if name not in base]


def _base_rows(unit: Unit, formula: Formula, since: date, until: date) -> tuple[Q, list[str]]:
    base, counted = facts_of(formula)
    flows, stocks = _natures(base)
    inside = Q(unit__in=_ids(unit), amount__gt=0)
    inside &= ~Q(subject_kind=CONTEST) | Q(subject_id__in=_agreed_missing())
    held = Q(fact__in=flows, day__gte=since, day__lte=until)
    if stocks:
        held |= Q(fact__in=stocks, day__lte=until) & _still(until)
    return inside & held, counted


def _of(keys: Iterable[tuple[str, int]]) -> Q:
    """The rows of some things, found by kind and number."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for kind, number in keys:
        numbers[kind].append(number)
    found = Q(pk__in=[])
    for kind, of in numbers.items():
        found |= Q(subject_kind=kind, subject_id__in=of)
    return found


def _still(until: date) -> Q:
    """What began and has not ended by a day; what happens ends never."""
    ended = Contribution.objects.filter(
        subject_kind=OuterRef("subject_kind"),
        subject_id=OuterRef("subject_id"),
        fact=OuterRef("fact"),
        part=OuterRef("part") + 1,
        amount__lt=0,
        day__lte=until,
    )
    return ~Q(Exists(ended))


def list_rows(
    actor: Actor,
    unit: Unit,
    indicator: Indicator,
    since: date,
    until: date,
    *,
    formula: Formula | None = None,
    limit: int = SHOWN,
) -> Rows:
    """Return the very rows behind a figure that the actor may see, those that do not count first, and how many are hidden.

    `formula` is one that is only thought of (`trial`). The caller has checked that he may see the figure.
    """
    inside, counted = _base_rows(unit, formula or formula_on(indicator, until), since, until)
    behind = Contribution.objects.filter(inside).order_by("-day", "-subject_id")[:MOST]
    rows = list(behind)
    units = people.list_units([row.unit_id for row in rows])
    keys = {(row.subject_kind, row.subject_id) for row in rows}
    added: dict[tuple[str, int], set[str]] = defaultdict(set)
    standing = [name for name in counted if FACTS[name].nature == Nature.STOCK]
    others = Contribution.objects.filter(_of(keys), amount__gt=0, day__lte=until, fact__in=counted)
    amounts: dict[tuple[str, int], Sums] = defaultdict(dict)
    for kind, number, fact, n in others.filter(~Q(fact__in=standing) | _still(until)).values_list(
        "subject_kind", "subject_id", "fact", "amount"
    ):
        added[kind, number].add(fact)
        if FACTS[fact].quantity:
            amounts[kind, number][fact] = n
    measured = [name for name in counted if FACTS[name].quantity]
    counted = [name for name in counted if not FACTS[name].quantity]
    titles = titles_of(actor, keys)
    contested = contested_of(keys)
    shown = []
    for row in rows:
        key = (row.subject_kind, row.subject_id)
        if key not in titles:
            continue
        counts = not counted or all(name in added[key] for name in counted)
        reasons = {name: why for name, why in row.reasons.items() if name in counted}
        own = next((each for each in contested.get(key, []) if each.indicator_id == indicator.pk), None)
        for each in contested.get(key, []):
            if each.status == Status.AGREED and (each.claim == Claim.LEAVE_OUT or set(each.facts) & set(counted)):
                counts = each.claim == Claim.COUNTS
                reasons = {"": Because.CORRECTED.value}
                own = own or each
        shown.append(
            Behind(
                kind=row.subject_kind,
                id=row.subject_id,
                title=titles[key],
                unit_name=units[row.unit_id].name,
                day=row.day,
                counts=counts,
                reasons=reasons,
                contest=own,
                amounts={name: amounts[key].get(name, 0) for name in measured},
            )
        )
    shown.sort(key=lambda row: (row.counts, -sum(row.amounts.values())))
    return Rows(shown[:limit], len(rows), len(rows) - len(shown), max(0, len(shown) - limit))


def lines_of(unit: Unit, indicator: Indicator, since: date, until: date) -> list[str]:
    """Return every row that a figure is reckoned from, written down for its digest: fact, thing, unit, day, amount."""
    formula = formula_on(indicator, until)
    flows, stocks = _natures(formulas.names_in(formula.expression, NAMES))
    rows = Contribution.objects.filter(
        Q(fact__in=flows, day__gte=since, day__lte=until) | Q(fact__in=stocks, day__lte=until),
        unit__in=people.subtree(unit),
    ).values_list("fact", "subject_kind", "subject_id", "unit_id", "day", "amount")
    return sorted(f"{fact} {kind}:{number} U{owner} {day} {n:+d}" for fact, kind, number, owner, day, n in rows)


def digest_of(lines: list[str]) -> str:
    """Return the SHA-256 of rows, one a line."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def list_closings(indicator: Indicator, unit: Unit) -> list[Closing]:
    """Return the closed periods of a figure, the last one first."""
    return list(Closing.objects.filter(indicator=indicator, unit=unit).select_related("formula").order_by("-until"))


def compare(closing: Closing) -> tuple[list[str], list[str]]:
    """Return what a closed period has lost and gained since: two empty lists say that it is the same."""
    now = lines_of(closing.unit, closing.indicator, closing.since, closing.until)
    if digest_of(now) == closing.digest:
        return [], []
    then = set(closing.lines)
    return sorted(then - set(now)), sorted(set(now) - then)


def list_formulas(indicator: Indicator) -> list[Formula]:
    """Return every version of a formula, the newest first."""
    return list(Formula.objects.filter(indicator=indicator).order_by("-version"))


def find_reading() -> Reading | None:
    """Return how far the journal has been read into figures."""
    return Reading.objects.first()


def rolled_out(unit_ids: list[int]) -> set[int]:
    """Return those of some agencies that are known to be connected and to sign: nothing they do makes them more so."""
    rows = Contribution.objects.filter(subject_kind=UNIT, subject_id__in=unit_ids)
    connected, signing = (
        set(rows.filter(fact=fact).values_list("subject_id", flat=True))
        for fact in ("agencies_connected", "agencies_signing")
    )
    return connected & signing


def lacks(codes: set[str]) -> bool:
    """Whether some of these figures are not defined yet."""
    return bool(codes - set(Indicator.objects.values_list("code", flat=True)))


def as_decimal(value: Fraction | None) -> Decimal | None:
    """Return a value as it is printed: two decimals, half away from zero."""
    if value is None:
        return None
    cents = abs(value) * 100
    whole = (2 * cents.numerator + cents.denominator) // (2 * cents.denominator)
    return (Decimal(whole) / 100) * (-1 if value < 0 else 1)


def list_later_corrections(closing: Closing) -> list[Contest]:
    """Return the contests whose corrections came into the rows of a closed period after it was closed, or went out of them."""
    lost, gained = compare(closing)
    moved = {int(line.split()[1].partition(":")[2]) for line in (*lost, *gained) if f" {CONTEST}:" in line}
    return list(Contest.objects.filter(pk__in=moved).select_related("unit").order_by("id")) if moved else []


def indicators_of(facts: Iterable[str]) -> list[Indicator]:
    """Return the figures whose newest formula speaks of some facts: what a correction of them moves."""
    wanted, found = set(facts), []
    newest = {each.indicator_id: each for each in Formula.objects.order_by("version")}
    for indicator in list_indicators():
        formula = newest.get(indicator.pk)
        if formula and wanted & set(formulas.names_in(formula.expression, NAMES)):
            found.append(indicator)
    return found
