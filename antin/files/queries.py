"""Reading what is kept. Who may read is decided by the rooms above: a digest is no permission."""

from __future__ import annotations

import base64
import json
import logging
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings

from antin.files import content, derived, recognition, store, tables, workshop
from antin.files.models import File, Rendition
from antin.files.shelf import EmptyFile, TooLarge
from antin.files.store import DamagedBytes, StoreAway
from antin.files.workshop import DamagedPdf, EncryptedPdf, HeavyPdf, NoSuchPage
from antin.refusal import NotFound, Refusal, _

__all__ = [
    "ActivePdf",
    "DamagedBytes",
    "DamagedPdf",
    "EmptyFile",
    "EncryptedPdf",
    "HeavyPdf",
    "NoSuchPage",
    "NotPdf",
    "StoreAway",
    "TooLarge",
]

log = logging.getLogger(__name__)

NARROWEST, WIDEST = 16, 2400
TEXT, WORDS = "text-1.txt", "words-1.txt"
#: Kinds of renditions of a scan: the PDF with a text layer, and the words with their places (JSON: docs/intake.md).
RECOGNISED, RECOGNISED_WORDS = "recognised", "recognised_words"
#: Why the words of a scan could not be read.
UNREAD_WORDS = {
    "no_program": _(
        "Máy chủ chưa cài chương trình nhận dạng chữ (tesseract, OCRmyPDF) nên chữ trên bản quét chưa được đọc."
    ),
    "no_language": _(
        "Máy chủ chưa cài bộ nhận dạng tiếng Việt (tesseract-ocr-vie) nên chữ trên bản quét chưa được đọc."
    ),
    "too_long": _("Nhận dạng chữ quá thời gian cho phép; bản quét giữ nguyên, thông tin ghi bằng tay."),
    "failed": _("Không nhận dạng được chữ trên bản quét này; bản quét giữ nguyên, thông tin ghi bằng tay."),
}

#: What a PDF may hold that acts by itself, in the words of the refusal.
ACTIVE_WORDS = {
    "javascript": _("mã JavaScript"),
    "launch": _("lệnh chạy chương trình"),
    "submit_form": _("lệnh gửi biểu mẫu"),
    "import_data": _("lệnh nạp dữ liệu"),
    "remote_file": _("lệnh mở tệp khác"),
    "embedded_files": _("tệp nhúng"),
    "multimedia": _("âm thanh, hình ảnh động"),
    "xfa": _("biểu mẫu XFA"),
}


class NotPdf(Refusal):
    """The bytes are something else, whatever the file's name says."""

    code = "not_pdf"
    words = _("Tệp này không phải PDF, dù tên tệp thế nào (nội dung là %(media_type)s).")


class ActivePdf(Refusal):
    """The file could act by itself when it is opened. `facts["kinds"]` lists how, in the codes of `ACTIVE_WORDS`."""

    code = "active_pdf"
    words = _("Tệp PDF chứa nội dung tự hoạt động (%(found)s) nên không nhận. Đồng chí in ra PDF mới rồi gửi lại.")


@dataclass(frozen=True)
class PdfFacts:
    """What a PDF is. Sizes are in points, as the pages are shown."""

    pages: int
    page_sizes: tuple[tuple[float, float], ...]
    encrypted: bool
    signatures: int
    active_content: tuple[str, ...]
    pdf_version: str
    text_layer: bool


def get(digest: str) -> File:
    """Return the row of a kept file. :raises NotFound: nothing of that digest is kept"""
    try:
        return File.objects.get(pk=digest)
    except File.DoesNotExist:
        raise NotFound(digest=digest) from None


def read(digest: str) -> bytes:
    """Return the bytes of a kept file. :raises NotFound: nothing of that digest is kept"""
    with open_stream(digest) as stream:
        return stream.read()


def list_kept() -> Iterator[tuple[str, int]]:
    """Return the digest and size of every kept file, in the order of the digests, as the transaction sees them."""
    return File.objects.order_by("pk").values_list("pk", "size").iterator(chunk_size=5000)


@contextmanager
def kept_from_sweeping() -> Iterator[None]:
    """While inside, no bytes are removed, whether anything still names them or not."""
    with store.here().kept_from_sweeping():
        yield


def why_store_unwell() -> str:
    """Why bytes can neither be kept nor read just now; empty when all is well."""
    return store.here().why_unwell()


def open_stream(digest: str) -> BinaryIO:
    """Return the bytes of a kept file as a stream, which the caller closes.

    :raises NotFound: none of that digest
    :raises StoreAway: the object store does not answer
    """
    get(digest)
    return open_kept(digest)


def open_kept(digest: str) -> BinaryIO:
    """Return the bytes of a file that the caller knows to be kept, without asking for it. :raises StoreAway:"""
    return store.here().open_stream(digest)


def may_show_inline(media_type: str) -> bool:
    """Tell whether a browser may show this kind inside a page of ours. HTML, SVG and XML never: they are downloaded."""
    return media_type in content.INLINE


def find_rendition(digest: str, kind: str, part: int) -> File | None:
    """Return the file that is this form of the file, if it was made."""
    found = Rendition.objects.filter(file_id=digest, kind=kind, part=part).select_related("form").first()
    return found.form if found else None


def inspect_pdf(data: bytes | BinaryIO, *, refuse_active: bool = True) -> PdfFacts:
    """Return what these bytes are, as a PDF, or say why they cannot be taken. They are opened in a limited process.

    A stream must be a file; it is left at its start.

    That a PDF is already signed is a fact, not a refusal: documents decide. `refuse_active=False` leaves active content to
    the caller too.

    :raises EmptyFile: :raises TooLarge: :raises NotPdf: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    :raises ActivePdf: the file could act by itself
    """
    with _as_file(data) as stream:
        size = stream.seek(0, os.SEEK_END)
        if not size:
            raise EmptyFile
        if size > settings.FILE_LIMIT:
            raise TooLarge(limit_mb=settings.FILE_LIMIT // 1_000_000)
        facts = _inspect(stream)
    if refuse_active and facts.active_content:
        found = ", ".join(ACTIVE_WORDS[kind] for kind in facts.active_content)
        raise ActivePdf(found=found, kinds=facts.active_content)
    return facts


@contextmanager
def _as_file(data: bytes | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(data, bytes | bytearray):
        # In memory: what is not kept touches no disk.
        with os.fdopen(os.memfd_create("antin", os.MFD_CLOEXEC), "w+b") as stream:
            stream.write(data)
            stream.flush()
            yield stream
        return
    data.fileno()  # a spooled file goes to disk here
    data.flush()
    yield data
    data.seek(0)


def facts_of(digest: str) -> PdfFacts:
    """Return what a kept PDF is. :raises NotFound: :raises NotPdf: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:"""

    def make() -> bytes:
        with open_stream(digest) as stream:
            return json.dumps(_plain(_inspect(stream))).encode()

    return _facts(json.loads(derived.get(digest, "facts-1.json", make)))


def page_count(digest: str) -> int:
    """Return how many pages a kept PDF has. :raises: as `facts_of`"""
    return facts_of(digest).pages


def page_image(digest: str, page: int, width: int) -> bytes:
    """Return a page (from 1) of a kept PDF as PNG of this width in pixels, form fields and signatures drawn.

    The width is brought between 16 and 2400. Images are kept beside the files and made again when they are gone.

    :raises NotFound: :raises NoSuchPage: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    """
    width = min(max(width, NARROWEST), WIDEST)

    def make() -> bytes:
        with open_stream(digest) as stream:
            return workshop.ask("render", stream, page, width)

    return derived.get(digest, f"page-{page}-{width}.png", make)


def draw_page(data: bytes, page: int, width: int) -> bytes:
    """Return a page (from 1) of a PDF that is not kept, a preview, as PNG; nothing of it is remembered.

    :raises NoSuchPage: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    """
    with _as_file(data) as stream:
        return workshop.ask("render", stream, page, min(max(width, NARROWEST), WIDEST))


def draw_grey(data: bytes, page: int, width: int, notes: bool = True) -> bytes:
    """Return a page (from 1) of a PDF in shades of grey as PGM, to be compared with another; nothing of it is remembered.

    :raises NoSuchPage: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    """
    with _as_file(data) as stream:
        return workshop.ask("grey", stream, page, min(max(width, NARROWEST), WIDEST), int(notes))


def measure_picture(data: bytes) -> tuple[dict[str, Any], bytes] | None:
    """Return what is measured of a PNG somebody brought, and its dots written anew; None where it is none, or too large."""
    try:
        with _as_file(data) as stream:
            found = json.loads(workshop.ask("picture", stream))
    except (workshop.DamagedPdf, workshop.HeavyPdf):
        return None
    return found, base64.b64decode(found.pop("png"))


def text_of(digest: str) -> str:
    """Return the text layer of a kept PDF, composed (NFC), pages parted by a form feed; empty for a scan.

    :raises NotFound: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    """

    def make() -> bytes:
        with open_stream(digest) as stream:
            return workshop.ask("text", stream)

    return derived.get(digest, TEXT, make).decode()


def text_in(data: bytes) -> str:
    """Return the text layer of a PDF that is not kept, composed (NFC), pages parted by a form feed; nothing of it is remembered.

    :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    """
    with _as_file(data) as stream:
        return workshop.ask("text", stream).decode()


def recognised_words(digest: str) -> list[dict[str, Any]]:
    """Return the words recognised on a kept scan with their places, page by page; nothing where none were."""
    found = find_rendition(digest, RECOGNISED_WORDS, 0)
    return list(json.loads(read(found.digest))) if found is not None else []


def recognised_text(digest: str) -> str:
    """Return the text recognised on a kept scan; empty where none was."""
    found = find_rendition(digest, RECOGNISED_WORDS, 0)
    return recognition.text_of(read(found.digest)) if found is not None else ""


def wants_recognition(digest: str) -> bool:
    """Whether a kept file is a PDF without any words, that this machine could read and has not read. False for what is not kept."""
    with suppress(NotFound):
        if find_rendition(digest, RECOGNISED_WORDS, 0) is None and get(digest).media_type == content.PDF:
            return not recognition.why_not()
    return False


def parting_marks(digest: str, first: int, count: int) -> tuple[list[tuple[int, str]], list[int]]:
    """Return the large QR codes on these pages (from 1) of a kept PDF, page and text; and which of the pages are blank.

    :raises NotFound: :raises NoSuchPage: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    """
    with open_stream(digest) as stream:
        found = json.loads(workshop.ask("codes", stream, first, count))
    return [(int(page), str(text)) for page, text in found["codes"]], [int(page) for page in found["blank"]]


def cut_out(digest: str, first: int, last: int) -> bytes:
    """Return pages of a kept PDF as a PDF of their own, pictures untouched.

    :raises NotFound: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    """
    with open_stream(digest) as stream:
        return workshop.ask("cut", stream, first, last)


def draw_under(digest: str, block: bytes, *, down: float, height: float) -> bytes:
    """Return a kept PDF for print, as it is seen, with a block of words under its last ones: on its last page if that has room.

    `block` is a PDF of one page in which the block begins `down` points from the top and is `height` points high.

    :raises NotFound: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    """
    with _as_file(block + read(digest)) as stream:
        return workshop.ask("under", stream, len(block), round(down), math.ceil(height))


class NotATable(Refusal):
    code = "not_a_table"
    words = _("Không đọc được bảng: cần tệp XLSX, hoặc CSV mã UTF-8, không quá %(rows)d dòng mỗi bảng.")


@dataclass(frozen=True)
class Sheet:
    """One sheet of a table: its title (empty for CSV), and its rows of cells as text, days as 2026-11-22."""

    title: str
    rows: list[list[str]]


def read_table(data: bytes) -> list[Sheet]:
    """Return the sheets of an XLSX or CSV file that is not kept. :raises NotATable: it is none, or too large"""
    try:
        with _as_file(data) as stream:
            return [Sheet(title, rows) for title, rows in json.loads(workshop.ask("table", stream))]
    except (workshop.DamagedPdf, workshop.HeavyPdf):
        raise NotATable(rows=tables.MOST_ROWS) from None


@dataclass(frozen=True)
class OldSheet:
    """A sheet of an old book: its title, its rows of cells as text, and where formulas stand, as (row, column) from 0."""

    title: str
    rows: list[list[str]]
    formulas: frozenset[tuple[int, int]]


def read_old_book(data: bytes | BinaryIO) -> list[OldSheet]:
    """Return the sheets of an old book, XLSX or CSV. :raises NotATable: it is none, or too large :raises MacrosInside:"""
    try:
        with _as_file(data) as stream:
            found = json.loads(workshop.ask("register", stream))
    except (workshop.DamagedPdf, workshop.HeavyPdf):
        raise NotATable(rows=tables.MOST_REGISTER_ROWS) from None
    return [OldSheet(title, rows, frozenset((row, column) for row, column in places)) for title, rows, places in found]


class NotAnArchive(Refusal):
    code = "not_an_archive"
    words = _(
        "Không nhận tệp nén này: cần ZIP không mật khẩu, không có đường dẫn ra ngoài, không có liên kết, không quá %(files)d tệp "
        "và không nén quá mức."
    )


@dataclass(frozen=True)
class Packed:
    """A file in a ZIP: its name there, how large it says it is, and its place."""

    name: str
    size: int
    place: int


def list_packed(data: bytes | BinaryIO) -> list[Packed]:
    """Return what a ZIP holds, without opening any of it. :raises NotAnArchive:"""
    try:
        with _as_file(data) as stream:
            return [Packed(*each) for each in json.loads(workshop.ask("packed_names", stream))]
    except (workshop.DamagedPdf, workshop.HeavyPdf):
        raise NotAnArchive(files=tables.MOST_PACKED) from None


def unpack(digest: str, place: int) -> bytes:
    """Return one file of a kept ZIP, by its place. :raises NotAnArchive: it is damaged, or larger than a file may be"""
    try:
        with open_stream(digest) as stream:
            return workshop.ask("packed_file", stream, place, min(settings.FILE_LIMIT, MOST_UNPACKED))
    except (workshop.DamagedPdf, workshop.HeavyPdf, workshop.NoSuchPage):
        raise NotAnArchive(files=tables.MOST_PACKED) from None


MOST_UNPACKED = 200_000_000
"""One unpacked file is held in memory."""


def find_words(digest: str) -> str | None:
    """Return the words of a kept file if they were read before, for searching; None when `read_words` has still to read them."""
    found = derived.find(digest, WORDS)
    return None if found is None else found.decode()


def read_words(digest: str) -> str:
    """Return the words of a kept file of any kind: a PDF's text layer, or what was recognised on a scan; a DOCX's text; empty
    for what has none or cannot be opened. Read once; it may take as long as opening a file may."""

    def make() -> bytes:
        with suppress(Refusal):
            media_type = get(digest).media_type
            if media_type == content.PDF:
                return (text_of(digest).strip() or recognised_text(digest)).encode()
            if media_type == content.DOCX:
                with open_stream(digest) as stream:
                    return workshop.ask("docx_text", stream)
        return b""

    try:
        return derived.get(digest, WORDS, make).decode()
    except workshop.WorkshopFault:
        log.exception("the words of %s could not be read", digest)
        return ""


def _inspect(stream: BinaryIO) -> PdfFacts:
    found = content.media_type(stream)
    if found != content.PDF:
        raise NotPdf(media_type=found)
    return _facts(json.loads(workshop.ask("inspect", stream)))


def _facts(found: dict[str, Any]) -> PdfFacts:
    sizes = tuple((float(width), float(height)) for width, height in found["page_sizes"])
    return PdfFacts(
        pages=int(found["pages"]),
        page_sizes=sizes,
        encrypted=bool(found["encrypted"]),
        signatures=int(found["signatures"]),
        active_content=tuple(kind for kind in found["active_content"] if kind in ACTIVE_WORDS),
        pdf_version=str(found["pdf_version"]),
        text_layer=bool(found["text_layer"]),
    )


def _plain(facts: PdfFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in PdfFacts.__dataclass_fields__}
