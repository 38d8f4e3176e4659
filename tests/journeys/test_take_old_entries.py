"""Old books that number nothing (posted, kept copies in use) and books of secret papers: dry, balanced, taken in, undone."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.models import CopyUse, Document, Posting
from antin.documents.operations import BuiltUpon
from antin.files import queries as files
from antin.journal.models import Record
from antin.journeys import take_old_book
from antin.numbering import operations as numbering
from antin.numbering import queries as series
from antin.numbering.queries import SeriesKey
from antin.oldbooks import operations as old_books
from antin.oldbooks import queries as imports
from antin.oldbooks.models import OldBook, OldLine
from antin.oldbooks.operations import NotSecretBook
from antin.oldbooks.policy import NotForSecretBooks
from antin.people.actor import Actor
from antin.refusal import NotFound
from tests import old_books as old
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Keep = Callable[..., object]


@pytest.fixture
def papers_of_the_past(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    clerk = cast.clerk.actor()
    book = old.checked(clerk, at, old.sent(clerk, at, old.workbook(old.OUT, *old.LINES)))
    old_books.start(old_book_id=book.pk, leave_out=True, actor=clerk, at=at)
    keep_promises(at)


def taken(cast: Cast, at: datetime, table: io.BytesIO, keep_promises: Keep) -> OldBook:
    clerk = cast.clerk.actor()
    book = old.checked(clerk, at, old.sent(clerk, at, table))
    old_books.start(old_book_id=book.pk, leave_out=True, actor=clerk, at=at)
    keep_promises(at)
    return imports.get(book.pk)


@pytest.mark.usefixtures("papers_of_the_past")
def test_a_postal_book_finds_its_papers_and_every_line_is_accounted_for(
    cast: Cast, at: datetime, keep_promises: Keep
) -> None:
    clerk = cast.clerk.actor()
    book = old.checked(clerk, at, old.sent(clerk, at, old.workbook(old.POST, *old.POSTED)))
    assert (book.book, Posting.objects.count()) == ("post", 0)
    assert [(line.row, line.faults) for line in imports.list_lines(book.pk, outcome="refused")] == [
        (5, [["Số thứ tự", "trùng số 3 với dòng 4"]]),
        (
            6,
            [
                ["Ngày chuyển", "không hiểu ngày “30/02/2025”; ghi ngày/tháng/năm"],
                ["Nơi nhận; đơn vị hoặc người nhận", "thiếu nơi nhận"],
            ],
        ),
    ]  # fmt: skip
    told = book.balance
    assert (told["rows"], told["imported"], told["refused"], told["void"]) == (6, 3, 2, 1)
    (year,) = told["series"]
    assert (year["year"], year["last"], year["holes"], year["doubles"]) == (2025, 7, [[4, 6, ""]], ["3"])
    assert year["last"] == year["imported"] + year["void"] + year["missing"]
    old_books.explain(old_book_id=book.pk, year=2025, group="", first=4, last=6, reason="Bỏ dòng", actor=clerk, at=at)
    assert imports.get(book.pk).balance["unexplained"] == 0
    old_books.start(old_book_id=book.pk, leave_out=True, actor=clerk, at=at)
    keep_promises(at)
    take_old_book.take_part(old_book_id=book.pk, actor=None, at=at)
    assert (imports.get(book.pk).status, imports.count_matched(book.pk)) == ("taken", 2)
    lines = queries.list_postings(actor=clerk, year=2025)
    assert [(each.posted_on, each.document.code if each.document else "", each.code, each.envelopes) for each in lines] == [
        (date(2025, 3, 5), "", "99/QĐ-TCZ", 1),
        (date(2025, 1, 13), "01/TCZ-KH", "1/TCZ-KH", 1),
        (date(2025, 1, 8), "01/QĐ-TCZ", "01/QĐ-TCZ", 4),
    ]  # fmt: skip
    assert series.list_values(SeriesKey(cast.agency_id, "post", 2025, "")) == set(), "nothing is numbered by it"
    again = old.checked(clerk, at, old.sent(clerk, at, old.workbook(old.POST, *old.POSTED)))
    assert again.balance["imported"] == 0, "what stands in our book is not taken twice"
    undone = old_books.undo(old_book_id=book.pk, reason="Nhầm", actor=clerk, at=at)
    assert (undone.status, Posting.objects.count(), Document.objects.count()) == ("undone", 0, 5)


@pytest.mark.usefixtures("papers_of_the_past")
def test_a_kept_copy_that_is_still_out_comes_back_here(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    clerk = cast.clerk.actor()
    book = taken(cast, at, old.workbook(old.COPIES, *old.LENT), keep_promises)
    assert (book.book, book.status, book.balance["series"], book.balance["refused"]) == ("copies", "taken", [], 1)
    assert [line.faults for line in imports.list_lines(book.pk, outcome="refused")] == [
        [["Ngày trả", "ngày trả trước ngày mượn, hoặc sau hôm nay"]]
    ]
    out, back = queries.list_copy_uses(actor=clerk, year=2025)
    assert (back.document and back.document.code, back.returned_on) == ("02/QĐ-TCZ", date(2025, 2, 12))
    assert (out.document, out.code, out.dated, out.title) == (None, "44/QĐ-TCZ", date(2024, 12, 3), "Quyết định cũ")
    refused(
        NotFound,
        lambda: documents.take_copy_back(use_id=out.pk, actor=cast.recipient_clerk.actor(), today=at.date(), at=at),
    )
    documents.take_copy_back(use_id=out.pk, actor=clerk, today=at.date(), at=at)
    assert Record.objects.filter(event="oldbook.copy_back", subject_id=book.pk).count() == 1
    refused(BuiltUpon, lambda: old_books.undo(old_book_id=book.pk, reason="Nhầm", actor=clerk, at=at))
    CopyUse.objects.filter(pk=out.pk).update(returned_on=None)
    old_books.undo(old_book_id=book.pk, reason="Nhầm", actor=clerk, at=at)
    assert CopyUse.objects.count() == 0


SECRET = "Kế hoạch bảo vệ kho vũ khí"


def cleared(actor: Actor, level: str = "toi_mat") -> Actor:
    return replace(actor, clearance=level)


def test_of_a_book_of_secret_papers_only_numbers_days_levels_and_places_are_kept(
    cast: Cast, at: datetime, keep_promises: Keep
) -> None:
    clerk = cleared(cast.clerk.actor())
    table = old.workbook(old.SECRET_OUT, *old.secret_lines(SECRET))
    for nobody in (cast.clerk.actor(), cleared(cast.administrator.actor()), cleared(cast.head.actor())):
        refused(NotForSecretBooks, lambda who=nobody: old.sent(who, at, table, secret=True))
    refused(NotSecretBook, lambda: old.sent(clerk, at, old.workbook(old.POST, *old.POSTED), secret=True))
    book = old.sent(clerk, at, table, secret=True)
    assert (book.headings, "subject" in book.columns) == (
        ["Số, ký hiệu văn bản", "Ngày tháng văn bản", "Người ký", "Nơi nhận văn bản", "Độ mật", "Hủy số"],
        False,
    )
    book = old.checked(clerk, at, book)
    assert [line.faults[0][1] for line in imports.list_lines(book.pk, outcome="refused")] == [
        "độ mật cao hơn mức người nhập được tiếp cận",
        "sổ mật phải ghi độ mật; không hiểu “”",
    ]
    assert book.level == 2
    old_books.start(old_book_id=book.pk, leave_out=True, actor=clerk, at=at)
    keep_promises(at)
    assert imports.get(book.pk).status == "taken"
    first, second = Document.objects.order_by("id")
    assert (first.code, first.secrecy, first.subject, first.file) == ("01/QĐ-TCZ", 1, "Văn bản độ Mật", "")
    assert second.subject == "Văn bản độ Tối mật"
    everything = [
        *OldLine.objects.values_list("cells", "facts"),
        *OldBook.objects.values_list("headings", "samples", "columns", "balance"),
        *Document.objects.values_list("subject", "parties", "search"),
        *Record.objects.values_list("facts"),
    ]
    assert SECRET not in json.dumps(everything, ensure_ascii=False, default=str)
    assert SECRET.encode() not in files.read(book.file) and "Ghi chú lộ".encode() not in files.read(book.file)
    key = SeriesKey(cast.agency_id, "out", 2025, "QĐ", "secret")
    assert series.list_values(key) == {(1, ""), (2, ""), (3, "")}
    assert numbering.take(series=key, subject=("document", 10**6), actor=clerk, at=at).value == 4
    assert series.list_values(SeriesKey(cast.agency_id, "out", 2025, "QĐ")) == set(), "a series of its own"
    proofs = series.list_proofs(agency_id=cast.agency_id, year=2025)
    assert queries.count_astray([each.series_id for each in proofs]) == {next(iter(proofs)).series_id: 1}, (
        "the last is a test's"
    )


def test_who_sees_an_import_of_secret_papers_and_its_lines(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    clerk = cleared(cast.clerk.actor())
    line = ["07/01/2025", "1", "Bộ Q", "8/BQ-TM", "06/01/2025", SECRET, "Phòng Kế hoạch", "", "Tối mật"]
    plain = [*line[:5], "Mời họp", "", ""]
    open_book = old.checked(clerk, at, old.sent(clerk, at, old.workbook(old.IN, plain)))
    old_books.start(old_book_id=open_book.pk, leave_out=True, actor=clerk, at=at)
    book = old.checked(clerk, at, old.sent(clerk, at, old.workbook([*old.IN, "Mức độ mật"], line), secret=True))
    old_books.start(old_book_id=book.pk, leave_out=False, actor=clerk, at=at)
    keep_promises(at)
    document = Document.objects.get(secrecy=2)
    assert (document.arrival_number, document.issuer_name) == (None, "Bộ Q")
    (proof,) = [each for each in series.list_proofs(agency_id=cast.agency_id, year=2025) if each.secrecy_class]
    assert (proof.last, proof.whole) == (1, True)
    assert queries.count_astray([proof.series_id]) == {}
    assert queries.get_for(clerk, document.pk).pk == document.pk
    for other in (cast.clerk.actor(), cleared(cast.clerk.actor(), "mat"), cleared(cast.plan_head.actor())):
        refused(NotFound, lambda who=other: queries.get_for(who, document.pk))
    for other in (cast.clerk.actor(), cleared(cast.clerk.actor(), "mat"), cleared(cast.administrator.actor())):
        refused(NotFound, lambda who=other: imports.get_for(who, book.pk))
        assert [each.pk for each in imports.list_imports(other)] == [open_book.pk]
    assert {each.pk for each in imports.list_imports(clerk)} == {open_book.pk, book.pk}
    refused(NotForSecretBooks, lambda: old_books.undo(old_book_id=book.pk, reason="x", actor=cast.clerk.actor(), at=at))
    old_books.undo(old_book_id=book.pk, reason="Nhầm", actor=clerk, at=at)
    assert series.list_values(SeriesKey(cast.agency_id, "in", 2025, "", "secret")) == set()
