"""What every page of a state secret bears that is shown or printed: by whom and when, burnt into its image across the page."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from antin.typeset import fonts

SLANT = 28
INK = (150, 0, 0, 38)


@lru_cache(maxsize=4)
def _face(size: int) -> ImageFont.FreeTypeFont:
    fonts.folder()
    return ImageFont.truetype(str(fonts.FACES["Bold"]), size)


def mark(png: bytes, words: str) -> bytes:
    """The page with the words laid over it again and again, slanting and pale, so that no part of it can be shown without them."""
    with Image.open(BytesIO(png)) as opened:
        page = opened.convert("RGBA")
    width, height = page.size
    face = _face(max(12, width // 40))
    left, top, right, bottom = face.getbbox(words)
    tile = Image.new("RGBA", (int(right - left) + width // 12, int(bottom - top) + height // 9), (0, 0, 0, 0))
    ImageDraw.Draw(tile).text((0, height // 18), words, font=face, fill=INK)
    reach = int((width**2 + height**2) ** 0.5)
    layer = Image.new("RGBA", (reach, reach), (0, 0, 0, 0))
    for row, y in enumerate(range(0, reach, tile.height)):
        for x in range(-(row % 2) * tile.width // 2, reach, tile.width):
            layer.paste(tile, (x, y))
    layer = layer.rotate(SLANT)
    cut = ((reach - width) // 2, (reach - height) // 2)
    page.alpha_composite(layer.crop((*cut, cut[0] + width, cut[1] + height)))
    made = BytesIO()
    page.convert("RGB").save(made, "PNG", compress_level=3)
    return made.getvalue()
