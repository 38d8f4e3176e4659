"""Beat 0: a draft goes to its reviewer and its signer, or back with a reason, and each is told."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.states import Act, Part
from antin.journeys import ask_opinions, sealing, telling
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.vault import operations as vault
from antin.vault.operations import Opening, Unlocked
from antin.vault.states import Need

if TYPE_CHECKING:
    from antin.documents.models import Document


NEEDS = {
    Part.INITIALS: Need.REVIEWER,
    Part.FORMAT: Need.CLERK,
    Part.COSIGNER: Need.SIGNER,
    Part.SIGNER: Need.SIGNER,
}
"""Why whoever has a hand in a page needs to know it."""


def submit(*, document_id: int, pin: Opening | None = None, actor: Actor, today: date, at: datetime) -> Document:
    """Hand a finished draft on, and tell its reviewer. :raises Refusal: as documents.submit

    Of a classified draft reviewer and signer become readers, by the drafter's PIN; where nobody reviews, its page is fixed.

    :raises OpinionsAwaited: :raises OpinionsUnsettled: opinions that were asked for are awaited, or were not answered
    :raises NotConsulted: a normative draft was put to nobody
    :raises NobodyReads: a recipient agency has nobody who could read it; better known before it is signed
    """
    unlocked, fixed = None, None
    document = queries.get(document_id)
    if queries.making_of(document).drafter_post_id == actor.post_id:
        ask_opinions.why_not_submit(document_id)
        ask_opinions.why_not_consulted(document)
    if document.classified_id is not None:
        making = queries.making_of(document)
        refuse(policy.why_not_submit(actor, document, making, len(queries.list_recipient_agencies(document_id))))
        sealing.find_recipients(document, at=at)
        sealing.find_sealers(document, at=at)
        unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
        reviewer = people.find_reviewer(unit_id=making.unit_id, post_id=making.drafter_post_id, on=today)
        if reviewer is None:
            fixed = sealing.fix(document, unlocked, actor=actor, at=at)
    with transaction.atomic(durable=True):
        if unlocked is not None:
            _let_read(document, unlocked, actor, today, at)
        document = documents.submit(document_id=document_id, actor=actor, today=today, at=at)
        if unlocked is not None and fixed is not None:
            document = sealing.keep_fixed(document, fixed, unlocked, actor=actor, at=at)
            _tell_signer(document, actor, at)
        if document.next_act == Act.REVIEW:
            telling.tell(
                "document.to_review",
                [document.next_holder],
                document_id,
                actor=actor,
                at=at,
                subject=document.subject,
                by=actor.person_name,
            )
    return document


def _let_read(document: Document, unlocked: Unlocked, actor: Actor, today: date, at: datetime) -> None:
    """Reviewer and signer become readers. :raises ReaderNotCleared: :raises NoEncryptionCertificate: one of them cannot be"""
    making = queries.making_of(document)
    reviewer = people.find_reviewer(unit_id=making.unit_id, post_id=making.drafter_post_id, on=today)
    persons = {reviewer.person_id: Need.REVIEWER.value} if reviewer is not None and reviewer.person_id else {}
    for hand in queries.list_signatories(document, making):
        if hand.person_id is not None:
            persons[hand.person_id] = NEEDS[Part(hand.part)].value
    vault.let_read(unlocked=unlocked, persons=persons, actor=actor, at=at)


def _tell_signer(document: Document, actor: Actor, at: datetime) -> None:
    making = queries.making_of(document)
    due = policy.list_due(queries.list_signatories(document, making), in_order=making.in_order)
    telling.tell(
        "document.to_sign",
        [f"P{each.post_id}" for each in due],
        document.pk,
        actor=actor,
        at=at,
        subject=document.subject,
        by=making.drafter_name,
    )


def endorse(
    *, document_id: int, words: str = "", pin: Opening | None = None, actor: Actor, today: date, at: datetime
) -> Document:
    """Endorse a draft; its signer is told when the page is fixed. :raises Refusal: as documents.endorse

    Of a classified draft the reviewer's own act fixes the page, in memory, by his PIN: nobody else could.
    """
    document = queries.get(document_id)
    if document.classified_id is None:
        with transaction.atomic(durable=True):
            return documents.endorse(document_id=document_id, words=words, actor=actor, today=today, at=at)
    refuse(policy.why_not_endorse(actor, document, queries.making_of(document)))
    unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
    fixed = sealing.fix(document, unlocked, actor=actor, at=at)
    with transaction.atomic(durable=True):
        words = sealing.conceal(document, "endorsed", words, actor=actor, at=at)
        document = documents.endorse(document_id=document_id, words=words, actor=actor, today=today, at=at)
        document = sealing.keep_fixed(document, fixed, unlocked, actor=actor, at=at)
        _tell_signer(document, actor, at)
    return document


def return_to_drafter(*, document_id: int, reason: str, actor: Actor, at: datetime) -> Document:
    """Send a document back with a reason, and tell its drafter. :raises Refusal: as documents.return_to_drafter"""
    with transaction.atomic(durable=True):
        before = queries.lock(document_id)
        signed = [each for each in queries.list_signatories(before, queries.making_of(before)) if each.signed_at]
        reason = sealing.conceal(before, "returned", reason, actor=actor, at=at)
        document = documents.return_to_drafter(document_id=document_id, reason=reason, actor=actor, at=at)
        telling.tell(
            "document.returned",
            [document.next_holder],
            document_id,
            actor=actor,
            at=at,
            subject=document.subject,
            by=actor.person_name,
            words=queries.making_of(document).return_reason,
        )
        void = [f"P{each.post_id}" for each in signed if each.post_id != actor.post_id]
        if void:
            telling.tell(
                "document.signatures_voided",
                void,
                document_id,
                actor=actor,
                at=at,
                subject=document.subject,
                by=actor.person_name,
            )
    return document
