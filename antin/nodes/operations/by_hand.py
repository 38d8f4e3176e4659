"""Parcels carried by hand: what waits for a partner as one file, and a partner's file opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.db import transaction

from antin.journal import operations as journal
from antin.nodes import bundle, policy, queries, statements
from antin.nodes.operations.feeds import each_piece, pack, record_sent, signer
from antin.nodes.operations.stating import state
from antin.nodes.parcels import NotForUs
from antin.people.actor import Actor
from antin.refusal import refuse


@dataclass(frozen=True)
class Exported:
    """What went onto a medium: how many parcels, and their bytes."""

    parcels: int
    size: int


def export_bundle(*, code: str, out: IO[bytes], actor: Actor | None, at: datetime) -> Exported:
    """Write everything that waits for a partner, and what we have of its feed, as one file. What the partner does not
    acknowledge goes onto the next one again.

    :raises NotAllowed: :raises NoSuchMember: :raises Expelled:
    """
    refuse(policy.why_not_run(actor))
    identity, member = queries.get_identity(), queries.get_member(code)
    refuse(policy.why_not_believe(member))
    writer, sent, size = bundle.Writer(out), [], 0
    writer.add("statement.p7m", state(member_id=member.pk, actor=actor, at=at))
    for place, parcel in enumerate(queries.list_unsettled(member), 1):
        packed = pack(parcel_id=parcel.pk, at=at)
        writer.add(f"parcels/{place:06d}", packed.message)
        for index, piece in enumerate(each_piece(packed=packed, at=at)):
            writer.add(f"pieces/{place:06d}-{index:04d}", piece)
            size += len(piece)
        sent.append(parcel.pk)
        size += len(packed.message)
    writer.close(sender=identity.code, receiver=member.code, signer=signer(identity, at), at=at)
    with transaction.atomic():
        record_sent(parcel_ids=sent, actor=actor, at=at)
        journal.record(
            "bundle.exported",
            subject=("member", member.pk),
            actor=actor,
            at=at,
            code=code,
            parcels=len(sent),
            size=size,
        )
    return Exported(len(sent), size)


def opened_bundle(*, source: IO[bytes] | Path, actor: Actor | None, at: datetime) -> bundle.Reader:
    """Open a bundle, believe its list, and let its content be looked at or taken; nothing is taken in by this.

    :raises NotAllowed: :raises NotABundle: :raises BundleChanged:
    :raises NoSuchMember: :raises Expelled: :raises NotByItsKey: :raises NotForUs:
    """
    refuse(policy.why_not_run(actor))
    reader = bundle.Reader(source)
    told = reader.contents
    member = queries.get_member(told.sender)
    refuse(policy.why_not_believe(member))
    statements.read_by(told.signed, bytes(member.sign_certificate), name=member.code)
    if told.receiver != queries.get_identity().code:
        raise NotForUs(to=told.receiver)
    return reader


@transaction.atomic
def record_bundle(*, code: str, parcels_in: int, refused: int, actor: Actor | None, at: datetime) -> None:
    """Record that a medium of a partner's was taken in."""
    member = queries.get_member(code)
    journal.record(
        "bundle.taken",
        subject=("member", member.pk),
        actor=actor,
        at=at,
        code=code,
        parcels=parcels_in,
        refused=refused,
    )
