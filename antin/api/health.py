"""How this node is, for supervisors and load balancers: `/health/live`, `/health/ready`, and `/healthz` as it always was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from antin.files import queries as files
from antin.index import queries as index
from antin.outbox import queries as outbox
from antin.upkeep import queries as upkeep

SILENCE = timedelta(seconds=30)
LEAST_ROOM = 200_000_000
"""Bytes free: two of the largest files, while a third is being written."""
INDEX_BEHIND = timedelta(minutes=5)

_migrated: list[bool] = []


def live(request: HttpRequest) -> JsonResponse:
    """200 while this process answers at all; asks nobody. What does not answer is started again."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when this node can do its work, else 503, with the reasons: each part `ok`, or what is wrong with it.

    A slow index is told and does not make it 503: everything but searching is as it should be.
    """
    reasons = _reasons()
    well = not any(reasons[part] != "ok" for part in ("database", "migrations", "disk", "files", "worker"))
    told = {"status": "ok" if well else "unwell", "version": settings.VERSION, "reasons": reasons}
    return JsonResponse(told, status=200 if well else 503)


def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, its form is this version's and a worker is alive; otherwise 503; each part is named."""
    reasons = _reasons()
    parts = {part: reasons[part] == "ok" for part in ("database", "migrations", "worker")}
    well = all(parts.values())
    return JsonResponse({"status": "ok" if well else "unwell", **parts}, status=200 if well else 503)


def _reasons() -> dict[str, str]:
    """Each part with `ok` or what is wrong, in words for programs; nothing of what the node holds."""
    found = dict.fromkeys(("database", "migrations", "worker", "index"), "unknown: the database does not answer")
    found["files"] = "away" if files.why_store_unwell() else "ok"
    found["disk"] = "ok" if upkeep.get_disk(Path(settings.STATE)).free >= LEAST_ROOM else "nearly full"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found["database"] = "ok"
        found["migrations"] = "ok" if _is_migrated() else "missing"
        if found["migrations"] == "ok":
            found["worker"] = "ok" if outbox.is_worked_on(within=SILENCE) else "silent"
            behind = index.find_behind(timezone.now())
            found["index"] = "ok" if behind is None or behind.since > timezone.now() - INDEX_BEHIND else "behind"
        else:
            found["worker"] = found["index"] = "unknown: migrations are missing"
    except Error:
        connection.close()
        found["database"] = "does not answer"
    return found


def _is_migrated() -> bool:
    """Found true once, it stays true for this process: its code does not change. Steps of a newer release do not trouble an older
    program: they only add (expand, then contract)."""
    if not _migrated and not upkeep.list_missing_steps():
        _migrated.append(True)
    return bool(_migrated)
