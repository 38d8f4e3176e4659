"""Keeping bytes, and taking away what nobody's row names."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from antin.files import derived, queries, recognition, store
from antin.files.models import File, Rendition
from antin.files.shelf import EmptyFile, NoRoom, TooLarge

__all__ = ["EmptyFile", "NoRoom", "TooLarge", "destroy", "keep", "keep_rendition", "recognise", "sweep"]

#: A blob without a row this old was left by a crash: no act takes as long.
ORPHAN_AFTER = timedelta(days=1)
#: A page image nobody looked at for so long is made again when somebody does.
UNUSED_AFTER = timedelta(days=30)


@dataclass(frozen=True)
class Swept:
    """What a sweep took away."""

    unfinished: int
    orphans: int
    derived: int


def keep(content: bytes | BinaryIO, *, at: datetime, limit: int | None = None) -> File:
    """Keep these bytes for good, once, typed by what they are, and return their row.

    The bytes are durable before the row is written, so a row never names bytes that are not there. A stream is read in
    pieces and given up as soon as it grows past `limit` (the setting FILE_LIMIT when not given).

    :raises EmptyFile: there are no bytes
    :raises TooLarge: more than `limit` bytes
    :raises NoRoom: the disk is full; nothing was kept
    :raises StoreAway: the object store does not answer; nothing was kept
    """
    source = io.BytesIO(content) if isinstance(content, bytes | bytearray) else content
    blob = store.here().put(source, limit=settings.FILE_LIMIT if limit is None else limit)
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


def recognise(*, digest: str, at: datetime) -> str:
    """Have the words of a kept scan read, and keep them beside it: a PDF with a text layer, and each word's place.

    Returns a key of `queries.UNREAD_WORDS` when they could not be read, else nothing. What was read once, or has a text layer of
    its own, is left as it is. It takes seconds for each page: never inside a transaction.

    :raises NotFound: :raises NotPdf: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    """
    facts = queries.facts_of(digest)
    if facts.text_layer or queries.find_rendition(digest, queries.RECOGNISED_WORDS, 0) is not None:
        return ""
    try:
        made = recognition.recognise(queries.read(digest), facts.pages)
    except recognition.Unread as no:
        return no.reason
    keep_rendition(digest, queries.RECOGNISED, 0, made.pdf, at=at)
    keep_rendition(digest, queries.RECOGNISED_WORDS, 0, made.words, at=at)
    derived.drop(digest, queries.WORDS)
    return ""


def destroy(*, digest: str) -> bool:
    """Take away a kept file for good, with everything derived from it, unless another row still names it. Tells whether it went.

    In the caller's transaction the row goes; the bytes go when that is committed. Backups made before still have them.
    """
    forms = list(Rendition.objects.filter(file_id=digest).values_list("form_id", flat=True))
    try:
        with transaction.atomic():
            Rendition.objects.filter(file_id=digest).delete()
            File.objects.filter(pk=digest).delete()
    except (ProtectedError, IntegrityError):
        return False
    transaction.on_commit(lambda: _burn(digest))
    for form in forms:
        destroy(digest=form)
    return True


def _burn(digest: str) -> None:
    """Remove the bytes nobody's row names any more, unless the same came in again meanwhile."""
    derived.forget(digest)
    if not File.objects.filter(pk=digest).exists():
        store.here().burn(digest)


def sweep(*, at: datetime) -> Swept:
    """Take away what crashes left behind (a day old) and derived forms nobody asks for (a month). Safe beside any act."""
    unfinished, orphans = store.here().sweep(_known, before=(at - ORPHAN_AFTER).timestamp())
    unused = list(derived.list_unused(before=(at - UNUSED_AFTER).timestamp()))
    for path in unused:
        path.unlink(missing_ok=True)
    return Swept(unfinished=unfinished, orphans=orphans, derived=len(unused))


def _known(digests: set[str]) -> set[str]:
    """Those among them that have a row."""
    return set(File.objects.filter(digest__in=digests).values_list("digest", flat=True))
