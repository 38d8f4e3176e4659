"""Figures as files: a chart as PNG, one figure or all of a unit as PDF, the tables behind them included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _

from antin.refusal import NotFound
from antin.typeset import board as sheets
from antin.typeset.board import Board, Part
from antin.web.clocks import exact
from antin.web.figures import charts
from antin.web.templatetags.parts import decimal

if TYPE_CHECKING:
    from antin.web.figures.charts import Chart
    from antin.web.figures.views import View


def picture(chart: Chart | None, name: str) -> HttpResponse:
    """One chart as PNG. :raises NotFound: there is nothing to draw"""
    if chart is None:
        raise NotFound()
    return _file(sheets.picture(chart.on_paper), f"{name}-{chart.name}.png", "image/png")


def figure(
    view: View,
    card: dict[str, Any],
    ranks: list[dict[str, Any]],
    drawn: Mapping[str, Chart],
    took: list[dict[str, Any]],
    at: datetime,
) -> HttpResponse:
    """One figure as PDF: value against target, months, units, how long things took."""
    units = [(_("Đơn vị"), _("Hạng"), _("Kết quả"), _("Từ"))]
    units += [
        (row["unit"].name, str(row["place"]) if row["place"] else _("ít"), _value(row["value"], card), row["of"])
        for row in ranks
    ]
    few = any(not row["place"] for row in ranks)
    parts = [
        Part(_("Kết quả"), _result(card)),
        Part(_("Theo tháng"), chart=_drawn(drawn, "months"), table=_months(card)),
    ]
    if ranks:
        words = _("Đơn vị ghi “ít” dựa trên quá ít dòng, không xếp hạng.") if few else ""
        parts.append(Part(_("Theo đơn vị"), words, _drawn(drawn, "units"), units))
    if took:
        waits = [(row["unit"].name, str(row["things"]), row["half"], row["most"]) for row in took]
        parts.append(Part(_("Mất bao lâu"), table=[(_("Đơn vị"), _("Văn bản"), *halves()), *waits]))
    return _printed(view, card["name"], parts, at, card["figure"].indicator.code)


def halves() -> tuple[str, str]:
    """The heads of the columns that say how long things took."""
    return _("Một nửa xong trong"), _("Chín phần mười xong trong")


def board(view: View, cards: list[dict[str, Any]], heat: list[dict[str, Any]], at: datetime) -> HttpResponse:
    """All figures of a unit as PDF: each with its months, then the units beside each other."""
    parts = []
    for card in cards:
        line = charts.months(card["trend"], card["aim"], card["measure"])
        parts.append(Part(card["name"], _result(card), line.on_paper if line else ""))
    aimed = [card for card in cards if card["aim"] is not None]
    for place in range(0, len(aimed), 4):
        some = range(place, min(place + 4, len(aimed)))
        head = [_("Đơn vị"), *(aimed[n]["name"] for n in some)]
        rows = [[row["unit"].short_name, *(_cell(row["cells"][n]) for n in some)] for row in heat]
        if rows:
            parts.append(Part(_("Theo đơn vị"), table=[head, *rows]))
    return _printed(view, _("Chỉ tiêu"), parts, at, "chi-tieu")


def _cell(cell: dict[str, Any]) -> str:
    if cell["value"] is None:
        return "–"
    return f"{decimal(cell['value'])} ({_('ít')})" if cell["few"] else str(decimal(cell["value"]))


def _months(card: dict[str, Any]) -> list[tuple[str, ...]]:
    head = (_("Tháng"), _("Kết quả"), _("Từ"))
    return [head, *((label, _value(value, card), of) for label, value, of in card["months"])]


def _value(value: float | None, card: dict[str, Any]) -> str:
    return "–" if value is None else f"{decimal(value)} {card['measure']}"


def _result(card: dict[str, Any]) -> str:
    told = [_value(card["value"], card), card["label"], card["words"], card["of"]]
    return "; ".join(words for words in told if words)


def _drawn(drawn: Mapping[str, Chart], name: str) -> str:
    return drawn[name].on_paper if name in drawn else ""


def _printed(view: View, title: str, parts: list[Part], at: datetime, name: str) -> HttpResponse:
    words = _("%(unit)s, từ %(since)s đến %(until)s") % {
        "unit": view.unit.name, "since": f"{view.since:%d/%m/%Y}", "until": f"{view.until:%d/%m/%Y}",
    }  # fmt: skip
    closing = _("Lấy từ nhật ký của hệ thống, in lúc %(moment)s.") % {"moment": exact(at)}
    pdf = sheets.lay_out(Board(title, words, parts, closing), at=at)
    return _file(pdf, f"{name}-{view.until:%Y-%m-%d}.pdf", "application/pdf")


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer
