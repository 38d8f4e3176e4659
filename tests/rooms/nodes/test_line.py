"""The line itself: a real NATS server, killed without warning; our node on one side, a partner made by hand on the other."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_django

from antin.documents import queries
from antin.exchange.models import Delivery
from antin.exchange.states import Status
from antin.jobs.line import Keeper
from antin.nodes import broker, statements
from antin.nodes import queries as members
from antin.nodes.line import Line, LineTrouble, Outgoing
from antin.nodes.models import Parcel, Received
from antin.nodes.states import Status as Sent
from antin.outbox.operations import Tally
from antin.people import at_rest
from config.environment import Nats
from tests.journeys.test_between_nodes import Two, pdf, two  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
Keep = Callable[..., Tally]


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class Server:
    """One nats-server on its configuration."""

    def __init__(self, conf: Path, port: int) -> None:
        self.conf, self.port = conf, port
        self.start()

    def start(self) -> None:
        program = Path(sys.executable).with_name("nats-server")
        self.process = subprocess.Popen([program, "-c", self.conf], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def server(two: Two, settings: pytest_django.fixtures.SettingsWrapper) -> Iterator[Server]:  # noqa: F811
    """The coordinating node's own server, with the users of both members."""
    port = _free_port()
    settings.NATS = Nats(listen="127.0.0.1", port=port, servers=1, leaf=False)
    broker.mark()
    broker.write(broker.hub("tcz", {"tcz": _own_password(), "b2": _password(two)}))
    made = Server(broker.folder() / "server-1.conf", port)
    yield made
    made.kill()


def _own_password() -> str:
    return at_rest.unseal(bytes(members.get_identity().password)).decode()


def _password(two: Two) -> str:  # noqa: F811
    return at_rest.unseal(bytes(two.member.password)).decode()


def _lines(two: Two, server: Server) -> tuple[Line, Line]:  # noqa: F811
    where = [f"nats://127.0.0.1:{server.port}"]
    return Line(where, code="tcz", password=_own_password()), Line(where, code="b2", password=_password(two))


T = TypeVar("T")


def _patiently(act: Callable[[], T]) -> T:
    """Do it as soon as the line has found its server again."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return act()
        except LineTrouble:
            assert time.monotonic() < deadline


def _fetch(line: Line, count: int) -> list[bytes]:
    found: list[bytes] = []
    deadline = time.monotonic() + 30
    while len(found) < count:
        assert time.monotonic() < deadline, [each[:40] for each in found]
        messages = _patiently(lambda: line.fetch(64, wait=0.2))
        line.acknowledge(messages)
        found += [message.data for message in messages]
    return found


def test_a_letter_over_a_line_whose_server_dies(two: Two, server: Server, keep_promises: Keep) -> None:  # noqa: F811
    content = pdf(1_200_000)
    document = two.issue(content)
    keep_promises()
    ours, theirs = _lines(two, server)
    try:
        keeper = Keeper(ours)
        assert keeper.turn(at=two.at) == 5  # the directory, and a letter with its three pieces
        assert set(Parcel.objects.values_list("status", flat=True)) == {Sent.SENT}

        server.kill()  # what was acknowledged is on its disk
        statement = [Outgoing("b2", "statement", "x", b"{}")]
        with pytest.raises(LineTrouble):
            ours.send(statement)
        server.start()
        _patiently(lambda: ours.send(statement))  # whether the first reached it or not: held once
        came = _fetch(theirs, 6)  # five and our statement
        told, files = two.partner.opens([message for message in came if message.startswith(b"ANTIN")][1:5])
        assert (told["document"]["code"], files) == (document.code, [content])

        delivery = Delivery.objects.get(dispatch__document=document)
        chain = two.partner.receipts(delivery.reference, ("arrived", {}), sender="G11.90", at=two.at)
        feed = members.find_current_feed(two.member, inward=False)
        assert feed is not None
        stated = {"feed": feed.feed, "upto": 2, "chain": feed.chain}
        paper = pdf(600_000)
        back = [
            two.partner.statement(two.ours, at=two.at, **{"in": stated}),
            *two.partner.receipts_parcel(two.ours, delivery.reference, chain),
            *two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper),
        ]
        messages = [Outgoing("tcz", "parcel", f"back-{place}", message) for place, message in enumerate(back)]
        _patiently(lambda: theirs.send(messages))
        later = two.at + timedelta(seconds=2)
        while _patiently(lambda: keeper.turn(at=later)):
            pass
        keep_promises()
        delivery.refresh_from_db()
        assert delivery.status == Status.ARRIVED
        sent = Parcel.objects.exclude(kind="receipts")
        assert set(sent.values_list("status", flat=True)) == {Sent.TAKEN}
        assert [row.code for row in queries.list_waiting(two.cast.clerk.actor())] == ["07/B2-KH"]

        keeper.turn(at=later + timedelta(seconds=2))
        said: list[dict[str, Any]] = []
        while not said or said[-1]["in"]["upto"] != 2:
            said += [statements.peek(message) for message in _fetch(theirs, 1) if not message.startswith(b"ANTIN")]
        assert said[-1]["out"]["last"] == 3
        assert Received.objects.count() == 2
    finally:
        ours.close()
        theirs.close()


def test_a_member_sends_in_its_own_name_only(two: Two, server: Server) -> None:  # noqa: F811
    ours, theirs = _lines(two, server)
    try:
        ours.open_streams(["tcz", "b2"], replicas=1)
        with pytest.raises(LineTrouble):
            theirs._do(theirs._streams.publish("antin.tcz.tcz.parcel", b"x", timeout=1), 3)
        with pytest.raises(LineTrouble):
            theirs._do(theirs._streams.stream_info("IN_tcz"), 3)
        assert ours.fetch(1, wait=0.1) == []
    finally:
        ours.close()
        theirs.close()
