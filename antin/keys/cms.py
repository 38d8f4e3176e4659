"""Signatures as CMS SignedData (RFC 5652), written in DER directly: one signer, SHA-256, the certificate named by ESSCertIDv2.

A general ASN.1 library spends 15 ms on what is fifty short pieces of bytes; for a node that signs all day this is the difference.
What is read from outside is read by asn1crypto; this module only writes. OpenSSL and pyHanko read it back in the tests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from asn1crypto import x509

from antin.keys.providers import Key

SEQUENCE, SET, CONTEXT = 0x30, 0x31, 0xA0


class UnknownKeyType(ValueError):
    """Neither an elliptic curve nor RSA: no signature algorithm is laid down for it here."""


def tlv(tag: int, *parts: bytes | memoryview) -> bytes:
    """Tag, length and value (X.690, 8.1)."""
    size = sum(map(len, parts))
    if size < 0x80:
        return b"".join((bytes((tag, size)), *parts))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return b"".join((bytes((tag, 0x80 | len(length))), length, *parts))


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, *parts)


def set_of(parts: Iterable[bytes], tag: int = SET) -> bytes:
    """A SET OF; DER sorts its members (X.690, 11.6)."""
    return tlv(tag, *sorted(parts))


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True))


def octets(value: bytes) -> bytes:
    return tlv(0x04, value)


def boolean(value: bool) -> bytes:
    return tlv(0x01, b"\xff" if value else b"\0")


def one_bit(number: int) -> bytes:
    """A BIT STRING of named bits with that one set (X.690, 11.2)."""
    return tlv(0x03, bytes((7 - number % 8,)) + bytes(number // 8) + bytes((0x80 >> number % 8,)))


def generalized_time(moment: datetime) -> bytes:
    return tlv(0x18, moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


def utc_time(moment: datetime) -> bytes:
    """UTCTime, which RFC 5652, 11.3 wants for years to 2049."""
    return tlv(0x17, moment.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode())


@lru_cache(maxsize=256)
def oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(0x06, b"".join(_arc(arc) for arc in (40 * first + second, *rest)))


def _arc(value: int) -> bytes:
    """Seven bits a byte, the last without the high bit (X.690, 8.19)."""
    found = [value & 0x7F]
    while value := value >> 7:
        found.append(0x80 | value & 0x7F)
    return bytes(reversed(found))


DATA, SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE, ALGORITHM_PROTECTION = "1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.52"
TIMESTAMP_TOKEN = "1.2.840.113549.1.9.16.2.14"  # noqa: S105 - an object identifier
HASHES = {"sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}
SHA256 = sequence(oid(HASHES["sha256"]))
ALGORITHMS = {"ec": sequence(oid("1.2.840.10045.4.3.2")), "rsa": sequence(oid("1.2.840.113549.1.1.11"), b"\x05\x00")}


@dataclass(frozen=True)
class Identity:
    """What of a certificate stands in each of its signatures."""

    subject: bytes
    issuer_and_serial: bytes
    algorithm: bytes
    named: bytes
    protection: bytes


@lru_cache(maxsize=1024)
def identity(certificate: bytes) -> Identity:
    """:raises UnknownKeyType: neither an elliptic curve nor RSA"""
    read = x509.Certificate.load(certificate)
    algorithm = ALGORITHMS.get(read.public_key.algorithm)
    if algorithm is None:
        raise UnknownKeyType(read.public_key.algorithm)
    return Identity(
        subject=read.subject.dump(),
        issuer_and_serial=sequence(read.issuer.dump(), integer(read.serial_number)),
        algorithm=algorithm,
        named=attribute(
            SIGNING_CERTIFICATE, sequence(sequence(sequence(octets(hashlib.sha256(certificate).digest()))))
        ),
        protection=attribute(ALGORITHM_PROTECTION, sequence(SHA256, bytes((CONTEXT | 1,)) + algorithm[1:])),
    )


def attribute(kind: str, value: bytes) -> bytes:
    return sequence(oid(kind), tlv(SET, value))


def sign(
    *,
    digest: bytes,
    key: Key,
    certificate: bytes,
    chain: Iterable[bytes] = (),
    content_type: str = DATA,
    content: bytes | None = None,
    stamp: Callable[[bytes], bytes | None] | None = None,
    with_certificates: bool = True,
    signed_at: datetime | None = None,
) -> bytes:
    """A ContentInfo holding the signature over content of that SHA-256 digest; the content itself only if given.

    Signed attributes: content type, message digest, the signing certificate (ESSCertIDv2, RFC 5035) and the algorithms (RFC
    6211); no signing time, as PAdES wants it, unless `signed_at` gives one, as CAdES does (EN 319 122-1, 5.1.3). `stamp` turns the
    signature value's digest into a timestamp token (DER), or into nothing where none is to be had now.
    """
    who = identity(certificate)
    attributes = sorted(
        (
            attribute(CONTENT_TYPE, oid(content_type)),
            attribute(MESSAGE_DIGEST, octets(digest)),
            who.named,
            who.protection,
        )
    )
    if signed_at is not None:
        attributes = sorted((*attributes, attribute(SIGNING_TIME, utc_time(signed_at))))
    signature = key.sign(tlv(SET, *attributes), "sha256")
    unsigned = b""
    token = stamp(hashlib.sha256(signature).digest()) if stamp is not None else None
    if token is not None:
        unsigned = tlv(CONTEXT | 1, attribute(TIMESTAMP_TOKEN, token))
    signer = sequence(
        integer(1), who.issuer_and_serial, SHA256, tlv(CONTEXT, *attributes), who.algorithm, octets(signature), unsigned
    )
    held = tlv(CONTEXT, octets(content)) if content is not None else b""
    signed = sequence(
        integer(1 if content_type == DATA else 3),
        tlv(SET, SHA256),
        sequence(oid(content_type), held),
        set_of((certificate, *chain), CONTEXT) if with_certificates else b"",
        tlv(SET, signer),
    )
    return sequence(oid(SIGNED_DATA), tlv(CONTEXT, signed))
