"""What bytes are, by the bytes themselves. A name or a declared type is never asked."""

import re
import zipfile
from typing import BinaryIO

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TEXT = "text/plain"
HTML = "text/html"
SVG = "image/svg+xml"
XML = "application/xml"
ZIP = "application/zip"
JSON = "application/json"
UNKNOWN = "application/octet-stream"

#: What a browser may show in a page of ours. Everything else is only ever downloaded.
INLINE = frozenset({PDF, PNG, JPEG, TEXT})

HEAD = 4096

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-msdownload"),
    (b"{\\rtf", "application/rtf"),
)
_OFFICE = (
    ("word/document.xml", DOCX),
    ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OPEN_DOCUMENT = re.compile(rb"application/vnd\.oasis\.opendocument\.[a-z-]+")
_HTML = re.compile(
    rb"<(!doctype\s+html|html|head|body|script|iframe|object|embed|form|meta|link|style|base|img|a\s|div|p>|h[1-6]>)",
    re.IGNORECASE,
)
_ROOT = re.compile(rb"<(?![?!])([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")


def media_type(stream: BinaryIO) -> str:
    """Return the media type of a seekable stream; its position is left at the start."""
    stream.seek(0)
    head = stream.read(HEAD)
    found = _by_head(head)
    if found == ZIP:
        found = _inside_zip(stream)
    stream.seek(0)
    return found


def _by_head(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"%PDF-"):
        return PDF
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ZIP
    if start.startswith(b"<?xml"):
        return _by_root(start)
    if _HTML.search(head):
        return HTML
    return _by_root(start) if start.startswith(b"<") else _text(head, start)


def _by_root(start: bytes) -> str:
    root = _ROOT.search(start)
    name = root[2].lower() if root else b""
    return {b"svg": SVG, b"html": HTML}.get(name, XML)


def _text(head: bytes, start: bytes) -> str:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as trouble:
        if trouble.reason != "unexpected end of data" or len(head) < HEAD:
            return UNKNOWN
        text = head[: trouble.start].decode("utf-8")
    if not text or any(c < " " and c not in "\t\n\r\f" for c in text):
        return UNKNOWN
    return JSON if start[:1] in (b"{", b"[") and len(start) > 1 and start.rstrip()[-1:] in (b"}", b"]") else TEXT


def _inside_zip(stream: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                found = _OPEN_DOCUMENT.fullmatch(archive.read("mimetype").strip())
                if found:
                    return found[0].decode()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return ZIP
    return next((kind for part, kind in _OFFICE if part in names), ZIP)
