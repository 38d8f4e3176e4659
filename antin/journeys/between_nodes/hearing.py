"""What a partner said: messages of a line or a stick taken in, deliveries that failed there, what was not believed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import queries as papers
from antin.exchange import operations as exchange
from antin.exchange import queries as deliveries
from antin.exchange.states import Status
from antin.journeys import give_memory, telling, urging_abroad
from antin.journeys.between_nodes.faults import BrokeItsTaker
from antin.nodes import operations as nodes
from antin.nodes import parcels, statements
from antin.nodes import queries as members
from antin.notices import operations as notices
from antin.notices.operations import News
from antin.people import queries as people
from antin.people.states import Role
from antin.refusal import Refusal
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.exchange.models import Delivery
    from antin.nodes.models import Parcel

REJECTED = _("Đã từ chối dữ liệu mang tên nút %(sender)s: %(words)s")


def accept(*, message: bytes, way: str, at: datetime) -> bool:
    """Take one message of a line or a stick in; False when it was refused, which is recorded. Durable when this returns."""
    [taken] = accept_many(messages=[message], way=way, at=at)
    return taken


def accept_many(*, messages: Sequence[bytes], way: str, at: datetime) -> list[bool]:
    """Take messages in, in the order in which they came; False for each that was refused, which is recorded. Durable after."""
    done = []
    for message, accepted in zip(messages, nodes.accept_many(messages=messages, way=way, at=at), strict=True):
        if accepted.refusal is not None:
            reject(_claimed(message), accepted.refusal, at)
        elif accepted.stated is not None:
            for parcel in accepted.stated.stuck:
                _fail_delivery(parcel, at)
                urging_abroad.not_taken(parcel, at)
            for parcel in accepted.stated.lost:
                _give_back(parcel, at)
        done.append(accepted.refusal is None)
    return done


def give_up(*, message: bytes, trouble: Exception, at: datetime) -> None:
    """Let a message go that breaks whoever takes it; its sender keeps the parcel and sends it again, later and later."""
    reject(_claimed(message), BrokeItsTaker(what=type(trouble).__name__), at)


def _give_back(parcel: Parcel, at: datetime) -> None:
    """Let a partner that lost a parcel, restored from its backup, get the receipts it had signed for it together with it."""
    delivery = give_memory.delivery_of(parcel)
    if delivery is not None:
        chain = [bytes(each.content) for each in deliveries.list_links(delivery.pk)]
        nodes.give_back(parcel_id=parcel.pk, receipts=chain, actor=None, at=at)


def _claimed(message: bytes) -> str:
    """Which node of the directory a message that is not believed claims to be from; "?" for any other of many names."""
    try:
        signed = parcels.split(message)[0] if message.startswith(parcels.PARCEL_MAGIC) else message
        return members.get_member(str(statements.peek(signed).get("from"))).code
    except Refusal:
        return "?"


def _fail_delivery(parcel: Parcel, at: datetime) -> None:
    """A partner could not take a parcel: its delivery has failed, in the partner's words."""
    delivery = give_memory.delivery_of(parcel)
    if delivery is not None:
        fail(delivery, parcel.fault_code, parcel.fault, at)


def fail(delivery: Delivery, code: str, words: str, at: datetime) -> None:
    """A node will not have a delivery: it goes after its agency when that has moved to another one, else its clerk is told."""
    with transaction.atomic(durable=True):
        after = exchange.fail(delivery_id=delivery.pk, code=code[:30], words=words, actor=None, at=at)
        if after.status == Status.FAILED and not exchange.follow(delivery_id=delivery.pk, actor=None, at=at):
            document = papers.get(delivery.dispatch.document_id)
            telling.tell(
                "delivery.failed",
                [f"R{document.agency_id}"],
                document.pk,
                actor=None,
                at=at,
                code=document.code,
                to=delivery.recipient_name,
                words=words,
            )


def reject(sender: str, no: Refusal, at: datetime) -> None:
    """Record that something was not believed; administrators are told of the first of a kind each day."""
    row = nodes.reject(sender=sender, refusal=no, actor=None, at=at)
    holders = _administrators(at)
    if row.count > 1 or not holders:
        return
    news = News(
        holders,
        "parcel.rejected",
        REJECTED,
        ("rejection", row.pk),
        {"sender": row.sender, "words": row.words},
        "/administration/nodes",
        f"rejected:{row.pk}",
    )
    with transaction.atomic(durable=True):
        notices.tell_many([news], actor=None, at=at)


def _administrators(at: datetime) -> list[str]:
    root = people.find_root()
    if root is None:
        return []
    rows = people.find_posts_with_role(agency_id=root.pk, role=Role.ADMINISTRATOR, on=local_date(at))
    return [f"P{row.id}" for row in rows]
