"""Migrations in seconds: while they run, a changed model is rendered anew alone, not with everything it is related to.

Django renders, at each of the hundreds of operations, the changed model together with every model within reach of its foreign
keys: here nearly all of them, nearly every time, nine tenths of what making a database costs. The columns and constraints that
are written need the changed model only. What needs models that fit together (`RunPython`) gets them whole, as Django gives them
wherever it delays rendering itself (`ProjectState.clear_delayed_apps_cache`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db.migrations.state import ProjectState


def migrate() -> None:
    """Bring the database to the newest form. It makes what Django's own way makes (tests/node_life/test_upgrade.py)."""
    with rendering_little():
        call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def rendering_little() -> Iterator[None]:
    """Let migrations that run meanwhile render only what they change."""
    kept = ProjectState.reload_model
    ProjectState.reload_model = _render_alone  # type: ignore[method-assign]
    try:
        yield
    finally:
        ProjectState.reload_model = kept  # type: ignore[method-assign]


def _render_alone(self: Any, app_label: str, model_name: str, delay: bool = False) -> None:
    if "apps" in self.__dict__:
        self.is_delayed = True
        self._reload({(app_label, model_name)})
