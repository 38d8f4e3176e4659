"""The language of formulas: sums of named facts, numbers, + - * / and brackets, `min` and `max`. Nothing else, and never Python.

    formula  = term { ("+" | "-") term }
    term     = factor { ("*" | "/") factor }
    factor   = number | fact | "(" formula ")" | ("min" | "max") "(" formula { "," formula } ")" | "-" factor

Reckoned exactly, in fractions. There are no loops and no powers, so a formula ends after as many steps as it has signs. What would
divide by nothing has no value (None): a figure without a denominator is not zero and not a hundred.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from django.utils.translation import gettext

from antin.refusal import Refusal, _

LONGEST, DEEPEST, MOST_DIGITS = 500, 20, 9
GREATEST = 10**15
_SIGN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-z][a-z_]*)|(?P<sign>[-+*/(),]))")


class BadFormula(Refusal):
    code = "bad_formula"
    words = _("Công thức không đọc được ở chỗ “%(near)s”: %(why)s.")


class UnknownFact(Refusal):
    code = "unknown_fact"
    words = _("Không có số liệu nào tên “%(name)s”.")


class TooGreat(Refusal):
    code = "figure_too_great"
    words = _("Kết quả hoặc số trong công thức quá lớn.")


@dataclass(frozen=True)
class Number:
    value: Fraction


@dataclass(frozen=True)
class Name:
    name: str


@dataclass(frozen=True)
class Of:
    """An operation: + - * / min max, on its parts."""

    sign: str
    parts: tuple[Node, ...]


Node = Number | Name | Of


class _Reader:
    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise BadFormula(near=text[:20], why=gettext("dài quá 500 ký tự"))
        self.text, self.at, self.depth = text, 0, 0
        self.signs: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = _SIGN.match(text, at)
            if found is None:
                raise BadFormula(near=text[at : at + 12].strip(), why=gettext("ký hiệu lạ"))
            kind = found.lastgroup or ""
            self.signs.append((kind, found.group(kind)))
            at = found.end()

    def peek(self) -> str:
        return self.signs[self.at][1] if self.at < len(self.signs) else ""

    def take(self) -> tuple[str, str]:
        if self.at >= len(self.signs):
            raise BadFormula(near=self.text[-12:], why=gettext("công thức dở dang"))
        self.at += 1
        return self.signs[self.at - 1]

    def expect(self, sign: str) -> None:
        kind, found = self.take()
        if kind != "sign" or found != sign:
            raise BadFormula(near=found, why=gettext("thiếu dấu %(sign)s") % {"sign": sign})

    def whole(self) -> Node:
        found = self.formula()
        if self.at < len(self.signs):
            raise BadFormula(near=self.peek(), why=gettext("thừa"))
        return found

    def formula(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadFormula(near=self.peek(), why=gettext("lồng quá sâu"))
        found = self.term()
        while self.peek() in ("+", "-"):
            found = Of(self.take()[1], (found, self.term()))
        self.depth -= 1
        return found

    def term(self) -> Node:
        found = self.factor()
        while self.peek() in ("*", "/"):
            found = Of(self.take()[1], (found, self.factor()))
        return found

    def factor(self) -> Node:
        kind, word = self.take()
        if kind == "number":
            if len(word.replace(".", "")) > MOST_DIGITS:
                raise TooGreat()
            return Number(Fraction(word))
        if kind == "name" and word in ("min", "max"):
            self.expect("(")
            parts = [self.formula()]
            while self.peek() == ",":
                self.take()
                parts.append(self.formula())
            self.expect(")")
            return Of(word, tuple(parts))
        if kind == "name":
            return Name(word)
        if word == "(":
            found = self.formula()
            self.expect(")")
            return found
        if word == "-":
            self.depth += 1
            if self.depth > DEEPEST:
                raise BadFormula(near=word, why=gettext("lồng quá sâu"))
            found = Of("-", (Number(Fraction(0)), self.factor()))
            self.depth -= 1
            return found
        raise BadFormula(near=word, why=gettext("không đứng được ở đây"))


@lru_cache(maxsize=500)
def read(text: str, facts: frozenset[str]) -> Node:
    """Read a formula over declared facts. :raises BadFormula: :raises UnknownFact: :raises TooGreat:"""
    found = _Reader(text).whole()
    for name in names(found):
        if name not in facts:
            raise UnknownFact(name=name)
    return found


def names(node: Node) -> list[str]:
    """Return the facts a formula speaks of, each once, in its order."""
    if isinstance(node, Name):
        return [node.name]
    if isinstance(node, Number):
        return []
    return list(dict.fromkeys(name for part in node.parts for name in names(part)))


@lru_cache(maxsize=500)
def names_in(text: str, facts: frozenset[str]) -> tuple[str, ...]:
    """Return the facts that a formula speaks of. :raises BadFormula: :raises UnknownFact: :raises TooGreat:"""
    return tuple(names(read(text, facts)))


@lru_cache(maxsize=500)
def base_in(text: str, facts: frozenset[str]) -> tuple[str, ...]:
    """Return the facts whose rows stand behind a formula. :raises BadFormula: :raises UnknownFact: :raises TooGreat:"""
    return tuple(base_of(read(text, facts)))


def base_of(node: Node) -> list[str]:
    """Return the facts whose rows stand behind a figure: what it divides by, or all of them where it does not divide."""
    found: list[str] = []

    def look(each: Node) -> None:
        if isinstance(each, Of):
            if each.sign == "/":
                found.extend(names(each.parts[1]))
            for part in each.parts:
                look(part)

    look(node)
    return list(dict.fromkeys(found)) or names(node)


def reckon(node: Node, sums: Mapping[str, int]) -> Fraction | None:
    """Return the value of a formula; None where it divides by nothing. :raises TooGreat:"""
    found = _ratio(node, sums)
    return None if found is None else Fraction(*found)


def _ratio(node: Node, sums: Mapping[str, int]) -> tuple[int, int] | None:
    """The value as a numerator over a denominator above nought, not shortened before it must be: far quicker than fractions."""
    if isinstance(node, Number):
        return node.value.numerator, node.value.denominator
    if isinstance(node, Name):
        return sums.get(node.name, 0), 1
    values = []
    for part in node.parts:
        value = _ratio(part, sums)
        if value is None:
            return None
        values.append(value)
    if node.sign in ("min", "max"):
        fractions = [Fraction(*value) for value in values]
        chosen = min(fractions) if node.sign == "min" else max(fractions)
        return chosen.numerator, chosen.denominator
    (a, b), (c, d) = values
    if node.sign == "/":
        if c == 0:
            return None
        n, m = (a * d, b * c) if c > 0 else (-a * d, -b * c)
    elif node.sign == "*":
        n, m = a * c, b * d
    else:
        n, m = (a * d + c * b if node.sign == "+" else a * d - c * b), b * d
    if m > GREATEST or abs(n) > GREATEST:
        shortest = Fraction(n, m)
        n, m = shortest.numerator, shortest.denominator
        if abs(n) > GREATEST**2 or m > GREATEST**2 or abs(n) > GREATEST * m:
            raise TooGreat()
    return n, m
