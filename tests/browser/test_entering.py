"""Sign-in, theme and language, as a person does them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, accessible, shoot
from tests.cast import PASSWORD, Cast

Window = Callable[..., Page]


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_the_door_looks_and_reads_well(cast: Cast, window: Window, size: str, theme: str) -> None:
    page = window(size, theme)
    page.goto("/sign-in")
    shoot(page, f"sign-in-{size}-{theme}")
    assert accessible(page) == []


def test_signing_in_takes_only_the_keyboard(cast: Cast, window: Window) -> None:
    page = window()
    page.goto("/me")
    expect(page.get_by_text("Đăng nhập để mở trang này.")).to_be_visible()
    expect(page.get_by_label("Tên đăng nhập")).to_be_focused()
    page.keyboard.type("vanthu")
    page.keyboard.press("Tab")
    page.keyboard.type("sai")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Tên đăng nhập hoặc mật khẩu không đúng.")
    shoot(page, "sign-in-refused-1366-light")
    assert accessible(page) == []
    expect(page.get_by_label("Tên đăng nhập")).to_have_value("vanthu")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/me")
    expect(page.get_by_role("heading", level=1)).to_have_text("Phạm Thu Dung")


def test_a_password_can_be_looked_at(cast: Cast, window: Window) -> None:
    page = window()
    page.goto("/sign-in")
    field = page.get_by_label("Mật khẩu", exact=True)
    field.fill("abc")
    page.get_by_role("button", name="Hiện mật khẩu").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Ẩn mật khẩu").click()
    expect(field).to_have_attribute("type", "password")


def test_sign_out_leads_to_the_door(seated: Window) -> None:
    page = seated("vanthu")
    page.get_by_role("button", name="Phạm Thu Dung").click()
    shoot(page, "who-1366-light")
    assert accessible(page) == []
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    expect(page.get_by_text("Đã đăng xuất.")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Tên đăng nhập")).to_be_visible()


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_is_switched_and_kept_from_the_first_byte(seated: Window, system: str) -> None:
    other = {"light": "dark", "dark": "light"}[system]
    page = seated("vanthu", theme=system)
    page.locator(".rail [data-theme-switch]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", other)
    response = page.reload()
    assert response is not None
    assert f'data-theme="{other}"' in response.text()[:200]
    page.locator(".rail [data-theme-switch]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", system)


def test_the_language_is_switched_and_kept(seated: Window) -> None:
    page = seated("vanthu")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    page.get_by_role("button", name="Phạm Thu Dung").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/me")
    expect(page.get_by_role("heading", name="Change password")).to_be_visible()


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_ones_own_page(seated: Window, size: str, theme: str) -> None:
    page = seated("vanthu", size, theme)
    page.goto("/me")
    shoot(page, f"me-{size}-{theme}")
    assert accessible(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_of_health_explains_itself(seated: Window, theme: str) -> None:
    page = seated("vanthu", theme=theme)
    page.get_by_role("button", name="Sức khỏe hệ thống: 1 lưu ý").click()
    expect(page.get_by_role("dialog", name="Sức khỏe hệ thống")).to_contain_text("Tiến trình nền")
    shoot(page, f"health-1366-{theme}")
    assert accessible(page) == []


def test_an_address_that_is_not_there(seated: Window) -> None:
    page = seated("vanthu")
    page.goto("/nothing")
    shoot(page, "not-found-1366-light")
    assert accessible(page) == []
    page.get_by_role("link", name="Về bàn làm việc").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bàn trống")
