"""Beat 6: the recipient's clerk enters an arrival in the book, or returns it; a paper by hand is taken in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.operations import PaperFacts
from antin.exchange import operations as exchange
from antin.exchange.states import Status as Delivered
from antin.intake import operations as intake
from antin.journeys import sealing, telling
from antin.journeys.taking import Taken
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.signing import operations as signing
from antin.vault import operations as vault
from antin.vault.operations import Opening, Unlocked
from antin.vault.states import Need
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document


def register(
    *,
    document_id: int,
    present_to: int | None = None,
    despite_duplicate: bool = False,
    pin: Opening | None = None,
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Enter an arrival in the book, tell its sender the arrival number, and tell the leader it is presented to.

    A classified one its clerk opens by his PIN: its signatures are judged in memory, and the leader becomes a reader.

    :raises Refusal: as documents.register
    """
    document = queries.get(document_id)
    unlocked, report = None, None
    if document.classified_id is not None:
        refuse(policy.why_not_register(actor, document))
        unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
        report = sealing.judge(document, sealing.read_pages(unlocked, actor=actor, at=at), unlocked, at=at).report
    with transaction.atomic(durable=True):
        if report is not None:
            documents.keep_verdict(
                document_id=document_id,
                verdict=report.verdict,
                replaces_paper=report.replaces_paper,
                signer_name=queries.arrival_of(document).signer_name,
                actor=actor,
                at=at,
            )
        document = enter(
            document_id=document_id,
            present_to=present_to,
            despite_duplicate=despite_duplicate,
            actor=actor,
            today=today,
            at=at,
        )
        if unlocked is not None:
            _let_leader_read(document, unlocked, actor, at)
    return document


def enter(
    *, document_id: int, present_to: int | None, despite_duplicate: bool, actor: Actor, today: date, at: datetime
) -> Document:
    """Enter an arrival in the book, tell its sender and the leader. Part of a larger act, in the caller's transaction."""
    document = documents.register(
        document_id=document_id,
        present_to=present_to,
        despite_duplicate=despite_duplicate,
        actor=actor,
        today=today,
        at=at,
    )
    exchange.report(
        arrival_id=document_id,
        kind=Delivered.REGISTERED,
        actor=actor,
        at=at,
        arrival_number=document.arrival_number,
    )
    tell_leader(document, actor, at)
    return document


def _let_leader_read(document: Document, unlocked: Unlocked, actor: Actor, at: datetime) -> None:
    """Whom a classified document is presented to reads it. :raises ReaderNotCleared: :raises NoEncryptionCertificate: he cannot"""
    persons = sealing.reader_in(
        int(document.next_holder[1:]), Need.RECIPIENT, level=document.secrecy, on=workdays.local_date(at)
    )
    vault.let_read(unlocked=unlocked, persons=persons, actor=actor, at=at)


def tell_leader(document: Document, actor: Actor, at: datetime) -> None:
    telling.tell(
        "document.to_direct",
        [document.next_holder],
        document.pk,
        actor=actor,
        at=at,
        number=document.arrival_number or 0,
        subject=document.subject,
        by=document.issuer_name,
    )


def send_back(*, document_id: int, reason: str, words: str, actor: Actor, at: datetime) -> Document:
    """Return an arrival to its sender with a coded reason, and tell the sender's registry office and drafter.

    Of a classified one the words are sealed to who reads it there, besides the readers here.

    :raises Refusal: as documents.send_back
    """
    with transaction.atomic(durable=True):
        before = queries.lock(document_id)
        words = sealing.conceal(before, "sent_back", words, to_sender=True, actor=actor, at=at)
        document = documents.send_back(document_id=document_id, reason=reason, words=words, actor=actor, at=at)
        delivery = exchange.report(
            arrival_id=document_id,
            kind=Delivered.RETURNED,
            actor=actor,
            at=at,
            return_code=reason,
            return_words=words[:1000],
        )
        if delivery is not None:
            telling.tell(
                "delivery.returned",
                [f"R{delivery.dispatch.agency_id}"],
                delivery.dispatch.document_id,
                actor=actor,
                at=at,
                code=document.code,
                to=delivery.recipient_name,
                words=words or str(documents.RETURN_REASONS[reason]),
            )
    return document


def receive_paper(
    *,
    facts: PaperFacts,
    scan: Taken,
    attachments: Sequence[Taken] = (),
    key: str,
    present_to: int | None = None,
    despite_duplicate: bool = False,
    paper_id: int | None = None,
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Register a paper that came by hand with its scan. The files have been taken before (`taking`); `key` makes a repeat harmless.

    `paper_id`: which paper of the clerk's scans it was, if it was one of many (`take_scans`).

    :raises Refusal: as documents.receive_paper
    """
    rows = tuple((row.name, row.digest, row.size, row.media_type) for row in attachments)
    report = signing.verify(file=scan.digest, at=at)
    with transaction.atomic(durable=True):
        document = documents.receive_paper(
            facts=facts,
            file=scan.digest,
            pages=scan.pages,
            verdict=report.verdict,
            replaces_paper=report.replaces_paper,
            attachments=rows,
            key=key,
            present_to=present_to,
            despite_duplicate=despite_duplicate,
            actor=actor,
            today=today,
            at=at,
        )
        if paper_id is not None:
            intake.settle(paper_id=paper_id, document_id=document.pk, actor=actor, at=at)
        tell_leader(document, actor, at)
    return document


def present(
    *, document_id: int, post_id: int, words: str = "", pin: Opening | None = None, actor: Actor, at: datetime
) -> Document:
    """Pass a registered document to another leader, and tell him. Of a classified one he becomes a reader, by the actor's PIN."""
    document = queries.get(document_id)
    unlocked = None
    if document.classified_id is not None:
        refuse(policy.why_not_present(actor, document))
        unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
    with transaction.atomic(durable=True):
        words = sealing.conceal(document, "presented", words, unlocked=unlocked, actor=actor, at=at)
        document = pass_on(document_id=document_id, post_id=post_id, words=words, actor=actor, at=at)
        if unlocked is not None:
            _let_leader_read(document, unlocked, actor, at)
    return document


def pass_on(*, document_id: int, post_id: int, words: str, actor: Actor, at: datetime) -> Document:
    """Pass a registered document to a leader, and tell him. Part of a larger act, in the caller's transaction."""
    document = documents.present(document_id=document_id, post_id=post_id, words=words, actor=actor, at=at)
    tell_leader(document, actor, at)
    return document


def close(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Close a registered document that needs no work, and tell its sender it is done."""
    with transaction.atomic(durable=True):
        return put_away(document_id=document_id, actor=actor, at=at)


def put_away(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Close a document, and tell its sender. Part of a larger act, in the caller's transaction."""
    document = documents.close(document_id=document_id, actor=actor, at=at)
    exchange.report(arrival_id=document_id, kind=Delivered.DONE, actor=actor, at=at)
    return document
