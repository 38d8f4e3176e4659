"""The desk through the door: what waits leads to where it is done."""

from __future__ import annotations

from datetime import datetime

from antin.exchange import operations as exchange
from antin.exchange.models import Delivery
from tests import given
from tests.cast import Cast
from tests.doors.conftest import Enter


def test_a_delivery_that_failed_leads_the_clerk_to_its_board(cast: Cast, at: datetime, enter: Enter) -> None:
    document = given.an_issued_document(cast, at)
    delivery = Delivery.objects.get(dispatch__document=document)
    exchange.fail(delivery_id=delivery.pk, code="agency_closed", words="Đơn vị đã đóng", actor=None, at=at)
    answer = enter(cast.clerk).get("/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert f'href="/outgoing/{document.pk}/board#delivery-{delivery.pk}"' in page
    assert "Đơn vị đã đóng" in page
    assert enter(cast.clerk).get(f"/outgoing/{document.pk}/board").status_code == 200
