"""The worker's thread that keeps the index: fresh by itself, and made anew by itself when it is lost."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from antin.documents import finding
from antin.documents.finding import Search
from antin.index import engine
from antin.jobs import indexing
from tests import given
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30


@pytest.fixture
def keeper(own_state: Path) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=indexing.keep, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_is_committed_is_found_and_a_lost_index_comes_back(cast: Cast, at: datetime, keeper: None) -> None:
    actor = cast.recipient_clerk.actor()

    def hits(words: str) -> list[int]:
        results = finding.find(actor=actor, search=Search(words), at=datetime.now(UTC))
        return [hit.document.pk for hit in results.hits] if results.usable else []

    first = given.an_arrival(cast, at).pk
    until(lambda: hits("báo cáo") == [first])
    for folder in engine.root().glob("*/"):
        if not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)  # while it is written
    second = given.an_arrival(cast, at, key="delivery:2", identifier="").pk
    until(lambda: sorted(hits("báo cáo")) == [first, second])
    with engine.hold("writer", wait=False) as ours:
        assert not ours
