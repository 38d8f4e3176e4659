"""Register books, and what old ones are compared with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce

from antin.documents import policy
from antin.documents.models import (
    CopyUse,
    Document,
    Posting,
    Visibility,
)
from antin.documents.queries.lists import PAGE, word_query
from antin.documents.states import Direction
from antin.identifiers.text import fold
from antin.numbering.models import Number
from antin.numbering.states import Status as NumberStatus
from antin.people.actor import Actor
from antin.refusal import NotFound


@dataclass(frozen=True)
class BookFilters:
    """What a register book is narrowed to; empty means everything. Days are the book's own, inclusive."""

    words: str = ""
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return bool(self.words or self.since or self.until)


@dataclass(frozen=True)
class BookLine:
    """One number of a series and the document that holds it; None where it is void or kept back."""

    number: Number
    document: Document | None


def _office(actor: Actor) -> int:
    """:raises NotFound: the actor has no part in the registry office"""
    if f"R{actor.agency_id}" not in actor.holders:
        raise NotFound()
    return actor.agency_id


def list_book(
    *,
    actor: Actor,
    series_id: int,
    filters: BookFilters | None = None,
    after: tuple[int, str] | None = None,
    limit: int = PAGE,
) -> list[BookLine]:
    """Return a page of a series as a register book, the latest number first; narrowed, only the documents that match.

    Classified documents have series of their own; a line whose title the actor may not read shows none (`policy.may_read_title`).

    :raises NotFound: the actor has no part in the registry office
    """
    agency_id = _office(actor)
    rows = Number.objects.filter(series_id=series_id, series__agency_id=agency_id)
    if after is not None:
        rows = rows.filter(Q(value__lt=after[0]) | Q(value=after[0], suffix__lt=after[1]))
    if filters:
        matching = Document.objects.filter(_in_book(filters, actor), agency_id=agency_id)
        rows = rows.filter(status=NumberStatus.TAKEN, subject_kind="document", subject_id__in=matching.values("id"))
    numbers = list(rows.order_by("-value", "-suffix")[:limit])
    taken = [number.subject_id for number in numbers if number.status == NumberStatus.TAKEN]
    found = (
        Document.objects.select_related("arrival__presented_post", "making__unit")
        .defer("search", "making__body")
        .in_bulk(taken)
    )
    return [
        BookLine(number, found.get(number.subject_id) if number.status == NumberStatus.TAKEN else None)
        for number in numbers
    ]


def _in_book(filters: BookFilters, actor: Actor) -> Q:
    """What is looked for by words is looked for only where the actor may read the title."""
    narrowed = Q()
    words = word_query(filters.words)
    if words is not None:
        narrowed &= Q(search=words, secrecy__lte=policy.level_of(actor))
    if filters.since:
        narrowed &= Q(direction="in", arrival__arrival_date__gte=filters.since) | Q(
            direction="out", document_date__gte=filters.since
        )
    if filters.until:
        narrowed &= Q(direction="in", arrival__arrival_date__lte=filters.until) | Q(
            direction="out", document_date__lte=filters.until
        )
    return narrowed


def list_postings(
    *, actor: Actor, year: int, filters: BookFilters | None = None, after: int | None = None, limit: int = PAGE
) -> list[Posting]:
    """Return a page of the postal book of a year, the latest first. :raises NotFound: no part in the registry office"""
    rows = Posting.objects.select_related("document").defer("document__search")
    rows = rows.filter(agency_id=_office(actor), posted_on__year=year)
    return list(_lines(rows, "posted_on", "recipient_name", filters, after)[:limit])


def list_copy_uses(
    *, actor: Actor, year: int, filters: BookFilters | None = None, after: int | None = None, limit: int = PAGE
) -> list[CopyUse]:
    """Return a page of the book of kept copies of a year, the latest first. :raises NotFound: no part in the registry office"""
    rows = CopyUse.objects.select_related("document").defer("document__search")
    rows = rows.filter(agency_id=_office(actor), lent_on__year=year)
    return list(_lines(rows, "lent_on", "user_name", filters, after)[:limit])


def _lines(rows: Any, day: str, who: str, filters: BookFilters | None, after: int | None) -> Any:
    """Narrowed and in the order they were written, the latest first."""
    asked = filters or BookFilters()
    words = word_query(asked.words)
    if words is not None:
        said = asked.words.strip()
        rows = rows.filter(Q(document__search=words) | Q(**{f"{who}__icontains": said}) | Q(code__icontains=said))
    if asked.since:
        rows = rows.filter(**{f"{day}__gte": asked.since})
    if asked.until:
        rows = rows.filter(**{f"{day}__lte": asked.until})
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return rows.order_by("-id")


def lock_posting(actor: Actor, posting_id: int) -> Posting:
    """Return a line of the postal book of the actor's agency, locked. :raises NotFound: there is none"""
    rows = Posting.objects.select_for_update(of=("self",)).select_related("document")
    found = rows.filter(pk=posting_id, agency_id=actor.agency_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_copy_use(actor: Actor, use_id: int) -> CopyUse:
    """Return a line of the book of kept copies of the actor's agency, locked. :raises NotFound: there is none"""
    rows = CopyUse.objects.select_for_update(of=("self",)).select_related("document")
    found = rows.filter(pk=use_id, agency_id=actor.agency_id).first()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Issued:
    """An outgoing document as an old book names it: by number and notation."""

    pk: int
    code: str
    document_date: date | None
    secrecy: int


def find_issued_by_code(agency_id: int, codes: Collection[str]) -> dict[str, list[Issued]]:
    """Return the outgoing documents of an agency that bear these numbers and notations."""
    rows = Document.objects.filter(agency_id=agency_id, direction=Direction.OUT, code__in=list(codes))
    found: dict[str, list[Issued]] = {}
    for row in rows.order_by("id").values_list("pk", "code", "document_date", "secrecy"):
        found.setdefault(row[1], []).append(Issued(*row))
    return found


def list_entry_marks(agency_id: int, book: str, years: Collection[int]) -> set[tuple[date, str, str]]:
    """Return day, paper and person (folded) of the lines that a postal book, or the book of kept copies, has of some years."""
    lines: Any = Posting.objects if book == "post" else CopyUse.objects
    day, who = ("posted_on", "recipient_name") if book == "post" else ("lent_on", "user_name")
    rows = lines.filter(**{"agency_id": agency_id, f"{day}__year__in": list(years)})
    told = rows.values_list(day, Coalesce("document__code", "code"), who)
    return {(on, fold(code), fold(name)) for on, code, name in told}


def list_entry_years(agency_id: int, book: str) -> list[int]:
    """Return the years of which a postal book, or the book of kept copies, has lines, the latest first."""
    days: Any = (
        Posting.objects.filter(agency_id=agency_id) if book == "post" else CopyUse.objects.filter(agency_id=agency_id)
    )
    name = "posted_on" if book == "post" else "lent_on"
    return [day.year for day in days.dates(name, "year", order="DESC")]


def list_past_in_use(document_ids: list[int]) -> set[int]:
    """Return those of some documents of the past that were shown to somebody since they were taken from their book."""
    rows = Visibility.objects.filter(document_id__in=document_ids).exclude(reason="past")
    return set(rows.values_list("document_id", flat=True))


def count_astray(series_ids: list[int]) -> dict[int, int]:
    """Return, by series, how many numbers that are taken are not carried by the document that should; there should be none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT held.series_id, count(*) FROM numbering_number AS held"
            " LEFT JOIN documents_document AS paper ON held.subject_kind = 'document' AND paper.id = held.subject_id"
            " AND (held.value = CASE paper.direction WHEN 'in' THEN paper.arrival_number ELSE paper.number END"
            "  OR paper.status = 'past' AND (held.suffix <> '' OR paper.secrecy > 0) AND paper.arrival_number IS NULL)"
            " WHERE held.series_id = ANY(%s) AND held.status = 'taken' AND paper.id IS NULL GROUP BY held.series_id",
            [series_ids],
        )
        return dict(cursor.fetchall())
