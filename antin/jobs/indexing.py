"""Keeps the index: a thread of the worker that writes what has changed, and builds a new one where there is no good one."""

from __future__ import annotations

import logging
import threading

from django.db import connection

from antin.index import engine, operations
from antin.index.engine import Unusable, Writer
from antin.journeys.index_documents import DOCUMENTS

log = logging.getLogger(__name__)

PAUSE = 0.4  # seconds between two looks when nothing is due: fresh within two
TROUBLE = 10.0


def keep(stop: threading.Event) -> None:
    """Write what is due until told to stop. One process of a state folder does it; the others wait to take its place."""
    while not stop.is_set():
        try:
            with engine.hold("writer", wait=False) as ours:
                if ours:
                    _write(stop)
        except Exception:
            log.exception("the index could not be written; it is tried again")
            connection.close_if_unusable_or_obsolete()
        stop.wait(TROUBLE)
    connection.close()


def _write(stop: threading.Event) -> None:
    writer: Writer | None = None
    try:
        while not stop.is_set():
            if writer is not None and not engine.is_current(writer):
                writer.close()
                writer = None
            try:
                writer = writer or engine.writer()
                settled = operations.write_due(writer=writer, saying=DOCUMENTS)
            except Unusable as trouble:
                if str(trouble):  # the first start has none, and needs no warning
                    log.warning("no index can be written (%s): a new one is built", trouble)
                writer = None
                if _build():
                    continue
                settled = 0
            if engine.is_outworn() and writer is not None and engine.is_current(writer):
                log.info("a document was classified: the index is built anew, without the words it had in clear")
                _build()
            if not settled:
                stop.wait(PAUSE)
    finally:
        if writer is not None:
            writer.close()


def _build() -> bool:
    try:
        operations.rebuild(saying=DOCUMENTS)
    except operations.BuiltElsewhere:
        return False
    return True
