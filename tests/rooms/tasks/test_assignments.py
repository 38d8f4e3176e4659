"""Directives: lead, co-operators, for information; down any number of levels; finished and accepted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from antin.documents.models import Document
from antin.people.actor import Actor
from antin.refusal import NotAllowed, NotFound, Refusal, WrongState
from antin.tasks import operations as tasks
from antin.tasks import policy, queries
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Role, Status
from tests import given
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def give(cast: Cast, at: datetime, document: Document, shares: list[Share], **more: object) -> list[Assignment]:
    directive = tasks.give(
        document_id=document.pk,
        words="Làm theo hướng dẫn",
        shares=shares,
        actor=more.pop("actor", cast.recipient_head.actor()),  # type: ignore[arg-type]
        at=at,
        **more,  # type: ignore[arg-type]
    )
    return list(directive.assignments.order_by("id"))


def three(cast: Cast, at: datetime) -> list[Share]:
    return [
        Share(Role.LEAD, unit_id=cast.recipient_works_id, due_at=at + timedelta(days=5)),
        Share(Role.JOIN, unit_id=cast.recipient_study_id),
        Share(Role.INFORM, post_id=cast.recipient_deputy.post_id),
    ]


def test_a_directive_names_lead_cooperators_and_those_informed(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    lead, join, inform = give(cast, at, document, three(cast, at))
    assert [(row.role, row.holder, row.holder_name, row.next_holder) for row in (lead, join, inform)] == [
        ("lead", f"U{cast.recipient_works_id}", "Ban Nghiệp vụ", f"U{cast.recipient_works_id}"),
        ("join", f"U{cast.recipient_study_id}", "Ban Nghiên cứu", f"U{cast.recipient_study_id}"),
        ("inform", f"P{cast.recipient_deputy.post_id}", "Phó Giám đốc Hồ Thị Lan", f"P{cast.recipient_deputy.post_id}"),
    ]
    assert queries.list_waiting(cast.recipient_works_head.actor()) == [lead]
    assert queries.list_waiting(cast.recipient_works_officer.actor()) == []


@pytest.mark.parametrize(
    ("shares", "kind"),
    [
        (lambda c, at: [], tasks.NobodyNamed),
        (lambda c, at: [Share(Role.JOIN, unit_id=c.recipient_works_id)], tasks.LeadMissing),
        (
            lambda c, at: [
                Share(Role.LEAD, unit_id=c.recipient_works_id),
                Share(Role.LEAD, unit_id=c.recipient_study_id),
            ],
            tasks.TwoLeads,
        ),
        (
            lambda c, at: [
                Share(Role.LEAD, unit_id=c.recipient_works_id),
                Share(Role.JOIN, unit_id=c.recipient_works_id),
            ],
            tasks.NamedTwice,
        ),
        (lambda c, at: [Share(Role.LEAD, unit_id=c.plan_id)], NotFound),
        (lambda c, at: [Share(Role.LEAD, unit_id=c.recipient_id)], NotFound),
        (lambda c, at: [Share(Role.LEAD, post_id=c.head.post_id)], NotFound),
        (lambda c, at: [Share(Role.LEAD, unit_id=c.recipient_works_id, due_at=at)], tasks.DeadlinePassed),
    ],
)
def test_a_directive_that_breaks_a_rule_is_refused(
    cast: Cast, at: datetime, shares: object, kind: type[Refusal]
) -> None:
    document = given.a_registered_document(cast, at)
    refused(kind, lambda: give(cast, at, document, shares(cast, at)))  # type: ignore[operator]


def test_work_is_passed_down_within_its_own_deadline(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    lead, *_ = give(cast, at, document, three(cast, at))
    head = cast.recipient_works_head.actor()
    officer = Share(Role.LEAD, post_id=cast.recipient_works_officer.post_id, due_at=at + timedelta(days=6))
    no = refused(tasks.DeadlineBeyond, lambda: give(cast, at, document, [officer], actor=head, parent_id=lead.pk))
    assert "28/11/2026" in no.message
    soon = Share(Role.LEAD, post_id=cast.recipient_works_officer.post_id, due_at=at + timedelta(days=3))
    refused(
        policy.NotTheAssignee,
        lambda: give(cast, at, document, [soon], actor=cast.recipient_study_head.actor(), parent_id=lead.pk),
    )
    [below] = give(cast, at, document, [soon], actor=head, parent_id=lead.pk)
    lead.refresh_from_db()
    assert lead.status == Status.STARTED
    [top] = queries.tree_of(document.pk)
    assert [[node.directive.pk for node in nodes] for _, nodes in top.assignments] == [[below.directive_id], [], []]


def hand_in(assignment: Assignment, actor: Actor, at: datetime, words: str = "Xong") -> Assignment:
    return tasks.hand_in(assignment_id=assignment.pk, words=words, actor=actor, at=at)


def test_work_is_handed_in_after_what_was_passed_down(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    lead, *_ = give(cast, at, document, three(cast, at))
    head, officer = cast.recipient_works_head.actor(), cast.recipient_works_officer.actor()
    [below] = give(cast, at, document, [Share(Role.LEAD, post_id=officer.post_id)], actor=head, parent_id=lead.pk)
    no = refused(policy.WorkBelow, lambda: hand_in(lead, head, at))
    assert "Cao Xuân Mai" in no.message
    refused(tasks.ResultMissing, lambda: hand_in(below, officer, at, words=" "))
    hand_in(below, officer, at)
    assert below.pk in [row.pk for row in queries.list_waiting(head)]
    refused(policy.NotTheGiver, lambda: tasks.accept(assignment_id=below.pk, actor=cast.recipient_head.actor(), at=at))
    tasks.accept(assignment_id=below.pk, words="Tốt", actor=head, at=at)
    hand_in(lead, head, at)
    lead.refresh_from_db()
    assert (lead.status, lead.percent, lead.next_holder) == (Status.HANDED_IN, 100, f"P{cast.recipient_head.post_id}")


def test_what_is_sent_back_is_done_again(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    lead, *_ = give(cast, at, document, three(cast, at))
    worker, giver = cast.recipient_works_head.actor(), cast.recipient_head.actor()
    hand_in(lead, worker, at)
    refused(tasks.ReasonMissing, lambda: tasks.send_back(assignment_id=lead.pk, reason="", actor=giver, at=at))
    tasks.send_back(assignment_id=lead.pk, reason="Thiếu số liệu", actor=giver, at=at)
    lead.refresh_from_db()
    assert (lead.status, lead.next_holder, lead.handed_in_at) == (Status.STARTED, f"U{cast.recipient_works_id}", None)
    hand_in(lead, worker, at)
    tasks.accept(assignment_id=lead.pk, actor=giver, at=at)
    refused(WrongState, lambda: tasks.accept(assignment_id=lead.pk, actor=giver, at=at))
    kinds = [report.kind for report in lead.reports.order_by("id")]
    assert kinds == ["handed_in", "sent_back", "handed_in", "accepted"]


def test_progress_is_reported_by_those_assigned(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    lead, *_ = give(cast, at, document, three(cast, at))
    report = {"assignment_id": lead.pk, "words": "Đã họp", "at": at}
    refused(policy.NotTheAssignee, lambda: tasks.report(percent=10, actor=cast.recipient_study_head.actor(), **report))
    tasks.report(percent=140, actor=cast.recipient_works_head.actor(), **report)
    lead.refresh_from_db()
    assert (lead.status, lead.percent) == (Status.STARTED, 100)


def test_what_is_for_information_is_read_and_owes_nothing(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    lead, _, inform = give(cast, at, document, three(cast, at))
    deputy = cast.recipient_deputy.actor()
    refused(policy.NotTheLead, lambda: hand_in(inform, deputy, at))
    tasks.note(assignment_id=inform.pk, actor=deputy, at=at)
    inform.refresh_from_db()
    assert (inform.status, inform.next_holder) == (Status.NOTED, "")
    refused(NotAllowed, lambda: tasks.note(assignment_id=lead.pk, actor=cast.recipient_works_head.actor(), at=at))


def test_taking_work_back_takes_back_what_was_passed_down(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    lead, *_ = give(cast, at, document, three(cast, at))
    head = cast.recipient_works_head.actor()
    [below] = give(
        cast,
        at,
        document,
        [Share(Role.LEAD, post_id=cast.recipient_works_officer.post_id)],
        actor=head,
        parent_id=lead.pk,
    )
    refused(policy.NotTheGiver, lambda: tasks.cancel(assignment_id=lead.pk, reason="x", actor=head, at=at))
    tasks.cancel(assignment_id=lead.pk, reason="Giao Ban Nghiên cứu", actor=cast.recipient_head.actor(), at=at)
    for row in (lead, below):
        row.refresh_from_db()
        assert (row.status, row.next_holder) == (Status.CANCELLED, "")


def test_an_assignment_is_seen_by_who_holds_or_gave_it(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    lead, *_ = give(cast, at, document, three(cast, at))
    for member in (cast.recipient_works_head, cast.recipient_head):
        assert queries.get_for(member.actor(), lead.pk) == lead
    for member in (cast.recipient_study_head, cast.recipient_clerk, cast.head):
        with pytest.raises(NotFound):
            queries.get_for(member.actor(), lead.pk)
    given_rows, _ = queries.list_assignments(actor=cast.recipient_head.actor(), given=True)
    assert len(given_rows) == 3


def test_a_list_is_told_who_leads_each_document_by_its_latest_directive(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    bare = given.a_registered_document(cast, at, key="delivery:2", identifier="x", code="16/X")
    first, *_ = give(cast, at, document, three(cast, at))
    assert queries.leads_of([document.pk, bare.pk]) == {document.pk: "Ban Nghiệp vụ"}
    give(cast, at + timedelta(hours=1), document, [Share(Role.LEAD, unit_id=cast.recipient_study_id)])
    assert queries.leads_of([document.pk]) == {document.pk: "Ban Nghiên cứu"}
    Assignment.objects.exclude(pk=first.pk).update(status=Status.CANCELLED)
    assert queries.leads_of([document.pk]) == {document.pk: "Ban Nghiệp vụ"}
