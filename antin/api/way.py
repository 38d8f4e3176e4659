"""The way of an arrival for machines."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from ninja import Router, Schema
from pydantic import Field

from antin.api.callers import READ, CalledRequest
from antin.api.documents import now
from antin.api.problems import declared
from antin.journeys import follow_arrival

router = Router(tags=["Documents"])


class Step(Schema):
    """One place on the way; it stands after the one it went on from, one deeper."""

    kind: Literal["arrival", "presented", "given", "copied", "letter", "sent"]
    depth: int
    name: str = Field(
        description="Who has it; of the arrival its subject, of a copy or a letter its code, or its subject."
    )
    by: str = Field(description="Who passed it on.")
    role: str = Field(
        description="given: lead, join, inform; copied: the kind of copy; letter: answer, or cover (passed on)."
    )
    status: str = Field(description="Of the document, the task (given) or the delivery (sent).")
    since: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    is_open: bool
    late: bool
    was_late: bool
    arrival_number: int | None
    told: list[str] = Field(description="sent: to whom the recipient gave it, as its receipt says.")
    reply_code: str
    document_id: int | None
    task_id: int | None
    delivery_id: int | None


@router.get(
    "/documents/{int:document_id}/way",
    auth=READ,
    response={200: list[Step], **declared(403, 404)},
    operation_id="getWay",
)
def get_way(request: CalledRequest, document_id: int) -> list[dict[str, Any]]:
    """Whom an arrival was passed on to, by whom, to whom in turn, with each one's deadline and state: a tree, row by row."""
    _today, at = now()
    way = follow_arrival.follow(actor=request.auth.actor, document_id=document_id, at=at)
    return [asdict(step) for step in way.steps]
