"""A register book on paper: rows in, PDF/A out, with the columns of the law, a count at the foot of every page and a closing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from antin.typeset import press
from antin.typeset.characters import shown


@dataclass(frozen=True)
class Column:
    """One column: its heading, and its share of the width."""

    name: str
    weight: int


@dataclass(frozen=True)
class Book:
    """Everything the book says. A row with one cell only is a note across all columns (a void number)."""

    agency: str
    title: str
    about: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    page_count: str  # "Cộng trang này"
    running_count: str  # "cộng dồn"
    closing: Sequence[str]
    place: str
    signers: Sequence[str]


def lay_out(book: Book, *, at: datetime) -> bytes:
    """Print the book, dated `at`. :raises FontsMissing: `make setup` has not run"""
    data = asdict(book)
    for name in ("agency", "title", "about", "page_count", "running_count", "place"):
        data[name] = shown(data[name])
    data["columns"] = [{"name": shown(each.name), "weight": each.weight} for each in book.columns]
    data["rows"] = [[shown(cell) for cell in row] for row in book.rows]
    data["closing"] = [shown(line) for line in book.closing]
    data["signers"] = [shown(line) for line in book.signers]
    return press.run("book", {name.replace("_", "-"): value for name, value in data.items()}, at=at).pdf
