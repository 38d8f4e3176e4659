"""Many signatures by one PIN: the key signs what was prepared in one short session; the files are made of that afterwards.

The PIN never reaches the queue or the database. What is kept is each signature value, which is no secret; a batch that is cut
short goes on from there, and asks the PIN again only for what the key had not signed yet (decision 22).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.signing import policy, queries
from antin.signing.models import Batch, BatchItem, SigningRequest
from antin.signing.operations import making
from antin.signing.states import ItemState, RequestState

A_COMMIT = 20


@dataclass(frozen=True)
class Thing:
    """One thing to be signed: its id, its name for people, and the digest of the page that was seen."""

    subject_id: int
    name: str
    file: str


@transaction.atomic
def open_batch(*, things: Iterable[Thing], actor: Actor, at: datetime) -> Batch:
    """Write down what is to be signed in one act; nothing is signed yet.

    :raises NothingChosen: TooMany: none, or more than may be signed at once
    """
    listed = list({thing.subject_id: thing for thing in things}.values())
    refuse(policy.why_not_batch(len(listed)))
    batch = Batch.objects.create(person_id=actor.person_id, post_id=actor.post_id, asked_at=at)
    BatchItem.objects.bulk_create(
        BatchItem(batch=batch, position=place, subject_id=each.subject_id, name=each.name[:500], file=each.file)
        for place, each in enumerate(listed, 1)
    )
    journal.record(
        "batch.opened", subject=("batch", batch.pk), actor=actor, at=at, agency_id=actor.agency_id, count=len(listed)
    )
    return batch


@transaction.atomic
def join_batch(*, item_id: int, request_id: int, at: datetime) -> None:
    """Say which request an item has become, in the transaction that opened it. :raises NotFound: no such item"""
    if not BatchItem.objects.filter(pk=item_id).update(request_id=request_id):
        raise NotFound(item_id=item_id)


@transaction.atomic
def settle_item(*, item_id: int, fault: str = "", at: datetime) -> None:
    """Say how an item came out: done, or not and why. The batch ends with its last item. Repeating it changes nothing."""
    state = ItemState.FAILED if fault else ItemState.DONE
    open_one = BatchItem.objects.filter(pk=item_id).exclude(state__in=(ItemState.DONE, ItemState.FAILED))
    if not open_one.update(state=state, fault=fault[:500]):
        return
    batch = Batch.objects.select_for_update().get(items=item_id)
    if not batch.items.exclude(state__in=(ItemState.DONE, ItemState.FAILED)).exists():
        batch.ended_at = at
        batch.save(update_fields=["ended_at"])
        failed = batch.items.filter(state=ItemState.FAILED).count()
        journal.record("batch.ended", subject=("batch", batch.pk), actor=None, at=at, failed=failed)


def sign_values(*, batch_id: int, pin: str, actor: Actor, at: datetime) -> int:
    """Let the key sign what is open in the batch, all in one session; how many it signed. Never inside a transaction.

    Each value is committed with its fellows, so that what was signed stays signed when this is cut short.

    :raises NotFound: no such batch of this person
    :raises PinMissing: WrongPin: DeviceLocked: DeviceNotUsable: CertificateExpired: CertificateRevoked: nothing was signed
    """
    open_ones = _open_items(queries.get_batch_for(actor, batch_id))
    signed = 0
    signers: dict[int, keys.Signer] = {}
    fresh: list[tuple[BatchItem, bytes, bytes]] = []
    for item in open_ones:
        request = item.request
        assert request is not None
        if request.made is None:
            if request.certificate_id not in signers:
                _keep_values(fresh, actor, at)
                opened = keys.open_signer(certificate_id=request.certificate_id, pin=pin, at=at)
                signers[request.certificate_id] = opened
            signer = signers[request.certificate_id]
            try:
                asked = making.to_be_signed(request, at=at)
            except Refusal as no:
                settle_item(item_id=item.pk, fault=no.message, at=at)
                continue
            fresh.append((item, signer.key.sign(asked, "sha256"), hashlib.sha256(asked).digest()))
        else:
            fresh.append((item, b"", b""))
        signed += 1
        if len(fresh) >= A_COMMIT:
            _keep_values(fresh, actor, at)
    _keep_values(fresh, actor, at)
    return signed


def to_be_signed_of(*, batch_id: int, actor: Actor, at: datetime) -> list[tuple[BatchItem, bytes]]:
    """What a key on the signer's own machine has to sign of a batch: each open item with the bytes. What cannot be is named.

    :raises NotFound: no such batch of this person
    :raises SignsHere: its key is within the node's reach
    """
    found: list[tuple[BatchItem, bytes]] = []
    for item in _open_items(queries.get_batch_for(actor, batch_id)):
        assert item.request is not None
        if item.request.made is not None:
            continue
        keys.open_elsewhere(certificate_id=item.request.certificate_id, signature=b"", at=at)
        try:
            found.append((item, making.to_be_signed(item.request, at=at)))
        except Refusal as no:
            settle_item(item_id=item.pk, fault=no.message, at=at)
    return found


def keep_signatures(
    *, batch_id: int, signatures: Mapping[int, bytes], prepared_at: datetime, actor: Actor, at: datetime
) -> int:
    """Take what the signer's own machine has signed, by item, over what was prepared at that moment; how many count now.

    Each is proved to be its certificate's over the very bytes; one that is not is named in the batch. Repeating it is harmless.

    :raises NotFound: no such batch of this person
    :raises SignsHere: its key is within the node's reach
    """
    fresh: list[tuple[BatchItem, bytes, bytes]] = []
    kept = 0
    for item in _open_items(queries.get_batch_for(actor, batch_id)):
        request = item.request
        assert request is not None
        if request.made is not None:
            fresh.append((item, b"", b""))
        elif item.pk in signatures:
            try:
                value = signatures[item.pk]
                signer = keys.open_elsewhere(certificate_id=request.certificate_id, signature=value, at=at)
                asked = making.to_be_signed(request, at=prepared_at)
                signer.key.sign(asked, "sha256")
            except Refusal as no:
                settle_item(item_id=item.pk, fault=no.message, at=at)
                continue
            fresh.append((item, value, hashlib.sha256(asked).digest()))
        else:
            continue
        kept += 1
        if len(fresh) >= A_COMMIT:
            _keep_values(fresh, actor, at, made_at=prepared_at)
    _keep_values(fresh, actor, at, made_at=prepared_at)
    return kept


def _open_items(batch: Batch) -> list[BatchItem]:
    waiting = batch.items.filter(state=ItemState.WAITING, request__state=RequestState.ASKED)
    return list(waiting.select_related("request__certificate__device").order_by("position"))


@transaction.atomic
def _keep_values(
    fresh: list[tuple[BatchItem, bytes, bytes]], actor: Actor, at: datetime, *, made_at: datetime | None = None
) -> None:
    """Keep what the key has given, for the moment it was prepared for, and promise the making of the files."""
    for item, value, over in fresh:
        if value:
            SigningRequest.objects.filter(pk=item.request_id or 0, state=RequestState.ASKED).update(
                made=value, made_over=over, made_at=made_at or at
            )
        item.state = ItemState.SIGNED
    BatchItem.objects.bulk_update([item for item, _value, _over in fresh], ["state"])
    if fresh:
        journal.record(
            "batch.signed",
            subject=("batch", fresh[0][0].batch_id),
            actor=actor,
            at=at,
            agency_id=actor.agency_id,
            count=len(fresh),
        )
    making.promise_items([item.pk for item, _value, _over in fresh])
    fresh.clear()
