"""The three lists and the page of a document: who sees what, in how many questions to the database."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from antin.documents.models import Document
from antin.exchange.states import TROUBLED, Status
from antin.web.documents.board import shares_of
from antin.web.documents.rows import state_of
from tests import given
from tests.cast import Cast
from tests.doors.conftest import Enter

pytestmark = pytest.mark.django_db


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_an_arrival_lies_in_the_clerks_list_and_opens_beside_it(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.an_arrival(cast, now, urgency=1)
    browser = enter(cast.recipient_clerk)
    page = text(browser.get("/incoming"))
    assert given.SUBJECT in page
    assert "Chờ vào sổ" in page
    assert "KHẨN" in page
    opened = text(browser.get(f"/incoming/{document.pk}"))
    assert f'<h1 class="title" id="document-title" data-page-title="15/TCZ-KH · An Tín">{given.SUBJECT}</h1>' in opened
    assert "data-open" in opened


def test_a_row_asks_for_the_pane_alone(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.an_arrival(cast, now)
    browser = enter(cast.recipient_clerk)
    pane = text(browser.get(f"/incoming/{document.pk}", headers={"HX-Request": "true", "HX-Target": "pane"}))
    assert pane.startswith("<article")
    assert "<html" not in pane


def test_nobody_elses_document_is_found(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.an_arrival(cast, now)
    for member in (cast.recipient_works_officer, cast.clerk, cast.administrator):
        browser = enter(member)
        assert given.SUBJECT not in text(browser.get("/incoming"))
        for address in ("incoming/{}", "documents/{}", "documents/{}/files/" + given.SEALED):
            assert browser.get("/" + address.format(document.pk)).status_code == 404


def test_a_document_asked_for_in_another_box_is_shown_in_its_own(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.a_draft(cast, now)
    response = enter(cast.plan_officer).get(f"/incoming/{document.pk}?words=x")
    assert response["Location"] == f"/drafts/{document.pk}?words=x"


def test_the_address_that_notices_give_shows_any_document(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.an_issued_document(cast, now)
    page = text(enter(cast.plan_officer).get(f"/documents/{document.pk}"))
    assert f"{document.code} · An Tín" in page
    assert 'href="/outgoing" aria-current="page"' in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("words=bao+cao", True),
        ("words=B%C3%A1o+c%C3%A1o", True),
        ("words=15/tcz", True),
        ("words=khong+co", False),
        ("state=arrived", True),
        ("state=completed", False),
        ("type=CV", True),
        ("type=KH", False),
        ("urgency=0", True),
        ("urgency=3", False),
        ("party=tong+cuc+z", True),
        ("since=2026-11-23&until=2026-11-23", True),
        ("until=2026-11-22", False),
        ("state=nonsense&urgency=x&since=never&after=rubbish", True),
        ("mine=1", True),
    ],
)
def test_a_list_is_narrowed_by_its_address(cast: Cast, enter: Enter, now: datetime, query: str, found: bool) -> None:
    given.an_arrival(cast, now)
    page = text(enter(cast.recipient_clerk).get(f"/incoming?{query}"))
    assert (given.SUBJECT in page) is found


def test_hostile_words_are_words(cast: Cast, enter: Enter, now: datetime) -> None:
    hostile = "<script>alert(1)</script> & \"' {{ x }}"
    document = given.an_arrival(cast, now, subject=hostile, issuer_name="<b>Z</b>")
    browser = enter(cast.recipient_clerk)
    for address in ("/incoming", f"/incoming/{document.pk}", "/search?q=script", f"/incoming?words={hostile}"):
        page = text(browser.get(address))
        assert "<script>alert" not in page
        assert "<b>Z</b>" not in page


def questions(browser: Client, address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser.get(address)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


@pytest.mark.usefixtures("known_health")
def test_a_list_asks_the_same_few_questions_however_long(cast: Cast, enter: Enter, now: datetime) -> None:
    for n in range(8):
        given.an_arrival(cast, now, key=f"delivery:{n}")
    assert questions(enter(cast.recipient_clerk), "/incoming") <= 12
    given.an_issued_document(cast, now)
    assert questions(enter(cast.plan_officer), "/outgoing") <= 12
    assert questions(enter(cast.plan_officer), "/drafts") <= 12


@pytest.mark.parametrize("status", sorted(set(Status) - TROUBLED))
def test_a_row_counts_as_taken_in_what_the_board_counts(status: Status) -> None:
    counts = {status: 1, Status.REGISTERED: 1}
    taken = sum(n for tone, n, _, _ in shares_of(counts) if tone in ("flow", "ok"))
    document = Document(status="issued")
    assert str(state_of(document, counts).words) == f"{taken}/{sum(counts.values())} nơi đã nhận"
