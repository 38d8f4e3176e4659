"""The register books and the proof that no number is missing."""

from __future__ import annotations

import io
from datetime import date, datetime

import openpyxl
import pytest
from django.http import HttpResponse

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.models import Document
from antin.numbering import queries as numbering
from tests import given
from tests.cast import Cast
from tests.doors.conftest import Enter

pytestmark = pytest.mark.django_db


def text(response: HttpResponse) -> str:
    return response.content.decode()


def test_the_incoming_book_has_the_columns_of_the_decree(cast: Cast, enter: Enter, now: datetime, today: date) -> None:
    document = given.an_arrival(cast, now)
    documents.register(document_id=document.pk, actor=cast.recipient_clerk.actor(), today=today, at=now)
    page = text(enter(cast.recipient_clerk).get("/registers?book=in"))
    columns = ("Số đến", "Ngày đến", "Tác giả", "Số, ký hiệu", "Ngày văn bản", "Tên loại và trích yếu")
    more = ("Đơn vị hoặc người nhận", "Ngày chuyển", "Ký nhận", "Ghi chú")
    assert [page.count(f'<th scope="col">{words}</th>') for words in (*columns, *more)] == [1] * 10
    assert f'<a class="title" href="/incoming/{document.pk}">1</a>' in page
    assert f"Công văn: {given.SUBJECT}" in page
    assert f"Sổ đăng ký văn bản đến năm {today.year}" in page


def test_the_outgoing_book_shows_numbers_in_order_and_voided_ones_with_their_reason(
    cast: Cast, enter: Enter, now: datetime, today: date
) -> None:
    clerk = cast.clerk.actor()
    first = given.a_numbered_document(cast, now, today=today, subject="Văn bản một")
    second = given.a_numbered_document(cast, now, today=today, subject="Văn bản hai")
    documents.return_to_drafter(document_id=first.pk, reason="Sai nơi nhận", actor=clerk, at=now)
    given.a_numbered_document(cast, now, today=today, subject="Kế hoạch", type_code="KH")
    browser = enter(cast.clerk)
    page = text(browser.get("/registers?book=out"))
    assert page.index("Văn bản hai") < page.index("Số 01 đã hủy ngày")
    assert f"Số 01 đã hủy ngày {today:%d/%m/%Y}: Sai nơi nhận" in page
    assert f'<a class="title" href="/documents/{second.pk}">02/TCZ-KH</a>' in page
    assert "Kế hoạch: Kế hoạch" not in page
    assert "Kế hoạch: Kế hoạch" in text(browser.get("/registers?book=out&type=KH"))
    proof = text(browser.get("/registers/proof"))
    assert f"Các sổ năm {today.year} liền số, không thiếu, không trùng" in proof
    assert "Số đi, Công văn, 01</b>: Sai nơi nhận" in proof


def test_a_long_book_is_read_by_pages_and_printed_whole(
    cast: Cast, enter: Enter, now: datetime, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("antin.web.registers.books.PAGE", 2)
    actor = cast.recipient_clerk.actor()
    for n in range(1, 6):
        document = given.an_arrival(cast, now, key=f"delivery:{n}", identifier=f"n{n}", code=f"{n}/X")
        documents.register(document_id=document.pk, actor=actor, today=today, at=now)
    browser = enter(cast.recipient_clerk)

    def numbers(address: str) -> list[str]:
        page = browser.get(address)
        return [entry.cells[0].words for entry in page.context["entries"]]

    assert numbers("/registers?book=in") == ["5", "4"]
    assert numbers("/registers?book=in&after=4") == ["3", "2"]
    assert numbers("/registers?book=in&after=2") == ["1"]
    assert numbers("/registers?book=in&whole=1") == ["5", "4", "3", "2", "1"]
    assert "after=4" in text(browser.get("/registers?book=in"))


@pytest.mark.parametrize("address", ["/registers", "/registers/proof"])
def test_books_are_the_registrys(cast: Cast, enter: Enter, address: str) -> None:
    for member in (cast.clerk, cast.head):
        page = enter(member).get(address)
        assert page.status_code == 200
        assert 'href="/registers"' in text(page)
    outsider = enter(cast.plan_officer)
    assert outsider.get(address).status_code == 404
    assert 'href="/registers"' not in text(outsider.get("/drafts"))


def test_rubbish_in_the_address_is_the_plain_book(cast: Cast, enter: Enter) -> None:
    page = enter(cast.clerk).get("/registers?book=x&year=99999999&type=<b>&after=-1&whole=x")
    assert page.status_code == 200
    assert "Sổ chưa có dòng nào" in text(page)


def test_a_book_is_taken_along_as_a_table(
    cast: Cast, enter: Enter, now: datetime, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("antin.web.registers.books.WHOLE", 2)
    clerk = cast.clerk.actor()
    first = given.a_numbered_document(cast, now, today=today, subject="=SUM(A1)")
    for n in range(4):
        given.a_numbered_document(cast, now, today=today, subject=f"Văn bản {n}")
    documents.return_to_drafter(document_id=first.pk, reason="Sai nơi nhận", actor=clerk, at=now)
    given.a_numbered_document(cast, now, today=today, subject="=1+1")
    answer = enter(cast.clerk).get("/registers/export?book=out")
    assert answer["Content-Disposition"] == f"attachment; filename*=UTF-8''so-van-ban-di-CV-{today.year}.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.rows]
    assert rows[0][:3] == ["Số, ký hiệu", "Ngày văn bản", "Tên loại và trích yếu"]
    assert [row[0] for row in rows[1:]] == ["1", *(f"0{n}/TCZ-KH" for n in range(2, 7))]
    assert rows[1][1] == f"Số 01 đã hủy ngày {today:%d/%m/%Y}: Sai nơi nhận"
    assert (rows[6][2], sheet.cell(7, 3).data_type) == ("Công văn: =1+1", "s")
    assert enter(cast.plan_officer).get("/registers/export").status_code == 404


def test_a_number_is_reserved_used_and_shown(cast: Cast, enter: Enter, now: datetime, today: date) -> None:
    first = given.a_numbered_document(cast, now, today=today, subject="Văn bản một")
    browser = enter(cast.clerk)
    until = f"{today:%d/%m/%Y}"
    asked = {"series": "CV", "reason": "Chờ ký thỏa thuận", "until": until}
    assert browser.get("/registers/numbers/reserve").status_code == 200
    assert browser.post("/registers/numbers/reserve", {"series": "CV", "until": until}).status_code == 422
    assert browser.post("/registers/numbers/reserve", asked).status_code == 302
    page = text(browser.get("/registers/numbers"))
    assert "1 số đang giữ" in page
    assert "Chờ ký thỏa thuận" in page
    assert "Chèn số là ngoại lệ: chỉ lãnh đạo cơ quan được cho chèn." in page
    assert f"Số 02 đang giữ đến hết ngày {until}: Chờ ký thỏa thuận" in text(browser.get("/registers?book=out"))
    signed = given.a_signed_document(cast, now, subject="Thỏa thuận")
    use = f"/documents/{signed.pk}/number/reserved"
    kept = numbering.list_reserved(agency_id=cast.agency_id)[0]
    assert f'<option value="{kept.pk}">02: Chờ ký thỏa thuận</option>' in text(browser.get(use))
    assert browser.post(use, {"reserved": kept.pk}).status_code == 302
    assert queries.get(signed.pk).code == "02/TCZ-KH"
    assert browser.post(f"/registers/numbers/{kept.pk}/release", {"reason": "x"}).status_code == 422
    leader = enter(cast.head)
    assert browser.get("/registers/numbers/insert").status_code == 403
    assert leader.post("/registers/numbers/insert", asked | {"after": 1}).status_code == 302
    [inserted] = numbering.list_reserved(agency_id=cast.agency_id)
    assert leader.post(f"/registers/numbers/{inserted.pk}/release", {"reason": "Thôi"}).status_code == 302
    page = text(leader.get("/registers/numbers"))
    assert "Không có số nào đang giữ" in page
    assert '<b class="num">01a</b>, Công văn (số chèn)' in page
    proof = text(leader.get("/registers/proof"))
    assert "liền số, không thiếu, không trùng" in proof
    Document.objects.filter(pk=first.pk).update(number=77)
    assert "Số không có văn bản" in text(leader.get("/registers/proof"))
    assert enter(cast.plan_officer).get("/registers/numbers").status_code == 404


def test_books_are_laid_out_by_an_administrator(cast: Cast, enter: Enter, today: date) -> None:
    browser = enter(cast.administrator)
    here = f"/administration/units/{cast.agency_id}"
    asked = {
        "name": "Sổ công văn, thông báo",
        "type_codes": ["CV", "TB"],
        "restarts": "year",
        "from_year": today.year,
        "basis": "Quy chế văn thư",
    }
    assert browser.get(f"{here}/books/set").status_code == 200
    assert browser.post(f"{here}/books/set", asked).status_code == 302
    page = text(browser.get(here))
    assert "Sổ công văn, thông báo</b>" in page
    assert "Thông báo, Công văn" in page or "Công văn, Thông báo" in page
    [book] = numbering.list_books(cast.agency_id)
    close = f"{here}/books/{book.pk}/close"
    assert browser.post(close, {"from_year": today.year + 1, "basis": "Quy chế mới"}).status_code == 302
    assert numbering.list_books(cast.agency_id)[0].until_year == today.year
    assert browser.get(f"/administration/units/{cast.plan_id}/books/set").status_code == 404
