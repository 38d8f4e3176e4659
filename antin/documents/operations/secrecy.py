"""An open draft becomes a classified one: what stood in clear in its rows is overwritten. What is classified follows its level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from antin.documents import policy, queries
from antin.documents.models import Document
from antin.documents.operations.drafting import clean_subject, index_words
from antin.documents.states import DECLASSIFIED, MASKS, Direction, Secrecy
from antin.journal import operations as journal
from antin.journal import queries as records
from antin.people.actor import Actor
from antin.refusal import refuse

WORDED = frozenset({"words", "name", "reason"})
"""Facts of the journal that hold somebody's own words. What the journal has is not taken out of it again."""


@transaction.atomic
def classify(*, document_id: int, classified_id: int, level: int, actor: Actor, at: datetime) -> Document:
    """Link an open draft to what is sealed of it, and overwrite subject, text, uploaded file and search words.

    The caller seals them in the same transaction. Attachments are refused: their names stand in the journal.

    :raises LevelByDecision: it is classified already
    :raises HandedOnInClear: somebody else was shown it, or the journal holds words of it
    :raises NotTheDrafter: WrongState:
    """
    document = queries.lock(document_id)
    making = queries.making_of(document)
    refuse(policy.why_not_classify(actor, document, making, document.versions.count()))
    if any(WORDED & row.facts.keys() for row in records.list_for(("document", document_id))):
        raise policy.HandedOnInClear
    document.classified_id, document.secrecy = classified_id, level
    document.subject = MASKS[Secrecy(level)]
    document.changed_at = at
    document.save(update_fields=["classified", "secrecy", "subject", "changed_at"])
    making.body, making.uploaded_file = None, ""
    making.save(update_fields=["body", "uploaded_file"])
    document.editions.all().delete()  # what would be left of it in clear
    document.own_copies.all().delete()
    Document.objects.filter(pk=document_id).update(search=index_words(document))
    journal.record("document.classified", subject=("document", document_id), actor=actor, at=at, level=level)
    return document


@dataclass(frozen=True)
class InClear:
    """What was opened of a document, to stand in its rows from now on: `files` by digest of their sealed bytes, each with its name
    and the digest of its own bytes."""

    subject: str = field(repr=False)
    file: str
    files: Mapping[str, tuple[str, str]] = field(repr=False)


@transaction.atomic
def unseal(*, document_id: int, found: InClear, actor: Actor, at: datetime) -> Document:
    """Let subject, page and files of a declassified document stand in clear. It stays in the book it was entered in.

    What was said of it before stays sealed, and what stood in its drafts too. The caller has opened it as a reader.

    :raises NotDeclassified: UnsealedAlready: WrongState: as `policy.why_not_unseal`
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_unseal(document))
    document.once_classified_id, document.classified_id = document.classified_id, None
    document.subject, document.changed_at = clean_subject(found.subject), at
    document.file = found.file
    document.save(update_fields=["classified", "once_classified", "subject", "file", "changed_at"])
    if document.direction == Direction.OUT:
        making = queries.making_of(document)
        making.laid_out_file, making.signed_file, making.sealed_file = "", "", found.file
        making.save(update_fields=["laid_out_file", "signed_file", "sealed_file"])
    for row in queries.list_attachments(document_id):
        name, digest = found.files[row.sealed_file or row.file]
        row.name, row.file, row.sealed_file = name[:200], digest, digest if row.sealed_file else ""
        row.save(update_fields=["name", "file", "sealed_file"])
    Document.objects.filter(pk=document_id).update(search=index_words(document))
    journal.record(
        "document.unsealed",
        subject=("document", document_id),
        actor=actor,
        at=at,
        agency_id=document.agency_id,
        file=found.file,
        files=len(found.files),
    )
    return document


@transaction.atomic
def follow_level(*, levels: dict[int, int], actor: Actor | None, at: datetime) -> list[Document]:
    """Let the documents of classified things bear the level these have now (`levels`: by the thing's id); the ones that changed.

    0 is declassified: who was sent it, or has issued it, goes on with it as with any other document. A draft on its way keeps its
    level until it has ended.
    """
    changed = []
    for document in queries.lock_classified(levels):
        level, before = levels[document.classified_id or 0], document.secrecy
        if level == before or (level == 0 and not policy.stands(document)):
            continue
        document.secrecy, document.changed_at = level, at
        document.subject = MASKS[Secrecy(level)] if level else DECLASSIFIED
        document.save(update_fields=["secrecy", "subject", "changed_at"])
        Document.objects.filter(pk=document.pk).update(search=index_words(document))
        journal.record(
            "document.level_followed",
            subject=("document", document.pk),
            actor=actor,
            at=at,
            agency_id=document.agency_id,
            level=level,
            before=before,
        )
        changed.append(document)
    return changed
