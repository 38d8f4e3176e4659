"""The port behind which bytes lie: the node's own folder (`shelf`), or a bucket of an object store (`bucket`, setting BUCKET)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from typing import BinaryIO, Protocol, cast

from django.conf import settings

from antin.files import shelf
from antin.files.shelf import Blob


class StoreAway(ConnectionError):
    """The object store does not answer, or does not let us in. No refusal, since nobody has decided anything: a page says 503,
    a promise is tried again later, nothing was changed."""


class DamagedBytes(Exception):
    """What the object store gave back is not what was kept under that digest."""


class Store(Protocol):
    """What every place of bytes can do. All of it is safe from several processes, and servers, at once."""

    def put(self, source: BinaryIO, *, limit: int) -> Blob:
        """Keep bytes durably, once. :raises TooLarge: :raises EmptyFile: :raises NoRoom: :raises StoreAway:"""

    def open_stream(self, digest: str) -> BinaryIO:
        """Give bytes as a file of the system, at its start. :raises FileNotFoundError: :raises StoreAway: :raises DamagedBytes:"""

    def burn(self, digest: str) -> None:
        """Remove bytes at once."""

    def sweep(self, known: Callable[[set[str]], set[str]], *, before: float) -> tuple[int, int]:
        """Remove what is unfinished or not among the known, and older than `before`; how many of each."""

    def kept_from_sweeping(self) -> AbstractContextManager[None]:
        """While inside, no bytes are removed."""

    def why_unwell(self) -> str:
        """Why nothing can be kept or read just now; empty when all is well."""


def here() -> Store:
    """The place this node is set to. The client of object stores is loaded only by who has one: half a second, 30 MB."""
    return shelf if settings.BUCKET is None else cast(Store, import_module("antin.files.bucket"))
