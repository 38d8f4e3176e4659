"""Bytes to a tree of elements, with everything refused that a message has no business carrying.

Expat without its namespace processing, because messages in use carry prefixes nobody declared; with it a tag mismatch, a raw `&`
or a cut is still what it is: not well-formed, and refused at its line. A DOCTYPE is refused at its first byte, so there are no
entities to expand and nothing to fetch.
"""

from __future__ import annotations

import binascii
import codecs
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.exchange.edxml.limits import Allowance, Limits, TooMuch
from antin.exchange.edxml.notes import EdxmlRefused, Notebook

CHUNK = 1 << 20
SPACE = b" \t\r\n"
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
#: What a prefix nobody declared is known to mean.
WELL_KNOWN = {
    "xlink": "http://www.w3.org/1999/xlink",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsd": "http://www.w3.org/2001/XMLSchema",
    "xml": XML_NAMESPACE,
}


class NotXml(EdxmlRefused):
    code = "edxml_not_xml"
    words = _("Tệp không phải XML: bắt đầu bằng %(what)s.")


class EmptyMessage(EdxmlRefused):
    code = "edxml_empty"
    words = _("Tệp trống.")


class JunkBefore(EdxmlRefused):
    code = "edxml_junk_before"
    words = _("Có %(count)s byte lạ trước phần khai báo XML: %(what)s.")


class JunkAfter(EdxmlRefused):
    code = "edxml_junk_after"
    words = _("Có byte lạ sau phần tử gốc: %(what)s.")


class NotWellFormed(EdxmlRefused):
    code = "edxml_not_well_formed"
    words = _("XML không đúng cú pháp: %(what)s.")


class CutShort(EdxmlRefused):
    code = "edxml_cut_short"
    words = _("Gói tin bị cắt giữa chừng: %(what)s.")


class HasDoctype(EdxmlRefused):
    code = "edxml_doctype"
    words = _("Gói tin khai DOCTYPE hoặc thực thể (entity); không được phép.")


class BadEncoding(EdxmlRefused):
    code = "edxml_encoding"
    words = _("Nội dung không đọc được bằng mã ký tự %(what)s.")


class DamagedWrapping(EdxmlRefused):
    code = "edxml_wrapping"
    words = _("Lớp bọc %(what)s của gói tin không mở được.")


@dataclass(slots=True)
class Element:
    """An element as it stood. `parts` are its texts and children in their order; comments are never among them."""

    name: str  # as written, without the prefix
    namespace: str
    attributes: dict[str, str] = field(default_factory=dict)  # "{namespace}name", or the bare name
    parts: list[str | Element] = field(default_factory=list)
    line: int = 0

    @property
    def children(self) -> list[Element]:
        return [part for part in self.parts if isinstance(part, Element)]

    @property
    def text(self) -> str:
        """Its own text, that of its children left out."""
        return "".join(part for part in self.parts if isinstance(part, str))

    def iterate(self) -> Iterator[Element]:
        """Itself and everything below it, in document order."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting.extend(reversed(one.children))


def grow(source: BinaryIO, notebook: Notebook, allowance: Allowance, *, repair: bool = False) -> Element:
    """Return the root element of a message. :raises EdxmlRefused: it is none, or more than the limits allow"""
    head = _first(source, allowance)
    if not head:
        raise EmptyMessage("byte 0")
    wrapping = next((each for each in _WRAPPINGS if each.looks_so(head)), None)
    if wrapping is not None:
        source, head = _unwrap(wrapping, head, source, notebook, allowance)
    start, encoding = _find_start(head, notebook, repair=repair)
    return _Grower(notebook, allowance, encoding, start, repair=repair).run(head[start:], source)


def _first(source: BinaryIO, allowance: Allowance) -> bytes:
    """Read what is needed to see what it is: the first piece that is not all white space. :raises TooMuch: none comes"""
    passed = 0
    while (head := source.read(CHUNK)) and not head.strip(SPACE):
        passed += len(head)
        if passed > allowance.limits.message_bytes:
            raise TooMuch("byte 0", what=gettext("gói tin"), limit=f"{allowance.limits.message_bytes} byte")
    return head


# --- what a whole message may be wrapped in -------------------------------------------------------------------------


@dataclass(frozen=True)
class Wrapping:
    name: str
    looks_so: Callable[[bytes], bool]
    open: Callable[[bytes, Allowance], bytes]


def _unwrap(
    wrapping: Wrapping, head: bytes, source: BinaryIO, notebook: Notebook, allowance: Allowance
) -> tuple[BinaryIO, bytes]:
    """Return the message out of what was put around it. :raises EdxmlRefused: it does not open, or is beyond the limits"""
    whole = head + source.read(allowance.limits.message_bytes - len(head) + 1)
    if len(whole) > allowance.limits.message_bytes:
        raise TooMuch("byte 0", what=gettext("gói tin"), limit=f"{allowance.limits.message_bytes} byte")
    inner = wrapping.open(whole, allowance)
    notebook.write("wrapped", "byte 0", what=wrapping.name)
    source = io.BytesIO(inner)
    return source, _first(source, allowance)


def _looks_base64(head: bytes) -> bool:
    start = head.lstrip(SPACE)[:64]
    return start.startswith((b"PD94", b"PGVk", b"PGVE", b"77u/P")) and not start.strip(_BASE64 + SPACE)


_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="


def _open_base64(whole: bytes, allowance: Allowance) -> bytes:
    try:
        return binascii.a2b_base64(whole.translate(None, SPACE), strict_mode=True)
    except binascii.Error:
        raise DamagedWrapping("byte 0", what="base64") from None


def _open_gzip(whole: bytes, allowance: Allowance) -> bytes:
    try:
        inner = inflate(zlib.decompressobj(31), whole, allowance, "byte 0", limit=allowance.limits.message_bytes)
    except (zlib.error, EOFError):
        raise DamagedWrapping("byte 0", what="gzip") from None
    return inner


def _open_zip(whole: bytes, allowance: Allowance) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            entries = archive.infolist()
            if len(entries) != 1:
                raise NotXml("byte 0", what=f"zip ({len(entries)})")
            with archive.open(entries[0]) as stream:
                return copy_bounded(stream, len(whole), allowance, "byte 0", limit=allowance.limits.message_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError):
        raise DamagedWrapping("byte 0", what="zip") from None


_WRAPPINGS = (
    Wrapping("gzip", lambda head: head.startswith(b"\x1f\x8b"), _open_gzip),
    Wrapping("zip", lambda head: head.startswith(b"PK\x03\x04"), _open_zip),
    Wrapping("base64", _looks_base64, _open_base64),
)


def inflate(engine: zlib._Decompress, packed: bytes, allowance: Allowance, at: str, *, limit: int) -> bytes:
    """Inflate to the end of the stream. :raises TooMuch: by size, ratio or time :raises EOFError: the stream has no end"""
    out = bytearray()
    rest = packed
    while not engine.eof:
        more = engine.decompress(rest, CHUNK)
        rest = engine.unconsumed_tail
        if not more and not rest and not engine.eof:
            raise EOFError
        out += more
        allowance.inflate(len(packed), len(out), len(more), at)
        if len(out) > limit:
            raise TooMuch(at, what=gettext("dung lượng sau giải nén"), limit=f"{limit} byte")
    return bytes(out)


def copy_bounded(stream: IO[bytes], packed: int, allowance: Allowance, at: str, *, limit: int) -> bytes:
    """Read a stream to its end, within the limits. :raises TooMuch: by size, ratio or time"""
    out = bytearray()
    while more := stream.read(CHUNK):
        out += more
        allowance.inflate(packed, len(out), len(more), at)
        if len(out) > limit:
            raise TooMuch(at, what=gettext("dung lượng sau giải nén"), limit=f"{limit} byte")
    return bytes(out)


# --- where the XML begins, and in which letters ---------------------------------------------------------------------

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""^<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
#: Encodings that keep ASCII where it is and are known to be met; anything else that is declared is read as UTF-8.
_TAKEN = {"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "cp1258"}


def _find_start(head: bytes, notebook: Notebook, *, repair: bool) -> tuple[int, str]:
    """Return where the XML begins and its encoding. :raises EdxmlRefused: something else stands before it, or it is no XML"""
    start = _skip_space(head, 0)
    encoding = ""
    while bom := next(((mark, name) for mark, name in _BOMS if head.startswith(mark, start)), None):
        start, encoding = start + len(bom[0]), bom[1]
        notebook.write("byte-order-mark", f"byte {start - len(bom[0])}")
        if encoding != "utf-8":
            break
        start = _skip_space(head, start)
    if encoding in ("", "utf-8"):
        start, encoding = _start_of_bytes(head, start, encoding, notebook, repair=repair)
    if encoding not in ("utf-8", "ascii"):
        notebook.write("other-encoding", f"byte {start}", real=encoding)
    return start, encoding


def _skip_space(head: bytes, start: int) -> int:
    while start < len(head) and head[start] in SPACE:
        start += 1
    return start


def _start_of_bytes(head: bytes, start: int, encoding: str, notebook: Notebook, *, repair: bool) -> tuple[int, str]:
    for pattern, name in ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"), (b"<\0e\0", "utf-16-le")):
        if head.startswith(pattern, start):
            return start, name
    if not head.startswith(b"<", start):
        start = _skip_junk(head, start, notebook, repair=repair)
    elif start and not encoding and head[:start].strip(SPACE) == b"":
        notebook.write("space-before", "byte 0")
    return start, encoding or _declared_encoding(head[start : start + 300], start, notebook)


def _skip_junk(head: bytes, start: int, notebook: Notebook, *, repair: bool) -> int:
    found = min((at for at in (head.find(b"<?xml", start), head.find(b"<edXML", start)) if at >= 0), default=-1)
    if found < 0:
        raise NotXml(f"byte {start}", what=_show(head[start : start + 16]))
    junk = head[start:found]
    if not repair:
        raise JunkBefore(f"byte {start}", count=len(junk), what=_show(junk))
    notebook.write("repaired-before", f"byte {start}", count=len(junk), what=_show(junk))
    return found


def _declared_encoding(head: bytes, start: int, notebook: Notebook) -> str:
    found = _DECLARED.match(head)
    if found is None:
        return "utf-8"
    declared = found.group(1).decode("ascii")
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        name = ""
    if name in _TAKEN:
        return name
    notebook.write("encoding", f"byte {start}", real="UTF-8", declared=declared)
    return "utf-8"


def _show(junk: bytes) -> str:
    """A few bytes as a person can read them."""
    shown = junk[:24].decode("ascii", "replace")
    return f"“{shown}”" if shown.isprintable() and "\ufffd" not in shown else f"0x{junk[:16].hex()}"


# --- growing -----------------------------------------------------------------------------------------------------------

_SYNTAX = expat.errors
_CUT = {_SYNTAX.codes[_SYNTAX.XML_ERROR_NO_ELEMENTS], _SYNTAX.codes[_SYNTAX.XML_ERROR_UNCLOSED_TOKEN]} | {
    _SYNTAX.codes[_SYNTAX.XML_ERROR_UNCLOSED_CDATA_SECTION],
    _SYNTAX.codes[_SYNTAX.XML_ERROR_PARTIAL_CHAR],
}
_AFTER = _SYNTAX.codes[_SYNTAX.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]
_WORDS = {
    _SYNTAX.XML_ERROR_TAG_MISMATCH: _("thẻ đóng không khớp thẻ mở “%(open)s”"),
    _SYNTAX.XML_ERROR_UNDEFINED_ENTITY: _("thực thể không được khai báo"),
    _SYNTAX.XML_ERROR_DUPLICATE_ATTRIBUTE: _("thuộc tính lặp lại"),
    _SYNTAX.XML_ERROR_BAD_CHAR_REF: _("tham chiếu ký tự không hợp lệ"),
    _SYNTAX.XML_ERROR_MISPLACED_XML_PI: _("khai báo XML không ở đầu tệp"),
    _SYNTAX.XML_ERROR_INVALID_TOKEN: _("ký tự không hợp lệ ở đây"),
    _SYNTAX.XML_ERROR_NO_ELEMENTS: _("chưa có phần tử nào"),
    _SYNTAX.XML_ERROR_UNCLOSED_TOKEN: _("hết tệp khi “%(open)s” chưa đóng"),
}


class _Grower:
    """One parse: a stack of open elements, the prefixes in force at each, and the limits."""

    def __init__(self, notebook: Notebook, allowance: Allowance, encoding: str, start: int, *, repair: bool) -> None:
        self.notebook, self.allowance, self.limits, self.repair = notebook, allowance, allowance.limits, repair
        self.encoding, self.start = encoding, start
        self.root: Element | None = None
        self.open: list[Element] = []
        self.names: list[str] = []  # of the open elements, as written
        self.scopes: list[dict[str, str]] = [{"xml": XML_NAMESPACE}]
        self.undeclared: set[str] = set()
        self.elements = 0
        self.fed, self.piece = 0, b""  # how much before the piece that is being parsed, and the piece
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = CHUNK
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.say
        parser.StartDoctypeDeclHandler = self.refuse_doctype
        parser.EntityDeclHandler = self.refuse_doctype
        parser.ProcessingInstructionHandler = self.pass_over

    def run(self, head: bytes, source: BinaryIO) -> Element:
        """Feed it all. :raises EdxmlRefused: with the place"""
        try:
            for piece in self.pieces(head, source):
                self.piece = piece
                self.parser.Parse(self.piece, False)
                self.fed += len(self.piece)
                self.check()
            self.parser.Parse(b"", True)
        except expat.ExpatError as trouble:
            self.explain(trouble)
        except UnicodeDecodeError:
            raise BadEncoding(self.place(), what=self.encoding) from None
        if self.root is None:
            raise CutShort(self.place(), what=gettext("chưa có phần tử nào"))
        return self.root

    def pieces(self, head: bytes, source: BinaryIO) -> Iterator[bytes]:
        """The message in UTF-8, a piece at a time. :raises TooMuch: it is longer than allowed"""
        total = self.start + len(head)
        decoder = None if self.encoding == "utf-8" else codecs.getincrementaldecoder(self.encoding)()
        piece = head
        while piece:
            if total > self.limits.message_bytes:
                raise TooMuch(self.place(), what=gettext("gói tin"), limit=f"{self.limits.message_bytes} byte")
            yield piece if decoder is None else decoder.decode(piece).encode("utf-8")
            piece = source.read(CHUNK)
            total += len(piece)
        if decoder is not None:
            yield decoder.decode(b"", final=True).encode("utf-8")

    def check(self) -> None:
        """:raises TooMuch: one tag goes on and on, or time is up"""
        if self.fed - self.parser.CurrentByteIndex > self.limits.token_bytes + CHUNK:
            raise TooMuch(self.place(), what=gettext("một thẻ"), limit=f"{self.limits.token_bytes} byte")
        self.allowance.check_time(self.place())

    def begin(self, written: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if len(self.open) >= self.limits.depth:
            raise TooMuch(self.place(), what=gettext("độ sâu phần tử"), limit=str(self.limits.depth))
        if self.elements > self.limits.elements:
            raise TooMuch(self.place(), what=gettext("số phần tử"), limit=str(self.limits.elements))
        if len(attributes) > self.limits.attributes:
            raise TooMuch(self.place(), what=gettext("số thuộc tính"), limit=str(self.limits.attributes))
        scope = self.scopes[-1]
        declared = {name: value for name, value in attributes.items() if name == "xmlns" or name.startswith("xmlns:")}
        if declared:
            scope = scope | {name[6:]: value.strip() for name, value in declared.items()}
        prefix, _colon, name = written.rpartition(":")
        one = Element(name, self.meaning(prefix, scope), line=self.parser.CurrentLineNumber)
        for key, value in attributes.items():
            if key not in declared:
                one.attributes[self.full_name(key, scope)] = value
        if self.open:
            self.open[-1].parts.append(one)
        else:
            self.root = one
        self.open.append(one)
        self.names.append(written)
        self.scopes.append(scope)

    def end(self, written: str) -> None:
        self.open.pop()
        self.names.pop()
        self.scopes.pop()

    def say(self, text: str) -> None:
        self.open[-1].parts.append(text)

    def meaning(self, prefix: str, scope: dict[str, str]) -> str:
        if prefix in scope:
            return scope[prefix]
        if prefix and prefix not in self.undeclared:
            self.undeclared.add(prefix)
            self.notebook.write("undeclared-prefix", self.place(), what=prefix)
        return WELL_KNOWN.get(prefix, "")

    def full_name(self, key: str, scope: dict[str, str]) -> str:
        prefix, _colon, name = key.rpartition(":")
        namespace = self.meaning(prefix, scope) if prefix else ""
        return f"{{{namespace}}}{name}" if namespace else name

    def pass_over(self, target: str, _data: str) -> None:
        self.notebook.write("instruction", self.place(), what=target)

    def refuse_doctype(self, *_what: object) -> None:
        raise HasDoctype(self.place())

    def place(self) -> str:
        """Where the parser is: line and column from 1, byte from 0 (of the text in UTF-8)."""
        line, column, byte = (
            self.parser.CurrentLineNumber,
            self.parser.CurrentColumnNumber + 1,
            self.parser.CurrentByteIndex,
        )
        return _place(line, column, self.start + max(byte, 0))

    def explain(self, trouble: expat.ExpatError) -> None:
        """Say what is not well-formed, or leave it when it stands after the end and may be left. :raises EdxmlRefused: otherwise"""
        at = _place(trouble.lineno, trouble.offset + 1, self.start + max(self.parser.ErrorByteIndex, 0))
        if self.root is not None and not self.open:
            if self.repair:
                self.notebook.write("repaired-after", at, what=expat.ErrorString(trouble.code))
                return
            raise JunkAfter(at, what=self.words_for(trouble.code)) from None
        if trouble.code in _CUT:
            raise CutShort(at, what=self.words_for(trouble.code)) from None
        raise NotWellFormed(at, what=self.words_for(trouble.code)) from None

    def words_for(self, code: int) -> str:
        said = expat.ErrorString(code)
        place = self.parser.ErrorByteIndex - self.fed
        if said == _SYNTAX.XML_ERROR_INVALID_TOKEN and place > 0 and self.piece[place - 1 : place] == b"&":
            return gettext("dấu & không được viết thành &amp;")
        open_name = self.names[-1] if self.names else ""
        return gettext(_WORDS[said]) % {"open": open_name} if said in _WORDS else said


def _place(line: int, column: int, byte: int) -> str:
    return f"line {line}, column {column}, byte {byte}"


def read_tree(message: bytes, limits: Limits | None = None) -> Element:
    """Return the root element of a message in memory. :raises EdxmlRefused: it is none"""
    return grow(io.BytesIO(message), Notebook(), Allowance(limits or Limits()))
