"""Two of three officers bring a secret back; one alone cannot, whatever he holds; every step stands in the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import permutations

import pytest

from antin.journal import queries as journal
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.keys.policy import CertificateRevoked, SignsElsewhere
from antin.keys.providers.software import SoftwareKey
from antin.people.actor import Actor
from antin.refusal import NotAllowed, NotFound, WrongState
from antin.vault import operations as vault
from antin.vault import queries
from antin.vault.models import PassedHalf, Recovery, RecoveryHalf, RecoveryKey
from antin.vault.policy import (
    AlreadyReader,
    DifferentThree,
    NeedsDecision,
    NoEncryptionCertificate,
    NotAnOfficer,
    NotSealedToYou,
    OwnRecovery,
    ReaderNotCleared,
    RecoveryDamaged,
    SameOfficer,
)
from tests.rooms.vault.test_elsewhere import own_key
from tests.signatures import PIN
from tests.unchanged import refused
from tests.vaults import DECISION, TITLE, Letter, Vaulted, sealed

pytestmark = pytest.mark.django_db
OFFICERS = ("deputy", "office_head", "technique_head")


def asked(house: Vaulted, letter: Letter, at: datetime, person: str = "clerk") -> Recovery:
    person_id = getattr(house, person).person_id
    return vault.ask_recovery(
        classified_id=letter.classified.pk, person_id=person_id, decision=DECISION, actor=house.head, at=at
    )


def step(act: Callable[..., Recovery], recovery: Recovery, actor: Actor, at: datetime) -> Recovery:
    return act(recovery_id=recovery.pk, pin=PIN, actor=actor, at=at)


@pytest.mark.parametrize("pair", list(permutations(OFFICERS, 2)), ids="-".join)
def test_any_two_officers_bring_it_to_a_person(
    house: Vaulted, letter: Letter, opened: Callable[..., bytes], at: datetime, pair: tuple[str, str]
) -> None:
    first, second = pair
    recovery = asked(house, letter, at)
    step(vault.give_half, recovery, getattr(house, first), at)
    refused(NotFound, lambda: opened(letter.title, house.clerk))
    done = step(vault.recover, recovery, getattr(house, second), at)
    assert (done.state, done.first_officer_id, done.second_officer_id) == (
        "done",
        getattr(house, first).person_id,
        getattr(house, second).person_id,
    )
    assert opened(letter.title, house.clerk) == TITLE.encode()
    for officer in OFFICERS:
        refused(NotFound, lambda officer=officer: opened(letter.title, getattr(house, officer)))
    assert PassedHalf.objects.count() == 0
    events = [row.event for row in journal.list_for(("classified", letter.classified.pk))]
    assert events[:5] == [
        "classified.viewed",
        "recovery.done",
        "classified.reader_added",
        "recovery.half_given",
        "recovery.asked",
    ]


def test_one_officer_alone_and_nobody_else_gets_anywhere(house: Vaulted, letter: Letter, at: datetime) -> None:
    recovery = asked(house, letter, at)
    refused(WrongState, lambda: step(vault.recover, recovery, house.deputy, at))
    refused(NotAnOfficer, lambda: step(vault.give_half, recovery, house.head, at))
    refused(NotFound, lambda: step(vault.give_half, recovery, house.recipient_head, at))
    step(vault.give_half, recovery, house.deputy, at)
    refused(WrongState, lambda: step(vault.give_half, recovery, house.office_head, at))
    refused(SameOfficer, lambda: step(vault.recover, recovery, house.deputy, at))
    refused(NotAnOfficer, lambda: step(vault.recover, recovery, house.plan_head, at))
    step(vault.recover, recovery, house.office_head, at)
    refused(WrongState, lambda: step(vault.recover, recovery, house.technique_head, at))


def test_no_officer_opens_it_for_himself(house: Vaulted, letter: Letter, at: datetime) -> None:
    recovery = asked(house, letter, at, "deputy")
    refused(OwnRecovery, lambda: step(vault.give_half, recovery, house.deputy, at))
    step(vault.give_half, recovery, house.office_head, at)
    refused(OwnRecovery, lambda: step(vault.recover, recovery, house.deputy, at))


def test_the_head_asks_by_a_decision_for_somebody_cleared_and_gives_it_up(
    house: Vaulted, letter: Letter, at: datetime
) -> None:
    ask = {"classified_id": letter.classified.pk, "person_id": house.clerk.person_id, "decision": DECISION, "at": at}
    refused(NotAllowed, lambda: vault.ask_recovery(**ask, actor=house.plan_head))
    refused(NotFound, lambda: vault.ask_recovery(**ask, actor=house.recipient_head))
    refused(NeedsDecision, lambda: vault.ask_recovery(**ask | {"decision": " "}, actor=house.head))
    uncleared = ask | {"person_id": house.technique_officer.person_id}
    refused(ReaderNotCleared, lambda: vault.ask_recovery(**uncleared, actor=house.head))
    recovery = vault.ask_recovery(**ask, actor=house.head)
    refused(AlreadyReader, lambda: vault.ask_recovery(**ask, actor=house.head))
    step(vault.give_half, recovery, house.deputy, at)
    withdraw = {"recovery_id": recovery.pk, "at": at}
    refused(NotAllowed, lambda: vault.withdraw_recovery(**withdraw, actor=house.deputy))
    vault.withdraw_recovery(**withdraw, actor=house.head)
    assert PassedHalf.objects.count() == 0
    refused(WrongState, lambda: vault.withdraw_recovery(**withdraw, actor=house.head))
    refused(WrongState, lambda: step(vault.recover, recovery, house.office_head, at))


def test_the_key_is_named_by_the_head_to_three_who_have_keys(house: Vaulted, at: datetime) -> None:
    three = [house.deputy.person_id, house.clerk.person_id, house.plan_head.person_id]
    name = {"officers": three, "decision": "09/QĐ-TCZ", "at": at}
    refused(NotAllowed, lambda: vault.establish_recovery(**name, actor=house.deputy))
    refused(NotAllowed, lambda: vault.establish_recovery(**name, actor=house.plan_head))
    refused(NeedsDecision, lambda: vault.establish_recovery(**name | {"decision": ""}, actor=house.head))
    for wrong in (three[:2], [*three, house.head.person_id], [three[0], three[0], three[1]]):
        refused(
            DifferentThree,
            lambda wrong=wrong: vault.establish_recovery(**name | {"officers": wrong}, actor=house.head),
        )
    keyless = [*three[:2], house.technique_officer.person_id]
    refused(NoEncryptionCertificate, lambda: vault.establish_recovery(**name | {"officers": keyless}, actor=house.head))


def test_what_was_begun_under_an_older_key_stays_with_its_officers(
    house: Vaulted, letter: Letter, opened: Callable[..., bytes], at: datetime
) -> None:
    three = [house.clerk.person_id, house.plan_head.person_id, house.deputy.person_id]
    newer = vault.establish_recovery(officers=three, decision="09/QĐ-TCZ", actor=house.head, at=at)
    assert queries.get_recovery_key(house.head.agency_id) == newer
    assert RecoveryKey.objects.get(pk=house.recovery_key.pk).retired_at == at
    later = sealed(letter.classified, "comment", b"x", house.plan_officer, at)
    recovery = asked(house, letter, at)
    refused(NotAnOfficer, lambda: step(vault.give_half, recovery, house.plan_head, at))
    step(vault.give_half, recovery, house.office_head, at)
    step(vault.recover, recovery, house.technique_head, at)
    assert opened(later, house.clerk) == b"x"


def test_halves_that_were_touched_or_exchanged_open_nothing(house: Vaulted, letter: Letter, at: datetime) -> None:
    recovery = asked(house, letter, at)
    one, other = queries.list_halves(house.recovery_key.pk, house.deputy.person_id)
    RecoveryHalf.objects.filter(pk=one.pk).update(sealed=other.sealed)
    step(vault.give_half, recovery, house.deputy, at)
    partner = next(name for name in OFFICERS[1:] if getattr(house, name).person_id == one.partner_id)
    refused(RecoveryDamaged, lambda: step(vault.recover, recovery, getattr(house, partner), at))
    PassedHalf.objects.update(sealed=b"\x30\x00")
    refused(RecoveryDamaged, lambda: step(vault.recover, recovery, getattr(house, partner), at))
    PassedHalf.objects.all().delete()
    refused(RecoveryDamaged, lambda: step(vault.recover, recovery, getattr(house, partner), at))


def test_a_reader_who_lost_his_key_gets_it_back_too(
    house: Vaulted, letter: Letter, opened: Callable[..., bytes], at: datetime
) -> None:
    officer = house.plan_officer
    lost = certificates.find_encryption_certificate(officer.person_id, at)
    assert lost is not None
    keys.report_lost(certificate_id=lost.pk, actor=officer, at=at)
    keys.issue_encryption_certificate(pin=PIN, actor=officer, at=at)
    recovery = asked(house, letter, at, "plan_officer")
    step(vault.give_half, recovery, house.office_head, at)
    step(vault.recover, recovery, house.deputy, at)
    assert opened(letter.body, officer) == b"{}"
    assert [reader.need for reader in queries.list_readers(letter.classified.pk)] == ["drafter"]


def lent(recovery: Recovery, officer: Actor, key: SoftwareKey, at: datetime) -> vault.DeviceKeys:
    """What an officer's own device opens in the step that is next."""
    locked = vault.lock_halves(recovery_id=recovery.pk, actor=officer, at=at)
    return vault.DeviceKeys({place: key.unwrap(each) for place, each in enumerate(locked.locks)})


def test_officers_with_keys_on_their_own_devices_bring_it_to_one_who_reads_with_his(
    house: Vaulted, letter: Letter, at: datetime
) -> None:
    devices = {name: own_key(house, name, at) for name in ("deputy", "office_head", "technique_head", "clerk")}
    three = [getattr(house, name).person_id for name in OFFICERS]
    vault.establish_recovery(officers=three, decision="09/QĐ-TCZ", actor=house.head, at=at)
    begun = vault.begin(level=1, actor=house.plan_officer, at=at)
    sealed(begun, "title", TITLE.encode(), house.plan_officer, at)
    ask = {"classified_id": begun.pk, "decision": DECISION, "actor": house.head, "at": at}
    recovery = vault.ask_recovery(**ask, person_id=house.clerk.person_id)
    other = vault.ask_recovery(**ask, person_id=house.plan_head.person_id)
    first, second, third = (getattr(house, name) for name in OFFICERS)
    seen = len(journal.list_for(("classified", begun.pk)))
    opening = lent(recovery, first, devices["deputy"], at)
    assert len(journal.list_for(("classified", begun.pk))) == seen
    refused(SignsElsewhere, lambda: step(vault.give_half, recovery, first, at))
    give = {"recovery_id": recovery.pk, "actor": first, "at": at}
    refused(NotSealedToYou, lambda: vault.give_half(**give, pin=vault.DeviceKeys({0: opening.keys[0]})))
    turned = vault.DeviceKeys({0: opening.keys[1], 1: opening.keys[0]})
    refused(RecoveryDamaged, lambda: vault.give_half(**give, pin=turned))
    refused(RecoveryDamaged, lambda: vault.give_half(**give, pin=vault.DeviceKeys({0: b"x", 1: bytes(32)})))
    refused(NotAnOfficer, lambda: vault.lock_halves(recovery_id=recovery.pk, actor=house.head, at=at))
    vault.give_half(**give, pin=opening)
    refused(SameOfficer, lambda: vault.lock_halves(recovery_id=recovery.pk, actor=first, at=at))

    # What he opened for the first step opens nothing in the second, nor does what another's device opened of another ceremony.
    vault.give_half(recovery_id=other.pk, pin=lent(other, third, devices["technique_head"], at), actor=third, at=at)
    join = {"recovery_id": recovery.pk, "actor": second, "at": at}
    refused(RecoveryDamaged, lambda: vault.recover(**join, pin=opening))
    foreign = lent(other, second, devices["office_head"], at)
    refused(RecoveryDamaged, lambda: vault.recover(**join, pin=foreign))
    vault.recover(**join, pin=lent(recovery, second, devices["office_head"], at))
    refused(WrongState, lambda: vault.lock_halves(recovery_id=recovery.pk, actor=third, at=at))

    # The person was given it on his own device.
    locked = vault.lock_elsewhere(classified_id=begun.pk, actor=house.clerk, at=at)
    keys_ = {content.pk: devices["clerk"].unwrap(wrapped) for content, wrapped in locked.locks}
    unlocked = vault.unlock_lent(classified_id=begun.pk, lent=vault.DeviceKeys(keys_), actor=house.clerk, at=at)
    read = vault.read(unlocked=unlocked, actor=house.clerk, at=at)
    assert [each.content for each in read.values()] == [TITLE.encode()]


def test_one_by_his_pin_and_one_by_his_device_are_two_and_the_third_may_have_lost_his_key(
    house: Vaulted, letter: Letter, opened: Callable[..., bytes], at: datetime
) -> None:
    device = own_key(house, "deputy", at)
    three = [getattr(house, name).person_id for name in OFFICERS]
    vault.establish_recovery(officers=three, decision="09/QĐ-TCZ", actor=house.head, at=at)
    begun = vault.begin(level=1, actor=house.plan_officer, at=at)
    title = sealed(begun, "title", TITLE.encode(), house.plan_officer, at)
    ask = {"classified_id": begun.pk, "person_id": house.clerk.person_id, "decision": DECISION, "actor": house.head}
    recovery = vault.ask_recovery(**ask, at=at)
    lost = certificates.find_encryption_certificate(house.technique_head.person_id, at)
    assert lost is not None
    keys.report_lost(certificate_id=lost.pk, actor=house.technique_head, at=at)
    step(vault.give_half, recovery, house.office_head, at)
    assert [each.partner_id for each in PassedHalf.objects.all()] == [house.deputy.person_id]
    lending = lent(recovery, house.deputy, device, at)
    foreign = vault.DeviceKeys({0: bytes(32), 1: bytes(32)})
    older = asked(house, letter, at)
    refused(NotSealedToYou, lambda: vault.lock_halves(recovery_id=older.pk, actor=house.deputy, at=at))
    vault.recover(recovery_id=recovery.pk, pin=lending, actor=house.deputy, at=at)
    assert opened(title, house.clerk) == TITLE.encode()

    # Keys are lent by devices only: not by whoever holds a key that the node keeps.
    give = {"recovery_id": older.pk, "at": at}
    refused(NotSealedToYou, lambda: vault.give_half(**give, pin=foreign, actor=house.office_head))
    refused(CertificateRevoked, lambda: vault.give_half(**give, pin=PIN, actor=house.technique_head))
    first = queries.list_halves(house.recovery_key.pk, house.deputy.person_id)[0].certificate
    keys.report_lost(certificate_id=first.pk, actor=house.deputy, at=at)
    refused(CertificateRevoked, lambda: vault.give_half(**give, pin=PIN, actor=house.office_head))
