"""Urging: the sender's clerk asks a recipient to register or to answer, an agency its own people to answer; on record on each side.

And failed deliveries tried again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.correspondents import queries as correspondents
from antin.correspondents.states import Channel
from antin.documents import queries as papers
from antin.documents.states import Status as Stage
from antin.exchange import answering, policy
from antin.exchange import operations as exchange
from antin.exchange import queries as exchanged
from antin.exchange.states import Status
from antin.journal import operations as journal
from antin.journeys import sealing, telling
from antin.nodes import policy as parties
from antin.nodes import queries as members
from antin.outbox import operations as outbox
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.tasks import queries as tasks

if TYPE_CHECKING:
    from antin.exchange.models import Delivery


class NoSuccessor(Refusal):
    code = "no_successor"
    words = _("%(name)s không có đơn vị kế tiếp đang hoạt động; sửa nơi nhận bằng một văn bản mới.")


def urge(*, delivery_id: int, actor: Actor, at: datetime) -> Delivery:
    """Urge the recipient of a delivery to register it, or to answer it: told to its registry, and to whoever has it in hand.

    Recorded on both sides: in the journal of the document sent, and of the one that arrived. To another node it goes as a parcel
    of its own, under the agency's seal (`urging_abroad`).

    :raises Expelled: :raises TakesNoUrging: the other node is no member any more, or too old :raises Refusal: as exchange.urge
    """
    with transaction.atomic(durable=True):
        delivery = exchange.urge(delivery_id=delivery_id, actor=actor, at=at)
        sent = delivery.dispatch.document
        if delivery.channel != Channel.HERE:
            refuse(parties.why_not_urge(members.get_member(delivery.line)))
            moment = at.isoformat()
            outbox.promise(
                "send_urging", key=f"urging:{delivery.pk}:{moment}", delivery_id=delivery.pk, urged_at=moment, tried=0
            )
            return delivery
        assert delivery.arrival_id is not None
        answers = delivery.status != Status.ARRIVED
        day = f"{sent.reply_by:%d/%m/%Y}" if answers and sent.reply_by else ""
        telling.tell(
            "delivery.answer_urged" if answers else "delivery.urged",
            [f"R{delivery.agency_id}", *(_in_hand(delivery.arrival_id) if answers else ())],
            delivery.arrival_id,
            actor=actor,
            at=at,
            code=sent.code,
            subject=sent.subject,
            by=sent.issuer_name,
            **({"day": day} if answers else {}),
        )
        journal.record(
            "document.answer_asked" if answers else "document.urged",
            subject=("document", delivery.arrival_id),
            actor=actor,
            at=at,
            agency_id=delivery.agency_id,
            by=sent.issuer_name,
        )
    return delivery


def tell_urged(arrival_id: int, *, by: str, actor: Actor | None, at: datetime) -> None:
    """Tell the registry, and those who have an arrival in hand, that its sender on another node urges; part of a larger act."""
    document = papers.get(arrival_id)
    answers = document.status not in (Stage.ARRIVED, Stage.SENT_BACK)
    day = f"{document.reply_by:%d/%m/%Y}" if document.reply_by else ""
    if document.status != Stage.SENT_BACK:
        telling.tell(
            "delivery.answer_urged" if answers else "delivery.urged",
            [f"R{document.agency_id}", *(_in_hand(arrival_id) if answers else ())],
            arrival_id,
            actor=actor,
            at=at,
            code=document.code,
            subject=document.subject,
            by=by,
            **({"day": day} if answers else {}),
        )
    journal.record(
        "document.answer_asked" if answers else "document.urged",
        subject=("document", arrival_id),
        actor=actor,
        at=at,
        agency_id=document.agency_id,
        by=by,
    )


def _in_hand(document_id: int) -> list[str]:
    """Who has an arrival in hand: those its open work was given to, or the leader it is presented to."""
    working = [each.holder for each in tasks.list_open_of_document(document_id)]
    waits = papers.get(document_id).next_holder
    return list(dict.fromkeys([*working, *([waits] if waits else [])]))


def urge_own(*, document_id: int, actor: Actor, at: datetime) -> list[str]:
    """Urge those of one's own agency who have an arrival in hand to answer it; whom it was told, by holder.

    :raises NotFound: not his to see :raises NotItsRegistry: :raises AnswerNotAsked: :raises NobodyHasIt: nobody was given it yet
    """
    with transaction.atomic(durable=True):
        document = papers.get_for(actor, document_id)
        refuse(policy.why_not_urge_own(actor, document))
        if not answering.owed(actor).filter(pk=document_id).exists():
            raise policy.AnswerNotAsked
        told = _in_hand(document_id)
        if not told:
            raise policy.NobodyHasIt
        telling.tell(
            "document.answer_urged",
            told,
            document_id,
            actor=actor,
            at=at,
            number=document.arrival_number or 0,
            day=f"{document.reply_by:%d/%m/%Y}",
            subject=document.subject,
            by=actor.person_name,
        )
        journal.record("document.answer_urged", subject=("document", document_id), actor=actor, at=at, told=told)
    return told


@dataclass(frozen=True)
class Urged:
    """What came of urging one of many: `name` says whom, or about what."""

    name: str
    refusal: Refusal | None
    document_id: int | None = None
    delivery_id: int | None = None


def urge_many(*, documents: list[int], deliveries: list[int], actor: Actor, at: datetime) -> list[Urged]:
    """Urge own people about arrivals, and recipients of what was sent: each by itself, what is refused stops nothing."""
    done = []
    for number in documents:
        name, no = "", None
        try:
            name = papers.get_for(actor, number).subject
            urge_own(document_id=number, actor=actor, at=at)
        except Refusal as refusal:
            no = refusal
        done.append(Urged(name, no, document_id=number))
    for number in deliveries:
        name, no = "", None
        try:
            name = exchanged.get_for(actor, number).recipient_name
            urge(delivery_id=number, actor=actor, at=at)
        except Refusal as refusal:
            no = refusal
        done.append(Urged(name, no, delivery_id=number))
    return done


def resend(*, delivery_id: int, actor: Actor, today: date, at: datetime) -> Delivery:
    """Try a failed delivery again; a recipient that was closed is replaced by its successor.

    :raises NoSuccessor: it was closed and nobody follows it
    :raises Refusal: as exchange.resend
    """
    with transaction.atomic(durable=True):
        delivery = exchanged.get_for(actor, delivery_id)
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
