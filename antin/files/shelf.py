"""Where the bytes lie: STATE/files/ab/cd/<digest>. The only module that touches that folder."""

import errno
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
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


def put(source: BinaryIO, *, limit: int) -> Blob:
    """Write the bytes down durably, once, and return what they are.

    The order is: temporary file, fsync, rename to the digest, fsync of the folders.
    A crash between any two lines leaves a temporary file or a blob without a row; neither is ever read.

    :raises TooLarge: more than `limit` bytes; noticed while reading, not after
    :raises EmptyFile: no bytes at all
    :raises NoRoom: the disk is full
    """
    incoming = _root() / "incoming"
    fresh = incoming / secrets.token_hex(16)
    try:
        incoming.mkdir(parents=True, exist_ok=True)
        with fresh.open("x+b") as out:
            digest, size = _copy(source, out, limit)
            kind = content.media_type(out)
            os.fchmod(out.fileno(), 0o440)
            os.fsync(out.fileno())
        _name(fresh, path_of(digest))
    except OSError as trouble:
        if trouble.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoRoom from trouble
        raise
    finally:
        fresh.unlink(missing_ok=True)
    return Blob(digest, size, kind)


def list_unfinished() -> Iterator[Path]:
    """Return what is being written, or was when a process died."""
    return (path for path in (_root() / "incoming").glob("*") if path.name != LOCK)


def list_folders() -> Iterator[Path]:
    """Return the folders that hold blobs."""
    return (path for path in _root().glob("??/??") if path.is_dir())


def remove(path: Path, *, before: float) -> bool:
    """Remove a blob or a temporary file that nobody wrote or found since `before`; tell whether it was so.

    `put` touches a blob it finds, under the same lock: what is about to get its row is never removed.
    """
    with against_sweep(fcntl.LOCK_EX):
        try:
            old = path.stat().st_mtime < before
        except FileNotFoundError:
            return False
        if old:
            path.unlink()
        return old


def _root() -> Path:
    return Path(settings.STATE) / "files"


def _copy(source: BinaryIO, out: BinaryIO, limit: int) -> tuple[str, int]:
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
    with against_sweep(SHARED):
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
def against_sweep(kind: int) -> Iterator[None]:
    """Hold the lock of the sweep: shared by those who need bytes to stay, alone by the one who removes them."""
    folder = _root() / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, kind)
        yield
