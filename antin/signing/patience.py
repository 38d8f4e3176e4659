"""A limit of time on work that a hostile file could make endless, in the same process and whatever thread."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TooLong(BaseException):
    """The time is over. Not an Exception, so that no reader takes it for a fault of the file and reads on."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Run the block; when the time is over, TooLong is raised in it, at the next step of Python code.

    What is judged here is pure Python, so a next step comes soon. A process of its own per file would be stronger, and cost each
    process of the node another sixty megabytes; `files.worker` is that for what C libraries open.

    :raises TooLong: the block took longer
    """
    watch = _Watch(threading.get_ident())
    timer = threading.Timer(seconds, watch.strike)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        watch.end()


class _Watch:
    """Strikes one thread once, and never after the end."""

    def __init__(self, thread: int) -> None:
        self._thread = ctypes.c_ulong(thread)
        self._lock = threading.Lock()
        self._over = False

    def strike(self) -> None:
        with self._lock:
            if not self._over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, ctypes.py_object(TooLong))

    def end(self) -> None:
        """From here on nothing strikes; a strike on its way is taken back."""
        with self._lock:
            self._over = True
            ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, None)
