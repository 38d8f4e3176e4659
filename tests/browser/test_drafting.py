"""Writing a document in a real browser: typed, addressed, saved by itself, lost and found again, looked at, handed on."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from antin.documents import queries
from antin.documents.states import Status
from tests import papers
from tests.browser.conftest import accessible, shoot
from tests.cast import Cast

Seated = Callable[..., Page]
SUBJECT = "Báo cáo kết quả ký số quý IV"


def begin(page: Page) -> int:
    """Begin a draft by writing its subject: it saves itself and gets an address."""
    page.goto("/drafts/new")
    page.get_by_label("Trích yếu").fill(SUBJECT)
    page.wait_for_url("**/drafts/*/edit")
    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu")
    return int(page.url.split("/")[-2])


def write(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="Nội dung văn bản").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def kept(document_id: int) -> str:
    return json.dumps(queries.making_of(queries.get(document_id)).body, ensure_ascii=False)


def address(page: Page) -> None:
    page.get_by_label("Kính gửi").fill("trung tam")
    page.get_by_role("option", name="Trung tâm B1").click()
    page.keyboard.press("Escape")


def test_a_letter_is_written_saved_by_itself_looked_at_and_handed_on(cast: Cast, seated: Seated) -> None:
    page = seated("kehoach")
    document_id = begin(page)
    assert accessible(page) == []
    address(page)
    write(page, "Đề nghị các đơn vị báo cáo kết quả.\n1. Đúng hạn;\nđủ biểu mẫu.")
    page.get_by_label("TỔNG CỤC TRƯỞNG Nguyễn Văn An").check()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("button", name="Trình")).to_be_enabled()
    page.evaluate("scrollTo(0, 0)")
    shoot(page, "drafting-edit-1366")
    page.get_by_role("button", name="Xem trang").click()
    expect(page.get_by_role("img", name="Trang 1")).to_be_visible()
    shoot(page, "drafting-preview-1366")
    page.get_by_label("Trích yếu").focus()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/documents/*")
    assert queries.get(document_id).status == Status.SUBMITTED


def test_what_is_missing_leads_to_its_field(cast: Cast, seated: Seated) -> None:
    page = seated("kehoach")
    begin(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#missing a").first).to_be_focused()
    assert page.locator("#missing a").all_inner_texts() == ["người ký", "nội dung", "nơi nhận"]


def test_a_tab_that_crashed_loses_nothing(cast: Cast, seated: Seated) -> None:
    """What was saved is there again; what could not be saved before the crash is offered, and saved when taken."""
    page = seated("kehoach")
    document_id = begin(page)
    write(page, "Đã lưu trước.")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu")
    page.route("**/drafts/*/edit", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    write(page, " Chưa kịp lưu.")
    expect(page.locator("[data-saved]")).to_contain_text("không nối được với máy chủ")
    assert "Chưa kịp lưu." not in kept(document_id)
    page.unroute("**/drafts/*/edit")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_text("Trình duyệt này còn giữ bản chưa lưu lúc")).to_be_visible()
    shoot(page, "drafting-recover-1366")
    page.get_by_role("button", name="Khôi phục").click()
    expect(page.get_by_role("textbox", name="Nội dung văn bản")).to_contain_text("Đã lưu trước. Chưa kịp lưu.")
    expect(page.get_by_text("Trình duyệt này còn giữ bản chưa lưu lúc")).to_be_hidden()
    assert "Đã lưu trước. Chưa kịp lưu." in kept(document_id)


def test_two_windows_are_told_and_the_drafter_chooses(cast: Cast, seated: Seated) -> None:
    first = seated("kehoach")
    document_id = begin(first)
    second = first.context.new_page()
    second.goto(first.url)
    write(first, "Bản một.")
    first.keyboard.press("Control+s")
    expect(first.locator("[data-saved]")).to_contain_text("Đã lưu")
    write(second, "Bản hai.")
    expect(second.get_by_role("button", name="Giữ bản ở đây, ghi đè bản kia")).to_be_visible()
    shoot(second, "drafting-conflict-1366")
    assert "Bản một." in kept(document_id)
    second.get_by_role("button", name="Giữ bản ở đây, ghi đè bản kia").click()
    expect(second.get_by_text("Đã lưu lúc")).to_be_visible()
    assert "Bản hai." in kept(document_id)


def test_a_lost_answer_is_not_taken_for_another_window(cast: Cast, seated: Seated) -> None:
    page = seated("kehoach")
    document_id = begin(page)

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/drafts/*/edit", lose)
    write(page, "Một.")
    expect(page.locator("[data-saved]")).to_contain_text("không nối được")
    page.unroute("**/drafts/*/edit")
    write(page, " Hai.")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu")
    assert "Một. Hai." in kept(document_id)


def test_files_go_up_at_once_and_a_bad_one_is_told_by_name(cast: Cast, seated: Seated) -> None:
    page = seated("kehoach")
    document_id = begin(page)
    good = {"name": "bang.csv", "mimeType": "text/csv", "buffer": b"a,b"}
    bad = {"name": "hong.pdf", "mimeType": "application/pdf", "buffer": papers.cut()}
    page.get_by_label("Thêm tệp kèm theo").set_input_files([good, bad])
    expect(page.get_by_text("hong.pdf: Tệp PDF bị hỏng").first).to_be_visible()
    expect(page.get_by_text("bang.csv")).to_be_visible()
    shoot(page, "drafting-files-1366", whole=True)
    assert [each.name for each in queries.list_attachments(document_id)] == ["bang.csv"]
    page.get_by_role("button", name="Gỡ").click()
    expect(page.get_by_text("bang.csv")).to_be_hidden()
    assert queries.list_attachments(document_id) == []


def test_a_draft_on_a_phone_and_in_the_dark(cast: Cast, seated: Seated) -> None:
    for size, theme in (("390", "light"), ("390", "dark"), ("1366", "dark")):
        page = seated("kehoach", size, theme)
        begin(page)
        shoot(page, f"drafting-{size}-{theme}", whole=size == "390")
        assert accessible(page) == []


def test_a_paper_is_read_off_its_scan_and_entered(cast: Cast, seated: Seated) -> None:
    page = seated("vanthu.b1")
    page.goto("/incoming/paper")
    shoot(page, "paper-1366-empty")
    assert accessible(page) == []
    scan = {"name": "quet.pdf", "mimeType": "application/pdf", "buffer": papers.pdf(pages=2, words="CONG VAN so 872")}
    page.get_by_label("Chọn bản quét").set_input_files(scan)
    expect(page.get_by_role("img", name="Trang 1")).to_be_visible()
    page.get_by_label("Số và ký hiệu").fill("872/VP-TH")
    page.get_by_label("Nơi gửi").fill("Sở Y tế tỉnh H")
    page.get_by_label("Trích yếu").fill("Phối hợp khảo sát đường truyền phục vụ trung tâm dữ liệu")
    shoot(page, "paper-1366")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/documents/*")
    expect(page.get_by_text("Đã vào sổ, số đến 1, trình Giám đốc.")).to_be_visible()


def test_a_day_is_typed_as_it_comes_or_taken_from_the_calendar(cast: Cast, seated: Seated) -> None:
    page = seated("kehoach")
    document_id = begin(page)
    year = queries.get(document_id).made_at.year + 1
    day = page.get_by_label("Hạn trả lời")
    day.click()
    page.keyboard.type(f"5/1/{year}")
    page.keyboard.press("Tab")
    expect(day).to_have_value(f"05/01/{year}")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu")
    page.reload()
    expect(day).to_have_value(f"05/01/{year}")

    calendar = page.locator(".day:has(#id_reply_by) [type=date]")
    page.locator(".day:has(#id_reply_by)").get_by_role("button", name="Mở lịch").click()
    expect(calendar).to_have_js_property("value", f"{year}-01-05")
    page.keyboard.press("Escape")
    calendar.evaluate(
        "(input, day) => { input.value = day; input.dispatchEvent(new Event('change')); }", f"{year}-02-28"
    )
    expect(day).to_have_value(f"28/02/{year}")
    assert accessible(page) == []
    shoot(page, "drafting-day-1366", whole=True)
