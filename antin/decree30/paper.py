"""A paper as both readers give it: pages, lines of words with their looks, and drawn rules; points from the bottom left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

MM = 72 / 25.4
T = TypeVar("T")


class NotJudged(Exception):
    """The paper cannot or must not be judged: `reason` is a key of `report.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Look:
    """What letters look like. `None`: the file does not tell. `size` in points as printed; `colour`: red, green, blue of 255."""

    family: str = ""
    size: float | None = None
    bold: bool | None = None
    italic: bool | None = None
    colour: tuple[int, int, int] = (0, 0, 0)
    underlined: bool = False


@dataclass(frozen=True)
class Word:
    """Letters without a gap. `x0`, `x1`: left and right edge; `y`: the baseline; `stamped`: laid over the page later.

    `sure`: how sure the reader is of the letters, 1 where the file itself says them.
    """

    text: str
    look: Look
    x0: float
    x1: float
    y: float
    stamped: bool = False
    glued: bool = False  # no space before it: the looks change inside a word
    sure: float = 1.0


@dataclass(frozen=True)
class Box:
    """A place: page from 1, points from the bottom left."""

    page: int
    left: float
    bottom: float
    right: float
    top: float

    def as_json(self) -> dict[str, float]:
        return {side: round(getattr(self, side), 1) for side in ("left", "bottom", "right", "top")}


@dataclass(frozen=True, eq=False)
class Line:
    """Words on one baseline, from left to right, without a wide gap between them.

    From a DOCX it is a whole paragraph on an imagined page, and what would be measured is told by `told`.
    """

    page: int
    words: tuple[Word, ...]
    told: Told | None = None

    @cached_property
    def text(self) -> str:
        parts: list[str] = []
        for word in self.words:
            parts += ["" if word.glued or not parts else " ", word.text]
        return "".join(parts)

    @cached_property
    def x0(self) -> float:
        return min(word.x0 for word in self.words)

    @cached_property
    def x1(self) -> float:
        return max(word.x1 for word in self.words)

    @property
    def y(self) -> float:
        return self.words[0].y

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def centre(self) -> float:
        return (self.x0 + self.x1) / 2

    @cached_property
    def size(self) -> float | None:
        """The size most letters have."""
        return most((word.look.size, len(word.text)) for word in self.printed)

    @cached_property
    def printed(self) -> tuple[Word, ...]:
        """The words that were not stamped later; all, if all were."""
        return tuple(word for word in self.words if not word.stamped) or self.words

    @property
    def stamped(self) -> bool:
        return all(word.stamped for word in self.words)

    @property
    def top(self) -> float:
        return self.y + 0.89 * (self.size or 13)

    @property
    def bottom(self) -> float:
        return self.y - 0.22 * (self.size or 13)

    @property
    def box(self) -> Box | None:
        return Box(self.page, self.x0, self.bottom, self.x1, self.top) if self.page and self.told is None else None

    def share(self, looked: str) -> float | None:
        """How much of the letters is bold (or italic), of those whose look is known. `None`: too little is known."""
        known = [
            (getattr(word.look, looked), sum(map(str.isalnum, word.text)))
            for word in self.printed
            if getattr(word.look, looked) is not None
        ]
        letters = sum(length for _value, length in known)
        if not letters or letters < 0.6 * sum(sum(map(str.isalnum, word.text)) for word in self.printed):
            return None
        return sum(length for value, length in known if value) / letters

    def part(self, words: Iterable[Word]) -> Line:
        return replace(self, words=tuple(words))


@dataclass(frozen=True)
class Told:
    """What a DOCX says of a paragraph. Lengths in points; `pitch` in lines (1.0 is single), or negative: exactly so many points."""

    number: int  # of the paragraph, from 1
    align: str = "left"
    indent: float = 0
    left: float = 0
    before: float = 0
    after: float = 0
    pitch: float = 1.0
    ruled: bool = False  # has a line under it
    table: int = 0  # of the table it stands in, from 1
    row: int = 0
    cell: int = 0
    cells: int = 0
    numbered: bool = False  # Word writes the number: it is not in the text


@dataclass(frozen=True)
class Stroke:
    """A drawn rule or one side of a frame."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def flat(self) -> bool:
        return self.y1 - self.y0 <= 4 and self.x1 - self.x0 >= 6

    @property
    def upright(self) -> bool:
        return self.x1 - self.x0 <= 4 and self.y1 - self.y0 >= 6


@dataclass(frozen=True)
class Page:
    number: int
    width: float
    height: float
    lines: tuple[Line, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    pictured: float = 0.0  # share of the page that one picture covers
    unseen: float = 0.0  # share of the letters that are invisible
    letters: int = 0

    @property
    def landscape(self) -> bool:
        return self.width > self.height


@dataclass(frozen=True)
class Margins:
    """In points; `None` what cannot be told."""

    top: float | None = None
    bottom: float | None = None
    left: float | None = None
    right: float | None = None


@dataclass(frozen=True)
class Paper:
    kind: str  # "pdf" or "docx"
    pages: tuple[Page, ...]
    page_count: int | None
    families: dict[str, int] = field(default_factory=dict)  # letters by font family
    margins: Margins | None = None  # told by a DOCX
    drawn: bool = True  # DOCX: has shapes, any of which may be a rule
    numbering: str | None = None  # DOCX: where the page number stands: "", "top", "bottom"…

    @property
    def lines(self) -> Iterator[Line]:
        for page in self.pages:
            yield from page.lines


def most(weighted: Iterable[tuple[T | None, float]]) -> T | None:
    """The value that weighs most; `None` is no value."""
    totals: dict[T, float] = {}
    for value, weight in weighted:
        if value is not None:
            totals[value] = totals.get(value, 0) + weight
    return max(totals, key=lambda value: totals[value]) if totals else None
