"""The line to other nodes: NATS JetStream behind plain calls. Knows messages and names, nothing of parcels or of the database.

Its event loop runs in a thread of its own; nobody else in the house is asynchronous. Every member has a stream that others add to
and only it takes from; a message leaves the stream when it was acknowledged.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
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
        self._taking: JetStreamContext.PullSubscription | None = None

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
        done = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, within), self._loop)
        try:
            return done.result(within + 5)
        except (APIError, NoStreamResponseError) as no:
            raise LineRefuses(str(no) or type(no).__name__) from no
        except (NatsError, OSError, TimeoutError, ValueError) as trouble:
            raise LineTrouble(str(trouble) or type(trouble).__name__) from trouble

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
        for start in range(0, len(messages), AT_ONCE):
            self._do(self._send(messages[start : start + AT_ONCE]), 2 * ANSWER)

    async def _send(self, messages: Sequence[Outgoing]) -> None:
        """Publish and wait for every answer; once the connection is lost none will come, which the client does not tell."""
        self._lost.clear()
        lost = asyncio.ensure_future(self._lost.wait())
        sending = asyncio.gather(
            *(
                self._streams.publish(
                    f"antin.{each.receiver}.{self._code}.{each.kind}",
                    each.content,
                    headers={"Nats-Msg-Id": each.name},
                    timeout=ANSWER,
                )
                for each in messages
            )
        )
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

    def fetch(self, most: int, *, wait: float) -> list[Msg]:
        """Return messages for this node, in their order; none when there are none within the wait. :raises LineTrouble:"""
        return list(self._do(self._fetch(most, wait), wait + ANSWER))

    async def _fetch(self, most: int, wait: float) -> list[Msg]:
        if self._taking is None:
            self._taking = await self._streams.pull_subscribe_bind(
                durable=CONSUMER, stream=f"IN_{self._code}", inbox_prefix=f"_INBOX_{self._code}.".encode()
            )
        try:
            return await self._taking.fetch(most, timeout=wait)
        except TimeoutError:  # the client's own, and asyncio's
            if not self._client.is_connected:
                raise
            return []

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
