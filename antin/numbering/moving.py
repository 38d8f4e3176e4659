"""What a series holds, as one node tells it to another: which numbers were given, which are void or kept back, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from antin.numbering.states import Restart

MOST = 1_000_000
"""No series of an agency comes so far."""
Place = tuple[int, str]
"""A number and its letter, "" for the sequence itself."""


class NotASeries(ValueError):
    """What is told of a series contradicts itself."""


@dataclass(frozen=True)
class Voided:
    value: int
    suffix: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Reserved:
    value: int
    suffix: str
    until: date
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Told:
    """One series. `given` are ranges of the sequence, `inserted` numbers with letters; a number stands in one place only."""

    book: str
    year: int
    group: str
    secrecy_class: str
    body_id: int | None
    last: int
    given: tuple[tuple[int, int], ...]
    inserted: tuple[Place, ...]
    voided: tuple[Voided, ...]
    reserved: tuple[Reserved, ...]

    def places(self) -> Iterator[Place]:
        """Every number it has, each once."""
        for first, last in self.given:
            yield from ((value, "") for value in range(first, last + 1))
        yield from self.inserted
        yield from ((each.value, each.suffix) for each in self.voided)
        yield from ((each.value, each.suffix) for each in self.reserved)

    @property
    def count_given(self) -> int:
        return sum(last - first + 1 for first, last in self.given)

    def check(self) -> None:
        """:raises NotASeries: a number stands in it twice, is none, or lies behind the last"""
        if not 1 <= self.last <= MOST or self.book not in ("out", "in"):
            raise NotASeries(self.last)
        if any(not 1 <= first <= last <= self.last for first, last in self.given):
            raise NotASeries(self.given)
        seen: set[Place] = set()
        for place in self.places():
            if place in seen or not 1 <= place[0] <= self.last or len(place[1]) > 2:
                raise NotASeries(place)
            seen.add(place)
        if any(not suffix for _value, suffix in self.inserted):
            raise NotASeries(self.inserted)
        if not all([each.reason.strip() for each in self.voided] + [each.reason.strip() for each in self.reserved]):
            raise NotASeries("reason")


@dataclass(frozen=True)
class Layout:
    """A book as it was laid out: which types share which series. `group` is the name of the series at the node that tells it."""

    name: str
    group: str
    type_codes: tuple[str, ...]
    secrecy_class: str
    restarts: str
    from_year: int
    until_year: int | None
    basis: str
    body_id: int | None

    @property
    def same(self) -> tuple[object, ...]:
        """What tells it from other books, at any node."""
        return self.type_codes, self.secrecy_class, self.restarts, self.from_year, self.body_id

    def check(self) -> None:
        """:raises NotASeries:"""
        if not self.type_codes or self.restarts not in Restart.values or not self.group:
            raise NotASeries(self.name)


def ranges(values: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return rising numbers as ranges, both ends inclusive."""
    found: list[tuple[int, int]] = []
    for value in values:
        if found and found[-1][1] == value - 1:
            found[-1] = (found[-1][0], value)
        else:
            found.append((value, value))
    return tuple(found)
