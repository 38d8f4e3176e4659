"""The work calendar of a week on paper: days and entries in, PDF/A out, with the head of Decree 30 (annex I) and one signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from antin.typeset import press
from antin.typeset.record import clean

COLUMNS = ("Thứ, ngày", "Buổi", "Thời gian", "Nội dung", "Chủ trì", "Thành phần", "Địa điểm", "Chuẩn bị; xe")
NAMES = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
NATION, MOTTO = "Cộng hòa xã hội chủ nghĩa Việt Nam", "Độc lập - Tự do - Hạnh phúc"
MORNING, AFTERNOON = "Sáng", "Chiều"
ADDED, MOVED = " (bổ sung)", " (thay đổi)"
FREE, NOTHING, DRAFT = "Nghỉ", "Làm việc thường xuyên", "DỰ THẢO, CHƯA BAN HÀNH"
"""An official paper: Vietnamese, whatever the reader's language."""


def title_of(monday: date) -> str:
    return f"Lịch công tác tuần {monday.isocalendar().week}"


def about(monday: date, sunday: date) -> str:
    return f"(Từ ngày {monday:%d/%m/%Y} đến ngày {sunday:%d/%m/%Y})"


def place_and_day(place: str, day: date) -> str:
    return f"{place or 'Hà Nội'}, ngày {day:%d} tháng {day:%m} năm {day:%Y}"


def until_day(day: date) -> str:
    return f"đến {day:%d/%m}"


@dataclass(frozen=True)
class Day:
    """One day: its name, why it is free ("" when worked), and its rows, a cell for each column after the first."""

    name: str
    free: str
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class WeekSheet:
    """Everything the sheet says. `signer_role`: a line each, as "TL. TỔNG CỤC TRƯỞNG" and the office of who signs."""

    parent: str
    agency: str
    place_and_day: str
    title: str
    about: str
    draft: str
    days: Sequence[Day]
    note: str
    signer_role: Sequence[str]
    signer_name: str


def lay_out(sheet: WeekSheet, *, at: datetime) -> bytes:
    """Print the week, dated `at`. :raises FontsMissing: `make setup` has not run"""
    data = {name.replace("_", "-"): value for name, value in asdict(sheet).items()}
    data |= {"columns": COLUMNS, "nation": NATION, "motto": MOTTO, "nothing": NOTHING}
    return press.run("week", clean(data), at=at).pdf
