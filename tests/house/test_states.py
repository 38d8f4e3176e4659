"""Every state can be reached, and is final or can be left; the diagrams are drawn from the tables."""

from __future__ import annotations

import pytest

from antin.console import docs_states
from tests.house.plan import ROOT

MACHINES = docs_states.list_machines()


@pytest.mark.parametrize(("room", "states"), MACHINES, ids=[room for room, _ in MACHINES])
def test_every_state_is_reached_and_left(room, states):
    targets = {target for _, target in states.STEPS.values()}
    sources = {source for given, _ in states.STEPS.values() for source in given}
    assert set(states.Status) - targets - states.BEGINNINGS == set(), "never reached"
    assert set(states.Status) - sources - states.FINAL == set(), "never left"


@pytest.mark.parametrize(("room", "states"), MACHINES, ids=[room for room, _ in MACHINES])
def test_the_diagram_is_up_to_date(room, states):
    kept = ROOT / docs_states.FOLDER / f"{room}.md"
    assert kept.exists(), "run: .venv/bin/antin docs states"
    assert kept.read_text() == docs_states.draw(room, states), "run: .venv/bin/antin docs states"


def test_no_diagram_is_left_over():
    kept = {path.stem for path in (ROOT / docs_states.FOLDER).glob("*.md")}
    assert kept == {room for room, _ in MACHINES}
