"""What a change of rights would do before it is made: who would see how many documents more, and how many no longer.

The change is made and taken back: what is counted follows from the very act, with all its rules, and from the rows that lists obey.
Only numbers come out, by agency and box. An administrator is shown no document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction

from antin.documents import queries as documents
from antin.journeys import close_unit as closing
from antin.people import operations, queries
from antin.people.actor import Actor
from antin.people.operations import PostLine, UnitLine
from antin.people.queries import Sight
from antin.workdays.queries import local_date

MOST_PERSONS = 100
"""So many persons whose sight changes are counted one by one; of more only their number is told."""


@dataclass(frozen=True)
class Changed:
    """One person: documents seen more, and no longer. A number beyond `documents.MOST_COUNTED` is "more than that"."""

    person_id: int
    name: str
    gains: int
    loses: int


@dataclass(frozen=True)
class Ahead:
    """What a change would do on its first day. `kinds` are (gained, agency, box) with how many; `persons` how many are touched."""

    on: date
    persons: int
    rows: tuple[Changed, ...]
    kinds: dict[tuple[bool, int, str], int]

    @property
    def uncounted(self) -> int:
        return self.persons - len(self.rows)

    @property
    def gains(self) -> int:
        return sum(row.gains for row in self.rows)

    @property
    def loses(self) -> int:
        return sum(row.loses for row in self.rows)

    @property
    def matters(self) -> bool:
        """Whether anybody would see anything else."""
        return bool(self.uncounted or self.gains or self.loses)


Made = TypeVar("Made")


class _Over(Exception):
    """The change was looked at, and is taken back."""


def look(
    *,
    change: Callable[[], Made],
    persons: Iterable[int] | Callable[[Made], Iterable[int]],
    on: date,
    sees: Callable[[Made], dict[str, str]] = lambda _made: {},
) -> Ahead:
    """Make a change, see what these persons hold then, take it back, and count. :raises Refusal: as the change itself

    Whom it touches may follow from what it made; one who is new by it held nothing before. `sees` says which holder that is made by
    it sees what which other holder sees today.
    """
    asked: list[int] = []
    after: dict[int, Sight] = {}
    try:
        with transaction.atomic(durable=True):
            made = change()
            asked = sorted(set(persons(made) if callable(persons) else persons))
            like = sees(made)
            after = {
                pk: replace(sight, tokens=frozenset(like.get(each, each) for each in sight.tokens))
                for pk, sight in queries.list_sights(asked, on).items()
            }
            raise _Over
    except _Over:
        pass
    before = queries.list_sights(asked, on)
    touched = [pk for pk in asked if before.get(pk) != after.get(pk)]
    rows, kinds = [], Counter[tuple[bool, int, str]]()
    for pk in touched[:MOST_PERSONS]:
        was, then = before.get(pk, NOTHING), after.get(pk, NOTHING)
        gains = documents.count_seen_only(then.tokens, then.level, was.tokens, was.level)
        loses = documents.count_seen_only(was.tokens, was.level, then.tokens, then.level)
        rows.append(Changed(pk, (then.name or was.name), sum(gains.values()), sum(loses.values())))
        for gained, found in ((True, gains), (False, loses)):
            for (agency_id, box), n in found.items():
                kinds[gained, agency_id, box] += n
    return Ahead(on, len(touched), tuple(rows), dict(kinds))


NOTHING = Sight("", 0, frozenset())


# Each change, with those it touches and its first day.


def appoint(*, person_id: int, post_id: int, since: date, actor: Actor, at: datetime, **more: Any) -> Ahead:
    """Somebody comes into a post. :raises Refusal: as people.appoint"""
    given: dict[str, Any] = {"person_id": person_id, "post_id": post_id, "since": since, "actor": actor, "at": at}
    day = max(since, local_date(at))
    return look(change=lambda: operations.appoint(**given, **more), persons=[person_id], on=day)


def end_appointment(*, appointment_id: int, until: date, actor: Actor, at: datetime, **more: Any) -> Ahead:
    """Somebody leaves a post. :raises Refusal: as people.end_appointment"""
    held = queries.get_appointment_for(actor, appointment_id)
    given: dict[str, Any] = {"appointment_id": appointment_id, "until": until, "actor": actor, "at": at}
    return look(change=lambda: operations.end_appointment(**given, **more), persons=[held.person_id], on=until)


def substitute(*, principal_id: int, substitute_id: int, since: date, actor: Actor, at: datetime, **more: Any) -> Ahead:
    """One post does the work of another. :raises Refusal: as people.substitute"""
    posts = {"principal_id": principal_id, "substitute_id": substitute_id}
    given: dict[str, Any] = {**posts, "since": since, "actor": actor, "at": at}
    day = max(since, local_date(at))
    sitting = queries.list_who_sit(post_ids=[substitute_id], on=day)
    return look(change=lambda: operations.substitute(**given, **more), persons=sitting, on=day)


def end_substitution(*, substitution_id: int, actor: Actor, at: datetime) -> Ahead:
    """A substitution ends. :raises Refusal: as people.end_substitution"""
    found, day = queries.get_substitution_for(actor, substitution_id), local_date(at)
    sitting = queries.list_who_sit(post_ids=[found.substitute_id], on=day)
    given: dict[str, Any] = {"substitution_id": substitution_id, "actor": actor, "at": at}
    return look(change=lambda: operations.end_substitution(**given), persons=sitting, on=day)


def grant_clearance(
    *, person_id: int, level: str, until: date | None, actor: Actor, at: datetime, **more: Any
) -> Ahead:
    """Somebody is cleared for another level. :raises Refusal: as people.grant_clearance"""
    given: dict[str, Any] = {"person_id": person_id, "level": level, "until": until, "actor": actor, "at": at}
    return look(change=lambda: operations.grant_clearance(**given, **more), persons=[person_id], on=local_date(at))


def move_unit(*, unit_id: int, parent_id: int, actor: Actor, at: datetime, **more: Any) -> Ahead:
    """A unit comes under another, with everything below it. :raises Refusal: as people.move_unit"""
    given: dict[str, Any] = {"unit_id": unit_id, "parent_id": parent_id, "actor": actor, "at": at}
    return _of_unit(unit_id, lambda: operations.move_unit(**given, **more), actor, at)


def close_unit(*, unit_id: int, actor: Actor, at: datetime, **more: Any) -> Ahead:
    """A unit is closed, or merged into another. :raises Refusal: as the journey close_unit.close"""
    given: dict[str, Any] = {"unit_id": unit_id, "actor": actor, "at": at}
    return _of_unit(unit_id, lambda: closing.carry_out(**given, **more), actor, at)


def _of_unit(unit_id: int, change: Callable[[], object], actor: Actor, at: datetime) -> Ahead:
    unit, day = queries.get_unit_for(actor, unit_id), local_date(at)
    return look(change=change, persons=queries.list_who_sit(path=unit.path, on=day), on=day)


def import_organisation(*, units: Sequence[UnitLine], posts: Sequence[PostLine], actor: Actor, at: datetime) -> Ahead:
    """A table is taken in: whoever comes into a post by it, on the day the last of them does. Its lines have no fault."""
    day = max([local_date(at), *(line.since for line in posts if line.since)])
    given: dict[str, Any] = {"units": units, "posts": posts, "keep": True, "actor": actor, "at": at}
    return look(change=lambda: operations.import_organisation(**given), persons=lambda done: done.seated, on=day)
