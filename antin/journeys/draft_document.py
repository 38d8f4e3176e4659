"""Beat 0: a draft is written. Its files are kept before anything is written; one save is one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import transaction

from antin.correspondents import queries as correspondents
from antin.documents import operations as documents
from antin.documents import policy, queries, type_texts
from antin.documents.operations import Addressee, Addressees, DraftFacts, Outside
from antin.documents.operations.drafting import clean_subject
from antin.documents.types import DRAFTED
from antin.files import operations as files
from antin.files import queries as kept
from antin.journeys import sealing, taking
from antin.journeys.taking import Taken
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, refuse
from antin.typeset import body as bodies
from antin.typeset.beginnings import beginning
from antin.vault import operations as vault
from antin.vault.states import Part
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import Attachment, Document, Making, TypeText


@dataclass(frozen=True)
class Save:
    """One save of a draft, as its form has it: everything, and the files added and taken away.

    `uploaded` is a PDF that comes with this save of a classified draft, not kept before.
    """

    facts: DraftFacts
    body: dict[str, Any] | None
    uploaded_file: str
    addressees: Addressees | None
    revision: int
    window: str
    added: Sequence[Taken] = ()
    removed: Sequence[int] = ()
    uploaded: Taken | None = None


@dataclass(frozen=True)
class Begun:
    """What a new draft begins with: its body, and whom it goes to."""

    body: dict[str, Any]
    addressed: list[Addressee]
    copied: list[Addressee]


def beginning_of(*, type_code: str, answered: Document | None, actor: Actor, at: datetime) -> Begun:
    """What a new draft of a type begins with: as the agency, or the nearest above it, has it; otherwise as the Decree's form.

    :raises NotFound: no such type is drafted
    """
    kind = DRAFTED.get(type_code)
    if kind is None:
        raise NotFound()
    today = local_date(at)
    text = queries.find_type_texts(actor.agency_id, today).get(type_code)
    plain = beginning(kind.form, issuer_name=actor.agency_name)
    if text is None:
        return Begun(plain, [], [])
    addressed, copied = _going(text, actor, today)
    if text.template is None:
        return Begun(plain, addressed, copied)
    agency, head = people.get_agency(actor.agency_id), people.find_head_post(actor.agency_id, today)
    sealed = answered is not None and answered.sealed_as is not None
    facts = {
        type_texts.ISSUER: agency.name,
        type_texts.ABOVE: agency.parent.name if agency.parent else agency.parent_name,
        type_texts.HEAD: head.title if head else "",
        type_texts.UNIT: actor.unit_name,
        type_texts.DRAFTER: actor.person_name,
        type_texts.POST: actor.post_title,
        type_texts.YEAR: str(today.year),
        type_texts.ANSWERED: _called(answered) if answered is not None and not sealed else "",
        type_texts.SENDER: answered.issuer_name if answered is not None and not sealed else "",
    }
    return Begun(type_texts.begin(text.template, facts), addressed, copied)


def _going(text: TypeText, actor: Actor, today: date) -> tuple[list[Addressee], list[Addressee]]:
    """Whom a version addresses and copies to, each as who stands in its place today; nobody writes to himself, or twice."""
    units = people.find_standing([*text.addressed, *text.copied], today)
    strangers = correspondents.find_standing([*text.addressed_outside, *text.copied_outside])

    def going(here: Sequence[int], away: Sequence[int]) -> dict[Addressee, None]:
        found: list[Addressee] = [units[each] for each in here if units.get(each, actor.agency_id) != actor.agency_id]
        return dict.fromkeys([*found, *(Outside(strangers[each]) for each in away if each in strangers)])

    addressed = going(text.addressed, text.addressed_outside)
    copied = going(text.copied, text.copied_outside)
    return list(addressed), [each for each in copied if each not in addressed]


def _called(document: Document) -> str:
    day = f" ngày {document.document_date:%d/%m/%Y}" if document.document_date else ""
    return f"{document.code}{day}"


def begin(*, save: Save, actor: Actor, today: date, at: datetime) -> Making:
    """Begin a draft with everything its form has; the same form (`save.window`) sent again saves the same draft.

    :raises Refusal: as documents.create_draft and documents.revise
    """
    with transaction.atomic(durable=True):
        if save.facts.secrecy:
            document = _begin_sealed(save, actor, today, at)
            return _write_sealed(document, save, actor, today, at)
        document = documents.create_draft(facts=save.facts, key=save.window, actor=actor, today=today, at=at)
        return _write(document.pk, save, actor, today, at)


def save(*, document_id: int, save: Save, actor: Actor, today: date, at: datetime) -> Making:
    """Save a draft: facts, recipients, text and attachments in one transaction and one revision.

    :raises EditedElsewhere: another window saved first
    :raises Refusal: as documents.revise, add_attachment and remove_attachment
    """
    with transaction.atomic(durable=True):
        document = queries.lock(document_id)
        if document.classified_id is None and save.facts.secrecy:
            document, save = _classify(document, save, actor, at)
        if document.classified_id is not None:
            return _write_sealed(document, save, actor, today, at)
        return _write(document_id, save, actor, today, at)


def keep_text(
    *, document_id: int, body: dict[str, Any] | None, revision: int, window: str, actor: Actor, at: datetime
) -> Making:
    """Save the text alone while something in the facts is refused; sealed, where the draft is classified.

    :raises Refusal: as documents.keep_text
    """
    with transaction.atomic(durable=True):
        document = queries.lock(document_id)
        given: dict[str, Any] = {"document_id": document_id, "revision": revision, "window": window}
        if document.classified_id is None:
            return documents.keep_text(body=body, **given, actor=actor, at=at)
        has_text = _seal_text(document, body, actor, at)
        return documents.keep_text(body=None, sealed_text=has_text, **given, actor=actor, at=at)


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
        _add(document_id, file.name, file, actor, at)
    return making


# Classified drafts: what is written is sealed in the very transaction that saves it, and only a mask stands in its place.


def _begin_sealed(save: Save, actor: Actor, today: date, at: datetime) -> Document:
    """Begin a classified draft; the same form sent again gives the same one.

    :raises NotCleared: NoRecoveryKey: NoEncryptionCertificate: as vault.begin
    """
    clean_subject(save.facts.subject)
    begun = documents.find_begun(key=save.window, actor=actor)
    if begun is not None:
        return begun
    classified = vault.begin(level=save.facts.secrecy, actor=actor, at=at)
    return documents.create_draft(
        facts=_masked(save.facts), key=save.window, classified_id=classified.pk, actor=actor, today=today, at=at
    )


def _masked(facts: DraftFacts) -> DraftFacts:
    return replace(facts, subject=sealing.mask_of(facts.secrecy) if facts.secrecy else facts.subject)


def _classify(document: Document, save: Save, actor: Actor, at: datetime) -> tuple[Document, Save]:
    """Make an open draft a classified one: its rows are overwritten, an uploaded PDF is sealed and its clear file destroyed."""
    clear, uploaded = queries.making_of(document).uploaded_file, save.uploaded
    if clear and save.uploaded_file == clear and uploaded is None:
        uploaded = Taken("", "", 0, sealing.PDF, content=kept.read(clear))
    classified = vault.begin(level=save.facts.secrecy, actor=actor, at=at)
    document = documents.classify(
        document_id=document.pk, classified_id=classified.pk, level=save.facts.secrecy, actor=actor, at=at
    )
    if clear and not queries.is_named(clear):
        files.destroy(digest=clear)
    return document, replace(save, uploaded=uploaded, uploaded_file="")


def _seal_text(document: Document, body: dict[str, Any] | None, actor: Actor, at: datetime) -> bool:
    """Seal the text; whether there is one now. Without a body the one before stays."""
    if body is None:
        return queries.making_of(document).sealed_text
    checked = bodies.check(body)
    vault.seal(
        classified_id=document.classified_id or 0,
        part=Part.BODY,
        content=json.dumps(checked, ensure_ascii=False).encode(),
        media_type=sealing.JSON,
        passing=True,
        actor=actor,
        at=at,
    )
    return bool(bodies.plain_text(checked).strip())


def _write_sealed(document: Document, save: Save, actor: Actor, today: date, at: datetime) -> Making:
    """Write a save of a classified draft: the words into the vault, the rest into its rows."""
    subject = clean_subject(save.facts.subject)
    sealed: dict[str, Any] = {"classified_id": document.classified_id or 0, "actor": actor, "at": at}
    making = documents.revise(
        document_id=document.pk,
        facts=_masked(save.facts),
        body=None,
        sealed_text=_seal_text(document, save.body, actor, at),
        uploaded_file=_seal_uploaded(save, sealed),
        addressees=save.addressees,
        revision=save.revision,
        window=save.window,
        actor=actor,
        today=today,
        at=at,
    )
    vault.seal(part=Part.TITLE, content=subject.encode(), media_type="text/plain", passing=True, **sealed)
    there = {row.pk for row in queries.list_attachments(document.pk)}
    for attachment_id in save.removed:
        if attachment_id in there:
            documents.remove_attachment(document_id=document.pk, attachment_id=attachment_id, actor=actor, at=at)
    for file in save.added:
        _enclose(document, file, actor, at)
    return making


def _seal_uploaded(save: Save, sealed: dict[str, Any]) -> str:
    """The digest of the sealed PDF that is the text of the draft, "" when none is."""
    if save.uploaded is None:
        return save.uploaded_file
    made = vault.seal(
        part=Part.BODY, number=sealing.UPLOADED, content=save.uploaded.content, media_type=sealing.PDF, **sealed
    )
    return made.file_id


def attach(
    *, document_id: int, name: str, content: BinaryIO, in_memory: bool = False, actor: Actor, at: datetime
) -> Attachment:
    """Put a file with a draft, apart from a save.

    With a classified draft the file, which must have come `in_memory`, and its name are sealed to the draft's readers; no PIN is
    asked. The same file twice is two files there: its sealed bytes differ.

    :raises WrittenDown: :raises NotAReader: :raises TooLargeToSeal: only of a classified draft
    :raises Refusal: as taking.take_attachment and documents.add_attachment
    """
    document = queries.get_for(actor, document_id)
    refuse(policy.why_not_revise(actor, document, queries.making_of(document)))
    if document.classified_id is not None:
        if not in_memory:
            raise sealing.WrittenDown
        held = taking.hold_attachment(content, name=name)
    else:
        held = taking.take_attachment(content, name=name, at=at)
    with transaction.atomic(durable=True):
        document = queries.lock(document_id)
        if document.classified_id is None:
            return _add(document_id, held.name, held, actor, at)
        if held.digest:  # it was classified meanwhile
            raise sealing.WrittenDown
        return _enclose(document, held, actor, at)


def _enclose(document: Document, file: Taken, actor: Actor, at: datetime) -> Attachment:
    """Seal a file that comes with a classified draft, in the caller's transaction; its row says only that there is one."""
    digest = sealing.enclose(
        document.classified_id or 0,
        file.content,
        name=file.name,
        media_type=file.media_type,
        unlocked=None,
        actor=actor,
        at=at,
    )
    return _add(document.pk, sealing.MASKED_NAME, replace(file, digest=digest), actor, at)


def _add(document_id: int, name: str, file: Taken, actor: Actor, at: datetime) -> Attachment:
    return documents.add_attachment(
        document_id=document_id,
        name=name,
        file=file.digest,
        size=file.size,
        media_type=file.media_type,
        actor=actor,
        at=at,
    )
