"""The port behind which private keys live. A key is made, opened and used there; it never comes out.

A provider keeps keys under references of its own making. `secret` is what opens one key: a person's PIN, or None for a key the
node itself may use (an agency's, an authority's). Four stand behind it: files of the node (`software`), tokens and HSMs
(`tokens`, PKCS#11), a remote signing service (`remote`, CSC API v2), and the signer's own machine (`antin agent`), which
reaches his token by the same `tokens`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey = EllipticCurvePublicKey | RSAPublicKey


class Kind(StrEnum):
    """What key is made: those that the technical rules for public-duty signatures allow and every device can keep."""

    P256 = "p256"
    P384 = "p384"
    RSA2048 = "rsa2048"
    RSA3072 = "rsa3072"


class WrongSecret(Exception):
    """The secret does not open the key. `left` is how many tries the device itself says are left, None when it does not tell."""

    def __init__(self, reference: str, left: int | None = None) -> None:
        super().__init__(reference)
        self.left = left


class KeyMissing(Exception):
    """The provider has no key of that reference."""


class DeviceTrouble(Exception):
    """What keeps the key cannot be reached, or does not do its work; nothing was signed."""


class DeviceGone(DeviceTrouble):
    """The device is not there, or was taken away while it was in use. When it is back, the next act works."""


class DeviceBlocked(DeviceTrouble):
    """The device itself locked its PIN; only its own administrator's PIN opens it again."""


class RemoteSilent(DeviceTrouble):
    """The signing service did not answer in time, or answered that it is out of order."""


class RemoteRefused(DeviceTrouble):
    """The signing service said no."""


class BadAnswer(DeviceTrouble):
    """The answer cannot be read, or is no signature by this key over what was asked."""


class CannotUnwrap(Exception):
    """This key does not open this: it was closed to another, or tampered with, or the device only signs."""


@dataclass(frozen=True)
class Wrapped:
    """A content key closed to one public key: by RSA-OAEP, or agreed upon with `ephemeral`, a public point of the same curve."""

    sealed: bytes
    ephemeral: bytes = b""


class Key(Protocol):
    """An opened private key: it signs, opens what was closed to it, and never shows itself."""

    @property
    def public(self) -> PublicKey: ...

    @property
    def signature_size(self) -> int:
        """The most bytes a signature takes."""

    def sign(self, data: bytes, digest: str) -> bytes:
        """Sign the data, hashing it with the named digest ("sha256", "sha384", "sha512"); RSA by PKCS#1 v1.5.

        :raises DeviceTrouble: the device was taken away, blocked or does not answer
        """

    def unwrap(self, wrapped: Wrapped) -> bytes:
        """Open a content key that `wrapping.wrap` closed to this key. :raises CannotUnwrap: :raises DeviceTrouble:"""


class Provider(Protocol):
    def create(self, secret: str | None, kind: Kind = Kind.P256, place: str = "") -> str:
        """Make a key, in the place named where there are several; give its reference."""

    def open(self, reference: str, secret: str | None) -> Key:
        """Open a key. :raises WrongSecret: :raises KeyMissing: :raises DeviceTrouble:"""

    def is_open(self, reference: str, secret: str | None) -> bool:
        """Whether this process opened it lately by this very secret, so that no guess is being made."""

    def change_secret(self, reference: str, old: str, new: str) -> None:
        """Put the key under another secret. :raises WrongSecret: :raises KeyMissing: :raises DeviceTrouble:"""

    def destroy(self, reference: str) -> None:
        """Make the key unusable for ever; nothing happens when it is already gone."""


def kind_of(public: PublicKey) -> Kind | None:
    """Which of the allowed kinds a key is, None if it is none of them."""
    name = f"p{public.curve.key_size}" if isinstance(public, EllipticCurvePublicKey) else f"rsa{public.key_size}"
    return next((kind for kind in Kind if kind == name), None)


def size_of_signature(public: PublicKey) -> int:
    """The most bytes one of its signatures takes."""
    if isinstance(public, EllipticCurvePublicKey):
        return 2 * ((public.key_size + 7) // 8) + 9
    return (public.key_size + 7) // 8
