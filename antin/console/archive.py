"""The form of a backup: a folder that holds many, each whole by itself, the bytes of documents kept once for all.

    FOLDER/files/ab/cd/<digest>          the documents' bytes, named by their SHA-256, shared by every backup
    FOLDER/2026-11-22T120000Z/
        manifest.json                    what it is, written last: a backup without it was cut short
        database.dump                    pg_dump's custom format, one snapshot
        files.list                       digest and size of every file of that snapshot, a line each
        state.sealed                     secrets, private keys and remembered checkpoints, under a passphrase

`state.sealed` is a salt of 16 bytes, a nonce of 12, and a tar under AES-256-GCM; the key is scrypt (RFC 7914) of the passphrase.
"""

from __future__ import annotations

import getpass
import hashlib
import io
import json
import os
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORM = 1
MANIFEST, DUMP, FILES, STATE = "manifest.json", "database.dump", "files.list", "state.sealed"
KEPT_OF_STATE = ("secrets", "keys", "journal")
SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 2**20}
CHUNK = 1 << 20
PASSPHRASE = "ANTIN_BACKUP_PASSPHRASE"  # noqa: S105 - the name of a variable
SHORTEST = 12


class BadArchive(Exception):
    """The backup is not one, was cut short, or was changed since; the words say what is wrong."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `parts` are the SHA-256 of its own files, `head` the journal's last checkpoint when it was made, `keys`
    the devices that keep private keys, by kind, reference and serial: only those of kind software are in the backup themselves."""

    form: int
    node: str
    made_at: str
    files: int
    bytes: int
    head: str
    parts: dict[str, str]
    keys: list[dict[str, str]] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write it, durably and in one step: from then on the backup is one."""
        fresh = folder / f".{MANIFEST}"
        with fresh.open("w") as out:
            json.dump(asdict(self), out, indent=2, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        fresh.rename(folder / MANIFEST)
        sync(folder)


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest and hold the backup's own files to it. :raises BadArchive:"""
    try:
        found = Manifest(**json.loads((folder / MANIFEST).read_text()))
    except FileNotFoundError:
        raise BadArchive(f"{folder} không phải bản sao lưu, hoặc bản sao lưu dở dang.") from None
    except (ValueError, TypeError):
        raise BadArchive(f"{folder / MANIFEST} hỏng.") from None
    if found.form != FORM:
        raise BadArchive(f"Bản sao lưu theo dạng {found.form}; phiên bản này đọc dạng {FORM}.")
    for name, digest in found.parts.items():
        if not (folder / name).exists() or digest_of(folder / name) != digest:
            raise BadArchive(f"{folder / name} thiếu, hoặc đã bị thay đổi sau khi sao lưu.")
    return found


def list_backups(place: Path) -> list[Path]:
    """List the whole backups of a folder, the oldest first."""
    return sorted(path.parent for path in place.glob(f"*/{MANIFEST}"))


def digest_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def lines_of(path: Path) -> Iterator[tuple[str, int]]:
    """Read a list of files. :raises BadArchive: a line is none"""
    with path.open() as lines:
        for line in lines:
            digest, _, size = line.strip().partition(" ")
            if len(digest) != 64 or not set(digest) <= set("0123456789abcdef") or not size.isdigit():
                raise BadArchive(f"{path} có dòng hỏng: {line.strip()[:80]!r}")
            yield digest, int(size)


def blob(place: Path, digest: str) -> Path:
    """Where the bytes of a digest lie below a folder of files, the node's or a backup's."""
    return place / "files" / digest[:2] / digest[2:4] / digest


def carry(source: Callable[[], BinaryIO], target: Path, digest: str, size: int) -> bool:
    """Copy the bytes of a digest, durably and all or nothing; True when they are really of that digest.

    What lies at the target already is believed when its size is right: it was checked when it was carried there.
    """
    if target.exists() and target.stat().st_size == size:
        return True
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{digest}.{os.getpid()}")
    found = hashlib.sha256()
    with source() as content, fresh.open("wb") as out:
        while chunk := content.read(CHUNK):
            found.update(chunk)
            out.write(chunk)
        os.fchmod(out.fileno(), 0o440)
        out.flush()
        os.fsync(out.fileno())
    if found.hexdigest() != digest:
        fresh.unlink()
        return False
    fresh.rename(target)
    return True


def sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def ask_passphrase() -> str:
    """The passphrase of the secrets: from the environment, else from whoever sits at the terminal. :raises BadArchive: too short"""
    given = os.environ.get(PASSPHRASE, "")
    if not given and sys.stdin.isatty():
        given = getpass.getpass("Cụm mật khẩu của bản sao lưu: ")
    if len(given) < SHORTEST:
        raise BadArchive(f"Cụm mật khẩu của bản sao lưu cần ít nhất {SHORTEST} ký tự (biến {PASSPHRASE}).")
    return given


def seal_state(state: Path, passphrase: str) -> bytes:
    """Pack what the node keeps beside its database and documents, under a passphrase."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in KEPT_OF_STATE:
            if (state / name).exists():
                tar.add(state / name, arcname=name)
    salt, nonce = os.urandom(16), os.urandom(12)
    return salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, packed.getvalue(), None)


def open_state(sealed: bytes, passphrase: str) -> bytes:
    """Open it, in memory. :raises BadArchive: another passphrase, or damaged"""
    salt, nonce, rest = sealed[:16], sealed[16:28], sealed[28:]
    try:
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, rest, None)
    except (InvalidTag, ValueError):
        raise BadArchive("Không mở được phần bí mật của bản sao lưu: sai cụm mật khẩu, hoặc tệp hỏng.") from None


def unseal_state(sealed: bytes, passphrase: str, state: Path) -> None:
    """Put it back. :raises BadArchive: another passphrase, or damaged"""
    with tarfile.open(fileobj=io.BytesIO(open_state(sealed, passphrase))) as tar:
        tar.extractall(state, filter="data")


def _key(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, dklen=32, **SCRYPT)
