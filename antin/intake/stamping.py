"""Where the "ĐẾN" stamp goes on a page: a place with nothing under it, the Decree's own first; pure.

Source: Decree 30/2020/NĐ-CP, art. 22 and Appendix IV (the stamp, 35 by 50 mm; on the free paper under number and notation, under
the subject of a letter, or under the date).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from django.utils.translation import gettext_noop as _

from antin.refusal import Refusal

MM = 72 / 25.4
WIDTH, HEIGHT = 50 * MM, 35 * MM
MARGIN = 6 * MM
GAP = 1.5 * MM
"""So much free paper is left around the stamp."""
STEP = 2 * MM
ACROSS = 420
"""Pixels across the page that is looked at: half a millimetre each."""
FAINT = 38
"""So much darker than the paper a pixel must be to count as written on."""


class NoFreePlace(Refusal):
    code = "no_free_place"
    words = _("Trang đầu không còn chỗ trống 35 × 50 mm cho dấu đến; đóng dấu trên bản giấy.")


class CoversText(Refusal):
    code = "stamp_covers_text"
    words = _("Chỗ này có chữ hoặc hình; dấu đến không được che nội dung. Chọn chỗ khác.")


class OutsidePage(Refusal):
    code = "stamp_outside_page"
    words = _("Dấu đến phải nằm trọn trong trang đầu.")


@dataclass(frozen=True)
class Free:
    """How dark a page is, summed up so that any rectangle is one question. Points from the top left of the page as it is seen."""

    width: float
    height: float
    scale: float
    sums: list[list[int]]

    def ink(self, x: float, y: float, width: float, height: float) -> int:
        """How many pixels are written on in a rectangle."""
        rows, columns = len(self.sums) - 1, len(self.sums[0]) - 1
        x0, x1 = max(0, int(x * self.scale)), min(columns, int((x + width) * self.scale) + 1)
        y0, y1 = max(0, int(y * self.scale)), min(rows, int((y + height) * self.scale) + 1)
        return self.sums[y1][x1] - self.sums[y0][x1] - self.sums[y1][x0] + self.sums[y0][x0]

    def is_free(self, x: float, y: float) -> bool:
        """Whether the stamp may stand here, its corner at the top left: dust is none of the text."""
        return self.is_clear(x - GAP, y - GAP, WIDTH + 2 * GAP, HEIGHT + 2 * GAP)

    def is_clear(self, x: float, y: float, width: float, height: float) -> bool:
        """Whether nothing but dust lies in a rectangle."""
        return self.ink(x, y, width, height) <= DUST


DUST = 12


def look(pgm: bytes, width: float, height: float) -> Free:
    """Take a grey picture of the page (PGM, as files gives it), whose size in points is given."""
    _kind, across, down, _most, pixels = _split(pgm)
    paper = sorted(pixels[:: max(1, len(pixels) // 4000)])[len(pixels[:: max(1, len(pixels) // 4000)]) * 3 // 4]
    least = max(0, paper - FAINT)
    table = bytes(1 if value < least else 0 for value in range(256))
    dark = pixels.translate(table)
    sums = [[0] * (across + 1)]
    for row in range(down):
        along = accumulate(dark[row * across : (row + 1) * across], initial=0)
        sums.append([here + above for here, above in zip(along, sums[-1], strict=True)])
    return Free(width, height, across / width, sums)


def _split(pgm: bytes) -> tuple[bytes, int, int, int, bytes]:
    kind, across, down, rest = pgm.split(maxsplit=3)
    most, _space, pixels = rest.partition(b"\n")
    return kind, int(across), int(down), int(most), pixels


def find(page: Free, below_left: float, below_right: float) -> tuple[float, float]:
    """Return the corner (from the top left) of a free place: left under the number or subject, right under the date, else the
    first one from the top.

    `below_left`, `below_right`: how far down the number or subject, and the date, reach; 0 where that is not known.

    :raises NoFreePlace: there is none
    """
    columns = [MARGIN + n * STEP for n in range(int((page.width - WIDTH - 2 * MARGIN) / STEP) + 1)]
    rows = [MARGIN + n * STEP for n in range(int((page.height - HEIGHT - 2 * MARGIN) / STEP) + 1)]
    half = page.width / 2
    left = [x for x in columns if x + WIDTH <= half + 10 * MM]
    right = [x for x in reversed(columns) if x >= half - 10 * MM]
    reach = 70 * MM
    for corners, top in ((left, below_left), (right, below_right)):
        if top:
            for y in (each for each in rows if top <= each <= top + reach):
                for x in corners:
                    if page.is_free(x, y):
                        return x, y
    for y in rows:
        for x in (*right, *left):
            if page.is_free(x, y):
                return x, y
    raise NoFreePlace


def check(page: Free, x: float, y: float) -> None:
    """Say why the stamp may not stand at this corner (from the top left). :raises OutsidePage: :raises CoversText:"""
    if not (0 <= x <= page.width - WIDTH and 0 <= y <= page.height - HEIGHT):
        raise OutsidePage
    if not page.is_free(x, y):
        raise CoversText
