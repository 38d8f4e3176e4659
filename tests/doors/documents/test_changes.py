"""Recall, replacement, correction on the pages: asked, shown to every holder, answered, marked on every page and list."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.http import HttpResponse

from antin.documents import queries
from antin.exchange import queries as exchange
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
