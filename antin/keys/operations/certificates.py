"""Certificates: a key made, named, issued, renewed, revoked. Key work is done with no transaction open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from django.db import transaction
from django.utils.timezone import localdate

from antin.files import operations as files
from antin.journal import operations as journal
from antin.keys import images, keepers, pki, policy, queries
from antin.keys.models import Certificate, KeyDevice
from antin.keys.operations.authority import YEAR, publish_revocation_list
from antin.keys.operations.trust import mark_revoked
from antin.keys.operations.use import open_signer
from antin.keys.policy import AlreadyRevoked
from antin.keys.providers import DeviceTrouble, Key, Kind, PublicKey, WrongSecret, kind_of
from antin.keys.states import Device, Purpose, Reason, Role, Subject
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.refusal import NotAllowed, refuse

CERTIFICATE_LASTS = 3 * YEAR


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
    unsaved = of_person(holder, agency)
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
    unsaved, picture = of_agency(agency), stamp_of(agency, at)
    making = _Making(None, token, kind)
    return _issue(unsaved, making, picture=picture, custodian_id=custodian_id, lasts=lasts, actor=actor, at=at)


def issue_encryption_certificate(
    *,
    pin: str,
    actor: Actor,
    at: datetime,
    lasts: timedelta = CERTIFICATE_LASTS,
    token: str = "",
    token_pin: str = "",
    kind: Kind = Kind.P256,
) -> Certificate:
    """Make the key to which contents are sealed for the actor himself, under the PIN of his signing key, and its certificate.

    Nobody makes it for another: whoever knows the first PIN could read what is sealed. With `token` the key is made on that token,
    whose own PIN is `token_pin` when it is another.

    :raises NotAllowed: the actor stands in for somebody
    :raises NoCertificate: CertificateExpired: CertificateRevoked: he has no signing certificate in this agency
    :raises WrongPin: DeviceLocked: and what else `open_signer` raises: the PIN does not open his signing key
    :raises NoAuthority: there is no issuing authority
    :raises WrongDevicePin: DeviceAbsent: DeviceFaulty: the token does not open, is not there, or makes no such key
    """
    if actor.on_behalf:
        raise NotAllowed
    agency = people.get_agency(actor.agency_id)
    own = queries.get_certificate_for_person(actor.person_id, at, agency_id=actor.agency_id, name=actor.person_name)
    open_signer(certificate_id=own.pk, pin=pin, at=at)
    unsaved = of_person(actor, agency)
    unsaved.purpose = Purpose.ENCRYPTION
    making = _Making(token_pin or pin, token, kind)
    return _issue(unsaved, making, picture="", custodian_id=actor.person_id, lasts=lasts, actor=actor, at=at)


def of_person(holder: Actor, agency: Unit) -> Certificate:
    """A certificate of the person in that post, not yet written."""
    assert agency.code is not None
    return Certificate(
        subject=Subject.PERSON,
        person_id=holder.person_id,
        agency=agency,
        name=holder.person_name,
        title=holder.post_title,
        organisation=agency.name,
        organisation_code=agency.code.value,
    )


def of_agency(agency: Unit) -> Certificate:
    """A certificate of the agency's seal, not yet written."""
    assert agency.code is not None
    return Certificate(
        subject=Subject.AGENCY,
        agency=agency,
        name=agency.name,
        organisation=agency.name,
        organisation_code=agency.code.value,
    )


def stamp_of(agency: Unit, at: datetime) -> str:
    above = agency.parent_name or (agency.parent.name if agency.parent else "")
    return files.keep(images.stamp(agency.name, above), at=at).digest


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
    queries.get_authority(Role.ISSUING)
    reference, key = _make_key(making)
    certify(certificate, key.public, lasts=lasts, at=at)
    if making.token:
        keepers.tokens().keep_certificate(reference, bytes(certificate.certificate), making.secret)
    unsaved = KeyDevice(
        kind=making.device,
        label=certificate.name,
        custodian_id=custodian_id,
        serial=reference.split(":")[1] if making.token else "",
        reference=reference,
        image=picture,
        valid_from=at,
        pin_given=_is_given(certificate, making, actor),
    )
    with transaction.atomic():
        return keep_certificate(certificate, unsaved, actor=actor, at=at)


def _is_given(certificate: Certificate, making: _Making, actor: Actor | None) -> bool:
    """Whether somebody else set the PIN of a person's key. A token has the PIN its holder put on it."""
    return actor is not None and not making.token and certificate.person_id not in (None, actor.person_id)


def certify(certificate: Certificate, public: PublicKey, *, lasts: timedelta, at: datetime) -> None:
    """Have this node's authority sign it. :raises NoAuthority:"""
    authority = queries.get_authority(Role.ISSUING)
    name = pki.subject_name(
        name=certificate.name,
        title=certificate.title,
        organisation=certificate.organisation,
        code=certificate.organisation_code,
    )
    key = pki.IssuingKey(keepers.software().open(authority.reference, None))
    issuer = x509.load_der_x509_certificate(bytes(authority.certificate))
    until = min(at + lasts, authority.not_after)
    if certificate.purpose == Purpose.ENCRYPTION:
        der = pki.encryption(name=name, public=public, key=key, issuer=issuer, at=at, until=until)
    else:
        subject = Subject(certificate.subject)
        der = pki.end_entity(subject=subject, name=name, public=public, key=key, issuer=issuer, at=at, until=until)
    certificate.issuer = authority
    describe(certificate, der)


def describe(certificate: Certificate, der: bytes) -> None:
    read = x509.load_der_x509_certificate(der)
    certificate.serial = f"{read.serial_number:x}"
    certificate.certificate = der
    certificate.fingerprint = pki.fingerprint(der)
    certificate.not_before, certificate.not_after = read.not_valid_before_utc, read.not_valid_after_utc


def keep_certificate(
    certificate: Certificate,
    device: KeyDevice,
    *,
    actor: Actor | None,
    at: datetime,
    event: str = "certificate.issued",
) -> Certificate:
    """Write a certificate and what keeps its key; inside the caller's transaction."""
    certificate.issued_at = at
    certificate.save(force_insert=True)
    device.certificate = certificate
    device.save(force_insert=True)
    journal.record(
        event,
        subject=("certificate", certificate.id),
        actor=actor,
        at=at,
        agency_id=certificate.agency_id,
        kind=certificate.subject,
        purpose=certificate.purpose,
        name=certificate.name,
        serial=certificate.serial,
        device=device.kind,
        until=certificate.not_after,
    )
    return certificate


def renew(*, certificate_id: int, pin: str | None, actor: Actor | None, at: datetime) -> Certificate:
    """Give the same holder a fresh key and certificate on the same kind of device; the old one runs out by itself, or is revoked.

    A key on the signer's own machine, or at a signing service, is renewed by a request of its own.

    :raises NotFound: NotAllowed: no such certificate, or the actor does not administer its agency
    :raises SignsElsewhere: its key is not within this node's reach
    :raises MadeByItsHolder: it is for encryption, and made by nobody but its holder
    :raises AlreadyRevoked: it was revoked: that calls for a new decision, not for a renewal
    :raises PostNotHeld: WeakPin: WrongPin: as in issuing
    """
    old = queries.get_certificate(certificate_id)
    refuse(policy.why_not_issue(actor, old.agency))
    if old.purpose == Purpose.ENCRYPTION:
        raise policy.MadeByItsHolder
    if old.revoked_at is not None:
        raise AlreadyRevoked(name=old.name, day=policy.day(old.revoked_at))
    device = old.device
    if device.kind not in (Device.SOFTWARE, Device.TOKEN):
        raise policy.SignsElsewhere
    token = ":".join(device.reference.split(":")[:2]) if device.kind == Device.TOKEN else ""
    kind = kind_of_certificate(bytes(old.certificate)) or Kind.P256
    if old.subject == Subject.AGENCY:
        return issue_agency_certificate(
            agency_id=old.agency_id, custodian_id=device.custodian_id, token=token, kind=kind, actor=actor, at=at
        )
    assert old.person_id is not None
    posts = people.list_posts_held(old.person_id, localdate(at))
    post_id = next((each.post_id for each in posts if each.agency_id == old.agency_id and not each.on_behalf), 0)
    return issue_person_certificate(
        person_id=old.person_id, post_id=post_id, pin=pin or "", token=token, kind=kind, actor=actor, at=at
    )


def kind_of_certificate(der: bytes) -> Kind | None:
    """Which of the allowed kinds of key a certificate names, None if none of them."""
    public = x509.load_der_x509_certificate(der).public_key()
    return kind_of(public) if isinstance(public, PublicKey) else None


def revoke(*, certificate_id: int, reason: str, actor: Actor | None, at: datetime) -> Certificate:
    """Revoke a certificate from this moment on and publish the list that says so.

    :raises NotFound: no such certificate
    :raises NotAllowed: the actor does not administer its agency (or `NotYourHouse`)
    :raises AlreadyRevoked: it was revoked before
    """
    with transaction.atomic():
        refuse(policy.why_not_issue(actor, queries.lock_certificate(certificate_id).agency))
        certificate = mark_revoked(certificate_id, Reason(reason), actor=actor, at=at)
    publish_revocation_list(actor=None, at=at)
    return certificate
