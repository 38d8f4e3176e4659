"""Lines to the outside, against servers that do what the real ones do, and everything else besides."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from antin.exchange.channels.national import NationalAxis, unpadded_digest
from antin.exchange.channels.polling import Agency, Waiting, aliases_of, poll
from antin.exchange.channels.provincial import Account, ProvincialGateway
from antin.exchange.channels.wire import (
    Address,
    AnswerTooLong,
    BadAddress,
    BadAnswer,
    CutAnswer,
    Declined,
    LineFault,
    NotLetIn,
    NotUnderstood,
    ServerTrouble,
    TooSlow,
    Unreachable,
)
from antin.exchange.edxml.facts import facts_of
from antin.exchange.edxml.reading import read
from tests.axis import SECRET, National, Provincial, no, open_axis
from tests.edxml import PDF, b64, document, status

AT = datetime(2026, 3, 10, 2, 5, 1, 42_000, tzinfo=UTC)
QUICK = {"silence": 0.3, "patience": 0.4, "most": 1 << 20}


@pytest.fixture
def axis():
    axis, server = open_axis(National)
    yield axis
    axis.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def gate():
    gate, server = open_axis(Provincial)
    yield gate
    gate.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def national(axis):
    return NationalAxis(Address(axis.base), "H98.1", SECRET)


@pytest.fixture
def provincial(gate):
    return ProvincialGateway(Address(gate.base), Account("vanthu", "mật khẩu", "SYS", "secret"))


class Shelf:
    """What a node keeps: each message once, however often it comes."""

    def __init__(self):
        self.kept, self.again, self.aside = {}, [], []

    def keep(self, came):
        if came.same in self.kept:
            self.again.append(came.waiting.doc_id)
        self.kept[came.same] = came

    def set_aside(self, waiting, content, reason):
        self.aside.append((waiting.doc_id, content, reason.code))

    def poll(self, line, **more):
        return poll(line, keep=self.keep, set_aside=self.set_aside, at=AT, **more)


def other(number):
    return document().replace(b"34E31", str(number).encode())


# --- what is said -------------------------------------------------------------------------------------------------------


def test_the_headers_of_the_axis():
    headers = NationalAxis(Address("https://axis.test"), "H98.1", SECRET).sign({"docId": "7"}, AT)
    assert headers["XroadVnpt-docId"] == "7"
    assert headers["XroadVnpt-systemid"] == "H98.1"
    assert headers["XroadVnpt-version"] == "3.0.201608"
    assert headers["XroadVnpt-timestamp"] == "10032026T090501+0042"
    assert list(json.loads(headers["XroadVnpt-sign-header"])) == headers["XroadVnpt-sign-header-key"].split(";")
    assert (
        headers["XroadVnpt-sign-header-key"]
        == "XroadVnpt-docId;XroadVnpt-systemid;XroadVnpt-timestamp;XroadVnpt-version"
    )
    assert len(headers["XroadVnpt-hash-header"]) == 64


def test_the_digest_of_a_file_as_the_axis_writes_it():
    assert hashlib.sha256(b"abc").hexdigest().startswith("ba7816bf8f01cfea")
    assert unpadded_digest(b"abc").startswith("ba7816bf8f1cfea")


def test_what_is_sent_arrives_as_it_was(axis, national, gate, provincial):
    message = document()
    assert national.send(message, kind="edoc", sender="G99", receivers=["H98", "H97"], at=AT) == "1"
    ((given, body),) = axis.sent
    assert body == message
    assert (given["from"], given["to"], given["messagetype"], given["servicetype"]) == (
        "G99",
        '["H98", "H97"]',
        "edoc",
        "eDoc",
    )
    assert given["hash-file"] == unpadded_digest(message)
    assert provincial.send(message, kind="edoc", sender="G99", receivers=[], at=AT) == "1"
    assert gate.sent == [({"messagetype": "edoc"}, message)]


def test_a_wrong_secret_is_not_let_in(axis, national, gate, provincial):
    with pytest.raises(Declined) as fault:
        replace(national, secret="khác").list_waiting("edoc", at=AT)
    assert (fault.value.final, fault.value.facts["number"]) == (True, "15")
    assert "chữ ký" in fault.value.message
    stranger = replace(provincial, account=Account("ai", "gì", "SYS", "secret"))
    with pytest.raises(NotLetIn):
        stranger.list_waiting("edoc", at=AT)
    with pytest.raises(Declined) as fault:
        replace(provincial, account=Account("vanthu", "mật khẩu", "SYS", "khác")).list_waiting("edoc", at=AT)
    assert fault.value.facts["words"] == "sai mã hệ thống hoặc khóa"
    assert SECRET not in repr(national)
    assert "mật khẩu" not in repr(provincial)


def test_a_token_is_asked_for_once_and_again_when_it_is_no_longer_taken(gate, provincial):
    provincial.list_waiting("edoc", at=AT)
    provincial.list_waiting("status", at=AT)
    assert gate.asked.count("/v1/auth/login") == 1
    gate.tokens.append("another")
    assert provincial.list_waiting("edoc", at=AT) == []
    assert gate.asked.count("/v1/auth/login") == 2
    gate.go_wrong("/v1/syncReceivedEdocList", 401, 401)
    with pytest.raises(NotLetIn):
        provincial.list_waiting("edoc", at=AT)


# --- what goes wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "kind", "final"),
    [
        (500, ServerTrouble, False),
        (503, ServerTrouble, False),
        (429, ServerTrouble, False),
        (403, NotLetIn, True),
        (404, NotUnderstood, True),
        ("redirect", NotUnderstood, True),
        ("reset", Unreachable, False),
        ("silent", TooSlow, False),
        ("drip", TooSlow, False),
        ("endless", AnswerTooLong, True),
        ("cut", CutAnswer, False),
        ("cut chunks", CutAnswer, False),
        ("no http", BadAnswer, False),
        ("html", BadAnswer, False),
        (b"", BadAnswer, False),
        (b"OK", BadAnswer, False),
        (b"[1]", BadAnswer, False),
        (b"\xff\xfe", BadAnswer, False),
        (b"[" * 100_000, BadAnswer, False),
        (b"{} junk", BadAnswer, False),
        ({"nothing": 1}, BadAnswer, False),
        ({"ErrorCode": 0, "data": "x"}, BadAnswer, False),
        ({"ErrorCode": "0", "data": [1]}, BadAnswer, False),
        (no("18", "nơi nhận không tồn tại"), Declined, True),
        (no("20"), Declined, False),
        ({"status": "FAIL"}, Declined, True),
    ],
)
def test_every_fault_has_its_name_and_says_whether_to_try_again(axis, national, fault, kind, final):
    axis.go_wrong("/getReceivedEdocList", fault)
    line = replace(national, address=Address(axis.base, **QUICK))
    with pytest.raises(LineFault) as raised:
        line.list_waiting("edoc", at=AT)
    assert (type(raised.value), raised.value.final) == (kind, final)
    assert raised.value.message


def test_odd_answers_that_are_good_enough(axis, national):
    axis.put("1", document())
    axis.go_wrong("/getReceivedEdocList", "junk around")
    assert [each.doc_id for each in national.list_waiting("edoc", at=AT)] == ["1"]
    odd = {
        "errorcode": 0,
        "Data": None,
        "data": [{"docid": 12}, {"docId": ""}, {"docId": "a\r\nb"}, {}, {"docId": "x"}],
    }
    axis.go_wrong("/getReceivedEdocList", odd, {"ErrorCode": "0", "data": None}, {"status": "ok"})
    assert [each.doc_id for each in national.list_waiting("edoc", at=AT)] == ["12", "x"]
    assert national.list_waiting("edoc", at=AT) == []
    assert national.list_waiting("edoc", at=AT) == []


def test_addresses(axis):
    for base in ("http://axis.test", "ftp://axis.test", "axis.test", "", "https://", "http://axis.test:x"):
        with pytest.raises(BadAddress):
            NationalAxis(Address(base), "x", SECRET).list_waiting("edoc", at=AT)
    with pytest.raises(Unreachable):
        NationalAxis(Address("http://127.0.0.1:1"), "x", SECRET).list_waiting("edoc", at=AT)
    with pytest.raises(Unreachable):
        NationalAxis(Address(axis.base.replace("http", "https")), "x", SECRET).list_waiting("edoc", at=AT)


def test_a_message_that_does_not_come_whole(axis, national, gate, provincial):
    axis.go_wrong("/getEdoc", {"ErrorCode": "0", "data": "@@@"}, {"ErrorCode": "0", "data": b64(b"x")[:-1]})
    for _ in range(2):
        with pytest.raises(BadAnswer):
            national.fetch("1", at=AT)
    with pytest.raises(Declined):
        national.fetch("none", at=AT)
    axis.put("1", document())
    assert national.fetch("1", at=AT) == document()
    raw = replace(national, raw=True)
    assert raw.fetch("1", at=AT) == document()
    with pytest.raises(Declined):
        raw.fetch("none", at=AT)
    gate.go_wrong("/v1/getEdoc", {"ErrorCode": "0"}, {"ErrorCode": "0", "data": {"edxml": ""}})
    for _ in range(2):
        with pytest.raises(BadAnswer):
            provincial.fetch("1", at=AT)


def test_files_that_come_beside_the_message(gate, provincial):
    gate.put("1", document(attachments=""))
    gate.beside["1"] = [{"fileName": "a.pdf", "fileContent": b64(PDF)}]
    facts = facts_of(read(provincial.fetch("1", at=AT)))
    assert [(each["name"], each["sha256"]) for each in facts["attachments"]] == [
        ("a.pdf", hashlib.sha256(PDF).hexdigest())
    ]
    assert facts["notes"] == []
    gate.put("2", document())
    gate.beside["2"] = [{"fileName": "a.pdf", "fileContent": "@"}]
    assert provincial.fetch("2", at=AT) == document()
    gate.put("3", document(attachments=""))
    gate.beside["3"] = [{"fileName": "a.pdf", "fileContent": "@"}]
    with pytest.raises(BadAnswer):
        provincial.fetch("3", at=AT)


# --- polling ------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["national", "provincial"])
def line(request):
    """Each line with the server behind it."""
    server = request.getfixturevalue("axis" if request.param == "national" else "gate")
    return server, request.getfixturevalue(request.param)


def paths(line):
    national = isinstance(line, NationalAxis)
    return (
        ("/getReceivedEdocList", "/getEdoc", "/updateStatus")
        if national
        else (
            "/v1/syncReceivedEdocList",
            "/v1/getEdoc",
            "/v1/updateStatus",
        )
    )


def test_what_waits_is_taken_in_and_acknowledged_once(line):
    server, channel = line
    server.put("2", status(), kind="status", created="2026/03/09 07:00:00")
    server.put("3", other(3), created="2026/03/09 09:00:00")
    server.put("1", other(1), created="2026/03/09 08:00:00")
    shelf = Shelf()
    tally = shelf.poll(channel)
    assert tally.taken == ["1", "3", "2"]
    assert server.acknowledged == [("1", "done"), ("3", "done"), ("2", "done")]
    assert [came.content for came in shelf.kept.values()] == [other(1), other(3), status()]
    assert shelf.poll(channel).taken == []


def test_a_message_that_cannot_be_read_is_set_aside_and_said_to_have_failed(line):
    server, channel = line
    server.put("1", b"1212" + document())
    server.put("2", document(declaration="<!DOCTYPE x>"))
    server.put("3", other(3))
    shelf = Shelf()
    tally = shelf.poll(channel)
    assert (tally.taken, tally.set_aside) == (["3"], ["1", "2"])
    assert shelf.aside == [
        ("1", b"1212" + document(), "edxml_junk_before"),
        ("2", document(declaration="<!DOCTYPE x>"), "edxml_doctype"),
    ]
    assert server.acknowledged == [("1", "fail"), ("2", "fail"), ("3", "done")]


def test_what_is_listed_twice_or_comes_again_by_another_route_is_kept_once(line):
    server, channel = line
    server.put("1", document())
    server.waiting.append(dict(server.waiting[0]))
    server.put("9", document())
    shelf = Shelf()
    assert shelf.poll(channel).taken == ["1", "9"]
    assert (len(shelf.kept), shelf.again) == (1, ["9"])
    assert server.acknowledged == [("1", "done"), ("9", "done")]


def test_a_recall_is_not_the_document_again(line):
    server, channel = line
    server.put("1", document())
    server.put("2", document().replace(b"BussinessDocType>0", b"BussinessDocType>1"))
    shelf = Shelf()
    shelf.poll(channel)
    assert (len(shelf.kept), shelf.again) == (2, [])


def test_a_fault_postpones_one_message_and_the_next_round_takes_it(line):
    server, channel = line
    _list, get, _update = paths(channel)
    for number in (1, 2, 3):
        server.put(str(number), other(number))
    server.go_wrong(get, 503)
    shelf = Shelf()
    tally = shelf.poll(channel)
    assert (tally.taken, tally.postponed, [type(fault) for fault in tally.faults]) == (
        ["2", "3"],
        ["1"],
        [ServerTrouble],
    )
    assert shelf.poll(channel).taken == ["1"]
    assert len(shelf.kept) == 3


def test_a_line_that_is_down_ends_the_round(line):
    server, channel = line
    _list, get, _update = paths(channel)
    for number in range(9):
        server.put(str(number), other(number))
    server.go_wrong(get, *["reset"] * 4)
    tally = Shelf().poll(channel)
    assert (tally.taken, tally.postponed) == ([], ["0", "1", "2", "8"])


def test_messages_that_never_come_do_not_keep_the_younger_ones_waiting(line):
    server, channel = line
    _list, get, _update = paths(channel)
    for number in range(6):
        server.put(str(number), other(number))
    server.go_wrong(get, 500, 500, 500)
    tally = Shelf().poll(channel)
    assert (tally.taken, tally.postponed) == (["5", "4", "3"], ["0", "1", "2"])


def test_a_message_that_the_line_no_longer_has_does_not_stop_the_others(line):
    server, channel = line
    for number in range(9):
        server.put(str(number), other(number))
        if number < 5:
            del server.content[str(number)]
    tally = Shelf().poll(channel)
    assert (tally.taken, tally.postponed) == (["5", "6", "7", "8"], ["0", "1", "2", "3", "4"])


def test_an_acknowledgement_that_is_lost_means_the_message_again_and_it_is_kept_once(line):
    server, channel = line
    _list, _get, update = paths(channel)
    server.put("1", document())
    server.go_wrong(update, 503)
    shelf = Shelf()
    assert shelf.poll(channel).unacknowledged == []
    assert server.acknowledged == [("1", "done")]
    server.put("2", other(2))
    server.go_wrong(update, 503, "cut")
    assert shelf.poll(channel).unacknowledged == ["2"]
    assert shelf.poll(channel).taken == ["2"]
    assert (shelf.again, len(shelf.kept)) == (["2"], 2)


def test_nothing_is_acknowledged_that_was_not_kept(line):
    server, channel = line
    server.put("1", document())

    def full(_came):
        raise OSError("no space left")

    with pytest.raises(OSError, match="space"):
        poll(channel, keep=full, set_aside=lambda *_: None, at=AT)
    assert server.acknowledged == []
    assert Shelf().poll(channel).taken == ["1"]


def test_one_kind_that_cannot_be_listed_does_not_hide_the_other(line):
    server, channel = line
    listing, _get, _update = paths(channel)
    server.put("1", status(), kind="status")
    server.go_wrong(listing, 500)
    tally = Shelf().poll(channel)
    assert (tally.taken, [type(fault) for fault in tally.faults]) == (["1"], [ServerTrouble])


def test_a_round_takes_no_more_than_it_was_told(line):
    server, channel = line
    for number in range(5):
        server.put(str(number), other(number))
    assert Shelf().poll(channel, most=2).taken == ["0", "1"]


# --- the rest of the axis -----------------------------------------------------------------------------------------------


def test_the_directory_and_its_old_codes(line):
    server, channel = line
    server.agencies = [
        {
            "id": 1,
            "pid": "0",
            "code": "H98",
            "name": "UBND tỉnh Mẫu",
            "oldCode": "14.H98",
            "code102": "000.00.00.H98",
            "mail": "a@b",
        },
        {"id": 2, "code": "H98.1", "name": "Sở Mẫu", "code102": "000.00.01.H98"},
        {"id": 3, "name": "không mã"},
        {"id": 4, "code": "000.00.01.H98", "name": "nơi khác"},
    ]
    agencies = channel.list_agencies(at=AT)
    assert agencies[:2] == [
        Agency("H98", "UBND tỉnh Mẫu", ("14.H98", "000.00.00.H98"), "0", "a@b"),
        Agency("H98.1", "Sở Mẫu", ("000.00.01.H98",)),
    ]
    assert aliases_of(agencies) == {
        "H98": "H98",
        "14.H98": "H98",
        "000.00.00.H98": "H98",
        "H98.1": "H98.1",
        "000.00.01.H98": "000.00.01.H98",
    }


def test_counting_and_what_was_sent(axis, national):
    axis.put("1", document())
    assert (national.count_waiting("edoc", at=AT), national.count_waiting("status", at=AT)) == (1, 0)
    axis.go_wrong("/countReceiveEdoc", {"ErrorCode": "0", "count": "many"})
    with pytest.raises(BadAnswer):
        national.count_waiting("edoc", at=AT)
    assert national.list_sent("edoc", at=AT, doc_id="1") == [{"senderDocId": "1", "sendStatus": "done"}]


def test_sending_without_an_identifier_is_not_sent(axis, national, gate, provincial):
    axis.go_wrong("/sendEdoc", {"ErrorCode": "0", "status": "OK"})
    gate.go_wrong("/v1/sendEdoc", {"ErrorCode": "0", "status": "OK"})
    for channel in (national, provincial):
        with pytest.raises(BadAnswer):
            channel.send(document(), kind="edoc", sender="G99", receivers=[], at=AT)
    axis.go_wrong("/sendEdoc", no("23", "khóa"))
    with pytest.raises(Declined) as fault:
        national.send(document(), kind="edoc", sender="G99", receivers=["H1"], at=AT)
    assert fault.value.final
    assert Waiting("1", "edoc").created == ""
