"""Who may see a document and why, and what stands where somebody may not."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from tests import given
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine

pytestmark = pytest.mark.django_db


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def main_of(response: object) -> str:
    return text(response).partition("<main")[2].partition("</main>")[0]


def test_everybody_who_sees_it_is_named_with_the_reason(
    cast: Cast, enter: Enter, client: Client, now: datetime
) -> None:
    document = given.a_registered_document(cast, now)
    browser = enter(cast.recipient_clerk)
    assert f'href="/documents/{document.pk}/sight"' in text(browser.get(f"/documents/{document.pk}"))
    page = text(browser.get(f"/documents/{document.pk}/sight"))
    assert "2 nơi xem được văn bản này" in page
    assert "Văn thư Trung tâm B1" in page
    assert cast.recipient_head.name in page
    assert "Được trình cho ý kiến" in page
    told = Machine(client, cast.recipient_clerk, ("read",)).get(f"/documents/{document.pk}/sight")
    assert [row["reason"] for row in told] == ["registry", "presented"]
    assert cast.recipient_head.name in told[1]["holder"]


def test_only_those_who_see_it_learn_who_does(cast: Cast, enter: Enter, client: Client, now: datetime) -> None:
    document = given.a_registered_document(cast, now)
    assert enter(cast.recipient_works_officer).get(f"/documents/{document.pk}/sight").status_code == 404
    Machine(client, cast.recipient_works_officer, ("read",)).get(f"/documents/{document.pk}/sight", 404)


def test_what_is_not_his_and_what_is_not_there_look_the_same(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.an_arrival(cast, now)
    browser = enter(cast.recipient_works_officer)
    theirs, nothing = browser.get(f"/documents/{document.pk}"), browser.get("/documents/999999999")
    assert (theirs.status_code, nothing.status_code) == (404, 404)
    for page in (main_of(theirs), main_of(nothing)):
        assert "Không có văn bản này để xem" in page
        assert f"<b>{cast.recipient_clerk.name}</b>" in page
        assert given.SUBJECT not in page
    assert main_of(theirs) == main_of(nothing)
