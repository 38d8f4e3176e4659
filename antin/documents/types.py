"""The 29 administrative document types of Decree 30/2020, art. 7, and the three kinds of copies of art. 25, with the
abbreviations of Appendix III.

`form` names the layout of Appendix III that typeset prints; `addressed` says whether the form carries "Kính gửi".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DocumentType:
    """One type: `code` is ours and stable, `abbreviation` is printed in the notation ("" for Công văn and Thư công)."""

    code: str
    name: str
    abbreviation: str
    english: str
    form: str
    addressed: bool = False


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

ALL_TYPES = TYPES | COPIES
"""Everything that is issued and received."""


def series_name(group: str) -> str:
    """The name of the series of a type that no book names: the type's own, or that of all copies."""
    if group == COPY_SERIES:
        return "Bản sao"
    return ALL_TYPES[group].name if group in ALL_TYPES else group


def notation(type_code: str, agency_abbreviation: str, unit_abbreviation: str) -> str:
    """Return the notation printed after the number: `QĐ-BNV` for named types, `BNV-VP` for letters.

    Source: Decree 30/2020, Appendix I, II.3.
    """
    abbreviation = ALL_TYPES[type_code].abbreviation
    if abbreviation:
        return f"{abbreviation}-{agency_abbreviation}"
    return f"{agency_abbreviation}-{unit_abbreviation}" if unit_abbreviation else agency_abbreviation


def number_words(value: int) -> str:
    """Return the number as printed: below ten with a leading zero."""
    return f"{value:02d}"
