"""Who keeps which device: an agency's passes by permission and minutes, signed by both sides; a person's never passes."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from antin.journal import queries as journal
from antin.keys import operations as keys
from antin.keys import queries
from antin.keys.models import Authority, Certificate, HandOver
from antin.keys.policy import AlreadyKeeps, AlreadyOffered, DeviceNotUsable, NeedsBasis, NeedsMinutes, NeedsReason
from antin.keys.states import Passing
from antin.refusal import NotAllowed, NotFound, WrongState
from tests import signatures
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db
BASIS = "Giấy cho phép số 5/GP-VP ngày 23/11/2026"


@pytest.fixture
def seal(cast: Cast, own_state: Path) -> Certificate:
    """The agency's certificate; its device is with the keeper of the seal."""
    keys.establish(name="x", organisation="y", actor=None, at=signatures.ISSUED_AT)
    return keys.issue_agency_certificate(
        agency_id=cast.agency_id, custodian_id=cast.seal_keeper.person_id, actor=None, at=signatures.ISSUED_AT
    )


def offer(cast: Cast, seal: Certificate, at: datetime, **changes: Any) -> HandOver:
    asked = {"certificate_id": seal.pk, "to_person_id": cast.clerk.person_id, "basis": BASIS, "at": at}
    return keys.offer_device(
        **(asked | {"condition": "Nguyên niêm phong", "actor": cast.seal_keeper.actor()} | changes)
    )


def test_a_device_passes_when_both_sides_have_signed(cast: Cast, seal: Certificate, at: datetime) -> None:
    refused(NotAllowed, lambda: offer(cast, seal, at, actor=cast.clerk.actor()))
    refused(NeedsBasis, lambda: offer(cast, seal, at, basis=" "))
    refused(NotFound, lambda: offer(cast, seal, at, to_person_id=0))
    refused(AlreadyKeeps, lambda: offer(cast, seal, at, to_person_id=cast.seal_keeper.person_id))
    passing = offer(cast, seal, at)
    refused(AlreadyOffered, lambda: offer(cast, seal, at, to_person_id=cast.head.person_id))
    assert seal.device.custodian_id == cast.seal_keeper.person_id
    assert [row.pk for row in queries.list_offers_to(cast.clerk.person_id)] == [passing.pk]
    take = {"hand_over_id": passing.pk, "at": at + timedelta(hours=1)}
    refused(NotFound, lambda: keys.take_device(**take, minutes="Biên bản số 9", actor=cast.seal_keeper.actor()))
    refused(NeedsMinutes, lambda: keys.take_device(**take, minutes=" ", actor=cast.clerk.actor()))
    refused(NotFound, lambda: keys.take_device(hand_over_id=0, minutes="x", actor=cast.clerk.actor(), at=at))
    keys.take_device(**take, minutes="Biên bản số 9", actor=cast.clerk.actor())
    refused(WrongState, lambda: keys.take_device(**take, minutes="Biên bản số 9", actor=cast.clerk.actor()))
    refused(WrongState, lambda: keys.withdraw_offer(**take, actor=cast.clerk.actor()))
    (row,) = queries.list_hand_overs(seal.pk)
    assert (row.state, row.giver, row.taker, row.basis, row.minutes, row.condition) == (
        Passing.TAKEN,
        seal.device.custodian,
        row.settled_by,
        BASIS,
        "Biên bản số 9",
        "Nguyên niêm phong",
    )
    assert [kept.pk for kept in queries.list_devices_kept_by(cast.clerk.person_id)] == [seal.device.pk]
    events = [row.event for row in journal.list_for(("certificate", seal.pk))]
    assert events == ["device.handed_over", "device.offered", "certificate.issued"]


def test_an_offer_is_declined_or_withdrawn_and_the_device_stays(cast: Cast, seal: Certificate, at: datetime) -> None:
    declined = {"hand_over_id": offer(cast, seal, at).pk, "at": at}
    refused(NotFound, lambda: keys.decline_device(**declined, words="x", actor=cast.head.actor()))
    refused(NeedsReason, lambda: keys.decline_device(**declined, words="", actor=cast.clerk.actor()))
    keys.decline_device(**declined, words="Niêm phong đã rách", actor=cast.clerk.actor())
    withdrawn = {"hand_over_id": offer(cast, seal, at).pk, "at": at}
    refused(NotAllowed, lambda: keys.withdraw_offer(**withdrawn, actor=cast.head.actor()))
    keys.withdraw_offer(**withdrawn, actor=cast.administrator.actor())
    assert [row.state for row in queries.list_hand_overs(seal.pk)] == [Passing.WITHDRAWN, Passing.DECLINED]
    assert queries.get_certificate(seal.pk).device.custodian_id == cast.seal_keeper.person_id


def test_a_lost_device_does_not_pass_and_its_certificate_is_revoked_in_the_same_act(
    cast: Cast, seal: Certificate, at: datetime
) -> None:
    passing = offer(cast, seal, at)
    lost = keys.report_lost(certificate_id=seal.pk, actor=cast.seal_keeper.actor(), at=at)
    assert (lost.device.status, lost.revoked_at, lost.revocation_reason) == ("lost", at, "keyCompromise")
    take = {"hand_over_id": passing.pk, "minutes": "Biên bản số 9", "actor": cast.clerk.actor(), "at": at}
    refused(DeviceNotUsable, lambda: keys.take_device(**take))
    keys.withdraw_offer(hand_over_id=passing.pk, actor=cast.seal_keeper.actor(), at=at)
    refused(DeviceNotUsable, lambda: offer(cast, seal, at))


def test_a_persons_own_device_is_never_handed_over(cast: Cast, seal: Certificate, at: datetime) -> None:
    own = keys.issue_person_certificate(
        person_id=cast.head.person_id, post_id=cast.head.post_id, pin=signatures.PIN, actor=None, at=at
    )
    refused(NotFound, lambda: offer(cast, own, at, actor=cast.head.actor()))
    refused(NotFound, lambda: offer(cast, own, at, actor=cast.administrator.actor()))


def test_the_register_lists_every_device_the_first_to_run_out_first(
    cast: Cast, seal: Certificate, at: datetime
) -> None:
    own = keys.issue_person_certificate(
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        pin=signatures.PIN,
        actor=None,
        at=at,
        lasts=timedelta(days=20),
    )
    assert [row.certificate_id for row in queries.list_devices(cast.agency_id)] == [own.pk, seal.pk]
    keys.report_lost(certificate_id=own.pk, actor=cast.head.actor(), at=at)
    assert [row.certificate_id for row in queries.list_devices(cast.agency_id)] == [seal.pk, own.pk]
    assert queries.list_devices(cast.recipient_id) == []


def test_lists_of_revocation_grow_old_in_words(cast: Cast, seal: Certificate, at: datetime) -> None:
    keys.publish_revocation_list(actor=None, at=at)
    week = timedelta(days=7)

    def told(moment: datetime) -> set[tuple[bool, bool]]:
        return {(row.stale, row.ageing) for row in queries.list_freshness(moment)}

    assert told(at + week - timedelta(days=1, seconds=1)) == {(False, False)}
    assert told(at + week - timedelta(days=1)) == {(False, True)}
    assert told(at + week) == {(True, False)}
    ended = max(Authority.objects.values_list("not_after", flat=True))
    assert told(ended - timedelta(seconds=1)) == {(True, False)}
    assert told(ended) == set()
