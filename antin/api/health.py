"""`/healthz`: whether this node can do its work, for supervisors and load balancers."""

from __future__ import annotations

from datetime import timedelta

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from antin.outbox import queries as outbox

SILENCE = timedelta(seconds=30)

_migrated: list[bool] = []


def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, its form is this version's and a worker is alive; otherwise 503; each part is named."""
    parts = {"database": False, "migrations": False, "worker": False}
    try:
        parts["database"] = _database_answers()
        parts["migrations"] = _is_migrated()
        parts["worker"] = parts["migrations"] and outbox.is_worked_on(within=SILENCE)
    except Error:
        connection.close()
    well = all(parts.values())
    return JsonResponse({"status": "ok" if well else "unwell", **parts}, status=200 if well else 503)


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _is_migrated() -> bool:
    """Found true once, it stays true for this process: its code does not change."""
    if not _migrated:
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            _migrated.append(True)
    return bool(_migrated)
