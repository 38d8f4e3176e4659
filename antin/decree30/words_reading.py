"""Words recognised on a scan (docs/intake.md) into a `Paper`: sizes as measured, no weight or rules; a skew is taken out."""

from __future__ import annotations

import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from antin.decree30.facts import MIDDLE_OF_A4
from antin.decree30.paper import Look, Page, Paper, Word
from antin.decree30.pdf_reading import lines_of

BEST_KNOWN = 3
"""A line of so many words tells how far the page is askew."""


@dataclass(frozen=True)
class Read:
    """The paper, and by how much each page was turned back: rise for each point to the right."""

    paper: Paper
    skews: dict[int, float]


def read(pages: Sequence[dict[str, Any]]) -> Read:
    """Make the paper of what was recognised. Pages without words are left out; they keep their numbers."""
    made, skews = [], {}
    for page in pages:
        number = int(page["page"])
        skews[number] = _skew(page["words"])
        words = [_word(each, skews[number]) for each in page["words"]]
        lines = tuple(lines_of(number, words))
        letters = sum(len(word.text) for word in words)
        made.append(Page(number, page["width"], page["height"], lines, (), 1.0, 1.0, letters))
    return Read(Paper("pdf", tuple(made), len(made)), skews)


def _word(told: list[Any], skew: float) -> Word:
    text, left, _bottom, right, _top, base, size, sure, _line = told
    level = base - skew * ((left + right) / 2 - MIDDLE_OF_A4)
    return Word(unicodedata.normalize("NFC", text), Look(size=size or None), left, right, level, sure=sure)


def _skew(words: list[list[Any]]) -> float:
    """How much a line rises for each point to the right, as most long lines have it."""
    lines: dict[int, list[list[Any]]] = {}
    for word in words:
        lines.setdefault(word[8], []).append(word)
    slopes = [
        (line[-1][5] - line[0][5]) / (line[-1][1] - line[0][1])
        for line in lines.values()
        if len(line) >= BEST_KNOWN and line[-1][1] - line[0][1] > 80
    ]
    return statistics.median(slopes) if slopes else 0.0
