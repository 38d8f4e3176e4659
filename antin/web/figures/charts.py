"""Charts of figures, drawn by pygal as SVG on the server: for a page, where classes take the theme's colours, and for paper.

The library is read when the first chart is drawn, not when the process starts. What it draws holds geometry and classes; its style
sheet, script and comments are left out, so that a page's policy holds. On paper (`on_paper`) the colours stand inside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from antin.web.templatetags.parts import decimal

WIDE, LOW, ROW = 640, 220, 26
KEPT = 200
"""So many drawings a process keeps: the same values are drawn once, for the library takes as long as half a page."""
_NOT_OURS = re.compile(
    r"<!--.*?-->|<defs>.*?</defs>|<desc.*?</desc>|<title>[^<]*</title>"
    r'|<g transform="[^"]*" class="plot tooltip-overlay">.*?</g></g>'
    r'|<g class="titles"/>| class=""| rx="0" ry="0"| xmlns:xlink="[^"]*"| id="chart-[^"]*"',
    re.S,
)
_LONG = re.compile(r"(\d+\.\d)\d+")
PAPER = """
text { font-family: "Tinos", "Times New Roman", serif; font-size: 11px; fill: #333 }
.background { fill: none } .guide, .line { stroke: #ccc; stroke-width: .6; fill: none }
.axis.y text { text-anchor: end } .axis.x text { text-anchor: middle }
.serie-0 .line { stroke: #1C2736; stroke-width: 1.8 } .serie-0 circle { fill: #1C2736 }
.serie-1 .line { stroke: #7C4F06; stroke-width: 1; stroke-dasharray: 4 3 }
.bar rect { fill: #5B7FAE } .text-overlay text { fill: #000 }
"""

Point = tuple[str, float | None]


@dataclass(frozen=True)
class Chart:
    """A chart with what it shows in a sentence; the table behind it stands beside it."""

    name: str
    words: str
    svg: str

    @property
    def drawn(self) -> SafeString:
        """The chart as a part of a page."""
        opened = f'<svg class="chart" role="img" aria-label="{escape(self.words)}"'
        return mark_safe(self.svg.replace("<svg", opened, 1))  # noqa: S308 - drawn by the library, which escapes its words

    @property
    def on_paper(self) -> str:
        """The chart by itself, with its colours."""
        return self.svg.replace(">", f"><style>{PAPER}</style>", 1)


def months(points: Sequence[Point], aim: float | None, measure: str) -> Chart | None:
    """A figure by months against its target; None with fewer than two values."""
    return _months(tuple(points), aim, measure, get_language() or "")


def ranked(points: Sequence[tuple[str, float]], measure: str) -> Chart | None:
    """Units by their value, the first one on top; the values stand at the bars. None without any."""
    return _ranked(tuple(points), measure, get_language() or "")


@lru_cache(maxsize=KEPT)
def _months(points: tuple[Point, ...], aim: float | None, measure: str, language: str) -> Chart | None:
    known = [value for _label, value in points if value is not None]
    if len(known) < 2:
        return None
    import pygal

    every = [*known, aim] if aim is not None else known
    low, high = min(every), max(every)
    room = max((high - low) * 0.15, 1.0)
    bottom, top = max(0.0, low - room), high + room
    chart = pygal.Line(
        **_plain(), height=LOW, range=(bottom, min(top, 100.0) if measure == "%" and high <= 100 else top),
        allow_interruptions=True, dots_size=3, max_scale=6, min_scale=3,
    )  # fmt: skip
    chart.x_labels = [label for label, _value in points]
    chart.add("", [value for _label, value in points])
    if aim is not None:
        chart.add("", [aim] * len(points), show_dots=False)
    words = _("Diễn biến từ %(first)s đến %(last)s: %(a)s đến %(b)s") % {
        "first": points[0][0], "last": points[-1][0], "a": decimal(known[0]), "b": decimal(known[-1]),
    }  # fmt: skip
    return Chart("months", words, _clean(chart))


@lru_cache(maxsize=KEPT)
def _ranked(points: tuple[tuple[str, float], ...], measure: str, language: str) -> Chart | None:
    if not points:
        return None
    import pygal

    top = max(value for _label, value in points)
    chart = pygal.HorizontalBar(
        **_plain(), height=40 + ROW * len(points), print_values=True, show_x_labels=False, show_y_guides=False,
        range=(0, 100 if measure == "%" and top <= 100 else max(top, 1)), spacing=4,
    )  # fmt: skip
    rows = list(reversed(points))
    chart.x_labels = [label for label, _value in rows]
    chart.add("", [value for _label, value in rows])
    first, last = points[0], points[-1]
    words = _("Xếp theo giá trị, từ %(first)s (%(a)s) đến %(last)s (%(b)s)") % {
        "first": first[0], "a": decimal(first[1]), "last": last[0], "b": decimal(last[1]),
    }  # fmt: skip
    return Chart("units", words, _clean(chart))


def _plain() -> dict[str, Any]:
    return {
        "js": [], "css": [], "disable_xml_declaration": True, "explicit_size": False, "show_legend": False, "width": WIDE,
        "margin": 12, "value_formatter": lambda value: decimal(value) if value is not None else "", "truncate_label": 30,
    }  # fmt: skip


def _clean(chart: Any) -> str:
    return _LONG.sub(r"\1", _NOT_OURS.sub("", str(chart.render(is_unicode=True))))
