"""A factory of certification authorities, good and bad, for the corpus of signatures: everything the real one would never do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from antin.keys import pki, timestamping
from antin.keys.states import Subject
from antin.keys.timestamping import Timestamper
from antin.signing.pades import Credential

BORN = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
DIES = BORN + timedelta(days=3 * 365)
YEARS = timedelta(days=20 * 365)
HASHES: dict[str, hashes.HashAlgorithm] = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384()}


@cache
def rsa_key(size: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def make_key(kind: str) -> Any:
    """A private key of a kind: p192, p256, p384, brainpool; ed25519; or rsa1024, rsa2048, which are made once."""
    curves: dict[str, ec.EllipticCurve] = {
        "p256": ec.SECP256R1(),
        "p192": ec.SECP192R1(),
        "p384": ec.SECP384R1(),
        "brainpool": ec.BrainpoolP256R1(),
    }
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(curves[kind]) if kind in curves else rsa_key(int(kind.removeprefix("rsa")))


class RawKey:
    """A key in the shape signatures ask for."""

    def __init__(self, private: Any) -> None:
        self.private = private
        self.public = private.public_key()
        self.signature_size = 600

    def sign(self, data: bytes, digest: str) -> bytes:
        algorithm = HASHES[digest]
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(data, padding.PKCS1v15(), algorithm)
        return bytes(self.private.sign(data, ec.ECDSA(algorithm)))


@dataclass(eq=False)
class Made:
    """A certificate with its key and the one above it."""

    certificate: x509.Certificate
    private: Any
    issuer: Made | None = None

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Those above it, without the root."""
        above, found = self.issuer, []
        while above is not None and above.issuer is not None:
            found.append(above.der)
            above = above.issuer
        return tuple(found)

    def credential(self) -> Credential:
        return Credential(self.der, self.chain, RawKey(self.private))


def usage(**given: bool) -> x509.KeyUsage:
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    )
    return x509.KeyUsage(**{**dict.fromkeys([*names.split(), "encipher_only", "decipher_only"], False), **given})


def make(
    name: str,
    *,
    above: Made | None,
    kind: str = "p256",
    ca: bool = False,
    depth: int | None = None,
    subject: Subject | None = None,
    title: str = "",
    organisation: str = "Tổng cục Z",
    since: datetime = BORN,
    until: datetime = DIES,
    key_usage: x509.KeyUsage | None = None,
    extended: Sequence[x509.ObjectIdentifier] = (),
    extended_critical: bool = True,
    digest: str = "sha256",
    policies: bool = True,
) -> Made:
    """One certificate as asked for, sensible or not."""
    private = make_key(kind)
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if title:
        parts.append(x509.NameAttribute(NameOID.TITLE, title))
    own = x509.Name(parts)
    builder = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(above.certificate.subject if above else own)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=depth), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
    )
    if key_usage is None:
        key_usage = (
            usage(key_cert_sign=True, crl_sign=True) if ca else usage(digital_signature=True, content_commitment=True)
        )
    builder = builder.add_extension(key_usage, critical=True)
    if extended:
        builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=extended_critical)
    if subject is not None and policies:
        mark = x509.PolicyInformation(x509.ObjectIdentifier(pki.POLICIES[subject]), None)
        builder = builder.add_extension(x509.CertificatePolicies([mark]), critical=False)
    signer = above.private if above else private
    made = builder.sign(signer, hashes.SHA256())
    return Made(made if digest == "sha256" else _signed_weakly(made, signer), private, above)


def _signed_weakly(made: x509.Certificate, signer: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """The same certificate signed with SHA-1, which `cryptography` itself rightly refuses."""
    weak = asn1.Certificate.load(made.public_bytes(Encoding.DER))
    weak["tbs_certificate"]["signature"] = weak["signature_algorithm"] = {"algorithm": "sha1_ecdsa"}
    weak["signature_value"] = signer.sign(weak["tbs_certificate"].dump(force=True), ec.ECDSA(hashes.SHA1()))
    return x509.load_der_x509_certificate(weak.dump(force=True))


@dataclass
class House:
    """A root, an issuing authority, a timestamp authority, the head and the agency."""

    root: Made
    issuing: Made
    tsa: Made
    head: Made
    agency: Made

    def stamper(self, at: datetime, *, tsa: Made | None = None) -> Timestamper:
        by = tsa or self.tsa
        authority = timestamping.TimestampAuthority(by.der, by.chain, RawKey(by.private))
        return lambda request: timestamping.answer(request, at=at, authority=authority)


def house(name: str = "Gốc", **of_head: Any) -> House:
    """A house in order; `of_head` changes the head's certificate."""
    root = make(name, above=None, ca=True, depth=1, until=BORN + YEARS)
    issuing = make(f"{name} cấp", above=root, ca=True, depth=0, until=BORN + YEARS / 2)
    tsa = make(
        f"{name} giờ",
        above=issuing,
        until=BORN + YEARS / 2,
        key_usage=usage(digital_signature=True),
        extended=[ExtendedKeyUsageOID.TIME_STAMPING],
    )
    head = make("Nguyễn Văn An", **{"above": issuing, "title": "Tổng cục trưởng", "subject": Subject.PERSON, **of_head})
    agency = make("Tổng cục Z", above=issuing, subject=Subject.AGENCY)
    return House(root, issuing, tsa, head, agency)


def crl(
    issuer: Made,
    *,
    at: datetime,
    lasts: timedelta = timedelta(days=7),
    revoked: dict[Made, datetime] | None = None,
    signer: Made | None = None,
    number: int = 1,
    extra: Callable[[x509.CertificateRevocationListBuilder], x509.CertificateRevocationListBuilder] | None = None,
) -> bytes:
    """A revocation list; `signer` signs it in the issuer's name."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(at)
        .next_update(at + lasts)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for made, moment in (revoked or {}).items():
        entry = x509.RevokedCertificateBuilder().serial_number(made.certificate.serial_number).revocation_date(moment)
        builder = builder.add_revoked_certificate(entry.build())
    if extra is not None:
        builder = extra(builder)
    return builder.sign((signer or issuer).private, hashes.SHA256()).public_bytes(Encoding.DER)


def issuer_of(made: Made) -> str:
    """What services that answer for this authority are found by."""
    return pki.issuer_id(made.certificate)


def status(made: Made, *, at: datetime, signer: Made | None = None, revoked_at: datetime | None = None) -> bytes:
    """An OCSP answer that this certificate is good, or revoked, for a week; `signer` signs it in its issuer's name."""
    assert made.issuer is not None
    built = ocsp.OCSPResponseBuilder().add_response(
        cert=made.certificate,
        issuer=made.issuer.certificate,
        algorithm=hashes.SHA1(),
        cert_status=ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD,
        this_update=at,
        next_update=at + timedelta(days=7),
        revocation_time=revoked_at,
        revocation_reason=None,
    )
    by = signer or made.issuer
    named = built.responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate)
    return named.sign(by.private, hashes.SHA256()).public_bytes(Encoding.DER)


def issued_again(made: Made, *, by: Made) -> Made:
    """The same name and key, certified by another: a cross certificate, or a circle."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(made.certificate.subject)
        .issuer_name(by.certificate.subject)
        .public_key(made.private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BORN)
        .not_valid_after(DIES)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return Made(builder.sign(by.private, hashes.SHA256()), made.private, by)


@dataclass(frozen=True)
class Trusting:
    """What a verifier of the corpus believes."""

    anchors: tuple[bytes, ...]
    intermediates: tuple[bytes, ...]
    crl_bytes: tuple[bytes, ...]
    state: str = "corpus"
    person_policy: str = pki.POLICIES[Subject.PERSON]
    agency_policy: str = pki.POLICIES[Subject.AGENCY]
