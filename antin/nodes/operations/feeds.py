"""Parcels on their way: numbered, sealed when they are sent, taken once, acknowledged by what the partner states."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop as _

from antin.files import queries as files
from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.nodes import bundle, parcels, pieces, policy, queries, statements
from antin.nodes.models import Carried, Circle, Feed, Identity, Member, Parcel, Received, Rejection
from antin.nodes.parcels import Content, Envelope, Letter, NotForUs
from antin.nodes.states import SETTLED, UNSETTLED, Coming, Status, step
from antin.outbox import operations as outbox
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.upkeep import queries as upkeep
from antin.vault import suites
from antin.workdays import queries as workdays

STATEMENT = "antin-statement/1"
WAYS = ("heard", "program", "schema", "remembers")
LONGEST_WAIT = timedelta(hours=6)
PIECES_KEPT = timedelta(days=30)
TOLD_ASIDE, TOLD_BEYOND = 100, 5_000


class NumberTaken(Refusal):
    """A partner gave one number to two parcels: its database went back, or somebody speaks in its name."""

    code = "parcel_number_taken"
    words = _("Số %(number)s của nút %(sender)s đã dùng cho kiện khác.")


class NotAStatementOfFeeds(Refusal):
    code = "not_a_statement_of_feeds"
    words = _("Bảng đối chiếu của nút %(sender)s không đúng dạng.")


class NeverGiven(Refusal):
    """A partner says that it has a parcel that was never sent to it."""

    code = "number_never_given"
    words = _("Nút %(sender)s báo đã nhận kiện số %(number)s, trong khi mới gửi đến số %(last)s.")


# Out -------------------------------------------------------------------------------------------------------------------------


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
    feed.chain = _link(feed.chain, digest)
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


def _link(chain: str, digest: str) -> str:
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
            feed.chain = _link(feed.chain, parcel.digest)
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
    identity = queries.get_identity()
    parcel = queries.get_parcel(parcel_id)
    refuse(policy.why_not_believe(parcel.member))
    step("send", parcel.status)
    told = statements.peek(bytes(parcel.manifest))
    named = {each["sha256"]: Content(each["sha256"], each["size"]) for each in parcels.files_of(told)}
    lacking = set(named) if whole or parcel.whole else queries.list_lacking_at(parcel.member, list(named))
    following = tuple(content for digest, content in named.items() if digest in lacking)
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
        suite=suites.newest().name,
        letter=hashlib.sha256(letter).hexdigest(),
        pieces=parcels.count_pieces(following),
    )
    signed = statements.sign(envelope.told(), _signer(identity, at), at=at, with_certificates=False)
    return Packed(parcel, parcels.write(signed, letter), key, following, envelope.pieces)


def _signer(identity: Identity, at: datetime) -> keys.Signer:
    return keys.open_node_signer(reference=identity.sign_reference, certificate=bytes(identity.sign_certificate), at=at)


def each_piece(*, packed: Packed, after: int = 0, at: datetime) -> Iterator[bytes]:
    """Seal the pieces of a packed parcel one after the other, from a place on. Outside any transaction."""
    index = 0
    for content in packed.following:
        with files.open_stream(content.digest) as stream:
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
    writer.close(sender=identity.code, receiver=member.code, signer=_signer(identity, at), at=at)
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


# In --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Accepted:
    """What came of one message: the parcel it belongs to, if any, and whether that is whole now."""

    received: Received | None = None
    is_whole: bool = False
    stated: Stated | None = None


@dataclass(frozen=True)
class Stated:
    """What a partner's statement newly told of our parcels: those it could not take, and those it had and has lost."""

    stuck: tuple[Parcel, ...] = ()
    lost: tuple[Parcel, ...] = ()


def accept(*, message: bytes, way: str, at: datetime) -> Accepted:
    """Take in one message of a line or a stick: durable when this returns, so that it may be acknowledged then.

    :raises NotAParcel: :raises NotAStatement: unreadable, or the signature does not hold
    :raises NoSuchMember: :raises Expelled: :raises NotByItsKey: whom we do not believe
    :raises NotForUs: :raises NumberTaken:
    """
    if parcels.is_piece(message):
        return _accept_piece(message, at)
    if message.startswith(parcels.PARCEL_MAGIC):
        return _accept_parcel(message, way, at)
    return Accepted(stated=take_statement(content=message, actor=None, at=at))


def _accept_parcel(message: bytes, way: str, at: datetime) -> Accepted:
    identity = queries.get_identity()
    signed, letter = parcels.split(message)
    envelope = parcels.read_envelope(statements.peek(signed))
    member = queries.get_member(envelope.sender)
    refuse(policy.why_not_believe(member))
    statements.read_by(signed, bytes(member.sign_certificate), name=member.code)
    if envelope.receiver != identity.code:
        raise NotForUs(to=envelope.receiver)
    if hashlib.sha256(letter).hexdigest() != envelope.letter:
        raise parcels.NotAParcel()
    with transaction.atomic():
        feed = _inward_feed(member, envelope.feed, at)
        found = Received.objects.select_for_update().filter(feed=feed, number=envelope.number).first()
        if found is not None and found.digest != envelope.parcel:
            raise NumberTaken(number=envelope.number, sender=member.code)
        if found is not None and found.status != Coming.COMING:
            return Accepted(found, is_whole=True)
        if found is not None and found.pieces != envelope.pieces:  # other files follow now: places mean other bytes
            pieces.drop(member.pk, envelope.parcel)
        if found is None:
            found = Received(member=member, feed=feed, number=envelope.number, digest=envelope.parcel, came_at=at)
        found.kind, found.urgency, found.way = envelope.kind, envelope.urgency, way
        found.envelope, found.letter, found.pieces, found.lacks = signed, letter, envelope.pieces, False
        known = Received.objects.filter(member=member, digest=envelope.parcel, status=Coming.TAKEN).exists()
        if known or pieces.count(member.pk, envelope.parcel) >= envelope.pieces:
            found.status = Coming.WHOLE
        found.save()
        feed.last = max(feed.last, envelope.number)
        feed.save(update_fields=["last"])
        if found.status == Coming.WHOLE:
            _promise_taking(found)
    Member.objects.filter(pk=member.pk).update(heard_at=at)
    return Accepted(found, found.status == Coming.WHOLE)


def _inward_feed(member: Member, name: str, at: datetime) -> Feed:
    Feed.objects.get_or_create(member=member, inward=True, feed=name, defaults={"begun_at": at})
    return Feed.objects.select_for_update(no_key=True).get(member=member, inward=True, feed=name)


def _promise_taking(received: Received) -> None:
    outbox.promise("take_parcel", key=received.taking, received_id=received.pk)


def _accept_piece(message: bytes, at: datetime) -> Accepted:
    parcel, index, sealed = parcels.split_piece(message)
    found = Received.objects.filter(digest=parcel, status=Coming.COMING).order_by("id").first()
    if found is None or index >= found.pieces:
        return Accepted()  # it was taken meanwhile, or its letter never came: it comes again with it
    if pieces.put(found.member_id, parcel, index, sealed) < found.pieces:
        return Accepted(found)
    with transaction.atomic():
        found = queries.lock_received(found.pk)
        if found.status == Coming.COMING:
            found.status = Coming.WHOLE
            found.save(update_fields=["status"])
            _promise_taking(found)
    return Accepted(found, is_whole=True)


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


def read_following(*, received_id: int, letter: Letter, which: int, at: datetime) -> Iterator[bytes]:
    """Give the content of one of the files that followed. :raises PieceDamaged: :raises NotAParcel: only at its end"""
    received = queries.get_received(received_id)
    suite = queries.envelope_of(received).suite

    def piece(index: int) -> bytes:
        return pieces.read(received.member_id, received.digest, index)

    return parcels.open_file(letter, suite, which, piece)


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
        feed.upto, feed.chain = number, _link(feed.chain, digest)
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
def lack(*, received_id: int, actor: Actor | None, at: datetime) -> Received:
    """Wait for all files of a parcel anew: the partner thought that we had one of them, or a piece was damaged on the line."""
    received = queries.lock_received(received_id)
    if received.status == Coming.WHOLE:
        received.status, received.lacks = Coming.COMING, True
        received.attempts += 1
        received.save(update_fields=["status", "lacks", "attempts"])
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
        _promise_taking(received)
    return len(waiting)


@transaction.atomic
def take_again(*, received_id: int, actor: Actor | None, at: datetime) -> Received:
    """Try a parcel that was set aside once more. :raises NotAllowed: :raises NotFound:"""
    refuse(policy.why_not_run(actor))
    received = queries.lock_received(received_id)
    if received.status == Coming.ASIDE:
        received.status = Coming.WHOLE
        received.save(update_fields=["status"])
        _promise_taking(received)
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


# Statements ------------------------------------------------------------------------------------------------------------------


def state(*, member_id: int, actor: Actor | None, at: datetime) -> bytes:
    """Say, signed, up to where we have a partner's feed and how far ours goes: what acknowledges and what finds gaps.

    Its moment is later than that of the statement before, also when this node's clock was put back: the newest wins.
    """
    identity = queries.get_identity()
    with transaction.atomic():
        member = Member.objects.select_for_update(no_key=True).get(pk=member_id)
        member.said_at = at if member.said_at is None else max(at, member.said_at + timedelta(microseconds=1))
        member.save(update_fields=["said_at"])
    came, ours = queries.find_current_feed(member, inward=True), queries.find_current_feed(member, inward=False)
    told = {
        "form": STATEMENT,
        "from": identity.code,
        "to": member.code,
        "at": member.said_at.isoformat(),
        "in": _stated_in(came) if came else {},
        "out": _stated_out(ours, member) if ours else {},
        "heard": member.heard_at.isoformat() if member.heard_at else "",
        "program": settings.VERSION,
        "schema": upkeep.get_schema().name,
        "remembers": "1",
    }
    return statements.sign(told, _signer(identity, at), at=at, with_certificates=False)


def _stated_in(feed: Feed) -> dict[str, object]:
    beyond = Received.objects.filter(feed=feed, number__gt=feed.upto, status__in=SETTLED).order_by("number")
    lacking = Received.objects.filter(feed=feed, status=Coming.COMING, lacks=True).order_by("number")
    aside = Received.objects.filter(feed=feed, status=Coming.ASIDE).order_by("-number")[:TOLD_ASIDE]
    return {
        "feed": feed.feed,
        "upto": feed.upto,
        "chain": feed.chain,
        "beyond": list(beyond.values_list("number", flat=True)[:TOLD_BEYOND]),
        "lacking": list(lacking.values_list("number", flat=True)[:TOLD_ASIDE]),
        "aside": [[row.number, row.fault_code, row.fault] for row in aside],
    }


def _stated_out(feed: Feed, member: Member) -> dict[str, object]:
    theirs = member.stated.get("in", {})
    marks = {feed.last, int(theirs["upto"]) if theirs.get("feed") == feed.feed else 0}
    chains = Parcel.objects.filter(feed=feed, number__in=marks).order_by("number").values_list("number", "chain")
    told: dict[str, object] = {"feed": feed.feed, "last": feed.last, "chains": [list(row) for row in chains]}
    former = [[each.feed, each.last] for each in queries.list_former_feeds(feed)]
    return told | ({"former": former} if former else {})


def take_statement(*, content: bytes, actor: Actor | None, at: datetime) -> Stated:
    """Take a partner's statement in: what it has is settled, what it lacks goes again. Returns what of that is news.

    An older one than the newest known changes nothing.

    :raises NotAStatement: :raises NoSuchMember: :raises Expelled: :raises NotByItsKey: :raises NotForUs:
    :raises NotAStatementOfFeeds: :raises NeverGiven:
    """
    identity = queries.get_identity()
    told = statements.peek(content)
    member = queries.get_member(str(told.get("from", "")))
    refuse(policy.why_not_believe(member))
    statements.read_by(content, bytes(member.sign_certificate), name=member.code)
    if told.get("to") != identity.code:
        raise NotForUs(to=str(told.get("to"))[:64])
    said = _read_stated(told, member)
    with transaction.atomic():
        member = queries.lock_member(member.code)
        if member.stated and not said.follows(member.stated):
            return Stated()
        feed = Feed.objects.filter(member=member, inward=False, feed=said.feed).first()
        _refuse_never_given(member, feed, said)
        member.stated, member.stated_at, member.heard_at = said.kept(), at, at
        member.save(update_fields=["stated", "stated_at", "heard_at"])
        if said.former:
            [(name, last), *_older] = said.former
            key = f"give_memory:{member.pk}:{said.theirs['feed']}"
            outbox.promise(
                "give_memory", key=key, member_id=member.pk, feed=said.theirs["feed"], former=name, after=last
            )
        return _settle_ours(feed, said, actor, at) if feed is not None else Stated()


def _refuse_never_given(member: Member, feed: Feed | None, said: _Stated) -> None:
    """Demand that a partner has no number of the feed in use that was never given. Of a former feed it may: those we have lost."""
    current = queries.find_current_feed(member, inward=False)
    highest = max({said.upto, *said.beyond})
    if feed is not None and feed == current and highest > feed.last:
        raise NeverGiven(sender=member.code, number=highest, last=feed.last)


@dataclass(frozen=True)
class _Stated:
    """What a partner says it has of a feed of ours."""

    moment: datetime
    feed: str
    upto: int
    beyond: frozenset[int]
    lacking: frozenset[int]
    aside: dict[int, tuple[str, str]]
    chain: str
    theirs: dict[str, Any]
    former: tuple[tuple[str, int], ...]
    """Its feeds before this one, newest first, and up to where it knows each: it was restored."""
    ways: dict[str, str]
    """Since when it heard us last, its program's version, its database's form, whether it remembers; older programs say none."""

    def follows(self, last: dict[str, Any]) -> bool:
        """Tell whether this was said after what was said last: by its feeds when its node was restored, else by its moment."""
        before, now = last["out"].get("feed", ""), self.theirs["feed"]
        if before in dict(self.former):
            return True
        return now not in last["out"].get("former", []) and self.moment > datetime.fromisoformat(last["at"])

    def kept(self) -> dict[str, Any]:
        """What of it the gap report reads later."""
        mine = {"feed": self.feed, "upto": self.upto, "chain": self.chain, "beyond": sorted(self.beyond)}
        return {"at": self.moment.isoformat(), "in": mine, "out": self.theirs, **self.ways}


def _read_stated(told: dict[str, Any], member: Member) -> _Stated:
    try:
        mine, moment = told["in"], datetime.fromisoformat(told["at"])
        theirs = told["out"]
        chains = [[int(number), str(chain)[:64]] for number, chain in theirs.get("chains", [])]
        if told["form"] != STATEMENT or moment.tzinfo is None:
            raise ValueError(told["form"])
        former = tuple((str(name)[:32], int(last)) for name, last in theirs.get("former", []))
        if not all(0 <= last < 2**53 for _name, last in former):
            raise ValueError(former)
        if not 0 <= int(mine.get("upto", 0)) < 2**53:
            raise ValueError(mine["upto"])
        return _Stated(
            moment=moment,
            feed=str(mine.get("feed", "")),
            upto=int(mine.get("upto", 0)),
            beyond=frozenset(int(each) for each in mine.get("beyond", [])),
            lacking=frozenset(int(each) for each in mine.get("lacking", [])),
            aside={int(number): (str(code)[:40], str(words)[:500]) for number, code, words in mine.get("aside", [])},
            chain=str(mine.get("chain", ""))[:64],
            theirs={
                "feed": str(theirs.get("feed", "")),
                "last": int(theirs.get("last", 0)),
                "chains": chains,
                "former": [name for name, _last in former],
            },
            former=former,
            ways={name: str(told.get(name, ""))[:40] for name in WAYS},
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as trouble:
        raise NotAStatementOfFeeds(sender=member.code) from trouble


def _settle_ours(feed: Feed, said: _Stated, actor: Actor | None, at: datetime) -> Stated:
    upto, beyond, lacking, aside = said.upto, said.beyond, said.lacking, said.aside
    rows = Parcel.objects.select_for_update(of=("self",)).filter(feed=feed)
    open_ones = rows.filter(status__in=(Status.WAITING, Status.SENT, Status.ASIDE), number__lte=max({upto, *beyond}))
    stuck, carried = [], []
    for parcel in open_ones.order_by("number"):
        if (parcel.number > upto and parcel.number not in beyond) or parcel.number in lacking:
            continue
        if parcel.number in aside:
            if parcel.status != Status.ASIDE:
                parcel.status = step("set_aside", parcel.status)
                parcel.fault_code, parcel.fault = aside[parcel.number]
                parcel.settled_at = at
                parcel.save()
                stuck.append(parcel)
                journal.record(
                    "parcel.not_taken",
                    subject=("parcel", parcel.pk),
                    actor=actor,
                    at=at,
                    number=parcel.number,
                    code=parcel.fault_code,
                    words=parcel.fault,
                )
            continue
        parcel.status, parcel.settled_at, parcel.fault, parcel.fault_code = step("take", parcel.status), at, "", ""
        parcel.save()
        carried += [each["sha256"] for each in parcels.files_of(statements.peek(bytes(parcel.manifest)))]
    Carried.objects.bulk_create(
        [Carried(member=feed.member, inward=False, digest=digest) for digest in dict.fromkeys(carried)],
        ignore_conflicts=True,
    )
    again = {"status": Status.WAITING, "pieces_sent": 0}
    resent = (Status.SENT, Status.ASIDE, Status.TAKEN)
    rows.filter(status__in=resent, number__in=lacking).update(whole=True, **again)
    gone = rows.filter(status=Status.TAKEN, number__gt=upto).exclude(number__in=beyond)
    lost = tuple(gone.order_by("number"))
    if lost:  # the partner had them and has them no more: it was restored
        gone.update(whole=True, **again)
        numbers = [parcel.number for parcel in lost]
        journal.record(
            "parcel.lost_there",
            subject=("member", feed.member_id),
            actor=actor,
            at=at,
            sender=feed.member.code,
            count=len(lost),
            first=numbers[0],
            last=numbers[-1],
        )
    patience = timedelta(seconds=settings.NATS.patience)
    for parcel in rows.filter(status=Status.SENT).exclude(number__in=lacking).order_by("number"):
        wait = min(patience * 2 ** min(parcel.attempts - 1, 10), LONGEST_WAIT)
        if parcel.sent_at is not None and parcel.sent_at + wait <= at:
            parcel.status, parcel.pieces_sent = step("send_again", parcel.status), 0
            parcel.save(update_fields=["status", "pieces_sent"])
    return Stated(tuple(stuck), lost)


@transaction.atomic
def give_back(*, parcel_id: int, receipts: list[bytes], actor: Actor | None, at: datetime) -> None:
    """Let receipts that a restored partner has lost go back to it with the parcel they are about."""
    parcel = Parcel.objects.select_for_update().get(pk=parcel_id)
    parcel.returned = [base64.b64encode(each).decode() for each in receipts]
    parcel.save(update_fields=["returned"])


@transaction.atomic
def end_memory(*, code: str, feed: str, actor: Actor | None, at: datetime) -> bool:
    """Note that a partner has told what this node had forgotten when it began this feed; False when it is not awaited."""
    current = queries.find_current_feed(queries.lock_member(code), inward=False)
    if current is None or current.feed != feed or not current.awaits_memory:
        return False
    current.awaits_memory = False
    current.save(update_fields=["awaits_memory"])
    journal.record("feed.remembered", subject=("member", current.member_id), actor=actor, at=at, code=code)
    return True


@transaction.atomic
def keep_circle(
    *, code: str, agency: str, statement: bytes, told_at: datetime, actor: Actor | None, at: datetime
) -> Circle:
    """Keep who in an agency of a member may be sealed to; what it told earlier changes nothing. The caller has proved it."""
    member = queries.lock_member(code)
    found = Circle.objects.filter(member=member, agency=agency).first()
    if found is not None and found.told_at >= told_at:
        return found
    found = found or Circle(member=member, agency=agency)
    found.statement, found.told_at, found.taken_at = statement, told_at, at
    found.save()
    journal.record("circle.taken", subject=("member", member.pk), actor=actor, at=at, code=code, agency=agency)
    return found


@transaction.atomic
def sweep(*, at: datetime) -> int:
    """Let pieces go whose letter never came, after a month."""
    gone = 0
    for member_id, parcel, changed in list(pieces.list_held()):
        waits = Received.objects.filter(member_id=member_id, digest=parcel).exclude(status=Coming.TAKEN).exists()
        if not waits and changed < (at - PIECES_KEPT).timestamp():
            pieces.drop(member_id, parcel)
            gone += 1
    return gone
