"""The process that keeps the line to other nodes: sends what waits, takes what comes, says up to where it has come.

One loop, plain calls. A message is acknowledged only after what it brought is durable. What the line does not take stays where it
is, in the database, numbered; the urgent go first when it is back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connections

from antin.files.queries import StoreAway
from antin.journeys import between_nodes
from antin.nodes import broker, tls
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes.line import AT_ONCE, Line, LineRefuses, LineTrouble, Outgoing
from antin.people import at_rest
from antin.refusal import Refusal
from antin.upkeep import operations as upkeep

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from antin.nodes.models import Identity, Member, Parcel
    from antin.nodes.operations import Packed

log = logging.getLogger(__name__)

T = TypeVar("T")
TICK = 0.25
FETCHED = 64
TRIES = 3
PAUSE, LONGEST_PAUSE = 1.0, 15.0
LOOK_AGAIN = timedelta(seconds=5)
REFUSED_FOR = timedelta(seconds=30)
PULSE = "line"


def work() -> None:
    """Keep the line until the process is told to stop; whatever breaks, begin anew after a pause."""
    pause = PAUSE
    while True:
        try:
            if _keep_line():
                pause = PAUSE
        except (LineTrouble, DatabaseError, StoreAway, Refusal) as trouble:
            log.warning("the line: %s", trouble)
            connections.close_all()
            _say_trouble(trouble)
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _say_trouble(trouble: Exception) -> None:
    """Leave word for the operator's page; without a database there is nobody to leave it with."""
    with suppress(DatabaseError):
        upkeep.beat(name=PULSE, fault=str(trouble), at=datetime.now(UTC))


def _some(items: Iterable[T]) -> Iterator[list[T]]:
    """So many at once as the line takes at once."""
    rest = iter(items)
    while found := list(islice(rest, AT_ONCE)):
        yield found


def _nothing() -> None:
    """Nothing is under way."""


def _keep_line() -> bool:
    """Serve as long as line and database answer; False when this node has no name yet."""
    identity = members.find_identity()
    if identity is None:
        return False
    prepare_servers(identity)
    shown = None
    if tls.is_on(identity.address) and not settings.NATS.leaf:
        shown = tls.context(tls.client_files(identity.code, at=datetime.now(UTC)))
    line = Line(addresses(identity), code=identity.code, password=_password(identity), tls=shown)
    try:
        keeper = Keeper(line)
        while True:
            keeper.turn(at=datetime.now(UTC))
    finally:
        line.close()


def _password(identity: Identity) -> str:
    return at_rest.unseal(bytes(identity.password)).decode()


def addresses(identity: Identity) -> list[str]:
    """Return where this node's line connects to: its own leaf, its own servers, or the coordinating node's."""
    lines = settings.NATS
    if lines.leaf:
        return [f"nats://127.0.0.1:{lines.port}"]
    if identity.coordinates and lines.servers:
        scheme = tls.SCHEME if tls.is_on(identity.address) else "nats://"
        return [f"{scheme}{lines.listen}:{lines.port + place}" for place in range(lines.servers)]
    return identity.address.split(",")


def prepare_servers(identity: Identity) -> None:
    """Write what the servers of this node need to know, if it runs any; they read it again when it changes."""
    broker.mark()
    is_on, at = tls.is_on(identity.address), datetime.now(UTC)
    if settings.NATS.leaf:
        shown = tls.client_files(identity.code, at=at) if is_on else None
        broker.write(broker.leaf(identity.code, _password(identity), identity.address.split(","), tls=shown))
    elif identity.coordinates and settings.NATS.servers:
        users = {row.code: at_rest.unseal(bytes(row.password)).decode() for row in members.list_partners("nats")}
        shown = tls.server_files(identity.address, at=at) if is_on else None
        broker.write(broker.hub(identity.code, {**users, identity.code: _password(identity)}, tls=shown))


def _is_within(span: timedelta, since: datetime | None, at: datetime) -> bool:
    """Tell whether it is not yet so long ago; a clock that was put back in between makes it long ago."""
    return since is not None and since <= at < since + span


class Keeper:
    """One turn after the other: look, send, take, say. Keeps what it said last, so that nothing is said twice for nothing."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._looked: datetime | None = None
        self._said: dict[int, tuple[datetime, object]] = {}
        self._partners: list[Member] = []
        self._opened: set[str] = set()
        self._refused: dict[int, datetime] = {}

    def turn(self, *, at: datetime) -> int:
        """Do what there is to do once; returns how many messages were sent and taken. :raises LineTrouble:"""
        if not _is_within(LOOK_AGAIN, self._looked, at):
            self._look(at)
        waited_for = members.list_waited_for()
        sent = sum(self._send_patiently(member, at) for member in self._partners if member.pk in waited_for)
        taken = self._take(at, wait=0.01 if sent else TICK)
        self._say(at)
        return sent + taken

    def _look(self, at: datetime) -> None:
        """See who there is; the coordinating node sees to it that everybody has a stream."""
        identity = members.get_identity()
        prepare_servers(identity)
        self._partners = members.list_partners("nats")
        if identity.coordinates:
            codes = {identity.code, *(member.code for member in self._partners)}
            self._line.open_streams(sorted(codes - self._opened), replicas=3 if settings.NATS.servers > 1 else 1)
            self._opened = codes
        upkeep.beat(name=PULSE, at=at)
        self._looked = at

    def _send_patiently(self, member: Member, at: datetime) -> int:
        """Send what waits for a partner; one whose room on the line is full holds nobody else up."""
        if _is_within(REFUSED_FOR, self._refused.get(member.pk), at):
            return 0
        try:
            return self._send_to(member, at)
        except LineRefuses as no:
            self._note_refused(member, no, at)
            return 0

    def _note_refused(self, member: Member, no: LineRefuses, at: datetime) -> None:
        log.warning("the line refuses what is for %s: %s", member.code, no)
        self._refused[member.pk] = at
        self._opened = set()  # its stream may be gone

    def _send_to(self, member: Member, at: datetime) -> int:
        """Send what may go now; while the line takes some, the next are packed."""
        sent, before = 0, _nothing
        for some in _some(members.list_to_send(member)):
            small = [parcel for parcel in some if self._is_small(parcel)]
            packed = nodes.pack_many(parcel_ids=[parcel.pk for parcel in small], at=at)
            messages = [message for each in packed for message in self._messages(each, member, at)]
            before()
            before = self._begin(messages, packed, at)
            sent += len(messages)
            for parcel in some:
                if parcel not in small:
                    before()
                    before = _nothing
                    sent += self._send_large(parcel, member, at)
        before()
        return sent

    def _begin(self, messages: list[Outgoing], packed: list[Packed], at: datetime) -> Callable[[], None]:
        """Let the line take messages meanwhile; what this returns waits for it, and records that the line holds them."""
        sending = self._line.begin(messages)

        def end() -> None:
            sending.wait()
            nodes.record_sent(parcel_ids=[each.parcel.pk for each in packed], actor=None, at=at)

        return end

    @staticmethod
    def _is_small(parcel: Parcel) -> bool:
        return parcel.size <= 2_000_000 and not parcel.pieces_sent

    @staticmethod
    def _messages(packed: Packed, member: Member, at: datetime, *, after: int = 0) -> Iterator[Outgoing]:
        """A parcel's messages from where they were cut, the first always."""
        parcel = packed.parcel
        name = f"{parcel.digest}:{parcel.number}:{parcel.attempts}"
        yield Outgoing(member.code, "parcel", name, packed.message)
        for place, piece in enumerate(nodes.each_piece(packed=packed, after=after, at=at), after):
            yield Outgoing(member.code, "piece", f"{name}:{place}", piece)

    def _send_large(self, parcel: Parcel, member: Member, at: datetime) -> int:
        """Send a large parcel a few pieces at a time, noting how far it is: a cut goes on there."""
        sent = 0
        for packed in nodes.pack_many(parcel_ids=[parcel.pk], at=at):
            for messages in _some(self._messages(packed, member, at, after=parcel.pieces_sent)):
                self._line.send(messages)
                sent += len(messages)
                nodes.note_pieces(parcel_id=parcel.pk, sent=parcel.pieces_sent + sent - 1, actor=None, at=at)
            nodes.record_sent(parcel_ids=[parcel.pk], actor=None, at=at)
        return sent

    def _take(self, at: datetime, *, wait: float) -> int:
        messages = self._line.fetch(FETCHED, wait=wait)
        try:
            between_nodes.accept_many(messages=[message.data for message in messages], way="nats", at=at)
        except (OperationalError, InterfaceError):  # the database is away: nothing was wrong with the messages
            raise
        except Exception:
            log.exception("one of %s messages broke its taker", len(messages))
            messages = [message for message in messages if self._accept(message, at)]
        self._line.acknowledge(messages)
        return len(messages)

    @staticmethod
    def _accept(message: Msg, at: datetime) -> bool:
        """Take one message in; False when it is to come again. What cannot even be refused never stops those behind it."""
        try:
            between_nodes.accept(message=message.data, way="nats", at=at)
        except (OperationalError, InterfaceError):  # the database is away: nothing was wrong with the message
            raise
        except Exception as trouble:
            log.exception("a message that broke its taker")
            if message.metadata.num_delivered < TRIES:
                return False
            between_nodes.give_up(message=message.data, trouble=trouble, at=at)
        return True

    def _say(self, at: datetime) -> None:
        """Say to every partner what has changed since it was said last; in any case once in half the patience of a line."""
        again = timedelta(seconds=settings.NATS.patience / 2)
        marks = members.list_marks()
        for member in self._partners:
            mark = marks.get(member.pk)
            said_at, said = self._said.get(member.pk, (None, None))
            if mark is None or (said == mark and _is_within(again, said_at, at)):
                continue
            if _is_within(REFUSED_FOR, self._refused.get(member.pk), at):
                continue
            content = nodes.state(member_id=member.pk, actor=None, at=at)
            try:
                self._line.send([Outgoing(member.code, "statement", f"{member.code}:{at.isoformat()}", content)])
            except LineRefuses as no:
                self._note_refused(member, no, at)
            else:
                self._said[member.pk] = (at, mark)
