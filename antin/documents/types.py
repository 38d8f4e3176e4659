"""The 29 administrative document types of Decree 30/2020, art. 7, with the abbreviations of Appendix III.

`form` names the layout of Appendix III; `addressed` says whether the form carries "Kính gửi".
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
    ("NQ", "Nghị quyết", "NQ", "Resolution", "1.1"),
    ("QĐ", "Quyết định", "QĐ", "Decision", "1.2"),
    ("CT", "Chỉ thị", "CT", "Directive", "1.4"),
    ("QC", "Quy chế", "QC", "Regulation", "1.4"),
    ("QyĐ", "Quy định", "QyĐ", "Rules", "1.4"),
    ("TC", "Thông cáo", "TC", "Communiqué", "1.4"),
    ("TB", "Thông báo", "TB", "Notice", "1.4"),
    ("HD", "Hướng dẫn", "HD", "Guidance", "1.4"),
    ("CTr", "Chương trình", "CTr", "Programme", "1.4"),
    ("KH", "Kế hoạch", "KH", "Plan", "1.4"),
    ("PA", "Phương án", "PA", "Option plan", "1.4"),
    ("ĐA", "Đề án", "ĐA", "Scheme", "1.4"),
    ("DA", "Dự án", "DA", "Project", "1.4"),
    ("BC", "Báo cáo", "BC", "Report", "1.4"),
    ("BB", "Biên bản", "BB", "Minutes", "1.9"),
    ("TTr", "Tờ trình", "TTr", "Submission", "1.4"),
    ("HĐ", "Hợp đồng", "HĐ", "Contract", "1.4"),
    ("CV", "Công văn", "", "Official letter", "1.5"),
    ("CĐ", "Công điện", "CĐ", "Urgent telegram", "1.6"),
    ("BGN", "Bản ghi nhớ", "BGN", "Memorandum", "1.4"),
    ("BTT", "Bản thỏa thuận", "BTT", "Agreement", "1.4"),
    ("GUQ", "Giấy ủy quyền", "GUQ", "Authorisation letter", "1.4"),
    ("GM", "Giấy mời", "GM", "Invitation", "1.7"),
    ("GGT", "Giấy giới thiệu", "GGT", "Letter of introduction", "1.8"),
    ("GNP", "Giấy nghỉ phép", "GNP", "Leave permit", "1.10"),
    ("PG", "Phiếu gửi", "PG", "Sending slip", "1.4"),
    ("PC", "Phiếu chuyển", "PC", "Transfer slip", "1.4"),
    ("PB", "Phiếu báo", "PB", "Notification slip", "1.4"),
    ("TCg", "Thư công", "", "Official personal letter", "1.5"),
]
ADDRESSED = frozenset({"CV", "TTr", "BC", "CĐ", "GM", "TCg"})

TYPES: dict[str, DocumentType] = {
    code: DocumentType(code, name, abbreviation, english, form, code in ADDRESSED)
    for code, name, abbreviation, english, form in _ROWS
}


def notation(type_code: str, agency_abbreviation: str, unit_abbreviation: str) -> str:
    """Return the notation printed after the number: `QĐ-BNV` for named types, `BNV-VP` for letters.

    Source: Decree 30/2020, Appendix I, II.3.
    """
    abbreviation = TYPES[type_code].abbreviation
    if abbreviation:
        return f"{abbreviation}-{agency_abbreviation}"
    return f"{agency_abbreviation}-{unit_abbreviation}" if unit_abbreviation else agency_abbreviation


def number_words(value: int) -> str:
    """Return the number as printed: below ten with a leading zero."""
    return f"{value:02d}"
