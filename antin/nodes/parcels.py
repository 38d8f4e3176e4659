"""A parcel as bytes: what an agency signs, sealed to the receiving node, in pieces that a line can carry and lose. Pure.

Three layers (docs/parcels.md). The *manifest* says who sends what to whom; the agency signs it, and its digest is the name of
the parcel. The *letter* holds the manifest and the key of the pieces, sealed to the receiving node. The *envelope* is what the line
may read: from, to, number, digests, how many pieces follow, signed by the sending node. A *piece* is at most 512 KB of a file,
sealed by itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from antin.keys.providers import Key
from antin.nodes import statements
from antin.nodes.statements import Statement
from antin.refusal import Refusal
from antin.vault import suites

PIECE = 500_000
"""Bytes of a file in one piece; sealed it stays below 512 KB."""
LARGEST_PIECE = PIECE + 12_000
MOST_PIECES = 1_000
LARGEST_LETTER = 480_000
PARCEL_MAGIC, PIECE_MAGIC = b"ANTIN PARCEL 1\n", b"ANTIN PIECE 1\n"
URGING = "urging"
"""A kind of parcel that older programs do not know: a partner says in its statements that it takes them (`takes`)."""
BOOKS, BOOKS_ANSWER = "books", "books_answer"
"""The same of the books of an agency that move, and of what became of them."""
MANIFEST, ENVELOPE = "antin-parcel/1", "antin-envelope/1"


class TooLargeForAParcel(Refusal):
    code = "too_large_for_a_parcel"
    words = _("Văn bản và phụ lục vượt quá %(limit_mb)s MB, không gửi được giữa các máy chủ.")


class NotAParcel(Refusal):
    """The bytes are no parcel, or its parts do not belong together."""

    code = "not_a_parcel"
    words = _("Kiện không đúng dạng, hoặc các phần không khớp nhau.")


class NotForUs(Refusal):
    code = "parcel_not_for_us"
    words = _("Kiện gửi cho %(to)s, không phải cho nút này.")


class NotOpened(Refusal):
    """It was sealed to another key, or what was sealed was changed."""

    code = "parcel_not_opened"
    words = _("Không mở được niêm phong của kiện.")


class PieceDamaged(Refusal):
    """A piece was changed on the line, or is gone: the parcel has to come once more."""

    code = "parcel_piece_damaged"
    words = _("Một phần của kiện bị hỏng hoặc mất trên đường.")


@dataclass(frozen=True)
class Envelope:
    """What a line may know of a parcel. `parcel` is the digest of its manifest; `pieces` follow it."""

    sender: str
    receiver: str
    feed: str
    number: int
    urgency: int
    kind: str
    parcel: str
    suite: str
    letter: str
    pieces: int

    def told(self) -> dict[str, Any]:
        return {
            "form": ENVELOPE,
            "from": self.sender,
            "to": self.receiver,
            "feed": self.feed,
            "number": self.number,
            "urgency": self.urgency,
            "kind": self.kind,
            "parcel": self.parcel,
            "suite": self.suite,
            "letter": self.letter,
            "pieces": self.pieces,
        }


@dataclass(frozen=True)
class Content:
    """A file that follows in pieces; the others that a manifest names the receiver has from this sender already."""

    digest: str
    size: int


@dataclass(frozen=True)
class Letter:
    """An opened letter: the signed manifest, the key of the pieces, the files that follow in them, and the receipts that the
    receiver itself had signed for it and lost."""

    manifest: Statement
    key: bytes
    following: tuple[Content, ...]
    returned: tuple[bytes, ...] = ()


def key_for(secret: bytes, receiver: str, parcel: str) -> bytes:
    """Return the key of a parcel's pieces: always the same, so that sending goes on where it was cut."""
    return hmac.digest(secret, f"antin parcel {receiver} {parcel}".encode(), "sha256")


def pieces_of(size: int) -> int:
    """Return into how many pieces a file of that size is cut."""
    return -(-size // PIECE)


def count_pieces(following: tuple[Content, ...]) -> int:
    """Return how many pieces these files make. :raises TooLargeForAParcel:"""
    pieces = sum(pieces_of(each.size) for each in following)
    if pieces > MOST_PIECES:
        raise TooLargeForAParcel(limit_mb=PIECE * MOST_PIECES // 1_000_000)
    return pieces


def seal_letter(
    manifest: bytes,
    key: bytes,
    following: tuple[Content, ...],
    certificate: bytes,
    *,
    returned: Sequence[str] = (),
) -> bytes:
    """Seal a signed manifest and the pieces' key to a node's certificate; `returned` are receipts in base64, given back.

    :raises TooLargeForAParcel:
    """
    suite = suites.newest()
    told: dict[str, Any] = {
        "key": key.hex(),
        "manifest": base64.b64encode(manifest).decode(),
        "following": [[each.digest, each.size] for each in following],
    }
    if returned:
        told["returned"] = list(returned)
    own = suite.fresh_key()
    letter = suite.message(suite.close(statements.canonical(told), own), [suite.lock_for(own, certificate)])
    if len(letter) > LARGEST_LETTER:
        raise TooLargeForAParcel(limit_mb=PIECE * MOST_PIECES // 1_000_000)
    return letter


def write(envelope: bytes, letter: bytes) -> bytes:
    """Return a parcel's first message: the signed envelope and the letter behind it."""
    return PARCEL_MAGIC + len(envelope).to_bytes(4, "big") + envelope + letter


def split(message: bytes) -> tuple[bytes, bytes]:
    """Return the signed envelope and the letter. :raises NotAParcel:"""
    start = len(PARCEL_MAGIC) + 4
    size = int.from_bytes(message[len(PARCEL_MAGIC) : start], "big")
    if message[: len(PARCEL_MAGIC)] != PARCEL_MAGIC or len(message) < start + size:
        raise NotAParcel()
    return message[start : start + size], message[start + size :]


def write_piece(parcel: str, index: int, content: bytes, key: bytes) -> bytes:
    """Return one piece as a message: which parcel, which piece of it, and the sealed content."""
    return PIECE_MAGIC + bytes.fromhex(parcel) + index.to_bytes(4, "big") + suites.newest().close(content, key)


def split_piece(message: bytes) -> tuple[str, int, memoryview]:
    """Return the parcel, the place and the sealed content of a piece, which is not copied. :raises NotAParcel:"""
    start = len(PIECE_MAGIC)
    index = int.from_bytes(message[start + 32 : start + 36], "big")
    if message[:start] != PIECE_MAGIC or not start + 36 < len(message) <= LARGEST_PIECE or index >= MOST_PIECES:
        raise NotAParcel()
    return message[start : start + 32].hex(), index, memoryview(message)[start + 36 :]


def is_piece(message: bytes) -> bool:
    """Tell a piece from a parcel's first message."""
    return message.startswith(PIECE_MAGIC)


def read_envelope(told: dict[str, Any]) -> Envelope:
    """Return the envelope that a statement tells. :raises NotAParcel:"""
    try:
        found = Envelope(
            sender=_word(told["from"]),
            receiver=_word(told["to"]),
            feed=_word(told["feed"]),
            number=_count(told["number"], 1, 2**53),
            urgency=_count(told["urgency"], 0, 3),
            kind=_word(told["kind"]),
            parcel=_digest(told["parcel"]),
            suite=_word(told["suite"]),
            letter=_digest(told["letter"]),
            pieces=_count(told["pieces"], 0, MOST_PIECES),
        )
    except (KeyError, TypeError, ValueError) as trouble:
        raise NotAParcel() from trouble
    if found.told() != told:
        raise NotAParcel()
    return found


def _word(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 64 or not (value.isascii() and value.isprintable()):
        raise ValueError(value)
    return value


def _digest(value: object) -> str:
    word = _word(value)
    if len(word) != 64 or set(word) - set("0123456789abcdef"):
        raise ValueError(value)
    return word


def _count(value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(value)
    return value


def open_letter(envelope: Envelope, letter: bytes, key: Key) -> Letter:
    """Open a letter with the node's key and read the manifest; who signed that is the caller's question.

    :raises NotAParcel: the letter or the manifest is not the one that the envelope names
    :raises NotOpened: sealed to another key, or damaged
    :raises NotAStatement: the manifest's signature does not hold
    """
    if hashlib.sha256(letter).hexdigest() != envelope.letter or len(letter) > LARGEST_LETTER:
        raise NotAParcel()
    try:
        suite = suites.named(envelope.suite)
        body, locks = suite.parts(letter)
        held = json.loads(suite.open(body, suite.unlock(locks[0], key)))
        manifest, pieces_key = base64.b64decode(held["manifest"], validate=True), bytes.fromhex(held["key"])
        following = tuple(
            Content(_digest(digest), _count(size, 1, PIECE * MOST_PIECES)) for digest, size in held["following"]
        )
        returned = tuple(base64.b64decode(each, validate=True) for each in held.get("returned", ()))
    except (suites.Tampered, suites.NotForThisKey, IndexError) as trouble:
        raise NotOpened() from trouble
    except (ValueError, KeyError, TypeError, binascii.Error) as trouble:
        raise NotAParcel() from trouble
    found = statements.read(manifest)
    told = {(each["sha256"], each["size"]) for each in files_of(found.told)}
    if (
        found.digest != envelope.parcel
        or found.told.get("form") != MANIFEST
        or not told.issuperset((each.digest, each.size) for each in following)
        or sum(pieces_of(each.size) for each in following) != envelope.pieces
    ):
        raise NotAParcel()
    return Letter(found, pieces_key, following, returned)


def files_of(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the files a manifest names, each once checked to have name, role, media type, size and digest. :raises NotAParcel:"""
    try:
        found = list(manifest.get("files", []))
        for each in found:
            _digest(each["sha256"]), _count(each["size"], 1, PIECE * MOST_PIECES)
            if not all(isinstance(each[name], str) for name in ("name", "role", "media_type")):
                raise TypeError(each)
    except (KeyError, TypeError, ValueError) as trouble:
        raise NotAParcel() from trouble
    return found


def open_piece(letter: Letter, suite: str, index: int, read: Callable[[int], bytes]) -> bytes:
    """Return what one piece holds. :raises PieceDamaged: it is not there, or was changed since it was sealed"""
    try:
        return suites.named(suite).open(read(index), letter.key)
    except (suites.Tampered, OSError) as trouble:
        raise PieceDamaged() from trouble


def open_file(letter: Letter, suite: str, which: int, read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Give the content of one of the following files, piece by piece; `read` gives a sealed piece by its place in the parcel.

    :raises PieceDamaged: a piece is not there, or was changed since it was sealed: the line's doing, not the sender's
    :raises NotAParcel: it is not the file that the manifest names: known only at its end, so nothing may be believed before
    """
    start = sum(pieces_of(each.size) for each in letter.following[:which])
    wanted = letter.following[which]
    digest = hashlib.sha256()
    for index in range(start, start + pieces_of(wanted.size)):
        content = open_piece(letter, suite, index, read)
        digest.update(content)
        yield content
    if digest.hexdigest() != wanted.digest:
        raise NotAParcel()
