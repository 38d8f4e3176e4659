"""The clock of an assignment: a later deadline asked for and decided, the clock stopped and set going, reckoned anew."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.tasks import policy, queries
from antin.tasks.models import Assignment, Extension, Pause
from antin.tasks.operations import writing
from antin.tasks.terms import due
from antin.workdays import queries as workdays


class ExtensionNotLater(Refusal):
    code = "extension_not_later"
    words = _("Thời hạn xin gia hạn phải sau hạn hiện tại (%(due)s) và sau hôm nay.")


class AlreadyAsked(Refusal):
    code = "extension_already_asked"
    words = _("Đã xin gia hạn, người giao chưa trả lời.")


class NothingAsked(Refusal):
    code = "no_extension_asked"
    words = _("Không có đề nghị gia hạn nào đang chờ.")


class BeyondGiver(Refusal):
    code = "extension_beyond_giver"
    words = _("Hạn mới sau hạn của chính việc được giao từ trên (%(limit)s); xin gia hạn việc ấy trước.")


def _reckon(assignment: Assignment) -> list[str]:
    """Set when the assignment is due by the calendar as it stands; returns the names of the columns it set."""
    calendar = workdays.calendar()
    assignment.due_at = due(queries.terms_of(assignment), calendar).at
    assignment.calendar_version = calendar.version
    return ["due_at", "calendar_version"]


@transaction.atomic
def ask_extension(*, assignment_id: int, until_at: datetime, reason: str, actor: Actor, at: datetime) -> Extension:
    """Ask the giver for a later deadline. The clock goes on until he grants it.

    :raises ReasonMissing: :raises ExtensionNotLater: :raises AlreadyAsked: :raises NoDeadline:
    """
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_ask_extension(actor, assignment))
    said = writing.reason(reason)
    if queries.find_extension_asked(assignment_id) is not None:
        raise AlreadyAsked()
    assert assignment.due_at is not None
    if until_at <= assignment.due_at or until_at <= at:
        raise ExtensionNotLater(due=f"{assignment.due_at.astimezone(workdays.HERE):%d/%m/%Y}")
    asked = Extension.objects.create(
        assignment=assignment, asked_by=writing.author(actor), asked_at=at, until_at=until_at, reason=said
    )
    writing.record(
        "task.extension_asked", assignment, "ext_asked", said, actor=actor, at=at, until=until_at.isoformat()
    )
    return asked


@transaction.atomic
def decide_extension(*, assignment_id: int, granted: bool, words: str, actor: Actor, at: datetime) -> Assignment:
    """Grant the later deadline that was asked for, or refuse it with the reason.

    :raises NothingAsked: :raises ReasonMissing: refused without a reason :raises BeyondGiver: the work above ends before it
    """
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_decide(actor, assignment))
    asked = queries.find_extension_asked(assignment_id)
    if asked is None:
        raise NothingAsked()
    said = writing.said(words) if granted else writing.reason(words)
    above = assignment.directive.parent
    if granted and above is not None and above.due_at is not None and asked.until_at > above.due_at:
        raise BeyondGiver(limit=f"{above.due_at.astimezone(workdays.HERE):%d/%m/%Y}")
    asked.granted, asked.words = granted, said
    asked.decided_by, asked.decided_at = writing.author(actor), at
    asked.save(update_fields=["granted", "words", "decided_by", "decided_at"])
    if granted:
        assignment.named_at, assignment.term_days, assignment.terms_at = asked.until_at, None, at
        assignment.save(update_fields=["named_at", "term_days", "terms_at", *_reckon(assignment)])
    writing.record(
        "task.extended" if granted else "task.extension_refused",
        assignment,
        "extended" if granted else "ext_refused",
        said,
        actor=actor,
        at=at,
        until=asked.until_at.isoformat(),
    )
    return assignment


@transaction.atomic
def pause(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Let the clock of an assignment stand, for a reason. :raises ReasonMissing: :raises ClockStands: it stands already"""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_pause(actor, assignment))
    said = writing.reason(reason)
    Pause.objects.create(assignment=assignment, begun_at=at, reason=said)
    assignment.paused_at = at
    assignment.save(update_fields=["paused_at"])
    writing.record("task.paused", assignment, "paused", said, actor=actor, at=at)
    return assignment


@transaction.atomic
def resume(*, assignment_id: int, words: str = "", actor: Actor, at: datetime) -> Assignment:
    """Set the clock going again: the deadline moves by the working days that were passed."""
    assignment = queries.lock(assignment_id)
    refuse(policy.why_not_resume(actor, assignment))
    Pause.objects.filter(assignment=assignment, ended_at=None).update(ended_at=at)
    assignment.paused_at = None
    assignment.save(update_fields=["paused_at", *_reckon(assignment)])
    until = assignment.due_at.isoformat() if assignment.due_at else None
    writing.record("task.resumed", assignment, "resumed", writing.said(words), actor=actor, at=at, due_at=until)
    return assignment


@transaction.atomic
def reckon_again(*, actor: Actor | None = None, at: datetime, limit: int = 1000) -> int:
    """Reckon the deadlines of open work anew that were reckoned by an older calendar; returns how many there were.

    A holiday that is declared late moves what is due within working days; a deadline that names its day stays.
    """
    calendar = workdays.calendar()
    stale = queries.lock_stale(calendar.version, limit)
    were = {assignment.pk: assignment.due_at for assignment in stale}
    for assignment in stale:
        assignment.save(update_fields=_reckon(assignment))
    for assignment in writing.stand(stale, at):
        before = were[assignment.pk]
        if assignment.due_at == before:
            about = writing.subject_of(assignment)
            journal.record("task.clock_reckoned", subject=about, actor=actor, at=at, assignment=assignment.pk)
        else:
            journal.record(
                "task.deadline_moved",
                subject=writing.subject_of(assignment),
                actor=actor,
                at=at,
                assignment=assignment.pk,
                was=before.isoformat() if before else None,
                due_at=assignment.due_at.isoformat() if assignment.due_at else None,
                calendar=calendar.version,
            )
    return len(stale)
