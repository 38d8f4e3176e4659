"""The head signs with his own token: the page, the program on his machine and its own page, in one real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from antin.console.agent_desk import Desk
from antin.documents import queries
from antin.documents.states import Status
from antin.keys import operations as keys
from antin.keys import pki
from antin.keys.providers.tokens import Tokens
from antin.outbox import operations as outbox
from tests import paper, secrets, tokens
from tests.browser.conftest import accessible, agent_at_work, shoot
from tests.cast import Cast
from tests.doors.documents.test_sealed_elsewhere import give_token_keys

pytestmark = pytest.mark.django_db(transaction=True)

Seated = Callable[..., Page]
SUBJECT = "Kế hoạch bảo đảm trang bị năm 2027"


@pytest.fixture
def desk(cast: Cast, live_server: Any, own_state: object) -> Iterator[Desk]:
    """The head's token with a certified key in it, and the program waiting for this node's pages."""
    at = datetime.now(UTC) - timedelta(hours=1)
    keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=at)
    held = Tokens({"hsm": tokens.library()})
    reference = held.create(tokens.PIN, place=f"hsm:{tokens.new_token('Nguyễn Văn An')}")
    name = pki.subject_name(name="An", title="", organisation="Z", code="1")
    asked = keys.request_with_file(
        content=pki.request(name=name, key=held.open(reference, tokens.PIN)),
        label="USB token số 12",
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        actor=cast.head.actor(),
        at=at,
    )
    keys.issue_requested(request_id=asked.pk, actor=None, at=at)
    with agent_at_work(held, live_server.url) as desk:
        yield desk


def test_the_head_signs_with_his_own_token(cast: Cast, desk: Desk, seated: Seated) -> None:
    document = paper.a_page_to_sign(cast, datetime.now(UTC) - timedelta(minutes=5))
    page = seated("thutruong", first=f"/documents/{document.pk}/sign")
    code = page.get_by_label("Mã ghép mà chương trình An Tín đang hiện")
    code.fill("00000000")
    page.get_by_role("button", name="Ghép với máy này").click()
    expect(page.get_by_text("Mã ghép không đúng.")).to_be_visible()
    expect(page.get_by_role("button", name="Ký", exact=True)).to_be_hidden()
    shoot(page, "agent-pair")
    code.fill(desk.code)
    page.get_by_role("button", name="Ghép với máy này").click()
    button = page.get_by_role("button", name="Ký", exact=True)
    expect(button).to_be_visible()
    assert accessible(page) == []
    with page.expect_popup() as opened:
        button.click()
    own = opened.value
    expect(own.get_by_role("heading", name="Ký văn bản này?")).to_be_visible()
    expect(own.get_by_text(document.subject)).to_be_visible()
    expect(code).to_be_hidden()
    shoot(page, "agent-waiting")
    shoot(own, "agent-own")
    shown = own.locator("code").inner_text()
    expect(page.locator("[data-agent-digest]")).to_have_text(shown)
    own.get_by_label("Mã PIN của thiết bị").fill("11111111")
    own.get_by_role("button", name="Ký", exact=True).click()
    expect(own.get_by_text("Mã PIN không đúng. Còn 2 lần thử.")).to_be_visible()
    own.get_by_label("Mã PIN của thiết bị").fill(tokens.PIN)
    own.get_by_role("button", name="Ký", exact=True).click()
    expect(own.get_by_role("heading", name="Đã ký. Đóng cửa sổ này.")).to_be_visible()
    expect(page.get_by_text("chuyển văn thư cấp số.")).to_be_visible()
    assert queries.get(document.pk).status == Status.SIGNED


def test_the_head_signs_many_with_his_own_token(cast: Cast, desk: Desk, seated: Seated) -> None:
    documents = [paper.a_page_to_sign(cast, datetime.now(UTC) - timedelta(minutes=5)) for _ in range(3)]
    page = seated("thutruong", first="/documents/sign")
    page.get_by_label("Mã ghép mà chương trình An Tín đang hiện").fill(desk.code)
    page.get_by_role("button", name="Ghép với máy này").click()
    for tick in page.get_by_role("checkbox").all():
        tick.check()
    button = page.get_by_role("button", name="Ký các văn bản đã đánh dấu")
    expect(button).to_be_visible()
    shoot(page, "agent-many")
    with page.expect_popup() as opened:
        button.click()
    own = opened.value
    expect(own.get_by_role("heading", name="Ký 3 văn bản này?")).to_be_visible()
    shoot(own, "agent-many-own")
    own.get_by_label("Mã PIN của thiết bị").fill(tokens.PIN)
    own.get_by_role("button", name="Ký", exact=True).click()
    expect(own.get_by_role("heading", name="Đã ký. Đóng cửa sổ này.")).to_be_visible()
    expect(page.get_by_role("heading", name="Đã hoàn tất 0 trên 3 văn bản")).to_be_visible()
    outbox.keep_due(at=datetime.now(UTC))
    expect(page.get_by_role("heading", name="Đã ký xong 3 văn bản")).to_be_visible()
    assert [queries.get(each.pk).status for each in documents] == [Status.SIGNED] * 3


def test_he_opens_and_signs_a_sealed_page(cast: Cast, desk: Desk, seated: Seated) -> None:
    at = datetime.now(UTC) - timedelta(minutes=20)
    secrets.give_keys(cast, at)
    give_token_keys(cast.head, desk.tokens, f"hsm:{tokens.new_token('Mã hóa')}")
    document = secrets.an_endorsed_document(cast, datetime.now(UTC), facts={"subject": SUBJECT})
    page = seated("thutruong", first=f"/documents/{document.pk}/sign")
    page.get_by_label("Mã ghép mà chương trình An Tín đang hiện").fill(desk.code)
    page.get_by_role("button", name="Ghép với máy này").click()
    assert accessible(page) == []
    shoot(page, "sealed-sign-closed")
    _answer(page, "Mở để xem", "Mở", "Đã mở. Đóng cửa sổ này.")
    expect(page.get_by_text(SUBJECT)).to_be_visible()
    shoot(page, "sealed-sign-opened", whole=True)
    _answer(page, "Ký", "Ký", "Đã ký. Đóng cửa sổ này.")
    expect(page.get_by_text("chuyển văn thư cấp số.")).to_be_visible()
    document = queries.get(document.pk)
    assert document.status == Status.SIGNED

    # He lets somebody read it, and looks for a word: the same device, the same two steps.
    home = "/".join(page.url.split("/")[:3])
    page.goto(f"{home}/vault/{document.classified_id}/readers/add")
    page.get_by_label("Người đọc").select_option(str(cast.office_head.person_id))
    page.get_by_role("button", name="Thêm", exact=True).click()
    expect(page.get_by_text("Khóa mã hóa của đồng chí ở thiết bị riêng.")).to_be_visible()
    assert accessible(page) == []
    shoot(page, "sealed-device")
    _answer(page, "Thêm", "Mở", "Đã mở. Đóng cửa sổ này.")
    expect(page.get_by_text("Đã thêm người đọc.")).to_be_visible()
    page.goto(f"{home}/vault/search")
    page.get_by_label("Từ cần tìm").fill("TRANG bị năm")
    _answer(page, "Tìm", "Mở", "Đã mở. Đóng cửa sổ này.")
    expect(page.get_by_text("đúng cụm từ")).to_be_visible()
    expect(page.get_by_role("link", name=f"Tài liệu mật số {document.classified_id}")).to_be_visible()
    assert accessible(page) == []
    shoot(page, "sealed-search-device")


def _answer(page: Page, asks: str, does: str, done: str) -> None:
    """Press the page's button and give the PIN in the program's own window."""
    with page.expect_popup() as opened:
        page.get_by_role("button", name=asks, exact=True).click()
    own = opened.value
    own.get_by_label("Mã PIN của thiết bị").fill(tokens.PIN)
    own.get_by_role("button", name=does, exact=True).click()
    expect(own.get_by_role("heading", name=done)).to_be_visible()
