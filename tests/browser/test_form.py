"""A specialised form from the administrator's blank page to an issued paper, by keyboard alone and with no line of code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from antin.documents import queries
from antin.documents.models import Document
from tests import paper
from tests.browser.conftest import shoot
from tests.browser.test_daily_tasks import Hands, _saved
from tests.browser.test_story import keep_promises
from tests.cast import OPENED, Cast

pytestmark = pytest.mark.django_db(transaction=True)
NAME, SUBJECT = "Giấy ra vào", "Giấy ra vào của tổ lắp đặt"


def test_a_form_is_made_filled_signed_and_issued(cast: Cast, seated: Callable[..., Page]) -> None:
    paper.give_keys(cast, OPENED + timedelta(days=1))
    _make(Hands(seated("quantri", first=f"/administration/units/{cast.agency_id}/forms")))
    document_id = _fill(Hands(seated("kehoach", first="/drafts/forms")))
    head = Hands(seated("truongkehoach"))
    head.press("e")
    expect(head.page.locator("#document-title")).to_have_text(SUBJECT)
    head.press("e")
    expect(head.page.get_by_role("dialog")).to_be_visible()
    head.press("Control+Enter")
    expect(head.page.get_by_text("Đã duyệt, chuyển Nguyễn Văn An ký.")).to_be_visible()
    keep_promises()  # the page is fixed
    signer = Hands(seated("thutruong"))
    signer.press("e")
    expect(signer.page.locator("#document-title")).to_have_text(SUBJECT)
    signer.press("e")
    signer.reach(signer.page.get_by_label("Mã PIN của khóa ký", exact=True))
    signer.type(paper.PIN)
    signer.press("Enter")
    expect(signer.page.get_by_text("chuyển văn thư cấp số.")).to_be_visible()
    keeper = Hands(seated("giudau"))
    keeper.press("e")
    expect(keeper.page.locator("#document-title")).to_have_text(SUBJECT)
    keeper.press("e")
    keeper.reach(keeper.page.get_by_role("dialog").get_by_role("button", name="Cấp số, đóng dấu, phát hành"))
    keeper.press("Enter")
    expect(keeper.page.get_by_text("đóng dấu và phát hành.")).to_be_visible()
    issued = queries.get(document_id)
    assert (issued.status, issued.code, issued.type_code) == ("issued", "01/GRV-TCZ", "CN")
    shoot(keeper.page, "form-issued")


def _make(administrator: Hands) -> None:
    page = administrator.page
    administrator.press("e")
    administrator.reach(page.get_by_label("Tên mẫu"))
    administrator.type(NAME)
    administrator.reach(page.get_by_label("Ký hiệu (không bắt buộc)", exact=True))
    administrator.type("GRV")
    administrator.press("Enter")
    expect(page.get_by_role("heading", name=f"Sửa mẫu: {NAME}")).to_be_visible()
    first = page.get_by_role("group", name="Trường 1")
    administrator.reach(first.get_by_label("Tên trường"))
    administrator.type("Họ tên")
    administrator.reach(first.get_by_label("Bắt buộc"))
    administrator.press("Space")
    text = page.get_by_label("Nội dung văn bản")
    administrator.reach(text)
    administrator.type("Cấp cho đồng chí {{Họ tên}} ra vào cơ quan.")
    administrator.press("Escape")
    administrator.press("Tab")
    administrator.press("Control+Enter")
    expect(page.get_by_role("heading", name=NAME, exact=True)).to_be_visible()
    shoot(page, "form-made", whole=True)
    administrator.press("e")
    expect(page.get_by_role("dialog")).to_be_visible()
    administrator.press("Control+Enter")
    expect(page.get_by_text("cho dùng từ")).to_be_visible()


def _fill(officer: Hands) -> int:
    page = officer.page
    officer.reach(page.get_by_role("link", name=NAME))
    officer.press("Enter")
    officer.reach(page.get_by_label("Trích yếu"))
    officer.press("Control+a")
    officer.type(SUBJECT)
    officer.reach(page.get_by_label("Họ tên"))
    officer.type("Trần Văn Bốn")
    officer.press("Control+Enter")
    page.wait_for_url("**/drafts/*/edit*")
    shoot(page, "form-filled", whole=True)
    officer.reach(page.get_by_role("button", name="Lưu", exact=True))
    officer.reach(page.get_by_label("Kính gửi"))
    with _saved(page):
        officer.type("trung tam b1")
        officer.press("Enter")
    officer.reach(page.get_by_label("TỔNG CỤC TRƯỞNG Nguyễn Văn An"))
    with _saved(page):
        officer.press("Space")
    officer.press("Control+Enter")
    expect(page.get_by_text("Chờ duyệt").first).to_be_visible()
    return Document.objects.get(subject=SUBJECT).pk
