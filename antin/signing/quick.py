"""Where pyHanko 0.38 is slow for no reason, and what is done about it. Each line measured in bench/signing.py.

- The hexadecimal /Contents of a signature is read one character at a time, twice per validation: read at once instead.
- A revocation list is parsed once per process.
"""

from __future__ import annotations

import binascii
from functools import lru_cache
from typing import Any, BinaryIO

from asn1crypto import crl
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfStreamError

CHUNK = 8192
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


def install() -> None:
    """Put the quick reader in the slow one's place; nothing else of pyHanko is touched."""
    generic.read_hex_string_from_stream = read_hex


@lru_cache(maxsize=64)
def revocation_list(der: bytes) -> crl.CertificateList:
    return crl.CertificateList.load(der)
