"""Recovery by two of three officers: three pairs, each pair holding the recovery key as two halves that say nothing alone.

The key is made in memory, split by exclusive or for every pair, its halves sealed to their officers, and forgotten. In a
recovery the first officer's halves go, sealed, to each partner; the second joins his own with it, in memory, for that one act.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction

from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.keys.models import Certificate
from antin.keys.policy import CertificateRevoked, day
from antin.keys.providers import Key, Wrapped
from antin.keys.providers.software import SoftwareKey
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.vault import policy, queries, suites
from antin.vault.models import PassedHalf, Recovery, RecoveryHalf, RecoveryKey
from antin.vault.operations.contents import unlocked_key
from antin.vault.operations.elsewhere import DeviceKeys, Opening, opens_elsewhere
from antin.vault.operations.readers import check_reader, refuse_if_changed, write_reader, write_wraps
from antin.vault.queries import Opener
from antin.vault.states import Ceremony, Need

CURVE = ec.SECP384R1()
SIZE = CURVE.key_size // 8


@dataclass(frozen=True)
class HalvesLocked:
    """What an officer's own device opens in his step of a ceremony; the keys come back by their places here, from 0."""

    recovery: Recovery
    certificate: Certificate
    locks: list[Wrapped]


def establish_recovery(*, officers: Sequence[int], decision: str, actor: Actor, at: datetime) -> RecoveryKey:
    """Make the recovery key of the actor's agency and give it to three officers.

    One before it is retired: what was begun under it stays with its own officers.

    :raises NotAllowed: DifferentThree: NeedsDecision: NoEncryptionCertificate:
    """
    refuse(policy.why_not_establish(actor, list(officers), decision))
    held = {officer: _certificate_of(officer, at) for officer in officers}
    private = ec.generate_private_key(CURVE)
    whole = private.private_numbers().private_value.to_bytes(SIZE, "big")
    with transaction.atomic():
        RecoveryKey.objects.filter(agency_id=actor.agency_id, retired_at=None).update(retired_at=at)
        key = RecoveryKey.objects.create(
            agency_id=actor.agency_id,
            public=private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            decision=decision.strip(),
            established_by_id=actor.person_id,
            established_at=at,
        )
        suite = suites.newest()
        halves = []
        for one, other in combinations(officers, 2):
            mask = secrets.token_bytes(SIZE)
            for officer, partner, half in ((one, other, mask), (other, one, _xor(whole, mask))):
                halves.append(
                    RecoveryHalf(
                        recovery_key=key,
                        officer_id=officer,
                        partner_id=partner,
                        certificate=held[officer],
                        suite=suite.name,
                        sealed=_sealed(suite, half, held[officer]),
                    )
                )
        RecoveryHalf.objects.bulk_create(halves)
        journal.record(
            "recovery.established",
            subject=("recovery_key", key.pk),
            actor=actor,
            at=at,
            agency_id=actor.agency_id,
            officers=sorted(officers),
            decision=decision.strip(),
        )
    return key


def _certificate_of(person_id: int, at: datetime) -> Certificate:
    found = certificates.find_encryption_certificate(person_id, at)
    if found is None:
        raise policy.NoEncryptionCertificate(name=people.get_person(person_id).name)
    return found


def _sealed(suite: suites.Suite, half: bytes, certificate: Certificate) -> bytes:
    content_key = suite.fresh_key()
    body = suite.close(half, content_key)
    return suite.message(body, [suite.lock_for(content_key, bytes(certificate.certificate))])


@transaction.atomic
def ask_recovery(*, classified_id: int, person_id: int, decision: str, actor: Actor, at: datetime) -> Recovery:
    """The head asks the officers to bring something to a person, by a decision.

    :raises NotFound: NotAllowed: WrongState: NeedsDecision:
    :raises ReaderNotCleared: NoEncryptionCertificate: AlreadyReader: the person cannot read it, already does, or is being given it
    """
    classified = queries.lock(classified_id)
    refuse(policy.why_not_ask_recovery(actor, classified, decision))
    certificate = check_reader(classified, person_id, at=at)
    if queries.has_open_recovery(classified_id, person_id):
        raise policy.AlreadyReader(name=certificate.name)
    recovery = Recovery.objects.create(
        classified=classified,
        recovery_key_id=classified.recovery_key_id,
        person_id=person_id,
        decision=decision.strip(),
        asked_by_id=actor.person_id,
        asked_at=at,
    )
    _record("asked", recovery, actor=actor, at=at)
    return recovery


@transaction.atomic
def withdraw_recovery(*, recovery_id: int, actor: Actor, at: datetime) -> Recovery:
    """The head gives it up; what the first officer left is deleted. :raises NotFound: NotAllowed: WrongState:"""
    recovery = queries.lock_recovery(recovery_id)
    refuse(policy.why_not_ask_recovery(actor, recovery.classified, recovery.decision))
    if recovery.state != Ceremony.HALF:
        refuse(policy.why_not_step(recovery, Ceremony.ASKED))
    recovery.state, recovery.settled_at = Ceremony.WITHDRAWN, at
    recovery.save(update_fields=["state", "settled_at"])
    recovery.passed.all().delete()
    _record("withdrawn", recovery, actor=actor, at=at)
    return recovery


def lock_halves(*, recovery_id: int, actor: Actor, at: datetime) -> HalvesLocked:
    """What the officer's device needs for the step that is next. Alone it opens nothing, so nothing is journalled.

    :raises NotFound: NotAnOfficer: SameOfficer: OwnRecovery: WrongState: RecoveryDamaged: as the steps themselves
    :raises NotSealedToYou: his part is not sealed to a key on a device of his own that may still be used
    """
    recovery = queries.get_recovery(recovery_id)
    first = recovery.state == Ceremony.ASKED
    _check_officer(recovery, Ceremony.ASKED if first else Ceremony.HALF, actor)
    asked = queries.list_halves(recovery.recovery_key_id, actor.person_id) if first else _to_join(recovery, actor)
    certificate = asked[0].certificate
    if any(half.certificate_id != certificate.pk for half in asked) or not opens_elsewhere(certificate, at):
        raise policy.NotSealedToYou
    try:
        return HalvesLocked(recovery, certificate, [_wrapped(half) for half in asked])
    except (suites.Tampered, IndexError) as wrong:
        raise policy.RecoveryDamaged from wrong


def give_half(*, recovery_id: int, pin: Opening, actor: Actor, at: datetime) -> Recovery:
    """The first officer opens his halves and leaves each, sealed, to its partner. Nothing can be opened yet.

    It is sealed to the key that the partner's own half is sealed to: without that one the two could not be joined. Whose key was
    revoked is left out, for two of three are enough. Not in a transaction.

    :raises NotFound: NotAnOfficer: OwnRecovery: WrongState:
    :raises RecoveryDamaged: CertificateRevoked: his own key, or those of both others; and the refusals of a PIN
    :raises NotSealedToYou: keys were lent that are not all of them, or not of a device of his own
    """
    recovery = queries.get_recovery(recovery_id)
    _check_officer(recovery, Ceremony.ASKED, actor)
    suite = suites.newest()
    halves = queries.list_halves(recovery.recovery_key_id, actor.person_id)
    partners = {each.officer_id: each.certificate for each in queries.list_partners(halves)}
    left = [half for half in halves if not _revoked(partners[half.partner_id], at)]
    if not left:
        raise _no_longer(partners[halves[0].partner_id])
    passed = []
    for half, clear in zip(halves, _open_halves(halves, opening=pin, actor=actor, at=at), strict=True):
        if half not in left:
            continue
        partner = partners[half.partner_id]
        passed.append(
            PassedHalf(
                recovery=recovery,
                partner_id=half.partner_id,
                certificate=partner,
                suite=suite.name,
                sealed=_sealed(suite, clear, partner),
            )
        )
    with transaction.atomic():
        recovery = queries.lock_recovery(recovery_id)
        _check_officer(recovery, Ceremony.ASKED, actor)
        PassedHalf.objects.bulk_create(passed)
        recovery.state, recovery.first_officer_id, recovery.first_at = Ceremony.HALF, actor.person_id, at
        recovery.save(update_fields=["state", "first_officer", "first_at"])
        _record("half_given", recovery, actor=actor, at=at)
    return recovery


def recover(*, recovery_id: int, pin: Opening, actor: Actor, at: datetime) -> Recovery:
    """The second officer joins the halves in memory, and every content's key is wrapped to the person; no content is opened.

    Not in a transaction.

    :raises NotFound: NotAnOfficer: SameOfficer: OwnRecovery: WrongState:
    :raises RecoveryDamaged: ReaderNotCleared: NoEncryptionCertificate: ChangedMeanwhile: and the refusals of a PIN
    :raises NotSealedToYou: as in `give_half`
    """
    recovery = queries.get_recovery(recovery_id)
    _check_officer(recovery, Ceremony.HALF, actor)
    key = _join(recovery, opening=pin, actor=actor, at=at)
    classified_id = recovery.classified_id
    wraps = queries.list_recovery_wraps(classified_id, recovery.recovery_key_id)
    contents = [wrap.content for wrap in wraps]
    opened = {wrap.content_id: unlocked_key(wrap, wrap.content.suite, key) for wrap in wraps}
    with transaction.atomic():
        classified = queries.lock(classified_id)
        recovery = queries.lock_recovery(recovery_id)
        _check_officer(recovery, Ceremony.HALF, actor)
        certificate = check_reader(classified, recovery.person_id, at=at)
        refuse_if_changed(contents, classified_id)
        reader = queries.find_reader(classified_id, recovery.person_id)
        if reader is None:
            reader = write_reader(classified, recovery.person_id, Need.RECOVERED, actor=actor, at=at)
        reader.wraps.filter(certificate=certificate).delete()
        write_wraps(contents, opened, Opener(reader, certificate))
        recovery.passed.all().delete()
        recovery.state, recovery.second_officer_id, recovery.settled_at = Ceremony.DONE, actor.person_id, at
        recovery.save(update_fields=["state", "second_officer", "settled_at"])
        _record("done", recovery, actor=actor, at=at)
    return recovery


def _check_officer(recovery: Recovery, expected: Ceremony, actor: Actor) -> None:
    officers = queries.list_officers(recovery.recovery_key_id)
    refuse(policy.why_not_officiate(actor, recovery.recovery_key, officers, recovery))
    refuse(policy.why_not_step(recovery, expected))
    if recovery.first_officer_id == actor.person_id:
        raise policy.SameOfficer


def _to_join(recovery: Recovery, actor: Actor) -> list[RecoveryHalf | PassedHalf]:
    """The second officer's own half with the first, and what that one left him. :raises RecoveryDamaged: one of them is gone"""
    halves = queries.list_halves(recovery.recovery_key_id, actor.person_id)
    own = next((half for half in halves if half.partner_id == recovery.first_officer_id), None)
    left = queries.find_passed_half(recovery.pk, actor.person_id)
    if own is None or left is None:
        raise policy.RecoveryDamaged
    return [own, left]


def _join(recovery: Recovery, *, opening: Opening, actor: Actor, at: datetime) -> SoftwareKey:
    """The recovery key whole, from the actor's half and what the first officer left him. :raises RecoveryDamaged:"""
    mine, other = _open_halves(_to_join(recovery, actor), opening=opening, actor=actor, at=at)
    try:
        private = ec.derive_private_key(int.from_bytes(_xor(mine, other), "big"), CURVE)
    except ValueError as wrong:
        raise policy.RecoveryDamaged from wrong
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if public != bytes(recovery.recovery_key.public):
        raise policy.RecoveryDamaged
    return SoftwareKey(private)


def _open_halves(
    halves: Sequence[RecoveryHalf | PassedHalf], *, opening: Opening, actor: Actor, at: datetime
) -> list[bytes]:
    """Halves in clear, in memory, by the officer's PIN or by what his own device opened of them."""
    found = []
    for place, half in enumerate(halves):
        if _revoked(half.certificate, at):
            raise _no_longer(half.certificate)
        if isinstance(opening, DeviceKeys):
            if place not in opening.keys or not opens_elsewhere(half.certificate, at):
                raise policy.NotSealedToYou
            found.append(_half(half, opening.keys[place]))
            continue
        key = keys.open_reader(certificate_id=half.certificate_id, pin=opening, actor=actor, at=at)
        found.append(_half(half, key))
    return found


def _half(half: RecoveryHalf | PassedHalf, key: bytes | Key) -> bytes:
    """One half, by its content key or by the key that this is closed to. :raises RecoveryDamaged:"""
    try:
        suite = suites.named(half.suite)
        body, locks = suite.parts(bytes(half.sealed))
        clear = suite.open(body, key if isinstance(key, bytes) else suite.unlock(locks[0], key))
    except (suites.Tampered, suites.NotForThisKey, IndexError) as wrong:
        raise policy.RecoveryDamaged from wrong
    if len(clear) != SIZE:
        raise policy.RecoveryDamaged
    return clear


def _wrapped(half: RecoveryHalf | PassedHalf) -> Wrapped:
    suite = suites.named(half.suite)
    _body, locks = suite.parts(bytes(half.sealed))
    return suite.wrapped(locks[0])


def _revoked(certificate: Certificate, at: datetime) -> bool:
    return certificate.revoked_at is not None and certificate.revoked_at <= at


def _no_longer(certificate: Certificate) -> CertificateRevoked:
    assert certificate.revoked_at is not None
    return CertificateRevoked(name=certificate.name, day=day(certificate.revoked_at))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _record(event: str, recovery: Recovery, *, actor: Actor, at: datetime) -> None:
    journal.record(
        f"recovery.{event}",
        subject=("classified", recovery.classified_id),
        actor=actor,
        at=at,
        agency_id=recovery.recovery_key.agency_id,
        recovery=recovery.pk,
        person=recovery.person_id,
        decision=recovery.decision,
    )
