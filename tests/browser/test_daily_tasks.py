"""Ten tasks of every day, done by keyboard alone, each counted: what docs/daily-tasks.md says is what is needed here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from antin.journeys import direct_document
from antin.outbox import operations as outbox
from antin.tasks.operations import Share
from antin.tasks.states import Role
from tests import given, paper
from tests.browser.conftest import shoot
from tests.cast import OPENED, Cast

pytestmark = pytest.mark.django_db(transaction=True)
Seated = Callable[..., Page]

SUBJECT = given.SUBJECT
DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "daily-tasks.md"
KEY, THOUGHT = 0.28, 1.35  # seconds: Card, Moran and Newell 1980, an average typist's key and one mental preparation


class Hands:
    """A person at the keyboard, who never touches a mouse; what he does is counted.

    `clicks` is what the same steps cost with a mouse: one for each control that is reached or set off.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.keys, self.letters, self.clicks, self.steps = page, 0, 0, 0, 0

    def press(self, key: str, times: int = 1) -> None:
        """One step by a key that acts at once, or a choice moved along by an arrow."""
        self.steps += 1
        self.clicks += 1
        self.page.wait_for_load_state("load")
        self._press(key, times)

    def go(self, letter: str) -> None:
        """To a place of the rail."""
        self.press("g")
        self._press(letter)

    def type(self, words: str) -> None:
        """Words into the field one stands in."""
        self.letters += len(words)
        self.page.keyboard.type(words)

    def reach(self, control: Locator, key: str = "Tab") -> None:
        """Walk with the tab key to a control; it must be near."""
        expect(control).to_be_visible()
        self.steps += 1
        self.clicks += 1
        for _ in range(24):
            if control.evaluate("each => each === document.activeElement"):
                return
            self._press(key)
        raise AssertionError(f"not within 24 steps of the tab key: {control}")

    def _press(self, key: str, times: int = 1) -> None:
        self.keys += times
        for _ in range(times):
            self.page.keyboard.press(key)

    @property
    def row(self) -> tuple[int, int, int, int]:
        """Clicks, keys, letters and seconds."""
        return self.clicks, self.keys, self.letters, round((self.keys + self.letters) * KEY + self.steps * THOUGHT)


def documented() -> dict[str, tuple[int, ...]]:
    """The figures of each task as docs/daily-tasks.md gives them."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", DOCUMENT.read_text("utf-8"), re.M)
    return {name: tuple(map(int, figures)) for name, *figures in rows}


@pytest.fixture
def hands(seated: Seated, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Hands]]:
    """Hands on the keyboard of one who sits at his desk; when the test is over, they did what the document says."""
    name = request.node.originalname.removeprefix("test_")
    kept: list[Hands] = []

    def sit(user_name: str) -> Hands:
        kept.append(Hands(seated(user_name)))
        return kept[0]

    yield sit
    shoot(kept[0].page, f"daily-{name}")  # looked at when a task fails
    assert (name, kept[0].row) == (name, documented().get(name))


def test_register(cast: Cast, hands: Callable[[str], Hands]) -> None:
    given.an_arrival(cast, datetime.now(UTC))
    clerk = hands("vanthu.b1")
    clerk.press("e")
    expect(clerk.page.get_by_role("status")).to_contain_text("Đã vào sổ, số đến 1")


def test_direct(cast: Cast, hands: Callable[[str], Hands]) -> None:
    given.a_registered_document(cast, datetime.now(UTC))
    head = hands("giamdoc.b1")
    head.press("e")
    expect(head.page.locator("#document-title")).to_have_text(SUBJECT)
    head.press("e")
    head.type("Ban Nghiên cứu chủ trì.")
    head.reach(head.page.get_by_label("Vai trò của Ban Nghiên cứu"))
    head.type("c")
    head.reach(head.page.get_by_label("Thời hạn của Ban Nghiên cứu"))
    head.type(f"{datetime.now(UTC) + timedelta(days=5):%d%m%Y}")
    head.press("Control+Enter")
    expect(head.page.locator("blockquote")).to_contain_text("Ban Nghiên cứu chủ trì")


def test_hand_in(cast: Cast, hands: Callable[[str], Hands]) -> None:
    now = datetime.now(UTC)
    document = given.a_registered_document(cast, now)
    direct_document.direct(
        document_id=document.pk,
        words="Ban Nghiên cứu chủ trì.",
        shares=[Share(Role.LEAD, unit_id=cast.recipient_study_id, due_at=now + timedelta(days=3))],
        actor=cast.recipient_head.actor(),
        at=now,
    )
    officer = hands("truongnghiencuu.b1")
    officer.go("t")
    expect(officer.page.get_by_role("link", name=SUBJECT)).to_be_visible()
    officer.press("j")
    officer.press("Enter")
    officer.reach(officer.page.get_by_role("link", name="Nộp kết quả"))
    officer.press("Enter")
    officer.reach(officer.page.get_by_label("Kết quả (không bắt buộc)", exact=True))
    officer.type("Đã tổng hợp.")
    officer.press("Control+Enter")
    expect(officer.page.get_by_role("status")).to_contain_text("Đã nộp kết quả")


@contextmanager
def _saved(page: Page) -> Iterator[None]:
    """Wait until what is written inside has been saved: what the page shows then does not depend on how fast one types."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        yield
    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu")


def test_write(cast: Cast, hands: Callable[[str], Hands]) -> None:
    officer = hands("kehoach")
    page = officer.page
    officer.press("c")
    officer.press("Enter")
    page.wait_for_url("**/drafts/new")
    officer.reach(page.get_by_label("Trích yếu"))
    with _saved(page):
        officer.type("Mời họp giao ban")
    officer.reach(page.get_by_label("Kính gửi"))
    with _saved(page):
        officer.type("trung tam b1")
        officer.press("Enter")
    officer.reach(page.get_by_label("TỔNG CỤC TRƯỞNG Nguyễn Văn An"))
    with _saved(page):
        officer.press("Space")
    officer.reach(page.get_by_label("Nội dung văn bản"))
    officer.type("Mời đồng chí dự họp.")
    officer.press("Escape")  # out of the text, in which Tab and Ctrl+Enter are its own
    officer.press("Tab")
    officer.press("Control+Enter")
    expect(page.get_by_text("Chờ duyệt").first).to_be_visible()


def test_endorse(cast: Cast, hands: Callable[[str], Hands]) -> None:
    given.a_submitted_draft(cast, datetime.now(UTC))
    head = hands("truongkehoach")
    head.press("e")
    expect(head.page.locator("#document-title")).to_have_text(SUBJECT)
    head.press("e")
    expect(head.page.get_by_role("dialog")).to_be_visible()
    head.press("Control+Enter")
    expect(head.page.get_by_text("Đã duyệt, chuyển Nguyễn Văn An ký.")).to_be_visible()


def test_sign(cast: Cast, hands: Callable[[str], Hands]) -> None:
    paper.give_keys(cast, OPENED + timedelta(days=1))
    paper.a_page_to_sign(cast, datetime.now(UTC))
    head = hands("thutruong")
    head.press("e")
    expect(head.page.locator("#document-title")).to_have_text(SUBJECT)
    head.press("e")
    expect(head.page.locator("svg.place")).to_be_visible()
    head.reach(head.page.get_by_label("Mã PIN của khóa ký", exact=True))
    head.type(paper.PIN)
    head.press("Enter")
    expect(head.page.get_by_text("chuyển văn thư cấp số.")).to_be_visible()


def test_number(cast: Cast, hands: Callable[[str], Hands]) -> None:
    paper.give_keys(cast, OPENED + timedelta(days=1))
    paper.a_signed_page(cast, datetime.now(UTC))
    clerk = hands("vanthu")
    clerk.press("e")
    expect(clerk.page.locator("#document-title")).to_have_text(SUBJECT)
    clerk.press("e")
    expect(clerk.page.get_by_role("status")).to_contain_text("01/TCZ-KH")


def test_issue(cast: Cast, hands: Callable[[str], Hands]) -> None:
    paper.give_keys(cast, OPENED + timedelta(days=1))
    paper.a_signed_page(cast, datetime.now(UTC))
    keeper = hands("giudau")
    keeper.press("e")
    expect(keeper.page.locator("#document-title")).to_have_text(SUBJECT)
    keeper.press("e")
    question = keeper.page.get_by_role("dialog")
    expect(question).to_contain_text("Văn bản rời cơ quan ngay")
    keeper.reach(question.get_by_role("button", name="Cấp số, đóng dấu, phát hành"))
    keeper.press("Enter")
    expect(keeper.page.get_by_text("đóng dấu và phát hành.")).to_be_visible()


def test_find(cast: Cast, hands: Callable[[str], Hands]) -> None:
    given.a_registered_document(cast, datetime.now(UTC))
    officer = hands("giamdoc.b1")
    officer.press("/")
    officer.type("ket qua ky so")
    officer.press("Enter")
    expect(officer.page.get_by_role("link", name=SUBJECT)).to_be_visible()
    officer.press("e")
    officer.press("e")
    expect(officer.page.locator("#document-title")).to_have_text(SUBJECT)


def test_follow(cast: Cast, hands: Callable[[str], Hands]) -> None:
    paper.give_keys(cast, OPENED + timedelta(days=1))
    paper.an_issued_page(cast, datetime.now(UTC))
    outbox.keep_due(at=datetime.now(UTC))
    officer = hands("kehoach")
    officer.go("o")
    expect(officer.page.get_by_role("link", name=SUBJECT)).to_be_visible()
    officer.press("j")
    officer.press("Enter")
    expect(officer.page.locator("#document-title")).to_have_text(SUBJECT)
    officer.reach(officer.page.get_by_role("link", name="Bảng gửi nhận").first)
    officer.press("Enter")
    expect(officer.page.locator("tr", has_text="Trung tâm B1")).to_contain_text("Đã đến")
