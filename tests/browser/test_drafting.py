"""Writing a document in a real browser: typed, addressed, saved by itself, looked at, handed on."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from antin.documents import queries
from tests import papers
from tests.browser.conftest import shoot
from tests.cast import Cast


def test_a_letter_is_written_saved_by_itself_looked_at_and_handed_on(cast: Cast, seated: Callable[..., Page]) -> None:
    page = seated("kehoach")
    page.goto("/drafts/new")
    page.get_by_label("Trích yếu").fill("Báo cáo kết quả ký số quý IV")
    page.wait_for_url("**/drafts/*/edit")
    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu")
    document_id = int(page.url.split("/")[-2])
    page.get_by_label("Kính gửi").fill("trung tam")
    page.get_by_role("option", name="Trung tâm B1").click()
    page.keyboard.press("Escape")
    page.get_by_role("textbox", name="Nội dung văn bản").click()
    page.keyboard.type("Đề nghị các đơn vị báo cáo kết quả.\n1. Đúng hạn;\nđủ biểu mẫu.")
    page.get_by_label("TỔNG CỤC TRƯỞNG Nguyễn Văn An").check()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("button", name="Trình")).to_be_enabled()
    page.get_by_role("button", name="Xem trang").click()
    expect(page.get_by_role("img", name="Trang 1")).to_be_visible()
    page.get_by_role("img", name="Trang 1").scroll_into_view_if_needed()
    shoot(page, "drafting-preview-1366")
    page.keyboard.press("Control+Home")
    page.evaluate("scrollTo(0, 0)")
    shoot(page, "drafting-edit-1366")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/documents/*")
    assert queries.get(document_id).status == "submitted"


def test_paper_look(cast: Cast, seated: Callable[..., Page]) -> None:
    page = seated("vanthu.b1")
    page.goto("/incoming/paper")
    shoot(page, "paper-1366-empty")
    page.get_by_label("Bản quét").set_input_files(
        {"name": "quet.pdf", "mimeType": "application/pdf", "buffer": papers.pdf(pages=2, words="CONG VAN so 872")}
    )
    expect(page.get_by_role("img", name="Trang 1")).to_be_visible()
    page.get_by_label("Số và ký hiệu").fill("872/VP-TH")
    page.get_by_label("Nơi gửi").fill("Sở Y tế tỉnh H")
    page.get_by_label("Trích yếu").fill("Phối hợp khảo sát đường truyền phục vụ trung tâm dữ liệu")
    shoot(page, "paper-1366")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/documents/*")
    shoot(page, "paper-1366-after")
