"""A PDF as its revisions: what a reader saw when the file ended here, and what it sees now. Bounded; reads only what is asked.

A file is the bytes up to some end; the last `startxref` before that end says where its cross-reference begins (ISO 32000-2, 7.5).
Two views of one file share what they have read. A file whose cross-reference is broken is searched for its objects, as viewers do,
and the view says so (`repaired`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any, NamedTuple

from antin.signing.locked import Closed, Lock

DEPTH = 100
MOST_OBJECTS = 500_000
MOST_SECTIONS = 50_000
BUDGET = 192 << 20
"""Bytes that the streams of one file may become while it is read."""

SPACE = rb"[\x00\t\n\x0c\r ]"
GAP = re.compile(rb"(?:[\x00\t\n\x0c\r ]+|%[^\r\n]*)*+")
TOKEN = re.compile(
    rb"(?P<dict><<)|(?P<array>\[)|(?P<close>>>|\])"
    rb"|/(?P<name>[^\x00\t\n\x0c\r ()<>\[\]{}/%]*)"
    rb"|(?P<ref>\d{1,10})" + SPACE + rb"+(?P<generation>\d{1,5})" + SPACE + rb"+R(?![^\x00\t\n\x0c\r ()<>\[\]{}/%])"
    rb"|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))"
    rb"|<(?P<hex>[0-9A-Fa-f\x00\t\n\x0c\r ]*)>"
    rb"|(?P<text>\()"
    rb"|(?P<word>[A-Za-z*'\"]+)"
)
HEAD = re.compile(rb"(\d{1,10})" + SPACE + rb"+(\d{1,5})" + SPACE + rb"+obj(?![a-zA-Z])")
PLACE = re.compile(rb"startxref" + SPACE + rb"*(\d{1,15})")
ROW = re.compile(rb"(\d{10}) (\d{5}) ([nf])" + SPACE + rb"{0,3}")
RANGE = re.compile(SPACE + rb"*(\d{1,10})" + SPACE + rb"+(\d{1,10})" + SPACE + rb"*")
NEARBY = re.compile(rb"(?<!start)xref")
"""Tools that miscount by a few bytes are forgiven, as viewers forgive them."""
TRAILER = re.compile(SPACE + rb"*trailer")
STREAM = re.compile(rb"(?:[\x00\t\n\x0c\r ]+|%[^\r\n]*)*+stream(?:\r\n|\n|\r)?")
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
PARENS = re.compile(rb"[()\\]")
MENTION = re.compile(SPACE + rb"R(?![A-Za-z0-9])")
MENTIONED = re.compile(rb"(\d{1,10})" + SPACE + rb"+\d{1,5}" + SPACE + rb"+R$")
ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class Unreadable(Exception):
    """There is no PDF structure to be read here."""


class TooMuch(Exception):
    """Reading on would take more than a file is given."""


class Ref(NamedTuple):
    number: int
    generation: int


class Name(str):
    """A name, without its slash."""

    __slots__ = ()


@dataclass(eq=False)
class Stream:
    """A stream: its dictionary and its bytes as they stand in the file."""

    entries: dict[str, Any]
    raw: bytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and self.raw == other.raw and self.entries == other.entries

    __hash__ = None  # type: ignore[assignment]


class Entry(NamedTuple):
    """Where an object is: at an offset (`within` 0), or at a place in an object stream."""

    place: int
    within: int = 0


@dataclass
class Section:
    """One cross-reference section: what it defines (None: freed), and its trailer."""

    start: int
    entries: dict[int, Entry | None]
    trailer: dict[str, Any]


def parse(data: bytes, place: int, depth: int = 0) -> tuple[Any, int]:
    """Return the object that begins at that place, and where it ends. :raises Unreadable:"""
    if depth > DEPTH:
        raise Unreadable("nested too deeply")
    place = _skip(data, place)
    found = TOKEN.match(data, place)
    if found is None:
        raise Unreadable(f"no object at {place}")
    kind = found.lastgroup
    match kind:
        case "name":
            return _name(found["name"]), found.end()
        case "generation":
            return Ref(int(found["ref"]), int(found["generation"])), found.end()
        case "number":
            return _number(found["number"]), found.end()
        case "hex":
            return _unhex(found["hex"]), found.end()
        case "text":
            return _text(data, found.end())
        case "word":
            return _word(found["word"]), found.end()
        case "dict":
            return _dictionary(data, found.end(), depth)
        case "array":
            items: list[Any] = []
            place = found.end()
            while True:
                place = _skip(data, place)
                if data[place : place + 1] == b"]":
                    return items, place + 1
                item, place = parse(data, place, depth + 1)
                items.append(item)
    raise Unreadable(f"no object at {place}")


def _skip(data: bytes, place: int) -> int:
    found = GAP.match(data, place)
    return found.end() if found else place


def _dictionary(data: bytes, place: int, depth: int) -> tuple[dict[str, Any], int]:
    entries: dict[str, Any] = {}
    while True:
        place = _skip(data, place)
        if data[place : place + 2] == b">>":
            return entries, place + 2
        key, place = parse(data, place, depth + 1)
        if not isinstance(key, Name):
            raise Unreadable(f"a key that is no name at {place}")
        value, place = parse(data, place, depth + 1)
        entries[str(key)] = value


def _name(raw: bytes) -> Name:
    if b"#" in raw:
        raw = ESCAPE.sub(lambda each: bytes([int(each[1], 16)]), raw)
    return Name(raw.decode("utf-8", "surrogateescape"))


def _number(raw: bytes) -> int | float:
    return float(raw) if b"." in raw else int(raw[:40])


def _word(raw: bytes) -> Any:
    match raw:
        case b"true":
            return True
        case b"false":
            return False
        case b"null":
            return None
    raise Unreadable(f"an unknown word {raw[:20]!r}")


def _unhex(raw: bytes) -> bytes:
    bare = raw.translate(None, b"\x00\t\n\x0c\r ")
    return bytes.fromhex((bare + b"0" * (len(bare) % 2)).decode())


def _text(data: bytes, place: int) -> tuple[bytes, int]:
    """A literal string (ISO 32000-2, 7.3.4.2); the place is behind its opening bracket."""
    out, open_brackets, start = bytearray(), 1, place
    while True:
        found = PARENS.search(data, place)
        if found is None:
            raise Unreadable("a string without end")
        place = found.end()
        match found[0]:
            case b"(":
                open_brackets += 1
            case b")":
                open_brackets -= 1
                if not open_brackets:
                    return bytes(out + data[start : place - 1]), place
            case _:
                out += data[start : place - 1]
                said, place = _escaped(data, place)
                out += said
                start = place


def _escaped(data: bytes, place: int) -> tuple[bytes, int]:
    octal = re.compile(rb"[0-7]{1,3}").match(data, place)
    if octal:
        return bytes([int(octal[0], 8) & 255]), octal.end()
    if data[place : place + 2] == b"\r\n":
        return b"", place + 2
    said = data[place : place + 1]
    return (b"" if said in (b"\r", b"\n") else ESCAPED.get(said, said)), place + 1


class File:
    """The bytes, and what has been read of them, shared by all views."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.spent = 0
        header = data[:2048].find(b"%PDF-")
        self.shift = max(header, 0)
        self.sections: dict[int, Section | None] = {}
        self.bodies: dict[int, tuple[int, Any, int, int]] = {}
        self.packed: dict[int, list[tuple[int, Any]]] = {}
        self.lock: Lock | None = None
        self.locked_by: tuple[Any, int] | None = None
        """The encryption dictionary of the file, and the number of its object (0: it stands in the trailer)."""
        self.mentions: tuple[int, set[int]] = (0, set())
        self.made_of: dict[int, frozenset[int]] = {}
        """What the fields and notes are made of that have not changed since they were last looked at, by their numbers."""

    def spend(self, size: int) -> None:
        self.spent += size
        if self.spent > BUDGET:
            raise TooMuch("streams that become too large")

    def mentioned_before(self, end: int) -> set[int]:
        """Every number that the bytes up to there refer to, streams apart; asked for growing ends, each byte is looked at once."""
        place, found = self.mentions
        if place > end:
            place, found = 0, set()
        data = self.data
        while place < end:
            opened = data.find(b"stream", place, end)
            stop = end if opened < 0 else opened
            for each in MENTION.finditer(data, place, stop):
                if said := MENTIONED.search(data, max(place, each.start() - 24), each.end()):
                    found.add(int(said[1]))
            closed = data.find(b"endstream", stop, end) if opened >= 0 else -1
            place = closed + 9 if closed >= 0 else end
        self.mentions = (end, found)
        return found

    def view(self, end: int | None = None) -> View:
        """Return the file as it was when it ended there. :raises Unreadable: :raises TooMuch:"""
        return View(self, len(self.data) if end is None else end)

    def section(self, start: int) -> Section | None:
        """Return the cross-reference section that begins there, None if there is none."""
        if start not in self.sections:
            if len(self.sections) >= MOST_SECTIONS:
                raise TooMuch("too many revisions")
            try:
                self.sections[start] = self._read_section(start)
            except (Unreadable, ValueError, IndexError, zlib.error):
                self.sections[start] = None
        return self.sections[start]

    def _read_section(self, start: int) -> Section | None:
        for offset in dict.fromkeys((start, start + self.shift)):
            if not 0 <= offset < len(self.data):
                continue
            place = _skip(self.data, offset)
            if self.data.startswith(b"xref", place):
                return self._read_table(start, place + 4)
            if HEAD.match(self.data, place):
                return self._read_stream(start, place)
        near = NEARBY.search(self.data, max(0, start - 32), start + 36)
        return self._read_table(start, near.end()) if near else None

    def _read_table(self, start: int, place: int) -> Section:
        entries: dict[int, Entry | None] = {}
        while not (ended := TRAILER.match(self.data, place)):
            block = RANGE.match(self.data, place)
            if block is None:
                raise Unreadable("a cross-reference table without trailer")
            first, count, place = int(block[1]), int(block[2]), block.end()
            for number in range(count):
                row = ROW.match(self.data, place)
                if row is None:
                    break
                if number == 0 and first == 1 and row[3] == b"f" and row[2] == b"65535":
                    first = 0  # a common fault: the free list's head counted as object 1
                place = row.end()
                at = int(row[1])
                entries.setdefault(first + number, Entry(at + self.shift) if row[3] == b"n" and at else None)
                if len(entries) > MOST_OBJECTS:
                    raise TooMuch("more objects than any document has")
            self.spend(20 + count // 1000)
        trailer, _ = parse(self.data, ended.end())
        if not isinstance(trailer, dict):
            raise Unreadable("a trailer that is no dictionary")
        hidden = trailer.get("XRefStm")
        if isinstance(hidden, int):
            extra = self._read_section(hidden)
            for number, entry in (extra.entries if extra else {}).items():
                if entries.get(number) is None:
                    entries[number] = entry
        return Section(start, entries, trailer)

    def _read_stream(self, start: int, place: int) -> Section:
        _said, body, _begin, _end = self.body(place)
        if not isinstance(body, Stream) or body.entries.get("Type") != "XRef":
            raise Unreadable("no cross-reference stream")
        widths = body.entries.get("W")
        size = body.entries.get("Size")
        if not (
            isinstance(widths, list) and len(widths) == 3 and all(isinstance(w, int) and 0 <= w <= 8 for w in widths)
        ):
            raise Unreadable("a cross-reference stream without widths")
        if not sum(widths):
            raise Unreadable("a cross-reference stream of no width")
        index = body.entries.get("Index") or [0, size]
        rows = self.decoded(body)
        kind_width, first_width, second_width = widths
        entries: dict[int, Entry | None] = {}
        step, at = sum(widths), 0
        for first, count in zip(index[::2], index[1::2], strict=False):
            for number in range(first, first + count):
                if at + step > len(rows):
                    break
                kind = int.from_bytes(rows[at : at + kind_width], "big") if kind_width else 1
                one = int.from_bytes(rows[at + kind_width : at + kind_width + first_width], "big")
                two = int.from_bytes(rows[at + step - second_width : at + step], "big") if second_width else 0
                at += step
                entry = Entry(one + self.shift) if kind == 1 else Entry(two, one) if kind == 2 else None
                entries.setdefault(number, entry)
                if len(entries) > MOST_OBJECTS:
                    raise TooMuch("more objects than any document has")
        return Section(start, entries, body.entries)

    def body(self, place: int) -> tuple[int, Any, int, int]:
        """Return the object at that offset: its number, value, and where it begins and ends. :raises Unreadable:"""
        kept = self.bodies.get(place)
        if kept is None:
            kept = self.bodies[place] = self._read_body(place)
        return kept

    def unlock(self, said: Any, entry: Entry | None, identifiers: Any) -> None:
        """Take the file's encryption into account, once; `entry` is where its dictionary stands, unless in the trailer.

        :raises Closed: it asks for a password, or is encrypted twice
        """
        if self.locked_by is not None:
            if self.locked_by[0] != said or self.lock is None:
                raise Closed("closed, or encrypted twice")
            return
        self.locked_by = (said, said.number if isinstance(said, Ref) else 0)
        place = entry.place if entry is not None and not entry.within else None
        encryption = self.body(place)[1] if place is not None else said
        first = identifiers[0] if isinstance(identifiers, list) and identifiers else b""
        if not isinstance(encryption, dict) or not isinstance(first, bytes):
            raise Closed("no encryption dictionary")
        self.lock = Lock(encryption, first)
        kept = self.bodies
        self.bodies = {at: each for at, each in kept.items() if at == place or _is_cross_reference(each[1])}

    def _opened(self, value: Any, number: int, generation: int) -> Any:
        """Return a value of that object with its strings and its stream decrypted. Signatures' own contents never were."""
        lock = self.lock
        if lock is None or _is_cross_reference(value):
            return value
        match value:
            case bytes():
                return lock.string(number, generation, value)
            case list():
                return [self._opened(each, number, generation) for each in value]
            case dict():
                signed = "ByteRange" in value
                return {
                    key: each if signed and key == "Contents" else self._opened(each, number, generation)
                    for key, each in value.items()
                }
            case Stream():
                entries = self._opened(value.entries, number, generation)
                kept = value.entries.get("Type") == "Metadata" and lock.leaves_metadata
                kept = kept or "Crypt" in _filters(value.entries)
                return Stream(entries, value.raw if kept else lock.stream(number, generation, value.raw))
        return value

    def _read_body(self, place: int) -> tuple[int, Any, int, int]:
        start = _skip(self.data, place)
        head = HEAD.match(self.data, start)
        if head is None:
            raise Unreadable(f"no object at {place}")
        value, end = parse(self.data, head.end())
        if isinstance(value, dict):
            opened = STREAM.match(self.data, end)
            if opened is not None:
                raw, end = self._stream_bytes(value.get("Length"), opened.end())
                value = Stream(value, raw)
        number = int(head[1])
        if self.lock is not None and self.locked_by is not None and number != self.locked_by[1]:
            try:
                value = self._opened(value, number, int(head[2]))
            except ValueError as trouble:
                raise Unreadable(str(trouble)) from trouble
        return number, value, start, end

    def _stream_bytes(self, length: Any, start: int) -> tuple[bytes, int]:
        """The bytes of a stream: as long as it says, if `endstream` follows; else up to the next `endstream`."""
        if isinstance(length, int) and 0 <= length <= len(self.data) - start:
            behind = self.data[start + length : start + length + 20].lstrip(b"\x00\t\n\x0c\r ")
            if behind.startswith(b"endstream"):
                return self.data[start : start + length], start + length
        end = self.data.find(b"endstream", start)
        if end < 0:
            raise Unreadable("a stream without end")
        return self.data[start:end].removesuffix(b"\n").removesuffix(b"\r"), end

    def decoded(self, stream: Stream) -> bytes:
        """Return the bytes of a stream whose only filter, if any, is deflation. :raises Unreadable: :raises TooMuch:"""
        filters = _filters(stream.entries)
        if filters not in ([], ["FlateDecode"], ["Fl"]):
            raise Unreadable("a filter that is not expected here")
        if not filters:
            return stream.raw
        squeezed = zlib.decompressobj()
        try:
            out = squeezed.decompress(stream.raw, BUDGET - self.spent + 1)
        except zlib.error as trouble:
            raise Unreadable("a stream that does not inflate") from trouble
        self.spend(len(out))
        told = stream.entries.get("DecodeParms")
        told = told[0] if isinstance(told, list) and told else told
        return _unpredicted(out, told) if isinstance(told, dict) else out


def _filters(entries: dict[str, Any]) -> list[Any]:
    said = entries.get("Filter")
    return said if isinstance(said, list) else [said] if isinstance(said, Name) else []


def _is_cross_reference(value: Any) -> bool:
    return isinstance(value, Stream) and value.entries.get("Type") == "XRef"


def _unpredicted(data: bytes, told: dict[str, Any]) -> bytes:
    """Undo the PNG predictors that cross-reference streams are written with."""
    if told.get("Predictor", 1) in (1, None):
        return data
    columns = told.get("Columns", 1)
    if told["Predictor"] < 10 or not isinstance(columns, int) or not 0 < columns < 1000:
        raise Unreadable("an unexpected predictor")
    out, above = bytearray(), bytearray(columns)
    for at in range(0, len(data) - columns, columns + 1):
        kind, row = data[at], bytearray(data[at + 1 : at + 1 + columns])
        for i in range(columns):
            left = row[i - 1] if i else 0
            up = above[i]
            corner = above[i - 1] if i else 0
            row[i] = (row[i] + (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind if kind < 5 else 0]) & 255
        out += row
        above = row
    return bytes(out)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    near = (abs(guess - left), abs(guess - up), abs(guess - corner))
    return (left, up, corner)[near.index(min(near))]


class View:
    """The document as a reader saw it when the file ended at `end`."""

    def __init__(self, file: File, end: int) -> None:
        self.file, self.end = file, end
        self.chain: list[Section] = []
        self.repaired = False
        self._found: dict[int, Entry | None] | None = None
        self._objects: dict[int, Any] = {}
        self.closed = False
        """It is encrypted, and not for everybody: nothing but its structure can be read."""
        self.start = self._startxref()
        self._follow(self.start)
        self._unlock()
        if not self.chain or self._root() is None:
            self._repair()
            self._unlock()
        if self._root() is None:
            raise Unreadable("no catalogue")

    def _startxref(self) -> int:
        window = self.file.data[max(0, self.end - 4096) : self.end]
        found = list(PLACE.finditer(window))
        return int(found[-1][1]) if found else -1

    def _follow(self, start: int) -> None:
        seen: set[int] = set()
        at: Any = start
        while isinstance(at, int) and at >= 0 and at not in seen and at < self.end:
            seen.add(at)
            section = self.file.section(at)
            if section is None:
                self.chain = []
                return
            self.chain.append(section)
            at = section.trailer.get("Prev")
            if isinstance(at, float):
                at = int(at)

    def _root(self) -> dict[str, Any] | None:
        try:
            root = self.resolve(self.trailer.get("Root"))
        except Unreadable:
            return None
        return root if isinstance(root, dict) and "Pages" in root else None

    def _repair(self) -> None:
        """Search the bytes for objects, the last of each number, as viewers do with a broken file."""
        entries: dict[int, Entry | None] = {}
        trailer: dict[str, Any] = {}
        self._objects.clear()
        for head in HEAD.finditer(self.file.data, 0, self.end):
            entries[int(head[1])] = Entry(head.start())
            if len(entries) > MOST_OBJECTS:
                raise TooMuch("more objects than any document has")
        for number, entry in list(entries.items()):
            try:
                body = self.file.body(entry.place)[1] if entry else None
            except Unreadable:
                entries[number] = None
                continue
            if isinstance(body, Stream) and body.entries.get("Type") == "XRef":
                trailer |= {key: body.entries[key] for key in ("Root", "Encrypt", "Info") if key in body.entries}
            elif isinstance(body, Stream) and body.entries.get("Type") == "ObjStm":
                try:
                    for place, (inner, _value) in enumerate(self.unpacked(entry.place if entry else 0, number)):
                        entries.setdefault(inner, Entry(place, number))
                except (Unreadable, TypeError):
                    continue
            elif isinstance(body, dict) and body.get("Type") == "Catalog" and "Root" not in trailer:
                trailer["Root"] = Ref(number, 0)
        place = self.file.data.find(b"trailer")
        while 0 <= place < self.end:
            try:
                said, _ = parse(self.file.data, place + 7)
                if isinstance(said, dict):
                    trailer |= {key: said[key] for key in ("Root", "Encrypt", "Info") if key in said}
            except Unreadable:
                pass
            place = self.file.data.find(b"trailer", place + 7)
        if not entries:
            raise Unreadable("no objects")
        self.repaired = True
        self.chain = [Section(-1, entries, trailer)]
        self._found = None

    @property
    def trailer(self) -> dict[str, Any]:
        return self.chain[0].trailer if self.chain else {}

    def _unlock(self) -> None:
        said = [section.trailer["Encrypt"] for section in self.chain if "Encrypt" in section.trailer]
        if not said:
            return
        try:
            if any(each != said[0] for each in said):
                raise Closed("encrypted twice")
            entry = self.entry(said[0].number) if isinstance(said[0], Ref) else None
            self.file.unlock(said[0], entry, self.trailer.get("ID"))
            self._objects.clear()
        except (Closed, Unreadable):
            self.closed = True

    @property
    def encrypted(self) -> bool:
        return any("Encrypt" in section.trailer for section in self.chain)

    @property
    def root(self) -> dict[str, Any]:
        root = self.resolve(self.trailer.get("Root"))
        return root if isinstance(root, dict) else {}

    def entry(self, number: int) -> Entry | None:
        """Where the newest object of that number is."""
        if len(self.chain) <= 8:
            for section in self.chain:
                if number in section.entries:
                    return section.entries[number]
            return None
        return self.entries().get(number)

    def entries(self) -> dict[int, Entry | None]:
        """Every object the view has, by number."""
        if self._found is None:
            self._found = {}
            for section in reversed(self.chain):
                self._found.update(section.entries)
        return self._found

    def get(self, number: int) -> Any:
        """Return the object of that number as it stands in this view; None when there is none, or it cannot be read."""
        if number not in self._objects:
            self._objects[number] = None
            entry = self.entry(number)
            if entry is not None:
                try:
                    self._objects[number] = self._read(number, entry)
                except (Unreadable, ValueError, IndexError, TypeError):
                    self._objects[number] = None
        return self._objects[number]

    def _read(self, number: int, entry: Entry) -> Any:
        if entry.within:
            container = self.entry(entry.within)
            if container is None or container.within:
                raise Unreadable("an object stream that is not there")
            listed = self.unpacked(container.place, entry.within)
            found, value = listed[entry.place] if entry.place < len(listed) else (-1, None)
            if found != number:
                value = next((each for inner, each in listed if inner == number), None)
            return value
        said, value, _start, end = self.file.body(entry.place)
        if said != number or end > self.end:
            raise Unreadable("another object is there")
        return value

    def unpacked(self, place: int, number: int) -> list[tuple[int, Any]]:
        """The objects of an object stream. :raises Unreadable:"""
        kept = self.file.packed.get(place)
        if kept is not None:
            return kept
        said, stream, _start, _end = self.file.body(place)
        if said != number or not isinstance(stream, Stream):
            raise Unreadable("no object stream")
        count, first = self.resolve(stream.entries.get("N")), self.resolve(stream.entries.get("First"))
        if not isinstance(count, int) or not isinstance(first, int) or not 0 <= count <= MOST_OBJECTS:
            raise Unreadable("an object stream without its counts")
        inside = self.file.decoded(stream)
        numbers = [int(each) for each in inside[:first].split()[: 2 * count]]
        listed: list[tuple[int, Any]] = []
        for inner, offset in zip(numbers[::2], numbers[1::2], strict=False):
            try:
                listed.append((inner, parse(inside, first + offset)[0]))
            except Unreadable:
                listed.append((inner, None))
        self.file.packed[place] = listed
        return listed

    def resolve(self, value: Any) -> Any:
        """Follow references to what they mean."""
        for _ in range(20):
            if not isinstance(value, Ref):
                return value
            value = self.get(value.number)
        return None

    def span(self, number: int) -> tuple[int, int] | None:
        """Where the object of that number begins and ends in the file; None in an object stream."""
        entry = self.entry(number)
        if entry is None or entry.within:
            return None
        try:
            _said, _value, start, end = self.file.body(entry.place)
        except Unreadable:
            return None
        return start, end

    def mentioned(self, numbers: set[int]) -> set[int]:
        """Which of these numbers the bytes of this view refer to anywhere: a reference to what is not there may be filled later."""
        if not numbers:
            return set()
        return numbers & (self.file.mentioned_before(self.end) | self._packed_mentions())

    def _packed_mentions(self) -> set[int]:
        found: set[int] = set()
        for number, entry in self.entries().items() if self.file.packed else ():
            if entry is not None and entry.within:
                found |= {ref.number for ref in references(self.get(number))}
        return found

    def touched_since(self, older: View) -> set[int]:
        """The numbers that stand elsewhere than in an earlier view, with everything inside an object stream that does."""
        if older.start in {section.start for section in self.chain} and not self.repaired and not older.repaired:
            numbers: set[int] = set()
            for section in self.chain:
                if section.start == older.start:
                    break
                numbers |= section.entries.keys()
        else:
            ours, theirs = self.entries(), older.entries()
            numbers = {number for number in ours.keys() | theirs.keys() if ours.get(number) != theirs.get(number)}
        numbers = {number for number in numbers if self.entry(number) != older.entry(number)}
        containers = {
            number
            for number in numbers
            if isinstance(packed := older.get(number), Stream) and packed.entries.get("Type") == "ObjStm"
        }
        if containers:
            for view in (self, older):
                numbers |= {n for n, entry in view.entries().items() if entry and entry.within in containers}
        return numbers

    def continues(self, older: View) -> bool:
        """Whether this view's cross-reference goes on from the older one's, as an incremental update does."""
        return not self.repaired and any(section.start == older.start for section in self.chain)


def references(value: Any) -> Iterator[Ref]:
    """Every reference in a value, itself included."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Ref):
            yield each
        elif isinstance(each, Stream):
            waiting.extend(each.entries.values())
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


@dataclass
class Signature:
    """A signature as it stands in the file: its field, its dictionary, what it claims to cover, and its CMS."""

    field: str
    entries: dict[str, Any]
    number: int | None
    holder: dict[str, Any] = made(default_factory=dict)
    reachable: bool = True

    @property
    def contents(self) -> bytes | None:
        found = self.entries.get("Contents")
        return found if isinstance(found, bytes) else None

    @property
    def byte_range(self) -> tuple[int, int, int, int] | None:
        said = self.entries.get("ByteRange")
        if isinstance(said, list) and len(said) == 4 and all(type(each) is int for each in said):
            return (said[0], said[1], said[2], said[3])
        return None


MOST_FIELDS = 20_000


def text_of(value: Any) -> str:
    """A text string in letters (ISO 32000-2, 7.9.2.2)."""
    if not isinstance(value, bytes):
        return ""
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    if value.startswith(b"\xef\xbb\xbf"):
        return value[3:].decode("utf-8", "replace")
    return value.decode("latin-1")


@dataclass
class Field:
    """A terminal field of the form: its whole name, its dictionary, its object, its type and value."""

    name: str
    entries: dict[str, Any]
    number: int | None
    kind: str
    value: Any


def listed_fields(view: View) -> list[Any]:
    """What the form lists, as it stands there."""
    form = view.resolve(view.root.get("AcroForm"))
    listed = view.resolve(form.get("Fields")) if isinstance(form, dict) else None
    return listed if isinstance(listed, list) else []


def fields(view: View, among: list[Any] | None = None) -> list[Field]:
    """Every field of the form (or below those it lists) with its inherited type and value.

    :raises TooMuch: more fields than any document has
    """
    listed = listed_fields(view) if among is None else among
    found: list[Field] = []
    seen: set[int] = set()
    waiting: list[tuple[Any, str, str | None, Any]] = [(each, "", None, None) for each in reversed(listed)]
    while waiting:
        ref, above, kind, value = waiting.pop()
        number = ref.number if isinstance(ref, Ref) else None
        if number is not None:
            if number in seen:
                continue
            seen.add(number)
        if len(found) + len(seen) > MOST_FIELDS:
            raise TooMuch("more fields than any document has")
        entries = view.resolve(ref)
        if not isinstance(entries, dict):
            continue
        own = text_of(view.resolve(entries.get("T")))
        name = f"{above}.{own}" if above and own else above or own
        said = view.resolve(entries.get("FT"))
        kind = str(said) if isinstance(said, Name) else kind
        value = entries.get("V", value)
        kids = view.resolve(entries.get("Kids"))
        inner = [kid for kid in kids if _is_field(view, kid)] if isinstance(kids, list) else []
        if inner:
            waiting.extend((kid, name, kind, value) for kid in reversed(inner))
        else:
            found.append(Field(name, entries, number, kind or "", value))
    return found


def _is_field(view: View, kid: Any) -> bool:
    entries = view.resolve(kid)
    return isinstance(entries, dict) and "T" in entries


def signatures(view: View) -> list[Signature]:
    """Every signature a reader of this view is shown, then those that lie in the bytes but that nothing leads to any more."""
    found: list[Signature] = []
    known: set[int] = set()
    for each in fields(view):
        if each.kind != "Sig" or each.value is None:
            continue
        number = each.value.number if isinstance(each.value, Ref) else None
        entries = view.resolve(each.value)
        if isinstance(entries, Stream):
            entries = entries.entries
        if not isinstance(entries, dict):
            entries = {}
        found.append(Signature(each.name, entries, number, each.entries))
        for offset in _ranges_of(entries):
            known.add(offset)
    return found + scattered(view.file.data, view.end, known)


def _ranges_of(entries: dict[str, Any]) -> list[int]:
    said = entries.get("ByteRange")
    if isinstance(said, list) and len(said) == 4 and isinstance(said[1], int):
        return [said[1]]
    return []


def _head_before(data: bytes, place: int, least: int) -> re.Match[bytes] | None:
    """The nearest beginning of an object before that place."""
    while (found := data.rfind(b"obj", least, place)) >= 0:
        for start in range(max(least, found - 24), found):
            head = HEAD.match(data, start)
            if head is not None and head.end() == found + 3:
                return head
        place = found
    return None


SIGNED = re.compile(rb"/ByteRange" + SPACE + rb"*\[([^\]]{0,200})\]")
MOST_SCATTERED = 5000


def scattered(data: bytes, end: int, known: Container[int] = ()) -> list[Signature]:
    """The signatures that can be found in the bytes themselves, without any structure: each by its byte range, which must enclose a
    hexadecimal string that stands where the range says. That needs no password and no cross-reference."""
    found: list[Signature] = []
    for match in SIGNED.finditer(data, 0, end):
        try:
            numbers = [int(each) for each in match[1].split()]
        except ValueError:
            continue
        if len(numbers) != 4 or not 0 < numbers[1] < numbers[2] <= end or numbers[1] in known:
            continue
        gap = data[numbers[1] : numbers[2]]
        if gap[:1] != b"<" or gap[-1:] != b">":
            continue
        head = _head_before(data, match.start(), max(0, match.start() - (numbers[2] - numbers[1]) - 20_000))
        entries: dict[str, Any] = {}
        if head is not None:
            try:
                parsed, _ = parse(data, head.end())
                entries = parsed if isinstance(parsed, dict) else {}
            except Unreadable:
                pass
        if entries.get("ByteRange") != numbers:
            try:
                entries = {"ByteRange": numbers, "Contents": _unhex(gap[1:-1])}
            except ValueError:
                continue
        found.append(Signature("", entries, int(head[1]) if head else None, reachable=False))
        if len(found) >= MOST_SCATTERED:
            raise TooMuch("more signatures than any document has")
    return found
