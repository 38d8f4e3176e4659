"""Types of documents by family: the 29 administrative types of Decree 30/2020, art. 7, with the three kinds of copies of art. 25
and the abbreviations of Appendix III; legal normative documents; papers of the Party; specialised ones. The family decides how a
number is written (decision 105).

`form` names the layout that typeset prints; `addressed` says whether the form carries "Kính gửi".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Family(models.TextChoices):
    """Under which rules a document is written, numbered and printed."""

    ADMINISTRATIVE = "administrative", _("Văn bản hành chính")
    NORMATIVE = "normative", _("Văn bản quy phạm pháp luật")
    PARTY = "party", _("Văn bản của Đảng")
    SPECIALISED = "specialised", _("Văn bản chuyên ngành")


@dataclass(frozen=True)
class DocumentType:
    """One type: `code` is ours and stable, `abbreviation` is printed in the notation ("" for Công văn and Thư công).

    `issued`: an agency of a node drafts and issues it; the others only come from elsewhere. `series`: the type in whose series it
    is numbered, where that is another: two types with one abbreviation would have the same numbers.
    """

    code: str
    name: str
    abbreviation: str
    english: str
    form: str
    addressed: bool = False
    family: Family = Family.ADMINISTRATIVE
    issued: bool = True
    series: str = ""


_ROWS = [
    ("NQ", "Nghị quyết", "NQ", "Resolution", "resolution"),
    ("QĐ", "Quyết định", "QĐ", "Decision", "decision"),
    ("CT", "Chỉ thị", "CT", "Directive", "named"),
    ("QC", "Quy chế", "QC", "Regulation", "named"),
    ("QyĐ", "Quy định", "QyĐ", "Rules", "named"),
    ("TC", "Thông cáo", "TC", "Communiqué", "named"),
    ("TB", "Thông báo", "TB", "Notice", "named"),
    ("HD", "Hướng dẫn", "HD", "Guidance", "named"),
    ("CTr", "Chương trình", "CTr", "Programme", "named"),
    ("KH", "Kế hoạch", "KH", "Plan", "named"),
    ("PA", "Phương án", "PA", "Option plan", "named"),
    ("ĐA", "Đề án", "ĐA", "Scheme", "named"),
    ("DA", "Dự án", "DA", "Project", "named"),
    ("BC", "Báo cáo", "BC", "Report", "named"),
    ("BB", "Biên bản", "BB", "Minutes", "minutes"),
    ("TTr", "Tờ trình", "TTr", "Submission", "named"),
    ("HĐ", "Hợp đồng", "HĐ", "Contract", "named"),
    ("CV", "Công văn", "", "Official letter", "letter"),
    ("CĐ", "Công điện", "CĐ", "Urgent telegram", "telegram"),
    ("BGN", "Bản ghi nhớ", "BGN", "Memorandum", "named"),
    ("BTT", "Bản thỏa thuận", "BTT", "Agreement", "named"),
    ("GUQ", "Giấy ủy quyền", "GUQ", "Authorisation letter", "named"),
    ("GM", "Giấy mời", "GM", "Invitation", "invitation"),
    ("GGT", "Giấy giới thiệu", "GGT", "Letter of introduction", "introduction"),
    ("GNP", "Giấy nghỉ phép", "GNP", "Leave permit", "leave"),
    ("PG", "Phiếu gửi", "PG", "Sending slip", "named"),
    ("PC", "Phiếu chuyển", "PC", "Transfer slip", "named"),
    ("PB", "Phiếu báo", "PB", "Notification slip", "named"),
    ("TCg", "Thư công", "", "Official personal letter", "letter"),
]
ADDRESSED = frozenset({"CV", "TTr", "BC", "CĐ", "GM", "TCg"})

TYPES: dict[str, DocumentType] = {
    code: DocumentType(code, name, abbreviation, english, form, code in ADDRESSED)
    for code, name, abbreviation, english, form in _ROWS
}

COPIES: dict[str, DocumentType] = {
    code: DocumentType(code, name, code, english, "")
    for code, name, english in (
        ("SY", "Sao y", "Certified copy"),
        ("SL", "Sao lục", "Copy of a copy"),
        ("TrS", "Trích sao", "Certified extract"),
    )
}
"""Copies of papers. Nobody drafts one: it is asked for of the paper itself. All three are numbered in one series."""

COPY_SERIES = "SAO"

NORMATIVE: dict[str, DocumentType] = {
    code: DocumentType(code, name, abbreviation, english, form, family=Family.NORMATIVE, issued=form != "")
    for code, name, abbreviation, english, form in (
        ("TT", "Thông tư", "TT", "Circular", "circular"),
        ("TTLT", "Thông tư liên tịch", "TTLT", "Joint circular", ""),
        ("L", "Luật", "", "Law", ""),
        ("PL", "Pháp lệnh", "", "Ordinance", ""),
        ("NĐ", "Nghị định", "NĐ", "Decree", ""),
        ("NQPL", "Nghị quyết quy phạm pháp luật", "NQ", "Normative resolution", ""),
        ("QĐPL", "Quyết định quy phạm pháp luật", "QĐ", "Normative decision", ""),
    )
}
"""Legal normative documents. What a ministry's minister issues is drafted here; the others are only received.

Law: the law on promulgation of legal normative documents, 80/2015/QH13, from 1 April 2025 64/2025/QH15.
"""

PARTY: dict[str, DocumentType] = {
    f"Đ.{code}": DocumentType(
        f"Đ.{code}",
        name,
        abbreviation,
        english,
        f"party_{form}",
        addressed=code in {"CV", "TTr", "BC"},
        family=Family.PARTY,
        series=f"Đ.{series}" if series else "",
    )
    for code, name, abbreviation, english, form, series in (
        ("NQ", "Nghị quyết", "NQ", "Party resolution", "named", ""),
        ("QĐ", "Quyết định", "QĐ", "Party decision", "decision", ""),
        ("CT", "Chỉ thị", "CT", "Party directive", "named", ""),
        ("KL", "Kết luận", "KL", "Party conclusion", "named", ""),
        ("QC", "Quy chế", "QC", "Party statute", "named", ""),
        ("QyĐ", "Quy định", "QĐ", "Party rules", "named", "QĐ"),
        ("TTi", "Thông tri", "TT", "Party circular letter", "named", ""),
        ("HD", "Hướng dẫn", "HD", "Party guidance", "named", ""),
        ("TB", "Thông báo", "TB", "Party notice", "named", ""),
        ("TC", "Thông cáo", "TC", "Party communiqué", "named", ""),
        ("TuB", "Tuyên bố", "TB", "Party declaration", "named", "TB"),
        ("LKG", "Lời kêu gọi", "LKG", "Party appeal", "named", ""),
        ("BC", "Báo cáo", "BC", "Party report", "named", ""),
        ("KH", "Kế hoạch", "KH", "Party plan", "named", ""),
        ("QH", "Quy hoạch", "QH", "Party master plan", "named", ""),
        ("CTr", "Chương trình", "CTr", "Party programme", "named", ""),
        ("ĐA", "Đề án", "ĐA", "Party scheme", "named", ""),
        ("TTr", "Tờ trình", "TTr", "Party submission", "named", ""),
        ("CV", "Công văn", "CV", "Party letter", "letter", ""),
        ("BB", "Biên bản", "BB", "Party minutes", "named", ""),
    )
}
"""Papers of the Party: their names, letters and layout are of guidance 36-HD/VPTW of 2018, never of Decree 30."""

SPECIALISED: dict[str, DocumentType] = {
    "CN": DocumentType("CN", "Văn bản chuyên ngành", "", "Specialised paper", "named", family=Family.SPECIALISED)
}
"""What is written by a form that an administrator made; the form has its own name, notation and series."""

DRAFTED = {code: kind for code, kind in (TYPES | NORMATIVE | PARTY | SPECIALISED).items() if kind.issued}
"""What a draft may be."""

ALL_TYPES = TYPES | COPIES | NORMATIVE | PARTY | SPECIALISED
"""Everything that is issued and received. The order is kept: a type's place is its number in messages to the axis."""


def family_of(type_code: str) -> Family:
    """The family of a type; of an unknown one the administrative."""
    kind = ALL_TYPES.get(type_code)
    return kind.family if kind else Family.ADMINISTRATIVE


def series_name(group: str) -> str:
    """The name of the series of a type that no book names: the type's own, or that of all copies."""
    if group == COPY_SERIES:
        return "Bản sao"
    if any(kind.series == group for kind in ALL_TYPES.values()):
        return ", ".join(kind.name for kind in ALL_TYPES.values() if group in (kind.code, kind.series))
    return ALL_TYPES[group].name if group in ALL_TYPES else group


def series_of(type_code: str) -> str:
    """Return the type whose series a type is numbered in: its own, of copies that of all three."""
    if type_code in COPIES:
        return COPY_SERIES
    kind = ALL_TYPES.get(type_code)
    return kind.series or type_code if kind else type_code


def series_types(of_party: bool) -> dict[str, DocumentType]:
    """Return the types that have series of their own in the books of a Party organ, or of a council, board or team."""
    return {code: kind for code, kind in (PARTY if of_party else TYPES).items() if not kind.series}


def notation(type_code: str, agency_abbreviation: str, unit_abbreviation: str) -> str:
    """Return the notation printed after the number: `QĐ-BNV` for named types, `BNV-VP` for letters; of the Party `NQ/ĐU`.

    Source: Decree 30/2020, Appendix I, II.3; guidance 36-HD/VPTW.
    """
    if family_of(type_code) == Family.PARTY:
        return f"{ALL_TYPES[type_code].abbreviation}/{agency_abbreviation}"
    abbreviation = ALL_TYPES[type_code].abbreviation
    if abbreviation:
        return f"{abbreviation}-{agency_abbreviation}"
    return f"{agency_abbreviation}-{unit_abbreviation}" if unit_abbreviation else agency_abbreviation


def number_words(value: int) -> str:
    """Return the number as printed: below ten with a leading zero."""
    return f"{value:02d}"


def code_of(type_code: str, value: str, year: int, marks: str, *, with_year: bool = False) -> str:
    """Return number and notation as they are cited: `15/QĐ-BNV`, `02/2026/TT-BNV`, `36-HD/VPTW`. `value` is the number in words;
    `with_year`: a form of its own asks for the year.

    Source: Decree 30/2020, Appendix I, II.3; the law on legal normative documents (number, year, type, issuer).
    """
    between = "-" if family_of(type_code) == Family.PARTY else "/"
    number = f"{value}/{year}" if with_year or family_of(type_code) == Family.NORMATIVE else value
    return f"{number}{between}{marks}"


_NORMATIVE_CODE = re.compile(r"^\d{1,6}[a-zđ]?\s?/\s?(?:19|20)\d\d\s?/\s?([A-ZĐ]+)", re.I)

_PARTY_CODE = re.compile(r"^\d{1,6}[a-zđ]?\s?[-–]\s?([A-ZĐ]+)\s?/\s?[A-ZĐ]", re.I)


def type_in(code: str) -> str:
    """Return the normative or Party type that a number and notation names (`30/2020/NĐ-CP`, `12-NQ/TU`); "" where none."""
    party = _PARTY_CODE.match(code.strip())
    if party is not None:
        return _PARTY_MARK.get(party[1].casefold(), "")
    found = _NORMATIVE_CODE.match(code.strip())
    if found is None:
        return ""
    mark = found[1].upper()
    return "L" if mark == "QH" else "PL" if mark == "UBTVQH" else _BY_MARK.get(mark, "")


WITH_YEAR = frozenset({Family.NORMATIVE, Family.SPECIALISED})


def split_number(type_code: str, code: str) -> str:
    """Return the part of a number and notation that fills the blank of the number."""
    if family_of(type_code) == Family.PARTY:
        return code.partition("-")[0]
    parts = code.split("/")
    has_year = len(parts) > 2 and parts[1].isdecimal() and len(parts[1]) == 4
    return "/".join(parts[:2]) if has_year and family_of(type_code) in WITH_YEAR else parts[0]


BY_ABBREVIATION = {kind.abbreviation: code for code, kind in reversed(ALL_TYPES.items()) if kind.abbreviation}
"""The type that an abbreviation means where nothing else tells: of two the administrative one."""
_BY_MARK = {kind.abbreviation: code for code, kind in NORMATIVE.items() if kind.abbreviation}
_PARTY_MARK = {kind.abbreviation.casefold(): code for code, kind in reversed(PARTY.items())}
