"""From the sentence in a signed paper to the accepted evidence."""

from __future__ import annotations

from datetime import datetime

import pytest

from antin.documents import queries as documents
from antin.journeys import direct_document as direction
from antin.refusal import NotFound
from antin.tasks import operations as tasks
from antin.tasks import queries
from antin.tasks.operations import Share
from antin.tasks.states import Cell, Evidence, Origin, Role, Status
from antin.tasks.terms import cell
from tests import given, paper
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]


def test_a_sentence_becomes_work_and_ends_with_a_numbered_document(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    notice = paper.an_issued_page(cast, at)
    sentence = "Để chuẩn bị hội nghị, đề nghị các đơn vị báo cáo kết quả."
    head, plan = cast.head.actor(), cast.plan_head.actor()
    ways = {
        "title": "Báo cáo kết quả ký số",
        "words": "",
        "shares": [Share(Role.LEAD, unit_id=cast.plan_id, days=5), Share(Role.JOIN, unit_id=cast.recipient_id, days=5)],
        "origin": Origin.SENTENCE,
        "evidence": Evidence.DOCUMENT,
        "document_id": notice.pk,
        "actor": head,
        "at": at,
    }
    refused(tasks.AnchorNotThere, lambda: direction.give(page=1, sentence="Không có câu này trong văn bản.", **ways))
    refused(tasks.AnchorNotThere, lambda: direction.give(page=7, sentence=sentence, **ways))
    directive = direction.give(page=1, sentence=sentence, **ways)
    assert (directive.anchor_page, directive.anchor_text, directive.anchor_file) == (1, sentence, notice.file)
    lead, below = directive.assignments.order_by("id")
    assert documents.get_for(plan, notice.pk).pk == notice.pk  # of the same agency: sees the paper with the work
    with pytest.raises(NotFound):  # the agency below has its own copy; the giver's is not shown to it
        documents.get_for(cast.recipient_head.actor(), notice.pk)
    assert queries.get_for(cast.recipient_head.actor(), below.pk).directive.anchor_text == sentence

    report = given.a_numbered_document(cast, at)
    refused(tasks.EvidenceMissing, lambda: direction.hand_in(assignment_id=lead.pk, words="Xong", actor=plan, at=at))
    direction.hand_in(assignment_id=lead.pk, words="", reply_id=report.pk, actor=plan, at=at)
    done = direction.accept(assignment_id=lead.pk, actor=head, at=at)
    assert (done.status, cell(queries.standing_of(done), at)) == (Status.ACCEPTED, Cell.DONE_IN_TIME)
    assert documents.get_for(head, notice.pk).status == notice.status  # what was read out of a paper does not finish it
