"""A file that somebody signs by itself, XML inside (XAdES) or any file beside (CAdES, .p7s): brought, shown, signed, fetched."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import BinaryIO

from django.db import transaction
from django.db.models import Q

from antin.files import operations as files
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.signing import policy, queries
from antin.signing.models import FileToSign
from antin.signing.states import RequestState

UNSIGNED_FOR = timedelta(days=1)


def bring_file(*, content: bytes | BinaryIO, name: str, actor: Actor, at: datetime) -> FileToSign:
    """Keep a file that is to be signed by itself; nothing is signed yet.

    :raises EmptyFile: TooLarge: NoRoom: it was not kept
    """
    file = files.keep(content, at=at)
    with transaction.atomic():
        row = FileToSign.objects.create(
            person_id=actor.person_id, post_id=actor.post_id, name=name[:255] or file.pk, file=file, brought_at=at
        )
        subject = ("file_to_sign", row.pk)
        journal.record("file.brought", subject=subject, actor=actor, at=at, agency_id=actor.agency_id, file=file.pk)
    return row


@transaction.atomic
def join_file(*, file_id: int, request_id: int, actor: Actor, at: datetime) -> FileToSign:
    """Say which request a file has become, in the transaction that opened it.

    :raises NotFound: no such file of this person
    :raises AlreadySigned: it is signed already
    """
    row = queries.get_file_for(actor, file_id, lock=True)
    refuse(policy.why_not_again(row, request_id))
    row.request_id = request_id
    row.save(update_fields=["request"])
    return row


@transaction.atomic
def forget_file(*, file_id: int, actor: Actor, at: datetime) -> None:
    """Take away a file that was brought and is not signed, for good.

    :raises NotFound: no such file of this person
    :raises AlreadySigned: it is signed: the signature stays provable
    """
    row = queries.get_file_for(actor, file_id, lock=True)
    refuse(policy.why_not_forget(row))
    _forget(row)
    subject = ("file_to_sign", file_id)
    journal.record("file.forgotten", subject=subject, actor=actor, at=at, agency_id=actor.agency_id, file=row.file_id)


def forget_unsigned_files(*, at: datetime) -> int:
    """Take away what was brought more than a day ago and never signed, by the clock; how many there were."""
    with transaction.atomic():
        old = FileToSign.objects.select_for_update(of=("self",), skip_locked=True).filter(
            brought_at__lt=at - UNSIGNED_FOR
        )
        unsigned = list(old.filter(Q(request=None) | ~Q(request__state=RequestState.DONE))[:500])
        for row in unsigned:
            _forget(row)
    return len(unsigned)


def _forget(row: FileToSign) -> None:
    digest, came_with_it = row.file_id, row.file.kept_at >= row.brought_at
    row.delete()
    if came_with_it:  # bytes that were kept before are somebody else's as well
        files.destroy(digest=digest)
