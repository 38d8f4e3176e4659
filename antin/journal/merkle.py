"""The Merkle tree of RFC 6962, section 2.1, kept by its right-hand frontier. Pure: no database, no settings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

#: The root of a tree without leaves: the hash of nothing.
EMPTY = hashlib.sha256(b"").digest()
WIDTH = 32


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf; the prefix keeps a leaf from ever being taken for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class Frontier:
    """A growing tree, of which only the roots of its complete subtrees are kept, largest first: one per 1 bit of `size`.

    Adding a leaf and telling the root cost O(log n) at most, whatever the size.
    """

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        size = self.size
        while size & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            size >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add the hashes of the next leaves."""
        for leaf in leaves:
            self.add(leaf)

    def root(self) -> bytes:
        """Return the root of the tree as it stands."""
        if not self.peaks:
            return EMPTY
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = node_hash(peak, found)
        return found

    def dump(self) -> bytes:
        """Return the peaks as bytes, to be loaded again with the size."""
        return b"".join(self.peaks)

    @classmethod
    def load(cls, size: int, peaks: bytes) -> Frontier:
        """Return the tree of this size with these peaks. :raises ValueError: they do not fit one another"""
        if len(peaks) != WIDTH * size.bit_count():
            raise ValueError(f"{len(peaks)} bytes of peaks do not fit a tree of {size} leaves")
        return cls(size, [peaks[n : n + WIDTH] for n in range(0, len(peaks), WIDTH)])
