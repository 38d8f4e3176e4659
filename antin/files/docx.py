"""The text of a DOCX, read inside the worker process. Source: ECMA-376, part 1, 17.3 (paragraphs, runs, text)."""

from __future__ import annotations

import codecs
import io
import unicodedata
import zipfile
from xml.etree.ElementTree import ParseError, iterparse

from antin.files.pdf import LONGEST_TEXT, Damaged, Heavy

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
codecs.lookup("cp437")  # how zip names entries; what opens the file may read nothing of Python any more
LARGEST_PART = 50_000_000
PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
BREAKS = {f"{W}p": "\n", f"{W}tab": " ", f"{W}br": "\n", f"{W}tc": " "}


def text(data: bytes) -> str:
    """Return the text of a DOCX, a paragraph a line, composed. :raises Damaged: :raises Heavy: a part would unpack to too much"""
    found: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = set(packed.namelist())
            for name in PARTS:
                if name in names:
                    if packed.getinfo(name).file_size > LARGEST_PART:
                        raise Heavy
                    with packed.open(name) as part:
                        _read(io.BytesIO(part.read(LARGEST_PART)), found)
    except (zipfile.BadZipFile, ParseError, KeyError, NotImplementedError, EOFError, RuntimeError, ValueError, OSError):
        raise Damaged from None
    return unicodedata.normalize("NFC", "".join(found)[:LONGEST_TEXT]).strip()


def _read(part: io.BytesIO, found: list[str]) -> None:
    for _, element in iterparse(part):  # noqa: S314 - in the worker process, which has limits of memory and time
        if element.tag == f"{W}t" and element.text:
            found.append(element.text)
        elif element.tag in BREAKS:
            found.append(BREAKS[element.tag])
        if element.tag == f"{W}p":
            element.clear()
