"""Figures on paper: a sheet of charts with the tables behind them, and one chart as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from antin.typeset import press
from antin.typeset.record import clean

PER_INCH = 144


@dataclass(frozen=True)
class Part:
    """One part of the sheet: words, a chart as SVG (or none), and a table whose first line is its head."""

    heading: str
    words: str = ""
    chart: str = ""
    table: Sequence[Sequence[str]] = field(default_factory=tuple)


@dataclass(frozen=True)
class Board:
    """Everything the sheet says, in the reader's language."""

    title: str
    words: str
    parts: Sequence[Part]
    closing: str


def lay_out(board: Board, *, at: datetime) -> bytes:
    """Print the sheet, dated `at`. :raises FontsMissing: `make setup` has not run"""
    told = clean(asdict(board))
    for part, own in zip(told["parts"], board.parts, strict=True):
        part["chart"] = own.chart
    return press.run("figures", told, at=at).pdf


def picture(chart: str) -> bytes:
    """Return a chart (SVG) as a PNG. :raises FontsMissing: `make setup` has not run"""
    return press.draw("chart", {"chart": chart}, per_inch=PER_INCH)
