"""A security key in a real browser: registered, shown at sign-in, shown again before what matters; and how these pages look."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from antin.people import one_time, operations, queries
from antin.people.sittings import SessionStore
from tests.browser.conftest import accessible, shoot, sign_in
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "Công điện hỏa tốc phải vào sổ ngay, văn thư đi viện"


def plug_in(page: Page) -> None:
    """Put a security key into this browser: Chromium's own, for tests of the web (W3C WebAuthn, section 11)."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    line.send("WebAuthn.addVirtualAuthenticator", {"options": key})


def begin_sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill("vanthu")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/sign-in/second")


def test_a_security_key_is_registered_and_shown(cast: Cast, window: Callable[..., Page]) -> None:
    page = sign_in(window(), "vanthu")
    plug_in(page)
    page.goto("/me/factors/key")
    page.get_by_label("Tên gọi").fill("khóa USB ở bàn")
    shoot(page, "factor-key-1366-light")
    assert accessible(page) == []
    page.get_by_role("button", name="Thêm khóa").click()
    expect(page.get_by_text("Từ nay đăng nhập cần thêm khóa bảo mật này.")).to_be_visible()
    expect(page.get_by_text("khóa USB ở bàn", exact=False).first).to_be_visible()
    page.context.clear_cookies()
    begin_sign_in(page)
    page.get_by_role("button", name="Dùng khóa bảo mật").click()
    page.wait_for_url(re.compile(r"/$"))
    [session_key] = [each["value"] for each in page.context.cookies() if each["name"] == "antin"]
    session = SessionStore(session_key)
    session["proved_at"] -= 3600
    session.save()
    page.goto("/me/tokens/create")
    expect(page.get_by_role("heading", name="Xác nhận là đồng chí")).to_be_visible()
    shoot(page, "prove-1366-light")
    page.get_by_role("button", name="Dùng khóa bảo mật").click()
    expect(page.get_by_role("heading", name="Tạo khóa truy cập cho máy")).to_be_visible()
    [factor] = queries.list_factors(cast.clerk.person_id)
    assert (factor.kind, factor.counter > 1) == ("key", True)


def test_a_browser_without_the_key_says_so(cast: Cast, window: Callable[..., Page]) -> None:
    page = sign_in(window(), "vanthu")
    plug_in(page)
    page.goto("/me/factors/key")
    page.get_by_role("button", name="Thêm khóa").click()
    expect(page.get_by_text("Từ nay đăng nhập cần thêm khóa bảo mật này.")).to_be_visible()
    other = window()
    plug_in(other)
    begin_sign_in(other)
    other.get_by_role("button", name="Dùng khóa bảo mật").click()
    expect(other.get_by_text("Trình duyệt không dùng được khóa bảo mật")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize(("size", "theme"), [("1366", "light"), ("390", "dark")])
def test_these_pages_look_and_read_well(cast: Cast, window: Callable[..., Page], size: str, theme: str) -> None:
    at = timezone.now() - timedelta(minutes=5)
    member = cast.clerk
    operations.open_emergency(
        post_id=cast.technique_officer.post_id, reason=REASON, review_by=at.date(), actor=member.actor(), at=at
    )
    page = sign_in(window(size, theme), "vanthu")
    page.goto("/me/factors/app")
    page.get_by_label("Tên gọi").fill("điện thoại cá nhân")
    page.get_by_role("button", name="Tiếp tục").click()
    shoot(page, f"factor-app-{size}-{theme}", whole=True)
    assert accessible(page) == []
    letters = page.locator("p.digest").inner_text()
    secret = base64.b32decode(letters.replace(" ", ""))
    page.get_by_label("Mã 6 chữ số đang hiện").fill(one_time.code_at(secret, timezone.now()))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Từ nay đăng nhập cần thêm mã của ứng dụng này.")).to_be_visible()
    page.goto("/me")
    shoot(page, f"me-{size}-{theme}", whole=True)
    assert accessible(page) == []
    page.goto("/emergencies")
    expect(page.get_by_text(REASON)).to_be_visible()
    shoot(page, f"emergencies-{size}-{theme}")
    assert accessible(page) == []
    page.goto("/emergencies/open")
    shoot(page, f"emergency-open-{size}-{theme}")
    assert accessible(page) == []
    page.context.clear_cookies()
    begin_sign_in(page)
    shoot(page, f"second-{size}-{theme}")
    assert accessible(page) == []
