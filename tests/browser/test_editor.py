"""The editor of a body, worked as a writer works it; what it keeps is checked and printed by the server's own functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from antin.documents import queries
from antin.typeset import body as bodies
from antin.typeset.letter import lay_out
from tests.browser.conftest import accessible, shoot
from tests.cast import Cast
from tests.rooms.typeset.letters import block, doc, facts, par, text

Window = Callable[..., Page]
DRAWN = "new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


class Desk:
    """The editor on its page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sheet = page.get_by_role("textbox", name="Nội dung văn bản")
        self.bar = page.get_by_role("toolbar", name="Trình bày nội dung")

    def act(self, name: str) -> Locator:
        return self.bar.get_by_role("button", name=name, exact=True)

    def press(self, *keys: str) -> None:
        """Press one key after another, no faster than the browser says where the selection went."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.evaluate(DRAWN)

    def write(self, words: str) -> None:
        self.page.keyboard.type(words)

    def kept(self) -> dict[str, Any]:
        """What the form would send, as the server keeps it."""
        sent = self.page.evaluate("new FormData(document.querySelector('[data-editor]').closest('form')).get('body')")
        return bodies.read(sent)

    def shown(self) -> list[str]:
        """The numbers on the screen, in order."""
        return self.sheet.locator("[data-label]").evaluate_all("all => all.map(each => each.dataset.label)")

    def clear(self) -> None:
        self.sheet.click()
        self.press("Control+a", "Delete", "Control+Alt+0")

    def paste(self, html: str, plain: str = "") -> None:
        self.sheet.evaluate(
            """(sheet, [html, plain]) => {
                const data = new DataTransfer();
                if (html) data.setData("text/html", html);
                data.setData("text/plain", plain);
                sheet.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
            }""",
            [html, plain],
        )


@pytest.fixture
def desk(seated: Window) -> Callable[..., Desk]:
    def open_desk(size: str = "1366", theme: str = "light") -> Desk:
        page = seated("quantri", size, theme)
        page.evaluate(DRAWN)  # a page that is left before it was drawn complains of its view transition
        page.goto("/gallery")
        found = Desk(page)
        found.sheet.scroll_into_view_if_needed()
        return found

    return open_desk


def numbers(body: dict[str, Any]) -> list[str]:
    parts = bodies.set_out(body)
    found = []
    for part in parts:
        found += [part.label] if part.label else []
        found += [each["label"] for each in part.blocks if each.get("label")]
    return found


def test_the_editor_opens_with_what_the_field_holds(desk: Callable[..., Desk]) -> None:
    found = desk()
    assert found.kept()["content"][0] == block("legalBasis", "Căn cứ …")
    assert found.shown() == ["Điều 1.", "Điều 2.", "Điều 3."]
    expect(found.page.locator("textarea[name=body]")).to_be_hidden()


def test_a_decision_is_written_by_keyboard_alone(desk: Callable[..., Desk]) -> None:
    found = desk()
    found.clear()
    found.press("Control+Alt+1")
    found.write("Căn cứ Luật Lưu trữ")
    found.press("Enter", "Control+Alt+2")
    found.write("Thành lập Tổ công tác.")
    found.press("Enter")
    found.write("Tổ công tác có nhiệm vụ:")
    found.press("Enter", "Control+Alt+3")
    found.write("Xây dựng kế hoạch, gồm:")
    found.press("Enter", "Tab")
    for word in ("một;", "hai;", "ba;", "bốn;", "năm."):
        found.write(word)
        found.press("Enter")
    found.press("Enter")  # an empty point steps out to a paragraph through a clause
    found.write("Tổ chức ")
    found.press("Control+b")
    found.write("thực hiện")
    found.press("Control+b")
    found.write(".")
    expected = doc(
        block("legalBasis", "Căn cứ Luật Lưu trữ"),
        block("article", "Thành lập Tổ công tác."),
        block("article", "Tổ công tác có nhiệm vụ:"),
        block("clause", "Xây dựng kế hoạch, gồm:"),
        *(block("point", word) for word in ("một;", "hai;", "ba;", "bốn;", "năm.")),
        {"type": "clause", "content": [text("Tổ chức "), text("thực hiện", "bold"), text(".")]},
    )
    assert found.kept() == expected
    assert found.shown() == numbers(expected) == ["Điều 1.", "Điều 2.", "1.", *(f"{n})" for n in "abcdđ"), "2."]
    assert lay_out(facts("decision", body=found.kept())).pages == 1


def test_enter_on_an_empty_number_steps_out_and_backspace_takes_the_number_away(desk: Callable[..., Desk]) -> None:
    found = desk()
    found.clear()
    found.press("Control+Alt+4")
    found.write("một")
    found.press("Enter", "Enter")
    assert [each["type"] for each in found.kept()["content"]] == ["point", "clause"]
    found.press("Enter")
    found.write("thường")
    found.press("Home", "Control+Alt+2")
    assert found.shown() == ["a)", "Điều 1."]
    found.press("Backspace")
    assert found.kept() == doc(block("point", "một"), par("thường"))


def test_typed_markers_become_structure_and_a_first_number_counts_anew(desk: Callable[..., Desk]) -> None:
    found = desk()
    found.clear()
    for line in ("Điều 1. Nhiệm vụ", "1. Một", "2. Hai"):
        if line != "Điều 1. Nhiệm vụ":
            found.press("Control+Alt+0")
        found.write(line)
        found.press("Enter")
    found.press("Control+Alt+0")
    found.write("Ngoài ra:")
    found.press("Enter")
    found.write("1. Ba")
    found.press("Enter", "Control+Alt+0")
    found.write("a) bốn")
    found.press("Enter", "Control+Alt+0")
    found.write("- năm")
    kept = found.kept()
    assert [each["type"] for each in kept["content"]] == [
        "article",
        "clause",
        "clause",
        "paragraph",
        "clause",
        "point",
        "bulletList",
    ]
    assert kept["content"][4]["attrs"] == {"restart": True}
    assert found.shown() == numbers(kept) == ["Điều 1.", "1.", "2.", "1.", "a)"]


def test_the_toolbar_says_what_is_here_and_is_one_stop_of_the_tab_key(desk: Callable[..., Desk]) -> None:
    found = desk()
    found.clear()
    found.write("Việc")
    expect(found.act("Đoạn")).to_have_attribute("aria-pressed", "true")
    found.press("Alt+F10")
    expect(found.act("Hoàn tác")).to_be_focused()
    found.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
    expect(found.act("Điều")).to_be_focused()
    found.press("Enter")
    expect(found.sheet).to_be_focused()
    expect(found.act("Điều")).to_have_attribute("aria-pressed", "true")
    expect(found.act("Là tiêu đề")).to_be_visible()
    found.press("Control+Alt+9")
    assert found.kept() == doc(block("article", "Việc", titled=True))
    found.press("Alt+F10", "Escape")
    expect(found.sheet).to_be_focused()
    assert found.bar.locator("[tabindex='0']").count() == 1
    found.press("Control+Alt+3", "Escape", "Tab")  # Escape lets Tab leave, even where it would go a level deeper
    expect(found.sheet).not_to_be_focused()
    assert found.kept()["content"][0]["type"] == "clause"


def test_marks_headings_alignment_and_undo_by_mouse(desk: Callable[..., Desk]) -> None:
    found = desk()
    found.clear()
    found.write("Chung")
    found.page.get_by_label("Đề mục").select_option("chapter")
    found.press("End", "Enter")
    found.write("H2O")
    found.press("Shift+ArrowLeft")
    found.press("ArrowLeft", "Shift+ArrowLeft")
    found.act("Chỉ số dưới").click()
    found.act("Căn giữa").click()
    expected = doc(
        block("heading", "Chung", kind="chapter"),
        {"type": "paragraph", "attrs": {"align": "center"}, "content": [text("H"), text("2", "subscript"), text("O")]},
    )
    assert found.kept() == expected
    assert found.shown() == ["Chương I"]
    found.act("Hoàn tác").click()
    expected["content"][1].pop("attrs")
    assert found.kept() == expected
    found.act("Làm lại").click()
    assert found.kept()["content"][1]["attrs"] == {"align": "center"}


def test_a_table_is_drawn_filled_merged_and_printed(desk: Callable[..., Desk]) -> None:
    found = desk()
    found.clear()
    found.act("Bảng").first.click()
    for word in ("TT", "Nội dung công việc", "Hạn", "1", "Lập kế hoạch"):
        found.write(word)
        found.press("Tab")
    found.act("Thêm dòng dưới").click()
    found.act("Thêm cột phải").click()
    found.press("Shift+Tab")
    cells = found.sheet.locator("td")
    cells.nth(0).click()
    cells.nth(1).click(modifiers=["Shift"])
    kept = found.kept()
    assert [len(row["content"]) for row in kept["content"][0]["content"]] == [4, 4, 4, 4]
    assert [cell["type"] for cell in kept["content"][0]["content"][0]["content"]] == ["tableHeader"] * 4
    box, other = (cells.nth(n).bounding_box() for n in (0, 1))
    assert box and other
    found.page.mouse.move(box["x"] + 10, box["y"] + 10)
    found.page.mouse.down()
    found.page.mouse.move(other["x"] + 10, other["y"] + 10, steps=4)
    found.page.mouse.up()
    found.act("Gộp ô").click()
    merged = found.kept()["content"][0]["content"][1]["content"]
    assert (len(merged), merged[0]["attrs"]["colspan"]) == (3, 2)
    assert lay_out(facts(body=found.kept())).pages == 1
    found.act("Xóa bảng").click()
    assert found.kept() == bodies.EMPTY


def test_lists_nest_with_tab_and_the_last_block_can_always_be_left(desk: Callable[..., Desk]) -> None:
    found = desk()
    found.clear()
    found.act("Gạch đầu dòng").click()
    found.write("một")
    found.press("Enter")
    found.write("hai")
    found.press("Tab")
    found.act("Danh sách đánh số").click()
    inner = {"type": "orderedList", "content": [{"type": "listItem", "content": [par("hai")]}]}
    assert found.kept()["content"][0] == {
        "type": "bulletList",
        "content": [{"type": "listItem", "content": [par("một"), inner]}],
    }
    found.press("Enter", "Enter", "Enter")
    found.press("Control+Alt+2")
    found.write("ba")
    assert found.kept()["content"][1] == block("article", "ba")
    found.press("Control+Enter")
    found.write("trang sau")
    assert [each["type"] for each in found.kept()["content"]][1:] == ["article", "pageBreak", "paragraph"]


# ruff: noqa: E501 - as Word writes it
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {margin:0cm}</style></head><body lang=VI>
<!--StartFragment--><p class=MsoNormal style='text-align:justify'><i><span style='font-size:14.0pt;font-family:"Times New Roman"'>Căn cứ Luật
Lưu trữ số 33/2024/QH15;<o:p></o:p></span></i></p>
<p class=MsoNormal align=center style='text-align:center'><b>CHƯƠNG I<o:p></o:p></b></p>
<p class=MsoNormal align=center style='text-align:center'><b>QUY ĐỊNH CHUNG<o:p></o:p></b></p>
<p class=MsoNormal><b>Điều 1. Phạm vi điều chỉnh<o:p></o:p></b></p>
<p class=MsoNormal><b><span>Điều 2.</span></b><span> Thành lập Tổ\u200b công&nbsp;tác.</span></p>
<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>1.<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>Xây dựng <b style='mso-bidi-font-weight:normal'>kế hoạch</b>;</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>2.<span>&nbsp; </span></span>Thực hiện:</p>
<p class=MsoNormal>a) tại cơ quan;</p><p class=MsoNormal>đ) tại đơn vị.</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='font-family:Symbol;mso-list:Ignore'>\uf0b7<span>&nbsp; </span></span>một</p>
<p class=MsoListParagraph style='mso-list:l1 level2 lfo2'><span style='mso-list:Ignore'>o<span>&nbsp; </span></span>hai</p>
<p class=MsoNormal align=right style='text-align:right'>m<sup>2</sup> &lt;script&gt;</p>
<table class=MsoTableGrid border=1 style='border-collapse:collapse'><tr><td width=50 style='width:37pt'><p><b>TT</b></p></td><td><p><b>Việc</b></p></td></tr>
<tr><td><p>1</p></td><td><p>Làm<o:p></o:p></p></td></tr></table>
<p class=MsoNormal><img src="file:///c:/x.png" onerror="alert(1)"><o:p>&nbsp;</o:p></p>
<script>alert(1)</script><!--EndFragment--></body></html>"""


def test_what_word_brings_is_cleaned_into_the_body_s_own_blocks(desk: Callable[..., Desk]) -> None:
    found = desk()
    found.clear()
    found.paste(WORD)
    head = {"type": "tableRow", "content": [{"type": "tableHeader", "content": [par(word)]} for word in ("TT", "Việc")]}
    row = {"type": "tableRow", "content": [{"type": "tableCell", "content": [par(word)]} for word in ("1", "Làm")]}
    deeper = {"type": "bulletList", "content": [{"type": "listItem", "content": [par("hai")]}]}
    expected = doc(
        block("legalBasis", "Căn cứ Luật Lưu trữ số 33/2024/QH15;"),
        block("heading", "QUY ĐỊNH CHUNG", kind="chapter"),
        block("article", "Phạm vi điều chỉnh", titled=True),
        block("article", "Thành lập Tổ công tác."),
        {"type": "clause", "content": [text("Xây dựng "), text("kế hoạch", "bold"), text(";")]},
        block("clause", "Thực hiện:"),
        block("point", "tại cơ quan;"),
        block("point", "tại đơn vị."),
        {"type": "bulletList", "content": [{"type": "listItem", "content": [par("một"), deeper]}]},
        {
            "type": "paragraph",
            "attrs": {"align": "right"},
            "content": [text("m"), text("2", "superscript"), text(" <script>")],
        },
        {"type": "table", "content": [head, row]},
    )
    kept = found.kept()
    kept["content"] = [each for each in kept["content"] if each != {"type": "paragraph"}]
    assert kept == expected
    assert found.shown() == numbers(expected)
    assert lay_out(facts("decision", body=kept)).pages == 1
    shoot(found.page, "editor-pasted-1366-light", whole=True)


def test_plain_text_and_a_few_words_are_pasted_where_they_belong(desk: Callable[..., Desk]) -> None:
    found = desk()
    found.clear()
    found.write("Kính gửi  phòng")
    for _ in range(6):
        found.press("ArrowLeft")
    found.paste("", "các")
    assert found.kept() == doc(par("Kính gửi các phòng"))
    found.press("End", "Enter")
    found.paste("", "Điều 1. Một\r\n1. Hai\r\n\r\na) ba\r\nđ\u200bược")
    assert found.kept()["content"][1:] == [
        block("article", "Một"),
        block("clause", "Hai"),
        block("point", "ba"),
        par("được"),
    ]


def test_what_is_copied_inside_is_pasted_unchanged(desk: Callable[..., Desk]) -> None:
    found = desk()
    before = found.kept()
    found.sheet.click()
    found.press("Control+a")
    copied = found.sheet.evaluate(
        """sheet => {
            const data = new DataTransfer();
            sheet.dispatchEvent(new ClipboardEvent("copy", {clipboardData: data, bubbles: true, cancelable: true}));
            return data.getData("text/html");
        }"""
    )
    found.press("Delete", "Control+Alt+0")
    found.paste(copied)
    assert found.kept() == before


def test_each_change_is_said_to_the_form_and_nothing_is_said_without_one(desk: Callable[..., Desk]) -> None:
    found = desk()
    found.page.evaluate(
        "window.said = 0; document.querySelector('[data-editor]').closest('form').addEventListener('input', () => window.said += 1)"
    )
    found.sheet.click()
    found.press("ArrowLeft")
    assert found.page.evaluate("window.said") == 0
    found.write("ab")
    assert found.page.evaluate("window.said") == 2


def test_a_field_that_the_editor_cannot_read_stays_a_field(desk: Callable[..., Desk]) -> None:
    found = desk()
    address = found.page.url

    def answer(route: Any) -> None:
        fetched = route.fetch()
        broken = fetched.text().replace("legalBasis", "unheardOf")
        route.fulfill(response=fetched, body=broken)

    found.page.route(address, answer)
    found.page.goto(address)
    expect(found.page.locator("textarea[name=body]")).to_be_visible()
    expect(found.bar).to_be_hidden()
    assert found.page.locator("textarea[name=body]").input_value() == ""


def test_a_draft_keeps_what_the_editor_wrote_and_prints_it(cast: Cast, seated: Window) -> None:
    page = seated("kehoach")
    page.evaluate(DRAWN)
    page.goto("/drafts/new")
    found = Desk(page)
    page.get_by_label("Trích yếu").fill("Thành lập Tổ công tác")
    page.wait_for_url("**/drafts/*/edit")
    found.clear()
    found.write("Điều 1. Thành lập Tổ công tác.")
    found.press("Enter")
    found.write("Tổ công tác gồm:")
    found.press("Enter", "Control+Alt+4")
    found.write("một;")
    page.keyboard.press("Control+s")
    expected = doc(
        block("article", "Thành lập Tổ công tác."), block("article", "Tổ công tác gồm:"), block("point", "một;")
    )
    expect(page.locator("[data-saved][data-tone=ok]")).to_be_visible()
    document_id = int(page.url.split("/")[-2])
    assert queries.making_of(queries.get(document_id)).body == expected
    page.get_by_role("button", name="Xem trang").click()
    expect(page.get_by_role("img", name="Trang 1")).to_be_visible()
    page.reload()
    assert found.kept() == expected
    assert found.shown() == ["Điều 1.", "Điều 2.", "a)"]
    found.sheet.click()
    for _ in range(30):
        found.write("x")
        found.press("Enter", "Control+Alt+0")
    expect(found.bar).to_be_in_viewport()
    head, bar = page.locator("[data-stick]").bounding_box(), found.bar.bounding_box()
    assert head and bar and bar["y"] >= head["y"] + head["height"] - 1
    shoot(page, "drafting-editor-1366-light")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["1366", "390"])
def test_the_editor_looks_and_reads_well(desk: Callable[..., Desk], size: str, theme: str) -> None:
    found = desk(size, theme)
    found.clear()
    found.paste(WORD)
    found.sheet.locator("td").first.click()
    found.page.locator("[data-editor]").scroll_into_view_if_needed()
    shoot(found.page, f"editor-{size}-{theme}", whole=True)
    assert accessible(found.page) == []
