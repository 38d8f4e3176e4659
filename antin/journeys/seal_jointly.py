"""Beat 4, of a joint document: each other agency that issues it seals beside its head's signature, before the one that numbered it.

Law: Decree 30/2020, Appendix I, box 8 (the seal lies over the left third of the signature), art. 33 (each agency's keeper seals).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.states import Act
from antin.documents.types import split_number
from antin.journeys import sealing, telling
from antin.journeys.sign_document import WAITS, PreparedTooLongAgo
from antin.keys import operations as opening_keys
from antin.keys import queries as keys
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.signing import operations as signing
from antin.signing import queries as signatures
from antin.vault.operations import Opened as Content
from antin.vault.operations import Opening, Unlocked
from antin.vault.policy import ChangedMeanwhile

if TYPE_CHECKING:
    from antin.documents.models import Document, Signatory
    from antin.keys.models import Certificate
    from antin.signing.models import SigningRequest


@dataclass(frozen=True)
class SealAsked:
    """What the agency's device at its keeper's machine is asked: to sign each item, a title and data in DER, for that moment."""

    certificate: bytes
    items: list[tuple[str, bytes]]
    at: datetime


def is_anothers(document: Document, actor: Actor) -> bool:
    """Whether the document is another agency's, which the actor's issues too: his seal is a joint one."""
    return policy.find_joint_seal(actor, queries.list_joint_seals(document.pk)) is not None


def values_of(document: Document) -> dict[str, str]:
    """Number and date as they come into the page."""
    day = document.document_date
    assert day is not None and document.number is not None
    return {
        "number": split_number(document.type_code, document.code),
        "day": f"{day:%d}",
        "month": month_words(day.month),
        "year": f"{day:%Y}",
    }


def month_words(month: int) -> str:
    """Return the month as printed: January and February with a leading zero. Law: Decree 30/2020, Appendix I, II.4."""
    return f"{month:02d}" if month < 3 else str(month)


def with_number(document: Document, *, at: datetime) -> str:
    """The digest of the signed page with number and date; the first seal of several came over them already."""
    signed_file = document.making.signed_file
    if any(row.sealed_at for row in queries.list_joint_seals(document.pk)):
        return signed_file
    return signing.fill(file=signed_file, values=values_of(document), at=at)


def with_number_in(document: Document, content: bytes) -> bytes:
    """The same, of pages that are opened in memory."""
    if any(row.sealed_at for row in queries.list_joint_seals(document.pk)):
        return content
    return signing.fill_content(content, values_of(document))


@dataclass(frozen=True)
class _Asked:
    """Beside whose signature which agency's seal comes, by which certificate, on the page as it stands."""

    document: Document
    row: Signatory
    certificate: Certificate
    page: str


def _ask(document_id: int, actor: Actor, at: datetime) -> _Asked:
    """Refuse what must be refused before a key is opened."""
    document = queries.get(document_id)
    rows = queries.list_joint_seals(document_id)
    refuse(policy.why_not_seal_jointly(actor, document, rows))
    row = policy.find_joint_seal(actor, rows)
    assert row is not None
    certificate = keys.get_certificate_for_agency(row.agency_id, at, name=row.agency_name)
    return _Asked(document, row, certificate, document.making.signed_file)


def seal(
    *, document_id: int, opening: Opening | None = None, seal_pin: str | None = None, actor: Actor, at: datetime
) -> Document:
    """Seal a numbered joint document for the actor's agency, as keeper of its seal. `opening` opens a classified page; `seal_pin`
    a token that only its keeper opens.

    Nothing is left of an act that was cut short: on an ordinary page the same request answers with the same signature, a
    classified one is sealed anew.

    :raises NotTheSealKeeper: NotNumbered: SealedAlready: WrongState:
    :raises NoCertificate: CertificateExpired: CertificateRevoked: KeepersPinMissing: WrongPin: the agency's device cannot seal
    """
    for left in (2, 1, 0):
        asked = _ask(document_id, actor, at)
        if keys.asks_keepers_pin(asked.row.agency_id, at):
            opening_keys.open_signer(certificate_id=asked.certificate.pk, pin=seal_pin, at=at)
        try:
            if asked.document.classified_id is None:
                request = _request(asked, actor, at)
                done = signing.carry_out(request_id=request.pk, pin=seal_pin, at=at)
                return _conclude(asked, done.result_file, actor, at)
            return _seal_sealed(asked, opening, actor, at, pin=seal_pin)
        except (documents.PageChanged, ChangedMeanwhile):
            if not left:  # other agencies that seal it too were quicker, again and again
                raise
    raise AssertionError("unreachable")


def _request(asked: _Asked, actor: Actor, at: datetime) -> SigningRequest:
    key = f"joint-seal:{asked.document.pk}:{asked.page}:{asked.row.seal_field}"
    request = signatures.find_request(key)
    if request is not None:
        return request
    return signing.open_request(
        key=key,
        file=with_number(asked.document, at=at),
        field=asked.row.seal_field,
        certificate_id=asked.certificate.pk,
        secrecy=asked.document.secrecy,
        actor=actor,
        at=at,
    )


def _open(asked: _Asked, opening: Opening | None, actor: Actor, at: datetime) -> tuple[Unlocked, Content]:
    """A classified page, opened for its keeper, who reads it. :raises PageChanged: another agency sealed meanwhile"""
    unlocked = sealing.unlock(asked.document, pin=opening, actor=actor, at=at)
    page = sealing.read_pages(unlocked, actor=actor, at=at)
    if page.file != asked.page:
        raise documents.PageChanged
    return unlocked, page


def _seal_sealed(
    asked: _Asked,
    opening: Opening | None,
    actor: Actor,
    at: datetime,
    *,
    pin: str | None = None,
    signature: bytes | None = None,
    made_at: datetime | None = None,
) -> Document:
    """Number, date and this agency's signature come into a classified page in memory."""
    unlocked, page = _open(asked, opening, actor, at)
    signed = signing.sign_content(
        content=with_number_in(asked.document, page.content),
        field=asked.row.seal_field,
        certificate_id=asked.certificate.pk,
        subject=("document", asked.document.pk),
        pin=pin,
        signature=signature,
        secrecy=asked.document.secrecy,
        actor=actor,
        at=made_at or at,
    )
    with transaction.atomic(durable=True):
        file = sealing.seal_pages(asked.document, signed, unlocked, actor=actor, at=at)
        return _keep(asked, file, actor, at)


def _conclude(asked: _Asked, sealed: str | None, actor: Actor, at: datetime) -> Document:
    with transaction.atomic(durable=True):
        return _keep(asked, sealed or "", actor, at)


def _keep(asked: _Asked, sealed: str, actor: Actor, at: datetime) -> Document:
    """Keep the page with the seal; the last one calls the agency that numbered it."""
    document = documents.keep_joint_seal(
        document_id=asked.document.pk, numbered_file=asked.page, sealed_file=sealed, actor=actor, at=at
    )
    if document.next_act == Act.SEAL:
        tell_keeper(document, actor, at)
    return document


def tell_keeper(document: Document, actor: Actor, at: datetime) -> None:
    """Tell whose seal is next: every other agency's that issues the document too, or its own."""
    kind, holders = "document.to_seal", [f"R{document.agency_id}"]
    if document.next_act == Act.JOINT_SEAL:
        awaited = [row for row in queries.list_joint_seals(document.pk) if row.sealed_at is None]
        kind, holders = "document.to_seal_jointly", [f"R{row.agency_id}" for row in awaited]
    words: dict[str, Any] = {"code": document.code, "subject": document.subject}
    telling.tell(kind, holders, document.pk, actor=actor, at=at, by=document.issuer_name, **words)


def prepare(*, document_id: int, opening: Opening | None = None, actor: Actor, at: datetime) -> SealAsked:
    """Tell what the device at the keeper's own machine is to sign: the page alone. Refuses as `seal`."""
    asked = _ask(document_id, actor, at)
    if asked.document.classified_id is None:
        data = signing.to_be_signed(request_id=_request(asked, actor, at).pk, at=at)
    else:
        _unlocked, page = _open(asked, opening, actor, at)
        data = signing.content_to_be_signed(
            content=with_number_in(asked.document, page.content),
            field=asked.row.seal_field,
            certificate_id=asked.certificate.pk,
            secrecy=asked.document.secrecy,
            actor=actor,
            at=at,
        )
    return SealAsked(bytes(asked.certificate.certificate), [(asked.document.code, data)], at)


def seal_elsewhere(
    *,
    document_id: int,
    signatures: Sequence[bytes],
    prepared_at: datetime,
    opening: Opening | None = None,
    actor: Actor,
    at: datetime,
) -> Document:
    """Take the signature that the agency's device made over what was prepared at that moment; proved before it counts.

    :raises PreparedTooLongAgo: the moment lies more than ten minutes back: it is prepared anew
    :raises Refusal: as `seal`; what another agency's key made, or what was made before another sealed, changes nothing
    """
    if not timedelta(0) <= at - prepared_at <= WAITS or len(signatures) != 1:
        raise PreparedTooLongAgo
    asked = _ask(document_id, actor, at)
    if asked.document.classified_id is not None:
        return _seal_sealed(asked, opening, actor, at, signature=signatures[0], made_at=prepared_at)
    request = _request(asked, actor, at)
    done = signing.carry_out(request_id=request.pk, pin=None, signature=signatures[0], at=prepared_at)
    return _conclude(asked, done.result_file, actor, at)
