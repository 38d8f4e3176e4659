"""Every template compiles and keeps to the strict policy of what a page may run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from tests.house.plan import HOUSE

FOLDERS = sorted(HOUSE.glob("*/templates"))
TEMPLATES = sorted((path, folder) for folder in FOLDERS for path in folder.rglob("*.*"))
NAMES = [str(path.relative_to(folder)) for path, folder in TEMPLATES]
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=\"|javascript:", re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name: str):
    get_template(name)


@pytest.mark.parametrize(("path", "folder"), TEMPLATES, ids=NAMES)
def test_nothing_runs_inline(path: Path, folder: Path):
    assert INLINE.findall(path.read_text()) == []
