"""Books of the past: their numbers taken into the series at once, held by the documents made of their lines, given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop as _

from antin.journal import operations as journal
from antin.numbering import policy, queries
from antin.numbering.models import Book, Number, Series
from antin.numbering.operations.books import record_layout, refuse_taken
from antin.numbering.operations.taking import reason_of
from antin.numbering.queries import SeriesKey
from antin.numbering.states import Status
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse

PAST = "past"
"""Kind of subject of a number of an old book that no document holds: void, or a hole that was explained. Its id: the import."""
PAST_LINE = "past_line"
"""The same of one whose document is still to be made. Its id: the line."""
MOVE = "move"
"""Kind of subject of a number that another node gave or kept back. Its id: the move."""
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

    A number that another node gave, and whose line comes now, is held by the line.

    :raises NumbersHeld: the series has one of them already :raises BooksElsewhere:
    """
    row = queries.lock_series(series)
    refuse(policy.why_not_in(row))
    held = queries.list_held(row, [each.value for each in numbers])
    twice = sorted((each.value, each.suffix) for each in numbers if (each.value, each.suffix) in held)
    if twice:
        raise NumbersHeld(
            series=f"{row.type_group or row.book} {row.year}",
            numbers=", ".join(f"{value}{suffix}" for value, suffix in twice[:10]),
        )
    moved = _hold_moved(row, {(each.value, each.suffix): each.line_id for each in numbers})
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
                void_reason="" if each.line_id else reason_of(each.reason),
            )
            for each in numbers
            if (each.value, each.suffix) not in moved
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


def _hold_moved(series: Series, lines: Mapping[tuple[int, str], int]) -> set[tuple[int, str]]:
    """Let lines hold the numbers that came with the book from another node. :raises NumbersHeld: the book says it is void"""
    rows = list(Number.objects.filter(series=series, status=Status.MOVED))
    rows = [row for row in rows if (row.value, row.suffix) in lines]
    for row in rows:
        line_id = lines[row.value, row.suffix]
        if not line_id:
            raise NumbersHeld(
                series=f"{series.type_group or series.book} {series.year}", numbers=f"{row.value}{row.suffix}"
            )
        row.status, row.subject_kind, row.subject_id = Status.TAKEN, PAST_LINE, line_id
    Number.objects.bulk_update(rows, ["status", "subject_kind", "subject_id"], batch_size=AT_ONCE)
    return {(row.value, row.suffix) for row in rows}


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
        if last not in (row.last, first) or since:
            raise NumbersGivenSince(series=f"{row.type_group or row.book} {row.year}")
        refuse(policy.why_not_in(row))
        moved = of_import.filter(moved_in__isnull=False)
        gone += moved.update(status=Status.MOVED, subject_kind=MOVE, subject_id=F("moved_in"))
        gone += of_import.filter(moved_in=None).delete()[0]
        if first != last:
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
            last=row.last,
        )
        if row.last == 0 and not Number.objects.filter(series=row).exists():
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
    refuse_taken(agency_id, type_codes, secrecy_class, year)
    book = Book.objects.create(
        agency_id=agency_id,
        name=reason_of(name)[:200],
        group="",
        type_codes=sorted(type_codes),
        secrecy_class=secrecy_class,
        from_year=year,
        until_year=year,
        basis=reason_of(basis),
        set_at=at,
    )
    book.group = f"S{book.pk}"
    book.save(update_fields=["group"])
    record_layout(book, actor=actor, at=at)
    return book
