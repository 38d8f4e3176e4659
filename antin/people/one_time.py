"""One-time codes: of an app, by time (RFC 6238), and of a printed list."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP = 30
DIGITS = 6
DRIFT = 1
"""A code is accepted one step (30 seconds) before and after its own: clocks of telephones are not exact (RFC 6238, section 5.2)."""
CODES = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def new_secret() -> bytes:
    """Make a secret of 160 bits, the length RFC 4226 recommends."""
    return secrets.token_bytes(20)


def in_letters(secret: bytes) -> str:
    """Write a secret as apps take it when no camera is at hand: groups of four letters."""
    letters = base64.b32encode(secret).decode()
    return " ".join(letters[n : n + 4] for n in range(0, len(letters), 4))


def address(secret: bytes, *, account: str, issuer: str) -> str:
    """Write the `otpauth` address that apps read from a picture."""
    told = {"secret": base64.b32encode(secret).decode(), "issuer": issuer, "digits": DIGITS, "period": STEP}
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{urlencode(told, quote_via=quote)}"


def code_at(secret: bytes, at: datetime) -> str:
    """Tell the code of a moment. Apps everywhere know SHA-1 here and little else; HMAC does not suffer from its collisions."""
    return TOTP(secret, DIGITS, SHA1(), STEP).generate(int(at.timestamp())).decode()  # noqa: S303


def step_of(secret: bytes, code: str, at: datetime, *, after: int) -> int | None:
    """Tell which time step a code belongs to; None when to none near this moment, or to one not `after` the last accepted."""
    now = int(at.timestamp())
    found = None
    for drift in range(-DRIFT, DRIFT + 1):
        moment = now + drift * STEP
        expected = TOTP(secret, DIGITS, SHA1(), STEP).generate(moment)  # noqa: S303
        if hmac.compare_digest(expected, code.encode()) and moment // STEP > after:
            found = moment // STEP
    return found


def new_codes() -> list[str]:
    """Make the codes of a printed list: each ten letters and digits, 49 bits, none that is mistaken for another."""
    return ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(CODES)]


def digest(code: str) -> bytes:
    """What is kept of such a code: it is random enough for a plain digest."""
    return hashlib.sha256(plain(code).encode()).digest()


def plain(code: str) -> str:
    """A code without the spaces, hyphens and capitals people write."""
    return "".join(code.split()).replace("-", "").lower()
