"""Answers on their page, on the desk, and by machine: the same."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.journeys.test_answers import ours_awaiting, theirs_to_answer

pytestmark = pytest.mark.django_db


def test_the_page_the_desk_and_the_machine_say_the_same(cast: Cast, enter: Enter, client: Client, at: datetime) -> None:
    delivery = ours_awaiting(cast, at)
    paper = theirs_to_answer(cast, at)
    browser = enter(cast.clerk)
    desk = browser.get("/").content.decode()
    assert "Trả lời văn bản" in desk and "/answers?side=awaited" in desk
    page = browser.get("/answers").content.decode()
    assert "1 văn bản chờ ta trả lời" in page and f"/documents/{paper.pk}/answer/urge" in page
    assert "Cục A, d:1." in page
    other = browser.get("/answers?side=awaited").content.decode()
    assert "1 nơi chưa trả lời ta" in other and f"/deliveries/{delivery.pk}/urge?back=answers" in other
    sent = browser.post(f"/deliveries/{delivery.pk}/urge?back=answers")
    assert sent["Location"] == "/answers?side=awaited"
    browser.post(f"/documents/{paper.pk}/answer/urge")
    assert browser.get(f"/documents/{paper.pk}/answer/waive").status_code == 200
    browser.post(f"/documents/{paper.pk}/answer/waive", {"reason": "Đã họp"})
    assert "Không có văn bản nào chờ trả lời" in browser.get("/answers").content.decode()

    machine = Machine(client, cast.clerk)
    assert machine.get("/answers") == {"items": [], "next": None}
    (row,) = machine.get("/answers?side=awaited")["items"]
    assert (row["delivery_id"], row["reply_by"], row["other"]) == (
        delivery.pk,
        "2026-11-30",
        delivery.recipient_name,
    )
    assert machine.get("/answers?after=x", 422)["code"] == "bad_cursor"
    assert machine.post(f"/documents/{paper.pk}/answer/urge", status=422)["code"] == "answer_not_asked"
    waived = machine.post(f"/documents/{row['document_id']}/answer/waive", {"reason": "Thôi"})
    assert waived["reason"] == "Thôi"
    assert machine.get("/answers?side=awaited")["items"] == []
