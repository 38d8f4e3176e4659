"""The record of a verification on paper: words in, PDF/A out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from antin.typeset import press
from antin.typeset.characters import shown


@dataclass(frozen=True)
class Signed:
    """One signature: `verdict` is valid, undetermined or invalid; facts are (term, words)."""

    heading: str
    verdict: str
    say: str
    because: Sequence[str]
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Changed:
    """One thing that came afterwards."""

    safe: bool
    mark: str
    words: str


@dataclass(frozen=True)
class Record:
    """Everything the sheet says, in the reader's language."""

    title: str
    node: str
    verdict: str
    say: str
    meaning: str
    facts: Sequence[tuple[str, str]]
    signatures: Sequence[Signed]
    changes_heading: str
    changes: Sequence[Changed]
    closing: str


def lay_out(record: Record, *, at: datetime) -> bytes:
    """Print the record, dated `at`. :raises FontsMissing: `make setup` has not run"""
    data = asdict(record)
    data["changes-heading"] = data.pop("changes_heading")
    return press.run("verification", clean(data), at=at).pdf


def clean(value: Any) -> Any:
    """Data whose texts hold nothing that a sheet could take for its own."""
    match value:
        case str():
            return shown(value)
        case dict():
            return {key: clean(inner) for key, inner in value.items()}
        case list() | tuple():
            return [clean(inner) for inner in value]
    return value
