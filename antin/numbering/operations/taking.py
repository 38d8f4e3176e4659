"""Taking, reserving, inserting and voiding numbers."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.numbering import policy, queries
from antin.numbering.models import Number, Series
from antin.numbering.queries import SeriesKey
from antin.numbering.states import Status
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse

LETTERS = "abcdđeghiklmnopqrstuvxy"
"""Of the Vietnamese alphabet, as points of a law are lettered (Decree 30/2020, Appendix I): 12a, 12b … 12d, 12đ."""


class ReasonMissing(Refusal):
    code = "reason_missing"
    words = _("Hủy số phải ghi rõ lý do.")


class ReserveReasonMissing(Refusal):
    code = "reserve_reason_missing"
    words = _("Giữ số, chèn số, thôi giữ số phải ghi rõ lý do.")


class DayPast(Refusal):
    code = "day_past"
    words = _("Giữ số đến ngày %(day)s là ngày đã qua.")


class NumberNotThere(Refusal):
    code = "number_not_there"
    words = _("Sổ này chưa cấp số %(value)s: chỉ chèn được sau một số đã có.")


class NoLetterLeft(Refusal):
    code = "no_letter_left"
    words = _("Sau số %(value)s không còn chữ nào để chèn.")


class NotReserved(Refusal):
    code = "not_reserved"
    words = _("Số này không còn được giữ trong sổ của văn bản.")


class _NotSimply(Exception):
    """It is not simply the next number that is given: the row is to be locked first and looked at."""


def take(
    *,
    series: SeriesKey,
    subject: tuple[str, int],
    reserved_id: int | None = None,
    actor: Actor | None,
    at: datetime,
) -> Number:
    """Give the subject the next number of the series, or the one kept back for it; asking again gets the number it holds.

    The series' row stays locked until the caller's transaction ends, so an aborted caller leaves no gap.
    Law: Decree 30/2020, art. 15.

    :raises NotReserved: the number is not kept in this series (any more)
    :raises BooksElsewhere: another node numbers for the agency
    """
    if reserved_id is None:
        with suppress(_NotSimply):
            return _take_simply(series, subject, actor, at)
    with transaction.atomic():
        row = queries.lock_series(series)
        held = queries.find_live(row, subject)
        if held is not None:
            return held
        refuse(policy.why_not_in(row))
        if reserved_id is not None:
            return _use(row, reserved_id, subject, actor, at)
        taken = _next(row, subject, at)
        assert taken is not None, "the row is locked, and nobody but who has it gives numbers of it"
        _record("number.taken", taken, subject, actor, at)
        return taken


@transaction.atomic
def _take_simply(series: SeriesKey, subject: tuple[str, int], actor: Actor | None, at: datetime) -> Number:
    """Give the next number as nearly always: the row is locked by the statement that takes it, not before all that is asked.

    :raises _NotSimply: the series is new or moved, or the subject holds a number, perhaps since this very moment; nothing is done
    """
    row = queries.find_free(series, subject)
    taken = _next(row, subject, at) if row is not None else None
    if taken is None:
        raise _NotSimply
    _record("number.taken", taken, subject, actor, at)
    return taken


_NEXT = """
    WITH next AS (UPDATE numbering_series SET last = last + 1 WHERE id = %s AND moved_to = '' RETURNING id, last)
    INSERT INTO numbering_number (series_id, value, suffix, status, subject_kind, subject_id, taken_at, reserved_by, reserve_reason,
        void_reason)
    SELECT id, last, '', %s, %s, %s, %s, '', '', '' FROM next
    ON CONFLICT (series_id, subject_kind, subject_id) WHERE status = 'taken' DO NOTHING RETURNING id, value
"""
"""In one statement: whoever wants a number of the same series waits for all that is asked between its lock and the commit."""


def _next(series: Series, subject: tuple[str, int], at: datetime) -> Number | None:
    """The next number, for the subject; None where it holds one meanwhile: then the transaction must give the number up."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [series.pk, Status.TAKEN.value, *subject, at])
        made = cursor.fetchone()
    if made is None:
        return None
    number_id, series.last = made
    kind, subject_id = subject
    facts = {"subject_kind": kind, "subject_id": subject_id, "taken_at": at, "status": Status.TAKEN}
    taken = Number(id=number_id, series=series, value=series.last, **facts)
    taken._state.adding = False
    return taken


def _use(series: Series, number_id: int, subject: tuple[str, int], actor: Actor | None, at: datetime) -> Number:
    kept = queries.lock_reserved(number_id)
    if kept is None or kept.series_id != series.pk:
        raise NotReserved()
    kept.status, kept.taken_at = Status.TAKEN, at
    kept.subject_kind, kept.subject_id = subject
    kept.save(update_fields=["status", "taken_at", "subject_kind", "subject_id"])
    _record("number.used", kept, subject, actor, at, reason=kept.reserve_reason)
    return kept


def _record(
    event: str, number: Number, subject: tuple[str, int], actor: Actor | None, at: datetime, **facts: Any
) -> None:
    series = number.series
    journal.record(
        event,
        subject=subject,
        actor=actor,
        at=at,
        agency_id=series.agency_id,
        book=series.book,
        year=series.year,
        group=series.type_group,
        value=number.value if not number.suffix else f"{number.value}{number.suffix}",
        **facts,
    )


@transaction.atomic
def void(
    *, series: SeriesKey, subject: tuple[str, int], reason: str, actor: Actor | None, at: datetime
) -> Number | None:
    """Void the number the subject holds, with a reason; it stays in the register and is never given again.

    :raises ReasonMissing: no reason given :raises BooksElsewhere: the number was told to another node as given
    """
    if not reason.strip():
        raise ReasonMissing()
    row = queries.lock_series(series)
    held = queries.find_live(row, subject)
    if held is None:
        return None
    refuse(policy.why_not_in(row))
    _void(held, reason.strip(), at)
    _record("number.voided", held, subject, actor, at, reason=held.void_reason)
    return held


def _void(number: Number, reason: str, at: datetime) -> None:
    number.status = Status.VOIDED
    number.voided_at = at
    number.void_reason = reason[:500]
    number.save(update_fields=["status", "voided_at", "void_reason"])


def reason_of(words: str) -> str:
    said = " ".join(clean(words).split())[:500]
    if not said:
        raise ReserveReasonMissing()
    return said


@transaction.atomic
def reserve(*, series: SeriesKey, reason: str, until: date, actor: Actor, today: date, at: datetime) -> Number:
    """Keep the next number of the series back until a day, as an exception with a reason; nobody else gets it.

    It is used by `take`, or given up (`release`), and stays in the register either way: no gap, no second holder.

    :raises NotTheRegistry: :raises ReserveReasonMissing: :raises DayPast: :raises BooksElsewhere:
    """
    refuse(policy.why_not_reserve(actor, series.agency_id))
    row = queries.lock_series(series)
    refuse(policy.why_not_in(row))
    row.last += 1
    kept = _keep(series=row, value=row.last, suffix="", reason=reason, until=until, actor=actor, today=today, at=at)
    row.save(update_fields=["last"])
    return kept


@transaction.atomic
def insert(
    *, series: SeriesKey, after: int, reason: str, until: date, actor: Actor, today: date, at: datetime
) -> Number:
    """Open a number between two others (12a after 12) and keep it for the registry to use: an exception a leader allows.

    :raises NotALeader: :raises ReserveReasonMissing: :raises DayPast:
    :raises NumberNotThere: the series has not come so far
    :raises NoLetterLeft: every letter after this number is in use
    """
    refuse(policy.why_not_insert(actor, series.agency_id))
    row = queries.lock_series(series)
    refuse(policy.why_not_in(row))
    if not 1 <= after <= row.last:
        raise NumberNotThere(value=after)
    used = set(Number.objects.filter(series=row, value=after).values_list("suffix", flat=True))
    letter = next((each for each in LETTERS if each not in used), None)
    if letter is None:
        raise NoLetterLeft(value=after)
    return _keep(series=row, value=after, suffix=letter, reason=reason, until=until, actor=actor, today=today, at=at)


def _keep(
    *, series: Series, value: int, suffix: str, reason: str, until: date, actor: Actor, today: date, at: datetime
) -> Number:
    said = reason_of(reason)
    if until < today:
        raise DayPast(day=f"{until:%d/%m/%Y}")
    kept = Number.objects.create(
        series=series,
        value=value,
        suffix=suffix,
        status=Status.RESERVED,
        subject_kind="series",
        subject_id=series.pk,
        taken_at=at,
        reserved_at=at,
        reserved_until=until,
        reserved_by=f"{actor.person_name}, {actor.post_title}"[:200],
        reserve_reason=said,
    )
    event = "number.inserted" if suffix else "number.reserved"
    _record(event, kept, ("series", series.pk), actor, at, reason=said, until=until.isoformat())
    return kept


@transaction.atomic
def release(*, number_id: int, reason: str, actor: Actor, at: datetime) -> Number:
    """Give up a number that was kept back: it is voided with the reason, never given again.

    :raises NotReserved: :raises NotTheRegistry: :raises ReserveReasonMissing:
    """
    kept = queries.lock_reserved(number_id)
    if kept is None:
        raise NotReserved()
    refuse(policy.why_not_reserve(actor, kept.series.agency_id))
    refuse(policy.why_not_in(kept.series))
    _void(kept, reason_of(reason), at)
    _record("number.released", kept, ("series", kept.series_id), actor, at, reason=kept.void_reason)
    return kept


RAN_OUT = _("Hết hạn giữ số ngày %(day)s, không dùng")


@transaction.atomic
def release_expired(*, today: date, actor: Actor | None = None, at: datetime) -> int:
    """Void the numbers whose last day of being kept is over; how many. Repeating it changes nothing."""
    kept = queries.lock_expired(today)
    for number in kept:
        assert number.reserved_until is not None
        _void(number, RAN_OUT % {"day": f"{number.reserved_until:%d/%m/%Y}"}, at)
        _record("number.released", number, ("series", number.series_id), actor, at, reason=number.void_reason)
    return len(kept)
