"""By hand: bundles on a medium, looked into and taken in; the chain of receipts as a file for a third party."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from antin.exchange import queries as deliveries
from antin.journeys.between_nodes.hearing import accept_many
from antin.nodes import operations as nodes
from antin.nodes import parcels, receipts
from antin.nodes import queries as members
from antin.refusal import NotFound

if TYPE_CHECKING:
    from antin.nodes.models import Member
    from antin.people.actor import Actor

AT_ONCE = 32
"""How many messages of a stick are taken in at once."""


@dataclass(frozen=True)
class Inside:
    """One parcel of a bundle as its envelope and letter tell it, before anything is taken in."""

    number: int
    kind: str
    urgency: int
    words: str
    is_known: bool


@dataclass(frozen=True)
class Bundle:
    """What lies on a medium: from which node, made when, its parcels."""

    sender: Member
    made_at: datetime
    inside: list[Inside]
    size: int


def look_into(*, source: IO[bytes] | Path, actor: Actor | None, at: datetime) -> Bundle:
    """Say what is in a bundle without taking it in. :raises Refusal: as nodes.opened_bundle"""
    reader = nodes.opened_bundle(source=source, actor=actor, at=at)
    member = members.get_member(reader.contents.sender)
    inside = []
    for name, envelope in reader.parcels():
        _signed, letter = parcels.split(reader.read(name))
        inside.append(
            Inside(
                number=envelope.number,
                kind=envelope.kind,
                urgency=envelope.urgency,
                words=_words_of(nodes.peek_letter(envelope=envelope, letter=letter, at=at)),
                is_known=members.has_received(member, envelope.feed, envelope.number),
            )
        )
    size = sum(size for size, _digest in reader.contents.entries.values())
    return Bundle(member, reader.contents.made_at, inside, size)


def _words_of(told: dict[str, Any]) -> str:
    document = told.get("document")
    return f"{document.get('code', '')} {document.get('subject', '')}"[:300] if isinstance(document, dict) else ""


@dataclass(frozen=True)
class Taken:
    """What came of taking a bundle in: parcels in it, messages that were refused."""

    parcels: int
    refused: int


def take_bundle(*, source: IO[bytes] | Path, actor: Actor | None, at: datetime) -> Taken:
    """Take in everything on a medium; the same one again changes nothing. :raises Refusal: as nodes.opened_bundle"""
    reader = nodes.opened_bundle(source=source, actor=actor, at=at)
    done, messages = [], iter(reader.messages())
    while some := list(islice(messages, AT_ONCE)):
        done += accept_many(messages=some, way="file", at=at)
    count = sum(name.startswith("parcels/") for name in reader.contents.entries)
    refused = done.count(False)
    nodes.record_bundle(code=reader.contents.sender, parcels_in=count, refused=refused, actor=actor, at=at)
    return Taken(count, refused)


def export_receipts(*, delivery_id: int) -> bytes:
    """Return the chain of receipts of a delivery to another node as a file for a third party. :raises NotFound:"""
    delivery = deliveries.find_delivery(delivery_id)
    chain = deliveries.list_links(delivery_id)
    if delivery is None or not chain:
        raise NotFound()
    member = members.get_member(delivery.line)
    parcel = members.find_parcel_of(member, delivery.reference)
    if parcel is None:
        raise NotFound()
    return receipts.export(
        manifest=bytes(parcel.manifest),
        receipts=[bytes(each.content) for each in chain],
        roots=[bytes(members.get_identity().root), *members.roots_of(member)],
    )
