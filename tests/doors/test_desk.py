"""The desk through the door: what waits leads to where it is done."""

from __future__ import annotations

from datetime import datetime

from antin.exchange import operations as exchange
from antin.exchange.models import Delivery
from antin.exchange.states import Status
from tests import given, paper
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


def test_the_heading_speaks_of_the_whole_desk_whatever_is_shown(cast: Cast, at: datetime, enter: Enter) -> None:
    given.an_arrival(cast, at, key="a1", urgency=3)
    page = enter(cast.recipient_clerk).get("/?kind=number").content.decode()
    assert "1 việc làm ngay" in page
    assert "Không còn việc loại này" in page


def test_a_valid_arrival_is_registered_from_the_desk_and_another_is_read_first(
    cast: Cast, at: datetime, enter: Enter
) -> None:
    valid = given.an_arrival(cast, at, key="a1")
    doubtful = given.an_arrival(cast, at, key="a2", code="2/TCZ-KH", identifier="", verdict="undetermined")
    browser = enter(cast.recipient_clerk)
    page = browser.get("/").content.decode()
    assert f'action="/documents/{valid.pk}/register"' in page
    assert f'action="/documents/{doubtful.pk}/register"' not in page
    assert "Xem và vào sổ" in page
    answer = browser.post(f"/documents/{valid.pk}/register", {"back": "desk"})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_what_was_sent_back_is_one_row_a_document_until_it_was_seen_to(cast: Cast, at: datetime, enter: Enter) -> None:
    document = given.an_issued_document(cast, at)
    delivery = Delivery.objects.get(dispatch__document=document)
    arrival = given.an_arrival(cast, at, key=f"delivery:{delivery.pk}")
    exchange.record_arrivals(dispatch_id=delivery.dispatch_id, arrivals={delivery.pk: arrival.pk}, actor=None, at=at)
    told = {"return_code": "wrong_agency", "return_words": "Không thuộc thẩm quyền."}
    exchange.report(arrival_id=arrival.pk, kind=Status.RETURNED, actor=None, at=at, **told)
    browser = enter(cast.clerk)
    assert "Không thuộc thẩm quyền." in browser.get("/?kind=bounced").content.decode()
    board = browser.get(f"/outgoing/{document.pk}/board").content.decode()
    assert f'action="/deliveries/{delivery.pk}/settle"' in board
    answer = browser.post(f"/deliveries/{delivery.pk}/settle")
    assert answer["Location"] == f"/outgoing/{document.pk}/board"
    assert "Không thuộc thẩm quyền." not in browser.get("/").content.decode()


def test_who_has_several_to_sign_is_shown_the_way_to_sign_them_together(cast: Cast, at: datetime, enter: Enter) -> None:
    way = 'href="/documents/sign"'
    paper.a_page_to_sign(cast, at, subject="Thư một")
    assert way not in enter(cast.head).get("/").content.decode()
    paper.a_page_to_sign(cast, at, subject="Thư hai")
    assert way in enter(cast.head).get("/").content.decode()
