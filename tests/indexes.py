"""The index in tests: written at once and in this process, as the worker writes it."""

from __future__ import annotations

from antin.index import engine, operations
from antin.journeys.index_documents import DOCUMENTS


def begin() -> None:
    """An empty index, or one of whatever documents there are already."""
    operations.rebuild(saying=DOCUMENTS)


def write() -> None:
    """Write everything that is due."""
    writer = engine.writer()
    while operations.write_due(writer=writer, saying=DOCUMENTS):
        pass
    writer.close()
