"""Reading notices: one short index walk for each holder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from antin.notices import policy
from antin.notices.models import Notice, Silence
from antin.people.actor import Actor

MOST_COUNTED = 100


@dataclass(frozen=True)
class NoticeRow:
    """A notice as the reader sees it, worded in his language."""

    id: int
    kind: str
    text: str
    link: str
    subject: tuple[str, int]
    at: datetime
    read: bool


def word(words: str, facts: dict[str, Any]) -> str:
    """Word a notice in the language of the reader."""
    return gettext(words) % facts if facts else gettext(words)


def list_silenced(actor: Actor) -> list[str]:
    """List the kinds of notices the person does not want."""
    return list(Silence.objects.filter(person_id=actor.person_id).order_by("kind").values_list("kind", flat=True))


def list_for(actor: Actor, *, before: int | None = None, limit: int = 50, unread_only: bool = False) -> list[NoticeRow]:
    """List what the actor was told, the latest first; `before` is the id of the last row of the page before."""
    silenced = list_silenced(actor)
    found: list[Notice] = []
    for holder in policy.held_by(actor):
        notices = _of(holder, silenced)
        if unread_only:
            notices = notices.filter(read_at__isnull=True)
        if before is not None:
            notices = notices.filter(id__lt=before)
        found.extend(notices.order_by("-id")[:limit])
    found.sort(key=lambda notice: -notice.id)
    return [_row(notice) for notice in found[:limit]]


def count_unread(actor: Actor) -> int:
    """Count what the actor has not read, up to 100: the screen says "99+" from there."""
    unread = Notice.objects.filter(holder__in=policy.held_by(actor), read_at__isnull=True)
    silenced = Silence.objects.filter(person_id=actor.person_id).values("kind")
    return unread.exclude(kind__in=silenced)[:MOST_COUNTED].count()


def _of(holder: str, silenced: list[str]) -> QuerySet[Notice]:
    notices = Notice.objects.filter(holder=holder)
    return notices.exclude(kind__in=silenced) if silenced else notices


def _row(notice: Notice) -> NoticeRow:
    return NoticeRow(
        id=notice.id,
        kind=notice.kind,
        text=word(notice.words, notice.facts),
        link=notice.link,
        subject=(notice.subject_kind, notice.subject_id),
        at=notice.at,
        read=notice.read_at is not None,
    )
