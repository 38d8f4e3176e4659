"""An old book taken in: dry, balanced, imported in parts, its numbers gone on with, undone; hostile files refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from zipfile import ZipFile

import pytest

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.models import Document
from antin.documents.operations import BuiltUpon
from antin.documents.states import Status
from antin.files.queries import NotAnArchive, NotATable
from antin.files.workshop import MacrosInside
from antin.journal.models import Record
from antin.journeys import take_old_book
from antin.numbering import operations as numbering
from antin.numbering import queries as series
from antin.numbering.operations import NumbersGivenSince, NumbersHeld
from antin.numbering.queries import SeriesKey
from antin.oldbooks import operations as old_books
from antin.oldbooks import queries as imports
from antin.oldbooks.models import OldBook, OldLine
from antin.oldbooks.operations import (
    HoleReasonMissing,
    NoBookInFile,
    NoSuchHole,
    NothingToTake,
    RowsStandAgainst,
)
from antin.oldbooks.policy import NotForOldBooks
from antin.refusal import NotFound, WrongState
from tests import old_books as old
from tests import papers
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Keep = Callable[..., object]


@pytest.fixture
def book(cast: Cast, at: datetime) -> OldBook:
    packed = old.archive(
        {"Văn bản/qd01.pdf": papers.pdf(), "bang.docx": papers.docx("Danh sách"), "thua.pdf": b"%PDF-"}
    )
    above = [["SỔ ĐĂNG KÝ VĂN BẢN ĐI"], ["Năm 2025"], []]
    found = old.sent(cast.clerk.actor(), at, old.workbook(old.OUT, *old.LINES, above=above), packed)
    return old.checked(cast.clerk.actor(), at, found)


def account(old_book: OldBook, group: str) -> dict[str, object]:
    return next(each for each in imports.get(old_book.pk).balance["series"] if each["group"] == group)


def test_a_dry_run_says_what_stands_against_each_line_and_takes_nothing(
    cast: Cast, at: datetime, book: OldBook
) -> None:
    assert Document.objects.count() == 0
    assert (book.status, book.book, book.headings[0]) == ("checked", "out", old.OUT[0])
    refused_lines = imports.list_lines(book.pk, outcome="refused")
    assert [(line.row, line.faults) for line in refused_lines] == [
        (10, [["Số, ký hiệu", "trùng số 6 với dòng 9"]]),
        (11, [["Ngày văn bản", "không hiểu ngày “31/02/2025”; ghi ngày/tháng/năm"]]),
    ]
    assert [line.remark for line in imports.list_lines(book.pk, remarked=True)] == [
        "không có tệp “khong-co.pdf” trong tệp nén"
    ]
    told = account(book, "QĐ")
    assert (told["last"], told["before"], told["imported"], told["void"], told["inserted"]) == (6, 0, 3, 1, 1)
    assert (told["holes"], told["missing"], told["doubles"]) == ([[4, 5, ""]], 2, ["6"])
    assert told["last"] == told["before"] + told["imported"] + told["void"] + told["explained"] + told["missing"]  # type: ignore[operator]


def test_the_book_is_taken_whole_and_numbering_goes_on_after_its_last(
    cast: Cast, at: datetime, book: OldBook, keep_promises: Keep
) -> None:
    clerk = cast.clerk.actor()
    refused(RowsStandAgainst, lambda: old_books.start(old_book_id=book.pk, leave_out=False, actor=clerk, at=at))
    explain = {"old_book_id": book.pk, "year": 2025, "group": "QĐ", "actor": clerk, "at": at}
    refused(NoSuchHole, lambda: old_books.explain(first=4, last=4, reason="Bỏ trống", **explain))
    refused(HoleReasonMissing, lambda: old_books.explain(first=4, last=5, reason=" ", **explain))
    old_books.explain(first=4, last=5, reason="Văn thư cũ để cách số", **explain)
    old_books.start(old_book_id=book.pk, leave_out=True, actor=clerk, at=at)
    proof = next(each for each in series.list_proofs(agency_id=cast.agency_id, year=2025) if each.type_group == "QĐ")
    assert (proof.last, proof.whole, proof.voided, proof.inserted) == (6, True, 3, 1), "numbers come at once"
    keep_promises(at)
    assert imports.get(book.pk).status == "taken"
    assert imports.count_lines(book.pk) == {"taken": 5, "void": 1, "refused": 2}
    first = Document.objects.get(code="01/QĐ-TCZ")
    assert (first.status, first.direction, first.type_code, first.number) == (Status.PAST, "out", "QĐ", 1)
    assert (first.document_date, first.parties, first.pages) == (date(2025, 1, 6), "Các đơn vị", 1)
    assert first.making.signer_name == "Nguyễn Văn An" and first.making.unit_id == cast.plan_id
    with_files = Document.objects.get(code="06/QĐ-TCZ")
    assert [each.name for each in queries.list_attachments(with_files.pk)] == ["bang.docx"]
    assert queries.count_astray([proof.series_id]) == {}
    voided = [(each.value, each.void_reason) for each in series.list_voided(agency_id=cast.agency_id, year=2025)]
    assert sorted(voided) == [
        (3, "Sổ cũ ghi: Hủy do đánh máy nhầm"),
        (4, "Sổ cũ khuyết số: Văn thư cũ để cách số"),
        (5, "Sổ cũ khuyết số: Văn thư cũ để cách số"),
    ]
    key = SeriesKey(cast.agency_id, "out", 2025, "QĐ")
    assert numbering.take(series=key, subject=("document", 10**6), actor=clerk, at=at).value == 7
    assert [each.event for each in Record.objects.filter(subject_kind="oldbook").order_by("id")] == [
        "oldbook.read",
        "oldbook.checked",
        "oldbook.explained",
        "oldbook.started",
        "oldbook.taken",
    ]


def test_it_is_visible_by_the_rules_and_nothing_can_be_done_with_it(
    cast: Cast, at: datetime, book: OldBook, keep_promises: Keep
) -> None:
    old_books.start(old_book_id=book.pk, leave_out=True, actor=cast.clerk.actor(), at=at)
    keep_promises(at)
    first = Document.objects.get(code="01/QĐ-TCZ")
    for sees in (cast.clerk, cast.head, cast.plan_head):
        assert queries.get_for(sees.actor(), first.pk).pk == first.pk
    for not_his in (cast.technique_head, cast.administrator, cast.recipient_clerk):
        with pytest.raises(NotFound):
            queries.get_for(not_his.actor(), first.pk)
    clerk = cast.clerk.actor()
    asked = (
        policy.why_not_number,
        policy.why_not_seal_as,
        policy.why_not_register,
        policy.why_not_keep,
        policy.why_not_copy,
    )
    assert [why(clerk, first) is not None for why in asked] == [True] * len(asked)


def test_a_part_that_died_is_made_once(cast: Cast, at: datetime, book: OldBook, keep_promises: Keep) -> None:
    old_books.start(old_book_id=book.pk, leave_out=True, actor=cast.clerk.actor(), at=at)
    take_old_book.take_part(old_book_id=book.pk, actor=None, at=at)
    assert Document.objects.count() == 5
    keep_promises(at)
    keep_promises(at)
    assert (Document.objects.count(), imports.get(book.pk).status) == (5, "taken")
    assert Record.objects.filter(event="oldbook.taken").count() == 1


def test_a_wrong_import_is_undone_as_long_as_nothing_builds_on_it(
    cast: Cast, at: datetime, book: OldBook, keep_promises: Keep
) -> None:
    clerk = cast.clerk.actor()
    old_books.start(old_book_id=book.pk, leave_out=True, actor=clerk, at=at)
    refused(WrongState, lambda: old_books.undo(old_book_id=book.pk, reason="Nhầm năm", actor=clerk, at=at))
    keep_promises(at)
    first = Document.objects.get(code="01/QĐ-TCZ")
    documents.show(document=first, holders={f"P{cast.technique_head.post_id}": "inform"}, actor=clerk, at=at)
    refused(BuiltUpon, lambda: old_books.undo(old_book_id=book.pk, reason="Nhầm năm", actor=clerk, at=at))
    first.visibility_set.filter(reason="inform").delete()
    key = SeriesKey(cast.agency_id, "out", 2025, "QĐ")
    refused(HoleReasonMissing, lambda: old_books.undo(old_book_id=book.pk, reason="", actor=clerk, at=at))
    undone = old_books.undo(old_book_id=book.pk, reason="Nhầm năm", actor=clerk, at=at)
    assert (undone.status, Document.objects.count(), series.list_values(key)) == ("undone", 0, set())
    assert series.list_proofs(agency_id=cast.agency_id, year=2025) == []
    again = old.checked(clerk, at, old.sent(clerk, at, old.workbook(old.OUT, *old.LINES)))
    old_books.start(old_book_id=again.pk, leave_out=True, actor=clerk, at=at)
    keep_promises(at)
    numbering.take(series=key, subject=("document", 10**6), actor=clerk, at=at)
    refused(NumbersGivenSince, lambda: old_books.undo(old_book_id=again.pk, reason="Nhầm", actor=clerk, at=at))


def test_numbers_given_here_meanwhile_are_not_taken_again(cast: Cast, at: datetime) -> None:
    clerk = cast.clerk.actor()
    lines = [["01/TB-TCZ", "05/01/2026", "Thông báo một"], ["02/TB-TCZ", "06/01/2026", "Thông báo hai"]]
    book = old.checked(clerk, at, old.sent(clerk, at, old.workbook(old.OUT[:3], *lines)))
    numbering.take(series=SeriesKey(cast.agency_id, "out", 2026, "TB"), subject=("document", 1), actor=clerk, at=at)
    refused(NumbersHeld, lambda: old_books.start(old_book_id=book.pk, leave_out=False, actor=clerk, at=at))
    again = old.checked(clerk, at, imports.get(book.pk))
    assert [each.faults[0][1] for each in imports.list_lines(again.pk, outcome="refused")] == [
        "số 1 đã có trong sổ trên An Tín"
    ]
    old_books.start(old_book_id=book.pk, leave_out=True, actor=clerk, at=at)
    told = account(book, "TB")
    assert (told["last"], told["before"], told["imported"], told["missing"]) == (2, 1, 1, 0)


def test_a_book_of_arrivals_with_insertions_and_days_of_excel(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    clerk = cast.clerk.actor()
    lines = [
        [45663, "1", "Bộ Nội vụ", "15/QĐ-BNV", "03/01/2025", "Về biên chế", "Phòng Kế hoạch", ""],
        ["07/01/2025", "2", "Sở Y tế", "8/SYT-VP", "06/01/2025", "Mời họp", "", ""],
        ["07/01/2025", "2a", "Sở Y tế", "9/TB-SYT", "06/01/2025", "Hoãn họp", "", "ghi sau"],
        ["08/01/2025", "3", "", "9/TB-SYT", "09/01/2025", "Sai ngày, thiếu nơi gửi", "", ""],
    ]
    book = old.checked(clerk, at, old.sent(clerk, at, old.workbook(old.IN, *lines)))
    assert book.book == "in"
    assert imports.list_lines(book.pk, outcome="refused")[0].faults == [
        ["Ngày văn bản", "ngày văn bản sau ngày đến"],
        ["Tác giả, nơi gửi", "thiếu nơi gửi"],
    ]
    old_books.start(old_book_id=book.pk, leave_out=True, actor=clerk, at=at)
    keep_promises(at)
    found = Document.objects.select_related("arrival").order_by("id")
    assert [(each.code, each.arrival_number, each.arrival.arrival_date) for each in found] == [
        ("15/QĐ-BNV", 1, date(2025, 1, 6)),
        ("8/SYT-VP", 2, date(2025, 1, 7)),
        ("9/TB-SYT", None, date(2025, 1, 7)),
    ]
    assert {each.arrival.verdict for each in found} == {""}, "nothing is claimed of signatures"
    proof = series.list_proofs(agency_id=cast.agency_id, year=2025)[0]
    assert (proof.book, proof.last, proof.whole, proof.inserted) == ("in", 2, True, 1)
    assert queries.count_astray([proof.series_id]) == {}


def test_a_year_in_which_all_types_shared_one_sequence(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    clerk = cast.clerk.actor()
    lines = [[f"{n}/{kind}-TCZ", "05/01/2024", f"Văn bản {n}"] for n, kind in ((1, "QĐ"), (2, "TB"), (3, "KH"))]
    book = old.sent(clerk, at, old.workbook(old.OUT[:3], *lines))
    apart = old.checked(clerk, at, book)
    assert apart.balance["unexplained"] == 3
    together = old.checked(clerk, at, book, together=True)
    assert (together.balance["unexplained"], together.balance["series"][0]["last"]) == (0, 3)
    old_books.start(old_book_id=book.pk, leave_out=False, actor=clerk, at=at)
    keep_promises(at)
    (proof,) = series.list_proofs(agency_id=cast.agency_id, year=2024)
    assert (proof.name, proof.last, proof.whole) == ("Sổ chung năm 2024", 3, True)
    old_books.undo(old_book_id=book.pk, reason="Thử", actor=clerk, at=at)
    assert series.list_books(cast.agency_id) == []


def test_who_may_and_whose(cast: Cast, at: datetime, book: OldBook) -> None:
    table = old.workbook(old.OUT, *old.LINES)
    for nobody in (cast.head, cast.plan_officer):
        with pytest.raises(NotForOldBooks):
            old.sent(nobody.actor(), at, table)
    with pytest.raises(NotFound):
        imports.get_for(cast.recipient_clerk.actor(), book.pk)
    with pytest.raises(NotForOldBooks):
        old_books.drop(old_book_id=book.pk, actor=cast.recipient_clerk.actor(), at=at)
    assert (
        old.sent(cast.administrator.actor(), at, table, key="k" * 32).pk
        == old.sent(cast.administrator.actor(), at, table, key="k" * 32).pk
    )
    old_books.drop(old_book_id=book.pk, actor=cast.administrator.actor(), at=at)
    refused(WrongState, lambda: old_books.start(old_book_id=book.pk, leave_out=True, actor=cast.clerk.actor(), at=at))


def test_hostile_files_are_refused_in_words(cast: Cast, at: datetime) -> None:
    clerk = cast.clerk.actor()
    good = old.workbook(old.OUT[:3], ["01/QĐ-TCZ", "05/01/2025", "Một"])

    def packed_with(name: str, content: bytes) -> None:
        old.sent(clerk, at, good, old.archive({name: content}))

    macros = old.workbook(old.OUT[:3], ["01/QĐ-TCZ", "05/01/2025", "Một"])
    with ZipFile(macros, "a") as added:
        added.writestr("xl/vbaProject.bin", b"x")
    refused(MacrosInside, lambda: old.sent(clerk, at, macros))
    for slip in ("../../etc/passwd", "/etc/passwd", "C:/Windows/a.pdf", "a/../../b.pdf"):
        refused(NotAnArchive, partial(packed_with, slip, b"x"))
    refused(NotAnArchive, lambda: packed_with("bom.pdf", bytes(50_000_000)))
    refused(NotATable, lambda: old.sent(clerk, at, old.archive({"a.txt": b"nothing"})))
    refused(NoBookInFile, lambda: old.sent(clerk, at, old.workbook(["Họ tên", "Tuổi"], ["An", 5])))
    many = old.workbook(old.OUT[:3], *(["1/QĐ-TCZ", "05/01/2025", "x"] for _ in range(20_001)))
    refused(NotATable, lambda: old.sent(clerk, at, many))
    formula = old.workbook(old.OUT[:3], ["01/QĐ-TCZ", "05/01/2025", '=HYPERLINK("http://a","b")'])
    book = old.checked(clerk, at, old.sent(clerk, at, formula))
    assert imports.list_lines(book.pk)[0].faults[0] == ["Trích yếu", "ô là công thức; dán lại thành giá trị"]
    refused(NothingToTake, lambda: old_books.start(old_book_id=book.pk, leave_out=True, actor=clerk, at=at))


def test_a_file_that_cannot_be_taken_does_not_hold_its_line_up(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    clerk = cast.clerk.actor()
    _words, _kind, active = next(papers.active())
    packed = old.archive({"a.pdf": active, "b.pdf": b"%PDF-1.4 hong", "c.pdf": b"MZ\x90\x00program"})
    lines = [[f"{n:02d}/QĐ-TCZ", "05/01/2025", "Một", f"{name}.pdf"] for n, name in enumerate("abc", 1)]
    book = old.checked(clerk, at, old.sent(clerk, at, old.workbook([*old.OUT[:3], "File"], *lines), packed))
    old_books.start(old_book_id=book.pk, leave_out=False, actor=clerk, at=at)
    keep_promises(at)
    assert {each.file for each in Document.objects.all()} == {""}
    remarks = [line.remark for line in OldLine.objects.filter(old_book=book).order_by("row")]
    assert [each.startswith(f"tệp “{name}.pdf” không nhận: ") for each, name in zip(remarks, "abc", strict=True)] == [
        True
    ] * 3
