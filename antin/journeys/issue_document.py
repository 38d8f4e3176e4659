"""Beats 4 and 5: number and date enter the signed page, the agency's signature covers them, and the document leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.operations.issuing import P7S
from antin.documents.types import COPIES
from antin.exchange import operations as exchange
from antin.journeys import ask_opinions, seal_jointly, sealing, telling
from antin.journeys.seal_jointly import SealAsked
from antin.journeys.sign_document import WAITS, PreparedTooLongAgo
from antin.keys import operations as opening
from antin.keys import queries as keys
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.signing import operations as signing
from antin.signing import queries as signatures
from antin.vault import operations as vault
from antin.vault.operations import Opening, Unlocked
from antin.vault.states import Part

if TYPE_CHECKING:
    from antin.documents.models import Attachment, Document
    from antin.keys.models import Certificate
    from antin.signing.models import SigningRequest


def number_document(
    *,
    document_id: int,
    reserved_id: int | None = None,
    pin: Opening | None = None,
    seal_pin: str | None = None,
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Number a signed document; a clerk who keeps the seal seals and issues it in the same act, otherwise its keeper is told.

    `pin` (or what the keeper's own device opened) opens a classified page, or the agency's token; where both are asked for,
    `seal_pin` opens the token. On a joint document the other agencies seal first. An agency's device at the
    keeper's own machine seals in two steps of its own (`prepare_seal`).

    :raises Refusal: as documents.number and issue_document; a number once given stays, and the sealing can be ordered again
    """
    document = queries.get(document_id)
    ask_opinions.why_not_consulted(document)
    seals = _seals_at_once(document, actor, at)
    unlocked = None
    if document.classified_id is not None:
        refuse(policy.why_not_number(actor, document))
        sealing.find_recipients(document, at=at)
        if seals:
            _prove_pin(document, seal_pin, at)
            unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
    elif seals:
        refuse(policy.why_not_number(actor, document))
        _prove_pin(document, _typed(pin), at)
    with transaction.atomic(durable=True):
        document = number_in(document_id=document_id, reserved_id=reserved_id, actor=actor, today=today, at=at)
        if not seals:
            return document
    if unlocked is not None:
        return _issue_sealed(document_id, unlocked, actor, at, pin=seal_pin)
    return issue_document(document_id=document_id, pin=_typed(pin), actor=actor, at=at)


def number_in(*, document_id: int, reserved_id: int | None = None, actor: Actor, today: date, at: datetime) -> Document:
    """Give the number; order the seal where the clerk keeps it here, else tell its keeper. Part of a larger act.

    What is ordered the workers seal, unless the agency's key asks its keeper's PIN: then it waits on the sealing page.
    """
    ask_opinions.why_not_consulted(queries.get(document_id))
    document = documents.number(document_id=document_id, reserved_id=reserved_id, actor=actor, today=today, at=at)
    if _seals_at_once(document, actor, at):
        documents.order_seal(document_id=document_id, actor=actor, at=at)
        return document
    seal_jointly.tell_keeper(document, actor, at)
    return document


def _seals_at_once(document: Document, actor: Actor, at: datetime) -> bool:
    """Whether who numbers it seals it in the same act: he keeps the seal, within the node's reach, and no other's comes first.

    A copy on paper is stamped by hand.
    """
    if not actor.keeps_seal or queries.is_for_hands(document) or keys.seals_elsewhere(document.agency_id, at):
        return False
    return not queries.list_joint_seals(document.pk)


def seal_document(
    *, document_id: int, pin: Opening | None = None, seal_pin: str | None = None, actor: Actor, at: datetime
) -> Document:
    """Seal and issue a numbered document as keeper of the seal; the PINs as in `number_document`.

    The keeper of another agency that issues it too seals for that one, and issues nothing.

    :raises Refusal: as documents.order_seal and issue_document, or as seal_jointly.seal
    """
    document = queries.get(document_id)
    if seal_jointly.is_anothers(document, actor):
        token = seal_pin if document.classified_id is not None else _typed(pin)
        return seal_jointly.seal(document_id=document_id, opening=pin, seal_pin=token, actor=actor, at=at)
    unlocked = None
    if document.classified_id is not None:
        refuse(policy.why_not_seal_as(actor, document))
        sealing.find_recipients(document, at=at)
        _prove_pin(document, seal_pin, at)
        unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
    else:
        refuse(policy.why_not_seal_as(actor, document))
        _prove_pin(document, _typed(pin), at)
    with transaction.atomic(durable=True):
        documents.order_seal(document_id=document_id, actor=actor, at=at)
    if unlocked is not None:
        return _issue_sealed(document_id, unlocked, actor, at, pin=seal_pin)
    return issue_document(document_id=document_id, pin=_typed(pin), actor=actor, at=at)


def _typed(pin: Opening | None) -> str | None:
    """The PIN of a token; content keys open none."""
    return pin if isinstance(pin, str) else None


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
    joint = [f"R{row.agency_id}" for row in queries.list_joint_seals(document.pk)]
    telling.tell(
        "document.issued",
        [f"P{document.making.drafter_post_id}", *joint],
        document.pk,
        actor=actor,
        at=at,
        code=document.code,
        subject=document.subject,
    )
    return issued


@dataclass(frozen=True)
class _Sheet:
    """One thing that the agency signs of a classified document: its page (`row` None), or a file that goes with it."""

    title: str
    content: bytes = field(repr=False)
    signed_in: str
    words: str = ""
    row: int | None = None
    number: int = 0


def _sheets(document: Document, unlocked: Unlocked, actor: Actor, at: datetime) -> list[_Sheet]:
    """What the agency signs of a classified document, opened for this act: the page with number and date first."""
    contents = vault.read(unlocked=unlocked, parts=(Part.PAGES, Part.ATTACHMENT, Part.NAME), actor=actor, at=at)
    filled = seal_jointly.with_number_in(document, contents[Part.PAGES, 0].content)
    sheets = [_Sheet(document.code, filled, "Agency")]
    files = {each.file: (number, each) for (part, number), each in contents.items() if part == Part.ATTACHMENT}
    for row in queries.list_attachments(document.pk):
        number, file = files[row.file]
        name = contents[Part.NAME, number].content.decode()
        where, words = (signing.ATTACHMENT, document.code) if _is_pdf(row) else (signing.BESIDE, "")
        sheets.append(_Sheet(name, file.content, where, words, row.pk, number))
    return sheets


@dataclass(frozen=True)
class _Made:
    """Signatures that the agency's device made at its keeper's machine, in the order of the sheets, for that moment."""

    signatures: Sequence[bytes]
    at: datetime


def _issue_sealed(
    document_id: int,
    unlocked: Unlocked,
    actor: Actor,
    at: datetime,
    *,
    pin: str | None = None,
    made: _Made | None = None,
) -> Document:
    """Number, date and the agency's signature come into a classified page in memory; its recipients' clerks become readers.

    Cut short, nothing was kept of it: the keeper seals it anew.
    """
    document = queries.get_to_seal(document_id)
    if document is None:
        return queries.get(document_id)
    certificate = keys.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
    sheets = _sheets(document, unlocked, actor, at)
    if made is not None and len(made.signatures) != len(sheets):
        raise PreparedTooLongAgo
    signed = [
        signing.sign_content(
            content=sheet.content,
            field=sheet.signed_in,
            words=sheet.words,
            certificate_id=certificate.pk,
            subject=("document", document_id),
            pin=pin,
            signature=made.signatures[place] if made else None,
            secrecy=document.secrecy,
            actor=actor,
            at=made.at if made else at,
        )
        for place, sheet in enumerate(sheets)
    ]
    common: dict[str, Any] = {"unlocked": unlocked, "actor": actor, "at": at}
    with transaction.atomic(durable=True):
        digest = sealing.seal_pages(document, signed[0], **common)
        marked, beside = {}, {}
        for sheet, content in zip(sheets[1:], signed[1:], strict=True):
            assert sheet.row is not None
            if sheet.signed_in == signing.ATTACHMENT:
                marked[sheet.row] = sealing.seal_file(document, sheet.number, content, **common)
            else:
                beside[sheet.row] = sealing.enclose(
                    document.classified_id or 0, content, name=f"{sheet.title[:196]}.p7s", media_type=P7S, **common
                )
        files = [digest, *(marked.get(each.row or 0) or beside[each.row or 0] for each in sheets[1:])]
        final = {file: (sheet.signed_in, content) for file, sheet, content in zip(files, sheets, signed, strict=True)}
        sealing.keep_evidence(document, final, unlocked, at=at)
        documents.keep_sealed(
            document_id=document_id, file=digest, attachments=marked, beside=beside, actor=actor, at=at
        )
        sealing.hand_over(document, unlocked, actor=actor, at=at)
        return _leave(document, actor, at)


# The agency's device at its keeper's own machine: what it is to sign is said, it signs, and its signatures are proved.


def prepare_seal(*, document_id: int, opening: Opening | None = None, actor: Actor, at: datetime) -> SealAsked:
    """Tell what the agency's device is to sign of a numbered document: its page and the files that go with it.

    A classified one is opened for it by the keeper's `opening`, and forgotten again.

    :raises SignsHere: the agency's key is within the node's reach
    :raises Refusal: as `seal_document`
    """
    document = queries.get(document_id)
    if seal_jointly.is_anothers(document, actor):
        return seal_jointly.prepare(document_id=document_id, opening=opening, actor=actor, at=at)
    refuse(policy.why_not_seal_as(actor, document))
    certificate = keys.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
    if document.classified_id is None:
        asked = [each for each in _requests(document, certificate, actor, at) if not each[1].result_file]
        items = [(title, signing.to_be_signed(request_id=request.pk, at=at)) for title, request in asked]
        return SealAsked(bytes(certificate.certificate), items, at)
    sealing.find_recipients(document, at=at)
    unlocked = sealing.unlock(document, pin=opening, actor=actor, at=at)
    items = []
    for place, sheet in enumerate(_sheets(document, unlocked, actor, at)):
        data = signing.content_to_be_signed(
            content=sheet.content,
            field=sheet.signed_in,
            words=sheet.words,
            certificate_id=certificate.pk,
            secrecy=document.secrecy,
            actor=actor,
            at=at,
        )
        items.append((f"{document.code}" if not place else f"{document.code}, {sealing.MASKED_NAME} {place}", data))
    return SealAsked(bytes(certificate.certificate), items, at)


def seal_elsewhere(
    *,
    document_id: int,
    signatures: Sequence[bytes],
    prepared_at: datetime,
    opening: Opening | None = None,
    actor: Actor,
    at: datetime,
) -> Document:
    """Take the signatures that the agency's device made over what was prepared at that moment, and issue the document.

    :raises PreparedTooLongAgo: the moment lies more than ten minutes back, or something came in since: it is prepared anew
    :raises Refusal: as `seal_document`; a signature that is none by the agency's key changes nothing
    """
    if not timedelta(0) <= at - prepared_at <= WAITS:
        raise PreparedTooLongAgo
    document = queries.get(document_id)
    if seal_jointly.is_anothers(document, actor):
        return seal_jointly.seal_elsewhere(
            document_id=document_id,
            signatures=signatures,
            prepared_at=prepared_at,
            opening=opening,
            actor=actor,
            at=at,
        )
    refuse(policy.why_not_seal_as(actor, document))
    if document.classified_id is not None:
        sealing.find_recipients(document, at=at)
        unlocked = sealing.unlock(document, pin=opening, actor=actor, at=at)
        with transaction.atomic(durable=True):
            documents.order_seal(document_id=document_id, actor=actor, at=at)
        return _issue_sealed(document_id, unlocked, actor, at, made=_Made(signatures, prepared_at))
    certificate = keys.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
    asked = [each for _title, each in _requests(document, certificate, actor, at)]
    if len(asked) != len(signatures):  # some were made in a try before, and were not asked for again
        asked = [each for each in asked if not each.result_file]
    if len(asked) != len(signatures):
        raise PreparedTooLongAgo
    with transaction.atomic(durable=True):
        documents.order_seal(document_id=document_id, actor=actor, at=at)
    for request, signature in zip(asked, signatures, strict=True):
        signing.carry_out(request_id=request.pk, pin=None, signature=signature, at=prepared_at)
    return issue_document(document_id=document_id, actor=actor, at=at)


def _requests(
    document: Document, certificate: Certificate, actor: Actor, at: datetime
) -> list[tuple[str, SigningRequest]]:
    """What is asked of the agency's key for an ordinary document, by title; the same rows as when the node seals by itself."""
    found = [(document.code, _ask_page(document, certificate, actor, at))]
    common: dict[str, Any] = {"certificate_id": certificate.pk, "secrecy": document.secrecy, "actor": actor, "at": at}
    for row in queries.list_attachments(document.pk):
        if _is_pdf(row):
            key = f"mark:{row.pk}:{document.code}"
            request = signing.ask_attachment(key=key, file=row.file, notation=document.code, **common)
        else:
            key = f"beside:{row.pk}:{document.code}"
            request = signing.open_request(key=key, file=row.file, field=signing.BESIDE, **common)
        found.append((row.name, request))
    return found


def _seal(document: Document, certificate: Certificate, pin: str | None, actor: Actor | None, at: datetime) -> str:
    """Return the digest of the page with number, date and the agency's signature over them."""
    request = _ask_page(document, certificate, actor, at)
    return signing.carry_out(request_id=request.pk, pin=pin, at=at).result_file or ""


def _ask_page(document: Document, certificate: Certificate, actor: Actor | None, at: datetime) -> SigningRequest:
    """Ask for the agency's signature over number and date, once for each signed page.

    On a copy it says at the top right of page 1 what the copy is, whose, and when. Law: Decree 30/2020, Appendix III, form 3.2.
    """
    signed_file = document.making.signed_file
    key = f"seal:{document.pk}:{signed_file}"
    request = signatures.find_request(key)
    if request is not None:
        return request
    common: dict[str, Any] = {"certificate_id": certificate.pk, "secrecy": document.secrecy, "actor": actor, "at": at}
    if document.type_code in COPIES:
        words = f"{COPIES[document.type_code].name.upper()}; {document.issuer_name}"
        return signing.ask_attachment(key=key, file=signed_file, notation=words, **common)
    return signing.open_request(
        key=key,
        file=seal_jointly.with_number(document, at=at),
        field="Agency",
        **common,
    )


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
