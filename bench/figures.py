"""What reading figures costs as more and more has happened: dashboards, one figure with its rows, the API.

`python bench/figures.py` prints JSON for 10,000, 100,000 and 1,000,000 documents and tasks (`BENCH_SIZES`) of two years in 43
units: p50 and p95 in milliseconds inside the process by the test client, questions to the database, and the growth from the
smallest to the largest size, which is the figure that travels between machines. Rows and sums are written by plain statements
in the form that counting leaves (three or four rows each). A database of its own is made and removed. With `BENCH_SIZES=10000000`
ten millions are written the quick way: into an unlogged table, whose indexes are made afterwards (10 GB, many minutes).
"""

import gc
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import DatabaseError, connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from antin.console.children import COLLECTION  # noqa: E402
from antin.indicators import operations as indicators  # noqa: E402
from antin.journal import operations as journal  # noqa: E402
from antin.people import operations as people  # noqa: E402
from antin.web.session import sitting  # noqa: E402
from tests import cast as casting  # noqa: E402

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "10000,100000,1000000").split(",")]
TIMES = int(os.environ.get("BENCH_TIMES", "60"))
DAYS = 730

ROWS = """
    insert into indicators_contribution (fact, subject_kind, subject_id, part, unit_id, day, amount, reasons, ends_on)
    select fact, kind, n, 0, (%(units)s::bigint[])[1 + n %% %(count)s],
        %(today)s::date - (n::bigint * 7919 %% %(days)s)::int, 1, '{}',
        case fact when 'tasks_open' then date '9999-12-31' end
    from generate_series(%(have)s + 1, %(to)s) n,
    lateral (
        select 'arrived', 'document' where n %% 20 < 12
        union all select 'arrived_electronic', 'document' where n %% 20 < 11
        union all select 'arrived_signed', 'document' where n %% 20 < 10
        union all select 'registered_in_time', 'document' where n %% 20 < 11
        union all select 'issued', 'document' where n %% 20 between 12 and 16
        union all select 'issued_electronic', 'document' where n %% 20 between 12 and 15
        union all select 'tasks_done', 'task' where n %% 20 > 16
        union all select 'tasks_accepted', 'task' where n %% 20 > 16
        union all select 'tasks_done_in_time', 'task' where n %% 20 > 16 and n %% 3 > 0
        union all select 'tasks_open', 'task' where n %% 20 = 19
    ) of (fact, kind)
"""
SUMS = """
    insert into indicators_counter (fact, unit_id, month, day, amount)
    select fact, unit_id, month, case when month then date_trunc('month', day)::date else day end d, sum(amount)
    from indicators_contribution, unnest(array[true, false]) month group by 1, 2, 3, 4
"""


MANY = 2_000_000


def put_indexes_away(cursor: Any) -> list[str]:
    """Drop what slows writing many rows at once; return the statements that make it again."""
    cursor.execute("alter table indicators_contribution set unlogged")
    cursor.execute("set maintenance_work_mem = '512MB'")
    cursor.execute("select pg_get_constraintdef(oid) from pg_constraint where conname = 'contribution_once'")
    again = [f"alter table indicators_contribution add constraint contribution_once {cursor.fetchone()[0]}"]
    cursor.execute("alter table indicators_contribution drop constraint contribution_once")
    cursor.execute(
        "select indexname, indexdef from pg_indexes where tablename = 'indicators_contribution' and indexname not like '%pkey'"
    )
    for name, made in cursor.fetchall():
        cursor.execute(f'drop index "{name}"')
        again.append(made)
    return again


def grow(units: list[int], have: int, to: int) -> None:
    today = datetime.now(UTC).date()
    told = {"units": units, "count": len(units), "today": today, "days": DAYS, "have": have, "to": to}
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = 0")
        again = put_indexes_away(cursor) if to - have > MANY else []
        cursor.execute(ROWS, told)
        for statement in again:
            cursor.execute(statement)
        cursor.execute("delete from indicators_counter")
        cursor.execute(SUMS)
        cursor.execute("vacuum analyze indicators_contribution")
        cursor.execute("vacuum analyze indicators_counter")
        with suppress(
            DatabaseError
        ):  # not everybody may; without it what was written is still being flushed while it is read
            cursor.execute("checkpoint")


def measured(ask: Callable[[], Any]) -> dict[str, float]:
    """Milliseconds of an answer by the clock and of this process's own CPU; the first two are not counted."""
    clock, own = [], []
    for n in range(TIMES + 2):
        start, began = time.perf_counter(), time.process_time()
        answer = ask()
        assert answer.status_code == 200, answer
        if n >= 2:
            clock.append((time.perf_counter() - start) * 1000)
            own.append((time.process_time() - began) * 1000)
    with CaptureQueriesContext(connection) as asked:
        ask()
    return {
        "p50_ms": round(statistics.median(clock), 1),
        "p95_ms": round(sorted(clock)[int(len(clock) * 0.95)], 1),
        "cpu_p50_ms": round(statistics.median(own), 1),
        "queries": len(asked),
    }


def main() -> None:
    cast = casting.build()
    agencies = [cast.agency_id, cast.recipient_id, cast.plan_id, *(each.agency_id for each in casting.forty(cast))]
    now = datetime.now(UTC)
    journal.seal(at=now)
    indicators.count(at=now)
    client = Client(headers={"host": "localhost"})
    session = client.session
    assert sitting.begin(session, person_id=cast.head.person_id, at=now)
    session.save()
    client.cookies["antin"] = session.session_key
    made = people.create_token(
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        name="bench",
        scopes=("read",),
        expires_at=now + timedelta(days=1),
        actor=None,
        at=now,
    )
    bearer = {"Authorization": f"Bearer {made.secret}"}
    since = f"since={now - timedelta(days=DAYS):%d/%m/%Y}"
    pages = {
        "all figures": lambda: client.get("/figures"),
        "all figures, two years": lambda: client.get(f"/figures?{since}"),
        "one figure with its rows": lambda: client.get("/figures/arrived_signed"),
        "one figure that stands": lambda: client.get("/figures/tasks_late"),
        "one unit": lambda: client.get(f"/figures?unit={agencies[5]}"),
        "API": lambda: client.get("/api/figures", headers=bearer),
        "API table": lambda: client.get("/api/figures/table.csv", headers=bearer),
    }
    told: dict[str, Any] = {}
    have = 0
    for size in SIZES:
        grow(agencies, have, size)
        have = size
        gc.collect()
        told[str(size)] = {name: measured(ask) for name, ask in pages.items()}
        print(size, json.dumps(told[str(size)], ensure_ascii=False), file=sys.stderr, flush=True)
    least, most = told[str(SIZES[0])], told[str(SIZES[-1])]
    growth = {name: round(most[name]["p50_ms"] / least[name]["p50_ms"], 2) for name in pages}
    machine = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "postgresql": connection.pg_version,
    }
    print(json.dumps({"machine": machine, "sizes": told, "growth_p50": growth}, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    gc.set_threshold(*COLLECTION)
    ours = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    with tempfile.TemporaryDirectory() as state:
        settings.STATE = Path(state)
        try:
            main()
        finally:
            connection.creation.destroy_test_db(ours, verbosity=0)
