"""A long scan parted at its separator sheets, inside the worker process: sheets found by their code, pages taken out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pikepdf
import zxingcpp

from antin.files.pdf import Damaged, drawn

QR = zxingcpp.barcode_formats_from_str("QRCode")
LOOK = 1000
"""Pixels across a page that is looked at: a symbol of 60 mm has 285 of them."""
SMALLEST = 0.15
"""Of the page's width: a smaller symbol belongs to a paper, whatever it says."""
DARK = 110
LEAST_INK = 0.0004
"""The back of a separator sheet has less; a page with one line of print has three times as much."""


def codes(data: bytes, first: int, count: int) -> str:
    """Return what parts papers on these pages (from 1), as JSON: `codes` [[page, text], …] of large QR codes, `blank` pages.

    :raises Damaged: it cannot be opened
    """
    found: list[list[Any]] = []
    blank = []
    for page in range(first, first + count):
        image = drawn(data, page, LOOK, grayscale=True).convert("L")
        for symbol in zxingcpp.read_barcodes(image, formats=QR):
            place = symbol.position
            across = max(abs(place.top_left.x - place.bottom_right.x), abs(place.top_left.y - place.bottom_right.y))
            if across >= SMALLEST * image.width:
                found.append([page, symbol.text[:200]])
        if _ink(image) < LEAST_INK:
            blank.append(page)
    return json.dumps({"codes": found, "blank": blank})


def _ink(image: Any) -> float:
    """How much of the page is dark, its edges left out, where feeders leave shadows."""
    across, down = image.width // 20, image.height // 20
    inner = image.crop((across, down, image.width - across, image.height - down))
    dark = sum(inner.histogram()[:DARK])
    return float(dark) / (inner.width * inner.height)


def cut(data: bytes, first: int, last: int) -> bytes:
    """Return the pages from `first` to `last` as a PDF of their own, their pictures untouched. :raises Damaged:"""
    out = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(data)) as whole, pikepdf.new() as part:
            part.pages.extend(whole.pages[first - 1 : last])
            part.remove_unreferenced_resources()
            part.save(out, deterministic_id=True)
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, IndexError):
        raise Damaged from None
    return out.getvalue()


def warm_up(made: bytes) -> None:
    """Load everything the jobs need, by doing them once."""
    codes(made, 1, 1)
    cut(made, 1, 1)


JOBS: dict[str, Callable[..., Any]] = {"codes": codes, "cut": cut}
