"""Numbers without a gap and without a double, whoever aborts and whoever comes at once."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from antin.numbering import operations as numbering
from antin.numbering import policy, queries
from antin.numbering.models import Number, Series
from antin.numbering.queries import SeriesKey
from tests.cast import Cast
from tests.crash import run_all_and_die
from tests.unchanged import refused


def key(cast: Cast, group: str = "CV") -> SeriesKey:
    return SeriesKey(agency_id=cast.agency_id, book="out", year=2026, type_group=group)


def take(cast: Cast, at: datetime, subject: int, group: str = "CV") -> int:
    return numbering.take(series=key(cast, group), subject=("document", subject), actor=None, at=at).value


@pytest.mark.django_db
def test_numbers_run_from_one_and_series_do_not_meet(cast: Cast, at: datetime) -> None:
    assert [take(cast, at, 1), take(cast, at, 2), take(cast, at, 3, "QĐ")] == [1, 2, 1]


@pytest.mark.django_db
def test_the_same_subject_holds_one_number(cast: Cast, at: datetime) -> None:
    assert [take(cast, at, 1), take(cast, at, 1), take(cast, at, 2)] == [1, 1, 2]


@pytest.mark.django_db
def test_an_aborted_act_leaves_no_gap(cast: Cast, at: datetime) -> None:
    take(cast, at, 1)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        take(cast, at, 2)
        _ = 1 // 0
    assert take(cast, at, 3) == 2


@pytest.mark.django_db
def test_a_voided_number_is_kept_with_its_reason_and_never_given_again(cast: Cast, at: datetime) -> None:
    take(cast, at, 1)
    void = {"series": key(cast), "subject": ("document", 1), "actor": None, "at": at}
    refused(numbering.ReasonMissing, lambda: numbering.void(reason=" ", **void))
    numbering.void(reason="Ký lại", **void)
    assert take(cast, at, 1) == 2
    [proof] = queries.list_proofs(agency_id=cast.agency_id, year=2026)
    assert (proof.last, proof.kept, proof.voided, proof.whole) == (2, 2, 1, True)


@pytest.mark.django_db
def test_the_proof_sees_a_hole(cast: Cast, at: datetime) -> None:
    take(cast, at, 1)
    take(cast, at, 2)
    Number.objects.filter(value=1).delete()
    [proof] = queries.list_proofs(agency_id=cast.agency_id, year=2026)
    assert not proof.whole


@pytest.mark.django_db
def test_the_database_itself_refuses_a_double(cast: Cast, at: datetime) -> None:
    take(cast, at, 1)
    series = Series.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Number.objects.create(series=series, value=1, subject_kind="document", subject_id=9, taken_at=at)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_one_book_get_two_numbers(cast: Cast, at: datetime) -> None:
    """Eight threads take thirty numbers each from one series, a third of them aborting: 1..160 remain, each once."""
    faults: list[BaseException] = []

    def clerk(first: int) -> None:
        try:
            for subject in range(first, first + 30):
                try:
                    with transaction.atomic():
                        take(cast, at, subject)
                        if subject % 3 == 0:
                            raise InterruptedError
                except InterruptedError:
                    continue
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=clerk, args=(n * 30 + 1,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(Number.objects.values_list("value", flat=True)) == list(range(1, 161))
    assert Series.objects.get().last == 160


@pytest.mark.django_db(transaction=True)
def test_clients_that_abort_and_are_killed_leave_no_gap_and_no_double(cast: Cast, at: datetime) -> None:
    """Processes take numbers from four series at once; each aborts some acts, and dies at its last commit, before or after it."""
    groups = ("CV", "QĐ", "TB", "KH")

    def clerk(first: int) -> None:
        for subject in range(first, first + 24):
            try:
                with transaction.atomic():
                    take(cast, at, subject, groups[subject % 4])
                    if subject % 5 == 0:
                        raise InterruptedError
            except InterruptedError:
                continue

    died = run_all_and_die([(lambda n=n: clerk(n * 100), 15 + n, n % 2 == 0) for n in range(1, 5)])
    assert died == [True] * 4
    for series in Series.objects.all():
        values = sorted(Number.objects.filter(series=series).values_list("value", flat=True))
        assert values == list(range(1, series.last + 1))
    assert Number.objects.count() == sum(14 + n + (n % 2 == 0) for n in range(1, 5))


@pytest.mark.django_db(transaction=True)
def test_another_series_never_waits(cast: Cast, at: datetime) -> None:
    """While one series is held by an act that does not end, another connection takes from another, allowed to wait for nothing."""
    faults: list[BaseException] = []

    def elsewhere() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '1ms'")
                assert [take(cast, at, 7, "QĐ"), take(cast, at, 8, "QĐ")] == [2, 3]
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    take(cast, at, 1, "QĐ")
    with transaction.atomic():
        take(cast, at, 2)
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
    assert faults == []


@pytest.mark.django_db
def test_the_years_of_the_books_are_listed_latest_first(cast: Cast, at: datetime) -> None:
    for year in (2025, 2026):
        series = SeriesKey(agency_id=cast.agency_id, book="in", year=year, type_group="")
        numbering.take(series=series, subject=("document", year), actor=None, at=at)
    take(cast, at, 1)
    assert queries.list_years(cast.agency_id) == [2026, 2025]
    assert queries.list_years(cast.recipient_id) == []


@pytest.mark.django_db
def test_who_took_a_number_at_this_very_moment_gets_that_one_and_no_other_is_spent(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The series is looked at before its row is locked: what has come about in between is seen by the statement that takes."""
    assert take(cast, at, 1) == 1
    row = Series.objects.get()
    monkeypatch.setattr(queries, "find_free", lambda *_asked: row)  # as it was before
    assert [take(cast, at, 1), take(cast, at, 2), take(cast, at, 1)] == [1, 2, 1]
    assert (Series.objects.get().last, Number.objects.count()) == (2, 2)
    Series.objects.update(moved_to="H01")
    refused(policy.BooksElsewhere, lambda: take(cast, at, 3))


@pytest.mark.django_db
def test_a_series_is_locked_by_the_statement_that_takes(
    cast: Cast, at: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    take(cast, at, 1)
    with django_assert_num_queries(5) as asked:  # a savepoint, the look, the number, the journal, the savepoint's end
        take(cast, at, 2)
    assert "FOR UPDATE" not in str(asked.captured_queries)
