"""Migrations are complete and go in one line per room."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

OURS = [config.label for config in apps.get_app_configs() if config.name.startswith("antin.")]


@pytest.mark.django_db
def test_the_models_and_the_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("room", OURS)
def test_migrations_are_one_line(room):
    loader = MigrationLoader(None)
    names = sorted(name for label, name in loader.disk_migrations if label == room)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    for earlier, later in pairwise(names):
        assert (room, earlier) in loader.disk_migrations[room, later].dependencies
