"""Several people at one draft: who may write it, who holds it, and edits made beside it brought back in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.operations import EditedElsewhere, drafting, together
from antin.journeys import sealing, telling
from antin.journeys.taking import Taken
from antin.opinions import queries as opinions
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotFound, Refusal, refuse
from antin.typeset import body as bodies
from antin.typeset import merging
from antin.typeset.merging import Choice, Merge
from antin.vault import operations as vault
from antin.vault.operations import Opening
from antin.vault.states import Need
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import CoDrafter, Document, Hold, Making, OwnCopy
    from antin.journeys.draft_document import Save


class ChoicesMissing(Refusal):
    code = "choices_missing"
    words = _("Còn %(n)d chỗ hai bên cùng sửa chưa chọn giữ bản nào.")


@dataclass(frozen=True)
class FactClash:
    """A fact that both sides decided differently."""

    name: str
    base: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Meeting:
    """An edit beside the draft as it stands now: what comes together by itself, and what a person has to choose."""

    copy: OwnCopy
    document: Document
    making: Making
    text: Merge
    facts: dict[str, Any]
    brought: list[str]
    clashes: list[FactClash]
    attached: list[dict[str, Any]]
    """Files chosen with it that are not with the draft yet."""

    @property
    def changes_nothing(self) -> bool:
        """Whether all that it says stands in the draft already."""
        kept = {merging.Source.KEPT, merging.Source.THEIRS, merging.Source.AGREED}
        return not (self.clashes or self.brought or self.attached) and all(
            piece.source in kept for piece in self.text.pieces
        )


# Who writes with the drafter.


def why_not_invite(document: Document, post_id: int, on: date) -> tuple[str, Refusal | None]:
    """The name of who holds a post, and why it may not write the draft: strangers may not, whom the drafter asked may."""
    post, person = people.get_post(post_id), people.post_holder(post_id, on)
    name = f"{post.title} {person.name}" if person else post.title
    asked = {f"P{post_id}", f"U{post.unit_id}", f"U{post.unit.agency_id}"}
    inside = post.unit.agency_id == document.agency_id
    if person is None or post.role == Role.ADMINISTRATOR or post_id == document.making.drafter_post_id:
        return name, policy.CannotCoDraft(name=name)
    if not inside and not asked & {each.holder for each in opinions.list_rounds(document.pk).opinions}:
        return name, policy.CannotCoDraft(name=name)
    return name, None


def invite(*, document_id: int, post_id: int, pin: Opening | None = None, actor: Actor, at: datetime) -> CoDrafter:
    """Let a post write the draft too, and tell it. Of a classified draft it becomes a reader, by the drafter's PIN.

    :raises CannotCoDraft: nobody holds it, or it is of elsewhere and was not asked for an opinion
    :raises NobodyReads: ReaderNotCleared: NoEncryptionCertificate: it could not read a classified draft
    :raises Refusal: as documents.invite_drafter
    """
    document = queries.get_for(actor, document_id)
    refuse(policy.why_not_own(actor, document, queries.making_of(document)))
    today = workdays.local_date(at)
    name, no = why_not_invite(document, post_id, today)
    refuse(no)
    unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at) if document.classified_id is not None else None
    with transaction.atomic(durable=True):
        if unlocked is not None:
            persons = sealing.reader_in(post_id, Need.REVIEWER, level=document.secrecy, on=today)
            vault.let_read(unlocked=unlocked, persons=persons, actor=actor, at=at)
        row = documents.invite_drafter(document_id=document_id, post_id=post_id, name=name, actor=actor, at=at)
        if row.invited_at == at:
            _tell("draft.invited", document, [f"P{post_id}"], actor, at)
    return row


def end(*, document_id: int, post_id: int, actor: Actor, at: datetime) -> CoDrafter:
    """Let a post write the draft no longer. :raises Refusal: as documents.end_drafter"""
    with transaction.atomic(durable=True):
        queries.get_for(actor, document_id)
        return documents.end_drafter(document_id=document_id, post_id=post_id, actor=actor, at=at)


# Who holds it.


def take_over(*, document_id: int, actor: Actor, at: datetime) -> Hold | None:
    """Check the draft out, and tell whoever had it. :raises Refusal: as documents.take_over"""
    with transaction.atomic(durable=True):
        document = queries.get_for(actor, document_id)
        before = documents.take_over(document_id=document_id, actor=actor, at=at)
        if before is not None:
            _tell("draft.taken_over", document, [f"M{before.person_id}"], actor, at)
    return before


def hand_back(*, document_id: int, actor: Actor, at: datetime) -> None:
    """Let others write, and tell who asked for it. :raises NotFound: the draft is not the actor's to see"""
    with transaction.atomic(durable=True):
        document = queries.get_for(actor, document_id)
        hold = documents.hand_back(document_id=document_id, actor=actor, at=at)
        if hold is not None and hold.asked_post_id is not None:
            _tell("draft.handed_back", document, [f"P{hold.asked_post_id}"], actor, at)


def ask_for(*, document_id: int, actor: Actor, at: datetime) -> Hold:
    """Ask whoever holds the draft for it, and tell him. :raises Refusal: as documents.ask_for_hold"""
    with transaction.atomic(durable=True):
        document = queries.get_for(actor, document_id)
        hold = documents.ask_for_hold(document_id=document_id, actor=actor, at=at)
        _tell("draft.asked_for", document, [f"M{hold.person_id}"], actor, at)
    return hold


def _tell(kind: str, document: Document, holders: list[str], actor: Actor, at: datetime) -> None:
    telling.tell(kind, holders, document.pk, actor=actor, at=at, subject=document.subject, by=actor.person_name)


# Edits beside it.


def keep_late(*, document_id: int, save: Save, actor: Actor, at: datetime) -> OwnCopy:
    """Keep a save that was refused because another came before it, or because the draft was handed on.

    :raises Refusal: as documents.keep_own_copy
    """
    with transaction.atomic(durable=True):
        document = queries.get_for(actor, document_id)
        making = queries.making_of(document)
        base = queries.find_base(document, making, save.revision)
        began = dict(base.facts) if base else {}
        facts = began | together.kept_facts(save.facts, save.addressees, save.uploaded_file)
        before = queries.find_late_copy(document_id, actor.person_id, save.window)
        if before is not None and save.uploaded_file == making.uploaded_file:
            facts["uploaded_file"] = before.facts.get(
                "uploaded_file", save.uploaded_file
            )  # chosen with an earlier save
        facts["attached"] = _attached(before, save)
        return documents.keep_own_copy(
            document_id=document_id,
            window=save.window,
            revision=save.revision,
            body=save.body,
            facts=facts,
            late=True,
            actor=actor,
            at=at,
        )


def _attached(before: OwnCopy | None, save: Save) -> list[dict[str, Any]]:
    """The files chosen with late saves of one window, each once: what merging puts with the draft."""
    rows = list(before.facts.get("attached", [])) if before is not None else []
    for file in save.added:
        row = {"name": file.name, "file": file.digest, "size": file.size, "media_type": file.media_type}
        if row not in rows:
            rows.append(row)
    return rows


def list_attached(*, document_id: int, window: str, actor: Actor) -> list[Taken]:
    """The files chosen with late saves of the actor's window, while they wait; to go with the draft it writes over."""
    copy = queries.find_late_copy(document_id, actor.person_id, window)
    rows = copy.facts.get("attached", []) if copy is not None else []
    return [Taken(row["name"], row["file"], row["size"], row["media_type"]) for row in rows]


def keep_page(*, document_id: int, revision: int, file: str, actor: Actor, at: datetime) -> OwnCopy:
    """Keep a PDF or Word file that came back late, or after the draft was handed on, as the page of a copy that differs in nothing
    else.

    :raises Refusal: as documents.keep_own_copy
    """
    with transaction.atomic(durable=True):
        document = queries.get_for(actor, document_id)
        making = queries.making_of(document)
        base = queries.find_base(document, making, revision)
        facts = dict(base.facts) if base else queries.facts_of(document, making)
        return documents.keep_own_copy(
            document_id=document_id,
            window=f"page:{file[:40]}",
            revision=revision,
            body=base.body if base else making.body,
            facts=facts | {"uploaded_file": file},
            late=True,
            actor=actor,
            at=at,
        )


def settle_late(*, document_id: int, window: str, actor: Actor, at: datetime) -> None:
    """A late save of this window was written over the draft after all: its copy is let be. :raises NotFound: no such draft"""
    with transaction.atomic(durable=True):
        for copy in queries.list_own_copies(actor, document_id):
            if copy.window == window and copy.person_id == actor.person_id:
                documents.end_own_copy(copy_id=copy.pk, merged=False, actor=actor, at=at)


def keep_apart(
    *,
    document_id: int,
    window: str,
    revision: int | None = None,
    subject: str | None = None,
    body: dict[str, Any] | None = None,
    actor: Actor,
    at: datetime,
) -> OwnCopy:
    """Begin an edit of one's own from the draft as it stands; or keep one that began at a revision and came late.

    :raises Refusal: as documents.keep_own_copy
    """
    with transaction.atomic(durable=True):
        document = queries.get_for(actor, document_id)
        making = queries.making_of(document)
        refuse(policy.why_not_write_apart(actor, document, making))
        began = making.revision if revision is None else revision
        base = queries.find_base(document, making, began)
        facts = dict(base.facts) if base else queries.facts_of(document, making)
        if subject is not None:
            facts["subject"] = drafting.clean_subject(subject)
        return documents.keep_own_copy(
            document_id=document_id,
            window=window,
            revision=began,
            body=making.body if body is None else body,
            facts=facts,
            late=began < making.revision,
            actor=actor,
            at=at,
        )


def write_own(
    *, copy_id: int, subject: str, body: dict[str, Any] | None, edits: int, actor: Actor, at: datetime
) -> OwnCopy:
    """Save an edit of one's own.

    :raises NotFound: it is not the actor's
    :raises CopyEnded: it was merged or let be
    :raises EditedElsewhere: another window saved it first
    :raises Refusal: as documents.keep_own_copy
    """
    with transaction.atomic(durable=True):
        copy = queries.get_own_copy(actor, copy_id)
        queries.lock(copy.document_id)
        copy = queries.lock_own_copy(copy_id)
        if copy.person_id != actor.person_id:
            raise NotFound
        if copy.ended_at is not None:
            raise policy.CopyEnded
        if edits != copy.edits:
            raise EditedElsewhere(theirs=copy.edits, yours=edits)
        return documents.keep_own_copy(
            document_id=copy.document_id,
            window=copy.window,
            revision=copy.revision,
            body=body,
            facts=copy.facts | {"subject": drafting.clean_subject(subject)},
            actor=actor,
            at=at,
        )


def give_back(*, copy_id: int, actor: Actor, at: datetime) -> OwnCopy:
    """Hand one's own edit to those who draft, and tell whoever holds the draft and its drafter.

    :raises Refusal: as documents.return_own_copy
    """
    with transaction.atomic(durable=True):
        copy = documents.return_own_copy(copy_id=copy_id, actor=actor, at=at)
        document = queries.get_for(actor, copy.document_id)
        hold = queries.find_hold(document.pk)
        holders = {f"P{document.making.drafter_post_id}"}
        if hold is not None and policy.stands_held(hold, at):
            holders.add(f"P{hold.post_id}")
        if copy.returned_at == at:
            _tell("draft.copy_returned", document, sorted(holders), actor, at)
    return copy


def let_be(*, copy_id: int, actor: Actor, at: datetime) -> OwnCopy:
    """Merge an edit no more. Its text stays. :raises Refusal: as documents.end_own_copy"""
    with transaction.atomic(durable=True):
        queries.get_own_copy(actor, copy_id)
        return documents.end_own_copy(copy_id=copy_id, merged=False, actor=actor, at=at)


def meet(copy_id: int, actor: Actor) -> Meeting:
    """What an edit and the draft as it stands now say together. :raises NotFound: it is not the actor's to see"""
    copy = queries.get_own_copy(actor, copy_id)
    document = queries.get_for(actor, copy.document_id)
    refuse(policy.why_not_merge(actor, document, document.making, copy))
    return _meeting(copy, document, document.making)


def _meeting(copy: OwnCopy, document: Document, making: Making) -> Meeting:
    now = queries.facts_of(document, making)
    facts, brought, clashes = dict(now), [], []
    for name, theirs in now.items():
        mine = copy.facts.get(name, theirs)
        base = (copy.base_facts or {}).get(name)
        if mine == theirs or (copy.base_facts is not None and mine == base):
            continue
        if copy.base_facts is not None and theirs == base:
            facts[name] = mine
            brought.append(name)
        else:
            clashes.append(FactClash(name, base, mine, theirs))
    text = merging.merge(copy.base, copy.body or bodies.EMPTY, making.body or bodies.EMPTY)
    there = {(row.name, row.file) for row in queries.list_attachments(document.pk)}
    attached = [row for row in copy.facts.get("attached", []) if (row["name"], row["file"]) not in there]
    return Meeting(copy, document, making, text, facts, brought, clashes, attached)


def merge(
    *,
    copy_id: int,
    revision: int,
    choices: Sequence[tuple[Choice, str]],
    chosen: Mapping[str, Choice],
    actor: Actor,
    today: date,
    at: datetime,
) -> Making:
    """Bring an edit into the draft, each clash as it was chosen; the draft as it stood before is kept as an earlier state.

    `choices` are of the clashes of the text in their order, `chosen` of the facts by name (mine or theirs). `revision` is the
    draft's that was looked at.

    :raises EditedElsewhere: the draft was changed since it was looked at
    :raises ChoicesMissing: something is not chosen
    :raises HeldByAnother: somebody else is writing it
    :raises Refusal: as documents.revise and `policy.why_not_merge`
    """
    with transaction.atomic(durable=True):
        copy = queries.get_own_copy(actor, copy_id)
        queries.lock(copy.document_id)
        document, copy = queries.get_for(actor, copy.document_id), queries.lock_own_copy(copy_id)
        making = document.making
        refuse(policy.why_not_merge(actor, document, making, copy))
        if revision != making.revision:
            raise EditedElsewhere(theirs=making.revision, yours=revision)
        found = _meeting(copy, document, making)
        missing = max(0, len(found.text.clashes) - len(choices)) + sum(
            each.name not in chosen for each in found.clashes
        )
        if missing:
            raise ChoicesMissing(n=missing)
        kept = found.facts | {each.name: each.mine for each in found.clashes if chosen[each.name] == Choice.MINE}
        facts, addressees = together.facts_again(kept, document)
        made = documents.revise(
            document_id=document.pk,
            facts=facts,
            body=merging.resolve(found.text, choices),
            uploaded_file=kept["uploaded_file"],
            addressees=addressees,
            revision=revision,
            window=f"merge:{copy_id}",
            actor=actor,
            today=today,
            at=at,
        )
        for row in found.attached:
            documents.add_attachment(document_id=document.pk, **row, actor=actor, at=at)
        documents.end_own_copy(copy_id=copy_id, merged=True, actor=actor, at=at)
        if copy.person_id != actor.person_id:
            _tell("draft.merged", document, [f"M{copy.person_id}"], actor, at)
    return made


def bring_back(*, document_id: int, edition: int, revision: int, actor: Actor, today: date, at: datetime) -> Making:
    """Let the text of an earlier state be the draft's again; what it is now is kept as an earlier state in turn.

    :raises NotFound: that state was not kept
    :raises Refusal: as documents.revise
    """
    with transaction.atomic(durable=True):
        document = queries.get_for(actor, document_id)
        queries.lock(document_id)
        old = queries.get_edition(document_id, edition)
        facts, addressees = together.facts_again(queries.facts_of(document, document.making), document)
        return documents.revise(
            document_id=document_id,
            facts=facts,
            body=old.body,
            uploaded_file=document.making.uploaded_file,
            addressees=addressees,
            revision=revision,
            window=f"back:{edition}:{revision}",
            actor=actor,
            today=today,
            at=at,
        )
