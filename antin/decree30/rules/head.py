"""The head of a paper: national name and motto, issuer, number and notation, place and date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from antin.decree30.anatomy import Anatomy, strokes_under
from antin.decree30.paper import Line
from antin.decree30.rules.looks import as_lines
from antin.decree30.rules.table import MAIN, PART, Hit, rule
from antin.decree30.wording import MIXED_CASE, MOTTO, NATIONAL_NAME, TYPES, fold, letters, same_word

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


def has_no_rule(anatomy: Anatomy, lines: tuple[Line, ...]) -> bool:
    """Whether a DOCX surely has no rule under these lines: no border, no underlining, and no shape anywhere."""
    if not lines or lines[-1].told is None or anatomy.paper.drawn:
        return False
    underlined = any(word.look.underlined for line in lines for word in line.words)
    return not underlined and not any(line.told and line.told.ruled for line in lines)


def rule_shares(anatomy: Anatomy, lines: tuple[Line, ...]) -> list[float] | None:
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
    shares = rule_shares(anatomy, as_lines(anatomy.motto))
    if shares == [] or has_no_rule(anatomy, as_lines(anatomy.motto)):
        yield Hit(anatomy.motto)


@rule("motto.rule_length", MAIN + "1", "motto", _("Đường kẻ dưới Tiêu ngữ phải dài bằng dòng chữ."))
def _motto_rule_length(anatomy: Anatomy) -> Iterator[Hit]:
    shares = rule_shares(anatomy, as_lines(anatomy.motto))
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
    if rule_shares(anatomy, anatomy.issuer) == [] or has_no_rule(anatomy, anatomy.issuer):
        yield Hit(anatomy.issuer[-1])


@rule(
    "issuer.rule_length",
    MAIN + "2",
    "issuer",
    _("Đường kẻ dưới tên cơ quan ban hành phải dài từ 1/3 đến 1/2 dòng chữ."),
)
def _issuer_rule_length(anatomy: Anatomy) -> Iterator[Hit]:
    shares = rule_shares(anatomy, anatomy.issuer)
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
