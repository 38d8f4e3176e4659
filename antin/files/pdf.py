"""What is done to a PDF inside the worker process: bytes in, plain values out. Nothing here runs in the node itself."""

from __future__ import annotations

import codecs
import io
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
import pypdfium2
from pypdfium2 import PdfiumError

#: Pages whose content is decoded to see that it is whole, and pages searched for a text layer.
SAMPLE = 200
#: No page image has more pixels, whatever the page's proportions.
PIXELS = 24_000_000
#: No page draws so much.
LARGEST_CONTENT = 256_000_000
LONGEST_TEXT = 5_000_000

_ACTIVE_ACTIONS = {
    "/JavaScript": "javascript",
    "/Launch": "launch",
    "/SubmitForm": "submit_form",
    "/ImportData": "import_data",
    "/GoToE": "embedded_files",
    "/GoToR": "remote_file",
    "/Rendition": "multimedia",
    "/Movie": "multimedia",
    "/Sound": "multimedia",
    "/RichMediaExecute": "multimedia",
}
_ACTIVE_ANNOTATIONS = {
    "/RichMedia": "multimedia",
    "/Movie": "multimedia",
    "/Sound": "multimedia",
    "/Screen": "multimedia",
    "/3D": "multimedia",
    "/FileAttachment": "embedded_files",
}


class Encrypted(Exception):
    """The file asks for a password, or is encrypted without one."""


class Damaged(Exception):
    """The file is not whole."""


class Heavy(Exception):
    """Opening the file takes more than a file is given."""


def inspect(data: bytes) -> dict[str, Any]:
    """Return the facts of a PDF as plain values. :raises Encrypted: :raises Damaged:"""
    try:
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise Encrypted
            if not pdf.pages:
                raise Damaged
            _read_contents(pdf)
            signatures, active = _survey(pdf)
            return {
                "pages": len(pdf.pages),
                "page_sizes": [_size(page) for page in pdf.pages],
                "encrypted": False,
                "signatures": signatures,
                "active_content": sorted(active),
                "pdf_version": pdf.pdf_version,
                "text_layer": _has_text(data),
            }
    except pikepdf.PasswordError:
        raise Encrypted from None
    except (
        pikepdf.PdfError,
        PdfiumError,
        pikepdf.DataDecodingError,
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        IndexError,
    ):
        raise Damaged from None


def _read_contents(pdf: pikepdf.Pdf) -> None:
    """Decode what the pages draw, so that a file broken in its middle is found broken."""
    for page in pdf.pages[:SAMPLE]:
        contents = page.obj.get("/Contents")
        for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
            if isinstance(stream, pikepdf.Stream):
                _inflate(stream)


def _inflate(stream: pikepdf.Stream) -> None:
    """Decode a stream as far as it is deflated, within bounds; other filters are left to the viewer.

    qpdf's own decoding is not asked: it passes over broken data, and takes what memory a bomb wants.
    """
    filters = stream.get("/Filter", pikepdf.Array())
    data = stream.read_raw_bytes()
    for name in filters if isinstance(filters, pikepdf.Array) else [filters]:
        if name != pikepdf.Name.FlateDecode:
            return
        squeezed = zlib.decompressobj()
        try:
            data = squeezed.decompress(data, LARGEST_CONTENT)
        except zlib.error:
            raise Damaged from None
        if squeezed.unconsumed_tail:
            raise Heavy


def _size(page: pikepdf.Page) -> tuple[float, float]:
    """Return width and height in points, as the page is shown."""
    left, bottom, right, top = (float(edge) for edge in page.cropbox)
    width, height = abs(right - left), abs(top - bottom)
    turned = int(page.obj.get("/Rotate", _inherited(page, "/Rotate")) or 0) % 180 == 90
    unit = float(page.obj.get("/UserUnit", 1))
    width, height = round(width * unit, 2), round(height * unit, 2)
    return (height, width) if turned else (width, height)


def _inherited(page: pikepdf.Page, name: str) -> Any:
    node, depth = page.obj.get("/Parent"), 0
    while node is not None and depth < 50:
        if name in node:
            return node[name]
        node, depth = node.get("/Parent"), depth + 1
    return None


def _survey(pdf: pikepdf.Pdf) -> tuple[int, set[str]]:
    """Count the signatures and name what can act by itself, over every object of the file, reachable or not."""
    signatures, active = 0, set()
    for dictionary in _dictionaries(pdf):
        signatures += "/ByteRange" in dictionary and "/Contents" in dictionary
        action, kind = str(dictionary.get("/S", "")), str(dictionary.get("/Subtype", ""))
        if action in _ACTIVE_ACTIONS:
            active.add(_ACTIVE_ACTIONS[action])
        if kind in _ACTIVE_ANNOTATIONS:
            active.add(_ACTIVE_ANNOTATIONS[kind])
        if "/JS" in dictionary or "/JavaScript" in dictionary:
            active.add("javascript")
        if "/XFA" in dictionary:
            active.add("xfa")
        if "/EF" in dictionary or "/EmbeddedFiles" in dictionary:
            active.add("embedded_files")
    return signatures, active


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Return every dictionary of the file, direct ones inside others too."""
    for top in pdf.objects:
        waiting = [top]
        while waiting:
            one = waiting.pop()
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                yield one
                waiting += [child for _name, child in one.items() if _is_inside(child)]
            elif isinstance(one, pikepdf.Array):
                waiting += [child for child in one if _is_inside(child)]


def _is_inside(child: Any) -> bool:
    return isinstance(child, pikepdf.Dictionary | pikepdf.Array) and not child.is_indirect


def _has_text(data: bytes) -> bool:
    with pypdfium2.PdfDocument(data) as pdf:
        return any(_text(pdf, n).strip() for n in range(min(len(pdf), SAMPLE)))


def _text(pdf: pypdfium2.PdfDocument, n: int) -> str:
    page = pdf[n]
    layer = page.get_textpage()
    try:
        return str(layer.get_text_bounded())
    finally:
        layer.close()
        page.close()


def text(data: bytes) -> str:
    """Return the text layer of all pages, composed (NFC), pages parted by a form feed. :raises Damaged: it cannot be opened"""
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            found, length = [], 0
            for n in range(len(pdf)):
                found.append(_text(pdf, n).replace("\r\n", "\n"))
                length += len(found[-1])
                if length > LONGEST_TEXT:
                    break
    except PdfiumError:
        raise Damaged from None
    return unicodedata.normalize("NFC", "\f".join(found)[:LONGEST_TEXT])


def render(data: bytes, page: int, width: int) -> bytes:
    """Return a page (from 1) as PNG of this width, form fields and signatures drawn.

    :raises Damaged: it cannot be opened
    :raises IndexError: no such page
    """
    out = io.BytesIO()
    drawn(data, page, width).convert("RGB").save(out, "PNG", compress_level=6)
    return out.getvalue()


def grey(data: bytes, page: int, width: int, notes: bool = True) -> bytes:
    """Return a page (from 1) in shades of grey as PGM, with or without its notes and fields: for comparing, not for showing;
    four times as fast as `render`.

    :raises Damaged: it cannot be opened
    :raises IndexError: no such page
    """
    image = drawn(data, page, width, grayscale=True, notes=bool(notes))
    return b"P5 %d %d 255\n" % image.size + image.convert("L").tobytes()


def drawn(data: bytes, page: int, width: int, *, grayscale: bool = False, notes: bool = True) -> Any:
    """Return a page (from 1) as a picture of this width. :raises Damaged: :raises IndexError: no such page"""
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            if not 1 <= page <= len(pdf):
                raise IndexError(page)
            if notes:
                pdf.init_forms()
            shown = pdf[page - 1]
            across, down = shown.get_size()
            scale = min(width / across, (PIXELS / (across * down)) ** 0.5)
            image = shown.render(scale=scale, may_draw_forms=notes, draw_annots=notes, grayscale=grayscale).to_pil()
            shown.close()
    except (PdfiumError, ZeroDivisionError):
        raise Damaged from None
    return image


def warm_up() -> bytes:
    """Load everything the jobs need, by doing them once: a child that is nobody may not be able to load code any more.

    Returns the PDF it was done with.
    """
    for codec in ("utf-16-le", "utf-16-be", "latin-1", "ascii", "unicode_escape", "pdfdoc"):
        codecs.lookup(codec)
    made, saved = pikepdf.new(), io.BytesIO()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page = made.add_blank_page()
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = made.make_stream(b"BT /F1 24 Tf 72 700 Td (An Tin) Tj ET")
    made.save(saved)
    inspect(saved.getvalue())
    text(saved.getvalue())
    render(saved.getvalue(), 1, 16)
    return saved.getvalue()


JOBS: dict[str, Callable[..., Any]] = {"inspect": inspect, "text": text, "render": render, "grey": grey}
