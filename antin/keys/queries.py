"""Reading: certificates, trust, lists, devices."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.utils.timezone import localdate

from antin.keys import keepers, pki, policy
from antin.keys.models import (
    Authority,
    Certificate,
    CertificateRequest,
    HandOver,
    Intermediate,
    KeyDevice,
    Picture,
    RevocationList,
    TrustAnchor,
)
from antin.keys.policy import NoAuthority, NoCertificate
from antin.keys.providers.tokens import TokenSeen
from antin.keys.states import Asking, Device, Passing, Purpose, Role, Standing, Subject
from antin.refusal import NotFound, refuse


@dataclass(frozen=True)
class Crl:
    """A revocation list as it stood: whose, which, fresh until when, and its bytes."""

    issuer: str
    number: int
    this_update: datetime
    next_update: datetime
    fingerprint: str
    der: bytes


@dataclass(frozen=True)
class Trust:
    """What this node believes at a moment. `state` changes when any of it does."""

    at: datetime
    anchors: tuple[bytes, ...]
    intermediates: tuple[bytes, ...]
    crls: tuple[Crl, ...]
    state: str
    person_policy: str = pki.POLICIES[Subject.PERSON]
    agency_policy: str = pki.POLICIES[Subject.AGENCY]

    @property
    def crl_bytes(self) -> tuple[bytes, ...]:
        return tuple(crl.der for crl in self.crls)


def get_certificate(certificate_id: int) -> Certificate:
    """Return one certificate with its device. :raises NotFound:"""
    found = Certificate.objects.select_related("device", "agency").filter(pk=certificate_id).first()
    if found is None:
        raise NotFound(certificate_id=certificate_id)
    return found


def get_sign_in_certificate(fingerprint: str, at: datetime) -> Certificate:
    """Return the certificate of a person by the SHA-256 of its DER, to let its holder in.

    :raises NotFound: no such certificate of a person, or it is revoked, expired or not valid yet
    """
    found = Certificate.objects.filter(fingerprint=fingerprint, subject=Subject.PERSON, purpose=Purpose.SIGNING).first()
    if found is None or found.standing(at) != Standing.VALID:
        raise NotFound(certificate=fingerprint)
    return found


def find_certificate(fingerprint: str) -> Certificate | None:
    """Return the certificate of that SHA-256 fingerprint, if it is known here."""
    return Certificate.objects.filter(fingerprint=fingerprint).first()


def get_request(request_id: int) -> CertificateRequest:
    """Return one request for a certificate. :raises NotFound:"""
    found = CertificateRequest.objects.select_related("agency", "asked_by").filter(pk=request_id).first()
    if found is None:
        raise NotFound(request_id=request_id)
    return found


def lock_certificate_request(request_id: int) -> CertificateRequest:
    """Return one request for a certificate, locked. :raises NotFound:"""
    asked = CertificateRequest.objects.select_for_update(of=("self",)).select_related("agency")
    found = asked.filter(pk=request_id).first()
    if found is None:
        raise NotFound(request_id=request_id)
    return found


def list_requests(agency_id: int | None = None, *, person_id: int | None = None) -> list[CertificateRequest]:
    """Return requests of an agency or a person (or all), those that wait first, then the newest."""
    asked = CertificateRequest.objects.select_related("agency", "asked_by")
    if agency_id is not None:
        asked = asked.filter(agency_id=agency_id)
    if person_id is not None:
        asked = asked.filter(person_id=person_id)
    return sorted(asked.order_by("-asked_at", "-id")[:200], key=lambda row: row.state != Asking.ASKED)


def get_certificate_for_person(
    person_id: int, at: datetime, *, agency_id: int | None = None, name: str = ""
) -> Certificate:
    """Return the certificate this person signs with at that moment, in that agency when he serves in several.

    :raises NoCertificate: CertificateExpired: CertificateRevoked: CertificateNotYetValid:
    """
    held = Certificate.objects.filter(subject=Subject.PERSON, person_id=person_id, purpose=Purpose.SIGNING)
    if agency_id is not None:
        held = held.filter(agency_id=agency_id)
    return _usable(held, at, name)


def get_certificate_for_agency(agency_id: int, at: datetime, *, name: str = "") -> Certificate:
    """Return the certificate of the agency's seal at that moment.

    :raises NoCertificate: CertificateExpired: CertificateRevoked: CertificateNotYetValid:
    """
    return _usable(Certificate.objects.filter(subject=Subject.AGENCY, agency_id=agency_id), at, name)


def asks_keepers_pin(agency_id: int, at: datetime) -> bool:
    """Whether the agency's signature is made with a token that its keeper opens by his PIN at each act."""
    device = _sealing_device(agency_id, at)
    return device is not None and keepers.asks_keeper(device)


def seals_elsewhere(agency_id: int, at: datetime) -> bool:
    """Whether the agency's signature is made at its keeper's own machine, in two steps."""
    device = _sealing_device(agency_id, at)
    return device is not None and device.kind == Device.AGENT


def _sealing_device(agency_id: int, at: datetime) -> KeyDevice | None:
    held = Certificate.objects.filter(subject=Subject.AGENCY, agency_id=agency_id).select_related("device")
    newest = (each for each in held.order_by("-not_before", "-id") if policy.why_not_use(each, at) is None)
    return next((each.device for each in newest), None)


def _usable(held: QuerySet[Certificate], at: datetime, name: str) -> Certificate:
    """The newest that may be used, or the reason why the newest may not."""
    newest_first = list(held.select_related("device").order_by("-not_before", "-id"))
    if not newest_first:
        raise NoCertificate(name=name)
    for certificate in newest_first:
        if policy.why_not_use(certificate, at) is None:
            return certificate
    refuse(policy.why_not_use(newest_first[0], at))
    return newest_first[0]


def find_encryption_certificate(person_id: int, at: datetime) -> Certificate | None:
    """Return the newest certificate to which contents may be sealed for this person at that moment, if there is one."""
    held = Certificate.objects.filter(
        person_id=person_id, purpose=Purpose.ENCRYPTION, not_before__lte=at, not_after__gt=at
    ).exclude(revoked_at__lte=at)
    return held.select_related("device").order_by("-not_before", "-id").first()


def list_encryption_certificates(person_ids: Iterable[int], at: datetime) -> list[Certificate]:
    """Return every certificate of some persons that opens contents and is good at that moment, the newest first."""
    held = Certificate.objects.filter(
        person_id__in=list(person_ids), purpose=Purpose.ENCRYPTION, not_before__lte=at, not_after__gt=at
    ).exclude(revoked_at__lte=at)
    return list(held.order_by("-not_before", "-id"))


def list_encryption_holders(person_ids: Iterable[int], at: datetime) -> set[int]:
    """Tell which of many persons contents may be sealed to at that moment."""
    held = Certificate.objects.filter(
        person_id__in=person_ids, purpose=Purpose.ENCRYPTION, not_before__lte=at, not_after__gt=at
    ).exclude(revoked_at__lte=at)
    return {person_id for person_id in held.values_list("person_id", flat=True) if person_id is not None}


def list_expiring(
    at: datetime, *, within: timedelta = timedelta(days=60), agency_id: int | None = None
) -> list[Certificate]:
    """Return unrevoked certificates that end within that time, the first to end first."""
    ending = Certificate.objects.filter(revoked_at=None, not_after__gte=at, not_after__lt=at + within)
    if agency_id is not None:
        ending = ending.filter(agency_id=agency_id)
    return list(ending.order_by("not_after", "id"))


def list_certificates(*, agency_id: int) -> list[Certificate]:
    """Return all certificates of an agency and its people, newest first."""
    held = Certificate.objects.filter(agency_id=agency_id).select_related("device")
    return list(held.order_by("-not_before", "-id"))


def list_certificates_of_person(person_id: int) -> list[Certificate]:
    """Return all certificates ever issued to a person, newest first."""
    held = Certificate.objects.filter(subject=Subject.PERSON, person_id=person_id).select_related("device", "agency")
    return list(held.order_by("-not_before", "-id"))


def list_seals(*, agency_id: int) -> list[Certificate]:
    """Return all certificates ever issued for an agency's seal with who keeps the device, newest first."""
    held = Certificate.objects.filter(subject=Subject.AGENCY, agency_id=agency_id).select_related("device__custodian")
    return list(held.order_by("-not_before", "-id"))


def list_holders(agency_ids: list[int], at: datetime) -> tuple[set[int], set[tuple[int, int]]]:
    """Tell which of many agencies have a seal that may be used at a moment, and which (agency, person) a key of his own."""
    valid = Certificate.objects.filter(
        agency_id__in=agency_ids, purpose=Purpose.SIGNING, not_before__lte=at, not_after__gt=at
    ).exclude(revoked_at__lte=at)
    rows = list(valid.values_list("agency_id", "subject", "person_id"))
    seals = {agency_id for agency_id, subject, _person_id in rows if subject == Subject.AGENCY}
    return seals, {(agency_id, person_id) for agency_id, _subject, person_id in rows if person_id is not None}


def list_signing_spells(person_ids: Iterable[int]) -> list[tuple[int, int, datetime, datetime]]:
    """Return from when until before when each signing certificate of some persons was good: person, agency, first, last moment."""
    rows = Certificate.objects.filter(
        subject=Subject.PERSON, person_id__in=list(person_ids), purpose=Purpose.SIGNING
    ).order_by("not_before", "id")
    return [
        (row.person_id, row.agency_id, row.not_before, min(row.not_after, row.revoked_at or row.not_after))
        for row in rows
        if row.person_id is not None
    ]


def persons_of(certificate_ids: Iterable[int]) -> set[int]:
    """Return whose some certificates are, as far as they are a person's."""
    rows = Certificate.objects.filter(pk__in=list(certificate_ids), person__isnull=False)
    return {number for number in rows.values_list("person_id", flat=True) if number is not None}


def find_authority(role: Role) -> Authority | None:
    """Return this node's newest authority of that role, if it was established."""
    return Authority.objects.filter(role=role).select_related("issuer").order_by("-not_before", "-id").first()


def get_authority(role: Role) -> Authority:
    """Return this node's newest authority of that role. :raises NoAuthority:"""
    found = find_authority(role)
    if found is None:
        raise NoAuthority
    return found


def authority_bytes(authority_id: int) -> bytes:
    """Return an authority's certificate, which never changes: each process reads it once."""
    return _authority_bytes(authority_id, connection.settings_dict["NAME"])


@lru_cache(maxsize=64)
def _authority_bytes(authority_id: int, database: str) -> bytes:
    return bytes(Authority.objects.values_list("certificate", flat=True).get(pk=authority_id))


def chain_of(certificate: Certificate) -> tuple[bytes, ...]:
    """Return those above a certificate, nearest first, without the root."""
    if certificate.issuer_id is not None:
        return (authority_bytes(certificate.issuer_id),)
    return _chain(bytes(certificate.certificate), Intermediate.objects.count(), connection.settings_dict["NAME"])


@lru_cache(maxsize=256)
def _chain(der: bytes, _known: int, _database: str) -> tuple[bytes, ...]:
    """Worked out once per certificate and number of intermediates, which only ever become more."""
    between = [bytes(each) for each in Intermediate.objects.order_by("id").values_list("certificate", flat=True)]
    anchors = [bytes(each) for each in TrustAnchor.objects.order_by("id").values_list("certificate", flat=True)]
    return pki.path(pki.read_certificates(der)[0], intermediates=between, anchors=anchors) or ()


def list_intermediates() -> list[Intermediate]:
    """Return the intermediates of other authorities that were brought by file, in order of name."""
    return list(Intermediate.objects.select_related("added_by").order_by("name", "id"))


def list_anchors(at: datetime | None = None) -> list[TrustAnchor]:
    """Return the anchors, or those trusted at a moment, in order of name."""
    anchors = TrustAnchor.objects.order_by("name", "id")
    if at is not None:
        anchors = anchors.filter(Q(trusted_until=None) | Q(trusted_until__gt=at), trusted_from__lte=at)
    return list(anchors)


def list_revocation_lists(at: datetime) -> list[RevocationList]:
    """Return the newest list of each issuer published by that moment, without bytes."""
    lists = RevocationList.objects.filter(this_update__lte=at)
    return list(lists.order_by("issuer", "-this_update", "-number").distinct("issuer").defer("der"))


def trust(at: datetime) -> Trust:
    """Return what this node believes at that moment: anchors, its own intermediates, the newest list of each issuer."""
    anchors = tuple(bytes(anchor.certificate) for anchor in list_anchors(at))
    own = Authority.objects.filter(role=Role.ISSUING).annotate(brought=Value(False))
    others = Intermediate.objects.annotate(brought=Value(True))
    columns = ("brought", "id", "certificate")
    rows = own.values_list(*columns).union(others.values_list(*columns), all=True)
    intermediates = tuple(bytes(der) for _brought, _id, der in sorted(rows, key=lambda row: row[:2]))
    crls = tuple(
        Crl(
            row.issuer, int(row.number), row.this_update, row.next_update, row.fingerprint, _list_bytes(row.fingerprint)
        )
        for row in list_revocation_lists(at)
    )
    state = _digest([*anchors, *intermediates, *(crl.fingerprint.encode() for crl in crls)])
    return Trust(at, anchors, intermediates, crls, state)


@lru_cache(maxsize=64)
def _list_bytes(fingerprint: str) -> bytes:
    """A published list never changes, so each process reads it once."""
    return bytes(RevocationList.objects.values_list("der", flat=True).filter(fingerprint=fingerprint)[0])


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.hexdigest()


def lock_certificate(certificate_id: int) -> Certificate:
    """Return one certificate, locked. :raises NotFound:"""
    found = (
        Certificate.objects.select_for_update(of=("self",)).select_related("agency").filter(pk=certificate_id).first()
    )
    if found is None:
        raise NotFound(certificate_id=certificate_id)
    return found


def get_anchor(anchor_id: int) -> TrustAnchor:
    """Return one anchor. :raises NotFound:"""
    found = TrustAnchor.objects.filter(pk=anchor_id).first()
    if found is None:
        raise NotFound(anchor_id=anchor_id)
    return found


def lock_anchor(anchor_id: int) -> TrustAnchor:
    """Return one anchor, locked. :raises NotFound:"""
    found = TrustAnchor.objects.select_for_update().filter(pk=anchor_id).first()
    if found is None:
        raise NotFound(anchor_id=anchor_id)
    return found


def lock_device(certificate_id: int) -> KeyDevice:
    """Return the device that keeps a certificate's key, locked. :raises NotFound:"""
    found = KeyDevice.objects.select_for_update().filter(certificate_id=certificate_id).first()
    if found is None:
        raise NotFound(certificate_id=certificate_id)
    return found


def get_hand_over(hand_over_id: int) -> HandOver:
    """Return one hand-over with its device and both sides. :raises NotFound:"""
    found = HandOver.objects.select_related("device", "giver", "taker").filter(pk=hand_over_id).first()
    if found is None:
        raise NotFound(hand_over_id=hand_over_id)
    return found


def lock_hand_over(hand_over_id: int) -> HandOver:
    """Return one hand-over, locked. :raises NotFound:"""
    passings = HandOver.objects.select_for_update(of=("self",)).select_related("device", "taker")
    found = passings.filter(pk=hand_over_id).first()
    if found is None:
        raise NotFound(hand_over_id=hand_over_id)
    return found


def find_hand_over(device_id: int) -> HandOver | None:
    """Return the offer of a device that waits for its answer, if there is one."""
    return HandOver.objects.select_related("taker").filter(device_id=device_id, state=Passing.OFFERED).first()


def list_hand_overs(certificate_id: int) -> list[HandOver]:
    """Return how a device passed from hand to hand, newest first."""
    passed = HandOver.objects.filter(device__certificate_id=certificate_id)
    return list(passed.select_related("giver", "taker", "offered_by", "settled_by").order_by("-offered_at", "-id"))


def list_latest_hand_overs(agency_id: int | None = None, *, most: int = 20) -> list[HandOver]:
    """Return the latest hand-overs of devices of an agency (or of all), those that wait first, then the newest."""
    passed = HandOver.objects.select_related("device__certificate", "giver", "taker")
    if agency_id is not None:
        passed = passed.filter(device__certificate__agency_id=agency_id)
    return sorted(passed.order_by("-offered_at", "-id")[:most], key=lambda row: row.state != Passing.OFFERED)


def list_offers_to(person_id: int) -> list[HandOver]:
    """Return the devices that wait for this person to sign the minutes, oldest first."""
    offered = HandOver.objects.filter(taker_id=person_id, state=Passing.OFFERED)
    return list(offered.select_related("device__certificate", "giver").order_by("offered_at", "id"))


def list_devices(agency_id: int | None = None) -> list[KeyDevice]:
    """Return the register of devices of an agency and its people (or of all), the first to run out first, those out of use last."""
    devices = KeyDevice.objects.select_related("certificate__agency", "certificate__person", "custodian")
    if agency_id is not None:
        devices = devices.filter(certificate__agency_id=agency_id)
    rows = devices.order_by("certificate__not_after", "id")
    return sorted(rows, key=lambda row: row.status != "active" or row.certificate.revoked_at is not None)


def list_devices_kept_by(person_id: int) -> list[KeyDevice]:
    """Return the agencies' devices that a person keeps, the first to run out first."""
    kept = KeyDevice.objects.filter(custodian_id=person_id, certificate__subject=Subject.AGENCY)
    return list(kept.select_related("certificate").order_by("certificate__not_after", "id"))


@dataclass(frozen=True)
class Freshness:
    """How fresh what is known of an authority's revocations is: `stale` past its next update, `ageing` in the last day before."""

    issuer: str
    issuer_name: str
    number: int
    this_update: datetime
    next_update: datetime
    stale: bool
    ageing: bool


def list_freshness(at: datetime) -> list[Freshness]:
    """Return how fresh the newest list of each authority is that may still publish one, the stalest first.

    An authority whose own certificates have all ended publishes no more lists: what it certified ended with it.
    """
    lists = list_revocation_lists(at)
    issuing = _issuers_in_force(at) if lists else set()
    rows = [
        Freshness(
            row.issuer,
            row.issuer_name,
            int(row.number),
            row.this_update,
            row.next_update,
            stale=row.next_update <= at,
            ageing=at < row.next_update <= at + timedelta(days=1),
        )
        for row in lists
        if row.issuer in issuing
    ]
    return sorted(rows, key=lambda row: row.next_update)


def _issuers_in_force(at: datetime) -> set[str]:
    """The authorities believed here that have a certificate which has not ended."""
    anchors = TrustAnchor.objects.filter(Q(trusted_until=None) | Q(trusted_until__gt=at), trusted_from__lte=at)
    others = [rows.values_list("certificate", flat=True) for rows in (Intermediate.objects, Authority.objects)]
    known = anchors.values_list("certificate", flat=True).union(*others)
    read = [x509.load_der_x509_certificate(bytes(der)) for der in known]
    return {pki.issuer_id(each) for each in read if each.not_valid_after_utc > at}


def is_stale(at: datetime) -> bool:
    """Tell whether the newest list of some authority is older than it itself allows."""
    return any(row.stale for row in list_freshness(at))


def is_replaced(certificate: Certificate) -> bool:
    """Tell whether the same holder has an unrevoked certificate for the same purpose that lasts longer."""
    later = Certificate.objects.filter(
        subject=certificate.subject, purpose=certificate.purpose, agency_id=certificate.agency_id, revoked_at=None
    )
    if certificate.person_id is not None:
        later = later.filter(person_id=certificate.person_id)
    return later.filter(not_after__gt=certificate.not_after).exists()


def list_tokens() -> list[TokenSeen]:
    """Return the tokens and HSMs that lie in the slots of this machine now."""
    return keepers.tokens().look()


def list_modules_in_trouble() -> dict[str, str]:
    """Return the PKCS#11 libraries that cannot be loaded, with what the system says of each."""
    return keepers.tokens().modules_in_trouble()


def image_of(certificate: Certificate, at: datetime) -> str:
    """What its signatures show at a moment, by digest: the picture in use then, otherwise what was drawn with its device.

    The same moment gives the same image whatever was set or taken back since: bytes that are signed in two steps stay the same.
    """
    if certificate.purpose == Purpose.ENCRYPTION:
        return certificate.device.image
    owner = (
        {"agency_id": certificate.agency_id}
        if certificate.subject == Subject.AGENCY
        else {"person_id": certificate.person_id}
    )
    found = _shown(Picture.objects.filter(**owner), at).first()
    return found.file if found is not None else certificate.device.image


def _shown(pictures: QuerySet[Picture], at: datetime) -> QuerySet[Picture]:
    """Those in use at a moment, the one that is shown first."""
    in_use = Q(undone_at=None) | Q(undone_at__gt=at)
    return pictures.filter(in_use, since__lte=localdate(at), made_at__lte=at).order_by("-since", "-pk")


def list_pictures(*, agency_id: int | None = None, person_id: int | None = None) -> list[Picture]:
    """The pictures of an agency's stamp or of a person's signature, the latest first."""
    owner = {"agency_id": agency_id} if agency_id is not None else {"person_id": person_id}
    return list(Picture.objects.filter(**owner).order_by("-since", "-pk"))


def find_shown(pictures: Sequence[Picture], at: datetime) -> Picture | None:
    """The one of an owner's pictures (as they are listed) that is shown at a moment."""
    today = localdate(at)
    return next((each for each in pictures if each.since <= today and each.undone_at is None), None)


def get_picture(picture_id: int) -> Picture:
    """One picture. :raises NotFound:"""
    found = Picture.objects.filter(pk=picture_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_picture(picture_id: int) -> Picture:
    """The same, locked. :raises NotFound:"""
    found = Picture.objects.select_for_update().filter(pk=picture_id).first()
    if found is None:
        raise NotFound()
    return found
