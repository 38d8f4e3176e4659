"""The node that tests run on; a pytest plugin, because it must stand before Django reads its settings.

Every process (each xdist worker is one) gets a state folder of its own, removed at the end. The database is the one that
DATABASE_URL names, or an embedded PostgreSQL that the first process starts and stops.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest

from config.embedded_postgres import EmbeddedPostgres

STATE = Path(tempfile.mkdtemp(prefix=f"antin-test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-"))
os.environ["ANTIN_STATE"] = str(STATE)
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's event loop runs in the thread of the tests

SERVER = None
if not os.environ.get("DATABASE_URL"):
    SERVER = EmbeddedPostgres(STATE / "postgres", may_create_databases=True, fleeting=True)
    where = SERVER.start()
    os.environ["DATABASE_URL"] = (
        f"postgresql://{where['USER']}:{where['PASSWORD']}@{quote(str(where['HOST']), '')}/antin"
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER is not None:
        SERVER.stop()
    shutil.rmtree(STATE, ignore_errors=True)
