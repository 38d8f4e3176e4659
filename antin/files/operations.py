"""Keeping bytes."""

import io
from datetime import datetime
from typing import BinaryIO

from antin.files import shelf
from antin.files.models import File, Rendition
from antin.files.shelf import NoRoom, TooLarge

__all__ = ["NoRoom", "TooLarge", "keep", "keep_rendition"]


def keep(content: bytes | BinaryIO, *, at: datetime, limit: int | None = None) -> File:
    """Keep these bytes for good, once, typed by what they are, and return their row.

    The bytes are durable before the row is written, so a row never names bytes that are not there.

    :raises TooLarge: a stream longer than `limit` bytes; noticed while it is read
    :raises NoRoom: the disk is full; nothing was kept
    """
    blob = shelf.put(io.BytesIO(content) if isinstance(content, bytes | bytearray) else content, limit=limit)
    row = File(digest=blob.digest, size=blob.size, media_type=blob.media_type, kept_at=at)
    File.objects.bulk_create([row], ignore_conflicts=True)
    return File.objects.get(pk=blob.digest)


def keep_rendition(digest: str, kind: str, part: int, content: bytes, *, at: datetime) -> File:
    """Keep another form of a file. The first one kept for a (kind, part) stays."""
    form = keep(content, at=at)
    Rendition.objects.bulk_create(
        [Rendition(file_id=digest, kind=kind, part=part, form=form, kept_at=at)], ignore_conflicts=True
    )
    return form
