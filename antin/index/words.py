"""Text as the index keeps it and as people ask for it. Pure functions; nothing that is typed makes them fail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

from antin.identifiers.text import fold

LONGEST_WORD = 60
MOST_WORDS = 24
LONGEST_QUESTION = 300
BEGINNINGS = (2, 3)
"""Beginnings of so many letters are kept by themselves; a question's last word may go on from two letters."""
VOWELS = frozenset("aeiouy")
QUOTES = str.maketrans("“”„«»", '"""""')

_WORD = re.compile(r"[^\W_]+")
_CHUNK = re.compile(r'(?P<no>-)?"(?P<phrase>[^"]*)"?|(?P<chunk>\S+)')
_CODE = re.compile(r"[^\W_]+(?:[/.\-–][^\W_]+)*[/\-–][^\W_]+(?:[/.\-–][^\W_]+)*")

Span = tuple[str, ...]
Synonyms = Mapping[Span, tuple[Span, ...]]


@lru_cache(maxsize=100_000)
def _folded(word: str) -> str:
    return fold(word)


def split(text: str) -> list[str]:
    """Return the words of a text as they are written, composed and in lower case: "15/QĐ-VP" is "15", "qđ", "vp"."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(unicodedata.normalize("NFC", text).lower())]


def folded(words: Iterable[str]) -> list[str]:
    """Return the same words without their marks; a word that is nothing but marks goes."""
    return [plain for plain in map(_folded, words) if plain]


def pairs(words: Sequence[str]) -> list[str]:
    """Return each two words that stand side by side, as one."""
    return [f"{left}_{right}" for left, right in pairwise(words)]


def beginning(word: str) -> str:
    """Return the token of everything that begins like this; it looks like no word."""
    return f"{word}+"


@lru_cache(maxsize=100_000)
def _beginnings(word: str) -> tuple[str, ...]:
    return tuple(beginning(word[:n]) for n in BEGINNINGS if len(word) >= n)


def with_beginnings(words: Iterable[str]) -> list[str]:
    """Return the words, each once, and of each its first two and three letters, marked as beginnings.

    So that somebody who is still typing, "th", need not be answered with the thousands of words that begin so.
    """
    once = dict.fromkeys(words)
    return [*once, *dict.fromkeys(chain.from_iterable(map(_beginnings, once)))]


def code_of(text: str) -> str:
    """Return number and notation in the one form it is compared by: "05 / QĐ-VP" is "5/qd-vp"."""
    plain = re.sub(r"\s+", "", fold(text)).replace("–", "-")
    return re.sub(r"^0+(?=\d)", "", plain)[: LONGEST_WORD * 2]


def codes_in(text: str) -> list[str]:
    """Return every number and notation a text names, in the form of `code_of`."""
    return list(dict.fromkeys(code_of(found) for found in _CODE.findall(text)))


@dataclass(frozen=True)
class Wish:
    """One thing that must be found (or must not be: `without`): words one after the other, or anything that means the same.

    `written` keeps the marks as they were typed, `plain` has none. `begins`: the last word may go on.
    """

    written: Span
    plain: Span
    others: tuple[Span, ...] = ()
    begins: bool = False
    without: bool = False


@dataclass(frozen=True)
class Question:
    """What somebody asked for. `code` is number and notation, when that is all he asked."""

    wishes: tuple[Wish, ...] = ()
    code: str = ""

    @property
    def wanted(self) -> tuple[Wish, ...]:
        return tuple(wish for wish in self.wishes if not wish.without)

    @property
    def marked(self) -> bool:
        """Whether marks were typed at all: without them nothing can be more exact than folded."""
        return any(wish.written != wish.plain for wish in self.wanted)


def ask(text: str, synonyms: Synonyms) -> Question:
    """Read what somebody typed. Quotes ask for words one after the other, a minus before a word for its absence.

    A chunk with signs inside ("15/QĐ-VP") is a phrase by itself; the last word may be the beginning of one. There is no syntax that
    could be wrong: whatever is not understood is left out.
    """
    said = unicodedata.normalize("NFC", text)[:LONGEST_QUESTION].translate(QUOTES).strip()
    wishes: list[Wish] = []
    loose: list[str] = []  # words between quotes, as typed, whose neighbours may form an abbreviation's name

    def settle() -> None:
        wishes.extend(_spread(loose, synonyms))
        loose.clear()

    for found in _CHUNK.finditer(said):
        chunk = found["chunk"]
        without = bool(found["no"]) or bool(chunk and chunk.startswith("-") and len(chunk) > 1)
        written = tuple(split(found["phrase"] if chunk is None else chunk))
        plain = tuple(folded(written))
        if not plain or len(wishes) + len(loose) >= MOST_WORDS:
            continue
        if chunk is not None and not without and len(plain) == 1:
            loose.append(_WORD.findall(chunk)[0])
            continue
        settle()
        wishes.append(Wish(written[:MOST_WORDS], plain[:MOST_WORDS], without=without))
    settle()
    if said and wishes and said[-1] not in '"' and not wishes[-1].without and _may_go_on(wishes[-1]):
        last = wishes[-1]
        wishes[-1] = Wish(last.written, last.plain, last.others, begins=True)
    codes = codes_in(said)
    whole = code_of(said)
    return Question(tuple(wishes), code=whole if codes == [whole] else "")


def _may_go_on(wish: Wish) -> bool:
    return len(wish.plain[-1]) >= BEGINNINGS[0] and not wish.plain[-1].isdigit()


def _spread(typed: list[str], synonyms: Synonyms) -> list[Wish]:
    """Words that stand side by side, each by itself; an abbreviation, or the name of one, with what it stands for."""
    written = [word.lower()[:LONGEST_WORD] for word in typed]
    plain = [_folded(word) for word in written]
    longest = max(map(len, synonyms), default=0)
    wishes: list[Wish] = []
    at = 0
    while at < len(plain):
        for length in range(min(longest, len(plain) - at), 0, -1):
            span = tuple(plain[at : at + length])
            if span in synonyms and (length > 1 or _is_abbreviation(typed[at])):
                wishes.append(Wish(tuple(written[at : at + length]), span, synonyms[span]))
                at += length
                break
        else:
            wishes.append(Wish((written[at],), (plain[at],)))
            at += 1
    return wishes


def _is_abbreviation(typed: str) -> bool:
    """Whether it is meant as one: in capitals, or no Vietnamese word for want of a vowel. "đã" is not Đề án."""
    return typed.isupper() or not VOWELS & set(_folded(typed.lower()))


def synonyms_of(pairs: Iterable[tuple[str, str]]) -> dict[Span, tuple[Span, ...]]:
    """Return abbreviations and names, each leading to the other, as `ask` takes them."""
    found: dict[Span, list[Span]] = {}
    for short, long in pairs:
        one, other = tuple(folded(split(short))), tuple(folded(split(long)))
        if not one or not other or one == other or len(other) > MOST_WORDS:
            continue
        for left, right in ((one, other), (other, one)):
            known = found.setdefault(left, [])
            if right not in known and len(known) < 8:
                known.append(right)
    return {span: tuple(others) for span, others in found.items()}


# Showing what was found ---------------------------------------------------------------------------------------------------------

_ALIKE: dict[str, str] = {}
for _code in range(0xC0, 0x1EFA):
    _letter = chr(_code)
    if _letter.isalpha() and len(_plain := _folded(_letter)) == 1 and _plain.isascii():
        _ALIKE[_plain] = _ALIKE.get(_plain, "") + _letter


def _in_any_spelling(plain: str) -> str:
    return "".join(f"[{re.escape(c)}{_ALIKE[c]}]" if c in _ALIKE else re.escape(c) for c in plain)


def pattern_of(question: Question, *, typed_only: bool = False) -> re.Pattern[str] | None:
    """Return what finds the words of a question in a composed text, marks or none; None when it asks for no words."""
    parts = []
    for wish in question.wanted:
        for span in (wish.plain, *(() if typed_only else wish.others)):
            end = r"[^\W_]*" if wish.begins and span == wish.plain else r"(?![^\W_])"
            parts.append(r"[\W_]{1,3}".join(map(_in_any_spelling, span)) + end)
    if not parts:
        return None
    return re.compile(r"(?<![^\W_])(?:" + "|".join(sorted(parts, key=len, reverse=True)) + ")", re.IGNORECASE)


Piece = tuple[str, bool]
"""A piece of text, and whether it is what was asked for."""


def mark(text: str, pattern: re.Pattern[str] | None) -> list[Piece]:
    """Return a text in pieces, those that were asked for told apart."""
    if pattern is None:
        return [(text, False)]
    pieces: list[Piece] = []
    end = 0
    for found in pattern.finditer(text):
        if found.start() > end:
            pieces.append((text[end : found.start()], False))
        pieces.append((found[0], True))
        end = found.end()
    if end < len(text):
        pieces.append((text[end:], False))
    return pieces


def excerpt(text: str, pattern: re.Pattern[str] | None, *, before: int = 60, after: int = 160) -> list[Piece]:
    """Return the neighbourhood of the first place in a text where it says what was asked for; nothing when it does not."""
    found = pattern.search(text) if pattern is not None else None
    if found is None:
        return []
    start, end = max(0, found.start() - before), min(len(text), found.end() + after)
    if start:
        start = text.find(" ", start, found.start()) + 1 or start
    if end < len(text):
        end = max(text.rfind(" ", found.end(), end), found.end())
    shown = " ".join(text[start:end].split())
    whole = f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}"
    return mark(whole, pattern)
