"""Recall, replacement, correction: asked by the sender, answered by each holder; frozen there, cancelled here."""

from __future__ import annotations

from datetime import datetime

import pytest

from antin.documents import operations as documents
from antin.documents import policy as papers
from antin.documents import queries
from antin.documents.models import Document
from antin.exchange import operations as exchange
from antin.exchange import policy
from antin.exchange import queries as deliveries
from antin.exchange.models import ChangeReply, Delivery
from antin.journal import queries as journal
from antin.journeys import change_document, direct_document, receive_document
from antin.notices import queries as notices
from antin.refusal import NotFound
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from tests import given
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db
REASON = "Sai số liệu tại mục 2"


def sent(cast: Cast, at: datetime) -> tuple[Document, Document]:
    """A letter issued by the department, and the same as it arrived at the centre."""
    document = given.an_issued_document(cast, at)
    [delivery] = Delivery.objects.filter(dispatch__document=document)
    new = given.new_arrival(cast.recipient_id, key=f"delivery:{delivery.pk}", code=document.code, file=given.SEALED)
    [arrival_id] = documents.arrive_many(arrivals=[new], actor=None, at=at).values()
    exchange.record_arrivals(dispatch_id=delivery.dispatch_id, arrivals={delivery.pk: arrival_id}, actor=None, at=at)
    return document, queries.get(arrival_id)


def ask(cast: Cast, document: Document, at: datetime, kind: str = "recall", by: int | None = None) -> ChangeReply:
    change = change_document.ask(
        document_id=document.pk, kind=kind, reason=REASON, by_id=by, actor=cast.clerk.actor(), at=at
    )
    return change.replies.get()


def answer(cast: Cast, reply: ChangeReply, at: datetime, *, agree: bool = True, words: str = "") -> ChangeReply:
    return change_document.answer(
        reply_id=reply.pk, agree=agree, words=words, actor=cast.recipient_clerk.actor(), at=at
    )


def kinds(actor: object) -> list[str]:
    return [each.kind for each in notices.list_for(actor)]  # type: ignore[arg-type]


def test_a_recall_freezes_here_and_waits_for_the_holder(cast: Cast, at: datetime) -> None:
    document, arrival = sent(cast, at)
    reply = ask(cast, document, at)
    document, arrival = queries.get(document.pk), queries.get(arrival.pk)
    assert (document.standing, document.standing_words, document.status) == ("recalled", REASON, "issued")
    assert (arrival.standing, arrival.next_act) == ("", "register")
    assert (reply.status, reply.arrival_id) == ("asked", arrival.pk)
    assert [each.pk for each in deliveries.list_asked(cast.recipient_clerk.actor())] == [reply.pk]
    assert deliveries.count_asked(cast.recipient_clerk.actor()) == 1
    assert kinds(cast.recipient_clerk.actor())[0] == "change.recall_asked"
    assert "change.recalled" in kinds(cast.plan_officer.actor())
    post = {"recipient_name": "x", "envelopes": 1, "posted_on": TODAY, "today": TODAY, "at": at}
    refused(papers.Cancelled, lambda: documents.post_by_mail(document_id=document.pk, actor=cast.clerk.actor(), **post))


def test_agreed_it_is_cancelled_for_everybody_and_still_there(cast: Cast, at: datetime) -> None:
    document, arrival = sent(cast, at)
    answer(cast, ask(cast, document, at), at)
    arrival = queries.get(arrival.pk)
    assert (arrival.standing, arrival.next_act, arrival.next_holder, arrival.status) == ("recalled", "", "", "arrived")
    assert arrival.file == given.SEALED
    clerk = cast.recipient_clerk.actor()
    assert queries.get_for(clerk, arrival.pk) == arrival
    assert queries.list_waiting(clerk) == []
    register = {"document_id": arrival.pk, "actor": clerk, "today": TODAY, "at": at}
    no = refused(papers.Cancelled, lambda: receive_document.register(**register))
    assert no.message == "Văn bản này đã thu hồi: vẫn xem được, không thực hiện được nữa."
    events = [row.event for row in journal.list_for(("document", document.pk))]
    assert events[:3] == ["document.change_agreed", "document.recalled", "document.change_asked"]
    here = [row.event for row in journal.list_for(("document", arrival.pk))]
    assert here[:2] == ["document.recalled", "document.change_agreed"]
    assert "change.agreed" in kinds(cast.clerk.actor())


def test_refused_it_stays_in_force_at_the_holder_with_his_reason(cast: Cast, at: datetime) -> None:
    document, arrival = sent(cast, at)
    reply = ask(cast, document, at)
    refused(exchange.changes.ChangeReasonMissing, lambda: answer(cast, reply, at, agree=False))
    answer(cast, reply, at, agree=False, words="Đã thực hiện xong")
    assert queries.get(arrival.pk).standing == ""
    [change] = deliveries.list_changes(document.pk)
    [told] = change.replies.all()
    assert (told.status, told.words, told.answered_by) == (
        "refused",
        "Đã thực hiện xong",
        "Mai Thị Linh, Nhân viên văn thư",
    )
    refused(policy.AnsweredAlready, lambda: answer(cast, reply, at))
    receive_document.register(document_id=arrival.pk, actor=cast.recipient_clerk.actor(), today=TODAY, at=at)


def test_work_on_a_cancelled_document_is_told_and_goes_no_further(cast: Cast, at: datetime) -> None:
    document, arrival = sent(cast, at)
    receive_document.register(document_id=arrival.pk, actor=cast.recipient_clerk.actor(), today=TODAY, at=at)
    direct_document.direct(
        document_id=arrival.pk,
        words="Thực hiện",
        shares=[Share("lead", unit_id=cast.recipient_works_id)],
        actor=cast.recipient_head.actor(),
        at=at,
    )
    answer(cast, ask(cast, document, at), at)
    assert kinds(cast.recipient_works_head.actor())[0] == "change.ground_gone"
    assert kinds(cast.recipient_head.actor())[0] == "change.ground_gone"
    task = Assignment.objects.get()
    worker = cast.recipient_works_head.actor()
    report = {"assignment_id": task.pk, "words": "x", "percent": 10, "actor": worker, "at": at}
    refused(papers.Cancelled, lambda: direct_document.report(**report))
    direct_document.cancel(assignment_id=task.pk, reason="Đã thu hồi", actor=cast.recipient_head.actor(), at=at)
    assert Assignment.objects.get().status == "cancelled"


def test_what_has_not_left_is_withheld(cast: Cast, at: datetime) -> None:
    document = given.an_issued_document(cast, at)
    change_document.ask(document_id=document.pk, kind="recall", reason=REASON, actor=cast.head.actor(), at=at)
    [delivery] = Delivery.objects.filter(dispatch__document=document)
    assert delivery.status == "withheld"
    assert deliveries.list_queued(dispatch_id=delivery.dispatch_id, first=0, last=delivery.pk) == []
    assert ChangeReply.objects.count() == 0


def test_replacing_needs_a_paper_of_the_same_form_and_correcting_one_of_ours(cast: Cast, at: datetime) -> None:
    document, arrival = sent(cast, at)
    notice = given.an_issued_document(cast, at, type_code="TB")
    letter = given.an_issued_document(cast, at)
    refused(policy.ByMissing, lambda: ask(cast, document, at, "replace"))
    refused(policy.ByMissing, lambda: ask(cast, document, at, "correct"))
    refused(policy.ByUnfit, lambda: ask(cast, document, at, "replace", notice.pk))
    refused(policy.ByUnfit, lambda: ask(cast, document, at, "replace", document.pk))
    answer(cast, ask(cast, document, at, "correct", notice.pk), at)
    arrival = queries.get(arrival.pk)
    assert (arrival.standing, arrival.standing_by, arrival.next_act) == ("corrected", notice.code, "register")
    answer(cast, ask(cast, document, at, "replace", letter.pk), at)
    assert (queries.get(arrival.pk).standing, queries.get(document.pk).standing_by) == ("replaced", letter.code)
    refused(papers.Cancelled, lambda: ask(cast, document, at))


def test_only_the_issuer_asks_and_only_the_holder_answers(cast: Cast, at: datetime) -> None:
    document, arrival = sent(cast, at)
    asked = {"kind": "recall", "at": at, "by_id": None}
    for member in (cast.plan_officer, cast.recipient_clerk):
        actor = member.actor()
        refused(
            policy.NotTheIssuer,
            lambda actor=actor: change_document.ask(document_id=document.pk, reason=REASON, actor=actor, **asked),
        )
    clerk = cast.clerk.actor()
    refused(
        exchange.changes.ChangeReasonMissing,
        lambda: change_document.ask(document_id=document.pk, reason=" ", actor=clerk, **asked),
    )
    incoming = {"document_id": arrival.pk, "reason": REASON, "actor": cast.recipient_clerk.actor()}
    refused(policy.NotIssued, lambda: change_document.ask(**incoming, **asked))
    reply = ask(cast, document, at)
    told = {"reply_id": reply.pk, "agree": True, "at": at}
    refused(NotFound, lambda: change_document.answer(actor=clerk, **told))


def test_an_outside_sender_asks_once_and_is_owed_the_answer(cast: Cast, at: datetime) -> None:
    arrival = given.an_arrival(cast, at)
    came = {"arrival_id": arrival.pk, "kind": "recall", "reason": REASON, "actor": None, "at": at}
    reply = exchange.record_change_asked(**came)
    assert exchange.record_change_asked(**came) == reply
    found = deliveries.find_asked(arrival.pk)
    assert found == reply
    answer(cast, reply, at)
    assert queries.get(arrival.pk).standing == "recalled"
