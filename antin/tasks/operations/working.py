"""Working on an assignment: taking or declining it, reporting, handing in; and judging what was handed in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import queries as documents
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.tasks import policy, queries, states
from antin.tasks.models import Assignment, Report, ResultFile
from antin.tasks.operations import writing
from antin.tasks.states import Evidence, Grade, Origin, Status


class ResultMissing(Refusal):
    code = "result_missing"
    words = _("Ghi kết quả, hoặc gắn văn bản trả lời, hoặc gắn tệp kết quả.")


class EvidenceMissing(Refusal):
    code = "evidence_missing"
    words = _("Việc này chỉ hoàn thành khi có: %(evidence)s.")


class EvidenceNotNumbered(Refusal):
    code = "evidence_not_numbered"
    words = _("Văn bản làm căn cứ hoàn thành phải đã có số (đã phát hành hoặc đã vào sổ).")


class KindUnknown(Refusal):
    code = "kind_unknown"
    words = _("Chỉ ghi được vướng mắc, đề xuất hoặc nguy cơ chậm.")


SAYINGS = {"obstacle": "task.obstacle", "proposal": "task.proposal", "risk": "task.risk"}
"""What an assignee may say of his work besides its progress, and the event it is."""


def start(assignment: Assignment, actor: Actor, at: datetime) -> None:
    """Note that the work has begun."""
    assignment.status = states.step("start", assignment.status)
    assignment.save(update_fields=["status"])
    writing.stand([assignment], at)
    Report.objects.create(assignment=assignment, kind="begun", words="", author=writing.author(actor), at=at)
    journal.record("task.begun", subject=writing.subject_of(assignment), actor=actor, at=at, assignment=assignment.pk)


@transaction.atomic
def take(*, assignment_id: int, actor: Actor, at: datetime) -> Assignment:
    """Accept an assignment: it is begun. Repeating it changes nothing."""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_work(actor, assignment))
    if assignment.status == Status.GIVEN:
        start(assignment, actor, at)
    return assignment


@transaction.atomic
def decline(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Ask not to do an assignment, with the reason; its giver then insists, gives it to somebody else, or takes it back.

    :raises ReasonMissing: no reason :raises WorkBelow: part of it is with others already
    """
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_decline(actor, assignment, [row.holder_name for row in queries.open_below(assignment)]))
    said = writing.reason(reason)
    assignment.status = states.step("decline", assignment.status)
    assignment.next_holder = assignment.giver_holder
    assignment.save(update_fields=["status", "next_holder"])
    writing.record("task.declined", assignment, "declined", said, actor=actor, at=at)
    return assignment


@transaction.atomic
def report(*, assignment_id: int, words: str, percent: int, actor: Actor, at: datetime) -> Assignment:
    """Say how far the work is, in words and per cent."""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_work(actor, assignment))
    if assignment.status == Status.GIVEN:
        start(assignment, actor, at)
    assignment.percent = max(0, min(100, percent))
    assignment.save(update_fields=["percent"])
    writing.stand([assignment], at)
    said, done = writing.said(words), assignment.percent
    Report.objects.create(
        assignment=assignment, kind="progress", words=said, percent=done, author=writing.author(actor), at=at
    )
    journal.record(
        "task.reported",
        subject=writing.subject_of(assignment),
        actor=actor,
        at=at,
        assignment=assignment.pk,
        percent=done,
        words=said,
    )
    return assignment


@transaction.atomic
def say(*, assignment_id: int, kind: str, words: str, actor: Actor, at: datetime) -> Assignment:
    """Say what stands in the way (`obstacle`), what is proposed (`proposal`), or that it may not be done in time (`risk`).

    A risk said with no words is over.

    :raises KindUnknown: :raises ReasonMissing: no words
    """
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_work(actor, assignment))
    if kind not in SAYINGS:
        raise KindUnknown()
    told = writing.said(words) if kind == "risk" and assignment.risk else writing.reason(words)
    if assignment.status == Status.GIVEN:
        start(assignment, actor, at)
    if kind == "risk":
        assignment.risk = told[:1000]
        assignment.save(update_fields=["risk"])
    writing.record(SAYINGS[kind], assignment, kind if told else "no_risk", told, actor=actor, at=at)
    return assignment


@transaction.atomic
def attach(*, assignment_id: int, name: str, file: str, size: int, actor: Actor, at: datetime) -> ResultFile:
    """Put a kept file with the work as a result; the same file twice is the same result."""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_work(actor, assignment))
    if assignment.status == Status.GIVEN:
        start(assignment, actor, at)
    result, fresh = ResultFile.objects.get_or_create(
        assignment=assignment, file=file, defaults={"name": clean(name)[:200] or "ket-qua", "size": size, "at": at}
    )
    if fresh:
        journal.record(
            "task.attached",
            subject=writing.subject_of(assignment),
            actor=actor,
            at=at,
            assignment=assignment.pk,
            name=result.name,
            file=file,
        )
    return result


def _check_evidence(assignment: Assignment, reply_id: int | None, actor: Actor) -> None:
    """Refuse a document that proves nothing, and a result without the evidence that was asked for."""
    if reply_id is not None:
        shown = documents.get_for(actor, reply_id)
        if assignment.directive.origin == Origin.DIRECTIVE and shown.in_reply_to_id != assignment.document_id:
            raise NotFound()
        if assignment.directive.origin != Origin.DIRECTIVE and not (shown.number or shown.arrival_number):
            raise EvidenceNotNumbered()
    asked = Evidence(assignment.directive.evidence)
    has = {
        Evidence.WORDS: True,
        Evidence.FILE: assignment.files.exists(),
        Evidence.DOCUMENT: reply_id is not None,
    }
    if not has[asked]:
        raise EvidenceMissing(evidence=str(asked.label).lower())


@transaction.atomic
def hand_in(*, assignment_id: int, words: str, reply_id: int | None = None, actor: Actor, at: datetime) -> Assignment:
    """Hand the finished work in: with words, with the document that answers or proves it, or with files.

    The giver then accepts or sends back.

    :raises WorkBelow: something passed down is still open
    :raises ResultMissing: nothing to show for it
    :raises EvidenceMissing: what the giver asked to be shown is not there :raises EvidenceNotNumbered:
    :raises ClockStands: the giver has let the clock stand
    """
    assignment = queries.lock(assignment_id)
    below = [row.holder_name for row in queries.open_below(assignment)]
    refuse(policy.why_not_hand_in(actor, assignment, below))
    said = writing.said(words)
    _check_evidence(assignment, reply_id, actor)
    if not said and reply_id is None and not assignment.files.exists():
        raise ResultMissing()
    assignment.status = states.step("hand_in", assignment.status)
    assignment.percent, assignment.result, assignment.reply_id = 100, said, reply_id
    assignment.handed_in_at, assignment.next_holder, assignment.risk = at, assignment.giver_holder, ""
    assignment.save()
    writing.stand([assignment], at)
    Report.objects.create(
        assignment=assignment, kind="handed_in", words=said, percent=100, author=writing.author(actor), at=at
    )
    journal.record(
        "task.handed_in",
        subject=writing.subject_of(assignment),
        actor=actor,
        at=at,
        assignment=assignment.pk,
        words=said,
        reply=reply_id,
    )
    return assignment


@transaction.atomic
def accept(*, assignment_id: int, words: str = "", grade: int = Grade.NONE, actor: Actor, at: datetime) -> Assignment:
    """Accept the finished work, and say how well it was done."""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_judge(actor, assignment))
    assignment.status = states.step("accept", assignment.status)
    assignment.next_holder, assignment.ended_at = "", at
    assignment.grade = Grade(grade)
    assignment.save(update_fields=["status", "next_holder", "ended_at", "grade"])
    facts = {"grade": assignment.grade} if assignment.grade else {}
    writing.record("task.accepted", assignment, "accepted", writing.said(words), actor=actor, at=at, **facts)
    return assignment


@transaction.atomic
def send_back(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Send the work back to be done better. :raises ReasonMissing: no reason given"""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_judge(actor, assignment))
    said = writing.reason(reason)
    assignment.status = states.step("send_back", assignment.status)
    assignment.next_holder, assignment.handed_in_at = assignment.holder, None
    assignment.save(update_fields=["status", "next_holder", "handed_in_at"])
    writing.record("task.sent_back", assignment, "sent_back", said, actor=actor, at=at)
    return assignment


@transaction.atomic
def note(*, assignment_id: int, actor: Actor, at: datetime) -> Assignment:
    """Mark what was given for information as read."""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_note(actor, assignment))
    assignment.status = states.step("note", assignment.status)
    assignment.next_holder, assignment.ended_at = "", at
    assignment.save(update_fields=["status", "next_holder", "ended_at"])
    writing.stand([assignment], at)
    journal.record("task.noted", subject=writing.subject_of(assignment), actor=actor, at=at, assignment=assignment.pk)
    return assignment
