from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from antin.journal import operations
from antin.journal.notation import Line

AT = datetime(2026, 11, 20, 3, 4, 5, 678901, tzinfo=UTC)


@dataclass(frozen=True)
class Clerk:
    """A clerk, as far as the journal cares."""

    person_id: int = 7
    person_name: str = "Nguyễn Thị Ánh"
    post_id: int = 70
    post_title: str = "Văn thư"
    agency_id: int = 3


@pytest.fixture
def moment() -> datetime:
    return AT


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.fixture
def seal(moment: datetime) -> Callable[[], Line | None]:
    """Seal everything that is recorded."""
    return lambda: operations.seal(at=moment)
