"""Parcels coming in: believed at the envelope, kept until they are whole, settled when they were taken or set aside."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.nodes import parcels, pieces, policy, queries, statements
from antin.nodes.models import Feed, Member, Received
from antin.nodes.operations.stating import Stated, take_statement
from antin.nodes.parcels import Envelope, NotForUs
from antin.nodes.states import Coming
from antin.outbox import operations as outbox
from antin.refusal import Refusal, refuse

PIECES_KEPT = timedelta(days=30)


class NumberTaken(Refusal):
    """A partner gave one number to two parcels: its database went back, or somebody speaks in its name."""

    code = "parcel_number_taken"
    words = _("Số %(number)s của nút %(sender)s đã dùng cho kiện khác.")


@dataclass(frozen=True)
class Accepted:
    """What came of one message: the parcel it belongs to, if any, and whether that is whole now; or why it was not believed."""

    received: Received | None = None
    is_whole: bool = False
    stated: Stated | None = None
    refusal: Refusal | None = None


def accept_many(*, messages: Sequence[bytes], way: str, at: datetime) -> list[Accepted]:
    """Take in messages of a line or a stick in the order in which they came, in as few questions for many as for one.

    Durable when this returns, so that they may be acknowledged then. What is refused says why (NotAParcel, NotAStatement: not
    readable, or the signature does not hold; NoSuchMember, Expelled, NotByItsKey: whom we do not believe; NotForUs, NumberTaken)
    and holds nobody else up.
    """
    done, stated, coming = [Accepted() for _message in messages], [], _Coming(way, at)
    for place, message in enumerate(messages):
        try:
            if parcels.is_piece(message):
                coming.pieces[place] = parcels.split_piece(message)
            elif message.startswith(parcels.PARCEL_MAGIC):
                coming.firsts[place] = coming.believe(message)
            else:
                stated.append(place)
        except Refusal as no:
            done[place] = Accepted(refusal=no)
    for place, accepted in coming.keep().items():
        done[place] = accepted
    for place in stated:
        try:
            done[place] = Accepted(stated=take_statement(content=messages[place], actor=None, at=at))
        except Refusal as no:
            done[place] = Accepted(refusal=no)
    return done


@dataclass(frozen=True)
class _First:
    """A parcel's first message, believed to be its member's and for us."""

    member: Member
    envelope: Envelope
    signed: bytes
    letter: bytes

    @property
    def key(self) -> tuple[int, str, int]:
        return (self.member.pk, self.envelope.feed, self.envelope.number)


@dataclass
class _Coming:
    """The parcels' first messages and pieces of one batch, each at its place: bytes first, durably, then one transaction."""

    way: str
    at: datetime
    firsts: dict[int, _First] = field(default_factory=dict)
    pieces: dict[int, tuple[str, int, memoryview]] = field(default_factory=dict)
    done: dict[int, Accepted] = field(default_factory=dict)
    _members: dict[str, Member] = field(default_factory=dict)
    _own: str = ""

    def believe(self, message: bytes) -> _First:
        signed, letter = parcels.split(message)
        unproved = statements.look(signed)
        envelope = parcels.read_envelope(unproved.told)
        if envelope.sender not in self._members:
            self._members[envelope.sender] = queries.get_member(envelope.sender)
        member = self._members[envelope.sender]
        refuse(policy.why_not_believe(member))
        statements.prove_by(unproved, bytes(member.sign_certificate), name=member.code)
        self._own = self._own or queries.get_identity().code
        if envelope.receiver != self._own:
            raise NotForUs(to=envelope.receiver)
        if hashlib.sha256(letter).hexdigest() != envelope.letter:
            raise parcels.NotAParcel()
        return _First(member, envelope, signed, letter)

    def keep(self) -> dict[int, Accepted]:
        """Keep what came; by its place, what came of each."""
        self._keep_bytes()
        if self.firsts or self.pieces:
            with transaction.atomic():
                self._keep_rows()
            Member.objects.filter(pk__in={first.member.pk for first in self.firsts.values()}).update(heard_at=self.at)
        return self.done

    def _keep_bytes(self) -> None:
        """Put the pieces of parcels that we know by now on the disk; one that is ahead of its letter comes again with that."""
        numbers = queries.find_numbers({first.key for first in self.firsts.values()})
        held = queries.find_coming({parcel for parcel, _index, _sealed in self.pieces.values()})
        come: list[pieces.Come] = []
        for place in sorted({*self.firsts, *self.pieces}):
            if place in self.firsts:
                first = self.firsts[place]
                envelope = first.envelope
                known = numbers.setdefault(first.key, (envelope.parcel, envelope.pieces))
                if known[0] != envelope.parcel:
                    self._refuse_number(place)
                elif known[1] is not None:
                    if known[1] != envelope.pieces:  # other files follow now: places mean other bytes
                        pieces.drop(first.member.pk, envelope.parcel)
                        come = [each for each in come if each[:2] != (first.member.pk, envelope.parcel)]
                    numbers[first.key] = (envelope.parcel, envelope.pieces)
                    held[envelope.parcel] = (first.member.pk, envelope.pieces)
                continue
            parcel, index, sealed = self.pieces[place]
            member_id, count = held.get(parcel, (0, 0))
            if index < count:
                come.append((member_id, parcel, index, sealed))
            else:  # it was taken meanwhile, or its letter never came
                self.done[place] = Accepted()
                del self.pieces[place]
        if come:
            pieces.put(come)

    def _refuse_number(self, place: int) -> None:
        first = self.firsts.pop(place)
        no = NumberTaken(number=first.envelope.number, sender=first.member.code)
        self.done[place] = Accepted(refusal=no)

    def _keep_rows(self) -> None:
        feeds = self._lock_feeds()
        rows = queries.lock_coming(
            {(feeds[first.key[:2]].pk, first.envelope.number) for first in self.firsts.values()},
            {parcel for parcel, _index, _sealed in self.pieces.values()},
        )
        coming = {row.digest: row for row in reversed(rows) if row.status == Coming.COMING}
        entered = self._enter(feeds, {(row.feed_id, row.number): row for row in rows})
        fresh = [row for row in entered if row.pk is None]
        again = [row for row in entered if row.pk is not None]
        ended = [row for row in coming.values() if row not in again]
        known = queries.list_taken({(row.member_id, row.digest) for row in entered})
        for row in (*entered, *ended):
            came_before = row not in ended and (row.member_id, row.digest) in known
            if came_before or pieces.count(row.member_id, row.digest) >= row.pieces:
                row.status = Coming.WHOLE
        Received.objects.bulk_create(fresh)
        for row in again:
            row.save()
        whole = [row for row in (*entered, *ended) if row.status == Coming.WHOLE]
        Received.objects.filter(pk__in=[row.pk for row in whole if row in ended]).update(status=Coming.WHOLE)
        outbox.promise_many("take_parcel", of={row.taking: {"received_id": row.pk} for row in whole})
        reached = {row.digest: row for row in (*fresh, *again)} | coming
        for place, (parcel, _index, _sealed) in self.pieces.items():
            self.done[place] = Accepted(reached.get(parcel), parcel in {row.digest for row in whole})

    def _lock_feeds(self) -> dict[tuple[int, str], Feed]:
        """By member and name, locked in this order, each with the highest number seen of it."""
        found = {}
        named = {(first.member.pk, first.envelope.feed): first.member for first in self.firsts.values()}
        for key, member in sorted(named.items()):
            Feed.objects.get_or_create(member=member, inward=True, feed=key[1], defaults={"begun_at": self.at})
            feed = Feed.objects.select_for_update(no_key=True).get(member=member, inward=True, feed=key[1])
            feed.last = max(feed.last, *(each.envelope.number for each in self.firsts.values() if each.key[:2] == key))
            feed.save(update_fields=["last"])
            found[key] = feed
        return found

    def _enter(self, feeds: dict[tuple[int, str], Feed], there: dict[tuple[int, int], Received]) -> list[Received]:
        """Let each first message stand in its row; those rows that wait for their pieces, or are made now and not kept yet."""
        entered: dict[tuple[int, int], Received] = {}
        for place, first in sorted(self.firsts.items()):
            envelope, feed = first.envelope, feeds[first.key[:2]]
            key = (feed.pk, envelope.number)
            if key not in there:
                there[key] = Received(
                    member=first.member, feed=feed, number=envelope.number, digest=envelope.parcel, came_at=self.at
                )
            row = there[key]
            if row.digest != envelope.parcel:
                self._refuse_number(place)
                continue
            if row.status == Coming.COMING:
                row.kind, row.urgency, row.way = envelope.kind, envelope.urgency, self.way
                row.envelope, row.letter = first.signed, first.letter
                row.pieces, row.lacks = envelope.pieces, False
                entered[key] = row
            self.done[place] = Accepted(row)
        return list(entered.values())


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
