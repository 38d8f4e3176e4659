"""Beat 0: a draft is written. Its files are kept before anything is written; one save is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.operations import Addressees, DraftFacts
from antin.files import content
from antin.files import operations as files
from antin.files import queries as kept
from antin.people.actor import Actor
from antin.refusal import Refusal

if TYPE_CHECKING:
    from antin.documents.models import Making


class AlreadySigned(Refusal):
    code = "already_signed"
    words = _("Tệp PDF đã có %(signatures)d chữ ký số. Dự thảo phải là bản chưa ký; hệ thống ký sau khi duyệt.")


@dataclass(frozen=True)
class Taken:
    """A file that has been kept; `pages` is 0 for what is no PDF."""

    name: str
    digest: str
    size: int
    media_type: str
    pages: int = 0


def take_pdf(source: BinaryIO, *, name: str, at: datetime) -> Taken:
    """Keep a scan, or another PDF that is read and not signed.

    :raises EmptyFile: :raises TooLarge: :raises NotPdf: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    :raises ActivePdf: :raises NoRoom:
    """
    return _take(source, name, at, kept.inspect_pdf(source).pages)


def take_unsigned_pdf(source: BinaryIO, *, name: str, at: datetime) -> Taken:
    """Keep a ready PDF that becomes the text of a draft. :raises AlreadySigned: :raises Refusal: as take_pdf"""
    facts = kept.inspect_pdf(source)
    if facts.signatures:
        raise AlreadySigned(signatures=facts.signatures)
    return _take(source, name, at, facts.pages)


def take_attachment(source: BinaryIO, *, name: str, at: datetime) -> Taken:
    """Keep a file of any kind. One that is a PDF, or calls itself one, must be one that can be opened and sealed.

    :raises EmptyFile: nothing is in it
    :raises Refusal: as take_pdf, for a PDF
    """
    if name.lower().endswith(".pdf") or content.media_type(source) == content.PDF:
        return take_pdf(source, name=name, at=at)
    return _take(source, name, at, 0)


def _take(source: BinaryIO, name: str, at: datetime, pages: int) -> Taken:
    row = files.keep(source, at=at)
    return Taken(name, row.digest, row.size, row.media_type, pages)


@dataclass(frozen=True)
class Save:
    """One save of a draft, as its form has it: everything, and the files added and taken away."""

    facts: DraftFacts
    body: dict[str, Any] | None
    uploaded_file: str
    addressees: Addressees
    revision: int
    window: str
    added: Sequence[Taken] = ()
    removed: Sequence[int] = ()


def begin(*, save: Save, actor: Actor, today: date, at: datetime) -> Making:
    """Begin a draft with everything its form has; the same form (`save.window`) sent again saves the same draft.

    :raises Refusal: as documents.create_draft and documents.revise
    """
    with transaction.atomic(durable=True):
        document = documents.create_draft(facts=save.facts, key=save.window, actor=actor, today=today, at=at)
        return _write(document.pk, save, actor, today, at)


def save(*, document_id: int, save: Save, actor: Actor, today: date, at: datetime) -> Making:
    """Save a draft: facts, recipients, text and attachments in one transaction and one revision.

    :raises EditedElsewhere: another window saved first
    :raises Refusal: as documents.revise, add_attachment and remove_attachment
    """
    with transaction.atomic(durable=True):
        return _write(document_id, save, actor, today, at)


def _write(document_id: int, save: Save, actor: Actor, today: date, at: datetime) -> Making:
    """Write a save. Sent again because its answer was lost, it adds and takes away nothing twice."""
    making = documents.revise(
        document_id=document_id,
        facts=save.facts,
        body=save.body,
        uploaded_file=save.uploaded_file,
        addressees=save.addressees,
        revision=save.revision,
        window=save.window,
        actor=actor,
        today=today,
        at=at,
    )
    there = {row.pk: (row.name, row.file) for row in queries.list_attachments(document_id)}
    for attachment_id in save.removed:
        if attachment_id in there:
            documents.remove_attachment(document_id=document_id, attachment_id=attachment_id, actor=actor, at=at)
    for file in save.added:
        if (file.name, file.digest) in there.values():
            continue
        documents.add_attachment(
            document_id=document_id,
            name=file.name,
            file=file.digest,
            size=file.size,
            media_type=file.media_type,
            actor=actor,
            at=at,
        )
    return making
