"""A file signed by itself, with one's own key or the agency's: inside for XML (XAdES), beside for anything else (CAdES)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from antin.files import queries as kept
from antin.journeys.sign_document import WAITS, Elsewhere, PreparedTooLongAgo
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.signing import operations as signing
from antin.signing import policy
from antin.signing import queries as signatures
from antin.signing.policy import BESIDE, INSIDE_XML

if TYPE_CHECKING:
    from antin.signing.models import SigningRequest


def sign_file(
    *, file_id: int, certificate_id: int, inside: bool, pin: str, actor: Actor, at: datetime
) -> SigningRequest:
    """Sign a file that was brought. Cut short anywhere, the same call goes on; a signed file is not signed again.

    :raises NotFound: no such file of this person
    :raises AlreadySigned: it is signed already
    :raises NotXml: SignedInside: it cannot be signed inside
    :raises Refusal: as `signing.operations.open_request` and `carry_out`
    """
    with transaction.atomic(durable=True):
        request = _ask(file_id, certificate_id, inside, actor, at)
    return signing.carry_out(request_id=request.pk, pin=pin or None, at=at)


def prepare_elsewhere(
    *, file_id: int, certificate_id: int, inside: bool = False, actor: Actor, at: datetime
) -> Elsewhere:
    """Tell what the signer's own machine is to sign of the file that was brought. Refuses as `sign_file` does."""
    with transaction.atomic(durable=True):
        request = _ask(file_id, certificate_id, inside, actor, at)
    data = signing.to_be_signed(request_id=request.pk, at=at)
    properties = signing.xml_properties(request_id=request.pk, at=at)
    return Elsewhere(data, bytes(request.certificate.certificate), at, properties)


def take_signature(
    *,
    file_id: int,
    certificate_id: int,
    inside: bool = False,
    signature: bytes,
    prepared_at: datetime,
    actor: Actor,
    at: datetime,
) -> SigningRequest:
    """Take the signature that the signer's own machine made over what was prepared at that moment; proved before it counts.

    :raises PreparedTooLongAgo: the moment lies more than ten minutes back: it is prepared anew
    :raises BadSignature: not a signature by the certificate's key over this file
    """
    if not timedelta(0) <= at - prepared_at <= WAITS:
        raise PreparedTooLongAgo
    with transaction.atomic(durable=True):
        request = _ask(file_id, certificate_id, inside, actor, at)
    return signing.carry_out(request_id=request.pk, pin=None, signature=signature, at=prepared_at)


def _ask(file_id: int, certificate_id: int, inside: bool, actor: Actor, at: datetime) -> SigningRequest:
    row = signatures.get_file_for(actor, file_id)
    refuse(policy.why_not_inside(kept.read(row.file_id)) if inside else None)
    field = INSIDE_XML if inside else BESIDE
    request = signing.open_request(
        key=f"own:{row.pk}:{field}:{certificate_id}",
        file=row.file_id,
        field=field,
        certificate_id=certificate_id,
        actor=actor,
        at=at,
    )
    signing.join_file(file_id=row.pk, request_id=request.pk, actor=actor, at=at)
    return request
