"""The register books and the proof that no number is missing."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta

import openpyxl
import pypdfium2
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


def arrivals(cast: Cast, now: datetime, today: date, many: int) -> None:
    for n in range(1, many + 1):
        document = given.an_arrival(
            cast, now, key=f"delivery:{n}", identifier=f"n{n}", code=f"{n}/X", subject=f"Việc {n}"
        )
        documents.register(document_id=document.pk, actor=cast.recipient_clerk.actor(), today=today, at=now)


def test_a_long_book_is_read_by_pages_and_narrowed(
    cast: Cast, enter: Enter, now: datetime, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("antin.web.registers.books.PAGE", 2)
    arrivals(cast, now, today, 5)
    browser = enter(cast.recipient_clerk)

    def numbers(address: str) -> list[str]:
        page = browser.get(address)
        return [cells[0].words for _entry, cells in page.context["entries"]]

    assert numbers("/registers?book=in") == ["5", "4"]
    assert numbers("/registers?book=in&after=4") == ["3", "2"]
    assert numbers("/registers?book=in&after=2") == ["1"]
    assert numbers("/registers?book=in&words=viec+3") == ["3"]
    assert numbers(f"/registers?book=in&since={today.isoformat()}&after=3") == ["2", "1"]
    assert numbers(f"/registers?book=in&until={(today - timedelta(days=1)).isoformat()}") == []
    assert "after=4" in text(browser.get("/registers?book=in"))
    assert "Có chữ “viec 3”" in text(browser.get("/registers?book=in&words=viec+3"))
    assert numbers("/registers?book=answers&words=viec+3") == ["3"]


def test_columns_are_put_away_for_one_person_and_one_book(cast: Cast, enter: Enter, now: datetime, today: date) -> None:
    arrivals(cast, now, today, 1)
    browser = enter(cast.recipient_clerk)
    here = "/registers/columns?book=in"
    assert browser.get(here).status_code == 200
    kept = ("came", "issuer", "code", "title", "to", "moved", "taken")
    assert browser.post(here, dict.fromkeys(kept, "on")).status_code == 302
    page = text(browser.get("/registers?book=in"))
    assert "2 cột không hiện." in page
    assert page.count('<th scope="col">Ngày văn bản</th>') == 0
    assert page.count('<th scope="col">Ngày đến</th>') == 1
    assert '<th scope="col">Ghi chú</th>' in text(browser.get("/registers?book=answers"))
    assert '<th scope="col">Ngày văn bản</th>' in text(enter(cast.recipient_head).get("/registers?book=in"))


def test_the_postal_book_and_the_book_of_kept_copies_are_filled_by_acts(
    cast: Cast, enter: Enter, now: datetime, today: date
) -> None:
    document = given.an_issued_document(cast, now)
    browser = enter(cast.clerk)
    day = f"{today:%d/%m/%Y}"
    post = {"recipient_name": "Sở Nội vụ", "envelopes": 2, "posted_on": day, "note": "gửi bảo đảm"}
    assert browser.post(f"/documents/{document.pk}/post", post).status_code == 302
    ahead = post | {"posted_on": f"{today + timedelta(days=1):%d/%m/%Y}"}
    assert browser.post(f"/documents/{document.pk}/post", ahead).status_code == 422
    page = browser.get("/registers?book=post")
    [(entry, cells)] = page.context["entries"]
    assert [cell.words for cell in cells] == [day, document.code, "Sở Nội vụ", "2", "", "gửi bảo đảm"]
    assert browser.post(entry.act_href, {"words": "RR123456789VN"}).status_code == 302
    [(entry, cells)] = browser.get("/registers?book=post").context["entries"]
    assert (cells[4].words, entry.act) == ("RR123456789VN", "")
    assert browser.get("/registers?book=post&words=quan+hoa").context["entries"] == []
    lend = {"user_name": "Bùi Ngọc Giang", "permitted_by": "Chánh Văn phòng", "file_code": "01.KH"}
    assert browser.post(f"/documents/{document.pk}/lend", lend).status_code == 302
    [(entry, cells)] = browser.get("/registers?book=copies").context["entries"]
    shown = [cell.words for cell in cells]
    assert shown[:5] == [day, "Bùi Ngọc Giang", f"{document.code}, 23/11/2026", f"Công văn: {given.SUBJECT}", "01.KH"]
    assert (shown[6], shown[7]) == ("", "Chánh Văn phòng")
    assert browser.post(entry.act_href).status_code == 302
    assert browser.post(entry.act_href).status_code == 422
    [(entry, cells)] = browser.get("/registers?book=copies").context["entries"]
    assert (cells[6].words, entry.act) == (day, "")
    outsider = enter(cast.plan_officer)
    assert outsider.post(f"/documents/{document.pk}/post", post).status_code == 403
    assert enter(cast.recipient_clerk).post(f"/registers/copies/{entry.cursor}/back").status_code == 404


def test_work_on_incoming_papers_is_followed_in_its_book(cast: Cast, enter: Enter, now: datetime, today: date) -> None:
    arrivals(cast, now, today, 1)
    [(entry, cells)] = enter(cast.recipient_clerk).get("/registers?book=answers").context["entries"]
    assert [cell.words for cell in cells] == [
        "1",
        "Công văn 1/X, 23/11/2026, Tổng cục Z",
        "Giám đốc",
        "",
        "Chờ chỉ đạo",
        "",
        "",
    ]
    assert entry.href.startswith("/incoming/")


def test_a_book_is_printed_with_counts_and_its_closing(cast: Cast, enter: Enter, now: datetime, today: date) -> None:
    first = given.a_numbered_document(cast, now, today=today, subject="Văn bản một")
    given.a_numbered_document(cast, now, today=today, subject="Văn bản hai")
    documents.return_to_drafter(document_id=first.pk, reason="Sai nơi nhận", actor=cast.clerk.actor(), at=now)
    answer = enter(cast.clerk).get("/registers/print?book=out")
    assert answer["Content-Type"] == "application/pdf"
    made = pypdfium2.PdfDocument(answer.content)
    words = " ".join(made[0].get_textpage().get_text_range().split())
    assert "SỔ ĐĂNG KÝ VĂN BẢN ĐI" in words
    assert f"Số 01 đã hủy ngày {today:%d/%m/%Y}: Sai nơi nhận" in words
    assert "02/TCZ-KH" in words
    assert "Cộng trang này: 2; cộng dồn: 2" in words
    assert "Từ số 01 đến số 2; trong đó 1 số đã hủy, 0 số đang giữ; thêm 0 số chèn." in words
    assert "Các số liền nhau, không thiếu, không trùng." in words
    assert enter(cast.plan_officer).get("/registers/print?book=out").status_code == 404


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
