"""The register of copies: every copy, of paper or electronic, has a number and a holder until it came back or was destroyed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.vault import policy, queries
from antin.vault.models import Copy
from antin.vault.operations.readers import check_reader
from antin.vault.policy import NeedsMinutesAndWitness
from antin.vault.states import Medium


@transaction.atomic
def give_copy(*, classified_id: int, holder_id: int, medium: str, actor: Actor, at: datetime) -> Copy:
    """Enter a numbered copy and who holds it.

    :raises NotFound: NotCleared: NotAllowed: the actor does not keep this register
    :raises ReaderNotCleared: NoEncryptionCertificate: the holder may not have it
    """
    classified = queries.lock(classified_id)
    refuse(policy.why_not_keep_copies(actor, classified, queries.find_reader(classified_id, actor.person_id)))
    check_reader(classified, holder_id, at=at)
    copy = Copy.objects.create(
        classified=classified,
        number=queries.next_copy_number(classified_id),
        medium=Medium(medium),
        holder_id=holder_id,
        given_by_id=actor.person_id,
        given_at=at,
    )
    _record("copy_given", copy, actor=actor, at=at)
    return copy


@transaction.atomic
def return_copy(*, copy_id: int, actor: Actor, at: datetime) -> Copy:
    """Enter that a copy came back. :raises NotFound: NotAllowed: CopyEnded:"""
    copy = _locked(copy_id, actor)
    if copy.returned_at is not None:
        raise policy.CopyEnded(number=copy.number)
    copy.returned_at = at
    copy.save(update_fields=["returned_at"])
    _record("copy_returned", copy, actor=actor, at=at)
    return copy


@transaction.atomic
def destroy_copy(*, copy_id: int, minutes: str, actor: Actor, at: datetime) -> Copy:
    """Enter that a copy was destroyed, by minutes. :raises NotFound: NotAllowed: CopyEnded: NeedsMinutesAndWitness:"""
    copy = _locked(copy_id, actor)
    if not minutes.strip():
        raise NeedsMinutesAndWitness
    copy.destroyed_at, copy.minutes = at, minutes.strip()
    copy.save(update_fields=["destroyed_at", "minutes"])
    _record("copy_destroyed", copy, actor=actor, at=at)
    return copy


def _locked(copy_id: int, actor: Actor) -> Copy:
    copy = queries.lock_copy(copy_id)
    own = queries.find_reader(copy.classified_id, actor.person_id)
    refuse(policy.why_not_keep_copies(actor, copy.classified, own))
    refuse(policy.why_not_end_copy(copy))
    return copy


def _record(event: str, copy: Copy, *, actor: Actor, at: datetime) -> None:
    journal.record(
        f"classified.{event}",
        subject=("classified", copy.classified_id),
        actor=actor,
        at=at,
        agency_id=copy.classified.agency_id,
        number=copy.number,
        medium=copy.medium,
        holder=copy.holder_id,
    )
