"""Passwords: kept as Argon2id (RFC 9106), each with its own salt; compared in the same time whether the name exists or not."""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from django.utils.translation import gettext_noop as _

from antin.refusal import Refusal

SHORTEST = 10
LONGEST = 200
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""What is read aloud and typed once: no letter looks like another."""

_FULL = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_LEAST = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$oZ4LPzIRJDl/RHqeGg4xoQ$udYNvXlvhqNEXMf27u4AHd1CayexxrNX9/fiybAWNH0"
"""The hash of a random password that was thrown away: what a name nobody has is compared with, so that it takes as long."""


class WeakPassword(Refusal):
    code = "weak_password"
    words = _("Mật khẩu phải có từ %(shortest)s đến %(longest)s ký tự và không chứa tên đăng nhập.")


def invent() -> str:
    """A first password of four groups of four letters: 80 bits, typed once and then changed."""
    return "-".join("".join(secrets.choice(LETTERS) for _n in range(4)) for _group in range(4))


def _composed(password: str) -> str:
    """Make the same password typed on two keyboards the same text (RFC 8265, OpaqueString)."""
    return unicodedata.normalize("NFC", password)


def check_strength(password: str, user_name: str) -> None:
    """Refuse a password that is too short, absurdly long, or contains the user name.

    :raises WeakPassword: it is
    """
    told = _composed(password)
    if not SHORTEST <= len(told) <= LONGEST or (user_name and user_name.lower() in told.lower()):
        raise WeakPassword(shortest=SHORTEST, longest=LONGEST)


def make_hash(password: str, *, public: bool = False) -> str:
    """Hash a password.

    `public` is for a password that is printed for everybody to read, such as that of the demonstration: its own salt, the least
    parameters; the hash is made again at full strength at the first sign-in.
    """
    return (_LEAST if public else _FULL).hash(_composed(password))


def matches(password: str, kept: str) -> bool:
    """Tell whether a password is the one kept; an empty hash matches nothing and takes as long."""
    try:
        return _FULL.verify(kept or _NOBODY, _composed(password)[: LONGEST + 1]) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _FULL.check_needs_rehash(kept)
