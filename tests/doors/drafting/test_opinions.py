"""Opinions and comments on the pages and over the API: asked, given, settled, urged, closed; and for a classified draft."""

from __future__ import annotations

import html
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from antin.documents import policy as papers
from antin.documents.models import Document
from antin.journeys import ask_opinions, sealing
from antin.keys.policy import PinMissing
from antin.opinions import operations, queries
from antin.opinions.models import Comment, Opinion
from antin.opinions.operations import Asked
from antin.people import operations as people
from antin.vault.policy import ReaderNotCleared
from tests import given, secrets
from tests.cast import Cast, Member
from tests.doors.conftest import Enter
from tests.secrets import PIN
from tests.unchanged import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]


@pytest.fixture
def draft(cast: Cast) -> Document:
    return given.a_draft(cast, timezone.now())


def text_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.content.decode()).split())


def test_asked_answered_and_settled_on_the_pages(cast: Cast, enter: Enter, draft: Document) -> None:
    drafter, head = enter(cast.plan_officer), enter(cast.technique_head)
    table = f"/documents/{draft.pk}/opinions"
    assert "Chưa xin ý kiến về dự thảo này" in text_of(drafter, table)
    form = text_of(drafter, f"{table}/ask")
    assert "Phòng Kỹ thuật" in form
    assert "data-ordered" in form
    sent: dict[str, Any] = {"asked": [f"P{cast.office_head.post_id}", f"U{cast.technique_id}"], "days": "2"}
    assert drafter.post(f"{table}/ask", {**sent, "asked": []}).status_code == 422
    assert drafter.post(f"{table}/ask", {**sent, "words": "Điều 1", "begun_in": "b" * 32}).status_code == 302
    first, second = Opinion.objects.filter(document=draft).order_by("turn")
    assert (first.holder, second.holder) == (f"P{cast.office_head.post_id}", f"U{cast.technique_id}")
    assert "0 trên 2 nơi đã cho ý kiến" in text_of(drafter, table)
    assert draft.subject in text_of(head, "/?kind=opinion")
    assert f"/opinions/{second.pk}/answer" in text_of(head, f"/documents/{draft.pk}")
    assert "Cần cho ý kiến: Điều 1" in text_of(head, f"/opinions/{second.pk}/answer")
    assert head.get(f"/opinions/{first.pk}/answer").status_code == 403
    lacking = head.post(f"/opinions/{second.pk}/answer", {"verdict": "disagreed", "words": ""})
    assert lacking.status_code == 422
    assert head.post(f"/opinions/{second.pk}/answer", {"verdict": "disagreed", "words": "Trùng."}).status_code == 302
    assert drafter.post(f"/opinions/{first.pk}/urge").status_code == 302
    assert drafter.post(f"{table}/urge").status_code == 302
    first.refresh_from_db()
    assert first.urged_at is not None
    assert first.name in text_of(drafter, f"{table}/close")
    assert drafter.post(f"{table}/close").status_code == 302
    settle = f"/opinions/{second.pk}/settle"
    assert "Không nhất trí. Trùng." in text_of(drafter, settle)
    assert drafter.post(settle, {"settlement": "explained", "words": "Khác phạm vi."}).status_code == 302
    page = text_of(head, table)
    assert "1 trên 2 nơi đã cho ý kiến" in page
    assert "Khác phạm vi." in page
    assert enter(cast.recipient_head).get(table).status_code == 404


def test_comments_on_the_page_stand_at_their_words(cast: Cast, enter: Enter, draft: Document) -> None:
    drafter = enter(cast.plan_officer)
    address = f"/documents/{draft.pk}/comments"
    assert ">\nđề nghị</textarea>" in html.unescape(
        drafter.get(f"{address}/new", {"line": 0, "quote": "đề nghị"}).content.decode()
    )
    given_words = {"quote": "đề nghị các đơn vị", "words": "Nêu rõ đơn vị."}
    assert drafter.post(f"{address}/new?line=0", given_words).status_code == 302
    row = Comment.objects.get(document=draft)
    assert "<mark>đề nghị các đơn vị</mark>" in text_of(drafter, address)
    assert drafter.post(f"/comments/{row.pk}/reply", {"words": "Đã rõ."}).status_code == 302
    assert drafter.post(f"/comments/{row.pk}/resolve", {"resolved": "1"}).status_code == 302
    page = text_of(drafter, address)
    assert "0 trên 1 góp ý chưa xong" in page
    assert "<mark>" not in page
    assert drafter.post(f"{address}/new?line=0", {"quote": "không có", "words": "?"}).status_code == 422


def test_the_same_over_the_api(cast: Cast, draft: Document) -> None:
    now = timezone.now()

    def machine(member: Member) -> dict[str, Any]:
        made = people.create_token(
            person_id=member.person_id,
            post_id=member.post_id,
            name="máy",
            scopes=("read", "act"),
            expires_at=now + timedelta(days=1),
            actor=None,
            at=now,
        )
        return {"headers": {"Authorization": f"Bearer {made.secret}"}, "content_type": "application/json"}

    browser, drafter, head = Client(), machine(cast.plan_officer), machine(cast.technique_head)
    at = f"/api/documents/{draft.pk}"
    asked = {"asked": [{"unit_id": cast.technique_id}], "days": 1, "key": "k"}
    answer = browser.post(f"{at}/opinions", asked, **drafter)
    assert answer.status_code == 201
    [row] = answer.json()
    [opinion] = row["opinions"]
    assert (row["number"], opinion["status"], opinion["late"]) == (1, "asked", False)
    assert browser.post(f"{at}/opinions", asked, **drafter).json() == answer.json()
    give = f"/api/opinions/{opinion['id']}/answer"
    assert browser.post(give, {"verdict": "remarked"}, **head).json()["code"] == "opinion_words_missing"
    assert browser.post(give, {"verdict": "remarked", "words": "Sửa."}, **head).status_code == 200
    settle = f"/api/opinions/{opinion['id']}/settle"
    [row] = browser.post(settle, {"settlement": "taken_in"}, **drafter).json()
    assert row["opinions"][0]["settlement"] == "taken_in"
    assert browser.post(f"{at}/opinions/urge", **drafter).json() == {"urged": 0}
    assert browser.post(f"/api/opinions/{opinion['id']}/urge", **drafter).status_code == 409
    assert browser.post(f"{at}/opinions/close", **drafter).json()[0]["closed_at"]
    said = browser.post(f"{at}/comments", {"quote": "các đơn vị", "words": "Ai?"}, **head)
    assert said.status_code == 201
    [passage] = said.json()
    assert (passage["line"], passage["same"]) == (0, True)
    there = f"/api/comments/{passage['id']}"
    assert browser.post(f"{there}/reply", {"words": "Mọi đơn vị."}, **drafter).status_code == 201
    assert browser.post(f"{there}/resolve", **drafter).json()[0]["resolved_at"]
    assert browser.post(f"{there}/reopen", **drafter).json()[0]["resolved_at"] is None
    [passage] = browser.get(f"{at}/comments", **drafter).json()
    assert [each["words"] for each in passage["answers"]] == ["Mọi đơn vị."]


def test_of_a_classified_draft_words_are_sealed_and_passages_have_no_comments(
    cast: Cast, own_state: Path, at: datetime
) -> None:
    secrets.give_keys(cast, at)
    document = secrets.a_draft(cast, at)
    drafter, head = cast.plan_officer.actor(), cast.technique_head
    ask: dict[str, Any] = {"document_id": document.pk, "asked": [Asked(unit_id=cast.technique_id)], "actor": drafter}
    refused(PinMissing, lambda: ask_opinions.ask(**ask, words="Hỏi 7402", at=at))
    refused(ReaderNotCleared, lambda: ask_opinions.ask(**ask, words="Hỏi 7402", pin=PIN, at=at))
    secrets.equip(head, at)
    ask_opinions.ask(**ask, words="Hỏi 7402", pin=PIN, at=at)
    [opinion] = queries.list_rounds(document.pk).opinions
    ask_opinions.answer(opinion_id=opinion.pk, verdict="remarked", words="Sửa 7403", actor=head.actor(), at=at)
    ask_opinions.settle(opinion_id=opinion.pk, settlement="in_part", words="Giữ 7404", actor=drafter, at=at)
    opinion.refresh_from_db()
    assert (opinion.round.words, opinion.words, opinion.settled_words) == (sealing.MASK,) * 3
    seen = secrets.opened(document, head, at)
    assert [each.words for each in seen.said] == ["Hỏi 7402", "Sửa 7403", "Giữ 7404"]
    refused(
        papers.SealedDocument,
        lambda: operations.comment(document_id=document.pk, line=0, quote="a", words="b", actor=drafter, at=at),
    )
