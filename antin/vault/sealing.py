"""CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084): written and read here in DER, opened by OpenSSL in the tests.

Readers' locks are RecipientInfos: key agreement with an ephemeral key (RFC 5753) for elliptic curves, RSAES-OAEP with SHA-256
(RFC 3560, 4055) for RSA. The content is held in memory whole on both ways: GCM proves it only at its end, and nothing
unproven is given out.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from asn1crypto import x509
from cryptography import x509 as certificates
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509 import SubjectKeyIdentifier

from antin.keys.cms import CONTEXT, DATA, SET, integer, octets, oid, sequence, set_of, tlv
from antin.keys.providers import CannotUnwrap, Key, PublicKey, Wrapped, wrapping
from antin.vault.suites import NotForThisKey, Tampered, UnfitCertificate

AUTH_ENVELOPED_DATA = "1.2.840.113549.1.9.16.1.23"
AES256_GCM = "2.16.840.1.101.3.4.1.46"
AES256_WRAP = "2.16.840.1.101.3.4.1.45"
ECDH_SHA256KDF = "1.3.132.1.11.1"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
RSAES_OAEP, MGF1, SHA256 = "1.2.840.113549.1.1.7", "1.2.840.113549.1.1.8", "2.16.840.1.101.3.4.2.1"
NONCE, TAG = 12, 16
DEEPEST_LENGTH = 5
"""A length of more bytes than that is no length of anything that is kept here."""


def _oaep(one: bytes, other: bytes) -> bytes:
    """RSAES-OAEP with SHA-256 twice (RFC 4055, 4.1); a hash's parameters are NULL or left out, and both are to be read (2.1)."""
    digest, mask = sequence(oid(SHA256), one), sequence(oid(SHA256), other)
    return sequence(oid(RSAES_OAEP), sequence(tlv(CONTEXT, digest), tlv(CONTEXT | 1, sequence(oid(MGF1), mask))))


_NULL = b"\x05\x00"
_OAEP = _oaep(_NULL, _NULL)
_OAEP_READ = {_oaep(one, other) for one in (b"", _NULL) for other in (b"", _NULL)}
_AGREED = sequence(oid(ECDH_SHA256KDF), sequence(oid(AES256_WRAP)))
_POINT = sequence(oid(EC_PUBLIC_KEY))


class AesGcm:
    """What is sealed with unless the authority supplies another suite."""

    name = "cms-aes-256-gcm"

    def fresh_key(self) -> bytes:
        return secrets.token_bytes(32)

    def close(self, content: bytes, content_key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        sealed = AESGCM(content_key).encrypt(nonce, content, None)
        algorithm = sequence(oid(AES256_GCM), sequence(octets(nonce), integer(TAG)))
        info = sequence(oid(DATA), algorithm, tlv(0x80, memoryview(sealed)[:-TAG]))
        return info + octets(sealed[-TAG:])

    def open(self, body: bytes, content_key: bytes) -> bytes:
        nonce, sealed = self.split(body)
        try:
            return AESGCM(content_key).decrypt(nonce, sealed, None)
        except (InvalidTag, ValueError) as wrong:
            raise Tampered from wrong

    def split(self, body: bytes) -> tuple[bytes, bytes]:
        info, tag = _members(body, 0x30, 0x04)
        kind, algorithm, sealed = _members(info, 0x06, 0x30, 0x80)
        cipher, parameters = _members(algorithm, 0x06, 0x30)
        nonce, size = _members(parameters, 0x04, 0x02)
        shape = (_named(kind), _named(cipher), len(nonce), size, len(tag))
        if shape != (oid(DATA), oid(AES256_GCM), NONCE, bytes((TAG,)), TAG):
            raise Tampered
        return nonce, sealed + tag

    def lock_for(self, content_key: bytes, certificate: bytes) -> bytes:
        public = certificates.load_der_x509_certificate(certificate).public_key()
        if not isinstance(public, EllipticCurvePublicKey | RSAPublicKey):
            raise UnfitCertificate
        read = x509.Certificate.load(certificate)
        return _lock(content_key, public, sequence(read.issuer.dump(), integer(read.serial_number)))

    def lock_to(self, content_key: bytes, public: PublicKey) -> bytes:
        identifier = SubjectKeyIdentifier.from_public_key(public).digest
        if isinstance(public, EllipticCurvePublicKey):
            return _lock(content_key, public, tlv(CONTEXT, octets(identifier)))
        return _lock(content_key, public, tlv(0x80, identifier))

    def unlock(self, lock: bytes, key: Key) -> bytes:
        wrapped = _wrapped(lock)
        if bool(wrapped.ephemeral) is not isinstance(key.public, EllipticCurvePublicKey):
            raise NotForThisKey
        try:
            return key.unwrap(wrapped)
        except CannotUnwrap as wrong:
            raise NotForThisKey from wrong

    def wrapped(self, lock: bytes) -> Wrapped:
        return _wrapped(lock)

    def message(self, body: bytes, locks: Iterable[bytes]) -> bytes:
        envelope = sequence(integer(0), set_of(locks), body)
        return sequence(oid(AUTH_ENVELOPED_DATA), tlv(CONTEXT, envelope))

    def parts(self, message: bytes) -> tuple[bytes, tuple[bytes, ...]]:
        (outer,) = _members(message, 0x30)
        kind, held = _members(outer, 0x06, CONTEXT)
        (envelope,) = _members(held, 0x30)
        if _named(kind) != oid(AUTH_ENVELOPED_DATA):
            raise Tampered
        version, locks, info, tag = _members(envelope, 0x02, SET, 0x30, 0x04)
        if version != b"\0":
            raise Tampered
        return sequence(info) + octets(tag), tuple(tlv(kind, value) for kind, value in _read(locks))


def _lock(content_key: bytes, public: PublicKey, who: bytes) -> bytes:
    """A RecipientInfo for whoever is named by `who` (a serial, or a key identifier)."""
    wrapped = wrapping.wrap(content_key, public)
    if not wrapped.ephemeral:
        version = 0 if who[0] == 0x30 else 2
        return sequence(integer(version), who, _OAEP, octets(wrapped.sealed))
    origin = tlv(CONTEXT, tlv(CONTEXT | 1, _POINT, tlv(0x03, b"\0", wrapped.ephemeral)))
    return tlv(CONTEXT | 1, integer(3), origin, _AGREED, sequence(sequence(who, octets(wrapped.sealed))))


def _wrapped(lock: bytes) -> Wrapped:
    """What a RecipientInfo of one of our two kinds holds. :raises Tampered:"""
    ((kind, value),) = _exactly(lock, 1)
    if kind == 0x30:
        parts = _exactly(value, 4)
        algorithm, sealed = tlv(parts[2][0], parts[2][1]), parts[3]
        if algorithm not in _OAEP_READ or sealed[0] != 0x04:
            raise Tampered
        return Wrapped(sealed[1])
    if kind != CONTEXT | 1:
        raise Tampered
    _version, origin, algorithm, readers = _members(value, 0x02, CONTEXT, 0x30, 0x30)
    (point,) = _members(origin, CONTEXT | 1)
    _algorithm, bits = _members(point, 0x30, 0x03)
    (reader,) = _members(readers, 0x30)
    (_who, sealed) = _exactly(reader, 2)
    if sequence(algorithm) != _AGREED or sealed[0] != 0x04 or bits[:1] != b"\0" or len(bits) < 2:
        raise Tampered
    return Wrapped(sealed[1], bits[1:])


def _named(value: bytes) -> bytes:
    return tlv(0x06, value)


def _members(value: bytes, *kinds: int) -> tuple[bytes, ...]:
    """The values of exactly these tags in this order. :raises Tampered:"""
    found = _exactly(value, len(kinds))
    if tuple(kind for kind, _value in found) != kinds:
        raise Tampered
    return tuple(each for _kind, each in found)


def _exactly(value: bytes, count: int) -> list[tuple[int, bytes]]:
    found = _read(value)
    if len(found) != count:
        raise Tampered
    return found


def _read(value: bytes) -> list[tuple[int, bytes]]:
    """Tags and values side by side (X.690, definite lengths, one-byte tags). :raises Tampered: a length beyond the end"""
    found: list[tuple[int, bytes]] = []
    place, end = 0, len(value)
    while place < end:
        if place + 2 > end:
            raise Tampered
        kind, size = value[place], value[place + 1]
        place += 2
        if size & 0x80:
            more = size & 0x7F
            size = int.from_bytes(value[place : place + more], "big")
            if not 1 <= more <= DEEPEST_LENGTH:
                raise Tampered
            place += more
        if place + size > end:
            raise Tampered
        found.append((kind, value[place : place + size]))
        place += size
    return found
