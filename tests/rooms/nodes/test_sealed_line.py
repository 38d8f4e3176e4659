"""A classified letter over a real NATS server: what the server keeps in its file store and says in its log has no word of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pytest_django

from antin.exchange.models import Delivery
from antin.exchange.states import Status
from antin.files import queries as files
from antin.jobs.line import Keeper
from antin.nodes import broker, parcels
from antin.nodes.line import Line, Outgoing
from antin.nodes.models import Received
from antin.outbox.operations import Tally
from config.environment import Nats
from tests import canary, secrets
from tests.journeys.test_sealed_abroad import (
    SUBJECT,
    Two,
    issue_secret,
    told_of,
    two,  # noqa: F401 - a fixture
)
from tests.rooms.nodes import test_line as lines

pytestmark = pytest.mark.django_db
Keep = Callable[..., Tally]
PLANTED = {
    "title": SUBJECT,
    "body": "Chim hoàng yến nội dung trên đường 860163860163",
    "file": "Chim hoàng yến phụ lục trên đường 860263860263",
    "name": "Chim hoàng yến tên tệp trên đường 860363860363",
}


@pytest.fixture
def server(two: Two, settings: pytest_django.fixtures.SettingsWrapper) -> Iterator[lines.Server]:  # noqa: F811
    """The coordinating node's own server, which writes down every message in its store and in its log."""
    port = lines._free_port()
    settings.NATS = Nats(listen="127.0.0.1", port=port, servers=1, leaf=False)
    broker.mark()
    broker.write(broker.hub("tcz", {"tcz": lines._own_password(), "b2": lines._password(two)}))
    made = lines.Server(broker.folder() / "server-1.conf", port, log=broker.folder() / "server-1.log")
    yield made
    made.kill()


def kept() -> list[bytes]:
    """Every file below the broker's folder as it is now: store, configuration, log."""
    return canary.of_folder(broker.folder())


def store() -> int:
    """How many bytes the broker's blocks of messages have."""
    return sum(path.stat().st_size for path in Path(broker.folder() / "store-1").rglob("*.blk"))


def test_the_broker_keeps_no_word_of_a_classified_letter(
    two: Two,  # noqa: F811
    server: lines.Server,
    keep_promises: Keep,
) -> None:
    ours, theirs = lines._lines(two, server)
    try:
        keeper = Keeper(ours)
        keeper.turn(at=two.at)
        circle = [Outgoing("tcz", "parcel", f"circle-{place}", each) for place, each in enumerate(told_of(two))]
        lines._patiently(lambda: theirs.send(circle))
        while not Received.objects.exists():
            lines._patiently(lambda: keeper.turn(at=two.at))
        keep_promises()
        held = secrets.held(f"{PLANTED['name']}.txt", PLANTED["file"].encode())
        issued = issue_secret(two, body=secrets.body(PLANTED["body"]), added=(held,))
        keep_promises()
        before = store()
        while lines._patiently(lambda: keeper.turn(at=two.at)):
            pass
        assert Delivery.objects.get(dispatch__document=issued).status == Status.SENT
        waiting = kept()  # the letter lies in the store
        assert store() - before > files.get(issued.file).size
        came = _all_of(theirs)
        letter = max(place for place, message in enumerate(came) if not parcels.is_piece(message))
        told, bodies = two.partner.opens(came[letter:])
        assert (told["kind"], told["document"]["secrecy"]) == ("document", 1)
        assert files.read(issued.file) in bodies
        assert canary.found_in(PLANTED, [*waiting, *kept()]) == []

        # The same search finds a word that somebody publishes in clear: in the store, and in the log.
        lines._patiently(lambda: ours.send([Outgoing("b2", "statement", "x", PLANTED["body"].encode())]))
    finally:
        ours.close()
        theirs.close()
    log = (broker.folder() / "server-1.log").read_bytes()
    blocks = [path.read_bytes() for path in Path(broker.folder() / "store-1").rglob("*.blk")]
    assert [canary.found_in(PLANTED, where) for where in ([log], blocks)] == [["body"], ["body"]]


def _all_of(line: Line) -> list[bytes]:
    """The parcels that wait for the partner, with their pieces."""
    found = lines._fetch(line, 1)
    while more := lines._patiently(lambda: line.fetch(64, wait=0.5)):
        line.acknowledge(more)
        found += [message.data for message in more]
    return [message for message in found if message.startswith(b"ANTIN")]
