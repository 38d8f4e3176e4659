"""An empty node is filled from the screen by its first administrator, until a letter is signed, sealed, sent and received."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from antin.documents.models import Document
from antin.people import queries as people
from tests import paper
from tests.browser.conftest import accessible, shoot, sign_in
from tests.browser.test_story import keep_promises
from tests.cast import OPENED, PASSWORD, Cast

Window = Callable[..., Page]


@pytest.fixture
def empty_node(transactional_db: None, own_state: Path) -> Path:
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
    (own_state / "setup-token").write_text("bi-mat\n")
    return own_state


def see(page: Page, name: str) -> None:
    """Keep a picture, and hold the page to what axe asks."""
    shoot(page, f"administration-{name}", whole=True)
    assert accessible(page) == []


def fill(page: Page, **typed: str) -> None:
    for name, value in typed.items():
        field = page.locator(f"form.question [name={name}]")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def press(page: Page, words: str) -> None:
    page.locator("form.question").get_by_role("button", name=words, exact=True).click()


def found_the_node(page: Page) -> None:
    page.goto("/setup?token=bi-mat")
    asked = {
        "name": "Tổng cục X",
        "short_name": "Tổng cục X",
        "abbreviation": "TCX",
        "code": "G12.34",
        "place_name": "Hà Nội",
        "administrator": "Trần Quốc Bảo",
        "user_name": "bao",
        "password": PASSWORD,
    }
    for name, value in asked.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=kind]").select_option("general_department")
    page.get_by_role("button", name="Lập hệ thống").click()
    page.wait_for_url("**/administration")


def open_unit(page: Page, parent: str, *, name: str, short: str, abbreviation: str, kind: str, code: str = "") -> None:
    page.goto("/administration/units")
    page.get_by_role("link", name=parent, exact=True).click()
    page.get_by_role("link", name="Thêm đơn vị trực thuộc").click()
    fill(page, name=name, short_name=short, abbreviation=abbreviation, kind=kind, code=code)
    press(page, "Lập đơn vị")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def seat(page: Page, unit: str, *, title: str, role: str, name: str, user_name: str, seal: bool = False) -> str:
    """Open a post and put somebody new into it; the password that was shown once."""
    page.goto("/administration/units")
    page.get_by_role("link", name=unit, exact=True).click()
    page.get_by_role("link", name="Thêm chức vụ", exact=True).click()
    fill(page, title=title, role=role)
    if seal:
        page.get_by_label("Giữ con dấu").check()
    press(page, "Thêm chức vụ")
    page.get_by_role("link", name="Bổ nhiệm", exact=True).click()
    page.get_by_role("link", name="Thêm người mới vào chức vụ này").click()
    fill(page, name=name, user_name=user_name)
    press(page, "Thêm và bổ nhiệm")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Đã thêm {name}")
    password = page.locator("dd").nth(1).inner_text()
    page.get_by_role("link", name="Đã giao, đóng trang").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return password


def certify_person(page: Page, name: str) -> str:
    page.goto("/administration/people")
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("link", name="Cấp mới chứng thư số").click()
    press(page, "Cấp mới chứng thư số")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Đã cấp chứng thư số cho {name}")
    return page.locator("dd").nth(1).inner_text()


def certify_agency(page: Page, unit: str) -> None:
    page.goto("/administration/units")
    page.get_by_role("link", name=unit, exact=True).click()
    page.locator("#seal").get_by_role("link", name="Cấp mới chứng thư số").click()
    press(page, "Cấp mới chứng thư số")
    expect(page.locator("#seal")).to_contain_text("Có hiệu lực")


def test_an_empty_node_is_filled_from_the_screen_until_a_letter_is_sent_and_received(
    empty_node: Path, window: Window
) -> None:
    page = window()
    found_the_node(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("1 cơ quan chưa đủ để gửi, nhận văn bản")
    see(page, "1-first-day")

    page.get_by_role("link", name="Lập cơ quan chứng thực").click()
    page.get_by_role("link", name="Lập cơ quan chứng thực").click()
    press(page, "Lập cơ quan chứng thực")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cơ quan chứng thực nội bộ")
    see(page, "2-authority")

    open_unit(page, "Tổng cục X", name="Phòng Kế hoạch", short="Kế hoạch", abbreviation="KH", kind="division")
    open_unit(
        page,
        "Tổng cục X",
        name="Trung tâm B1",
        short="Trung tâm B1",
        abbreviation="B1",
        kind="centre",
        code="G12.34.01",
    )
    see(page, "3-new-agency")
    top, centre = "Tổng cục X", "Trung tâm B1"
    passwords = {
        "thutruong": seat(page, top, title="Tổng cục trưởng", role="head", name="Nguyễn Văn An", user_name="thutruong"),
        "vanthu": seat(page, top, title="Văn thư", role="clerk", name="Phạm Thu Dung", user_name="vanthu", seal=True),
        "giamdoc.b1": seat(page, centre, title="Giám đốc", role="head", name="Vũ Trọng Khánh", user_name="giamdoc.b1"),
        "vanthu.b1": seat(
            page, centre, title="Văn thư", role="clerk", name="Mai Thị Linh", user_name="vanthu.b1", seal=True
        ),
        "kehoach": seat(
            page, "Phòng Kế hoạch", title="Trợ lý", role="officer", name="Bùi Ngọc Giang", user_name="kehoach"
        ),
    }
    see(page, "4-person")
    pins = [certify_person(page, name) for name in ("Nguyễn Văn An", "Vũ Trọng Khánh")]
    assert [pin for pin in pins if not re.fullmatch(r"\d{8}", pin)] == []
    see(page, "5-pin-handed-out")
    certify_agency(page, top)
    certify_agency(page, centre)
    see(page, "6-agency")
    page.goto("/administration")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mọi cơ quan đã đủ để gửi, nhận văn bản")
    see(page, "7-ready")

    document_id = draft(first_sign_in(window(), "kehoach", passwords))
    keep_promises()  # the page is fixed
    head = first_sign_in(window(), "thutruong", passwords)
    change_pin(head, pins[0], "975310")
    head.goto(f"/documents/{document_id}/sign")
    head.get_by_label("Mã PIN của khóa ký", exact=True).fill("975310")
    head.get_by_role("button", name="Ký", exact=True).click()
    head.wait_for_url(lambda address: not address.endswith("/sign"))
    clerk = first_sign_in(window(), "vanthu", passwords)
    clerk.goto(f"/documents/{document_id}")
    clerk.get_by_role("link", name="Cấp số, đóng dấu, phát hành").first.click()
    clerk.get_by_role("dialog").get_by_role("button", name="Cấp số, đóng dấu, phát hành").click()
    expect(clerk.get_by_role("status")).to_contain_text("01/TCX-KH")
    keep_promises()  # it is delivered
    other = first_sign_in(window(), "vanthu.b1", passwords)
    other.get_by_role("link", name="Thư đầu tiên").first.click()
    other.get_by_role("button", name="Vào sổ").first.click()
    expect(other.get_by_role("status")).to_contain_text("vào sổ")
    shoot(other, "administration-8-received")
    arrived = Document.objects.get(agency__name=centre)
    assert (arrived.status, arrived.arrival_number) == ("registered", 1)


def change_pin(page: Page, old: str, new: str) -> None:
    """A PIN the administrator set opens nothing until its holder has put his own in its place."""
    page.goto("/me")
    page.get_by_role("link", name="Đổi mã PIN").click()
    dialog = page.get_by_role("dialog", name="Đổi mã PIN")
    dialog.get_by_label("Mã PIN đang dùng").fill(old)
    dialog.get_by_label("Mã PIN mới", exact=True).fill(new)
    dialog.get_by_label("Nhập lại mã PIN mới").fill(new)
    dialog.get_by_role("button", name="Đổi mã PIN").click()
    expect(page.get_by_role("status")).to_contain_text("Đã đổi mã PIN.")


def first_sign_in(page: Page, user_name: str, passwords: dict[str, str]) -> Page:
    """Whoever was given a password chooses one of his own before anything else."""
    sign_in(page, user_name, passwords[user_name])
    page.goto("/drafts")
    expect(page.get_by_text("Mật khẩu này do quản trị đặt.")).to_be_visible()
    page.get_by_label("Mật khẩu đang dùng", exact=True).fill(passwords[user_name])
    for label in ("Mật khẩu mới", "Nhập lại mật khẩu mới"):
        page.get_by_label(label, exact=True).fill("Một mật khẩu của riêng mình")
    page.get_by_role("button", name="Đổi mật khẩu").click()
    expect(page.get_by_text("Đã đổi mật khẩu.")).to_be_visible()
    page.goto("/")
    return page


def draft(page: Page) -> int:
    """The officer drafts the first letter of the node and hands it on; nobody heads his division yet, so it goes to the signer."""
    page.goto("/drafts/new")
    page.get_by_label("Trích yếu").fill("Thư đầu tiên")
    page.wait_for_url("**/drafts/*/edit")
    document_id = int(page.url.split("/")[-2])
    page.get_by_label("Kính gửi").fill("trung tam")
    page.get_by_role("option", name="Trung tâm B1").click()
    page.keyboard.press("Escape")
    page.get_by_label("Nội dung văn bản").fill("Đề nghị báo cáo kết quả.\nTrân trọng.")
    page.get_by_label("TỔNG CỤC TRƯỞNG Nguyễn Văn An").check()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("button", name="Trình")).to_be_enabled()
    page.get_by_role("button", name="Trình").click()
    page.wait_for_url("**/documents/*")
    return document_id


@pytest.mark.parametrize("size", ["1366", "390"])
def test_the_pages_of_administration_look_and_read_well(seated: Window, cast: Cast, size: str) -> None:
    page = seated("quantri", size)
    unit, person, post = cast.agency_id, cast.head.person_id, cast.clerk.post_id
    for name, address in {
        "overview": "",
        "units": "/units",
        "unit": f"/units/{unit}",
        "unit-open": f"/units/{unit}/open",
        "post": f"/posts/{post}",
        "appoint": f"/posts/{post}/appoint?words=van",
        "people": "/people",
        "person": f"/people/{person}",
        "delegate": f"/units/{unit}/delegate",
        "authority": "/authority",
        "calendar": "/calendar?year=2026",
    }.items():
        page.goto(f"/administration{address}")
        see(page, f"{name}-{size}")


def test_an_account_is_locked_in_a_dialog_over_its_page(seated: Window, cast: Cast) -> None:
    page = seated("quantri")
    page.goto(f"/administration/people/{cast.plan_officer.person_id}")
    page.get_by_role("button", name="Tài khoản", exact=True).click()
    page.get_by_role("link", name="Khóa tài khoản").click()
    dialog = page.get_by_role("dialog", name="Khóa tài khoản của Bùi Ngọc Giang")
    expect(dialog).to_be_visible()
    see(page, "lock-1366")
    dialog.get_by_label("Căn cứ").fill("Mất thẻ, theo báo cáo 12/BC-KH")
    dialog.get_by_role("button", name="Khóa tài khoản").click()
    expect(page.get_by_role("status")).to_contain_text("Đã khóa tài khoản của Bùi Ngọc Giang.")
    assert people.get_person(cast.plan_officer.person_id).status == "locked"


@pytest.mark.parametrize("size", ["1366", "390"])
def test_ones_own_account(seated: Window, cast: Cast, own_state: Path, size: str) -> None:
    paper.give_keys(cast, OPENED + timedelta(days=1))
    seated("thutruong")
    page = seated("thutruong", size)
    page.goto("/me")
    see(page, f"account-{size}")
    page.get_by_role("link", name="Tạo khóa truy cập").click()
    fill(page, name="Máy quét")
    press(page, "Tạo khóa")
    expect(page.locator("dd").nth(1)).to_contain_text("antin_")
    see(page, f"token-{size}")
    page.get_by_role("link", name="Đã giao, đóng trang").click()
    page.get_by_role("link", name="Đổi mã PIN").click()
    dialog = page.get_by_role("dialog", name="Đổi mã PIN")
    dialog.get_by_label("Mã PIN đang dùng").fill(paper.PIN)
    dialog.get_by_label("Mã PIN mới", exact=True).fill("135799")
    dialog.get_by_label("Nhập lại mã PIN mới").fill("135799")
    see(page, f"pin-{size}")
    dialog.get_by_role("button", name="Đổi mã PIN").click()
    expect(page.get_by_role("status")).to_contain_text("Đã đổi mã PIN.")
    page.get_by_role("button", name="Kết thúc các phiên khác").click()
    expect(page.get_by_text("Không có phiên nào khác đang mở.")).to_be_visible()
