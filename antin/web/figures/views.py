"""Figures of a unit and period; one figure with its rows; closing it; its formula; the same as XLSX."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from antin.indicators import formulas, operations, policy, queries
from antin.indicators.facts import CONTEST, DOCUMENT, FACTS, MACHINE, MINUTES, NAMES, TASK
from antin.indicators.states import Because, Better, Status
from antin.people import queries as people
from antin.refusal import refuse
from antin.web import asking, days, sheets, tones
from antin.web.days import DayField
from antin.web.figures import charts, paper
from antin.web.session.middleware import SignedRequest
from antin.web.sheets import Table
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from antin.indicators.models import Formula, Indicator
    from antin.people.models import Unit

MOST_TRIED = 50
ON_A_PHONE = 2
"""So many figures of each unit are compared where the window is narrow."""


@dataclass(frozen=True)
class View:
    """Whose figures, and of which period."""

    unit: Unit
    since: date
    until: date

    @cached_property
    def _period(self) -> str:
        return urlencode({"since": f"{self.since:%d/%m/%Y}", "until": f"{self.until:%d/%m/%Y}"})

    @cached_property
    def query(self) -> str:
        return self.query_of(self.unit)

    def query_of(self, unit: Unit) -> str:
        """The address of the same period of another unit."""
        return f"unit={unit.pk}&{self._period}"


def asked(request: SignedRequest) -> View:
    """Read whose figures are asked for: the actor's agency and the year so far, if nothing else is said."""
    today = workdays.local_date(timezone.now())
    number = request.GET.get("unit", "")
    unit = people.get_unit(int(number) if number.isdigit() and len(number) < 18 else request.actor.agency_id)
    refuse(policy.why_not_see(request.actor, unit))
    until = min(days.read(request.GET.get("until", "")) or today, today)
    since = days.read(request.GET.get("since", "")) or until.replace(month=1, day=1)
    return View(unit, min(since, until), until)


def _value(figure: queries.Figure) -> float | None:
    return None if figure.value is None else float(figure.value)


def _month_words(ends: Iterable[date]) -> list[str]:
    """Months as the ends of a line name them: T2 or Feb, a January with its year."""
    words = pgettext("month as a date format", "\\Tn")
    return [f"{end.month}/{end:%y}" if end.month == 1 else formats.date_format(end, words) for end in ends]


def _card(figure: queries.Figure, view: View, trend: list[queries.Figure], months: list[str]) -> dict[str, Any]:
    """A figure as its card shows it: value, target, whether it is met, and how its last months went."""
    value, target = _value(figure), figure.formula.target
    aim = float(target) if target is not None else None
    words, tone = _("chưa có số liệu") if value is None else _("không đặt chỉ tiêu"), ""
    measure = figure.indicator.measure
    if value is not None and aim is not None:
        gap = abs(round(value - aim, 1))
        met = bool(figure.met)
        lacks = _("chưa đạt, lệch %(gap)s điểm") if measure == "%" else _("chưa đạt, lệch %(gap)s")
        words = _("đạt") if met else lacks % {"gap": formats.number_format(gap, 0 if gap == int(gap) else 1)}
        tone = "ok" if met else "warn"
    lower = figure.indicator.better == Better.LOWER
    return {
        "figure": figure,
        "name": _(figure.indicator.name),
        "measure": measure if measure == "%" else _(measure),
        "value": value,
        "aim": aim,
        "bar": value if value is not None and measure == "%" else None,
        "words": words,
        "tone": tone,
        "sign": "check" if tone == "ok" else "warning" if tone == "warn" else "info",
        "label": (_("không quá %(aim)s %%") if lower else _("chỉ tiêu ≥ %(aim)s %%")) % {"aim": f"{aim:g}"}
        if aim
        else "",
        "trend": [(words, _value(each)) for words, each in zip(months, trend, strict=True)],
        "of": _counted(figure),
        "href": f"{reverse('figure', args=[figure.indicator.code])}?{view.query}",
    }


def _counted(figure: queries.Figure) -> str:
    """The numbers behind a rate: "12 408 trên 13 576"."""
    base = formulas.base_in(figure.formula.expression, NAMES)
    tops = [name for name in figure.sums if name not in base]
    if not tops or FACTS[tops[0]].quantity:
        return _("%(n)s dòng") % {"n": f"{figure.base:,}".replace(",", " ")}
    return _("%(n)d trên %(all)d dòng") % {"n": figure.sums[tops[0]], "all": figure.base}


def _heat(view: View, figures: list[queries.Figure], basis: queries.Basis) -> list[dict[str, Any]]:
    """A row for each unit below, the furthest from its targets first; all from the same sums."""
    rows = []
    heads = [(each.indicator.better == Better.LOWER, float(each.formula.target or 0)) for each in figures]
    ways = [reverse("figure", args=[each.indicator.code]) for each in figures]
    for unit, own in queries.list_by_unit(view.unit, figures, view.since, view.until, basis):
        cells, missed = [], 0.0
        below = view.query_of(unit)
        for place, each in enumerate(own):
            value, (lower, aim), few = _value(each), heads[place], each.few
            if value is not None and not few:
                missed += max(0.0, value - aim if lower else aim - value)
            href = f"{ways[place]}?{below}"
            aside = place >= ON_A_PHONE
            cells.append({"value": value, "aim": aim, "lower": lower, "few": few, "href": href, "aside": aside})
        rows.append({"unit": unit, "cells": cells, "missed": missed, "query": below})
    return sorted(rows, key=lambda row: -row["missed"])


def _ranks(view: View, figure: queries.Figure, basis: queries.Basis) -> list[dict[str, Any]]:
    """The units right below by their value, the best first; who rests on few rows has no place, and stands after the others."""
    rows: list[dict[str, Any]] = []
    for unit, [own] in queries.list_by_unit(view.unit, [figure], view.since, view.until, basis):
        value = _value(own)
        if value is not None:
            href = f"{reverse('figure', args=[own.indicator.code])}?{view.query_of(unit)}"
            rows.append(
                {"unit": unit, "value": value, "few": own.few, "of": _counted(own), "met": own.met, "href": href}
            )
    up = figure.indicator.better == Better.LOWER
    rows.sort(key=lambda row: (row["few"], row["value"] if up else -row["value"], row["unit"].name))
    for place, row in enumerate(rows, start=1):
        row["place"] = 0 if row["few"] else place
    return rows


LONG = 60 * 24


def _within(fact: str, bound: int | None) -> str:
    """Within how long, as it is read: "≤ 2 giờ", "trong ngày", "trên 60 ngày làm việc"."""
    bounds = FACTS[fact].bounds
    worked = bounds is not MINUTES
    if bound == 0:
        return _("trong ngày") if worked else _("dưới 1 phút")
    sign, n = ("≤", bound) if bound is not None else (">", bounds[-2])
    if worked:
        return ngettext("%(sign)s %(n)s ngày làm việc", "%(sign)s %(n)s ngày làm việc", n) % {"sign": sign, "n": n}
    if n < 60:
        return ngettext("%(sign)s %(n)s phút", "%(sign)s %(n)s phút", n) % {"sign": sign, "n": n}
    if n < LONG:
        return ngettext("%(sign)s %(n)s giờ", "%(sign)s %(n)s giờ", n // 60) % {"sign": sign, "n": n // 60}
    return ngettext("%(sign)s %(n)s ngày", "%(sign)s %(n)s ngày", n // LONG) % {"sign": sign, "n": n // LONG}


def _took(view: View, figure: queries.Figure, basis: queries.Basis) -> list[dict[str, Any]]:
    """How long things took, of the unit and of each right below; nothing for a figure that says nothing of time."""
    fact = queries.took_of(figure.formula)
    if not fact:
        return []
    whole, *below = queries.list_spreads(basis.held, fact, view.since, view.until)
    longer = FACTS[fact].bounds[-1]
    below.sort(key=lambda each: [-(longer if n is None else n) for n in (each[1].most, each[1].half)])
    return [
        {
            "unit": unit,
            "things": each.things,
            "half": _within(fact, each.half),
            "most": _within(fact, each.most),
            "few": each.few,
        }
        for unit, each in (whole, *below)
        if each.things
    ]


def _context(request: SignedRequest, view: View) -> dict[str, Any]:
    reading = queries.find_reading()
    return {
        "view": view,
        "crumbs": [
            unit
            for unit in people.list_ancestors(view.unit)
            if policy.why_not_see(request.actor, unit) is None and unit.pk != view.unit.pk
        ],
        "read_at": reading.read_at if reading else None,
        "query": view.query,
    }


@require_GET
def figures(request: SignedRequest) -> HttpResponse:
    """Show every figure of a unit against its target, and its units beside each other."""
    view = asked(request)
    indicators, awaiting = queries.list_defined()
    basis = queries.basis_of(view.unit, indicators, view.since, view.until)
    found = queries.list_figures(view.unit, indicators, view.since, view.until, basis)
    aimed = [each for each in found if each.met is not None]
    heat = _heat(view, [each for each in found if each.formula.target is not None], basis)
    if request.GET.get("as") == "xlsx":
        head = [_("Đơn vị"), *(_(each.indicator.name) for each in found)]
        below = queries.list_by_unit(view.unit, found, view.since, view.until, basis)
        rows = [[unit.name, *(_print(each) for each in own)] for unit, own in ((view.unit, found), *below)]
        return sheets.answer(f"chi-tieu-{view.until:%Y-%m-%d}", Table(_("Chỉ tiêu"), head, rows))
    ends = queries.ends_of(view.until)
    trends, months = queries.list_trends(view.unit, indicators, ends, basis), _month_words(ends)
    cards = [_card(each, view, trends[each.indicator.pk], months) for each in found]
    if request.GET.get("as") == "pdf":
        return paper.board(view, cards, heat, timezone.now())
    context = _context(request, view) | {
        "cards": cards,
        "met": sum(bool(each.met) for each in aimed),
        "aimed": len(aimed),
        "heat": heat,
        "heads": [card["name"] for card in cards if card["aim"] is not None],
        "few": queries.FEW,
        "awaiting": [_definition(each) for each in awaiting],
    }
    return render(request, "figures/figures.html", context)


def _definition(formula: Formula) -> dict[str, Any]:
    """A figure that nothing is counted for yet, as it is defined."""
    indicator = formula.indicator
    return {
        "name": _(indicator.name),
        "explains": _(indicator.explains),
        "href": reverse("figure", args=[indicator.code]),
    }


def _print(figure: queries.Figure) -> str:
    value = queries.as_decimal(figure.value)
    return "" if value is None else f"{value}"


@require_GET
def figure(request: SignedRequest, code: str) -> HttpResponse:
    """Show one figure with its formula, its months, and the very rows behind it that the actor may see."""
    view = asked(request)
    indicator = queries.get_indicator(code)
    basis = queries.basis_of(view.unit, [indicator], view.since, view.until)
    versions = basis.versions[indicator.pk]
    [found] = queries.list_figures(view.unit, [indicator], view.since, view.until, basis)
    rows = queries.list_rows(
        request.actor, view.unit, indicator, view.since, view.until, formula=found.formula, held=basis.held
    )
    if request.GET.get("as") == "xlsx":
        lines = [[row.title, row.unit_name, f"{row.day:%d/%m/%Y}", *_why(row)] for row in rows.shown]
        head = [_("Việc, văn bản"), _("Đơn vị"), _("Ngày"), _("Tính"), _("Vì sao")]
        tables = [Table(_("Chỉ tiêu"), head, lines)]
        if waits := _took(view, found, basis):
            told = [[row["unit"].name, str(row["things"]), row["half"], row["most"]] for row in waits]
            tables.append(Table(_("Mất bao lâu"), [_("Đơn vị"), _("Văn bản"), *paper.halves()], told))
        return sheets.answer(f"{code}-{view.until:%Y-%m-%d}", *tables)
    ends = queries.ends_of(view.until)
    trend = queries.list_trends(view.unit, [indicator], ends, basis)[indicator.pk]
    card = _card(found, view, trend, _month_words(ends))
    card["months"] = [(f"{end:%m/%Y}", _value(each), _counted(each)) for end, each in zip(ends, trend, strict=True)]
    line = charts.months(card["trend"], card["aim"], card["measure"])
    ranks = _ranks(view, found, basis)
    bars = charts.ranked([(row["unit"].short_name, row["value"]) for row in ranks if row["place"]], card["measure"])
    drawn = {each.name: each for each in (line, bars) if each is not None}
    if request.GET.get("as") == "png":
        return paper.picture(drawn.get(request.GET.get("chart", "")), f"{code}-{view.until:%Y-%m-%d}")
    if request.GET.get("as") == "pdf":
        return paper.figure(view, card, ranks, drawn, _took(view, found, basis), timezone.now())
    root = people.find_root()
    owner = people.get_unit(indicator.owner_unit_id) if indicator.owner_unit_id is not None else root
    context = _context(request, view) | {
        "card": card,
        "line": line,
        "bars": bars,
        "ranks": ranks,
        "few": queries.FEW,
        "indicator": indicator,
        "explains": _(indicator.explains),
        "source": _(indicator.source),
        "better": Better(indicator.better).label,
        "formulas": sorted(versions, key=lambda each: -each.version),
        "facts": [(FACTS[name], n) for name, n in found.sums.items()],
        "took": _took(view, found, basis),
        "rows": rows,
        "shown": _shown(request, view, rows, code),
        "counted": queries.is_counted(found.formula.expression),
        "contests": policy.why_not_contest(request.actor, view.unit) is None
        and not any(FACTS[name].quantity or FACTS[name].awaits for name in found.sums),
        "open_contests": queries.count_open_contests(view.unit, indicator),
        "owner": owner,
        "closings": _closings(request, view, indicator),
        "closes": policy.why_not_close(request.actor, view.unit) is None,
        "defines": policy.why_not_define(request.actor, root.pk if root else 0) is None,
    }
    return render(request, "figures/figure.html", context)


def _closings(request: SignedRequest, view: View, indicator: Indicator) -> list[dict[str, Any]]:
    """The closed periods of a figure, each reckoned again: those of few rows at once, a greater one when it is asked for."""
    wanted = request.GET.get("again", "")
    found = []
    for closing in queries.list_closings(indicator, view.unit):
        again = closing.rows <= queries.LIGHT or str(closing.pk) == wanted
        found.append({"closing": closing, "compared": queries.compare(closing) if again else None})
    return found


def _why(row: queries.Behind) -> tuple[str, str]:
    amounts = [f"{FACTS[name].words}: {n}" for name, n in row.amounts.items()]
    return (
        _("tính") if row.counts else _("không tính"),
        ", ".join([*amounts, *(str(Because(why).label) for why in row.reasons.values())]),
    )


def link_of(kind: str, number: int) -> str:
    """Where a row leads."""
    names = {DOCUMENT: "document", TASK: "task", CONTEST: "contest", MACHINE: "estate-thing"}
    return reverse(names[kind], args=[number]) if kind in names else ""


def _shown(request: SignedRequest, view: View, rows: queries.Rows, code: str) -> list[dict[str, Any]]:
    """The rows of a figure with what is said of each: whether it counts, why not, whether it is contested or may be."""
    may = policy.why_not_contest(request.actor, view.unit) is None
    found = []
    for row in rows.shown:
        said, why = _why(row)
        contest = row.contest
        state = tones.of(Status(contest.status)) if contest else None
        href = f"{reverse('figure-contest', args=[code])}?row={row.subject}&{view.query}"
        found.append(
            {
                "row": row,
                "href": link_of(row.kind, row.id),
                "said": said,
                "why": why,
                "contest": contest,
                "state": state,
                "to_contest": href if may and contest is None else "",
            }
        )
    return found


class CloseForm(forms.Form):
    since = DayField(label=gettext_lazy("Từ ngày"))
    until = DayField(label=gettext_lazy("Đến hết ngày"))


class FormulaForm(forms.Form):
    expression = forms.CharField(label=gettext_lazy("Công thức"), max_length=500)
    target = forms.DecimalField(label=gettext_lazy("Chỉ tiêu"), max_digits=8, decimal_places=2, required=False)
    valid_from = DayField(label=gettext_lazy("Có hiệu lực từ ngày"))
    reason = forms.CharField(label=gettext_lazy("Lý do, căn cứ"), max_length=500, required=False)
    only_try = forms.BooleanField(label=gettext_lazy("Chỉ xem thử trên dữ liệu thật, chưa ban hành"), required=False)


@require_http_methods(["GET", "POST"])
def close(request: SignedRequest, code: str) -> HttpResponse:
    """Close a past period of a figure."""
    view = asked(request)
    indicator = queries.get_indicator(code)
    refuse(policy.why_not_close(request.actor, view.unit))
    last = view.until.replace(day=1) - timedelta(days=1)
    first = {"since": last.replace(day=1), "until": last}
    back = f"{reverse('figure', args=[code])}?{view.query}"
    question = asking.Question(
        heading=_("Chốt kỳ: %(name)s") % {"name": _(indicator.name)},
        button=_("Chốt kỳ"),
        back=back,
        names=_(indicator.name),
        explains=_(
            "Giá trị và mã băm của danh sách từng dòng được giữ lại; về sau tính lại sẽ nói giống hay khác ở đâu."
        ),
    )

    def do(told: dict[str, Any]) -> str:
        operations.close(code=code, unit_id=view.unit.pk, **told, actor=request.actor, at=timezone.now())
        return _("Đã chốt kỳ.")

    return asking.ask(request, question, CloseForm(asking.sent(request), initial=first), do)


@require_http_methods(["GET", "POST"])
def formula(request: SignedRequest, code: str) -> HttpResponse:
    """Give a figure a new formula or target from a day on."""
    view = asked(request)
    indicator = queries.get_indicator(code)
    root = people.find_root()
    refuse(policy.why_not_define(request.actor, root.pk if root else 0))
    now = queries.formula_on(indicator, view.until)
    first = {"expression": now.expression, "target": now.target, "only_try": True} | {
        name: request.GET[name] for name in ("expression", "target") if name in request.GET
    }
    names = ", ".join(f"{fact.name} ({fact.words})" for fact in FACTS.values() if not fact.awaits)
    question = asking.Question(
        heading=_("Công thức: %(name)s") % {"name": _(indicator.name)},
        button=_("Tiếp tục"),
        back=f"{reverse('figure', args=[code])}?{view.query}",
        names=_(indicator.name),
        explains=_("Số liệu dùng được: %(names)s. Phép tính: + - * / ( ) min max.") % {"names": names},
    )

    def do(told: dict[str, Any]) -> str | HttpResponse:
        if told.pop("only_try"):
            return _tried(request, view, indicator, told["expression"], told["target"])
        operations.set_formula(code=code, **told, actor=request.actor, at=timezone.now())
        return _("Đã ban hành công thức.")

    return asking.ask(request, question, FormulaForm(asking.sent(request), initial=first), do)


def _tried(
    request: SignedRequest, view: View, indicator: Indicator, expression: str, target: Decimal | None
) -> HttpResponse:
    """Show what a formula would make of the real rows of this period, beside what the present one makes of them."""
    wanted = queries.thought_of(indicator, expression, target, view.until)
    tried = queries.trial(view.unit, wanted, view.since, view.until)
    rows = queries.list_rows(
        request.actor, view.unit, indicator, view.since, view.until, formula=wanted, limit=MOST_TRIED
    )
    context = _context(request, view) | {
        "indicator": indicator,
        "name": _(indicator.name),
        "expression": expression,
        "again": f"{reverse('figure-formula', args=[indicator.code])}?{view.query}&"
        + urlencode({"expression": expression, "target": "" if target is None else f"{target}"}),
        "tried": [
            {"unit": each.unit, "now": queries.as_decimal(each.now.value), "then": queries.as_decimal(each.then.value)}
            for each in tried
        ],
        "facts": [(FACTS[name], n) for name, n in tried[0].then.sums.items()],
        "rows": rows,
        "shown": _shown(request, view, rows, indicator.code),
    }
    return render(request, "figures/tried.html", context)
