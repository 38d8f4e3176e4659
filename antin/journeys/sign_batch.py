"""Many documents signed in one act: each page was seen, one PIN opens the key once, and the files are made by all workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from antin.documents import queries
from antin.journeys import sign_document
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.signing import queries as signatures
from antin.signing.operations import Thing
from antin.signing.policy import RespondersSilent, StillBeingSigned, TimestampRefused
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.signing.models import Batch, BatchItem

LATER = (RespondersSilent, StillBeingSigned, TimestampRefused)
"""What time cures: the promise tries again."""


def sign_batch(*, seen: dict[int, str], pin: str, actor: Actor, today: date, at: datetime) -> Batch:
    """Sign the pages that were seen, document by digest. What cannot be signed is named in the batch; the others go on.

    The key is opened first, so that a wrong PIN changes nothing. Its session ends with this call; the PIN is kept nowhere.

    :raises NothingChosen: TooMany: none, or more than may be signed at once
    :raises NotFound: one of them is not his to see
    :raises WrongPin: DeviceLocked: PinMissing: NoCertificate: CertificateExpired: CertificateRevoked: the key did not open
    """
    things = _things(seen, actor)
    _open_key(pin, actor, at)
    with transaction.atomic(durable=True):
        batch = signing.open_batch(things=things, actor=actor, at=at)
    go_on(batch_id=batch.pk, pin=pin, actor=actor, today=today, at=at)
    return batch


def go_on(*, batch_id: int, pin: str, actor: Actor, today: date, at: datetime) -> int:
    """Go on with a batch that was cut short: what the key has not signed yet; how many it signed now. Repeating it is harmless.

    :raises NotFound: no such batch of this person
    :raises WrongPin: DeviceLocked: PinMissing: NoCertificate: CertificateExpired: CertificateRevoked: the key did not open
    """
    signatures.get_batch_for(actor, batch_id)
    _open_key(pin, actor, at)
    _prepare_all(batch_id, actor, today, at)
    return signing.sign_values(batch_id=batch_id, pin=pin, actor=actor, at=at)


@dataclass(frozen=True)
class Prepared:
    """What the signer's own machine is asked of a batch: for each item its id, its name, and what the certificate's key signs."""

    batch_id: int
    certificate: bytes
    items: list[tuple[int, str, bytes]]


def prepare_elsewhere(*, seen: dict[int, str], actor: Actor, today: date, at: datetime) -> Prepared:
    """Begin a batch whose key is on the signer's own machine. What cannot be signed is named in it; the others are asked for.

    :raises NothingChosen: TooMany: NotFound: as `sign_batch`
    :raises NoCertificate: SignsHere: CertificateExpired: CertificateRevoked: DeviceNotUsable: no key there that may be used
    """
    things = _things(seen, actor)
    _certificate_elsewhere(actor, at)
    with transaction.atomic(durable=True):
        batch = signing.open_batch(things=things, actor=actor, at=at)
    return prepare_rest(batch_id=batch.pk, actor=actor, today=today, at=at)


def prepare_rest(*, batch_id: int, actor: Actor, today: date, at: datetime) -> Prepared:
    """Ask the signer's own machine for what it has not signed yet. Refuses as `prepare_elsewhere`."""
    signatures.get_batch_for(actor, batch_id)
    certificate = _certificate_elsewhere(actor, at)
    _prepare_all(batch_id, actor, today, at)
    asked = signing.to_be_signed_of(batch_id=batch_id, actor=actor, at=at)
    return Prepared(batch_id, certificate, [(item.pk, item.name, data) for item, data in asked])


def take_signatures(*, batch_id: int, made: dict[int, bytes], prepared_at: datetime, actor: Actor, at: datetime) -> int:
    """Take what the signer's own machine has signed, item by item; the files are made by the workers. How many count now.

    :raises PreparedTooLongAgo: the moment lies more than ten minutes back: it is prepared anew
    :raises NotFound: no such batch of this person
    """
    if not timedelta(0) <= at - prepared_at <= sign_document.WAITS:
        raise sign_document.PreparedTooLongAgo
    return signing.keep_signatures(batch_id=batch_id, signatures=made, prepared_at=prepared_at, actor=actor, at=at)


def _things(seen: dict[int, str], actor: Actor) -> list[Thing]:
    return [Thing(each, queries.get_for(actor, each).subject, file) for each, file in seen.items()]


def _certificate_elsewhere(actor: Actor, at: datetime) -> bytes:
    certificate = certificates.get_certificate_for_person(
        actor.person_id, at, agency_id=actor.agency_id, name=actor.person_name
    )
    return keys.open_elsewhere(certificate_id=certificate.pk, signature=b"", at=at).certificate


def _prepare_all(batch_id: int, actor: Actor, today: date, at: datetime) -> None:
    for item in signatures.list_items(batch_id):
        if item.request_id is None and item.state == "waiting":
            _prepare(item, actor, today, at)


def _open_key(pin: str, actor: Actor, at: datetime) -> None:
    certificate = certificates.get_certificate_for_person(
        actor.person_id, at, agency_id=actor.agency_id, name=actor.person_name
    )
    keys.open_signer(certificate_id=certificate.pk, pin=pin, at=at)


def _prepare(item: BatchItem, actor: Actor, today: date, at: datetime) -> None:
    """Ask for the signature of one, as for one alone; or name why not."""
    try:
        with transaction.atomic(durable=True):
            request = sign_document.ask(
                document_id=item.subject_id, seen_file=item.file, actor=actor, today=today, at=at
            )
            signing.join_batch(item_id=item.pk, request_id=request.pk, at=at)
    except Refusal as no:
        signing.settle_item(item_id=item.pk, fault=no.message, at=at)


def finish_item(*, item_id: int, at: datetime) -> None:
    """Make the file of what the key has signed, and hand the document on. Repeating it, whole or from any half, ends the same.

    :raises ConnectionError: a service is silent, or another process has it in hand; the outbox tries again
    """
    item = signatures.get_item(item_id)
    request = item.request
    if request is None or item.state not in ("signed", "done"):
        return
    moment = request.made_at or request.done_at or at
    try:
        done = signing.carry_out(request_id=request.pk, pin=None, at=at)
        actor = people.get_actor(
            person_id=item.batch.person_id, post_id=item.batch.post_id, on=workdays.local_date(moment)
        )
        sign_document.conclude(item.subject_id, done, actor, moment)
    except LATER as silent:
        raise ConnectionError(silent.message) from silent
    except Refusal as no:
        signing.settle_item(item_id=item_id, fault=no.message, at=at)
        return
    signing.settle_item(item_id=item_id, at=at)
