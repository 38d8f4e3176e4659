"""How far a document is at each recipient, and what the sender may do about it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from ninja import Schema
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents.shapes import PROBLEMS, now, router
from antin.api.problems import declared
from antin.exchange import queries as exchange
from antin.exchange.states import CODES
from antin.exchange.states import Status as Delivered
from antin.journeys import (
    urge_recipient,
)

if TYPE_CHECKING:
    from antin.exchange.models import Delivery as DeliveryRow


class Delivery(Schema):
    """How far a document is at one recipient; `code` is the status of QCVN 102:2016."""

    id: int
    agency_id: int | None
    correspondent_id: int | None
    channel: str = Field(description="here, axis, gateway, node, file.")
    recipient_name: str
    status: str
    code: str
    sent_at: datetime
    arrived_at: datetime | None
    returned_at: datetime | None
    registered_at: datetime | None
    assigned_at: datetime | None
    processing_at: datetime | None
    done_at: datetime | None
    arrival_number: int | None
    return_code: str
    return_words: str
    reply_code: str
    fault: str


class Receipt(Schema):
    delivery_id: int
    kind: str
    code: str
    at: datetime
    facts: dict[str, Any]


class Board(Schema):
    deliveries: list[Delivery]
    receipts: list[Receipt]
    counts: dict[str, int]


def _delivery(row: DeliveryRow) -> dict[str, Any]:
    names = [name for name in Delivery.model_fields if name != "code"]
    return {name: getattr(row, name) for name in names} | {"code": CODES.get(Delivered(row.status), "")}


@router.get(
    "/documents/{int:document_id}/deliveries",
    auth=READ,
    response={200: Board, **declared(403, 404)},
    operation_id="getDeliveries",
)
def deliveries(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """How far the document is at each recipient, and every receipt."""
    board = exchange.get_board(request.auth.actor, document_id)
    receipts = [
        {
            "delivery_id": row.delivery_id,
            "kind": row.kind,
            "code": CODES[Delivered(row.kind)],
            "at": row.at,
            "facts": row.facts,
        }
        for row in exchange.list_receipts([delivery.pk for delivery in board.deliveries])
    ]
    return {"deliveries": [_delivery(row) for row in board.deliveries], "receipts": receipts, "counts": board.counts}


@router.post(
    "/deliveries/{int:delivery_id}/urge", auth=ACT, response={200: Delivery, **declared(*PROBLEMS)}, operation_id="urge"
)
def urge(request: CalledRequest, delivery_id: int) -> dict[str, Any]:
    """Urge a recipient that has not registered the document."""
    return _delivery(urge_recipient.urge(delivery_id=delivery_id, actor=request.auth.actor, at=timezone.now()))


@router.post(
    "/deliveries/{int:delivery_id}/resend",
    auth=ACT,
    response={200: Delivery, **declared(*PROBLEMS)},
    operation_id="resend",
)
def resend(request: CalledRequest, delivery_id: int) -> dict[str, Any]:
    """Try a failed delivery again; a closed recipient is replaced by its successor."""
    today, at = now()
    return _delivery(urge_recipient.resend(delivery_id=delivery_id, actor=request.auth.actor, today=today, at=at))
