"""The whole story, from a draft in one agency to finished work in another, through the real page, key and seal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pikepdf
import pytest

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.operations import DraftFacts
from antin.documents.states import Act, Status
from antin.exchange import queries as exchange
from antin.exchange.states import Status as Delivered
from antin.files import queries as files
from antin.journal import queries as journal
from antin.journeys import direct_document, receive_document
from antin.notices import queries as notices
from antin.outbox.operations import Tally
from antin.signing import operations as signing
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Role
from tests import given, paper
from tests.cast import TODAY, Cast, forty

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]


def test_a_letter_goes_from_a_draft_to_finished_work_in_another_agency(
    cast: Cast, at: datetime, keep_promises: Keep
) -> None:
    paper.give_keys(cast, at)
    document = given.a_submitted_draft(cast, at)

    # approved, laid out, signed
    documents.endorse(document_id=document.pk, words="", actor=cast.plan_head.actor(), today=TODAY, at=at)
    keep_promises(at)
    document = queries.get(document.pk)
    assert (document.status, document.pages) == (Status.ENDORSED, 1)
    assert files.inspect_pdf(files.read(document.file)).signatures == 0
    signed = paper.sign(cast, document, at)
    assert (signed.status, signed.next_act) == (Status.SIGNED, Act.NUMBER)
    keep_promises(at + timedelta(minutes=2))  # the promise to conclude finds it concluded
    assert [row.kind for row in notices.list_for(cast.clerk.actor())] == ["document.to_number"]

    # numbered, sealed, issued, delivered
    document = _issue(cast, document, at)
    assert (document.status, document.code) == (Status.ISSUED, "01/TCZ-KH")
    report = signing.verify(file=document.file, at=at)
    assert (report.verdict, report.replaces_paper) == ("valid", True)
    assert [(found.kind, found.name, found.covers_number) for found in report.signatures] == [
        ("person", "Nguyễn Văn An", None),
        ("agency", "Tổng cục Z", True),
    ]
    assert _fields(document) == {"number": "01", "day": "23", "month": "11", "year": "2026"}
    keep_promises(at)
    board = exchange.get_board(cast.plan_officer.actor(), document.pk)
    [delivery] = board.deliveries
    assert (delivery.status, delivery.arrived_at) == (Delivered.ARRIVED, at)

    # received: judged by the recipient's own verification, then registered
    [arrived] = queries.list_waiting(cast.recipient_clerk.actor())
    assert (arrived.code, arrived.arrival.verdict, arrived.arrival.replaces_paper) == ("01/TCZ-KH", "valid", True)
    later = at + timedelta(hours=1)
    receive_document.register(document_id=arrived.pk, actor=cast.recipient_clerk.actor(), today=TODAY, at=later)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.arrival_number, delivery.registered_at) == (Delivered.REGISTERED, 1, later)

    # directed, passed down, worked on
    shares = [
        Share(Role.LEAD, unit_id=cast.recipient_works_id, due_at=at + timedelta(days=4)),
        Share(Role.JOIN, unit_id=cast.recipient_study_id),
        Share(Role.INFORM, post_id=cast.recipient_deputy.post_id),
    ]
    direct_document.direct(
        document_id=arrived.pk,
        words="Ban Nghiệp vụ chủ trì",
        shares=shares,
        actor=cast.recipient_head.actor(),
        at=later,
    )
    delivery.refresh_from_db()
    assert delivery.status == Delivered.ASSIGNED
    lead, join, _ = Assignment.objects.order_by("id")
    worker = cast.recipient_works_officer.actor()
    direct_document.pass_down(
        assignment_id=lead.pk,
        words="Đ/c Mai làm",
        shares=[Share(Role.LEAD, post_id=worker.post_id, due_at=at + timedelta(days=3))],
        actor=cast.recipient_works_head.actor(),
        at=later,
    )
    delivery.refresh_from_db()
    assert delivery.status == Delivered.PROCESSING
    below = Assignment.objects.get(holder=f"P{worker.post_id}")
    direct_document.report(assignment_id=below.pk, words="Đã tổng hợp", percent=60, actor=worker, at=later)

    # answered: the linked reply goes back through the same walk
    reply = _reply(cast, arrived, at)
    assert [row.agency_id for row in queries.list_recipient_agencies(reply.pk)] == [cast.agency_id]

    # finished level by level, accepted by each giver
    direct_document.hand_in(assignment_id=below.pk, words="Đã xong", reply_id=reply.pk, actor=worker, at=later)
    direct_document.accept(assignment_id=below.pk, actor=cast.recipient_works_head.actor(), at=later)
    direct_document.hand_in(
        assignment_id=lead.pk, words="Kính trình", actor=cast.recipient_works_head.actor(), at=later
    )
    direct_document.hand_in(assignment_id=join.pk, words="Đã góp ý", actor=cast.recipient_study_head.actor(), at=later)
    head = cast.recipient_head.actor()
    direct_document.accept(assignment_id=join.pk, actor=head, at=later)
    assert queries.get(arrived.pk).status == Status.PROCESSING
    direct_document.accept(assignment_id=lead.pk, actor=head, at=later)
    assert queries.get(arrived.pk).status == Status.COMPLETED
    delivery.refresh_from_db()
    assert (delivery.status, delivery.done_at) == (Delivered.DONE, later)

    # and everything is told
    events = [row.event for row in journal.list_for(("document", document.pk))]
    assert {
        "delivery.arrived",
        "delivery.registered",
        "delivery.assigned",
        "delivery.processing",
        "delivery.done",
    } <= set(events)
    assert "document.arrived" in [row.kind for row in notices.list_for(cast.recipient_clerk.actor())]


def _fields(document: Document) -> dict[str, str]:
    with pikepdf.open(BytesIO(files.read(document.file))) as pdf:
        return {str(field.T): str(field.V) for field in pdf.Root.AcroForm.Fields if field.FT == "/Tx"}


def _issue(cast: Cast, document: Document, at: datetime) -> Document:
    paper.issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    paper.issue_document.seal_document(document_id=document.pk, actor=cast.seal_keeper.actor(), at=at)
    return queries.get(document.pk)


def _reply(cast: Cast, arrived: Document, at: datetime) -> Document:
    return documents.create_draft(
        facts=DraftFacts(
            type_code="BC",
            subject="Báo cáo kết quả",
            in_reply_to_id=arrived.pk,
            signer_post_id=cast.recipient_head.post_id,
        ),
        actor=cast.recipient_works_officer.actor(),
        today=TODAY,
        at=at,
    )


def test_one_document_reaches_forty_one_agencies(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    paper.give_keys(cast, at)
    agencies = forty(cast)
    document = paper.an_issued_page(cast, at, recipients=[cast.recipient_id, *given.recipients_of(agencies)])
    keep_promises(at)
    board = exchange.get_board(cast.head.actor(), document.pk)
    assert board.counts == {"arrived": 41}
    for agency in agencies[:3]:
        [waiting] = queries.list_waiting(agency.clerk.actor())
        assert (waiting.code, waiting.arrival.verdict) == (document.code, "valid")


def test_a_returned_document_tells_its_sender_why(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    paper.give_keys(cast, at)
    document = paper.an_issued_page(cast, at)
    keep_promises(at)
    [arrived] = queries.list_waiting(cast.recipient_clerk.actor())
    receive_document.send_back(
        document_id=arrived.pk,
        reason="not_competent",
        words="Đề nghị gửi Cục A5",
        actor=cast.recipient_clerk.actor(),
        at=at,
    )
    [delivery] = exchange.list_troubled(cast.clerk.actor())
    assert (delivery.status, delivery.return_code, delivery.return_words) == (
        Delivered.RETURNED,
        "not_competent",
        "Đề nghị gửi Cục A5",
    )
    told = [row.text for row in notices.list_for(cast.clerk.actor()) if row.kind == "delivery.returned"]
    assert told == [f"Trung tâm B1 trả lại {document.code}: Đề nghị gửi Cục A5"]
