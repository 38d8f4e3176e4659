"""Recall, replacement, correction on the pages: asked, shown to every holder, answered, marked on every page and list."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.http import HttpResponse

from antin.correspondents import operations as correspondents
from antin.documents import queries
from antin.documents.operations import Outside
from antin.exchange import operations
from antin.exchange import queries as exchange
from antin.exchange.models import ChangeReply, Delivery
from tests import given
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.journeys.test_change_document import REASON, sent

pytestmark = pytest.mark.django_db


def text(response: HttpResponse) -> str:
    return response.content.decode()


def test_a_recall_goes_from_one_side_to_the_other_and_back(cast: Cast, enter: Enter, now: datetime) -> None:
    document, arrival = sent(cast, now)
    clerk, other = enter(cast.clerk), enter(cast.recipient_clerk)
    address = f"/documents/{document.pk}/change"
    assert clerk.get(address).status_code == 200
    assert clerk.post(address, {"kind": "recall"}).status_code == 422
    assert clerk.post(address, {"kind": "replace", "reason": REASON}).status_code == 422
    assert clerk.post(address, {"kind": "recall", "reason": REASON}).status_code == 302
    page = text(clerk.get(f"/outgoing/{document.pk}"))
    assert '<figure class="page" data-mark="ĐÃ THU HỒI">' in page or "<b>Đã thu hồi</b>" in page
    assert "Trung tâm B1" in page
    assert "Thu hồi: chờ trả lời" in text(clerk.get(f"/outgoing/{document.pk}/board"))
    page = text(other.get(f"/documents/{arrival.pk}"))
    assert "Nơi gửi yêu cầu thu hồi văn bản này" in page
    assert REASON in page
    assert REASON in text(other.get("/"))
    asked = exchange.find_asked(arrival.pk)
    assert asked is not None
    answer = f"/changes/{asked.pk}/answer"
    assert other.get(answer).status_code == 200
    assert enter(cast.recipient_works_officer).get(answer).status_code == 404
    assert other.post(answer, {"answer": "refused", "words": ""}).status_code == 422
    assert other.post(answer, {"answer": "agreed"}).status_code == 302
    assert queries.get(arrival.pk).standing == "recalled"
    page = text(other.get(f"/documents/{arrival.pk}"))
    assert "mọi việc trên văn bản đã dừng" in page
    assert "vẫn xem được, không thực hiện được nữa" in page
    assert "Đã thu hồi" in text(other.get("/incoming"))
    assert other.post(f"/documents/{arrival.pk}/register").status_code == 422
    assert "Thu hồi: đồng ý" in text(clerk.get(f"/outgoing/{document.pk}/board"))


def test_a_question_that_a_line_declined_is_asked_again_from_the_page(cast: Cast, enter: Enter, now: datetime) -> None:
    ministry = correspondents.enter(code="G91", name="Bộ Biển", channel="axis", line="truc", actor=None, at=now)
    document = given.an_issued_document(cast, now, recipients=[Outside(ministry.pk)])
    [delivery] = Delivery.objects.all()
    operations.record_handed_over(delivery_id=delivery.pk, reference="1", actor=None, at=now)
    clerk = enter(cast.clerk)
    clerk.post(f"/documents/{document.pk}/change", {"kind": "recall", "reason": REASON})
    reply = ChangeReply.objects.get()
    assert "Đang báo qua kênh" in text(clerk.get(f"/documents/{document.pk}"))
    again = f"/changes/{reply.pk}/again"
    assert clerk.post(again).status_code == 422
    operations.postpone_change(reply_id=reply.pk, words="Kênh tắt", final=True, actor=None, at=now)
    page = text(clerk.get(f"/documents/{document.pk}"))
    assert "Chưa báo được: Kênh tắt" in page
    assert again in page
    assert "Thu hồi: chờ trả lời. Chưa báo được: Kênh tắt" in text(clerk.get(f"/outgoing/{document.pk}/board"))
    assert clerk.post(again).status_code == 302
    assert ChangeReply.objects.get().fault == ""
    operations.record_change_carried(reply_id=reply.pk, reference="2", actor=None, at=now)
    assert "Đã báo qua kênh lúc" in text(clerk.get(f"/documents/{document.pk}"))
