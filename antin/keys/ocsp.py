"""The standing of one certificate by OCSP (RFC 6960): questions out, answers in, and the answers of this node's own authority.

Pure functions on bytes. An answer counts when its issuer signed it, or a responder whom the issuer certified for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from antin.keys.pki import IssuingKey, whole


class NotUnderstood(Exception):
    """Not an answer, not about this certificate, or not by anybody who may give it."""


@dataclass(frozen=True)
class Answer:
    """What a responder says of one certificate, and until when that is fresh."""

    der: bytes
    revoked_at: datetime | None
    this_update: datetime
    next_update: datetime | None


@lru_cache(maxsize=1024)
def _load(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


def request(certificate: bytes, issuer: bytes) -> bytes:
    """The question (DER), which names the certificate by SHA-1 as every responder understands it (RFC 5019, 2.1.1)."""
    named = ocsp.OCSPRequestBuilder().add_certificate(_load(certificate), _load(issuer), hashes.SHA1())  # noqa: S303
    return named.build().public_bytes(Encoding.DER)


def answer(
    certificate: bytes,
    *,
    issuer: bytes,
    key: IssuingKey,
    at: datetime,
    until: datetime,
    revoked: tuple[datetime, str] | None = None,
) -> bytes:
    """The issuing authority's own answer about one of its certificates; `revoked` gives the moment and the reason (RFC 5280)."""
    moment, reason = revoked or (None, "unspecified")
    built = ocsp.OCSPResponseBuilder().add_response(
        cert=_load(certificate),
        issuer=_load(issuer),
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.REVOKED if moment else ocsp.OCSPCertStatus.GOOD,
        this_update=whole(at),
        next_update=whole(until),
        revocation_time=whole(moment) if moment else None,
        revocation_reason=x509.ReasonFlags(reason) if moment and reason != "unspecified" else None,
    )
    named = built.responder_id(ocsp.OCSPResponderEncoding.HASH, _load(issuer))
    return named.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def read(der: bytes, *, certificate: bytes, issuer: bytes) -> Answer:
    """What an answer says of this certificate of this issuer. :raises NotUnderstood:"""
    asked, above = _load(certificate), _load(issuer)
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise NotUnderstood(response.response_status.name)
        if response.serial_number != asked.serial_number or response.issuer_key_hash != _key_hash(response, above):
            raise NotUnderstood("about another certificate")
        if response.certificate_status == ocsp.OCSPCertStatus.UNKNOWN:
            raise NotUnderstood("the responder does not know it")
        _check_signature(response, above)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound) as trouble:
        raise NotUnderstood(str(trouble)) from trouble
    return Answer(der, response.revocation_time_utc, response.this_update_utc, response.next_update_utc)


def _key_hash(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bytes:
    """The hash of the issuer's key, without its wrapping (RFC 6960, 4.1.1)."""
    digest = hashes.Hash(response.hash_algorithm)
    digest.update(bytes(asn1.Certificate.load(issuer.public_bytes(Encoding.DER)).public_key["public_key"]))
    return digest.finalize()


def _check_signature(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> None:
    """By the issuer itself, or by a responder it certified with the extended key usage OCSPSigning (RFC 6960, 4.2.2.2)."""
    signer = issuer
    for each in response.certificates:
        if each.issuer == issuer.subject and each.subject != issuer.subject:
            usage = each.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            if ExtendedKeyUsageOID.OCSP_SIGNING not in usage:
                raise NotUnderstood("the responder was not certified for it")
            each.verify_directly_issued_by(issuer)
            if not each.not_valid_before_utc <= response.this_update_utc <= each.not_valid_after_utc:
                raise NotUnderstood("the responder's certificate was not valid")
            signer = each
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    if algorithm is None or algorithm.name in ("md5", "sha1"):
        raise NotUnderstood("signed with a weak hash")
    match key:
        case ec.EllipticCurvePublicKey():
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        case rsa.RSAPublicKey():
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        case _:
            raise NotUnderstood("signed with an unknown kind of key")
