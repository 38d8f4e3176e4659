"""Content keys closed to a public key and opened by its private one, in the ways CMS knows.

RSA: RSAES-OAEP with SHA-256 (RFC 8017, 7.1; in CMS by RFC 4056's sister RFC 3560). Elliptic curves: one-pass ECDH with an
ephemeral key, X9.63 derivation with SHA-256 and AES-256 key wrap (RFC 5753, dhSinglePass-stdDH-sha256kdf-scheme; RFC 3394).
The private step is a device's; everything around it is here, so that every provider opens what any other would.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from antin.keys.providers import CannotUnwrap, PublicKey, Wrapped

OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
SHARED_INFO = bytes.fromhex("3015300b060960864801650304012da206040400000100")
"""ECC-CMS-SharedInfo (RFC 5753, 7.2): id-aes256-wrap, no user keying material, 256 bits."""


def wrap(content_key: bytes, public: PublicKey) -> Wrapped:
    """Close a content key of 16, 24 or 32 bytes to a public key."""
    if not isinstance(public, EllipticCurvePublicKey):
        return Wrapped(public.encrypt(content_key, OAEP))
    ephemeral = ec.generate_private_key(public.curve)
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Wrapped(aes_key_wrap(_derived(ephemeral.exchange(ec.ECDH(), public)), content_key), point)


def open_agreed(shared: bytes, wrapped: Wrapped) -> bytes:
    """Open with the agreed secret, which a device gives. :raises CannotUnwrap:"""
    try:
        return aes_key_unwrap(_derived(shared), wrapped.sealed)
    except (InvalidUnwrap, ValueError) as wrong:
        raise CannotUnwrap from wrong


def _derived(shared: bytes) -> bytes:
    return X963KDF(algorithm=hashes.SHA256(), length=32, sharedinfo=SHARED_INFO).derive(shared)


def peer_of(wrapped: Wrapped, public: EllipticCurvePublicKey) -> EllipticCurvePublicKey:
    """The sender's ephemeral point, which must lie on the key's own curve. :raises CannotUnwrap:"""
    try:
        return EllipticCurvePublicKey.from_encoded_point(public.curve, wrapped.ephemeral)
    except ValueError as wrong:
        raise CannotUnwrap from wrong


def open_padded(block: bytes) -> bytes:
    """Take OAEP with SHA-256 off a block that a device decrypted raw: tokens often know OAEP with SHA-1 only.

    What is wrong with it is not told, and is looked at in one go, so that nobody learns from the answer (Manger's attack).

    :raises CannotUnwrap:
    """
    size = hashlib.sha256().digest_size
    if len(block) < 2 * size + 2:
        raise CannotUnwrap
    masked_seed, masked = block[1 : size + 1], block[size + 1 :]
    seed = _xor(masked_seed, _mask(masked, size))
    data = _xor(masked, _mask(seed, len(masked)))
    rest = data[size:]
    end = rest.find(1)
    good = hmac.compare_digest(data[:size], hashlib.sha256().digest())
    good &= block[0] == 0
    good &= end >= 0
    good &= not any(rest[: max(end, 0)])
    if not good:
        raise CannotUnwrap
    return rest[end + 1 :]


def _mask(seed: bytes, size: int) -> bytes:
    """MGF1 with SHA-256 (RFC 8017, B.2.1)."""
    blocks = (hashlib.sha256(seed + count.to_bytes(4, "big")).digest() for count in range(-(-size // 32)))
    return b"".join(blocks)[:size]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
