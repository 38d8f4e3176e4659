"""A world that can sign: the demonstration authority, keys for the cast, and the walk through the real page, key and seal."""

from __future__ import annotations

from datetime import datetime

from antin.documents import queries
from antin.documents.models import Document
from antin.journeys import approve_document, fix_page, issue_document, sign_document
from antin.keys import operations as keys
from tests import given
from tests.cast import TODAY, Cast

PIN = "246810"


def give_keys(cast: Cast, at: datetime) -> None:
    """Establish the authority; give the two leaders of the general department a key each, and both agencies a seal."""
    keys.establish(name="Cơ quan chứng thực thử nghiệm", organisation="Tổng cục Z", actor=None, at=at)
    for member in (cast.head, cast.deputy, cast.recipient_head):
        keys.issue_person_certificate(person_id=member.person_id, post_id=member.post_id, pin=PIN, actor=None, at=at)
    for agency_id, keeper in ((cast.agency_id, cast.seal_keeper), (cast.recipient_id, cast.recipient_clerk)):
        keys.issue_agency_certificate(agency_id=agency_id, custodian_id=keeper.person_id, actor=None, at=at)


def a_page_to_sign(cast: Cast, at: datetime, **changes: object) -> Document:
    """A letter endorsed and laid out for real, waiting for the head."""
    document = given.a_submitted_draft(cast, at, **changes)  # type: ignore[arg-type]
    approve_document.endorse(document_id=document.pk, actor=cast.plan_head.actor(), today=TODAY, at=at)
    fix_page.fix_page(document_id=document.pk, at=at)
    return queries.get(document.pk)


def sign(cast: Cast, document: Document, at: datetime, *, pin: str = PIN) -> Document:
    return sign_document.sign_document(
        document_id=document.pk,
        seen_file=document.file,
        pin=pin,
        actor=cast.head.actor(),
        today=TODAY,
        at=at,
    )


def a_signed_page(cast: Cast, at: datetime, **changes: object) -> Document:
    """The same, signed by the head with his own key."""
    document = a_page_to_sign(cast, at, **changes)
    sign(cast, document, at)
    return queries.get(document.pk)


def an_issued_page(cast: Cast, at: datetime, **changes: object) -> Document:
    """The same, numbered, sealed, issued; its deliveries are promised."""
    document = a_signed_page(cast, at, **changes)
    issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    issue_document.seal_document(document_id=document.pk, actor=cast.seal_keeper.actor(), at=at)
    return queries.get(document.pk)
