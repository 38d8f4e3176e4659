"""Answers on their page, on the desk, and by machine: the same."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client

from antin.documents.models import Document, Recipient
from antin.exchange import operations as exchange
from antin.exchange.states import Status
from antin.notices.models import Notice
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.journeys.test_answers import ours_awaiting, theirs_to_answer
from tests.journeys.test_hand_over import sent_outside

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


def test_many_are_urged_at_once_each_with_what_came_of_it(
    cast: Cast, enter: Enter, client: Client, at: datetime
) -> None:
    papers = [theirs_to_answer(cast, at, key=f"d:{n}") for n in range(3)]
    browser = enter(cast.clerk)
    page = browser.get("/answers").content.decode()
    assert page.count('name="pick"') == 3
    Document.objects.filter(pk=papers[1].pk).update(next_act="", next_holder="")  # nobody has it any more
    picks = [f"d{paper.pk}" for paper in papers[:2]]
    answer = browser.post("/answers/urge", {"side": "owed", "pick": [*picks, "d999999", "x", "dx"]}, follow=True)
    said = [str(each) for each in answer.context["messages"]]
    assert said[0] == "Đã đôn đốc 1 mục."
    assert len(said) == 3 and "Không ai đang giữ" in said[1]
    done = Machine(client, cast.clerk).post("/answers/urge", {"documents": [papers[1].pk, papers[2].pk]})
    assert [each["code"] for each in done] == ["nobody_has_it", ""]
    assert Notice.objects.filter(kind="document.answer_urged").count() == 2


def test_where_no_urging_goes_a_letter_is_begun_with_what_is_awaited(cast: Cast, enter: Enter, at: datetime) -> None:
    sent, delivery = sent_outside(cast, at)
    Document.objects.filter(pk=sent.pk).update(reply_by=date(2026, 11, 20))
    Recipient.objects.filter(document=sent).update(role="addressed")
    for kind in (Status.ARRIVED, Status.REGISTERED):
        exchange.record_receipt(delivery_id=delivery.pk, kind=kind, actor=None, at=at)
    browser = enter(cast.clerk)
    letter = f"/drafts/new?urge={delivery.pk}"
    assert letter in browser.get("/answers?side=awaited").content.decode()
    assert letter in browser.get(f"/outgoing/{sent.pk}/board").content.decode()
    form = enter(cast.plan_officer).get(letter).context["form"]
    assert form["subject"].value().startswith(f"Đôn đốc trả lời văn bản số {sent.code}")
    assert form["addressed"].value() == [f"o{delivery.correspondent_id}"]
    words = str(form["body"].value())
    assert sent.subject in words and "20/11/2026" in words and delivery.recipient_name in words
    assert enter(cast.technique_officer).get(letter).status_code == 404
    assert browser.get("/drafts/new?urge=x").status_code == 404
