"""Old books as offices keep them, for tests: a workbook with the headings of the law or others, and a ZIP of its papers."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from antin.journeys import take_old_book
from antin.oldbooks.models import OldBook
from antin.people.actor import Actor

OUT = ["Số, ký hiệu văn bản", "Ngày tháng văn bản", "Tên loại và trích yếu nội dung văn bản", "Người ký", "Nơi nhận văn bản",
       "Đơn vị, người nhận bản lưu", "Số lượng bản", "Ghi chú", "Tên tệp"]  # fmt: skip
LINES: list[list[Any]] = [
    ["01/QĐ-TCZ", date(2025, 1, 6), "Thành lập tổ công tác", "Nguyễn Văn An", "Các đơn vị", "Phòng Kế hoạch", 5, "", "qd01.pdf"],
    ["02/QĐ-TCZ", "07/01/2025", "Ban hành quy chế làm việc", "Nguyễn Văn An", "Các đơn vị", "", 1, "", "khong-co.pdf"],
    ["02a/QĐ-TCZ", "07/01/2025", "Bổ sung quy chế làm việc", "Nguyễn Văn An", "Các đơn vị", "", 1, "", ""],
    ["03/QĐ-TCZ", "", "", "", "", "", "", "Hủy do đánh máy nhầm", ""],
    ["06/QĐ-TCZ", "20/02/2025", "Khen thưởng năm 2024", "Trần Thị Bình", "Văn phòng", "", 2, "", "bang.docx"],
    ["06/QĐ-TCZ", "21/02/2025", "Khen thưởng đột xuất", "Trần Thị Bình", "Văn phòng", "", 2, "", ""],
    ["07/QĐ-TCZ", "31/02/2025", "Ngày không có", "Trần Thị Bình", "Văn phòng", "", 2, "", ""],
    ["01/TCZ-KH", "10/01/2025", "Mời họp", "Lê Văn Cường", "Trung tâm B1", "", 1, "", ""],
]  # fmt: skip
IN = ["Ngày đến", "Số đến", "Tác giả", "Số, ký hiệu", "Ngày tháng", "Tên loại và trích yếu nội dung", "Đơn vị hoặc người nhận",
      "Ghi chú"]  # fmt: skip

POST = [
    "TT",
    "Ngày chuyển",
    "Số, ký hiệu văn bản",
    "Nơi nhận văn bản",
    "Số lượng bì",
    "Ký nhận và dấu bưu điện",
    "Ghi chú",
]
POSTED: list[list[Any]] = [
    [1, "08/01/2025", "01/QĐ-TCZ", "Trung tâm B1", 4, "RR123", ""],
    [2, date(2025, 1, 13), "1/TCZ-KH", "Sở Y tế", "", "", "nhanh"],
    [3, "10/01/2025", "02/QĐ-TCZ", "Sở A", 1, "", "Hủy do ghi nhầm"],
    [3, "10/01/2025", "02/QĐ-TCZ", "Sở B", 1, "", ""],
    [4, "30/02/2025", "02/QĐ-TCZ", "", 1, "", ""],
    [7, "05/03/2025", "99/QĐ-TCZ", "Sở C", 1, "", ""],
]  # fmt: skip
COPIES = ["Ngày tháng", "Họ tên người sử dụng", "Số, ký hiệu, ngày tháng văn bản", "Tên loại và trích yếu nội dung văn bản",
          "Số, ký hiệu HS", "Ký nhận", "Ngày trả", "Người cho phép", "Ghi chú"]  # fmt: skip
LENT: list[list[Any]] = [
    ["10/02/2025", "Lê Văn Cường", "02/QĐ-TCZ, 07/01/2025", "Quy chế làm việc", "HS-12", "x", "12/02/2025", "Nguyễn Văn An", ""],
    ["11/02/2025", "Trần Thị Bình", "44/QĐ-TCZ ngày 03/12/2024", "Quyết định cũ", "", "x", "", "Nguyễn Văn An", ""],
    ["11/02/2025", "Trần Thị Bình", "45/QĐ-TCZ", "Quyết định khác", "", "x", "01/02/2025", "Nguyễn Văn An", ""],
]  # fmt: skip
SECRET_OUT = ["Số, ký hiệu văn bản", "Ngày tháng văn bản", "Trích yếu", "Người ký", "Nơi nhận văn bản", "Độ mật", "Ghi chú",
              "Nội dung chỉ đạo"]  # fmt: skip


def secret_lines(subject: str) -> list[list[Any]]:
    return [
        ["01/QĐ-TCZ", "06/01/2025", subject, "Nguyễn Văn An", "Trung tâm B1", "Mật", "Ghi chú lộ", subject],
        ["02/QĐ-TCZ", "07/01/2025", subject, "Nguyễn Văn An", "Trung tâm B1", "B", "", subject],
        ["03/QĐ-TCZ", "08/01/2025", "Hủy", "", "", "", "", ""],
        ["04/QĐ-TCZ", "09/01/2025", subject, "Nguyễn Văn An", "Trung tâm B1", "Tuyệt mật", "", ""],
        ["05/QĐ-TCZ", "09/01/2025", subject, "Nguyễn Văn An", "Trung tâm B1", "", "", ""],
    ]


def workbook(*rows: Sequence[Any], above: Sequence[Sequence[Any]] = ()) -> io.BytesIO:
    made = Workbook()
    sheet = made.active
    for row in (*above, *rows):
        sheet.append(list(row))
    kept = io.BytesIO()
    made.save(kept)
    kept.seek(0)
    return kept


def archive(files: Mapping[str, bytes]) -> io.BytesIO:
    kept = io.BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    kept.seek(0)
    return kept


def sent(
    actor: Actor,
    at: Any,
    table: io.BytesIO,
    packed: io.BytesIO | None = None,
    key: str | None = None,
    *,
    secret: bool = False,
) -> OldBook:
    return take_old_book.begin(
        table=_on_disk(table),
        name="so-cu.xlsx",
        archive=_on_disk(packed) if packed is not None else None,
        archive_name="tep.zip" if packed is not None else "",
        begun_in=key,
        secret=secret,
        actor=actor,
        today=at.date(),
        at=at,
    )


def _on_disk(content: io.BytesIO) -> Any:
    kept = tempfile.TemporaryFile()  # noqa: SIM115 - what it is given to closes it
    kept.write(content.getvalue())
    kept.seek(0)
    return kept


def checked(actor: Actor, at: Any, old_book: OldBook, **changes: Any) -> OldBook:
    told = {
        "book": old_book.book,
        "columns": old_book.columns,
        "together": False,
        "default_type": "CV",
        "year": None,
    } | changes
    return take_old_book.check(old_book_id=old_book.pk, actor=actor, today=at.date(), at=at, **told)
