"""Finding the boxes of the Decree on a paper: which lines are the national name, the issuer, the number and so on.

Source: Appendix I, Part I, IV.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from antin.decree30.paper import Line, Page, Paper, Stroke, Word, most
from antin.decree30.wording import FOLDED_TYPES, LETTER, MOTTO, NATIONAL_NAME, URGENCY, fold, letters

HEAD = 0.42  # of the page's height: the head stands above
EDGE = 48  # points from the top and bottom of a page: no text stands there
SPLIT = 0.6  # of the size: a gap that parts the two sides of the head


@dataclass(frozen=True)
class Paragraph:
    """Lines that belong together. `starts`: its first line is indented or follows a short line."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def first(self) -> Line:
        return self.lines[0]


@dataclass
class Annex:
    label: Line
    after: tuple[Line, ...]  # what follows on its page


@dataclass
class Anatomy:
    """What was found. Empty and `None`: not there, or not found for sure."""

    paper: Paper
    first: Page
    national: tuple[Line, ...] = ()
    motto: Line | None = None
    above: tuple[Line, ...] = ()  # parent and issuer, as they stand
    parent: tuple[Line, ...] = ()
    issuer: tuple[Line, ...] = ()
    number: Line | None = None
    date: Line | None = None
    letter_subject: tuple[Line, ...] = ()
    title: Line | None = None
    type: tuple[str, str] | None = None  # abbreviation and name
    subject: tuple[Line, ...] = ()
    addressed: tuple[Line, ...] = ()
    urgency: Line | None = None
    secrecy: Line | None = None
    bases: tuple[Paragraph, ...] = ()
    enacting: Line | None = None
    body: tuple[Line, ...] = ()
    tabled: frozenset[int] = frozenset()  # ids of body lines inside tables
    paragraphs: tuple[Paragraph, ...] = ()
    recipients_title: Line | None = None
    recipients: tuple[Line, ...] = ()
    posts: tuple[Line, ...] = ()
    name: Line | None = None
    last_page: int = 0  # the page with the signature, 0 if not found
    annexes: list[Annex] = field(default_factory=list)
    page_numbers: dict[int, Line] = field(default_factory=dict)
    left: float | None = None  # edges of the text's column
    right: float | None = None
    full: tuple[Line, ...] = ()  # lines across the whole column

    @property
    def is_letter(self) -> bool:
        return bool(self.letter_subject) and self.title is None

    @property
    def middle(self) -> float:
        if self.left is not None and self.right is not None:
            return (self.left + self.right) / 2
        return self.first.width / 2

    def page(self, number: int) -> Page:
        return self.paper.pages[number - 1]


def find(paper: Paper) -> Anatomy:
    """Find the boxes."""
    found = Anatomy(paper, paper.pages[0])
    head = _segments(found.first)
    _nation(found, head)
    _number_and_date(found, head)
    _issuer(found, head)
    _foot(found)
    _page_numbers(found)
    _columns(found)
    _title(found, head)
    _addressed(found)
    _body(found)
    _annexes(found)
    return found


# --- the head ---------------------------------------------------------------------------------------------------------


def _segments(page: Page) -> list[Line]:
    """The lines of the head, parted where two columns come close."""
    parted: list[Line] = []
    for line in page.lines:
        if line.y < page.height * HEAD:
            continue
        if line.told:
            parted.append(line)
            continue
        held: list[Word] = []
        whole = len(parted)
        for word in line.words:
            if held and word.x0 - held[-1].x1 > SPLIT * (word.look.size or 13):
                parted.append(line.part(held))
                held = []
            held.append(word)
        parted.append(line.part(held) if len(parted) > whole else line)
    return parted


def _likeness(text: str, right: str) -> float:
    return SequenceMatcher(None, letters(text), right, autojunk=False).ratio()


def _nation(found: Anatomy, head: list[Line]) -> None:
    """The national name and the motto: the lines most like them."""
    goal, motto = letters(NATIONAL_NAME), letters(MOTTO)
    best = 0.7
    chosen: tuple[Line, ...] = ()
    for n, line in enumerate(head):
        options: list[tuple[Line, ...]] = [(line,)]
        below = [
            other
            for other in head[n + 1 : n + 5]
            if 6 < line.y - other.y < 24 and abs(other.centre - line.centre) < 40 and other.width < line.width
        ]
        options += [(line, other) for other in below]
        if (
            len(line.words) > 8 and not line.told and "chunghia" in letters(line.text)
        ):  # the issuer's name comes so close that it looks like one line
            options += [(line.part(line.words[k:]),) for k in range(1, len(line.words) - 6)]
        for option in options:
            likeness = _likeness(" ".join(part.text for part in option), goal)
            if likeness > best + 0.001:
                best, chosen = likeness, option
    found.national = chosen
    whole = next((n for n, line in enumerate(head) if chosen and line.words[-1] is chosen[0].words[-1]), None)
    if whole is not None and len(head[whole].words) > len(chosen[0].words):
        rest = head[whole].words[: -len(chosen[0].words)]
        head[whole : whole + 1] = [head[whole].part(rest), chosen[0]]
    top = chosen[-1].y + 2 if chosen else found.first.height
    likely = [(line, _likeness(line.text, motto)) for line in head if line.y < top]
    if likely:
        line, likeness = max(likely, key=lambda pair: pair[1])
        if likeness > 0.7:
            found.motto = line


_NUMBER = re.compile(r"^(luat |phap lenh |nghi dinh )?so( ?[:.]|\b)(?! (den|luong|ky hieu|trang|tien|dien thoai))")


def _number_and_date(found: Anatomy, head: list[Line]) -> None:
    """The number on the left, the date on the right; what was stamped into their blanks is joined to them."""
    top = found.motto.y if found.motto else found.national[-1].y if found.national else found.first.height
    rows = _rows(head)
    numbers: list[Line] = []
    for row in rows:
        for n, line in enumerate(row):
            if _NUMBER.match(fold(line.text)) and line.y < top + 60:
                end = next((m for m in range(n + 1, len(row)) if _begins_date(row, m)), len(row))
                last = line
                parts = [line]
                for other in row[n + 1 : end]:
                    if other.x0 - last.x1 < 75 and (
                        found.national == () or other.x0 < found.national[0].centre or "/" in other.text
                    ):
                        parts.append(other)
                        last = other
                joined = _join(parts)
                if "/" in joined.text or re.search(r"\d", joined.text) or ":" in joined.text:
                    numbers.append(joined)
        if found.date is None:
            at = next((m for m in range(len(row)) if _begins_date(row, m)), None)
            if at is not None and row[at].y < top + 5:
                parts = [line for line in row[at:] if not _NUMBER.match(fold(line.text))]
                found.date = _join(parts)
    if numbers:  # the stamp of an arrival has a number too, but no notation
        found.number = next((line for line in numbers if "/" in line.text), numbers[0])
        found.number = _filled(found.first, found.number)
    if found.date is not None:
        found.date = _whole_date(_filled(found.first, found.date), head)


def _whole_date(date: Line, head: list[Line]) -> Line:
    """The date with its end, where the column was too narrow for one line."""
    if re.search(r"\d{4}\W*$", date.text.strip()):
        return date
    below = [line for line in head if 6 < date.y - line.y < 24 and abs(line.centre - date.centre) < 90]
    end = next((line for line in below if re.match(r"^\W*(\d{4}|năm|tháng|\d{1,2} (tháng|năm))", line.text)), None)
    return date.part((*date.words, *end.words)) if end else date


def _begins_date(row: list[Line], at: int) -> bool:
    text = fold(row[at].text)
    if re.search(r"\bngay\b", text) and not re.match(r"^so\b", text):
        rest = fold(" ".join(line.text for line in row[at:]))
        return bool(re.search(r"\bngay\b.{0,14}\bthang\b", rest) or re.search(r"ngay\W*\d{1,2}\s*[/.-]\s*\d", rest))
    return bool(re.match(r"^[^\d/]{2,40}, ?\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{4}$", text))


def _rows(head: list[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in head:
        if rows and abs(rows[-1][0].y - line.y) <= 3 and line.told is None:
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        row.sort(key=lambda line: line.x0)
    return rows


def _join(lines: Sequence[Line]) -> Line:
    words = sorted((word for line in lines for word in line.words), key=lambda word: word.x0)
    return lines[0].part(words) if len(lines) > 1 else lines[0]


def _filled(page: Page, line: Line) -> Line:
    """The line, with digits that stand a little higher or lower in its blanks."""
    if line.told:
        return line
    known = {id(word) for word in line.words}
    near = [
        word
        for other in page.lines
        if 0 < abs(other.y - line.y) < 8
        for word in other.words
        if id(word) not in known and re.fullmatch(r"\d{1,5}[a-z]?", word.text) and line.x0 < word.x0 < line.x1
    ]
    fitting = [w for w in near if not any(o.x0 - 1 < (w.x0 + w.x1) / 2 < o.x1 + 1 for o in line.words)]
    if not fitting:
        return line
    level = [replace(word, y=line.y) for word in fitting]
    return line.part(sorted([*line.words, *level], key=lambda word: word.x0))


def _issuer(found: Anatomy, head: list[Line]) -> None:
    """The lines above the number on the left. Bold ones name the issuer, the plain ones before them its parent."""
    if found.number is None and not found.national:
        return
    edge = min((line.x0 for line in found.national), default=found.first.width * 0.5)
    left = [
        line
        for line in head
        if line.centre < min(edge + 5, found.first.width * 0.55) and not line.stamped and line not in found.national
    ]
    if found.number is not None:
        left = [line for line in left if line.y > found.number.y + 4]
    elif found.motto is not None:
        left = [line for line in left if line.y > found.motto.y - 20]
    ceiling = max((line.y for line in found.national), default=0) + 16
    if found.national and found.national[0].centre > found.first.width * 0.4:
        left = [line for line in left if line.y < ceiling]
    left = [line for line in left if not re.match(r"(du thao|mau so|mau|ban sao|sao y)\b", fold(line.text))]
    left = [line for line in left if not _is_seal(line) and not re.search(r"[:@]|\d{2,}/\d", line.text)]
    left = [line for line in left if sum(map(str.isalpha, line.text)) >= 2 and (line.size or 12) > 9]
    left = [line for line in left if fold(line.text).upper() not in {fold(words).upper() for words in URGENCY}]
    found.above = tuple(left)
    bold = [n for n, line in enumerate(left) if (line.share("bold") or 0) > 0.5]
    if bold and bold[0] > 0:
        found.parent, found.issuer = tuple(left[: bold[0]]), tuple(left[bold[0] :])
    elif left and not bold and len(left) > 1:
        cut = _cut(left)
        found.parent, found.issuer = tuple(left[:cut]), tuple(left[cut:])
    elif left and len(left) > 1 and (cut := two_bodies(left)):
        found.parent, found.issuer = tuple(left[:cut]), tuple(left[cut:])
    else:
        found.issuer = tuple(left)


_SUPERIOR = re.compile(
    r"^(BỘ|UBND|ỦY BAN NHÂN DÂN|UỶ BAN NHÂN DÂN|SỞ|TỔNG CỤC|CỤC|ĐẠI HỌC|TẬP ĐOÀN|TỔNG CÔNG TY|"
    r"THANH TRA CHÍNH PHỦ|NGÂN HÀNG NHÀ NƯỚC)\b"
)
_INFERIOR = re.compile(
    r"^(SỞ|CỤC|VỤ|PHÒNG|TRƯỜNG|TỔNG CỤC|VĂN PHÒNG|TRUNG TÂM|VIỆN|CHI CỤC|HỌC VIỆN|BỆNH VIỆN|"
    r"THANH TRA|BAN QUẢN LÝ|ĐẠI HỌC|HỘI ĐỒNG|CÔNG TY)\b"
)


def two_bodies(lines: Sequence[Line]) -> int:
    """Where, among lines of one weight, a second body's name begins; 0 if that is not sure."""
    for n in range(1, len(lines)):
        first = " ".join(line.text for line in lines[:n]).upper()
        if _SUPERIOR.match(first) and len(first.split()) >= 2 and _INFERIOR.match(lines[n].text.upper()):
            if re.match(r"^(UBND|ỦY BAN NHÂN DÂN|UỶ BAN NHÂN DÂN)$", first):
                continue
            return n
    return 0


def _cut(lines: Sequence[Line]) -> int:
    return two_bodies(lines) or len(lines) - 1


# --- the column -------------------------------------------------------------------------------------------------------


def _columns(found: Anatomy) -> None:
    """The edges of the text's column, from its wide lines on the pages up to the signature."""
    told = next((line.told for line in found.paper.lines if line.told), None)
    wide = [
        line
        for line in _main_lines(found)
        if line.width > 0.55 * found.first.width
        and not line.stamped
        and line.told is None
        and not _in_table(found, line)
    ]
    found.full = tuple(wide)
    if told is not None:
        margins = found.paper.margins
        found.left = (margins.left if margins and margins.left else None) or 85.0
        found.right = found.first.width - ((margins.right if margins and margins.right else None) or 43.0)
        return
    if len(wide) < 3:
        return
    found.left = _edge([line.x0 for line in (*wide, *_last_lines(found, wide))], lowest=True)
    found.right = _edge([line.x1 for line in wide], lowest=False)
    if found.left is not None and _is_first_lines_only(found, found.left):
        found.left = None  # every paragraph is one line: where a second would begin is not to be seen


def _is_first_lines_only(found: Anatomy, left: float) -> bool:
    """Whether the recipients, who stand at the column's edge, begin where no line of the text does."""
    listed = [line for line in _main_lines(found) if re.match(r"N[ơo]i nhận", line.text)]
    return bool(listed) and listed[-1].x0 < left - 20


def _last_lines(found: Anatomy, wide: list[Line]) -> list[Line]:
    """The lines that end a paragraph: where each has two lines only, they alone begin at the column's edge."""
    lines = _main_lines(found)
    return [
        line
        for before, line in itertools.pairwise(lines)
        if before in wide
        and line not in wide
        and line.page == before.page
        and line.x0 < before.x0 - 1.6
        and 0 < before.y - line.y < 2.2 * (line.size or 14)
        and not line.stamped
        and not _in_table(found, line)
    ]


def _edge(places: list[float], *, lowest: bool) -> float:
    """The outermost place where lines gather; the outermost of all, if they gather nowhere. Justified lines gather at the right."""
    crowd = max(places, key=lambda place: sum(abs(other - place) <= 1.6 for other in places))
    near = [other for other in places if abs(other - crowd) <= 1.6]
    if not lowest and len(near) >= 0.4 * len(places):
        return sum(near) / len(near)
    ordered = sorted(places, reverse=not lowest)
    enough = max(2, round(0.12 * len(places)))
    for place in ordered:
        near = [other for other in places if abs(other - place) <= 1.6]
        if len(near) >= enough:
            return sum(near) / len(near)
    return ordered[0]


def _main_lines(found: Anatomy) -> list[Line]:
    last = found.last_page or len(found.paper.pages)
    return [
        line
        for page in found.paper.pages[:last]
        if not page.landscape or page.number == 1
        for line in page.lines
        if line is not found.page_numbers.get(page.number)
    ]


# --- the foot ---------------------------------------------------------------------------------------------------------

_POST = re.compile(
    r"^(KT|TL|TM|TUQ|T/M|K/T|T/L|TUQ|Q)\b ?[.:/]?|^(BỘ TRƯỞNG|THỨ TRƯỞNG|CHỦ TỊCH|PHÓ CHỦ TỊCH|GIÁM ĐỐC|PHÓ GIÁM ĐỐC|TỔNG GIÁM ĐỐC|"
    r"CỤC TRƯỞNG|PHÓ CỤC TRƯỞNG|TỔNG CỤC TRƯỞNG|VỤ TRƯỞNG|VIỆN TRƯỞNG|CHÁNH|PHÓ CHÁNH|TRƯỞNG|PHÓ TRƯỞNG|HIỆU TRƯỞNG|"
    r"PHÓ HIỆU TRƯỞNG|CHỦ TRÌ|CHỦ TỌA|CHỦ TOẠ|THƯ KÝ|ĐẠI DIỆN|"
    r"THỦ TRƯỞNG|CHỈ HUY|TƯ LỆNH|CHÍNH ỦY|THỐNG ĐỐC|PHÓ|TỔNG|THỦ TƯỚNG|QUYỀN|CHI CỤC TRƯỞNG|ĐỘI TRƯỞNG|NGƯỜI|CHỦ NHIỆM|BÍ THƯ)"
)


def _foot(found: Anatomy) -> None:
    """The recipients on the left and the signature on the right, on the first page where they stand together."""
    for page in found.paper.pages:
        for line in page.lines:
            plain = letters(line.text)
            if not (plain.startswith("noinhan") and len(plain) <= 12) or line.x0 > page.width * 0.75:
                continue
            if page.number == 1 and line.y > page.height * 0.8:
                continue
            found.recipients_title = line
            break
        if found.recipients_title:
            break
    if found.recipients_title is not None:
        _signature(found, found.recipients_title)
        _recipients(found, found.recipients_title)
    else:
        _lonely_signature(found)


def _signature(found: Anatomy, heading: Line) -> None:
    page = found.page(heading.page or _page_of(found, heading))
    found.last_page = page.number
    mirrored = heading.centre > page.width * 0.55
    right = [
        line
        for line in page.lines
        if line.y < heading.y + 60
        and (line.centre > page.width * 0.5 if not mirrored else line.centre < page.width * 0.5)
        and line.x0 > (page.width * 0.33 if not mirrored else 0)
        and not _is_seal(line)
    ]
    start = next(
        (
            n
            for n, line in enumerate(right)
            if re.match(r"(KT|TL|TM|TUQ|Q)\. ?[A-ZĐ]", line.text.strip())
            or (_shouts(line) and (_POST.match(line.text.strip()) or line.y < heading.y + 20))
        ),
        None,
    )
    if start is None:
        _lonely_signature(found)
        return
    _block(found, right[start:])
    if found.name is None and page.number < len(found.paper.pages):
        after = found.paper.pages[page.number]
        over = [
            line
            for line in after.lines
            if line.y > after.height * 0.6
            and line.y < after.height - 60
            and line.centre > after.width * 0.5
            and line.x0 > after.width * 0.33
        ]
        _block(found, [*right[start:], *over])
        if found.name is not None:
            found.last_page = page.number + 1


def _page_of(found: Anatomy, line: Line) -> int:
    return next(page.number for page in found.paper.pages if any(other is line for other in page.lines))


def _shouts(line: Line) -> bool:
    signs = [sign for sign in line.text if sign.isalpha()]
    return len(signs) >= 3 and sum(sign.isupper() for sign in signs) / len(signs) > 0.8


def _is_seal(line: Line) -> bool:
    """Words of a signature's appearance that became part of the page."""
    return line.stamped or bool(
        re.match(
            r"(Người ký|Ký bởi|Được ký bởi|Signature|Ký số bởi|Cơ quan:|Chức vụ:|Email:|Thời gian ký|Ngày ký|Digitally)",
            line.text,
        )
    )


_NAME = re.compile(r"^[^\d()/;:]{4,60}$")


def _is_name(line: Line) -> bool:
    text = line.text.strip().rstrip(".")
    words = [word for word in re.split(r"[\s.]+", text) if word]
    return (
        bool(_NAME.match(text)) and 2 <= len(words) <= 9 and sum(word[0].isupper() for word in words) >= len(words) - 2
    )


def _block(found: Anatomy, lines: list[Line]) -> None:
    """Posts in capitals, then a wide gap, then the name."""
    posts: list[Line] = []
    for line in lines:
        apart = bool(posts) and posts[-1].page == line.page and posts[-1].y - line.y > 34
        small = not _shouts(line)
        if posts and (apart or (small and (_shouts(posts[0]) or (line.share("bold") or 0) < 0.5))):
            break
        posts.append(line)
    rest = lines[len(posts) :]
    if len(posts) > 1 and not _shouts(posts[-1]) and not any(_is_name(line) for line in rest):
        rest = [posts.pop()]
    found.posts = tuple(posts)
    names = [line for line in rest if _is_name(line) and not _is_note(line) and not _is_seal(line)]
    likely = [line for line in names if (line.share("bold") or 0) > 0.5 and not _shouts(line)]
    found.name = next(iter(likely or names), None)


def _is_note(line: Line) -> bool:
    return bool(re.match(r"^\(?(đã ký|ký tên|ký, )", line.text.strip().lower()))


MOST_OVERLEAF = 80  # lines of a list that goes on on the next page


def _recipients(found: Anatomy, heading: Line) -> None:
    """The lines under "Nơi nhận:", on its side, until they stop."""
    page = found.page(_page_of(found, heading))
    here = [
        line for line in page.lines if line is not heading and abs(line.x0 - heading.x0) < 30 and line.y < heading.y + 1
    ]
    listed: list[Line] = []
    last = heading
    number = page.number
    for line in here:
        if heading.told and line.told and heading.told.table:
            if (line.told.table, line.told.cell) != (heading.told.table, heading.told.cell):
                break
        elif last.y - line.y > 26 or line.width > page.width * 0.6:
            break
        listed.append(line)
        last = line
    if (
        (not listed or not re.search(r"lưu", " ".join(line.text for line in listed).lower()))
        and number < len(found.paper.pages)
        and last.y < 130
    ):
        for line in found.paper.pages[number].lines[:MOST_OVERLEAF]:
            if abs(line.x0 - heading.x0) < 30 and line.width < page.width * 0.5 and re.match(r"\s*[-–+•]", line.text):
                listed.append(line)
    found.recipients = tuple(listed)


def _lonely_signature(found: Anatomy) -> None:
    """Without recipients: posts in bold capitals on the right half, a name under them."""
    for page in found.paper.pages:
        right = [
            line
            for line in page.lines
            if line.x0 > page.width * 0.38 and line.centre > page.width * 0.52 and not _is_seal(line)
        ]
        if page.number == 1:
            right = [line for line in right if line.y < page.height * 0.62]
        for n, line in enumerate(right):
            if _shouts(line) and _POST.match(line.text.strip()) and (line.share("bold") or 0) > 0.5:
                _block(found, right[n:])
                if found.name is not None:
                    found.last_page = page.number
                    return
                found.posts = ()


# --- page numbers -----------------------------------------------------------------------------------------------------


def _page_numbers(found: Anatomy) -> None:
    for page in found.paper.pages:
        if page.landscape:
            continue
        zone = [line for line in page.lines if line.y > page.height - 115 or line.y < 75]
        for line in zone:
            if re.fullmatch(r"[-–\s]*(trang |Trang )?\d{1,4}(\s*/\s*\d{1,4})?[-–\s]*", line.text.strip()):
                inner = [other for other in page.lines if other is not line and not other.stamped]
                if inner and (
                    line.y >= max(other.y for other in inner) - 2 or line.y <= min(other.y for other in inner) + 2
                ):
                    found.page_numbers[page.number] = line
                    break


# --- title, subject, addressees ---------------------------------------------------------------------------------------


def _title(found: Anatomy, head: list[Line]) -> None:
    """The type's name and what it is about; for a letter, what stands under its number."""
    floor = min((line.y for line in (found.number, found.date) if line), default=found.first.height * 0.8)
    if found.number is not None:
        _letter_subject(found, floor)
    rest = [
        line
        for line in found.first.lines
        if line.y < floor - 3 and line.y > found.first.height * 0.3 and not line.stamped
    ]
    for n, line in enumerate(rest[:14]):
        kind = _type_of(line)
        if kind is None or line in found.letter_subject:
            if letters(line.text).startswith(("kinhgui", "cancu")):
                break
            continue
        if found.letter_subject and len(letters(line.text)) != len(letters(kind[1])):
            continue
        exact = len(letters(line.text)) <= len(letters(kind[1])) + 1
        if not exact and not (_shouts(line) and (line.share("bold") is not False and (line.share("bold") or 1) > 0.5)):
            continue
        if found.letter_subject and not _shouts(line):
            continue
        found.title, found.type = line, kind
        found.letter_subject = ()
        found.subject = tuple(_subject(found, line, rest[n + 1 : n + 9]))
        return
    if found.letter_subject:
        found.type = LETTER
        return
    for n, line in enumerate(rest[:6]):
        if _shouts(line) and abs(line.centre - found.middle) < 40 and (line.share("bold") or 0) > 0.5:
            found.title = line
            found.subject = tuple(_subject(found, line, rest[n + 1 : n + 9]))
            return
        if letters(line.text).startswith(("kinhgui", "cancu")):
            break
    if found.number is not None and any(letters(line.text).startswith("kinhgui") for line in found.paper.lines):
        found.type = LETTER


def _type_of(line: Line) -> tuple[str, str] | None:
    text = fold(line.text).rstrip(".: ")
    if text in FOLDED_TYPES:
        return FOLDED_TYPES[text]
    bare = text.replace(" ", "")
    for name, kind in FOLDED_TYPES.items():
        if bare == name.replace(" ", ""):
            return kind
        if text.startswith(name + " "):
            return kind
    return None


_ABOUT = re.compile(r"^(v\s?/\s?v|về việc|vv\b|v/ v)", re.I)


def _letter_subject(found: Anatomy, floor: float) -> None:
    half = found.first.width * 0.53
    under = [
        line
        for line in found.first.lines
        if floor - 130 < line.y < floor + 8
        and line.centre < half
        and line.x1 < found.first.width * 0.62
        and not line.stamped
    ]
    under = [line for line in under if line is not found.number and not _NUMBER.match(fold(line.text))]
    for n, line in enumerate(under):
        if _ABOUT.match(line.text.strip()):
            kept = [line]
            for other in under[n + 1 :]:
                if kept[-1].y - other.y > 24 or letters(other.text).startswith("kinhgui") or _is_stamp(other):
                    break
                kept.append(other)
            found.letter_subject = tuple(kept)
            return


def _is_stamp(line: Line) -> bool:
    return letters(line.text) in {letters(words) for words in (*URGENCY, "MẬT", "TỐI MẬT", "TUYỆT MẬT")}


def _subject(found: Anatomy, title: Line, after: Iterable[Line]) -> list[Line]:
    kept: list[Line] = []
    last = title
    for line in after:
        plain = letters(line.text)
        if plain.startswith(("kinhgui", "cancu")) or last.y - line.y > 36:
            break
        beside = not kept and (line.share("bold") or 0) > 0.5 and line.width < found.first.width * 0.66
        if (abs(line.centre - title.centre) > 45 and not beside) or (kept and _ruled(found, kept[-1], line)):
            break
        if kept and _shouts(line) and not _shouts(kept[-1]):
            break
        bold = line.share("bold")
        if bold is not None and kept and (bold > 0.5) != ((kept[-1].share("bold") or 0) > 0.5):
            break
        if _is_first_line(found, line):
            break
        kept.append(line)
        last = line
    return kept


def _is_first_line(found: Anatomy, line: Line) -> bool:
    """Whether the line is an indented first line of the text rather than a centred one."""
    if found.left is None or found.right is None or line.told:
        bold = (line.share("bold") or 0) > 0.5
        return bool(line.told and line.told.align in ("both", "left") and not (bold and len(line.text) < 120))
    return line.x1 > found.right - 3 and line.x0 - found.left > 12 and (line.share("bold") or 0) < 0.5


def _ruled(found: Anatomy, above: Line, below: Line) -> bool:
    if above.told:
        return above.told.ruled
    page = found.page(above.page)
    return any(s.flat and below.top - 2 < s.y0 < above.y and s.x0 < above.x1 and s.x1 > above.x0 for s in page.strokes)


def _addressed(found: Anatomy) -> None:
    lines = list(found.first.lines)
    for n, line in enumerate(lines):
        if letters(line.text).startswith("kinhgui") and line.y > found.first.height * 0.3:
            kept = [line]
            for other in lines[n + 1 : n + 14]:
                if kept[-1].y - other.y > 30 or not re.match(r"\s*[-–+]", other.text):
                    break
                kept.append(other)
            found.addressed = tuple(kept)
            break
    for line in lines:
        if line.y < found.first.height * 0.5 or line in found.above:
            continue
        bare = letters(line.text)
        if (
            bare in ("khan", "thuongkhan", "hoatoc", "toikhan", "ratkhan", "hoatochengio", "thuongkhanan")
            and line.width < 160
        ):
            found.urgency = line
        elif bare in ("mat", "toimat", "tuyetmat", "tuyetdoimat", "ratmat") and line.width < 160:
            found.secrecy = line


# --- the text ---------------------------------------------------------------------------------------------------------


def _body(found: Anatomy) -> None:
    """What is between the head and the foot."""
    ceiling = [
        line.y for line in (found.number, found.date, found.title, *found.subject, *found.letter_subject) if line
    ]
    start = min(ceiling, default=found.first.height * 0.75)
    if found.addressed:
        start = min(start, found.addressed[-1].y)
    stop_page = found.last_page or len(found.paper.pages)
    foot = [
        line
        for line in (found.recipients_title, *found.posts)
        if line and _on(found, line) == _on(found, _foot_line(found))
    ]
    stop = max((line.y for line in foot), default=0.0) + 1
    foot_ids = {id(line) for line in (found.recipients_title, *found.recipients, *found.posts, found.name) if line}
    body: list[Line] = []
    for page in found.paper.pages[:stop_page]:
        for line in page.lines:
            if id(line) in foot_ids or line is found.page_numbers.get(page.number) or line.stamped:
                continue
            if page.number == 1 and line.y >= start - 1:
                continue
            if not line.told and not EDGE < line.y < page.height - EDGE:
                continue  # headers and footers
            if foot and (page.number, -line.y) >= (_on(found, foot[0]), -stop):
                continue
            body.append(line)
    found.body = tuple(body)
    found.tabled = frozenset(id(line) for line in body if _in_table(found, line))
    found.paragraphs = tuple(_paragraphs(found, [line for line in body if id(line) not in found.tabled]))
    _grounds(found)


def _foot_line(found: Anatomy) -> Line | None:
    return found.recipients_title or (found.posts[0] if found.posts else None)


def _on(found: Anatomy, line: Line | None) -> int:
    if line is None:
        return 0
    return line.page or _page_of(found, line)


def _in_table(found: Anatomy, line: Line) -> bool:
    if line.told:
        return line.told.table > 0
    page = found.page(line.page)
    if page.landscape:
        return True
    sides = [s for s in page.strokes if s.upright and s.y0 - 2 <= line.y <= s.y1 + 2]
    return any(s.x0 <= line.x0 + 1 for s in sides) or any(s.x0 >= line.x1 - 1 for s in sides)


def _paragraphs(found: Anatomy, lines: list[Line]) -> list[Paragraph]:
    if lines and lines[0].told:
        return [Paragraph((line,)) for line in lines if line.text.strip()]
    kept: list[list[Line]] = []
    left, right = found.left, found.right
    pitch = most((round((a.y - b.y) * 2) / 2, 1) for a, b in itertools.pairwise(lines) if 8 < a.y - b.y < 40) or 18
    for line in lines:
        last = kept[-1][-1] if kept else None
        if last is None or left is None or right is None:
            kept.append([line])
            continue
        fresh = line.x0 - left > 9 or last.x1 < right - 0.1 * (right - left)
        fresh = fresh or (line.page == last.page and last.y - line.y > 1.3 * pitch + 2)
        if fresh:
            kept.append([line])
        else:
            kept[-1].append(line)
    return [Paragraph(tuple(lines)) for lines in kept]


_BASIS = re.compile(r"^(Căn cứ|Theo đề nghị|Xét |Theo Tờ trình|Thực hiện )")


def _grounds(found: Anatomy) -> None:
    """The legal bases of a decision or resolution, and the line that decides."""
    for n, paragraph in enumerate(found.paragraphs[:60]):
        plain = letters(paragraph.text)
        if plain in ("quyetdinh", "quyetnghi", "quyetdinhnghi") and n > 0:
            found.enacting = paragraph.first
            before = list(found.paragraphs[:n])
            begin = next((m for m, one in enumerate(before) if _BASIS.match(one.text.strip())), None)
            if begin is not None:
                found.bases = tuple(_bases(before[begin:]))
            return


def _bases(paragraphs: list[Paragraph]) -> list[Paragraph]:
    kept: list[Paragraph] = []
    for paragraph in paragraphs:
        if _BASIS.match(paragraph.text.strip()) or not kept or kept[-1].text.rstrip().endswith((";", ".")):
            kept.append(paragraph)
        else:
            kept[-1] = Paragraph(kept[-1].lines + paragraph.lines)
    return kept


# --- annexes ----------------------------------------------------------------------------------------------------------


def _annexes(found: Anatomy) -> None:
    if not found.last_page:
        return
    for page in found.paper.pages[found.last_page :]:
        if page.landscape:
            continue
        lines = [line for line in page.lines if line is not found.page_numbers.get(page.number) and not line.stamped]
        for n, line in enumerate(lines[:4]):
            if re.match(r"^\s*phụ lục(\s+[\w.]{1,5})?\s*[:.]?\s*$", line.text.lower()) and line.y > page.height * 0.6:
                found.annexes.append(Annex(line, tuple(lines[n + 1 : n + 9])))
                break


def strokes_under(page: Page, lines: Sequence[Line], *, deep: float = 23) -> list[Stroke]:
    """The level rules under a line of text, those that make one rule joined."""
    low = lines[-1]
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    near = sorted(
        (
            s
            for s in page.strokes
            if s.flat and low.y - deep < s.y0 and s.y1 < low.y + 2 and s.x0 < right and s.x1 > left
        ),
        key=lambda s: (round(s.y0 / 3), s.x0),
    )
    joined: list[Stroke] = []
    for stroke in near:
        if joined and abs(joined[-1].y0 - stroke.y0) < 3 and stroke.x0 - joined[-1].x1 < 4:
            joined[-1] = replace(joined[-1], x1=max(joined[-1].x1, stroke.x1))
        else:
            joined.append(stroke)
    return joined
