"""Secrets that must be read again (RFC 6238), sealed in the database under keys that are not in it.

The keys stand in the state folder, one to a line, the newest first; each use reads them, so that a new key holds for every process
at once. Sealed by Fernet (AES-128-CBC with HMAC-SHA256). What was sealed under an older key opens until that key is dropped.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unsealable(Exception):
    """Sealed under a key this node does not have (any more), or damaged."""


def _kept() -> Path:
    return Path(settings.STATE) / "secrets" / "at-rest-keys"


def _write(lines: list[bytes], *, anew: bool = False) -> None:
    kept = _kept()
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = kept.with_suffix(f".{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(b"\n".join(lines) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    if anew:
        with contextlib.suppress(FileExistsError):  # another process was quicker: its key is the one
            os.link(fresh, kept)
        fresh.unlink()
    else:
        fresh.replace(kept)


def _lines() -> list[bytes]:
    if not _kept().exists():
        _write([Fernet.generate_key()], anew=True)
    return _kept().read_bytes().split()


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(line) for line in _lines()])


def seal(secret: bytes) -> bytes:
    """Seal under the newest key."""
    return _keys().encrypt(secret)


def unseal(sealed: bytes) -> bytes:
    """Open what was sealed. :raises Unsealable:"""
    try:
        return _keys().decrypt(sealed)
    except InvalidToken as trouble:
        raise Unsealable() from trouble


def seal_again(sealed: bytes) -> bytes:
    """Put a sealed secret under the newest key. :raises Unsealable:"""
    try:
        return _keys().rotate(sealed)
    except InvalidToken as trouble:
        raise Unsealable() from trouble


def add_key() -> int:
    """Make a new key the newest; give how many there are now."""
    lines = [Fernet.generate_key(), *_lines()]
    _write(lines)
    return len(lines)


def drop_old_keys() -> int:
    """Forget every key but the newest, once nothing is sealed under them; give how many went."""
    newest, *old = _lines()
    if old:
        _write([newest])
    return len(old)
