"""Parcels going out: numbered, sealed when they are sent, sent again until the partner states that it has them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from antin.files import queries as files
from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.nodes import parcels, policy, queries, statements
from antin.nodes.models import Feed, Identity, Member, Parcel
from antin.nodes.parcels import Content, Envelope
from antin.nodes.states import UNSETTLED, Status, step
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.vault import suites


@transaction.atomic
def enqueue(
    *, member_id: int, key: str, manifest: bytes, urgency: int = 0, about: str = "", actor: Actor | None, at: datetime
) -> Parcel:
    """Give a signed manifest the next number of the feed to a partner; it is sent when a line or a stick is there.

    Once per key, in the caller's transaction.

    :raises Expelled: the partner was expelled
    :raises TooLargeForAParcel:
    """
    done = queries.find_parcel(key)
    if done is not None:
        return done
    member = Member.objects.select_for_update(no_key=True).get(pk=member_id)
    refuse(policy.why_not_believe(member))
    done = queries.find_parcel(key)
    if done is not None:
        return done
    told = statements.peek(manifest)
    parcels.count_pieces(tuple(Content(each["sha256"], each["size"]) for each in told.get("files", [])))
    named = parcels.files_of(told)
    feed = queries.find_current_feed(member, inward=False) or _begin_feed(member, at)
    feed.last += 1
    digest = statements.digest_of(told)
    feed.chain = link(feed.chain, digest)
    feed.save(update_fields=["last", "chain"])
    return Parcel.objects.create(
        member=member,
        feed=feed,
        number=feed.last,
        key=key,
        kind=str(told["kind"]),
        about=about[:200],
        urgency=urgency,
        manifest=manifest,
        digest=digest,
        chain=feed.chain,
        size=len(manifest) + sum(each["size"] for each in named),
        made_at=at,
    )


def _begin_feed(member: Member, at: datetime) -> Feed:
    return Feed.objects.create(member=member, inward=False, feed=secrets.token_hex(8), begun_at=at)


def link(chain: str, digest: str) -> str:
    """Return the chain of a feed behind one more parcel."""
    return hashlib.sha256(bytes.fromhex(chain) + bytes.fromhex(digest)).hexdigest()


@transaction.atomic
def begin_feeds(*, actor: Actor | None, at: datetime) -> int:
    """Begin new feeds to every partner, and give what was not settled new numbers in them: after this node was restored.

    Partners tell what was said to them since the backup; until then nothing is signed for them that could contradict it.
    What was given a number after the backup is not known here any more; under the old feed a number would come twice.
    """
    begun = 0
    for member in Member.objects.select_for_update(no_key=True).order_by("id"):
        old = queries.find_current_feed(member, inward=False)
        if old is None:
            continue
        feed = _begin_feed(member, at)
        feed.awaits_memory = bool(member.stated.get("remembers"))
        for parcel in Parcel.objects.filter(member=member, status__in=UNSETTLED).order_by("number"):
            feed.last += 1
            feed.chain = link(feed.chain, parcel.digest)
            parcel.feed, parcel.number, parcel.chain = feed, feed.last, feed.chain
            parcel.status, parcel.whole, parcel.pieces_sent = Status.WAITING, True, 0
            parcel.save()
        feed.save()
        begun += 1
        journal.record(
            "feed.begun", subject=("member", member.pk), actor=actor, at=at, code=member.code, former=old.feed
        )
    return begun


@dataclass(frozen=True)
class Packed:
    """A parcel sealed for its way: the first message, and what follows it."""

    parcel: Parcel
    message: bytes
    key: bytes
    following: tuple[Content, ...]
    pieces: int


def pack(*, parcel_id: int, whole: bool = False, at: datetime) -> Packed:
    """Seal a parcel for its partner. Outside any transaction; the same pieces' key each time.

    Files that the partner has from us already are named and left out, unless it said that it lacks them.

    :raises Expelled: :raises WrongState: it was stopped
    """
    parcel = queries.get_parcel(parcel_id)
    refuse(policy.why_not_believe(parcel.member))
    step("send", parcel.status)
    [packed] = _pack([parcel], whole, at)
    return packed


def pack_many(*, parcel_ids: list[int], at: datetime) -> list[Packed]:
    """Seal parcels as `pack` does, in as few questions for many as for one; without those that were stopped meanwhile."""
    fresh = [row for row in queries.list_parcels(parcel_ids) if row.status in UNSETTLED]
    return _pack([row for row in fresh if policy.why_not_believe(row.member) is None], False, at)


def _pack(sent: list[Parcel], whole: bool, at: datetime) -> list[Packed]:
    if not sent:
        return []
    identity = queries.get_identity()
    by, suite = signer(identity, at), suites.newest()
    named: dict[int, dict[str, Content]] = {}
    for parcel in sent:
        told = parcels.files_of(statements.peek(bytes(parcel.manifest)))
        named[parcel.pk] = {each["sha256"]: Content(each["sha256"], each["size"]) for each in told}
    there = queries.list_carried_to({(row.member_id, digest) for row in sent for digest in named[row.pk]})
    found = []
    for parcel in sent:
        whole_again = whole or parcel.whole
        following = tuple(
            content
            for digest, content in named[parcel.pk].items()
            if whole_again or (parcel.member_id, digest) not in there
        )
        key = parcels.key_for(settings.SECRET_KEY.encode(), parcel.member.code, parcel.digest)
        sealed_to = bytes(parcel.member.seal_certificate)
        letter = parcels.seal_letter(bytes(parcel.manifest), key, following, sealed_to, returned=parcel.returned)
        envelope = Envelope(
            sender=identity.code,
            receiver=parcel.member.code,
            feed=parcel.feed.feed,
            number=parcel.number,
            urgency=parcel.urgency,
            kind=parcel.kind,
            parcel=parcel.digest,
            suite=suite.name,
            letter=hashlib.sha256(letter).hexdigest(),
            pieces=parcels.count_pieces(following),
        )
        signed = statements.sign(envelope.told(), by, at=at, with_certificates=False)
        found.append(Packed(parcel, parcels.write(signed, letter), key, following, envelope.pieces))
    return found


def signer(identity: Identity, at: datetime) -> keys.Signer:
    """Open this node's signing key. :raises CertificateExpired:"""
    return keys.open_node_signer(reference=identity.sign_reference, certificate=bytes(identity.sign_certificate), at=at)


def each_piece(*, packed: Packed, after: int = 0, at: datetime) -> Iterator[bytes]:
    """Seal the pieces of a packed parcel one after the other, from a place on. Outside any transaction."""
    index = 0
    for content in packed.following:
        with files.open_kept(content.digest) as stream:
            for _place in range(parcels.pieces_of(content.size)):
                if index < after:
                    stream.seek(parcels.PIECE, 1)
                else:
                    yield parcels.write_piece(packed.parcel.digest, index, stream.read(parcels.PIECE), packed.key)
                index += 1


def note_pieces(*, parcel_id: int, sent: int, actor: Actor | None, at: datetime) -> None:
    """Note how many pieces the line holds, so that sending goes on there after a cut."""
    Parcel.objects.filter(pk=parcel_id, status=Status.WAITING).update(pieces_sent=sent)


@transaction.atomic
def record_sent(*, parcel_ids: list[int], actor: Actor | None, at: datetime) -> int:
    """Record that a line or a stick took parcels; they count as taken only when the partner says so."""
    rows = Parcel.objects.filter(pk__in=parcel_ids, status__in=(Status.WAITING, Status.SENT))
    return rows.update(status=Status.SENT, sent_at=at, pieces_sent=0, attempts=F("attempts") + 1)


@transaction.atomic
def send_again(*, parcel_id: int, actor: Actor | None, at: datetime) -> Parcel:
    """Send a parcel again with all its files, that the partner could not take. :raises NotAllowed: :raises WrongState:"""
    refuse(policy.why_not_run(actor))
    parcel = Parcel.objects.select_for_update().get(pk=queries.get_parcel(parcel_id).pk)
    parcel.status = step("send_again", parcel.status)
    parcel.whole, parcel.pieces_sent, parcel.fault, parcel.fault_code = True, 0, "", ""
    parcel.save()
    journal.record("parcel.sent_again", subject=("parcel", parcel.pk), actor=actor, at=at, number=parcel.number)
    return parcel
