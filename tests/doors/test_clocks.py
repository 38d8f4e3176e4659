"""The clock of a row says the fewest true words."""

from datetime import datetime, timedelta

import pytest

from antin.web.clocks import LOCAL, Clock, until

NOW = datetime(2026, 11, 23, 8, 47, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("deadline", "words", "tone"),
    [
        (NOW + timedelta(seconds=20), "còn 1 phút", "warn"),
        (NOW + timedelta(minutes=14), "còn 14 phút", "warn"),
        (NOW + timedelta(hours=8, minutes=13), "còn 8 giờ", "warn"),
        (datetime(2026, 11, 24, 8, 0, tzinfo=LOCAL), "còn 1 ngày", "warn"),
        (datetime(2026, 11, 25, 16, 0, tzinfo=LOCAL), "còn 2 ngày", ""),
        (NOW, "quá hạn 1 phút", "late"),
        (NOW - timedelta(minutes=59), "quá hạn 59 phút", "late"),
        (NOW - timedelta(hours=2), "quá hạn 2 giờ", "late"),
        (datetime(2026, 11, 22, 23, 59, tzinfo=LOCAL), "quá hạn 1 ngày", "late"),
        (datetime(2026, 11, 20, 17, 0, tzinfo=LOCAL), "quá hạn 3 ngày", "late"),
    ],
)
def test_says_how_long(deadline: datetime, words: str, tone: str) -> None:
    assert until(deadline, NOW)[:2] == (words, tone)


def test_gives_the_exact_moment_on_the_vietnamese_clock() -> None:
    deadline = datetime.fromisoformat("2026-11-25T09:00:00+00:00")
    assert until(deadline, NOW) == Clock("còn 2 ngày", "", "16:00 ngày 25/11/2026")


def test_is_calm_until_soon() -> None:
    assert until(NOW + timedelta(hours=8), NOW, soon=timedelta(hours=4)).tone == ""


def test_says_nothing_without_a_deadline() -> None:
    assert until(None, NOW) is None
