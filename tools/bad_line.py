"""A line that is bad on request: a TCP proxy before NATS servers that knows where a message begins, and what can happen to it.

Messages between nodes are lost, sent twice, changed in a bit, cut in the middle (and the connection with them), overtaken or held
up; a member's line goes dead without a word. What happens to which message follows from a seed and the message's number, so that
a run is told by its seed as far as the processes' own pace allows. The kernel's netem would do this to packets; it is missing from
many machines, and TCP hides from us what it does to bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CARRYING = (b"PUB", b"HPUB", b"MSG", b"HMSG")
LOST, TWICE, CHANGED, CUT, OVERTAKEN, LATE = "lost", "twice", "changed", "cut", "overtaken", "late"
LONGEST_LINE = 1 << 20


class _Cut(Exception):
    """The connection ends here."""


@dataclass
class Faults:
    """What happens: chances of each fault for every message, and by number what happens to one for certain."""

    seed: int = 1
    chances: Mapping[str, float] = field(default_factory=dict)
    certain: Mapping[int, str] = field(default_factory=dict)
    late_seconds: float = 0.2

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._number = 0

    def next(self) -> str:
        """What happens to the next message; "" for nothing."""
        self._number += 1
        rolled = self._dice.random()
        if self._number in self.certain:
            return self.certain[self._number]
        for fault, chance in self.chances.items():
            if rolled < chance:
                return fault
            rolled -= chance
        return ""


class BadLine:
    """A proxy in a thread of its own: members connect to `port`, servers are at `behind`, the first that answers is taken."""

    def __init__(self, behind: Sequence[int], faults: Faults, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.faults, self.happened = faults, Counter[str]()
        self._behind, self._dead = list(behind), set[str]()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bad-line", daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, host, port, limit=LONGEST_LINE))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def _do(self, work):  # type: ignore[no-untyped-def]
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def part(self, *codes: str) -> None:
        """Let nothing through to or from these members, without a word: connections stay, bytes do not."""
        self._dead.update(codes)
        self.happened["parted"] += 1

    def heal(self) -> None:
        """Let everything through again. Who was parted connects anew: what it sent meanwhile is gone."""
        self._dead.clear()
        self.cut()

    def cut(self) -> None:
        """End every connection at once."""
        self._loop.call_soon_threadsafe(lambda: [writer.close() for writer in list(self._writers)])

    def close(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.call_later, 0.1, self._loop.stop)
        self._thread.join(5)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await self._connect()
        if there is None:
            writer.close()
            return
        up_reader, up_writer = there
        who: list[str] = []
        mine = {writer, up_writer}
        self._writers |= mine
        try:
            both = [self._pump(reader, up_writer, who), self._pump(up_reader, writer, who)]
            await asyncio.wait([asyncio.create_task(each) for each in both], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._writers -= mine
            for each in mine:
                each.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in self._behind:
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port, limit=LONGEST_LINE)
        return None

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, who: list[str]) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, _Cut):
            while line := await reader.readline():
                frame, carried = await self._frame(reader, line, who)
                while self._dead.intersection(who):
                    await asyncio.sleep(0.05)
                fault = self.faults.next() if carried else ""
                if fault:
                    self.happened[fault] += 1
                if fault == OVERTAKEN:
                    self._loop.call_later(self.faults.late_seconds, writer.write, frame)
                else:
                    await self._pass(writer, frame, carried, fault)

    async def _frame(self, reader: asyncio.StreamReader, line: bytes, who: list[str]) -> tuple[bytes, int]:
        """A whole message of the protocol, and how many bytes at its end are what nodes say to each other; 0 for anything else."""
        verb, _space, rest = line.partition(b" ")
        if verb == b"CONNECT":
            who[:] = [str(json.loads(rest).get("user", ""))]
        if verb == b"INFO":  # or clients would find the servers behind us
            told = {name: value for name, value in json.loads(rest).items() if name != "connect_urls"}
            return b"INFO " + json.dumps(told).encode() + b"\r\n", 0
        if verb not in CARRYING:
            return line, 0
        words = line.split()
        body = await reader.readexactly(int(words[-1]) + 2)
        heading = int(words[-2]) if verb.startswith(b"H") else 0
        said = len(body) - 2 - heading
        return line + body, said if words[1].startswith(b"antin.") and said else 0

    async def _pass(self, writer: asyncio.StreamWriter, frame: bytes, carried: int, fault: str) -> None:
        if fault == LOST:
            return
        if fault == LATE:
            await asyncio.sleep(self.faults.late_seconds)
        if fault == CHANGED:
            place = len(frame) - 2 - carried + (self.faults.seed * 7919 + len(frame)) % carried
            frame = frame[:place] + bytes([frame[place] ^ 0x10]) + frame[place + 1 :]
        if fault == CUT:
            writer.write(frame[: len(frame) // 2])
            await writer.drain()
            raise _Cut
        writer.write(frame + frame if fault == TWICE else frame)
        await writer.drain()
