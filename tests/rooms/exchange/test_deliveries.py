"""Deliveries: sent once, arrived once, reported by the recipients' own acts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from antin.documents import operations as documents
from antin.documents.models import Document
from antin.exchange import operations as exchange
from antin.exchange import policy, queries
from antin.exchange.models import Delivery, Dispatch, Receipt
from antin.exchange.states import Status
from antin.outbox.models import Promise
from antin.refusal import NotFound, WrongState
from tests import cast as casting
from tests import given
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def arrived(cast: Cast, at: datetime) -> tuple[Document, Delivery]:
    """An issued letter and its delivery, arrived at the centre B1."""
    document = given.an_issued_document(cast, at)
    delivery = Delivery.objects.get(dispatch__document=document)
    arrival = given.an_arrival(cast, at, key=f"delivery:{delivery.pk}")
    exchange.record_arrivals(dispatch_id=delivery.dispatch_id, arrivals={delivery.pk: arrival.pk}, actor=None, at=at)
    delivery.refresh_from_db()
    return document, delivery


def test_one_dispatch_with_a_delivery_for_each_recipient(cast: Cast, at: datetime) -> None:
    forty = casting.forty(cast)
    document = given.an_issued_document(cast, at, recipients=[cast.recipient_id, *given.recipients_of(forty)])
    assert Dispatch.objects.count() == 1
    assert Delivery.objects.filter(dispatch__document=document, status=Status.QUEUED).count() == 41
    assert Promise.objects.filter(name="deliver").count() == 1
    exchange.dispatch(document_id=document.pk, actor=None, at=at)
    assert Delivery.objects.count() == 41


def test_arrivals_are_recorded_once(cast: Cast, at: datetime) -> None:
    document, delivery = arrived(cast, at)
    assert (delivery.status, delivery.arrived_at) == (Status.ARRIVED, at)
    arrivals = {delivery.pk: delivery.arrival_id}
    again = exchange.record_arrivals(
        dispatch_id=delivery.dispatch_id, arrivals=arrivals, actor=None, at=at + timedelta(hours=1)
    )
    assert again == 0
    assert Receipt.objects.count() == 1
    board = queries.get_board(cast.plan_officer.actor(), document.pk)
    assert board.counts == {"arrived": 1}


def report(delivery: Delivery, kind: Status, at: datetime, **facts: object) -> Delivery:
    told = exchange.report(arrival_id=delivery.arrival_id or 0, kind=kind, actor=None, at=at, **facts)
    assert told is not None
    return told


def test_receipts_move_the_delivery_forward_and_never_back(cast: Cast, at: datetime) -> None:
    _, delivery = arrived(cast, at)
    hours = [at + timedelta(hours=n) for n in range(6)]
    assert report(delivery, Status.REGISTERED, hours[1], arrival_number=7).arrival_number == 7
    assert report(delivery, Status.DONE, hours[4], reply_code="05/B1-NV").status == Status.DONE
    late = report(delivery, Status.ASSIGNED, hours[2])
    assert (late.status, late.assigned_at, late.reply_code) == (Status.DONE, hours[2], "05/B1-NV")
    twice = report(delivery, Status.REGISTERED, hours[5], arrival_number=8)
    assert (twice.registered_at, twice.arrival_number) == (hours[1], 7)
    kinds = [receipt.kind for receipt in queries.list_receipts([delivery.pk])]
    assert kinds == ["arrived", "registered", "assigned", "done"]
    told = queries.list_receipts_of_arrival(delivery.arrival_id or 0)
    assert [receipt.kind for receipt in told] == kinds


def test_a_returned_delivery_says_why(cast: Cast, at: datetime) -> None:
    _, delivery = arrived(cast, at)
    told = report(delivery, Status.RETURNED, at, return_code="wrong_agency", return_words="Gửi Ban C3")
    assert (told.status, told.return_code, told.return_words) == (Status.RETURNED, "wrong_agency", "Gửi Ban C3")
    assert [row.pk for row in queries.list_troubled(cast.clerk.actor())] == [delivery.pk]


def test_a_paper_by_hand_has_nobody_to_tell(cast: Cast, at: datetime) -> None:
    document = given.an_arrival(cast, at)
    assert exchange.report(arrival_id=document.pk, kind=Status.REGISTERED, actor=None, at=at) is None


def test_a_failed_delivery_is_tried_again_by_the_senders_clerk(cast: Cast, at: datetime) -> None:
    document = given.an_issued_document(cast, at)
    delivery = Delivery.objects.get(dispatch__document=document)
    exchange.fail(delivery_id=delivery.pk, code="agency_closed", words="Đơn vị đã đóng", actor=None, at=at)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.fault, delivery.attempts) == (Status.FAILED, "Đơn vị đã đóng", 1)
    refused(
        policy.NotTheSender,
        lambda: exchange.resend(delivery_id=delivery.pk, actor=cast.plan_officer.actor(), at=at),
    )
    refused(NotFound, lambda: exchange.resend(delivery_id=delivery.pk, actor=cast.recipient_clerk.actor(), at=at))
    exchange.resend(delivery_id=delivery.pk, actor=cast.clerk.actor(), at=at)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.fault) == (Status.QUEUED, "")
    assert Promise.objects.filter(name="deliver").count() == 2
    refused(WrongState, lambda: exchange.resend(delivery_id=delivery.pk, actor=cast.clerk.actor(), at=at))


def test_only_what_is_not_registered_can_be_urged(cast: Cast, at: datetime) -> None:
    _, delivery = arrived(cast, at)
    exchange.urge(delivery_id=delivery.pk, actor=cast.clerk.actor(), at=at)
    delivery.refresh_from_db()
    assert delivery.urged_at == at
    report(delivery, Status.REGISTERED, at, arrival_number=1)
    refused(policy.NothingToUrge, lambda: exchange.urge(delivery_id=delivery.pk, actor=cast.clerk.actor(), at=at))


def test_what_was_sent_back_leaves_the_desk_when_it_was_seen_to(cast: Cast, at: datetime) -> None:
    _, delivery = arrived(cast, at)
    clerk, later = cast.clerk.actor(), at + timedelta(days=2)
    refused(policy.NothingToSettle, lambda: exchange.settle(delivery_id=delivery.pk, actor=clerk, at=at))
    assert queries.count_rows(clerk, later) == 1  # slow
    report(delivery, Status.RETURNED, at, return_code="wrong_agency", return_words="Không thuộc thẩm quyền.")
    assert queries.count_rows(clerk, later) == 1
    refused(NotFound, lambda: exchange.settle(delivery_id=delivery.pk, actor=cast.recipient_clerk.actor(), at=at))
    refused(policy.NotTheSender, lambda: exchange.settle(delivery_id=delivery.pk, actor=cast.head.actor(), at=at))
    exchange.settle(delivery_id=delivery.pk, actor=clerk, at=later)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.settled_at) == ("returned", later)
    assert queries.list_troubled(clerk) == []
    assert queries.count_rows(clerk, later) == 0
    assert queries.count_clerk(clerk, later)["returned"] == 0
    refused(policy.NothingToSettle, lambda: exchange.settle(delivery_id=delivery.pk, actor=clerk, at=later))


def test_the_board_is_for_those_who_see_the_document(cast: Cast, at: datetime) -> None:
    document, _ = arrived(cast, at)
    for member in (cast.technique_officer, cast.recipient_clerk, cast.administrator):
        with pytest.raises(NotFound):
            queries.get_board(member.actor(), document.pk)
    draft = given.a_draft(cast, at)
    with pytest.raises(NotFound):
        queries.get_board(cast.plan_officer.actor(), draft.pk)


def test_the_counts_of_a_list_come_in_one_query(cast: Cast, at: datetime, django_assert_num_queries: object) -> None:
    document, _ = arrived(cast, at)
    with django_assert_num_queries(1):  # type: ignore[operator]
        counts = queries.count_by_document([document.pk, 999])
    assert counts == {document.pk: {"arrived": 1}, 999: {}}


def test_slow_recipients_are_named(cast: Cast, at: datetime) -> None:
    _, delivery = arrived(cast, at)
    assert queries.list_slow(cast.clerk.actor(), at) == []
    later = at + timedelta(days=2)
    assert [row.pk for row in queries.list_slow(cast.clerk.actor(), later)] == [delivery.pk]
    assert queries.count_clerk(cast.clerk.actor(), later) == {"failed": 0, "returned": 0, "slow": 1}
    documents.register(
        document_id=delivery.arrival_id or 0, actor=cast.recipient_clerk.actor(), today=casting.TODAY, at=at
    )
