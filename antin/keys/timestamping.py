"""RFC 3161 timestamps: requests in, responses and tokens out, signed by this node's own timestamp authority.

Pure functions over an opened key. Signed with SHA-256; the certificate is named by ESSCertIDv2 (RFC 5816).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import tsp

from antin.keys import cms, pki, wire
from antin.keys.providers import Key

Timestamper = Callable[[bytes], bytes]
"""The port: a TimeStampReq in, a TimeStampResp out, here or over the wire."""

SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}
BAD_ALGORITHM, BAD_FORMAT, OTHER_POLICY = 0, 5, 15


class NotStamped(Exception):
    """The authority refused, or answered something that was not asked."""


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
) -> bytes:
    """The token (DER) saying that the digest existed at that moment."""
    info = cms.sequence(
        cms.integer(1),
        cms.oid(pki.TIMESTAMP_POLICY),
        _imprint(digest, algorithm),
        cms.integer(secrets.randbits(63) | 1 << 62),
        cms.generalized_time(at),
        cms.sequence(cms.integer(1)),  # accurate to a second
        b"" if nonce is None else cms.integer(nonce),
        cms.tlv(cms.CONTEXT, cms.tlv(cms.CONTEXT | 4, cms.identity(authority.certificate).subject)),
    )
    return cms.sign(
        digest=hashlib.sha256(info).digest(),
        key=authority.key,
        certificate=authority.certificate,
        chain=authority.chain,
        content_type=cms.TST_INFO,
        content=info,
        with_certificates=with_certificates,
    )


def _imprint(digest: bytes, algorithm: str) -> bytes:
    return cms.sequence(cms.sequence(cms.oid(cms.HASHES[algorithm])), cms.octets(digest))


def answer(request: bytes, *, at: datetime, authority: TimestampAuthority) -> bytes:
    """The TimeStampResp to a TimeStampReq; what cannot be granted is refused by status (RFC 3161, 2.4.2), never raised."""
    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        imprint = asked["message_imprint"]
        algorithm, digest = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
        nonce, policy = asked["nonce"].native, asked["req_policy"].native
        with_certificates = bool(asked["cert_req"].native)
    except (ValueError, TypeError):
        return _refused(BAD_FORMAT)
    if algorithm not in SIZES:
        return _refused(BAD_ALGORITHM)
    if len(digest) != SIZES[algorithm]:
        return _refused(BAD_FORMAT)
    if policy not in (None, pki.TIMESTAMP_POLICY):
        return _refused(OTHER_POLICY)
    given = token(digest, algorithm, at=at, authority=authority, nonce=nonce, with_certificates=with_certificates)
    return cms.sequence(cms.sequence(cms.integer(0)), given)


def _refused(fault: int) -> bytes:
    return cms.sequence(cms.sequence(cms.integer(2), cms.one_bit(fault)))


def over_http(address: str, *, seconds: float) -> Timestamper:
    """An outside authority as a timestamper (RFC 3161, 3.4). It raises NotStamped when nothing came within that time."""

    def stamper(request: bytes) -> bytes:
        try:
            return wire.ask(address, seconds=seconds, content=request, kind="application/timestamp-query")
        except wire.NotAnswered as trouble:
            raise NotStamped(str(trouble)) from trouble

    return stamper


def ask(digest: bytes, stamper: Timestamper) -> bytes:
    """Have a SHA-256 digest stamped; the token (DER), checked to be an answer to this very question.

    :raises NotStamped: refused, or an answer to something else
    """
    nonce = secrets.randbits(63)
    request = cms.sequence(cms.integer(1), _imprint(digest, "sha256"), cms.integer(nonce), cms.boolean(True))
    try:
        answered = tsp.TimeStampResp.load(stamper(request), strict=True)
        if answered["status"]["status"].native not in ("granted", "granted_with_mods"):
            raise NotStamped(answered["status"].native)
        given = answered["time_stamp_token"]
        info = given["content"]["encap_content_info"]["content"].parsed
        if (info["nonce"].native, info["message_imprint"]["hashed_message"].native) != (nonce, digest):
            raise NotStamped("an answer to something else")
        return bytes(given.dump())
    except (ValueError, TypeError, KeyError) as trouble:
        raise NotStamped("unreadable") from trouble


def ask_if_any(
    digest: bytes, stamper: Timestamper | None, unstamped: Callable[[NotStamped], None] | None
) -> bytes | None:
    """The token over a digest; None where nobody stamps, or where `unstamped` was told why and lets it go on without.

    :raises NotStamped: refused, and nobody is there to be told
    """
    if stamper is None:
        return None
    try:
        return ask(digest, stamper)
    except NotStamped as trouble:
        if unstamped is None:
            raise
        unstamped(trouble)
        return None
