"""The doors' vault has the house and the letter of the room's own tests, an hour ago by the true clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.rooms.vault.conftest import add, house, letter, opened

__all__ = ["add", "house", "letter", "opened"]


@pytest.fixture
def at() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)
