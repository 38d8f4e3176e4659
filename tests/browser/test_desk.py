"""The desk of each post, the directive form and the tree of work, as people see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from antin.documents import queries
from antin.journeys import direct_document
from antin.tasks.operations import Share
from antin.tasks.states import Role
from tests import given
from tests.browser.conftest import accessible, shoot
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

SUBJECTS = [
    "Báo cáo kết quả gửi, nhận văn bản điện tử có ký số quý IV năm 2026",
    "Đề nghị phối hợp khảo sát đường truyền phục vụ trung tâm dữ liệu",
    "Kế hoạch huấn luyện tin học văn phòng năm 2027",
    "Hướng dẫn ghi chép sổ quản lý vật tư năm 2027",
    "Lập dự toán ứng dụng công nghệ thông tin năm 2027",
    "Thông báo kết luận hội nghị chuyển đổi số",
]


@pytest.fixture
def lively(cast: Cast) -> Cast:
    """Work of every kind, a little of it late."""
    now = datetime.now(UTC)
    for n, subject in enumerate(SUBJECTS):
        moment = now - timedelta(hours=30 * n)
        given.an_arrival(
            cast,
            moment,
            key=f"a{n}",
            subject=subject,
            code=f"{n + 40}/TCZ-KH",
            identifier="",
            urgency=3 if n == 0 else 0,
        )
    for n, subject in enumerate(SUBJECTS[:3]):
        document = given.a_registered_document(
            cast, now - timedelta(days=n), key=f"r{n}", subject=subject, code=f"{n + 80}/TCZ-KH", identifier=""
        )
        if n:
            shares = [
                Share(Role.LEAD, unit_id=cast.recipient_works_id, due_at=now + timedelta(days=2 * n)),
                Share(Role.JOIN, unit_id=cast.recipient_study_id),
            ]
            direct_document.direct(
                document_id=document.pk,
                words="Ban Nghiệp vụ chủ trì, tổng hợp đủ số liệu, trình tôi trước 16:00.",
                shares=shares,
                actor=cast.recipient_head.actor(),
                at=now,
            )
    for stage in (given.a_draft, given.a_submitted_draft, given.an_endorsed_document, given.a_signed_document):
        stage(cast, now, subject=SUBJECTS[4])
    return cast


@pytest.mark.parametrize(
    ("user", "heading"),
    [
        ("vanthu.b1", "việc"),
        ("giamdoc.b1", "việc"),
        ("truongnghiepvu.b1", "việc"),
        ("kehoach", "việc"),
        ("thutruong", "việc"),
    ],
)
def test_the_desk_says_what_to_do(lively: Cast, seated: Callable[..., Page], user: str, heading: str) -> None:
    page = seated(user)
    page.goto("/")
    expect(page.locator("h1")).to_contain_text(heading)
    shoot(page, f"desk-{user}-1366-light")
    assert accessible(page) == []


def test_the_desk_on_a_phone_and_in_the_dark(lively: Cast, seated: Callable[..., Page]) -> None:
    page = seated("vanthu.b1", "390", "dark")
    page.goto("/")
    shoot(page, "desk-vanthu.b1-390-dark")
    assert accessible(page) == []


def test_an_empty_desk_says_so(cast: Cast, seated: Callable[..., Page]) -> None:
    page = seated("kythuat")
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Bàn trống, không còn việc chờ")


def test_a_leader_directs_and_the_work_comes_back(lively: Cast, seated: Callable[..., Page]) -> None:
    [waiting, *_] = queries.list_waiting(lively.recipient_head.actor())
    page = seated("giamdoc.b1")
    page.goto(f"/documents/{waiting.pk}")
    page.get_by_label("Ý kiến chỉ đạo").last.fill("Ban Nghiên cứu chủ trì.")
    page.get_by_label("Vai trò của Ban Nghiên cứu").select_option("lead")
    day = datetime.now(UTC) + timedelta(days=5)
    page.get_by_label("Thời hạn của Ban Nghiên cứu").fill(f"{day:%d%m%Y}")
    shoot(page, "direct-1366-light", whole=True)
    assert accessible(page) == []
    page.get_by_role("button", name="Giao việc").click()
    expect(page.locator("blockquote")).to_contain_text("Ban Nghiên cứu chủ trì.")

    worker = seated("truongnghiencuu.b1")
    worker.goto("/tasks")
    shoot(worker, "tasks-1366-light")
    worker.get_by_role("link", name=waiting.subject).first.click()
    worker.get_by_role("link", name="Nộp kết quả").click()
    worker.get_by_label("Kết quả (không bắt buộc)", exact=True).fill("Đã tổng hợp, gửi kèm.")
    shoot(worker, "work-1366-light", whole=True)
    worker.get_by_role("button", name="Nộp kết quả").click()
    expect(worker.get_by_role("status")).to_contain_text("Đã nộp kết quả")

    page.goto("/?kind=judge")
    page.get_by_role("link", name=waiting.subject).first.click()
    page.get_by_role("button", name="Nghiệm thu").click()
    expect(page.get_by_role("status")).to_contain_text("Đã nghiệm thu")
    assert queries.get(waiting.pk).status == "completed"


def arrive(cast: Cast, count: int) -> list[int]:
    """Valid arrivals of the recipient, the most urgent first."""
    now = datetime.now(UTC)
    return [
        given.an_arrival(
            cast, now, key=f"k{n}", subject=SUBJECTS[n], code=f"{n + 1}/TCZ-VT", identifier="", urgency=3 - n
        ).pk
        for n in range(count)
    ]


def test_one_key_registers_from_the_desk_the_row_the_pane_and_the_page(cast: Cast, seated: Callable[..., Page]) -> None:
    first, second, third, fourth = arrive(cast, 4)
    page = seated("vanthu.b1")
    page.goto("/")
    page.keyboard.press("e")
    expect(page.get_by_role("status")).to_contain_text("Đã vào sổ, số đến 1")
    expect(page).to_have_url(re.compile(r"/$"))
    assert [queries.get(each).status for each in (first, second)] == ["registered", "arrived"]

    page.goto(f"/documents/{second}")
    page.keyboard.press("e")
    expect(page.get_by_role("status")).to_contain_text("Đã vào sổ, số đến 2")
    assert queries.get(second).status == "registered"

    page.goto("/incoming?mine=1")
    page.get_by_role("link", name=SUBJECTS[2]).click()
    expect(page.locator("#document-title")).to_have_text(SUBJECTS[2])
    page.keyboard.press("e")
    expect(page.get_by_role("status")).to_contain_text("Đã vào sổ, số đến 3")
    assert queries.get(third).status == "registered"

    page.goto("/incoming?mine=1")
    page.keyboard.press("e")  # nothing is chosen yet: it chooses the first
    page.keyboard.press("e")
    expect(page.get_by_role("status")).to_contain_text("Đã vào sổ, số đến 4")
    assert queries.get(fourth).status == "registered"


def test_a_key_never_sends_a_form_that_nobody_sees(lively: Cast, seated: Callable[..., Page]) -> None:
    """The main act of one who was given work asks first: the key opens the question, and nothing is done by it."""
    page = seated("truongnghiepvu.b1")
    page.goto("/tasks")
    page.locator("a.title").first.click()
    page.wait_for_url("**/tasks/*")
    page.keyboard.press("e")
    expect(page.get_by_role("dialog").get_by_role("button", name="Nhận việc")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="Nhận việc")).to_be_visible()
