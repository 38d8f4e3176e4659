"""What a signature looks like (Decree 30/2020, Appendix I): a person's blue handwriting, an agency's red round stamp.

Both are transparent PNGs drawn by ourselves for the demonstration; a real office puts its own pictures in their place. The same
name gives the same picture.
"""

from __future__ import annotations

import hashlib
import math
import random
from functools import lru_cache
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from antin.typeset import fonts

BLUE = (28, 60, 158)
RED = (214, 24, 32)
SIGNATURE_MM, SIGNATURE_DPI = (36, 20), 400
STAMP_MM = 36
STAMP_DPI = 300
STAMP_PIXELS = round(STAMP_MM / 25.4 * STAMP_DPI)
OVER = 3  # drawn this many times larger, then reduced: smooth edges

Point = tuple[float, float]


@lru_cache(maxsize=64)
def signature(name: str) -> bytes:
    """A plausible signature for the name, 36 x 20 mm: a large first loop, running waves, a stroke under it."""
    dice = random.Random(hashlib.sha256(name.encode()).digest())
    path = _smooth(_initial(dice) + _running(dice, letters=len(name.rsplit(maxsplit=1)[-1]) if name.split() else 4))
    width, height = (round(side / 25.4 * SIGNATURE_DPI) for side in SIGNATURE_MM)
    canvas = Image.new("L", (width * 2, height * 2), 0)
    pen = ImageDraw.Draw(canvas)
    _stroke(pen, _fit(path, width * 2, height * 2), thick=8, dice=dice)
    return _coloured(canvas.resize((width, height), Image.Resampling.LANCZOS), BLUE, dpi=SIGNATURE_DPI)


def _initial(dice: random.Random) -> list[Point]:
    """The tall letter that begins a signature, in one of three hands."""
    return dice.choice((_loop, _hook, _peaks))(dice)


def _loop(dice: random.Random) -> list[Point]:
    tall, lean = dice.uniform(1.5, 2.2), dice.uniform(0.2, 0.6)
    turn = dice.uniform(0.5, 0.9)
    return [
        (0.1, -0.2 * tall),
        (lean, -tall),
        (lean + turn * 0.6, -tall * 0.75),
        (lean * 0.4, 0.25),
        (-0.35, 0.45 + dice.uniform(0, 0.2)),
        (-0.2, -0.15),
        (0.9, -0.55 - dice.uniform(0, 0.3)),
    ]


def _hook(dice: random.Random) -> list[Point]:
    tall = dice.uniform(1.4, 2.0)
    return [
        (0.9, -tall * 0.85),
        (0.45, -tall),
        (-0.25, -tall * 0.55),
        (-0.15, 0.1),
        (0.5, 0.3 + dice.uniform(0, 0.15)),
        (0.85, -0.35),
        (0.45, -0.6),
        (0.95, 0.05),
    ]


def _peaks(dice: random.Random) -> list[Point]:
    tall = dice.uniform(1.3, 1.9)
    return [
        (-0.2, 0.35),
        (0.15, -tall),
        (0.32, -tall * 0.9),
        (0.4, 0.05),
        (0.75, -tall * dice.uniform(0.7, 0.95)),
        (0.9, -tall * 0.6),
        (0.85, 0.2),
        (1.1, -0.3),
    ]


def _running(dice: random.Random, letters: int) -> list[Point]:
    """The waves of the name, then the flourish back under it and away."""
    points: list[Point] = []
    x = 1.2
    for _ in range(max(3, min(letters, 6))):
        high = dice.choice((0.45, 0.6, 0.75, 1.25))
        step = dice.uniform(0.28, 0.5)
        points += [(x, 0.12 + dice.uniform(-0.1, 0.1)), (x + step * 0.7, -high), (x + step * 0.35, -high * 0.45)]
        x += step
    end = x + dice.uniform(0.5, 1.1)
    under = dice.uniform(0.55, 0.85)
    back = [(x * 0.75, under), (0.2, under + 0.15), (x * 0.6, under - 0.12), (end + 0.6, under - 0.3)]
    return [*points, (x + 0.3, 0.1), (end, -0.35), *back]


def _smooth(points: list[Point], steps: int = 24) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    padded = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            curve.append(tuple(_catmull(before[i], start[i], end[i], after[i], t) for i in (0, 1)))  # type: ignore[arg-type]
    return [*curve, points[-1]]


def _catmull(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def _fit(path: list[Point], width: int, height: int) -> list[Point]:
    left, right = min(x for x, _ in path), max(x for x, _ in path)
    top, bottom = min(y for _, y in path), max(y for _, y in path)
    margin = 24
    high = (height - 2 * margin) / (bottom - top)
    wide = min((width - 2 * margin) / (right - left), high * 1.5)
    high = min(high, wide)
    across, down = (width - (right - left) * wide) / 2, (height - (bottom - top) * high) / 2
    return [((x - left) * wide + across, (y - top) * high + down) for x, y in path]


def _stroke(pen: ImageDraw.ImageDraw, path: list[Point], *, thick: float, dice: random.Random) -> None:
    """A pen that thins where it runs fast and presses on the way down."""
    width = thick
    for (x0, y0), (x1, y1) in pairwise(path):
        fast = math.hypot(x1 - x0, y1 - y0)
        wanted = thick * (1.35 if y1 > y0 else 0.85) / (1 + fast / 90) + dice.uniform(-0.3, 0.3)
        width += (wanted - width) * 0.25
        steps = max(1, int(fast / 2))
        for step in range(steps):
            x, y = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
            pen.ellipse((x - width, y - width, x + width, y + width), fill=255)


@lru_cache(maxsize=64)
def stamp(name: str, parent_name: str) -> bytes:
    """The agency's round stamp at its real size, 36 mm: the superior's name above, its own below, the star in the middle."""
    side = STAMP_PIXELS * OVER
    canvas = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(canvas)
    centre, millimetre = side / 2, side / STAMP_MM
    for radius, thick in ((17.6, 0.75), (16.3, 0.25), (9.6, 0.25)):
        _ring(pen, centre, radius * millimetre, thick * millimetre)
    upper, lower = (parent_name or name).upper(), name.upper() if parent_name else ""
    above = 320 if not lower else min(210, max(120, round(310 * len(upper) / (len(upper) + len(lower)))))
    _arc(canvas, upper, radius=12.0 * millimetre, middle=-90, most=above, tall=2.7 * millimetre, outward=True)
    if lower:
        _arc(canvas, lower, radius=13.9 * millimetre, middle=90, most=310 - above, tall=2.7 * millimetre, outward=False)
    _star(pen, centre, centre, 6.6 * millimetre)
    return _coloured(canvas.resize((STAMP_PIXELS, STAMP_PIXELS), Image.Resampling.LANCZOS), RED, dpi=STAMP_DPI)


def _ring(pen: ImageDraw.ImageDraw, centre: float, radius: float, thick: float) -> None:
    pen.ellipse((centre - radius, centre - radius, centre + radius, centre + radius), outline=255, width=round(thick))


def _star(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(54))
    corners = []
    for number in range(10):
        angle, reach = math.radians(36 * number - 90), inner if number % 2 else radius
        corners.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    pen.polygon(corners, fill=255)


@lru_cache(maxsize=64)
def _bold(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.FACES["Bold"]), size)


def _arc(
    canvas: Image.Image, text: str, *, radius: float, middle: float, most: float, tall: float, outward: bool
) -> None:
    """Letters along a circle, centred at the angle `middle`, at most `most` degrees long: longer names get smaller letters."""
    size = round(tall * 1.45)
    room = math.radians(most) * radius
    while size > 8 and _bold(size).getlength(text) * 1.04 > room:
        size -= 1
    font = _bold(size)
    length = font.getlength(text)
    spread = min(1.15, room / length) if length else 1
    turn = math.degrees(length * spread / radius)
    angle = middle - turn / 2 if outward else middle + turn / 2
    centre = canvas.width / 2
    for place, letter in enumerate(text):
        wide = (font.getlength(text[: place + 1]) - font.getlength(text[:place])) * spread
        half = math.degrees(wide / radius) / 2
        angle += half if outward else -half
        _letter(canvas, letter, font, centre, radius, angle, outward)
        angle += half if outward else -half


def _letter(  # noqa: PLR0917 - one letter's whole place
    canvas: Image.Image,
    letter: str,
    font: ImageFont.FreeTypeFont,
    centre: float,
    radius: float,
    angle: float,
    outward: bool,
) -> None:
    side = round(font.size * 2.4)
    tile = Image.new("L", (side, side), 0)
    ImageDraw.Draw(tile).text((side / 2, side / 2 + font.size * 0.33), letter, fill=255, font=font, anchor="ms")
    tile = tile.rotate(-(angle + 90) if outward else 90 - angle, resample=Image.Resampling.BICUBIC)
    x = centre + radius * math.cos(math.radians(angle)) - side / 2
    y = centre + radius * math.sin(math.radians(angle)) - side / 2
    canvas.paste(255, (round(x), round(y)), tile)


def _coloured(alpha: Image.Image, colour: tuple[int, int, int], *, dpi: int) -> bytes:
    """One colour behind the drawn transparency."""
    picture = Image.new("RGBA", alpha.size, (*colour, 0))
    picture.putalpha(alpha)
    out = BytesIO()
    picture.save(out, "PNG", optimize=False, dpi=(dpi, dpi))
    return out.getvalue()
