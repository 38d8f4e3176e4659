"""Telling, and noting what was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.journal import operations as journal
from antin.notices import policy, queries
from antin.notices.models import Notice, Silence
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal

IN_ONE_STATEMENT = 1000


class BadKind(Refusal):
    code = "bad_notice_kind"
    words = _("Không có loại thông báo này.")


@dataclass(frozen=True)
class News:
    """Something to be told to many.

    `words` is a msgid (mark it with gettext_noop), `facts` are plain JSON, `key` makes it once per holder.
    """

    holders: Sequence[str]
    kind: str
    words: str
    subject: tuple[str, int]
    facts: dict[str, Any] = field(default_factory=dict)
    link: str = ""
    key: str = ""


def tell(
    holders: Sequence[str],
    *,
    kind: str,
    words: str,
    subject: tuple[str, int],
    link: str = "",
    key: str = "",
    actor: Actor | None,
    at: datetime,
    **facts: Any,
) -> None:
    """Tell some holders that something happened, in the caller's transaction; the one who did it is not told.

    :raises KeyError: the words name a fact that is not given
    """
    tell_many([News(holders, kind, words, subject, facts, link, key)], actor=actor, at=at)


def tell_many(news: Iterable[News], *, actor: Actor | None, at: datetime) -> None:
    """Tell many things at once, a thousand notices in one statement; what was told under the same key is not told again.

    :raises KeyError: the words of one name a fact that is not given
    """
    himself = (f"P{actor.post_id}", f"M{actor.person_id}") if actor is not None else ()
    notices: list[Notice] = []
    for each in news:
        queries.word(each.words, each.facts)  # a missing fact is found now, not by the reader
        kind, number = each.subject
        notices.extend(
            Notice(
                holder=holder,
                kind=each.kind,
                words=each.words,
                facts=each.facts,
                link=each.link,
                subject_kind=kind,
                subject_id=number,
                key=each.key,
                at=at,
            )
            for holder in dict.fromkeys(each.holders)
            if holder not in himself
        )
    Notice.objects.bulk_create(notices, batch_size=IN_ONE_STATEMENT, ignore_conflicts=True)


@transaction.atomic
def mark_read(*, notice_id: int, actor: Actor, at: datetime) -> Notice:
    """Note that a notice was read; reading it again changes nothing.

    :raises NotFound: no such notice, or told to somebody else
    """
    notice = Notice.objects.select_for_update().filter(id=notice_id, holder__in=policy.held_by(actor)).first()
    if notice is None:
        raise NotFound(notice=notice_id)
    if notice.read_at is None:
        notice.read_at = at
        notice.save(update_fields=["read_at"])
    return notice


@transaction.atomic
def mark_all_read(*, actor: Actor, at: datetime) -> int:
    """Note that everything told to the actor so far was read; return how many were new."""
    return Notice.objects.filter(holder__in=policy.held_by(actor), read_at__isnull=True, at__lte=at).update(read_at=at)


@transaction.atomic
def mark_subject_read(*, subject: tuple[str, int], actor: Actor, at: datetime) -> int:
    """Note that what was told to the actor about one thing was read, because he opened it; return how many were new."""
    kind, number = subject
    unread = Notice.objects.filter(subject_kind=kind, subject_id=number, read_at__isnull=True)
    return unread.filter(holder__in=policy.held_by(actor)).update(read_at=at)


@transaction.atomic
def silence(*, kind: str, silent: bool, actor: Actor, at: datetime) -> None:
    """Stop or resume showing one kind of notice to a person; what is told meanwhile is kept.

    :raises BadKind: not a kind of notice
    """
    if not 0 < len(kind) <= 40:
        raise BadKind()
    if silent:
        Silence.objects.get_or_create(person_id=actor.person_id, kind=kind)
    else:
        Silence.objects.filter(person_id=actor.person_id, kind=kind).delete()
    journal.record(
        "notices.silenced", subject=("person", actor.person_id), actor=actor, at=at, kind=kind, silent=silent
    )


@transaction.atomic
def forget_read(*, before: datetime, actor: Actor | None, at: datetime) -> int:
    """Drop notices read before a moment; for the timetable. Return how many went."""
    return Notice.objects.filter(read_at__lt=before).delete()[0]
