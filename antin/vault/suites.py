"""The port behind which contents are sealed. The authority for ciphers supplies its own suite; every known one goes on opening.

A suite keeps what is sealed apart from whom it is sealed to: the `body` never changes, so that it is named by its digest, and each
reader's `lock` holds the content key closed to his certificate. Together they make one message that other programs open.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from antin.keys.providers import Key, PublicKey, Wrapped


class Tampered(Exception):
    """The bytes are not what was sealed: changed, cut short, of another key, or of no suite that is known here."""


class NotForThisKey(Exception):
    """The lock was made for another key, or was tampered with."""


class NotForBrowsers(Exception):
    """What was sealed with this suite is opened by the node or by other programs, not by a browser."""


class UnfitCertificate(Exception):
    """Nothing can be sealed to this certificate: its key is of no kind the suite knows."""


class Suite(Protocol):
    """One way to seal. Pure: no tables, no files."""

    name: str

    def fresh_key(self) -> bytes:
        """A new content key; one for each content."""

    def close(self, content: bytes, content_key: bytes) -> bytes:
        """Seal the content: the body, the same for every reader."""

    def open(self, body: bytes, content_key: bytes) -> bytes:
        """Open a body whole; nothing is given out before all of it is proven. :raises Tampered:"""

    def lock_for(self, content_key: bytes, certificate: bytes) -> bytes:
        """The content key closed to a certificate (DER). :raises UnfitCertificate:"""

    def lock_to(self, content_key: bytes, public: PublicKey) -> bytes:
        """The content key closed to a public key that has no certificate."""

    def unlock(self, lock: bytes, key: Key) -> bytes:
        """The content key out of a lock, by the key it was made for. :raises NotForThisKey: :raises Tampered:"""

    def wrapped(self, lock: bytes) -> Wrapped:
        """What a lock holds, for a key that opens it on its holder's own machine. :raises Tampered:"""

    def split(self, body: bytes) -> tuple[bytes, bytes]:
        """Nonce, and sealed bytes with their tag, as AES-256-GCM of a browser takes them (no additional data).

        :raises NotForBrowsers: no browser knows this cipher
        :raises Tampered:
        """

    def message(self, body: bytes, locks: Iterable[bytes]) -> bytes:
        """Body and locks as one message for other programs."""

    def parts(self, message: bytes) -> tuple[bytes, tuple[bytes, ...]]:
        """A message's body and locks. :raises Tampered:"""


def newest() -> Suite:
    """What is sealed from now on is sealed with this one: the first that the settings name."""
    return _known(tuple(settings.CIPHER_SUITES))[0]


def named(name: str) -> Suite:
    """The suite that something was sealed with. :raises Tampered: none of that name is known here"""
    found = next((suite for suite in _known(tuple(settings.CIPHER_SUITES)) if suite.name == name), None)
    if found is None:
        raise Tampered(name)
    return found


@lru_cache(maxsize=8)
def _known(paths: tuple[str, ...]) -> tuple[Suite, ...]:
    return tuple(import_string(path)() for path in paths)
