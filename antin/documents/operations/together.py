"""Drafting with others: who is let write, and edits kept beside the draft until they are merged or let be."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from antin.documents import policy, queries
from antin.documents.models import CoDrafter, Document, OwnCopy
from antin.documents.operations.drafting import Addressee, Addressees, DraftFacts, Outside
from antin.documents.operations.sharing import show
from antin.documents.queries import Hands
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import NotFound, refuse
from antin.typeset import body as bodies

MOST_COPIES = 10
"""Of one person beside one draft."""


@transaction.atomic
def invite_drafter(*, document_id: int, post_id: int, name: str, actor: Actor, at: datetime) -> CoDrafter:
    """Let a post write the draft with its drafter; it sees the draft from then on. The caller has checked whose post it is.

    :raises NotTheDrafter: WrongState: only its drafter, while it is a draft
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_own(actor, document, queries.making_of(document)))
    row, made = CoDrafter.objects.get_or_create(
        document=document,
        post_id=post_id,
        defaults={"name": name[:300], "invited_by": actor.person_name, "invited_at": at},
    )
    if not made and row.ended_at is None:
        return row
    row.ended_at = None
    row.save(update_fields=["ended_at"])
    show(document=document, holders={f"P{post_id}": "co_drafter"}, actor=actor, at=at)
    journal.record("document.co_drafter_invited", subject=("document", document_id), actor=actor, at=at, who=row.name)
    return row


@transaction.atomic
def end_drafter(*, document_id: int, post_id: int, actor: Actor, at: datetime) -> CoDrafter:
    """Let a post write the draft no longer; it may still be read, as it was read already.

    :raises NotFound: it does not write with him
    :raises NotTheDrafter: WrongState: only its drafter, while it is a draft
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_own(actor, document, queries.making_of(document)))
    row = CoDrafter.objects.filter(document=document, post_id=post_id, ended_at=None).first()
    if row is None:
        raise NotFound()
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    hold = queries.find_hold(document_id)
    if hold is not None and hold.post_id == post_id:
        hold.delete()
    journal.record("document.co_drafter_ended", subject=("document", document_id), actor=actor, at=at, who=row.name)
    return row


@transaction.atomic
def keep_own_copy(
    *,
    document_id: int,
    window: str,
    revision: int,
    body: dict[str, Any] | None,
    facts: dict[str, Any] | None,
    late: bool = False,
    actor: Actor,
    at: datetime,
) -> OwnCopy:
    """Keep an edit beside the draft; the same window's next one takes its place. `revision` is what it began from.

    Without `facts` those it began from. The journal has it when it is handed on or merged.

    :raises TooManyCopies: he has too many
    :raises BadBody: the text does not follow the schema of docs/body.md
    :raises SealedDocument: NotTheDrafter: WrongState: as `policy.why_not_write_apart`, of a `late` one as `why_not_keep_late`
    """
    document = queries.lock(document_id)
    making = queries.making_of(document)
    refuse((policy.why_not_keep_late if late else policy.why_not_write_apart)(actor, document, making))
    text = bodies.check(body) if body else None
    own = OwnCopy.objects.filter(document=document, person_id=actor.person_id, ended_at=None)
    there = own.filter(window=window).first()
    if there is not None:
        there.body, there.changed_at, there.edits = text, at, there.edits + 1
        there.facts = facts or there.facts
        there.save(update_fields=["body", "facts", "changed_at", "edits"])
        return there
    if own.count() >= MOST_COPIES:
        raise policy.TooManyCopies(n=MOST_COPIES)
    base = queries.find_base(document, making, revision)
    began = base.facts if base else None
    return OwnCopy.objects.create(
        document=document,
        person_id=actor.person_id,
        post_id=actor.post_id,
        author=f"{actor.person_name}, {actor.post_title}"[:200],
        window=window,
        late=late,
        revision=min(revision, making.revision),
        base=base.body if base else None,
        base_facts=began,
        body=text,
        facts=facts or began or queries.facts_of(document, making),
        made_at=at,
        changed_at=at,
    )


@transaction.atomic
def return_own_copy(*, copy_id: int, actor: Actor, at: datetime) -> OwnCopy:
    """Hand an edit to those who draft, so that any of them may merge it.

    :raises NotFound: it is not his
    :raises CopyEnded: it was merged or let be
    """
    copy = queries.lock_own_copy(copy_id)
    if copy.person_id != actor.person_id:
        raise NotFound()
    if copy.ended_at is not None:
        raise policy.CopyEnded
    if copy.returned_at is None:
        copy.returned_at = at
        copy.save(update_fields=["returned_at"])
        subject = ("document", copy.document_id)
        journal.record("document.own_copy_returned", subject=subject, actor=actor, at=at, copy=copy.pk)
    return copy


@transaction.atomic
def end_own_copy(*, copy_id: int, merged: bool, actor: Actor, at: datetime) -> OwnCopy:
    """Say that an edit was merged into the draft, or let it be. Its text stays.

    :raises CopyEnded: NotAllowed: as `policy.why_not_merge`
    """
    copy = queries.lock_own_copy(copy_id)
    document = queries.get(copy.document_id)
    if merged:
        refuse(policy.why_not_merge(actor, document, queries.making_of(document), copy))
    elif copy.ended_at is not None:
        raise policy.CopyEnded
    elif copy.person_id != actor.person_id:
        refuse(policy.why_not_own(actor, document, queries.making_of(document)))
    copy.ended_at, copy.merged_by = at, f"{actor.person_name}, {actor.post_title}"[:200] if merged else ""
    copy.save(update_fields=["ended_at", "merged_by"])
    event = "document.merged" if merged else "document.own_copy_let_be"
    journal.record(event, subject=("document", copy.document_id), actor=actor, at=at, by=copy.author, copy=copy.pk)
    return copy


def kept_facts(facts: DraftFacts, addressees: Addressees | None, uploaded_file: str) -> dict[str, Any]:
    """A form's facts as an edition keeps them; without its addressees what it says nothing of is left out."""
    kept: dict[str, Any] = {
        "type_code": facts.type_code,
        "issuer": facts.body_id,
        "subject": facts.subject,
        "urgency": facts.urgency,
        "circulation": str(facts.circulation),
        "reply_by": facts.reply_by.isoformat() if facts.reply_by else "",
        "in_reply_to": facts.in_reply_to_id,
        "signer": facts.signer_post_id,
        "copies": facts.copies,
        "cosigners": list(facts.hands.cosigner_post_ids),
        "joint": list(facts.hands.joint_agency_ids),
        "in_order": facts.hands.in_order,
        "initials": facts.hands.initials,
        "format_checker": facts.hands.format_post_id,
        "uploaded_file": uploaded_file,
    }
    if addressees is not None:
        kept["addressed"] = [_written(each) for each in addressees.addressed]
        kept["copied"] = [_written(each) for each in addressees.copied]
    return kept


def _written(each: Addressee) -> str:
    return str(each) if isinstance(each, int) else f"o{each.correspondent_id}"


def _read(value: str) -> Addressee:
    return Outside(int(value[1:])) if value.startswith("o") else int(value)


def facts_again(kept: dict[str, Any], document: Document) -> tuple[DraftFacts, Addressees]:
    """Facts as they were kept, to be saved again."""
    facts = DraftFacts(
        type_code=kept["type_code"],
        subject=kept["subject"],
        urgency=kept["urgency"],
        secrecy=document.secrecy,
        reply_by=date.fromisoformat(kept["reply_by"]) if kept["reply_by"] else None,
        in_reply_to_id=kept["in_reply_to"],
        signer_post_id=kept["signer"],
        copies=kept["copies"],
        circulation=kept["circulation"],
        hands=Hands(
            cosigner_post_ids=tuple(kept["cosigners"]),
            joint_agency_ids=tuple(kept["joint"]),
            in_order=kept["in_order"],
            initials=kept["initials"],
            format_post_id=kept["format_checker"],
        ),
        body_id=kept["issuer"],
    )
    return facts, Addressees(tuple(map(_read, kept["addressed"])), tuple(map(_read, kept["copied"])))
