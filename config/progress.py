"""How far a long work of the node is: one small file that its other processes, and those of another version, may read."""

from __future__ import annotations

import contextlib
from pathlib import Path


def tell(path: Path, done: int, of: int) -> None:
    """Write down how many parts are done of how many."""
    fresh = path.with_suffix(".new")
    fresh.write_text(f"{done} {of}\n")
    fresh.replace(path)


def read(path: Path) -> tuple[int, int] | None:
    """Return how many parts are done of how many; None when nothing was told."""
    with contextlib.suppress(OSError, ValueError):
        done, of = path.read_text().split()
        return int(done), int(of)
    return None


def is_whole(path: Path) -> bool:
    """True when every part was done."""
    told = read(path)
    return told is not None and told[0] >= told[1]
