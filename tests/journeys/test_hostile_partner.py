"""What a hostile or broken partner can do over the line, and a line that damages what it carries: nothing, loudly."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from copy import copy
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from antin.documents import queries
from antin.exchange import queries as deliveries
from antin.exchange.models import Delivery
from antin.exchange.states import Status
from antin.files import queries as kept
from antin.journeys import between_nodes, look_over, receive_document
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.nodes import operations as nodes
from antin.nodes import parcels, pieces, receipts, statements
from antin.nodes import queries as members
from antin.nodes.models import Parcel, Received
from antin.nodes.states import Coming
from antin.nodes.states import Status as Sent
from antin.notices.models import Notice
from antin.outbox.operations import Tally
from tests.cast import TODAY
from tests.journeys.test_between_nodes import Two, events, pdf, two  # noqa: F401 - a fixture
from tests.partners import Partner

pytestmark = pytest.mark.django_db
Keep = Callable[..., Tally]


def _told(two: Two) -> list[tuple[str, str]]:  # noqa: F811
    administrator = two.cast.administrator.actor()
    return [
        (row.kind, row.facts["sender"])
        for row in Notice.objects.filter(holder=f"P{administrator.post_id}").order_by("-id")
    ]


def _stated(two: Two, **told: Any) -> bytes:  # noqa: F811
    feed = members.find_current_feed(two.member, inward=False)
    assert feed is not None
    outside = {name: told.pop(name) for name in ("out", "remembers") if name in told}
    mine = {"feed": feed.feed, "upto": 0, "chain": ""} | told
    return two.partner.statement(two.ours, at=two.at, **{"in": mine}, **outside)


def _said(two: Two) -> dict[str, Any]:  # noqa: F811
    return dict(statements.peek(nodes.state(member_id=two.member.pk, actor=None, at=two.at)))


def test_administrators_are_told_of_the_first_of_a_kind_each_day(two: Two) -> None:  # noqa: F811
    paper = pdf()
    forged = Partner("b2", "G11.91", "Cục Xa", two.at)
    message = forged.messages(two.ours, forged.document(two.ours, paper), paper)[0]
    two.come(message, message)
    assert _told(two) == [("parcel.rejected", "b2")]
    for number in range(3):  # names that are not in the directory make one row, however many there are
        stranger = Partner(f"la{number}", "G11.92", "Cục Lạ", two.at)
        two.come(stranger.messages(two.ours, stranger.document(two.ours, paper), paper)[0])
    assert _told(two) == [("parcel.rejected", "?"), ("parcel.rejected", "b2")]
    assert len(events("parcel.rejected")) == 2


def _forged(two: Two) -> list[bytes]:  # noqa: F811
    forger, paper = Partner("b2", "G11.91", "Cục Xa", two.at), pdf()
    return forger.messages(two.ours, forger.document(two.ours, paper), paper)[:1]


def _in_anothers_name(two: Two) -> list[bytes]:  # noqa: F811
    paper = pdf()
    manifest = two.partner.document(two.ours, paper, signer=two.partner.node)  # not by the agency's seal
    return two.partner.messages(two.ours, manifest, paper)


def _played_again(two: Two) -> list[bytes]:  # noqa: F811
    """Under a number that another parcel has; the same bytes again are no act at all."""
    papers = [pdf(1), pdf(2)]
    sent = [two.partner.messages(two.ours, two.partner.document(two.ours, each), each, number=1) for each in papers]
    return [*sent[0], sent[1][0]]


def _of_another_digest(two: Two) -> list[bytes]:  # noqa: F811
    return two.partner.messages(two.ours, two.partner.document(two.ours, pdf(1)), pdf(2), number=1)


def _for_somebody_else(two: Two) -> list[bytes]:  # noqa: F811
    paper = pdf()
    return two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper, receiver="b3")[:1]


def _by_one_expelled(two: Two) -> list[bytes]:  # noqa: F811
    nodes.expel(code="b2", reason="Lộ khóa", actor=None, at=two.at)
    paper = pdf()
    return two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper)[:1]


def _too_large(two: Two) -> list[bytes]:  # noqa: F811
    paper = pdf()
    first, _piece = two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper)
    return [first + b"x" * parcels.LARGEST_LETTER]


def _lying_receipt(two: Two) -> list[bytes]:  # noqa: F811
    """About a letter that was sent to this very agency, signed by another's key."""
    parcel = Parcel.objects.get(kind="document")
    [arrived] = two.partner.receipts(parcel.digest, ("arrived", {}), sender="G11.90", at=two.at)
    lie = statements.sign(statements.peek(arrived), two.partner.node, at=two.at)
    return two.partner.receipts_parcel(two.ours, parcel.digest, [lie])


HOSTILE: dict[str, tuple[Callable[[Two], list[bytes]], str, str]] = {
    "forged sender": (_forged, "not_a_statement", "parcel.rejected"),
    "forged agency": (_in_anothers_name, "not_by_its_key", "parcel.set_aside"),
    "replay": (_played_again, "parcel_number_taken", "parcel.rejected"),
    "wrong digest": (_of_another_digest, "not_a_parcel", "parcel.set_aside"),
    "parcel for another": (_for_somebody_else, "parcel_not_for_us", "parcel.rejected"),
    "member expelled": (_by_one_expelled, "member_expelled", "parcel.rejected"),
    "oversized": (_too_large, "not_a_parcel", "parcel.rejected"),
    "a receipt that lies": (_lying_receipt, "not_by_its_key", "parcel.set_aside"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_act_is_refused_journalled_and_alarmed(two: Two, case: str, keep_promises: Keep) -> None:  # noqa: F811
    """One row for each act that issue 5 names: nothing arrives, nothing moves, the journal has it, the operator sees it."""
    make, code, event = HOSTILE[case]
    if make is _lying_receipt:
        two.issue(pdf(9))
        keep_promises()
        two.send()
    two.come(*make(two))
    keep_promises()
    arrived = queries.list_waiting(two.cast.clerk.actor())
    assert len(arrived) == (1 if make is _played_again else 0)
    assert set(Delivery.objects.values_list("status", flat=True)) <= {Status.SENT}
    [found] = events(event)
    assert found["code"] == code
    seen = {each.code for each in look_over.alarms(look_over.look(two.at))}
    assert {"parcel.rejected": "parcels_rejected", "parcel.set_aside": "parcels_aside"}[event] in seen


@pytest.mark.parametrize("what", ["letter", "piece", "statement", "receipts"])
def test_what_is_larger_than_it_may_be_is_refused(two: Two, what: str, keep_promises: Keep) -> None:  # noqa: F811
    paper = pdf()
    manifest = two.partner.document(two.ours, paper)
    first, piece = two.partner.messages(two.ours, manifest, paper)
    if what == "letter":
        told = statements.peek(manifest) | {"ballast": "x" * parcels.LARGEST_LETTER}
        with pytest.raises(parcels.TooLargeForAParcel):
            two.partner.messages(two.ours, statements.sign(told, two.partner.office, at=two.at))
        two.come(first + b"x" * parcels.LARGEST_LETTER)
    if what == "piece":
        two.come(piece + bytes(parcels.LARGEST_PIECE))
    if what == "statement":
        two.come(b"0" * (statements.LARGEST + 1))
    if what == "receipts":
        two.come(*two.partner.receipts_parcel(two.ours, "0" * 64, [b"x"] * 65))
        keep_promises()
        assert Received.objects.get().status == Coming.ASIDE
    assert len(members.list_rejections()) == 1
    assert queries.list_waiting(two.cast.clerk.actor()) == []


@pytest.mark.parametrize("name", ["feed", "kind"])
def test_words_that_a_database_would_not_keep_are_refused_before_it(two: Two, name: str) -> None:  # noqa: F811
    paper = pdf()
    manifest = two.partner.document(two.ours, paper)
    assert two.come(two.partner.messages(two.ours, manifest, paper, **{name: "a\x00b"})[0]) == [False]
    assert [row.code for row in members.list_rejections()] == ["not_a_parcel"]


def test_a_statement_of_parcels_that_were_never_sent_is_refused_and_settles_nothing(
    two: Two,  # noqa: F811
    keep_promises: Keep,
) -> None:
    two.issue(pdf())
    keep_promises()
    for lie in ({"upto": 3}, {"beyond": [7]}, {"upto": 2**50}):
        assert two.come(_stated(two, **lie)) == [False]
    assert set(Parcel.objects.values_list("status", flat=True)) == {Sent.WAITING}
    assert [row.code for row in members.list_rejections()] == ["number_never_given"]
    assert _told(two) == [("parcel.rejected", "b2")]
    assert two.come(_stated(two, upto=2)) == [True]


def test_an_older_statement_played_again_changes_nothing(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    two.issue(pdf())
    keep_promises()
    two.send()
    older = _stated(two, upto=0)
    two.at += timedelta(seconds=1)
    two.come(_stated(two, upto=2))
    two.come(older)
    assert set(Parcel.objects.values_list("status", flat=True)) == {Sent.TAKEN}


def test_our_statements_grow_newer_also_when_our_clock_goes_back(two: Two) -> None:  # noqa: F811
    first = _said(two)["at"]
    two.at -= timedelta(hours=1)
    assert first < _said(two)["at"] < _said(two)["at"]


def test_a_piece_damaged_on_the_line_is_asked_for_again(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    paper = pdf(700_000)
    manifest = two.partner.document(two.ours, paper)
    first, one, other = two.partner.messages(two.ours, manifest, paper)
    two.come(first, one[:-9] + b"\0" + one[-8:], other)
    keep_promises()
    [received] = Received.objects.all()
    assert (received.status, _said(two)["in"]["lacking"]) == (Coming.COMING, [1])
    two.come(*two.partner.messages(two.ours, manifest, paper, number=1))
    keep_promises()
    assert kept.read(queries.list_waiting(two.cast.clerk.actor())[0].file) == paper
    assert members.list_rejections() == []


def test_pieces_that_came_well_are_kept_when_others_were_damaged(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    """Another one is damaged each time, and the parcel is whole after the second."""
    paper = pdf(2_300_000)
    manifest = two.partner.document(two.ours, paper)
    first, *sent = two.partner.messages(two.ours, manifest, paper)
    assert len(sent) == 5
    two.come(first, sent[0][:-1] + b"\0", sent[1][:-1] + b"\0", *sent[2:])
    keep_promises()
    [received] = Received.objects.all()
    assert (received.status, pieces.count(received.member_id, received.digest)) == (Coming.COMING, 3)
    again, *_sent = two.partner.messages(two.ours, manifest, paper, number=1)
    two.come(again, sent[0], sent[1], *(piece[:-1] + b"\0" for piece in sent[2:]))
    keep_promises()
    assert kept.read(queries.list_waiting(two.cast.clerk.actor())[0].file) == paper


def test_where_most_pieces_do_not_open_all_come_anew(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    """They were sealed for another sending, under another key: one that is kept would spoil every further one."""
    paper = pdf(1_200_000)
    manifest = two.partner.document(two.ours, paper)
    first, *sent = two.partner.messages(two.ours, manifest, paper)
    two.come(first, sent[0], *(piece[:-1] + b"\0" for piece in sent[1:]))
    keep_promises()
    [received] = Received.objects.all()
    assert (received.status, pieces.count(received.member_id, received.digest)) == (Coming.COMING, 0)


def test_a_piece_that_always_comes_damaged_is_set_aside_in_the_end_and_can_be_asked_for_once_more(
    two: Two,  # noqa: F811
    keep_promises: Keep,
) -> None:
    paper = pdf()
    manifest = two.partner.document(two.ours, paper)
    for _time in range(between_nodes.ASKED_AGAIN + 1):
        first, piece = two.partner.messages(two.ours, manifest, paper, number=1)
        two.come(first, piece[:-1] + b"\0\0")
        keep_promises()
    [received] = Received.objects.all()
    assert (received.status, received.fault_code) == (Coming.ASIDE, "parcel_piece_damaged")
    assert _told(two) == [("parcel.rejected", "b2")]
    nodes.take_again(received_id=received.pk, actor=None, at=two.at)
    keep_promises()
    assert (_said(two)["in"]["lacking"], _said(two)["in"]["aside"]) == ([1], [])
    two.come(*two.partner.messages(two.ours, manifest, paper, number=1))
    keep_promises()
    assert len(queries.list_waiting(two.cast.clerk.actor())) == 1


def test_a_parcel_that_a_partner_asks_for_again_goes_again_whatever_was_said_of_it(
    two: Two,  # noqa: F811
    keep_promises: Keep,
) -> None:
    two.issue(pdf())
    keep_promises()
    two.send()
    two.come(_stated(two, upto=2, aside=[[2, "parcel_piece_damaged", "Hỏng"]]))
    two.at += timedelta(seconds=1)
    two.come(_stated(two, upto=2, lacking=[2]))
    [[first, *_pieces]] = two.send()
    assert statements.peek(parcels.split(first)[0])["number"] == 2


def test_other_files_follow_the_second_time(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    """The partner thought that we had the first of two files; pieces that came under the old places are not mixed with the new."""
    paper, annex = pdf(5), pdf(700_000)
    files = [
        {"role": role, "name": f"{role}.pdf", "media_type": "application/pdf", "size": len(content), "sha256": digest}
        for role, content in (("paper", paper), ("attachment", annex))
        for digest in [sha256(content).hexdigest()]
    ]
    facts = statements.peek(two.partner.document(two.ours, paper))["document"]
    manifest = two.partner.manifest(two.ours, document=facts, files=files)
    two.come(*two.partner.messages(two.ours, manifest, annex))
    keep_promises()
    assert _said(two)["in"]["lacking"] == [1]
    two.come(*two.partner.messages(two.ours, manifest, annex, number=1)[:2])  # underway before it heard us; cut
    two.come(*two.partner.messages(two.ours, manifest, paper, annex, number=1))
    keep_promises()
    [arrived] = queries.list_waiting(two.cast.clerk.actor())
    assert [kept.read(arrived.file), *(kept.read(row.file) for row in queries.list_attachments(arrived.pk))] == [
        paper,
        annex,
    ]


def test_a_message_that_breaks_its_taker_is_let_go_and_told(two: Two) -> None:  # noqa: F811
    between_nodes.give_up(message=b"{}", trouble=RecursionError(), at=two.at)
    assert [(row.sender, row.code) for row in members.list_rejections()] == [("?", "message_broke_its_taker")]
    assert _told(two) == [("parcel.rejected", "?")]


# Restored partners -----------------------------------------------------------------------------------------------------------


def test_a_restored_partner_gets_its_receipts_back_with_what_it_lost(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    document = two.issue(pdf())
    keep_promises()
    two.send()
    delivery = Delivery.objects.get(dispatch__document=document)
    acts = [("arrived", {}), ("registered", {"arrival_number": 31})]
    chain = two.partner.receipts(delivery.reference, *acts, sender="G11.90", at=two.at - timedelta(hours=1))
    two.come(_stated(two, upto=2), *two.partner.receipts_parcel(two.ours, delivery.reference, chain))
    keep_promises()
    two.at += timedelta(minutes=1)
    two.come(_stated(two, upto=1))
    [again] = two.send()
    signed, letter = parcels.split(again[0])
    opened = parcels.open_letter(parcels.read_envelope(statements.peek(signed)), letter, two.partner.seal_key)
    assert list(opened.returned) == chain
    assert [(each["count"], each["first"], each["last"]) for each in events("parcel.lost_there")] == [(1, 2, 2)]


def _ours(two: Two) -> Partner:  # noqa: F811
    """Somebody who signs receipts as our own agency: this node, before it was restored."""
    certificate = certificates.get_certificate_for_agency(two.cast.agency_id, two.at)
    before = copy(two.partner)
    before.agency = "G11.90"
    before.office = keys.open_signer(certificate_id=certificate.pk, pin=None, at=two.at)
    return before


def test_this_node_restored_goes_on_with_the_receipts_it_had_signed(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    paper = pdf()
    manifest = two.partner.document(two.ours, paper)
    digest = statements.digest_of(statements.peek(manifest))
    chain = _ours(two).receipts(
        digest, ("arrived", {}), ("registered", {"arrival_number": 31}), sender="G11.91", at=two.at
    )
    two.come(*two.partner.messages(two.ours, manifest, paper, returned=chain))
    keep_promises()
    [arrived] = queries.list_waiting(two.cast.clerk.actor())
    signed = deliveries.list_signed_of_incoming(arrived.pk)
    assert [row.kind for row in signed] == ["arrived", "registered", "verified"]
    assert [bytes(row.content) for row in signed[:2]] == chain
    told = Notice.objects.filter(kind="document.came_back").values_list("facts", flat=True)
    assert [facts["number"] for facts in told] == ["31"]


def test_receipts_given_back_that_are_not_ours_are_not_taken_up(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    paper = pdf()
    manifest = two.partner.document(two.ours, paper)
    digest = statements.digest_of(statements.peek(manifest))
    forged = two.partner.receipts(digest, ("done", {}), sender="G11.91", at=two.at)
    two.come(*two.partner.messages(two.ours, manifest, paper, returned=forged))
    keep_promises()
    [arrived] = queries.list_waiting(two.cast.clerk.actor())
    assert [row.kind for row in deliveries.list_signed_of_incoming(arrived.pk)] == ["arrived", "verified"]


def _restore_partner(two: Two, last: int) -> dict[str, Any]:  # noqa: F811
    """The partner is made anew from a backup, in which it had given `last`; what it says of its feeds from then on."""
    former, two.partner.feed, two.partner.number = two.partner.feed, "0123456789abcdef", 0
    return {"feed": two.partner.feed, "last": 0, "chains": [], "former": [[former, last]]}


def _memories(two: Two) -> list[dict[str, Any]]:  # noqa: F811
    opened = [two.partner.opens(messages)[0] for messages in two.send()]
    return [told for told in opened if told["kind"] == "memory"]


def test_a_restored_partner_is_told_what_it_had_said_after_its_backup(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    document = two.issue(pdf())
    keep_promises()
    two.send()
    delivery = Delivery.objects.get(dispatch__document=document)
    acts = [("arrived", {}), ("registered", {"arrival_number": 31})]
    chain = two.partner.receipts(delivery.reference, *acts, sender="G11.90", at=two.at - timedelta(hours=1))
    manifest = two.partner.document(two.ours, pdf(5))
    two.come(
        *two.partner.receipts_parcel(two.ours, delivery.reference, chain[:1]),
        _stated(two, upto=2, out={"feed": two.partner.feed, "last": 1, "chains": []}),
        *two.partner.receipts_parcel(two.ours, delivery.reference, chain),
        *two.partner.messages(two.ours, manifest, pdf(5)),
    )
    keep_promises()
    two.send()
    out = _restore_partner(two, last=1)
    two.at -= timedelta(hours=1)  # its clock was wrong, too: older, but by another feed
    two.come(_stated(two, upto=2, out=out))
    for _time in range(2):
        keep_promises()
        two.at += timedelta(seconds=1)
        two.come(_stated(two, upto=2, out=out))
    [told] = _memories(two)
    assert (told["feed"], told["is_last"]) == ("0123456789abcdef", True)
    assert [each.get("parcel") for each in told["entries"]] == [delivery.reference, None]
    assert [b64decode(each) for each in told["entries"][0]["receipts"]] == chain
    assert b64decode(told["entries"][1]["manifest"]) == manifest


def test_what_a_restored_partner_said_before_is_older_whatever_its_clock_says(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    two.issue(pdf())
    keep_promises()
    two.send()
    before = _stated(two, upto=1, out={"feed": two.partner.feed, "last": 1, "chains": []})
    two.at -= timedelta(hours=1)
    two.come(before, _stated(two, upto=2, out=_restore_partner(two, last=1)), before)
    assert set(Parcel.objects.filter(kind="document").values_list("status", flat=True)) == {Sent.TAKEN}


def test_this_node_restored_signs_nothing_until_it_knows_what_it_had_signed(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    paper = pdf()
    manifest = two.partner.document(two.ours, paper)
    digest = statements.digest_of(statements.peek(manifest))
    two.come(*two.partner.messages(two.ours, manifest, paper), _stated(two, remembers="1"))
    keep_promises()
    [arrived] = queries.list_waiting(two.cast.clerk.actor())
    two.at += timedelta(hours=1)
    ours = _ours(two)
    had = deliveries.list_signed_of_incoming(arrived.pk)
    acts = ({"kind": "registered", "facts": {"arrival_number": 31}}, {"kind": "assigned", "facts": {"names": "Phòng"}})
    chain, former = [bytes(row.content) for row in had], had[-1].digest
    for number, act in enumerate(acts, len(chain) + 1):
        link = {"parcel": digest, "document": {}, "sender": "G11.91", "agency": "G11.90", "at": two.at}
        told = receipts.tell(**act, **link, number=number, former=former)
        former = statements.digest_of(told)
        chain.append(statements.sign(told, ours.office, at=two.at))

    nodes.begin_feeds(actor=None, at=two.at - timedelta(hours=1))
    receive_document.register(document_id=arrived.pk, actor=two.cast.clerk.actor(), today=TODAY, at=two.at)
    keep_promises(two.at)
    assert len(deliveries.list_signed_of_incoming(arrived.pk)) == 2
    current = members.find_current_feed(two.member, inward=False)
    assert current is not None
    entries = [{"parcel": digest, "receipts": [b64encode(each).decode() for each in chain]}]
    lost = _ours(two).document(two.partner.listed, paper, code="31/TCZ-KH", issuer_code="G11.90")
    forged = two.partner.document(two.ours, paper, code="32/TCZ-KH")
    entries += [{"manifest": b64encode(each).decode()} for each in (lost, forged)]
    memory = {"feed": current.feed, "is_last": True, "entries": entries}
    for kept_entries, is_last in (([], False), (entries, True)):
        told = memory | {"entries": kept_entries, "is_last": is_last}
        manifest = two.partner.manifest(two.ours, kind="memory", signer=two.partner.node, **told)
        two.come(*two.partner.messages(two.ours, manifest))
        keep_promises(two.at)
        assert members.awaits_memory(two.member) is not is_last
    signed = deliveries.list_signed_of_incoming(arrived.pk)
    assert [row.kind for row in signed] == ["arrived", "verified", "registered", "assigned"]
    assert [bytes(row.content) for row in signed] == chain
    told_clerk = Notice.objects.filter(kind__startswith="document.was_").order_by("id")
    assert [(row.kind, row.facts.get("number"), row.facts["code"]) for row in told_clerk] == [
        ("document.was_registered", "31", "07/B2-KH"),
        ("document.was_issued", None, "31/TCZ-KH"),
    ]
    assert [each["code"] for each in events("document.forgotten")] == ["31/TCZ-KH"]


# Parcels that break whoever takes them in -------------------------------------------------------------------------------------


def test_a_parcel_whose_taking_dies_of_a_bug_is_set_aside_with_the_reason_and_can_be_tried_again(
    two: Two,  # noqa: F811
    keep_promises: Keep,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paper = pdf()
    two.come(*two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper))
    with monkeypatch.context() as broken:
        broken.setattr(between_nodes.taking, "_read_paper", lambda told: 1 // 0)
        for day in range(3):
            assert between_nodes.set_broken_aside(at=two.at) == 0
            keep_promises(two.at + timedelta(days=day), faults=True)
    assert between_nodes.set_broken_aside(at=two.at) == 1
    assert between_nodes.set_broken_aside(at=two.at) == 0
    [received] = Received.objects.all()
    assert (received.status, received.fault_code) == (Coming.ASIDE, "parcel_broken_here")
    assert "ZeroDivisionError" in received.fault
    assert [(number, code) for number, code, _words in _said(two)["in"]["aside"]] == [(1, "parcel_broken_here")]
    assert _said(two)["in"]["upto"] == 1
    assert _told(two) == [("parcel.rejected", "b2")]
    nodes.take_again(received_id=received.pk, actor=None, at=two.at)
    keep_promises(faults=True)
    assert between_nodes.set_broken_aside(at=two.at) == 0
    assert kept.read(queries.list_waiting(two.cast.clerk.actor())[0].file) == paper


def test_what_a_partner_set_aside_and_took_in_after_all_arrives_on_the_board(two: Two, keep_promises: Keep) -> None:  # noqa: F811
    document = two.issue(pdf())
    keep_promises()
    two.send()
    two.come(_stated(two, upto=2, aside=[[2, "parcel_broken_here", "Lỗi chương trình"]]))
    delivery = Delivery.objects.get(dispatch__document=document)
    assert (delivery.status, delivery.fault) == (Status.FAILED, "Lỗi chương trình")
    two.at += timedelta(seconds=1)
    acts = [("arrived", {}), ("registered", {"arrival_number": 31})]
    chain = two.partner.receipts(delivery.reference, *acts, sender="G11.90", at=two.at - timedelta(hours=1))
    two.come(_stated(two, upto=2), *two.partner.receipts_parcel(two.ours, delivery.reference, chain))
    keep_promises()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.arrival_number, delivery.fault) == (Status.REGISTERED, 31, "")
    assert set(Parcel.objects.filter(kind="document").values_list("status", flat=True)) == {Sent.TAKEN}
