"""Taking, reserving, inserting and voiding numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
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


@transaction.atomic
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
    row = queries.lock_series(series)
    held = queries.find_live(row, subject)
    if held is not None:
        return held
    refuse(policy.why_not_in(row))
    if reserved_id is not None:
        return _use(row, reserved_id, subject, actor, at)
    row.last += 1
    row.save(update_fields=["last"])
    taken = Number.objects.create(
        series=row, value=row.last, subject_kind=subject[0], subject_id=subject[1], taken_at=at
    )
    _record("number.taken", taken, subject, actor, at)
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
