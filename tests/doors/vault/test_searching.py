"""The page that searches sealed words: its answer shows numbers, its addresses no word."""

from __future__ import annotations

import pytest

from antin.vault import operations as vault
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.signatures import PIN
from tests.vaults import TITLE, Letter, Vaulted

pytestmark = pytest.mark.django_db


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def test_readers_find_by_words_and_others_nothing(house: Vaulted, letter: Letter, cast: Cast, enter: Enter) -> None:
    vault.seal(
        classified_id=letter.classified.pk,
        part="title",
        content=TITLE.encode(),
        media_type="text/plain",
        actor=cast.plan_officer.actor(),
        at=letter.title.sealed_at,
    )
    own, other = enter(cast.plan_officer), enter(cast.clerk)
    assert "/vault/search" in text(own.get("/vault"))
    assert "Từ đã nhập không được ghi lại ở đâu" in text(own.get("/vault/search"))
    asked = {"asked": "bao dam trang bi", "pin": PIN}
    page = text(own.post("/vault/search", asked))
    assert "Thấy 1 tài liệu trong 1 tài liệu đã tra" in page
    assert f"/vault/{letter.classified.pk}/" in page
    assert "đúng cụm từ" in page
    assert TITLE not in page
    assert "Thấy 0 tài liệu trong 0 tài liệu đã tra" in text(other.post("/vault/search", asked))
    assert "Nhập từ cần tìm." in text(own.post("/vault/search", asked | {"asked": "!!"}))
    assert "Còn 4 lần thử" in text(own.post("/vault/search", asked | {"pin": "000000"}))
    assert own.post("/vault/search", {"asked": ""}).status_code == 422
    assert own.get("/vault/search?asked=bao").status_code == 200
