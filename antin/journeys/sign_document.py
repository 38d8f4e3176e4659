"""Beat 2: who has to sign the page signs exactly the page he has seen, each in his turn. No hand signs the same page twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.states import Part, Status
from antin.journeys import sealing, telling
from antin.keys import queries as keys
from antin.outbox import operations as outbox
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.signing import queries as signatures
from antin.vault import operations as vault
from antin.vault.operations import Opened as Content
from antin.vault.operations import Opening, Unlocked
from antin.vault.policy import ChangedMeanwhile
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document, Signatory
    from antin.keys.models import Certificate
    from antin.signing.models import SigningRequest

WAITS = timedelta(minutes=10)


class PreparedTooLongAgo(Refusal):
    code = "prepared_too_long_ago"
    words = _("Đã quá 10 phút kể từ khi chuẩn bị ký. Đồng chí bấm ký lại.")


def sign_document(
    *,
    document_id: int,
    seen_file: str,
    pin: str,
    opening: Opening | None = None,
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Sign the page whose digest the signer saw, with his own key, opened by his PIN.

    Prepared in one transaction, signed without one, concluded in another. A crash in between leaves a request that is concluded by
    a promise, or by signing again: the same request then answers with the same signature. A classified page is opened, signed and
    sealed again in memory; a crash in between leaves nothing, and it is signed anew. `opening` is what opens it, where that is not
    the PIN of the key that signs.

    :raises PageChanged: the page is not the one that was seen
    :raises NotTheSigner: :raises WrongState: :raises WrongPin: :raises KeyLocked:
    :raises CertificateExpired: :raises CertificateRevoked: between approval and signing
    """
    sealed = queries.get(document_id).classified_id is not None
    signs = _Signs(document_id, seen_file, actor, today, at)
    for left in (2, 1, 0):
        try:
            return _sign_sealed(signs, opening or pin, pin=pin) if sealed else _sign_kept(signs, pin)
        except (documents.PageChanged, ChangedMeanwhile):
            if not left:  # others who sign together with him were quicker, again and again; or it is another page
                raise
    raise AssertionError("unreachable")


@dataclass(frozen=True)
class _Signs:
    """Who signs which page, and when."""

    document_id: int
    seen_file: str
    actor: Actor
    today: date
    at: datetime


def _sign_kept(signs: _Signs, pin: str) -> Document:
    """Sign the kept page that was seen."""
    with transaction.atomic(durable=True):
        request = ask(
            document_id=signs.document_id,
            seen_file=signs.seen_file,
            actor=signs.actor,
            today=signs.today,
            at=signs.at,
        )
    done = signing.carry_out(request_id=request.pk, pin=pin, at=signs.at)
    return conclude(signs.document_id, done, signs.actor, signs.at)


@dataclass(frozen=True)
class _Opened:
    """A sealed page opened for its next hand, and the certificate that signs it."""

    document: Document
    hand: Signatory
    certificate: Certificate
    clerks: dict[int, str]
    unlocked: Unlocked
    page: Content


def _open_page(signs: _Signs, opening: Opening | None) -> _Opened:
    """Open the sealed page that was seen, for a hand whose turn it is.

    :raises NobodyReads: the agency has no clerk who could number it; nothing was opened
    """
    document = queries.get(signs.document_id)
    actor, at = signs.actor, signs.at
    hand, last = documents.check_before_signing(
        document=document,
        making=queries.making_of(document),
        seen_file=signs.seen_file,
        actor=actor,
        today=signs.today,
    )
    certificate = keys.get_certificate_for_person(actor.person_id, at, agency_id=hand.agency_id, name=actor.person_name)
    clerks = sealing.find_sealers(document, at=at)
    unlocked = sealing.unlock(document, pin=opening, actor=actor, at=at)
    page = sealing.read_pages(unlocked, actor=actor, at=at)
    if page.file != last:
        raise documents.PageChanged
    return _Opened(document, hand, certificate, clerks, unlocked, page)


def _sign_sealed(
    signs: _Signs,
    opening: Opening | None,
    *,
    pin: str | None = None,
    signature: bytes | None = None,
    prepared_at: datetime | None = None,
) -> Document:
    """Sign the sealed page that was seen. By a competent hand the clerks who will number it become readers in the same act."""
    opened = _open_page(signs, opening)
    document, hand, actor, at = opened.document, opened.hand, signs.actor, signs.at
    signed = signing.sign_content(
        content=opened.page.content,
        field=hand.field,
        certificate_id=opened.certificate.pk,
        subject=("document", document.pk),
        pin=pin,
        signature=signature,
        secrecy=document.secrecy,
        actor=actor,
        at=prepared_at or at,
    )
    with transaction.atomic(durable=True):
        if hand.part in (Part.COSIGNER, Part.SIGNER):
            vault.let_read(unlocked=opened.unlocked, persons=opened.clerks, actor=actor, at=at)
        file = sealing.seal_pages(document, signed, opened.unlocked, actor=actor, at=at)
        return _keep(document.pk, opened.page.file, file, actor, at, field=hand.field)


@dataclass(frozen=True)
class Elsewhere:
    """What a key on the signer's own machine is asked: to sign `data`, in DER, by that certificate, for the moment `at`.

    Inside XML `data` is the canonical SignedInfo, and `properties` what it hashes of itself.
    """

    data: bytes
    certificate: bytes
    at: datetime
    properties: bytes = b""


def prepare_elsewhere(
    *, document_id: int, seen_file: str, opening: Opening | None = None, actor: Actor, today: date, at: datetime
) -> Elsewhere:
    """Tell what the signer's own machine is to sign, for the page whose digest he saw. Refuses as `sign_document` does.

    A classified page is opened for it, by his PIN or by the content keys that his device opened, and forgotten again.
    """
    if queries.get(document_id).classified_id is not None:
        opened = _open_page(_Signs(document_id, seen_file, actor, today, at), opening)
        data = signing.content_to_be_signed(
            content=opened.page.content,
            field=opened.hand.field,
            certificate_id=opened.certificate.pk,
            secrecy=opened.document.secrecy,
            actor=actor,
            at=at,
        )
        return Elsewhere(data, bytes(opened.certificate.certificate), at)
    with transaction.atomic(durable=True):
        request = ask(document_id=document_id, seen_file=seen_file, actor=actor, today=today, at=at)
    data = signing.to_be_signed(request_id=request.pk, at=at)
    return Elsewhere(data, bytes(request.certificate.certificate), at)


def sign_elsewhere(
    *,
    document_id: int,
    seen_file: str,
    signature: bytes,
    prepared_at: datetime,
    opening: Opening | None = None,
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Take the signature that the signer's own machine made over what was prepared at that moment; proved before it counts.

    :raises PreparedTooLongAgo: the moment lies more than ten minutes back: it is prepared anew
    :raises BadSignature: not a signature by the certificate's key over this page
    """
    if not timedelta(0) <= at - prepared_at <= WAITS:
        raise PreparedTooLongAgo
    if queries.get(document_id).classified_id is not None:
        signs = _Signs(document_id, seen_file, actor, today, at)
        return _sign_sealed(signs, opening, signature=signature, prepared_at=prepared_at)
    with transaction.atomic(durable=True):
        request = ask(document_id=document_id, seen_file=seen_file, actor=actor, today=today, at=at)
    done = signing.carry_out(request_id=request.pk, pin=None, signature=signature, at=prepared_at)
    return conclude(document_id, done, actor, at)


def ask(*, document_id: int, seen_file: str, actor: Actor, today: date, at: datetime) -> SigningRequest:
    """Ask for the signature, in the caller's transaction; refuses as `sign_document`."""
    document = queries.lock(document_id)
    sealing.refuse_in_clear(document)
    making = queries.making_of(document)
    hand, page = documents.check_before_signing(
        document=document, making=making, seen_file=seen_file, actor=actor, today=today
    )
    certificate = keys.get_certificate_for_person(actor.person_id, at, agency_id=hand.agency_id, name=actor.person_name)
    request = signing.open_request(
        key=_key(document_id, page, hand.field),
        file=page,
        field=hand.field,
        certificate_id=certificate.pk,
        secrecy=document.secrecy,
        actor=actor,
        at=at,
    )
    outbox.promise(
        "conclude_signing",
        key=f"conclude:{request.pk}",
        due_at=at + timedelta(minutes=1),
        at=at,
        document_id=document_id,
        seen_file=page,
        field=hand.field,
        person_id=actor.person_id,
        post_id=actor.post_id,
    )
    return request


def _key(document_id: int, page: str, field: str) -> str:
    return f"sign:{document_id}:{page}" + ("" if field == "Person" else f":{field}")


def conclude(document_id: int, done: SigningRequest, actor: Actor, at: datetime) -> Document:
    """Keep the signed page, and tell who signs next, or the registry office. Repeating it changes nothing.

    :raises PageChanged: it is not the document's page any more: returned, or somebody who signs together with him was quicker
    """
    with transaction.atomic(durable=True):
        return _keep(document_id, done.file_id, done.result_file, actor, at, field=done.field)


def _keep(document_id: int, page: str, signed: str, actor: Actor, at: datetime, *, field: str = "Person") -> Document:
    document = documents.keep_signed(
        document_id=document_id, laid_out_file=page, signed_file=signed, field=field, actor=actor, at=at
    )
    kind, holders, by = "document.to_number", [f"R{document.agency_id}"], actor.person_name
    if document.status == Status.ENDORSED:
        making = queries.making_of(document)
        due = policy.list_due(queries.list_signatories(document, making), in_order=making.in_order)
        kind, holders, by = "document.to_sign", [f"P{each.post_id}" for each in due], making.drafter_name
    key = f"{kind.removeprefix('document.')}:{signed}"
    telling.tell(kind, holders, document_id, actor=actor, at=at, key=key, subject=document.subject, by=by)
    return document


def conclude_signing(
    *, document_id: int, seen_file: str, person_id: int, post_id: int, at: datetime, field: str = "Person"
) -> None:
    """Conclude a signing that was interrupted after the key had signed; nothing to do when it was not, or was concluded."""
    request = signatures.find_request(_key(document_id, seen_file, field))
    if request is None or not request.result_file:
        return
    try:
        actor = people.get_actor(person_id=person_id, post_id=post_id, on=workdays.local_date(request.done_at or at))
        conclude(document_id, request, actor, request.done_at or at)
    except Refusal:
        return  # returned or signed anew meanwhile: the signature belongs to a page that is no longer the document's
