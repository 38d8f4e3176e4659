"""The way of an arrival as one tree: given, passed down, sent on as a copy; who is late there, by page and by machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from antin.documents import operations as documents
from antin.documents.models import Copy, Document
from antin.exchange.models import Delivery, Receipt
from antin.journeys import direct_document, follow_arrival
from antin.refusal import NotFound
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.web.documents import way as pages
from antin.workdays.queries import local_date
from tests import given
from tests.cast import Cast
from tests.doors.test_api_documents import Machine

pytestmark = pytest.mark.django_db

Enter = Callable[..., Client]


@pytest.fixture
def directed(cast: Cast, at: datetime) -> Document:
    """An arrival at the general department: to the planning division within two days, from there to its officer within one;
    a copy of it went to the centre, which gave it to a division of its own."""
    new = given.new_arrival(cast.agency_id, key="delivery:of-above", issuer_name="Bộ Y", issuer_code="G11")
    [number] = documents.arrive_many(arrivals=[new], actor=None, at=at).values()
    clerk, head = cast.clerk.actor(), cast.head.actor()
    documents.register(document_id=number, actor=clerk, today=local_date(at), at=at)
    shares = [
        Share("lead", unit_id=cast.plan_id, due_at=at + timedelta(days=2)),
        Share("inform", unit_id=cast.technique_id),
    ]
    direct_document.direct(document_id=number, words="Chủ trì.", shares=shares, actor=head, at=at)
    lead = Assignment.objects.get(role="lead")
    share = Share("lead", post_id=cast.plan_officer.post_id, due_at=at + timedelta(days=1))
    direct_document.pass_down(assignment_id=lead.pk, words="Soạn.", shares=[share], actor=cast.plan_head.actor(), at=at)
    copy = given.an_issued_document(cast, at, subject="Sao y")
    Copy.objects.create(document=copy, source_id=number, source_words="x", source_file=given.SEALED, form="electronic")
    Document.objects.filter(pk=copy.pk).update(type_code="SY")
    [sent] = Delivery.objects.filter(dispatch__document=copy)
    Delivery.objects.filter(pk=sent.pk).update(arrival_number=7)
    Receipt.objects.create(delivery=sent, kind="assigned", at=at, facts={"names": ["Ban Nghiệp vụ"]})
    return Document.objects.get(pk=number)


def test_each_stands_after_the_one_it_went_on_from_with_its_own_deadline(
    cast: Cast, at: datetime, directed: Document, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    later = at + timedelta(days=1, hours=1)
    actor = cast.head.actor()
    with django_assert_max_num_queries(12):
        way = follow_arrival.follow(actor=actor, document_id=directed.pk, at=later)
    assert [(step.kind, step.depth, step.role, step.late) for step in way.steps] == [
        ("arrival", 0, "", False),
        ("presented", 1, "", False),
        ("given", 1, "lead", False),
        ("given", 2, "lead", True),
        ("given", 1, "inform", False),
        ("copied", 1, "SY", False),
        ("sent", 2, "", False),
    ]
    [late] = way.late
    assert late.by.startswith(cast.plan_head.name) and cast.plan_officer.name in late.name
    assert (way.steps[-1].name, way.steps[-1].told, way.steps[-1].arrival_number) == (
        "Trung tâm B1",
        ("Ban Nghiệp vụ",),
        7,
    )
    direct_document.hand_in(assignment_id=late.task_id or 0, words="Xong.", actor=cast.plan_officer.actor(), at=later)
    after = follow_arrival.follow(actor=actor, document_id=directed.pk, at=later)
    assert after.late == [] and after.steps[3].was_late
    with pytest.raises(NotFound):
        follow_arrival.follow(actor=cast.recipient_head.actor(), document_id=directed.pk, at=later)
    with pytest.raises(NotFound):  # a copy is no arrival
        follow_arrival.follow(actor=actor, document_id=way.steps[5].document_id or 0, at=later)


def test_the_page_and_the_machine_tell_the_same(
    cast: Cast, at: datetime, directed: Document, enter: Enter, client: Client
) -> None:
    browser = enter(cast.head)
    assert f'hx-get="/documents/{directed.pk}/way"' in browser.get(f"/documents/{directed.pk}").content.decode()
    page = browser.get(f"/documents/{directed.pk}/way").content.decode()
    assert "<h1>" in page and "giao Ban Nghiệp vụ" in page and "Gửi tiếp" in page
    part = browser.get(f"/documents/{directed.pk}/way", headers={"HX-Request": "true"}).content.decode()
    assert "<h1>" not in part and 'data-depth="2"' in part
    told = Machine(client, cast.head).get(f"/documents/{directed.pk}/way")
    assert [(each["kind"], each["depth"]) for each in told][3:] == [
        ("given", 2),
        ("given", 1),
        ("copied", 1),
        ("sent", 2),
    ]
    assert enter(cast.recipient_head).get(f"/documents/{directed.pk}/way").status_code == 404


def test_the_documents_own_page_shows_its_beginning_and_how_much_more_there_is(
    cast: Cast, at: datetime, directed: Document, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = enter(cast.head)
    address = f"/documents/{directed.pk}/way"
    whole = browser.get(address).content.decode()
    steps = whole.count("data-depth")
    assert "nơi nữa" not in browser.get(address, headers={"HX-Request": "true"}).content.decode()
    monkeypatch.setattr(pages, "SHOWN", 2)
    part = browser.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.count("data-depth") == 2
    assert f'<a href="{address}">Còn {steps - 2} nơi nữa</a>' in part
    assert browser.get(address).content.decode().count("data-depth") == steps


@pytest.mark.usefixtures("known_health")
def test_letters_written_on_it_stand_there_with_whom_they_went_to(
    cast: Cast, at: datetime, directed: Document, enter: Enter, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cover = given.an_issued_document(cast, at, subject="Chuyển văn bản để giải quyết")
    answer = given.a_draft(cast, at, subject="Trả lời", recipients=[cast.recipient_id])
    Document.objects.filter(pk__in=(cover.pk, answer.pk)).update(in_reply_to=directed)
    Document.objects.filter(pk=directed.pk).update(issuer_code="G11.90.21")  # of the centre, whom both go to: answers
    drafter = cast.plan_officer.actor()
    with django_assert_max_num_queries(12):
        way = follow_arrival.follow(actor=drafter, document_id=directed.pk, at=at)
    letters = [
        (step.kind, step.depth, step.role, step.name, step.is_open) for step in way.steps if step.kind == "letter"
    ]
    assert letters == [
        ("letter", 1, "answer", cover.code, False),
        ("letter", 1, "answer", "Trả lời", True),
    ]
    after = way.steps[[step.document_id for step in way.steps].index(cover.pk) + 1]
    assert (after.kind, after.depth, after.name) == ("sent", 2, "Trung tâm B1")
    Document.objects.filter(pk=directed.pk).update(issuer_code="G11")
    way = follow_arrival.follow(actor=drafter, document_id=directed.pk, at=at)
    assert {step.role for step in way.steps if step.kind == "letter"} == {"cover"}
    page = enter(cast.plan_officer).get(f"/documents/{directed.pk}/way").content.decode()
    assert "Công văn chuyển" in page and f'href="/documents/{cover.pk}"' in page
    documents.abandon(document_id=answer.pk, actor=drafter, at=at)
    way = follow_arrival.follow(actor=drafter, document_id=directed.pk, at=at)
    assert [step.document_id for step in way.steps if step.kind == "letter"] == [cover.pk]
    # who does not see a letter does not see that there is one
    assert [
        s
        for s in follow_arrival.follow(actor=cast.technique_head.actor(), document_id=directed.pk, at=at).steps
        if s.kind == "letter"
    ] == []
