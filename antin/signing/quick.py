"""Where pyHanko 0.38 is slow for no reason, and what is done about it. Measured in bench/signing.py.

- The hexadecimal /Contents of a signature is read one character at a time, twice per validation: read in chunks instead.
- Names are read and decoded one character at a time, ten thousand times per validation: found by a pattern, decoded once.
- A revocation list is parsed once per process.

And where a file can keep it busy without end: a cross-reference section may name a thousand million objects in a hundred bytes.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, BinaryIO

from asn1crypto import crl
from pyhanko.pdf_utils import generic, xref
from pyhanko.pdf_utils.misc import PdfReadError, PdfStreamError
from pyhanko.pdf_utils.reader import PdfFileReader

SLOW_HEX: Any = generic.read_hex_string_from_stream
SLOW_UNTIL_DELIMITER: Any = generic.read_until_delimiter
SLOW_DECODE_NAME: Any = generic._decode_name
PARSE_STREAM: Any = xref.parse_xref_stream
PARSE_TABLE: Any = xref.parse_xref_table

MOST_OBJECTS = 200_000
CHUNK = 8192
NAME = 128
DELIMITERS = re.compile(rb"[\x00\t\n\x0c\r ()<>\[\]{}/%]")
SPACES = b"\x00\t\n\x0c\r "


def read_hex(stream: BinaryIO) -> Any:
    """Read <...> into a string object, in chunks (ISO 32000-1, 7.3.4.3); the stream stands on the opening bracket."""
    stream.read(1)
    digits = bytearray()
    while True:
        chunk = stream.read(CHUNK)
        if not chunk:
            raise PdfStreamError("Unexpected end of hex string")
        end = chunk.find(b">")
        if end >= 0:
            digits += chunk[:end]
            stream.seek(end + 1 - len(chunk), 1)
            break
        digits += chunk
    bare = bytes(digits).translate(None, SPACES)
    try:
        return generic.pdf_string(binascii.unhexlify(bare + b"0" * (len(bare) % 2)))
    except binascii.Error as trouble:
        raise PdfStreamError(f"Unexpected token in hex string: {trouble}") from trouble


def until_delimiter(stream: BinaryIO) -> bytes:
    """Read up to the next delimiter or white space and leave the stream standing on it (ISO 32000-1, 7.2.2)."""
    start = stream.tell()
    chunk = stream.read(NAME)
    found = DELIMITERS.search(chunk)
    if found is None:
        stream.seek(start)
        return bytes(SLOW_UNTIL_DELIMITER(stream))
    stream.seek(start + found.start())
    return chunk[: found.start()]


def decode_name(raw: bytes) -> generic.NameObject:
    """A fresh object each time, for each knows where it stands; what it says is worked out once."""
    return generic.NameObject(_name(raw))


@lru_cache(maxsize=4096)
def _name(raw: bytes) -> str:
    return str(SLOW_DECODE_NAME(raw))


def let_go(reader: PdfFileReader) -> None:
    """Untie what a reader holds. Everything it read points back at it, so that only the collector could free it: ten thousand
    objects a file, and every few files a pause of a tenth of a second for the whole process."""
    for resolver in reader._historical_resolver_cache.values():
        resolver.cache.clear()
        resolver._indirect_object_access_cache = None
    reader._historical_resolver_cache.clear()
    reader.resolved_objects.clear()


def counted(parse: Any) -> Any:
    """The entries of a cross-reference section, and a no when there are more than any document has."""

    def entries(*given: Any, **named: Any) -> Iterator[Any]:
        for number, entry in enumerate(parse(*given, **named)):
            if number >= MOST_OBJECTS:
                raise PdfReadError("More objects than any document has")
            yield entry

    return entries


def install(quick: bool = True) -> None:
    """Put the quick readers in the slow ones' places (or back); nothing else of pyHanko is touched."""
    generic.read_hex_string_from_stream = read_hex if quick else SLOW_HEX
    generic.read_until_delimiter = until_delimiter if quick else SLOW_UNTIL_DELIMITER
    xref.parse_xref_stream = counted(PARSE_STREAM) if quick else PARSE_STREAM
    xref.parse_xref_table = counted(PARSE_TABLE) if quick else PARSE_TABLE
    setattr(generic, "_decode_name", decode_name if quick else SLOW_DECODE_NAME)  # noqa: B010 - mypy knows its kind too well


@lru_cache(maxsize=64)
def revocation_list(der: bytes) -> crl.CertificateList:
    return crl.CertificateList.load(der)
