"""Text as people type it, made comparable. Pure functions: no database, no settings."""

import re
import unicodedata

_CONTROL = re.compile(
    r"[^\S \n]+|[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f]"
    r"|[\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_SPACES = re.compile(r" {2,}")
_AROUND_BREAKS = re.compile(r" *\n *")


def clean(text: str) -> str:
    """Return what the person meant to type: composed (NFC), single plain spaces, no control or invisible characters.

    Line breaks stay and lose the spaces around them; tabs and every other kind of space become one space. Marks of
    direction, zero-width characters and lone surrogates, which make two texts look alike or cannot be stored, go.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _CONTROL.sub(lambda found: " " if found[0].isspace() else "", text)
    return _AROUND_BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()


def clean_line(text: str) -> str:
    """Clean a text that must stay on one line: a name, a subject, a notation."""
    return " ".join(clean(text).split())


def fold(text: str) -> str:
    """Return the form two spellings of one word share: marks dropped, đ as d, lower case, single spaces.

    "Quyết định", its decomposed spelling and "QUYET  DINH" fold to "quyet dinh".
    Search columns and search words are folded alike.
    """
    plain = "".join(c for c in unicodedata.normalize("NFD", clean_line(text)) if not unicodedata.combining(c))
    return " ".join(plain.lower().replace("đ", "d").split())
