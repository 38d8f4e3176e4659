"""Reading deliveries: the sender's board, what troubles the clerk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from antin.correspondents.states import Channel
from antin.documents import queries as documents
from antin.exchange.models import Answer, Delivery, Dispatch, Incoming, Receipt
from antin.exchange.states import TROUBLED, Status
from antin.people.actor import Actor
from antin.refusal import NotFound


@dataclass(frozen=True)
class Board:
    """One issued document and how far it is at each recipient; `counts` by status."""

    dispatch: Dispatch
    deliveries: list[Delivery]
    counts: dict[str, int]


def lock(delivery_id: int) -> Delivery:
    """Return the delivery, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if found is None:
        raise NotFound()
    return found


def get_for(actor: Actor, delivery_id: int) -> Delivery:
    """Return a delivery of a document the actor may see. :raises NotFound: absent, or not his to see"""
    found = Delivery.objects.select_related("dispatch").filter(pk=delivery_id).first()
    if found is None:
        raise NotFound()
    documents.get_for(actor, found.dispatch.document_id)
    return found


def lock_by_arrival(document_id: int) -> Delivery | None:
    """Return the delivery that brought an incoming document, locked; None for a paper that came by hand."""
    return Delivery.objects.select_for_update().filter(arrival_id=document_id).first()


def lock_incoming(document_id: int) -> Incoming | None:
    """Return where an arrival came from, locked; None when it did not come from outside."""
    return Incoming.objects.select_for_update().filter(document_id=document_id).first()


def lock_answer(answer_id: int) -> Answer:
    """Return a receipt that we owe, locked. :raises NotFound: there is none"""
    found = Answer.objects.select_for_update().filter(pk=answer_id).first()
    if found is None:
        raise NotFound()
    return found


def find_to_hand_over(delivery_id: int) -> Delivery | None:
    """Return a delivery that waits to be handed over to a line; None when it does not any more."""
    return (
        Delivery.objects.select_related("correspondent", "dispatch")
        .filter(pk=delivery_id, status=Status.QUEUED)
        .exclude(channel=Channel.HERE)
        .first()
    )


def find_owed(answer_id: int) -> Answer | None:
    """Return a receipt that still has to be sent; None when it was."""
    return Answer.objects.select_related("incoming__document").filter(pk=answer_id).exclude(status="sent").first()


def find_dispatch(document_id: int) -> Dispatch | None:
    """Return the dispatch of a document, if it was sent."""
    return Dispatch.objects.filter(document_id=document_id).first()


def document_of_dispatch(dispatch_id: int) -> int:
    """Return the id of the document that a dispatch sends."""
    return Dispatch.objects.values_list("document_id", flat=True).get(pk=dispatch_id)


def get_board(actor: Actor, document_id: int) -> Board:
    """Return the delivery board of a document the actor may see. :raises NotFound: not his to see, or not sent yet"""
    document = documents.get_for(actor, document_id)
    dispatch = find_dispatch(document.pk)
    if dispatch is None:
        raise NotFound()
    deliveries = list(Delivery.objects.select_related("correspondent").filter(dispatch=dispatch).order_by("id"))
    counts: dict[str, int] = {}
    for delivery in deliveries:
        counts[delivery.status] = counts.get(delivery.status, 0) + 1
    return Board(dispatch=dispatch, deliveries=deliveries, counts=counts)


def count_by_document(document_ids: list[int]) -> dict[int, dict[str, int]]:
    """Return, for a page of a list, how many deliveries of each document are in each status. One query."""
    rows = (
        Delivery.objects.filter(dispatch__document_id__in=document_ids)
        .values_list("dispatch__document_id", "status")
        .annotate(n=Count("id"))
        .order_by()
    )
    counts: dict[int, dict[str, int]] = {document_id: {} for document_id in document_ids}
    for document_id, status, n in rows:
        counts[document_id][status] = n
    return counts


def list_queued(*, dispatch_id: int, first: int, last: int) -> list[Delivery]:
    """Return the deliveries of a range that have not arrived yet, in order."""
    return list(
        Delivery.objects.select_related("agency")
        .filter(dispatch_id=dispatch_id, id__gte=first, id__lte=last, status__in=(Status.QUEUED, Status.FAILED))
        .filter(channel=Channel.HERE)
        .order_by("id")
    )


def list_troubled(actor: Actor, *, limit: int = 50) -> list[Delivery]:
    """Return the failed deliveries of the actor's agency and those sent back and not seen to, newest first, for its clerks."""
    return list(
        Delivery.objects.select_related("dispatch__document")
        .defer("dispatch__document__search")
        .filter(dispatch__agency_id=actor.agency_id, status__in=TROUBLED, settled_at__isnull=True)
        .order_by("-sent_at", "-id")[:limit]
    )


def list_slow(actor: Actor, before: datetime, *, limit: int = 50) -> list[Delivery]:
    """Return the deliveries of the actor's agency that arrived before a moment and are still not registered there."""
    return list(
        Delivery.objects.select_related("dispatch__document")
        .defer("dispatch__document__search")
        .filter(dispatch__agency_id=actor.agency_id, status=Status.ARRIVED, arrived_at__lt=before)
        .order_by("arrived_at", "id")[:limit]
    )


def count_clerk(actor: Actor, slow_before: datetime) -> dict[str, int]:
    """Return the counts that the clerk's desk shows beside the list: failed, returned, slow."""
    return Delivery.objects.filter(
        dispatch__agency_id=actor.agency_id, status__in=("failed", "returned", "arrived")
    ).aggregate(
        failed=Count("id", filter=Q(status="failed")),
        returned=Count("id", filter=Q(status="returned", settled_at__isnull=True)),
        slow=Count("id", filter=Q(status="arrived", arrived_at__lt=slow_before)),
    )


SLOW = timedelta(days=1)
"""So long after it arrived, what is not registered is slow."""


def count_rows(actor: Actor, slow_before: datetime) -> int:
    """Return how many rows of the clerk's desk speak of what was sent: each failure, each document sent back or slow somewhere."""
    back, slow = Q(status="returned", settled_at__isnull=True), Q(status="arrived", arrived_at__lt=slow_before)
    counts = Delivery.objects.filter(
        Q(status="failed") | back | slow,
        dispatch__agency_id=actor.agency_id,
        status__in=("failed", "returned", "arrived"),
    ).aggregate(
        failed=Count("id", filter=Q(status="failed")),
        back=Count("dispatch", filter=back, distinct=True),
        slow=Count("dispatch", filter=slow, distinct=True),
    )
    return sum(counts.values())


def list_receipts(delivery_ids: list[int]) -> list[Receipt]:
    """Return the receipts of some deliveries in the order they happened."""
    return list(Receipt.objects.filter(delivery_id__in=delivery_ids).order_by("at", "id"))


def list_receipts_of_arrival(document_id: int) -> list[Receipt]:
    """Return what the recipient's acts on an incoming document told its sender, in the order they happened.

    The caller has checked that the document may be seen.
    """
    return list(Receipt.objects.filter(delivery__arrival_id=document_id).order_by("at", "id"))
