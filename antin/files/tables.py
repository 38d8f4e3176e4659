"""Tables others made (XLSX, CSV), read inside the worker process. Sources: ECMA-376, part 1, 18 (SpreadsheetML); RFC 4180."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
import zipfile
import zlib
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
MOST_REGISTER_ROWS = 20_000
MACROS = ("vbaproject.bin", "macrosheets/", "activex/")
FORMULA = "f"
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


class Macros(Exception):
    """The workbook brings programs along."""


def register(data: bytes) -> list[list[Any]]:
    """Return the sheets of an old book as `table` does, more rows of them, each with the places of its formulas as [row, column].

    What a formula stands for is not taken: it was reckoned by somebody else's program.

    :raises Macros: :raises Damaged: :raises Heavy:
    """
    sheets: list[list[Any]] = (
        _formulas(data) if data.startswith(b"PK") else [["", _separated(data, MOST_REGISTER_ROWS), []]]
    )
    for _title, rows, _places in sheets:
        if len(rows) > MOST_REGISTER_ROWS:
            raise Heavy
        while rows and not any(rows[-1]):
            rows.pop()
    return sheets


def _formulas(data: bytes) -> list[list[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise Heavy
            if any(mark in part.filename.lower() for part in parts for mark in MACROS):
                raise Macros
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        return [_with_places(sheet) for sheet in book.worksheets[:MOST_SHEETS]]
    except DAMAGES:
        raise Damaged from None


def _with_places(sheet: Any) -> list[Any]:
    rows: list[list[str]] = []
    places: list[list[int]] = []
    for n, row in enumerate(islice(sheet.iter_rows(max_col=MOST_COLUMNS), MOST_REGISTER_ROWS + 1)):
        cells = []
        for column, cell in enumerate(row):
            is_formula = getattr(cell, "data_type", "") == FORMULA
            if is_formula:
                places.append([n, column])
            cells.append("" if is_formula else _cell(cell.value))
        while cells and not cells[-1] and [n, len(cells) - 1] not in places[-1:]:
            cells.pop()
        rows.append(cells)
    return [sheet.title, rows, places]


# ---- files that come together --------------------------------------------------------------------------------------------

MOST_PACKED, LARGEST_PACKED, MOST_RATIO = 20_000, 4_000_000_000, 200
SYMLINK = 0o120000


def packed_names(data: bytes) -> list[list[Any]]:
    """Return the files of a ZIP, each by name, size and place in it. None of them is opened.

    :raises Damaged: no ZIP, or one with a name that leads out of it, a link, or a password
    :raises Heavy: more files, or more of them, than one import takes
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
    except DAMAGES:
        raise Damaged from None
    if len(parts) > MOST_PACKED or sum(part.file_size for part in parts) > LARGEST_PACKED:
        raise Heavy
    if any(part.file_size > 1_000_000 and part.file_size > MOST_RATIO * max(part.compress_size, 1) for part in parts):
        raise Heavy
    found = []
    for place, part in enumerate(parts):
        name = part.filename.replace("\\", "/")
        if (
            name.startswith("/")
            or ".." in name.split("/")
            or ":" in name
            or (part.external_attr >> 16) & SYMLINK == SYMLINK
        ):
            raise Damaged
        if part.flag_bits & 0x1:
            raise Damaged
        if not part.is_dir():
            found.append([unicodedata.normalize("NFC", name)[:300], part.file_size, place])
    return found


def packed_file(data: bytes, place: int, largest: int) -> bytes:
    """Return one file of a ZIP, by its place in it. :raises Damaged: :raises Heavy: it is larger than it said, or than may be"""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed, packed.open(packed.infolist()[place]) as stream:
            content = stream.read(largest + 1)
    except (*DAMAGES, RuntimeError, NotImplementedError, EOFError, zlib.error):
        raise Damaged from None
    if len(content) > largest:
        raise Heavy
    return content


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


def _separated(data: bytes, most: int = MOST_ROWS) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
        head = text.partition("\n")[0]
        mark = max(",;\t", key=head.count)
        rows = islice(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True), most + 1)
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
