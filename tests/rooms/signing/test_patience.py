"""Endless work is ended, in its own thread and in no other, and nothing is struck after its end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from antin.signing.patience import TooLong, at_most


def endless() -> None:
    while True:
        try:
            sum(range(1000))
        except Exception:
            continue


def test_work_without_end_is_ended_even_if_it_swallows_every_exception() -> None:
    with pytest.raises(TooLong), at_most(0.05):
        endless()


def test_work_that_ends_in_time_is_left_alone() -> None:
    with at_most(60):
        found = sum(range(1000))
    assert found == 499500


def test_each_thread_has_its_own_time() -> None:
    def run(number: int) -> str:
        try:
            with at_most(0.05 if number % 2 else 60):
                if number % 2:
                    endless()
        except TooLong:
            return "ended"
        return "done"

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(run, range(6))) == ["done", "ended"] * 3


def test_a_strike_that_comes_with_the_end_never_comes_after_it() -> None:
    for _ in range(300):
        try:
            with at_most(0):
                pass
        except TooLong:
            continue
    assert sum(range(100_000)) == 4999950000
