"""Pieces that have come and wait for the rest of their parcel: files of the state folder, durable before they are acknowledged."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings

SIDE_BY_SIDE = 8

Come = tuple[int, str, int, memoryview]
"""A piece that came: member, parcel, its place there, the sealed bytes."""


def _folder(member_id: int, parcel: str) -> Path:
    return Path(settings.STATE) / "parcels" / str(member_id) / parcel


def put(come: Sequence[Come]) -> None:
    """Keep pieces durably, each once.

    Many are synchronised side by side: the file system then writes its own journal once for several.
    """
    folders = {_folder(member_id, parcel) for member_id, parcel, _index, _sealed in come}
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for _done in pool.map(_put, come):
            pass
        above = {parent for folder in folders for parent in (folder.parent, folder.parent.parent)}
        for _done in pool.map(_sync, (*folders, *above)):
            pass


def _put(come: Come) -> None:
    member_id, parcel, index, sealed = come
    folder = _folder(member_id, parcel)
    kept = folder / str(index)
    if kept.exists():
        return
    fresh = folder / f".{secrets.token_hex(6)}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(kept)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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


def drop_some(member_id: int, parcel: str, places: Iterable[int]) -> None:
    """Let some pieces of a parcel go; the others wait on."""
    for index in places:
        (_folder(member_id, parcel) / str(index)).unlink(missing_ok=True)


def list_held() -> Iterator[tuple[int, str, float]]:
    """Return member, parcel and the moment of change of everything that waits."""
    for folder in (Path(settings.STATE) / "parcels").glob("*/*"):
        if folder.parent.name.isdigit():
            yield int(folder.parent.name), folder.name, folder.stat().st_mtime
