"""The port behind which private keys live. A key is made, opened and used there; it never comes out.

A provider keeps keys under references of its own choosing. `secret` is what opens one key: a person's PIN, or None for a key
the node itself may use (an agency's, an authority's). Further kinds (PKCS#11, remote signing) come as further modules.
"""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey


class WrongSecret(Exception):
    """The secret does not open the key."""


class KeyMissing(Exception):
    """The provider has no key of that reference."""


class Key(Protocol):
    """An opened private key: it signs and never shows itself."""

    @property
    def public(self) -> EllipticCurvePublicKey: ...

    @property
    def signature_size(self) -> int:
        """The most bytes a signature takes."""

    def sign(self, data: bytes, digest: str) -> bytes:
        """Sign the data, hashing it with the named digest ("sha256", "sha384", "sha512")."""


class Provider(Protocol):
    def create(self, secret: str | None) -> str:
        """Make a key; give its reference."""

    def open(self, reference: str, secret: str | None) -> Key:
        """Open a key. :raises WrongSecret: :raises KeyMissing:"""

    def is_open(self, reference: str, secret: str | None) -> bool:
        """Whether this process opened it lately by this very secret, so that no guess is being made."""

    def change_secret(self, reference: str, old: str, new: str) -> None:
        """Put the key under another secret. :raises WrongSecret: :raises KeyMissing:"""

    def destroy(self, reference: str) -> None:
        """Make the key unusable for ever; nothing happens when it is already gone."""
