"""Asking the machine and the database how they are."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from antin.upkeep.models import Backup, Pulse


@dataclass(frozen=True)
class Database:
    """How large the database is, and which server keeps it."""

    size: int
    server: str


def get_database() -> Database:
    """Return the size of the database in bytes and the version of its server. One statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()), current_setting('server_version')")
        size, server = cursor.fetchone()
    return Database(size, str(server).split()[0])


@dataclass(frozen=True)
class Disk:
    """The disk that a folder lies on, in bytes."""

    size: int
    free: int

    @property
    def share_free(self) -> int:
        """Percent."""
        return self.free * 100 // self.size


def get_disk(folder: Path) -> Disk:
    """Return how much room there is where a folder lies."""
    found = shutil.disk_usage(folder)
    return Disk(found.total, found.free)


@dataclass(frozen=True)
class Schema:
    """The form of the database against what this program knows. `unknown` steps are a newer release's, taken during an upgrade."""

    applied: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    name: str


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("antin.")}
    disk = MigrationLoader(None).disk_migrations
    return frozenset(f"{room}.{name}" for room, name in disk if room in ours)


def get_schema() -> Schema:
    """Return which steps of the database's form were taken. One statement."""
    known = _known()
    rooms = {step.split(".")[0] for step in known}
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = {f"{room}.{name}" for room, name in cursor.fetchall() if room in rooms}
    digest = hashlib.sha256("\n".join(sorted(applied)).encode()).hexdigest()
    return Schema(
        applied=len(applied),
        missing=tuple(sorted(known - applied)),
        unknown=tuple(sorted(applied - known)),
        name=f"{len(applied)}-{digest[:6]}",
    )


def list_missing_steps() -> tuple[str, ...]:
    """Return the steps of this program that the database has not taken: all of them on one that was never prepared."""
    if "django_migrations" not in connection.introspection.table_names():
        return tuple(sorted(_known()))
    return get_schema().missing


def list_backups(*, limit: int = 5) -> list[Backup]:
    """Return the latest tries at a backup, the newest first."""
    return list(Backup.objects.order_by("-made_at", "-id")[:limit])


def find_backup(place: str) -> Backup | None:
    """Return the backup that lies there, if this node made it."""
    return Backup.objects.filter(place=place).first()


def list_pulses() -> list[Pulse]:
    """Return the processes that ever said they live, by name."""
    return list(Pulse.objects.order_by("name", "machine"))
