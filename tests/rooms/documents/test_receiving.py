"""Arrival, the book, presenting, returning."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.models import Document
from antin.documents.operations import PaperFacts, drafting, receiving
from antin.documents.states import Act, Status
from antin.refusal import NotFound, Refusal, WrongState
from tests import given
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def test_an_arrival_comes_once_however_often_it_is_delivered(cast: Cast, at: datetime) -> None:
    first = given.an_arrival(cast, at)
    again = given.an_arrival(cast, at + timedelta(minutes=1))
    assert first.pk == again.pk
    assert Document.objects.count() == 1
    assert (first.status, first.next_act, first.next_holder) == (Status.ARRIVED, Act.REGISTER, f"R{cast.recipient_id}")


def test_a_hundred_arrivals_cost_as_many_statements_as_one(cast: Cast, at: datetime) -> None:
    with CaptureQueriesContext(
        connection,
    ) as one:
        documents.arrive_many(arrivals=[given.new_arrival(cast.recipient_id, key="k0")], actor=None, at=at)
    with CaptureQueriesContext(connection) as many:
        documents.arrive_many(
            arrivals=[given.new_arrival(cast.recipient_id, key=f"k{n}") for n in range(1, 101)], actor=None, at=at
        )
    assert len(many) == len(one)


@pytest.mark.parametrize(
    ("urgency", "expected"),
    [
        (0, datetime.fromisoformat("2026-11-25T17:00:00+07:00")),  # 24 November is a holiday
        (1, datetime.fromisoformat("2026-11-23T13:00:00+07:00")),
        (2, datetime.fromisoformat("2026-11-23T11:00:00+07:00")),
        (3, datetime.fromisoformat("2026-11-23T09:30:00+07:00")),
    ],
)
def test_the_clock_of_registering_follows_urgency_and_the_calendar(
    cast: Cast, at: datetime, urgency: int, expected: datetime
) -> None:
    assert given.an_arrival(cast, at, urgency=urgency).next_due_at == expected


def test_registering_takes_the_next_number_and_presents_to_the_head(cast: Cast, at: datetime) -> None:
    first, second = (
        given.a_registered_document(cast, at, key=f"k{n}", code=f"{n}/TCZ-KH", identifier="") for n in (1, 2)
    )
    assert [(row.arrival_number, row.arrival_year) for row in (first, second)] == [(1, 2026), (2, 2026)]
    assert (first.status, first.next_act, first.next_holder) == (
        Status.REGISTERED,
        Act.DIRECT,
        f"P{cast.recipient_head.post_id}",
    )
    arrival = queries.arrival_of(first)
    assert (arrival.arrival_date, arrival.registered_by) == (TODAY, "Mai Thị Linh, Nhân viên văn thư")


def test_a_clerk_may_present_to_a_deputy_instead(cast: Cast, at: datetime) -> None:
    document = given.an_arrival(cast, at)
    documents.register(
        document_id=document.pk,
        present_to=cast.recipient_deputy.post_id,
        actor=cast.recipient_clerk.actor(),
        today=TODAY,
        at=at,
    )
    assert queries.get(document.pk).next_holder == f"P{cast.recipient_deputy.post_id}"
    documents.present(
        document_id=document.pk,
        post_id=cast.recipient_head.post_id,
        words="Kính trình",
        actor=cast.recipient_clerk.actor(),
        at=at,
    )
    assert queries.get(document.pk).next_holder == f"P{cast.recipient_head.post_id}"
    refused(
        NotFound,
        lambda: documents.present(
            document_id=document.pk, post_id=cast.head.post_id, actor=cast.recipient_clerk.actor(), at=at
        ),
    )


def test_only_the_clerks_of_the_agency_register(cast: Cast, at: datetime) -> None:
    document = given.an_arrival(cast, at)
    for other in (cast.recipient_head, cast.clerk, cast.recipient_works_officer):
        refused(
            policy.NotTheRegistry,
            lambda other=other: documents.register(document_id=document.pk, actor=other.actor(), today=TODAY, at=at),
        )
    documents.register(document_id=document.pk, actor=cast.recipient_clerk.actor(), today=TODAY, at=at)
    refused(
        WrongState,
        lambda: documents.register(document_id=document.pk, actor=cast.recipient_clerk.actor(), today=TODAY, at=at),
    )


def test_a_duplicate_is_an_alarm_that_the_clerk_can_overrule(cast: Cast, at: datetime) -> None:
    given.a_registered_document(cast, at)
    again = given.an_arrival(cast, at, key="another")
    register = {"document_id": again.pk, "actor": cast.recipient_clerk.actor(), "today": TODAY, "at": at}
    no = refused(receiving.DuplicateArrival, lambda: documents.register(**register))
    assert no.facts == {"code": "15/TCZ-KH", "issuer": "Tổng cục Z", "arrival": 1}
    assert documents.register(despite_duplicate=True, **register).arrival_number == 2


def test_of_two_alike_that_wait_the_second_repeats_the_first_unless_it_is_in_the_book(cast: Cast, at: datetime) -> None:
    first, second = given.an_arrival(cast, at), given.an_arrival(cast, at, key="another")
    register = {"actor": cast.recipient_clerk.actor(), "today": TODAY, "at": at}
    refused(receiving.DuplicateArrival, lambda: documents.register(document_id=second.pk, **register))
    documents.register(document_id=second.pk, despite_duplicate=True, **register)
    refused(receiving.DuplicateArrival, lambda: documents.register(document_id=first.pk, **register))


def test_returning_needs_a_known_reason_and_other_needs_words(cast: Cast, at: datetime) -> None:
    document = given.an_arrival(cast, at)
    back = {"document_id": document.pk, "actor": cast.recipient_clerk.actor(), "at": at}
    refused(receiving.ReasonUnknown, lambda: documents.send_back(reason="because", words="x", **back))
    refused(receiving.WordsMissing, lambda: documents.send_back(reason="other", words=" ", **back))
    documents.send_back(reason="wrong_agency", words="Đề nghị gửi Trung tâm N3", **back)
    document = queries.get(document.pk)
    assert (document.status, document.arrival_number, document.next_act) == (Status.SENT_BACK, None, "")
    refused(WrongState, lambda: documents.send_back(reason="duplicate", words="", **back))


def test_a_returned_number_never_enters_the_book(cast: Cast, at: datetime) -> None:
    document = given.an_arrival(cast, at)
    documents.send_back(
        document_id=document.pk, reason="duplicate", words="", actor=cast.recipient_clerk.actor(), at=at
    )
    kept = given.a_registered_document(cast, at, key="next")
    assert kept.arrival_number == 1


def paper(**changes: object) -> PaperFacts:
    plain = {
        "type_code": "CV",
        "subject": "Mời họp giao ban",
        "issuer_name": "Sở X",
        "code": "77/SX-VP",
        "document_date": date(2026, 11, 20),
    }
    return PaperFacts(**(plain | changes))  # type: ignore[arg-type]


def receive(cast: Cast, at: datetime, facts: PaperFacts, key: str = "form-1", **more: object) -> Document:
    return documents.receive_paper(
        facts=facts,
        file="9" * 64,
        pages=2,
        verdict="unsigned",
        replaces_paper=False,
        attachments=(),
        key=key,
        actor=cast.recipient_clerk.actor(),
        today=TODAY,
        at=at,
        **more,  # type: ignore[arg-type]
    )


def test_paper_by_hand_is_registered_in_the_same_book(cast: Cast, at: datetime) -> None:
    electronic = given.a_registered_document(cast, at)
    document = receive(cast, at, paper())
    assert (electronic.arrival_number, document.arrival_number) == (1, 2)
    assert (document.status, document.code, document.notation) == (Status.REGISTERED, "77/SX-VP", "SX-VP")
    assert receive(cast, at, paper()).pk == document.pk  # the same form sent twice
    found = queries.list_documents(
        actor=cast.recipient_clerk.actor(), box="in", filters=queries.Filters(words="moi hop giao ban so x")
    )
    assert [row.pk for row in found.rows] == [document.pk]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"issuer_name": " "}, receiving.IssuerMissing),
        ({"subject": ""}, drafting.SubjectMissing),
        ({"document_date": date(2026, 11, 24)}, receiving.DateAhead),
        ({"type_code": "?"}, drafting.UnknownType),
        ({"secrecy": 1}, policy.ClassifiedElsewhere),
    ],
)
def test_a_paper_that_cannot_be_is_refused(
    cast: Cast, at: datetime, changes: dict[str, object], kind: type[Refusal]
) -> None:
    refused(kind, lambda: receive(cast, at, paper(**changes)))


def test_a_registered_document_for_information_is_closed_by_its_leader(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    refused(
        policy.NotPresented,
        lambda: documents.close(document_id=document.pk, actor=cast.recipient_works_head.actor(), at=at),
    )
    documents.close(document_id=document.pk, actor=cast.recipient_head.actor(), at=at)
    assert queries.get(document.pk).status == Status.COMPLETED
