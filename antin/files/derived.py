"""What can be made again from a file at any time: page images, text, facts. Kept in STATE/derived, never in a backup."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

DAY = 86_400


def get(digest: str, name: str, make: Callable[[], bytes]) -> bytes:
    """Return a derived form of a file, made now if it is not there. That it cannot be kept is no reason not to show it."""
    kept = _root() / digest[:2] / digest / name
    with contextlib.suppress(OSError):
        found = kept.read_bytes()
        if kept.stat().st_mtime < time.time() - DAY:
            os.utime(kept)  # still in use: `list_unused` spares it
        return found
    made = make()
    with contextlib.suppress(OSError):
        _write(kept, made)
    return made


def forget(digest: str) -> None:
    """Remove every derived form of a file."""
    shutil.rmtree(_root() / digest[:2] / digest, ignore_errors=True)


def drop(digest: str, name: str) -> None:
    """Remove one derived form of a file, which has to be made anew."""
    (_root() / digest[:2] / digest / name).unlink(missing_ok=True)


def find(digest: str, name: str) -> bytes | None:
    """Return a derived form of a file if it is there; nothing is made."""
    with contextlib.suppress(OSError):
        return (_root() / digest[:2] / digest / name).read_bytes()
    return None


def list_unused(*, before: float) -> Iterator[Path]:
    """Return the forms that nobody asked for since."""
    for path in _root().glob("*/*/*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < before:
                yield path


def _root() -> Path:
    return Path(settings.STATE) / "derived"


def _write(final: Path, content: bytes) -> None:
    final.parent.mkdir(parents=True, exist_ok=True)
    fresh = final.with_name(f".{secrets.token_hex(8)}")
    try:
        with fresh.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        fresh.rename(final)
    finally:
        fresh.unlink(missing_ok=True)
