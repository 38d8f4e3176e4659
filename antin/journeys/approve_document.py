"""Beat 0: a draft goes to its reviewer and its signer, or back with a reason, and each is told."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.states import Act
from antin.journeys import telling
from antin.people.actor import Actor

if TYPE_CHECKING:
    from antin.documents.models import Document


def submit(*, document_id: int, actor: Actor, today: date, at: datetime) -> Document:
    """Hand a finished draft on, and tell its reviewer. :raises Refusal: as documents.submit"""
    with transaction.atomic(durable=True):
        document = documents.submit(document_id=document_id, actor=actor, today=today, at=at)
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


def endorse(*, document_id: int, words: str = "", actor: Actor, today: date, at: datetime) -> Document:
    """Endorse a draft; its signer is told when the page is fixed. :raises Refusal: as documents.endorse"""
    with transaction.atomic(durable=True):
        return documents.endorse(document_id=document_id, words=words, actor=actor, today=today, at=at)


def return_to_drafter(*, document_id: int, reason: str, actor: Actor, at: datetime) -> Document:
    """Send a document back with a reason, and tell its drafter. :raises Refusal: as documents.return_to_drafter"""
    with transaction.atomic(durable=True):
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
    return document
