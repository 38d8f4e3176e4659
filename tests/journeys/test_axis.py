"""The national axis end to end, against a server written from its description that misbehaves when told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache

import pytest
import pytest_django

from antin.correspondents import operations as correspondents
from antin.correspondents import queries as directory
from antin.correspondents.models import Correspondent
from antin.documents import queries
from antin.documents.models import Arrival, Document
from antin.documents.operations import Outside
from antin.documents.operations.receiving import DuplicateArrival
from antin.exchange import operations as exchange
from antin.exchange import queries as lines
from antin.exchange.edxml.facts import facts_of
from antin.exchange.edxml.message import Organisation, ResponseFor
from antin.exchange.edxml.reading import read
from antin.exchange.edxml.receipts import Told, as_receipt, as_status
from antin.exchange.edxml.writing import write
from antin.exchange.models import Answer, Delivery, Line, Parcel
from antin.exchange.operations import LineFacts
from antin.files import queries as files
from antin.journeys import receive_document, take_in
from antin.notices import queries as notices
from antin.outbox.operations import Tally
from antin.refusal import WrongState
from tests import given, paper
from tests.axis import SECRET, Axis, National, no, open_axis
from tests.cast import TODAY, Cast
from tests.edxml import attachment, document, reference
from tests.papers import pdf
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]
OURS = "G11.90"


@pytest.fixture
def axis() -> Iterator[Axis]:
    made, server = open_axis(National)
    yield made
    made.over.set()
    server.shutdown()
    server.server_close()


def line_to(axis: Axis, at: datetime) -> Line:
    """A line to this server, open; a ministry stands in its list."""
    facts = {
        "axis": {"system_id": "H98.1", "secret": SECRET},
        "gateway": {"system_id": "SYS", "secret": "secret", "user_name": "vanthu", "password": "mật khẩu"},
    }[axis.kind]
    line_facts = LineFacts(title="Trục diễn tập", address=axis.base, plain=True, **facts)
    made = exchange.set_up_line(name="truc", channel=axis.kind, facts=line_facts, actor=None, at=at)
    axis.agencies = [{"code": "G99", "name": "Bộ Thử nghiệm", "code102": "000.00.00.G99", "pid": "", "mail": "vt@g99"}]
    return exchange.open_line(line_id=made.pk, actor=None, at=at)


@pytest.fixture
def line(axis: Axis, at: datetime) -> Line:
    return line_to(axis, at)


def ministry() -> Correspondent:
    found = directory.find_by_code("G99")
    assert found is not None
    return found


def to_us(**changes: str) -> str:
    """A header as the ministry writes it to the general department; what is given differently."""
    told = {"number": "34E31", "id": "G99,2026/03/09,34E31/BTN-VP", "to": "000.00.90.G11", "more": "", "from": "G99"}
    told |= changes
    return (
        f"<edXML:From><edXML:OrganId>{told['from']}</edXML:OrganId><edXML:OrganName>Bộ Thử nghiệm</edXML:OrganName></edXML:From>"
        f"<edXML:To><edXML:OrganId>{told['to']}</edXML:OrganId><edXML:OrganName>Tổng cục Z</edXML:OrganName></edXML:To>"
        f"<edXML:DocumentId>{told['id']}</edXML:DocumentId><edXML:Code><edXML:CodeNumber>{told['number']}</edXML:CodeNumber>"
        "<edXML:CodeNotation>BTN-VP</edXML:CodeNotation></edXML:Code><edXML:PromulgationInfo><edXML:Place>Hà Nội</edXML:Place>"
        "<edXML:PromulgationDate>2026/03/09</edXML:PromulgationDate></edXML:PromulgationInfo><edXML:DocumentType>"
        "<edXML:Type>18</edXML:Type><edXML:TypeName>Thông báo</edXML:TypeName></edXML:DocumentType>"
        "<edXML:Subject>V/v thử &amp; nghiệm</edXML:Subject><edXML:OtherInfo><edXML:Priority>2</edXML:Priority></edXML:OtherInfo>"
        f"{told['more']}"
    )


@cache
def page() -> bytes:
    return pdf(words="Thong bao cua Bo Thu nghiem")


def letter(content: bytes = b"", **changes: str) -> bytes:
    return document(to_us(**changes), attachments=attachment(content or page()))


def round_of(line: Line, at: datetime) -> object:
    return take_in.run_round(line_id=line.pk, at=at, now=True)


def status_from(kind: str, code: str, document: Document, at: datetime, **facts: object) -> bytes:
    about = ResponseFor(organ_id=OURS, code=document.code, document_id=document.identifier)
    told = Told(kind, "", at, Organisation(organ_id=code), about, facts=dict(facts))
    return write(as_status(told))


# Receiving ------------------------------------------------------------------------------------------------------------------


def test_what_comes_appears_in_the_clerks_box_and_is_answered_as_the_work_goes(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    other = document(to_us(more="<edXML:DueDate>2026/12/01</edXML:DueDate>"), references=reference() + reference("cid:2", "b.txt"),
                     attachments=attachment(page()) + attachment(b"ghi chu", "cid:2", "b.txt", "text/plain"))  # fmt: skip
    axis.put("900", other)
    assert take_in.run_rounds(at=at) == 1
    assert axis.acknowledged == [("900", "done")]
    assert ministry().name == "Bộ Thử nghiệm"  # the axis' own list came with the round
    keep_promises(at)
    arrival = Document.objects.get(direction="in")
    assert (arrival.agency_id, arrival.code, arrival.subject, arrival.issuer_name, arrival.issuer_code) == (
        cast.agency_id, "34E31/BTN-VP", "V/v thử & nghiệm", "Bộ Thử nghiệm", "G99",
    )  # fmt: skip
    assert (arrival.type_code, arrival.urgency, str(arrival.document_date), str(arrival.reply_by)) == (
        "TB", 2, "2026-03-09", "2026-12-01",
    )  # fmt: skip
    assert (arrival.identifier, arrival.number, arrival.next_act) == ("G99,2026/03/09,34E31/BTN-VP", None, "register")
    assert files.read(arrival.file) == page()
    assert [(row.name, files.read(row.file)) for row in queries.list_attachments(arrival.pk)] == [("b.txt", b"ghi chu")]
    assert Arrival.objects.get(document=arrival).verdict == "unsigned"
    told = [row.kind for row in notices.list_for(cast.clerk.actor())]
    assert "document.arrived" in told

    head = cast.head.actor()
    receive_document.register(document_id=arrival.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    keep_promises(at)
    receive_document.close(document_id=arrival.pk, actor=head, at=at + timedelta(hours=2))
    keep_promises(at + timedelta(hours=2))
    said = [
        (given["messagetype"], given["from"], given["to"], as_receipt(read(content))) for given, content in axis.sent
    ]
    assert [(kind, sender, to, receipt.code) for kind, sender, to, receipt in said] == [
        ("status", "000.00.90.G11", '["G99"]', code) for code in ("01", "03", "06")
    ]
    registered = said[1][3]
    assert (registered.about.document_id, registered.about.code, registered.facts) == (
        "G99,2026/03/09,34E31/BTN-VP", "34E31/BTN-VP", {"arrival_number": 1},
    )  # fmt: skip
    assert {row.status for row in Answer.objects.all()} == {"sent"}


def test_sent_back_with_the_reason_in_words(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    axis.put("900", letter())
    round_of(line, at)
    keep_promises(at)
    arrival = Document.objects.get(direction="in")
    receive_document.send_back(
        document_id=arrival.pk, reason="file_missing", words="thiếu phụ lục 2", actor=cast.clerk.actor(), at=at
    )
    keep_promises(at)
    receipt = as_receipt(read(axis.sent[-1][1]))
    assert (receipt.code, receipt.words, receipt.facts) == (
        "02", "Thiếu tệp, thiếu phụ lục. thiếu phụ lục 2", {"return_code": "file_missing"},
    )  # fmt: skip


def test_the_same_message_again_by_any_way_is_one_arrival(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    axis.put("900", letter())
    axis.go_wrong("/updateStatus", 503, 503)
    round_of(line, at)
    keep_promises(at)
    axis.put("901", letter().replace(b"Bussiness", b"Business"))  # written anew on the way
    round_of(line, at)
    keep_promises(at)
    assert Document.objects.filter(direction="in").count() == 1
    [parcel] = Parcel.objects.all()
    assert (parcel.came_again, parcel.status) == (2, "taken")
    assert sorted(axis.acknowledged) == [("900", "done"), ("901", "done")]


def test_the_same_identifiers_with_another_file_are_set_aside_with_an_alarm(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    axis.put("900", letter())
    round_of(line, at)
    axis.put("901", letter(pdf(words="Mot van ban khac")))
    round_of(line, at)
    keep_promises(at)
    assert Document.objects.filter(direction="in").count() == 1
    odd = Parcel.objects.get(doc_id="901")
    assert (odd.status, odd.fault_code) == ("set_aside", "says_something_else")


def test_another_identifier_of_the_same_paper_is_alarmed_when_it_is_registered(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    axis.put("900", letter())
    axis.put("901", letter(id="0b7e-another"))
    round_of(line, at)
    keep_promises(at)
    first, second = Document.objects.filter(direction="in").order_by("id")
    clerk = cast.clerk.actor()
    receive_document.register(document_id=first.pk, actor=clerk, today=TODAY, at=at)
    refused(
        DuplicateArrival,
        lambda: receive_document.register(document_id=second.pk, actor=clerk, today=TODAY, at=at),
    )


def test_what_cannot_be_read_or_taken_in_is_set_aside_and_an_operator_tries_again(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    axis.put("1", b"<edXML><broken>")
    axis.put("2", document(to_us(to="H00"), attachments=attachment(page())))
    axis.put("3", document(to_us(id="x3"), attachments=attachment(b"no paper", name="a.txt", kind="text/plain")))
    axis.put("4", document(to_us(id="x4"), attachments=attachment(b"%PDF-1.7 cut")))
    round_of(line, at)
    keep_promises(at)
    assert Document.objects.filter(direction="in").count() == 0
    found = {row.doc_id: (row.status, row.fault_code) for row in Parcel.objects.all()}
    assert found == {
        "1": ("set_aside", "edxml_cut_short"),
        "2": ("set_aside", "nobody_here"),
        "3": ("set_aside", "no_page"),
        "4": ("set_aside", "no_page"),
    }
    assert sorted(axis.acknowledged) == [("1", "fail"), ("2", "done"), ("3", "done"), ("4", "done")]
    lost = Parcel.objects.get(doc_id="2")
    assert lost.fault == "Không nơi nhận nào trong gói tin thuộc nút này: H00."
    assert files.read(Parcel.objects.get(doc_id="1").file) == b"<edXML><broken>"

    administrator = cast.administrator.actor()
    codes = {cast.agency_id: "H00"}
    facts = LineFacts(title=line.title, address=line.address, system_id=line.system_id, plain=True, codes=codes)
    exchange.change_line(line_id=line.pk, facts=facts, actor=administrator, at=at)
    exchange.retry_parcel(parcel_id=lost.pk, actor=administrator, at=at)
    keep_promises(at)
    lost.refresh_from_db()
    assert (lost.status, Document.objects.get(direction="in").code) == ("taken", "34E31/BTN-VP")
    assert as_receipt(read(axis.sent[-1][1])).reporter.organ_id == "H00"
    refused(WrongState, lambda: exchange.retry_parcel(parcel_id=lost.pk, actor=administrator, at=at))
    dropped = exchange.drop_parcel(
        parcel_id=Parcel.objects.get(doc_id="1").pk, reason="rác", actor=administrator, at=at
    )
    assert dropped.status == "dropped"


def test_one_message_for_two_of_our_agencies_arrives_at_both(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    second = "<edXML:To><edXML:OrganId>G11.90.21</edXML:OrganId></edXML:To>"
    axis.put("900", letter(more=second))
    round_of(line, at)
    keep_promises(at)
    arrived = dict(Document.objects.filter(direction="in").values_list("agency_id", "next_act"))
    assert len(arrived) == 2
    assert set(arrived.values()) == {"register"}
    assert len([given for given, _ in axis.sent if given["messagetype"] == "status"]) == 2


def test_rounds_do_not_overlap_wait_after_faults_and_are_resumed(
    cast: Cast, at: datetime, axis: Axis, line: Line
) -> None:
    axis.put("900", letter())
    axis.go_wrong("/getEdoc", "cut", 500, "reset")
    assert exchange.begin_round(line_id=line.pk, actor=None, at=at)
    assert not exchange.begin_round(line_id=line.pk, actor=None, at=at, now=True)
    assert take_in.run_rounds(at=at) == 0
    assert exchange.begin_round(line_id=line.pk, actor=None, at=at + timedelta(minutes=15))  # the first one died
    exchange.end_round(line_id=line.pk, fault="", actor=None, at=at + timedelta(minutes=15))
    for tried in range(3):
        moment = at + timedelta(hours=tried + 1)
        assert take_in.run_rounds(at=moment) == 1
        line.refresh_from_db()
        wait = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=5))[tried]
        assert (line.faults_in_row, line.next_round_at) == (tried + 1, moment + wait)
        assert line.fault
    assert Parcel.objects.count() == 0
    moment = at + timedelta(hours=5)
    take_in.run_rounds(at=moment)
    line.refresh_from_db()
    assert (Parcel.objects.count(), line.faults_in_row, line.fault, line.contact_at) == (1, 0, "", moment)


def test_what_never_comes_whole_is_set_aside_after_a_day_and_asked_for_again_on_request(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    axis.put("900", letter())
    rounds = [at + timedelta(hours=1.5 * tried) for tried in range(20)]
    for moment in rounds:
        axis.go_wrong("/getEdoc", "cut")
        assert take_in.run_round(line_id=line.pk, at=moment, now=True)
    [parcel] = Parcel.objects.all()
    assert (parcel.status, parcel.fault_code, parcel.file) == ("set_aside", "never_came_whole", "")
    assert parcel.fault.startswith("Hỏi 20 lần từ 23/11/2026 vẫn không lấy được trọn gói tin: ")
    assert axis.acknowledged == []
    axis.asked.clear()
    done = take_in.run_round(line_id=line.pk, at=rounds[-1], now=True)
    assert done is not None and done.faults == []  # the line is well, and slow for nobody
    assert "/getEdoc" not in axis.asked
    exchange.retry_parcel(parcel_id=parcel.pk, actor=cast.administrator.actor(), at=rounds[-1])
    take_in.run_round(line_id=line.pk, at=rounds[-1], now=True)
    keep_promises(rounds[-1])
    assert set(Parcel.objects.values_list("file", "status")) == {
        ("", "taken"),
        (Parcel.objects.exclude(file="").get().file, "taken"),
    }
    assert axis.acknowledged == [("900", "done")]
    assert Document.objects.filter(direction="in").count() == 1


def test_an_isolated_node_and_a_shut_line_ask_nothing(
    cast: Cast, at: datetime, axis: Axis, line: Line, settings: pytest_django.fixtures.SettingsWrapper
) -> None:
    settings.ISOLATED = True
    round_of(line, at)
    line.refresh_from_db()
    assert line.fault == "Nút chạy chế độ cách ly: không kết nối ra ngoài."
    settings.ISOLATED = False
    exchange.shut_line(line_id=line.pk, actor=None, at=at)
    assert round_of(line, at) is None
    assert axis.asked == []


# Sending --------------------------------------------------------------------------------------------------------------------


def test_an_issued_document_goes_out_and_its_statuses_come_back(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    paper.give_keys(cast, at)
    round_of(line, at)
    sent = paper.an_issued_page(cast, at, recipients=[Outside(ministry().pk), cast.recipient_id])
    axis.go_wrong("/sendEdoc", 503, "cut")
    for minute in range(4):
        keep_promises(at + timedelta(minutes=minute))
    delivery = Delivery.objects.get(channel="axis")
    assert (delivery.status, delivery.attempts, delivery.reference) == ("sent", 3, "1")
    [(given, content)] = [each for each in axis.sent if each[0]["messagetype"] == "edoc"]
    facts = facts_of(read(content))
    assert (given["from"], given["to"]) == (OURS, '["G99"]')
    assert {name: facts[name] for name in ("from", "to", "code", "document_id", "subject", "priority", "business")} == {
        "from": OURS, "to": ["G99"], "code": sent.code, "document_id": sent.identifier, "subject": sent.subject,
        "priority": 0, "business": 0,
    }  # fmt: skip
    assert [each["sha256"] for each in facts["attachments"]] == [sent.file]
    assert facts["notes"] == []

    hours = [at + timedelta(hours=n) for n in range(5)]
    axis.put("11", status_from("done", "000.00.00.G99", sent, hours[3], reply_code="7/BTN"), "status")
    axis.put("12", status_from("registered", "G99", sent, hours[2], arrival_number=88), "status")
    axis.put("13", status_from("registered", "G99", sent, hours[2], arrival_number=88), "status")
    round_of(line, hours[4])
    keep_promises(hours[4])
    delivery.refresh_from_db()
    assert (delivery.status, delivery.arrival_number, delivery.reply_code, delivery.registered_at, delivery.done_at) == (
        "done", 88, "7/BTN", hours[2], hours[3],
    )  # fmt: skip
    assert sorted(axis.acknowledged) == [("11", "done"), ("12", "done"), ("13", "done")]


def test_a_reply_names_what_it_answers_and_one_that_comes_is_tied_to_ours(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    round_of(line, at)
    ours = given.an_issued_document(cast, at, recipients=[Outside(ministry().pk)])
    about = (
        f"<edXML:ResponseFor><edXML:OrganId>{OURS}</edXML:OrganId><edXML:Code>{ours.code}</edXML:Code>"
        f"<edXML:DocumentId>{ours.identifier}</edXML:DocumentId></edXML:ResponseFor>"
    )
    axis.put("900", letter(more=about))
    round_of(line, at)
    keep_promises(at, faults=True)  # the issued page itself is no file here
    arrival = Document.objects.get(direction="in")
    assert arrival.in_reply_to == ours


def test_a_status_that_lies_moves_nothing(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    round_of(line, at)
    stranger = correspondents.enter(code="G77", name="Bộ Khác", channel="axis", line="truc", actor=None, at=at)
    sent = given.an_issued_document(cast, at, recipients=[Outside(ministry().pk)])
    exchange.record_handed_over(delivery_id=Delivery.objects.get().pk, reference="1", actor=None, at=at)
    other = Document(code="1/X", identifier="nobody's")
    axis.put("1", status_from("done", stranger.code, sent, at), "status")
    axis.put("2", status_from("done", "G99", other, at), "status")
    axis.put("3", status_from("done", "G99", sent, at).replace(b">06<", b">77<"), "status")
    round_of(line, at)
    keep_promises(at)
    assert {row.doc_id: row.fault_code for row in Parcel.objects.all()} == {
        "1": "not_the_recipient", "2": "not_our_document", "3": "status_unknown",
    }  # fmt: skip
    assert Delivery.objects.get().status == "sent"


def test_what_the_axis_declines_is_a_failure_in_its_own_words(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    paper.give_keys(cast, at)
    round_of(line, at)
    paper.an_issued_page(cast, at, recipients=[Outside(ministry().pk)])
    axis.go_wrong("/sendEdoc", no("18", "nơi nhận không tồn tại"))
    keep_promises(at)
    delivery = Delivery.objects.get()
    assert delivery.status == "failed"
    assert delivery.fault.endswith("từ chối: nơi nhận không tồn tại (mã 18).")
    line.refresh_from_db()
    assert line.fault == delivery.fault
    assert lines.list_queues() == {"truc": lines.Queue(failed=1)}


# Recalls and changes --------------------------------------------------------------------------------------------------------


def test_a_sender_asks_back_and_our_answer_goes_out(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    axis.put("900", letter())
    round_of(line, at)
    keep_promises(at)
    arrival = Document.objects.get(direction="in")
    about = ResponseFor(organ_id=OURS, code=arrival.code, document_id=arrival.identifier)
    asked = write(as_status(Told("recall_asked", "", at, Organisation(organ_id="G99"), about, "gửi nhầm bản")))
    stranger = write(as_status(Told("recall_asked", "", at, Organisation(organ_id="G00"), about, "không phải của tôi")))
    axis.put("901", asked, "status")
    axis.put("902", stranger, "status")
    round_of(line, at)
    keep_promises(at)
    told = [row for row in notices.list_for(cast.clerk.actor()) if row.kind == "change.recall_asked"]
    assert [row.text for row in told] == ["Bộ Thử nghiệm thu hồi 34E31/BTN-VP, chờ cơ quan trả lời: gửi nhầm bản"]
    assert Parcel.objects.get(doc_id="902").fault_code == "recalled_not_here"
    assert exchange.answer_change(arrival_id=arrival.pk, agreed=False, words="Đã giao việc", actor=None, at=at)
    keep_promises(at)
    receipt = as_receipt(read(axis.sent[-1][1]))
    assert (receipt.code, receipt.words, receipt.about.document_id) == ("16", "Đã giao việc", arrival.identifier)


def test_what_a_recipient_answers_to_our_change_is_told_to_our_clerk(
    cast: Cast, at: datetime, axis: Axis, line: Line, keep_promises: Keep
) -> None:
    round_of(line, at)
    sent = given.an_issued_document(cast, at, recipients=[Outside(ministry().pk)])
    exchange.record_handed_over(delivery_id=Delivery.objects.get().pk, reference="1", actor=None, at=at)
    axis.put("1", status_from("change_agreed", "G99", sent, at), "status")
    round_of(line, at)
    keep_promises(at, faults=True)  # the page of this document is no file here
    assert "delivery.change_agreed" in [row.kind for row in notices.list_for(cast.clerk.actor())]
    assert Delivery.objects.get().status == "sent"
