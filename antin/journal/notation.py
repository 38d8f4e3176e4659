"""How a journal is written down outside the database: `antin-journal/1`. Pure: no database, no settings.

An export is a text of JSON lines, in this order (docs/journal-format.md shows how to check it with a SHA-256 tool alone):

    {"header":{…}}                          which journal, which node, whose key
    {"entry":{…},"hash":"…"}                one per sealed record; hash = SHA-256(0x00 ‖ the bytes of {…})
    {"checkpoint":{…},"signature":"…"}      after the entries it seals; signature = Ed25519 over the bytes of {…}
    {"unsealed":{…}}                        records that no checkpoint covers yet
    {"end":{…},"signature":"…"}             digest of every byte before it

Objects are written canonically: keys in the order of their code points, no spaces, UTF-8, only the escapes JSON demands (as
RFC 8785, except that whole numbers may be of any size; the node writes no other numbers).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

FORMAT = "antin-journal/1"
CHECKPOINT = "antin-journal-checkpoint/1"
END = "antin-journal-end/1"

_ENTRY = re.compile(rb'\{"entry":(\{.*\}),"hash":"([0-9a-f]{64})"\}\n', re.DOTALL)
_SIGNED = re.compile(rb'\{"(checkpoint|end)":(\{.*\}),"signature":"([0-9a-f]{128})"\}\n', re.DOTALL)
_PLAIN = re.compile(rb'\{"(header|unsealed)":(\{.*\})\}\n', re.DOTALL)


class BadLine(ValueError):
    """The line is not one that this notation can have."""


def canonical(value: Any) -> bytes:
    """Return the one way to write a value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def moment(at: datetime) -> str:
    """Return a moment as the journal writes it: UTC, always with six decimals."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Line:
    """One line of an export: its kind, the bytes that are hashed or signed, what they say, and the hash or signature."""

    kind: str
    body: bytes
    says: dict[str, Any]
    proof: bytes


def parse(line: bytes) -> Line:
    """Return what a line says. :raises BadLine: it is none of the five kinds, or not in canonical writing"""
    if found := _ENTRY.fullmatch(line):
        return Line("entry", found[1], _object(found[1]), bytes.fromhex(found[2].decode()))
    if found := _SIGNED.fullmatch(line):
        return Line(found[1].decode(), found[2], _strict(found[2]), bytes.fromhex(found[3].decode()))
    if found := _PLAIN.fullmatch(line):
        return Line(found[1].decode(), found[2], _strict(found[2]), b"")
    raise BadLine


def _object(body: bytes) -> dict[str, Any]:
    try:
        says = json.loads(body)
    except (ValueError, RecursionError):
        raise BadLine from None
    return says if isinstance(says, dict) else {}


def _strict(body: bytes) -> dict[str, Any]:
    says = _object(body)
    if canonical(says) != body:
        raise BadLine
    return says


def header_line(says: dict[str, Any]) -> bytes:
    return b'{"header":' + canonical(says) + b"}\n"


def entry_line(body: bytes, leaf: bytes) -> bytes:
    return b'{"entry":' + body + b',"hash":"' + leaf.hex().encode() + b'"}\n'


def unsealed_line(body: bytes) -> bytes:
    return b'{"unsealed":' + body + b"}\n"


def signed_line(kind: str, body: bytes, signature: bytes) -> bytes:
    return b'{"' + kind.encode() + b'":' + body + b',"signature":"' + signature.hex().encode() + b'"}\n'


def checkpoints_in(lines: Iterator[bytes]) -> Iterator[Line]:
    """Return the checkpoints among these lines; lines that cannot be read are passed over."""
    for line in lines:
        if line.startswith(b'{"checkpoint":'):
            try:
                yield parse(line)
            except BadLine:
                continue


def fingerprint(checkpoint: Line) -> str:
    """Return what the next checkpoint says of this one: the SHA-256 of its bytes."""
    return hashlib.sha256(checkpoint.body).hexdigest()


def sign(key: Ed25519PrivateKey, body: bytes) -> bytes:
    """Return the signature of the node over a checkpoint or an end."""
    return key.sign(body)


def is_signed(key: str, body: bytes, signature: bytes) -> bool:
    """Tell whether this key (64 hex digits) made this signature."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, body)
    except (ValueError, InvalidSignature):
        return False
    return True


def read_public_key(content: bytes) -> str:
    """Return the 64 hex digits of a public key given as PEM or as those digits. :raises ValueError: it is neither"""
    if b"BEGIN PUBLIC KEY" in content:
        key = load_pem_public_key(content)
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("not an Ed25519 key")
        return key.public_bytes_raw().hex()
    digits = content.decode("ascii").strip().lower()
    if len(digits) != 64:
        raise ValueError("not a public key")
    bytes.fromhex(digits)
    return digits
