"""Laying out the books that numbers come from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.journal import operations as journal
from antin.numbering import policy, queries
from antin.numbering.models import Book
from antin.numbering.operations.taking import reason_of
from antin.numbering.states import Restart
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse


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
    refuse(policy.why_not_here(queries.find_elsewhere(agency_id)))
    codes = sorted(set(type_codes))
    if not codes:
        raise TypesMissing()
    if from_year < today.year:
        raise YearPast(year=from_year)
    refuse_taken(agency_id, codes, secrecy_class, from_year, body_id)
    book = Book.objects.create(
        agency_id=agency_id,
        body_id=body_id,
        name=reason_of(name)[:200],
        group=codes[0],
        type_codes=codes,
        secrecy_class=secrecy_class,
        restarts=restarts,
        from_year=from_year,
        basis=reason_of(basis),
        set_at=at,
        begun_in=begun_in or None,
    )
    if len(codes) > 1 or restarts != Restart.YEAR:
        book.group = f"S{book.pk}"
        book.save(update_fields=["group"])
    record_layout(book, actor=actor, at=at)
    return book


def record_layout(book: Book, *, actor: Actor | None, at: datetime) -> None:
    """Record that a book was laid out, by whichever act."""
    journal.record(
        "book.set",
        subject=("unit", book.agency_id),
        actor=actor,
        at=at,
        agency_id=book.agency_id,
        name=book.name,
        types=book.type_codes,
        secrecy=book.secrecy_class,
        restarts=book.restarts,
        from_year=book.from_year,
        basis=book.basis,
        body=book.body_id,
    )


def refuse_taken(
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
    refuse(policy.why_not_here(queries.find_elsewhere(book.agency_id)))
    if from_year < today.year:
        raise YearPast(year=from_year)
    if book.restarts == Restart.YEAR or from_year <= book.from_year:
        refuse_taken(book.agency_id, book.type_codes, book.secrecy_class, from_year, book.body_id)
    said = reason_of(basis)
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
