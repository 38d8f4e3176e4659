"""Urging across nodes: signed, once a day, on record on both sides, told to who has it in hand; no partner that is too old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from antin.documents import queries
from antin.documents.models import Document
from antin.exchange import answering, policy
from antin.exchange.models import Delivery, Incoming
from antin.exchange.operations import record_receipt
from antin.exchange.states import Status
from antin.journal import queries as journal
from antin.journeys import direct_document, receive_document, urge_recipient
from antin.nodes import operations as nodes
from antin.nodes import policy as parties
from antin.nodes import queries as members
from antin.nodes import statements
from antin.nodes.models import Parcel, Received
from antin.nodes.states import Coming
from antin.notices.models import Notice
from antin.outbox.operations import Tally
from antin.tasks.operations import Share
from tests.cast import TODAY, Cast
from tests.two_nodes import Two, link, pdf
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]
DAY = date(2026, 11, 30)


@pytest.fixture
def two(cast: Cast, at: datetime) -> Two:
    return link(cast, at)


def sent_over(two: Two, keep_promises: Keep) -> Delivery:
    """A letter of ours with a day to answer by, registered at the other node."""
    sent = two.issue(pdf(), reply_by=DAY)
    keep_promises()
    two.send()
    delivery = Delivery.objects.get(dispatch__document=sent)
    for kind in (Status.ARRIVED, Status.REGISTERED):
        record_receipt(delivery_id=delivery.pk, kind=kind, facts={}, actor=None, at=two.at)
    return Delivery.objects.get(pk=delivery.pk)


def urge(two: Two, delivery: Delivery, at: datetime | None = None) -> Delivery:
    return urge_recipient.urge(delivery_id=delivery.pk, actor=two.cast.clerk.actor(), at=at or two.at)


def said(two: Two, parcel_id: int = 0, code: str = "", takes: str = "urging") -> bytes:
    """What the partner states of our feed: that it set the last parcel aside, or nothing."""
    feed = members.find_current_feed(two.member, inward=False)
    assert feed is not None
    aside = [[feed.last, code, "x"]] if code else []
    mine = {"feed": feed.feed, "upto": feed.last, "chain": feed.chain, "aside": aside}
    return two.partner.statement(two.ours, at=two.at, **{"in": mine}, takes=takes)


def events(document_id: int) -> list[str]:
    return [row.event for row in journal.list_for(("document", document_id))]


def test_ours_goes_as_a_parcel_under_the_agencys_seal_once_a_day(two: Two, keep_promises: Keep) -> None:
    delivery = sent_over(two, keep_promises)
    assert answering.list_awaited(two.cast.clerk.actor())[0][0].delivery == delivery
    urge(two, delivery)
    keep_promises()
    [message] = two.send()
    told, files = two.partner.opens(message)
    assert (told["kind"], told["parcel"], told["at"], files) == ("urging", delivery.reference, two.at.isoformat(), [])
    assert (told["from"]["agency"], told["to"]["agency"]) == ("G11.90", "G11.91")
    assert "delivery.answer_urged" in events(delivery.dispatch.document_id)
    refused(policy.UrgedToday, lambda: urge(two, delivery, two.at + timedelta(hours=1)))
    urge(two, delivery, two.at + timedelta(days=1))
    keep_promises()
    assert Parcel.objects.filter(kind="urging").count() == 2


def test_a_partner_that_is_too_old_or_expelled_is_not_urged(two: Two, keep_promises: Keep) -> None:
    delivery = sent_over(two, keep_promises)
    two.come(said(two, takes=""))
    refused(parties.TakesNoUrging, lambda: urge(two, delivery))
    two.at += timedelta(seconds=1)
    two.come(said(two))
    urge(two, delivery)
    keep_promises()
    two.at += timedelta(days=1)
    nodes.expel(code="b2", reason="Lộ khóa", actor=None, at=two.at)
    refused(parties.Expelled, lambda: urge(two, delivery))


def test_what_the_partner_set_aside_is_told_to_our_registry(two: Two, keep_promises: Keep) -> None:
    delivery = sent_over(two, keep_promises)
    urge(two, delivery)
    keep_promises()
    two.come(said(two, code="not_a_parcel"))
    assert events(delivery.dispatch.document_id)[0] == "delivery.urging_not_carried"
    [notice] = Notice.objects.filter(kind="delivery.urging_not_carried")
    assert "chưa nhận được đôn đốc" in str(notice.facts)


def urging(two: Two, parcel: str, moment: datetime, /, **more: Any) -> list[bytes]:
    told = (
        statements.peek(two.partner.manifest(two.ours, kind="urging", parcel=parcel))
        | {"at": moment.isoformat()}
        | more
    )
    return two.partner.messages(two.ours, statements.sign(told, two.partner.office, at=two.at))


def arrived(two: Two, keep_promises: Keep) -> tuple[Document, str]:
    page = pdf(51)
    two.letter = two.partner.document(two.ours, page, reply_by=DAY.isoformat())
    two.come(*two.partner.messages(two.ours, two.letter, page))
    keep_promises()
    [document] = queries.list_waiting(two.cast.clerk.actor())
    return document, statements.digest_of(statements.peek(two.letter))


def test_theirs_is_told_to_whoever_has_it_in_hand(two: Two, keep_promises: Keep) -> None:
    document, parcel = arrived(two, keep_promises)
    two.come(*urging(two, parcel, two.at))
    keep_promises()
    assert events(document.pk)[0] == "document.urged"
    assert set(Notice.objects.filter(kind="delivery.urged").values_list("holder", flat=True)) == {
        f"R{two.cast.agency_id}"
    }
    cast, later = two.cast, two.at + timedelta(days=1)
    receive_document.register(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=two.at)
    share = Share("lead", unit_id=cast.plan_id)
    direct_document.direct(
        document_id=document.pk, words="Trả lời.", shares=[share], actor=cast.head.actor(), at=two.at
    )
    two.partner.at = two.at = later
    for _time in range(2):  # the same word again, in a parcel of its own or not, and another one of that day
        two.come(*urging(two, parcel, later))
        keep_promises(later)
    two.come(*urging(two, parcel, later + timedelta(hours=1)))
    keep_promises(later)
    told = Notice.objects.filter(kind="delivery.answer_urged").values_list("holder", flat=True)
    assert sorted(told) == [f"R{cast.agency_id}", f"U{cast.plan_id}"]
    assert events(document.pk).count("document.answer_asked") == 1
    assert Incoming.objects.get().urged_at == later
    [row] = answering.list_owed(cast.clerk.actor())[0]
    assert row.urged_at == later
    assert set(Received.objects.values_list("status", flat=True)) == {Coming.TAKEN}


def test_theirs_waits_for_its_document_and_is_believed_only_from_its_sender(two: Two, keep_promises: Keep) -> None:
    page = pdf(52)
    letter = two.partner.document(two.ours, page, reply_by=DAY.isoformat())
    parcel = statements.digest_of(statements.peek(letter))
    two.come(*urging(two, parcel, two.at))
    keep_promises()
    assert Received.objects.get(kind="urging").status == Coming.WHOLE
    two.come(*two.partner.messages(two.ours, letter, page))
    keep_promises()
    assert Received.objects.get(kind="urging").status == Coming.TAKEN
    assert Incoming.objects.get().urged_at == two.at
    lies: list[dict[str, Any]] = [
        {"to": {"node": "tcz", "agency": "G11.90.21", "name": "Trung tâm B1"}},
        {"at": "hôm qua"},
        {"at": "2026-11-25T00:00:00"},
        {"from": {"node": "b2", "agency": "G11.90", "name": "Tổng cục Z"}},
    ]
    for lie in lies:
        two.come(*urging(two, parcel, two.at + timedelta(days=2), **lie))
    keep_promises()
    codes = Received.objects.filter(status=Coming.ASIDE).order_by("id").values_list("fault_code", flat=True)
    assert list(codes) == ["not_theirs_to_urge", "not_a_parcel", "not_a_parcel", "not_a_parcel"]
    assert Incoming.objects.get().urged_at == two.at
