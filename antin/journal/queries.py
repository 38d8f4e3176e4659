"""Reading the journal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from antin.journal.models import Record


@dataclass(frozen=True)
class Row:
    """One thing that happened, as it was written down. `person_name` is empty for what the node did by itself."""

    id: int
    at: datetime
    event: str
    subject: tuple[str, int]
    agency_id: int | None
    person_id: int | None
    person_name: str
    post_id: int | None
    post_title: str
    on_behalf: str
    facts: dict[str, Any]


def list_for(subject: tuple[str, int], *, before: int | None = None, limit: int = 200) -> list[Row]:
    """Return what happened to one thing, newest first; `before` is the id of the last row already seen."""
    kind, number = subject
    found = Record.objects.filter(subject_kind=kind, subject_id=number)
    if before is not None:
        found = found.filter(id__lt=before)
    return [_row(record) for record in found.order_by("-id")[:limit]]


def _row(record: Record) -> Row:
    return Row(
        id=record.id,
        at=record.at,
        event=record.event,
        subject=(record.subject_kind, record.subject_id),
        agency_id=record.agency_id,
        person_id=record.person_id,
        person_name=record.person_name,
        post_id=record.post_id,
        post_title=record.post_title,
        on_behalf=record.on_behalf,
        facts=record.facts,
    )
