"""Running the demonstration PKI and keeping private keys in custody.

Key work is done with no transaction open: prepare (read) -> do (provider) -> conclude (write).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from antin.files import operations as files
from antin.journal import operations as journal
from antin.keys import images, keepers, ocsp, pki, policy, queries, timestamping
from antin.keys.models import Authority, Certificate, KeyDevice, RevocationList, TrustAnchor
from antin.keys.policy import AlreadyRevoked, AlreadyTrusted, BadAuthorityFile, PinMissing, WrongPin
from antin.keys.providers import DeviceTrouble, Key, KeyMissing, Kind, PublicKey, Wrapped, WrongSecret
from antin.keys.states import Device, DeviceStatus, Reason, Role, Subject
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse

YEAR = timedelta(days=365)
ROOT_LASTS, ISSUING_LASTS, TIMESTAMP_LASTS = 20 * YEAR, 10 * YEAR, 10 * YEAR
CERTIFICATE_LASTS = 3 * YEAR
LIST_LASTS, LIST_EVERY = timedelta(days=7), timedelta(days=1)
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

    def unwrap(self, wrapped: Wrapped) -> bytes:
        try:
            return self._key.unwrap(wrapped)
        except DeviceTrouble as trouble:
            raise policy.worded(trouble, self._device.label) from trouble


# The authority


def establish(*, name: str, organisation: str, actor: Actor | None, at: datetime) -> Authority:
    """Make this node's root, issuing and timestamp authorities, trust the root and publish the first lists; once.

    Returns the issuing authority, also when it was there already.

    :raises NotAllowed: the actor does not administer the whole house
    """
    refuse(policy.why_not_run_authority(actor))
    found = queries.find_authority(Role.ISSUING)
    if found is not None:
        return found
    provider = keepers.of(Device.SOFTWARE)
    plan = [
        (Role.ROOT, _("%(name)s - Gốc") % {"name": name}, ROOT_LASTS),
        (Role.ISSUING, _("%(name)s - Cấp chứng thư số") % {"name": name}, ISSUING_LASTS),
        (Role.TIMESTAMP, _("%(name)s - Dấu thời gian") % {"name": name}, TIMESTAMP_LASTS),
    ]
    made: list[Authority] = []
    above: tuple[x509.Certificate | None, Key | None] = (None, None)
    for role, words, lasts in plan:
        reference = provider.create(None)
        key = provider.open(reference, None)
        issuer, issuer_key = above
        der = pki.authority(
            role=role,
            name=pki.authority_name(words, organisation),
            public=key.public,
            key=pki.IssuingKey(issuer_key or key),
            issuer=issuer,
            at=at,
            until=at + lasts,
        )
        certificate = x509.load_der_x509_certificate(der)
        made.append(Authority(role=role, name=words, certificate=der, reference=reference, **_range(certificate)))
        if role != Role.TIMESTAMP:
            above = (certificate, key)
    try:
        _keep_authorities(made, actor=actor, at=at)
    except IntegrityError:  # another process was first; its authorities count, ours never existed
        for authority in made:
            provider.destroy(authority.reference)
    publish_revocation_list(actor=actor, at=at)
    return queries.get_authority(Role.ISSUING)


@transaction.atomic
def _keep_authorities(made: list[Authority], *, actor: Actor | None, at: datetime) -> None:
    root, issuing, timestamp = made
    root.save()
    issuing.issuer = root
    issuing.save()
    timestamp.issuer = issuing
    timestamp.save()
    for authority in made:
        journal.record(
            "authority.established",
            subject=("authority", authority.id),
            actor=actor,
            at=at,
            role=authority.role,
            name=authority.name,
            fingerprint=pki.fingerprint(authority.certificate),
        )
    _trust(
        bytes(root.certificate),
        trusted_from=root.not_before,
        reason=_("Chứng thực gốc của hệ thống"),
        actor=actor,
        at=at,
    )


def add_trust_anchor(*, certificate: bytes, reason: str, actor: Actor | None, at: datetime) -> TrustAnchor:
    """Trust another root from its beginning on. The certificate is DER or PEM.

    :raises NotAllowed: the actor does not administer the whole house
    :raises BadAuthorityFile: not a certificate of an authority
    :raises AlreadyTrusted: it is trusted already
    """
    refuse(policy.why_not_run_authority(actor))
    try:
        pem = certificate.lstrip().startswith(b"-----BEGIN")
        read = x509.load_pem_x509_certificate(certificate) if pem else x509.load_der_x509_certificate(certificate)
        authority = read.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, x509.ExtensionNotFound) as trouble:
        raise BadAuthorityFile(what=_("chứng thư số của cơ quan chứng thực")) from trouble
    if not authority:
        raise BadAuthorityFile(what=_("chứng thư số của cơ quan chứng thực"))
    der = read.public_bytes(Encoding.DER)
    with transaction.atomic():
        return _trust(der, trusted_from=read.not_valid_before_utc, reason=reason, actor=actor, at=at)


def _trust(der: bytes, *, trusted_from: datetime, reason: str, actor: Actor | None, at: datetime) -> TrustAnchor:
    fingerprint = pki.fingerprint(der)
    known = TrustAnchor.objects.select_for_update().filter(fingerprint=fingerprint, trusted_until=None).first()
    if known is not None:
        raise AlreadyTrusted(name=known.name, day=policy.day(known.trusted_from))
    anchor = TrustAnchor.objects.create(
        name=x509.load_der_x509_certificate(der).subject.rfc4514_string()[:400],
        certificate=der,
        fingerprint=fingerprint,
        trusted_from=trusted_from,
        reason=reason,
        added_by_id=actor.person_id if actor else None,
        added_at=at,
    )
    journal.record(
        "anchor.trusted",
        subject=("anchor", anchor.id),
        actor=actor,
        at=at,
        name=anchor.name,
        fingerprint=fingerprint,
        reason=reason,
    )
    return anchor


def publish_revocation_list(
    *, actor: Actor | None, at: datetime, lasts: timedelta = LIST_LASTS
) -> list[RevocationList]:
    """Publish a fresh list of every certification authority of this node; daily by a job, and after each revocation.

    :raises NotAllowed: the actor does not administer the whole house
    :raises NoAuthority: there is none yet
    """
    refuse(policy.why_not_run_authority(actor))
    queries.get_authority(Role.ISSUING)
    authorities = Authority.objects.filter(role__in=(Role.ROOT, Role.ISSUING)).order_by("id")
    return [_publish(authority, actor=actor, at=at, lasts=lasts) for authority in authorities]


def refresh_revocation_lists(*, at: datetime) -> list[RevocationList]:
    """Publish fresh lists when the newest are a day old, or were never published; run by the clock, so it also heals a long pause.

    Nothing happens on a node that has no authority of its own.
    """
    newest = {row.issuer: row.this_update for row in queries.list_revocation_lists(at)}
    due = []
    for authority in Authority.objects.filter(role__in=(Role.ROOT, Role.ISSUING)).order_by("id"):
        last = newest.get(pki.issuer_id(x509.load_der_x509_certificate(bytes(authority.certificate))))
        if last is None or last + LIST_EVERY <= at:
            due.append(authority)
    return [_publish(authority, actor=None, at=at, lasts=LIST_LASTS) for authority in due]


def import_revocation_list(*, content: bytes, actor: Actor | None, at: datetime) -> RevocationList:
    """Keep another authority's list, brought by file (DER or PEM): how revocations reach a node without a network.

    The list is believed in verification only as far as its issuer's signature goes. The same list again gives the same row.

    :raises NotAllowed: the actor does not administer the whole house
    :raises BadAuthorityFile: not a complete revocation list, or not signed by an authority this node trusts
    """
    refuse(policy.why_not_run_authority(actor))
    try:
        pem = content.lstrip().startswith(b"-----BEGIN")
        listed = x509.load_pem_x509_crl(content) if pem else x509.load_der_x509_crl(content)
        issuer = _issuer_of(listed, at)
        number = int(listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)
    except (ValueError, TypeError, x509.ExtensionNotFound) as trouble:
        raise BadAuthorityFile(what=_("danh sách thu hồi")) from trouble
    if issuer is None or listed.next_update_utc is None:
        raise BadAuthorityFile(what=_("danh sách thu hồi do cơ quan chứng thực được tin cậy ký"))
    with transaction.atomic():
        known = RevocationList.objects.filter(issuer=issuer, number=number).first()
        if known is not None:
            return known
        kept = _keep_list(listed.public_bytes(Encoding.DER), issuer)
        journal.record(
            "revocation_list.imported",
            subject=("revocation_list", kept.id),
            actor=actor,
            at=at,
            issuer=kept.issuer_name,
            number=number,
        )
    return kept


def _issuer_of(listed: x509.CertificateRevocationList, at: datetime) -> str | None:
    """The id of the trusted authority that signed the list."""
    believed = queries.trust(at)
    for der in (*believed.anchors, *believed.intermediates):
        certificate = x509.load_der_x509_certificate(der)
        if certificate.subject == listed.issuer and listed.is_signature_valid(certificate.public_key()):  # type: ignore[arg-type]
            return pki.issuer_id(certificate)
    return None


def _publish(authority: Authority, *, actor: Actor | None, at: datetime, lasts: timedelta) -> RevocationList:
    certificate = x509.load_der_x509_certificate(bytes(authority.certificate))
    issuer = pki.issuer_id(certificate)
    key = keepers.of(Device.SOFTWARE).open(authority.reference, None)
    while True:
        last = RevocationList.objects.filter(issuer=issuer).aggregate(last=Max("number"))["last"] or 0
        revoked = Certificate.objects.filter(issuer=authority, revoked_at__lte=at).order_by("revoked_at", "id")
        entries = [
            (int(serial, 16), moment, reason)
            for serial, moment, reason in revoked.values_list("serial", "revoked_at", "revocation_reason")
            if moment
        ]
        der = pki.revocation_list(
            issuer=certificate,
            key=pki.IssuingKey(key),
            number=int(last) + 1,
            at=at,
            until=at + lasts,
            revoked=entries,
        )
        try:
            with transaction.atomic():
                kept = _keep_list(der, issuer)
                journal.record(
                    "revocation_list.published",
                    subject=("revocation_list", kept.id),
                    actor=actor,
                    at=at,
                    issuer=kept.issuer_name,
                    number=int(kept.number),
                    revoked=len(entries),
                )
            return kept
        except IntegrityError:  # the number was taken meanwhile: make the list again, with what was revoked since
            continue


def _keep_list(der: bytes, issuer: str) -> RevocationList:
    read = x509.load_der_x509_crl(der)
    assert read.next_update_utc is not None
    return RevocationList.objects.create(
        issuer=issuer,
        issuer_name=read.issuer.rfc4514_string()[:400],
        number=read.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number,
        this_update=read.last_update_utc,
        next_update=read.next_update_utc,
        fingerprint=pki.fingerprint(der),
        der=der,
    )


# Certificates


def issue_person_certificate(
    *,
    person_id: int,
    post_id: int,
    pin: str,
    actor: Actor | None,
    at: datetime,
    lasts: timedelta = CERTIFICATE_LASTS,
    token: str = "",
    kind: Kind = Kind.P256,
) -> Certificate:
    """Make a key under the person's PIN, a certificate naming him in that post and agency, and his signature image.

    With `token` (`<module>:<serial>`) the key is made on that token, whose own PIN is asked for.

    :raises PostNotHeld: the post is not his that day
    :raises NotAllowed: the actor does not administer the agency (or `NotYourHouse`)
    :raises NoAuthority: there is no issuing authority yet
    :raises WeakPin: the PIN is too short or one repeated character
    :raises WrongPin: TokenBlocked: DeviceAbsent: DeviceFaulty: the token does not open, is not there, or makes no such key
    """
    holder = people.get_actor(person_id=person_id, post_id=post_id, on=localdate(at))
    agency = people.get_agency(holder.agency_id)
    refuse(policy.why_not_issue(actor, agency, holder))
    if not token:
        refuse(policy.why_not_pin(pin))
    assert agency.code is not None
    unsaved = Certificate(
        subject=Subject.PERSON,
        person_id=person_id,
        agency=agency,
        name=holder.person_name,
        title=holder.post_title,
        organisation=agency.name,
        organisation_code=agency.code.value,
    )
    picture = files.keep(images.signature(holder.person_name), at=at).digest
    making = _Making(pin, token, kind)
    return _issue(unsaved, making, picture=picture, custodian_id=person_id, lasts=lasts, actor=actor, at=at)


def issue_agency_certificate(
    *,
    agency_id: int,
    custodian_id: int | None = None,
    actor: Actor | None,
    at: datetime,
    lasts: timedelta = CERTIFICATE_LASTS,
    token: str = "",
    kind: Kind = Kind.P256,
) -> Certificate:
    """Make an agency's key, its certificate and the image of its red stamp. The node itself opens the key.

    With `token` (`<module>:<serial>`) the key is made in that HSM, whose PIN the node was given.

    :raises NotFound: no such agency
    :raises NotAllowed: the actor does not administer it (or `NotYourHouse`)
    :raises NoAuthority: there is no issuing authority yet
    """
    agency = people.get_agency(agency_id)
    refuse(policy.why_not_issue(actor, agency))
    assert agency.code is not None
    unsaved = Certificate(
        subject=Subject.AGENCY,
        agency=agency,
        name=agency.name,
        organisation=agency.name,
        organisation_code=agency.code.value,
    )
    above = agency.parent_name or (agency.parent.name if agency.parent else "")
    picture = files.keep(images.stamp(agency.name, above), at=at).digest
    making = _Making(None, token, kind)
    return _issue(unsaved, making, picture=picture, custodian_id=custodian_id, lasts=lasts, actor=actor, at=at)


@dataclass(frozen=True)
class _Making:
    """How a key is to be made: under which secret, on which token (none: in a file of the node), of which kind."""

    secret: str | None
    token: str
    kind: Kind

    @property
    def device(self) -> Device:
        return Device.TOKEN if self.token else Device.SOFTWARE


def _make_key(making: _Making) -> tuple[str, Key]:
    """A new key's reference, and the key opened."""
    provider = keepers.of(making.device)
    try:
        reference = provider.create(making.secret, making.kind, making.token)
        return reference, provider.open(reference, making.secret)
    except WrongSecret as wrong:
        if making.secret is None:
            raise policy.NoOwnPin(label=making.token) from wrong
        raise policy.WrongDevicePin(label=making.token) from wrong
    except DeviceTrouble as trouble:
        raise policy.worded(trouble, making.token) from trouble


def _issue(
    certificate: Certificate,
    making: _Making,
    *,
    picture: str,
    custodian_id: int | None,
    lasts: timedelta,
    actor: Actor | None,
    at: datetime,
) -> Certificate:
    authority = queries.get_authority(Role.ISSUING)
    issuer = x509.load_der_x509_certificate(bytes(authority.certificate))
    reference, key = _make_key(making)
    der = pki.end_entity(
        subject=Subject(certificate.subject),
        name=pki.subject_name(
            name=certificate.name,
            title=certificate.title,
            organisation=certificate.organisation,
            code=certificate.organisation_code,
        ),
        public=key.public,
        key=pki.IssuingKey(keepers.of(Device.SOFTWARE).open(authority.reference, None)),
        issuer=issuer,
        at=at,
        until=min(at + lasts, authority.not_after),
    )
    read = x509.load_der_x509_certificate(der)
    certificate.issuer = authority
    certificate.serial = f"{read.serial_number:x}"
    certificate.certificate = der
    certificate.fingerprint = pki.fingerprint(der)
    certificate.not_before, certificate.not_after = read.not_valid_before_utc, read.not_valid_after_utc
    certificate.issued_at = at
    if making.token:
        keepers.tokens().keep_certificate(reference, der, making.secret)
    with transaction.atomic():
        certificate.save(force_insert=True)
        KeyDevice.objects.create(
            kind=making.device,
            label=certificate.name,
            custodian_id=custodian_id,
            certificate=certificate,
            serial=reference.split(":")[1] if making.token else "",
            reference=reference,
            image=picture,
            valid_from=at,
        )
        journal.record(
            "certificate.issued",
            subject=("certificate", certificate.id),
            actor=actor,
            at=at,
            agency_id=certificate.agency_id,
            kind=certificate.subject,
            name=certificate.name,
            serial=certificate.serial,
            until=certificate.not_after,
        )
    return certificate


def revoke(*, certificate_id: int, reason: str, actor: Actor | None, at: datetime) -> Certificate:
    """Revoke a certificate from this moment on and publish the list that says so.

    :raises NotFound: no such certificate
    :raises NotAllowed: the actor does not administer its agency (or `NotYourHouse`)
    :raises AlreadyRevoked: it was revoked before
    """
    with transaction.atomic():
        refuse(policy.why_not_issue(actor, queries.lock_certificate(certificate_id).agency))
        certificate = _revoke(certificate_id, Reason(reason), actor=actor, at=at)
    publish_revocation_list(actor=None, at=at)
    return certificate


def _revoke(certificate_id: int, reason: Reason, *, actor: Actor | None, at: datetime) -> Certificate:
    certificate = queries.lock_certificate(certificate_id)
    if certificate.revoked_at is not None:
        raise AlreadyRevoked(name=certificate.name, day=policy.day(certificate.revoked_at))
    certificate.revoked_at = pki.whole(at)
    certificate.revocation_reason = reason
    certificate.save(update_fields=["revoked_at", "revocation_reason"])
    journal.record(
        "certificate.revoked",
        subject=("certificate", certificate.id),
        actor=actor,
        at=at,
        agency_id=certificate.agency_id,
        serial=certificate.serial,
        reason=certificate.revocation_reason,
    )
    return certificate


# Keys in use


def open_signer(*, certificate_id: int, pin: str | None, at: datetime) -> Signer:
    """Open the key of a certificate. A person's key needs the PIN; wrong ones are counted and lock the key for a while.

    Must not be called inside a transaction: the count has to outlive a refusal.

    :raises NotFound: no such certificate
    :raises CertificateExpired: CertificateRevoked: CertificateNotYetValid: it may not be used at that moment
    :raises DeviceNotUsable: the device was lost, returned or destroyed
    :raises PinMissing: a person's key and no PIN
    :raises WrongPin: with the number of tries left
    :raises DeviceLocked: TokenBlocked: too many wrong PINs, by our count or by the device's own
    :raises DeviceAbsent: DeviceFaulty: KeyNotOnDevice: the device is not there, or does not do its work
    :raises SignsElsewhere: the device is at the signer's own machine
    """
    certificate = queries.get_certificate(certificate_id)
    refuse(policy.why_not_use(certificate, at))
    if certificate.subject == Subject.PERSON and not pin:
        raise PinMissing
    secret = pin if certificate.subject == Subject.PERSON else None
    device = certificate.device
    key = _open(device, secret, at=at)
    if device.kind != Device.SOFTWARE:
        if key.public != x509.load_der_x509_certificate(bytes(certificate.certificate)).public_key():
            raise policy.KeyNotOnDevice(label=device.label)
        key = _Worded(key, device)
    return Signer(bytes(certificate.certificate), (queries.authority_bytes(certificate.issuer_id),), key)


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


@transaction.atomic
def hand_over_device(*, certificate_id: int, to_person_id: int, basis: str, actor: Actor, at: datetime) -> KeyDevice:
    """Give an agency's key device to another keeper, on a written basis (Decree 30/2020, art. 32). A person's is never handed over.

    :raises NotFound: no such certificate, or a person's own
    :raises NotAllowed: the actor neither keeps it nor administers the agency
    :raises NeedsBasis: no written basis
    """
    device = queries.lock_device(certificate_id)
    certificate = queries.get_certificate(certificate_id)
    refuse(policy.why_not_hand_over(certificate, device, actor, basis))
    before = device.custodian_id
    device.custodian_id = people.get_person(to_person_id).id
    device.save(update_fields=["custodian"])
    journal.record(
        "device.handed_over",
        subject=("certificate", certificate_id),
        actor=actor,
        at=at,
        agency_id=certificate.agency_id,
        basis=basis,
        before=before,
        after=to_person_id,
    )
    return device


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
        _revoke(certificate_id, Reason.KEY_COMPROMISE, actor=actor, at=at)
    publish_revocation_list(actor=None, at=at)
    return queries.get_certificate(certificate_id)


def change_pin(*, certificate_id: int, old: str, new: str, actor: Actor, at: datetime) -> None:
    """Put a person's key under another PIN. Only the person himself does it.

    :raises NotFound: no such certificate, or not this person's
    :raises WeakPin: the new PIN is too short, one repeated character or the old one
    :raises WrongPin: DeviceLocked: as in open_signer
    """
    certificate = queries.get_certificate(certificate_id)
    refuse(policy.why_not_hold(certificate, actor))
    refuse(policy.why_not_pin(new, old))
    _open(certificate.device, old, at=at)
    keepers.of(certificate.device.kind).change_secret(certificate.device.reference, old, new)
    with transaction.atomic():
        journal.record("pin.changed", subject=("certificate", certificate.id), actor=actor, at=at)


# Timestamps


def open_timestamper(*, at: datetime) -> timestamping.Timestamper:
    """Open this node's timestamp authority: a function from RFC 3161 requests to responses that needs no database any more.

    :raises NoAuthority: there is none yet
    """
    authority = _open_timestamp_authority()
    return lambda request: timestamping.answer(request, at=at, authority=authority)


def timestamp(*, digest: bytes, at: datetime, algorithm: str = "sha256") -> bytes:
    """Return an RFC 3161 token (DER) saying that the digest existed at that moment. :raises NoAuthority:"""
    return timestamping.token(digest, algorithm, at=at, authority=_open_timestamp_authority())


def answer_timestamp_request(*, request: bytes, at: datetime) -> bytes:
    """Return the RFC 3161 response (DER) to a request (DER); what cannot be granted is refused inside it. :raises NoAuthority:"""
    return open_timestamper(at=at)(request)


def _open_timestamp_authority() -> timestamping.TimestampAuthority:
    authority = queries.get_authority(Role.TIMESTAMP)
    assert authority.issuer is not None
    key = keepers.of(Device.SOFTWARE).open(authority.reference, None)
    return timestamping.TimestampAuthority(bytes(authority.certificate), (bytes(authority.issuer.certificate),), key)


def open_responder(*, at: datetime) -> Callable[[bytes], bytes | None]:
    """Open this node's authorities as an OCSP responder: a function from a certificate to the answer of the moment, or None for one
    of another's. Fresh answers, made after a timestamp, are what a signature that is to last carries (ETSI EN 319 102-1, 5.5)."""
    above = {
        x509.load_der_x509_certificate(bytes(each.certificate)).subject.public_bytes(): each
        for each in Authority.objects.filter(role__in=(Role.ROOT, Role.ISSUING)).order_by("id")
    }

    def answered(der: bytes) -> bytes | None:
        certificate = x509.load_der_x509_certificate(der)
        issuer = above.get(certificate.issuer.public_bytes())
        if issuer is None:
            return None
        key = keepers.of(Device.SOFTWARE).open(issuer.reference, None)
        found = Certificate.objects.filter(issuer=issuer, serial=f"{certificate.serial_number:x}", revoked_at__lte=at)
        revoked = found.values_list("revoked_at", "revocation_reason").first()
        return ocsp.answer(
            der,
            issuer=bytes(issuer.certificate),
            key=pki.IssuingKey(key),
            at=at,
            until=at + LIST_LASTS,
            revoked=(revoked[0], revoked[1]) if revoked and revoked[0] else None,
        )

    return answered


def _range(certificate: x509.Certificate) -> dict[str, datetime]:
    return {"not_before": certificate.not_valid_before_utc, "not_after": certificate.not_valid_after_utc}
