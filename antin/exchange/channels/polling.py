"""Taking in what waits on a line: list, fetch, read, keep, acknowledge; each message once, whatever the line does.

Acknowledged only after `keep` has returned, so after what came is durable. What is not acknowledged is listed again, and
`keep` is told the same thing twice rather than never: it recognises it by `Came.same`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from antin.exchange.channels.wire import LineFault
from antin.exchange.edxml.facts import same_message
from antin.exchange.edxml.limits import Limits
from antin.exchange.edxml.message import Message
from antin.exchange.edxml.notes import EdxmlRefused
from antin.exchange.edxml.reading import read

DOCUMENT, STATUS = "edoc", "status"
DONE, FAILED = "done", "fail"


@dataclass(frozen=True)
class Waiting:
    """One message that waits on a line, as the line lists it."""

    doc_id: str
    kind: str
    created: str = ""
    sender: str = ""


@dataclass(frozen=True)
class Agency:
    """One body in a line's directory, with every code it goes by."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    parent: str = ""
    mail: str = ""


class Channel(Protocol):
    """What every line can do. `at` is the moment of asking. All raise `LineFault`."""

    def send(self, message: bytes, *, kind: str, sender: str, receivers: Iterable[str], at: datetime) -> str:
        """Hand a message over; return the line's own identifier of it."""

    def list_waiting(self, kind: str, *, at: datetime) -> list[Waiting]:
        """What waits for this node."""

    def fetch(self, doc_id: str, *, at: datetime) -> bytes:
        """One message."""

    def acknowledge(self, doc_id: str, status: str, *, at: datetime) -> None:
        """Tell the line that a message was taken (`done`), or cannot be (`fail`)."""

    def list_agencies(self, *, at: datetime) -> list[Agency]:
        """The directory."""


@dataclass(frozen=True)
class Came:
    """A message that came, as it came. `same` is what makes it the same one again, by whatever route."""

    waiting: Waiting
    content: bytes = field(repr=False)
    message: Message

    @property
    def same(self) -> tuple[str, ...]:
        """Kind, document, sender, business; of a status also its code and moment; without an identifier, the line's own."""
        document_id, sender, business = same_message(self.message)
        header = self.message.header
        if self.message.is_status:
            about = header.response_for[0].document_id if header.response_for else ""
            return (STATUS, about or self.waiting.doc_id, sender, header.status_code, header.timestamp)
        return (DOCUMENT, document_id or self.waiting.doc_id, sender, str(business))


@dataclass
class Tally:
    """What one round came to."""

    taken: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    postponed: list[str] = field(default_factory=list)
    unfetched: list[tuple[Waiting, LineFault]] = field(default_factory=list)
    """Those of the postponed that are themselves what is wrong, while the line answers."""
    unacknowledged: list[str] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)


def poll(
    channel: Channel,
    *,
    keep: Callable[[Came], object],
    set_aside: Callable[[Waiting, bytes, EdxmlRefused], object],
    at: datetime,
    limits: Limits | None = None,
    most: int = 200,
    without: frozenset[str] = frozenset(),
) -> Tally:
    """Take in what waits, documents before statuses, older before younger; return what came of it.

    `keep` makes a message durable and does nothing when it has it already; `set_aside` keeps one that cannot be read, with the
    reason. What either of them raises is raised: nothing was acknowledged. A fault of the line postpones one message. After three
    in a row the youngest is asked for: when that does not come either, the line is down and the rest waits; when it does, those
    three are what is wrong, and nobody waits for them round after round. Those named in `without` are not asked for.
    """
    tally, in_row, from_the_end = Tally(), 0, False
    rest = deque([each for each in _list_all(channel, tally, at) if each.doc_id not in without][:most])
    while rest:
        waiting = rest.pop() if from_the_end else rest.popleft()
        try:
            content = channel.fetch(waiting.doc_id, at=at)
        except LineFault as fault:
            tally.faults.append(fault)
            tally.postponed.append(waiting.doc_id)
            tally.unfetched.append((waiting, fault))
            in_row += not fault.final
            if in_row > _GIVE_UP:
                tally.unfetched.clear()
                break
            from_the_end = from_the_end or in_row == _GIVE_UP
            continue
        in_row = 0
        try:
            message = read(content, limits=limits)
        except EdxmlRefused as no:
            set_aside(waiting, content, no)
            tally.set_aside.append(waiting.doc_id)
            _acknowledge(channel, waiting, FAILED, tally, at)
            continue
        keep(Came(waiting, content, message))
        tally.taken.append(waiting.doc_id)
        _acknowledge(channel, waiting, DONE, tally, at)
    return tally


_GIVE_UP = 3  # faults in a row after which the line is thought to be down


def _list_all(channel: Channel, tally: Tally, at: datetime) -> list[Waiting]:
    found: dict[str, Waiting] = {}
    for kind in (DOCUMENT, STATUS):
        try:
            listed = channel.list_waiting(kind, at=at)
        except LineFault as fault:
            tally.faults.append(fault)
            continue
        for each in sorted(listed, key=lambda waiting: (waiting.created, len(waiting.doc_id), waiting.doc_id)):
            found.setdefault(each.doc_id, each)
    return list(found.values())


def _acknowledge(channel: Channel, waiting: Waiting, status: str, tally: Tally, at: datetime) -> None:
    """Once more at once when it did not go through; after that the line lists the message again."""
    for last in (False, True):
        try:
            channel.acknowledge(waiting.doc_id, status, at=at)
        except LineFault as fault:
            if last or fault.final:
                tally.faults.append(fault)
                tally.unacknowledged.append(waiting.doc_id)
                return
        else:
            return


def aliases_of(agencies: Iterable[Agency]) -> dict[str, str]:
    """Every code, old or new, with the code its body goes by now. A code that two bodies claim is the one's whose own it is."""
    table: dict[str, str] = {}
    known = list(agencies)
    for agency in known:
        for alias in agency.aliases:
            if alias:
                table.setdefault(alias, agency.code)
    return table | {agency.code: agency.code for agency in known}
