"""`antin prepare`: bring the database to this version's form, and an empty node to its first people.

What is being done is said on stderr; what a person must know once the node answers is the result: `antin run` shows it then.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from antin.console import demo, demo_traffic
from antin.console.migrating import migrate
from antin.nodes import broker
from antin.nodes import queries as members
from antin.people import queries as people

ONE_AT_A_TIME = 0x616E74696E  # several nodes on one database prepare it one after another


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-demo", action="store_true", help="không lập tổ chức mẫu trên nút trống")


def run(arguments: argparse.Namespace) -> int:
    print(prepare(demonstrate=not arguments.no_demo))
    return 0


def prepare(*, demonstrate: bool) -> str:
    """Do what is to be done; what a person must know once the node answers."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        cursor.execute("SET lock_timeout = '10s'")
    _migrate()
    token, demonstration = settings.STATE / "setup-token", settings.STATE / "demonstration"
    if not people.has_persons():
        if demonstrate:
            _say("Lập tổ chức mẫu …")
            demo.fill_organisation(at=datetime.now(UTC))
            demonstration.touch()
        else:
            _make_token(token)
    if members.is_on_the_line():
        broker.mark()
    connection.close()
    if token.exists():
        return f"Nút còn trống. Lập đơn vị và quản trị viên đầu tiên:  /setup?token={token.read_text().strip()}"
    if demonstration.exists():
        accounts = [f"  {name:<16} {who}" for name, who in demo.sign_ins()]
        secrets_of_all = f"mật khẩu chung: {demo.PASSWORD}; mã PIN chung của khóa ký: {demo_traffic.PIN}"
        return "\n".join([f"Tổ chức mẫu; {secrets_of_all}", *accounts])
    return ""


def prepare_and_tell(*, demonstrate: bool, greeting: Path) -> None:
    """The same in a child of `antin run`, which reads the file."""
    greeting.write_text(prepare(demonstrate=demonstrate))


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if steps:
        _say(f"Nâng cấp cơ sở dữ liệu: {len(steps)} bước …")
        migrate()


def _make_token(kept: Path) -> None:
    if not kept.exists():
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(24))


def _say(words: str) -> None:
    print(f"  {words}", file=sys.stderr, flush=True)
