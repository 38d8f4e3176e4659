"""Sending, arriving, and what the recipients' acts report back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_noop as _

from antin.correspondents.models import Correspondent
from antin.correspondents.states import Channel
from antin.documents import queries as documents
from antin.documents.models import Document
from antin.exchange import answering, policy, queries, states
from antin.exchange.models import Answer, Delivery, Dispatch, Incoming, NoAnswer, Receipt, SignedReceipt
from antin.exchange.operations.asking import ask_latecomers
from antin.exchange.operations.waiting import TRIES, WAITS
from antin.exchange.states import RANK, STEP_OF, AnswerStatus, Status
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.outbox import operations as outbox
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.workdays.queries import local_date

CHUNK = 200  # deliveries one promise carries: large enough to share the work, small enough to fail alone


@transaction.atomic
def dispatch(*, document_id: int, actor: Actor | None, at: datetime) -> Dispatch:
    """Send an issued document to all its recipients: one dispatch, a delivery each, promises to deliver.

    Agencies of this node share a promise of two hundred (`deliver`); each one outside has its own (`hand_over`), so that a slow or
    dead line holds nobody else up. Repeating it changes nothing.
    """
    document = documents.lock(document_id)
    done = queries.find_dispatch(document_id)
    if done is not None:
        return done
    sent = Dispatch.objects.create(document=document, agency_id=document.agency_id, at=at)
    deliveries = Delivery.objects.bulk_create(
        Delivery(
            dispatch=sent,
            agency_id=recipient.agency_id,
            correspondent_id=recipient.correspondent_id,
            channel=recipient.correspondent.channel if recipient.correspondent else Channel.HERE,
            line=recipient.correspondent.line if recipient.correspondent else "",
            recipient_name=recipient.name,
            sent_at=at,
        )
        for recipient in documents.list_recipient_agencies(document_id)
    )
    here = [delivery for delivery in deliveries if delivery.channel == Channel.HERE]
    for start in range(0, len(here), CHUNK):
        part = here[start : start + CHUNK]
        outbox.promise(
            "deliver", key=f"deliver:{sent.pk}:{part[0].pk}", dispatch_id=sent.pk, first=part[0].pk, last=part[-1].pk
        )
    outside = [delivery for delivery in deliveries if delivery.channel != Channel.HERE]
    outbox.promise_many("hand_over", of={f"hand_over:{each.pk}:0": {"delivery_id": each.pk} for each in outside})
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
        row.status, row.arrival_id = states.step("arrive", row.status), arrivals[row.pk]
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
        ask_latecomers(rows, sent.document_id)
    return len(rows)


@transaction.atomic
def fail(*, delivery_id: int, code: str, words: str, actor: Actor | None, at: datetime) -> Delivery:
    """Record that a delivery cannot be made, with the reason for the sender's clerk. A delivery that has arrived is left alone."""
    delivery = queries.lock(delivery_id)
    if delivery.status not in states.STEPS["fail"][0]:
        return delivery
    delivery.status = states.step("fail", delivery.status)
    delivery.fault_code, delivery.fault, delivery.retry_at = code, words[:500], None
    delivery.attempts = F("attempts") + 1
    delivery.save(update_fields=["status", "fault_code", "fault", "retry_at", "attempts"])
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

    Once per delivery and kind; a receipt that comes late is kept and does not move the delivery back. A sender outside the node is
    owed an answer instead, over the channel the document came by, and there is no delivery to return.
    Source: QCVN 102:2016, status messages 01-06.
    """
    delivery = queries.lock_by_arrival(arrival_id)
    if delivery is None:
        _owe(arrival_id, kind, at, facts)
        return None
    return _receive(delivery, kind, actor=actor, at=at, facts=facts)


@transaction.atomic
def record_receipt(
    *, delivery_id: int, kind: Status, actor: Actor | None, at: datetime, facts: dict[str, Any] | None = None
) -> Delivery:
    """Take in what an agency outside the node reported of a delivery; `at` is the moment of its act.

    Once per kind, however often and in whatever order it comes.
    """
    return _receive(queries.lock(delivery_id), kind, actor=actor, at=at, facts=facts or {})


def _receive(delivery: Delivery, kind: Status, *, actor: Actor | None, at: datetime, facts: dict[str, Any]) -> Delivery:
    _, fresh = Receipt.objects.get_or_create(delivery=delivery, kind=kind, defaults={"at": at, "facts": facts})
    if not fresh:
        return delivery
    outran_us = delivery.status in states.STEPS["hand_over"][0]
    if delivery.status == Status.WITHHELD:
        delivery.status = states.step("hand_over", delivery.status)
    setattr(delivery, f"{kind.value}_at", at)
    for name in ("arrival_number", "return_code", "return_words", "reply_code"):
        if name in facts:
            setattr(delivery, name, facts[name])
    if delivery.status in states.STEPS[STEP_OF[kind]][0]:
        delivery.status = states.step(STEP_OF[kind], delivery.status)
    elif kind == Status.RETURNED and delivery.status not in states.FINAL and not _was_later(delivery, at):
        delivery.status = kind  # agencies outside send back what they had taken in already
    elif RANK[Status(delivery.status)] < RANK[kind] and delivery.status not in states.FINAL:
        delivery.status = kind
    delivery.fault, delivery.fault_code, delivery.retry_at = "", "", None
    delivery.save()
    sent = Dispatch.objects.get(pk=delivery.dispatch_id)
    journal.record(
        f"delivery.{kind.value}",
        subject=("document", sent.document_id),
        actor=actor,
        at=at,
        agency_id=sent.agency_id,
        recipient=delivery.recipient_name,
        recipients=[delivery.recipient_name],
        **facts,
    )
    if outran_us:
        ask_latecomers([delivery], sent.document_id)
    return delivery


def _was_later(delivery: Delivery, at: datetime) -> bool:
    return delivery.receipts.filter(at__gt=at).exists()


def _owe(arrival_id: int, kind: str, at: datetime, facts: dict[str, Any], about: str = "") -> None:
    """Owe the outside sender of an arrival one receipt of a kind (about one question); a paper by hand owes none."""
    incoming = queries.lock_incoming(arrival_id)
    if incoming is None:
        return
    given = {"at": at, "facts": facts}
    answer, fresh = Answer.objects.get_or_create(incoming=incoming, kind=kind, about=about, defaults=given)
    if fresh:
        outbox.promise("answer", key=f"answer:{answer.pk}:0", answer_id=answer.pk)


@transaction.atomic
def answer_change(
    *, arrival_id: int, agreed: bool, words: str, about: str = "", actor: Actor | None, at: datetime
) -> bool:
    """Owe an outside sender the answer to his recall or change of a document: 15 agreed, 16 refused, with words; once each.

    `about` is the question's reference. False when the arrival did not come from outside. Source: QCVN 102:2016, 15 and 16.
    """
    if queries.find_incoming(arrival_id) is None:
        return False
    _owe(arrival_id, "change_agreed" if agreed else "change_refused", at, {"return_words": words[:1000]}, about)
    return True


# Over a line ----------------------------------------------------------------------------------------------------------------


@transaction.atomic
def record_handed_over(*, delivery_id: int, reference: str, actor: Actor | None, at: datetime) -> Delivery:
    """Record that a line took a delivery and called it `reference`; one that is further already keeps its place."""
    delivery = queries.lock(delivery_id)
    if delivery.status not in states.STEPS["hand_over"][0]:
        if not delivery.reference:
            delivery.reference, delivery.handed_at = reference[:200], at
            delivery.save(update_fields=["reference", "handed_at"])
        return delivery
    delivery.status = states.step("hand_over", delivery.status)
    delivery.reference, delivery.handed_at = reference[:200], at
    delivery.fault, delivery.fault_code, delivery.retry_at = "", "", None
    delivery.attempts += 1
    delivery.save()
    sent = Dispatch.objects.get(pk=delivery.dispatch_id)
    journal.record(
        "delivery.handed_over",
        subject=("document", sent.document_id),
        actor=actor,
        at=at,
        agency_id=sent.agency_id,
        recipient=delivery.recipient_name,
        channel=delivery.channel,
        line=delivery.line,
        reference=delivery.reference,
    )
    ask_latecomers([delivery], sent.document_id)
    return delivery


@transaction.atomic
def postpone(*, delivery_id: int, code: str, words: str, actor: Actor | None, at: datetime) -> Delivery:
    """Record that the line was at fault and promise another try; when the tries are used up, the delivery has failed."""
    delivery = queries.lock(delivery_id)
    if delivery.status != Status.QUEUED:
        return delivery
    if (delivery.attempts + 1) % TRIES == 0:  # what the clerk ordered again has all its tries again
        return fail(delivery_id=delivery_id, code=code, words=words, actor=actor, at=at)
    delivery.retry_at = at + WAITS[min(delivery.attempts % TRIES, len(WAITS) - 1)]
    delivery.attempts += 1
    delivery.fault_code, delivery.fault = code, words[:500]
    delivery.save(update_fields=["retry_at", "attempts", "fault_code", "fault"])
    outbox.promise(
        "hand_over",
        key=f"hand_over:{delivery.pk}:{delivery.attempts}",
        due_at=delivery.retry_at,
        at=at,
        delivery_id=delivery.pk,
    )
    return delivery


@dataclass(frozen=True)
class From:
    """Where an arrival came from: the channel's own facts about it, as `Incoming` keeps them."""

    channel: Channel
    line: str
    sender_code: str
    sender_name: str
    addressed_code: str = ""
    reference: str = ""
    message_file: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    correspondent: Correspondent | None = None


@transaction.atomic
def record_incoming(*, arrival_id: int, come: From, actor: Actor | None, at: datetime) -> Incoming:
    """Record that an arrival came from outside, and owe its sender the receipt 01. Repeating it changes nothing."""
    incoming, fresh = Incoming.objects.get_or_create(
        document_id=arrival_id,
        defaults={
            "channel": come.channel,
            "line": come.line,
            "correspondent": come.correspondent,
            "sender_code": come.sender_code[:64],
            "sender_name": come.sender_name[:300],
            "addressed_code": come.addressed_code[:64],
            "reference": come.reference[:200],
            "message_file": come.message_file,
            "facts": come.facts,
        },
    )
    if fresh:
        _owe(arrival_id, Status.ARRIVED, at, {})
    return incoming


@transaction.atomic
def record_answered(*, answer_id: int, reference: str, actor: Actor | None, at: datetime) -> Answer:
    """Record that the line took a receipt of ours."""
    answer = queries.lock_answer(answer_id)
    answer.status, answer.reference, answer.sent_at = AnswerStatus.SENT, reference[:200], at
    answer.fault, answer.retry_at, answer.attempts = "", None, answer.attempts + 1
    answer.save()
    return answer


@transaction.atomic
def postpone_answer(*, answer_id: int, words: str, final: bool, actor: Actor | None, at: datetime) -> Answer:
    """Record that the line did not take a receipt of ours, and promise another try unless none can help."""
    answer = queries.lock_answer(answer_id)
    if answer.status == AnswerStatus.SENT:
        return answer
    wait = WAITS[min(answer.attempts, len(WAITS) - 1)]
    answer.attempts += 1
    answer.fault = words[:500]
    over = final or answer.attempts >= TRIES
    answer.status = AnswerStatus.FAILED if over else AnswerStatus.WAITING
    answer.retry_at = None if over else at + wait
    answer.save()
    if answer.retry_at is not None:
        outbox.promise(
            "answer", key=f"answer:{answer.pk}:{answer.attempts}", due_at=answer.retry_at, at=at, answer_id=answer.pk
        )
    return answer


@transaction.atomic
def answer_again(*, line: str, key: str, actor: Actor | None, at: datetime) -> int:
    """Promise anew, once per key, to send every receipt that waits for a line; how many they are."""
    rows = Answer.objects.filter(incoming__line=line).exclude(status=AnswerStatus.SENT)
    waiting = list(rows.select_for_update(of=("self",)).order_by("id"))
    for answer in waiting:
        answer.status, answer.retry_at, answer.attempts = AnswerStatus.WAITING, at, 0
        answer.save(update_fields=["status", "retry_at", "attempts"])
    outbox.promise_many("answer", of={f"answer:{each.pk}:{key}": {"answer_id": each.pk} for each in waiting})
    return len(waiting)


@dataclass(frozen=True)
class Signed:
    """A receipt between nodes as its agency signed it, and its place in the chain."""

    number: int
    kind: str
    digest: str
    content: bytes
    about: str = ""


@transaction.atomic
def owe_verification(*, arrival_id: int, actor: Actor | None, at: datetime, **facts: Any) -> None:
    """Owe the sender, behind the receipt 01, what the signatures on its paper say; only nodes have a word for it."""
    _owe(arrival_id, "verified", at, facts)


@transaction.atomic
def keep_signed(*, incoming_id: int, after: int, signed: list[Signed], actor: Actor | None, at: datetime) -> bool:
    """Keep receipts that our agency signed, behind the number `after`; False when the chain is longer by now."""
    queries.lock_incoming(incoming_id)
    if queries.count_signed(incoming_id) != after:
        return False
    _keep_links(signed, at, incoming_id=incoming_id)
    return True


@transaction.atomic
def keep_links(*, delivery_id: int, signed: list[Signed], actor: Actor | None, at: datetime) -> None:
    """Keep receipts that a recipient on another node signed; the caller has proved them and their order."""
    queries.lock(delivery_id)
    _keep_links(signed, at, delivery_id=delivery_id)


def _keep_links(signed: list[Signed], at: datetime, **whose: int) -> None:
    SignedReceipt.objects.bulk_create(
        [
            SignedReceipt(
                number=each.number,
                kind=each.kind,
                about=each.about,
                digest=each.digest,
                content=each.content,
                kept_at=at,
                **whose,
            )
            for each in signed
        ],
        ignore_conflicts=True,
    )


# Acts of the sender's clerk -------------------------------------------------------------------------------------------------


def _own(actor: Actor, delivery: Delivery) -> Document:
    return documents.get_for(actor, Dispatch.objects.get(pk=delivery.dispatch_id).document_id)


class WaiverReasonMissing(Refusal):
    code = "waiver_reason_missing"
    words = _("Ghi rõ vì sao không cần trả lời.")


@transaction.atomic
def resend(*, delivery_id: int, actor: Actor, at: datetime) -> Delivery:
    """Try a failed delivery again."""
    delivery = queries.lock(delivery_id)
    document = _own(actor, delivery)
    refuse(policy.why_not_resend(actor, document, delivery))
    _send_by_todays_way(delivery)
    journal.record(
        "delivery.resent", subject=("document", document.pk), actor=actor, at=at, recipient=delivery.recipient_name
    )
    return delivery


def _send_by_todays_way(delivery: Delivery) -> None:
    """Promise a failed delivery another try, by the way that leads to its recipient today."""
    delivery.status = states.step("retry", delivery.status)
    delivery.fault, delivery.fault_code = "", ""
    if delivery.correspondent is not None:
        delivery.channel, delivery.line = delivery.correspondent.channel, delivery.correspondent.line
    delivery.save(update_fields=["status", "fault", "fault_code", "channel", "line"])
    if delivery.channel == Channel.HERE:
        outbox.promise(
            "deliver",
            key=f"deliver:{delivery.dispatch_id}:{delivery.pk}:{delivery.attempts}",
            dispatch_id=delivery.dispatch_id,
            first=delivery.pk,
            last=delivery.pk,
        )
    else:
        key = f"hand_over:{delivery.pk}:again:{delivery.attempts}"
        outbox.promise("hand_over", key=key, delivery_id=delivery.pk)


@transaction.atomic
def follow(*, delivery_id: int, actor: Actor | None, at: datetime) -> bool:
    """Send a failed delivery after its recipient, when another way leads there than the one it failed on; tells whether so."""
    delivery = queries.lock(delivery_id)
    whom, was = delivery.correspondent, delivery.line
    if delivery.status != Status.FAILED or whom is None or whom.closed_at is not None:
        return False
    if (whom.channel, whom.line) == (delivery.channel, was):
        return False
    _send_by_todays_way(delivery)
    sent = Dispatch.objects.get(pk=delivery.dispatch_id)
    journal.record(
        "delivery.followed",
        subject=("document", sent.document_id),
        actor=actor,
        at=at,
        agency_id=sent.agency_id,
        recipient=delivery.recipient_name,
        was=was,
        line=delivery.line,
    )
    return True


@transaction.atomic
def redirect(
    *,
    delivery_id: int,
    name: str,
    agency_id: int | None = None,
    correspondent_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> Delivery:
    """Send a failed delivery to the recipient's successor instead. :raises NotFound: the document already goes there"""
    delivery = queries.lock(delivery_id)
    document = _own(actor, delivery)
    refuse(policy.why_not_resend(actor, document, delivery))
    others = Delivery.objects.filter(dispatch_id=delivery.dispatch_id)
    if others.filter(Q(agency_id=agency_id) if agency_id else Q(correspondent_id=correspondent_id or 0)).exists():
        raise NotFound()
    was = delivery.recipient_name
    delivery.agency_id, delivery.correspondent_id, delivery.recipient_name = agency_id, correspondent_id, name
    delivery.save(update_fields=["agency_id", "correspondent_id", "recipient_name"])
    journal.record(
        "delivery.redirected", subject=("document", document.pk), actor=actor, at=at, was=was, recipient=name
    )
    return resend(delivery_id=delivery_id, actor=actor, at=at)


@transaction.atomic
def urge(*, delivery_id: int, actor: Actor, at: datetime) -> Delivery:
    """Urge a recipient that has not registered the document yet, or has not answered it; the caller tells the recipient.

    :raises AnswerNotAsked: it is registered there, and no answer is owed (any more)
    :raises UrgedToday: on another node it was told today already
    """
    delivery = queries.lock(delivery_id)
    document = _own(actor, delivery)
    refuse(policy.why_not_urge(actor, document, delivery))
    answers = delivery.status != Status.ARRIVED
    if answers and answering.is_answered(delivery):
        raise policy.AnswerNotAsked
    if delivery.channel != Channel.HERE and delivery.urged_at and local_date(delivery.urged_at) == local_date(at):
        raise policy.UrgedToday
    delivery.urged_at = at
    delivery.save(update_fields=["urged_at"])
    event = "delivery.answer_urged" if answers else "delivery.urged"
    journal.record(event, subject=("document", document.pk), actor=actor, at=at, recipient=delivery.recipient_name)
    return delivery


@transaction.atomic
def record_urged(*, arrival_id: int, said_at: datetime, actor: Actor | None, at: datetime) -> bool:
    """Note that the sender of an arrival from outside urged at a moment; False when that is no news, or not the day's first."""
    incoming = queries.lock_incoming(arrival_id)
    last = incoming.urged_at if incoming is not None else None
    if incoming is None or (last is not None and (said_at <= last or local_date(said_at) == local_date(last))):
        return False
    incoming.urged_at = said_at
    incoming.save(update_fields=["urged_at"])
    return True


@transaction.atomic
def waive_answer(*, document_id: int, reason: str, actor: Actor, at: datetime) -> NoAnswer:
    """Note that a document with a day to answer by needs no answer after all; it leaves the list of answers.

    Saying it again changes nothing.

    :raises NotFound: not his to see :raises NotItsRegistry: :raises AnswerNotAsked: :raises WaiverReasonMissing:
    """
    document = documents.get_for(actor, document_id)
    refuse(policy.why_not_waive(actor, document))
    said = " ".join(clean(reason).split())[:500]
    if not said:
        raise WaiverReasonMissing
    row, fresh = NoAnswer.objects.get_or_create(
        document_id=document.pk,
        defaults={"reason": said, "by": f"{actor.person_name}, {actor.post_title}"[:200], "at": at},
    )
    if fresh:
        journal.record("document.answer_waived", subject=("document", document.pk), actor=actor, at=at, reason=said)
    return row


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
