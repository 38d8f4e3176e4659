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


def sent(actor: Actor, at: Any, table: io.BytesIO, packed: io.BytesIO | None = None, key: str | None = None) -> OldBook:
    return take_old_book.begin(
        table=_on_disk(table),
        name="so-cu.xlsx",
        archive=_on_disk(packed) if packed is not None else None,
        archive_name="tep.zip" if packed is not None else "",
        begun_in=key,
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
