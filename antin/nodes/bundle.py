"""What waits for a partner as one file on removable media: a zip with a signed list of what is in it. Pure.

    mimetype            application/vnd.antin.parcels+zip, stored, first
    entries.txt         SHA-256, size and name of every other entry, a line each
    contents.p7m        CMS by the sending node: who, to whom, when, and the SHA-256 of that list
    statement.p7m       the sending node's statement: what it has of the partner's feed
    parcels/NNNNNN      a parcel's first message, in the order they are to be taken
    pieces/NNNNNN-NNNN  its pieces

Everything inside is signed and sealed already (docs/parcels.md); the list is what makes a missing or exchanged entry known before
anything is taken in. Nothing is unpacked to names of the file's own.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.utils.translation import gettext_noop as _

from antin.nodes import parcels, statements
from antin.refusal import Refusal

if TYPE_CHECKING:
    from antin.keys.operations import Signer

TYPE = b"application/vnd.antin.parcels+zip"
FORM = "antin-bundle/1"
MOST_ENTRIES = 200_000
LARGEST_LIST = 30_000_000
NAME = re.compile(r"statement\.p7m|parcels/\d{6}|pieces/\d{6}-\d{4}")
FIXED = (2000, 1, 1, 0, 0, 0)


class NotABundle(Refusal):
    code = "not_a_bundle"
    words = _("Tệp không phải gói kiện mang tay, hoặc đã hỏng.")


class BundleChanged(Refusal):
    """An entry is missing, too much, or not the one that the sending node listed."""

    code = "bundle_changed"
    words = _("Gói kiện không khớp bản kê mà nút gửi đã ký: %(entry)s.")


@dataclass(frozen=True)
class Contents:
    """What a bundle says it holds, before it is believed: from, to, when, its entries by name with size and digest."""

    sender: str
    receiver: str
    made_at: datetime
    entries: dict[str, tuple[int, str]]
    signed: bytes


class Writer:
    """A bundle that is being written; whatever is added is in the list at its end."""

    def __init__(self, out: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_STORED)
        self._entries: list[list[Any]] = []
        self._put("mimetype", TYPE)

    def _put(self, name: str, content: bytes) -> None:
        self._zip.writestr(zipfile.ZipInfo(name, FIXED), content)

    def add(self, name: str, content: bytes) -> None:
        self._put(name, content)
        self._entries.append([name, len(content), hashlib.sha256(content).hexdigest()])

    def close(self, *, sender: str, receiver: str, signer: Signer, at: datetime) -> None:
        """Sign the list and end the file."""
        told = {
            "form": FORM,
            "from": sender,
            "to": receiver,
            "at": at.isoformat(),
            "entries": hashlib.sha256(_listed(self._entries)).hexdigest(),
        }
        self._put("entries.txt", _listed(self._entries))
        self._put("contents.p7m", statements.sign(told, signer, at=at, with_certificates=False))
        self._zip.close()


def _listed(entries: list[list[Any]]) -> bytes:
    return "".join(f"{digest} {size} {name}\n" for name, size, digest in entries).encode()


class Reader:
    """A bundle that lies on a medium. :raises NotABundle:"""

    def __init__(self, source: IO[bytes] | Path) -> None:
        try:
            self._zip = zipfile.ZipFile(source)
            infos = self._zip.infolist()
            names = [info.filename for info in infos]
            fine = (
                len(names) == len(set(names)) <= MOST_ENTRIES
                and all(info.compress_type == zipfile.ZIP_STORED for info in infos)
                and all(info.file_size <= LARGEST_LIST for info in infos)
                and self._zip.read("mimetype") == TYPE
            )
            if not fine:
                raise NotABundle()
            self.contents = self._contents(set(names))
        except (zipfile.BadZipFile, KeyError, OSError, ValueError, NotImplementedError, RuntimeError) as trouble:
            raise NotABundle() from trouble

    def _contents(self, names: set[str]) -> Contents:
        signed, listed = self._zip.read("contents.p7m"), self._zip.read("entries.txt")
        told = statements.peek(signed)
        if told.get("form") != FORM or told.get("entries") != hashlib.sha256(listed).hexdigest():
            raise NotABundle()
        entries: dict[str, tuple[int, str]] = {}
        for line in listed.decode().splitlines():
            digest, size, name = line.split(" ", 2)
            if not NAME.fullmatch(name):
                raise NotABundle()
            entries[name] = (int(size), digest)
        other = names ^ {*entries, "mimetype", "contents.p7m", "entries.txt"}
        if other:
            raise BundleChanged(entry=min(other))
        moment = datetime.fromisoformat(told["at"])
        return Contents(str(told["from"]), str(told["to"]), moment, entries, signed)

    def read(self, name: str) -> bytes:
        """Return an entry that is the listed one. :raises BundleChanged:"""
        size, digest = self.contents.entries[name]
        try:
            content = self._zip.read(name)
        except (zipfile.BadZipFile, OSError) as trouble:
            raise BundleChanged(entry=name) from trouble
        if len(content) != size or hashlib.sha256(content).hexdigest() != digest:
            raise BundleChanged(entry=name)
        return content

    def parcels(self) -> Iterator[tuple[str, parcels.Envelope]]:
        """Return the envelopes in their order, as they claim to be."""
        for name in sorted(self.contents.entries):
            if name.startswith("parcels/"):
                signed, _letter = parcels.split(self.read(name))
                yield name, parcels.read_envelope(statements.peek(signed))

    def messages(self) -> Iterator[bytes]:
        """Return everything in the order it is to be taken: the statement, then each parcel with its pieces."""
        entries = self.contents.entries
        if "statement.p7m" in entries:
            yield self.read("statement.p7m")
        pieces: dict[str, list[str]] = {}
        for name in sorted(entries):
            if name.startswith("pieces/"):
                pieces.setdefault(name[7:13], []).append(name)
        for name in sorted(entries):
            if name.startswith("parcels/"):
                yield self.read(name)
                for piece in pieces.get(name[8:], []):
                    yield self.read(piece)
