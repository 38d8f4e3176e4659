"""Keys kept by a remote signing service, reached by the API of the Cloud Signature Consortium (CSC): version 2, or 1.0.4.

Only the hash goes out, only a signature comes back: the key never leaves the service, the document never leaves the node. PIN
and OTP are what the service asks for; it turns them into a SAD (signature activation data) bound to that one hash, and counts
wrong ones by itself. Whatever comes back is proved with the certificate's own key before it counts. The standard library's HTTP
client does it: two short requests a signature need no more.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from antin.keys.providers import (
    BadAnswer,
    CannotUnwrap,
    DeviceTrouble,
    KeyMissing,
    Kind,
    PublicKey,
    RemoteRefused,
    RemoteSilent,
    Wrapped,
    WrongSecret,
    size_of_signature,
)
from antin.keys.providers.tokens import prove

PATIENCE = 4.0
"""Seconds for one request. A signature takes three of them, and must end within the lease of its request."""

MOST_BYTES = 1_000_000
KEPT_SECONDS = 60.0
HASH_OIDS = {"sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}
SIGNATURE_OIDS = {
    ("ec", "sha256"): "1.2.840.10045.4.3.2",
    ("ec", "sha384"): "1.2.840.10045.4.3.3",
    ("ec", "sha512"): "1.2.840.10045.4.3.4",
    ("rsa", "sha256"): "1.2.840.113549.1.1.11",
    ("rsa", "sha384"): "1.2.840.113549.1.1.12",
    ("rsa", "sha512"): "1.2.840.113549.1.1.13",
}
SECRETS = ("invalid_pin", "invalid_otp", "PIN", "OTP")
"""How the two versions name a wrong secret, as an error of its own or in its description."""


@dataclass(frozen=True)
class Credential:
    """A key of the service with its certificates, as it described it a moment ago."""

    certificate: bytes
    chain: tuple[bytes, ...]
    public: PublicKey
    usable: bool
    asks_pin: bool
    asks_otp: bool


class Remote:
    """One signing service: its address with the version (`https://host/csc/v2`), and the token by which it knows the node."""

    def __init__(self, address: str, token: Callable[[], str | None], *, patience: float = PATIENCE) -> None:
        self._parts = urlsplit(address.rstrip("/"))
        self._token, self._patience = token, patience
        self.version = 1 if self._parts.path.endswith("/v1") else 2

    def ask(self, method: str, question: Mapping[str, Any]) -> dict[str, Any]:
        """Put one question; the answer is a JSON object.

        :raises RemoteSilent: :raises RemoteRefused: :raises BadAnswer: :raises WrongSecret: PIN or OTP was not accepted
        """
        status, content = self._exchange(method, json.dumps(question).encode())
        if status >= 500:
            raise RemoteSilent(f"HTTP {status}")
        try:
            answer = json.loads(content)
        except ValueError as unreadable:
            if status >= 400:
                raise RemoteRefused(f"HTTP {status}") from unreadable
            raise BadAnswer("unreadable") from unreadable
        if not isinstance(answer, dict):
            raise BadAnswer("not an object")
        if status != 200:
            error, told = str(answer.get("error", "")), str(answer.get("error_description", ""))
            if error in SECRETS or any(word in told.split() for word in SECRETS):
                raise WrongSecret(self._parts.hostname or "")
            raise RemoteRefused(f"HTTP {status} {error}".strip()[:120])
        return answer

    def _exchange(self, method: str, body: bytes) -> tuple[int, bytes]:
        """One request and its answer; no redirection is followed, and no proxy of the environment is used."""
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=self._patience)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        token = self._token()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        end = time.monotonic() + self._patience
        try:
            connection.request("POST", f"{self._parts.path}/{method}", body, headers)
            answer = connection.getresponse()
            found = b""
            while part := answer.read1(65536):
                found += part
                if len(found) > MOST_BYTES:
                    raise BadAnswer("too long")
                if time.monotonic() > end:
                    raise RemoteSilent("too slow")
            if answer.length:
                raise BadAnswer("cut off")
        except (TimeoutError, ConnectionError, socket.gaierror, ssl.SSLError) as silent:
            raise RemoteSilent(type(silent).__name__) from silent
        except (http.client.HTTPException, OSError) as broken:
            raise RemoteSilent(type(broken).__name__) from broken
        finally:
            connection.close()
        return answer.status, found


class RemoteKey:
    """A key of a service, for one act: it holds PIN and OTP until the hash is there that they are to be bound to."""

    def __init__(self, remote: Remote, name: str, credential: Credential, secret: str | None) -> None:
        self._remote, self._name, self._secret, self.public = remote, name, secret, credential.public
        self._credential = credential
        self.signature_size = size_of_signature(credential.public)

    def __repr__(self) -> str:
        return f"RemoteKey({self._name})"

    def sign(self, data: bytes, digest: str) -> bytes:
        hashed = hashlib.new(digest, data).digest()
        family = "ec" if isinstance(self.public, ec.EllipticCurvePublicKey) else "rsa"
        hashes = [base64.b64encode(hashed).decode()]
        second = self._remote.version == 2
        named = {"credentialID": self._name, "hashes" if second else "hash": hashes}
        algorithm = {"hashAlgorithmOID" if second else "hashAlgo": HASH_OIDS[digest]}
        sad = self._remote.ask("credentials/authorize", named | algorithm | {"numSignatures": 1} | self._proof()).get(
            "SAD"
        )
        if not isinstance(sad, str):
            raise BadAnswer("no SAD")
        asked = named | algorithm | {"SAD": sad, "signAlgo": SIGNATURE_OIDS[family, digest]}
        try:
            made = base64.b64decode(self._remote.ask("signatures/signHash", asked)["signatures"][0], validate=True)
        except (KeyError, IndexError, TypeError, binascii.Error) as wrong:
            raise BadAnswer("no signature") from wrong
        made = _as_der(made, self.public)
        prove(self.public, made, hashed, digest)
        return made

    def _proof(self) -> dict[str, Any]:
        """PIN and OTP as the version wants them; typed with a space in between when both are asked for."""
        pin, _, otp = (self._secret or "").partition(" ")
        if self._credential.asks_otp and not self._credential.asks_pin:
            pin, otp = "", self._secret or ""
        given = {name: value for name, value in (("PIN", pin), ("OTP", otp)) if value}
        if self._remote.version == 2:
            return {"authData": [{"id": name, "value": value} for name, value in given.items()]} if given else {}
        return given

    def unwrap(self, wrapped: Wrapped) -> bytes:
        raise CannotUnwrap("a signing service only signs")


def _as_der(made: bytes, public: PublicKey) -> bytes:
    """An elliptic signature as CMS wants it; some services give the two numbers side by side (IEEE P1363)."""
    if isinstance(public, ec.EllipticCurvePublicKey):
        half = (public.key_size + 7) // 8
        if len(made) == 2 * half and not (made[0] == 0x30 and made[1] == len(made) - 2):
            return encode_dss_signature(int.from_bytes(made[:half], "big"), int.from_bytes(made[half:], "big"))
    return made


class RemoteKeys:
    """The signing services that the node was told of, by name. A reference is `<service>:<credential of the service>`."""

    def __init__(
        self,
        addresses: Mapping[str, str],
        token: Callable[[str], str | None] = lambda _name: None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        def token_of(name: str) -> Callable[[], str | None]:
            return lambda: token(name)

        self._remotes = {
            name: Remote(address, token_of(name), patience=patience) for name, address in addresses.items()
        }
        self._known: dict[str, tuple[float, Credential]] = {}
        self._lock = threading.Lock()

    def list_credentials(self, remote: str) -> list[str]:
        """The references of the keys that a service keeps for this node. :raises DeviceTrouble:"""
        answer = self._remote(remote).ask("credentials/list", {"maxResults": 100})
        found = answer.get("credentialIDs")
        if not isinstance(found, list):
            raise BadAnswer("no list")
        return [f"{remote}:{each}" for each in found]

    def describe(self, reference: str) -> Credential:
        """The certificates of a key and what it asks for. :raises KeyMissing: :raises DeviceTrouble:"""
        name, _, credential = reference.partition(":")
        remote = self._remote(name)
        question = {"credentialID": credential, "certificates": "chain", "authInfo": True}
        try:
            answer = remote.ask("credentials/info", question)
        except RemoteRefused as no:
            raise KeyMissing(reference) from no
        try:
            ders = [base64.b64decode(each, validate=True) for each in answer["cert"]["certificates"]]
            public = x509.load_der_x509_certificate(ders[0]).public_key()
            key = answer["key"]
            usable = key["status"] == "enabled"
        except (KeyError, IndexError, TypeError, ValueError) as wrong:
            raise BadAnswer("no certificate") from wrong
        if not isinstance(public, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            raise BadAnswer("a key of another kind")
        asks = _asked_for(answer)
        return Credential(ders[0], tuple(ders[1:]), public, usable, "PIN" in asks, "OTP" in asks)

    def open(self, reference: str, secret: str | None) -> RemoteKey:
        """The key, described by the service within the last minute; PIN and OTP are proved when it signs."""
        now = time.monotonic()
        with self._lock:
            since, credential = self._known.get(reference, (0.0, None))
        if credential is None or now - since > KEPT_SECONDS:
            credential = self.describe(reference)
            with self._lock:
                self._known[reference] = (now, credential)
        if not credential.usable:
            raise RemoteRefused("disabled")
        name, _, own = reference.partition(":")
        return RemoteKey(self._remote(name), own, credential, secret)

    def is_open(self, reference: str, secret: str | None) -> bool:
        """No secret is tried when a key is opened: the service itself proves it, and counts."""
        return True

    def create(self, secret: str | None, kind: Kind = Kind.P256, place: str = "") -> str:
        raise DeviceTrouble("keys are made at the service")

    def change_secret(self, reference: str, old: str, new: str) -> None:
        raise DeviceTrouble("the PIN is changed at the service")

    def destroy(self, reference: str) -> None:
        """The service's own business; the node forgets what it knew."""
        with self._lock:
            self._known.pop(reference, None)

    def _remote(self, name: str) -> Remote:
        if name not in self._remotes:
            raise KeyMissing(name)
        return self._remotes[name]


def _asked_for(answer: Mapping[str, Any]) -> set[str]:
    """Whether PIN and OTP are asked for: `auth.objects` in version 2, `PIN.presence` and `OTP.presence` before."""
    auth = answer.get("auth")
    if isinstance(auth, dict) and isinstance(auth.get("objects"), list):
        return {str(each.get("id")) for each in auth["objects"] if isinstance(each, dict)} & {"PIN", "OTP"}
    found = set()
    for name in ("PIN", "OTP"):
        told = answer.get(name)
        if isinstance(told, dict) and str(told.get("presence")) in ("true", "optional"):
            found.add(name)
    return found
