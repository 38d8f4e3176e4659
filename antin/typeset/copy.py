"""Certified copies by Decree 30/2020/NĐ-CP, Appendix III: the block of form 3.1, and an extract in the form of its paper.

An electronic copy (form 3.2) has no block: the agency's signature says what it is, at the top right of page 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from antin.typeset import press
from antin.typeset.letter import PAGE_HEIGHT
from antin.typeset.record import clean


@dataclass(frozen=True)
class Block:
    """Boxes 1 to 7 of a copy on paper. `number` is blank until it has one; it is signed and stamped by hand."""

    form: str
    issuer: str
    number: str
    notation: str
    place_and_day: str
    recipients: Sequence[str]
    authority: Sequence[str]
    signer: str


@dataclass(frozen=True)
class Extract:
    """What is shown of the paper: what it says of itself, the chosen passages line by line, and who signed it."""

    parent: str
    issuer: str
    code: str
    place_and_day: str
    type_name: str
    subject: str
    passages: Sequence[Sequence[str]]
    authority: Sequence[str]
    signer: str


@dataclass(frozen=True)
class Set:
    """A printed sheet; where its block begins, in points from the top of its page, and how high it is (0 without one)."""

    pdf: bytes
    down: float
    height: float


def lay_out(
    *, title: str, author: str, extract: Extract | None = None, block: Block | None = None, at: datetime
) -> Set:
    """Print an extract, or a block that will be drawn under a text, or one with the other.

    :raises FontsMissing: `make setup` has not run
    """
    data: dict[str, Any] = {"title": title, "author": author, "extract": None, "block": None}
    for name, part in (("extract", extract), ("block", block)):
        if part is not None:
            data[name] = {key.replace("_", "-"): value for key, value in asdict(part).items()}
    printed = press.run("copy", clean(data), at=at)
    mark = next((each for each in printed.marks if each["name"] == "block"), None)
    return Set(printed.pdf, mark["y"], mark["height"]) if mark else Set(printed.pdf, PAGE_HEIGHT, 0)
