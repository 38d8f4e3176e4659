"""Requests counted by the processes that answer them, in a file of the state folder that they all map.

Nothing of a request is in it but which page, how it was asked, what came of it and how long it took.

Each process writes a region of its own, which is its by a lock that goes with it; one that comes after it goes on in the region of
one that is gone, so that figures only grow. Nothing waits for anything: a figure is no reason to hold up a request.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import threading
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

#: Upper bounds in seconds; one more counts what took longer.
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = ("read", "write")
CLASSES = ("2xx", "3xx", "4xx", "5xx")
OTHER = "other"

NAME, CELLS = 96, len(METHODS) * len(CLASSES) + len(BOUNDS) + 2  # counters, durations, their sum
SLOT = NAME + 8 * CELLS
SLOTS, REGIONS = 800, 16
REGION = SLOT * SLOTS


@dataclass(frozen=True)
class Traffic:
    """What one page was asked for since the file began: by (method, class of status), and how long answers took."""

    route: str
    counts: dict[tuple[str, str], int]
    durations: tuple[int, ...]
    seconds: float


class _Region:
    """The region of this process; `places` knows where its pages are."""

    def __init__(self, path: Path, owner: int) -> None:
        self.path, self.owner, self.writing = path, owner, threading.Lock()
        self.file = _open(path)
        self.number = _claim(self.file)
        self.map = mmap.mmap(self.file, REGION * REGIONS)
        self.places = dict(_names(self.map, self.number))

    def place(self, route: str) -> int | None:
        """Where a page is counted, begun when it is new; the last place is everybody's who found none."""
        name = route.encode()[:NAME].decode(errors="ignore") or OTHER
        found = self.places.get(name)
        if found is None:
            if len(self.places) >= SLOTS:
                return None
            name = name if len(self.places) < SLOTS - 1 else OTHER
            found = self.number * REGION + len(self.places) * SLOT
            self.map[found : found + NAME] = name.encode().ljust(NAME, b"\0")
            self.places[name] = found
        return found


_here: list[_Region] = []
_opening = threading.Lock()


def count(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request. What cannot be counted, on a full disk or beside too many processes, is not."""
    with contextlib.suppress(OSError, ValueError):
        region = _region()
        with region.writing:
            at = region.place(route)
            if at is None:
                return
            kind = METHODS.index("read" if method in ("GET", "HEAD", "OPTIONS") else "write")
            outcome = min(max(status // 100 - 2, 0), len(CLASSES) - 1)
            with memoryview(region.map)[at + NAME : at + SLOT] as raw, raw.cast("d") as cells:
                cells[kind * len(CLASSES) + outcome] += 1
                cells[len(METHODS) * len(CLASSES) + bisect_left(BOUNDS, seconds)] += 1
                cells[CELLS - 1] += seconds


def list_traffic() -> list[Traffic]:
    """Return what all processes of this server have counted, page by page."""
    found: dict[str, list[float]] = {}
    with contextlib.suppress(OSError, ValueError):
        seen = _region().map  # never a file of its own: closing any lets go of the lock of this process
        for number in range(REGIONS):
            for name, at in _names(seen, number):
                with memoryview(seen)[at + NAME : at + SLOT] as raw, raw.cast("d") as cells:
                    known = found.setdefault(name, [0.0] * CELLS)
                    found[name] = [was + more for was, more in zip(known, cells, strict=True)]
    return [_traffic(name, cells) for name, cells in sorted(found.items())]


def _traffic(route: str, cells: list[float]) -> Traffic:
    keys = [(method, outcome) for method in METHODS for outcome in CLASSES]
    counts = {key: int(value) for key, value in zip(keys, cells, strict=False) if value}
    return Traffic(route, counts, tuple(int(each) for each in cells[len(keys) : CELLS - 1]), cells[CELLS - 1])


def _path() -> Path:
    return Path(settings.STATE) / f"traffic-{SLOT}"  # a release that counts otherwise begins another file


def _region() -> _Region:
    path = _path()
    with _opening:
        if not _here or _here[0].owner != os.getpid() or _here[0].path != path:
            _here[:] = [_Region(path, os.getpid())]
        return _here[0]


def _open(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(file).st_size < REGION * REGIONS:
            os.posix_fallocate(file, 0, REGION * REGIONS)  # now, or a disk that is full later ends who writes here
    except OSError:
        os.close(file)
        raise
    return file


def _claim(file: int) -> int:
    """Find a region that no living process has. :raises OSError: all are taken"""
    for number in range(REGIONS):
        with contextlib.suppress(BlockingIOError, PermissionError):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
            return number
    os.close(file)
    raise OSError("every region is taken")


def _names(seen: mmap.mmap, number: int) -> list[tuple[str, int]]:
    found = []
    for slot in range(SLOTS):
        at = number * REGION + slot * SLOT
        name = seen[at : at + NAME].rstrip(b"\0").decode(errors="ignore")
        if not name:
            break
        found.append((name, at))
    return found
