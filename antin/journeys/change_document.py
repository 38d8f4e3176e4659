"""Recall, replacement, correction: the sender asks and freezes his own; every holder agrees or refuses; all who see it are told."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.states import Standing
from antin.exchange import operations as exchange
from antin.exchange import queries as exchange_queries
from antin.exchange.states import ChangeKind, ReplyStatus
from antin.journeys import sealing, telling
from antin.people.actor import Actor
from antin.tasks import queries as tasks

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.exchange.models import Change, ChangeReply

STANDING = {
    ChangeKind.RECALL: Standing.RECALLED,
    ChangeKind.REPLACE: Standing.REPLACED,
    ChangeKind.CORRECT: Standing.CORRECTED,
}
ASKED = {
    ChangeKind.RECALL: "change.recall_asked",
    ChangeKind.REPLACE: "change.replace_asked",
    ChangeKind.CORRECT: "change.correct_asked",
}
DONE = {
    ChangeKind.RECALL: "change.recalled",
    ChangeKind.REPLACE: "change.replaced",
    ChangeKind.CORRECT: "change.corrected",
}


def ask(*, document_id: int, kind: str, reason: str, by_id: int | None = None, actor: Actor, at: datetime) -> Change:
    """Ask every holder of an issued document; it is frozen here at once, and everybody who sees it here is told.

    Of a classified one the reason is sealed to who reads it here; holders are told that there is one.

    :raises Refusal: as exchange.ask_change
    """
    with transaction.atomic(durable=True):
        reason = sealing.conceal(queries.lock(document_id), "change_asked", reason, actor=actor, at=at)
        change = exchange.ask_change(document_id=document_id, kind=kind, reason=reason, by_id=by_id, actor=actor, at=at)
        document = documents.stand(
            document_id=document_id,
            standing=STANDING[ChangeKind(kind)],
            by=change.by_code,
            reason=change.reason,
            actor=actor,
            at=at,
        )
        _tell_holders(document, change, actor, at)
        for reply in change.replies.select_related("delivery", "arrival"):
            if reply.arrival is not None:
                telling.tell(
                    ASKED[ChangeKind(kind)],
                    [f"R{reply.arrival.agency_id}"],
                    reply.arrival.pk,
                    actor=actor,
                    at=at,
                    code=document.code,
                    by=document.issuer_name,
                    new=change.by_code,
                    words=change.reason,
                )
    return change


def answer(*, reply_id: int, agree: bool, words: str = "", actor: Actor, at: datetime) -> ChangeReply:
    """Answer for the agency that holds it. Agreed, it is cancelled or marked here; all who see it or work on it are told.

    Of a classified one the words are sealed to who reads it there, besides the readers here.

    :raises Refusal: as exchange.reply_to_change
    """
    with transaction.atomic(durable=True):
        arrival = exchange_queries.lock_reply(reply_id).arrival
        if arrival is not None:
            words = sealing.conceal(arrival, "change_answered", words, to_sender=True, actor=actor, at=at)
        reply = exchange.reply_to_change(reply_id=reply_id, agree=agree, words=words, actor=actor, at=at)
        change, arrival = reply.change, reply.arrival
        if agree and arrival is not None:
            document = documents.stand(
                document_id=arrival.pk,
                standing=STANDING[ChangeKind(change.kind)],
                by=change.by_code,
                reason=change.reason,
                actor=actor,
                at=at,
            )
            _tell_holders(document, change, actor, at)
        tell_sender(reply, agree, actor, at)
    return reply


def take_answer(*, delivery_id: int, agreed: bool, words: str, reference: str = "", at: datetime) -> bool:
    """Take in what an outside holder answered, and tell the sender's registry; False: nothing is open."""
    reply = exchange.record_change_reply(
        delivery_id=delivery_id, agreed=agreed, words=words, reference=reference, actor=None, at=at
    )
    if reply is not None:
        tell_sender(reply, agreed, None, at)
    return reply is not None


def take_question(
    *, arrival_id: int, kind: ChangeKind, reason: str, by_code: str, reference: str, asked_by: str = "", at: datetime
) -> ChangeReply:
    """Take in that an outside sender asks, and tell the holder's registry; once, however often it comes."""
    reply = exchange.record_change_asked(
        arrival_id=arrival_id,
        kind=kind,
        reason=reason,
        by_code=by_code,
        asked_by=asked_by,
        reference=reference,
        actor=None,
        at=at,
    )
    document = queries.get(arrival_id)
    if reply.status == ReplyStatus.ASKED:
        telling.tell(
            ASKED[kind],
            [f"R{document.agency_id}", *([document.next_holder] if document.next_holder else [])],
            document.pk,
            key=f"{ASKED[kind]}:{reply.pk}",
            actor=None,
            at=at,
            code=document.code,
            by=document.issuer_name,
            new=by_code or gettext("văn bản khác"),
            words=reason or gettext("không nêu lý do"),
        )
    return reply


def tell_sender(reply: ChangeReply, agreed: bool, actor: Actor | None, at: datetime) -> None:
    asked = reply.change.document
    if asked is not None:
        telling.tell(
            "change.agreed" if agreed else "change.refused",
            [f"R{asked.agency_id}"],
            asked.pk,
            actor=actor,
            at=at,
            code=asked.code,
            to=reply.whom,
            words=reply.words,
        )


def _tell_holders(document: Document, change: Change, actor: Actor, at: datetime) -> None:
    """Tell everybody who sees the document in its agency; and who works on it, or gave the work, that its ground is changed."""
    working = tasks.holders_at_work(document.pk)
    facts = {"code": document.code, "by": document.issuer_name, "new": change.by_code, "words": change.reason}
    holders = [holder for holder in queries.list_holders(document.pk) if holder not in working]
    telling.tell(DONE[ChangeKind(change.kind)], holders, document.pk, actor=actor, at=at, **facts)
    if working and change.kind != ChangeKind.CORRECT:
        telling.tell("change.ground_gone", sorted(working), document.pk, actor=actor, at=at, **facts)
    elif working:
        telling.tell("change.corrected", sorted(working), document.pk, actor=actor, at=at, **facts)
