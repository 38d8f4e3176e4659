"""Where one paper ends and the next begins in a scan: at the separator sheets, which belong to none; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

CODE = "AN-TIN:TO-PHAN-CACH:1"
"""What the QR code of our separator sheet says. A sheet says nothing else, so that a stack of them serves for years."""


def find_parts(pages: int, codes: Iterable[tuple[int, str]], blank: Collection[int]) -> list[tuple[int, int]]:
    """Return first and last page (from 1) of every paper. A blank page behind a separator sheet is the sheet's back.

    Without any sheet the whole scan is one paper, its blank pages included.
    """
    sheets = {page for page, text in codes if text == CODE}
    left_out = sheets | {page for page in blank if page - 1 in sheets}
    parts: list[tuple[int, int]] = []
    first: int | None = None
    for page in range(1, pages + 1):
        if page in left_out:
            if first is not None:
                parts.append((first, page - 1))
            first = None
        elif first is None:
            first = page
    if first is not None:
        parts.append((first, pages))
    return parts
