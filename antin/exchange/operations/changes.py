"""Recall, replacement and correction of what was issued: asked by the sender, answered by every agency that holds it.

The sender's document is frozen when he asks. At a recipient nothing changes before its registry or leader agrees; then the document
is no longer to be acted on, and stays to be read. Law: Decree 30/2020, art. 18 and 22; QCVN 102:2016, business types 1-3, statuses
13, 15, 16.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.documents import queries as documents
from antin.documents.states import Status as DocumentStatus
from antin.exchange import policy, queries, states
from antin.exchange.models import Change, ChangeReply, Delivery
from antin.exchange.operations.asking import ask_of
from antin.exchange.operations.deliveries import answer_change
from antin.exchange.states import ChangeKind, ReplyStatus
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse

SENT_BACK_BEFORE = _("Văn bản đã trả lại nơi gửi trước khi có yêu cầu này.")


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
    ask_of(deliveries, [change])
    journal.record(
        "document.change_asked",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        agency_id=document.agency_id,
        kind=str(kind),
        reason=change.reason,
        by=change.by_code,
        recipients=change.replies.count(),
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
    *,
    arrival_id: int,
    kind: str,
    reason: str,
    by_code: str = "",
    asked_by: str = "",
    reference: str = "",
    actor: Actor | None,
    at: datetime,
) -> ChangeReply:
    """Take in that an outside sender asks to recall, replace or correct what he sent; once, however often it comes.

    The same `reference` is the same question; so is another one of its kind while that waits for the answer. What was sent back
    before nobody holds: the node agrees by itself.
    """
    arrival = documents.lock(arrival_id)
    asked = ChangeReply.objects.filter(arrival=arrival, change__kind=kind, change__document=None)
    same = Q(change__reference=reference) | Q(status=ReplyStatus.ASKED)
    there = asked.select_related("change").filter(same).order_by("id").first()
    if there is not None:
        return there
    change = Change.objects.create(
        document=None,
        kind=ChangeKind(kind),
        reason=_words(reason, required=False),
        by_code=by_code[:80],
        asked_at=at,
        asked_by=(asked_by or arrival.issuer_name)[:200],
        reference=reference[:64],
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
    reply = ChangeReply.objects.create(change=change, arrival=arrival)
    if arrival.status == DocumentStatus.SENT_BACK:
        said = gettext(SENT_BACK_BEFORE)
        _answered(reply, agree=True, words=said, by=arrival.agency.name, actor=actor, at=at)
        answer_change(arrival_id=arrival.pk, agreed=True, words=said, about=change.reference, actor=actor, at=at)
    return reply


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
        about = reply.change.reference
        answer_change(arrival_id=reply.arrival_id, agreed=agree, words=said, about=about, actor=actor, at=at)
    return reply


@transaction.atomic
def record_change_reply(
    *, delivery_id: int, agreed: bool, words: str, reference: str = "", actor: Actor | None, at: datetime
) -> ChangeReply | None:
    """Take in what an outside recipient answered to the question of that reference, or to the latest one that is open.

    None when it has answered already, or nothing is asked of it.
    """
    reply = queries.lock_open_reply(delivery_id, reference)
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
