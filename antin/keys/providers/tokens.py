"""Keys in tokens and HSMs, reached by PKCS#11 v2.40: USB tokens, smart cards, network HSMs, SoftHSM for rehearsals.

Without Django and without tables: the node uses it, and so does `antin agent` on an officer's own machine.

Three traps decide its shape. A login belongs to the whole process, not to a session: whoever finds the token logged in need not
know the PIN, so the PIN is compared here before the token is used again, and the token is logged out when the last act that holds
a key of it is over. A library must be initialised anew in a forked process. And few tokens hash by themselves (SoftHSM knows
neither ECDSA_SHA256 nor OAEP with SHA-256): data are hashed here, and the raw mechanism is used wherever the token offers it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pkcs11
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, TokenFlag
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from antin.keys.providers import (
    BadAnswer,
    CannotUnwrap,
    DeviceBlocked,
    DeviceGone,
    DeviceTrouble,
    KeyMissing,
    Kind,
    PublicKey,
    Wrapped,
    WrongSecret,
    size_of_signature,
    wrapping,
)

GONE = (
    pkcs11.DeviceRemoved,
    pkcs11.DeviceError,
    pkcs11.TokenNotPresent,
    pkcs11.TokenNotRecognised,
    pkcs11.NoSuchToken,
    pkcs11.SessionHandleInvalid,
    pkcs11.SessionClosed,
    pkcs11.ObjectHandleInvalid,
    pkcs11.KeyHandleInvalid,
    pkcs11.SlotIDInvalid,
    pkcs11.UserNotLoggedIn,
    pkcs11.GeneralError,
)
"""What modules answer when a token was pulled; they do not agree on one answer."""

WRONG = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange)
HASHES: dict[str, HashAlgorithm] = {"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}
DIGEST_INFO = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
"""What stands before a digest in an RSA signature (RFC 8017, 9.2)."""

HASHING = {
    ("ec", "sha256"): Mechanism.ECDSA_SHA256,
    ("ec", "sha384"): Mechanism.ECDSA_SHA384,
    ("ec", "sha512"): Mechanism.ECDSA_SHA512,
    ("rsa", "sha256"): Mechanism.SHA256_RSA_PKCS,
    ("rsa", "sha384"): Mechanism.SHA384_RSA_PKCS,
    ("rsa", "sha512"): Mechanism.SHA512_RSA_PKCS,
}
CURVES = {Kind.P256: "secp256r1", Kind.P384: "secp384r1"}


@dataclass(frozen=True)
class TokenSeen:
    """A token as it lies in a slot: by what it is found, whose make it is, and what it says of its PIN."""

    module: str
    label: str
    serial: str
    model: str
    maker: str
    tries_low: bool
    last_try: bool
    blocked: bool

    @property
    def place(self) -> str:
        return f"{self.module}:{self.serial}"


@dataclass(frozen=True)
class Found:
    """A certificate that lies on a token, and the reference of its key."""

    reference: str
    label: str
    certificate: bytes


class _Module:
    """One PKCS#11 library in this process. One thing at a time is done with it: it is initialised without locks of its own."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.stations: dict[str, _Station] = {}
        self._born = 0
        self._lib: Any = None

    def library(self) -> Any:
        """The library, initialised in this very process."""
        if self._lib is None or self._born != os.getpid():
            forked = self._lib is not None
            for station in self.stations.values():
                station.forget()
            try:
                self._lib = pkcs11.lib(self.path)
            except (pkcs11.PKCS11Error, OSError) as trouble:
                raise DeviceTrouble(f"{self.path}: {str(trouble).rpartition(': ')[2]}") from trouble
            if forked:
                self.restart()
            self._born = os.getpid()
        return self._lib

    def restart(self) -> None:
        """Initialise it anew; every session of this process is gone with that."""
        for station in self.stations.values():
            station.forget()
        with suppress(
            pkcs11.PKCS11Error
        ):  # a fork-aware library says here that it was never initialised in this process
            self._lib.finalize()
        self._lib.initialize()

    def tokens(self) -> list[Any]:
        """The tokens that lie in its slots now."""
        found = []
        for slot in self.library().get_slots(token_present=True):
            with suppress(*GONE):
                token = slot.get_token()
                if token.flags & TokenFlag.TOKEN_INITIALIZED:
                    found.append(token)
        return found

    def token(self, named: str) -> Any:
        """The token of that serial, or (when no serial is like that) of that label. :raises DeviceGone:"""
        seen = self.tokens()
        found = [token for token in seen if _serial(token) == named] or [t for t in seen if t.label.strip() == named]
        if not found:
            raise DeviceGone(named)
        return found[0]


class _Station:
    """One token in this process: who is logged in, and how many acts hold a key of it."""

    def __init__(self, module: _Module, serial: str) -> None:
        self.module, self.serial = module, serial
        self.session: Any = None
        self.holders = 0
        self._pepper = secrets.token_bytes(32)
        self._verifier = b""

    def forget(self) -> None:
        """The session is of no use any more; acts under way find that out when they sign."""
        self.session, self._verifier, self.holders = None, b"", 0

    def _mark(self, pin: str) -> bytes:
        return hmac.digest(self._pepper, pin.encode(), "sha256")

    def knows(self, pin: str) -> bool:
        return self.session is not None and hmac.compare_digest(self._verifier, self._mark(pin))

    def log_in(self, pin: str) -> None:
        """Have the session logged in by this PIN. :raises WrongSecret: :raises DeviceTrouble:"""
        if self.session is not None:
            if not self.knows(pin):
                raise WrongSecret(self.serial, self.tries_left())
            return
        try:
            self.session = self._opened(pin, rw=False)
        except WRONG as wrong:
            self._tidy()
            left = self.tries_left()
            if left == 0:
                raise DeviceBlocked(self.serial) from wrong
            raise WrongSecret(self.serial, left) from wrong
        except pkcs11.PinLocked as locked:
            self._tidy()
            raise DeviceBlocked(self.serial) from locked
        except pkcs11.PKCS11Error as trouble:
            raise said(trouble) from trouble
        self._verifier = self._mark(pin)

    def _opened(self, pin: str, *, rw: bool) -> Any:
        """A logged-in session; a library that lost its tokens altogether is started anew once."""
        try:
            return self.module.token(self.serial).open(rw=rw, user_pin=pin)
        except (DeviceGone, pkcs11.PKCS11Error) as trouble:
            if isinstance(trouble, (*WRONG, pkcs11.PinLocked)):
                raise
            if any(station.holders for station in self.module.stations.values()):
                raise
            self.module.restart()
            return self.module.token(self.serial).open(rw=rw, user_pin=pin)

    def _tidy(self) -> None:
        """Close what a refused login left open: python-pkcs11 does not, and gives no hand on it."""
        if not any(station.session is not None for station in self.module.stations.values()):
            self.module.restart()

    def log_out(self) -> None:
        session, self.session, self._verifier = self.session, None, b""
        if session is not None:
            with suppress(pkcs11.PKCS11Error):
                session.close()

    def tries_left(self) -> int | None:
        """What the token tells of the tries left: 0 blocked, 1 the last one; None when it tells no number."""
        try:
            return tries_of(self.module.token(self.serial).flags)
        except (pkcs11.PKCS11Error, DeviceTrouble):
            return None


def tries_of(flags: TokenFlag) -> int | None:
    """The tries that a token's flags tell of (PKCS#11 2.40, CK_TOKEN_INFO)."""
    if flags & TokenFlag.USER_PIN_LOCKED:
        return 0
    return 1 if flags & TokenFlag.USER_PIN_FINAL_TRY else None


def said(trouble: Exception) -> DeviceTrouble:
    """What a module's answer means for whoever asked."""
    if isinstance(trouble, GONE):
        return DeviceGone(type(trouble).__name__)
    if isinstance(trouble, pkcs11.PinLocked):
        return DeviceBlocked(type(trouble).__name__)
    return DeviceTrouble(f"{type(trouble).__name__} {trouble}".strip())


class TokenKey:
    """A key on a token, held for one act. When the last one is let go, the token is logged out."""

    def __init__(self, station: _Station, private: Any, public: PublicKey, *, lasting: bool) -> None:
        self._station, self._private, self._session, self.public = station, private, station.session, public
        self._process = os.getpid()
        self.signature_size = size_of_signature(public)
        if not lasting:
            station.holders += 1
            leave = weakref.finalize(self, _leave, station, station.session, self._process)
            leave.atexit = False

    def sign(self, data: bytes, digest: str) -> bytes:
        hashed = hashlib.new(digest, data).digest()
        family = "ec" if isinstance(self.public, ec.EllipticCurvePublicKey) else "rsa"
        with self._used() as offered:
            raw = Mechanism.ECDSA if family == "ec" else Mechanism.RSA_PKCS
            if raw not in offered and HASHING[family, digest] in offered:
                made = self._private.sign(data, mechanism=HASHING[family, digest])
            else:
                made = self._private.sign(hashed if family == "ec" else DIGEST_INFO[digest] + hashed, mechanism=raw)
        if family == "ec":
            half = len(made) // 2
            made = encode_dss_signature(int.from_bytes(made[:half], "big"), int.from_bytes(made[half:], "big"))
        prove(self.public, made, hashed, digest)
        return bytes(made)

    def unwrap(self, wrapped: Wrapped) -> bytes:
        if isinstance(self.public, ec.EllipticCurvePublicKey):
            wrapping.peer_of(wrapped, self.public)
            with self._used():
                agreed = self._private.derive_key(
                    KeyType.GENERIC_SECRET,
                    (self.public.curve.key_size + 7) // 8 * 8,
                    mechanism=Mechanism.ECDH1_DERIVE,
                    mechanism_param=(pkcs11.KDF.NULL, None, wrapped.ephemeral),
                    template={Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True, Attribute.TOKEN: False},
                )
                shared = bytes(agreed[Attribute.VALUE])
            return wrapping.open_agreed(shared, wrapped)
        size = (self.public.key_size + 7) // 8
        if len(wrapped.sealed) != size or int.from_bytes(wrapped.sealed, "big") >= self.public.public_numbers().n:
            raise CannotUnwrap
        with self._used():
            block = self._private.decrypt(wrapped.sealed, mechanism=Mechanism.RSA_X_509)
        return wrapping.open_padded(bytes(block).rjust(size, b"\0"))

    @contextmanager
    def _used(self) -> Iterator[set[Any]]:
        """The token, for this key alone, as long as the act's own session lives; gives the mechanisms that it offers."""
        with self._station.module.lock:
            if self._process != os.getpid() or self._station.session is not self._session:
                raise DeviceGone(self._station.serial)
            try:
                yield self._session.token.slot.get_mechanisms()
            except pkcs11.PKCS11Error as trouble:
                meant = said(trouble)
                if isinstance(meant, DeviceGone):
                    self._station.forget()
                raise meant from trouble
            except (AttributeError, NotImplementedError) as trouble:  # the key's attributes do not allow this use
                raise DeviceTrouble(str(trouble)) from trouble


def _leave(station: _Station, session: Any, process: int) -> None:
    """An act let its key go; runs wherever the key is collected."""
    if process != os.getpid():
        return
    with station.module.lock:
        if station.session is session and session is not None:
            station.holders -= 1
            if station.holders == 0:
                station.log_out()


def prove(public: PublicKey, signature: bytes, hashed: bytes, digest: str) -> None:
    """See that what came back is a signature by this key over that hash. :raises BadAnswer:"""
    try:
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, hashed, ec.ECDSA(Prehashed(HASHES[digest])))
        else:
            public.verify(signature, hashed, padding.PKCS1v15(), Prehashed(HASHES[digest]))
    except InvalidSignature as wrong:
        raise BadAnswer("not a signature by this key") from wrong


def _serial(token: Any) -> str:
    return bytes(token.serial).rstrip(b"\0 ").decode("ascii", "replace")


class Tokens:
    """The tokens of some PKCS#11 libraries, by name. A reference is `<module>:<token serial>:<key id in hexadecimal>`.

    `own_pin` gives the PIN by which the node itself opens a token (an HSM partition of agencies' keys), by serial; the node's
    sessions stay open, a person's last for one act.
    """

    def __init__(self, modules: Mapping[str, str], own_pin: Callable[[str], str | None] = lambda _serial: None) -> None:
        self._modules = {name: _Module(path) for name, path in modules.items()}
        self._own_pin = own_pin

    def look(self) -> list[TokenSeen]:
        """The tokens that are there now, of every library that can be loaded; asks for no PIN."""
        found = []
        for name, module in self._modules.items():
            with module.lock, suppress(DeviceTrouble, pkcs11.PKCS11Error):
                found += [_seen(name, token) for token in module.tokens()]
        return found

    def modules_in_trouble(self) -> dict[str, str]:
        """The libraries that cannot be loaded, with what the system says of each."""
        troubles = {}
        for name, module in self._modules.items():
            try:
                with module.lock:
                    module.library()
            except DeviceTrouble as trouble:
                troubles[name] = str(trouble)
        return troubles

    def certificates(self, place: str, secret: str | None = None) -> list[Found]:
        """The certificates on a token whose private keys lie there too, as far as it shows them. :raises DeviceTrouble:"""
        module, serial = self._split(place)[:2]
        with module.lock:
            try:
                token = module.token(serial)
                station = self._station(module, _serial(token))
                if secret is not None:
                    station.log_in(secret)
                session, name = token.open(), place.split(":", 1)[0]
                try:
                    return [
                        Found(
                            f"{name}:{_serial(token)}:{bytes(each[Attribute.ID]).hex()}",
                            str(each[Attribute.LABEL]),
                            bytes(each[Attribute.VALUE]),
                        )
                        for each in list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}))
                    ]
                finally:
                    session.close()
                    if station.session is not None and station.holders == 0 and secret is not None:
                        station.log_out()
            except pkcs11.PKCS11Error as trouble:
                raise said(trouble) from trouble

    def find_key(self, public: PublicKey) -> tuple[str, str] | None:
        """The reference of a key by its public half, and its token's label: what lies in the open, no PIN is asked."""
        for seen in self.look():
            module = self._modules[seen.module]
            with module.lock, suppress(pkcs11.PKCS11Error, DeviceTrouble):
                session = module.token(seen.serial).open()
                try:
                    for each in _public_ids(session):
                        if _public(session, each) == public:
                            return f"{seen.place}:{each.hex()}", seen.label
                finally:
                    session.close()
        return None

    def create(self, secret: str | None, kind: Kind = Kind.P256, place: str = "") -> str:
        """Make a key pair on the token named by `place`: `<module>:<serial or label>`."""
        key_id = secrets.token_bytes(16)
        with self._writing(place, secret) as (name, serial, session):
            lasting = {Attribute.TOKEN: True, Attribute.ID: key_id, Attribute.LABEL: "antin"}
            hidden = lasting | {Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
            if kind in CURVES:
                curve = {Attribute.EC_PARAMS: encode_named_curve_parameters(CURVES[kind])}
                parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
                parameters.generate_keypair(
                    store=True, public_template=lasting, private_template=hidden | {Attribute.DERIVE: True}
                )
            else:
                size = int(kind.removeprefix("rsa"))
                session.generate_keypair(
                    KeyType.RSA, size, store=True, public_template=lasting, private_template=hidden
                )
        return f"{name}:{serial}:{key_id.hex()}"

    def keep_certificate(self, reference: str, certificate: bytes, secret: str | None) -> None:
        """Put a certificate beside its key on the token, so that other programs find it too."""
        _module, _named, key_id = self._split(reference)
        read = x509.load_der_x509_certificate(certificate)
        with self._writing(reference, secret) as (_name, _token_serial, session):
            session.create_object(
                {
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.ID: key_id,
                    Attribute.LABEL: "antin",
                    Attribute.SUBJECT: read.subject.public_bytes(),
                    Attribute.VALUE: certificate,
                }
            )

    def open(self, reference: str, secret: str | None) -> TokenKey:
        module, serial, key_id = self._split(reference)
        with module.lock:
            station = self._station(module, serial)
            pin = self._pin(serial, secret)
            if station.session is not None:  # the node's own, or an act's under way: is the token still there?
                try:
                    if _one(station.session, ObjectClass.PRIVATE_KEY, key_id) is None:
                        module.token(serial)
                except (pkcs11.PKCS11Error, DeviceGone):
                    station.forget()
            station.log_in(pin)
            try:
                private = _one(station.session, ObjectClass.PRIVATE_KEY, key_id)
                public = _public(station.session, key_id)
            except pkcs11.PKCS11Error as trouble:
                station.forget()
                raise said(trouble) from trouble
            if private is None or public is None:
                if station.holders == 0:
                    station.log_out()
                raise KeyMissing(reference)
            return TokenKey(station, private, public, lasting=secret is None)

    def is_open(self, reference: str, secret: str | None) -> bool:
        module, serial, _key_id = self._split(reference)
        with module.lock:
            return secret is not None and self._station(module, serial).knows(secret)

    def change_secret(self, reference: str, old: str, new: str) -> None:
        with self._writing(reference, old) as (_name, _serial, session):
            session.set_pin(old, new)

    def destroy(self, reference: str, secret: str | None = None) -> None:
        """Delete the key pair and its certificate; the PIN is asked for, unless the node opens this token by itself."""
        key_id = self._split(reference)[2]
        with self._writing(reference, secret) as (_name, _serial, session):
            for each in list(session.get_objects({Attribute.ID: key_id})):
                each.destroy()

    @contextmanager
    def _writing(self, reference: str, secret: str | None) -> Iterator[tuple[str, str, Any]]:
        """A session of one's own that may write, with the module's name and the token's serial."""
        name = reference.split(":", 1)[0]
        module, named, _key_id = self._split(reference)
        with module.lock:
            try:
                serial = _serial(module.token(named))
                station = self._station(module, serial)
                pin = self._pin(serial, secret)
                station.log_in(pin)
                if station.holders == 0:
                    station.log_out()
                    session = module.token(serial).open(rw=True, user_pin=pin)
                else:
                    session = module.token(serial).open(rw=True)
                try:
                    yield name, serial, session
                finally:
                    with suppress(pkcs11.PKCS11Error):
                        session.close()
            except WRONG as wrong:
                raise WrongSecret(named) from wrong
            except pkcs11.PKCS11Error as trouble:
                raise said(trouble) from trouble

    def _split(self, reference: str) -> tuple[_Module, str, bytes]:
        name, _, rest = reference.partition(":")
        serial, _, key_id = rest.partition(":")
        if name not in self._modules or not serial:
            raise DeviceGone(reference)
        return self._modules[name], serial, bytes.fromhex(key_id)

    def _station(self, module: _Module, serial: str) -> _Station:
        module.library()
        if serial not in module.stations:
            module.stations[serial] = _Station(module, serial)
        return module.stations[serial]

    def opens_alone(self, reference: str) -> bool:
        """Whether the node was given the PIN of that token, and opens it without asking anybody."""
        return self._own_pin(reference.partition(":")[2].partition(":")[0]) is not None

    def _pin(self, serial: str, secret: str | None) -> str:
        pin = self._own_pin(serial) if secret is None else secret
        if pin is None:
            raise WrongSecret(serial)
        return pin


def _seen(module: str, token: Any) -> TokenSeen:
    return TokenSeen(
        module=module,
        label=token.label.strip(),
        serial=_serial(token),
        model=token.model.strip(),
        maker=token.manufacturer_id.strip(),
        tries_low=bool(token.flags & TokenFlag.USER_PIN_COUNT_LOW),
        last_try=bool(token.flags & TokenFlag.USER_PIN_FINAL_TRY),
        blocked=bool(token.flags & TokenFlag.USER_PIN_LOCKED),
    )


def _one(session: Any, kind: ObjectClass, key_id: bytes) -> Any:
    return next(iter(list(session.get_objects({Attribute.CLASS: kind, Attribute.ID: key_id}))), None)


def _public_ids(session: Any) -> list[bytes]:
    """The ids of what lies in the open: public keys and certificates."""
    kinds = (ObjectClass.PUBLIC_KEY, ObjectClass.CERTIFICATE)
    found = [bytes(each[Attribute.ID]) for kind in kinds for each in list(session.get_objects({Attribute.CLASS: kind}))]
    return list(dict.fromkeys(found))


def _public(session: Any, key_id: bytes) -> PublicKey | None:
    """The public key that lies beside a private one, or in the certificate beside it."""
    found = _one(session, ObjectClass.PUBLIC_KEY, key_id)
    if found is not None and found.key_type == KeyType.RSA:
        exponent, modulus = found[Attribute.PUBLIC_EXPONENT], found[Attribute.MODULUS]
        return rsa.RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")).public_key()
    if found is not None and found.key_type == KeyType.EC:
        read = load_der_public_key(encode_ec_public_key(found))
        return read if isinstance(read, ec.EllipticCurvePublicKey) else None
    certificate = _one(session, ObjectClass.CERTIFICATE, key_id)
    if certificate is None:
        return None
    named = x509.load_der_x509_certificate(bytes(certificate[Attribute.VALUE])).public_key()
    return named if isinstance(named, ec.EllipticCurvePublicKey | rsa.RSAPublicKey) else None
