"""The table of rules: what is looked at, which article says so, in which words a deviation is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from antin.decree30.anatomy import Anatomy
from antin.decree30.paper import Box, Line

PART = "Phụ lục I, Phần I, "
GENERAL, MAIN, OTHER = PART + "Mục I, khoản ", PART + "Mục II, khoản ", PART + "Mục III, khoản "


@dataclass(frozen=True)
class Hit:
    """One deviation: the line or place, what the words name, and what to write instead where that is certain."""

    line: Line | None = None
    page: int = 0
    box: Box | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    instead: str = ""


Judge = Callable[[Anatomy], Iterator[Hit]]


@dataclass(frozen=True)
class Rule:
    code: str
    article: str
    looks_at: str
    words: str
    judge: Judge


RULES: list[Rule] = []


def rule(code: str, article: str, looks_at: str, words: str) -> Callable[[Judge], Judge]:
    """Enter a rule in the table."""

    def enter(judge: Judge) -> Judge:
        RULES.append(Rule(code, article, looks_at, words, judge))
        return judge

    return enter
