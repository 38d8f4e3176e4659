"""The line itself: a real NATS server, killed without warning; our node on one side, a partner made by hand on the other."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_django

from antin.documents import queries
from antin.exchange.models import Delivery
from antin.exchange.states import Status
from antin.jobs.line import Keeper
from antin.journeys import between_nodes
from antin.nodes import broker, statements, tls
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes.line import Line, LineTrouble, Outgoing
from antin.nodes.models import Parcel, Received
from antin.nodes.states import Status as Sent
from antin.outbox.operations import Tally
from antin.people import at_rest
from config.environment import Nats
from tests.journeys.test_between_nodes import Two, pdf, two  # noqa: F401 - a fixture
from tests.partners import Partner

pytestmark = pytest.mark.django_db
Keep = Callable[..., Tally]


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class Server:
    """One nats-server on its configuration; what it says is kept where it is asked for."""

    def __init__(self, conf: Path, port: int, *, log: Path | None = None) -> None:
        self.conf, self.port = conf, port
        self.said = ["-DV", "-l", log] if log else []
        self.start()

    def start(self) -> None:
        program = Path(sys.executable).with_name("nats-server")
        self.process = subprocess.Popen([program, "-c", self.conf, *self.said], stderr=subprocess.DEVNULL)
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


@pytest.fixture
def guarded_server(two: Two, settings: pytest_django.fixtures.SettingsWrapper) -> Iterator[Server]:  # noqa: F811
    """The same server with TLS, as a directory named by a bare address has it."""
    port = _free_port()
    settings.NATS = Nats(listen="127.0.0.1", port=port, servers=1, leaf=False)
    broker.mark()
    files = tls.server_files(f"tls://127.0.0.1:{port}", at=datetime.now(UTC))
    broker.write(broker.hub("tcz", {"tcz": _own_password(), "b2": _password(two)}, tls=files))
    made = Server(broker.folder() / "server-1.conf", port)
    yield made
    made.kill()


def _as_member(place: Path, given: dict[str, str]) -> ssl.SSLContext:
    """What an invited node makes of what came with its invitation."""
    place.mkdir()
    files = tls.Files(place / "client.pem", place / "client.key", place / "ca.pem")
    for path, word in ((files.certificate, "certificate"), (files.key, "key"), (files.authority, "authority")):
        path.write_text(given[word])
    return tls.context(files)


def test_with_tls_both_sides_prove_themselves(two: Two, guarded_server: Server, tmp_path: Path) -> None:  # noqa: F811
    at, where = datetime.now(UTC), [f"tls://127.0.0.1:{guarded_server.port}"]
    shown = _as_member(tmp_path / "b2", tls.give("b2", at=at))
    ours = Line(where, code="tcz", password=_own_password(), tls=tls.context(tls.client_files("tcz", at=at)))
    ours.open_streams(["tcz", "b2"], replicas=1)
    theirs = Line(where, code="b2", password=_password(two), tls=shown)
    try:
        ours.send([Outgoing("b2", "statement", "x", b"xin chao")])
        assert _fetch(theirs, 1) == [b"xin chao"]
    finally:
        ours.close()
        theirs.close()
    unknown = ssl.create_default_context(
        cafile=str(tls.folder() / "ca.pem")
    )  # believes the server, shows nothing itself
    unproven = ssl.create_default_context()  # does not believe this server
    unproven.load_cert_chain(tmp_path / "b2" / "client.pem", tmp_path / "b2" / "client.key")
    for refused in (unknown, unproven):
        with pytest.raises(LineTrouble):
            Line(where, code="b2", password=_password(two), tls=refused)
    with pytest.raises(LineTrouble):  # in clear
        Line([f"nats://127.0.0.1:{guarded_server.port}"], code="b2", password=_password(two))


def test_another_authoritys_certificate_opens_nothing(
    two: Two,  # noqa: F811
    guarded_server: Server,
    tmp_path: Path,
    settings: pytest_django.fixtures.SettingsWrapper,
) -> None:
    believed = (tls.folder() / "ca.pem").read_text()
    settings.STATE = tmp_path / "elsewhere"
    stranger = _as_member(tmp_path / "x", tls.give("b2", at=datetime.now(UTC)) | {"authority": believed})
    with pytest.raises(LineTrouble):
        where = [f"tls://127.0.0.1:{guarded_server.port}"]
        Line(where, code="b2", password="x", tls=stranger)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("10.0.0.1:4222", "tls://10.0.0.1:4222"),
        ("nats.example:4222,nats.example:4223", "tls://nats.example:4222,tls://nats.example:4223"),
        ("127.0.0.1:4222", "nats://127.0.0.1:4222"),
        ("nats://10.0.0.1:4222", "nats://10.0.0.1:4222"),
        ("", ""),
    ],
)
def test_a_line_that_others_share_has_tls_unless_it_is_refused(given: str, kept: str) -> None:
    assert tls.with_scheme(given) == kept


def test_certificates_of_the_line_are_made_once_and_again_in_time(own_state: Path) -> None:
    at = datetime.now(UTC)
    files = tls.server_files("tls://10.0.0.1:4222", at=at)
    first = files.certificate.read_bytes()
    assert tls.server_files("tls://10.0.0.1:4222", at=at + timedelta(days=365)).certificate.read_bytes() == first
    other = tls.server_files("tls://10.0.0.2:4222", at=at).certificate.read_bytes()
    assert other != first
    later = at + timedelta(days=5 * 365 - 30)
    assert tls.server_files("tls://10.0.0.2:4222", at=later).certificate.read_bytes() != other
    assert {path.stat().st_mode & 0o777 for path in tls.folder().iterdir()} == {0o600}


def test_a_leaf_and_a_cluster_prove_themselves_too(
    two: Two,  # noqa: F811
    guarded_server: Server,
    tmp_path: Path,
    settings: pytest_django.fixtures.SettingsWrapper,
) -> None:
    at = datetime.now(UTC)
    place, word = tmp_path / "b2", _password(two)
    _as_member(place, tls.give("b2", at=at))
    shown = tls.Files(place / "client.pem", place / "client.key", place / "ca.pem")
    ours = Line(
        [f"tls://127.0.0.1:{guarded_server.port}"],
        code="tcz",
        password=_own_password(),
        tls=tls.context(tls.client_files("tcz", at=at)),
    )
    ours.open_streams(["tcz", "b2"], replicas=1)
    settings.STATE, settings.NATS = tmp_path, Nats(listen="127.0.0.1", port=_free_port(), servers=0, leaf=True)
    broker.mark()
    broker.write(broker.leaf("b2", word, [f"tls://127.0.0.1:{guarded_server.port}"], tls=shown))
    leaf = Server(broker.folder() / "server-1.conf", settings.NATS.port)
    theirs = Line([f"nats://127.0.0.1:{settings.NATS.port}"], code="b2", password=word)
    try:
        ours.send([Outgoing("b2", "statement", "x", b"qua la")])
        assert _fetch(theirs, 1) == [b"qua la"]
    finally:
        theirs.close()
        ours.close()
        leaf.kill()
    settings.NATS = Nats(listen="127.0.0.1", port=5000, servers=3, leaf=False)
    for told in broker.hub("tcz", {"tcz": "x"}, tls=shown).values():
        assert told.count("verify: true") == 3  # clients, leaf nodes, routes of the cluster


def test_a_partner_whose_room_on_the_line_is_gone_holds_nobody_else_up(
    two: Two,  # noqa: F811
    server: Server,
    keep_promises: Keep,
) -> None:
    third = Partner("c3", "G11.93", "Cục Ba", two.at)
    invited = nodes.invite(code="c3", name="Cục Ba", way="nats", agencies={"G11.93": "Cục Ba"}, actor=None, at=two.at)
    nodes.take_answer(content=third.answer(invited.content, at=two.at), actor=None, at=two.at)
    nodes.confirm_member(invitation_id=invited.invitation.pk, actor=None, at=two.at)
    between_nodes.list_agencies(at=two.at)
    ours = Line([f"nats://127.0.0.1:{server.port}"], code="tcz", password=_own_password())
    try:
        keeper = Keeper(ours)
        keeper.turn(at=two.at)
        ours._do(ours._streams.delete_stream("IN_b2"), 10)
        two.issue(pdf())
        two.partner.agency = third.agency
        two.issue(pdf())
        keep_promises()
        keeper.turn(at=two.at)
        letters = Parcel.objects.filter(kind="document").order_by("member__code")
        assert list(letters.values_list("member__code", "status")) == [("b2", Sent.WAITING), ("c3", Sent.SENT)]
        keeper.turn(at=two.at + timedelta(seconds=31))  # it has its room again
        assert set(letters.values_list("status", flat=True)) == {Sent.SENT}
    finally:
        ours.close()


def test_partners_that_nothing_waits_for_cost_no_question_each(
    two: Two,  # noqa: F811
    server: Server,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    ours = Line([f"nats://127.0.0.1:{server.port}"], code="tcz", password=_own_password())
    try:
        keeper = Keeper(ours)
        keeper.turn(at=two.at)
        for number in range(20):
            like = members.get_member("b2")
            like.pk, like.code, like.agencies = None, f"d{number}", {}
            like.save(force_insert=True)
        later = two.at + timedelta(seconds=6)
        keeper.turn(at=later)  # it sees who has come
        with django_assert_num_queries(4):  # who is waited for, and what is to be said
            keeper.turn(at=later)
    finally:
        ours.close()
