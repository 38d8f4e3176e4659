"""Writing the journal: plain inserts in the caller's own transaction, with no lock that another act could wait for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

from antin.journal.models import Record


class Actor(Protocol):
    """Who acts, as far as the journal cares; `None` is the node itself. May also carry `on_behalf`, in words."""

    @property
    def person_id(self) -> int | None: ...
    @property
    def person_name(self) -> str: ...
    @property
    def post_id(self) -> int | None: ...
    @property
    def post_title(self) -> str: ...
    @property
    def agency_id(self) -> int | None: ...


@dataclass(frozen=True)
class Entry:
    """One event to be recorded by `record_many`."""

    event: str
    subject: tuple[str, int]
    actor: Actor | None
    at: datetime
    agency_id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def record(
    event: str,
    *,
    subject: tuple[str, int],
    actor: Actor | None,
    at: datetime,
    agency_id: int | None = None,
    **facts: Any,
) -> None:
    """Write down what happened, in the caller's transaction: it stays if and only if the act stays.

    `agency_id` is the agency in whose house it happened; the actor's own when not given.
    Facts are plain: text, whole numbers, truth values, dates, and lists and dicts of these.

    :raises TypeError: a fact is of a kind that cannot be hashed alike everywhere (a float, an object)
    """
    _row(Entry(event, subject, actor, at, agency_id, facts)).save(force_insert=True)


def record_many(entries: Iterable[Entry]) -> None:
    """Write down many events in one statement, in the given order."""
    Record.objects.bulk_create([_row(entry) for entry in entries], batch_size=1000)


def _row(entry: Entry) -> Record:
    if entry.at.tzinfo is None:
        raise TypeError("the journal keeps aware moments only")
    actor = entry.actor
    agency = entry.agency_id if entry.agency_id is not None or actor is None else actor.agency_id
    kind, number = entry.subject
    return Record(
        at=entry.at,
        event=entry.event,
        subject_kind=kind,
        subject_id=number,
        agency_id=agency,
        person_id=actor.person_id if actor else None,
        person_name=actor.person_name if actor else "",
        post_id=actor.post_id if actor else None,
        post_title=actor.post_title if actor else "",
        on_behalf=(getattr(actor, "on_behalf", "") or "") if actor else "",
        facts={key: _plain(value) for key, value in entry.facts.items()},
    )


def _plain(value: Any) -> Any:
    """Return the fact as JSON holds it. Moments become ISO 8601 text, money and ratios decimal text."""
    match value:
        case Enum():
            return _plain(value.value)
        case None | bool() | int() | str():
            return value
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case set() | frozenset():
            return sorted(_plain(inner) for inner in value)
    raise TypeError(f"a journal fact cannot be a {type(value).__name__}")
