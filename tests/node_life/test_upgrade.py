"""A node is upgraded while the program of the release before goes on writing: from its form of the database to today's.

The form of that release is made in Django's own way, the rest as `antin run` does it, and the database of these tests was made by
the latter alone: all of them must be one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from antin.console import postgres_tools
from antin.upkeep import queries as upkeep
from tests.house.plan import ROOT

pytestmark = pytest.mark.slow

RELEASED = (ROOT / "tests" / "house" / "released.txt").read_text().split()
# What the old program says, with its own columns only, and the patience that it has (config/settings.py).
PROMISE = "INSERT INTO outbox_promise (name, key, ids) VALUES ('lay_out', %s, '{\"document_id\": 1}')"
RECORD = (
    "INSERT INTO journal_record (at, event, subject_kind, subject_id, person_name, post_title, on_behalf, facts)"
    " VALUES (now(), 'old.program', 'document', %s, '', '', '', '{}')"
)
DUE = "INSERT INTO index_due (subject_id) VALUES (%s)"


@pytest.fixture
def database() -> Iterator[tuple[str, str]]:
    """An empty database beside the tests' own: its name and its address."""
    here = settings.DATABASES["default"]
    name = f"upgrade_{os.getpid()}"
    own = {"host": here["HOST"], "port": here["PORT"], "user": here["USER"], "password": here["PASSWORD"]}
    with psycopg.connect(dbname="postgres", autocommit=True, **own) as server:
        server.execute(f"CREATE DATABASE {name}")
        who = f"{quote(here['USER'])}:{quote(here['PASSWORD'] or '')}"
        yield name, f"postgresql://{who}@{quote(str(here['HOST']), '')}:{here['PORT']}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


DJANGOS_OWN = """
import django; django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
do = MigrationExecutor(connection)
do.migrate({last} + [k for k in do.loader.graph.leaf_nodes() if k[0] == 'procrastinate'])
"""
OURS = "import django; django.setup()\nfrom antin.console.migrating import migrate\nmigrate()"


def _migrate(address: str, script: str) -> None:
    told = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=told, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


class OldProgram(threading.Thread):
    """Writes until it is told to stop; every fault it meets is kept."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.over, self.begun = address, threading.Event(), threading.Event()
        self.written, self.faults = 0, []

    def run(self) -> None:
        with psycopg.connect(self.address, autocommit=True, options="-c lock_timeout=10s") as line:
            while not self.over.is_set():
                try:
                    with line.transaction():
                        line.execute(PROMISE, [f"old:{self.written}"])
                        line.execute(RECORD, [self.written])
                        line.execute(DUE, [self.written])
                    self.written += 1
                except psycopg.Error as fault:
                    self.faults.append(str(fault))
                self.begun.set()


def _form(tmp_path: Path, name: str) -> list[str]:
    """What `pg_dump` says of a database's form; the tests' own lets its journal be emptied."""
    written = tmp_path / "form.sql"
    postgres_tools.run("pg_dump", connection.settings_dict | {"NAME": name}, "--schema-only", f"--file={written}")
    lines = written.read_text().splitlines()
    said = [line for line in lines if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))]
    return [line for line in said if "DISABLE TRIGGER" not in line]


@pytest.mark.django_db(transaction=True)
def test_the_old_program_goes_on_writing_while_the_new_form_is_made(database: tuple[str, str], tmp_path: Path) -> None:
    name, address = database
    last: dict[str, str] = {}
    for each in RELEASED:
        room, _dot, step = each.partition(".")
        last[room] = max(last.get(room, ""), step)
    _migrate(address, DJANGOS_OWN.format(last=sorted(last.items())))
    old = OldProgram(address)
    old.start()
    assert old.begun.wait(60)
    try:
        _migrate(address, OURS)
        before = old.written
        while old.written == before and not old.faults:  # and it goes on beside the new form
            old.over.wait(0.05)
    finally:
        old.over.set()
        old.join()
    assert old.faults == []
    with psycopg.connect(address) as line:
        for table, where in (
            ("outbox_promise", "key like 'old:%'"),
            ("journal_record", "event = 'old.program'"),
            ("index_due", "true"),
        ):
            assert line.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone() == (old.written,)
        taken = {f"{room}.{step}" for room, step in line.execute("SELECT app, name FROM django_migrations")}
    assert upkeep._known() <= taken
    assert _form(tmp_path, name) == _form(tmp_path, connection.settings_dict["NAME"])
