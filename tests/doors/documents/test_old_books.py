"""The pages of old books: sent, matched, checked, explained, taken in, found, taken along, undone; and by API."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from antin.documents.models import Document
from antin.files import queries as files
from antin.oldbooks import queries as imports
from antin.oldbooks.models import OldBook
from antin.people import operations as people
from tests import old_books as old
from tests import papers
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine

pytestmark = pytest.mark.django_db
HERE = "/registers/old-books"
Keep = Callable[..., object]


def send(browser: Client, table: io.BytesIO, **more: Any) -> Any:
    return browser.post(HERE, {"table": SimpleUploadedFile("so-2025.xlsx", table.getvalue()), **more}, follow=True)


def columns(book: OldBook, **changes: Any) -> dict[str, Any]:
    return {f"column_{name}": place for name, place in book.columns.items()} | {"book": book.book} | changes


def test_a_book_is_sent_matched_explained_taken_in_and_found(cast: Cast, enter: Enter, keep_promises: Keep) -> None:
    browser = enter(cast.clerk)
    packed = SimpleUploadedFile("tep.zip", old.archive({"qd01.pdf": papers.pdf()}).getvalue())
    page = send(browser, old.workbook(old.OUT, *old.LINES), archive=packed).content.decode()
    book = OldBook.objects.get()
    assert "Cột nào ghi gì?" in page and "Thành lập tổ công tác" in page
    page = browser.post(f"{HERE}/{book.pk}/check", columns(book, default_type="CV"), follow=True).content.decode()
    assert "2 dòng chưa đúng; chưa nhập gì" in page and "trùng số 6 với dòng 6" in page
    assert browser.post(f"{HERE}/{book.pk}/start", {}).status_code == 422
    hole = f"{HERE}/{book.pk}/explain?year=2025&group=QĐ&first=4&last=5"
    assert "4-5" in browser.get(hole).content.decode()
    page = browser.post(hole, {"reason": "Để cách số"}, follow=True).content.decode()
    assert "Để cách số" in page and "Mọi số từ 01 đến số cuối đều có tên." in page
    page = browser.post(f"{HERE}/{book.pk}/start", {"leave_out": "on"}, follow=True).content.decode()
    assert 'hx-trigger="every 1s"' in page
    keep_promises(timezone.now())
    assert "Đã nhập 5 văn bản." in browser.get(f"{HERE}/{book.pk}").content.decode()
    first = Document.objects.get(code="01/QĐ-TCZ")
    page = browser.get(f"/documents/{first.pk}", follow=True).content.decode()
    for words in ("An Tín không xác nhận chữ ký", "Từ sổ cũ", "Nguyễn Văn An", "Dòng sổ như đã ghi"):
        assert words in page
    register = browser.get("/registers?book=out&year=2025&type=QĐ").content.decode()
    assert "02a/QĐ-TCZ" in register and "nhập từ sổ cũ" in register and "Số 03 đã hủy" in register
    assert "liền số, không thiếu" in browser.get("/registers/proof?year=2025").content.decode()
    assert "01/QĐ-TCZ" in browser.get("/outgoing").content.decode()
    undone = browser.post(f"{HERE}/{book.pk}/undo", {"reason": "Thử"}, follow=True).content.decode()
    assert "Lần nhập đã hoàn tác" in undone and Document.objects.count() == 0


def test_the_balance_is_taken_along(cast: Cast, enter: Enter, at: datetime) -> None:
    book = old.checked(cast.clerk.actor(), at, old.sent(cast.clerk.actor(), at, old.workbook(old.OUT, *old.LINES)))
    browser = enter(cast.clerk)
    table = load_workbook(io.BytesIO(browser.get(f"{HERE}/{book.pk}/export").content))
    assert table.sheetnames == ["Cân đối", "Số trống", "Dòng để lại", "Thiếu tệp"]
    assert [[cell.value for cell in row] for row in table["Số trống"].iter_rows(min_row=2)] == [
        ["Quyết định 2025", "4-5", "2", "chưa rõ lý do"]
    ]
    assert [row[0].value for row in table["Dòng để lại"].iter_rows(min_row=2)] == ["7", "8"]
    text = files.inspect_pdf(browser.get(f"{HERE}/{book.pk}/print").content)
    assert text.pages == 1
    pattern = load_workbook(io.BytesIO(browser.get(f"{HERE}/template").content))
    assert [cell.value for cell in pattern["Sổ văn bản đến"][1]][:3] == ["Số đến", "Ngày đến", "Số, ký hiệu"]


def test_others_do_not_come_in(cast: Cast, enter: Enter, at: datetime) -> None:
    book = old.sent(cast.clerk.actor(), at, old.workbook(old.OUT, *old.LINES))
    assert enter(cast.plan_officer).get(HERE).status_code == 403
    assert enter(cast.recipient_clerk).get(f"{HERE}/{book.pk}").status_code == 404
    assert "Nhập sổ cũ" in enter(cast.administrator).get(HERE).content.decode()
    page = enter(cast.clerk).post(HERE, {"table": SimpleUploadedFile("a.xlsx", b"PK\x03\x04")})
    assert page.status_code == 422 and "20000 dòng" in page.content.decode()


def test_machines_do_the_same(cast: Cast, client: Client, keep_promises: Keep) -> None:
    clerk = Machine(client, cast.clerk)
    line = ["02/01/2025", "2", "Sở A", "5/SA", "02/01/2025", "Một", "", ""]
    table = SimpleUploadedFile("so.xlsx", old.workbook(old.IN, line).getvalue())
    begun = client.post("/api/old-books", {"table": table, "key": "k" * 20}, headers=clerk.headers)
    assert begun.status_code == 201, begun.content
    told = begun.json()
    assert (told["book"], told["status"], told["columns"]["arrival"]) == ("in", "read", 1)
    where = f"/old-books/{told['id']}"
    checked = clerk.post(f"{where}/check", {"book": "in", "columns": told["columns"]})
    assert checked["balance"][0]["holes"] == [{"first": 1, "last": 1, "reason": ""}]
    hole = {"year": 2025, "group": "", "first": 1, "last": 1, "reason": "Mất trang"}
    assert clerk.post(f"{where}/explain", hole)["unexplained"] == 0
    clerk.post(f"{where}/start", {}, 202)
    keep_promises(timezone.now())
    (read,) = clerk.get(f"{where}/lines")["items"]
    assert (read["status"], read["document_id"]) == ("taken", Document.objects.get().pk)
    assert imports.count_lines(told["id"]) == {"taken": 1}
    assert clerk.post(f"{where}/undo", {"reason": "Thử"})["status"] == "undone"
    assert clerk.get("/old-books")[0]["undo_reason"] == "Thử"


def test_a_postal_book_and_kept_copies_stand_in_the_books_afterwards(
    cast: Cast, enter: Enter, keep_promises: Keep
) -> None:
    browser = enter(cast.clerk)
    for lines, name in ((old.workbook(old.POST, *old.POSTED), "post"), (old.workbook(old.COPIES, *old.LENT), "copies")):
        page = send(browser, lines).content.decode()
        book = OldBook.objects.latest("id")
        assert book.book == name and "column_to" in page if name == "post" else "column_back" in page
        page = browser.post(f"{HERE}/{book.pk}/check", columns(book), follow=True).content.decode()
        assert "dòng nhập" in page and ("Số trống, lý do" in page) == (name == "post")
        browser.post(f"{HERE}/{book.pk}/start", {"leave_out": "on"})
        keep_promises(timezone.now())
        assert "Đã nhập" in browser.get(f"{HERE}/{book.pk}").content.decode()
        assert files.inspect_pdf(browser.get(f"{HERE}/{book.pk}/print").content).pages == 1
    posted = browser.get("/registers?book=post&year=2025&words=99").content.decode()
    assert "99/QĐ-TCZ" in posted and "nhập từ sổ cũ" in posted and "02/QĐ-TCZ" not in posted
    lent = browser.get("/registers?book=copies&year=2025").content.decode()
    assert "44/QĐ-TCZ, 03/12/2024" in lent and "Quyết định cũ" in lent
    assert lent.count("Đã trả</a>") + lent.count("Đã trả</span>") >= 1
    wrong = send(browser, old.workbook(old.POST, *old.POSTED))
    book = OldBook.objects.latest("id")
    page = browser.post(f"{HERE}/{book.pk}/check", {"book": "out"})
    assert page.status_code == 422 and "column_subject" in page.content.decode(), (
        "the columns of the book that was chosen"
    )
    assert wrong.status_code == 200


def test_a_book_of_secret_papers_comes_by_its_own_form(cast: Cast, enter: Enter, client: Client) -> None:
    assert "Sổ mật" not in enter(cast.clerk).get(HERE).content.decode()
    table = old.workbook(old.SECRET_OUT, *old.secret_lines("Kho vũ khí")).getvalue()
    assert enter(cast.clerk).post(f"{HERE}?sealed=1", {"table": SimpleUploadedFile("m.xlsx", table)}).status_code == 403
    clear(cast)
    browser = enter(cast.clerk)
    assert f'action="{HERE}?sealed=1"' in browser.get(HERE).content.decode()
    page = browser.post(
        f"{HERE}?sealed=1", {"table": SimpleUploadedFile("m.xlsx", table)}, follow=True
    ).content.decode()
    book = OldBook.objects.get()
    assert book.secret and "Kho vũ khí" not in page and "column_subject" not in page
    page = browser.post(f"{HERE}/{book.pk}/check", columns(book, default_type="CV"), follow=True).content.decode()
    assert "Sổ mật: chỉ giữ số" in page and "Quyết định 2025 (mật)" in page
    assert enter(cast.administrator).get(f"{HERE}/{book.pk}").status_code == 404
    clerk = Machine(client, cast.clerk)
    sent = client.post(
        "/api/old-books/sealed", {"table": SimpleUploadedFile("m.xlsx", table), "key": "s" * 20}, headers=clerk.headers
    )
    assert sent.status_code == 201 and sent.json()["secret"] is True, sent.content


def clear(cast: Cast) -> None:
    """The clerk is cleared for what is secret."""
    at = timezone.now()
    people.grant_clearance(
        person_id=cast.clerk.person_id,
        level="toi_mat",
        until=at.date() + timedelta(days=90),
        basis="QĐ 1",
        actor=None,
        at=at,
    )
