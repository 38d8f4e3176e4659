"""What every test may ask for."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_django
from django.db import connection

from antin.jobs import handlers  # noqa: F401 - registers the handlers of promises
from antin.outbox import operations as outbox
from antin.outbox import queries

pytest_plugins = ["tests.cast"]


@pytest.fixture
def at() -> datetime:
    """Monday morning, 23 November 2026, nine o'clock in Hanoi."""
    return datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def keep_promises(at: datetime) -> Callable[..., outbox.Tally]:
    """Keep what is due, in this process; fails when a promise met a fault, unless `faults=True` expects some."""

    def keep(moment: datetime = at, *, faults: bool = False) -> outbox.Tally:
        tally = outbox.keep_due(at=moment)
        if not faults and (tally.dead or tally.postponed):
            raise AssertionError(f"promises not kept: {queries.list_faults()}")
        return tally

    return keep


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """Let tests that really commit clean up behind themselves: they TRUNCATE, which the journal refuses in earnest."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("journal_record", "journal_leaf", "journal_checkpoint"):
            cursor.execute(f"alter table {table} disable trigger {table}_stays_whole")


@pytest.fixture
def own_state(settings: pytest_django.fixtures.SettingsWrapper, tmp_path: Path) -> Path:
    """A state folder of the test's own."""
    settings.STATE = tmp_path
    return tmp_path


def _is_settled() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                 > (select coalesce(max(transaction), 0) from journal_record
                    where transaction < pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
            """
        )
        return cursor.fetchone() == (True,)


@pytest.fixture
def settle() -> Callable[[], None]:
    """Wait until no transaction of the whole cluster, which other tests share, is older than the newest record."""

    def settle() -> None:
        give_up = time.monotonic() + 60
        while not _is_settled():
            assert time.monotonic() < give_up, "a transaction elsewhere in the cluster does not end"
            time.sleep(0.01)

    return settle
