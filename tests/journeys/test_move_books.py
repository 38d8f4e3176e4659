"""The books of an agency go to another node and come home: told, proven, taken in, given back; nothing twice, nothing lost."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from antin.correspondents import queries as directory
from antin.documents.models import Document
from antin.documents.operations import Outside
from antin.files import queries as kept
from antin.journal.models import Record
from antin.journeys import between_nodes, move_books, take_old_book
from antin.journeys.move_books import NoSuchAgencyHere, NotSetUpHere, StillToIssue
from antin.keys.operations import Signer
from antin.nodes import books, parcels, policy, statements
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes.books import Answer, Books, Register
from antin.nodes.models import BookMove, Parcel, Received
from antin.notices import queries as notices
from antin.numbering import operations as numbering
from antin.numbering import queries as series
from antin.numbering.moving import Told, Voided, ranges
from antin.numbering.policy import BooksElsewhere
from antin.numbering.queries import SeriesKey
from antin.oldbooks import operations as old_books
from antin.oldbooks import queries as imports
from antin.outbox.operations import Tally
from antin.people.states import Kind
from antin.refusal import NotAllowed, WrongState
from tests import given
from tests.cast import TODAY, Cast, open_unit
from tests.two_nodes import Two, link, pdf
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]
OURS, THEIRS = "G11.90", "G11.90.77"


@pytest.fixture
def two(cast: Cast, at: datetime) -> Two:
    return link(cast, at)


def letters(agency_id: int) -> SeriesKey:
    return SeriesKey(agency_id=agency_id, book="out", year=2026, type_group="CV")


def number(agency_id: int, at: datetime, subject: int = 10**6) -> int:
    return numbering.take(series=letters(agency_id), subject=("document", subject), actor=None, at=at).value


def close(two: Two, at: datetime) -> BookMove:
    return move_books.close(agency=OURS, to="b2", actor=two.cast.administrator.actor(), at=at)


def serve(two: Two, node: str, agency: str, at: datetime) -> None:
    """The directory gives an agency to a node."""
    row = members.get_member(node)
    nodes.change_member(code=node, way=row.way, agencies=row.agencies | {agency: agency}, actor=None, at=at)
    between_nodes.list_agencies(at=at)


def answer(two: Two, move: BookMove, said: str, at: datetime, /, **changes: Any) -> list[bytes]:
    told = Answer(move.move, move.statement, move.agency, "b2", "tcz", said, "", at)
    der = statements.sign(replace(told, **changes).told(), two.partner.node, at=at)
    manifest = two.partner.manifest(
        two.ours, kind=parcels.BOOKS_ANSWER, signer=two.partner.node, answer=base64.b64encode(der).decode()
    )
    return two.partner.messages(two.ours, manifest)


def opened(two: Two) -> tuple[dict[str, Any], Books, list[bytes]]:
    """What went to the partner: the manifest, the books it tells, the registers that came with it."""
    [messages] = [each for each in two.send() if two.partner.opens(each)[0]["kind"] == "books"]
    told, (der, *registers) = two.partner.opens(messages)
    found = statements.read_by(der, two.ours.sign, name="tcz", largest=books.LARGEST)
    return told, books.read(found.told), registers


def test_the_books_are_closed_told_and_proven_to_whoever_takes_them(
    two: Two, at: datetime, keep_promises: Keep
) -> None:
    cast, actor = two.cast, two.cast.administrator.actor()
    two.issue(pdf(), subject="Đề nghị, phối hợp")
    far = directory.find_by_code(two.partner.agency)
    assert far is not None
    waiting = given.a_numbered_document(cast, at, recipients=[Outside(far.pk)])
    kept_back = numbering.reserve(
        series=letters(cast.agency_id),
        reason="Chờ ký",
        until=TODAY + timedelta(days=9),
        actor=cast.clerk.actor(),
        today=TODAY,
        at=at,
    )
    given.a_draft(cast, at)
    ahead = move_books.look(agency=OURS, actor=actor)
    assert (ahead.open.drafts, ahead.open.numbered, ahead.reserved, ahead.last) == (1, (waiting.code,), [kept_back], 3)
    refused(NotAllowed, lambda: move_books.close(agency=OURS, to="b2", actor=cast.clerk.actor(), at=at))
    refused(NoSuchAgencyHere, lambda: move_books.close(agency=THEIRS, to="b2", actor=actor, at=at))
    refused(policy.NotItsBooks, lambda: move_books.close(agency=OURS, to="tcz", actor=actor, at=at))
    refused(policy.NoSuchMember, lambda: move_books.close(agency=OURS, to="c9", actor=actor, at=at))
    refused(StillToIssue, lambda: close(two, at))
    two.seal(waiting)
    move = close(two, at)
    refused(policy.MoveUnderWay, lambda: close(two, at))
    refused(BooksElsewhere, lambda: number(cast.agency_id, at))
    keep_promises()
    move_books.send(move_id=move.pk, at=at + timedelta(minutes=5))  # again, after a crash
    assert Parcel.objects.filter(kind="books").count() == 1
    told, found, [register] = opened(two)
    assert (found.agency, found.sender, found.receiver, found.move) == (OURS, "tcz", "b2", told["move"])
    [line] = [each for each in found.series if each.told.group == "CV"]
    assert (line.told.given, line.told.last, line.lines) == (((1, 2),), 3, 2)
    assert [(each.value, each.reason) for each in line.told.reserved] == [(3, "Chờ ký")]
    rows = list(csv.reader(io.StringIO(register.decode())))
    assert rows[0][:4] == ["Số, ký hiệu", "Ngày văn bản", "Loại văn bản", "Trích yếu"]
    assert rows[1][3] == "Đề nghị, phối hợp"
    assert found.registers == (Register("out", False, hashlib.sha256(register).hexdigest(), len(register), 2),)
    move.refresh_from_db()
    refused(WrongState, lambda: move_books.reopen(move_id=move.pk, actor=actor, at=at))
    two.come(*answer(two, move, "taken", at))
    keep_promises()
    move.refresh_from_db()
    assert move.status == "confirmed"
    refused(WrongState, lambda: move_books.reopen(move_id=move.pk, actor=actor, at=at))
    events = Record.objects.filter(subject_kind="bookmove").order_by("id").values_list("event", flat=True)
    assert list(events) == ["bookmove.closed", "bookmove.told", "bookmove.confirmed"]


def test_they_are_opened_again_only_by_the_other_nodes_signed_word(two: Two, at: datetime, keep_promises: Keep) -> None:
    cast, actor = two.cast, two.cast.administrator.actor()
    assert number(cast.agency_id, at) == 1
    move = close(two, at)
    keep_promises()
    move.refresh_from_db()
    for lie in (
        {"move": "00" * 16},
        {"statement": "0" * 64},
        {"agency": "G11.90.21"},
        {"receiver": "c3"},
    ):
        two.come(*answer(two, move, "given_back", at, **lie))
    keep_promises()
    move.refresh_from_db()
    assert move.status == "closed"
    assert {row.fault_code for row in Received.objects.filter(kind="books_answer")} == {
        "book_move_changed",
        "not_a_statement_of_books",
    }
    two.come(*answer(two, move, "given_back", at, reason="Chưa lập phòng"))
    keep_promises()
    assert move_books.reopen(move_id=move.pk, actor=actor, at=at).reason == "Chưa lập phòng"
    assert number(cast.agency_id, at, 2) == 2
    two.come(*answer(two, move, "given_back", at, reason="Chưa lập phòng"))  # replayed: it opens and closes nothing
    two.come(*answer(two, move, "taken", at))
    keep_promises()
    assert number(cast.agency_id, at, 3) == 3
    again = close(two, at)
    keep_promises()
    two.come(*answer(two, move, "given_back", at))  # the old word, of the old move
    keep_promises()
    again.refresh_from_db()
    assert again.status == "closed" and again.move != move.move
    refused(WrongState, lambda: move_books.reopen(move_id=again.pk, actor=actor, at=at))


def test_a_node_restored_from_before_the_closing_learns_that_another_one_numbers(
    two: Two, at: datetime, keep_promises: Keep
) -> None:
    """Its backup knows of no move; the answer of the node that the directory gives the agency to closes its books."""
    serve(two, "b2", OURS, at)
    forgotten = BookMove(move="ab" * 16, statement="1" * 64, agency=OURS)
    two.come(*answer(two, forgotten, "taken", at))
    keep_promises()
    refused(BooksElsewhere, lambda: number(two.cast.agency_id, at))
    assert [(row.status, row.agency) for row in members.list_moves()] == [("confirmed", OURS)]
    two.come(*answer(two, BookMove(move="cd" * 16, statement="1" * 64, agency="G11.90.21"), "taken", at))
    keep_promises()
    assert number(two.cast.recipient_id, at) == 1, "whom the directory does not give to it, it does not close"


# At the node that takes them -------------------------------------------------------------------------------------------------

HEAD = ["Số, ký hiệu", "Ngày văn bản", "Loại văn bản", "Trích yếu", "Người ký", "Nơi nhận"]
LINES = [
    ["01/B2-KH", "05/01/2026", "Công văn", "Mời họp", "Vũ Văn Xa", "Các phòng"],
    ["02/B2-KH", "06/01/2026", "Công văn", "Báo cáo nhanh", "Vũ Văn Xa", "Tổng cục Z"],
    ["04/B2-KH", "09/02/2026", "Công văn", "Đề nghị cấp kinh phí", "Vũ Văn Xa", "Tổng cục Z"],
]


def table(*lines: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *lines])
    return out.getvalue().encode()


def told(at: datetime, **changes: Any) -> Told:
    """Letters 1 to 5 of a year: 3 is void, 5 was given to a paper whose line does not come along."""
    found = Told("out", 2026, "CV", "", None, 5, ranges([1, 2, 4, 5]), (), (Voided(3, "", at, "Trả lại"),), ())
    return replace(found, **changes)


def theirs(two: Two, at: datetime, *, register: bytes = b"", series_told: Told | None = None, **changes: Any) -> Books:
    content = register or table(*LINES)
    found = Books(
        move="ab" * 16,
        agency=THEIRS,
        name="Cục Xa",
        sender="b2",
        receiver="tcz",
        edition=2,
        at=at,
        layouts=(),
        series=(books.Series(series_told or told(at), lines=3, digest="0" * 64),),
        registers=(Register("out", False, hashlib.sha256(content).hexdigest(), len(content), 3),),
    )
    return replace(found, **changes)


def brought(two: Two, found: Books, *, register: bytes = b"", signer: Signer | None = None, **more: Any) -> list[bytes]:
    """The parcel that brings these books."""
    der = statements.sign(found.told(), signer or two.partner.node, at=two.at)
    files = [der, register or table(*LINES)]
    named = [
        {
            "role": "register" if place else "statement",
            "name": "",
            "media_type": "",
            "size": len(each),
            "sha256": hashlib.sha256(each).hexdigest(),
        }
        for place, each in enumerate(files)
    ]
    manifest = two.partner.manifest(
        two.ours, kind=parcels.BOOKS, signer=two.partner.node, files=named, move=found.move, **more
    )
    return two.partner.messages(two.ours, manifest, *files)


@pytest.fixture
def far_id(two: Two, at: datetime) -> int:
    """The partner's agency, set up on our node, and ours by the directory: its books are awaited."""
    unit_id = open_unit("Cục Xa", "Cục Xa", "CX", Kind.CENTRE, two.cast.agency_id, code=THEIRS)
    serve(two, "b2", THEIRS, at)
    serve(two, "tcz", THEIRS, at)
    return unit_id


def take(two: Two, at: datetime) -> BookMove:
    [move] = members.list_moves(THEIRS)
    return move_books.take(move_id=move.pk, actor=two.cast.administrator.actor(), at=at)


def test_nothing_is_numbered_before_the_books_have_come_and_then_after_their_last(
    two: Two, far_id: int, at: datetime, keep_promises: Keep
) -> None:
    refused(BooksElsewhere, lambda: number(far_id, at))
    come = brought(two, theirs(two, at))
    two.come(*come)
    keep_promises()
    refused(BooksElsewhere, lambda: number(far_id, at))
    [news] = [row for row in notices.list_for(two.cast.administrator.actor()) if row.kind == "books.arrived"]
    assert "Cục Xa" in news.text
    [move] = members.list_moves(THEIRS)
    refused(NotAllowed, lambda: move_books.take(move_id=move.pk, actor=two.cast.clerk.actor(), at=at))
    assert take(two, at).status == "taken"
    refused(WrongState, lambda: take(two, at))
    [proof] = series.list_proofs(agency_id=far_id, year=2026)
    assert (proof.last, proof.whole, proof.moved, proof.voided) == (5, True, 4, 1)
    assert number(far_id, at) == 6
    two.come(*come)  # the same parcel, and the same books in another one: nothing is doubled
    two.come(*brought(two, theirs(two, at)))
    keep_promises()
    assert BookMove.objects.count() == 1
    assert series.list_proofs(agency_id=far_id, year=2026)[0].last == 6
    [messages] = [each for each in two.send() if two.partner.opens(each)[0]["kind"] == "books_answer"]
    said = statements.read_by(
        base64.b64decode(two.partner.opens(messages)[0]["answer"]), two.ours.sign, name="tcz"
    ).told
    assert (said["said"], said["move"], said["statement"]) == ("taken", "ab" * 16, move.statement)
    refused(numbering.GivenSince, lambda: move_books.give_back(move_id=move.pk, reason="Nhầm", actor=None, at=at))


def test_they_are_given_back_untouched_and_taken_from_another_statement(
    two: Two, far_id: int, at: datetime, keep_promises: Keep
) -> None:
    two.come(*brought(two, theirs(two, at)))
    keep_promises()
    move = take(two, at)
    keep_promises()
    assert move_books.give_back(move_id=move.pk, reason="Thiếu sổ", actor=None, at=at).status == "given_back"
    keep_promises()
    words = [two.partner.opens(each)[0] for each in two.send()]
    answers = [statements.peek(base64.b64decode(each["answer"]))["said"] for each in words if "answer" in each]
    assert answers == ["taken", "given_back"]
    refused(BooksElsewhere, lambda: number(far_id, at))
    refused(WrongState, lambda: move_books.take(move_id=move.pk, actor=None, at=at))
    two.come(
        *brought(two, theirs(two, at, move="cd" * 16, series_told=told(at, last=6, given=ranges([1, 2, 4, 5, 6]))))
    )
    keep_promises()
    move_books.take(move_id=members.list_moves(THEIRS)[0].pk, actor=None, at=at)
    assert number(far_id, at) == 7


def _by_another_key(two: Two, at: datetime) -> list[bytes]:
    return brought(two, theirs(two, at), signer=two.partner.office)


def _for_another_node(two: Two, at: datetime) -> list[bytes]:
    return brought(two, theirs(two, at, receiver="c3"))


def _of_another_sender(two: Two, at: datetime) -> list[bytes]:
    return brought(two, theirs(two, at, sender="c3"))


def _changed_register(two: Two, at: datetime) -> list[bytes]:
    return brought(two, theirs(two, at), register=table(*LINES[:2]))


def _contradicting(two: Two, at: datetime) -> list[bytes]:
    return brought(two, theirs(two, at, series_told=told(at, given=ranges([1, 2, 3, 4, 5]))))


def _same_move_otherwise(two: Two, at: datetime) -> list[bytes]:
    return brought(two, theirs(two, at, series_told=told(at, last=4, given=ranges([1, 2, 4]))))


@pytest.mark.parametrize(
    ("hostile", "code"),
    [
        (_by_another_key, "not_by_its_key"),
        (_for_another_node, "not_a_statement_of_books"),
        (_of_another_sender, "not_a_statement_of_books"),
        (_changed_register, "not_a_statement_of_books"),
        (_contradicting, "not_a_statement_of_books"),
        (_same_move_otherwise, "book_move_changed"),
    ],
)
def test_what_is_not_believed_is_set_aside_and_nothing_of_it_kept(
    two: Two, at: datetime, keep_promises: Keep, hostile: Callable[[Two, datetime], list[bytes]], code: str
) -> None:
    two.come(*brought(two, theirs(two, at)))
    keep_promises()
    before = list(BookMove.objects.values())
    two.come(*hostile(two, at))
    keep_promises()
    newest = Received.objects.order_by("-id")[0]
    assert (newest.status, newest.fault_code) == ("aside", code)
    assert list(BookMove.objects.values()) == before
    assert code in {row.code for row in members.list_rejections()}


def test_books_are_taken_only_where_the_directory_says_they_go(
    two: Two, far_id: int, at: datetime, keep_promises: Keep
) -> None:
    """Of an agency that another node serves, of one that never was the sender's, and an older statement come again."""
    admin = two.cast.administrator.actor()
    for name, changes in (("00", {"agency": "G11.90"}), ("11", {"agency": "G11.77"})):
        two.come(*brought(two, theirs(two, at, move=name * 16, **changes)))
    keep_promises()
    for move in members.list_moves():
        refused(policy.NotItsBooks, lambda move=move: move_books.take(move_id=move.pk, actor=admin, at=at))  # type: ignore[misc]
    missing = books.Series(told(at, group="BC"), body="Đảng ủy")
    two.come(*brought(two, theirs(two, at, move="22" * 16, series=(missing,))))
    keep_promises()
    move = members.list_moves(THEIRS)[0]
    caught = refused(NotSetUpHere, lambda: move_books.take(move_id=move.pk, actor=admin, at=at))
    assert caught.facts["names"] == "Đảng ủy"
    two.come(*brought(two, theirs(two, at)))
    keep_promises()
    move_books.take(move_id=members.list_moves(THEIRS)[0].pk, actor=admin, at=at)
    number(far_id, at)
    serve(two, "b2", THEIRS, at)
    move_books.close(agency=THEIRS, to="b2", actor=admin, at=at)
    keep_promises()
    serve(two, "tcz", THEIRS, at)
    two.come(*brought(two, theirs(two, at, move="33" * 16)))  # of the first time, played again under another name
    keep_promises()
    old = members.list_moves(THEIRS)[0]
    refused(policy.MoveOvertaken, lambda: move_books.take(move_id=old.pk, actor=admin, at=at))


def test_an_agency_sent_away_and_back_without_its_books_goes_on_at_home(
    two: Two, at: datetime, keep_promises: Keep
) -> None:
    """By mistake, or because they were given back: the other node numbered nothing meanwhile."""
    cast, actor = two.cast, two.cast.administrator.actor()
    assert number(cast.agency_id, at, 1) == 1
    for node in ("b2", "tcz"):
        serve(two, node, OURS, at)
    assert (number(cast.agency_id, at, 2), move_books.list_awaited()) == (2, [])
    move = close(two, at)
    keep_promises()
    serve(two, "b2", OURS, at)
    move.refresh_from_db()
    two.come(*answer(two, move, "given_back", at))
    keep_promises()
    serve(two, "tcz", OURS, at)
    refused(BooksElsewhere, lambda: number(cast.agency_id, at, 3))
    move_books.reopen(move_id=move.pk, actor=actor, at=at)
    between_nodes.list_agencies(at=at)
    assert number(cast.agency_id, at, 3) == 3


def test_without_the_old_node_books_are_opened_by_a_person_with_a_reason(two: Two, far_id: int, at: datetime) -> None:
    admin = two.cast.administrator.actor()
    ask = {"agency": THEIRS, "reason": "Máy chủ cũ cháy", "at": at}
    refused(NotAllowed, lambda: move_books.open_without(actor=two.cast.clerk.actor(), **ask))
    assert move_books.open_without(actor=admin, **ask).status == "waived"
    refused(policy.NothingAwaited, lambda: move_books.open_without(actor=admin, **ask))
    between_nodes.list_agencies(at=at)
    assert number(far_id, at) == 1


def test_the_lines_are_taken_in_as_a_book_of_the_past_and_every_old_number_is_accounted_for(
    two: Two, far_id: int, at: datetime, keep_promises: Keep
) -> None:
    two.come(*brought(two, theirs(two, at)))
    keep_promises()
    move = take(two, at)
    clerk = replace(two.cast.clerk.actor(), agency_id=far_id)
    [(row, place, _register)] = move_books.registers_of(THEIRS)
    begun = take_old_book.begin_moved(move_id=row.pk, place=place, actor=clerk, today=TODAY, at=at)
    again = take_old_book.begin_moved(move_id=row.pk, place=place, actor=clerk, today=TODAY, at=at)
    assert (begun.pk, begun.book) == (again.pk, "out")
    told = {
        "book": "out",
        "together": False,
        "default_type": "CV",
        "year": 2026,
        "actor": clerk,
        "today": TODAY,
        "at": at,
    }
    checked = take_old_book.check(old_book_id=begun.pk, columns=begun.columns, **told)
    [account] = checked.balance["series"]
    assert (account["last"], account["before"], account["imported"], account["missing"]) == (5, 2, 3, 0)
    number(far_id, at)
    old_books.start(old_book_id=begun.pk, leave_out=False, actor=clerk, at=at)
    keep_promises()
    [proof] = series.list_proofs(agency_id=far_id, year=2026)
    assert (proof.last, proof.whole, proof.moved, proof.voided) == (6, True, 1, 1)
    assert list(Document.objects.filter(agency_id=far_id).order_by("number").values_list("code", flat=True)) == [
        "01/B2-KH",
        "02/B2-KH",
        "04/B2-KH",
    ]
    assert imports.get(begun.pk).status == "taken"
    old_books.undo(old_book_id=begun.pk, reason="Sai cột", actor=clerk, at=at)
    [proof] = series.list_proofs(agency_id=far_id, year=2026)
    assert (proof.last, proof.whole, proof.moved) == (6, True, 4), "undone, they are given elsewhere as before"
    fresh = take_old_book.begin_moved(move_id=row.pk, place=place, actor=clerk, today=TODAY, at=at)
    assert fresh.pk != begun.pk
    assert kept.read(move.statement)
