"""Who keeps which device: handed over by permission and minutes, reported lost."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from antin.journal import operations as journal
from antin.keys import policy, queries
from antin.keys.models import Certificate, HandOver, KeyDevice
from antin.keys.operations.authority import publish_revocation_list
from antin.keys.operations.trust import mark_revoked
from antin.keys.states import DeviceStatus, Reason, step
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse


@transaction.atomic
def offer_device(
    *, certificate_id: int, to_person_id: int, basis: str, condition: str = "", actor: Actor, at: datetime
) -> HandOver:
    """Offer an agency's key device to another keeper, as a written permission allows (Decree 30/2020, art. 32).

    It stays with the one who has it until the other side signs the minutes. A person's own device is never handed over.

    :raises NotFound: no such certificate, a person's own, or no such person
    :raises NotAllowed: the actor neither keeps it nor administers the agency
    :raises NeedsBasis: the permission is not named
    :raises DeviceNotUsable: it was lost, returned or destroyed
    :raises AlreadyKeeps: it is his already
    :raises AlreadyOffered: it is offered to somebody who has not answered yet
    """
    device = queries.lock_device(certificate_id)
    certificate = queries.get_certificate(certificate_id)
    refuse(policy.why_not_hand_over(certificate, device, actor, basis))
    taker = people.get_person(to_person_id)
    if taker.id == device.custodian_id:
        raise policy.AlreadyKeeps(name=taker.name)
    waiting = queries.find_hand_over(device.pk)
    if waiting is not None:
        raise policy.AlreadyOffered(name=waiting.taker.name)
    passing = HandOver.objects.create(
        device=device,
        giver_id=device.custodian_id,
        taker=taker,
        basis=basis.strip(),
        condition=condition.strip(),
        offered_by_id=actor.person_id,
        offered_at=at,
    )
    journal.record(
        "device.offered",
        subject=("certificate", certificate_id),
        actor=actor,
        at=at,
        agency_id=certificate.agency_id,
        basis=passing.basis,
        before=device.custodian_id,
        after=taker.id,
    )
    return passing


@transaction.atomic
def take_device(*, hand_over_id: int, minutes: str, actor: Actor, at: datetime) -> HandOver:
    """Take an agency's device over, by signing the minutes: from now on it is the taker's to keep.

    :raises NotFound: no such offer, or made to somebody else
    :raises WrongState: it was taken, declined or withdrawn
    :raises NeedsMinutes: the minutes are not named
    :raises DeviceNotUsable: it was lost, returned or destroyed meanwhile
    """
    passing, device = _answered(hand_over_id, actor)
    refuse(policy.why_not_take(passing, device, actor, minutes))
    passing.state, passing.minutes = step("take", passing.state), minutes.strip()
    device.custodian_id = actor.person_id
    device.save(update_fields=["custodian"])
    _settle(passing, "device.handed_over", actor=actor, at=at, basis=passing.basis, minutes=passing.minutes)
    return passing


@transaction.atomic
def decline_device(*, hand_over_id: int, words: str, actor: Actor, at: datetime) -> HandOver:
    """Do not take the device over, and say why; it stays where it is.

    :raises NotFound: WrongState: as in taking
    :raises NeedsReason: no words
    """
    passing, _device = _answered(hand_over_id, actor)
    refuse(policy.why_not_answer(passing, actor))
    refuse(policy.why_not_reason(words))
    passing.state, passing.words = step("decline", passing.state), words.strip()
    _settle(passing, "device.declined", actor=actor, at=at, words=passing.words)
    return passing


@transaction.atomic
def withdraw_offer(*, hand_over_id: int, actor: Actor, at: datetime) -> HandOver:
    """Take an offer back before it is answered.

    :raises NotFound: no such offer
    :raises NotAllowed: the actor neither keeps the device nor administers the agency
    :raises WrongState: it was answered
    """
    passing, device = _answered(hand_over_id, actor)
    refuse(policy.why_not_withdraw(queries.get_certificate(device.certificate_id), device, actor))
    passing.state = step("withdraw", passing.state)
    _settle(passing, "device.withdrawn", actor=actor, at=at)
    return passing


def _answered(hand_over_id: int, actor: Actor) -> tuple[HandOver, KeyDevice]:
    """The offer and its device, both locked, the device first as everywhere."""
    found = queries.get_hand_over(hand_over_id)
    device = queries.lock_device(found.device.certificate_id)
    return queries.lock_hand_over(hand_over_id), device


def _settle(passing: HandOver, event: str, *, actor: Actor, at: datetime, **facts: object) -> None:
    passing.settled_by_id, passing.settled_at = actor.person_id, at
    passing.save(update_fields=["state", "minutes", "words", "settled_by", "settled_at"])
    certificate = queries.get_certificate(passing.device.certificate_id)
    journal.record(
        event,
        subject=("certificate", certificate.pk),
        actor=actor,
        at=at,
        agency_id=certificate.agency_id,
        before=passing.giver_id,
        after=passing.taker_id,
        **facts,
    )


def report_lost(*, certificate_id: int, actor: Actor, at: datetime) -> Certificate:
    """Report a key or its device lost: it opens no more, and its certificate is revoked for key compromise.

    :raises NotFound: no such certificate
    :raises NotAllowed: the actor is not its holder and does not administer the agency
    :raises AlreadyRevoked: it was revoked before
    """
    with transaction.atomic():
        device = queries.lock_device(certificate_id)
        certificate = queries.get_certificate(certificate_id)
        refuse(policy.why_not_report_lost(certificate, device, actor))
        device.status = DeviceStatus.LOST
        device.valid_until = at
        device.save(update_fields=["status", "valid_until"])
        journal.record(
            "device.lost", subject=("certificate", certificate_id), actor=actor, at=at, agency_id=certificate.agency_id
        )
        mark_revoked(certificate_id, Reason.KEY_COMPROMISE, actor=actor, at=at)
    publish_revocation_list(actor=None, at=at)
    return queries.get_certificate(certificate_id)
