"""Opinions asked at once and in order, answered, late, urged, settled; comments on passages; and every refusal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from antin.documents import operations as documents
from antin.documents import policy as papers
from antin.documents import queries as drafts
from antin.documents.models import Document
from antin.journeys import approve_document, ask_opinions
from antin.notices import queries as notices
from antin.opinions import operations, policy, queries
from antin.opinions.models import Opinion, Round
from antin.opinions.operations import Asked
from antin.opinions.states import Settlement, Status, Verdict
from antin.refusal import NotFound, WrongState
from tests import given
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast: Cast, at: datetime) -> Document:
    return given.a_draft(cast, at)


def ask(draft: Document, cast: Cast, at: datetime, **more: Any) -> Round:
    asked = [Asked(unit_id=cast.technique_id), Asked(post_id=cast.office_head.post_id)]
    told: dict[str, Any] = {"asked": asked, "actor": cast.plan_officer.actor(), "at": at, **more}
    return ask_opinions.ask(document_id=draft.pk, **told)


def of(draft: Document) -> list[Opinion]:
    return queries.list_rounds(draft.pk).opinions


def test_a_round_at_once_from_the_question_to_the_submission(cast: Cast, at: datetime) -> None:
    draft = given.a_draft(cast, at)
    drafter, today = cast.plan_officer.actor(), TODAY
    row = ask(draft, cast, at, words="Nội dung điều 1", begun_in="form-1")
    assert ask(draft, cast, at, begun_in="form-1").pk == row.pk
    unit, person = of(draft)
    assert [each.status for each in (unit, person)] == [Status.ASKED, Status.ASKED]
    assert (unit.name, person.name) == ("Phòng Kỹ thuật", f"Chánh Văn phòng {cast.office_head.name}")
    assert drafts.find_last_version(draft.pk).revision == row.revision  # type: ignore[union-attr]
    [told] = notices.list_for(cast.technique_head.actor())
    assert (told.kind, told.link) == ("opinion.asked", f"/documents/{draft.pk}")
    assert [each.pk for each in queries.list_waiting(cast.technique_deputy.actor())] == [unit.pk]
    assert drafts.get_for(cast.technique_head.actor(), draft.pk).pk == draft.pk

    no = refused(
        policy.OpinionsAwaited,
        lambda: approve_document.submit(document_id=draft.pk, actor=drafter, today=today, at=at),
    )
    assert "Phòng Kỹ thuật" in no.message
    ask_opinions.answer(opinion_id=unit.pk, verdict="agreed", words="", actor=cast.technique_head.actor(), at=at)
    give = {"opinion_id": person.pk, "actor": cast.office_head.actor(), "at": at}
    ask_opinions.answer(verdict="agreed", words="", **give)
    ask_opinions.answer(verdict="remarked", words="Thêm thời hạn.", **give)
    person.refresh_from_db()
    assert (person.verdict, person.words, person.status) == (Verdict.REMARKED, "Thêm thời hạn.", Status.ANSWERED)
    operations.close(document_id=draft.pk, actor=drafter, at=at)
    refused(
        policy.OpinionsUnsettled,
        lambda: approve_document.submit(document_id=draft.pk, actor=drafter, today=today, at=at),
    )
    ask_opinions.settle(opinion_id=person.pk, settlement="taken_in", words="", actor=drafter, at=at)
    [told] = [row for row in notices.list_for(cast.office_head.actor()) if row.kind == "opinion.settled"]
    assert told.text.endswith("Tiếp thu.")
    refused(policy.RoundClosed, lambda: operations.answer(verdict="agreed", words="", **give))
    approve_document.submit(document_id=draft.pk, actor=drafter, today=today, at=at)
    assert queries.list_waiting(cast.office_head.actor()) == []


def test_in_order_the_next_is_asked_when_the_one_before_answered_and_only_then_sees_it(
    cast: Cast, at: datetime
) -> None:
    draft = given.a_draft(cast, at)
    ask(draft, cast, at, in_order=True, days=2)
    unit, person = of(draft)
    assert [unit.status, person.status, person.due_at] == [Status.ASKED, Status.WAITING, None]
    with pytest.raises(NotFound):
        drafts.get_for(cast.office_head.actor(), draft.pk)
    later = at + timedelta(days=1)
    ask_opinions.answer(opinion_id=unit.pk, verdict="agreed", words="", actor=cast.technique_head.actor(), at=later)
    person.refresh_from_db()
    assert (person.status, person.asked_at) == (Status.ASKED, later)
    assert person.due_at is not None
    assert person.due_at > later + timedelta(days=1)
    assert [row.kind for row in notices.list_for(cast.office_head.actor())] == ["opinion.asked"]
    drafts.get_for(cast.office_head.actor(), draft.pk)


def test_who_is_late_is_shown_and_urged_once_a_day_and_closed_without(cast: Cast, at: datetime) -> None:
    draft = given.a_draft(cast, at)
    ask(draft, cast, at, days=1)
    unit, person = of(draft)
    late = at + timedelta(days=10)
    assert not queries.is_late(unit, at)
    assert queries.is_late(unit, late)
    drafter = cast.plan_officer.actor()
    assert ask_opinions.urge_late(document_id=draft.pk, actor=drafter, at=late) == 2
    assert ask_opinions.urge_late(document_id=draft.pk, actor=drafter, at=late) == 0
    refused(policy.UrgedToday, lambda: operations.urge(opinion_id=unit.pk, actor=drafter, at=late))
    operations.urge(opinion_id=unit.pk, actor=drafter, at=late + timedelta(days=1))
    assert [row.kind for row in notices.list_for(cast.office_head.actor())] == ["opinion.urged", "opinion.asked"]
    operations.close(document_id=draft.pk, actor=drafter, at=late)
    person.refresh_from_db()
    assert person.status == Status.DROPPED
    assert not queries.is_late(person, late)
    assert ask(draft, cast, late).number == 2


def test_every_no(cast: Cast, at: datetime, draft: Document) -> None:
    drafter = cast.plan_officer.actor()
    both: dict[str, Any] = {"document_id": draft.pk, "at": at}

    def put(asked: list[Asked], *, actor: Any = drafter, days: int = 3) -> Round:
        return operations.ask(asked=asked, days=days, actor=actor, **both)

    one = [Asked(unit_id=cast.technique_id)]
    refused(papers.NotTheDrafter, lambda: put(one, actor=cast.plan_head.actor()))
    refused(operations.NobodyAsked, lambda: put([]))
    refused(operations.BadTerm, lambda: put(one, days=0))
    refused(operations.AsksItself, lambda: put([Asked(post_id=cast.plan_officer.post_id)]))
    refused(policy.RoundClosed, lambda: operations.close(actor=drafter, **both))
    put(one)
    refused(policy.RoundOpen, lambda: put(one))
    [opinion] = of(draft)
    head = cast.technique_head.actor()
    give: dict[str, Any] = {"opinion_id": opinion.pk, "at": at}
    refused(policy.NotAsked, lambda: operations.answer(verdict="agreed", words="", actor=drafter, **give))
    refused(operations.WordsMissing, lambda: operations.answer(verdict="disagreed", words=" ", actor=head, **give))
    refused(policy.NotAnswered, lambda: operations.settle(settlement="taken_in", words="", actor=drafter, **give))
    operations.answer(verdict="disagreed", words="Trùng kế hoạch.", actor=head, **give)
    refused(WrongState, lambda: operations.urge(actor=drafter, **give))
    refused(
        operations.SettlementMissing,
        lambda: operations.settle(settlement="explained", words="", actor=drafter, **give),
    )
    refused(papers.NotTheDrafter, lambda: operations.settle(settlement="taken_in", words="", actor=head, **give))
    operations.settle(settlement="explained", words="Đã thống nhất.", actor=drafter, **give)
    opinion.refresh_from_db()
    assert (opinion.settlement, opinion.settled_words) == (Settlement.EXPLAINED, "Đã thống nhất.")
    refused(policy.SettledAlready, lambda: operations.answer(verdict="agreed", words="", actor=head, **give))
    with pytest.raises(NotFound):
        queries.get_for(cast.recipient_head.actor(), opinion.pk)


def test_comments_survive_editing_and_are_resolved_and_reopened(cast: Cast, at: datetime, draft: Document) -> None:
    drafter, head = cast.plan_officer.actor(), cast.plan_head.actor()
    documents.show(document=draft, holders={f"P{head.post_id}": "opinion"}, actor=None, at=at)
    say: dict[str, Any] = {"document_id": draft.pk, "line": 0, "actor": head, "at": at}
    row = operations.comment(quote="các đơn vị", words="Ghi rõ đơn vị nào.", **say)
    refused(operations.PassageNotThere, lambda: operations.comment(quote="xyz", words="?", **say))
    refused(operations.CommentMissing, lambda: operations.comment(quote="các đơn vị", words=" ", **say))
    answer = operations.reply(comment_id=row.pk, words="Đã rõ.", actor=drafter, at=at)
    refused(NotFound, lambda: operations.reply(comment_id=answer.pk, words="?", actor=drafter, at=at))
    making = drafts.making_of(draft)
    text = {"type": "text", "text": "Căn cứ kế hoạch, đề nghị các đơn vị trực thuộc báo cáo."}
    body = {"type": "doc", "content": [{"type": "paragraph"}, {"type": "paragraph", "content": [text]}]}
    documents.revise(
        document_id=draft.pk, facts=given.facts(cast), body=body, uploaded_file="", revision=making.revision,
        actor=drafter, today=TODAY, at=at,
    )  # fmt: skip
    lines, [talk] = queries.list_talks(draft)
    assert talk.place is not None
    assert lines[talk.place.line][talk.place.start : talk.place.end] == "các đơn vị"
    assert [each.words for each in talk.answers] == ["Đã rõ."]
    documents.show(document=draft, holders={f"P{cast.head.post_id}": "opinion"}, actor=None, at=at)
    other = cast.head.actor()
    refused(policy.NotTheAuthor, lambda: operations.resolve(comment_id=row.pk, resolved=True, actor=other, at=at))
    operations.resolve(comment_id=row.pk, resolved=True, actor=drafter, at=at)
    assert queries.count_comments(draft.pk) == 0
    operations.resolve(comment_id=row.pk, resolved=False, actor=head, at=at)
    assert queries.count_comments(draft.pk) == 1
    with pytest.raises(NotFound):
        operations.resolve(comment_id=row.pk, resolved=True, actor=cast.recipient_head.actor(), at=at)
    documents.abandon(document_id=draft.pk, actor=drafter, at=at)
    refused(WrongState, lambda: operations.comment(quote="các đơn vị", words="?", **say))
