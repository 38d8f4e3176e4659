"""Parcels that have come whole: opened, and settled when they were taken or set aside."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F

from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.nodes import parcels, pieces, policy, queries
from antin.nodes.models import Carried, Feed, Received, Rejection
from antin.nodes.operations.feeds import link
from antin.nodes.parcels import Envelope, Letter
from antin.nodes.states import SETTLED, Coming
from antin.outbox import operations as outbox
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.workdays import queries as workdays


def promise_taking(received: Received) -> None:
    """Promise to take in a parcel that is whole."""
    outbox.promise("take_parcel", key=received.taking, received_id=received.pk)


def open_received(*, received_id: int, at: datetime) -> Letter:
    """Open the letter of a parcel that has come whole; nobody's signature inside is believed yet.

    :raises NotAParcel: :raises NotOpened: :raises NotAStatement:
    """
    received = queries.get_received(received_id)
    key = keys.open_node_reader(reference=queries.get_identity().seal_reference, at=at)
    return parcels.open_letter(queries.envelope_of(received), bytes(received.letter), key)


def peek_letter(*, envelope: Envelope, letter: bytes, at: datetime) -> dict[str, Any]:
    """Say what a letter tells before it is taken in: to show what lies on a stick. Empty when it cannot be opened."""
    key = keys.open_node_reader(reference=queries.get_identity().seal_reference, at=at)
    try:
        return parcels.open_letter(envelope, letter, key).manifest.told
    except Refusal:
        return {}


def read_following(*, received_id: int, letter: Letter, which: int, at: datetime) -> Iterator[bytes]:
    """Give the content of one of the files that followed. :raises PieceDamaged: :raises NotAParcel: only at its end"""
    received = queries.get_received(received_id)
    return parcels.open_file(letter, queries.envelope_of(received).suite, which, partial(_piece, received))


def _piece(received: Received, index: int) -> bytes:
    return pieces.read(received.member_id, received.digest, index)


def find_damaged(*, received_id: int, at: datetime) -> list[int]:
    """Say which pieces of a parcel are not there, or were changed since they were sealed."""
    received, letter = queries.get_received(received_id), open_received(received_id=received_id, at=at)
    suite, damaged = queries.envelope_of(received).suite, []
    for index in range(received.pieces):
        try:
            parcels.open_piece(letter, suite, index, partial(_piece, received))
        except parcels.PieceDamaged:
            damaged.append(index)
    return damaged


@transaction.atomic
def settle(*, received_id: int, files_kept: list[str], actor: Actor | None, at: datetime) -> Received:
    """Record that a parcel was taken, in the transaction that made its content durable; from then on the partner is told so."""
    received = queries.lock_received_with_feed(received_id)
    if received.status == Coming.TAKEN:
        return received
    received.status, received.settled_at, received.fault, received.fault_code = Coming.TAKEN, at, "", ""
    received.save(update_fields=["status", "settled_at", "fault", "fault_code"])
    Carried.objects.bulk_create(
        [Carried(member=received.member, inward=True, digest=digest) for digest in files_kept], ignore_conflicts=True
    )
    _advance(received.feed_id)
    transaction.on_commit(lambda: pieces.drop(received.member_id, received.digest))
    return received


def _advance(feed_id: int) -> None:
    """Move the mark up to which a feed is whole."""
    feed = Feed.objects.select_for_update(no_key=True).get(pk=feed_id)
    following = Received.objects.filter(feed=feed, number__gt=feed.upto, status__in=SETTLED).order_by("number")
    for number, digest in following.values_list("number", "digest"):
        if number != feed.upto + 1:
            break
        feed.upto, feed.chain = number, link(feed.chain, digest)
    feed.save(update_fields=["upto", "chain"])


@transaction.atomic
def set_aside(*, received_id: int, code: str, words: str, actor: Actor | None, at: datetime) -> Received:
    """Put a parcel aside that cannot be taken, with the reason for both sides; its bytes stay, and it can be tried again."""
    received = queries.lock_received_with_feed(received_id)
    if received.status in SETTLED:
        return received
    received.status, received.settled_at = Coming.ASIDE, at
    received.fault_code, received.fault = code[:40], words[:500]
    received.attempts += 1
    received.save()
    _advance(received.feed_id)
    journal.record(
        "parcel.set_aside",
        subject=("received", received.pk),
        actor=actor,
        at=at,
        sender=received.member.code,
        number=received.number,
        parcel=received.digest,
        code=code,
        words=words[:500],
    )
    return received


@transaction.atomic
def lack(*, received_id: int, damaged: Collection[int] = (), actor: Actor | None, at: datetime) -> Received:
    """Wait for a parcel anew: the partner thought that we had one of its files, or pieces were damaged on the line.

    It sends all of them again. Where only some are `damaged`, the others are kept: on a line that damages one piece in a hundred a
    large parcel would never come whole otherwise. Where most are, they were sealed for another sending, under another key.
    """
    received = queries.lock_received(received_id)
    if received.status == Coming.WHOLE:
        received.status, received.lacks = Coming.COMING, True
        received.attempts += 1
        received.save(update_fields=["status", "lacks", "attempts"])
        if 0 < len(damaged) * 2 < received.pieces:
            pieces.drop_some(received.member_id, received.digest, damaged)
        else:
            pieces.drop(received.member_id, received.digest)
    return received


@transaction.atomic
def take_waiting(*, code: str, kind: str, actor: Actor | None, at: datetime) -> int:
    """Promise anew to take a partner's parcels of a kind that waited for another one; how many they are.

    In the transaction that settles that other one: whoever looks for it later sees it.
    """
    waiting = queries.lock_waiting(queries.get_member(code), kind)
    for received in waiting:
        received.attempts += 1
        received.save(update_fields=["attempts"])
        promise_taking(received)
    return len(waiting)


@transaction.atomic
def take_again(*, received_id: int, actor: Actor | None, at: datetime) -> Received:
    """Try a parcel that was set aside once more. :raises NotAllowed: :raises NotFound:"""
    refuse(policy.why_not_run(actor))
    received = queries.lock_received(received_id)
    if received.status == Coming.ASIDE:
        received.status = Coming.WHOLE
        received.save(update_fields=["status"])
        promise_taking(received)
        journal.record("parcel.taken_again", subject=("received", received.pk), actor=actor, at=at)
    return received


def reject(*, sender: str, refusal: Refusal, actor: Actor | None, at: datetime) -> Rejection:
    """Record that something was not believed; the journal hears of the first of a kind each day, the rest are counted."""
    day = workdays.local_date(at)
    with transaction.atomic():
        row, fresh = Rejection.objects.get_or_create(
            day=day,
            sender=sender[:64],
            code=refusal.code,
            defaults={"words": refusal.message[:500], "last_at": at},
        )
        Rejection.objects.filter(pk=row.pk).update(count=F("count") + 1, words=refusal.message[:500], last_at=at)
        if fresh:
            journal.record(
                "parcel.rejected",
                subject=("rejection", row.pk),
                actor=actor,
                at=at,
                sender=sender[:64],
                code=refusal.code,
                words=refusal.message[:500],
            )
    row.refresh_from_db()
    return row
