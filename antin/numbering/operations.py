"""Taking, reserving, inserting and voiding numbers; laying out the books they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.numbering import policy, queries
from antin.numbering.models import Book, Number, Series
from antin.numbering.queries import SeriesKey
from antin.numbering.states import Restart, Status
from antin.people import queries as people
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


class TypesMissing(Refusal):
    code = "book_types_missing"
    words = _("Chọn ít nhất một loại văn bản cho sổ.")


class YearPast(Refusal):
    code = "book_year_past"
    words = _("Sổ của năm %(year)s đã qua, không lập lại được.")


class NumbersTaken(Refusal):
    code = "book_numbers_taken"
    words = _(
        "Năm %(year)s các loại văn bản này đã cấp số; đổi cách chia sổ giữa năm làm trùng số. Lập sổ từ năm %(next)s."
    )


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
    """
    row = queries.lock_series(series)
    held = queries.find_live(row, subject)
    if held is not None:
        return held
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

    :raises ReasonMissing: no reason given
    """
    if not reason.strip():
        raise ReasonMissing()
    row = queries.lock_series(series)
    held = queries.find_live(row, subject)
    if held is None:
        return None
    _void(held, reason.strip(), at)
    _record("number.voided", held, subject, actor, at, reason=held.void_reason)
    return held


def _void(number: Number, reason: str, at: datetime) -> None:
    number.status = Status.VOIDED
    number.voided_at = at
    number.void_reason = reason[:500]
    number.save(update_fields=["status", "voided_at", "void_reason"])


def _reason(words: str) -> str:
    said = " ".join(clean(words).split())[:500]
    if not said:
        raise ReserveReasonMissing()
    return said


@transaction.atomic
def reserve(*, series: SeriesKey, reason: str, until: date, actor: Actor, today: date, at: datetime) -> Number:
    """Keep the next number of the series back until a day, as an exception with a reason; nobody else gets it.

    It is used by `take`, or given up (`release`), and stays in the register either way: no gap, no second holder.

    :raises NotTheRegistry: :raises ReserveReasonMissing: :raises DayPast:
    """
    refuse(policy.why_not_reserve(actor, series.agency_id))
    row = queries.lock_series(series)
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
    said = _reason(reason)
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
    _void(kept, _reason(reason), at)
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


@transaction.atomic
def set_book(
    *,
    agency_id: int,
    name: str,
    type_codes: Sequence[str],
    restarts: str = Restart.YEAR,
    from_year: int,
    basis: str,
    secrecy_class: str = "",
    body_id: int | None = None,
    begun_in: str | None = None,
    actor: Actor | None,
    today: date,
    at: datetime,
) -> Book:
    """Lay out a book: these types share one series from a year on, and leave the books they were in before.

    Asked twice in one (`begun_in`) it is laid out once.

    Law: Decree 30/2020, art. 15 and Appendix I (the head of the agency decides how series are laid out).

    :raises NotAllowed: not an administrator
    :raises TypesMissing: :raises ReserveReasonMissing: no type, or no name and decision
    :raises YearPast: :raises NumbersTaken: one of the types has taken numbers of that year already
    """
    refuse(policy.why_not_set_book(actor))
    people.lock_unit(agency_id)  # one layout at a time
    if begun_in and (again := Book.objects.filter(begun_in=begun_in).first()) is not None:
        return again
    codes = sorted(set(type_codes))
    if not codes:
        raise TypesMissing()
    if from_year < today.year:
        raise YearPast(year=from_year)
    _refuse_taken(agency_id, codes, secrecy_class, from_year, body_id)
    book = Book.objects.create(
        agency_id=agency_id,
        body_id=body_id,
        name=_reason(name)[:200],
        group=codes[0],
        type_codes=codes,
        secrecy_class=secrecy_class,
        restarts=restarts,
        from_year=from_year,
        basis=_reason(basis),
        set_at=at,
        begun_in=begun_in or None,
    )
    if len(codes) > 1 or restarts != Restart.YEAR:
        book.group = f"S{book.pk}"
        book.save(update_fields=["group"])
    journal.record(
        "book.set",
        subject=("unit", agency_id),
        actor=actor,
        at=at,
        agency_id=agency_id,
        name=book.name,
        types=codes,
        secrecy=secrecy_class,
        restarts=restarts,
        from_year=from_year,
        basis=book.basis,
        body=body_id,
    )
    return book


def _refuse_taken(
    agency_id: int, codes: Sequence[str], secrecy_class: str, year: int, body_id: int | None = None
) -> None:
    keys = [queries.key_of(agency_id, code, secrecy_class, year, body_id) for code in codes]
    if any(found is not None and found.last for found in map(queries.find_series, set(keys))):
        raise NumbersTaken(year=year, next=year + 1)


@transaction.atomic
def close_book(*, book_id: int, from_year: int, basis: str, actor: Actor | None, today: date, at: datetime) -> Book:
    """Let a book end: from a year on its types number as they did before it was laid out.

    :raises NotAllowed: :raises ReserveReasonMissing: :raises YearPast:
    :raises NumbersTaken: numbers of that year were taken from it
    """
    refuse(policy.why_not_set_book(actor))
    book = queries.lock_book(book_id)
    if from_year < today.year:
        raise YearPast(year=from_year)
    if book.restarts == Restart.YEAR or from_year <= book.from_year:
        _refuse_taken(book.agency_id, book.type_codes, book.secrecy_class, from_year, book.body_id)
    said = _reason(basis)
    book.until_year = from_year - 1
    book.save(update_fields=["until_year"])
    journal.record(
        "book.closed",
        subject=("unit", book.agency_id),
        actor=actor,
        at=at,
        agency_id=book.agency_id,
        name=book.name,
        from_year=from_year,
        basis=said,
    )
    return book


# ---- books of the past ---------------------------------------------------------------------------------------------------

PAST = "past"
"""Kind of subject of a number of an old book that no document holds: void, or a hole that was explained. Its id: the import."""
PAST_LINE = "past_line"
"""The same of one whose document is still to be made. Its id: the line."""
AT_ONCE = 5_000


class NumbersHeld(Refusal):
    code = "past_numbers_held"
    words = _("Dãy số %(series)s đã có số %(numbers)s: sổ cũ không lấy lại số đã cấp.")


class NumbersGivenSince(Refusal):
    code = "past_numbers_given_since"
    words = _("Sau lần nhập, dãy số %(series)s đã cấp tiếp hoặc chèn số: không bỏ lần nhập được nữa.")


@dataclass(frozen=True)
class PastNumber:
    """A number of an old book: the line that holds it, or (0) why it is void."""

    value: int
    suffix: str = ""
    line_id: int = 0
    reason: str = ""


@transaction.atomic
def take_past(
    *, series: SeriesKey, numbers: Sequence[PastNumber], import_id: int, actor: Actor | None, at: datetime
) -> tuple[int, int]:
    """Take numbers of an old book into a series: numbering goes on after the last of them. All or nothing.

    Returns the last number of the series before and after.

    :raises NumbersHeld: the series has one of them already
    """
    row = queries.lock_series(series)
    held = queries.list_held(row, [each.value for each in numbers])
    twice = sorted((each.value, each.suffix) for each in numbers if (each.value, each.suffix) in held)
    if twice:
        raise NumbersHeld(
            series=f"{row.type_group or row.book} {row.year}",
            numbers=", ".join(f"{value}{suffix}" for value, suffix in twice[:10]),
        )
    Number.objects.bulk_create(
        (
            Number(
                series=row,
                value=each.value,
                suffix=each.suffix,
                status=Status.TAKEN if each.line_id else Status.VOIDED,
                subject_kind=PAST_LINE if each.line_id else PAST,
                subject_id=each.line_id or import_id,
                taken_at=at,
                reserve_reason=INSERTED_THEN if each.suffix else "",
                voided_at=None if each.line_id else at,
                void_reason="" if each.line_id else _reason(each.reason),
            )
            for each in numbers
        ),
        batch_size=AT_ONCE,
    )
    before, row.last = row.last, max([row.last, *(each.value for each in numbers)])
    row.save(update_fields=["last"])
    journal.record(
        "number.past_taken",
        subject=("series", row.pk),
        actor=actor,
        at=at,
        agency_id=row.agency_id,
        book=row.book,
        year=row.year,
        group=row.type_group,
        count=len(numbers),
        before=before,
        last=row.last,
    )
    return before, row.last


INSERTED_THEN = _("Số chèn theo sổ cũ")


@transaction.atomic
def hold_past(*, holders: Mapping[int, int], actor: Actor | None, at: datetime) -> int:
    """Let the documents made of lines of an old book hold the numbers taken for those lines. The import records it."""
    rows = list(queries.list_of_lines(list(holders)))
    for row in rows:
        row.subject_kind, row.subject_id = "document", holders[row.subject_id]
    return Number.objects.bulk_update(rows, ["subject_kind", "subject_id"])


@transaction.atomic
def give_back_past(
    *,
    before: Mapping[SeriesKey, tuple[int, int]],
    import_id: int,
    document_ids: Sequence[int],
    actor: Actor,
    at: datetime,
) -> int:
    """Take the numbers of an old book out of their series again; `before` says where each series stood before and after them.

    :raises NumbersGivenSince: a number was given or put between since
    """
    gone = 0
    for key, (first, last) in sorted(before.items(), key=lambda each: str(each[0])):
        row = queries.lock_series(key)
        of_import = queries.list_of_import(row, import_id, document_ids)
        since = queries.list_given_since(row, of_import, first, last)
        if row.last != last or since:
            raise NumbersGivenSince(series=f"{row.type_group or row.book} {row.year}")
        gone += of_import.delete()[0]
        row.last = first
        row.save(update_fields=["last"])
        journal.record(
            "number.past_given_back",
            subject=("series", row.pk),
            actor=actor,
            at=at,
            agency_id=row.agency_id,
            book=row.book,
            year=row.year,
            group=row.type_group,
            last=first,
        )
        if first == 0 and not Number.objects.filter(series=row).exists():
            row.delete()
    return gone


@transaction.atomic
def drop_past_books(*, book_ids: Sequence[int], actor: Actor, at: datetime) -> None:
    """Take books away that an import laid out for years that are over, and in which nothing is numbered (any more)."""
    for book in queries.list_unused_books(book_ids):
        journal.record(
            "book.dropped",
            subject=("unit", book.agency_id),
            actor=actor,
            at=at,
            agency_id=book.agency_id,
            name=book.name,
            from_year=book.from_year,
        )
        book.delete()


@transaction.atomic
def open_past_book(
    *,
    agency_id: int,
    name: str,
    type_codes: Sequence[str],
    year: int,
    basis: str,
    secrecy_class: str = "",
    actor: Actor | None,
    at: datetime,
) -> Book:
    """Lay out, for a year that is over, the one book in which all types were numbered then.

    :raises NumbersTaken: numbers of that year were taken otherwise
    """
    _refuse_taken(agency_id, type_codes, secrecy_class, year)
    book = Book.objects.create(
        agency_id=agency_id,
        name=_reason(name)[:200],
        group="",
        type_codes=sorted(type_codes),
        secrecy_class=secrecy_class,
        from_year=year,
        until_year=year,
        basis=_reason(basis),
        set_at=at,
    )
    book.group = f"S{book.pk}"
    book.save(update_fields=["group"])
    journal.record(
        "book.set",
        subject=("unit", agency_id),
        actor=actor,
        at=at,
        agency_id=agency_id,
        name=book.name,
        types=book.type_codes,
        secrecy=secrecy_class,
        restarts=book.restarts,
        from_year=year,
        basis=book.basis,
    )
    return book
