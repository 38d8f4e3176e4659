"""Reading series: the key of a series, its proof that nothing is missing, its last number."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Max, Min, Q

from antin.numbering.models import Number, Series
from antin.numbering.states import Status


@dataclass(frozen=True)
class SeriesKey:
    """Which series: agency, book ("out", "in"), year, type group, secrecy class ("" for ordinary documents)."""

    agency_id: int
    book: str
    year: int
    type_group: str
    secrecy_class: str = ""


@dataclass(frozen=True)
class Proof:
    """What a series holds: `whole` is true when 1..last are all there, each once."""

    series_id: int
    book: str
    year: int
    type_group: str
    last: int
    kept: int
    voided: int
    whole: bool


def find_series(key: SeriesKey) -> Series | None:
    """Return the series of this key, or None before its first number."""
    return Series.objects.filter(**key.__dict__).first()


def lock_series(key: SeriesKey) -> Series:
    """Return the series of this key, made if new, its row locked until the caller's transaction ends."""
    found = Series.objects.select_for_update().filter(**key.__dict__).first()
    if found is None:
        Series.objects.bulk_create([Series(**key.__dict__)], ignore_conflicts=True)
        found = Series.objects.select_for_update().get(**key.__dict__)
    return found


def find_live(series: Series, subject: tuple[str, int]) -> Number | None:
    """Return the number this subject holds in the series, if any."""
    return Number.objects.filter(
        series=series, subject_kind=subject[0], subject_id=subject[1], status=Status.TAKEN
    ).first()


def list_proofs(*, agency_id: int, year: int) -> list[Proof]:
    """Return, for every series of an agency in a year, whether its numbers are without a hole.

    Counts rows; for the page that shows the proof, not for hot paths.
    """
    rows = (
        Series.objects.filter(agency_id=agency_id, year=year)
        .annotate(
            kept=Count("number"),
            voided=Count("number", filter=Q(number__status=Status.VOIDED)),
            low=Min("number__value"),
            high=Max("number__value"),
        )
        .order_by("book", F("last").desc(), "type_group")
    )
    return [
        Proof(
            series_id=row.pk,
            book=row.book,
            year=row.year,
            type_group=row.type_group,
            last=row.last,
            kept=row.kept,
            voided=row.voided,
            whole=row.kept == row.last and (row.last == 0 or (row.low == 1 and row.high == row.last)),
        )
        for row in rows
    ]


def list_voided(*, agency_id: int, year: int) -> list[Number]:
    """Return the voided numbers of an agency's year with their reasons, newest first."""
    return list(
        Number.objects.filter(series__agency_id=agency_id, series__year=year, status=Status.VOIDED)
        .select_related("series")
        .order_by("-voided_at", "-id")
    )


def list_years(agency_id: int) -> list[int]:
    """Return the years in which the agency took numbers, the latest first."""
    return list(Series.objects.filter(agency_id=agency_id).values_list("year", flat=True).distinct().order_by("-year"))
