"""Noting what the machinery did."""

from __future__ import annotations

import socket
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from antin.journal import operations as journal
from antin.upkeep import queries
from antin.upkeep.models import Backup, Pulse


@transaction.atomic
def record_backup(
    *, place: Path, files: int = 0, size: int = 0, head: str = "", fault: str = "", at: datetime
) -> Backup:
    """Record that a backup was made there, or why not."""
    told = {"made_at": at, "files": files, "size": size, "head": head, "fault": fault[:500], "verified_at": None}
    row, _fresh = Backup.objects.update_or_create(place=str(place)[:500], defaults=told)
    event = "backup.failed" if fault else "backup.made"
    journal.record(
        event, subject=("backup", row.pk), actor=None, at=at, place=row.place, files=files, size=size, fault=row.fault
    )
    return row


@transaction.atomic
def record_verified(*, place: Path, fault: str = "", at: datetime) -> Backup | None:
    """Record that every byte of a backup was read again: all right, or what is not. None: this node knows nothing of it."""
    row = queries.find_backup(str(place)[:500])
    if row is None:
        return None
    row.verified_at, row.verify_fault = at, fault[:500]
    row.save(update_fields=["verified_at", "verify_fault"])
    event = "backup.damaged" if fault else "backup.verified"
    journal.record(event, subject=("backup", row.pk), actor=None, at=at, place=row.place, fault=row.verify_fault)
    return row


def beat(*, name: str, fault: str = "", at: datetime) -> None:
    """Say that a process of this machine lives, and what troubles it. Never journalled: it says so every few seconds."""
    told = {"version": settings.VERSION, "beat_at": at, "fault": fault[:300]}
    Pulse.objects.update_or_create(name=name, machine=socket.gethostname()[:120], defaults=told)
