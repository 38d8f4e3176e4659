from datetime import UTC, date, datetime

import pytest

from antin.workdays import queries

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        (date(2026, 8, 28), 3, date(2026, 9, 7)),
        (date(2026, 11, 20), 2, date(2026, 11, 25)),
        (date(2026, 8, 21), 1, date(2026, 8, 22)),
        (date(2026, 2, 13), 1, date(2026, 2, 23)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2026, 9, 7), -3, date(2026, 8, 28)),
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
    ],
)
def test_the_nth_working_day(start, n, expected):
    assert queries.add_working_days(start, n) == expected


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 8, 22), True),
        (date(2026, 8, 31), False),
        (date(2026, 11, 24), False),
        (date(2025, 11, 24), True),
        (date(2024, 5, 4), True),
        (date(2025, 4, 26), True),
        (date(2026, 4, 27), False),
        (date(2026, 11, 23), True),
    ],
)
def test_which_days_are_worked(day, worked):
    assert queries.is_working_day(day) is worked


def test_days_between_count_the_last_and_not_the_first():
    assert queries.working_days_between(date(2026, 8, 28), date(2026, 9, 7)) == 3
    assert queries.working_days_between(date(2026, 9, 7), date(2026, 8, 28)) == -3
    assert queries.working_days_between(date(2026, 9, 7), date(2026, 9, 7)) == 0


def test_the_office_closes_at_five_in_vietnam():
    assert queries.end_of_working_day(date(2026, 11, 20)) == datetime(2026, 11, 20, 10, tzinfo=UTC)
