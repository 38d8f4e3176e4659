"""Two nodes: a document goes over as a parcel, its receipts come back signed, and what a hostile partner sends is not believed."""

from __future__ import annotations

import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from antin.correspondents import queries as directory
from antin.documents import queries
from antin.documents.models import Document
from antin.exchange import operations as exchange
from antin.exchange import queries as deliveries
from antin.exchange.models import Delivery
from antin.exchange.states import Status
from antin.files import operations as files
from antin.files import queries as kept
from antin.files.models import File
from antin.journal.models import Record
from antin.journeys import between_nodes, direct_document, receive_document
from antin.keys import operations as keys
from antin.nodes import bundle, parcels, policy, receipts, statements
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes.directory import NotADirectory, OldEdition
from antin.nodes.models import Edition, Member, Parcel, Received
from antin.nodes.states import Coming
from antin.nodes.states import Status as Sent
from antin.notices import queries as notices
from antin.outbox.operations import Tally
from antin.refusal import NotAllowed
from antin.tasks.operations import Share
from antin.tasks.states import Role
from tests.cast import TODAY, Cast
from tests.partners import Partner
from tests.two_nodes import Two, link, pdf
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]


@pytest.fixture
def two(cast: Cast, at: datetime) -> Two:
    return link(cast, at)


def events(kind: str) -> list[dict[str, Any]]:
    return [row.facts for row in Record.objects.filter(event=kind).order_by("id")]


def test_a_letter_goes_to_another_node_and_its_board_hears_of_every_act(two: Two, keep_promises: Keep) -> None:
    content = pdf(1_200_000)
    document = two.issue(content)
    keep_promises()
    [delivery] = Delivery.objects.filter(dispatch__document=document)
    assert (delivery.status, delivery.channel, delivery.line) == (Status.SENT, "node", "b2")

    edition, parcel = two.send()
    assert statements.peek(parcels.split(edition[0])[0])["kind"] == "directory"
    assert [len(message) <= 512_000 for message in parcel] == [True] * 4
    assert all(b"TCZ-KH" not in message and b"%PDF" not in message for message in parcel)
    told, came = two.partner.opens(parcel)
    assert came == [content]
    assert told["document"]["code"] == document.code == "01/TCZ-KH"
    assert statements.digest_of(told) == delivery.reference

    two.come(two.partner.statement(two.ours, at=two.at, **{"in": {"feed": _feed(two), "upto": 2, "chain": ""}}))
    assert set(Parcel.objects.values_list("status", flat=True)) == {Sent.TAKEN}

    acts = [("arrived", {}), ("verified", {"verdict": "valid"}), ("registered", {"arrival_number": 31})]
    chain = two.partner.receipts(delivery.reference, *acts, sender="G11.90", at=two.at - timedelta(hours=1))
    assert two.come(*two.partner.receipts_parcel(two.ours, delivery.reference, chain)) == [True]
    keep_promises()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.arrival_number) == (Status.REGISTERED, 31)
    assert delivery.registered_at == two.at - timedelta(minutes=57)
    assert [link.kind for link in deliveries.list_links(delivery.pk)] == ["arrived", "verified", "registered"]

    proof = receipts.export(
        manifest=bytes(Parcel.objects.get(digest=delivery.reference).manifest), receipts=chain, roots=[]
    )
    roots = [bytes(members.get_identity().root), two.partner.root]
    proven = receipts.verify(proof, trusted=roots)
    assert ([each.kind for each in proven.receipts], proven.trouble) == (["arrived", "verified", "registered"], "")


def _feed(two: Two) -> str:
    feed = members.find_current_feed(two.member, inward=False)
    assert feed is not None
    return feed.feed


def test_a_letter_of_another_node_is_judged_registered_and_answered(two: Two, keep_promises: Keep) -> None:
    paper = pdf(700_000)
    manifest = two.partner.document(two.ours, paper)
    first, *pieces = two.partner.messages(two.ours, manifest, paper)
    assert two.come(first, pieces[1]) == [True, True]
    assert Received.objects.get().status == Coming.COMING
    assert two.come(pieces[0], first, pieces[1]) == [True] * 3
    keep_promises()
    [arrived] = queries.list_waiting(two.cast.clerk.actor())
    assert (arrived.code, arrived.subject, arrived.issuer_name) == ("07/B2-KH", "Đề nghị phối hợp diễn tập", "Cục Xa")
    assert (kept.read(arrived.file), arrived.arrival.verdict) == (paper, "unsigned")
    assert [row.kind for row in notices.list_for(two.cast.clerk.actor())] == ["document.arrived"]

    actor = two.cast.clerk.actor()
    receive_document.register(document_id=arrived.pk, actor=actor, today=TODAY, at=two.at + timedelta(hours=1))
    shares = [Share(Role.LEAD, unit_id=two.cast.plan_id, due_at=two.at + timedelta(days=3))]
    direct_document.direct(
        document_id=arrived.pk,
        words="Xử lý",
        shares=shares,
        actor=two.cast.head.actor(),
        at=two.at + timedelta(hours=2),
    )
    keep_promises(two.at + timedelta(hours=2))
    told, _none = two.partner.opens(two.send()[-1])
    parcel = statements.digest_of(statements.peek(manifest))
    bundle = receipts.export(
        manifest=manifest,
        receipts=[b64decode(each) for each in told["receipts"]],
        roots=[],
    )
    proven = receipts.verify(bundle, trusted=[bytes(members.get_identity().root), two.partner.root])
    assert proven.trouble == ""
    assert [(each.kind, each.parcel == parcel) for each in proven.receipts] == [
        ("arrived", True),
        ("verified", True),
        ("registered", True),
        ("assigned", True),
    ]
    assert proven.receipts[1].facts == {"verdict": "unsigned", "paper": arrived.file}
    assert proven.receipts[2].facts == {"arrival_number": 1}


def test_a_file_travels_once_and_again_only_when_it_is_lacking(two: Two, keep_promises: Keep) -> None:
    content = pdf(10)
    two.issue(content)
    keep_promises()
    two.send()
    two.come(two.partner.statement(two.ours, at=two.at, **{"in": {"feed": _feed(two), "upto": 2, "chain": ""}}))
    second = two.issue(content, subject="Cùng tệp")
    keep_promises()
    [sent] = two.send()
    assert len(sent) == 1
    lacking = {"feed": _feed(two), "upto": 2, "chain": "", "lacking": [3]}
    two.come(two.partner.statement(two.ours, at=two.at + timedelta(seconds=1), **{"in": lacking}))
    [again] = two.send()
    assert len(again) == 2
    assert two.partner.opens(again)[1] == [content]
    assert kept.read(queries.get(second.pk).file) == content


def test_what_a_partner_thinks_we_have_and_we_have_not_is_asked_for(two: Two, keep_promises: Keep) -> None:
    paper = pdf(20)
    manifest = two.partner.document(two.ours, paper)
    files.keep(paper, at=two.at)  # ours, but never from that partner: it must not learn that, nor get it registered
    [first] = two.partner.messages(two.ours, manifest)
    assert two.come(first) == [True]
    keep_promises()
    [received] = Received.objects.all()
    assert (received.status, received.lacks) == (Coming.COMING, True)
    told = statements.peek(nodes.state(member_id=two.member.pk, actor=None, at=two.at))
    assert told["in"] == {
        "feed": two.partner.feed,
        "upto": 0,
        "chain": "",
        "beyond": [],
        "lacking": [1],
        "aside": [],
    }
    assert two.come(*two.partner.messages(two.ours, manifest, paper, number=1)) == [True, True]
    keep_promises()
    assert Received.objects.get().status == Coming.TAKEN
    assert len(queries.list_waiting(two.cast.clerk.actor())) == 1


def test_the_same_again_arrives_once_and_the_receipts_are_told_again(two: Two, keep_promises: Keep) -> None:
    paper = pdf(30)
    manifest = two.partner.document(two.ours, paper)
    messages = two.partner.messages(two.ours, manifest, paper)
    two.come(*messages)
    keep_promises()
    two.send()
    two.come(*messages)  # a replay under the same number: nothing
    keep_promises()
    assert two.send() == []
    two.partner.feed = "0000000000000001"  # restored from a backup: new feed, same parcel
    two.come(*two.partner.messages(two.ours, manifest, paper, number=1))
    keep_promises()
    assert len(queries.list_waiting(two.cast.clerk.actor())) == 1
    [again] = two.send()
    assert len(two.partner.opens(again)[0]["receipts"]) == 2


Bad = Callable[[Two, bytes], list[bytes]]


def _forged_node(two: Two, paper: bytes) -> list[bytes]:
    stranger = Partner("b2", "G11.91", "Cục Xa", two.at)
    return stranger.messages(two.ours, stranger.document(two.ours, paper), paper)[:1]


def _unknown_node(two: Two, paper: bytes) -> list[bytes]:
    stranger = Partner("la", "G11.92", "Cục Lạ", two.at)
    return stranger.messages(two.ours, stranger.document(two.ours, paper), paper)[:1]


def _for_another(two: Two, paper: bytes) -> list[bytes]:
    return two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper, receiver="b3")[:1]


def _wrong_letter(two: Two, paper: bytes) -> list[bytes]:
    manifest = two.partner.document(two.ours, paper)
    first = two.partner.messages(two.ours, manifest, paper)[0]
    return [first[:-40] + bytes(40)]


def _garbage(two: Two, paper: bytes) -> list[bytes]:
    return [b"ANTIN PARCEL 1\n" + paper[:100], b"{}", parcels.PIECE_MAGIC + b"x"]


REFUSED: dict[str, tuple[Bad, str]] = {
    "forged node": (_forged_node, "not_a_statement"),
    "unknown node": (_unknown_node, "no_such_member"),
    "for another": (_for_another, "parcel_not_for_us"),
    "wrong letter": (_wrong_letter, "not_a_parcel"),
    "garbage": (_garbage, "not_a_parcel"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_believed_is_refused_journalled_and_counted(two: Two, case: str) -> None:
    make, code = REFUSED[case]
    messages = make(two, pdf())
    assert two.come(*messages) == [False] * len(messages)
    assert two.come(*messages) == [False] * len(messages)
    assert not Received.objects.exists()
    assert code in [row.code for row in members.list_rejections()]
    assert sum(row.count for row in members.list_rejections()) == 2 * len(messages)
    assert len(events("parcel.rejected")) == len(members.list_rejections())


def test_one_number_is_never_two_parcels(two: Two, keep_promises: Keep) -> None:
    papers = [pdf(1), pdf(2)]
    for paper in papers:
        sent = two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper, number=1)
        two.come(*sent)
    keep_promises()
    assert [row.code for row in members.list_rejections()] == ["parcel_number_taken"]
    assert kept.read(queries.list_waiting(two.cast.clerk.actor())[0].file) == papers[0]


def test_an_expelled_member_is_not_heard_any_more_and_not_sent_to(two: Two, keep_promises: Keep) -> None:
    two.issue(pdf())
    keep_promises()
    nodes.expel(code="b2", reason="Lộ khóa", actor=None, at=two.at)
    between_nodes.list_agencies(at=two.at)
    paper = pdf(3)
    assert two.come(*two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper)[:1]) == [False]
    assert [row.code for row in members.list_rejections()] == ["member_expelled"]
    assert set(Parcel.objects.values_list("status", flat=True)) == {Sent.STOPPED}
    gone = directory.find_by_code("G11.91")
    assert gone is not None
    assert gone.closed_at == two.at


def join(two: Two, code: str, agency: str, name: str) -> Partner:
    """Another node, invited, answered, confirmed."""
    partner = Partner(code, agency, name, two.at)
    invited = nodes.invite(code=code, name=name, way="nats", agencies={agency: name}, actor=None, at=two.at)
    nodes.take_answer(content=partner.answer(invited.content, at=two.at), actor=None, at=two.at)
    nodes.confirm_member(invitation_id=invited.invitation.pk, actor=None, at=two.at)
    between_nodes.list_agencies(at=two.at)
    return partner


def letters_to(partner: Partner, at: datetime) -> list[str]:
    """What waits for a node, opened by it: the subjects of the letters."""
    found = []
    for parcel in members.list_to_send(members.get_member(partner.code)):
        if parcel.kind == "document":
            packed = nodes.pack(parcel_id=parcel.pk, at=at)
            told, files = partner.opens([packed.message, *nodes.each_piece(packed=packed, at=at)])
            found.append(f"{told['to']['agency']} {told['document']['subject']} {len(files)}")
    return found


def test_an_agency_moves_to_another_node_and_what_is_on_its_way_follows(two: Two, keep_promises: Keep) -> None:
    """One letter was taken before, one is on the line, one is sent afterwards: each is at one place, and none is lost."""
    third = join(two, "c3", "G11.92", "Cục Mới")
    two.issue(pdf(), subject="Trước khi chuyển")
    keep_promises()
    two.send()
    before = Parcel.objects.get(kind="document")
    two.come(
        two.partner.statement(two.ours, at=two.at, **{"in": {"feed": _feed(two), "upto": 3, "chain": before.chain}})
    )
    two.issue(pdf(1), subject="Đang trên đường")
    keep_promises()
    two.send()
    was = members.find_edition()
    later = two.at + timedelta(minutes=5)
    both = {"G11.91": "Cục Xa", "G11.92": "Cục Mới"}
    nodes.change_member(code="c3", way="nats", agencies=both, actor=None, at=later)
    between_nodes.list_agencies(at=later)
    edition = members.find_edition()
    assert was is not None and edition is not None and edition.version == was.version + 1
    told = statements.peek(bytes(edition.content))["members"]
    assert {each["code"]: sorted(row["code"] for row in each["agencies"]) for each in told}["c3"] == [
        "G11.91",
        "G11.92",
    ]
    aside = [[4, "agency_not_served_here", "Cơ quan G11.91 không thuộc nút này"]]
    stated = {"feed": _feed(two), "upto": 4, "chain": "", "aside": aside}
    two.come(two.partner.statement(two.ours, at=later, **{"in": stated}))
    two.issue(pdf(2), subject="Sau khi chuyển")
    keep_promises()
    rows = Delivery.objects.order_by("id").values_list("status", "line", "recipient_name")
    assert list(rows) == [("sent", "b2", "Cục Xa"), ("sent", "c3", "Cục Xa"), ("sent", "c3", "Cục Xa")]
    assert letters_to(third, later) == ["G11.91 Đang trên đường 1", "G11.91 Sau khi chuyển 1"]
    assert [row.kind for row in notices.list_for(two.cast.clerk.actor()) if row.kind == "delivery.failed"] == []


def test_a_node_that_is_gone_for_good_is_expelled_and_its_agency_served_elsewhere(
    two: Two, keep_promises: Keep
) -> None:
    """What it never took goes after the agency, also when that is served elsewhere only later: then its clerk orders it."""
    third = join(two, "c3", "G11.92", "Cục Mới")
    both = {"G11.91": "Cục Xa", "G11.92": "Cục Mới"}
    two.issue(pdf(), subject="Chưa ai lấy")
    keep_promises()
    nodes.change_member(code="c3", way="nats", agencies=both, actor=None, at=two.at)
    nodes.expel(code="b2", reason="Máy hỏng hẳn", actor=None, at=two.at)
    between_nodes.list_agencies(at=two.at)
    keep_promises()
    assert letters_to(third, two.at) == ["G11.91 Chưa ai lấy 1"]

    nodes.change_member(code="c3", way="nats", agencies={"G11.92": "Cục Mới"}, actor=None, at=two.at)
    between_nodes.list_agencies(at=two.at)
    gone = directory.find_by_code("G11.91")
    assert gone is not None and gone.closed_at == two.at
    nodes.change_member(code="c3", way="nats", agencies=both, actor=None, at=two.at)
    between_nodes.list_agencies(at=two.at)
    back = directory.find_by_code("G11.91")
    assert back is not None and (back.closed_at, back.line) == (None, "c3")


def test_what_an_expelled_node_never_took_has_failed_and_the_clerk_is_told(two: Two, keep_promises: Keep) -> None:
    delivery = _delivery(two, keep_promises)
    nodes.expel(code="b2", reason="Lộ khóa", actor=None, at=two.at)
    between_nodes.list_agencies(at=two.at)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.fault) == (Status.FAILED, "Nút b2 đã bị loại khỏi danh bạ.")
    assert notices.list_for(two.cast.clerk.actor())[0].kind == "delivery.failed"


def _aside(two: Two, keep_promises: Keep, messages: list[bytes]) -> str:
    two.come(*messages)
    keep_promises()
    [received] = Received.objects.all()
    assert received.status == Coming.ASIDE
    assert queries.list_waiting(two.cast.clerk.actor()) == []
    told = statements.peek(nodes.state(member_id=two.member.pk, actor=None, at=two.at))
    assert told["in"]["aside"] == [[1, received.fault_code, received.fault]]
    assert [row.code for row in members.list_rejections()] == [received.fault_code]
    return received.fault_code


def test_an_agency_that_the_node_does_not_serve_cannot_be_spoken_for(two: Two, keep_promises: Keep) -> None:
    paper = pdf()
    manifest = two.partner.document(two.ours, paper, issuer_code="G11.90")
    assert _aside(two, keep_promises, two.partner.messages(two.ours, manifest, paper)) == "sender_not_served_there"


def test_a_seal_of_another_agency_signs_for_none(two: Two, keep_promises: Keep) -> None:
    paper = pdf()
    manifest = two.partner.document(two.ours, paper, signer=two.partner.agency_signer("G11.90"))
    assert _aside(two, keep_promises, two.partner.messages(two.ours, manifest, paper)) == "not_by_its_key"


def test_a_file_of_another_digest_is_set_aside(two: Two, keep_promises: Keep) -> None:
    paper, other = pdf(100), pdf(101)[:-1]
    manifest = two.partner.document(two.ours, paper)
    first = two.partner.messages(two.ours, manifest, paper)[0]
    digest = statements.digest_of(statements.peek(manifest))
    wrong = parcels.write_piece(digest, 0, other, sha256(digest.encode()).digest())
    assert _aside(two, keep_promises, [first, wrong]) == "not_a_parcel"
    assert not File.objects.filter(digest=sha256(other).hexdigest()).exists()


def test_a_parcel_sealed_to_somebody_else_is_set_aside(two: Two, keep_promises: Keep) -> None:
    paper = pdf()
    manifest = two.partner.document(two.ours, paper)
    sent = two.partner.messages(two.ours, manifest, paper, sealed_to=two.partner.seal)
    assert _aside(two, keep_promises, sent) == "parcel_not_opened"


def test_what_was_set_aside_can_be_tried_again(two: Two, keep_promises: Keep) -> None:
    paper = pdf()
    manifest = two.partner.document(two.ours, paper)
    member = members.get_member("tcz")
    Member.objects.filter(pk=member.pk).update(agencies={})
    assert _aside(two, keep_promises, two.partner.messages(two.ours, manifest, paper)) == "agency_not_served_here"
    Member.objects.filter(pk=member.pk).update(agencies=member.agencies)
    nodes.take_again(received_id=Received.objects.get().pk, actor=None, at=two.at)
    keep_promises()
    assert Received.objects.get().status == Coming.TAKEN
    assert len(queries.list_waiting(two.cast.clerk.actor())) == 1
    assert statements.peek(nodes.state(member_id=two.member.pk, actor=None, at=two.at))["in"]["aside"] == []


def _delivery(two: Two, keep_promises: Keep) -> Delivery:
    document = two.issue(pdf())
    keep_promises()
    return Delivery.objects.get(dispatch__document=document)


@pytest.mark.parametrize("lie", ["another agency", "out of the chain", "another parcel", "rewritten"])
def test_a_receipt_that_lies_moves_nothing(two: Two, keep_promises: Keep, lie: str) -> None:
    delivery = _delivery(two, keep_promises)
    partner, acts = two.partner, [("arrived", {}), ("registered", {"arrival_number": 5})]
    chain = partner.receipts(delivery.reference, *acts, sender="G11.90", at=two.at - timedelta(hours=1))
    if lie == "another agency":
        partner.office = partner.agency_signer("G11.77")
        chain = partner.receipts(delivery.reference, *acts, sender="G11.90", at=two.at - timedelta(hours=1))
    if lie == "out of the chain":
        chain = chain[1:]
    if lie == "another parcel":
        chain = partner.receipts("0" * 64, *acts, sender="G11.90", at=two.at)
    if lie == "rewritten":
        two.come(*partner.receipts_parcel(two.ours, delivery.reference, chain[:1]))
        keep_promises()
        chain = partner.receipts(delivery.reference, *acts, sender="G11.90", at=two.at)
    two.come(*partner.receipts_parcel(two.ours, delivery.reference, chain))
    keep_promises()
    delivery.refresh_from_db()
    assert delivery.status == (Status.ARRIVED if lie == "rewritten" else Status.SENT)
    assert Received.objects.latest("id").status == Coming.ASIDE
    assert members.list_rejections()[0].sender == "b2"


def test_a_parcel_that_the_partner_cannot_take_fails_in_its_words(two: Two, keep_promises: Keep) -> None:
    delivery = _delivery(two, keep_promises)
    two.send()
    told = {"feed": _feed(two), "upto": 2, "chain": "", "aside": [[2, "agency_not_served_here", "Không thuộc nút này"]]}
    two.come(two.partner.statement(two.ours, at=two.at, **{"in": told}))
    delivery.refresh_from_db()
    assert (delivery.status, delivery.fault) == (Status.FAILED, "Không thuộc nút này")
    assert notices.list_for(two.cast.clerk.actor())[0].kind == "delivery.failed"
    exchange.resend(delivery_id=delivery.pk, actor=two.cast.clerk.actor(), at=two.at)
    keep_promises()
    delivery.refresh_from_db()
    assert (delivery.status, Parcel.objects.filter(kind="document").count()) == (Status.SENT, 2)


def test_a_partner_that_was_restored_gets_again_what_it_lost(two: Two, keep_promises: Keep) -> None:
    for number in range(3):
        two.issue(pdf(number), subject=f"Số {number}")
    keep_promises()
    two.send()
    stated = {"feed": _feed(two), "upto": 4, "chain": Parcel.objects.get(number=4).chain}
    two.come(two.partner.statement(two.ours, at=two.at, **{"in": stated}))
    whole = members.compare(two.member).outward
    assert whole is not None
    assert (whole.given, whole.taken, whole.is_whole) == (4, 4, True)
    assert two.send() == []
    restored = {"feed": _feed(two), "upto": 2, "chain": Parcel.objects.get(number=2).chain}
    two.come(two.partner.statement(two.ours, at=two.at + timedelta(minutes=1), **{"in": restored}))
    assert [len(two.partner.opens(each)[1]) for each in two.send()] == [1, 1]


def test_this_node_restored_goes_on_under_a_new_feed(two: Two, keep_promises: Keep) -> None:
    two.issue(pdf())
    keep_promises()
    before = _feed(two)
    two.send()
    assert nodes.begin_feeds(actor=None, at=two.at + timedelta(hours=1)) == 1
    assert _feed(two) != before
    assert [(row.number, row.status) for row in Parcel.objects.order_by("id")] == [(1, Sent.WAITING), (2, Sent.WAITING)]


def test_a_secret_paper_does_not_leave_for_another_node(two: Two, keep_promises: Keep) -> None:
    delivery = _delivery(two, lambda *given, **more: Tally())
    Document.objects.filter(pk=delivery.dispatch.document_id).update(secrecy=1)
    keep_promises()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.fault_code) == (Status.FAILED, "secret_over_open_line")
    assert not Parcel.objects.filter(kind="document").exists()


def test_a_bundle_goes_by_hand_and_comes_back(two: Two, keep_promises: Keep, tmp_path: Path) -> None:
    content = pdf(700_000)
    two.issue(content)
    keep_promises()
    stick = tmp_path / "kien.zip"
    with stick.open("wb") as out:
        done = nodes.export_bundle(code="b2", out=out, actor=None, at=two.at)
    assert done.parcels == 2
    reader = bundle.Reader(stick)
    assert (reader.contents.sender, reader.contents.receiver) == ("tcz", "b2")
    assert [envelope.kind for _name, envelope in reader.parcels()] == ["directory", "document"]
    statement, _directory, *letter = reader.messages()
    assert statements.peek(statement)["form"] == "antin-statement/1"
    assert two.partner.opens(letter)[1] == [content]

    back = tmp_path / "ve.zip"
    paper = pdf(5)
    with back.open("wb") as out:
        writer = bundle.Writer(out)
        feed = {"feed": _feed(two), "upto": 2, "chain": ""}
        writer.add("statement.p7m", two.partner.statement(two.ours, at=two.at, **{"in": feed}))
        first, piece = two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper)
        writer.add("parcels/000001", first)
        writer.add("pieces/000001-0000", piece)
        writer.close(sender="b2", receiver="tcz", signer=two.partner.node, at=two.at)
    seen = between_nodes.look_into(source=back, actor=None, at=two.at)
    assert [(row.words, row.is_known) for row in seen.inside] == [("07/B2-KH Đề nghị phối hợp diễn tập", False)]
    assert not Received.objects.exists()
    for _time in range(2):
        assert between_nodes.take_bundle(source=back, actor=None, at=two.at) == between_nodes.Taken(1, 0)
        keep_promises()
    assert [row.code for row in queries.list_waiting(two.cast.clerk.actor())] == ["07/B2-KH"]
    ours = Parcel.objects.exclude(kind="receipts")
    assert set(ours.values_list("status", flat=True)) == {Sent.TAKEN}
    assert between_nodes.look_into(source=back, actor=None, at=two.at).inside[0].is_known


def test_a_bundle_that_was_changed_is_not_taken_in(two: Two, keep_promises: Keep, tmp_path: Path) -> None:
    whole, changed = tmp_path / "1.zip", tmp_path / "2.zip"
    with whole.open("wb") as out:
        writer = bundle.Writer(out)
        manifest = two.partner.document(two.ours, pdf())
        writer.add("parcels/000001", two.partner.messages(two.ours, manifest, pdf())[0])
        writer.close(sender="b2", receiver="tcz", signer=two.partner.node, at=two.at)
    with zipfile.ZipFile(whole) as held, zipfile.ZipFile(changed, "w") as out_zip:
        for name in held.namelist():
            content = held.read(name)
            out_zip.writestr(name, content[:-1] + b"\0" if name.startswith("parcels/") else content)
    refused(bundle.BundleChanged, lambda: between_nodes.take_bundle(source=changed, actor=None, at=two.at))
    with zipfile.ZipFile(changed, "a") as out_zip:
        out_zip.writestr("parcels/000002", b"x")
    refused(bundle.BundleChanged, lambda: between_nodes.take_bundle(source=changed, actor=None, at=two.at))
    nodes.expel(code="b2", reason="Lộ khóa", actor=None, at=two.at)
    refused(policy.Expelled, lambda: between_nodes.take_bundle(source=whole, actor=None, at=two.at))


def test_an_edition_that_was_overtaken_on_its_way_is_nobodys_fault(two: Two, keep_promises: Keep) -> None:
    first, second = [bytes(row.content) for row in Edition.objects.order_by("version")]
    told = b64encode(first).decode()
    manifest = two.partner.manifest(two.ours, kind="directory", signer=two.partner.node, edition=told)
    two.come(*two.partner.messages(two.ours, manifest))
    keep_promises()
    assert [row.status for row in Received.objects.all()] == [Coming.TAKEN]
    newest = members.find_edition()
    assert newest is not None and bytes(newest.content) == second


def test_an_older_or_another_directory_is_not_put_into_force(two: Two) -> None:
    identity = members.get_identity()
    first, _second = [bytes(row.content) for row in Edition.objects.order_by("version")]
    refused(OldEdition, lambda: nodes.take_edition(content=first, actor=None, at=two.at))
    told = statements.peek(first) | {"version": 9}
    forged = statements.sign(told, two.partner.node, at=two.at)
    refused(statements.NotByItsKey, lambda: nodes.take_edition(content=forged, actor=None, at=two.at))
    own = keys.open_node_signer(
        reference=identity.sign_reference, certificate=bytes(identity.sign_certificate), at=two.at
    )
    without = statements.sign(told | {"members": []}, own, at=two.at)
    refused(NotADirectory, lambda: nodes.take_edition(content=without, actor=None, at=two.at))


def test_joining_is_confirmed_on_both_sides(two: Two, at: datetime) -> None:
    other = Partner("c3", "G11.93", "Cục Ba", at)
    refused(
        policy.AgencyServedElsewhere,
        lambda: nodes.invite(code="c3", name="x", way="nats", agencies={"G11.91": "x"}, actor=None, at=at),
    )
    refused(
        policy.BadNodeCode,
        lambda: nodes.invite(code="C3", name="x", way="nats", agencies={}, actor=None, at=at),
    )
    invited = nodes.invite(code="c3", name="Cục Ba", way="file", agencies={"G11.93": "Cục Ba"}, actor=None, at=at)
    read = nodes.read_invitation(content=invited.content, at=at)
    assert read.fingerprint == statements.fingerprint(bytes(members.get_identity().sign_certificate))
    refused(policy.HasIdentity, lambda: nodes.accept_invitation(content=invited.content, actor=None, at=at))
    refused(
        policy.InvitationOver,
        lambda: nodes.confirm_member(invitation_id=invited.invitation.pk, actor=None, at=at),
    )
    answer = other.answer(invited.content, at=at)
    late = at + timedelta(days=15)
    refused(policy.InvitationOver, lambda: nodes.take_answer(content=answer, actor=None, at=late))
    nodes.take_answer(content=answer, actor=None, at=at)
    assert members.answered_certificate(members.list_invitations()[0]) == other.node.certificate
    nodes.confirm_member(invitation_id=invited.invitation.pk, actor=None, at=at)
    between_nodes.list_agencies(at=at)
    entered = directory.find_by_code("G11.93")
    assert entered is not None
    assert (entered.channel, entered.line, entered.name) == ("file", "c3", "Cục Ba")
    refused(NotAllowed, lambda: nodes.expel(code="c3", reason="", actor=two.cast.clerk.actor(), at=at))
    nodes.change_member(code="c3", way="nats", agencies={"G11.91": "Cục Xa"}, actor=None, at=at)
    between_nodes.list_agencies(at=at)
    moved = directory.find_by_code("G11.91")
    assert moved is not None
    assert (moved.channel, moved.line, two.member.agencies) == ("node", "c3", {})
