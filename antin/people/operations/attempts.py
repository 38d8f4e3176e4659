"""Counting attempts to show a secret, so that guessing ends soon.

An attempt is counted, in a transaction of its own, before the secret is looked at: many at once gain nothing, and the count stays
when the attempt is refused. Five failures for a name, or thirty from a source, within a quarter of an hour, close it for a
quarter of an hour.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.people.models import Attempts
from antin.refusal import Refusal

MOST_PER_NAME = 5
MOST_PER_SOURCE = 30
LOCKED_FOR = timedelta(minutes=15)


class SignInLocked(Refusal):
    code = "sign_in_locked"
    words = _("Đã nhập sai nhiều lần. Hãy thử lại sau %(minutes)s phút.")


@dataclass(frozen=True)
class Tries:
    """An attempt that was counted, by whom it was for and where it came from."""

    by_name: str
    by_source: str


def count(kind: str, name: str, *, source: str, at: datetime) -> Tries:
    """Count an attempt for a name of a kind ("name" of a sign-in, "factor" of a person) from a source.

    :raises SignInLocked: too many failures
    """
    tries = Tries(_subject(kind, name), _subject("source", source))
    with transaction.atomic():
        locked = [_count(tries.by_name, MOST_PER_NAME, at), _count(tries.by_source, MOST_PER_SOURCE, at)]
    until = max((each for each in locked if each is not None), default=None)
    if until is not None:
        raise SignInLocked(minutes=max(1, -(-int((until - at).total_seconds()) // 60)))
    return tries


def forgive(tries: Tries) -> None:
    """Take back the count of an attempt that succeeded, and every failure of that name before it."""
    Attempts.objects.filter(subject=tries.by_name).delete()
    source = Attempts.objects.select_for_update().filter(subject=tries.by_source).first()
    if source is not None:
        source.failed -= 1
        source.locked_until = None
        source.save(update_fields=["failed", "locked_until"])


@transaction.atomic
def forget_attempts(*, at: datetime) -> int:
    """Drop counts of failed attempts that no longer matter; for the timetable."""
    return Attempts.objects.filter(since_at__lt=at - 2 * LOCKED_FOR).delete()[0]


def _subject(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def _count(subject: str, most: int, at: datetime) -> datetime | None:
    """Count one attempt; return until when the subject is locked, if it is."""
    Attempts.objects.bulk_create([Attempts(subject=subject, failed=0, since_at=at)], ignore_conflicts=True)
    tries = Attempts.objects.select_for_update().get(subject=subject)
    if tries.locked_until is not None and tries.locked_until > at:
        return tries.locked_until
    if tries.locked_until is not None or tries.since_at + LOCKED_FOR <= at:
        tries.failed, tries.since_at, tries.locked_until = 0, at, None
    tries.failed += 1
    if tries.failed >= most:
        tries.locked_until = at + LOCKED_FOR
    tries.save(update_fields=["failed", "since_at", "locked_until"])
    return None
