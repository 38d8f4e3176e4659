"""Pages as they are seen, before and after: does what was drawn later hide what could be read before?

A page is drawn twice at the size it has on paper (one pixel a point) and compared in cells of a few letters. Ink is what is dark. A
cell is hidden when ink that could be read is gone, or when the paper between the letters went dark. A seal of thin lines over a
name hides nothing; a box of paper colour over an amount does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Draw = Callable[[bytes, int, int], bytes]
"""Draws a page (from 1) of a PDF as an image of that width in pixels: `files.pdf.grey`, or the same through the workshop."""
Box = tuple[float, float, float, float]

WIDTH = 620
CELL = 12
DARK = 150
CHANGE = 70
FEW = 4
"""Pixels of ink that make a cell one that says something."""


def seen(pdf: bytes, page: int, draw: Draw) -> Image.Image:
    """Return a page in shades of grey. Whatever the drawing raises, it raises."""
    with Image.open(BytesIO(draw(pdf, page, WIDTH))) as drawn:
        return drawn.convert("L")


def differs(before: Image.Image, after: Image.Image) -> bool:
    """Whether a person would see a difference."""
    if before.size != after.size:
        return True
    strong = ImageChops.difference(before, after).point(lambda each: 255 if each > CHANGE else 0)
    return bool(sum(strong.histogram()[128:]) > FEW)


def hides(
    before: Image.Image,
    after: Image.Image,
    *,
    drawn: Sequence[Box] = (),
    spared: Sequence[Box] = (),
    height: float = 0,
) -> bool:
    """Whether something that could be read before cannot be read now, where something was `drawn` (points; nothing: anywhere);
    `spared` are the places of earlier signatures."""
    if before.size != after.size:
        return True
    if not differs(before, after):
        return False
    if spared and height > 0:
        scale = before.height / height
        before, after = before.copy(), after.copy()
        for image in (before, after):
            pen = ImageDraw.Draw(image)
            for left, bottom, right, top in spared:
                pen.rectangle(
                    (left * scale, (height - top) * scale, right * scale, (height - bottom) * scale), fill=255
                )
    if drawn and height > 0:
        part = _around(drawn, height, before)
        before, after = before.crop(part), after.crop(part)
    ink = before.point(lambda each: 255 if each < DARK else 0)
    lighter = ImageChops.subtract(after, before).point(lambda each: 255 if each > CHANGE else 0)
    lost = ImageChops.multiply(ink, lighter)
    around = ImageChops.subtract(ink.filter(ImageFilter.MaxFilter(5)), ink)
    darker = ImageChops.subtract(before, after).point(lambda each: 255 if each > CHANGE else 0)
    covered = ImageChops.multiply(around, darker)
    cells = zip(
        *(image.reduce(CELL).tobytes() for image in (ink, lost, around, covered)),
        strict=True,
    )
    enough = FEW * 255 / (CELL * CELL)
    hidden = sum(
        inked >= enough and (gone * 2 > inked or (paper > 0 and dark * 10 > paper * 8))
        for inked, gone, paper, dark in cells
    )
    return hidden >= 2


def _around(drawn: Sequence[Box], height: float, image: Image.Image) -> tuple[int, int, int, int]:
    """The part of an image where these boxes are, with a cell around it."""
    scale = image.height / height
    left = int(min(box[0] for box in drawn) * scale) - CELL
    right = int(max(box[2] for box in drawn) * scale) + CELL
    top = int((height - max(box[3] for box in drawn)) * scale) - CELL
    bottom = int((height - min(box[1] for box in drawn)) * scale) + CELL
    left, top = min(max(left, 0), image.width - 1), min(max(top, 0), image.height - 1)
    return left, top, max(min(right, image.width), left + 1), max(min(bottom, image.height), top + 1)


def is_inked(image: Image.Image, box: Box, height: float) -> bool:
    """Whether something can be read in that place (points)."""
    if height <= 0:
        return True
    scale = image.height / height
    left, bottom, right, top = box
    corner = (
        int(left * scale),
        int((height - top) * scale),
        int(right * scale) + 1,
        int((height - bottom) * scale) + 1,
    )
    inside = image.crop(corner).point(lambda each: 255 if each < DARK else 0)
    return bool(sum(inside.histogram()[128:]) > FEW * 4)
