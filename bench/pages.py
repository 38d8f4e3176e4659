"""What pages cost as the archive grows: desks, lists, books, a document's page, the API, as those who are allowed least.

`python bench/pages.py` prints JSON for 10,000, 100,000 and 1,000,000 documents (`BENCH_SIZES`) in a ministry of 8 levels, some
1,600 units and 10,000 people (`bench/ministry.py`): p50 and p95 in milliseconds by the clock, what this process and the database's
worked, queries per page, and the growth from the smallest size to the largest, which is the figure that travels between machines.
The archive is written by plain statements, in the form that the operations leave. A database of its own is made and removed.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from antin.console.children import COLLECTION  # noqa: E402
from antin.documents import operations as documents  # noqa: E402
from antin.jobs import handlers  # noqa: E402, F401 - registers the handlers of promises
from antin.outbox import operations as outbox  # noqa: E402
from antin.people import operations as people  # noqa: E402
from antin.people import queries as people_queries  # noqa: E402
from antin.signing import operations as signing  # noqa: E402
from antin.tasks import operations as tasks  # noqa: E402
from antin.tasks.states import Origin  # noqa: E402
from bench import ministry  # noqa: E402
from tests import cast as casting  # noqa: E402
from tests import given, paper  # noqa: E402

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "10000,100000,1000000").split(",")]
TIMES = int(os.environ.get("BENCH_TIMES", "40"))
OPEN = 20  # what waits for the clerk is work, not archive: as much in a small one as in a large one
IN_HAND = 12  # tasks an officer has to do


def a_signed_file(cast: casting.Cast) -> str:
    """A letter of one page with both signatures, judged once: every arrival holds it."""
    now = datetime.now(UTC)
    paper.give_keys(cast, now - timedelta(days=30))
    file = paper.an_issued_page(cast, now - timedelta(hours=1)).file
    signing.verify(file=file, at=now)
    return file


def leave_open(cast: casting.Cast, deep: ministry.Deep, file: str) -> None:
    """What waits is work, not archive, as much in a small one as in a large one: arrivals to be registered, and tasks in hand."""
    now = datetime.now(UTC)
    for agency_id in (cast.recipient_id, deep.agency_id):
        documents.arrive_many(
            arrivals=[
                given.new_arrival(
                    agency_id,
                    key=f"bench-open:{agency_id}:{n}",
                    subject=f"Đề nghị số {n} chờ vào sổ",
                    code=f"{n}/TCZ-KT",
                    number=n + 1,
                    identifier="",
                    file=file,
                )
                for n in range(OPEN)
            ],
            actor=None,
            at=now - timedelta(minutes=30),
        )
    for n in range(IN_HAND):
        tasks.give(
            document_id=None,
            title=f"Việc số {n} của nhánh đo",
            origin=Origin.HAND,
            words="Báo cáo kết quả trước cuối tuần.",
            shares=[tasks.Share("lead", None, deep.officer.post_id, None, 3)],
            actor=deep.head.actor(now.date()),
            at=now - timedelta(minutes=20),
        )


def measured(ask: Callable[[], Any]) -> dict[str, float]:
    """The answer's milliseconds by the clock, those that this process and the database's worked on it, its queries.

    The first few are not counted. On a machine that others use the clock says how long one waits for a core: the work of both
    is the figure that counts.
    """
    taken, worked = [], []
    for n in range(TIMES + 5):
        if n == 5:
            database = _database_worked()
        start, core = time.perf_counter(), time.process_time()
        _answered(ask)
        if n >= 5:
            taken.append((time.perf_counter() - start) * 1000)
            worked.append((time.process_time() - core) * 1000)
    theirs = (_database_worked() - database) / TIMES
    with CaptureQueriesContext(connection) as asked:
        _answered(ask)
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(sorted(taken)[int(len(taken) * 0.95)], 1),
        "own_core_p50_ms": round(statistics.median(worked), 1),
        "own_core_p95_ms": round(sorted(worked)[int(len(worked) * 0.95)], 1),
        "database_core_mean_ms": round(theirs, 1),
        "queries": len(asked),
    }


def _database_worked() -> float:
    """Milliseconds of a core that the process answering this connection has worked; 0 where it is on another machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        told = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return int(told.read_text().split()[0]) / 1e6 if told.exists() else 0.0


def _answered(ask: Callable[[], Any]) -> None:
    answer = ask()
    if hasattr(answer, "render"):
        answer.render()
    assert answer.status_code == 200, answer


def seat(member: casting.Member) -> Client:
    """A browser in which the member has signed in."""
    browser = Client()
    answer = browser.post("/sign-in", {"user_name": USER[member.person_id], "password": casting.PASSWORD})
    assert answer.status_code in (200, 302), answer.status_code
    assert browser.get("/me").status_code == 200
    return browser


USER: dict[int, str] = {}


def latest_seen(holder: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document_id FROM documents_visibility WHERE holder = %s ORDER BY order_at DESC", [holder]
        )
        return int(cursor.fetchone()[0])


def pages(cast: casting.Cast, deep: ministry.Deep) -> dict[str, dict[str, float]]:
    officer, clerk, registry = seat(deep.officer), seat(deep.clerk), seat(cast.recipient_clerk)
    now = datetime.now(UTC)
    token = people.create_token(
        person_id=deep.officer.person_id,
        post_id=deep.officer.post_id,
        name="bench",
        scopes=("read",),
        expires_at=now + timedelta(days=1),
        actor=None,
        at=now,
    )
    headers = {"Authorization": f"Bearer {token.secret}"}
    api = Client()
    mine, theirs = latest_seen(f"P{deep.officer.post_id}"), latest_seen(f"R{cast.recipient_id}")
    year = now.year
    asked: dict[str, Callable[[], Any]] = {
        "desk of an officer": lambda: officer.get("/"),
        "list of an officer": lambda: officer.get("/incoming"),
        "list by words, officer": lambda: officer.get("/incoming", {"words": "kế hoạch"}),
        "list by type and year, officer": lambda: officer.get(
            "/incoming", {"type": "KH", "since": f"01/01/{year - 1}"}
        ),
        "list by a type there is none of, officer": lambda: officer.get("/incoming", {"type": "NQ"}),
        "document page, officer": lambda: officer.get(f"/documents/{mine}"),
        "its pane alone, officer": lambda: officer.get(
            f"/documents/{mine}", headers={"HX-Request": "true", "HX-Target": "pane"}
        ),
        "tasks of an officer": lambda: officer.get("/tasks"),
        "notices of an officer": lambda: officer.get("/notices"),
        "directory of 10,000 people, a name, officer": lambda: officer.get("/directory", {"words": "Nguyễn Minh"}),
        "API list, officer": lambda: api.get("/api/documents", headers=headers),
        "API detail, officer": lambda: api.get(f"/api/documents/{mine}", headers=headers),
        "desk of a clerk, deep agency": lambda: clerk.get("/"),
        "list of a clerk, deep agency": lambda: clerk.get("/incoming"),
        "desk of a clerk, a fifth of everything": lambda: registry.get("/"),
        "list of a clerk, a fifth of everything": lambda: registry.get("/incoming"),
        "list by words, clerk, a fifth of everything": lambda: registry.get(
            "/incoming", {"words": "kế hoạch kiểm tra"}
        ),
        "register book, clerk, a fifth of everything": lambda: registry.get("/registers", {"book": "in"}),
        "document page, clerk, a fifth of everything": lambda: registry.get(f"/documents/{theirs}"),
    }
    return {name: measured(ask) for name, ask in asked.items()}


def main() -> None:
    cast = casting.build()
    deep = ministry.build(cast)
    for member in (deep.officer, deep.clerk, cast.recipient_clerk):
        USER[member.person_id] = people_queries.get_person(member.person_id).user_name or ""
    with outbox.kept_by_caller():
        file = a_signed_file(cast)
    leave_open(cast, deep, file)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTION)
    found: dict[int, dict[str, dict[str, float]]] = {}
    have = 0
    for size in SIZES:
        began = time.perf_counter()
        ministry.grow(cast, deep, have, size, file)
        print(f"{size} written in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
        have = size
        found[size] = pages(cast, deep)
        print(size, json.dumps(found[size], ensure_ascii=False, indent=1), file=sys.stderr, flush=True)
    small, large = found[SIZES[0]], found[SIZES[-1]]
    told = {
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
            "postgresql": connection.pg_version,
        },
        "sizes": {str(size): rows for size, rows in found.items()},
        "growth_p50": {name: round(large[name]["p50_ms"] / small[name]["p50_ms"], 2) for name in small},
        "growth_own_core": {
            name: round(large[name]["own_core_p50_ms"] / small[name]["own_core_p50_ms"], 2) for name in small
        },
    }
    print(json.dumps(told, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    settings.ALLOWED_HOSTS = ["testserver", *settings.ALLOWED_HOSTS]
    ours = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    with tempfile.TemporaryDirectory() as state:
        settings.STATE = Path(state)
        try:
            main()
        finally:
            connection.creation.destroy_test_db(ours, verbosity=0)
