import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import connection

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


@pytest.fixture
def seal(moment: datetime, settle: Callable[[], None]) -> Callable[[], Line | None]:
    """Seal everything that is recorded."""

    def seal() -> Line | None:
        settle()
        return operations.seal(at=moment)

    return seal
