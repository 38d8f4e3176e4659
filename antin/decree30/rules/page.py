"""The page: paper, margins, fonts, page numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from antin.decree30 import fonts
from antin.decree30.anatomy import Anatomy
from antin.decree30.paper import MM, Line, most
from antin.decree30.rules.looks import as_lines, is_justified, size_in_words
from antin.decree30.rules.table import GENERAL, Hit, rule


def _length(points: float) -> str:
    return f"{points / MM:.0f}"


@rule(
    "page.size",
    GENERAL + "1",
    "page",
    _("Khổ giấy trang %(page)s là %(width)s × %(height)s mm; phải là A4 (210 × 297 mm)."),
)
def _page_size(anatomy: Anatomy) -> Iterator[Hit]:
    for page in anatomy.paper.pages[: anatomy.last_page or 1]:
        short, long = sorted((page.width / MM, page.height / MM))
        if abs(short - 210) > 3.5 or abs(long - 297) > 3.5:
            yield Hit(
                page=page.number,
                facts={"page": page.number, "width": _length(page.width), "height": _length(page.height)},
            )
            return


MARGIN_SLACK = 2.0  # mm
LOOSE_TOP, LOOSE_BOTTOM = 4.0, 12.0  # mm: what the first line's own spacing, and a heading kept with its text, may add


@rule("page.margins", GENERAL + "3", "margins", _("Lề %(side)s đo được %(found)s mm; phải là %(range)s mm."))
def _margins(anatomy: Anatomy) -> Iterator[Hit]:
    measured = measured_margins(anatomy)
    for side, name, least, largest, low, high in (
        ("top", _("trên"), 20, 25, MARGIN_SLACK, LOOSE_TOP),
        ("bottom", _("dưới"), 20, 25, MARGIN_SLACK + 0.5, LOOSE_BOTTOM),
        ("left", _("trái"), 30, 35, MARGIN_SLACK, MARGIN_SLACK),
        ("right", _("phải"), 15, 20, MARGIN_SLACK, MARGIN_SLACK),
    ):
        below, above = (1.05, 1.05) if anatomy.paper.margins is not None else (low, high)
        value = measured.get(side)
        if value is not None and not least - below <= value <= largest + above:
            yield Hit(page=1, facts={"side": name, "found": f"{value:.0f}", "range": f"{least}–{largest}"})


def measured_margins(anatomy: Anatomy) -> dict[str, float]:
    """The margins in millimetres, those that can be told: from a DOCX's own word, or from where the lines of a PDF end."""
    if anatomy.paper.margins is not None:
        told = anatomy.paper.margins
        sides = ("top", "bottom", "left", "right")
        return {side: round(getattr(told, side) / MM, 1) for side in sides if getattr(told, side) is not None}
    first, found = anatomy.first, {}
    portrait = [page for page in anatomy.paper.pages[: anatomy.last_page or 1] if not page.landscape]
    if not portrait:
        return {}
    tops, bottoms = [], []
    usual = most((line.size, len(line.text)) for line in anatomy.full) or 13
    for page in portrait:
        own = [
            line
            for line in page.lines
            if line is not anatomy.page_numbers.get(page.number)
            and not line.stamped
            and (line.size or 12) > 9.4
            and sum(map(str.isalnum, line.text)) > 1
        ]
        if page.number == 1:
            head = {line.y for line in (*anatomy.national, *anatomy.above)}
            own_top = [line for line in own if line.y in head]
        else:
            own_top = own[:1]
        tops += [page.height - max(line.top for line in own_top)] if own_top else []
        if page.number < (anatomy.last_page or 0) and own:
            edged = [
                line
                for line in own
                if anatomy.left is not None
                and line.x0 < anatomy.left + 60
                and line.x1 > anatomy.left + 60
                and (line.size or 12) > usual - 0.9  # smaller letters are a footer's, or a footnote's
            ]
            bottoms += [_lowest(edged)] if edged else []
    if tops:
        found["top"] = round(min(tops) / MM, 1)
    if bottoms:
        lowest = min(bottoms) / MM
        if lowest < 20 or len(bottoms) >= 2:
            found["bottom"] = round(lowest, 1)
    if anatomy.left is not None and len(anatomy.full) >= 4:
        found["left"] = round(anatomy.left / MM, 1)
    if anatomy.right is not None and len(anatomy.full) >= 6:
        right = (first.width - anatomy.right) / MM
        if right < 15 or is_justified(anatomy) is not False:
            found["right"] = round(right, 1)
    return found


def _lowest(lines: list[Line]) -> float:
    """Where the text of a page ends; what stands apart under it is a footer."""
    rising = sorted(lines, key=lambda line: line.y)
    while len(rising) > 2 and rising[0].y < 80 and rising[1].y - rising[0].y > 27:
        rising = rising[1:]
    return rising[0].bottom


@rule(
    "page.orientation",
    GENERAL + "2",
    "page",
    _("Trang đầu trình bày theo chiều rộng của giấy; văn bản trình bày theo chiều dài."),
)
def _orientation(anatomy: Anatomy) -> Iterator[Hit]:
    first = anatomy.first
    if first.landscape and not any(stroke.upright for stroke in first.strokes):
        yield Hit(page=1)


@rule("font.family", GENERAL + "4", "all", _("Phông chữ %(family)s; phải là Times New Roman."))
def _family(anatomy: Anatomy) -> Iterator[Hit]:
    parts = [
        *anatomy.national,
        *as_lines(anatomy.motto),
        *anatomy.above,
        *as_lines(anatomy.number),
        *as_lines(anatomy.date),
        *as_lines(anatomy.title),
        *anatomy.subject,
        *anatomy.letter_subject,
        *anatomy.addressed,
        *as_lines(anatomy.recipients_title),
        *anatomy.recipients,
        *anatomy.posts,
        *as_lines(anatomy.name),
    ]
    told = set()
    for line in parts:
        family = _foreign(line)
        if family and family not in told:
            told.add(family)
            yield Hit(line, facts={"family": family})
    body = [line for line in anatomy.body if id(line) not in anatomy.tabled]
    strange: dict[str, list[Line]] = {}
    for line in body:
        family = _foreign(line)
        if family:
            strange.setdefault(family, []).append(line)
    for family, lines in strange.items():
        if family not in told and sum(len(line.text) for line in lines) >= 60:
            yield Hit(lines[0], facts={"family": family})


def _foreign(line: Line) -> str:
    """The family of a line that is in a known typeface other than Times, but for letters which that typeface lacks."""
    family = most((word.look.family or None, sum(map(str.isalpha, word.text))) for word in line.printed)
    if family in (None, fonts.TIMES, fonts.UNKNOWN, fonts.SYMBOLS, fonts.LEGACY):
        return ""
    of_it = sum(len(word.text) for word in line.printed if word.look.family == family)
    return family if family and of_it > 0.6 * sum(len(word.text) for word in line.printed) else ""


@rule("font.colour", GENERAL + "4", "body", _("Chữ không phải màu đen."))
def _colour(anatomy: Anatomy) -> Iterator[Hit]:
    parts = (
        *anatomy.national,
        *as_lines(anatomy.motto),
        *anatomy.issuer,
        *as_lines(anatomy.title),
        *anatomy.subject,
        *anatomy.posts,
    )
    lines = [*parts, *(line for line in anatomy.body if id(line) not in anatomy.tabled)]
    coloured = [line for line in lines if all(_is_coloured(word.look.colour) for word in line.printed)]
    if any(line in parts for line in coloured) or sum(len(line.text) for line in coloured) >= 60:
        yield Hit(coloured[0])


def _is_coloured(colour: tuple[int, int, int]) -> bool:
    return max(colour) > 110 and (max(colour) - min(colour) > 60 or min(colour) > 150)


def _counted_pages(anatomy: Anatomy) -> list[int]:
    last = anatomy.last_page or 0
    return [
        page.number
        for page in anatomy.paper.pages[:last]
        if page.number > 1 and not page.landscape and page.letters > 40 and page.pictured < 0.5
    ]


@rule("page_number.missing", GENERAL + "7", "page number", _("Trang %(page)s không có số trang."))
def _page_number_missing(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.paper.numbering is not None:
        if anatomy.paper.numbering == "" and max(anatomy.paper.page_count or 1, len(anatomy.paper.pages)) > 1:
            yield Hit(page=2, facts={"page": 2})
        return
    for number in _counted_pages(anatomy):
        if number not in anatomy.page_numbers:
            yield Hit(page=number, facts={"page": number})
            return


@rule("page_number.place", GENERAL + "7", "page number", _("Số trang phải đặt canh giữa trong phần lề trên của trang."))
def _page_number_place(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.paper.numbering is not None:
        if anatomy.paper.numbering not in ("", "top center", "first"):
            yield Hit(page=2)
        return
    for number in _counted_pages(anatomy):
        line = anatomy.page_numbers.get(number)
        if line is None:
            continue
        page = anatomy.page(number)
        centred = min(abs(line.centre - page.width / 2), abs(line.centre - anatomy.middle)) < 45
        if line.y < page.height / 2 or not centred:
            yield Hit(line)
            return


@rule("page_number.first", GENERAL + "7", "page number", _("Trang thứ nhất không hiển thị số trang."))
def _page_number_first(anatomy: Anatomy) -> Iterator[Hit]:
    line = anatomy.page_numbers.get(1)
    if anatomy.paper.numbering == "first":
        yield Hit(page=1)
    elif line is not None and re.fullmatch(r"\W*0?1\W*", line.text):
        yield Hit(line)


@rule("page_number.look", GENERAL + "7", "page number", _("Số trang cỡ chữ %(size)s; phải là chữ đứng, cỡ 13–14."))
def _page_number_look(anatomy: Anatomy) -> Iterator[Hit]:
    for number in _counted_pages(anatomy):
        line = anatomy.page_numbers.get(number)
        if (
            line is not None
            and line.size is not None
            and (not 11.5 <= line.size <= 14.6 or (line.share("italic") or 0) > 0.5)
        ):
            yield Hit(line, facts={"size": size_in_words(line.size)})
            return
