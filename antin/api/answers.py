"""Following answers for machines: what the caller's agency owes, what it awaits, urging, and saying that none is needed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.paging import After, BadCursor, Limit, Page
from antin.api.problems import declared
from antin.exchange import answering, operations
from antin.exchange.answering import Cursor
from antin.journeys import urge_recipient

router = Router(tags=["Answers"])
PROBLEMS = (403, 404, 409, 422)
Ids = Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(max_length=200)]


class AnswerDue(Schema):
    """One answer that is due: ours to an arrival (`owed`), or a recipient's to what we sent (`awaited`, one for each delivery)."""

    document_id: int
    delivery_id: int | None = Field(description="Of `awaited`: what `urge` takes.")
    code: str
    subject: str
    other: str = Field(description="Who sent it, or who owes the answer.")
    reply_by: date
    since: datetime
    urged_at: datetime | None


class Told(Schema):
    """Whom the urging was told: holders, as `listSight` names them."""

    told: list[str]


class WaiveIn(Schema):
    reason: str = Field(min_length=1, max_length=500)


class Waived(Schema):
    document_id: int
    reason: str
    by: str
    at: datetime


@router.get("/answers", auth=READ, response={200: Page[AnswerDue], **declared(403, 422)}, operation_id="listAnswers")
def due(
    request: CalledRequest,
    side: Annotated[Literal["owed", "awaited"], Query(description="Ours, or the recipients'.")] = "owed",
    limit: Limit = 50,
    after: After = "",
) -> dict[str, Any]:
    """The answers that are due, the earliest day first."""
    cursor = Cursor.parse(after)
    if after and cursor is None:
        raise BadCursor
    actor = request.auth.actor
    if side == "awaited":
        theirs, more = answering.list_awaited(actor, after=cursor, limit=limit)
        items = [
            {
                "document_id": each.document.pk,
                "delivery_id": each.delivery.pk,
                "code": each.document.code,
                "subject": each.document.subject,
                "other": each.delivery.recipient_name,
                "reply_by": each.document.reply_by,
                "since": each.delivery.sent_at,
                "urged_at": each.delivery.urged_at,
            }
            for each in theirs
        ]
    else:
        ours, more = answering.list_owed(actor, after=cursor, limit=limit)
        items = [
            {
                "document_id": each.document.pk,
                "delivery_id": None,
                "code": each.document.code,
                "subject": each.document.subject,
                "other": each.document.issuer_name,
                "reply_by": each.document.reply_by,
                "since": each.since,
                "urged_at": each.urged_at,
            }
            for each in ours
        ]
    return {"items": items, "next": str(more) if more else None}


@router.post(
    "/documents/{int:document_id}/answer/urge",
    auth=ACT,
    response={200: Told, **declared(*PROBLEMS)},
    operation_id="urgeAnswer",
)
def urge(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """Urge those of the caller's own agency who have an arrival in hand to answer it."""
    return {"told": urge_recipient.urge_own(document_id=document_id, actor=request.auth.actor, at=timezone.now())}


class UrgeManyIn(Schema):
    """Arrivals whose holders in one's own agency are urged, and deliveries whose recipients are."""

    documents: Ids = []
    deliveries: Ids = []


class UrgedOne(Schema):
    document_id: int | None
    delivery_id: int | None
    code: str = Field(description="Empty, or why it was refused.")
    words: str


@router.post(
    "/answers/urge",
    auth=ACT,
    response={200: list[UrgedOne], **declared(403, 422)},
    operation_id="urgeManyAnswers",
)
def urge_many(request: CalledRequest, given: UrgeManyIn) -> list[dict[str, Any]]:
    """Urge many, each by itself: what came of each, in their order, documents first."""
    actor, at = request.auth.actor, timezone.now()
    return [
        {
            "document_id": each.document_id,
            "delivery_id": each.delivery_id,
            "code": each.refusal.code if each.refusal else "",
            "words": each.refusal.message if each.refusal else "",
        }
        for each in urge_recipient.urge_many(
            documents=list(dict.fromkeys(given.documents)),
            deliveries=list(dict.fromkeys(given.deliveries)),
            actor=actor,
            at=at,
        )
    ]


@router.post(
    "/documents/{int:document_id}/answer/waive",
    auth=ACT,
    response={200: Waived, **declared(*PROBLEMS)},
    operation_id="waiveAnswer",
)
def waive(request: CalledRequest, document_id: int, given: WaiveIn) -> Any:
    """Say that no answer is needed (any more), and why. Saying it again changes nothing."""
    return operations.waive_answer(
        document_id=document_id, reason=given.reason, actor=request.auth.actor, at=timezone.now()
    )
