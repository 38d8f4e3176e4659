"""Who has a draft checked out, and the states of it that are kept so that nothing is written over for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from antin.documents import policy, queries
from antin.documents.models import Document, Edition, Hold, Making
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import refuse

EDITIONS = 60
"""So many earlier states of a draft are kept; the oldest go."""
EVERY = timedelta(minutes=5)
"""In one window's writing a state is kept this often."""


@transaction.atomic
def hold_open(*, document: Document, actor: Actor, at: datetime) -> Hold:
    """Check the draft out to whoever saves it now, or go on holding it. The caller has locked the document, and records.

    :raises HeldByAnother: somebody else has it
    """
    hold = queries.find_hold(document.pk)
    refuse(policy.why_not_hold(actor, hold, at))
    if hold is not None and hold.person_id == actor.person_id and policy.stands_held(hold, at):
        hold.at = at
        hold.save(update_fields=["at"])
        return hold
    return _give(document, hold, actor, at)


def _give(document: Document, before: Hold | None, actor: Actor, at: datetime) -> Hold:
    hold = Hold(
        document=document,
        person_id=actor.person_id,
        post_id=actor.post_id,
        name=f"{actor.person_name}, {actor.post_title}"[:200],
        since=at,
        at=at,
        kept_at=before.kept_at if before else None,
    )
    hold.save(force_insert=before is None, force_update=before is not None)
    return hold


@transaction.atomic
def take_over(*, document_id: int, actor: Actor, at: datetime) -> Hold | None:
    """Check the draft out without saving it; whoever had it is returned, to be told. What he has not saved he can merge.

    :raises NotTheDrafter: WrongState: as revise
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_revise(actor, document, queries.making_of(document)))
    before = queries.find_hold(document_id)
    taken = before is not None and policy.why_not_hold(actor, before, at) is not None
    _give(document, before, actor, at)
    if taken and before is not None:
        journal.record(
            "document.hold_taken_over",
            subject=("document", document_id),
            actor=actor,
            at=at,
            from_holder=before.name,
        )
    return before if taken else None


@transaction.atomic
def hand_back(*, document_id: int, actor: Actor, at: datetime) -> Hold | None:
    """Let somebody else write. The hold that ended is returned; none if another has it, or nobody.

    :raises NotFound: there is no such draft
    """
    document = queries.lock(document_id)
    hold = queries.find_hold(document_id)
    if hold is None or hold.person_id != actor.person_id:
        return None
    ended = Hold.objects.get(pk=hold.pk)
    hold.delete()
    journal.record("document.hold_returned", subject=("document", document.pk), actor=actor, at=at)
    return ended


@transaction.atomic
def ask_for_hold(*, document_id: int, actor: Actor, at: datetime) -> Hold:
    """Ask whoever holds the draft to let the actor write; his page says so with his next save.

    :raises NotHeld: :raises HeldBySelf: there is nobody to ask
    :raises NotTheDrafter: WrongState: as revise
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_revise(actor, document, queries.making_of(document)))
    hold = queries.find_hold(document_id)
    if hold is None or not policy.stands_held(hold, at):
        raise policy.NotHeld
    if hold.person_id == actor.person_id:
        raise policy.HeldBySelf
    hold.asked_by, hold.asked_post_id = f"{actor.person_name}, {actor.post_title}"[:200], actor.post_id
    hold.save(update_fields=["asked_by", "asked_post"])
    journal.record("document.hold_asked", subject=("document", document_id), actor=actor, at=at, holder=hold.name)
    return hold


@transaction.atomic
def let_go(*, document: Document, actor: Actor, at: datetime) -> None:
    """End the hold because the draft goes on its way; that act records it. :raises HeldByAnother: somebody else is writing"""
    hold = queries.find_hold(document.pk)
    refuse(policy.why_not_hold(actor, hold, at))
    if hold is not None:
        hold.delete()


@transaction.atomic
def keep_edition(*, document: Document, making: Making, hold: Hold, goes_on: bool, actor: Actor, at: datetime) -> None:
    """Keep the draft as it is before a save goes over it: at the first of a window's saves, then every few minutes of its writing.

    Nothing is kept of a classified draft, whose words lie in no row, nor of one that has no text yet.
    """
    fresh = goes_on and hold.kept_at is not None and at - hold.kept_at < EVERY
    if fresh or document.classified_id is not None or making.body is None:
        return
    Edition.objects.get_or_create(
        document=document,
        revision=making.revision,
        defaults={
            "facts": queries.facts_of(document, making),
            "body": making.body,
            "by": making.saved_by or making.drafter_name,
            "at": at,
        },
    )
    hold.kept_at = at
    hold.save(update_fields=["kept_at"])
    old = Edition.objects.filter(document=document).order_by("-revision").values_list("revision", flat=True)
    last = list(old[EDITIONS - 1 : EDITIONS])
    if last:
        Edition.objects.filter(document=document, revision__lt=last[0]).delete()
