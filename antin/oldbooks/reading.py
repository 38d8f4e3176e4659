"""The words of an old book as facts: which column is which, and what stands in a line. Pure.

Headings are those of Decree 30/2020, Appendix IV, and of books as they were kept before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antin.documents.types import ALL_TYPES, BY_ABBREVIATION
from antin.identifiers.text import clean_line, fold

OUT, IN, POST, COPIES = "out", "in", "post", "copies"
BOOKS = (OUT, IN, POST, COPIES)
ENTRIES = (POST, COPIES)
"""Books whose lines have no number of their own: each tells of a paper that another book numbered."""
EARLIEST = 1945
HIGHEST = 50_000
"""No book of a year comes so far: a number above is a slip of the keys."""
LOOKED_AT = 20
"""So many lines from the top one may be the headings."""
EXCEL_FIRST, EXCEL_LAST = 16_000, 80_000
EXCEL_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class Fact:
    """What a column may tell: its name, the headings it goes by (folded), in which book."""

    name: str
    words: str | Promise
    headings: tuple[str, ...]
    books: tuple[str, ...] = (OUT, IN)


FACTS: tuple[Fact, ...] = (
    Fact("ordinal", gettext_lazy("Số thứ tự"), ("tt", "stt", "so tt", "so thu tu", "thu tu"), ENTRIES),
    Fact(
        "moved",
        gettext_lazy("Ngày chuyển"),
        ("ngay chuyen", "ngay gui", "ngay thang", "ngay chuyen giao", "ngay, thang chuyen"),
        (POST,),
    ),
    Fact(
        "lent",
        gettext_lazy("Ngày sử dụng bản lưu"),
        ("ngay thang", "ngay, thang", "ngay muon", "ngay su dung", "ngay thang su dung"),
        (COPIES,),
    ),
    Fact(
        "user",
        gettext_lazy("Người sử dụng"),
        ("ho ten nguoi su dung", "ho va ten nguoi su dung", "nguoi su dung", "nguoi muon", "ho ten nguoi muon"),
        (COPIES,),
    ),
    Fact(
        "envelopes",
        gettext_lazy("Số lượng bì"),
        ("so luong bi", "so bi", "sl bi", "so luong", "so phong bi"),
        (POST,),
    ),
    Fact(
        "taken",
        gettext_lazy("Ký nhận, dấu bưu điện"),
        ("ky nhan va dau buu dien", "ky nhan, dau buu dien", "dau buu dien", "ky nhan", "so hieu buu gui"),
        ENTRIES,
    ),
    Fact(
        "file_code",
        gettext_lazy("Số, ký hiệu hồ sơ"),
        ("so, ky hieu hs", "so, ky hieu ho so", "so ky hieu ho so", "ho so so", "ky hieu ho so"),
        (COPIES,),
    ),
    Fact("back", gettext_lazy("Ngày trả"), ("ngay tra", "ngay, thang tra", "ngay thang tra"), (COPIES,)),
    Fact(
        "permitted",
        gettext_lazy("Người cho phép"),
        ("nguoi cho phep", "nguoi cho phep su dung", "nguoi duyet"),
        (COPIES,),
    ),
    Fact("arrival", gettext_lazy("Số đến"), ("so den", "so thu tu den", "so den cua van ban", "so vao so"), (IN,)),
    Fact("came", gettext_lazy("Ngày đến"), ("ngay den", "ngay nhan", "ngay thang den", "ngay vao so"), (IN,)),
    Fact(
        "code",
        gettext_lazy("Số, ký hiệu"),
        (
            "so, ky hieu",
            "so ky hieu",
            "so va ky hieu",
            "so va ky hieu van ban",
            "so, ky hieu van ban",
            "so ky hieu van ban",
            "so/ky hieu",
            "so-ky hieu",
            "so hieu",
            "so van ban",
            "skh",
            "so, ky hieu, ngay thang van ban",
            "so, ky hieu, ngay van ban",
            "so ky hieu, ngay thang van ban",
        ),
        BOOKS,
    ),
    Fact("number", gettext_lazy("Số (cột riêng)"), ("so", "so di", "so vb", "so van ban di"), (OUT,)),
    Fact("notation", gettext_lazy("Ký hiệu (cột riêng)"), ("ky hieu", "ky hieu van ban")),
    Fact(
        "date",
        gettext_lazy("Ngày văn bản"),
        (
            "ngay van ban",
            "ngay thang van ban",
            "ngay thang nam van ban",
            "ngay, thang, nam van ban",
            "ngay thang",
            "ngay thang nam",
            "ngay ban hanh",
            "ngay ky",
            "ngay vb",
            "ngay",
        ),
        (OUT, IN, COPIES),
    ),
    Fact("type", gettext_lazy("Loại văn bản"), ("loai van ban", "ten loai", "loai", "loai vb", "the loai")),
    Fact(
        "subject",
        gettext_lazy("Trích yếu"),
        (
            "trich yeu",
            "trich yeu noi dung",
            "ten loai va trich yeu",
            "ten loai va trich yeu noi dung",
            "ten loai va trich yeu noi dung van ban",
            "ten loai, trich yeu noi dung",
            "trich yeu noi dung van ban",
            "noi dung",
            "noi dung van ban",
            "ten van ban",
            "tieu de",
            "tieu de van ban",
            "v/v",
        ),
        (OUT, IN, COPIES),
    ),
    Fact(
        "issuer",
        gettext_lazy("Tác giả, nơi gửi"),
        (
            "tac gia",
            "noi gui",
            "co quan ban hanh",
            "co quan gui",
            "don vi gui",
            "don vi ban hanh",
            "noi ban hanh",
            "co quan, to chuc ban hanh",
            "ten co quan ban hanh",
        ),
        (IN,),
    ),
    Fact("signer", gettext_lazy("Người ký"), ("nguoi ky", "nguoi ky van ban", "ho ten nguoi ky", "lanh dao ky")),
    Fact(
        "to",
        gettext_lazy("Nơi nhận; đơn vị hoặc người nhận"),
        (
            "noi nhan",
            "noi nhan van ban",
            "don vi hoac nguoi nhan",
            "don vi nhan",
            "nguoi nhan",
            "don vi, nguoi nhan",
            "don vi hoac nguoi nhan van ban",
            "chuyen den",
            "don vi xu ly",
            "noi nhan vb",
        ),
        (OUT, IN, POST),
    ),
    Fact(
        "unit",
        gettext_lazy("Đơn vị soạn, nhận bản lưu"),
        (
            "don vi nhan ban luu",
            "don vi soan thao",
            "don vi soan",
            "don vi, nguoi nhan ban luu",
            "noi luu",
            "phong soan",
        ),
        (OUT,),
    ),
    Fact("copies", gettext_lazy("Số lượng bản"), ("so luong ban", "so ban", "sl ban", "so luong"), (OUT,)),
    Fact("note", gettext_lazy("Ghi chú"), ("ghi chu", "ghi chu khac"), BOOKS),
    Fact(
        "file",
        gettext_lazy("Tên tệp"),
        ("ten tep", "tep", "tep dinh kem", "file", "ten file", "file dinh kem", "duong dan", "duong dan tep"),
    ),
    Fact("urgency", gettext_lazy("Độ khẩn"), ("do khan", "muc do khan", "muc khan")),
    Fact("secrecy", gettext_lazy("Độ mật"), ("do mat", "muc do mat", "muc mat")),
    Fact("void", gettext_lazy("Số hủy"), ("huy", "so huy", "da huy", "huy so", "trang thai", "tinh trang"), BOOKS),
)
BY_NAME = {fact.name: fact for fact in FACTS}
REQUIRED = {
    OUT: ("date", "subject"),
    IN: ("arrival", "came", "subject"),
    POST: ("moved", "code", "to"),
    COPIES: ("lent", "user", "code"),
}
KEPT_OF_SECRET = frozenset((
    "arrival", "came", "code", "number", "notation", "date", "type", "issuer", "signer", "to", "unit", "copies", "urgency",
    "secrecy", "void",
))  # fmt: skip
"""What of a secret paper's old line may stand in clear: its place in the book, level and way. Not what it is about, nor a note."""
LEVELS = {"mat": 1, "c": 1, "toi mat": 2, "b": 2, "tuyet mat": 3, "a": 3}
VOID_WORDS = ("huy", "so huy", "huy so", "da huy", "bo so", "so bo")
URGENCIES = {"": 0, "thuong": 0, "khan": 1, "thuong khan": 2, "hoa toc": 3}
SECRET = ("mat", "toi mat", "tuyet mat")
PLAIN = ("", "thuong", "khong", "khong mat")

_CODE = re.compile(
    r"^(?:số\s*:?\s*)?(\d{1,7})\s?([a-zđ]{0,2})\s*(?:(?:[/\\]|\s*-\s*)\s*(\S.*))?$",  # 12a/QĐ-BTM, Số: 12/QĐ, 12-QĐ/TU
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^(\d{1,7})\s?([a-zđ]{0,2})$", re.IGNORECASE)
_DAY = re.compile(r"^(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}|\d{2}))?$")
_ABBREVIATIONS = {mark.casefold(): code for mark, code in BY_ABBREVIATION.items()}
_NAMES = {fold(kind.name): code for code, kind in reversed(ALL_TYPES.items())}


def find_heading(rows: Sequence[Sequence[str]]) -> int | None:
    """Return which of the first rows holds the headings: the one with most words that are some; None where none has two."""
    known = {each for fact in FACTS for each in fact.headings}
    counts = [sum(fold(cell) in known for cell in row) for row in rows[:LOOKED_AT]]
    best = max(counts, default=0)
    return counts.index(best) if best >= 2 else None


def guess_book(headings: Sequence[str]) -> str:
    """Return which book these headings are of: one with numbers of arrival is of what came."""
    heads = {fold(each) for each in headings}
    if heads & {*BY_NAME["user"].headings, *BY_NAME["back"].headings}:
        return COPIES
    if heads & {
        "ky nhan va dau buu dien",
        "ky nhan, dau buu dien",
        "dau buu dien",
        "so luong bi",
        "so bi",
        "so hieu buu gui",
    }:
        return POST
    return IN if heads & {*BY_NAME["arrival"].headings, *BY_NAME["came"].headings} else OUT


def guess(headings: Sequence[str], book: str) -> dict[str, int]:
    """Return the column of each fact that a heading names; the first one where two do."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        said = fold(heading)
        for fact in FACTS:
            if book in fact.books and said in fact.headings and fact.name not in found:
                found[fact.name] = place
                break
    if book == OUT and "code" in found and "number" in found:
        del found["number"]
    return found


def mask(rows: Sequence[Sequence[str]], heading_row: int, formulas: frozenset[tuple[int, int]]) -> list[list[str]]:
    """Return a book of secret papers as it may be kept in clear: its headings and lines in the columns of `KEPT_OF_SECRET` alone.

    A column that is not recognised goes too, for it may say anything. That a number is void is told by a column of its own.
    """
    headings = rows[heading_row]
    book = guess_book(headings)
    columns = guess(headings, book)
    kept = sorted((place, name) for name, place in columns.items() if name in KEPT_OF_SECRET and name != "void")
    found = [[*(headings[place] for place, _name in kept), "Hủy số"]]
    for row, cells in enumerate(rows[heading_row + 1 :], heading_row + 1):
        told = {name: clean_line(cells[place]) for name, place in columns.items() if place < len(cells)}
        line = ["" if (row, place) in formulas else told.get(name, "")[:200] for place, name in kept]
        if any(line) or any(cells):
            found.append([*line, "x" if _is_void(told) else ""])
    return found


def list_codes(said: str) -> list[str]:
    """Return how number and notation that an old book tells may be written in our registers: as there, or with its zero."""
    found = _CODE.match(said)
    if not found or not found[3]:
        return [said]
    return list(dict.fromkeys((said, f"{int(found[1]):02d}{found[2].lower()}/{found[3]}")))


def list_lacking(columns: Mapping[str, int], book: str, *, secret: bool = False) -> list[str]:
    """Return which facts no column was chosen for, and without which no line can be read."""
    required = (*(name for name in REQUIRED[book] if name != "subject"), "secrecy") if secret else REQUIRED[book]
    lacking = [str(BY_NAME[name].words) for name in required if name not in columns]
    if book == OUT and "code" not in columns and "number" not in columns:
        lacking.insert(0, str(BY_NAME["code"].words))
    return lacking


@dataclass
class Line:
    """A line as it was read. `facts` are plain; `faults` say (column, why)."""

    row: int
    cells: list[str]
    facts: dict[str, Any] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    void: bool = False
    year: int | None = None
    value: int | None = None
    suffix: str = ""


@dataclass(frozen=True)
class Asked:
    """How lines are to be read: which book, where each fact stands, what holds where a line says nothing."""

    book: str
    columns: Mapping[str, int]
    today: date
    default_type: str = ""
    year: int | None = None
    formulas: frozenset[tuple[int, int]] = frozenset()
    secret: bool = False
    cleared: int = 0  # the highest level of a secret book that its reader is cleared for


def read_day(words: str, year: int | None) -> date | None:
    """Return the day that words tell: dd/mm/yyyy and its like, ISO 8601, a day of Excel; without a year that of the book."""
    said = clean_line(words)
    if said.isdecimal() and EXCEL_FIRST <= int(said) <= EXCEL_LAST:
        return EXCEL_EPOCH + timedelta(days=int(said))
    try:
        return datetime.strptime(said[:10], "%Y-%m-%d").date()  # noqa: DTZ007 - a day without a clock
    except ValueError:
        pass
    found = _DAY.match(said)
    if not found or (found[3] is None and year is None):
        return None
    told = int(found[3]) if found[3] else year or 0
    try:
        return date(told + 2000 if told < 100 else told, int(found[2]), int(found[1]))
    except ValueError:
        return None


def type_of(notation: str, named: str) -> str | None:
    """Return the type that a column or the notation tells; None when neither does."""
    said = clean_line(named)
    if said:
        found = _ABBREVIATIONS.get(said.casefold()) or _NAMES.get(fold(said))
        if found:
            return found
    for part in re.split(r"[-/\s.]+", notation):
        found = _ABBREVIATIONS.get(part.casefold())
        if found:
            return found
        if part and not part.isdecimal():
            return None
    return None


def read_line(row: int, cells: Sequence[str], asked: Asked, before: Line | None) -> Line:
    """Read one line; what stands against it is said by column. A void number without a day has the year of the line before."""
    line = Line(row, [clean_line(cell) for cell in cells])
    told = {name: line.cells[place] for name, place in asked.columns.items() if place < len(line.cells)}
    for name, place in asked.columns.items():
        if (row - 1, place) in asked.formulas:
            _fault(line, name, _("ô là công thức; dán lại thành giá trị"))
    line.void = _is_void(told)
    if asked.book in ENTRIES:
        _read_entry(line, told, asked)
        return line
    _read_number(line, told, asked)
    day = _read_date(line, told, "came" if asked.book == IN else "date", asked, before)
    if asked.book == IN and told.get("date"):
        paper = read_day(told["date"], day.year if day else asked.year)
        if paper is None:
            _fault(line, "date", _("không hiểu ngày “%(said)s”; ghi ngày/tháng/năm") % {"said": told["date"][:40]})
        elif day is not None and paper > day:
            _fault(line, "date", _("ngày văn bản sau ngày đến"))
        line.facts["date"] = paper.isoformat() if paper else ""
    line.facts |= {name: told.get(name, "") for name in ("subject", "issuer", "signer", "to", "unit", "note", "file")}
    _read_words(line, told, asked)
    if line.void:
        line.facts["reason"] = _reason_of(told)
    return line


def _fault(line: Line, name: str, words: str) -> None:
    line.faults.append((str(BY_NAME[name].words), words))


def _is_void(told: Mapping[str, str]) -> bool:
    said = fold(told.get("void", ""))
    if said in ("x", "co", "1", "true") or said.startswith(VOID_WORDS):
        return True
    return fold(told.get("subject", "")) in VOID_WORDS or (
        not told.get("subject") and fold(told.get("note", "")).startswith(VOID_WORDS)
    )


def _reason_of(told: Mapping[str, str]) -> str:
    for name in ("note", "subject", "void"):
        if fold(told.get(name, "")) not in ("", "x", "co", "1", "true"):
            return told[name][:400]
    return _("sổ cũ ghi hủy")


def _read_number(line: Line, told: Mapping[str, str], asked: Asked) -> None:
    if asked.book == IN:
        line.facts |= {"code": told.get("code", ""), "notation": told.get("notation", "")}
        if not line.facts["notation"]:
            line.facts["notation"] = told.get("code", "").partition("/")[2]
        name, said, found = "arrival", told.get("arrival", ""), _NUMBER.match(told.get("arrival", ""))
    elif told.get("code"):
        name, said = "code", told["code"]
        found = _CODE.match(said)
        line.facts["notation"] = (found[3] or told.get("notation", "")) if found else ""
    else:
        name, said = "number", told.get("number", "")
        found = _NUMBER.match(said)
        line.facts["notation"] = told.get("notation", "")
        name = name if name in asked.columns else "code"
    if not said:
        _fault(line, name, _("thiếu số"))
        return
    if not found:
        _fault(line, name, _("không đọc được số từ “%(said)s”") % {"said": said[:40]})
        return
    line.value, line.suffix = int(found[1]), found[2].lower()
    if not 1 <= line.value <= HIGHEST:
        _fault(line, name, _("số %(value)s không thể có trong sổ một năm") % {"value": line.value})
        line.value = None
        return
    if asked.book == OUT:
        words = f"{line.value:02d}{line.suffix}"
        line.facts["code"] = f"{words}/{line.facts['notation']}" if line.facts["notation"] else words


def _read_date(line: Line, told: Mapping[str, str], name: str, asked: Asked, before: Line | None) -> date | None:
    said = told.get(name, "")
    day = read_day(said, asked.year) if said else None
    if said and day is None:
        _fault(line, name, _("không hiểu ngày “%(said)s”; ghi ngày/tháng/năm") % {"said": said[:40]})
    elif day is None and not line.void:
        _fault(line, name, _("thiếu ngày"))
    if day is not None and day > asked.today:
        _fault(line, name, _("ngày %(day)s ở sau hôm nay") % {"day": f"{day:%d/%m/%Y}"})
        return None
    if day is not None and day.year < EARLIEST:
        _fault(line, name, _("năm %(year)s không thể có") % {"year": day.year})
        return None
    line.facts["book_date"] = day.isoformat() if day else ""
    if asked.book == OUT:
        line.facts["date"] = line.facts["book_date"]
    line.year = day.year if day else asked.year or (before.year if before and line.void else None)
    if line.void and line.year is None:
        _fault(line, name, _("số hủy không biết thuộc năm nào"))
    return day


def _read_words(line: Line, told: Mapping[str, str], asked: Asked) -> None:
    kind = type_of(line.facts.get("notation", ""), told.get("type", ""))
    line.facts["by_default"] = kind is None
    line.facts["type"] = kind or asked.default_type
    if told.get("type") and kind is None and not asked.default_type:
        _fault(line, "type", _("không có loại “%(said)s”") % {"said": told["type"][:40]})
    elif not line.facts["type"] and not (line.void and asked.book == IN):
        _fault(line, "type" if "type" in asked.columns else "code", _("không rõ loại văn bản"))
    if asked.secret:
        _read_level(line, told, asked)
    elif fold(told.get("secrecy", "")) in SECRET:
        _fault(line, "secrecy", _("văn bản mật không nhập vào sổ thường"))
    elif fold(told.get("secrecy", "")) not in PLAIN:
        _fault(line, "secrecy", _("không hiểu độ mật “%(said)s”") % {"said": told["secrecy"][:40]})
    urgency = fold(told.get("urgency", ""))
    if urgency not in URGENCIES:
        _fault(line, "urgency", _("không hiểu độ khẩn “%(said)s”") % {"said": told["urgency"][:40]})
    line.facts["urgency"] = URGENCIES.get(urgency, 0)
    copies = told.get("copies", "")
    line.facts["copies"] = min(int(copies), 30_000) if copies.isdecimal() and len(copies) < 6 else 1
    if line.void:
        return
    if not told.get("subject") and not asked.secret:
        _fault(line, "subject", _("thiếu trích yếu"))
    if asked.book == IN and "issuer" in asked.columns and not told.get("issuer"):
        _fault(line, "issuer", _("thiếu nơi gửi"))


def _read_level(line: Line, told: Mapping[str, str], asked: Asked) -> None:
    """The level of a line of a book of secret papers; who is not cleared for it takes no such line in."""
    said = told.get("secrecy", "")
    level = LEVELS.get(fold(said), 0)
    if not level and not line.void:
        _fault(line, "secrecy", _("sổ mật phải ghi độ mật; không hiểu “%(said)s”") % {"said": said[:40]})
    elif level > asked.cleared:
        _fault(line, "secrecy", _("độ mật cao hơn mức người nhập được tiếp cận"))
    line.facts["secrecy"] = level


# ---- books whose lines have no number of their own -------------------------------------------------------------------------

_CODE_AND_DAY = re.compile(
    r"^(.+?)(?:\s*[,;]\s*|\s+)(?:ngày\s+)?(\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{2,4})$", re.IGNORECASE
)


def _read_entry(line: Line, told: Mapping[str, str], asked: Asked) -> None:
    """What was posted when to whom, or who used which kept copy; the paper is named by number and notation."""
    name = "moved" if asked.book == POST else "lent"
    day = _read_date(line, told, name, asked, None)
    if "ordinal" in asked.columns:
        said = told.get("ordinal", "")
        if said.isdecimal() and 1 <= int(said[:9]) <= HIGHEST:
            line.value = int(said[:9])
        else:
            _fault(line, "ordinal", _("không đọc được số từ “%(said)s”") % {"said": said[:40]})
    if line.void:
        line.facts["reason"] = _reason_of(told)
        return
    _read_paper(line, told, asked, day)
    line.facts |= {
        each: told.get(each, "") for each in ("to", "user", "taken", "file_code", "permitted", "note", "subject")
    }
    for wanted in ("to",) if asked.book == POST else ("user",):
        if not line.facts[wanted]:
            _fault(line, wanted, _("thiếu nơi nhận") if wanted == "to" else _("thiếu người sử dụng"))
    envelopes = told.get("envelopes", "")
    line.facts["envelopes"] = min(int(envelopes), 10_000) if envelopes.isdecimal() and len(envelopes) < 6 else 1
    _read_back(line, told, asked, day)


def _read_paper(line: Line, told: Mapping[str, str], asked: Asked, day: date | None) -> None:
    said, dated = told.get("code", ""), told.get("date", "")
    both = _CODE_AND_DAY.match(said)
    if both:
        said, dated = both[1], dated or both[2]
    if not said:
        _fault(line, "code", _("thiếu số, ký hiệu"))
    paper = read_day(dated, day.year if day else asked.year) if dated else None
    if dated and paper is None:
        _fault(line, "date" if "date" in asked.columns else "code",
               _("không hiểu ngày “%(said)s”; ghi ngày/tháng/năm") % {"said": dated[:40]})  # fmt: skip
    line.facts |= {"code": said[:80], "dated": paper.isoformat() if paper else ""}


def _read_back(line: Line, told: Mapping[str, str], asked: Asked, day: date | None) -> None:
    said = told.get("back", "")
    back = read_day(said, day.year if day else asked.year) if said else None
    if said and back is None:
        _fault(line, "back", _("không hiểu ngày “%(said)s”; ghi ngày/tháng/năm") % {"said": said[:40]})
    elif back is not None and (back > asked.today or (day is not None and back < day)):
        _fault(line, "back", _("ngày trả trước ngày mượn, hoặc sau hôm nay"))
    line.facts["back"] = back.isoformat() if back else ""
