"""Whether a certificate is to be believed: its path to an anchor, and what revocation lists and answers say. No tables, no network.

Paths are built and validated by pyhanko-certvalidator (RFC 5280, 6); revocation is judged here, so that every answer has its
reason. Addresses written in certificates are never fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from asn1crypto import ocsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, AcceptAllAlgorithms, CertRevTrustPolicy

from antin.signing import signed_data
from antin.signing.criteria import Criteria

KNOWN_CRITICAL = {x509.CRLNumber.oid, x509.AuthorityKeyIdentifier.oid, x509.IssuingDistributionPoint.oid}
LONGEST_CHAIN = 12
MOST_CANDIDATES = 2000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BROKEN = signed_data.BROKEN


@lru_cache(maxsize=4096)
def load(der: bytes) -> x509.Certificate:
    """A certificate of our own world, where every one is well made; of strangers' certificates ask `facts`."""
    return x509.load_der_x509_certificate(der)


@dataclass(frozen=True)
class Facts:
    """What a certificate says of itself."""

    name: str = ""
    title: str = ""
    organisation: str = ""
    organisation_code: str = ""
    given: bool = False
    issuer: str = ""
    serial: int = 0
    not_before: datetime = EPOCH
    not_after: datetime = EPOCH
    self_issued: bool = False
    authority: bool = False
    may_sign: bool = True
    purposes: tuple[str, ...] = ()
    purposes_critical: bool = False
    policies: frozenset[str] = frozenset()
    family: str = ""
    bits: int = 0
    signed_with: str = ""


@lru_cache(maxsize=4096)
def facts(der: bytes) -> Facts:
    """Read a certificate. :raises ValueError: there is none to be read"""
    certificate = signed_data.certificate_of(der)
    if certificate is None:
        raise ValueError("no certificate")
    try:
        return _facts(der, certificate)
    except BROKEN as trouble:
        raise ValueError("a certificate that cannot be read") from trouble


def _facts(der: bytes, certificate: asn1.Certificate) -> Facts:
    said = _names(certificate.subject)
    usage = certificate.key_usage_value
    purposes = certificate.extended_key_usage_value
    critical = set(certificate.critical_extensions)
    marks = certificate.certificate_policies_value
    bits, _curve, family = signed_data.key_facts(der)
    try:
        signed_with = str(certificate.hash_algo)
    except ValueError:
        signed_with = ""
    constraints = certificate.basic_constraints_value
    return Facts(
        name=said.get("common_name", ""),
        title=said.get("title", ""),
        organisation=said.get("organization_name", ""),
        organisation_code=said.get("organization_identifier", ""),
        given=bool(said.keys() & {"title", "given_name", "surname"}),
        issuer=_written(certificate.issuer),
        serial=certificate.serial_number,
        not_before=certificate.not_valid_before,
        not_after=certificate.not_valid_after,
        self_issued=certificate.subject == certificate.issuer,
        authority=bool(constraints is not None and constraints["ca"].native),
        may_sign=usage is None or bool(usage.native & {"digital_signature", "non_repudiation"}),
        purposes=tuple(purposes.native) if purposes is not None else (),
        purposes_critical="extended_key_usage" in critical,
        policies=frozenset(each["policy_identifier"].dotted for each in marks) if marks is not None else frozenset(),
        family=family,
        bits=bits,
        signed_with=signed_with,
    )


def _names(subject: asn1.Name) -> dict[str, str]:
    found: dict[str, str] = {}
    for relative in subject.chosen:
        for pair in relative:
            try:
                found.setdefault(str(pair["type"].native), str(pair["value"].native))
            except BROKEN:
                continue
    return found


SHORT = {
    "common_name": "CN",
    "organization_name": "O",
    "organizational_unit_name": "OU",
    "country_name": "C",
    "locality_name": "L",
    "state_or_province_name": "ST",
    "domain_component": "DC",
    "user_id": "UID",
}


ESCAPED = re.compile(r'[,+<>;=\\"]')


def _written(name: asn1.Name) -> str:
    """A name as RFC 4514 writes it, the most particular part first."""
    parts = []
    for relative in reversed(list(name.chosen)):
        for pair in relative:
            try:
                kind, value = str(pair["type"].native), str(pair["value"].native)
            except BROKEN:
                continue
            parts.append(SHORT.get(kind, kind) + "=" + ESCAPED.sub(r"\\\g<0>", value))
    return ",".join(parts)


@dataclass(frozen=True)
class Chain:
    """A path from a certificate up to an anchor, the anchor last; empty when there is none."""

    certificates: tuple[bytes, ...]

    @property
    def trusted(self) -> bool:
        return bool(self.certificates)


@lru_cache(maxsize=4096)
def chain(leaf: bytes, others: frozenset[bytes], anchors: tuple[bytes, ...]) -> Chain:
    """Build and validate the path at the leaf's own beginning or end; how its members stood at another moment is asked apart."""
    if leaf in anchors:
        return Chain((leaf,))
    certificate = signed_data.certificate_of(leaf)
    if certificate is None or not anchors:
        return Chain(())
    roots, between = _candidates(leaf, others, anchors)
    if not roots:
        return Chain(())
    for moment in (certificate.not_valid_before, certificate.not_valid_after):
        context = ValidationContext(
            trust_roots=roots,
            other_certs=between,
            moment=moment,
            allow_fetching=False,
            revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
            algorithm_usage_policy=AcceptAllAlgorithms(),
        )
        try:
            path = _now(CertificateValidator(certificate, validation_context=context).async_validate_path())
            anchor_first = [each.dump() for each in path.iter_certs(include_root=True)]
        except (PathError, ValidationError, UnsupportedAlgorithm, *BROKEN):
            continue
        return Chain(tuple(reversed(anchor_first)))
    return Chain(())


def _candidates(
    leaf: bytes, others: frozenset[bytes], anchors: tuple[bytes, ...]
) -> tuple[list[asn1.Certificate], list[asn1.Certificate]]:
    """Only those that truly issued one another upwards from the leaf: a file may bring a thousand others, or a circle."""
    by_name: dict[bytes, list[bytes]] = {}
    for der in (*anchors, *sorted(others - {*anchors})):
        by_name.setdefault(name_of(der), []).append(der)
    roots: list[asn1.Certificate] = []
    between: list[asn1.Certificate] = []
    asked, level, left = {leaf}, [leaf], MOST_CANDIDATES
    for _ in range(LONGEST_CHAIN):
        above = []
        for below in level:
            certificate = signed_data.certificate_of(below)
            for der in by_name.get(certificate.issuer.dump(), ()) if certificate is not None else ():
                if der in asked or left <= 0:
                    continue
                left -= 1
                issuer = signed_data.certificate_of(der)
                if issuer is not None and is_signed_by(below, der):
                    asked.add(der)
                    (roots if der in anchors else between).append(issuer)
                    above.append(der)
        level = above
    return roots, between


def _now(validation: Coroutine[Any, Any, ValidationPath]) -> ValidationPath:
    """Run to its end a validation that fetches nothing and therefore never waits: no event loop, wherever the caller stands."""
    try:
        validation.send(None)
    except StopIteration as done:
        return done.value
    validation.close()
    raise RuntimeError("a validation without fetching waited for something")


def standing(certificates: Iterable[bytes], at: datetime) -> bool:
    """Whether all of them were in their validity at that moment."""
    return all(read.not_before <= at <= read.not_after for read in map(facts, certificates))


@dataclass(frozen=True)
class List:
    """A revocation list that its issuer has truly signed."""

    number: int | None
    this_update: datetime
    next_update: datetime
    listed: x509.CertificateRevocationList

    def revoked_at(self, serial: int) -> datetime | None:
        found = self.listed.get_revoked_certificate_by_serial_number(serial)
        return None if found is None else found.revocation_date_utc


@lru_cache(maxsize=256)
def _list_of(der: bytes) -> x509.CertificateRevocationList | None:
    try:
        return x509.load_der_x509_crl(der)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def read_list(der: bytes, issuer: bytes) -> List | None:
    """The list, if it is this issuer's, signed by its key, complete and understood; else None."""
    listed = _list_of(der)
    if listed is None:
        return None
    try:
        if listed.issuer.public_bytes() != name_of(issuer) or listed.next_update_utc is None:
            return None
        if not listed.is_signature_valid(signed_data.key_of(issuer)):
            return None
        if any(each.critical and each.oid not in KNOWN_CRITICAL for each in listed.extensions):
            return None  # a delta or something else that is not understood, so not used (RFC 5280, 5.2)
        if not all(_is_whole(each.value) for each in listed.extensions):
            return None
        number = next(
            (each.value.crl_number for each in listed.extensions if isinstance(each.value, x509.CRLNumber)), None
        )
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.DuplicateExtension):
        return None
    except (signed_data.Unsupported, signed_data.Malformed):
        return None
    return List(number, listed.last_update_utc, listed.next_update_utc, listed)


def _is_whole(extension: x509.ExtensionType) -> bool:
    """A list of some certificates or some reasons only is no answer for the others."""
    if isinstance(extension, x509.IssuingDistributionPoint):
        return not (
            extension.only_contains_ca_certs
            or extension.only_contains_attribute_certs
            or extension.only_some_reasons
            or extension.indirect_crl
        )
    return True


@lru_cache(maxsize=1024)
def name_of(issuer: bytes) -> bytes:
    """A certificate's subject as it is encoded."""
    certificate = signed_data.certificate_of(issuer)
    return b"" if certificate is None else bytes(certificate.subject.dump())


@dataclass(frozen=True)
class Answer:
    """An OCSP answer about one certificate, given by its issuer or by whom the issuer charged with it (RFC 6960, 4.2.2.2)."""

    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None


@lru_cache(maxsize=1024)
def read_answer(der: bytes, certificate: bytes, issuer: bytes) -> Answer | None:
    """The answer in these bytes about this certificate, if it is one and truly signed; else None."""
    try:
        response = ocsp.OCSPResponse.load(der)
        if response["response_status"].native != "successful":
            return None
        basic = response["response_bytes"]["response"].parsed
        if not _is_signed(basic, issuer):
            return None
        for single in basic["tbs_response_data"]["responses"]:
            if _is_about(single["cert_id"], certificate, issuer):
                return _answer(single)
    except (*BROKEN, InvalidSignature, UnsupportedAlgorithm, signed_data.Unsupported, signed_data.Malformed):
        return None
    return None


@lru_cache(maxsize=1024)
def serial_answered(der: bytes) -> int | None:
    """The serial number an OCSP answer is about, believed or not."""
    try:
        response = ocsp.OCSPResponse.load(der)
        basic = response["response_bytes"]["response"].parsed
        return int(basic["tbs_response_data"]["responses"][0]["cert_id"]["serial_number"].native)
    except BROKEN:
        return None


def _answer(single: ocsp.SingleResponse) -> Answer | None:
    status = single["cert_status"]
    if status.name == "unknown":
        return None
    revoked = status.chosen["revocation_time"].native if status.name == "revoked" else None
    return Answer(single["this_update"].native, single["next_update"].native, revoked)


def _is_about(asked: ocsp.CertId, certificate: bytes, issuer: bytes) -> bool:
    about, above = signed_data.certificate_of(certificate), signed_data.certificate_of(issuer)
    if about is None or above is None or asked["serial_number"].native != about.serial_number:
        return False
    algorithm = str(asked["hash_algorithm"]["algorithm"].native)
    key = hashlib.new(algorithm, _key_bits(above)).digest()
    return bool(asked["issuer_key_hash"].native == key)


def _key_bits(certificate: asn1.Certificate) -> bytes:
    """The bits of the public key, without the count of unused ones (RFC 6960, 4.1.1)."""
    return bytes(certificate.public_key["public_key"].contents[1:])


def _is_signed(basic: ocsp.BasicOCSPResponse, issuer: bytes) -> bool:
    """By the issuer itself, or by a certificate of its that may do nothing but this."""
    signers = [issuer]
    for choice in basic["certs"] if basic["certs"].native else []:
        der = choice.dump()
        said = facts(der)
        if "ocsp_signing" in said.purposes and is_signed_by(der, issuer):
            signers.append(der)
    message = basic["tbs_response_data"].dump()
    value = basic["signature"].native
    algorithm = basic["signature_algorithm"]
    return any(signed_data.is_by(signed_data.key_of(der), value, message, algorithm) for der in signers)


@lru_cache(maxsize=1024)
def is_signed_by(certificate: bytes, issuer: bytes) -> bool:
    """Whether that issuer's key signed this certificate."""
    read = signed_data.certificate_of(certificate)
    if read is None:
        return False
    try:
        return signed_data.is_by(
            signed_data.key_of(issuer),
            read["signature_value"].native,
            read["tbs_certificate"].dump(),
            read["signature_algorithm"],
        )
    except (*BROKEN, signed_data.Unsupported, signed_data.Malformed):
        return False


@dataclass(frozen=True)
class Proofs:
    """What a document brings along: revocation lists and OCSP answers, each believed only as far as its signature goes."""

    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Revocation:
    """What is known of one certificate: known or not, revoked when, by which list, and until when that answer is fresh."""

    known: bool
    revoked_at: datetime | None = None
    number: int | None = None
    fresh_until: datetime | None = None


def revocation(
    certificate: bytes,
    issuer: bytes,
    *,
    kept: Iterable[bytes],
    embedded: Proofs,
    signed_at: datetime,
    at: datetime,
) -> Revocation:
    """Whether the certificate was revoked, as far as lists and answers tell that count for a signature of that moment.

    A kept list counts when it is fresh at the verification or was made after the signature. What the document itself brings counts
    when it was fresh at the signature or made after it. Revocation itself is believed from any of them.
    """
    serial = facts(certificate).serial
    lists = [(each, False) for der in kept if (each := read_list(der, issuer))]
    lists += [(each, True) for der in embedded.crls if (each := read_list(der, issuer))]
    answers = [answer for der in embedded.ocsps if (answer := read_answer(der, certificate, issuer))]
    revoked = [moment for each, _ in lists if (moment := each.revoked_at(serial))]
    revoked += [answer.revoked_at for answer in answers if answer.revoked_at]
    if revoked:
        return Revocation(
            known=True, revoked_at=min(revoked), number=max((each.number or 0 for each, _ in lists), default=None)
        )
    for each, _ in lists:
        if each.this_update >= signed_at:
            return Revocation(known=True, number=each.number)
    if any(answer.this_update >= signed_at for answer in answers):
        return Revocation(known=True)
    for each, within in lists:
        if within and each.this_update <= signed_at <= each.next_update:
            return Revocation(known=True, number=each.number)
        if not within and at <= each.next_update:
            return Revocation(known=True, number=each.number, fresh_until=each.next_update)
    if any(
        answer.next_update is not None and answer.this_update <= signed_at <= answer.next_update for answer in answers
    ):
        return Revocation(known=True)
    return Revocation(known=False)


def weaknesses(path: Iterable[bytes], *, anchored: bool, criteria: Criteria) -> frozenset[str]:
    """What is weak in a chain: keys by their size, certificates by the hash they were signed with, but for the anchor's."""
    found: set[str] = set()
    members = list(path)
    for place, der in enumerate(members):
        said = facts(der)
        if criteria.is_weak_key(said.family, said.bits):
            found.add(f"{said.family}-{said.bits}")
        last = anchored and place == len(members) - 1
        if not last and not said.self_issued and criteria.is_weak_hash(said.signed_with):
            found.add(said.signed_with)
    return frozenset(found)
