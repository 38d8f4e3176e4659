"""Files encrypted with an empty user password: anybody opens them, so they can be judged (ISO 32000-2, 7.6.4).

A file that asks for a password stays closed. pyHanko's handler does the cryptography; nothing else of pyHanko is used here.
"""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.crypt import AuthStatus, StandardSecurityHandler

_FAILS = (misc.PdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, NotImplementedError)
MOST_DEEP = 6


class Closed(Exception):
    """It asks for a password, or is encrypted in a way that is not known here."""


class Lock:
    """What opens the strings and streams of one file's objects. :raises Closed:"""

    def __init__(self, encryption: dict[str, Any], first_id: bytes) -> None:
        try:
            self._handler = StandardSecurityHandler.build(_as_pyhanko(encryption))
            if not isinstance(self._handler, StandardSecurityHandler):
                raise Closed("not the standard handler")
            if self._handler.authenticate(b"", first_id).status == AuthStatus.FAILED:
                raise Closed("it asks for a password")
            self._strings, self._streams = self._handler.get_string_filter(), self._handler.get_stream_filter()
        except _FAILS as trouble:
            raise Closed(str(trouble)) from trouble

    def string(self, number: int, generation: int, closed: bytes) -> bytes:
        """Return a string of that object as it was before encryption. :raises ValueError: it is not what it should be"""
        return self._open(self._strings, number, generation, closed)

    def stream(self, number: int, generation: int, closed: bytes) -> bytes:
        """Return the bytes of that object's stream, its other filters not undone. :raises ValueError:"""
        return self._open(self._streams, number, generation, closed)

    @property
    def leaves_metadata(self) -> bool:
        return not self._handler.encrypt_metadata

    @staticmethod
    def _open(by: Any, number: int, generation: int, closed: bytes) -> bytes:
        try:
            return bytes(by.decrypt(by.derive_object_key(number, generation), closed))
        except _FAILS as trouble:
            raise ValueError("what cannot be decrypted") from trouble


def _as_pyhanko(value: Any, depth: int = 0) -> Any:
    """Return a parsed value in pyHanko's own kinds. :raises ValueError: a kind that no encryption dictionary has"""
    if depth > MOST_DEEP:
        raise ValueError("nested too deeply")
    match value:
        case bool():
            return generic.BooleanObject(value)
        case int():
            return generic.NumberObject(value)
        case bytes():
            return generic.ByteStringObject(value)
        case str():
            return generic.NameObject(f"/{value}")
        case list():
            return generic.ArrayObject(_as_pyhanko(each, depth + 1) for each in value)
        case dict():
            return generic.DictionaryObject({f"/{key}": _as_pyhanko(each, depth + 1) for key, each in value.items()})
    raise ValueError("not a part of an encryption dictionary")
