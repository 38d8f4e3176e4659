"""One process at a time: an advisory lock on a file, released by the kernel however its holder ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Taken(Exception):
    """Another process holds the lock; `holder` is what it wrote about itself."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path} is held by {holder}")
        self.holder = holder


class Sole:
    """Holds the lock on `path` from `take` until `release` or the end of the process. Not inherited by children."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        os.register_at_fork(
            after_in_child=self.release
        )  # a copied descriptor would hold the lock after its taker's end

    def take(self, holder: str) -> None:
        """Take the lock and write who holds it.

        :raises Taken: another process holds it
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with os.fdopen(descriptor) as found:
                raise Taken(self.path, found.read().strip()) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder.encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
