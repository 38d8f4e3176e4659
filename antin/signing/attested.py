"""A report on signatures that can leave the node: signed with the key that also seals the node's journal, checked without the node.

One line: `{"report":{…},"key":"…","signature":"…"}`. The signature (Ed25519, hexadecimal) is over the words
`antin verification report 1`, a line feed, and the bytes of `{…}` as they stand. The key's public half is journal/node.pem.
docs/verify.md says how to check it by hand.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from antin.journal import notation

PREFIX = b"antin verification report 1\n"
"""Said before what is signed, so that no signature of one kind is ever one of another."""
LINE = re.compile(rb'\{"report":(\{.*\}),"key":"([0-9a-f]{64})","signature":"([0-9a-f]{128})"\}\s*', re.DOTALL)


@dataclass(frozen=True)
class Attested:
    """What a signed report says, and by whose key (64 hex digits)."""

    told: dict[str, Any]
    key: str


class NotAttested(ValueError):
    """These bytes are no signed report, or its signature is not its key's."""


def write(told: dict[str, Any], key: Ed25519PrivateKey) -> bytes:
    """Sign what is told."""
    body = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    signature = notation.sign(key, PREFIX + body).hex()
    return b'{"report":' + body + b',"key":"' + public.encode() + b'","signature":"' + signature.encode() + b'"}\n'


def read(line: bytes) -> Attested:
    """Read a signed report; whether its key is the node's is for the reader to know. :raises NotAttested:"""
    found = LINE.fullmatch(line)
    if found is None:
        raise NotAttested
    body, key, signature = found[1], found[2].decode(), bytes.fromhex(found[3].decode())
    if not notation.is_signed(key, PREFIX + body, signature):
        raise NotAttested
    try:
        return Attested(dict(json.loads(body)), key)
    except ValueError as trouble:
        raise NotAttested from trouble
