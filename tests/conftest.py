"""What every test may ask for."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

import pytest
import pytest_django
from argon2 import PasswordHasher
from django.db import connection
from django.test import TransactionTestCase

from antin.console.migrating import rendering_little
from antin.jobs import handlers  # noqa: F401 - registers the handlers of promises
from antin.keys.providers import software
from antin.outbox import operations as outbox
from antin.outbox import queries
from antin.people import passwords
from tests.cast import build_in_template, cast, empty_node  # noqa: F401 - fixtures
from tests.template import THE_TEMPLATE


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: nobody looks through it for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


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
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """The last that is asked before the tests' database is made: it is made as `antin run` makes one."""
    with rendering_little():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """The cast is there, and again after a test that really commits. To flush is to TRUNCATE, which the journal refuses."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("journal_record", "journal_leaf", "journal_checkpoint"):
            cursor.execute(f"alter table {table} disable trigger {table}_stays_whole")
        build_in_template()
    TransactionTestCase._fixture_teardown = lambda self: THE_TEMPLATE.put_back()  # type: ignore[method-assign]


EARNEST = {"pins": software.SCRYPT, "passwords": passwords._FULL}
"""What PINs and passwords cost in earnest: a fortieth of a second for each key made or opened, a fifth for each sign-in."""
CHEAP = PasswordHasher(time_cost=1, memory_cost=2048, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def cheap_secrets() -> Iterator[None]:
    """Hundreds of tests make keys and sign in, and what a secret costs is the matter of few: `costly_pins`, `costly_passwords`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(software, "SCRYPT", {"n": 2, "r": 8, "p": 1})
        patch.setattr(passwords, "_FULL", CHEAP)
        patch.setattr(passwords, "_NOBODY", CHEAP.hash(token_hex()))
        yield


@pytest.fixture
def costly_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a PIN costs is as it is in earnest."""
    monkeypatch.setattr(software, "SCRYPT", EARNEST["pins"])


@pytest.fixture
def costly_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is as it is in earnest."""
    monkeypatch.setattr(passwords, "_FULL", EARNEST["passwords"])


@pytest.fixture
def own_state(settings: pytest_django.fixtures.SettingsWrapper, tmp_path: Path) -> Path:
    """A state folder of the test's own."""
    settings.STATE = tmp_path
    return tmp_path


@pytest.fixture
def guarded(db: None) -> Iterator[None]:
    """The triggers of the journal as they are in earnest."""

    def switch(state: str) -> None:
        with connection.cursor() as cursor:
            for table in ("journal_record", "journal_leaf", "journal_checkpoint"):
                cursor.execute(f"alter table {table} {state} trigger {table}_stays_whole")

    switch("enable")
    yield
    switch("disable")
