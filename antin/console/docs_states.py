"""`antin docs states`: draw each room's STEPS table as a diagram in docs/states; with --check, say which are not up to date."""

from __future__ import annotations

import argparse
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType

from django.apps import apps
from django.conf import settings

FOLDER = Path("docs") / "states"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="chỉ kiểm tra, không ghi")


def run(arguments: argparse.Namespace) -> int:
    stale = []
    for room, states in list_machines():
        kept = settings.ROOT / FOLDER / f"{room}.md"
        drawn = draw(room, states)
        if not kept.exists() or kept.read_text() != drawn:
            stale.append(str(FOLDER / kept.name))
            if not arguments.check:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_text(drawn)
    print("\n".join(stale) if stale else "docs/states: không có gì thay đổi")
    return 1 if stale and arguments.check else 0


def list_machines() -> list[tuple[str, ModuleType]]:
    """Every room whose things have a life: its name and its `states` module."""
    rooms = sorted(config.name for config in apps.get_app_configs() if config.name.startswith("antin."))
    found = [(room, import_module(f"{room}.states")) for room in rooms if _has_states(room)]
    return [(room.removeprefix("antin."), states) for room, states in found if hasattr(states, "STEPS")]


def _has_states(room: str) -> bool:
    return (Path(import_module(room).__path__[0]) / "states.py").exists()


def draw(room: str, states: ModuleType) -> str:
    """The page of one room: a Mermaid diagram, and the table it is drawn from."""
    arrows = [f"    [*] --> {state.value}" for state in _ordered(states, states.BEGINNINGS)]
    rows = []
    for act, (sources, target) in states.STEPS.items():
        for source in _ordered(states, sources):
            arrows.append(f"    {source.value} --> {target.value}: {act}")
        rows.append(f"| `{act}` | {', '.join(s.value for s in _ordered(states, sources))} | {target.value} |")
    arrows += [f"    {state.value} --> [*]" for state in _ordered(states, states.FINAL)]
    names = [f"    {state.value}: {state.label}" for state in states.Status]
    return "\n".join(
        [
            f"# {room}",
            "",
            f"Drawn from `antin/{room}/states.py` by `antin docs states`; do not edit.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *names,
            *arrows,
            "```",
            "",
            "| act | from | to |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _ordered(states: ModuleType, some: frozenset[Enum]) -> list[Enum]:
    return [state for state in states.Status if state in some]
