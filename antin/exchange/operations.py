"""Sending, arriving, and what the recipients' acts report back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from antin.documents import queries as documents
from antin.documents.models import Document
from antin.exchange import policy, queries, states
from antin.exchange.models import Delivery, Dispatch, Receipt
from antin.exchange.states import RANK, STEP_OF, Status
from antin.journal import operations as journal
from antin.outbox import operations as outbox
from antin.people.actor import Actor
from antin.refusal import NotFound, refuse

CHUNK = 200  # deliveries one promise carries: large enough to share the work, small enough to fail alone


@transaction.atomic
def dispatch(*, document_id: int, actor: Actor | None, at: datetime) -> Dispatch:
    """Send an issued document to all its recipients: one dispatch, a delivery each, promises to deliver.

    Repeating it changes nothing.
    """
    document = documents.lock(document_id)
    done = queries.find_dispatch(document_id)
    if done is not None:
        return done
    sent = Dispatch.objects.create(document=document, agency_id=document.agency_id, at=at)
    deliveries = Delivery.objects.bulk_create(
        Delivery(dispatch=sent, agency_id=recipient.agency_id, recipient_name=recipient.name, sent_at=at)
        for recipient in documents.list_recipient_agencies(document_id)
    )
    for start in range(0, len(deliveries), CHUNK):
        part = deliveries[start : start + CHUNK]
        outbox.promise(
            "deliver", key=f"deliver:{sent.pk}:{part[0].pk}", dispatch_id=sent.pk, first=part[0].pk, last=part[-1].pk
        )
    journal.record(
        "document.dispatched",
        subject=("document", document_id),
        actor=actor,
        at=at,
        agency_id=document.agency_id,
        recipients=len(deliveries),
    )
    return sent


@transaction.atomic
def record_arrivals(*, dispatch_id: int, arrivals: dict[int, int], actor: Actor | None, at: datetime) -> int:
    """Record that deliveries arrived (delivery id -> the incoming document's id), each once, in a fixed number of statements."""
    rows = list(
        Delivery.objects.select_for_update()
        .filter(dispatch_id=dispatch_id, pk__in=arrivals, status__in=states.STEPS["arrive"][0])
        .order_by("id")
    )
    for row in rows:
        row.status = states.step("arrive", row.status)
    with connection.cursor() as cursor:  # the ORM would write a CASE of two hundred branches for each column
        cursor.execute(
            "UPDATE exchange_delivery AS delivery"
            " SET status = %s, arrival_id = come.arrival, arrived_at = %s, fault = '', fault_code = '', attempts = attempts + 1"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS come(delivery, arrival) WHERE delivery.id = come.delivery",
            [Status.ARRIVED, at, [row.pk for row in rows], [arrivals[row.pk] for row in rows]],
        )
    Receipt.objects.bulk_create(
        [Receipt(delivery=row, kind=Status.ARRIVED, at=at) for row in rows], ignore_conflicts=True
    )
    if rows:
        sent = Dispatch.objects.get(pk=dispatch_id)
        journal.record(
            "delivery.arrived",
            subject=("document", sent.document_id),
            actor=actor,
            at=at,
            agency_id=sent.agency_id,
            recipients=[row.recipient_name for row in rows],
        )
    return len(rows)


@transaction.atomic
def fail(*, delivery_id: int, code: str, words: str, actor: Actor | None, at: datetime) -> Delivery:
    """Record that a delivery cannot be made, with the reason for the sender's clerk. A delivery that has arrived is left alone."""
    delivery = queries.lock(delivery_id)
    if delivery.status not in states.STEPS["fail"][0]:
        return delivery
    delivery.status = states.step("fail", delivery.status)
    delivery.fault_code, delivery.fault = code, words[:500]
    delivery.attempts = F("attempts") + 1
    delivery.save(update_fields=["status", "fault_code", "fault", "attempts"])
    sent = Dispatch.objects.get(pk=delivery.dispatch_id)
    journal.record(
        "delivery.failed",
        subject=("document", sent.document_id),
        actor=actor,
        at=at,
        agency_id=sent.agency_id,
        recipient=delivery.recipient_name,
        words=delivery.fault,
    )
    delivery.refresh_from_db()
    return delivery


@transaction.atomic
def report(*, arrival_id: int, kind: Status, actor: Actor | None, at: datetime, **facts: Any) -> Delivery | None:
    """Tell the sender what the recipient did with an incoming document; a paper that came by hand has nobody to tell.

    Once per delivery and kind; a receipt that comes late is kept and does not move the delivery back.
    Source: QCVN 102:2016, status messages 01-06.
    """
    delivery = queries.lock_by_arrival(arrival_id)
    if delivery is None:
        return None
    _, fresh = Receipt.objects.get_or_create(delivery=delivery, kind=kind, defaults={"at": at, "facts": facts})
    if not fresh:
        return delivery
    setattr(delivery, f"{kind.value}_at", at)
    for name in ("arrival_number", "return_code", "return_words", "reply_code"):
        if name in facts:
            setattr(delivery, name, facts[name])
    if delivery.status in states.STEPS[STEP_OF[kind]][0]:
        delivery.status = states.step(STEP_OF[kind], delivery.status)
    elif RANK[Status(delivery.status)] < RANK[kind] and delivery.status not in states.FINAL:
        delivery.status = kind
    delivery.save()
    sent = Dispatch.objects.get(pk=delivery.dispatch_id)
    journal.record(
        f"delivery.{kind.value}",
        subject=("document", sent.document_id),
        actor=actor,
        at=at,
        agency_id=sent.agency_id,
        recipient=delivery.recipient_name,
        **facts,
    )
    return delivery


def _own(actor: Actor, delivery: Delivery) -> Document:
    return documents.get_for(actor, Dispatch.objects.get(pk=delivery.dispatch_id).document_id)


@transaction.atomic
def resend(*, delivery_id: int, actor: Actor, at: datetime) -> Delivery:
    """Try a failed delivery again."""
    delivery = queries.lock(delivery_id)
    document = _own(actor, delivery)
    refuse(policy.why_not_resend(actor, document, delivery))
    delivery.status = states.step("retry", delivery.status)
    delivery.fault, delivery.fault_code = "", ""
    delivery.save(update_fields=["status", "fault", "fault_code"])
    outbox.promise(
        "deliver",
        key=f"deliver:{delivery.dispatch_id}:{delivery.pk}:{delivery.attempts}",
        dispatch_id=delivery.dispatch_id,
        first=delivery.pk,
        last=delivery.pk,
    )
    journal.record(
        "delivery.resent", subject=("document", document.pk), actor=actor, at=at, recipient=delivery.recipient_name
    )
    return delivery


@transaction.atomic
def redirect(*, delivery_id: int, agency_id: int, name: str, actor: Actor, at: datetime) -> Delivery:
    """Send a failed delivery to the unit's successor instead. :raises NotFound: the document already goes to that agency"""
    delivery = queries.lock(delivery_id)
    document = _own(actor, delivery)
    refuse(policy.why_not_resend(actor, document, delivery))
    if Delivery.objects.filter(dispatch_id=delivery.dispatch_id, agency_id=agency_id).exists():
        raise NotFound()
    was = delivery.recipient_name
    delivery.agency_id, delivery.recipient_name = agency_id, name
    delivery.save(update_fields=["agency_id", "recipient_name"])
    journal.record(
        "delivery.redirected", subject=("document", document.pk), actor=actor, at=at, was=was, recipient=name
    )
    return resend(delivery_id=delivery_id, actor=actor, at=at)


@transaction.atomic
def urge(*, delivery_id: int, actor: Actor, at: datetime) -> Delivery:
    """Urge a recipient that has not registered the document yet; the caller tells the recipient."""
    delivery = queries.lock(delivery_id)
    document = _own(actor, delivery)
    refuse(policy.why_not_urge(actor, document, delivery))
    delivery.urged_at = at
    delivery.save(update_fields=["urged_at"])
    journal.record(
        "delivery.urged", subject=("document", document.pk), actor=actor, at=at, recipient=delivery.recipient_name
    )
    return delivery


@transaction.atomic
def settle(*, delivery_id: int, actor: Actor, at: datetime) -> Delivery:
    """Note that what a recipient sent back was seen to (another document, another recipient, nothing): it leaves the desk.

    The delivery stays returned, with its reason.
    """
    delivery = queries.lock(delivery_id)
    document = _own(actor, delivery)
    refuse(policy.why_not_settle(actor, document, delivery))
    delivery.settled_at = at
    delivery.save(update_fields=["settled_at"])
    journal.record(
        "delivery.settled", subject=("document", document.pk), actor=actor, at=at, recipient=delivery.recipient_name
    )
    return delivery
