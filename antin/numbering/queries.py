"""Reading series: the key of a series, its proof that nothing is missing, its last number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from antin.numbering.models import UNUSUAL, Book, Elsewhere, Number, Series
from antin.numbering.moving import Layout, Reserved, Told, Voided, ranges
from antin.numbering.states import Restart, Status
from antin.people.actor import Actor
from antin.refusal import NotFound


@dataclass(frozen=True)
class SeriesKey:
    """Which series: agency, book ("out", "in"), year, type group, secrecy class ("" for ordinary documents), and whose: of a body
    that issues in its own name, or (None) the agency's."""

    agency_id: int
    book: str
    year: int
    type_group: str
    secrecy_class: str = ""
    body_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A series as it is kept: its last number, and the node that numbers in it now (`moved_to`, "" this one)."""

    series_id: int
    book: str
    year: int
    type_group: str
    last: int
    name: str = ""
    secrecy_class: str = ""
    moved_to: str = ""
    body_id: int | None = None
    body_name: str = ""

    @property
    def mark(self) -> str:
        """What tells it from the other series of its agency's book and year: the group, and whose it is."""
        return self.type_group if self.body_id is None else f"{self.type_group}@{self.body_id}"


@dataclass(frozen=True, kw_only=True)
class Proof(Kept):
    """What a series holds: `whole` is true when 1..last are all there, each once; `missing` names those that are not.

    `kept` counts the numbers of the sequence, voided and reserved ones among them; `inserted` those put between (12a); `moved`
    those that another node gave and whose lines are there.
    """

    kept: int
    voided: int
    whole: bool
    reserved: int = 0
    inserted: int = 0
    moved: int = 0
    missing: tuple[int, ...] = ()


def find_series(key: SeriesKey) -> Series | None:
    """Return the series of this key, or None before its first number."""
    return Series.objects.filter(**key.__dict__).first()


def lock_series(key: SeriesKey) -> Series:
    """Return the series of this key, made if new, its row locked until the caller's transaction ends."""
    found = Series.objects.select_for_update().filter(**key.__dict__).first()
    if found is None:
        lock_beginnings(key.agency_id, alone=False)
        away = find_elsewhere(key.agency_id)
        gone = {"moved_to": away.node, "moved_at": away.since_at} if away else {}
        Series.objects.bulk_create([Series(**key.__dict__, **gone)], ignore_conflicts=True)
        found = Series.objects.select_for_update().get(**key.__dict__)
    return found


def find_free(key: SeriesKey, subject: tuple[str, int]) -> Series | None:
    """Return the series of this key, not locked, when it is numbered in here and the subject holds no number of it."""
    live = Number.objects.filter(
        series=OuterRef("pk"), subject_kind=subject[0], subject_id=subject[1], status=Status.TAKEN
    )
    return Series.objects.filter(~Exists(live), **key.__dict__, moved_to="").first()


def lock_beginnings(agency_id: int, *, alone: bool) -> None:
    """Let series of an agency be begun (several may), or (`alone`) none, until the caller's transaction ends."""
    shared = "" if alone else "_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(hashtextextended('numbering.agency', %s))", [agency_id])


def find_elsewhere(agency_id: int) -> Elsewhere | None:
    """Return that another node numbers for an agency; None while this one does."""
    return Elsewhere.objects.filter(agency_id=agency_id).first()


def list_elsewhere() -> dict[int, Elsewhere]:
    """Return the agencies whose books are at another node, by id."""
    return {row.agency_id: row for row in Elsewhere.objects.all()}


def lock_all_series(agency_id: int) -> list[Series]:
    """Return every series of an agency, locked, in order; nobody begins another one meanwhile."""
    lock_beginnings(agency_id, alone=True)
    return list(Series.objects.select_for_update().filter(agency_id=agency_id).order_by("id"))


def list_series(agency_id: int) -> list[Series]:
    """Return every series of an agency in which numbers were given, with whose it is, in their order."""
    rows = Series.objects.select_related("body").filter(agency_id=agency_id, last__gt=0)
    return list(rows.order_by("book", "year", "secrecy_class", "type_group", "body_id"))


def is_importing(agency_id: int) -> bool:
    """Tell whether numbers of an old book still wait for their documents."""
    return Number.objects.filter(series__agency_id=agency_id, subject_kind="past_line").exists()


def find_live(series: Series, subject: tuple[str, int]) -> Number | None:
    """Return the number this subject holds in the series, if any."""
    return Number.objects.filter(
        series=series, subject_kind=subject[0], subject_id=subject[1], status=Status.TAKEN
    ).first()


MOST_NAMED = 200
"""So many missing numbers of a series are named; a whole one has none."""


def list_kept(*, agency_id: int, year: int) -> list[Kept]:
    """Return every series of an agency in use in a year, without looking at its numbers."""
    books = list_books(agency_id)
    return [_kept(row, books) for row in _of_year(agency_id, year, books)]


def _of_year(agency_id: int, year: int, books: list[Book]) -> QuerySet[Series]:
    lasting = {book.group for book in books if book.restarts == Restart.TERM and _in_use(book, year)}
    rows = Series.objects.select_related("body").filter(
        Q(year=year) | Q(year__lt=year, type_group__in=lasting), agency_id=agency_id
    )
    return rows.order_by("book", F("last").desc(), "type_group")


def list_proofs(*, agency_id: int, year: int) -> list[Proof]:
    """Return, for every series of an agency in use in a year, whether its numbers are without a hole.

    Numbers of the sequence are counted in their index alone, the few that are not simply taken are looked at.
    """
    books = list_books(agency_id)
    numbers = Number.objects.filter(series=OuterRef("pk")).order_by()
    plain = numbers.filter(suffix="").values("series").annotate(n=Count("*")).values("n")
    rows = list(
        _of_year(agency_id, year, books).annotate(
            kept=Coalesce(Subquery(plain), 0),
            low=Subquery(numbers.order_by("value").values("value")[:1]),
            high=Subquery(numbers.order_by("-value").values("value")[:1]),
        )
    )
    unusual: dict[tuple[int, str], int] = defaultdict(int)
    others = Number.objects.filter(UNUSUAL, series__in=[row.pk for row in rows]).order_by()
    for series_id, status, suffix, n in others.values_list("series", "status", "suffix").annotate(n=Count("pk")):
        unusual[series_id, status] += n
        unusual[series_id, "inserted"] += n if suffix else 0
    return [_proof(row, books, unusual) for row in rows]


def _in_use(book: Book, year: int) -> bool:
    return book.from_year <= year and (book.until_year is None or year <= book.until_year)


def _kept(row: Series, books: list[Book]) -> Kept:
    return Kept(**_facts(row, books))


def _facts(row: Series, books: list[Book]) -> dict[str, Any]:
    return {
        "series_id": row.pk,
        "book": row.book,
        "year": row.year,
        "type_group": row.type_group,
        "last": row.last,
        "name": name_of(row, books),
        "secrecy_class": row.secrecy_class,
        "moved_to": row.moved_to,
        "body_id": row.body_id,
        "body_name": row.body.name if row.body else "",
    }


def _proof(row: Series, books: list[Book], unusual: Mapping[tuple[int, str], int]) -> Proof:
    counts = row.__dict__
    whole = counts["kept"] == row.last and (row.last == 0 or (counts["low"] == 1 and counts["high"] == row.last))
    return Proof(
        **_facts(row, books),
        kept=counts["kept"],
        voided=unusual.get((row.pk, Status.VOIDED), 0),
        reserved=unusual.get((row.pk, Status.RESERVED), 0),
        moved=unusual.get((row.pk, Status.MOVED), 0),
        inserted=unusual.get((row.pk, "inserted"), 0),
        whole=whole,
        missing=() if whole else tuple(list_missing(row.pk)),
    )


def name_of(series: Series, books: Iterable[Book]) -> str:
    """Return what the book of a series is called; "" where it is one type's own and was never laid out."""
    same = (book for book in books if (book.group, book.body_id) == (series.type_group, series.body_id))
    return next((book.name for book in same if book.from_year <= series.year), "")


def list_missing(series_id: int) -> list[int]:
    """Return the numbers from 1 to the last that are not in the series, the first few of them: they should be none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n FROM numbering_series AS series, generate_series(1, series.last) AS n"
            " WHERE series.id = %s AND NOT EXISTS (SELECT FROM numbering_number AS held"
            " WHERE held.series_id = series.id AND held.value = n AND held.suffix = '') ORDER BY n LIMIT %s",
            [series_id, MOST_NAMED],
        )
        return [n for (n,) in cursor.fetchall()]


def list_books(agency_id: int) -> list[Book]:
    """Return the books an agency laid out, the latest first: of two that hold a type, the first in the list is in force."""
    return list(Book.objects.filter(agency_id=agency_id).order_by("-from_year", "-id"))


def get_book(agency_ids: Iterable[int], book_id: int) -> Book:
    """Return a book of one of these agencies. :raises NotFound: there is none"""
    found = Book.objects.filter(pk=book_id, agency_id__in=agency_ids).first()
    if found is None:
        raise NotFound()
    return found


def lock_book(book_id: int) -> Book:
    """Return a book, its row locked. :raises NotFound: there is none"""
    found = Book.objects.select_for_update().filter(pk=book_id).first()
    if found is None:
        raise NotFound()
    return found


def find_book(agency_id: int, type_code: str, secrecy_class: str, year: int, body_id: int | None = None) -> Book | None:
    """Return the book a type is numbered in in a year; None where it numbers alone."""
    return (
        Book.objects.filter(
            Q(until_year__isnull=True) | Q(until_year__gte=year),
            Q(body=None) if body_id is None else Q(body_id=body_id),
            agency_id=agency_id,
            type_codes__contains=[type_code],
            secrecy_class=secrecy_class,
            from_year__lte=year,
        )
        .order_by("-from_year", "-id")
        .first()
    )


def key_of(agency_id: int, type_code: str, secrecy_class: str, year: int, body_id: int | None = None) -> SeriesKey:
    """Return the series in which an outgoing document of a type is numbered: its book's, or the type's own, each year anew.

    Law: Decree 30/2020, art. 15 and Appendix I (the head lays the series out; one per type is the usual layout).
    """
    book = find_book(agency_id, type_code, secrecy_class, year, body_id)
    if book is None:
        return SeriesKey(agency_id, "out", year, type_code, secrecy_class, body_id)
    first = book.from_year if book.restarts == Restart.TERM else year
    return SeriesKey(agency_id, "out", first, book.group, secrecy_class, body_id)


def list_keys(
    agency_id: int, type_codes: Iterable[str], year: int, body_id: int | None = None
) -> dict[SeriesKey, tuple[str, list[str]]]:
    """Return the series the ordinary documents of some types are numbered in: the book's name ("" without one) and its types."""
    ours = [book for book in list_books(agency_id) if book.body_id == body_id]
    books = [book for book in ours if not book.secrecy_class and _in_use(book, year)]
    found: dict[SeriesKey, tuple[str, list[str]]] = {}
    for code in type_codes:
        book = next((each for each in books if code in each.type_codes), None)
        first = book.from_year if book and book.restarts == Restart.TERM else year
        key = SeriesKey(agency_id, "out", first, book.group if book else code, body_id=body_id)
        found.setdefault(key, (book.name if book else "", []))[1].append(code)
    return found


def list_reserved(*, agency_id: int) -> list[Number]:
    """Return the numbers an agency keeps back, those that run out first in front."""
    return list(
        Number.objects.select_related("series")
        .filter(series__agency_id=agency_id, status=Status.RESERVED)
        .order_by("reserved_until", "id")
    )


def _named(key: SeriesKey) -> dict[str, object]:
    return {f"series__{name}": value for name, value in key.__dict__.items()}


def list_reserved_in(key: SeriesKey) -> list[Number]:
    """Return the numbers kept back in one series, in their order."""
    named = _named(key)
    return list(Number.objects.filter(status=Status.RESERVED, **named).order_by("value", "suffix"))


def list_exceptions(*, agency_id: int, year: int, limit: int = 200) -> list[Number]:
    """Return the numbers of a year that were once kept back or put between, whatever became of them, the latest first."""
    return list(
        Number.objects.select_related("series")
        .filter(series__agency_id=agency_id, series__year=year, reserved_at__isnull=False)
        .order_by("-reserved_at", "-id")[:limit]
    )


def get_number_for(actor: Actor, number_id: int) -> Number:
    """Return a number of the actor's own agency. :raises NotFound: there is none, or another's"""
    found = Number.objects.select_related("series").filter(pk=number_id, series__agency_id=actor.agency_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_reserved(number_id: int) -> Number | None:
    """Return a number that is kept back, its row locked; None when it is not (any more)."""
    return (
        Number.objects.select_for_update(of=("self",))
        .select_related("series")
        .filter(pk=number_id, status=Status.RESERVED)
        .first()
    )


def lock_expired(today: date) -> list[Number]:
    """Return the numbers whose last day of being kept is over, locked."""
    return list(
        Number.objects.select_for_update(of=("self",))
        .select_related("series")
        .filter(status=Status.RESERVED, reserved_until__lt=today, series__moved_to="")
        .order_by("id")
    )


def list_voided(*, agency_id: int, year: int) -> list[Number]:
    """Return the voided numbers of an agency's year with their reasons, newest first."""
    return list(
        Number.objects.filter(series__agency_id=agency_id, series__year=year, status=Status.VOIDED)
        .select_related("series")
        .order_by("-voided_at", "-id")
    )


def list_held(series: Series, values: Iterable[int]) -> set[tuple[int, str]]:
    """Return which numbers of a series, of some values, are there already, each with its suffix; of those that another node gave
    the line may still come."""
    rows = Number.objects.filter(series=series, value__in=list(values)).exclude(status=Status.MOVED)
    return set(rows.values_list("value", "suffix"))


def list_values(key: SeriesKey, *, but_moved: bool = False) -> set[tuple[int, str]]:
    """Return the numbers a series holds, each with its suffix; none where it was never begun. `but_moved`: without those that
    another node gave and whose lines have not come."""
    rows = Number.objects.filter(**_named(key))
    if but_moved:
        rows = rows.exclude(status=Status.MOVED)
    return set(rows.values_list("value", "suffix"))


def list_unused_books(book_ids: Sequence[int]) -> list[Book]:
    """Return those of some books whose sequences hold no number, locked."""
    books = list(Book.objects.select_for_update().filter(pk__in=list(book_ids)))
    used = Number.objects.filter(series__type_group__in=[book.group for book in books])
    taken = set(used.values_list("series__agency_id", "series__type_group"))
    return [book for book in books if (book.agency_id, book.group) not in taken]


def list_of_lines(line_ids: list[int]) -> QuerySet[Number]:
    """Return the numbers taken for lines of an old book whose documents are still to be made."""
    return Number.objects.filter(subject_kind="past_line", subject_id__in=line_ids)


def list_of_import(series: Series, import_id: int, document_ids: Sequence[int]) -> QuerySet[Number]:
    """Return the numbers that an import of an old book put into a series: those its documents hold, and the void ones."""
    held = Q(subject_kind="document", subject_id__in=list(document_ids), status=Status.TAKEN)
    return Number.objects.filter(held | Q(subject_kind="past", subject_id=import_id), series=series)


def list_given_since(series: Series, of_import: QuerySet[Number], first: int, last: int) -> list[Number]:
    """Return what else the series holds where the import is: numbers given or put between since."""
    among = Number.objects.filter(series=series, value__gt=first, value__lte=last)
    return list(among.exclude(pk__in=of_import.values("pk"))[:1])


def list_years(agency_id: int) -> list[int]:
    """Return the years in which the agency took numbers, the latest first."""
    return list(Series.objects.filter(agency_id=agency_id).values_list("year", flat=True).distinct().order_by("-year"))


def layout_of(book: Book) -> Layout:
    """Return how a book is laid out, as another node is told it."""
    return Layout(
        name=book.name,
        group=book.group,
        type_codes=tuple(sorted(book.type_codes)),
        secrecy_class=book.secrecy_class,
        restarts=book.restarts,
        from_year=book.from_year,
        until_year=book.until_year,
        basis=book.basis,
        body_id=book.body_id,
    )


def list_told(series: Series) -> Told:
    """Return what a series holds, as another node is told it. Its numbers are read once, in order."""
    given: list[int] = []
    inserted: list[tuple[int, str]] = []
    voided: list[Voided] = []
    reserved: list[Reserved] = []
    rows = Number.objects.filter(series=series).order_by("value", "suffix")
    names = ("value", "suffix", "status", "voided_at", "void_reason")
    kept = ("reserved_until", "reserve_reason", "reserved_by", "reserved_at")
    for value, suffix, status, voided_at, void_reason, until, reason, by, at in rows.values_list(*names, *kept):
        if status == Status.VOIDED:
            voided.append(Voided(value, suffix, voided_at, void_reason))
        elif status == Status.RESERVED:
            reserved.append(Reserved(value, suffix, until, reason, by, at))
        elif suffix:
            inserted.append((value, suffix))
        else:
            given.append(value)
    return Told(
        book=series.book,
        year=series.year,
        group=series.type_group,
        secrecy_class=series.secrecy_class,
        body_id=series.body_id,
        last=series.last,
        given=ranges(given),
        inserted=tuple(inserted),
        voided=tuple(voided),
        reserved=tuple(reserved),
    )


def count_moved(agency_id: int) -> int:
    """Return how many numbers that another node gave have no line here."""
    return Number.objects.filter(series__agency_id=agency_id, status=Status.MOVED).count()
