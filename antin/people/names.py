"""The order of Vietnamese names: by given name first, in the order of the Vietnamese alphabet, tones last."""

from __future__ import annotations

import unicodedata

_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_SHAPES = {"\u0306": "1", "\u0302": "2", "\u031b": "3"}


def _syllable(text: str) -> str:
    """Write one syllable so that plain byte order is dictionary order: letters before tone, a before ă before â, d before đ."""
    letters: list[str] = []
    tone = "0"
    for char in unicodedata.normalize("NFD", text.casefold()):
        if char in _TONES:
            tone = _TONES[char]
        elif char in _SHAPES and letters:
            letters[-1] = letters[-1][0] + _SHAPES[char]
        elif char == "đ":
            letters.append("d1")
        elif char.isalnum():
            letters.append(char + "0")
    return "".join(letters) + "." + tone


def sort_key_of_words(text: str) -> str:
    """Return a key that sorts words in dictionary order under the "C" collation."""
    return " ".join(_syllable(word) for word in text.split())


def sort_key_of_name(name: str) -> str:
    """Return a key that sorts persons as a list of names is sorted: given name, then family name, then the rest."""
    words = name.split()
    return sort_key_of_words(" ".join([*words[-1:], *words[:-1]]))


def upper(text: str) -> str:
    """Write a title in capitals, as it stands above a signature."""
    return unicodedata.normalize("NFC", text).upper()
