"""The axis played on this machine: it asks for the same proofs as the real one, and its agencies answer in their time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from antin.exchange.channels.national import NationalAxis
from antin.exchange.channels.wire import Address, Declined
from antin.exchange.edxml.packing import Named, compose
from antin.exchange.edxml.reading import read
from antin.exchange.edxml.receipts import as_receipt
from antin.exchange.edxml.writing import write
from antin.exchange.rehearsal import PLAYERS, RehearsalAxis, open_server

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SYSTEMS = {"A": ("khóa A", ("G11",)), "B": ("khóa B", ("G12", "000.00.00.G12"))}


class Clock:
    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def base(tmp_path: Path, clock: Clock) -> Iterator[str]:
    server = open_server(RehearsalAxis(tmp_path / "axis", SYSTEMS), 0, clock)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def message(to: str) -> bytes:
    said = {"from": "G11", "to": [to], "code": "5/BTN-VP", "date": "2026/11/23", "subject": "Thử"}
    return write(compose(said, extra=[Named("a.pdf", b"%PDF-1.4 a")]))


def test_one_system_sends_and_the_other_takes_in(base: str, tmp_path: Path) -> None:
    one, other = NationalAxis(Address(base), "A", "khóa A"), NationalAxis(Address(base), "B", "khóa B", raw=True)
    content = message("000.00.00.G12")
    doc_id = one.send(content, kind="edoc", sender="G11", receivers=["000.00.00.G12"], at=AT)
    [waiting] = other.list_waiting("edoc", at=AT)
    assert (waiting.doc_id, waiting.sender, one.list_waiting("edoc", at=AT)) == (doc_id, "G11", [])
    assert other.fetch(doc_id, at=AT) == content
    other.acknowledge(doc_id, "done", at=AT)
    assert other.list_waiting("edoc", at=AT) == []
    again = RehearsalAxis(tmp_path / "axis", SYSTEMS)  # what it keeps outlives it
    assert [(each.doc_id, each.state) for each in again.kept] == [(doc_id, "done")]


def test_it_refuses_what_the_real_one_refuses(base: str) -> None:
    one = NationalAxis(Address(base), "A", "khóa A")
    tries = {
        "15": lambda: NationalAxis(Address(base), "A", "khóa khác").list_waiting("edoc", at=AT),
        "18": lambda: one.send(message("H00"), kind="edoc", sender="G11", receivers=["H00"], at=AT),
        "19": lambda: one.send(message("G12"), kind="edoc", sender="G12", receivers=["G12"], at=AT),
        "22": lambda: one.send(b"<edXML>", kind="edoc", sender="G11", receivers=["G12"], at=AT),
        "21": lambda: one.fetch("77", at=AT),
    }
    for number, act in tries.items():
        with pytest.raises(Declined) as caught:
            act()
        assert caught.value.facts["number"] == number


def test_a_played_agency_answers_in_its_time(base: str, clock: Clock) -> None:
    one = NationalAxis(Address(base), "A", "khóa A")
    assert [each.code for each in one.list_agencies(at=AT)] == [each.code for each in PLAYERS]
    one.send(message("000.00.00.G91"), kind="edoc", sender="G11", receivers=["000.00.00.G91"], at=AT)
    seen = []
    for seconds in (0, 5, 60, 600):
        clock.at = AT + timedelta(seconds=seconds)
        waiting = one.list_waiting("status", at=AT)
        seen.append([as_receipt(read(one.fetch(each.doc_id, at=AT))).code for each in waiting])
    assert seen == [[], ["01"], ["01", "03"], ["01", "03", "04", "05", "06"]]
