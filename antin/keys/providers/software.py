"""Private keys in files of the node: PKCS#8 encrypted (RFC 5958, PBES2), readable by the node's own user only.

What opens a file is the node's secret and, for a person's key, the PIN as well, through scrypt (RFC 7914). Who holds both the
files and the node's secret can try PINs at some forty a second on a core: this is the demonstration's and the small office's
provider; where more is asked, the key belongs into a token or an HSM behind the same port.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)

from antin.keys.providers import CannotUnwrap, KeyMissing, Kind, Wrapped, WrongSecret, size_of_signature, wrapping

SCRYPT = {"n": 2**13, "r": 8, "p": 1}
PIN_SECONDS = 600
DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class SoftwareKey:
    """A loaded key. Loading costs a hundred times what signing does, so it is kept by the provider."""

    def __init__(self, private: Private) -> None:
        self._private = private
        self.public = private.public_key()
        self.signature_size = size_of_signature(self.public)

    def sign(self, data: bytes, digest: str) -> bytes:
        if isinstance(self._private, ec.EllipticCurvePrivateKey):
            return self._private.sign(data, ec.ECDSA(DIGESTS[digest]))
        return self._private.sign(data, padding.PKCS1v15(), DIGESTS[digest])

    def unwrap(self, wrapped: Wrapped) -> bytes:
        if isinstance(self._private, ec.EllipticCurvePrivateKey):
            peer = wrapping.peer_of(wrapped, self._private.public_key())
            return wrapping.open_agreed(self._private.exchange(ec.ECDH(), peer), wrapped)
        try:
            return self._private.decrypt(wrapped.sealed, wrapping.OAEP)
        except ValueError as wrong:
            raise CannotUnwrap from wrong


def _generate(kind: Kind) -> Private:
    match kind:
        case Kind.P256:
            return ec.generate_private_key(ec.SECP256R1())
        case Kind.P384:
            return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("rsa")))


@dataclass(frozen=True)
class _Opened:
    key: SoftwareKey
    verifier: bytes
    until: float


class SoftwareKeys:
    """Keys of one folder, opened with one node secret.

    Opened keys stay in this process's memory: the node's own as long as it runs, a person's for ten minutes. The PIN is asked
    at every signature all the same; memory only spares the slow derivation when the same PIN comes again.
    """

    def __init__(self, folder: Path, node_secret: str) -> None:
        self._folder = folder
        self._node_secret = node_secret.encode()
        self._pepper = secrets.token_bytes(32)
        self._opened: dict[str, _Opened] = {}
        self._lock = threading.Lock()

    def create(self, secret: str | None, kind: Kind = Kind.P256, place: str = "") -> str:
        return self.keep(_generate(kind), secret)

    def keep(self, private: Private, secret: str | None) -> str:
        """Take a key that was made elsewhere; give its reference."""
        reference = secrets.token_hex(16)
        self._write(reference, private, secret)
        self._remember(reference, secret, SoftwareKey(private))
        return reference

    def open(self, reference: str, secret: str | None) -> SoftwareKey:
        found = self._recall(reference, secret)
        if found is not None:
            return found
        key = SoftwareKey(self._read(reference, secret))
        self._remember(reference, secret, key)
        return key

    def is_open(self, reference: str, secret: str | None) -> bool:
        return self._recall(reference, secret) is not None

    def change_secret(self, reference: str, old: str, new: str) -> None:
        private = self._read(reference, old)
        self._write(reference, private, new)
        with self._lock:
            self._opened.pop(reference, None)

    def destroy(self, reference: str) -> None:
        with self._lock:
            self._opened.pop(reference, None)
        self._path(reference).unlink(missing_ok=True)

    def _remember(self, reference: str, secret: str | None, key: SoftwareKey) -> None:
        now = time.monotonic()
        until = float("inf") if secret is None else now + PIN_SECONDS
        with self._lock:
            for stale in [other for other, held in self._opened.items() if held.until < now]:
                del self._opened[stale]
            self._opened[reference] = _Opened(key, self._verifier(reference, secret), until)

    def _recall(self, reference: str, secret: str | None) -> SoftwareKey | None:
        with self._lock:
            held = self._opened.get(reference)
            if held is not None and held.until < time.monotonic():
                del self._opened[reference]
                held = None
        if held is None or not hmac.compare_digest(held.verifier, self._verifier(reference, secret)):
            return None
        return held.key

    def _verifier(self, reference: str, secret: str | None) -> bytes:
        """What this process remembers of a secret: useless outside it."""
        return hmac.digest(self._pepper, f"{reference}:{'' if secret is None else 'pin:' + secret}".encode(), "sha256")

    def _passphrase(self, reference: str, secret: str | None) -> bytes:
        bound = hmac.digest(self._node_secret, b"antin private key " + reference.encode(), "sha256")
        if secret is not None:
            bound = hashlib.scrypt(secret.encode(), salt=bound, dklen=32, maxmem=64 * 2**20, **SCRYPT)
        return bound.hex().encode()

    def _path(self, reference: str) -> Path:
        if not reference.isalnum():
            raise KeyMissing(reference)
        return self._folder / f"{reference}.p8"

    def _read(self, reference: str, secret: str | None) -> Private:
        try:
            content = self._path(reference).read_bytes()
        except FileNotFoundError as absent:
            raise KeyMissing(reference) from absent
        try:
            private = load_der_private_key(
                content,
                self._passphrase(reference, secret),
                unsafe_skip_rsa_key_validation=True,  # written by this class: proving the primes again takes a third of a second
            )
        except ValueError as wrong:
            raise WrongSecret(reference) from wrong
        if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise KeyMissing(reference)
        return private

    def _write(self, reference: str, private: Private, secret: str | None) -> None:
        """Durably and whole: a crash leaves the old file or the new one."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        encryption = BestAvailableEncryption(self._passphrase(reference, secret))
        content = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, encryption)
        fresh = self._folder / f".{reference}.{secrets.token_hex(4)}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self._path(reference))
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
