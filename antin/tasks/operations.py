"""Giving work, working on it, finishing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import queries as documents
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.tasks import policy, queries, states
from antin.tasks.models import Assignment, Directive, Report, ResultFile
from antin.tasks.states import Role, Status
from antin.workdays import queries as workdays


class NobodyNamed(Refusal):
    code = "nobody_named"
    words = _("Chỉ đạo phải nêu ít nhất một nơi chủ trì, phối hợp hoặc để biết.")


class LeadMissing(Refusal):
    code = "lead_missing"
    words = _("Có nơi phối hợp thì phải có một nơi chủ trì.")


class TwoLeads(Refusal):
    code = "two_leads"
    words = _("Mỗi chỉ đạo chỉ có một nơi chủ trì.")


class NamedTwice(Refusal):
    code = "named_twice"
    words = _("%(name)s được nêu hai lần.")


class DeadlinePassed(Refusal):
    code = "deadline_passed"
    words = _("Thời hạn của %(name)s đã qua.")


class DeadlineBeyond(Refusal):
    code = "deadline_beyond"
    words = _("Thời hạn của %(name)s sau hạn của việc được giao (%(limit)s).")


class WordsTooLong(Refusal):
    code = "words_too_long"
    words = _("Dài quá %(limit)d ký tự.")


class ResultMissing(Refusal):
    code = "result_missing"
    words = _("Ghi kết quả, hoặc gắn văn bản trả lời, hoặc gắn tệp kết quả.")


class ReasonMissing(Refusal):
    code = "reason_missing"
    words = _("Trả lại phải ghi rõ lý do.")


@dataclass(frozen=True)
class Share:
    """One part of a directive as the leader gives it: to a unit of the agency or to a post in it."""

    role: str
    unit_id: int | None = None
    post_id: int | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class _Named:
    share: Share
    holder: str
    name: str


def _author(actor: Actor) -> str:
    return f"{actor.person_name}, {actor.post_title}"


def _name(shares: list[Share], agency_id: int, limit: datetime | None, at: datetime) -> list[_Named]:
    """Find who is meant by each share. :raises Refusal: a rule of the directive is broken"""
    if not shares:
        raise NobodyNamed()
    leads = [share for share in shares if share.role == Role.LEAD]
    if len(leads) > 1:
        raise TwoLeads()
    if not leads and any(share.role == Role.JOIN for share in shares):
        raise LeadMissing()
    named: list[_Named] = []
    for share in shares:
        if share.unit_id is not None:
            unit = people.get_unit_in(agency_id=agency_id, unit_id=share.unit_id)
            found = _Named(share, f"U{unit.pk}", unit.name)
        else:
            post = people.get_post_in(agency_id=agency_id, post_id=share.post_id or 0)
            found = _Named(share, f"P{post.pk}", people.in_words(post, workdays.local_date(at)))
        if any(other.holder == found.holder for other in named):
            raise NamedTwice(name=found.name)
        if share.due_at is not None and share.due_at <= at:
            raise DeadlinePassed(name=found.name)
        if share.due_at is not None and limit is not None and share.due_at > limit:
            raise DeadlineBeyond(name=found.name, limit=f"{limit.astimezone():%d/%m/%Y}")
        named.append(found)
    return named


@transaction.atomic
def give(
    *, document_id: int, words: str, shares: list[Share], parent_id: int | None = None, actor: Actor, at: datetime
) -> Directive:
    """Write a directive on a document and assign its parts; `parent_id` is the giver's own assignment that he passes down.

    The caller (a journey) has had the document agree, and lets the named ones see it.
    Law: Decree 30/2020, art. 23.2 (lead, co-operators, deadline of each).

    :raises NobodyNamed: :raises LeadMissing: :raises TwoLeads: :raises NamedTwice: :raises DeadlinePassed: :raises DeadlineBeyond:
    """
    said = clean(words).strip()
    if len(said) > 2000:
        raise WordsTooLong(limit=2000)
    limit = None
    if parent_id is not None:
        parent = queries.lock(parent_id)
        if parent.document_id != document_id:
            raise NotFound()
        refuse(policy.why_not_work(actor, parent))
        limit = parent.due_at
        if parent.status == Status.GIVEN:
            _start(parent, actor, at)
    named = _name(shares, actor.agency_id, limit, at)
    directive = Directive.objects.create(
        document_id=document_id,
        parent_id=parent_id,
        words=said,
        giver_post_id=actor.post_id,
        giver_name=_author(actor),
        given_at=at,
    )
    Assignment.objects.bulk_create(
        Assignment(
            directive=directive,
            document_id=document_id,
            role=one.share.role,
            unit_id=one.share.unit_id,
            post_id=one.share.post_id,
            holder=one.holder,
            holder_name=one.name,
            giver_holder=f"P{actor.post_id}",
            due_at=one.share.due_at,
            next_holder=one.holder,
            made_at=at,
        )
        for one in named
    )
    journal.record(
        "task.given",
        subject=("document", document_id),
        actor=actor,
        at=at,
        directive=directive.pk,
        words=said,
        to=[
            {
                "role": one.share.role,
                "name": one.name,
                "due_at": one.share.due_at.isoformat() if one.share.due_at else None,
            }
            for one in named
        ],
    )
    return directive


def holders_of(directive: Directive) -> dict[str, str]:
    """Return whom a directive names, as holders with the reason for which they see its document."""
    return {assignment.holder: assignment.role for assignment in directive.assignments.all()}


def _start(assignment: Assignment, actor: Actor, at: datetime) -> None:
    assignment.status = states.step("start", assignment.status)
    assignment.save(update_fields=["status"])
    Report.objects.create(assignment=assignment, kind="begun", words="", author=_author(actor), at=at)
    journal.record(
        "task.begun", subject=("document", assignment.document_id), actor=actor, at=at, assignment=assignment.pk
    )


@transaction.atomic
def report(*, assignment_id: int, words: str, percent: int, actor: Actor, at: datetime) -> Assignment:
    """Say how far the work is, in words and per cent."""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_work(actor, assignment))
    said = clean(words).strip()[:2000]
    if assignment.status == Status.GIVEN:
        _start(assignment, actor, at)
    assignment.percent = max(0, min(100, percent))
    assignment.save(update_fields=["percent"])
    Report.objects.create(
        assignment=assignment, kind="progress", words=said, percent=assignment.percent, author=_author(actor), at=at
    )
    journal.record(
        "task.reported",
        subject=("document", assignment.document_id),
        actor=actor,
        at=at,
        assignment=assignment.pk,
        percent=assignment.percent,
        words=said,
    )
    return assignment


@transaction.atomic
def attach(*, assignment_id: int, name: str, file: str, size: int, actor: Actor, at: datetime) -> ResultFile:
    """Put a kept file with the work as a result; the same file twice is the same result."""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_work(actor, assignment))
    if assignment.status == Status.GIVEN:
        _start(assignment, actor, at)
    result, fresh = ResultFile.objects.get_or_create(
        assignment=assignment, file=file, defaults={"name": clean(name)[:200] or "ket-qua", "size": size, "at": at}
    )
    if fresh:
        journal.record(
            "task.attached",
            subject=("document", assignment.document_id),
            actor=actor,
            at=at,
            assignment=assignment.pk,
            name=result.name,
            file=file,
        )
    return result


@transaction.atomic
def hand_in(*, assignment_id: int, words: str, reply_id: int | None = None, actor: Actor, at: datetime) -> Assignment:
    """Hand the finished work in: with words, with the document that answers, or with files. The giver then accepts or sends back.

    :raises WorkBelow: something passed down is still open
    :raises ResultMissing: nothing to show for it
    """
    assignment = queries.lock(assignment_id)
    below = [row.holder_name for row in queries.open_below(assignment)]
    refuse(policy.why_not_hand_in(actor, assignment, below))
    said = clean(words).strip()[:2000]
    if reply_id is not None:
        answered = documents.get_for(actor, reply_id)
        if answered.in_reply_to_id != assignment.document_id:
            raise NotFound()
    if not said and reply_id is None and not assignment.files.exists():
        raise ResultMissing()
    assignment.status = states.step("hand_in", assignment.status)
    assignment.percent, assignment.result, assignment.reply_id = 100, said, reply_id
    assignment.handed_in_at, assignment.next_holder = at, assignment.giver_holder
    assignment.save()
    Report.objects.create(
        assignment=assignment, kind="handed_in", words=said, percent=100, author=_author(actor), at=at
    )
    journal.record(
        "task.handed_in",
        subject=("document", assignment.document_id),
        actor=actor,
        at=at,
        assignment=assignment.pk,
        words=said,
        reply=reply_id,
    )
    return assignment


@transaction.atomic
def accept(*, assignment_id: int, words: str = "", actor: Actor, at: datetime) -> Assignment:
    """Accept the finished work."""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_judge(actor, assignment))
    said = clean(words).strip()[:2000]
    assignment.status = states.step("accept", assignment.status)
    assignment.next_holder, assignment.ended_at = "", at
    assignment.save(update_fields=["status", "next_holder", "ended_at"])
    Report.objects.create(assignment=assignment, kind="accepted", words=said, author=_author(actor), at=at)
    journal.record(
        "task.accepted",
        subject=("document", assignment.document_id),
        actor=actor,
        at=at,
        assignment=assignment.pk,
        words=said,
    )
    return assignment


@transaction.atomic
def send_back(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Send the work back to be done better. :raises ReasonMissing: no reason given"""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_judge(actor, assignment))
    said = clean(reason).strip()[:2000]
    if not said:
        raise ReasonMissing()
    assignment.status = states.step("send_back", assignment.status)
    assignment.next_holder, assignment.handed_in_at = assignment.holder, None
    assignment.save(update_fields=["status", "next_holder", "handed_in_at"])
    Report.objects.create(assignment=assignment, kind="sent_back", words=said, author=_author(actor), at=at)
    journal.record(
        "task.sent_back",
        subject=("document", assignment.document_id),
        actor=actor,
        at=at,
        assignment=assignment.pk,
        words=said,
    )
    return assignment


@transaction.atomic
def note(*, assignment_id: int, actor: Actor, at: datetime) -> Assignment:
    """Mark what was given for information as read."""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_note(actor, assignment))
    assignment.status = states.step("note", assignment.status)
    assignment.next_holder, assignment.ended_at = "", at
    assignment.save(update_fields=["status", "next_holder", "ended_at"])
    journal.record(
        "task.noted", subject=("document", assignment.document_id), actor=actor, at=at, assignment=assignment.pk
    )
    return assignment


@transaction.atomic
def cancel(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Take an assignment back, with what was passed down from it. :raises ReasonMissing: no reason given"""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_cancel(actor, assignment))
    said = clean(reason).strip()[:2000]
    if not said:
        raise ReasonMissing()
    _cancel(assignment, said, actor, at)
    return assignment


def _cancel(assignment: Assignment, said: str, actor: Actor, at: datetime) -> None:
    assignment.status = states.step("cancel", assignment.status)
    assignment.next_holder, assignment.ended_at = "", at
    assignment.save(update_fields=["status", "next_holder", "ended_at"])
    Report.objects.create(assignment=assignment, kind="cancelled", words=said, author=_author(actor), at=at)
    journal.record(
        "task.cancelled",
        subject=("document", assignment.document_id),
        actor=actor,
        at=at,
        assignment=assignment.pk,
        words=said,
    )
    for lower in (
        Assignment.objects.select_for_update()
        .filter(directive__parent=assignment, status__in=states.OPEN)
        .order_by("id")
    ):
        _cancel(lower, said, actor, at)
