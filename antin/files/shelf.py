"""Bytes in the node's own folder, STATE/files/ab/cd/<digest>. The only module that touches it. What it can do is `store.Store`."""

import errno
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from antin.files import content
from antin.refusal import Refusal, _

CHUNK = 1 << 20
LOCK = ".sweep"
SHARED = fcntl.LOCK_SH
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoRoom(Refusal):
    """The disk is full (or the quota used up). Nothing was kept; what was there before still is."""

    code = "no_room"
    words = _(
        "Máy chủ đã hết chỗ lưu trữ nên chưa nhận được tệp; chưa có gì bị thay đổi. "
        "Đồng chí báo cán bộ quản trị rồi thử lại."
    )


class TooLarge(Refusal):
    code = "too_large"
    words = _("Tệp lớn hơn %(limit_mb)s MB nên không nhận được.")


class EmptyFile(Refusal):
    code = "empty_file"
    words = _("Tệp rỗng, không có nội dung.")


@dataclass(frozen=True)
class Blob:
    digest: str
    size: int
    media_type: str


def path_of(digest: str) -> Path:
    """Return where the bytes of this digest lie, whether they are there or not."""
    return _root() / digest[:2] / digest[2:4] / digest


def open_stream(digest: str) -> BinaryIO:
    """Return the bytes of this digest as a file. :raises FileNotFoundError: they are not there"""
    return path_of(digest).open("rb")


def why_unwell() -> str:
    """The folder is there while the node is: its room is watched with the disk."""
    return ""


def burn(digest: str) -> None:
    """Remove the bytes of this digest at once."""
    _remove(path_of(digest), before=time.time() + 1)


def sweep(known: Callable[[set[str]], set[str]], *, before: float) -> tuple[int, int]:
    """Remove what crashes left unfinished and what is not among the known, nobody having touched it since; how many of each."""
    unfinished = sum(_remove(path, before=before) for path in _list_unfinished())
    orphans = 0
    for folder in (path for path in _root().glob("??/??") if path.is_dir()):
        blobs = {path.name: path for path in folder.iterdir()}
        named = known(set(blobs))
        orphans += sum(_remove(path, before=before) for name, path in blobs.items() if name not in named)
    return unfinished, orphans


@contextmanager
def kept_from_sweeping() -> Iterator[None]:
    """While inside, no bytes are removed."""
    with _against_sweep(SHARED):
        yield


def put(source: BinaryIO, *, limit: int) -> Blob:
    """Write the bytes down durably, once, and return what they are.

    The order is: temporary file, fsync, rename to the digest, fsync of the folders.
    A crash between any two lines leaves a temporary file or a blob without a row; neither is ever read.

    :raises TooLarge: more than `limit` bytes; noticed while reading, not after
    :raises EmptyFile: no bytes at all
    :raises NoRoom: the disk is full
    """
    fresh = incoming() / secrets.token_hex(16)
    try:
        fresh.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("x+b") as out:
            digest, size = copy(source, out, limit)
            kind = content.media_type(out)
            os.fchmod(out.fileno(), 0o440)
            os.fsync(out.fileno())
        _name(fresh, path_of(digest))
    except OSError as trouble:
        if trouble.errno in FULL:
            raise NoRoom from trouble
        raise
    finally:
        fresh.unlink(missing_ok=True)
    return Blob(digest, size, kind)


def incoming() -> Path:
    """The folder of what is on its way in."""
    return _root() / "incoming"


def _list_unfinished() -> Iterator[Path]:
    """Return what is being written, or was when a process died."""
    return (path for path in incoming().glob("*") if path.name != LOCK)


def _remove(path: Path, *, before: float) -> bool:
    """Remove a blob or a temporary file that nobody wrote or found since `before`; tell whether it was so.

    `put` touches a blob it finds, under the same lock: what is about to get its row is never removed.
    """
    with _against_sweep(fcntl.LOCK_EX):
        try:
            old = path.stat().st_mtime < before
        except FileNotFoundError:
            return False
        if old:
            path.unlink()
        return old


def _root() -> Path:
    return Path(settings.STATE) / "files"


def copy(source: BinaryIO, out: BinaryIO, limit: int) -> tuple[str, int]:
    """Copy a stream in pieces; its digest and size. :raises TooLarge: :raises EmptyFile:"""
    digest = hashlib.sha256()
    size = 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit_mb=limit // 1_000_000)
        digest.update(chunk)
        out.write(chunk)
    if size == 0:
        raise EmptyFile
    out.flush()
    return digest.hexdigest(), size


def _name(fresh: Path, final: Path) -> None:
    """Give the written file its name, unless the same bytes have it already. Never while a sweep looks."""
    made = _folders(final.parent)
    with _against_sweep(SHARED):
        if final.exists():
            os.utime(final)
        else:
            fresh.rename(final)
    for folder in (final.parent, *made):
        _sync(folder)


def _folders(folder: Path) -> list[Path]:
    """Make the two folders of a digest; return the parents whose listing changed."""
    changed = []
    for level in (folder.parent, folder):
        try:
            level.mkdir()
            changed.append(level.parent)
        except FileExistsError:
            pass
    return changed


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _against_sweep(kind: int) -> Iterator[None]:
    """Hold the lock of the sweep: shared by those who need bytes to stay, alone by the one who removes them."""
    folder = incoming()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, kind)
        yield
