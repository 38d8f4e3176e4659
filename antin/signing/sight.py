"""Pages as they are seen, before and after: does what was drawn later hide what could be read, or write what was not there?

A page is drawn twice, half as large again as on paper (one pixel and a half a point), and compared. Ink is what is not paper. It is
hidden when paper is seen in its place, or when it cannot be told from what lies around it any more. A seal of thin lines over a
name hides nothing, nor does a number over the dots that kept its place; a box of paper colour over an amount does, or over one
digit of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol

from PIL import Image, ImageChops, ImageFilter


class Draw(Protocol):
    """Draws a page (from 1) of a PDF as an image of that width in pixels, with or without its notes and fields: `files.pdf.grey`,
    or the same through the workshop."""

    def __call__(self, pdf: bytes, page: int, width: int, notes: bool = True, /) -> bytes: ...


Box = tuple[float, float, float, float]

WIDTH = 930
CELL = 18
PAPER, DARK = 205, 150
CHANGE, FADED, FAINT = 45, 70, 20
FEW = 4
"""Pixels of ink that say something."""
MOST_LOST = 40_000
"""Runs of lost pixels: where there are more, no look at each is needed."""
DOT, MARK, ROW = 4, 5, 12
"""In pixels: how large a dot of a placeholder is, how high a line that marks words is, and how wide either must be altogether."""
ICON = 60
"""Pixels: how large the icon of a note is at most."""


def seen(pdf: bytes, page: int, draw: Draw, *, notes: bool = True) -> Image.Image:
    """Return a page in shades of grey. Whatever the drawing raises, it raises."""
    with Image.open(BytesIO(draw(pdf, page, WIDTH, notes))) as drawn:
        return drawn.convert("L")


def differs(before: Image.Image, after: Image.Image) -> bool:
    """Whether a person would see a difference."""
    if before.size != after.size:
        return True
    strong = ImageChops.difference(before, after).point(lambda each: 255 if each > CHANGE else 0)
    return _count(strong) > FEW


def hides(before: Image.Image, after: Image.Image) -> bool:
    """Whether something that could be read before cannot be read now."""
    if before.size != after.size:
        return True
    if not differs(before, after):
        return False
    touched = _above(ImageChops.difference(before, after), FAINT).getbbox() or (0, 0, *before.size)
    part = Spot(*touched, count=0).around(2 * CELL, before)
    before, after = before.crop(part), after.crop(part)
    return _is_lost(before, after) or _is_darkened(before, after)


def _is_lost(before: Image.Image, after: Image.Image) -> bool:
    """Whether paper is seen where ink was, in more than slivers and dots that kept a place."""
    ink = _below(before, PAPER)
    lighter = ImageChops.subtract(after, before)
    gone = ImageChops.multiply(_above(lighter, CHANGE), _above(after, PAPER - 1))
    faded = ImageChops.multiply(_above(lighter, FADED), _above(after, DARK - FAINT))
    lost = ImageChops.multiply(ink, ImageChops.lighter(gone, faded))
    spots = _spots(lost)
    if spots is None:
        return True
    found = [spot for spot in spots if spot.count * 2 >= _count(ink.crop(spot.around(3, ink)))]
    if sum(spot.count for spot in found) < FEW:
        return False
    return any(spot.count >= 2 and not kept for spot, kept in zip(found, _are_placeholders(found), strict=True))


def _are_placeholders(spots: list[Spot]) -> list[bool]:
    """Which of them are the dots or the line that keep a place for a number or a date: in a row, and nothing else in it."""
    found = []
    for spot in spots:
        if spot.height <= DOT and spot.width >= ROW * 2:
            found.append(True)
            continue
        row = [other for other in spots if abs(other.bottom - spot.bottom) <= 2 and _is_dot(other)]
        near = [other for other in row if abs(other.left - spot.left) <= 20 * DOT]
        found.append(_is_dot(spot) and len(near) >= 4)
    return found


def _is_dot(spot: Spot) -> bool:
    return spot.width <= DOT and spot.height <= DOT


def _is_darkened(before: Image.Image, after: Image.Image) -> bool:
    """Whether the paper between the letters went as dark as they are."""
    ink, dark = _below(before, DARK), _below(after, DARK)
    around = ImageChops.subtract(ink.filter(ImageFilter.MaxFilter(5)), ink)
    darker = ImageChops.subtract(before, after).point(lambda each: 255 if each > CHANGE + FAINT else 0)
    covered = ImageChops.multiply(around, darker)
    cells = zip(*(image.reduce(CELL).tobytes() for image in (ink, around, covered)), strict=True)
    enough = FEW * 255 / (CELL * CELL)
    if sum(inked >= enough and paper > 0 and gone * 10 > paper * 8 for inked, paper, gone in cells) >= 2:
        return True
    spots = _spots(ImageChops.multiply(darker, dark))
    return spots is None or any(
        min(spot.width, spot.height) >= 2 * DOT
        and _count(ink.crop(spot.box)) >= FEW
        and (spot.count + _count(ink.crop(spot.box))) * 10 >= spot.width * spot.height * 8
        and not _can_be_told(ink.crop(spot.box), after.crop(spot.box))
        for spot in spots
    )


def _can_be_told(ink: Image.Image, after: Image.Image) -> bool:
    """Whether old ink still looks other than what lies between it."""
    within = [shade for shade, inked in zip(after.tobytes(), ink.tobytes(), strict=True) if inked]
    between = [shade for shade, inked in zip(after.tobytes(), ink.tobytes(), strict=True) if not inked]
    return bool(within and between) and abs(sum(within) / len(within) - sum(between) / len(between)) > FAINT


def writes(before: Image.Image, after: Image.Image, box: Box, height: float, *, lying: bool = False) -> bool:
    """Whether something in that place (points) reads like writing: more than lines that mark words, or a frame around the place.

    `lying` where the lines of the page run up or down as it is shown.
    """
    part = _pixels(box, height, before)
    if part is None or before.size != after.size:
        return differs(before, after)
    before, after = before.crop(part), after.crop(part)
    fresh = ImageChops.multiply(_above(ImageChops.subtract(before, after), CHANGE), _below(after, PAPER - 20))
    if lying:
        fresh = fresh.transpose(Image.Transpose.ROTATE_90)
    spots = _spots(fresh)
    if spots is None:
        return True
    wide = fresh.width
    letters = [
        spot
        for spot in spots
        if spot.count >= 2
        and spot.height > MARK
        and not (spot.width * 10 >= wide * 8 and spot.count * 5 <= spot.width * spot.height)
    ]
    small = [spot for spot in spots if spot.height <= MARK]
    lonely = [
        spot
        for spot in small
        if spot.count >= FEW and sum(other.width for other in small if abs(other.bottom - spot.bottom) <= MARK) < ROW
    ]
    return bool(letters or lonely)


def is_icon(before: Image.Image, after: Image.Image, box: Box, height: float) -> bool:
    """Whether a picture that small is the icon of a note: a sheet that fills its place, or one that stands alone in the margin."""
    part = _pixels(box, height, before)
    if part is None or before.size != after.size:
        return False
    left, top, right, bottom = part
    if not (ROW <= right - left <= ICON and ROW <= bottom - top <= ICON):
        return False
    shaded = _above(ImageChops.difference(before.crop(part), after.crop(part)), FAINT)
    if _count(shaded) * 2 >= (right - left) * (bottom - top):
        return True
    reach = (max(left - ICON, 0), top, min(right + ICON, before.width), bottom)
    return _count(_below(before.crop(reach), PAPER)) < FEW


def is_longer_than(before: Image.Image, after: Image.Image, box: Box, height: float, letters: int) -> bool:
    """Whether what was written there takes more room than so many letters of a page do."""
    part = _pixels(box, height, before)
    if part is None or before.size != after.size:
        return differs(before, after)
    found = _above(ImageChops.subtract(before.crop(part), after.crop(part)), CHANGE).getbbox()
    scale = before.height / height
    return found is not None and (found[2] - found[0] > (letters * 10 + 6) * scale or found[3] - found[1] > 24 * scale)


def is_inked(image: Image.Image, box: Box, height: float) -> bool:
    """Whether something can be read in that place (points)."""
    part = _pixels(box, height, image)
    return part is None or _count(_below(image.crop(part), PAPER)) > FEW * 4


def without_notes(page: Image.Image, bare: Image.Image, places: Sequence[Box], height: float) -> Image.Image:
    """The page with those places as they are below their notes and fields: what a seal may cover is not what it covers with it."""
    page = page.copy()
    for box in places:
        part = _pixels(box, height, page)
        if part is not None and bare.size == page.size:
            page.paste(bare.crop(part), part)
    return page


# Pixels


@dataclass(frozen=True)
class Spot:
    """Pixels that hang together: their edges and how many there are."""

    left: int
    top: int
    right: int
    bottom: int
    count: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.right, self.bottom

    def around(self, more: int, image: Image.Image) -> tuple[int, int, int, int]:
        """Its edges and so many pixels around."""
        return (
            max(self.left - more, 0),
            max(self.top - more, 0),
            min(self.right + more, image.width),
            min(self.bottom + more, image.height),
        )


SET = re.compile(rb"\xff+")


def _spots(mask: Image.Image) -> list[Spot] | None:
    """The spots of a mask; None where there are too many to look at."""
    frame = mask.getbbox()
    if frame is None:
        return []
    across, down, wide = frame[0], frame[1], frame[2] - frame[0]
    data = mask.crop(frame).tobytes()
    runs = [
        (row // wide, *found.span())
        for row in range(0, len(data), wide)
        for found in SET.finditer(data[row : row + wide])
    ]
    if len(runs) > MOST_LOST:
        return None
    parents = list(range(len(runs)))

    def top_of(one: int) -> int:
        while parents[one] != one:
            parents[one] = parents[parents[one]]
            one = parents[one]
        return one

    above: list[int] = []
    now: list[int] = []
    line = -1
    for place, (row, start, stop) in enumerate(runs):
        if row != line:
            above, now, line = (now if row == line + 1 else []), [], row
        for other in above:
            if runs[other][1] <= stop and start <= runs[other][2]:
                parents[top_of(other)] = top_of(place)
        now.append(place)
    edges: dict[int, list[int]] = {}
    for place, (row, start, stop) in enumerate(runs):
        edge = edges.setdefault(top_of(place), [start, row, stop, row + 1, 0])
        edge[0], edge[1] = min(edge[0], start), min(edge[1], row)
        edge[2], edge[3] = max(edge[2], stop), max(edge[3], row + 1)
        edge[4] += stop - start
    return [
        Spot(left + across, top + down, right + across, bottom + down, count)
        for left, top, right, bottom, count in edges.values()
    ]


def _pixels(box: Box, height: float, image: Image.Image) -> tuple[int, int, int, int] | None:
    """A place in points as pixels of the page; None where the page's height is not known or nothing is left of the place."""
    if height <= 0:
        return None
    scale = image.height / height
    left, bottom, right, top = box
    corner = (
        max(int(left * scale) - 1, 0),
        max(int((height - top) * scale) - 1, 0),
        min(int(right * scale) + 2, image.width),
        min(int((height - bottom) * scale) + 2, image.height),
    )
    return corner if corner[0] < corner[2] and corner[1] < corner[3] else None


def _below(image: Image.Image, shade: int) -> Image.Image:
    return image.point(lambda each: 255 if each < shade else 0)


def _above(image: Image.Image, shade: int) -> Image.Image:
    return image.point(lambda each: 255 if each > shade else 0)


def _count(mask: Image.Image) -> int:
    return sum(mask.histogram()[128:])
