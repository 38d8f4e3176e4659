"""The line to other nodes: NATS JetStream behind plain calls. Knows messages and names, nothing of parcels or of the database.

Its event loop runs in a thread of its own; nobody else in the house is asynchronous. Every member has a stream that others add to
and only it takes from; a message leaves the stream when it was acknowledged.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError, ServiceUnavailableError

from antin.nodes.broker import DOMAIN

CONSUMER = "node"
CONNECT, ANSWER = 5.0, 10.0
AT_ONCE = 16
KEPT_SECONDS = 14 * 24 * 3600
KEPT_BYTES = 2_000_000_000
DUPLICATES_SECONDS = 600.0
ACKNOWLEDGE_WITHIN = 60.0
LAPSED = ("408", "404", "409")
"""What is said of messages asked for that will not come: the time is over, there are none, the server has others to see to."""
STANDS = 5.0
"""How long it stands that messages were asked for: then it is asked again."""


Answer = TypeVar("Answer")


class LineTrouble(Exception):
    """The line does not answer, or refuses; what was not acknowledged counts as not sent."""


class LineRefuses(LineTrouble):
    """The line answers, and does not take this: a partner's room on it is full, or is not there."""


@dataclass(frozen=True)
class Outgoing:
    """One message: to whom, of which kind, and the name under which a second one is the same."""

    receiver: str
    kind: str
    name: str
    content: bytes


class Sending:
    """Something that the line is doing meanwhile."""

    def __init__(self, done: Future[Any], within: float) -> None:
        self._done, self._within = done, within

    def wait(self) -> Any:
        """Wait until it is done; what it gave. :raises LineTrouble:"""
        try:
            return self._done.result(self._within)
        except (APIError, NoStreamResponseError) as no:
            raise LineRefuses(str(no) or type(no).__name__) from no
        except (NatsError, OSError, TimeoutError, ValueError) as trouble:
            raise LineTrouble(str(trouble) or type(trouble).__name__) from trouble


class Line:
    """One connection in the name of one node. `servers` are addresses, the first that answers is taken."""

    def __init__(self, servers: Sequence[str], *, code: str, password: str, tls: ssl.SSLContext | None = None) -> None:
        self._code = code
        self._lost = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)
        self._thread.start()
        try:
            self._client: Client = self._do(self._connect(servers, password, tls), CONNECT * (len(servers) + 1))
        except LineTrouble:
            self.close()
            raise
        self._streams: JetStreamContext = self._client.jetstream(timeout=ANSWER, domain=DOMAIN)
        self._taking: Subscription | None = None
        self._asked, self._asked_until = 0, 0.0

    async def _connect(self, servers: Sequence[str], password: str, tls: ssl.SSLContext | None) -> Client:
        """Connect, or fail as soon as each server has failed once: the client itself would try them for ever."""
        failed: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
        troubles: list[Exception] = []

        async def note(trouble: Exception) -> None:
            """Once connected, the client tells of every try to connect again; what matters shows in the acts themselves."""
            troubles.append(trouble)
            if len(troubles) >= len(servers) and not failed.done():
                failed.set_result(trouble)

        connecting = asyncio.ensure_future(
            nats.connect(
                servers=list(servers),
                user=self._code,
                password=password,
                name=self._code,
                inbox_prefix=f"_INBOX_{self._code}".encode(),
                connect_timeout=CONNECT,
                reconnect_time_wait=1,
                max_reconnect_attempts=-1,
                allow_reconnect=True,
                tls=tls,
                error_cb=note,
                disconnected_cb=self._note_lost,
            )
        )
        try:
            either: set[asyncio.Future[Any]] = {connecting, failed}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            return connecting.result() if connecting.done() else _raise(failed.result())
        finally:
            connecting.cancel()

    def _do(self, work: Coroutine[Any, Any, Any], within: float) -> Any:
        return Sending(asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, within), self._loop), within + 5).wait()

    @property
    def is_up(self) -> bool:
        return bool(self._client.is_connected)

    def open_streams(self, codes: Sequence[str], *, replicas: int) -> None:
        """Make each member's stream and its consumer where they are missing: the coordinating node's part. :raises LineTrouble:"""
        for code in codes:
            self._do(self._open_stream(code, replicas), 4 * ANSWER)

    async def _open_stream(self, code: str, replicas: int) -> None:
        stream = StreamConfig(
            name=f"IN_{code}",
            subjects=[f"antin.{code}.>"],
            retention=RetentionPolicy.WORK_QUEUE,
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            max_age=KEPT_SECONDS,
            max_bytes=KEPT_BYTES,
            num_replicas=replicas,
            duplicate_window=DUPLICATES_SECONDS,
        )
        try:
            await _answered(lambda: self._streams.stream_info(f"IN_{code}"))
        except NotFoundError:
            await _answered(lambda: self._streams.add_stream(stream))
        taking = ConsumerConfig(
            durable_name=CONSUMER, ack_wait=ACKNOWLEDGE_WITHIN, max_ack_pending=1_000, max_deliver=-1
        )
        await _answered(lambda: self._streams.add_consumer(f"IN_{code}", taking))

    def send(self, messages: Sequence[Outgoing]) -> None:
        """Send messages and wait until the line holds all of them.

        :raises LineTrouble: some may be held, and may be sent again
        :raises LineRefuses: the same, for this receiver only
        """
        self.begin(messages).wait()

    def begin(self, messages: Sequence[Outgoing]) -> Sending:
        """Begin to send messages, so many at once; what comes of it is asked of what this returns."""
        within = 2 * ANSWER * (1 + len(messages) // AT_ONCE)
        work = asyncio.wait_for(self._send(messages), within)
        return Sending(asyncio.run_coroutine_threadsafe(work, self._loop), within + 5)

    async def _send(self, messages: Sequence[Outgoing]) -> None:
        """Publish and wait for every answer; once the connection is lost none will come, which the client does not tell."""
        self._lost.clear()
        lost = asyncio.ensure_future(self._lost.wait())
        room = asyncio.Semaphore(AT_ONCE)

        async def publish(each: Outgoing) -> None:
            async with room:
                await self._streams.publish(
                    f"antin.{each.receiver}.{self._code}.{each.kind}",
                    each.content,
                    headers={"Nats-Msg-Id": each.name},
                    timeout=ANSWER,
                )

        sending = asyncio.gather(*(publish(each) for each in messages))
        try:
            either: set[asyncio.Future[Any]] = {sending, lost}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise ConnectionError("the connection was lost")
            sending.result()
        finally:
            lost.cancel()
            sending.cancel()

    async def _note_lost(self) -> None:
        self._lost.set()
        self._asked = 0

    def fetch(self, most: int, *, wait: float) -> list[Msg]:
        """Return messages for this node, in their order, as soon as there are any; none when there are none within the wait.

        While the caller works on them the line already brings those behind them. :raises LineTrouble:
        """
        return list(self._do(self._fetch(most, wait), wait + ANSWER))

    async def _fetch(self, most: int, wait: float) -> list[Msg]:
        if self._taking is None:
            self._taking = await self._client.subscribe(self._client.new_inbox())
        found: list[Msg] = []
        until = self._loop.time() + wait
        while len(found) < most:
            await self._ask(most)
            try:
                message = await self._taking.next_msg(timeout=max(until - self._loop.time(), 0.001))
            except TimeoutError:  # the client's own, and asyncio's
                if not self._client.is_connected:
                    raise
                break
            if status := (message.headers or {}).get("Status"):
                self._asked = 0
                if status not in LAPSED:
                    raise APIError.from_msg(message)
                await asyncio.sleep(0 if status == LAPSED[0] else 0.05)
                continue
            found.append(message)
            self._asked -= 1
            if message.metadata.num_pending == 0:
                until = self._loop.time()  # what is here already, and no more
        if found and found[-1].metadata.num_pending:
            await self._ask(most)
        return found

    async def _ask(self, most: int) -> None:
        """Ask for messages, unless some that were asked for may still come."""
        now = self._loop.time()
        if self._asked > 0 and now < self._asked_until:
            return
        self._asked, self._asked_until = most, now + STANDS
        told = {"batch": most, "expires": int((STANDS - 0.1) * 1e9)}
        assert self._taking is not None
        subject = f"$JS.{DOMAIN}.API.CONSUMER.MSG.NEXT.IN_{self._code}.{CONSUMER}"
        await self._client.publish(subject, json.dumps(told).encode(), self._taking.subject)

    def acknowledge(self, messages: Sequence[Msg]) -> None:
        """Let messages leave the stream: what they brought is durable here. :raises LineTrouble:"""
        if messages:
            self._do(self._acknowledge(messages), ANSWER)

    async def _acknowledge(self, messages: Sequence[Msg]) -> None:
        for message in messages:
            await message.ack()
        await self._client.flush(timeout=int(ANSWER))

    def close(self) -> None:
        """Let the connection and its thread go."""
        client = getattr(self, "_client", None)
        if client is not None:
            with contextlib.suppress(LineTrouble):
                self._do(client.close(), CONNECT)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CONNECT)


async def _answered(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask about streams until somebody answers: a server that starts or reads its members anew has nobody for it for a moment.

    How long is the caller's to limit.
    """
    while True:
        try:
            return await ask()
        except ServiceUnavailableError:
            await asyncio.sleep(0.05)


def _raise(trouble: Exception) -> NoReturn:
    raise OSError(str(trouble) or type(trouble).__name__) from trouble
