"""How every act of the room is written down: as a word on the assignment, and in the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.tasks.models import Assignment, Directive, Report


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
    """Write an act on an assignment into its story and into the journal."""
    Report.objects.create(assignment=assignment, kind=kind, words=words, author=author(actor), at=at)
    told = {"words": words, **facts} if words else facts
    journal.record(event, subject=subject_of(assignment), actor=actor, at=at, assignment=assignment.pk, **told)
