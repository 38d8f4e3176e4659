"""Finding, in a PDF that somebody else laid out, the places that our own layout knows by itself.

The words of Decree 30's boxes are looked for where the Decree puts them: "Số:" and the date in the upper half of the first page,
the signer's name in the lower part of the last page that carries it, his signature above the name.
"""

from __future__ import annotations

import re

import pypdfium2 as pdfium
from django.utils.translation import gettext_noop as _

from antin.refusal import Refusal
from antin.typeset.letter import Place

BLANK = 34.0  # points: four digits at 13 pt
WITH_YEAR = 62.0  # and a year behind them
SEAL = 102.05  # points: 36 mm
SIGNATURE = (113.4, 62.4)  # points: 40 x 22 mm
SMALL = (36.85, 17.0)  # points: 13 x 6 mm
SIZE = 13.0


class PlaceMissing(Refusal):
    code = "place_missing"
    words = _(
        "Không tìm thấy “%(words)s” trong tệp PDF tải lên; trình bày tệp theo Nghị định 30/2020/NĐ-CP rồi tải lại."
    )


class YearPrinted(Refusal):
    code = "year_printed"
    words = _("Tệp đã in sẵn năm sau “Số:”; để trống cả số và năm, ví dụ “Số:              /TT-BNV”, rồi tải lại.")


Rect = tuple[float, float, float, float]  # left, bottom, right, top


def find_places(
    pdf: bytes,
    *,
    signer_name: str,
    cosigners: tuple[str, ...] = (),
    seals: frozenset[int] = frozenset(),
    initials: bool = False,
    format_check: bool = False,
    with_year: bool = False,
) -> dict[str, Place]:
    """Return the places number, day, month, year (as far as the page leaves them blank), person, agency and attachment_mark; those
    of cosigners over their names, the seals beside those of these turns, of initials after the end of the text, of the check of
    format after "Nơi nhận:". `with_year`: the year goes into the blank of the number.

    :raises PlaceMissing: the words "Số:", a signer's name, "./." or "Nơi nhận:" are not on the page as text
    :raises YearPrinted: the page says a year where the number comes
    """
    document = pdfium.PdfDocument(pdf)
    try:
        first = document[0]
        width, height = first.get_size()
        places = _date(first, height) | {"number": _number(first, height, with_year)}
        places["attachment_mark"] = Place(
            page=0, x=width - 227, y=height - 42, width=198, height=28, size=10, baseline=3, align="right"
        )
        places |= _signatures(*_last_in(document, signer_name))
        for turn, name in enumerate(cosigners, 1):
            there = _signatures(*_last_in(document, name))
            places[f"cosigner{turn}"] = there["person"]
            if turn in seals:
                places[f"seal{turn}"] = there["agency"]
        for asked, title, words in ((initials, "initials", "./."), (format_check, "format", "Nơi nhận:")):
            if asked:
                page_number, (_left, bottom, right, _top) = _last_in(document, words)
                places[title] = Place(page=page_number, x=right + 3, y=bottom - 4, width=SMALL[0], height=SMALL[1])
        return places
    finally:
        document.close()


def _all(page: pdfium.PdfPage, words: str) -> list[Rect]:
    text = page.get_textpage()
    try:
        search, found = text.search(words, match_case=False), []
        while (hit := search.get_next()) is not None:
            boxes = [text.get_charbox(hit[0] + offset) for offset in range(hit[1])]
            found.append(
                (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
            )
        return found
    finally:
        text.close()


def _number(page: pdfium.PdfPage, height: float, with_year: bool) -> Place:
    upper = [rect for rect in _all(page, "Số:") if rect[1] > height / 2]
    if not upper:
        raise PlaceMissing(words="Số:")
    _left, bottom, right, top = upper[0]
    if with_year and _YEAR.search(_words_of(page, (right, bottom - 3, right + 220, top + 3))):
        raise YearPrinted
    return Place(
        page=0,
        x=right + 2,
        y=bottom - 3,
        width=WITH_YEAR if with_year else BLANK,
        height=top - bottom + 6,
        size=SIZE,
        baseline=3,
        align="right",
    )


_YEAR = re.compile(r"/\s*(19|20)\d\d\s*/")


def _words_of(page: pdfium.PdfPage, rect: Rect) -> str:
    text = page.get_textpage()
    try:
        return str(text.get_text_bounded(left=rect[0], bottom=rect[1], right=rect[2], top=rect[3]))
    finally:
        text.close()


def _date(page: pdfium.PdfPage, height: float) -> dict[str, Place]:
    """The blanks between "ngày", "tháng", "năm" of one line; a date that is printed already leaves none."""
    line = []
    for words in ("ngày", "tháng", "năm"):
        upper = [rect for rect in _all(page, words) if rect[1] > height * 0.6]
        if not upper:
            return {}
        line.append(upper[0])
    day, month, year = line
    places = {}
    for name, before, after in (("day", day, month), ("month", month, year)):
        gap = after[0] - before[2]
        if gap < 14:
            return {}
        places[name] = Place(
            page=0,
            x=before[2] + 1,
            y=before[1] - 3,
            width=gap - 2,
            height=18,
            size=SIZE,
            baseline=3,
            italic=True,
            align="center",
        )
    places["year"] = Place(
        page=0, x=year[2] + 1, y=year[1] - 3, width=BLANK, height=18, size=SIZE, baseline=3, italic=True, align="center"
    )
    return places


def _last_in(document: pdfium.PdfDocument, words: str) -> tuple[int, Rect]:
    """The last page that carries these words, and where. :raises PlaceMissing: none does"""
    for page_number in reversed(range(len(document))):
        found = _last(document[page_number], words)
        if found is not None:
            return page_number, found
    raise PlaceMissing(words=words)


def _last(page: pdfium.PdfPage, words: str) -> Rect | None:
    found = _all(page, words)
    return min(found, key=lambda rect: rect[1]) if found else None


def _signatures(page_number: int, name: Rect) -> dict[str, Place]:
    centre, width, height = (name[0] + name[2]) / 2, *SIGNATURE
    x, y = centre - width / 2, name[3] + 4
    seal_x, seal_y = x + width / 3 - SEAL, y + height / 2 - SEAL / 2
    return {
        "person": Place(page=page_number, x=x, y=y, width=width, height=height),
        "agency": Place(page=page_number, x=seal_x, y=max(seal_y, 0), width=SEAL, height=SEAL),
    }
