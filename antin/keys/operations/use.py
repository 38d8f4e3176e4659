"""Keys in use: opened by a PIN for one act. Wrong ones are counted, whoever makes them and however many at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from django.db import transaction
from django.db.models import F

from antin.journal import operations as journal
from antin.keys import keepers, policy, queries
from antin.keys.models import Certificate, KeyDevice
from antin.keys.policy import PinMissing, WrongPin
from antin.keys.providers import (
    CannotUnwrap,
    DeviceTrouble,
    Key,
    KeyMissing,
    PublicKey,
    Wrapped,
    WrongSecret,
    size_of_signature,
)
from antin.keys.providers.tokens import prove
from antin.keys.states import Device, Purpose, Standing, Subject
from antin.people.actor import Actor
from antin.refusal import refuse

TRIES = 5
FIRST_LOCK, LONGEST_LOCK = timedelta(minutes=15), timedelta(days=1)


@dataclass(frozen=True)
class Signer:
    """An opened key with its certificate and those above it without the root: what a signature needs."""

    certificate: bytes
    chain: tuple[bytes, ...]
    key: Key


class _Worded:
    """A key of a device that may vanish while it is used: its troubles become refusals in words."""

    def __init__(self, key: Key, device: KeyDevice) -> None:
        self._key, self._device = key, device

    @property
    def public(self) -> PublicKey:
        return self._key.public

    @property
    def signature_size(self) -> int:
        return self._key.signature_size

    def sign(self, data: bytes, digest: str) -> bytes:
        try:
            return self._key.sign(data, digest)
        except DeviceTrouble as trouble:
            raise policy.worded(trouble, self._device.label) from trouble
        except WrongSecret as wrong:  # a signing service proves PIN and OTP with the hash, and counts by itself
            raise policy.RemoteWrongPin(label=self._device.label) from wrong

    def unwrap(self, wrapped: Wrapped) -> bytes:
        try:
            return self._key.unwrap(wrapped)
        except DeviceTrouble as trouble:
            raise policy.worded(trouble, self._device.label) from trouble


def open_signer(*, certificate_id: int, pin: str | None, at: datetime) -> Signer:
    """Open the key of a certificate. A person's key needs the PIN; wrong ones are counted and lock the key for a while.

    Must not be called inside a transaction: the count has to outlive a refusal.

    :raises NotFound: no such certificate
    :raises CertificateNotForSigning: its key opens sealed contents, and never signs
    :raises CertificateExpired: CertificateRevoked: CertificateNotYetValid: it may not be used at that moment
    :raises DeviceNotUsable: the device was lost, returned or destroyed
    :raises PinMissing: a person's key and no PIN
    :raises PinWasGiven: its PIN was set by an administrator: its holder changes it first
    :raises KeepersPinMissing: an agency's token whose PIN only its keeper has, and he is not there
    :raises WrongPin: with the number of tries left
    :raises DeviceLocked: TokenBlocked: too many wrong PINs, by our count or by the device's own
    :raises DeviceAbsent: DeviceFaulty: KeyNotOnDevice: the device is not there, or does not do its work
    :raises SignsElsewhere: the device is at the signer's own machine
    """
    certificate = queries.get_certificate(certificate_id)
    if certificate.purpose != Purpose.SIGNING:
        raise policy.CertificateNotForSigning
    refuse(policy.why_not_use(certificate, at))
    return Signer(bytes(certificate.certificate), queries.chain_of(certificate), _key_of(certificate, pin, at=at))


def open_reader(*, certificate_id: int, pin: str, actor: Actor, at: datetime) -> Key:
    """Open the actor's own key to which contents were sealed; it unwraps content keys for one act.

    One that has expired still opens what was sealed while it was good; one that was revoked opens nothing.
    Not inside a transaction.

    :raises NotFound: no such certificate, or another's
    :raises CertificateNotForOpening: its key signs
    :raises CertificateRevoked: CertificateNotYetValid:
    :raises PinMissing: WrongPin: DeviceLocked: and what else `open_signer` raises of the device
    """
    certificate = queries.get_certificate(certificate_id)
    refuse(policy.why_not_hold(certificate, actor))
    if certificate.purpose != Purpose.ENCRYPTION:
        raise policy.CertificateNotForOpening
    if certificate.standing(at) != Standing.EXPIRED:
        refuse(policy.why_not_use(certificate, at))
    return _key_of(certificate, pin, at=at)


def _key_of(certificate: Certificate, pin: str | None, *, at: datetime) -> Key:
    if certificate.subject == Subject.PERSON and not pin:
        raise PinMissing
    device = certificate.device
    refuse(policy.why_not_by_this_pin(device))
    asked = certificate.subject == Subject.AGENCY and keepers.asks_keeper(device)
    if asked and not pin:
        raise policy.KeepersPinMissing(label=device.label)
    secret = pin if asked or certificate.subject == Subject.PERSON else None
    key = _open(device, secret, at=at)
    if device.kind == Device.SOFTWARE:
        return key
    if key.public != x509.load_der_x509_certificate(bytes(certificate.certificate)).public_key():
        raise policy.KeyNotOnDevice(label=device.label)
    return _Worded(key, device)


class _Elsewhere:
    """Stands for a key that signed on its holder's own machine: gives that signature, once it is proved to be over these data."""

    def __init__(self, certificate: bytes, signature: bytes, label: str) -> None:
        public = x509.load_der_x509_certificate(certificate).public_key()
        assert isinstance(public, PublicKey)
        self.public, self._signature, self._label = public, signature, label
        self.signature_size = size_of_signature(public)

    def sign(self, data: bytes, digest: str) -> bytes:
        try:
            prove(self.public, self._signature, hashlib.new(digest, data).digest(), digest)
        except DeviceTrouble as trouble:
            raise policy.worded(trouble, self._label) from trouble
        return self._signature

    def unwrap(self, wrapped: Wrapped) -> bytes:
        raise CannotUnwrap("its holder's machine opens it")


def open_elsewhere(*, certificate_id: int, signature: bytes, at: datetime) -> Signer:
    """Stand for a key on its holder's own machine, with the signature that it made there.

    :raises NotFound: no such certificate
    :raises CertificateNotForSigning: its key opens sealed contents, and never signs
    :raises CertificateExpired: CertificateRevoked: CertificateNotYetValid: it may not be used at that moment
    :raises DeviceNotUsable: the device was lost, returned or destroyed
    :raises SignsHere: its key is within the node's reach: it is opened by its PIN
    """
    certificate = queries.get_certificate(certificate_id)
    if certificate.purpose != Purpose.SIGNING:
        raise policy.CertificateNotForSigning
    refuse(policy.why_not_use(certificate, at))
    device = certificate.device
    refuse(policy.why_not_open(device, at))
    if device.kind != Device.AGENT:
        raise policy.SignsHere
    der = bytes(certificate.certificate)
    return Signer(der, queries.chain_of(certificate), _Elsewhere(der, signature, device.label))


def _open(device: KeyDevice, secret: str | None, *, at: datetime) -> Key:
    """Open the key; a PIN not yet proven in this process is charged as a try first, so that guesses made at once all count."""
    refuse(policy.why_not_open(device, at))
    provider = keepers.of(device.kind)
    try:
        if secret is None or provider.is_open(device.reference, secret):
            return provider.open(device.reference, secret)
        charged = _charge_try(device.certificate_id, at=at)
        try:
            key = provider.open(device.reference, secret)
        except WrongSecret as wrong:
            left = -charged.failures % TRIES
            if left == 0:
                refuse(policy.why_not_open(charged, at))
            raise WrongPin(left=left if wrong.left is None else min(left, wrong.left)) from wrong
        except (DeviceTrouble, KeyMissing):
            _give_back_try(device)
            raise
    except DeviceTrouble as trouble:
        raise policy.worded(trouble, device.label) from trouble
    except KeyMissing as missing:
        raise policy.KeyNotOnDevice(label=device.label) from missing
    except WrongSecret as unknown:
        raise policy.NoOwnPin(label=device.label) from unknown
    KeyDevice.objects.filter(pk=device.pk).update(failures=0, locked_until=None)
    return key


def _give_back_try(device: KeyDevice) -> None:
    """No PIN was tried after all: the count stands as it stood."""
    held = KeyDevice.objects.filter(pk=device.pk, failures__gt=0)
    held.update(failures=F("failures") - 1, locked_until=device.locked_until)


@transaction.atomic(durable=True)
def _charge_try(certificate_id: int, *, at: datetime) -> KeyDevice:
    """Count one try. Each fifth in a row locks the key: 15 minutes, then twice as long each time, up to a day."""
    device = queries.lock_device(certificate_id)
    refuse(policy.why_not_open(device, at))
    device.failures = F("failures") + 1
    device.save(update_fields=["failures"])
    device.refresh_from_db(fields=["failures"])
    if device.failures % TRIES == 0:
        device.locked_until = at + min(FIRST_LOCK * 2 ** (device.failures // TRIES - 1), LONGEST_LOCK)
        device.save(update_fields=["locked_until"])
    return device


def change_pin(*, certificate_id: int, old: str, new: str, actor: Actor, at: datetime) -> None:
    """Put a person's key under another PIN. Only the person himself does it.

    :raises NotFound: no such certificate, or not this person's
    :raises WeakPin: the new PIN is too short, one repeated character or the old one
    :raises WrongPin: DeviceLocked: as in open_signer
    :raises DeviceAbsent: DeviceFaulty: SignsElsewhere: the device is not there, or changes its PIN elsewhere
    """
    certificate = queries.get_certificate(certificate_id)
    refuse(policy.why_not_hold(certificate, actor))
    refuse(policy.why_not_pin(new, old))
    _open(certificate.device, old, at=at)
    device = certificate.device
    try:
        keepers.of(device.kind).change_secret(device.reference, old, new)
    except WrongSecret as unfit:  # the old one has just been proved: the token does not take the new one
        raise policy.WeakPin(least=policy.LEAST_PIN) from unfit
    except DeviceTrouble as trouble:
        raise policy.worded(trouble, device.label) from trouble
    with transaction.atomic():
        KeyDevice.objects.filter(pk=device.pk).update(pin_given=False)
        journal.record("pin.changed", subject=("certificate", certificate.id), actor=actor, at=at)
