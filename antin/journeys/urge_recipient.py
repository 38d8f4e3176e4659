"""Urging: the sender's clerk asks a recipient to register what has arrived; recorded on both sides.

And failed deliveries tried again.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.correspondents import queries as correspondents
from antin.exchange import operations as exchange
from antin.exchange import queries as deliveries
from antin.journal import operations as journal
from antin.journeys import sealing, telling
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal

if TYPE_CHECKING:
    from antin.exchange.models import Delivery


class NoSuccessor(Refusal):
    code = "no_successor"
    words = _("%(name)s không có đơn vị kế tiếp đang hoạt động; sửa nơi nhận bằng một văn bản mới.")


def urge(*, delivery_id: int, actor: Actor, at: datetime) -> Delivery:
    """Urge the recipient of a delivery. :raises Refusal: as exchange.urge"""
    with transaction.atomic(durable=True):
        delivery = exchange.urge(delivery_id=delivery_id, actor=actor, at=at)
        sent = delivery.dispatch.document
        assert delivery.arrival_id is not None
        telling.tell(
            "delivery.urged",
            [f"R{delivery.agency_id}"],
            delivery.arrival_id,
            actor=actor,
            at=at,
            code=sent.code,
            subject=sent.subject,
            by=sent.issuer_name,
        )
        journal.record(
            "document.urged",
            subject=("document", delivery.arrival_id),
            actor=actor,
            at=at,
            agency_id=delivery.agency_id,
            by=sent.issuer_name,
        )
    return delivery


def resend(*, delivery_id: int, actor: Actor, today: date, at: datetime) -> Delivery:
    """Try a failed delivery again; a recipient that was closed is replaced by its successor.

    :raises NoSuccessor: it was closed and nobody follows it
    :raises Refusal: as exchange.resend
    """
    with transaction.atomic(durable=True):
        delivery = deliveries.get_for(actor, delivery_id)
        if delivery.agency_id is None:
            return _resend_outside(delivery, actor, at)
        if delivery.agency_id in people.find_open_agencies([delivery.agency_id], today):
            return exchange.resend(delivery_id=delivery_id, actor=actor, at=at)
        sealing.refuse_in_clear(delivery.dispatch.document)
        successor = people.find_successor(delivery.agency_id, today)
        if successor is None:
            raise NoSuccessor(name=delivery.recipient_name)
        return exchange.redirect(
            delivery_id=delivery_id, agency_id=successor.pk, name=successor.name, actor=actor, at=at
        )


def _resend_outside(delivery: Delivery, actor: Actor, at: datetime) -> Delivery:
    """Try an outside delivery again, by the way that leads to it today; a body that is gone is replaced by its successor."""
    assert delivery.correspondent_id is not None
    recipient = correspondents.get(delivery.correspondent_id)
    if recipient.closed_at is None:
        return exchange.resend(delivery_id=delivery.pk, actor=actor, at=at)
    successor = correspondents.find_successor(recipient)
    if successor is None:
        raise NoSuccessor(name=delivery.recipient_name)
    return exchange.redirect(
        delivery_id=delivery.pk, correspondent_id=successor.pk, name=successor.name, actor=actor, at=at
    )
