"""The statement of an agency's books as one node signs it for another, and the answer to it. Pure; docs/parcels.md.

What a series holds is told by `numbering.moving`; bodies and forms go by their names, for their ids are a node's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from antin.numbering.moving import Layout, NotASeries, Reserved, Told, Voided
from antin.refusal import Refusal

BOOKS, ANSWER = "antin-books/1", "antin-books-answer/1"
LARGEST = 40_000_000
MOST_SERIES, MOST_NUMBERS = 20_000, 5_000_000
TAKEN, GIVEN_BACK = "taken", "given_back"
_DIGEST, _MOVE = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}")
_PLACE = re.compile(r"([1-9]\d{0,6})([a-zđ]{0,2})")


class NotBooks(Refusal):
    code = "not_a_statement_of_books"
    words = _("Không phải bản bàn giao sổ, hoặc nội dung tự mâu thuẫn.")


@dataclass(frozen=True)
class Series:
    """A series with what its lines come to: how many travel along, and the digest over them. `body` and `form` are names."""

    told: Told
    body: str = ""
    form: str = ""
    lines: int = 0
    digest: str = ""


@dataclass(frozen=True)
class Register:
    """The lines of one register book as a file that goes along: "out" or "in", of secret papers or not."""

    book: str
    secret: bool
    sha256: str
    size: int
    rows: int


@dataclass(frozen=True)
class Books:
    """All that one node tells another of the books of an agency. Layouts have the body's name beside them."""

    move: str
    agency: str
    name: str
    sender: str
    receiver: str
    edition: int
    at: datetime
    layouts: tuple[tuple[Layout, str], ...]
    series: tuple[Series, ...]
    registers: tuple[Register, ...]

    def told(self) -> dict[str, Any]:
        return {
            "form": BOOKS,
            "move": self.move,
            "agency": self.agency,
            "name": self.name,
            "from": self.sender,
            "to": self.receiver,
            "edition": self.edition,
            "at": self.at.isoformat(),
            "books": [_tell_layout(layout, body) for layout, body in self.layouts],
            "series": [_tell_series(each) for each in self.series],
            "registers": [each.__dict__ for each in self.registers],
        }

    def totals(self) -> dict[str, int]:
        """Return the counts that a person is shown: every number is one of given, void, kept back; some were put between."""
        told = [each.told for each in self.series]
        return {
            "series": len(told),
            "numbers": sum(each.last for each in told),
            "given": sum(each.count_given + len(each.inserted) for each in told),
            "voided": sum(len(each.voided) for each in told),
            "reserved": sum(len(each.reserved) for each in told),
            "inserted": sum(len(each.inserted) for each in told),
            "lines": sum(each.lines for each in self.series),
        }


def _tell_layout(layout: Layout, body: str) -> dict[str, Any]:
    return {
        "name": layout.name,
        "group": layout.group,
        "types": list(layout.type_codes),
        "secrecy": layout.secrecy_class,
        "restarts": layout.restarts,
        "from_year": layout.from_year,
        "until_year": layout.until_year,
        "basis": layout.basis,
        "body": body,
    }


def _tell_series(each: Series) -> dict[str, Any]:
    told = each.told
    return {
        "book": told.book,
        "year": told.year,
        "group": told.group,
        "secrecy": told.secrecy_class,
        "body": each.body,
        "form": each.form,
        "last": told.last,
        "given": [list(pair) for pair in told.given],
        "inserted": [f"{value}{suffix}" for value, suffix in told.inserted],
        "voided": [
            {"number": f"{void.value}{void.suffix}", "at": void.at.isoformat(), "reason": void.reason}
            for void in told.voided
        ],
        "reserved": [
            {
                "number": f"{kept.value}{kept.suffix}",
                "until": kept.until.isoformat(),
                "reason": kept.reason,
                "by": kept.by,
                "at": kept.at.isoformat(),
            }
            for kept in told.reserved
        ],
        "lines": each.lines,
        "digest": each.digest,
    }


def read(told: Mapping[str, Any]) -> Books:
    """Return the books that a statement tells, none of it contradicting itself. :raises NotBooks:"""
    try:
        few = len(told["series"]) <= MOST_SERIES and sum(each["last"] for each in told["series"]) <= MOST_NUMBERS
        if told["form"] != BOOKS or not few:
            raise NotBooks()
        found = Books(
            move=_matching(_MOVE, told["move"]),
            agency=_words(told["agency"], 64),
            name=_words(told["name"], 300),
            sender=_words(told["from"], 20),
            receiver=_words(told["to"], 20),
            edition=_whole(told["edition"], 0),
            at=_moment(told["at"]),
            layouts=tuple((_layout(each), _words(each["body"], 300, empty=True)) for each in told["books"]),
            series=tuple(_series(each) for each in told["series"]),
            registers=tuple(_register(each) for each in told["registers"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as trouble:
        raise NotBooks() from trouble
    _refuse_twice(found.series, [each.told for each in found.series])
    return found


def _refuse_twice(series: Iterable[Series], told: list[Told]) -> None:
    keys = [(each.told.book, each.told.year, each.told.group, each.told.secrecy_class, each.body) for each in series]
    if len(set(keys)) != len(keys):
        raise NotBooks()


def _words(said: object, most: int, *, empty: bool = False) -> str:
    if not isinstance(said, str) or len(said) > most or not (said.strip() or empty) or "\0" in said:
        raise ValueError(said)
    return said


def _matching(pattern: re.Pattern[str], said: object) -> str:
    if not isinstance(said, str) or not pattern.fullmatch(said):
        raise ValueError(said)
    return said


def _whole(said: object, least: int = 1) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not least <= said < 2**31:
        raise ValueError(said)
    return said


def _moment(said: object) -> datetime:
    moment = datetime.fromisoformat(str(said))
    if moment.tzinfo is None:
        raise ValueError(said)
    return moment


def _layout(told: Mapping[str, Any]) -> Layout:
    until = told["until_year"]
    found = Layout(
        name=_words(told["name"], 200),
        group=_words(told["group"], 20),
        type_codes=tuple(sorted(_words(each, 5) for each in told["types"])),
        secrecy_class=_words(told["secrecy"], 10, empty=True),
        restarts=_words(told["restarts"], 4),
        from_year=_year(told["from_year"]),
        until_year=None if until is None else _year(until),
        basis=_words(told["basis"], 500),
        body_id=None,
    )
    found.check()
    return found


def _year(said: object) -> int:
    year = _whole(said, 1945)
    if year > 2200:
        raise ValueError(said)
    return year


def _series(told: Mapping[str, Any]) -> Series:
    found = Told(
        book=_words(told["book"], 3),
        year=_year(told["year"]),
        group=_words(told["group"], 20, empty=True),
        secrecy_class=_words(told["secrecy"], 10, empty=True),
        body_id=None,
        last=_whole(told["last"]),
        given=tuple((_whole(first), _whole(last)) for first, last in told["given"]),
        inserted=tuple(_place(each) for each in told["inserted"]),
        voided=tuple(
            Voided(*_place(each["number"]), _moment(each["at"]), _words(each["reason"], 500)) for each in told["voided"]
        ),
        reserved=tuple(
            Reserved(
                *_place(each["number"]),
                until=date.fromisoformat(each["until"]),
                reason=_words(each["reason"], 500),
                by=_words(each["by"], 200, empty=True),
                at=_moment(each["at"]),
            )
            for each in told["reserved"]
        ),
    )
    try:
        found.check()
    except NotASeries as trouble:
        raise NotBooks() from trouble
    return Series(
        told=found,
        body=_words(told["body"], 300, empty=True),
        form=_words(told["form"], 200, empty=True),
        lines=_whole(told["lines"], 0),
        digest=_matching(_DIGEST, told["digest"]) if told["digest"] else "",
    )


def _place(said: object) -> tuple[int, str]:
    found = _PLACE.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        raise ValueError(said)
    return int(found[1]), found[2]


def _register(told: Mapping[str, Any]) -> Register:
    if told["book"] not in ("out", "in") or not isinstance(told["secret"], bool):
        raise ValueError(told)
    return Register(
        told["book"], told["secret"], _matching(_DIGEST, told["sha256"]), _whole(told["size"]), _whole(told["rows"])
    )


def named(series: Series, *, body_id: int | None, group: str) -> Told:
    """Return a series with the body and the group as they are called on this node."""
    return replace(series.told, body_id=body_id, group=group)


@dataclass(frozen=True)
class Answer:
    """What became of books that were sent: `said` is taken or given back, `statement` the digest of what is answered."""

    move: str
    statement: str
    agency: str
    sender: str
    receiver: str
    said: str
    reason: str
    at: datetime

    def told(self) -> dict[str, Any]:
        return {
            "form": ANSWER,
            "move": self.move,
            "statement": self.statement,
            "agency": self.agency,
            "from": self.sender,
            "to": self.receiver,
            "said": self.said,
            "reason": self.reason,
            "at": self.at.isoformat(),
        }


def read_answer(told: Mapping[str, Any]) -> Answer:
    """Return the answer that a statement tells. :raises NotBooks:"""
    try:
        if told["form"] != ANSWER or told["said"] not in (TAKEN, GIVEN_BACK):
            raise NotBooks()
        return Answer(
            move=_matching(_MOVE, told["move"]),
            statement=_matching(_DIGEST, told["statement"]),
            agency=_words(told["agency"], 64),
            sender=_words(told["from"], 20),
            receiver=_words(told["to"], 20),
            said=told["said"],
            reason=_words(told["reason"], 500, empty=True),
            at=_moment(told["at"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as trouble:
        raise NotBooks() from trouble
