"""The node that tests run on; a pytest plugin, because it must stand before Django reads its settings.

Every process (each xdist worker is one) gets a state folder of its own, removed at the end. The database is the one that
DATABASE_URL names, or an embedded PostgreSQL that the first process starts and stops.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

STATE = Path(tempfile.mkdtemp(prefix=f"antin-test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-"))
os.environ["ANTIN_STATE"] = str(STATE)
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's event loop runs in the thread of the tests


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(STATE, ignore_errors=True)
