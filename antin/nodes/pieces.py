"""Pieces that have come and wait for the rest of their parcel: files of the state folder, durable before they are acknowledged."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings


def _folder(member_id: int, parcel: str) -> Path:
    return Path(settings.STATE) / "parcels" / str(member_id) / parcel


def put(member_id: int, parcel: str, index: int, sealed: bytes) -> int:
    """Keep a piece durably, once; returns how many of its parcel are there."""
    folder = _folder(member_id, parcel)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = folder / str(index)
    if not kept.exists():
        fresh = folder / f".{secrets.token_hex(6)}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(sealed)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(kept)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return count(member_id, parcel)


def count(member_id: int, parcel: str) -> int:
    """Return how many pieces of a parcel are there."""
    folder = _folder(member_id, parcel)
    return sum(not each.name.startswith(".") for each in folder.iterdir()) if folder.is_dir() else 0


def read(member_id: int, parcel: str, index: int) -> bytes:
    """Return a piece. :raises FileNotFoundError:"""
    return (_folder(member_id, parcel) / str(index)).read_bytes()


def drop(member_id: int, parcel: str) -> None:
    """Let the pieces of a parcel go."""
    shutil.rmtree(_folder(member_id, parcel), ignore_errors=True)


def list_held() -> Iterator[tuple[int, str, float]]:
    """Return member, parcel and the moment of change of everything that waits."""
    for folder in (Path(settings.STATE) / "parcels").glob("*/*"):
        if folder.parent.name.isdigit():
            yield int(folder.parent.name), folder.name, folder.stat().st_mtime
