"""A block of words drawn under the end of a paper, for print, inside the worker process."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2
from pypdfium2 import PdfiumError

from antin.files.pdf import Damaged, Encrypted

A4 = (595.28, 841.89)
NEARLY = 6
GAP = 17
"""Points between the paper's last words and the block."""
BOTTOM = 45
"""The lowest edge of what is drawn: what a printer still prints."""
ACROSS = 420
DARK = 200
DUST = 2
"""So many dark points in a row of a page are none of its words."""


def under(data: bytes, split: int, down: int, height: int) -> bytes:
    """Return a paper as it is seen, without forms and signatures that print cannot carry, and the block under its last words:
    on its last page if that has room, else on a page of its own.

    The first `split` bytes are the block's PDF, one page in which it begins `down` points from the top and is `height` points
    high; the rest is the paper. :raises Damaged: :raises Encrypted:
    """
    block, paper = data[:split], data[split:]
    out = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(paper)) as whole, pikepdf.open(io.BytesIO(block)) as drawn:
            top = _end_of_words(paper, whole.pages[-1])
            whole.flatten_annotations("all")
            for name in ("/AcroForm", "/Perms", "/DSS"):
                if name in whole.Root:
                    del whole.Root[name]
            if top is not None and top + GAP + height <= A4[1] - BOTTOM:
                moved = down - top - GAP
                left, low = (float(edge) for edge in whole.pages[-1].mediabox[:2])
                place = pikepdf.Rectangle(left, low + moved, left + A4[0], low + A4[1] + moved)
                whole.pages[-1].add_overlay(drawn.pages[0], place)
            else:
                whole.pages.extend(drawn.pages)
            whole.save(out, deterministic_id=True)
    except pikepdf.PasswordError:
        raise Encrypted from None
    except (pikepdf.PdfError, PdfiumError, ValueError, TypeError, AttributeError, KeyError, IndexError):
        raise Damaged from None
    return out.getvalue()


def _end_of_words(paper: bytes, page: pikepdf.Page) -> float | None:
    """How far from the top the last page is written on, in points; None where a block cannot be drawn on it straight."""
    left, low, right, high = (float(edge) for edge in page.mediabox)
    turned = int(page.obj.get("/Rotate", 0) or 0) % 360
    cut = [float(edge) for edge in page.cropbox] != [left, low, right, high]
    if turned or cut or abs(right - left - A4[0]) > NEARLY or abs(high - low - A4[1]) > NEARLY:
        return None
    seen = pypdfium2.PdfDocument(paper)
    try:
        seen.init_forms()
        shown = seen[len(seen) - 1]
        image = shown.render(scale=ACROSS / shown.get_width(), grayscale=True, may_draw_forms=True).to_pil()
    finally:
        seen.close()
    table = [1 if value < DARK else 0 for value in range(256)]
    dark = image.point(table)
    for row in range(dark.height - 1, -1, -1):
        if sum(dark.crop((0, row, dark.width, row + 1)).getdata()) > DUST:
            return (row + 1) * A4[1] / dark.height
    return 0.0


JOBS: dict[str, Callable[..., Any]] = {"under": under}
