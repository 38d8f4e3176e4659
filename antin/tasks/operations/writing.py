"""How every act of the room is written down: as a word on the assignment, and in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.tasks import terms
from antin.tasks.models import Assignment, Directive, Report, Spell
from antin.workdays import queries as workdays


class ReasonMissing(Refusal):
    code = "reason_missing"
    words = _("Phải ghi rõ lý do.")


def author(actor: Actor) -> str:
    """Return who acts, as it stands beside his words."""
    return f"{actor.person_name}, {actor.post_title}"


def said(words: str) -> str:
    """Return typed words as they are kept."""
    return clean(words).strip()[:2000]


def reason(words: str) -> str:
    """Return a reason as it is kept. :raises ReasonMissing: there is none"""
    found = said(words)
    if not found:
        raise ReasonMissing()
    return found


def subject_of(work: Assignment | Directive) -> tuple[str, int]:
    """Return under what an act is found in the journal: the document the work came from, or else the work itself."""
    if work.document_id is not None:
        return "document", work.document_id
    return ("task", work.pk) if isinstance(work, Assignment) else ("directive", work.pk)


def stand(works: Sequence[Assignment], at: datetime) -> list[Assignment]:
    """Keep how some pieces of work stand from now on, where that is new; returns those. In the transaction of the act itself."""
    calendar = workdays.calendar()
    going = {each.assignment_id: each for each in Spell.objects.filter(assignment__in=works, until_at=None)}
    fresh, ended, moved = [], [], []
    for work in works:
        now = Spell(
            assignment=work,
            since_at=at,
            in_unit_id=work.in_unit_id,
            role=work.role,
            status=work.status,
            due_at=work.due_at,
            soon_on=terms.soon_from(work.due_at, calendar) if work.due_at else None,
            handed_in_at=work.handed_in_at,
            paused_at=work.paused_at,
            percent=work.percent,
            said_at_risk=bool(work.risk),
        )
        before = going.get(work.pk)
        if before is not None and all(getattr(before, name) == getattr(now, name) for name in _TOLD):
            continue
        if before is not None:
            before.until_at = max(at, before.since_at)
            now.since_at = before.until_at
            ended.append(before)
        fresh.append(now)
        moved.append(work)
    Spell.objects.bulk_update(ended, ["until_at"])
    Spell.objects.bulk_create(fresh)
    return moved


_TOLD = (
    "in_unit_id",
    "role",
    "status",
    "due_at",
    "soon_on",
    "handed_in_at",
    "paused_at",
    "percent",
    "said_at_risk",
)


def record(
    event: str,
    assignment: Assignment,
    kind: str,
    words: str,
    *,
    actor: Actor,
    at: datetime,
    **facts: Any,
) -> None:
    """Write an act on an assignment into its story and into the journal, and how it stands from now on."""
    stand([assignment], at)
    Report.objects.create(assignment=assignment, kind=kind, words=words, author=author(actor), at=at)
    told = {"words": words, **facts} if words else facts
    journal.record(event, subject=subject_of(assignment), actor=actor, at=at, assignment=assignment.pk, **told)
