"""`antin prepare`: bring the database to this version's form; nothing to do is quickly said."""

from __future__ import annotations

import argparse

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

LOCK = 0x616E74696E  # one node migrates at a time


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(arguments: argparse.Namespace) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    executor = MigrationExecutor(connection)
    steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if steps:
        print(f"  Nâng cấp cơ sở dữ liệu: {len(steps)} bước …", flush=True)
        call_command("migrate", verbosity=0, interactive=False)
    return 0
