"""Recall, replacement and correction across nodes and over the axis: asked, answered with proof, once, in any order of arrival."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from antin.documents import policy as papers
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.operations import Outside
from antin.exchange import operations as exchange
from antin.exchange import policy
from antin.exchange import queries as deliveries
from antin.exchange.edxml.facts import facts_of
from antin.exchange.edxml.message import Organisation, ResponseFor
from antin.exchange.edxml.reading import read
from antin.exchange.edxml.receipts import Told, as_receipt, as_status
from antin.exchange.edxml.writing import write
from antin.exchange.models import Change, ChangeReply, Delivery, Line, Parcel
from antin.exchange.states import Status
from antin.journeys import between_nodes, change_document, receive_document
from antin.nodes import bundle, receipts, statements
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes.models import Parcel as NodeParcel
from antin.nodes.models import Received
from antin.nodes.states import Coming
from antin.notices import queries as notices
from antin.outbox.operations import Tally
from tests import paper
from tests.axis import Axis, National, Provincial, open_axis
from tests.cast import TODAY, Cast
from tests.edxml import attachment, document, status
from tests.journeys.test_axis import OURS, letter, line_to, ministry, round_of, status_from, to_us
from tests.papers import pdf as page_of
from tests.two_nodes import Two, link, pdf
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]
REASON = "Sai số liệu tại mục 2"


@pytest.fixture
def two(cast: Cast, at: datetime) -> Two:
    return link(cast, at)


def ask(cast: Cast, sent: Document, at: datetime, kind: str = "recall", by_id: int | None = None) -> Change:
    return change_document.ask(
        document_id=sent.pk, kind=kind, reason=REASON, by_id=by_id, actor=cast.clerk.actor(), at=at
    )


def notices_of(cast: Cast) -> list[str]:
    return [row.kind for row in notices.list_for(cast.clerk.actor())]


# Between nodes: ours --------------------------------------------------------------------------------------------------------


def sent_over(two: Two, keep_promises: Keep) -> tuple[Document, Delivery]:
    sent = two.issue(pdf())
    keep_promises()
    two.send()
    return sent, Delivery.objects.get(dispatch__document=sent)


def test_a_recall_goes_to_the_other_node_and_its_signed_answer_stands_in_the_chain(
    two: Two, keep_promises: Keep
) -> None:
    sent, delivery = sent_over(two, keep_promises)
    [reply] = ask(two.cast, sent, two.at).replies.all()
    between_nodes.ask(reply, two.at)  # the node died before it wrote down that this was done
    keep_promises()
    reply.refresh_from_db()
    assert (reply.status, reply.carried_at, NodeParcel.objects.filter(kind="change").count()) == ("asked", two.at, 1)
    [message] = two.send()
    told, files = two.partner.opens(message)
    assert (told["kind"], told["parcel"], files) == ("change", delivery.reference, [])
    assert told["change"] == {
        "kind": "recall",
        "reason": REASON,
        "by_code": "",
        "by": "",
        "asked_by": "Phạm Thu Dung, Nhân viên văn thư",
    }
    assert NodeParcel.objects.get(kind="change").urgency == 3
    assert statements.digest_of(told) == reply.reference

    acts: list[tuple[str, dict[str, Any]]] = [
        ("arrived", {}),
        ("change_agreed", {"change": reply.reference, "return_words": "Đã hủy"}),
    ]
    chain = two.partner.receipts(delivery.reference, *acts, sender="G11.90", at=two.at)
    for _time in range(2):
        two.come(*two.partner.receipts_parcel(two.ours, delivery.reference, chain))
        keep_promises()
    reply.refresh_from_db()
    assert (reply.status, reply.words, reply.answered_by) == ("agreed", "Đã hủy", "Cục Xa")
    assert notices_of(two.cast).count("change.agreed") == 1
    assert queries.get(sent.pk).standing == "recalled"
    proof = between_nodes.export_receipts(delivery_id=delivery.pk)
    proven = receipts.verify(proof, trusted=[bytes(members.get_identity().root), two.partner.root])
    assert ([each.kind for each in proven.receipts], proven.trouble) == (["arrived", "change_agreed"], "")


def test_an_answer_to_another_question_moves_nothing(two: Two, keep_promises: Keep) -> None:
    sent, delivery = sent_over(two, keep_promises)
    [reply] = ask(two.cast, sent, two.at).replies.all()
    keep_promises()
    acts = [("change_agreed", {"change": "0" * 64})]
    chain = two.partner.receipts(delivery.reference, *acts, sender="G11.90", at=two.at)
    two.come(*two.partner.receipts_parcel(two.ours, delivery.reference, chain))
    keep_promises()
    reply.refresh_from_db()
    assert reply.status == "asked"


def test_what_left_while_it_was_being_recalled_is_asked_back(two: Two, keep_promises: Keep) -> None:
    sent = two.issue(pdf())
    ask(two.cast, sent, two.at)
    delivery = Delivery.objects.get(dispatch__document=sent)
    assert (delivery.status, ChangeReply.objects.count()) == (Status.WITHHELD, 0)
    keep_promises()
    assert NodeParcel.objects.exclude(kind="directory").count() == 0
    reference = between_nodes.carry(delivery, two.at)  # a worker had begun before it was withheld
    exchange.record_handed_over(delivery_id=delivery.pk, reference=reference, actor=None, at=two.at)
    keep_promises()
    delivery.refresh_from_db()
    assert (delivery.status, [row.kind for row in NodeParcel.objects.order_by("id")][1:]) == (
        Status.SENT,
        ["document", "change"],
    )
    assert ChangeReply.objects.get().carried_at == two.at


def test_a_correction_reaches_also_whom_the_document_reaches_later(two: Two, keep_promises: Keep) -> None:
    sent = two.issue(pdf())
    correcting = two.issue(pdf(3), type_code="TB")
    ask(two.cast, sent, two.at, "correct", correcting.pk)
    assert ChangeReply.objects.count() == 0
    keep_promises()
    told = [two.partner.opens(each)[0] for each in two.send()]
    change = next(each for each in told if each["kind"] == "change")
    assert (change["change"]["kind"], change["change"]["by_code"], change["change"]["by"]) == (
        "correct",
        correcting.code,
        correcting.identifier,
    )


def test_what_a_line_declines_for_good_is_told_and_asked_again_by_the_clerk(two: Two, keep_promises: Keep) -> None:
    sent, _delivery = sent_over(two, keep_promises)
    [reply] = ask(two.cast, sent, two.at).replies.all()
    refused(
        policy.NothingToAskAgain,
        lambda: exchange.ask_again(reply_id=reply.pk, actor=two.cast.clerk.actor(), at=two.at),
    )
    Delivery.objects.update(line="nobody")
    keep_promises()
    reply.refresh_from_db()
    assert (reply.fault, reply.carried_at) == (
        "Không gửi được sang nút nobody: Không có nút nobody trong danh bạ.",
        None,
    )
    assert "change.not_carried" in notices_of(two.cast)
    refused(
        policy.NotTheIssuer,
        lambda: exchange.ask_again(reply_id=reply.pk, actor=two.cast.plan_officer.actor(), at=two.at),
    )
    Delivery.objects.update(line="b2")
    exchange.ask_again(reply_id=reply.pk, actor=two.cast.clerk.actor(), at=two.at)
    keep_promises()
    reply.refresh_from_db()
    assert (reply.fault, reply.carried_at) == ("", two.at)


def test_a_recalled_document_is_not_sent_again(two: Two, keep_promises: Keep) -> None:
    sent, delivery = sent_over(two, keep_promises)
    ask(two.cast, sent, two.at)
    exchange.fail(delivery_id=delivery.pk, code="x", words="Không lấy được", actor=None, at=two.at)
    again = {"delivery_id": delivery.pk, "actor": two.cast.clerk.actor(), "at": two.at}
    refused(papers.Cancelled, lambda: exchange.resend(**again))


# Between nodes: theirs ------------------------------------------------------------------------------------------------------


def answered(two: Two) -> list[receipts.Receipt]:
    """The chain that we sent last, proven."""
    told, _files = two.partner.opens(two.send()[-1])
    manifest = two.letter
    bundle_of = receipts.export(manifest=manifest, receipts=[b64decode(each) for each in told["receipts"]], roots=[])
    proven = receipts.verify(bundle_of, trusted=[bytes(members.get_identity().root), two.partner.root])
    assert proven.trouble == ""
    return proven.receipts


@pytest.mark.parametrize("order", ["document first", "recall first"])
def test_their_recall_is_answered_here_whatever_comes_first(two: Two, keep_promises: Keep, order: str) -> None:
    page = pdf(40)
    two.letter = two.partner.document(two.ours, page)
    parcel = statements.digest_of(statements.peek(two.letter))
    first = two.partner.messages(two.ours, two.letter, page)
    question = two.partner.messages(two.ours, two.partner.change(two.ours, parcel))
    for messages in (first, question) if order == "document first" else (question, first):
        two.come(*messages)
        keep_promises()
        two.come(*messages)
        keep_promises()
    keep_promises()
    assert set(Received.objects.values_list("status", flat=True)) == {Coming.TAKEN}
    clerk = two.cast.clerk.actor()
    [reply] = deliveries.list_asked(clerk)
    assert (reply.change.kind, reply.change.reason, reply.change.asked_by) == ("recall", "Sai phụ lục", "Vũ Văn Xa")
    assert notices_of(two.cast).count("change.recall_asked") == 1
    change_document.answer(reply_id=reply.pk, agree=True, actor=clerk, at=two.at)
    keep_promises()
    arrival = reply.arrival
    assert arrival is not None
    assert queries.get(arrival.pk).standing == "recalled"
    assert kept_is_whole(arrival)
    chain = answered(two)
    assert [each.kind for each in chain] == ["arrived", "verified", "change_agreed"]
    assert chain[-1].facts == {"change": Received.objects.get(kind="change").digest, "return_words": ""}


def kept_is_whole(arrival: Document) -> bool:
    """Cancelled, it can still be read and proven."""
    return bool(arrival.file and deliveries.get_incoming(arrival.pk).message_file)


def test_a_recall_waits_for_a_document_that_has_not_come(two: Two, keep_promises: Keep) -> None:
    two.come(*two.partner.messages(two.ours, two.partner.change(two.ours, "ab" * 32)))
    keep_promises()
    assert Received.objects.get().status == Coming.WHOLE
    told = statements.peek(nodes.state(member_id=two.member.pk, actor=None, at=two.at))
    assert (told["in"]["upto"], told["in"]["aside"]) == (0, [])


def test_what_was_sent_back_is_agreed_by_itself(two: Two, keep_promises: Keep) -> None:
    page = pdf(41)
    two.letter = two.partner.document(two.ours, page)
    two.come(*two.partner.messages(two.ours, two.letter, page))
    keep_promises()
    [arrived] = queries.list_waiting(two.cast.clerk.actor())
    receive_document.send_back(
        document_id=arrived.pk, reason="file_missing", words="", actor=two.cast.clerk.actor(), at=two.at
    )
    parcel = statements.digest_of(statements.peek(two.letter))
    two.come(*two.partner.messages(two.ours, two.partner.change(two.ours, parcel)))
    keep_promises()
    assert deliveries.list_asked(two.cast.clerk.actor()) == []
    assert [each.kind for each in answered(two)] == ["arrived", "verified", "returned", "change_agreed"]


def test_a_correction_and_then_a_recall_are_two_questions_with_two_answers(two: Two, keep_promises: Keep) -> None:
    page, clerk = pdf(42), two.cast.clerk.actor()
    two.letter = two.partner.document(two.ours, page)
    parcel = statements.digest_of(statements.peek(two.letter))
    two.come(*two.partner.messages(two.ours, two.letter, page))
    two.come(*two.partner.messages(two.ours, two.partner.change(two.ours, parcel, "correct", by_code="09/B2")))
    keep_promises()
    [reply] = deliveries.list_asked(clerk)
    change_document.answer(reply_id=reply.pk, agree=True, actor=clerk, at=two.at)
    two.come(*two.partner.messages(two.ours, two.partner.change(two.ours, parcel)))
    keep_promises()
    [reply] = deliveries.list_asked(clerk)
    change_document.answer(reply_id=reply.pk, agree=False, words="Đã thực hiện", actor=clerk, at=two.at)
    keep_promises()
    chain = answered(two)
    assert [each.kind for each in chain][2:] == ["change_agreed", "change_refused"]
    assert chain[-1].facts["return_words"] == "Đã thực hiện"
    assert queries.get(reply.arrival_id or 0).standing == "corrected"


def test_only_who_sent_it_asks_it_back(two: Two, keep_promises: Keep) -> None:
    page = pdf(43)
    letter = two.partner.document(two.ours, page)
    parcel = statements.digest_of(statements.peek(letter))
    two.come(*two.partner.messages(two.ours, letter, page))
    stranger = two.partner.change(two.ours, parcel, signer=two.partner.agency_signer("G11.77"))
    two.come(*two.partner.messages(two.ours, stranger))
    keep_promises()
    odd = Received.objects.get(kind="change")
    assert (odd.status, odd.fault_code) == (Coming.ASIDE, "not_by_its_key")
    assert deliveries.list_asked(two.cast.clerk.actor()) == []


def test_a_question_and_its_answer_go_by_stick(two: Two, keep_promises: Keep, tmp_path: Path) -> None:
    page, stick, back = pdf(44), tmp_path / "den.zip", tmp_path / "ve.zip"
    two.letter = two.partner.document(two.ours, page)
    parcel = statements.digest_of(statements.peek(two.letter))
    question, (first, piece) = (
        two.partner.messages(two.ours, two.partner.change(two.ours, parcel))[0],
        two.partner.messages(two.ours, two.letter, page),
    )
    with stick.open("wb") as out:
        writer = bundle.Writer(out)
        for name, content in (("parcels/000001", question), ("parcels/000002", first), ("pieces/000002-0000", piece)):
            writer.add(name, content)
        writer.close(sender="b2", receiver="tcz", signer=two.partner.node, at=two.at)
    for _time in range(2):
        between_nodes.take_bundle(source=stick, actor=None, at=two.at)
        keep_promises()
    [reply] = deliveries.list_asked(two.cast.clerk.actor())
    change_document.answer(reply_id=reply.pk, agree=True, actor=two.cast.clerk.actor(), at=two.at)
    keep_promises()
    with back.open("wb") as out:
        nodes.export_bundle(code="b2", out=out, actor=None, at=two.at)
    told = [two.partner.opens([message])[0] for message in bundle.Reader(back).messages() if b"ANTIN PARCEL" in message]
    assert len(told[-1]["receipts"]) == 3


# Over the axis --------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[National, Provincial], ids=["axis", "gateway"])
def axis(request: pytest.FixtureRequest) -> Iterator[Axis]:
    made, server = open_axis(request.param)
    made.kind = "gateway" if request.param is Provincial else "axis"
    yield made
    made.over.set()
    server.shutdown()
    server.server_close()


@dataclass
class Beyond:
    """This node and a line to the outside; what happens at a moment."""

    cast: Cast
    axis: Axis
    line: Line
    at: datetime
    keep: Keep

    def send(self) -> Document:
        """A letter of ours that went out."""
        paper.give_keys(self.cast, self.at)
        round_of(self.line, self.at)
        sent = paper.an_issued_page(self.cast, self.at, recipients=[Outside(ministry().pk)])
        self.keep(self.at)
        return sent

    def come(self, doc_id: str, content: bytes, kind: str = "edoc") -> None:
        """A message of theirs that is taken in."""
        self.axis.put(doc_id, content, kind)
        round_of(self.line, self.at)
        self.keep(self.at)

    def last(self) -> Told:
        """The status that we sent last."""
        return as_receipt(read(self.axis.sent[-1][1]))


@pytest.fixture
def over(cast: Cast, axis: Axis, at: datetime, keep_promises: Keep) -> Beyond:
    return Beyond(cast, axis, line_to(axis, at), at, keep_promises)


def gone_out(axis: Axis) -> list[dict[str, Any]]:
    return [facts_of(read(content)) for given, content in axis.sent if given["messagetype"] == "edoc"]


def test_whatever_the_line_does_each_message_arrives_once_or_is_set_aside_with_the_reason(over: Beyond) -> None:
    """A list that does not come, comes slowly and with junk around; messages doubled, cut, of the wrong kind, in the wrong order,
    with junk before and after, that are none; acknowledgements that are lost."""
    axis = over.axis
    listing, fetching, saying = (
        ("/v1/syncReceivedEdocList", "/v1/getEdoc", "/v1/updateStatus")
        if axis.kind == "gateway"
        else ("/getReceivedEdocList", "/getEdoc", "/updateStatus")
    )
    good = {name: letter(id=name, number=name) for name in ("first", "second", "third")}
    axis.put("1", good["first"], created="2026/03/09 09:00:00")
    axis.put("2", good["second"], created="2026/03/09 08:00:00")
    axis.put("3", good["first"].replace(b"Bussiness", b"Business"))  # again, by another route
    axis.waiting.append(dict(axis.waiting[0]))  # and listed twice
    axis.put("4", b"1212" + good["third"])
    axis.put("5", good["third"] + b"\r\n<p>proxy</p>")
    axis.put("6", good["third"][:-40])
    axis.put("7", b"%PDF-1.4 no message at all")
    axis.put("8", good["third"], "status")
    axis.put("9", status(code="01"), "edoc")
    axis.go_wrong(listing, 503, "slow", "junk around", "cut", "html")
    axis.go_wrong(fetching, "cut", 500, "slow", "html")
    axis.go_wrong(saying, 503, 503, "reset")
    moment = over.at
    for _round in range(8):
        round_of(over.line, moment)
        over.keep(moment)
        moment += timedelta(minutes=15)
    assert axis.waiting == []
    arrived = Document.objects.filter(direction="in").values_list("identifier", flat=True)
    assert sorted(arrived) == ["first", "second", "third"]
    aside = Parcel.objects.filter(status="set_aside").order_by("doc_id")
    assert [(row.doc_id, row.fault_code) for row in aside] == [
        ("4", "edxml_junk_before"),
        ("5", "edxml_junk_after"),
        ("6", "edxml_cut_short"),
        ("7", "edxml_not_xml"),
        ("9", "not_our_document"),
    ]
    assert all(row.fault for row in aside)
    statuses = [as_receipt(read(content)).code for given, content in axis.sent if given["messagetype"] == "status"]
    assert statuses == ["01", "01", "01"]


def test_ours_is_asked_back_over_the_axis_and_refused_with_words(over: Beyond) -> None:
    sent, axis, at = over.send(), over.axis, over.at
    axis.go_wrong("/v1/sendEdoc" if axis.kind == "gateway" else "/sendEdoc", 503)
    [reply] = ask(over.cast, sent, at).replies.all()
    over.keep(at)
    reply.refresh_from_db()
    assert (reply.carried_at, reply.retry_at) == (None, at + timedelta(minutes=1))
    over.keep(at + timedelta(minutes=1))
    _document, recall = gone_out(axis)
    assert (recall["business"], recall["to"], recall["attachments"], recall["document_id"]) == (
        1,
        ["G99"],
        [],
        sent.identifier,
    )
    assert [each["document_id"] for each in recall["response_for"]] == [sent.identifier]
    business = read(axis.sent[-1][1]).business
    assert business is not None
    assert business.reason == REASON
    axis.put("5", status_from("change_refused", "G99", sent, at), "status")
    over.come("6", status_from("change_refused", "G99", sent, at + timedelta(seconds=1)), "status")
    reply.refresh_from_db()
    assert (reply.status, reply.answered_by) == ("refused", "Bộ Thử nghiệm")
    assert notices_of(over.cast).count("change.refused") == 1
    assert queries.get(sent.pk).standing == "recalled"


@pytest.mark.parametrize(("kind", "business"), [("replace", 3), ("correct", 2)])
def test_ours_is_replaced_or_corrected_by_a_message_that_brings_the_other_one(
    over: Beyond, kind: str, business: int
) -> None:
    sent = over.send()
    other = paper.an_issued_page(over.cast, over.at)
    ask(over.cast, sent, over.at, kind, other.pk)
    over.keep(over.at)
    told = gone_out(over.axis)[-1]
    assert (told["business"], told["document_id"], told["acts_on"]) == (business, other.identifier, [sent.identifier])
    assert [each["sha256"] for each in told["attachments"]] == [other.file]
    over.come("5", status_from("change_agreed", "G99", sent, over.at), "status")
    assert ChangeReply.objects.get().status == "agreed"


def asked_back(arrival_id: str, code: str, at: datetime) -> bytes:
    about = ResponseFor(organ_id=OURS, code=code, document_id=arrival_id)
    return write(as_status(Told("recall_asked", "", at, Organisation(organ_id="G99"), about, "gửi nhầm bản")))


THEIRS = "G99,2026/03/09,34E31/BTN-VP"


def recall_message() -> bytes:
    trace = "<edXML:Bussiness><edXML:BussinessDocType>1</edXML:BussinessDocType><edXML:BussinessDocReason>gửi nhầm bản"
    trace += "</edXML:BussinessDocReason></edXML:Bussiness>"
    named = f"<edXML:OrganId>G99</edXML:OrganId><edXML:DocumentId>{THEIRS}</edXML:DocumentId>"
    about = f"<edXML:ResponseFor>{named}</edXML:ResponseFor>"
    return document(to_us(more=about), trace=trace)


@pytest.mark.parametrize("form", ["status 13", "business 1"])
@pytest.mark.parametrize("order", ["document first", "recall first"])
def test_theirs_is_asked_back_before_or_after_it_came(over: Beyond, form: str, order: str) -> None:
    status = form == "status 13"
    asked = asked_back(THEIRS, "34E31/BTN-VP", over.at) if status else recall_message()
    puts = [("900", letter(), "edoc"), ("901", asked, "status" if status else "edoc")]
    for doc_id, content, kind in puts if order == "document first" else puts[::-1]:
        over.come(doc_id, content, kind)
    over.keep(over.at)
    assert set(Parcel.objects.values_list("status", flat=True)) == {"taken"}
    clerk = over.cast.clerk.actor()
    [reply] = deliveries.list_asked(clerk)
    assert (reply.change.kind, reply.change.reason) == ("recall", "gửi nhầm bản")
    change_document.answer(reply_id=reply.pk, agree=True, actor=clerk, at=over.at)
    over.keep(over.at)
    assert (over.last().code, over.last().about.document_id, over.last().facts) == ("15", THEIRS, {})
    assert queries.get(reply.arrival_id or 0).standing == "recalled"


def replacing(kind: int) -> bytes:
    """Another document of theirs that replaces, or updates, the first."""
    own = f"<edXML:Bussiness><edXML:BussinessDocType>{kind}</edXML:BussinessDocType>"
    named = f"<edXML:DocumentId>{THEIRS}</edXML:DocumentId>"
    listed = (
        f"<edXML:ReplacementInfoList><edXML:ReplacementInfo>{named}</edXML:ReplacementInfo></edXML:ReplacementInfoList>"
    )
    trace = f"{own}{listed if kind == 3 else named}</edXML:Bussiness>"
    header = to_us(number="35", id="G99,2026/03/10,35/BTN-VP")
    return document(header, trace=trace, attachments=attachment(page_of(words="Ban thay the")))


@pytest.mark.parametrize(("business", "kind"), [(3, "replace"), (2, "correct")])
@pytest.mark.parametrize("order", ["document first", "replacement first"])
def test_theirs_is_replaced_or_corrected_by_another_that_arrives_too(
    over: Beyond, order: str, business: int, kind: str
) -> None:
    puts = [("900", letter()), ("901", replacing(business)), ("902", replacing(business))]
    for doc_id, content in puts if order == "document first" else puts[::-1]:
        over.come(doc_id, content)
    clerk = over.cast.clerk.actor()
    assert Document.objects.filter(direction="in").count() == 2
    [reply] = deliveries.list_asked(clerk)
    assert (reply.change.kind, reply.change.by_code) == (kind, "35/BTN-VP")
    assert reply.arrival is not None
    assert reply.arrival.identifier == THEIRS
    change_document.answer(reply_id=reply.pk, agree=False, words="Đã thực hiện", actor=clerk, at=over.at)
    over.keep(over.at)
    assert (over.last().code, over.last().words, over.last().about.document_id) == ("16", "Đã thực hiện", THEIRS)
    receive_document.register(document_id=reply.arrival.pk, actor=clerk, today=TODAY, at=over.at)
