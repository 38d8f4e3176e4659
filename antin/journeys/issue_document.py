"""Beats 4 and 5: number and date enter the signed page, the agency's signature covers them, and the document leaves."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.documents import operations as documents
from antin.documents import queries
from antin.exchange import operations as exchange
from antin.journeys import telling
from antin.keys import queries as keys
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.signing import queries as signatures

if TYPE_CHECKING:
    from antin.documents.models import Attachment, Document
    from antin.keys.models import Certificate


def number_document(
    *, document_id: int, reserved_id: int | None = None, actor: Actor, today: date, at: datetime
) -> Document:
    """Number a signed document; a clerk who keeps the seal seals and issues it in the same act, otherwise its keeper is told.

    :raises Refusal: as documents.number and issue_document; a number once given stays, and the sealing can be ordered again
    """
    with transaction.atomic(durable=True):
        document = documents.number(document_id=document_id, reserved_id=reserved_id, actor=actor, today=today, at=at)
        if not actor.keeps_seal:
            telling.tell(
                "document.to_seal",
                [f"R{document.agency_id}"],
                document_id,
                actor=actor,
                at=at,
                code=document.code,
                subject=document.subject,
            )
            return document
        documents.order_seal(document_id=document_id, actor=actor, at=at)
    return issue_document(document_id=document_id, actor=actor, at=at)


def seal_document(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Seal and issue a numbered document as keeper of the seal. :raises Refusal: as documents.order_seal and issue_document"""
    with transaction.atomic(durable=True):
        documents.order_seal(document_id=document_id, actor=actor, at=at)
    return issue_document(document_id=document_id, actor=actor, at=at)


def issue_document(*, document_id: int, actor: Actor | None, at: datetime) -> Document:
    """Seal a numbered document and send it to all its recipients at once. Repeating it, whole or from any half, ends the same.

    :raises NotNumbered: :raises WrongState:
    :raises NoCertificate: :raises CertificateExpired: :raises CertificateRevoked: the agency's device cannot seal today
    """
    document = queries.get_to_seal(document_id)
    if document is None:
        return queries.get(document_id)
    try:
        certificate = keys.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
        sealed = _seal(document, certificate, actor, at)
        rows = queries.list_attachments(document_id)
        attachments = {row.pk: _mark(document, row, certificate, actor, at) for row in rows if _is_pdf(row)}
        beside = {row.pk: _sign_beside(document, row, certificate, actor, at) for row in rows if not _is_pdf(row)}
    except Refusal as no:
        documents.keep_fault(
            document_id=document_id, revision=document.making.revision, words=no.message, actor=actor, at=at
        )
        raise
    with transaction.atomic(durable=True):
        documents.keep_sealed(
            document_id=document_id, file=sealed, attachments=attachments, beside=beside, actor=actor, at=at
        )
        issued = documents.issue(document_id=document_id, actor=actor, at=at)
        exchange.dispatch(document_id=document_id, actor=actor, at=at)
        telling.tell(
            "document.issued",
            [f"P{document.making.drafter_post_id}"],
            document_id,
            actor=actor,
            at=at,
            code=document.code,
            subject=document.subject,
        )
    return issued


def _seal(document: Document, certificate: Certificate, actor: Actor | None, at: datetime) -> str:
    """Return the digest of the page with number, date and the agency's signature over them."""
    signed_file = document.making.signed_file
    key = f"seal:{document.pk}:{signed_file}"
    request = signatures.find_request(key)
    if request is None:
        day = document.document_date
        assert day is not None and document.number is not None
        values = {
            "number": document.code.partition("/")[0],
            "day": f"{day:%d}",
            "month": month_words(day.month),
            "year": f"{day:%Y}",
        }
        filled = signing.fill(file=signed_file, values=values, at=at)
        request = signing.open_request(
            key=key,
            file=filled,
            field="Agency",
            certificate_id=certificate.pk,
            secrecy=document.secrecy,
            actor=actor,
            at=at,
        )
    return signing.carry_out(request_id=request.pk, pin=None, at=at).result_file or ""


def month_words(month: int) -> str:
    """Return the month as printed: January and February with a leading zero. Law: Decree 30/2020, Appendix I, II.4."""
    return f"{month:02d}" if month < 3 else str(month)


def _is_pdf(attachment: Attachment) -> bool:
    return attachment.media_type == "application/pdf"


def _mark(
    document: Document, attachment: Attachment, certificate: Certificate, actor: Actor | None, at: datetime
) -> str:
    """Return the digest of an attached PDF with the agency's text-only signature.

    Law: Decree 30/2020, Appendix I: an attachment in another file gets number and time at the top right of its first page.
    """
    request = signing.sign_attachment(
        key=f"mark:{attachment.pk}:{document.code}",
        file=attachment.file,
        notation=document.code,
        certificate_id=certificate.pk,
        secrecy=document.secrecy,
        actor=actor,
        at=at,
    )
    return request.result_file


def _sign_beside(
    document: Document, attachment: Attachment, certificate: Certificate, actor: Actor | None, at: datetime
) -> str:
    """Return the digest of the agency's signature beside an attachment that is no PDF: the file itself stays as it is."""
    request = signing.sign_beside(
        key=f"beside:{attachment.pk}:{document.code}",
        file=attachment.file,
        certificate_id=certificate.pk,
        secrecy=document.secrecy,
        actor=actor,
        at=at,
    )
    return request.result_file
