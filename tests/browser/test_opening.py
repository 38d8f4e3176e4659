"""A secret opened in the reader's own browser by the key in his own device; the node never sees a word of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from antin.console.agent_desk import Desk
from antin.keys import operations as keys
from antin.keys import pki
from antin.keys.providers.tokens import Tokens
from antin.people.models import Person
from antin.vault import operations as vault
from antin.vault import queries
from tests import tokens
from tests.browser.conftest import accessible, agent_at_work, shoot
from tests.cast import Cast
from tests.rooms.vault import conftest as vaulted
from tests.signatures import PIN
from tests.vaults import TITLE, Letter, Vaulted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_state")]
house, letter = vaulted.house, vaulted.letter
SENTENCE = "Cấp phát trước ngày 15 tháng 12."


@pytest.fixture
def at() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def desk(house: Vaulted, cast: Cast, live_server: Any, at: datetime) -> Iterator[Desk]:
    """The clerk's token with a key for encryption, and the program waiting for this node's pages."""
    held = Tokens({"hsm": tokens.library()})
    reference = held.create(tokens.PIN, place=f"hsm:{tokens.new_token('Phạm Thu Dung')}")
    name = pki.subject_name(name="Dung", title="", organisation="Z", code="1")
    asked = keys.request_with_file(
        content=pki.request(name=name, key=held.open(reference, tokens.PIN)),
        label="USB token số 15",
        purpose="encryption",
        person_id=cast.clerk.person_id,
        post_id=cast.clerk.post_id,
        actor=cast.clerk.actor(),
        at=at,
    )
    keys.issue_requested(request_id=asked.pk, actor=None, at=at)
    with agent_at_work(held, live_server.url) as desk:
        yield desk


def test_the_clerk_opens_it_with_his_own_token(
    letter: Letter, cast: Cast, desk: Desk, seated: Callable[..., Page], at: datetime
) -> None:
    secret = letter.classified.pk
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": SENTENCE}]}
    body = json.dumps({"type": "doc", "content": [paragraph]}).encode()
    writer = cast.plan_officer.actor()
    vault.seal(classified_id=secret, part="body", content=body, media_type="application/json", actor=writer, at=at)
    vault.seal(
        classified_id=secret, part="pages", content=b"%PDF-1.7 x", media_type="application/pdf", actor=writer, at=at
    )
    vault.add_reader(classified_id=secret, person_id=cast.clerk.person_id, need="clerk", pin=PIN, actor=writer, at=at)
    user = Person.objects.get(pk=cast.clerk.person_id).user_name
    page = seated(user, first=f"/vault/{secret}/")
    page.get_by_role("link", name="Mở bằng thiết bị của tôi").click()
    page.get_by_label("Mã ghép mà chương trình An Tín đang hiện").fill(desk.code)
    page.get_by_role("button", name="Ghép với máy này").click()
    button = page.get_by_role("button", name="Mở để xem")
    expect(button).to_be_visible()
    assert accessible(page) == []
    answers: list[bytes] = []
    page.on("response", lambda got: answers.append(got.body()) if "/sealed/" in got.url else None)
    with page.expect_popup() as popped:
        button.click()
    own = popped.value
    expect(own.get_by_role("heading", name="Mở tài liệu mật này?")).to_be_visible()
    own.get_by_label("Mã PIN của thiết bị").fill(tokens.PIN)
    shoot(own, "opening-own")
    own.get_by_role("button", name="Mở", exact=True).click()
    expect(own.get_by_role("heading", name="Đã mở. Đóng cửa sổ này.")).to_be_visible()
    expect(page.get_by_text(TITLE)).to_be_visible()
    expect(page.get_by_text(SENTENCE)).to_be_visible()
    expect(page.locator("[data-marking]").first).to_contain_text(f"{cast.clerk.name} · đã xem lần 1")
    expect(page.get_by_role("link", name="Xem trong cửa sổ mới")).to_be_visible()
    shoot(page, "opening-done", whole=True)
    assert accessible(page) == []
    assert len(answers) == 3
    assert not any(TITLE.encode() in each or SENTENCE.encode() in each for each in answers)
    readings = queries.list_readings(secret)
    assert {(each.person_id, each.use, each.number) for each in readings} == {(cast.clerk.person_id, "viewed", 1)}
    with page.expect_download() as kept:
        page.get_by_role("link", name="Tải về máy này").click()
    assert kept.value.path().read_bytes() == b"%PDF-1.7 x"
