"""The rules as one table: what is looked at, which article says so, in which words a deviation is named.

Text is judged exactly; what is measured is judged with the tolerances that stand here and in docs/lint.md. A rule that the
file does not let one judge (an unknown font, too few lines, a look that is not told) yields nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.utils.translation import gettext_noop as _

from antin.decree30 import fonts
from antin.decree30.anatomy import Anatomy, Paragraph, strokes_under
from antin.decree30.paper import MM, Box, Line, most
from antin.decree30.wording import (
    LETTERS,
    MARKS,
    MIXED_CASE,
    MOTTO,
    NATIONAL_NAME,
    SECRECY,
    TYPES,
    URGENCY,
    fold,
    letters,
    same_word,
)

PART = "Phụ lục I, Phần I, "
GENERAL, MAIN, OTHER = PART + "Mục I, khoản ", PART + "Mục II, khoản ", PART + "Mục III, khoản "


@dataclass(frozen=True)
class Hit:
    """One deviation: the line or place, what the words name, and what to write instead where that is certain."""

    line: Line | None = None
    page: int = 0
    box: Box | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    instead: str = ""


Judge = Callable[[Anatomy], Iterator[Hit]]


@dataclass(frozen=True)
class Rule:
    code: str
    article: str
    looks_at: str
    words: str
    judge: Judge


RULES: list[Rule] = []


def rule(code: str, article: str, looks_at: str, words: str) -> Callable[[Judge], Judge]:
    """Enter a rule in the table."""

    def enter(judge: Judge) -> Judge:
        RULES.append(Rule(code, article, looks_at, words, judge))
        return judge

    return enter


# --- how the parts look: one row each -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Style:
    """A part's look. `least`, `largest`: sizes that pass, as the Decree has them, widened by `slack` points. `None`: not judged."""

    part: str
    name: str
    article: str
    lines: Callable[[Anatomy], tuple[Line, ...]]
    sizes: tuple[float, float]
    bold: bool | None
    italic: bool | None
    slack: float = 0.45
    capitals: bool | None = None


def _basis_lines(anatomy: Anatomy) -> tuple[Line, ...]:
    return tuple(line for paragraph in anatomy.bases for line in paragraph.lines)


def _one(line: Line | None) -> tuple[Line, ...]:
    return (line,) if line is not None else ()


STYLES = (
    Style("national_name", _("Quốc hiệu"), MAIN + "1", lambda a: a.national, (12, 13), True, False, capitals=True),
    Style("motto", _("Tiêu ngữ"), MAIN + "1", lambda a: _one(a.motto), (13, 14), True, False),
    Style("parent", _("tên cơ quan chủ quản"), MAIN + "2", lambda a: a.parent, (12, 13), False, False, capitals=True),
    Style("issuer", _("tên cơ quan ban hành"), MAIN + "2", lambda a: a.issuer, (12, 13), True, False, capitals=True),
    Style("number", _("số, ký hiệu"), MAIN + "3", lambda a: _one(a.number), (13, 13), False, False, slack=1.05),
    Style("date", _("địa danh và thời gian"), MAIN + "4", lambda a: _one(a.date), (13, 14), False, True),
    Style(
        "type_name", _("tên loại văn bản"), MAIN + "5", lambda a: _one(a.title), (13, 14), True, False, capitals=True
    ),
    Style("subject", _("trích yếu nội dung"), MAIN + "5", lambda a: a.subject if a.type else (), (13, 14), True, False),
    Style("letter_subject", _("trích yếu công văn"), MAIN + "5", lambda a: a.letter_subject, (12, 13), False, False),
    Style("addressee", _("“Kính gửi”"), MAIN + "9", lambda a: a.addressed[:1], (13, 14), False, False),
    Style(
        "enacting", _("dòng quyết định"), MAIN + "6", lambda a: _one(a.enacting), (13, 14), True, False, capitals=True
    ),
    Style("bases", _("căn cứ ban hành"), MAIN + "6", _basis_lines, (13, 14), False, True),
    Style(
        "recipients_title",
        _("“Nơi nhận”"),
        MAIN + "9",
        lambda a: _one(a.recipients_title),
        (12, 12),
        True,
        True,
        slack=0.6,
    ),
    Style(
        "recipients", _("danh sách nơi nhận"), MAIN + "9", lambda a: a.recipients, (11, 11), False, False, slack=1.05
    ),
    Style(
        "post", _("quyền hạn, chức vụ người ký"), MAIN + "7", lambda a: a.posts, (13, 14), True, False, capitals=True
    ),
    Style("signer", _("họ tên người ký"), MAIN + "7", lambda a: _one(a.name), (13, 14), True, False, capitals=False),
    Style(
        "urgency",
        _("dấu chỉ mức độ khẩn"),
        OTHER + "2",
        lambda a: _one(a.urgency),
        (13, 14),
        True,
        False,
        capitals=True,
    ),
)


def _size_rule(style: Style) -> Judge:
    def judge(anatomy: Anatomy) -> Iterator[Hit]:
        least, largest = style.sizes[0] - style.slack, style.sizes[1] + style.slack
        for line in style.lines(anatomy):
            if line.size is not None and not least <= line.size <= largest:
                yield Hit(line, facts={"name": style.name, "size": _points(line.size), "range": _range(style.sizes)})
                return

    return judge


def _weight_rule(style: Style) -> Judge:
    def judge(anatomy: Anatomy) -> Iterator[Hit]:
        lines = style.lines(anatomy)
        shares = [(line, line.share("bold")) for line in lines]
        if style.bold:
            wrong = [line for line, share in shares if share is not None and share < 0.5]
        else:
            wrong = [line for line, share in shares if share is not None and share > 0.85]
            if len(wrong) < len(lines) and style.part not in ("parent",):
                wrong = []  # some words of it stand out: the writer's own
        if wrong:
            yield Hit(wrong[0], facts={"name": style.name})

    return judge


def _slant_rule(style: Style) -> Judge:
    def judge(anatomy: Anatomy) -> Iterator[Hit]:
        lines = style.lines(anatomy)
        shares = [(line, line.share("italic")) for line in lines]
        if style.italic:
            wrong = [line for line, share in shares if share is not None and share < 0.5]
            if style.part == "bases" and len(wrong) < max(2, 0.3 * len(lines)) and len(lines) > 2:
                wrong = []
        else:
            wrong = [line for line, share in shares if share is not None and share > 0.85]
            if len(wrong) < len(lines):
                wrong = []
        if wrong:
            yield Hit(wrong[0], facts={"name": style.name})

    return judge


def _case_rule(style: Style) -> Judge:
    def judge(anatomy: Anatomy) -> Iterator[Hit]:
        for line in style.lines(anatomy):
            signs = [sign for sign in line.text if sign.isalpha()]
            small = sum(sign.islower() for sign in signs)
            if style.capitals and len(signs) >= 3 and small > max(1, 0.15 * len(signs)):
                yield Hit(line, facts={"name": style.name}, instead=line.text.upper())
                return
            if style.capitals is False and len(signs) >= 5 and not small:
                yield Hit(line, facts={"name": style.name})
                return

    return judge


def _points(size: float) -> str:
    return f"{size:.1f}".rstrip("0").rstrip(".").replace(".", ",")


def _range(sizes: tuple[float, float]) -> str:
    return f"{sizes[0]:g}" if sizes[0] == sizes[1] else f"{sizes[0]:g}–{sizes[1]:g}"


def _enter_styles() -> None:
    for style in STYLES:
        RULES.append(
            Rule(
                f"{style.part}.size",
                style.article,
                style.part,
                _("Cỡ chữ của %(name)s là %(size)s; phải là %(range)s."),
                _size_rule(style),
            )
        )
        upright = (
            _("Chữ của %(name)s phải là chữ nghiêng.") if style.italic else _("Chữ của %(name)s phải là chữ đứng.")
        )
        bold = _("Chữ của %(name)s phải là chữ đậm.") if style.bold else _("Chữ của %(name)s không in đậm.")
        RULES.append(Rule(f"{style.part}.weight", style.article, style.part, bold, _weight_rule(style)))
        RULES.append(Rule(f"{style.part}.slant", style.article, style.part, upright, _slant_rule(style)))
        if style.capitals is not None:
            words = (
                _("%(name)s phải viết bằng chữ in hoa.")
                if style.capitals
                else _("%(name)s phải viết bằng chữ in thường.")
            )
            RULES.append(Rule(f"{style.part}.case", style.article, style.part, words, _case_rule(style)))


_enter_styles()


# --- page: paper, margins, fonts, page numbers --------------------------------------------------------------------------


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
        *_one(anatomy.motto),
        *anatomy.above,
        *_one(anatomy.number),
        *_one(anatomy.date),
        *_one(anatomy.title),
        *anatomy.subject,
        *anatomy.letter_subject,
        *anatomy.addressed,
        *_one(anatomy.recipients_title),
        *anatomy.recipients,
        *anatomy.posts,
        *_one(anatomy.name),
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
        *_one(anatomy.motto),
        *anatomy.issuer,
        *_one(anatomy.title),
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
            yield Hit(line, facts={"size": _points(line.size)})
            return


# --- national name and motto -------------------------------------------------------------------------------------------


@rule(
    "national_name.missing", MAIN + "1", "national_name", _("Không có Quốc hiệu “CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM”.")
)
def _national_missing(anatomy: Anatomy) -> Iterator[Hit]:
    if not anatomy.national:
        yield Hit(page=1)


@rule(
    "national_name.words",
    MAIN + "1",
    "national_name",
    _("Quốc hiệu viết sai: “%(found)s”; phải là “CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM”."),
)
def _national_words(anatomy: Anatomy) -> Iterator[Hit]:
    text = " ".join(" ".join(line.text for line in anatomy.national).split())
    if text and not same_word(text.upper(), NATIONAL_NAME):
        yield Hit(anatomy.national[0], facts={"found": text}, instead=NATIONAL_NAME)


@rule(
    "national_name.place",
    PART + "Mục IV",
    "national_name",
    _("Quốc hiệu và Tiêu ngữ phải ở phía trên, bên phải; tên cơ quan ở bên trái."),
)
def _national_place(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.national and anatomy.above:
        line = anatomy.national[0]
        others = [other.centre for other in anatomy.above]
        if line.centre < anatomy.first.width * 0.42 and min(others) > line.centre:
            yield Hit(line)
    elif anatomy.national and anatomy.number is not None:
        line = anatomy.national[0]
        if line.centre < anatomy.first.width * 0.42:
            yield Hit(line)


@rule("motto.missing", MAIN + "1", "motto", _("Không có Tiêu ngữ “Độc lập - Tự do - Hạnh phúc”."))
def _motto_missing(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.motto is None:
        yield Hit(page=1)


_DASHES = "–—−‒―"


@rule("motto.words", MAIN + "1", "motto", _("Tiêu ngữ viết sai: “%(found)s”; phải là “Độc lập - Tự do - Hạnh phúc”."))
def _motto_words(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.motto is None:
        return
    text = anatomy.motto.text.rstrip()
    level = re.sub(f"[{_DASHES}]", "-", text)
    parts = [part.strip() for part in level.split("-")]
    if [part.lower() for part in parts] != [part.strip().lower() for part in MOTTO.split("-")]:
        yield Hit(anatomy.motto, facts={"found": text}, instead=MOTTO)


@rule(
    "motto.case",
    MAIN + "1",
    "motto",
    _("Tiêu ngữ viết “%(found)s”; chỉ viết hoa chữ cái đầu của mỗi cụm từ: “Độc lập - Tự do - Hạnh phúc”."),
)
def _motto_case(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.motto is None:
        return
    parts = [part.strip() for part in re.split(f"[-{_DASHES}]", anatomy.motto.text)]
    right = [part.strip() for part in MOTTO.split("-")]
    if [part.lower() for part in parts] == [part.lower() for part in right] and parts != right:
        yield Hit(anatomy.motto, facts={"found": anatomy.motto.text}, instead=MOTTO)


@rule("motto.dash", MAIN + "1", "motto", _("Giữa các cụm từ của Tiêu ngữ là gạch nối (-), có cách chữ ở hai bên."))
def _motto_dash(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.motto is None:
        return
    text = anatomy.motto.text.strip()
    if (
        letters(text) == letters(MOTTO)
        and (any(dash in text for dash in _DASHES) or not re.search(r"\S - \S.*\S - \S", text))
        and (re.search(r"\S-\S", text) or any(dash in text for dash in _DASHES) or text.count("-") != 2)
    ):
        yield Hit(anatomy.motto, instead=MOTTO)


def _bare(anatomy: Anatomy, lines: tuple[Line, ...]) -> bool:
    """Whether a DOCX surely has no rule under these lines: no border, no underlining, and no shape anywhere."""
    if not lines or lines[-1].told is None or anatomy.paper.drawn:
        return False
    underlined = any(word.look.underlined for line in lines for word in line.words)
    return not underlined and not any(line.told and line.told.ruled for line in lines)


def _shares(anatomy: Anatomy, lines: tuple[Line, ...]) -> list[float] | None:
    """How long the rules under some lines are, as shares of the longest line. `None`: a DOCX, where they may be shapes."""
    if not lines or lines[0].told:
        return None
    wide = max(line.width for line in lines)
    page = anatomy.page(lines[0].page)
    rules = strokes_under(page, lines)
    nearest = max((rule.y0 for rule in rules), default=0)
    return [(rule.x1 - rule.x0) / wide for rule in rules if rule.y0 > nearest - 3]


@rule("motto.rule", MAIN + "1", "motto", _("Dưới Tiêu ngữ phải có đường kẻ ngang, nét liền."))
def _motto_rule(anatomy: Anatomy) -> Iterator[Hit]:
    shares = _shares(anatomy, _one(anatomy.motto))
    if shares == [] or _bare(anatomy, _one(anatomy.motto)):
        yield Hit(anatomy.motto)


@rule("motto.rule_length", MAIN + "1", "motto", _("Đường kẻ dưới Tiêu ngữ phải dài bằng dòng chữ."))
def _motto_rule_length(anatomy: Anatomy) -> Iterator[Hit]:
    shares = _shares(anatomy, _one(anatomy.motto))
    if shares and not any(0.62 <= share <= 1.4 for share in shares):
        yield Hit(anatomy.motto)


# --- issuer -----------------------------------------------------------------------------------------------------------


@rule(
    "issuer.missing", MAIN + "2", "issuer", _("Không có tên cơ quan, tổ chức ban hành văn bản ở phía trên, bên trái.")
)
def _issuer_missing(anatomy: Anatomy) -> Iterator[Hit]:
    if not anatomy.above and anatomy.number is not None and anatomy.national:
        if anatomy.national[0].centre < anatomy.first.width * 0.42:
            return
        yield Hit(page=1)


@rule("issuer.rule", MAIN + "2", "issuer", _("Dưới tên cơ quan ban hành phải có đường kẻ ngang, nét liền."))
def _issuer_rule(anatomy: Anatomy) -> Iterator[Hit]:
    if _shares(anatomy, anatomy.issuer) == [] or _bare(anatomy, anatomy.issuer):
        yield Hit(anatomy.issuer[-1])


@rule(
    "issuer.rule_length",
    MAIN + "2",
    "issuer",
    _("Đường kẻ dưới tên cơ quan ban hành phải dài từ 1/3 đến 1/2 dòng chữ."),
)
def _issuer_rule_length(anatomy: Anatomy) -> Iterator[Hit]:
    shares = _shares(anatomy, anatomy.issuer)
    if shares and not any(0.17 <= share <= 0.9 for share in shares):
        wide = max(line.width for line in anatomy.issuer)
        if wide > 85 or min(shares) > 1.3:
            yield Hit(anatomy.issuer[-1])


# --- number and notation ------------------------------------------------------------------------------------------------


@rule("number.missing", MAIN + "3", "number", _("Không có dòng “Số: …/…” dưới tên cơ quan ban hành."))
def _number_missing(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.number is None and anatomy.national:
        yield Hit(page=1)


@rule("number.colon", MAIN + "3", "number", _("Sau từ “Số” phải có dấu hai chấm (:)."))
def _number_colon(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.number and re.match(r"^\s*S[ốỐ]\s*[^:\s]", anatomy.number.text) and ":" not in anatomy.number.text[:8]:
        yield Hit(anatomy.number, instead=re.sub(r"^(\s*S[ốỐ])\s*[.;]?\s*", "Số: ", anatomy.number.text))


@rule("number.word", MAIN + "3", "number", _("Từ “Số” viết “%(found)s”; phải viết “Số:”, chữ in thường."))
def _number_word(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.number:
        word = re.match(r"\s*(\w+)", anatomy.number.text)
        if word and word[1] != "Số":
            yield Hit(anatomy.number, facts={"found": word[1]}, instead=anatomy.number.text.replace(word[1], "Số", 1))


@dataclass(frozen=True)
class Notation:
    """A number line's parts. `number` may be empty: not yet taken."""

    raw: str  # what follows "Số:"
    number: str
    year: str
    code: str  # the notation, without spaces


def notation(line: Line | None) -> Notation | None:
    """The parts of "Số: 15/QĐ-BNV"; `None` if it is not of that form."""
    if line is None:
        return None
    raw = (
        re.sub(r"^\s*\w+\s*[:.;]?\s*", "", line.text, count=1)
        if re.match(r"\s*[Ss]\w{1,2}\b", line.text)
        else line.text
    )
    plain = re.sub(r"\s+", "", raw).replace("…", "").strip(".")
    plain = re.sub(r"[.]{2,}", "", plain)
    match = re.match(r"^(\d*[a-z]?)(?:/(\d{4}))?/([^\W\d_](?:[\w()&.,+]|[-–—/])*)$", plain)
    return Notation(raw, match[1], match[2] or "", match[3]) if match else None


@rule(
    "number.form",
    MAIN + "3",
    "number",
    _(
        "Số, ký hiệu “%(found)s” sai dạng; giữa số và ký hiệu là dấu gạch chéo (/), giữa các nhóm chữ là dấu gạch nối (-)."
    ),
)
def _number_form(anatomy: Anatomy) -> Iterator[Hit]:
    line = anatomy.number
    if line is None:
        return
    parts = notation(line)
    raw = parts.raw if parts else line.text
    swapped = re.search(r"\d\s*[-–]\s*[A-ZĐ]{1,4}\w*\s*/\s*[A-ZĐ]", raw)
    wrong_dash = parts is not None and re.search("[–—]", parts.code)
    slashed = parts is not None and re.match(r"^(" + "|".join(TYPES.values()) + r")/[A-ZĐ]", parts.code)
    bare = parts is None and re.search(r"\d\s*[-–.,]?\s*(" + "|".join(TYPES.values()) + r")\s*[-–]", raw)
    if swapped or wrong_dash or slashed or (bare and "/" not in raw):
        yield Hit(line, facts={"found": raw.strip()})


@rule("number.leading_zero", MAIN + "3", "number", _("Số %(found)s nhỏ hơn 10 phải ghi thêm số 0 phía trước."))
def _number_zero(anatomy: Anatomy) -> Iterator[Hit]:
    parts = notation(anatomy.number)
    if anatomy.number and parts and re.fullmatch(r"[1-9]", parts.number):
        yield Hit(
            anatomy.number,
            facts={"found": parts.number},
            instead=re.sub(r"(?<!\d)" + parts.number + r"(?=\s*/)", "0" + parts.number, anatomy.number.text, count=1),
        )


@rule("number.spaces", MAIN + "3", "number", _("Trong số, ký hiệu không có cách chữ: “%(found)s”."))
def _number_spaces(anatomy: Anatomy) -> Iterator[Hit]:
    parts = notation(anatomy.number)
    if anatomy.number and parts and any(map(str.isdigit, parts.number)):
        after = parts.raw[parts.raw.index("/") :]
        if re.search(r"[\w)]\s+[-–]|[-–]\s+[\w(]|/\s+\w", after.strip()):
            yield Hit(
                anatomy.number, facts={"found": parts.raw.strip()}, instead="Số: " + re.sub(r"\s+", "", parts.raw)
            )


@rule(
    "number.year",
    MAIN + "3",
    "number",
    _("Số của văn bản hành chính không ghi năm: “%(found)s”; năm chỉ ghi trong số của văn bản quy phạm pháp luật."),
)
def _number_year(anatomy: Anatomy) -> Iterator[Hit]:
    parts = notation(anatomy.number)
    if anatomy.number and parts and parts.year:
        yield Hit(anatomy.number, facts={"found": parts.raw.strip()}, instead=f"Số: {parts.number}/{parts.code}")


@rule(
    "notation.type",
    "Phụ lục III, Mục I",
    "number",
    _("Chữ viết tắt tên loại trong ký hiệu là “%(found)s”; %(type)s viết tắt là “%(right)s”."),
)
def _notation_type(anatomy: Anatomy) -> Iterator[Hit]:
    parts = notation(anatomy.number)
    if anatomy.number is None or parts is None or anatomy.type is None or anatomy.type[0] == "CV":
        return
    group = re.split(r"[-–/]", parts.code)[0]
    right, name = anatomy.type
    exact = letters(anatomy.title.text) == letters(name) if anatomy.title else False
    if group == right or not exact:
        return
    if group.upper() == right.upper() and right in MIXED_CASE:
        return
    others = {one.upper() for one in TYPES.values()}
    stripped = fold(group) == fold(right)
    if group.upper() in others or stripped or len(group) <= 3:
        yield Hit(
            anatomy.number,
            facts={"found": group, "type": name.lower(), "right": right},
            instead=anatomy.number.text.replace(group, right, 1),
        )


@rule("notation.letter", MAIN + "3", "number", _("Ký hiệu của công văn không có chữ viết tắt tên loại: “%(found)s”."))
def _notation_letter(anatomy: Anatomy) -> Iterator[Hit]:
    parts = notation(anatomy.number)
    if anatomy.number and parts and anatomy.is_letter and re.match(r"^CV-", parts.code):
        yield Hit(anatomy.number, facts={"found": parts.code}, instead=anatomy.number.text.replace("CV-", "", 1))


@rule("notation.case", MAIN + "3", "number", _("Ký hiệu “%(found)s” phải viết bằng chữ in hoa."))
def _notation_case(anatomy: Anatomy) -> Iterator[Hit]:
    parts = notation(anatomy.number)
    if anatomy.number and parts:
        signs = [sign for sign in parts.code if sign.isalpha()]
        if len(signs) >= 3 and not any(sign.isupper() for sign in signs):
            yield Hit(anatomy.number, facts={"found": parts.code})


# --- place and date -----------------------------------------------------------------------------------------------------


def _top_lines(anatomy: Anatomy) -> list[Line]:
    """The lines of the head, a little further down than the number."""
    floor = anatomy.number.y - 40 if anatomy.number else anatomy.first.height * 0.7
    return [line for line in anatomy.first.lines if line.y > floor]


@rule("date.missing", MAIN + "4", "date", _("Không có địa danh và thời gian ban hành văn bản."))
def _date_missing(anatomy: Anatomy) -> Iterator[Hit]:
    if (
        anatomy.date is None
        and anatomy.national
        and anatomy.number is not None
        and not any(re.search(r"\bngày\b.{0,14}\btháng\b", line.text.lower()) for line in _top_lines(anatomy))
    ):
        yield Hit(page=1)


@dataclass(frozen=True)
class When:
    place: str
    mark: str  # between place and date
    day: str
    month: str
    year: str


def when(line: Line | None) -> When | None:
    """The parts of "Hà Nội, ngày 05 tháng 01 năm 2026"; digits may be missing."""
    if line is None:
        return None
    text = re.sub(r"[.…_]{2,}|…", " ", line.text)
    match = re.match(
        r"^(.*?)\s*([,.;:]?)\s*\b[Nn]gày\s*(\d{0,2})\s*[Tt]háng\s*(\d{0,2})\s*[Nn]ăm\s*(\d{0,4})\s*[.]?$", text.strip()
    )
    return When(match[1].strip(), match[2], match[3], match[4], match[5]) if match else None


@rule("date.form", MAIN + "4", "date", _("Thời gian ghi “%(found)s”; phải ghi đầy đủ “ngày … tháng … năm …”."))
def _date_form(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.date and when(anatomy.date) is None:
        text = anatomy.date.text
        if re.search(r"\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{4}", text):
            yield Hit(anatomy.date, facts={"found": text})


@rule("date.place", MAIN + "4", "date", _("Thiếu địa danh trước ngày, tháng, năm ban hành."))
def _date_place(anatomy: Anatomy) -> Iterator[Hit]:
    parts = when(anatomy.date)
    if anatomy.date and parts and not parts.place:
        above = [
            line
            for line in anatomy.first.lines
            if 0 < line.y - anatomy.date.y < 22 and line.text.rstrip().endswith(",")
        ]
        if not above:
            yield Hit(anatomy.date)


@rule("date.comma", MAIN + "4", "date", _("Sau địa danh phải có dấu phẩy (,)."))
def _date_comma(anatomy: Anatomy) -> Iterator[Hit]:
    parts = when(anatomy.date)
    if anatomy.date and parts and parts.place and parts.mark != "," and not parts.place.endswith(","):
        yield Hit(anatomy.date, instead=re.sub(r"\s*[.;:]?\s*\b([Nn]gày)", r", \1", anatomy.date.text, count=1))


@rule(
    "date.leading_zero",
    MAIN + "4",
    "date",
    _("Ngày nhỏ hơn 10 và tháng 1, tháng 2 phải ghi thêm số 0 phía trước: “%(found)s”."),
)
def _date_zero(anatomy: Anatomy) -> Iterator[Hit]:
    parts = when(anatomy.date)
    if anatomy.date and parts and (re.fullmatch("[1-9]", parts.day) or parts.month in ("1", "2")):
        day = parts.day.zfill(2) if parts.day else ""
        month = parts.month.zfill(2) if parts.month in ("1", "2") else parts.month
        yield Hit(
            anatomy.date,
            facts={"found": anatomy.date.text},
            instead=f"{parts.place}, ngày {day} tháng {month} năm {parts.year}" if parts.place and day else "",
        )


@rule("date.level", PART + "Mục IV", "date", _("Địa danh, thời gian phải nằm cùng hàng với số, ký hiệu, ở bên phải."))
def _date_level(anatomy: Anatomy) -> Iterator[Hit]:
    if (
        anatomy.date
        and anatomy.number
        and (
            (abs(anatomy.date.y - anatomy.number.y) > 26 and not anatomy.date.told)
            or anatomy.date.centre < anatomy.first.width * 0.42
        )
    ):
        yield Hit(anatomy.date)


@rule("number.place", PART + "Mục IV", "number", _("Số, ký hiệu phải nằm dưới tên cơ quan ban hành, ở bên trái."))
def _number_place(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.number and anatomy.number.centre > anatomy.first.width * 0.56:
        yield Hit(anatomy.number)


# --- type name and subject ------------------------------------------------------------------------------------------------


@rule("type_name.missing", MAIN + "5", "type_name", _("Không có tên loại văn bản (%(type)s)."))
def _type_missing(anatomy: Anatomy) -> Iterator[Hit]:
    parts = notation(anatomy.number)
    if parts is None or anatomy.type is not None or anatomy.letter_subject or anatomy.addressed:
        return
    group = re.split(r"[-–/]", parts.code)[0]
    if anatomy.title is not None and not (group in ("QĐ", "NQ") and anatomy.enacting is not None):
        return
    name = next((name for name, short in TYPES.items() if short == group), None)
    if name and group in ("QĐ", "NQ", "TTr", "KH", "BB", "TB"):
        yield Hit(page=1, facts={"type": name.upper()})


def _off_centre(anatomy: Anatomy, line: Line) -> bool:
    if line.told:
        return line.told.align in ("left", "right", "both") and line.told.table == 0
    middles = {anatomy.middle, anatomy.first.width / 2}
    return min(abs(line.centre - middle) for middle in middles) > 36


@rule("type_name.centred", MAIN + "5", "type_name", _("Tên loại văn bản phải canh giữa."))
def _type_centred(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.title and anatomy.type and _off_centre(anatomy, anatomy.title):
        yield Hit(anatomy.title)


@rule("subject.centred", MAIN + "5", "subject", _("Trích yếu nội dung phải canh giữa dưới tên loại văn bản."))
def _subject_centred(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.type and anatomy.subject and _off_centre(anatomy, anatomy.subject[0]):
        yield Hit(anatomy.subject[0])


@rule(
    "subject.rule",
    MAIN + "5",
    "subject",
    _("Dưới trích yếu nội dung phải có đường kẻ ngang, nét liền, dài từ 1/3 đến 1/2 dòng chữ."),
)
def _subject_rule(anatomy: Anatomy) -> Iterator[Hit]:
    if not anatomy.type or anatomy.type[0] not in ("QĐ", "NQ", "KH", "BC", "TB", "CT", "TTr", "HD", "CTr", "PA", "ĐA"):
        return
    if anatomy.subject and (_shares(anatomy, anatomy.subject) == [] or _bare(anatomy, anatomy.subject)):
        yield Hit(anatomy.subject[-1])


@rule(
    "subject.rule_length",
    MAIN + "5",
    "subject",
    _("Đường kẻ dưới trích yếu nội dung phải dài từ 1/3 đến 1/2 dòng chữ."),
)
def _subject_rule_length(anatomy: Anatomy) -> Iterator[Hit]:
    shares = _shares(anatomy, anatomy.subject) if anatomy.type else None
    if (
        shares
        and not any(0.12 <= share <= 0.85 for share in shares)
        and max(line.width for line in anatomy.subject) > 120
    ):
        yield Hit(anatomy.subject[-1])


@rule(
    "letter_subject.missing",
    MAIN + "5",
    "letter_subject",
    _("Công văn phải có trích yếu nội dung “V/v …” dưới số, ký hiệu."),
)
def _letter_subject_missing(anatomy: Anatomy) -> Iterator[Hit]:
    parts = notation(anatomy.number)
    if anatomy.title or anatomy.letter_subject or not anatomy.addressed or parts is None:
        return
    group = re.split(r"[-–/]", parts.code)[0]
    anywhere = any(re.search(r"\bv\s?/\s?v\b|^về việc\b", line.text.lower()) for line in anatomy.first.lines)
    greeting = any(fold(line.text).startswith(("thu ", "kinh thua")) for line in anatomy.first.lines)
    if group not in TYPES.values() and not anywhere and not greeting and "-" in parts.code:
        yield Hit(anatomy.number)


@rule(
    "letter_subject.prefix", MAIN + "5", "letter_subject", _("Trích yếu công văn phải bắt đầu bằng “V/v”: “%(found)s”.")
)
def _letter_subject_prefix(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.letter_subject and anatomy.is_letter:
        text = anatomy.letter_subject[0].text.strip()
        if not re.match(r"^V/v\b", text):
            found = re.match(r"^(về việc|v\s*/\s*v|\w+)", text, re.I)
            yield Hit(
                anatomy.letter_subject[0],
                facts={"found": found[0] if found else text[:12]},
                instead=re.sub(r"^(về việc|v\s*/\s*v|vv)[:.]?\s*", "V/v ", text, flags=re.I),
            )


@rule("letter_subject.place", MAIN + "5", "letter_subject", _("Trích yếu công văn phải ở dưới số, ký hiệu, bên trái."))
def _letter_subject_place(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.title or anatomy.letter_subject or anatomy.number is None or not anatomy.addressed:
        return
    for line in anatomy.first.lines:
        if re.match(r"^V/v\b", line.text.strip()) and line.y > anatomy.first.height * 0.4:
            yield Hit(line)
            return


@rule("addressee.colon", MAIN + "9", "addressee", _("Sau “Kính gửi” phải có dấu hai chấm (:)."))
def _addressee_colon(anatomy: Anatomy) -> Iterator[Hit]:
    if (
        anatomy.addressed
        and not re.match(r"\s*Kính gửi\s*:", anatomy.addressed[0].text, re.I)
        and re.match(r"\s*kính gửi\s*\w", anatomy.addressed[0].text, re.I)
    ):
        yield Hit(
            anatomy.addressed[0],
            instead=re.sub(r"^(\s*Kính gửi)\s*", r"\1: ", anatomy.addressed[0].text, flags=re.I),
        )


@rule(
    "addressee.list",
    MAIN + "9",
    "addressee",
    _("Các nơi kính gửi ghi thành dòng, cuối dòng có dấu chấm phẩy (;), cuối dòng cuối cùng có dấu chấm (.)."),
)
def _addressee_list(anatomy: Anatomy) -> Iterator[Hit]:
    lines = anatomy.addressed[1:]
    if len(lines) >= 2 and all(re.match(r"\s*[-–]", line.text) for line in lines):
        ends = [line.text.rstrip()[-1:] for line in lines]
        if sum(end != ";" for end in ends[:-1]) >= max(1, len(ends) - 1) and ends[-1] not in ".;":
            yield Hit(lines[0])


# --- the text ---------------------------------------------------------------------------------------------------------------


def _flowing(anatomy: Anatomy) -> list[Line]:
    return [line for line in anatomy.body if id(line) not in anatomy.tabled and (line.size or 12) > 10.4]


@rule("body.size", MAIN + "6", "body", _("Cỡ chữ phần nội dung là %(size)s; phải là 13–14."))
def _body_size(anatomy: Anatomy) -> Iterator[Hit]:
    bases = {id(line) for line in _basis_lines(anatomy)}
    lines = [line for line in _flowing(anatomy) if len(line.text) > 25 and id(line) not in bases]
    main = most((round(line.size * 2) / 2 if line.size else None, len(line.text)) for line in lines)
    if main is None:
        return
    wrong = [line for line in lines if line.size is not None and not 12.55 <= line.size <= 14.45]
    if not 12.55 <= main <= 14.45:
        if sum(len(line.text) for line in wrong) > 100:
            yield Hit(wrong[0], facts={"size": _points(main)})
        return
    lone = next((line for line in wrong if line.told and len(line.text) > 150), None)
    if lone is not None:
        yield Hit(lone, facts={"size": _points(lone.size or 0)})
        return
    for before, line in itertools.pairwise(wrong):
        if line.told or (before.page == line.page and 0 < before.y - line.y < 45 and _is_wide(anatomy, before)):
            if line.page and line.y < 150 and (line.size or 0) < 12:
                continue  # a footnote
            yield Hit(before, facts={"size": _points(before.size or 0)})
            return


def _is_wide(anatomy: Anatomy, line: Line) -> bool:
    return line.width > 0.55 * anatomy.first.width


def is_justified(anatomy: Anatomy) -> bool | None:
    """Whether the text's lines end at one edge; `None` if too few can be told."""
    if anatomy.left is None or anatomy.right is None:
        return None
    ends = [
        line.x1
        for paragraph in anatomy.paragraphs
        for line in paragraph.lines[:-1]
        if line.told is None and line.width > 0.6 * (anatomy.right - anatomy.left)
    ]
    if len(ends) < 7:
        return None
    near = sum(abs(end - anatomy.right) < 3.2 for end in ends) / len(ends)
    return True if near > 0.75 else False if near < 0.66 else None


@rule("body.justified", MAIN + "6", "body", _("Nội dung văn bản phải canh đều cả hai lề."))
def _justified(anatomy: Anatomy) -> Iterator[Hit]:
    told = [line for line in _flowing(anatomy) if line.told and len(line.text) > 120]
    if told:
        wrong = [line for line in told if line.told and line.told.align != "both"]
        if len(wrong) > 0.5 * len(told):
            yield Hit(wrong[0])
    elif is_justified(anatomy) is False:
        yield Hit(next((line for line in anatomy.full), None))


@rule("body.indent", MAIN + "6", "body", _("Dòng đầu của đoạn lùi vào %(found)s; phải lùi vào 1 cm hoặc 1,27 cm."))
def _indent(anatomy: Anatomy) -> Iterator[Hit]:
    told = [line for line in _flowing(anatomy) if line.told and len(line.text) > 90 and not line.told.numbered]
    if told:
        hanging = [line for line in told if line.told and not 20 <= line.told.indent + max(line.told.left, 0) <= 46]
        if len(hanging) > 0.6 * len(told) and len(hanging) >= 3:
            place = hanging[0].told
            yield Hit(hanging[0], facts={"found": _centimetres(place.indent + place.left if place else 0)})
        return
    starts = _starts(anatomy)
    if len(starts) < 4 or anatomy.left is None:
        return
    offsets = [(paragraph.first.x0 - anatomy.left) for paragraph in starts]
    none = [one for one in offsets if one < 6]
    wrong = [one for one in offsets if not 20 <= one <= 46]
    if len(none) >= 0.75 * len(offsets) or len(wrong) >= 0.8 * len(offsets):
        worst = next(p for p, offset in zip(starts, offsets, strict=False) if not 20 <= offset <= 46)
        yield Hit(worst.first, facts={"found": _centimetres(median(offsets))})


def _centimetres(points: float) -> str:
    return f"{max(points, 0) / MM / 10:.1f} cm".replace(".", ",")


def _starts(anatomy: Anatomy) -> list[Paragraph]:
    """Paragraphs of two lines and more that begin at the column's left part, headings left out."""
    if anatomy.left is None or anatomy.right is None:
        return []
    return [
        paragraph
        for paragraph in anatomy.paragraphs
        if len(paragraph.lines) >= 2
        and paragraph.first.x1 > anatomy.right - 14
        and paragraph.lines[1].x0 - anatomy.left < 6
        and paragraph not in anatomy.bases
    ]


@rule(
    "body.line_spacing",
    MAIN + "6",
    "body",
    _("Khoảng cách giữa các dòng khoảng %(found)s dòng; phải từ dòng đơn đến 1,5 dòng."),
)
def _line_spacing(anatomy: Anatomy) -> Iterator[Hit]:
    told = [line for line in _flowing(anatomy) if line.told and len(line.text) > 120]
    if told:
        wrong = [line for line in told if line.told and not _fair_pitch(line.told.pitch, line.size or 14)]
        if len(wrong) > 0.5 * len(told) and wrong[0].told:
            yield Hit(wrong[0], facts={"found": _points(_lines_of(wrong[0].told.pitch, wrong[0].size or 14))})
        return
    steps = [
        (above.y - below.y) / (above.size or 14)
        for paragraph in anatomy.paragraphs
        for above, below in zip(paragraph.lines, paragraph.lines[1:], strict=False)
        if above.page == below.page and above.told is None and 5 < above.y - below.y < 60
    ]
    if len(steps) >= 6:
        middle = median(steps)
        if middle > 1.86 or middle < 0.99:
            line = next(p.lines[0] for p in anatomy.paragraphs if len(p.lines) > 1)
            yield Hit(line, facts={"found": _points(middle / 1.15)})


def _lines_of(pitch: float, size: float) -> float:
    return pitch if pitch > 0 else -pitch / size / 1.15


def _fair_pitch(pitch: float, size: float) -> bool:
    return 0.86 <= _lines_of(pitch, size) <= 1.62


@rule(
    "body.paragraph_spacing",
    MAIN + "6",
    "body",
    _("Giữa các đoạn văn không có khoảng cách; phải cách nhau tối thiểu 6 pt."),
)
def _paragraph_spacing(anatomy: Anatomy) -> Iterator[Hit]:
    told = [line for line in _flowing(anatomy) if line.told and len(line.text) > 90]
    if told:
        bare = [line for line in told if line.told and max(line.told.before, line.told.after) < 1.5]
        if len(bare) > 0.8 * len(told) and len(bare) >= 4:
            yield Hit(bare[0])
        return
    inner, outer = [], []
    flat = [p for p in anatomy.paragraphs if p.first.told is None]
    for paragraph in flat:
        inner += [a.y - b.y for a, b in zip(paragraph.lines, paragraph.lines[1:], strict=False) if a.page == b.page]
    for above, below in itertools.pairwise(flat):
        last, first = above.lines[-1], below.first
        if last.page == first.page and abs((last.size or 0) - (first.size or 0)) < 0.6 and 5 < last.y - first.y < 60:
            outer.append(last.y - first.y)
    if (
        len(inner) >= 5
        and len(outer) >= 5
        and median(outer) - median(inner) < 1.2
        and sum(step - median(inner) < 1.2 for step in outer) > 0.8 * len(outer)
    ):
        yield Hit(flat[1].first)


@rule(
    "bases.punctuation",
    MAIN + "6",
    "bases",
    _("Cuối mỗi căn cứ là dấu chấm phẩy (;), cuối căn cứ cuối cùng là dấu chấm (.)."),
)
def _bases_punctuation(anatomy: Anatomy) -> Iterator[Hit]:
    for n, basis in enumerate(anatomy.bases):
        last = n == len(anatomy.bases) - 1
        end = basis.text.rstrip()[-1:]
        if (last and end != ".") or (not last and end != ";"):
            yield Hit(basis.lines[-1], instead=basis.text.rstrip().rstrip(".,;") + ("." if last else ";"))
            return


@rule("enacting.colon", MAIN + "6", "enacting", _("Sau “%(found)s” phải có dấu hai chấm (:)."))
def _enacting_colon(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.enacting and not anatomy.enacting.text.rstrip().endswith(":"):
        text = anatomy.enacting.text.strip()
        yield Hit(anatomy.enacting, facts={"found": text}, instead=text.rstrip(".;, ") + ":")


_ARTICLE = re.compile(r"^Điều\s+(\d{1,3})\s*([.:])")


def _begins(anatomy: Anatomy) -> Iterator[tuple[Paragraph, str]]:
    """Paragraphs that surely begin: indented, bold, or told; with their text."""
    for paragraph in anatomy.paragraphs:
        line = paragraph.first
        indented = line.told is not None or anatomy.left is None or line.x0 - anatomy.left > 9
        yield paragraph, (line.text.strip() if indented or line.words[0].look.bold else "")


def _quoting(anatomy: Anatomy) -> bool:
    """Whether the paper amends another and therefore quotes articles out of order."""
    text = " ".join(paragraph.text for paragraph in anatomy.paragraphs[:80]).lower()
    return "sửa đổi" in text or "“điều" in text or '"điều' in text or "bổ sung" in text


@rule(
    "article.order",
    MAIN + "6",
    "article",
    _("Điều %(found)s đứng sau Điều %(before)s; các điều phải đánh số liên tục."),
)
def _article_order(anatomy: Anatomy) -> Iterator[Hit]:
    if _quoting(anatomy):
        return
    before = 0
    for paragraph, text in _begins(anatomy):
        match = _ARTICLE.match(text)
        if not match:
            continue
        number = int(match[1])
        if number == 1 and before > 0:
            before = 1  # a regulation promulgated with the decision begins anew
        elif number != before + 1:
            yield Hit(paragraph.first, facts={"found": number, "before": before})
            return
        before = number


@rule("article.form", MAIN + "6", "article", _("Sau số thứ tự của điều là dấu chấm (.): “Điều %(found)s.”."))
def _article_form(anatomy: Anatomy) -> Iterator[Hit]:
    for paragraph, text in _begins(anatomy):
        match = _ARTICLE.match(text)
        if match and match[2] == ":":
            yield Hit(
                paragraph.first, facts={"found": match[1]}, instead=text.replace(match[0], f"Điều {match[1]}.", 1)
            )
            return


@rule("article.weight", MAIN + "6", "article", _("“Điều %(found)s.” phải in đậm."))
def _article_weight(anatomy: Anatomy) -> Iterator[Hit]:
    for paragraph, text in _begins(anatomy):
        match = _ARTICLE.match(text)
        if match and paragraph.first.words[0].look.bold is False and not _quoting(anatomy):
            yield Hit(paragraph.first, facts={"found": match[1]})
            return


@rule(
    "clause.order",
    MAIN + "6",
    "clause",
    _("Khoản %(found)s đứng sau khoản %(before)s; các khoản phải đánh số liên tục."),
)
def _clause_order(anatomy: Anatomy) -> Iterator[Hit]:
    if _quoting(anatomy):
        return
    before, inside = 0, False
    for paragraph, text in _begins(anatomy):
        if _ARTICLE.match(text):
            before, inside = 0, True
            continue
        match = re.match(r"^(\d{1,2})\.\s+[^\W\d]", text)
        if not match or not inside:
            continue
        number = int(match[1])
        if number == 1:
            before = 1
        elif before and number != before + 1:
            yield Hit(paragraph.first, facts={"found": number, "before": before})
            return
        else:
            before = number


@rule(
    "point.letter",
    MAIN + "6",
    "point",
    _(
        "Điểm %(found)s) đứng sau điểm %(before)s); các điểm theo thứ tự bảng chữ cái tiếng Việt: a, b, c, d, đ, e, g, h, i, k…"
    ),
)
def _point_letter(anatomy: Anatomy) -> Iterator[Hit]:
    if _quoting(anatomy):
        return
    before = ""
    for paragraph, text in _begins(anatomy):
        match = re.match(r"^([a-zđăâêôơư])\)\s", text)
        if not match:
            if _ARTICLE.match(text) or re.match(r"^(\d{1,2}|[IVX]+)[.)]\s", text):
                before = ""
            continue
        letter = match[1]
        if letter == "a" or not before:
            if letter not in LETTERS:
                yield Hit(paragraph.first, facts={"found": letter, "before": before or "…"})
                return
            before = letter
            continue
        at = LETTERS.find(before)
        right = LETTERS[at + 1] if 0 <= at < len(LETTERS) - 1 else ""
        if right and letter != right:
            yield Hit(paragraph.first, facts={"found": letter, "before": before})
            return
        before = letter


_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}


def _roman(text: str) -> int:
    total = 0
    for sign, after in zip(text, text[1:] + " ", strict=False):
        value = _ROMAN[sign]
        total += -value if _ROMAN.get(after, 0) > value else value
    return total


@rule("heading.order", MAIN + "6", "heading", _("Mục %(found)s đứng sau mục %(before)s; phải đánh số liên tục."))
def _heading_order(anatomy: Anatomy) -> Iterator[Hit]:
    before, before_text = 0, ""
    for paragraph, text in _begins(anatomy):
        if re.match(r"^(PHẦN|Phần|CHƯƠNG|Chương)\b", text):
            before = 0
        match = re.match(r"^([IVXL]{1,6})\.\s", text)
        if not match or not paragraph.first.words[0].look.bold:
            continue
        number = _roman(match[1])
        if number == 1:
            before = 1
        elif before and number != before + 1:
            yield Hit(paragraph.first, facts={"found": match[1], "before": before_text})
            return
        elif before:
            before = number
        before_text = match[1]


CLOSED = ("CV", "QĐ", "NQ", "CT", "TB", "KH", "BC", "TTr", "HD")


@rule("body.closing", "Phụ lục III, Mục II", "body", _("Kết thúc nội dung văn bản phải có dấu “./.”."))
def _closing(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.type is None or anatomy.type[0] not in CLOSED or not anatomy.last_page or not anatomy.posts:
        return
    tail = [
        line for line in anatomy.body if (not line.stamped and sum(map(str.isalnum, line.text)) > 1) or "/" in line.text
    ]
    if not tail or id(tail[-1]) in anatomy.tabled:
        return
    end = " ".join(line.text for line in tail[-3:]).replace(" ", "")
    if re.search(r"[./…]\s?/\.?\W*$|/\.\W*$|\./", end[-8:]):
        return
    last = tail[-1]
    if last.text.rstrip()[-1:] in ".!;," or last.text.rstrip()[-1:].isalnum():
        yield Hit(last, instead=last.text.rstrip().rstrip(".;,") + "./.")


# --- signature --------------------------------------------------------------------------------------------------------------


@rule("authority.mark", MAIN + "7", "post", _("Quyền hạn ghi “%(found)s”; phải ghi “%(right)s” trước chức vụ."))
def _authority(anatomy: Anatomy) -> Iterator[Hit]:
    for line in anatomy.posts:
        match = re.match(
            r"^(K/T|T/M|T/L|T/UQ|K\.T|T\.M|T\.L|T\.U\.Q|KT|TL|TM|TUQ|TƯQ|Q)(\.|:|,|/)?(\s+|$|(?=[A-ZĐÂĂÊÔƠƯ]{3}))",
            line.text.strip(),
        )
        if not match:
            continue
        bare = re.sub(r"[^A-ZƯ]", "", match[1]).replace("Ư", "U")
        right = f"{bare}."
        if bare in MARKS and (match[1] != bare or match[2] != "."):
            if bare == "Q" and match[2] is None and match[1] == "Q":
                pass
            yield Hit(
                line,
                facts={"found": match[0].strip(), "right": right},
                instead=f"{right} {line.text.strip()[match.end() :].strip()}",
            )
            return


@rule("post.missing", MAIN + "7", "post", _("Không có quyền hạn, chức vụ của người ký phía trên họ tên."))
def _post_missing(anatomy: Anatomy) -> Iterator[Hit]:
    heading = anatomy.recipients_title
    if heading is None or anatomy.posts:
        return
    page = anatomy.page(heading.page)
    if page.pictured > 0.3:
        return
    right = [
        line
        for line in page.lines
        if line.y < heading.y + 30
        and line.centre > page.width * 0.55
        and (line.share("bold") or 0) > 0.5
        and not line.stamped
    ]
    if right and all(not any(sign.islower() for sign in line.text) for line in right):
        return
    if right:
        yield Hit(right[0])


TITLES = re.compile(
    r"^(PGS|GS|TS|ThS|Ths|BS|BSCK|CN|KS|NGND|NGƯT|Luật sư|LS|Tiến sĩ|Thạc sĩ|Phó Giáo sư|Giáo sư)\b[.\s,]", re.I
)
LEARNED = re.compile(
    r"TRƯỜNG|ĐẠI HỌC|HỌC VIỆN|VIỆN|BỆNH VIỆN|TRUNG TÂM|Y TẾ|GIÁO DỤC|KHOA HỌC|QUÂN|CÔNG AN|QUỐC PHÒNG|BỘ TƯ LỆNH"
)


@rule("signer.titles", MAIN + "7", "signer", _("Trước họ tên người ký không ghi học hàm, học vị: “%(found)s”."))
def _signer_titles(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.name is None:
        return
    match = TITLES.match(anatomy.name.text.strip())
    issuer = " ".join(line.text.upper() for line in anatomy.above)
    if match and not LEARNED.search(issuer):
        yield Hit(anatomy.name, facts={"found": match[0].strip(" .,")}, instead=_untitled(anatomy.name.text))


def _untitled(text: str) -> str:
    while (match := TITLES.match(text.strip())) is not None:
        text = text.strip()[match.end() :].lstrip(". ")
    return text.strip()


@rule("foot.place", PART + "Mục IV", "recipients", _("“Nơi nhận” phải ở bên trái, chức vụ và chữ ký ở bên phải."))
def _foot_place(anatomy: Anatomy) -> Iterator[Hit]:
    heading = anatomy.recipients_title
    if heading is not None and heading.centre > anatomy.first.width * 0.55:
        yield Hit(heading)


# --- recipients ------------------------------------------------------------------------------------------------------------


@rule("recipients.missing", MAIN + "9", "recipients", _("Không có phần “Nơi nhận”."))
def _recipients_missing(anatomy: Anatomy) -> Iterator[Hit]:
    if (
        anatomy.recipients_title is None
        and anatomy.posts
        and anatomy.name is not None
        and anatomy.type
        and anatomy.type[0] in ("CV", "QĐ", "NQ", "CT", "TB", "KH", "HD", "TTr")
    ):
        yield Hit(anatomy.posts[0])


@rule("recipients_title.words", MAIN + "9", "recipients", _("Ghi “%(found)s”; phải ghi “Nơi nhận:”."))
def _recipients_words(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.recipients_title is not None:
        text = anatomy.recipients_title.text.strip()
        if re.sub(r"\s+", " ", text).replace(" :", ":") != "Nơi nhận:":
            yield Hit(anatomy.recipients_title, facts={"found": text}, instead="Nơi nhận:")


def recipient_items(anatomy: Anatomy) -> list[tuple[str, Line]]:
    """The recipients, wrapped lines joined, each with its first line."""
    items: list[tuple[str, Line]] = []
    for line in anatomy.recipients:
        text = line.text.strip()
        if items and not re.match(r"[-–+•*]", text) and not re.match(r"Lưu\b", text):
            items[-1] = (f"{items[-1][0]} {text}", items[-1][1])
        else:
            items.append((text, line))
    return items


@rule("recipients.archive", MAIN + "9", "recipients", _("Dòng cuối của nơi nhận phải là “Lưu: VT, …”."))
def _archive(anatomy: Anatomy) -> Iterator[Hit]:
    items = recipient_items(anatomy)
    if len(items) < 2 or anatomy.recipients_title is None:
        return
    if not any(re.search(r"\blưu\b", text.lower()) for text, _line in items):
        yield Hit(items[-1][1])


@rule(
    "recipients.archive_form",
    MAIN + "9",
    "recipients",
    _("Dòng lưu ghi “%(found)s”; sau từ “Lưu” phải có dấu hai chấm (:), rồi “VT”."),
)
def _archive_form(anatomy: Anatomy) -> Iterator[Hit]:
    for text, line in recipient_items(anatomy):
        if re.match(r"^[-–+•*]?\s*Lưu\b", text) and not re.match(r"^[-–+•*]?\s*Lưu\s*:", text):
            yield Hit(line, facts={"found": text}, instead=re.sub(r"Lưu\s*", "Lưu: ", text, count=1))
            return


@rule(
    "recipients.punctuation",
    MAIN + "9",
    "recipients",
    _("Mỗi nơi nhận kết thúc bằng dấu chấm phẩy (;), dòng cuối bằng dấu chấm (.)."),
)
def _recipients_punctuation(anatomy: Anatomy) -> Iterator[Hit]:
    items = recipient_items(anatomy)
    if len(items) < 2 or not re.search(r"\blưu\b", items[-1][0].lower()):
        return
    wrong = [line for text, line in items[:-1] if text.rstrip()[-1:] not in ";:" and re.match(r"[-–]", text)]
    last = items[-1][0].rstrip()
    archive = (
        re.search(r"\.(\s*\(?\w{0,8}[.\d\w()/]*\)?)?$", last) or last.endswith(".") or re.search(r"\d\)?\s*$", last)
    )
    if wrong:
        yield Hit(wrong[0])
    elif not archive:
        yield Hit(items[-1][1], instead=last.rstrip(";,") + ".")


@rule("recipients.dash", MAIN + "9", "recipients", _("Mỗi nơi nhận ghi thành một dòng, đầu dòng có gạch đầu dòng (-)."))
def _recipients_dash(anatomy: Anatomy) -> Iterator[Hit]:
    lines = [line.text.strip() for line in anatomy.recipients]
    told = any(line.told and line.told.numbered for line in anatomy.recipients)
    if (
        len(lines) >= 2
        and not told
        and not any(re.match(r"[-–+•*\uf02d]", text) for text in lines)
        and any("Lưu" in t for t in lines)
    ):
        yield Hit(anatomy.recipients[0])


# --- stamps, annexes -----------------------------------------------------------------------------------------------------


@rule("urgency.words", OTHER + "2", "urgency", _("Mức độ khẩn ghi “%(found)s”; chỉ có: KHẨN, THƯỢNG KHẨN, HỎA TỐC."))
def _urgency_words(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.urgency and not any(same_word(anatomy.urgency.text.strip().upper(), words) for words in URGENCY):
        yield Hit(anatomy.urgency, facts={"found": anatomy.urgency.text.strip()})


@rule(
    "secrecy.words",
    OTHER + "2",
    "secrecy",
    _("Độ mật ghi “%(found)s”; chỉ có: MẬT, TỐI MẬT, TUYỆT MẬT, bằng chữ in hoa."),
)
def _secrecy_words(anatomy: Anatomy) -> Iterator[Hit]:
    if anatomy.secrecy and anatomy.secrecy.text.strip() not in SECRECY:
        yield Hit(anatomy.secrecy, facts={"found": anatomy.secrecy.text.strip()})


@rule("urgency.frame", OTHER + "2", "urgency", _("Dấu chỉ mức độ khẩn phải đặt trong khung chữ nhật viền đơn."))
def _urgency_frame(anatomy: Anatomy) -> Iterator[Hit]:
    line = anatomy.urgency
    if line is None or line.told or line.stamped:
        return
    around = [
        s
        for s in anatomy.first.strokes
        if s.upright and s.y0 - 1 <= line.y <= s.y1 and line.x0 - 90 < s.x0 < line.x1 + 90
    ]
    level = [s for s in anatomy.first.strokes if s.flat and abs(s.y0 - line.y) < 26 and s.x0 < line.centre < s.x1]
    if len(around) < 2 and len(level) < 2:
        yield Hit(line)


@rule(
    "annex.number",
    OTHER + "1",
    "annex",
    _("Phụ lục ghi “%(found)s”; từ hai phụ lục trở lên phải đánh số bằng chữ số La Mã."),
)
def _annex_number(anatomy: Anatomy) -> Iterator[Hit]:
    several = len(anatomy.annexes) > 1
    for annex in anatomy.annexes:
        text = annex.label.text.strip()
        if re.search(r"\d", text) or (several and not re.search(r"\b[IVXL]+\W*$", text)):
            yield Hit(annex.label, facts={"found": text})
            return


@rule("annex.look", OTHER + "1", "annex", _("“Phụ lục” phải canh giữa, in đậm, chữ đứng, cỡ 14."))
def _annex_look(anatomy: Anatomy) -> Iterator[Hit]:
    for annex in anatomy.annexes:
        line = annex.label
        page = anatomy.page(line.page) if line.page else anatomy.first
        bold, italic = line.share("bold"), line.share("italic")
        wrong_size = line.size is not None and not 12.5 <= line.size <= 14.6
        off = line.told is None and min(abs(line.centre - page.width / 2), abs(line.centre - anatomy.middle)) > 60
        if wrong_size or off or (bold is not None and bold < 0.5) or (italic or 0) > 0.5:
            yield Hit(line)
            return


@rule("annex.reference", OTHER + "1", "annex", _("Dưới tên phụ lục phải ghi “(Kèm theo …)”."))
def _annex_reference(anatomy: Anatomy) -> Iterator[Hit]:
    for annex in anatomy.annexes:
        after = " ".join(line.text for line in annex.after).lower()
        if "kèm theo" not in after and "ban hành" not in after:
            yield Hit(annex.label)
            return
