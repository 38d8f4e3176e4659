"""Giving work: by a directive, from a sentence, by hand, down the tree; and taking it back, or giving it to somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.tasks import policy, queries, states
from antin.tasks.models import Assignment, Directive
from antin.tasks.operations import writing
from antin.tasks.operations.working import start
from antin.tasks.states import Evidence, Origin, Priority, Role, Status
from antin.tasks.terms import Terms, due
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


class TitleMissing(Refusal):
    code = "title_missing"
    words = _("Ghi rõ việc phải làm.")


class AnchorNotThere(Refusal):
    code = "anchor_not_there"
    words = _("Trang %(page)d của văn bản không có câu này; chọn lại câu trong văn bản.")


@dataclass(frozen=True)
class Share:
    """One part of a directive as the leader gives it: to a unit or to a post, by a moment or within working days."""

    role: str
    unit_id: int | None = None
    post_id: int | None = None
    due_at: datetime | None = None
    days: int | None = None


@dataclass(frozen=True)
class Anchor:
    """The sentence of a paper that becomes work: its page (from 1), its words, and the digest of the file they stand in."""

    page: int
    text: str
    file: str


@dataclass(frozen=True)
class _Named:
    share: Share
    holder: str
    name: str
    unit_id: int
    due_at: datetime | None


def _find(share: Share, actor: Actor, *, below: bool, at: datetime) -> tuple[str, str, int]:
    """Return the holder, the name and the answering unit of a share. :raises NotFound: not this actor's to name"""
    under = actor.unit_id if below else None
    if share.unit_id is not None:
        unit = people.get_unit_to_task(agency_id=actor.agency_id, unit_id=share.unit_id, under=under)
        return f"U{unit.pk}", unit.name, unit.pk
    post = people.get_post_to_task(agency_id=actor.agency_id, post_id=share.post_id or 0, under=under)
    return f"P{post.pk}", people.in_words(post, workdays.local_date(at)), post.unit_id


def _name(shares: list[Share], actor: Actor, limit: datetime | None, *, below: bool, at: datetime) -> list[_Named]:
    """Find who is meant by each share. :raises Refusal: a rule of the directive is broken"""
    if not shares:
        raise NobodyNamed()
    leads = [share for share in shares if share.role == Role.LEAD]
    if len(leads) > 1:
        raise TwoLeads()
    if not leads and any(share.role == Role.JOIN for share in shares):
        raise LeadMissing()
    calendar = workdays.calendar()
    named: list[_Named] = []
    for share in shares:
        holder, name, unit_id = _find(share, actor, below=below, at=at)
        if any(other.holder == holder for other in named):
            raise NamedTwice(name=name)
        due_at = due(Terms(at, share.due_at, None if share.due_at else share.days), calendar).at
        if due_at is not None and due_at <= at:
            raise DeadlinePassed(name=name)
        if due_at is not None and limit is not None and due_at > limit:
            raise DeadlineBeyond(name=name, limit=f"{limit.astimezone(workdays.HERE):%d/%m/%Y}")
        named.append(_Named(share, holder, name, unit_id, due_at))
    return named


@transaction.atomic
def give(
    *,
    document_id: int | None,
    words: str,
    shares: list[Share],
    parent_id: int | None = None,
    origin: str = Origin.DIRECTIVE,
    title: str = "",
    priority: int = Priority.ORDINARY,
    evidence: str = Evidence.WORDS,
    anchor: Anchor | None = None,
    begun_in: str | None = None,
    actor: Actor,
    at: datetime,
) -> Directive:
    """Give work out: a directive on a document, a sentence of one, or a task of its own; `parent_id` is the giver's own
    assignment that he passes down. The same form sent twice (`begun_in`) gives once.

    The caller (a journey) has had the document agree, has found the anchor in it, and lets the named ones see it.
    Law: Decree 30/2020, art. 23.2 (lead, co-operators, deadline of each).

    :raises NobodyNamed: :raises LeadMissing: :raises TwoLeads: :raises NamedTwice: :raises DeadlinePassed: :raises DeadlineBeyond:
    :raises TitleMissing: neither a document nor a title says what is to be done
    :raises NotAGiver: only who heads a unit gives work of his own
    """
    told = clean(words).strip()
    if len(told) > 2000:
        raise WordsTooLong(limit=2000)
    if begun_in and (again := queries.find_begun_in(begun_in)) is not None:
        return again
    limit, above, urgent, proof = None, "/", priority, evidence
    subject = clean(title).strip()[:500]
    if parent_id is not None:
        parent = queries.lock(parent_id)
        if parent.document_id != document_id:
            raise NotFound()
        refuse(policy.why_not_work(actor, parent))
        limit, above = parent.due_at, parent.path
        origin, subject = parent.directive.origin, subject or parent.directive.subject
        urgent = max(priority, parent.directive.priority)
        if parent.status == Status.GIVEN:
            start(parent, actor, at)
    elif origin != Origin.DIRECTIVE:
        refuse(policy.why_not_give(actor))
    if origin != Origin.DIRECTIVE and not subject:
        raise TitleMissing()
    named = _name(shares, actor, limit, below=origin != Origin.DIRECTIVE, at=at)
    directive = Directive.objects.create(
        document_id=document_id,
        parent_id=parent_id,
        words=told,
        origin=origin,
        subject=subject,
        priority=urgent,
        evidence=proof,
        anchor_page=anchor.page if anchor else None,
        anchor_text=anchor.text[:2000] if anchor else "",
        anchor_file=anchor.file if anchor else "",
        begun_in=begun_in or None,
        giver_post_id=actor.post_id,
        giver_name=writing.author(actor),
        given_at=at,
    )
    version = workdays.calendar().version
    made = Assignment.objects.bulk_create(
        Assignment(
            directive=directive,
            document_id=document_id,
            role=one.share.role,
            unit_id=one.share.unit_id,
            post_id=one.share.post_id,
            in_unit_id=one.unit_id,
            holder=one.holder,
            holder_name=one.name,
            giver_holder=f"P{actor.post_id}",
            named_at=one.share.due_at,
            term_days=None if one.share.due_at else one.share.days,
            terms_at=at,
            calendar_version=version,
            due_at=one.due_at,
            next_holder=one.holder,
            made_at=at,
        )
        for one in named
    )
    for row in made:
        row.path = f"{above}{row.pk}/"
    Assignment.objects.bulk_update(made, ["path"])
    writing.stand(made, at)
    facts: dict[str, Any] = {"title": subject} if subject else {}
    if anchor is not None:
        facts["anchor"] = {"page": anchor.page, "text": anchor.text, "file": anchor.file}
    journal.record(
        "task.given",
        subject=writing.subject_of(directive),
        actor=actor,
        at=at,
        directive=directive.pk,
        words=told,
        to=[
            {"role": one.share.role, "name": one.name, "due_at": one.due_at.isoformat() if one.due_at else None}
            for one in named
        ],
        **facts,
    )
    return directive


def holders_of(directive: Directive) -> dict[str, str]:
    """Return whom a directive names, as holders with the reason for which they see its document."""
    return {assignment.holder: assignment.role for assignment in directive.assignments.all()}


@transaction.atomic
def insist(*, assignment_id: int, words: str, actor: Actor, at: datetime) -> Assignment:
    """Let an assignment that was declined stand: the giver says why. :raises ReasonMissing: he does not"""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_insist(actor, assignment))
    said = writing.reason(words)
    assignment.status = states.step("insist", assignment.status)
    assignment.next_holder = assignment.holder
    assignment.save(update_fields=["status", "next_holder"])
    writing.record("task.insisted", assignment, "insisted", said, actor=actor, at=at)
    return assignment


@transaction.atomic
def hand_over(*, assignment_id: int, to: Share, words: str, actor: Actor, at: datetime) -> Assignment:
    """Let somebody else do the whole of an assignment: the giver reassigns it, or its holder delegates it to one of his own.

    Role, deadline and giver stay. What was passed down from it stays with those who have it.

    :raises ReasonMissing: no reason :raises NamedTwice: the new holder has a part of this directive already
    """
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_hand_over(actor, assignment))
    said = writing.reason(words)
    holder, name, unit_id = _find(to, actor, below=True, at=at)
    if Assignment.objects.filter(directive_id=assignment.directive_id, holder=holder).exists():
        raise NamedTwice(name=name)
    former = assignment.holder_name
    by_giver = assignment.giver_holder in actor.holders
    assignment.unit_id, assignment.post_id = to.unit_id, None if to.unit_id else to.post_id
    assignment.holder, assignment.holder_name, assignment.in_unit_id = holder, name, unit_id
    assignment.status = states.step("hand_over", assignment.status)
    assignment.next_holder, assignment.risk = holder, ""
    assignment.save()
    writing.record(
        "task.reassigned" if by_giver else "task.delegated",
        assignment,
        "reassigned" if by_giver else "delegated",
        said,
        actor=actor,
        at=at,
        former=former,
        to=name,
    )
    return assignment


@transaction.atomic
def cancel(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Take an assignment back, with what was passed down from it. :raises ReasonMissing: no reason given"""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_cancel(actor, assignment))
    _cancel(assignment, writing.reason(reason), actor, at)
    return assignment


def _cancel(assignment: Assignment, said: str, actor: Actor, at: datetime) -> None:
    assignment.status = states.step("cancel", assignment.status)
    assignment.next_holder, assignment.ended_at = "", at
    assignment.save(update_fields=["status", "next_holder", "ended_at"])
    writing.record("task.cancelled", assignment, "cancelled", said, actor=actor, at=at)
    for lower in (
        Assignment.objects.select_for_update()
        .filter(directive__parent=assignment, status__in=states.OPEN)
        .order_by("id")
    ):
        _cancel(lower, said, actor, at)
