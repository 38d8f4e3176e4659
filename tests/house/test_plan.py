"""The building is as it was drawn: contracts, floors, shelves, names."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import PROTECT, ForeignKey, Model

from tests.house.plan import DOORS, FLOOR, HOUSE, MORE_SHELVES, ROOMS, ROOT, SHELVES, modules, room_of

FORBIDDEN_WORDS = {"utils", "helpers", "common", "base", "manager", "service", "handler", "processor", "mixin", "misc"}
MODELS = [model for model in apps.get_models() if model.__module__.startswith("antin.")]


def test_contracts_are_kept():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_furnished_like_the_others(room):
    allowed = {*SHELVES, "migrations", "fonts", "__pycache__", *MORE_SHELVES.get(room, {})}
    found = {path.stem for path in (HOUSE / room).iterdir()}
    assert found - allowed == set(), "a file outside the shelves; plan.py names those that were agreed on"
    assert set(MORE_SHELVES.get(room, {})) - found == set(), "plan.py names what is no longer there"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model: type[Model]):
    own = FLOOR[model._meta.app_label]
    for field in model._meta.get_fields():
        if isinstance(field, ForeignKey):
            other = field.related_model._meta.app_label
            assert FLOOR[other] < own or other == model._meta.app_label, f"{field.name} points up to {other}"
            if other != model._meta.app_label:
                assert field.remote_field.on_delete is PROTECT, f"{field.name} would delete across rooms"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_models_hold_data_and_nothing_else(model: type[Model]):
    assert not model._meta.ordering, "order is asked for where it is needed"
    assert "save" not in vars(model)
    assert "delete" not in vars(model)


def _named(tree: ast.AST) -> list[str]:
    return [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(HOUSE)))
def test_names_are_of_the_trade(path: Path):
    words = set(path.stem.lower().split("_"))
    for name in _named(ast.parse(path.read_text())):
        words |= {"".join(letters).lower() for letters in _humps(name)}
    assert words & FORBIDDEN_WORDS == set()


def _humps(name: str) -> list[list[str]]:
    humps: list[list[str]] = [[]]
    for letter in name:
        if letter.isupper():
            humps.append([])
        humps[-1].append(letter)
    return humps


def test_signals_are_absent():
    users = [
        str(path)
        for path in modules()
        if "django.dispatch" in path.read_text() or "db.models.signals" in path.read_text()
    ]
    assert users == []


def test_doors_are_known():
    assert {room_of(path) for path in modules() if path.parent != HOUSE} == {*DOORS, "journeys", *ROOMS}
