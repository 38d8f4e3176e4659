"""Recall, replacement and correction of what was issued: asked by the sender, answered by every agency that holds it.

The sender's document is frozen when he asks. At a recipient nothing changes before its registry or leader agrees; then the document
is no longer to be acted on, and stays to be read. Law: Decree 30/2020, art. 18 and 22; QCVN 102:2016, business types 1-3, statuses
13, 15, 16.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import queries as documents
from antin.exchange import policy, queries, states
from antin.exchange.models import Change, ChangeReply, Delivery
from antin.exchange.operations.deliveries import answer_change
from antin.exchange.states import ChangeKind, ReplyStatus, Status
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse


class ChangeReasonMissing(Refusal):
    code = "change_reason_missing"
    words = _("Thu hồi, thay thế, đính chính phải ghi rõ lý do; từ chối cũng phải ghi rõ lý do.")


def _words(said: str, *, required: bool = True) -> str:
    words = clean(said).strip()[:1000]
    if required and not words:
        raise ChangeReasonMissing()
    return words


@transaction.atomic
def ask_change(
    *, document_id: int, kind: str, reason: str, by_id: int | None = None, actor: Actor, at: datetime
) -> Change:
    """Ask every agency that holds an issued document to let it be recalled, replaced or corrected; the caller freezes it.

    What has not left yet is withheld, unless it is only corrected. `by_id` is the document that replaces or corrects it.

    :raises NotTheIssuer: :raises NotIssued: :raises AlreadyChanged: :raises ChangeReasonMissing:
    :raises ByMissing: :raises ByUnfit: replacement and correction need an issued document of their own
    """
    document = documents.lock(document_id)
    refuse(policy.why_not_ask_change(actor, document))
    by = documents.get_for(actor, by_id) if by_id is not None else None
    refuse(policy.why_not_change_by(document, kind, by))
    change = Change.objects.create(
        document=document,
        kind=ChangeKind(kind),
        reason=_words(reason),
        by=by,
        by_code=by.code if by else "",
        asked_at=at,
        asked_by=f"{actor.person_name}, {actor.post_title}"[:200],
    )
    deliveries = list(Delivery.objects.select_for_update().filter(dispatch__document=document).order_by("id"))
    if kind != ChangeKind.CORRECT:
        _withhold(deliveries)
    asked = [each for each in deliveries if each.status not in (Status.WITHHELD, Status.QUEUED, Status.FAILED)]
    ChangeReply.objects.bulk_create(
        ChangeReply(change=change, delivery=each, arrival_id=each.arrival_id)
        for each in asked
        if each.status != Status.RETURNED
    )
    journal.record(
        "document.change_asked",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        agency_id=document.agency_id,
        kind=str(kind),
        reason=change.reason,
        by=change.by_code,
        recipients=len(asked),
    )
    return change


def _withhold(deliveries: list[Delivery]) -> None:
    """What waits to be sent is not sent any more."""
    for each in deliveries:
        if each.status in states.STEPS["withhold"][0]:
            each.status = states.step("withhold", each.status)
            each.fault, each.fault_code, each.retry_at = "", "", None
            each.save(update_fields=["status", "fault", "fault_code", "retry_at"])


@transaction.atomic
def record_change_asked(
    *, arrival_id: int, kind: str, reason: str, by_code: str = "", actor: Actor | None, at: datetime
) -> ChangeReply:
    """Take in that an outside sender asks to recall, replace or correct what he sent; once per kind, however often it comes."""
    arrival = documents.lock(arrival_id)
    there = ChangeReply.objects.filter(arrival=arrival, change__kind=kind, change__document=None).first()
    if there is not None:
        return there
    change = Change.objects.create(
        document=None,
        kind=ChangeKind(kind),
        reason=_words(reason, required=False),
        by_code=by_code[:80],
        asked_at=at,
        asked_by=arrival.issuer_name[:200],
    )
    journal.record(
        "document.change_came",
        subject=("document", arrival.pk),
        actor=actor,
        at=at,
        agency_id=arrival.agency_id,
        kind=str(kind),
        reason=change.reason,
        by=change.by_code,
    )
    return ChangeReply.objects.create(change=change, arrival=arrival)


@transaction.atomic
def reply_to_change(*, reply_id: int, agree: bool, words: str = "", actor: Actor, at: datetime) -> ChangeReply:
    """Agree to what the sender asks, or refuse it with the reason; the caller cancels the arrival that it agreed for.

    :raises NotTheHolder: :raises AnsweredAlready: :raises ChangeReasonMissing: refused without words
    """
    reply = queries.lock_reply(reply_id)
    if reply.arrival is not None:
        documents.get_for(actor, reply.arrival.pk)
    refuse(policy.why_not_answer_change(actor, reply))
    said = _words(words, required=not agree)
    by = f"{actor.person_name}, {actor.post_title}"
    _answered(reply, agree=agree, words=said, by=by, actor=actor, at=at)
    if reply.arrival_id is not None:
        answer_change(arrival_id=reply.arrival_id, agreed=agree, words=said, actor=actor, at=at)
    return reply


@transaction.atomic
def record_change_reply(
    *, delivery_id: int, agreed: bool, words: str, actor: Actor | None, at: datetime
) -> ChangeReply | None:
    """Take in what an outside recipient answered to the open question; None when nothing is asked of it."""
    reply = queries.lock_open_reply(delivery_id)
    if reply is not None:
        said = _words(words, required=False)
        _answered(reply, agree=agreed, words=said, by=reply.whom, actor=actor, at=at)
    return reply


def _answered(reply: ChangeReply, *, agree: bool, words: str, by: str, actor: Actor | None, at: datetime) -> None:
    reply.status = states.reply_step("agree" if agree else "refuse", reply.status)
    reply.words, reply.answered_at, reply.answered_by = words, at, by[:200]
    reply.save(update_fields=["status", "words", "answered_at", "answered_by"])
    asked = reply.change.document
    told = {"kind": reply.change.kind, "words": words, "recipient": reply.whom}
    event = "document.change_agreed" if agree else "document.change_refused"
    if asked is not None:
        journal.record(event, subject=("document", asked.pk), actor=actor, at=at, agency_id=asked.agency_id, **told)
    if reply.arrival is not None:
        journal.record(
            event,
            subject=("document", reply.arrival.pk),
            actor=actor,
            at=at,
            agency_id=reply.arrival.agency_id,
            **told,
        )
    assert reply.status in (ReplyStatus.AGREED, ReplyStatus.REFUSED)
