"""Documents as people see and work them: lists with their pane, the page of one, signing, the board, the books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from antin.documents import queries
from antin.documents.models import Document
from antin.journeys import direct_document, receive_document
from antin.keys import operations as keys
from antin.outbox import operations as outbox
from antin.tasks.operations import Share
from antin.tasks.states import Role
from antin.workdays.queries import local_date
from tests import given, paper
from tests.browser.conftest import LOOKS, accessible, shoot
from tests.cast import Cast, forty

pytestmark = pytest.mark.django_db(transaction=True)

Seated = Callable[..., Page]
SUBJECTS = (
    "Báo cáo kết quả gửi, nhận văn bản điện tử có ký số quý IV năm 2026",
    "Hướng dẫn ghi chép sổ quản lý vật tư năm 2027",
    "Công điện về trực bảo đảm thông tin liên lạc dịp nghỉ lễ 24/11",
)


@pytest.fixture
def lively(cast: Cast) -> Cast:
    """Letters sealed and sent for real, some of them received, one of them directed; drafts at every stage."""
    now = datetime.now(UTC)
    today = local_date(now)
    paper.give_keys(cast, now - timedelta(days=1))
    keys.publish_revocation_list(actor=None, at=now - timedelta(minutes=30))
    agencies = forty(cast, count=5)
    everybody = [cast.recipient_id, *given.recipients_of(agencies)]
    for n, subject in enumerate(SUBJECTS):
        code = ("CV", "HD", "CĐ")[n]
        at = now - timedelta(hours=4 - n)
        paper.an_issued_page(cast, at, recipients=everybody, subject=subject, urgency=(1, 0, 3)[n], type_code=code)
    outbox.keep_due(at=now)
    for n, agency in enumerate(agencies[:3]):
        actor = agency.clerk.actor()
        [first, *_] = [each for each in queries.list_waiting(actor) if each.subject == SUBJECTS[0]]
        if n == 0:
            receive_document.send_back(
                document_id=first.pk, reason="not_competent", words="Đề nghị gửi Cục A5", actor=actor, at=now
            )
        else:
            receive_document.register(document_id=first.pk, actor=actor, today=today, at=now)
    clerk = cast.recipient_clerk.actor()
    [first, *_] = [each for each in queries.list_waiting(clerk) if each.subject == SUBJECTS[0]]
    receive_document.register(document_id=first.pk, actor=clerk, today=today, at=now)
    direct_document.direct(
        document_id=first.pk,
        words="Ban Nghiệp vụ chủ trì; Ban Nghiên cứu phối hợp. Nêu rõ nguyên nhân chưa ký số.",
        shares=[
            Share(Role.LEAD, unit_id=cast.recipient_works_id, due_at=now + timedelta(days=3)),
            Share(Role.JOIN, unit_id=cast.recipient_study_id),
        ],
        actor=cast.recipient_head.actor(),
        at=now,
    )
    given.a_submitted_draft(cast, now, subject="Đề nghị báo cáo số liệu trang bị máy tính", urgency=1)
    paper.a_page_to_sign(cast, now, subject="Kiểm tra công tác văn thư quý IV", recipients=everybody)
    paper.a_page_to_sign(cast, now, subject="Mời họp giao ban tháng 12", type_code="GM")
    paper.a_signed_page(cast, now, subject="Cử cán bộ tập huấn ký số")
    return cast


def open_first(page: Page, address: str) -> Page:
    """Open the first document of a list by the keyboard."""
    page.goto(address)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#document-title")).to_be_visible()
    page.wait_for_load_state("load")
    return page


def arrived(cast: Cast, subject: str) -> Document:
    found = queries.list_documents(actor=cast.recipient_clerk.actor(), box="in").rows
    [document] = [each for each in found if each.subject == subject]
    return document


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_every_page_of_documents_looks_right_and_is_accessible(
    lively: Cast, seated: Seated, size: str, theme: str
) -> None:
    document = arrived(lively, SUBJECTS[0])
    sent = queries.list_documents(actor=lively.clerk.actor(), box="out").rows[-1]
    to_sign = queries.list_waiting(lively.head.actor())[0]
    visits = (
        ("vanthu.b1", "/incoming", "incoming"),
        ("giamdoc.b1", f"/incoming/{document.pk}", "document"),
        ("vanthu.b1", "/incoming?words=khong+co", "incoming-none"),
        ("vanthu", "/outgoing", "outgoing"),
        ("vanthu", f"/outgoing/{sent.pk}/board", "board"),
        ("vanthu", f"/outgoing/{sent.pk}", "sent"),
        ("vanthu", "/registers?book=out", "register"),
        ("vanthu", "/registers/proof", "proof"),
        ("thutruong", f"/documents/{to_sign.pk}/sign", "sign"),
        ("truongkehoach", "/drafts", "drafts"),
        ("kehoach", "/search?q=bao+cao", "search"),
    )
    windows: dict[str, Page] = {}
    for user, address, name in visits:
        page = windows.get(user) or windows.setdefault(user, seated(user, size, theme, first=""))
        page.goto(address)
        page.wait_for_load_state("load")
        shoot(page, f"{name}-{size}-{theme}")
        assert (name, accessible(page)) == (name, [])


def test_a_clerk_enters_one_arrival_after_another_with_one_key(lively: Cast, seated: Seated) -> None:
    page = open_first(seated("vanthu.b1"), "/incoming?mine=1")
    expect(page.locator("#document-title")).to_have_text(SUBJECTS[2])
    page.keyboard.press("e")
    expect(page.get_by_text("Đã vào sổ, số đến 2, trình Giám đốc.")).to_be_visible()
    expect(page.locator("#document-title")).to_have_text(SUBJECTS[1])
    page.keyboard.press("e")
    expect(page.get_by_text("Đã vào sổ, số đến 3, trình Giám đốc.")).to_be_visible()


def test_the_key_acts_on_the_row_one_stands_on_and_not_on_the_page_beside_it(lively: Cast, seated: Seated) -> None:
    page = open_first(seated("vanthu.b1"), "/incoming?mine=1")
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.get_by_text("Đã vào sổ, số đến 2, trình Giám đốc.")).to_be_visible()
    assert arrived(lively, SUBJECTS[2]).status == "arrived"
    assert arrived(lively, SUBJECTS[1]).arrival_number == 2


def test_the_head_of_a_division_endorses_from_the_keyboard(lively: Cast, seated: Seated) -> None:
    page = open_first(seated("truongkehoach"), "/drafts?mine=1")
    page.keyboard.press("e")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("Nhất trí, trình ký")
    shoot(page, "endorse-1366-light")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã duyệt, chuyển Nguyễn Văn An ký.")).to_be_visible()


def test_the_head_signs_exactly_what_he_sees(lively: Cast, seated: Seated) -> None:
    page = open_first(seated("thutruong"), "/drafts?mine=1")
    page.keyboard.press("e")
    expect(page.locator("svg.place")).to_be_visible()
    image = page.locator(".page > img").first
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") >= 600
    place, whole = page.locator("svg.place rect").bounding_box(), image.bounding_box()
    assert place and whole
    assert place["x"] > whole["x"] + whole["width"] / 2 and place["x"] + place["width"] < whole["x"] + whole["width"]
    page.get_by_label("Mã PIN của khóa ký").fill("111222")
    page.get_by_role("button", name="Ký", exact=True).click()
    expect(page.get_by_text("Mã PIN không đúng. Còn 4 lần thử")).to_be_visible()
    page.get_by_label("Mã PIN của khóa ký").fill(paper.PIN)
    page.get_by_role("button", name="Ký", exact=True).click()
    expect(page.get_by_text("chuyển văn thư cấp số.")).to_be_visible()
    expect(page.locator("#document-title")).to_have_text("Mời họp giao ban tháng 12")


def test_the_keeper_of_the_seal_issues_after_one_question(lively: Cast, seated: Seated) -> None:
    page = open_first(seated("giudau"), "/drafts?mine=1")
    page.keyboard.press("e")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Văn bản rời cơ quan ngay, tới 1 nơi nhận:")
    question.get_by_role("button", name="Giữ nguyên").click()
    expect(question).to_be_hidden()
    page.keyboard.press("e")
    question.get_by_role("button", name="Cấp số, đóng dấu, phát hành").click()
    expect(page.get_by_text("đóng dấu và phát hành.")).to_be_visible()
    expect(page.get_by_text("giá trị như bản gốc giấy")).to_be_visible()


def test_the_pane_changes_without_leaving_the_list_and_back_returns(lively: Cast, seated: Seated) -> None:
    page = seated("vanthu.b1")
    page.goto("/incoming")
    rows = page.locator(".doc-row a.title")
    rows.nth(0).click()
    expect(page.locator("#document-title")).to_have_text(SUBJECTS[2])
    first = page.url
    rows.nth(1).click()
    expect(page.locator("#document-title")).to_have_text(SUBJECTS[1])
    expect(page).to_have_title("01/HD-TCZ · An Tín")
    page.go_back()
    expect(page.locator("#document-title")).to_have_text(SUBJECTS[2])
    assert page.url == first


def test_zoom_makes_the_page_larger_and_sharper(lively: Cast, seated: Seated) -> None:
    page = seated("giamdoc.b1")
    page.goto(f"/documents/{arrived(lively, SUBJECTS[0]).pk}")
    image = page.locator(".page > img").first
    before = image.bounding_box()
    page.get_by_role("button", name="Lớn hơn").click()
    page.get_by_role("button", name="Lớn hơn").click()
    sharper = (
        "async image => { while (!image.currentSrc.includes('w=2000')) await new Promise(requestAnimationFrame); }"
    )
    image.evaluate(sharper)
    after = image.bounding_box()
    assert before and after and after["width"] > 1.8 * before["width"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_everything_works_without_scripts(lively: Cast, seated: Seated) -> None:
    page = seated("truongkehoach", java_script_enabled=False)
    page.goto("/drafts")
    page.get_by_role("link", name="Đề nghị báo cáo số liệu trang bị máy tính").click()
    page.get_by_role("link", name="Duyệt").click()
    page.get_by_role("button", name="Duyệt").click()
    expect(page.get_by_text("Đã duyệt, chuyển Nguyễn Văn An ký.")).to_be_visible()
    page.get_by_label("Tìm văn bản").fill("trang bi may tinh")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(
        "Văn bản có “trang bi may tinh”"
    )  # no index is built here: the lists' words answer
