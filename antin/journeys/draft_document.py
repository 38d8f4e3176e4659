"""Beat 0: a draft is written. Its files are kept before anything is written; one save is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.operations import Addressees, DraftFacts
from antin.journeys.taking import Taken
from antin.people.actor import Actor

if TYPE_CHECKING:
    from antin.documents.models import Making


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
