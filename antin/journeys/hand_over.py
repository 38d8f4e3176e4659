"""Beat 5, outside: a delivery is handed over to the channel of its agency; our receipts go back by the one a paper came by.

A channel is a `Carrier`: two functions that speak to a line and know nothing of states. Prepare, speak (no transaction, no lock),
conclude; each may be repeated. What a line refuses for good is a failure in words for the clerk; what time can cure is tried
again by itself. A crash between the line's yes and our record hands the same document over twice: its identifier makes it one
for the receiver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.correspondents.states import Channel
from antin.documents import queries as documents
from antin.exchange import operations as exchange
from antin.exchange import queries as deliveries
from antin.exchange.channels.wire import LineFault
from antin.journeys import between_nodes, over_line, telling

if TYPE_CHECKING:
    from antin.exchange.models import Answer, ChangeReply, Delivery


class ChannelNotOpen(LineFault):
    code = "channel_not_open"
    words = _("Kênh “%(channel)s” chưa được mở ở nút này.")
    final = True


class SecretOverOpenLine(LineFault):
    code = "secret_over_open_line"
    words = _("Văn bản mật không đi qua kênh “%(channel)s”.")
    final = True


@dataclass(frozen=True)
class Carrier:
    """One channel. Each returns the line's own identifier of what it took, and raises `LineFault`; none is in a transaction.

    `secret`: what was sealed to its readers may take it; what was not never does.
    """

    carry: Callable[[Delivery, datetime], str]
    answer: Callable[[Answer, datetime], str]
    ask: Callable[[ChangeReply, datetime], str]
    secret: bool = False


_LINE = Carrier(over_line.carry, over_line.answer, over_line.ask)
_PARCEL = Carrier(between_nodes.carry, between_nodes.answer, between_nodes.ask, secret=True)
CARRIERS: dict[Channel, Carrier] = {
    Channel.AXIS: _LINE,
    Channel.GATEWAY: _LINE,
    Channel.NODE: _PARCEL,
    Channel.FILE: _PARCEL,
}
"""Every channel that this node can walk. What is not here is refused in words."""


def hand_over(*, delivery_id: int, at: datetime) -> None:
    """Hand one outside delivery over to its channel; one that waits no more is left alone."""
    delivery = deliveries.find_to_hand_over(delivery_id)
    if delivery is None:
        return
    document = documents.get_issued(delivery.dispatch.document_id)
    channel = Channel(delivery.channel)
    try:
        carrier = _carrier(channel)
        if document.secrecy and not (carrier.secret and document.classified_id is not None):
            raise SecretOverOpenLine(channel=channel.label)
        reference = carrier.carry(delivery, at)
    except LineFault as fault:
        _conclude_fault(delivery, document.agency_id, document.code, fault, at)
        return
    with transaction.atomic(durable=True):
        exchange.record_handed_over(delivery_id=delivery_id, reference=reference, actor=None, at=at)


def _carrier(channel: Channel) -> Carrier:
    carrier = CARRIERS.get(channel)
    if carrier is None:
        raise ChannelNotOpen(channel=channel.label)
    return carrier


def _conclude_fault(delivery: Delivery, agency_id: int, code: str, fault: LineFault, at: datetime) -> None:
    with transaction.atomic(durable=True):
        act = exchange.fail if fault.final else exchange.postpone
        after = act(delivery_id=delivery.pk, code=fault.code[:30], words=fault.message, actor=None, at=at)
        if after.status == "failed":
            telling.tell(
                "delivery.failed",
                [f"R{agency_id}"],
                delivery.dispatch.document_id,
                actor=None,
                at=at,
                code=code,
                to=delivery.recipient_name,
                words=after.fault,
            )


def answer(*, answer_id: int, at: datetime) -> None:
    """Send one receipt of ours to the outside sender; one that was sent is left alone."""
    owed = deliveries.find_owed(answer_id)
    if owed is None:
        return
    try:
        reference = _carrier(Channel(owed.incoming.channel)).answer(owed, at)
    except LineFault as fault:
        with transaction.atomic(durable=True):
            exchange.postpone_answer(answer_id=answer_id, words=fault.message, final=fault.final, actor=None, at=at)
        return
    with transaction.atomic(durable=True):
        exchange.record_answered(answer_id=answer_id, reference=reference, actor=None, at=at)


def carry_change(*, reply_id: int, at: datetime) -> None:
    """Ask one outside holder of a document what its sender asks of all; one that was asked, or has answered, is left alone."""
    reply = deliveries.find_to_carry(reply_id)
    if reply is None or reply.delivery is None or reply.change.document is None:
        return
    channel, by = Channel(reply.delivery.channel), reply.change.by
    try:
        carrier = _carrier(channel)
        if by is not None and by.secrecy and not carrier.secret:
            raise SecretOverOpenLine(channel=channel.label)
        reference = carrier.ask(reply, at)
    except LineFault as fault:
        _conclude_unasked(reply, fault, at)
        return
    with transaction.atomic(durable=True):
        exchange.record_change_carried(reply_id=reply_id, reference=reference, actor=None, at=at)


def _conclude_unasked(reply: ChangeReply, fault: LineFault, at: datetime) -> None:
    document = reply.change.document
    assert document is not None
    with transaction.atomic(durable=True):
        after = exchange.postpone_change(reply_id=reply.pk, words=fault.message, final=fault.final, actor=None, at=at)
        if after.retry_at is None and after.carried_at is None:
            telling.tell(
                "change.not_carried",
                [f"R{document.agency_id}"],
                document.pk,
                actor=None,
                at=at,
                code=document.code,
                to=reply.whom,
                words=after.fault,
            )
