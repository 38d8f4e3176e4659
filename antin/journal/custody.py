"""What the journal keeps outside the database, in the state folder: the node's key, and every checkpoint it has signed.

Whoever can rewrite the database cannot sign (secrets/journal-key.pem, readable by the node only), and a database that is put
back to an older day is found out by the checkpoints remembered here (journal/<journal>.checkpoints).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

from antin.journal import notation
from antin.journal.notation import Line

#: No checkpoint line is longer; enough to find the last one from the end of the file.
LONGEST_CHECKPOINT = 4096


def node_key() -> Ed25519PrivateKey:
    """Return the key the node signs with, made at its first use; its public half lies in journal/node.pem."""
    kept = Path(settings.STATE) / "secrets" / "journal-key.pem"
    if not kept.exists():
        fresh = Ed25519PrivateKey.generate()
        _write_once(kept, fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
    key = load_pem_private_key(kept.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{kept} is not an Ed25519 key")
    public = _folder() / "node.pem"
    if not public.exists():
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        _write_once(public, pem, mode=0o644)
    return key


def journals() -> list[str]:
    """Return the journals this node has signed checkpoints of: one, unless a database was exchanged under it."""
    return sorted(path.stem for path in _folder().glob("*.checkpoints"))


def remembered(journal: str) -> list[Line]:
    """Return every remembered checkpoint of a journal, oldest first."""
    path = _path(journal)
    if not path.exists():
        return []
    with path.open("rb") as lines:
        return list(notation.checkpoints_in(lines))


def last_remembered(journal: str) -> Line | None:
    """Return the last remembered checkpoint of a journal, without reading the others."""
    path = _path(journal)
    if not path.exists():
        return None
    with path.open("rb") as lines:
        lines.seek(max(0, path.stat().st_size - 2 * LONGEST_CHECKPOINT))
        found = list(notation.checkpoints_in(lines))
    return found[-1] if found else None


def remember(journal: str, lines: Iterable[bytes]) -> None:
    """Write more checkpoints of a journal down, durably."""
    _folder().mkdir(parents=True, exist_ok=True)
    with _path(journal).open("ab") as out:
        out.writelines(lines)
        out.flush()
        os.fsync(out.fileno())


def _folder() -> Path:
    return Path(settings.STATE) / "journal"


def _path(journal: str) -> Path:
    return _folder() / f"{journal}.checkpoints"


def _write_once(final: Path, content: bytes, *, mode: int) -> None:
    """Write a file whole and durably, unless another process was first."""
    final.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if mode == 0o600 else 0o755)
    fresh = final.with_name(f".{final.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.link(fresh, final)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
