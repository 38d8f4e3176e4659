"""Two edits of one body brought together, passage by passage; pure.

A passage is a block of the text: a paragraph, an article, a table. What only one side changed is taken from that side; what both
changed alike is taken once; what both changed differently is a clash, and a person chooses. Nothing is decided by who came first:
with the sides exchanged the outcome is the same, its clashes exchanged.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from antin.typeset import body as bodies

Node = dict[str, Any]
MOST_PAIRS = 1_000_000
"""Pairs of equal passages that are compared; a text that repeats itself more is one clash instead."""


class Choice(StrEnum):
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"
    HAND = "hand"


class Source(StrEnum):
    """Where the passages of a piece come from."""

    KEPT = "kept"
    MINE = "mine"
    THEIRS = "theirs"
    AGREED = "agreed"
    CLASH = "clash"


@dataclass(frozen=True)
class Piece:
    """Passages that follow one another and come from one side. Of a clash all three states are told."""

    source: Source
    base: tuple[Node, ...]
    mine: tuple[Node, ...]
    theirs: tuple[Node, ...]

    @property
    def merged(self) -> tuple[Node, ...]:
        """What stands in the merged text; of a clash what stands in theirs until somebody has chosen."""
        return self.mine if self.source == Source.MINE else self.theirs


@dataclass(frozen=True)
class Merge:
    """A text in pieces."""

    pieces: tuple[Piece, ...]

    @property
    def clashes(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.source == Source.CLASH]


@dataclass(frozen=True)
class _Edit:
    """Base passages `start` to `end` became side passages `low` to `high`."""

    start: int
    end: int
    low: int
    high: int


def merge(base: Node | None, mine: Node, theirs: Node) -> Merge:
    """Bring two edits of a base together. Without a base what both have in common is taken for it, so that nothing goes."""
    if base is None:
        base = {"content": _in_common(mine["content"], theirs["content"])}
    texts = base["content"], mine["content"], theirs["content"]
    named = [[_name(block) for block in text] for text in texts]
    yours, others = _edits(named[0], named[1]), _edits(named[0], named[2])
    pieces: list[Piece] = []
    at = [0, 0, 0]  # how far base, mine and theirs are told

    def add(source: Source, ends: tuple[int, int, int]) -> None:
        found = [tuple(text[begin:end]) for text, begin, end in zip(texts, at, ends, strict=True)]
        if any(found):
            pieces.append(Piece(source, *found))
        at[:] = ends

    for left, right in _groups(yours, others):
        start = min(each.start for each in (*left, *right))
        same = start - at[0]
        add(Source.KEPT, (start, at[1] + same, at[2] + same))
        end = max(each.end for each in (*left, *right))
        low, high = at[1] + _grown(left, end - start), at[2] + _grown(right, end - start)
        if not right:
            source = Source.MINE
        elif not left:
            source = Source.THEIRS
        else:
            alike = named[1][at[1] : low] == named[2][at[2] : high]
            source = Source.AGREED if alike else Source.CLASH
        add(source, (end, low, high))
    add(Source.KEPT, (len(texts[0]), len(texts[1]), len(texts[2])))
    return Merge(tuple(pieces))


def resolve(found: Merge, choices: Sequence[tuple[Choice, str]]) -> Node:
    """The merged body, each clash as it was chosen; the words beside a choice are those written by hand.

    :raises BadBody: :raises CannotPrint: what was written by hand cannot be in a body
    """
    waiting = iter(choices)
    blocks: list[Node] = []
    for piece in found.pieces:
        blocks += piece.merged if piece.source != Source.CLASH else _chosen(piece, *next(waiting))
    return bodies.check({"type": "doc", "content": blocks})


def words_of(blocks: Sequence[Node]) -> list[str]:
    """Passages in words, without the numbers that their place in the whole gives them."""
    return [_words(block) for block in blocks]


def _chosen(piece: Piece, choice: Choice, words: str) -> list[Node]:
    if choice == Choice.HAND:
        return _by_hand(piece, words)
    if choice == Choice.BOTH:
        there = Counter(map(_name, piece.mine))
        return [*piece.mine, *(block for block in piece.theirs if not _taken(there, block))]
    return list(piece.mine if choice == Choice.MINE else piece.theirs)


def _taken(there: Counter[str], block: Node) -> bool:
    """Whether a passage stands there already; each stands for one."""
    name = _name(block)
    there[name] -= 1
    return there[name] >= 0


def _by_hand(piece: Piece, words: str) -> list[Node]:
    """Lines as passages: one that stands in either side is that passage, another takes the kind of the passage in its place."""
    known = {_words(block): block for block in (*piece.base, *piece.theirs, *piece.mine)}
    beside = piece.mine or piece.theirs or piece.base
    made: list[Node] = []
    for n, line in enumerate(line.strip() for line in words.splitlines() if line.strip()):
        kept = known.get(line)
        like = beside[min(n, len(beside) - 1)]
        kind = like if like["type"] in _LINES else {"type": "paragraph"}
        shape = {name: kind[name] for name in ("type", "attrs") if name in kind}
        made.append(kept or shape | {"content": [{"type": "text", "text": line}]})
    return made


_LINES = frozenset({"paragraph", "legalBasis", "heading", "article", "clause", "point", "appendix"})


def _words(node: Node) -> str:
    if node["type"] == "text":
        return str(node["text"])
    if node["type"] == "hardBreak":
        return " "
    glue = "" if node["type"] in _LINES else " · "
    return glue.join(filter(None, map(_words, node.get("content", ())))).strip()


def _name(block: Node) -> str:
    return json.dumps(block, sort_keys=True, ensure_ascii=False)


def _in_common(mine: Sequence[Node], theirs: Sequence[Node]) -> list[Node]:
    """What stands in both, in order. Taken from the sides in a fixed order, so that who asks makes no difference."""
    left, right = [_name(block) for block in mine], [_name(block) for block in theirs]
    names, others, blocks = (left, right, mine) if left <= right else (right, left, theirs)
    return [blocks[n] for a, _b, size in _matches(names, others) for n in range(a, a + size)]


def _matches(before: list[str], after: list[str]) -> list[tuple[int, int, int]]:
    """Runs of equal passages, ends trimmed first; a text too much alike to itself has no others."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    counted = Counter(new)
    found = [(0, 0, head)]
    if sum(counted[name] for name in old) <= MOST_PAIRS:
        runs = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        found += [(a + head, b + head, size) for a, b, size in runs]
    found.append((len(before) - tail, len(after) - tail, tail))
    return [run for run in found if run[2]]


def _edits(before: list[str], after: list[str]) -> list[_Edit]:
    """What was changed; as many passages as there were before are as many matters, one in the place of each."""
    edits, start, low = [], 0, 0
    for a, b, size in [*_matches(before, after), (len(before), len(after), 0)]:
        if a - start == b - low:
            edits += [_Edit(start + n, start + n + 1, low + n, low + n + 1) for n in range(a - start)]
        elif a > start or b > low:
            edits.append(_Edit(start, a, low, b))
        start, low = a + size, b + size
    return edits


def _touch(one: _Edit, other: _Edit) -> bool:
    """Whether two edits are about the same passages. One that only puts something in touches a change on either side of it."""
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def _groups(yours: list[_Edit], others: list[_Edit]) -> list[tuple[list[_Edit], list[_Edit]]]:
    """Edits of both sides in the order of the base, those about the same passages together."""
    both = sorted(
        [(each, 0) for each in yours] + [(each, 1) for each in others],
        key=lambda pair: (pair[0].start, pair[0].end, pair[1]),
    )
    groups: list[tuple[list[_Edit], list[_Edit]]] = []
    reach = _Edit(-1, -1, 0, 0)
    for edit, side in both:
        if groups and _touch(edit, reach):
            reach = _Edit(reach.start, max(reach.end, edit.end), 0, 0)
        else:
            groups.append(([], []))
            reach = edit
        groups[-1][side].append(edit)
    return groups


def _grown(edits: list[_Edit], span: int) -> int:
    """How many passages a side has where the base has `span`."""
    return span + sum((each.high - each.low) - (each.end - each.start) for each in edits)
