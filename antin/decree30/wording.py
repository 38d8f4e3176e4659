"""The Decree's own words: titles, abbreviations, marks, and how words are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NATIONAL_NAME = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"

# Appendix III: the 27 types that have a name and an abbreviation. Công văn and thư công have neither on the page.
TYPES = {
    "Nghị quyết": "NQ",
    "Quyết định": "QĐ",
    "Chỉ thị": "CT",
    "Quy chế": "QC",
    "Quy định": "QyĐ",
    "Thông cáo": "TC",
    "Thông báo": "TB",
    "Hướng dẫn": "HD",
    "Chương trình": "CTr",
    "Kế hoạch": "KH",
    "Phương án": "PA",
    "Đề án": "ĐA",
    "Dự án": "DA",
    "Báo cáo": "BC",
    "Biên bản": "BB",
    "Tờ trình": "TTr",
    "Hợp đồng": "HĐ",
    "Công điện": "CĐ",
    "Bản ghi nhớ": "BGN",
    "Bản thỏa thuận": "BTT",
    "Giấy ủy quyền": "GUQ",
    "Giấy mời": "GM",
    "Giấy giới thiệu": "GGT",
    "Giấy nghỉ phép": "GNP",
    "Phiếu gửi": "PG",
    "Phiếu chuyển": "PC",
    "Phiếu báo": "PB",
}
LETTER = ("CV", "Công văn")
MIXED_CASE = ("QyĐ", "CTr", "TTr", "TrS", "TTg")  # abbreviations with small letters

URGENCY = ("KHẨN", "THƯỢNG KHẨN", "HỎA TỐC")
SECRECY = ("MẬT", "TỐI MẬT", "TUYỆT MẬT")
MARKS = ("KT", "TL", "TM", "TUQ", "Q")

LETTERS = (
    "abcdđeghiklmnopqrstuvxy"  # the Vietnamese alphabet as points are lettered: no f, j, w, z, no letters with marks
)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Small letters without marks, one space between words: for comparing, never for showing."""
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(sign))
    return " ".join(bare.replace("đ", "d").split())


@lru_cache(maxsize=4096)
def letters(text: str) -> str:
    """Only the folded letters."""
    return re.sub(r"[^a-z]", "", fold(text))


FOLDED_TYPES = {fold(name): (abbreviation, name) for name, abbreviation in TYPES.items()}
FOLDED_TYPES[fold("Bản thoả thuận")] = FOLDED_TYPES[fold("Bản thỏa thuận")]


def same_word(text: str, right: str) -> bool:
    """Equal but for where a mark stands in oa, oe, uy (HÒA, HOÀ): both spellings are in use."""
    return _old_marks(text) == _old_marks(right)


def _old_marks(text: str) -> str:
    parted = unicodedata.normalize("NFD", text)
    tones = "\u0300\u0301\u0303\u0309\u0323"
    return re.sub(rf"([oOuU])([{tones}])([aAeEyY])", r"\1\3\2", parted)
