"""The files in a message: base64, a zip of one entry around most of them, and what happens to both on the way.

Nothing here loses bytes: what cannot be decoded or opened is kept as it came, with a note. Entry names of zips are never used.
"""

from __future__ import annotations

import binascii
import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass

from django.utils.translation import gettext

from antin.exchange.edxml.codes import extension
from antin.exchange.edxml.limits import Allowance, TooMuch
from antin.exchange.edxml.notes import Notebook
from antin.exchange.edxml.tree import copy_bounded

ZIP = "application/zip"
SIGN = b"PK\x03\x04"
_EMPTY_SIGN = b"PK\x05\x06"
_SPACE = b" \t\r\n"
_DATA_URI = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
#: Types that are zips themselves: one of these is unwrapped only when what is inside is one of these again.
ZIP_BASED = frozenset(
    {"docx", "docm", "dotx", "dotm", "xlsx", "xlsm", "xltx", "xltm", "xslx", "pptx", "pptm", "potx", "ppsx", "vsdx"}
    | {"odt", "ods", "odp", "odg", "ott", "ots", "epub", "jar", "apk", "kmz", "asice", "asics", "sce", "scs"}
)
ZIP_TYPES = frozenset({ZIP, "application/x-zip-compressed", "application/x-zip"})
ARCHIVES = frozenset({"zip", "zipx"})


def decode(text: str, notebook: Notebook, at: str) -> bytes:
    """The bytes that base64 text carries; the text's own bytes when it is none."""
    stripped = text.strip()
    if found := _DATA_URI.match(stripped):
        notebook.write("data-uri", at, text=found.group())
        stripped = stripped[found.end() :].strip()
    if not stripped:
        notebook.write("no-content", at)
        return b""
    try:
        return binascii.a2b_base64(stripped, strict_mode=True)
    except binascii.Error:
        raw = stripped.encode("ascii")
    except ValueError:  # letters beyond ASCII
        notebook.write("not-base64", at)
        return stripped.encode("utf-8")
    packed = raw.translate(None, _SPACE)
    if len(packed) != len(raw):
        notebook.write("base64-spaced", at)
        try:
            return binascii.a2b_base64(packed, strict_mode=True)
        except binascii.Error:
            pass
    bare = packed.rstrip(b"=")
    if len(bare) % 4 in (2, 3):
        try:
            decoded = binascii.a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)
        except binascii.Error:
            pass
        else:
            notebook.write("cut-base64", at)
            return decoded
    elif len(bare) % 4 == 1 and len(bare) > 64:
        try:
            decoded = binascii.a2b_base64(bare[:-1], strict_mode=True)
        except binascii.Error:
            pass
        else:
            notebook.write("cut-base64", at)
            return decoded
    notebook.write("not-base64", at)
    return raw


def unwrap(carried: bytes, name: str, declared: str, notebook: Notebook, allowance: Allowance, *, at: str) -> bytes:
    """The file itself: the one entry of a zip when it was wrapped, otherwise what was carried.

    :raises TooMuch: what comes out of the zip is beyond the limits
    """
    kind = extension(name)
    says_zip = declared.partition(";")[0].strip().lower() in ZIP_TYPES
    if carried.startswith(_EMPTY_SIGN) and kind not in ARCHIVES:
        notebook.write("empty-zip", at)
        return carried
    if not carried.startswith(SIGN):
        if says_zip and carried:
            notebook.write("not-a-zip", at)
        return carried
    count = count_entries(carried)
    if count is None:
        notebook.write("damaged-zip", at, text="central directory")
        return carried
    if kind in ARCHIVES:
        return carried
    if count > allowance.limits.archive_entries and kind not in ZIP_BASED:
        raise TooMuch(at, what=gettext("số mục trong zip"), limit=str(allowance.limits.archive_entries))
    if count != 1:
        if kind not in ZIP_BASED:
            notebook.write("zip-of-many", at, count=count)
        return carried
    try:
        inner = _only_entry(carried, kind, says_zip, allowance, at)
    except Locked:
        notebook.write("locked-zip", at)
        return carried
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as fault:
        notebook.write("damaged-zip", at, text=str(fault) or type(fault).__name__)
        return carried
    if inner is None:
        return carried
    notebook.write("unwrapped", at)
    if not says_zip:
        notebook.write("undeclared-zip", at, text=declared)
    return inner


class Locked(Exception):
    """A zip with a password."""


def _only_entry(carried: bytes, kind: str, says_zip: bool, allowance: Allowance, at: str) -> bytes | None:
    """The one entry's bytes, checked against its CRC; None when the zip is the file itself."""
    with zipfile.ZipFile(io.BytesIO(carried)) as archive:
        (entry,) = archive.infolist()
        if entry.is_dir():
            return None
        if entry.flag_bits & 1:
            raise Locked
        limit = allowance.limits.inflated_bytes
        with archive.open(entry) as stream:
            if kind in ZIP_BASED and not (says_zip and extension(entry.filename) == kind):
                start = stream.read(len(SIGN))
                if start != SIGN:
                    return None
                return start + copy_bounded(stream, len(carried), allowance, at, limit=limit)
            return copy_bounded(stream, len(carried), allowance, at, limit=limit)


def count_entries(carried: bytes) -> int | None:
    """How many entries a zip's own end says there are, read without opening any; None when it has no end."""
    end = carried.rfind(b"PK\x05\x06", max(0, len(carried) - 65557))
    if end < 0 or end + 22 > len(carried):
        return None
    count: int = struct.unpack_from("<H", carried, end + 10)[0]
    return count


@dataclass(frozen=True)
class Packed:
    """A file as it goes into a message."""

    carried: bytes
    content_type: str


#: How the axis's own library names what it sends raw; everything else goes as a zip of one entry.
RAW_TYPES = {"pdf": "application/pdf", "doc": "application/doc", "docx": "application/docx", "zip": ZIP}


def pack(file: bytes, name: str, declared: str, allowance: Allowance) -> Packed:
    """A file in the packing that readers in use open: raw where their library sends raw, else a zip of one entry.

    Whatever is chosen, this reader gets the same bytes back.
    """
    kind = extension(name)
    raw = Packed(file, declared or RAW_TYPES.get(kind, "application/octet-stream"))
    wants_zip = declared == ZIP if declared else kind not in RAW_TYPES
    if (not wants_zip or kind in ARCHIVES) and _returns(raw, name, file, allowance):
        return raw
    wrapped = Packed(wrap(file, kind), ZIP)
    if kind not in ARCHIVES | ZIP_BASED:
        return wrapped
    return wrapped if _returns(wrapped, name, file, allowance) else raw


def _returns(packed: Packed, name: str, file: bytes, allowance: Allowance) -> bool:
    if packed.carried is file and not file.startswith(SIGN):
        return True
    try:
        return unwrap(packed.carried, name, packed.content_type, Notebook(), Allowance(allowance.limits), at="") == file
    except TooMuch:
        return False


def wrap(file: bytes, kind: str) -> bytes:
    """A zip of one entry; the same bytes for the same file. What is too dense to pass a reader's ratio is stored."""
    engine = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = engine.compress(file) + engine.flush()
    method = zipfile.ZIP_DEFLATED
    if len(file) > 50 * len(body) or len(body) >= len(file):
        body, method = file, zipfile.ZIP_STORED
    name = (f"file.{kind}" if kind.isascii() and kind.isalnum() else "file").encode()
    # versions, flags, method, 1 January 1980, CRC, sizes, name, no extra field
    facts = struct.pack("<HHHHHLLLHH", 20, 0, method, 0, 33, zlib.crc32(file), len(body), len(file), len(name), 0)
    local = SIGN + facts + name
    central = b"PK\x01\x02" + struct.pack("<H", 20) + facts + struct.pack("<HHHLL", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local) + len(body), 0)
    return b"".join((local, body, central, end))


def look_at(file: bytes, name: str, notebook: Notebook, at: str) -> None:
    """Note what is visibly wrong with a file's bytes; only PDFs are looked at."""
    if extension(name) != "pdf" or not file:
        return
    if b"%PDF-" not in file[:1024]:
        notebook.write("not-a-pdf", at)
        return
    if _is_ruined(file):
        notebook.write("ruined-pdf", at)
    elif b"%%EOF" not in file[-2048:]:
        notebook.write("pdf-without-end", at)


def _is_ruined(file: bytes) -> bool:
    """Whether binary streams went through a text decoder: a real one is never UTF-8 from end to end, nor pure ASCII."""
    compressed = b"/FlateDecode" in file and b"ASCII85Decode" not in file and b"ASCIIHexDecode" not in file
    if b"\xef\xbf\xbd" not in file and not compressed:
        return False
    try:
        file.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\xef\xbf\xbd" in file or not file.isascii() or b"?" * 2 in file
