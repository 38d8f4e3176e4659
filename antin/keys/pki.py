"""Certificates and revocation lists as bytes: pure functions over `cryptography`, no tables.

Profile: RFC 5280 and ETSI EN 319 412-2/-3 where they say what a natural and a legal person's certificate holds.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    pkcs7,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from antin.keys import cms
from antin.keys.providers import Key, PublicKey
from antin.keys.states import Role, Subject

# An arc of our own under 2.25 (ITU-T X.667: a UUID is an arc for whoever drew it); it marks certificates of the demonstration PKI.
ARC = "2.25.269781178155484629824247716276354755783"
POLICIES = {Subject.PERSON: f"{ARC}.1", Subject.AGENCY: f"{ARC}.2"}
TIMESTAMP_POLICY = f"{ARC}.3"
NODE_POLICY = f"{ARC}.4"
SKEW = timedelta(minutes=5)
LONGEST_PATH = 8


def whole(moment: datetime) -> datetime:
    """The moment in whole seconds of UTC, as certificates write it."""
    return moment.astimezone(UTC).replace(microsecond=0)


class IssuingKey(ec.EllipticCurvePrivateKey):
    """A provider's key in the shape `cryptography` signs certificates with; it can sign and nothing else."""

    def __init__(self, key: Key) -> None:
        if not isinstance(key.public, EllipticCurvePublicKey):
            raise TypeError("The demonstration PKI signs with elliptic curves only")
        self._key, self._public = key, key.public

    def sign(
        self, data: bytes | bytearray | memoryview, signature_algorithm: ec.EllipticCurveSignatureAlgorithm
    ) -> bytes:
        algorithm = signature_algorithm.algorithm
        if isinstance(algorithm, Prehashed):
            raise TypeError("A provider hashes by itself")
        return self._key.sign(bytes(data), algorithm.name)

    def public_key(self) -> EllipticCurvePublicKey:
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def exchange(self, algorithm: ec.ECDH, peer_public_key: EllipticCurvePublicKey) -> bytes:
        raise TypeError("A signing key does not agree on keys")

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        raise TypeError("A provider's key does not come out")

    def private_bytes(
        self, encoding: Encoding, format: PrivateFormat, encryption_algorithm: KeySerializationEncryption
    ) -> bytes:
        raise TypeError("A provider's key does not come out")

    def __copy__(self) -> IssuingKey:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> IssuingKey:
        return self


def fingerprint(der: bytes | memoryview) -> str:
    return hashlib.sha256(der).hexdigest()


def issuer_id(certificate: x509.Certificate) -> str:
    """What a revocation list is found by: the digest of its issuer's name and key, so that a namesake's list never counts."""
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(certificate.subject.public_bytes() + key).hexdigest()


def authority_name(common_name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def subject_name(*, name: str, title: str, organisation: str, code: str) -> x509.Name:
    """Who is named: a person with his post in an agency, or (no title) the agency itself.

    The agency's electronic identifier code (Decision 20/2020) is the organizationIdentifier, X.520 2.5.4.97.
    X.520 bounds CN, O and title to 64 characters; longer ones are cut, the full words stay in the row.
    """
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
        x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, code),
        x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
    ]
    if title:
        parts.append(x509.NameAttribute(NameOID.TITLE, title[:64]))
    return x509.Name(parts)


def serial() -> int:
    """A fresh positive serial of 127 random bits (RFC 5280, 4.1.2.2: at most 20 octets, not guessable)."""
    return secrets.randbits(127) | 1 << 126


def _builder(
    subject: x509.Name, public: PublicKey, issuer: x509.Name, at: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(serial())
        .not_valid_before(whole(at) - SKEW)
        .not_valid_after(whole(until))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(
    *,
    signs: bool = False,
    commits: bool = False,
    certifies: bool = False,
    enciphers: bool = False,
    agrees: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=commits,
        key_encipherment=enciphers,
        data_encipherment=False,
        key_agreement=agrees,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )


def _signed_by(builder: x509.CertificateBuilder, key: IssuingKey, issuer: x509.Certificate | None) -> bytes:
    public = key.public_key() if issuer is None else issuer.public_key()
    if not isinstance(public, EllipticCurvePublicKey):
        raise TypeError("The demonstration PKI signs with elliptic curves only")
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(public)
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def authority(
    *,
    role: Role,
    name: x509.Name,
    public: PublicKey,
    key: IssuingKey,
    issuer: x509.Certificate | None,
    at: datetime,
    until: datetime,
) -> bytes:
    """A root (no issuer), an issuing or a timestamp authority's certificate."""
    builder = _builder(name, public, name if issuer is None else issuer.subject, at, until)
    if role == Role.TIMESTAMP:
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)  # RFC 3161, 2.3
        )
    else:
        depth = 1 if role == Role.ROOT else 0
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        builder = builder.add_extension(_usage(certifies=True), critical=True)
    return _signed_by(builder, key, issuer)


def end_entity(
    *,
    subject: Subject,
    name: x509.Name,
    public: PublicKey,
    key: IssuingKey,
    issuer: x509.Certificate,
    at: datetime,
    until: datetime,
) -> bytes:
    """A person's or an agency's signing certificate: digitalSignature and nonRepudiation, marked by its policy."""
    builder = (
        _builder(name, public, issuer.subject, at, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=True, commits=True), critical=True)
        .add_extension(
            x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(POLICIES[subject]), None)]),
            critical=False,
        )
    )
    return _signed_by(builder, key, issuer)


def encryption(
    *, name: x509.Name, public: PublicKey, key: IssuingKey, issuer: x509.Certificate, at: datetime, until: datetime
) -> bytes:
    """A person's certificate to which contents are sealed.

    Its usage is keyAgreement for a curve (RFC 8813, 3), keyEncipherment for RSA (RFC 4055, 1.2).
    """
    agrees = isinstance(public, EllipticCurvePublicKey)
    builder = (
        _builder(name, public, issuer.subject, at, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(agrees=agrees, enciphers=not agrees), critical=True)
    )
    return _signed_by(builder, key, issuer)


def node(
    *, name: x509.Name, public: PublicKey, key: IssuingKey, issuer: x509.Certificate, at: datetime, until: datetime
) -> bytes:
    """A node's own signing certificate: digitalSignature without nonRepudiation, for it stands for a machine and nobody's will."""
    policies = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(NODE_POLICY), None)])
    builder = (
        _builder(name, public, issuer.subject, at, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(policies, critical=False)
    )
    return _signed_by(builder, key, issuer)


def request(*, name: x509.Name, key: Key) -> bytes:
    """A request for a certificate (PKCS#10, RFC 2986), signed by the key itself; whatever keeps the key."""
    public = key.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    asked = cms.sequence(cms.integer(0), name.public_bytes(), public, cms.tlv(cms.CONTEXT))
    family = "ec" if isinstance(key.public, EllipticCurvePublicKey) else "rsa"
    signature = cms.tlv(0x03, b"\0", key.sign(asked, "sha256"))
    return cms.sequence(asked, cms.ALGORITHMS[family], signature)


def read_public(content: bytes) -> PublicKey:
    """A public key of a kind that keys here have (SubjectPublicKeyInfo). :raises ValueError: it is none"""
    found = load_der_public_key(content)
    if not isinstance(found, PublicKey):
        raise ValueError("No key of a curve or of RSA")
    return found


def read_certificates(content: bytes) -> list[x509.Certificate]:
    """The certificates of a file: DER, PEM with any number, or PKCS#7. :raises ValueError: none can be read"""
    if b"-----BEGIN PKCS7" in content:
        return pkcs7.load_pem_pkcs7_certificates(content)
    if b"-----BEGIN" in content:
        return x509.load_pem_x509_certificates(content)
    try:
        return [x509.load_der_x509_certificate(content)]
    except ValueError:
        return pkcs7.load_der_pkcs7_certificates(content)


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether it may stand above others. :raises ValueError: its extensions cannot be read"""
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def may_sign(certificate: x509.Certificate) -> bool:
    """Whether its key is for signing documents: an end entity with digitalSignature or nonRepudiation, or no word on usage."""
    if is_authority(certificate):
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return bool(usage.digital_signature or usage.content_commitment)


def may_open(certificate: x509.Certificate) -> bool:
    """Whether contents may be sealed to it: an end entity whose usage names keyAgreement (a curve) or keyEncipherment (RSA)."""
    if is_authority(certificate):
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    agrees = isinstance(certificate.public_key(), EllipticCurvePublicKey)
    return bool(usage.key_agreement if agrees else usage.key_encipherment)


def path(
    certificate: x509.Certificate, *, intermediates: Iterable[bytes], anchors: Iterable[bytes]
) -> tuple[bytes, ...] | None:
    """Those between a certificate and a trusted root, nearest first, without the root; None when there is no way to one."""
    roots = [x509.load_der_x509_certificate(der) for der in anchors]
    between = [x509.load_der_x509_certificate(der) for der in intermediates]
    found: list[bytes] = []
    below = certificate
    for _step in range(LONGEST_PATH):
        if any(is_issued_by(below, root) for root in roots):
            return tuple(found)
        above = next((each for each in between if is_issued_by(below, each) and each != below), None)
        if above is None:
            return None
        found.append(above.public_bytes(Encoding.DER))
        below = above
    return None


def is_issued_by(below: x509.Certificate, above: x509.Certificate) -> bool:
    """Tell whether an authority signed this certificate."""
    try:
        below.verify_directly_issued_by(above)
        return is_authority(above)
    except (ValueError, TypeError, InvalidSignature):
        return False


def revocation_list(
    *,
    issuer: x509.Certificate,
    key: IssuingKey,
    number: int,
    at: datetime,
    until: datetime,
    revoked: Iterable[tuple[int, datetime, str]],
) -> bytes:
    """The issuer's complete list. `revoked` gives serial, moment and reason (a name of RFC 5280).

    Expired certificates stay on it, so that signatures of the past can still be judged.
    """
    public = issuer.public_key()
    if not isinstance(public, EllipticCurvePublicKey):
        raise TypeError("The demonstration PKI signs with elliptic curves only")
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(whole(at))
        .next_update(whole(until))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    )
    for number_of, moment, reason in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(number_of).revocation_date(whole(moment))
        if reason != "unspecified":  # RFC 5280, 5.3.1: leave the extension out instead of saying unspecified
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
