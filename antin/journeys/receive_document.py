"""Beat 6: the recipient's clerk enters an arrival in the book, or returns it; a paper by hand is taken in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.documents import operations as documents
from antin.documents.operations import PaperFacts
from antin.exchange import operations as exchange
from antin.exchange.states import Status as Delivered
from antin.journeys import telling
from antin.journeys.taking import Taken
from antin.people.actor import Actor
from antin.signing import operations as signing

if TYPE_CHECKING:
    from antin.documents.models import Document


def register(
    *,
    document_id: int,
    present_to: int | None = None,
    despite_duplicate: bool = False,
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Enter an arrival in the book, tell its sender the arrival number, and tell the leader it is presented to.

    :raises Refusal: as documents.register
    """
    with transaction.atomic(durable=True):
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
        _tell_leader(document, actor, at)
    return document


def _tell_leader(document: Document, actor: Actor, at: datetime) -> None:
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

    :raises Refusal: as documents.send_back
    """
    with transaction.atomic(durable=True):
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
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Register a paper that came by hand with its scan. The files have been taken before (`taking`); `key` makes a repeat harmless.

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
        _tell_leader(document, actor, at)
    return document


def present(*, document_id: int, post_id: int, words: str = "", actor: Actor, at: datetime) -> Document:
    """Pass a registered document to another leader, and tell him."""
    with transaction.atomic(durable=True):
        document = documents.present(document_id=document_id, post_id=post_id, words=words, actor=actor, at=at)
        _tell_leader(document, actor, at)
    return document


def close(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Close a registered document that needs no work, and tell its sender it is done."""
    with transaction.atomic(durable=True):
        document = documents.close(document_id=document_id, actor=actor, at=at)
        exchange.report(arrival_id=document_id, kind=Delivered.DONE, actor=actor, at=at)
    return document
