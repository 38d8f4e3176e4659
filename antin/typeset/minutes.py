"""Minutes that are signed on paper: words in, PDF/A out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from antin.typeset import press
from antin.typeset.record import clean


@dataclass(frozen=True)
class Minutes:
    """Everything the sheet says, in the reader's language; `rows` are a table under `columns`, `signers` (role, name)."""

    title: str
    about: str
    agency: str
    number: str
    nation: str
    motto: str
    place_and_day: str
    stamp: str
    facts: Sequence[tuple[str, str]]
    rows_heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    closing: Sequence[str]
    signers: Sequence[tuple[str, str]]


def lay_out(minutes: Minutes, *, at: datetime) -> bytes:
    """Print the minutes, dated `at`. :raises FontsMissing: `make setup` has not run"""
    data = {name.replace("_", "-"): value for name, value in asdict(minutes).items()}
    return press.run("minutes", clean(data), at=at).pdf
