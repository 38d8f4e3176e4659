"""Whether a certificate is to be believed: its path to an anchor, and what the revocation lists say. No tables, no network.

Paths are built and validated by pyhanko-certvalidator (RFC 5280, 6); revocation is judged here, so that every answer has its
reason. Addresses written in certificates are never fetched.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, AcceptAllAlgorithms, CertRevTrustPolicy

KNOWN_CRITICAL = {x509.CRLNumber.oid, x509.AuthorityKeyIdentifier.oid}
WEAK_HASHES = {"md2", "md5", "sha1"}


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
    certificate = asn1.Certificate.load(leaf)
    for moment in (certificate.not_valid_before, certificate.not_valid_after):
        context = ValidationContext(
            trust_roots=[asn1.Certificate.load(der) for der in anchors],
            other_certs=[asn1.Certificate.load(der) for der in others],
            moment=moment,
            allow_fetching=False,
            revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
            algorithm_usage_policy=AcceptAllAlgorithms(),
        )
        try:
            path = _now(CertificateValidator(certificate, validation_context=context).async_validate_path())
        except (PathError, ValidationError, ValueError, TypeError, KeyError):
            continue
        anchor_first = [each.dump() for each in path.iter_certs(include_root=True)]
        return Chain(tuple(reversed(anchor_first)))
    return Chain(())


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
    return all(read.not_valid_before_utc <= at <= read.not_valid_after_utc for read in map(load, certificates))


@lru_cache(maxsize=4096)
def load(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


@dataclass(frozen=True)
class List:
    """A revocation list that its issuer has truly signed, read once."""

    number: int | None
    this_update: datetime
    next_update: datetime
    revoked: dict[int, datetime]


@lru_cache(maxsize=256)
def read_list(der: bytes, issuer: bytes) -> List | None:
    """The list, if it is this issuer's, signed by its key, complete and understood; else None."""
    try:
        listed = x509.load_der_x509_crl(der)
        key = load(issuer).public_key()
        if listed.issuer != load(issuer).subject or listed.next_update_utc is None:
            return None
        if not listed.is_signature_valid(key):  # type: ignore[arg-type]
            return None
        if any(each.critical and each.oid not in KNOWN_CRITICAL for each in listed.extensions):
            return None  # a delta or a partial list: not understood, so not used (RFC 5280, 5.2)
        number = next(
            (each.value.crl_number for each in listed.extensions if isinstance(each.value, x509.CRLNumber)), None
        )
        revoked = {entry.serial_number: entry.revocation_date_utc for entry in listed}
    except (ValueError, TypeError, InvalidSignature, x509.DuplicateExtension):
        return None
    return List(number, listed.last_update_utc, listed.next_update_utc, revoked)


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
    embedded: Iterable[bytes],
    signed_at: datetime,
    at: datetime,
) -> Revocation:
    """Whether the certificate was revoked, as far as lists tell that count for a signature of that moment.

    A kept list counts when it is fresh at the verification or was made after the signature. A list embedded in the document
    counts when it was fresh at the signature or made after it. Revocation itself is believed from any list.
    """
    serial = load(certificate).serial_number
    lists = [(each, False) for der in kept if (each := read_list(der, issuer))]
    lists += [(each, True) for der in embedded if (each := read_list(der, issuer))]
    revoked = [each.revoked[serial] for each, _ in lists if serial in each.revoked]
    if revoked:
        return Revocation(known=True, revoked_at=min(revoked), number=max((each.number or 0) for each, _ in lists))
    for each, _ in lists:
        if each.this_update >= signed_at:
            return Revocation(known=True, number=each.number)
    for each, within in lists:
        if within and each.this_update <= signed_at <= each.next_update:
            return Revocation(known=True, number=each.number)
        if not within and at <= each.next_update:
            return Revocation(known=True, number=each.number, fresh_until=each.next_update)
    return Revocation(known=False)


def is_weak_key(certificate: bytes) -> bool:
    """RSA below 2048 bits, elliptic curves below 256, DSA at all (technical rules for public-duty signatures)."""
    key = load(certificate).public_key()
    match key:
        case rsa.RSAPublicKey():
            return key.key_size < 2048
        case ec.EllipticCurvePublicKey():
            return key.key_size < 256
        case dsa.DSAPublicKey():
            return True
    return False


def is_weak_signed(certificate: bytes) -> bool:
    """Whether its issuer signed it with a broken hash."""
    try:
        digest = load(certificate).signature_hash_algorithm
    except ValueError:
        return True
    return digest is not None and digest.name in WEAK_HASHES
