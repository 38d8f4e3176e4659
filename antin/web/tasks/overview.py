"""How the work below stands, for who leads: by unit, by programme, by deadline; and the rows behind every number."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from antin.documents import queries as documents
from antin.people import queries as people
from antin.programmes import queries as programmes
from antin.programmes.states import Status
from antin.refusal import refuse
from antin.tasks import overview, policy
from antin.tasks.overview import ALL_OPEN, AT_RISK, Sums, Wanted
from antin.tasks.states import OPEN, Cell, Mark, Until
from antin.web import clocks, sheets
from antin.web.session.middleware import SignedRequest
from antin.web.sheets import Table
from antin.web.tasks.looks import BAR, CELLS
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.people.actor import Actor
    from antin.people.models import Unit
    from antin.tasks.models import Assignment

MOST_PRESSING = 6
WORDS: dict[str, Any] = {
    ALL_OPEN: gettext_lazy("Đang làm"),
    AT_RISK: gettext_lazy("Có nguy cơ"),
    **{str(each.value): each.label for kind in (Cell, Until, Mark) for each in kind},
}
# What is counted of each unit; whether more of it is worse; whether it is left out where the window is narrow.
COLUMNS: tuple[tuple[str, bool, bool], ...] = (
    (ALL_OPEN, False, False),
    (Until.LONG_LATE, True, False),
    (Until.LATE, True, False),
    (AT_RISK, True, False),
    (Until.WEEK, False, True),
    (Until.MONTH, False, True),
    (Until.WAITS, False, True),
    (Until.UNDATED, False, True),
)


def _count(sums: Sums, key: str) -> int:
    if key == ALL_OPEN:
        return sums.open
    return sums.at_risk if key == AT_RISK else sums.untils[key]


def _asked(request: SignedRequest) -> Unit:
    """Read whose work is asked for: that of the actor's own unit, if nothing else is said."""
    number = request.GET.get("unit", "")
    unit = people.get_unit(int(number) if number.isdigit() and len(number) < 18 else request.actor.unit_id)
    refuse(policy.why_not_oversee(request.actor, unit))
    return unit


def _year(now: datetime) -> datetime:
    return datetime.combine(workdays.local_date(now).replace(month=1, day=1), time(), workdays.HERE)


def _address(unit: Unit, **more: str) -> str:
    return f"{reverse('overview-work')}?{urlencode({'unit': unit.pk, **more})}"


def _narrowed(key: str) -> dict[str, str]:
    """How the rows behind a column are asked for."""
    if key == ALL_OPEN:
        return {"cell": ALL_OPEN}
    return {"mark": key} if key == AT_RISK else {"until": key}


def _row(unit: Unit, sums: Sums, *, alone: bool, opens: bool) -> dict[str, Any]:
    more = {"alone": "1"} if alone else {}
    cells = [
        {
            "n": _count(sums, key),
            "of": sums.open,
            "href": _address(unit, **more, **_narrowed(key)),
            "words": f"{unit.short_name}, {str(WORDS[key]).lower()}",
            "warm": worse,
            "aside": aside,
        }
        for key, worse, aside in COLUMNS
    ]
    return {"unit": unit, "sums": sums, "cells": cells, "alone": alone, "opens": opens}


def _by_unit(unit: Unit, parts: dict[int, Sums], on: Any) -> list[dict[str, Any]]:
    """The units directly below, each with all that lies below it, the most late first; and what the unit itself has."""
    inside = people.list_units(list(parts))
    rows = []
    for child in people.list_children(unit, on):
        own = overview.add_up(sums for number, sums in parts.items() if inside[number].path.startswith(child.path))
        if own.whole:
            rows.append(_row(child, own, alone=False, opens=True))
    rows.sort(key=lambda row: (-row["sums"].late, -row["sums"].at_risk, -row["sums"].open))
    if unit.pk in parts:
        rows.append(_row(unit, parts[unit.pk], alone=True, opens=False))
    return rows


def shown(actor: Actor, rows: list[Assignment], now: datetime) -> list[dict[str, Any]]:
    """Rows of work as lists show them, each with the paper it came from where the actor may see that. Two questions."""
    papers = documents.list_visible(actor, sorted({row.document_id for row in rows if row.document_id}))
    units = people.list_units(sorted({row.in_unit_id for row in rows}))
    return [
        {
            "task": row,
            "unit": units[row.in_unit_id],
            "paper": papers.get(row.document_id or 0),
            "state": CELLS[row.cell],  # type: ignore[attr-defined]
            "clock": clocks.until(row.due_at, now) if row.status in OPEN and not row.handed_in_at else None,
        }
        for row in rows
    ]


def _crumbs(actor: Actor, unit: Unit) -> list[Unit]:
    return [each for each in people.list_ancestors(unit) if policy.why_not_oversee(actor, each) is None]


@require_GET
def page(request: SignedRequest) -> HttpResponse:
    """Show how the work of a branch of units stands."""
    request.place = reverse("tasks")
    unit, now = _asked(request), timezone.now()
    today, since = workdays.local_date(now), _year(now)
    parts = overview.sums_by_unit(unit, since, now)
    whole = overview.add_up(parts.values())
    rows = _by_unit(unit, parts, today)
    if request.GET.get("as") == "xlsx":
        head = [_("Đơn vị"), *(str(WORDS[key]) for key, *_rest in COLUMNS), *(str(cell.label) for cell in Cell)]
        lines = [
            [row["unit"].name, *(str(cell["n"]) for cell in row["cells"]), *(str(row["sums"].cells[c]) for c in Cell)]
            for row in rows
        ]
        return sheets.answer(f"toan-canh-{today:%Y-%m-%d}", Table(_("Toàn cảnh"), head, lines))
    pressing = overview.list_rows(request.actor, Wanted(unit, cell=ALL_OPEN), since, now, limit=MOST_PRESSING)
    plans = [each for each in programmes.list_programmes(request.actor, now) if each.version.status == Status.APPROVED]
    context = {
        "unit": unit,
        "crumbs": _crumbs(request.actor, unit),
        "now": now,
        "since": since,
        "whole": whole,
        "bar": [(tone, whole.cells[cell], str(cell.label).lower()) for cell, tone in BAR],
        "shares": [(tone, whole.cells[cell], str(cell.label).lower(), _address(unit, cell=cell)) for cell, tone in BAR],
        "columns": [(WORDS[key], aside) for key, _worse, aside in COLUMNS],
        "by_unit": rows,
        "pressing": shown(request.actor, pressing.rows, now),
        "plans": [
            {
                "programme": each.programme,
                "progress": each.progress,
                "bar": [(tone, each.progress.cells[cell], str(cell.label).lower()) for cell, tone in BAR],
            }
            for each in plans
        ],
        "marks": [
            (WORDS[key], n, _address(unit, mark=key))
            for key, n in (
                (AT_RISK, whole.at_risk),
                *((str(mark), whole.marks[mark]) for mark in Mark if mark != Mark.BEHIND),
            )
            if n
        ],
        "all_open": _address(unit, cell=ALL_OPEN),
        "xlsx": f"?as=xlsx&unit={unit.pk}",
    }
    return render(request, "tasks/overview.html", context)


@require_GET
def work(request: SignedRequest) -> HttpResponse:
    """Show the very rows behind a number of the overview that the actor may see."""
    request.place = reverse("tasks")
    unit, now = _asked(request), timezone.now()
    asked = {name: request.GET.get(name, "") for name in ("cell", "until", "mark")}
    wanted = Wanted(unit, alone=request.GET.get("alone") == "1", **asked)
    found = overview.list_rows(request.actor, wanted, _year(now), now)
    rows = shown(request.actor, found.rows, now)
    words = [str(WORDS[each]).lower() for each in asked.values() if each in WORDS]
    if request.GET.get("as") == "xlsx":
        head = [_("Việc"), _("Đơn vị"), _("Người nhận"), _("Hạn"), _("Tình trạng"), _("Văn bản")]
        lines = [
            [
                row["task"].directive.title,
                row["unit"].name,
                row["task"].holder_name,
                f"{row['task'].due_at.astimezone(workdays.HERE):%d/%m/%Y}" if row["task"].due_at else "",
                str(row["state"].words),
                row["paper"].code if row["paper"] else "",
            ]
            for row in rows
        ]
        return sheets.answer(f"viec-{workdays.local_date(now):%Y-%m-%d}", Table(_("Việc"), head, lines))
    context = {
        "unit": unit,
        "crumbs": [*_crumbs(request.actor, unit)],
        "words": ", ".join(words),
        "found": found,
        "rows": rows,
        "query": request.GET.urlencode(),
    }
    return render(request, "tasks/overview_work.html", context)
