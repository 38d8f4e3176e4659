"""The whole story as the people of it live it: one letter from a blank page in one agency to accepted work in another.

Every act is done by hand in a browser of its own; only the worker's promises are kept here, as `antin run` keeps them beside.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import close_old_connections
from playwright.sync_api import Page, expect

from antin.documents import queries
from antin.outbox import operations as outbox
from tests import paper
from tests.browser.conftest import shoot
from tests.cast import OPENED, Cast

pytestmark = pytest.mark.django_db(transaction=True)

SUBJECT = "Báo cáo kết quả ký số quý IV"
WORDS = "Đề nghị các đơn vị báo cáo kết quả ký số, gửi và nhận văn bản điện tử.\nTrân trọng."


def keep_promises() -> None:
    """What the worker does beside: whatever was promised and is due."""
    close_old_connections()
    tally = outbox.keep_due(at=datetime.now(UTC))
    assert (tally.dead, tally.postponed) == (0, 0)


def test_a_letter_becomes_finished_work_in_another_agency(cast: Cast, seated: Callable[..., Page]) -> None:
    paper.give_keys(cast, OPENED + timedelta(days=1))

    officer = seated("kehoach")
    document_id = _write(officer)
    _endorse(seated("truongkehoach"), document_id)
    keep_promises()  # the page is fixed
    _sign(seated("thutruong"), document_id)
    _number(seated("vanthu"), document_id)
    _seal(seated("giudau"), document_id)
    keep_promises()  # it is delivered
    assert queries.get(document_id).code == "01/TCZ-KH"

    arrived = _register(seated("vanthu.b1"))
    leader = seated("giamdoc.b1")
    _direct(leader, arrived)
    _work(seated("truongnghiencuu.b1"), arrived)
    _accept(leader, arrived)
    _follow(officer, document_id)


def _write(page: Page) -> int:
    """The officer drafts the letter and hands it to the head of his division."""
    page.goto("/drafts/new")
    page.get_by_label("Trích yếu").fill(SUBJECT)
    page.wait_for_url("**/drafts/*/edit")
    document_id = int(page.url.split("/")[-2])
    page.get_by_label("Kính gửi").fill("trung tam")
    page.get_by_role("option", name="Trung tâm B1").click()
    page.keyboard.press("Escape")
    page.get_by_label("Nội dung văn bản").fill(WORDS)
    page.get_by_label("TỔNG CỤC TRƯỞNG Nguyễn Văn An").check()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("button", name="Trình")).to_be_enabled()
    shoot(page, "story-1-draft")
    page.get_by_role("button", name="Trình").click()
    page.wait_for_url("**/documents/*")
    expect(page.get_by_text("Chờ duyệt").first).to_be_visible()
    return document_id


def _endorse(page: Page, document_id: int) -> None:
    """The head of the division finds it on his desk and agrees, with a word."""
    page.goto("/")
    page.get_by_role("link", name=SUBJECT).first.click()
    page.get_by_role("link", name="Duyệt", exact=True).first.click()
    page.get_by_label("Ý kiến").first.fill("Nhất trí trình Thủ trưởng ký.")
    shoot(page, "story-2-endorse")
    page.get_by_role("dialog").get_by_role("button", name="Duyệt").click()
    expect(page.get_by_text("Chờ ký").first).to_be_visible()
    assert queries.get(document_id).status == "endorsed"


def _sign(page: Page, document_id: int) -> None:
    """The head sees the very page and signs it with his PIN."""
    page.goto(f"/documents/{document_id}/sign")
    page.get_by_label("Mã PIN của khóa ký", exact=True).fill(paper.PIN)
    shoot(page, "story-3-sign")
    page.get_by_role("button", name="Ký", exact=True).click()
    page.wait_for_url(lambda address: not address.endswith("/sign"))
    assert queries.get(document_id).status == "signed"
    shoot(page, "story-3-signed")


def _number(page: Page, document_id: int) -> None:
    """The clerk gives the number."""
    page.goto("/")
    page.get_by_role("link", name=SUBJECT).first.click()
    page.get_by_role("button", name="Cấp số").first.click()
    expect(page.get_by_text("01/TCZ-KH").first).to_be_visible()
    shoot(page, "story-4-number")


def _seal(page: Page, document_id: int) -> None:
    """The keeper of the seal seals it, and it leaves."""
    page.goto(f"/documents/{document_id}")
    page.get_by_role("link", name="Đóng dấu, phát hành").first.click()
    shoot(page, "story-5-seal")
    page.get_by_role("dialog").get_by_role("button", name="Đóng dấu, phát hành").click()
    expect(page.get_by_role("status")).to_contain_text("Đã đóng dấu và phát hành 01/TCZ-KH")
    assert queries.get(document_id).status == "issued"


def _register(page: Page) -> int:
    """The recipient's clerk finds it first on the desk and enters it in the book with one key."""
    page.goto("/")
    link = page.get_by_role("link", name=SUBJECT).first
    expect(link).to_be_visible()
    shoot(page, "story-6-desk")
    link.click()
    expect(page.get_by_role("button", name="Vào sổ").first).to_be_visible()
    document_id = int(page.url.split("?")[0].rstrip("/").split("/")[-1])
    page.keyboard.press("e")
    expect(page.get_by_role("status")).to_contain_text("vào sổ")
    shoot(page, "story-6-registered")
    return document_id


def _direct(page: Page, document_id: int) -> None:
    """The recipient's head directs: who leads, until when."""
    page.goto("/")
    page.get_by_role("link", name=SUBJECT).first.click()
    page.get_by_label("Ý kiến chỉ đạo").last.fill("Ban Nghiên cứu chủ trì, tổng hợp số liệu.")
    page.get_by_label("Vai trò của Ban Nghiên cứu").select_option("lead")
    day = datetime.now(UTC) + timedelta(days=5)
    page.get_by_label("Thời hạn của Ban Nghiên cứu").fill(f"{day:%d%m%Y}")
    shoot(page, "story-7-direct", whole=True)
    page.get_by_role("button", name="Giao việc").click()
    expect(page.locator("blockquote")).to_contain_text("Ban Nghiên cứu chủ trì")


def _work(page: Page, document_id: int) -> None:
    """Who was given the work says how far it is, then hands it in."""
    page.goto("/tasks")
    page.get_by_role("link", name=SUBJECT).first.click()
    page.get_by_role("button", name="Khác").click()
    page.get_by_role("link", name="Báo cáo tiến độ").click()
    page.get_by_label("Đã làm được gì").fill("Đã thu thập số liệu của ba bộ phận.")
    page.get_by_label("Phần đã xong (%)").fill("60")
    page.get_by_role("button", name="Báo cáo tiến độ").click()
    expect(page.get_by_text("60 %").first).to_be_visible()
    shoot(page, "story-8-report", whole=True)
    page.get_by_role("link", name="Nộp kết quả").click()
    page.get_by_label("Kết quả (không bắt buộc)", exact=True).fill("Đã tổng hợp, gửi kèm.")
    page.get_by_role("button", name="Nộp kết quả").click()
    expect(page.get_by_role("status")).to_contain_text("Đã nộp kết quả")


def _accept(page: Page, document_id: int) -> None:
    """The head accepts; the document is done."""
    page.goto(f"/documents/{document_id}")
    page.get_by_role("button", name="Nghiệm thu").click()
    expect(page.get_by_role("status")).to_contain_text("Đã nghiệm thu")
    shoot(page, "story-9-accepted", whole=True)
    assert queries.get(document_id).status == "completed"


def _follow(page: Page, document_id: int) -> None:
    """The sender sees every step of it on the board."""
    page.goto(f"/documents/{document_id}")
    page.get_by_role("link", name="Bảng gửi nhận").first.click()
    row = page.locator("tr", has_text="Trung tâm B1")
    expect(row).to_contain_text("Đã hoàn thành")
    shoot(page, "story-10-board")
