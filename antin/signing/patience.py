"""A limit of time on work that a hostile file could make endless, in the same process."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")

PAUSE = 0.1
"""Seconds between strikes: Python swallows one that falls into a finalizer, and the work goes on."""


class TooLong(BaseException):
    """The time is over. Not an Exception, so that no reader takes it for a fault of the file and reads on."""


def at_most(seconds: float, work: Callable[[], Result]) -> Result:
    """Return what the work returns; when the time is over, end it.

    The work runs in a thread of its own, into which TooLong is raised at the next step of Python code, again and again until it is
    gone. Only that thread can ever be struck, so a strike that comes too late hurts nobody. What is judged here is pure Python, so
    a next step comes soon. A process of its own per file would be stronger, and cost each process of the node another sixty
    megabytes; `files.worker` is that for what C libraries open.

    :raises TooLong: the work took longer
    :raises BaseException: whatever the work raised
    """
    returned: list[Result] = []
    raised: list[BaseException] = []

    def run() -> None:
        with suppress(TooLong):
            try:
                returned.append(work())
            except BaseException as trouble:
                raised.append(trouble)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    while thread.is_alive() and not returned and not raised:
        _strike(thread)
        thread.join(PAUSE)
    thread.join()
    if returned:
        return returned[0]
    raise raised[0] if raised else TooLong


def _strike(thread: threading.Thread) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TooLong))
