"""What awaits an answer: ours to others, others' to us; urged, answered, waived; seen only by whom the papers are seen."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from antin.documents import operations as documents
from antin.documents.models import Document
from antin.exchange import answering
from antin.exchange import operations as exchange
from antin.exchange.models import Delivery, Dispatch
from antin.exchange.operations.deliveries import WaiverReasonMissing
from antin.exchange.policy import AnswerNotAsked, NobodyHasIt, NothingToUrge, NotItsRegistry, NotTheSender
from antin.journal.models import Record
from antin.journeys import direct_document, receive_document, urge_recipient
from antin.notices.models import Notice
from antin.refusal import NotFound
from antin.tasks.operations import Share
from tests import given
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 30)


def ours_awaiting(cast: Cast, at: datetime) -> Delivery:
    """A letter of the general department to the centre, to be answered by a day; it has arrived there."""
    document = given.an_issued_document(cast, at, reply_by=DAY)
    delivery = Delivery.objects.get(dispatch__document=document)
    new = given.new_arrival(cast.recipient_id, key=f"delivery:{delivery.pk}", reply_by=DAY, code=document.code)
    (arrival_id,) = documents.arrive_many(arrivals=[new], actor=None, at=at).values()
    exchange.record_arrivals(dispatch_id=delivery.dispatch_id, arrivals={delivery.pk: arrival_id}, actor=None, at=at)
    return Delivery.objects.get(pk=delivery.pk)


def theirs_to_answer(cast: Cast, at: datetime, *, key: str = "d:1", day: date | None = DAY) -> Document:
    """An arrival at the general department with a day to answer by, in its book."""
    new = given.new_arrival(cast.agency_id, key=key, reply_by=day, issuer_name="Cục A", identifier=key, code=key)
    (document_id,) = documents.arrive_many(arrivals=[new], actor=None, at=at).values()
    paper = receive_document.register(document_id=document_id, actor=cast.clerk.actor(), today=TODAY, at=at)
    documents.show(document=paper, holders={f"P{cast.plan_officer.post_id}": "assigned"}, actor=None, at=at)
    return paper


def owed(cast: Cast) -> list[int]:
    return [each.document.pk for each in answering.list_owed(cast.clerk.actor())[0]]


def awaited(cast: Cast) -> list[int]:
    return [each.delivery.pk for each in answering.list_awaited(cast.clerk.actor())[0]]


def test_what_came_with_a_day_is_owed_until_an_answer_is_issued(cast: Cast, at: datetime) -> None:
    paper = theirs_to_answer(cast, at)
    theirs_to_answer(cast, at, key="d:2", day=None)
    assert owed(cast) == [paper.pk]
    draft = given.a_draft(cast, at, in_reply_to_id=paper.pk, subject="Trả lời Cục A")
    # an officer who sees neither sees nothing of it
    assert answering.list_owed(cast.technique_officer.actor())[0] == []
    documents.show(document=draft, holders={f"R{cast.agency_id}": "registry"}, actor=None, at=at)
    (row,) = answering.list_owed(cast.clerk.actor())[0]
    assert (row.drafts, row.since) == (["Trả lời Cục A"], at)
    given.an_issued_document(cast, at, in_reply_to_id=paper.pk)
    assert owed(cast) == []
    assert answering.count_answers(cast.clerk.actor(), TODAY) == {
        "owed": 0,
        "awaited": 0,
        "owed_late": 0,
        "awaited_late": 0,
    }


def test_pages_of_what_is_owed_follow_one_another(cast: Cast, at: datetime) -> None:
    papers = [theirs_to_answer(cast, at, key=f"d:{n}", day=DAY - timedelta(days=n)) for n in range(3)]
    clerk = cast.clerk.actor()
    first, more = answering.list_owed(clerk, limit=2)
    rest, over = answering.list_owed(clerk, after=answering.Cursor.parse(str(more)), limit=2)
    assert [each.document.pk for each in (*first, *rest)] == [each.pk for each in reversed(papers)]
    assert over is None
    assert answering.count_answers(clerk, DAY)["owed_late"] == 2


def test_own_people_are_urged_once_they_have_it(cast: Cast, at: datetime) -> None:
    paper = theirs_to_answer(cast, at)
    clerk = cast.clerk.actor()
    assert urge_recipient.urge_own(document_id=paper.pk, actor=clerk, at=at) == [f"P{cast.head.post_id}"]
    direct_document.direct(
        document_id=paper.pk,
        words="Trả lời.",
        shares=[Share("lead", unit_id=cast.plan_id)],
        actor=cast.head.actor(),
        at=at,
    )
    assert urge_recipient.urge_own(document_id=paper.pk, actor=clerk, at=at) == [f"U{cast.plan_id}"]
    told = Notice.objects.get(kind="document.answer_urged", holder=f"U{cast.plan_id}")
    assert (told.subject_id, told.facts["day"]) == (paper.pk, "30/11/2026")
    assert Record.objects.filter(event="document.answer_urged", subject_id=paper.pk).count() == 2
    refused(
        NotItsRegistry,
        lambda: urge_recipient.urge_own(document_id=paper.pk, actor=cast.plan_head.actor(), at=at),
    )
    plain = theirs_to_answer(cast, at, key="d:2", day=None)
    refused(AnswerNotAsked, lambda: urge_recipient.urge_own(document_id=plain.pk, actor=clerk, at=at))
    done = theirs_to_answer(cast, at, key="d:3")
    receive_document.close(document_id=done.pk, actor=cast.head.actor(), at=at)
    refused(NobodyHasIt, lambda: urge_recipient.urge_own(document_id=done.pk, actor=clerk, at=at))
    given.an_issued_document(cast, at, in_reply_to_id=paper.pk)
    refused(AnswerNotAsked, lambda: urge_recipient.urge_own(document_id=paper.pk, actor=clerk, at=at))


def test_a_recipient_is_urged_to_answer_on_record_on_both_sides(cast: Cast, at: datetime) -> None:
    delivery = ours_awaiting(cast, at)
    clerk, arrival_id = cast.clerk.actor(), delivery.arrival_id
    assert arrival_id is not None
    assert awaited(cast) == [delivery.pk]
    receive_document.register(document_id=arrival_id, actor=cast.recipient_clerk.actor(), today=TODAY, at=at)
    refused(NotTheSender, lambda: urge_recipient.urge(delivery_id=delivery.pk, actor=cast.head.actor(), at=at))
    urged = urge_recipient.urge(delivery_id=delivery.pk, actor=clerk, at=at)
    assert urged.urged_at == at
    told = Notice.objects.filter(kind="delivery.answer_urged").order_by("holder").values_list("holder", flat=True)
    assert set(told) == {f"R{cast.recipient_id}", f"P{cast.recipient_head.post_id}"}
    ours = Record.objects.get(event="delivery.answer_urged")
    theirs = Record.objects.get(event="document.answer_asked")
    assert (ours.subject_id, theirs.subject_id) == (delivery.dispatch.document_id, arrival_id)
    assert theirs.agency_id == cast.recipient_id


def test_an_answer_that_comes_from_the_very_recipient_ends_it(cast: Cast, at: datetime) -> None:
    delivery = ours_awaiting(cast, at)
    sent = delivery.dispatch.document
    receive_document.register(
        document_id=delivery.arrival_id or 0, actor=cast.recipient_clerk.actor(), today=TODAY, at=at
    )
    new = given.new_arrival(cast.agency_id, key="d:answer", answers=sent.identifier, identifier="", code="7/B1")
    (answer_id,) = documents.arrive_many(arrivals=[new], actor=None, at=at).values()
    assert Document.objects.get(pk=answer_id).in_reply_to_id == sent.pk
    assert awaited(cast) == [delivery.pk]  # from whom it came is not said yet
    foreign = Document.objects.get(pk=delivery.arrival_id)  # stands for the document that the centre issued
    back = Dispatch.objects.create(document=foreign, agency_id=cast.recipient_id, at=at)
    Delivery.objects.create(
        dispatch=back, agency_id=cast.agency_id, recipient_name="", status="arrived", arrival_id=answer_id, sent_at=at
    )
    assert awaited(cast) == []
    refused(AnswerNotAsked, lambda: urge_recipient.urge(delivery_id=delivery.pk, actor=cast.clerk.actor(), at=at))
    Delivery.objects.filter(pk=delivery.pk).update(reply_code="7/B1")
    refused(NothingToUrge, lambda: urge_recipient.urge(delivery_id=delivery.pk, actor=cast.clerk.actor(), at=at))


def test_a_copy_owes_no_answer_and_a_reason_waives_one(cast: Cast, at: datetime) -> None:
    delivery = ours_awaiting(cast, at)
    sent = delivery.dispatch.document
    sent.recipients.update(role="copied")
    assert awaited(cast) == []
    sent.recipients.update(role="addressed")
    clerk = cast.clerk.actor()
    refused(WaiverReasonMissing, lambda: exchange.waive_answer(document_id=sent.pk, reason=" ", actor=clerk, at=at))
    stranger = cast.technique_officer.actor()
    refused(NotFound, lambda: exchange.waive_answer(document_id=sent.pk, reason="Thôi", actor=stranger, at=at))
    drafter = cast.plan_officer.actor()
    refused(NotItsRegistry, lambda: exchange.waive_answer(document_id=sent.pk, reason="Thôi", actor=drafter, at=at))
    for _ in range(2):
        row = exchange.waive_answer(document_id=sent.pk, reason="Đã trả lời bằng giấy", actor=clerk, at=at)
    assert (row.reason, row.at) == ("Đã trả lời bằng giấy", at)
    assert awaited(cast) == []
    assert Record.objects.filter(event="document.answer_waived").count() == 1
