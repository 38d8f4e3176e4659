"""The documents hold: their links lead somewhere, the tests they name exist, every dependency has its reason."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from tests.house.plan import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MODELS = [model for model in apps.get_models() if model.__module__.startswith("antin.")]
PICTURES = "docs/pictures/"
"""Made by tools/pictures.py on a running node, so they may not be there."""


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _anchors(page: Path) -> set[str]:
    """The places a page can be linked to, as its headings name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("sheet", PAGES, ids=_name)
def test_every_link_leads_somewhere(sheet: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", sheet.read_text())
    lost = []
    for target in targets:
        path, _, anchor = target.partition("#")
        if path.startswith(("http:", "https:")):
            continue
        found = (sheet.parent / path).resolve() if path else sheet
        if PICTURES in str(found):
            continue
        if not found.exists() or (anchor and anchor not in _anchors(found)):
            lost.append(target)
    assert lost == []


def test_every_test_that_is_named_exists() -> None:
    tests = list((ROOT / "tests").rglob("*.py"))
    names = {path.name for path in tests}
    written = {
        name for path in tests for name in re.findall(r"^\s*(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    lost = {}
    for sheet in PAGES:
        named = set(re.findall(r"`(test_\w+?)`", sheet.read_text()))
        files = set(re.findall(r"`(?:tests/[\w/]*/)?(test_\w+\.py)`", sheet.read_text()))
        missing = sorted((named - written) | (files - names))
        if missing:
            lost[_name(sheet)] = missing
    assert lost == {}


def test_every_dependency_has_its_reason() -> None:
    told = set(re.findall(r"`([^`]+)`", (ROOT / "docs" / "dependencies.md").read_text()))
    asked = set()
    for kept in ("run", "test", "node"):
        for line in (ROOT / "requirements" / f"{kept}.in").read_text().splitlines():
            name = re.split(r"[\[<>=;# ]", line, maxsplit=1)[0]
            if name and not line.startswith("-"):
                asked.add(name)
    package = json.loads((ROOT / "frontend" / "package.json").read_text())
    asked |= {*package["dependencies"], *package["devDependencies"]}
    assert sorted(asked - told) == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_idea_is_in_the_glossary(model: type[Model]) -> None:
    told = (ROOT / "docs" / "glossary.md").read_text()
    assert f"`{model.__name__}" in told, "give it a line in docs/glossary.md first"
    states = import_module(f"antin.{model._meta.app_label}.states") if hasattr(model, "status") else None
    for status in getattr(states, "Status", ()):
        assert f"`{status.value}`" in told
