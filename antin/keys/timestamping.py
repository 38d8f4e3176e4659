"""RFC 3161 timestamps: requests in, responses and tokens out, signed by this node's own timestamp authority.

Pure functions over an opened key. Signed with ECDSA and SHA-256; the certificate is named by ESSCertIDv2 (RFC 5816).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import algos, cms, core, tsp, x509

from antin.keys import pki
from antin.keys.providers import Key

Timestamper = Callable[[bytes], bytes]
"""The port: a TimeStampReq in, a TimeStampResp out, here or over the wire."""

ACCEPTED = {"sha256": 32, "sha384": 48, "sha512": 64}


@dataclass(frozen=True)
class TimestampAuthority:
    """The authority's certificate, those above it without the root, and its opened key."""

    certificate: bytes
    chain: tuple[bytes, ...]
    key: Key


def token(
    digest: bytes,
    algorithm: str,
    *,
    at: datetime,
    authority: TimestampAuthority,
    nonce: int | None = None,
    with_certificates: bool = True,
) -> cms.ContentInfo:
    """The token saying that the digest existed at that moment."""
    certificate = x509.Certificate.load(authority.certificate)
    moment = at.astimezone(UTC)
    info = {
        "version": "v1",
        "policy": pki.TIMESTAMP_POLICY,
        "message_imprint": {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest},
        "serial_number": secrets.randbits(63) | 1 << 62,
        "gen_time": moment.replace(microsecond=0),
        "accuracy": {"seconds": 1},
        "tsa": x509.GeneralName("directory_name", certificate.subject),
    }
    if nonce is not None:
        info["nonce"] = nonce
    content = tsp.TSTInfo(info).dump()
    hashed = algos.DigestAlgorithm({"algorithm": "sha256"})
    named = tsp.SigningCertificateV2(
        {"certs": [{"hash_algorithm": hashed, "cert_hash": hashlib.sha256(authority.certificate).digest()}]}
    )
    attributes = cms.CMSAttributes(
        [
            _attribute("content_type", "tst_info"),
            _attribute("signing_time", cms.Time({"utc_time": core.UTCTime(moment.replace(microsecond=0))})),
            _attribute("message_digest", hashlib.sha256(content).digest()),
            _attribute("signing_certificate_v2", named),
        ]
    )
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number", {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        ),
        "digest_algorithm": hashed,
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": authority.key.sign(attributes.dump(), "sha256"),
    }
    signed = {
        "version": "v3",
        "digest_algorithms": [hashed],
        "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
        "signer_infos": [signer],
    }
    if with_certificates:
        signed["certificates"] = [
            cms.CertificateChoices("certificate", x509.Certificate.load(der))
            for der in (authority.certificate, *authority.chain)
        ]
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})


def answer(request: bytes, *, at: datetime, authority: TimestampAuthority) -> bytes:
    """The TimeStampResp to a TimeStampReq; what cannot be granted is refused by status (RFC 3161, 2.4.2), never raised."""
    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        imprint = asked["message_imprint"]
        algorithm, digest = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
        nonce, policy = asked["nonce"].native, asked["req_policy"].native
        with_certificates = bool(asked["cert_req"].native)
    except (ValueError, TypeError):
        return _refused("bad_data_format")
    if algorithm not in ACCEPTED:
        return _refused("bad_alg")
    if len(digest) != ACCEPTED[algorithm]:
        return _refused("bad_data_format")
    if policy not in (None, pki.TIMESTAMP_POLICY):
        return _refused("unaccepted_policy")
    given = token(digest, algorithm, at=at, authority=authority, nonce=nonce, with_certificates=with_certificates)
    return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": given}).dump()


class _Refusal(core.Sequence):
    """A TimeStampResp without a token, which asn1crypto wrongly takes for mandatory."""

    _fields = [("status", tsp.PKIStatusInfo)]


def _refused(fault: str) -> bytes:
    return _Refusal({"status": {"status": "rejection", "fail_info": {fault}}}).dump()


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": (value,)})
