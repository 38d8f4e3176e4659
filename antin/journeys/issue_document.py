"""Beats 4 and 5: number and date enter the signed page, the agency's signature covers them, and the document leaves."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.operations.issuing import P7S
from antin.exchange import operations as exchange
from antin.journeys import sealing, telling
from antin.keys import operations as opening
from antin.keys import queries as keys
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.signing import operations as signing
from antin.signing import queries as signatures
from antin.vault import operations as vault
from antin.vault.operations import Unlocked
from antin.vault.states import Part

if TYPE_CHECKING:
    from antin.documents.models import Attachment, Document
    from antin.keys.models import Certificate


def number_document(
    *,
    document_id: int,
    reserved_id: int | None = None,
    pin: str | None = None,
    seal_pin: str | None = None,
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Number a signed document; a clerk who keeps the seal seals and issues it in the same act, otherwise its keeper is told.

    `pin` opens a classified page, or the agency's token; where both are asked for, `seal_pin` opens the token.

    :raises Refusal: as documents.number and issue_document; a number once given stays, and the sealing can be ordered again
    """
    document = queries.get(document_id)
    unlocked = None
    if document.classified_id is not None:
        refuse(policy.why_not_number(actor, document))
        sealing.find_recipients(document, at=at)
        if actor.keeps_seal:
            _prove_pin(document, seal_pin, at)
            unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
    elif actor.keeps_seal:
        refuse(policy.why_not_number(actor, document))
        _prove_pin(document, pin, at)
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
    if unlocked is not None:
        return _issue_sealed(document_id, unlocked, seal_pin, actor, at)
    return issue_document(document_id=document_id, pin=pin, actor=actor, at=at)


def seal_document(
    *, document_id: int, pin: str | None = None, seal_pin: str | None = None, actor: Actor, at: datetime
) -> Document:
    """Seal and issue a numbered document as keeper of the seal; the PINs as in `number_document`.

    :raises Refusal: as documents.order_seal and issue_document
    """
    document = queries.get(document_id)
    unlocked = None
    if document.classified_id is not None:
        refuse(policy.why_not_seal_as(actor, document))
        sealing.find_recipients(document, at=at)
        _prove_pin(document, seal_pin, at)
        unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
    else:
        refuse(policy.why_not_seal_as(actor, document))
        _prove_pin(document, pin, at)
    with transaction.atomic(durable=True):
        documents.order_seal(document_id=document_id, actor=actor, at=at)
    if unlocked is not None:
        return _issue_sealed(document_id, unlocked, seal_pin, actor, at)
    return issue_document(document_id=document_id, pin=pin, actor=actor, at=at)


def _prove_pin(document: Document, pin: str | None, at: datetime) -> None:
    """Refuse before anything is written where the agency's token needs its keeper's PIN and this is not it."""
    if keys.asks_keepers_pin(document.agency_id, at):
        certificate = keys.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
        opening.open_signer(certificate_id=certificate.pk, pin=pin, at=at)


def issue_document(*, document_id: int, pin: str | None = None, actor: Actor | None, at: datetime) -> Document:
    """Seal a numbered document and send it to all its recipients at once. Repeating it, whole or from any half, ends the same.

    `pin` opens an agency's token that the node cannot open by itself; the document says so while it waits for it.

    :raises NotNumbered: :raises WrongState:
    :raises NoCertificate: :raises CertificateExpired: :raises CertificateRevoked: the agency's device cannot seal today
    """
    document = queries.get_to_seal(document_id)
    if document is None:
        return queries.get(document_id)
    sealing.refuse_in_clear(document)
    try:
        certificate = keys.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
        sealed = _seal(document, certificate, pin, actor, at)
        rows = queries.list_attachments(document_id)
        attachments = {
            row.pk: _mark(document, row, certificate, pin, actor=actor, at=at) for row in rows if _is_pdf(row)
        }
        beside = {
            row.pk: _sign_beside(document, row, certificate, pin, actor=actor, at=at)
            for row in rows
            if not _is_pdf(row)
        }
    except Refusal as no:
        documents.keep_fault(
            document_id=document_id, revision=document.making.revision, words=no.message, actor=actor, at=at
        )
        raise
    with transaction.atomic(durable=True):
        documents.keep_sealed(
            document_id=document_id, file=sealed, attachments=attachments, beside=beside, actor=actor, at=at
        )
        return _leave(document, actor, at)


def _leave(document: Document, actor: Actor | None, at: datetime) -> Document:
    """Issue and dispatch what is sealed, and tell its drafter, in the caller's transaction."""
    issued = documents.issue(document_id=document.pk, actor=actor, at=at)
    exchange.dispatch(document_id=document.pk, actor=actor, at=at)
    telling.tell(
        "document.issued",
        [f"P{document.making.drafter_post_id}"],
        document.pk,
        actor=actor,
        at=at,
        code=document.code,
        subject=document.subject,
    )
    return issued


def _issue_sealed(document_id: int, unlocked: Unlocked, seal_pin: str | None, actor: Actor, at: datetime) -> Document:
    """Number, date and the agency's signature come into a classified page in memory; its recipients' clerks become readers.

    Cut short, nothing was kept of it: the keeper seals it anew.
    """
    document = queries.get_to_seal(document_id)
    if document is None:
        return queries.get(document_id)
    certificate = keys.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
    contents = vault.read(unlocked=unlocked, parts=(Part.PAGES, Part.ATTACHMENT, Part.NAME), actor=actor, at=at)
    filled = signing.fill_content(contents[Part.PAGES, 0].content, _values(document))
    by_agency: dict[str, Any] = {
        "certificate_id": certificate.pk,
        "subject": ("document", document_id),
        "pin": seal_pin,
        "secrecy": document.secrecy,
        "actor": actor,
        "at": at,
    }
    page = signing.sign_content(content=filled, field="Agency", **by_agency)
    files = {each.file: (number, each) for (part, number), each in contents.items() if part == Part.ATTACHMENT}
    marked: dict[int, tuple[int, bytes]] = {}
    beside: dict[int, tuple[str, bytes]] = {}
    for row in queries.list_attachments(document_id):
        number, file = files[row.file]
        if _is_pdf(row):
            content = signing.sign_content(
                content=file.content, field=signing.ATTACHMENT, words=document.code, **by_agency
            )
            marked[row.pk] = (number, content)
        else:
            name = contents[Part.NAME, number].content.decode()
            beside[row.pk] = (name, signing.sign_content(content=file.content, field=signing.BESIDE, **by_agency))
    common: dict[str, Any] = {"unlocked": unlocked, "actor": actor, "at": at}
    with transaction.atomic(durable=True):
        digest = sealing.seal_pages(document, page, **common)
        signatures_of = {
            pk: sealing.enclose(document, p7s, name=f"{name[:196]}.p7s", media_type=P7S, **common)
            for pk, (name, p7s) in beside.items()
        }
        sealed_files = {
            pk: sealing.seal_file(document, number, content, **common) for pk, (number, content) in marked.items()
        }
        documents.keep_sealed(
            document_id=document_id, file=digest, attachments=sealed_files, beside=signatures_of, actor=actor, at=at
        )
        sealing.hand_over(document, unlocked, actor=actor, at=at)
        return _leave(document, actor, at)


def _seal(document: Document, certificate: Certificate, pin: str | None, actor: Actor | None, at: datetime) -> str:
    """Return the digest of the page with number, date and the agency's signature over them."""
    signed_file = document.making.signed_file
    key = f"seal:{document.pk}:{signed_file}"
    request = signatures.find_request(key)
    if request is None:
        filled = signing.fill(file=signed_file, values=_values(document), at=at)
        request = signing.open_request(
            key=key,
            file=filled,
            field="Agency",
            certificate_id=certificate.pk,
            secrecy=document.secrecy,
            actor=actor,
            at=at,
        )
    return signing.carry_out(request_id=request.pk, pin=pin, at=at).result_file or ""


def _values(document: Document) -> dict[str, str]:
    """Number and date as they come into the page."""
    day = document.document_date
    assert day is not None and document.number is not None
    return {
        "number": document.code.partition("/")[0],
        "day": f"{day:%d}",
        "month": month_words(day.month),
        "year": f"{day:%Y}",
    }


def month_words(month: int) -> str:
    """Return the month as printed: January and February with a leading zero. Law: Decree 30/2020, Appendix I, II.4."""
    return f"{month:02d}" if month < 3 else str(month)


def _is_pdf(attachment: Attachment) -> bool:
    return attachment.media_type == "application/pdf"


def _mark(
    document: Document,
    attachment: Attachment,
    certificate: Certificate,
    pin: str | None,
    *,
    actor: Actor | None,
    at: datetime,
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
        pin=pin,
    )
    return request.result_file


def _sign_beside(
    document: Document,
    attachment: Attachment,
    certificate: Certificate,
    pin: str | None,
    *,
    actor: Actor | None,
    at: datetime,
) -> str:
    """Return the digest of the agency's signature beside an attachment that is no PDF: the file itself stays as it is."""
    request = signing.sign_beside(
        key=f"beside:{attachment.pk}:{document.code}",
        file=attachment.file,
        certificate_id=certificate.pk,
        secrecy=document.secrecy,
        actor=actor,
        at=at,
        pin=pin,
    )
    return request.result_file
