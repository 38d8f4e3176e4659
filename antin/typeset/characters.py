"""Which characters may stand on a printed page.

A page that is signed must read for everybody as it reads in the file: letters without a picture, and marks that turn the
reading order around, are refused by name; invisible leftovers of copying are dropped.
"""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext_noop as _

from antin.refusal import Refusal
from antin.typeset import fonts

_DROPPED = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"}
_SPACES = {"\t", "\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029", "\u202f", "\u2007"}


class CannotPrint(Refusal):
    """The text holds a character that has no picture, or that changes the order of reading."""

    code = "cannot_print"
    words = _("Không in được ký tự %(characters)s ở mục %(place)s: hãy xóa hoặc thay bằng chữ khác.")


def clean(text: str, place: str) -> str:
    """The text composed (NFC), without control characters and zero-width leftovers. :raises CannotPrint: names the place"""
    spaced = "".join(" " if letter in _SPACES else letter for letter in text)
    kept = "".join(letter for letter in spaced if letter not in _DROPPED and unicodedata.category(letter) != "Cc")
    composed = unicodedata.normalize("NFC", kept)
    if composed.isascii():
        return composed
    bad = sorted({letter for letter in composed if not _readable(letter)})
    if bad:
        raise CannotPrint(characters=", ".join(_named(letter) for letter in bad[:5]), place=place)
    return composed


def shown(text: str) -> str:
    """The text as far as it can be printed, a question mark for every other letter: for the names strangers give themselves."""
    composed = unicodedata.normalize("NFC", "".join(" " if letter in _SPACES else letter for letter in text))
    return "".join(letter if _readable(letter) and unicodedata.category(letter) != "Cc" else "?" for letter in composed)


_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "R", "AL"}


def _readable(letter: str) -> bool:
    return ord(letter) in fonts.printable() and unicodedata.bidirectional(letter) not in _TURNING


def _named(letter: str) -> str:
    shown = letter if letter.isprintable() else ""
    return f"{shown} (U+{ord(letter):04X})".strip()
