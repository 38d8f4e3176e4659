"""Tables as XLSX, to be kept or worked on elsewhere: sheets written row by row, ready to be printed across A4."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_WIDE, LEAST_WIDE = 48, 8


@dataclass(frozen=True)
class Table:
    """One sheet: its title, its columns, and its rows."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[str]]


def answer(name: str, *tables: Table) -> HttpResponse:
    """Tables as a file to be kept, a sheet each. Words stay words: what looks like a formula is none, and "07" keeps its zero."""
    book = Workbook(write_only=True)
    for table in tables:
        _write(book.create_sheet(table.title[:31]), table)
    kept = io.BytesIO()
    book.save(kept)
    response = HttpResponse(kept.getvalue(), content_type=TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    return response


def _write(sheet: Any, table: Table) -> None:
    written = [tuple(table.columns), *table.rows]
    for n in range(len(table.columns)):
        longest = max((len(row[n]) for row in written if n < len(row)), default=0)
        width = min(MOST_WIDE, max(LEAST_WIDE, longest + 2))
        sheet.column_dimensions[get_column_letter(n + 1)].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for n, row in enumerate(written):
        cells = []
        for words in row:
            cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", words))
            cell.data_type = "s"
            cell.font = Font(name="Times New Roman", size=12, bold=n == 0)
            cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="center" if n == 0 else None)
            cells.append(cell)
        sheet.append(cells)
