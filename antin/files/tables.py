"""Tables others made (XLSX, CSV), read inside the worker process. Sources: ECMA-376, part 1, 18 (SpreadsheetML); RFC 4180."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
import zipfile
from datetime import date, datetime
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from antin.files.pdf import Damaged, Heavy

for each in ("cp437", "utf-8-sig"):  # how zip names entries, how a CSV begins
    codecs.lookup(each)  # what opens the file may read nothing of Python any more
MOST_SHEETS, MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 10, 5_000, 40, 1_000
LARGEST_UNPACKED = 100_000_000
DAMAGES = (
    zipfile.BadZipFile,
    ParseError,
    csv.Error,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
)
"""What openpyxl lets through when a part of the file is missing or is something else."""


def table(data: bytes) -> list[list[Any]]:
    """Return the sheets, each with its title and its rows of cells as text; days as 2026-11-22. Empty rows at the end are left out.

    :raises Damaged: neither XLSX nor CSV in UTF-8
    :raises Heavy: more than `MOST_ROWS` rows in a sheet, or a file that unpacks to too much
    """
    sheets: list[list[Any]] = _workbook(data) if data.startswith(b"PK") else [["", _separated(data)]]
    for _title, rows in sheets:
        if len(rows) > MOST_ROWS:
            raise Heavy
        while rows and not any(rows[-1]):
            rows.pop()
    return sheets


def _workbook(data: bytes) -> list[list[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise Heavy
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return [
            [
                sheet.title,
                [
                    [_cell(value) for value in row]
                    for row in islice(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), MOST_ROWS + 1)
                ],
            ]
            for sheet in book.worksheets[:MOST_SHEETS]
        ]
    except DAMAGES:
        raise Damaged from None


def _separated(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
        head = text.partition("\n")[0]
        mark = max(",;\t", key=head.count)
        rows = islice(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True), MOST_ROWS + 1)
        return [[_cell(value) for value in row[:MOST_COLUMNS]] for row in rows]
    except DAMAGES:
        raise Damaged from None


def _cell(value: Any) -> str:
    """A cell as text: whole numbers without a point, days by ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unicodedata.normalize("NFC", " ".join(str(value).split()))[:LONGEST_CELL]
