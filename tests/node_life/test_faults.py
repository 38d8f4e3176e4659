"""Two real nodes and a line that is bad in every way: nothing is lost, doubled or changed, and both sides tell the same story."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import rig
from tools.bad_line import CHANGED, CUT, LATE, LOST, OVERTAKEN, TWICE, Faults
from tools.rig import Rig

pytestmark = pytest.mark.slow

BAD = {
    2: CHANGED,
    3: TWICE,
    5: OVERTAKEN,
    7: CHANGED,
    9: CUT,
    12: LATE,
    15: LOST,
    18: TWICE,
    20: OVERTAKEN,
    23: CHANGED,
    26: CUT,
}
"""By number, what happens to messages; at most eight of a parcel's pieces are on the way at once."""


@pytest.fixture(scope="module")
def two() -> Iterator[Rig]:
    place = Path(tempfile.mkdtemp(prefix="antin-rig-"))
    place.chmod(0o711)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with rig.running(place, os.environ["DATABASE_URL"], prefix=f"rig_{os.getpid()}_{worker}", faults=Faults()) as made:
        yield made
    shutil.rmtree(place)


def test_over_a_bad_line_everything_arrives_once_and_both_sides_tell_the_same(two: Rig) -> None:
    head, far = two.nodes
    two.line.faults = Faults(certain=BAD)
    rig.post(head, far, 20_000, 1_300_000, 20_000, 600_000, 20_000, seed=1)
    rig.post(far, head, 20_000, 900_000, 20_000, seed=2)
    for node, name in ((far, "antin-line"), (head, "nats-server"), (far, "antin-worker"), (head, "antin-line")):
        rig.await_that(lambda node=node, name=name: rig.kill(two, node, name), f"{name} of {node.code}")
        rig.post(head, far, 30_000, seed=3)
    two.line.part(far.code)
    rig.post(far, head, 30_000, seed=4)
    time.sleep(1)  # nothing can be awaited: that is what is tried
    two.line.heal()
    rig.await_that(lambda: set(BAD.values()) <= set(two.line.happened), "every fault")
    rig.wake(two)
    rig.await_rest(two)
    assert rig.audit(two) == []
    assert rig.prove_receipts(two, head, most=1) + rig.prove_receipts(two, far, most=1) == []
