"""Endless work is ended, in its own thread and in no other, and nothing is struck after its end."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from antin.signing.patience import TooLong, at_most


def endless() -> None:
    while True:
        try:
            sum(range(1000))
        except Exception:
            continue


class Swallowing:
    """Python swallows what is raised in a finalizer: half of this work is one."""

    def __del__(self) -> None:
        sum(range(100_000))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_work_without_end_is_ended_even_if_it_swallows_every_exception() -> None:
    def swallow() -> None:
        while True:
            Swallowing()
            sum(range(100_000))

    for work in (endless, swallow):
        with pytest.raises(TooLong):
            at_most(0.05, work)


def test_work_that_ends_in_time_is_left_alone() -> None:
    assert at_most(60, lambda: sum(range(1000))) == 499500


def test_what_the_work_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        at_most(60, lambda: 1 // 0)


def test_each_work_has_its_own_time() -> None:
    def run(number: int) -> str:
        try:
            at_most(0.05 if number % 2 else 60, endless if number % 2 else dict)
        except TooLong:
            return "ended"
        return "done"

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(run, range(6))) == ["done", "ended"] * 3


def test_a_strike_that_comes_with_the_end_never_comes_after_it() -> None:
    for _ in range(300):
        try:
            assert at_most(0, lambda: 1) == 1
        except TooLong:
            continue
    assert sum(range(100_000)) == 4999950000


def test_the_interpreter_is_left_as_it_was() -> None:
    """CPython 3.11 looks for a strike that was taken back at every step, for ever; then a traced process takes no step at all."""
    with pytest.raises(TooLong):
        at_most(0, endless)
    child = os.fork()
    if child == 0:
        steps: list[str] = []

        def trace(_frame: object, event: str, _argument: object) -> object:
            steps.append(event)
            os._exit(9) if event == "line" else None
            return trace

        sys.settrace(trace)
        at_most(60, dict)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
