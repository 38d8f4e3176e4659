"""Every part, looked at by a person and by axe-core, and worked by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, accessible, shoot

Window = Callable[..., Page]


@pytest.fixture
def gallery(seated: Window) -> Window:
    def open_gallery(size: str = "1366", theme: str = "light") -> Page:
        page = seated("quantri", size, theme)
        page.goto("/gallery")
        return page

    return open_gallery


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_every_part_looks_and_reads_well(gallery: Window, size: str, theme: str) -> None:
    page = gallery(size, theme)
    shoot(page, f"gallery-{size}-{theme}", whole=True)
    assert accessible(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["Thu hồi văn bản", "Khác", "In"])
def test_what_floats_is_accessible_too(gallery: Window, name: str, theme: str) -> None:
    page = gallery(theme=theme)
    page.locator("#main").get_by_role("button", name=name, exact=True).click()
    shoot(page, f"gallery-{name.lower().replace(' ', '-')}-1366-{theme}")
    assert accessible(page) == []


def test_j_and_k_walk_the_rows_and_e_and_x_act(gallery: Window) -> None:
    page = gallery()
    rows = page.locator("[data-row]")
    current = page.locator("[data-row][aria-current='true']")
    page.get_by_role("heading", level=1).click()
    start = rows.evaluate_all("rows => rows.findIndex(row => row.getAttribute('aria-current') === 'true')")
    page.keyboard.press("j")
    expect(current.first).to_have_attribute("aria-current", "true")
    assert rows.nth(start + 1).get_attribute("aria-current") == "true"
    expect(rows.nth(start + 1).locator("a.title")).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(start).locator("a.title")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("x")
    expect(rows.nth(start + 3).locator("input.tick")).to_be_checked()
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Trình ký")).to_be_focused()


def test_a_question_mark_shows_the_keys_and_escape_puts_them_away(gallery: Window) -> None:
    page = gallery()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Phím tắt")
    expect(sheet).to_be_visible()
    shoot(page, "keys-1366-light")
    assert accessible(page) == []
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_letters_stay_letters_while_typing(gallery: Window) -> None:
    page = gallery()
    field = page.get_by_label("Hạn xử lý")
    field.fill("")
    field.press_sequentially("jkex?")
    expect(field).to_have_value("jkex?")
    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_hidden()


def test_what_cannot_be_done_stays_in_reach_and_says_why(gallery: Window) -> None:
    page = gallery()
    button = page.get_by_role("button", name="Phát hành")
    expect(button).to_have_accessible_description("Chưa phát hành được: chưa có số và chưa ký số cơ quan.")
    button.focus()
    expect(button).to_be_focused()


def chosen(page: Page, name: str) -> list[str]:
    return page.locator(f"select[name={name}]").evaluate(
        "each => [...each.selectedOptions].map(option => option.label)"
    )


def test_units_are_picked_by_keyboard_without_accents(gallery: Window) -> None:
    page = gallery()
    field = page.get_by_role("combobox", name="Nơi nhận")
    field.press_sequentially("truong d")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(["Trường D1Tổng cục Z · Z.D1"])
    page.keyboard.press("Enter")
    assert chosen(page, "recipients") == ["Phòng Kế hoạch", "Trung tâm B1", "Trường D1"]
    page.keyboard.press("Backspace")
    assert chosen(page, "recipients") == ["Phòng Kế hoạch", "Trung tâm B1"]
    page.get_by_role("button", name="Bỏ Trung tâm B1").click()
    assert chosen(page, "recipients") == ["Phòng Kế hoạch"]


def test_a_whole_branch_is_picked_at_once(gallery: Window) -> None:
    page = gallery()
    field = page.get_by_role("combobox", name="Nơi nhận")
    field.fill("z.a1")
    page.get_by_role("option", name="Cục A1 và 1 đơn vị trực thuộc").click()
    assert chosen(page, "recipients") == ["Phòng Kế hoạch", "Cục A1", "Phòng Kỹ thuật", "Trung tâm B1"]
    field.fill("khong co")
    expect(page.get_by_text("Không tìm thấy. Thử bớt chữ, hoặc gõ mã.")).to_be_visible()
    assert accessible(page) == []
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")


def test_one_unit_is_picked_and_changed(gallery: Window) -> None:
    page = gallery()
    field = page.get_by_role("combobox", name="Chủ trì")
    for words, unit in (("b1", "Trung tâm B1"), ("b2", "Trung tâm B2")):
        field.fill(words)
        page.keyboard.press("Enter")
        assert chosen(page, "lead") == [unit]
        expect(field).to_have_attribute("aria-expanded", "false")


def test_pickers_work_without_scripts(seated: Window) -> None:
    page = seated("quantri", java_script_enabled=False)
    page.goto("/gallery")
    expect(page.locator("select[name=recipients]")).to_be_visible()
    assert page.locator("select[name=recipients] option").count() == 8
