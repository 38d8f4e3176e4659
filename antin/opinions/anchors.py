"""Where the words of a comment stand now in a text that was edited since: pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

AROUND = 80
LIKE = 0.6
"""So much of a passage must still be there for what stands in its place to be taken as the same passage."""


@dataclass(frozen=True)
class Anchor:
    """A passage: its words, what stood around them, and the line."""

    quote: str
    before: str = ""
    after: str = ""
    line: int = 0


@dataclass(frozen=True)
class Place:
    """Where a passage stands: line, from and to in characters; `whole` when its words are still the same."""

    line: int
    start: int
    end: int
    whole: bool = True


def lines_of(text: str) -> list[str]:
    """The lines of a text as comments count them."""
    return text.split("\n")


def take(lines: list[str], line: int, quote: str) -> Anchor | None:
    """Take an anchor for words on a line, or the nearest line that has them; None when no line has them."""
    quote = " ".join(quote.split())
    if not quote:
        return None
    for number in sorted(range(len(lines)), key=lambda n: (abs(n - line), n)):
        start = lines[number].find(quote)
        if start >= 0:
            end = start + len(quote)
            return Anchor(quote, lines[number][:start][-AROUND:], lines[number][end:][:AROUND], number)
    return None


def find(lines: list[str], anchor: Anchor) -> Place | None:
    """Find a passage in a text that may have been edited: its very words, where their surroundings are most alike and the line
    nearest; else what resembles it most; None when it is gone."""
    exact = [(number, start) for number, line in enumerate(lines) for start in _starts(line, anchor.quote)]
    if exact:
        number, start = max(exact, key=lambda at: (_alike(lines[at[0]], at[1], anchor), -abs(at[0] - anchor.line)))
        return Place(number, start, start + len(anchor.quote))
    return _nearest(lines, anchor)


def _starts(line: str, quote: str) -> list[int]:
    found, at = [], line.find(quote)
    while at >= 0:
        found.append(at)
        at = line.find(quote, at + 1)
    return found


def _alike(line: str, start: int, anchor: Anchor) -> int:
    """How many characters around a place are still those that were around the passage."""
    before, after = line[:start], line[start + len(anchor.quote) :]
    return _shared(before[::-1], anchor.before[::-1]) + _shared(after, anchor.after)


def _shared(one: str, other: str) -> int:
    n = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        n += 1
    return n


def _nearest(lines: list[str], anchor: Anchor) -> Place | None:
    best: tuple[float, int, Place] | None = None
    for number, line in enumerate(lines):
        matcher = difflib.SequenceMatcher(None, line, anchor.quote, autojunk=False)
        if matcher.real_quick_ratio() * max(len(line), len(anchor.quote)) == 0:
            continue
        blocks = [block for block in matcher.get_matching_blocks() if block.size > 2]
        kept = sum(block.size for block in blocks)
        if not blocks or kept < LIKE * len(anchor.quote):
            continue
        start, end = blocks[0].a, blocks[-1].a + blocks[-1].size
        if end - start > 3 * len(anchor.quote) + 20:
            continue
        found = (kept / len(anchor.quote), -abs(number - anchor.line), Place(number, start, end, whole=False))
        if best is None or found[:2] > best[:2]:
            best = found
    return best[2] if best else None
