from datetime import UTC, date, datetime

import pytest

from antin.workdays import queries
from antin.workdays.queries import Deadline, OutsideCalendar, Snap

pytestmark = pytest.mark.django_db


def test_a_deadline_says_when_why_and_by_which_calendar():
    assert queries.deadline(datetime(2026, 11, 20, 2, 30, tzinfo=UTC), 2) == Deadline(
        at=datetime(2026, 11, 25, 10, tzinfo=UTC),
        day=date(2026, 11, 25),
        explanation="bắt đầu 20/11, trừ thứ Bảy 21/11, Chủ nhật 22/11, nghỉ lễ 24/11, hạn 17:00 ngày 25/11/2026",
        calendar_version=0,
    )


def test_an_evening_in_utc_is_the_next_day_in_vietnam():
    assert queries.deadline(datetime(2026, 11, 18, 17, 30, tzinfo=UTC), 1).day == date(2026, 11, 20)
    assert queries.deadline(datetime(2026, 11, 18, 16, 30, tzinfo=UTC), 1).day == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("start", "days", "words"),
    [
        (date(2026, 11, 16), 2, "bắt đầu 16/11, hạn 17:00 ngày 18/11/2026"),
        (date(2026, 8, 21), 3, "bắt đầu 21/8, trừ Chủ nhật 23/8, kể cả thứ Bảy 22/8 làm bù, hạn 17:00 ngày 25/08/2026"),
        (
            date(2026, 8, 28),
            3,
            "bắt đầu 28/8, trừ thứ Bảy 29/8, Chủ nhật 30/8, nghỉ hoán đổi 31/8, nghỉ lễ 1/9–2/9, "
            "thứ Bảy 5/9, Chủ nhật 6/9, hạn 17:00 ngày 07/09/2026",
        ),
        (date(2026, 2, 10), 10, "bắt đầu 10/2, trừ 6 ngày cuối tuần, nghỉ lễ 16/2–20/2, hạn 17:00 ngày 03/03/2026"),
        (
            date(2026, 12, 30),
            3,
            "bắt đầu 30/12, trừ nghỉ lễ 1/1, thứ Bảy 2/1, Chủ nhật 3/1, hạn 17:00 ngày 05/01/2027",
        ),
        (date(2026, 4, 24), 1, "bắt đầu 24/4, trừ thứ Bảy 25/4, nghỉ lễ 26/4, nghỉ bù 27/4, hạn 17:00 ngày 28/04/2026"),
    ],
)
def test_a_deadline_is_explained_in_words(start, days, words):
    assert queries.explain(start, days) == words


@pytest.mark.parametrize(
    ("asked", "day", "words"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), ""),
        (
            date(2026, 11, 24),
            date(2026, 11, 25),
            "24/11/2026 là ngày nghỉ (Ngày Văn hóa Việt Nam); hạn được tính đến hết giờ làm việc ngày 25/11/2026.",
        ),
        (
            date(2026, 11, 22),
            date(2026, 11, 23),
            "22/11/2026 là Chủ nhật; hạn được tính đến hết giờ làm việc ngày 23/11/2026.",
        ),
        (date(2026, 8, 22), date(2026, 8, 22), ""),
    ],
)
def test_a_date_that_is_not_worked_is_moved_with_a_warning(asked, day, words):
    assert queries.snap(asked) == Snap(asked, day, words)


@pytest.mark.parametrize("day", [date(1900, 12, 31), date(2101, 1, 1), date(9999, 12, 31)])
def test_a_day_outside_the_calendar_is_refused(day):
    for ask in (queries.is_working_day, queries.snap, queries.next_working_day):
        with pytest.raises(OutsideCalendar) as no:
            ask(day)
        assert no.value.message == "Lịch làm việc chỉ có từ năm 1901 đến năm 2100."
    with pytest.raises(OutsideCalendar):
        queries.working_days_between(date(2026, 1, 1), day)


def test_between_agrees_with_counting_one_by_one():
    days = queries.calendar()
    a, b = date(2024, 12, 20), date(2027, 3, 5)
    ordinals = range(a.toordinal() + 1, b.toordinal() + 1)
    counted = sum(days.is_working_day(date.fromordinal(n)) for n in ordinals)
    assert days.working_days_between(a, b) == counted
    assert days.add_working_days(a, counted) in (
        b,
        max(d for n in ordinals if days.is_working_day(d := date.fromordinal(n))),
    )


def test_many_questions_to_one_calendar_ask_the_database_once(django_assert_num_queries):
    queries.calendar()
    with django_assert_num_queries(1):
        days = queries.calendar()
        for n in range(1, 200):
            days.deadline(datetime(2026, 1, 1, tzinfo=UTC), n)
