"""What pages cost as the archive grows: desk, list, document page, API list and detail, as the least privileged user.

`python bench/pages.py` prints JSON for 10,000 and 100,000 documents: p50 and p95 in milliseconds inside the process, queries per
page, and the growth between the two sizes, which is the figure that travels between machines. The archive is written by plain
statements, in the form that the operations leave. A database of its own is made and removed.
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
from tests import cast as casting  # noqa: E402
from tests import given, paper  # noqa: E402

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "10000,100000").split(",")]
TIMES = int(os.environ.get("BENCH_TIMES", "40"))
OPEN = 20  # what waits for the clerk is work, not archive: as much in a small one as in a large one
SEEN_BY_OFFICER = 50  # one document in so many is the officer's to see


def a_signed_file(cast: casting.Cast) -> str:
    """A letter of one page with both signatures, judged once: every arrival holds it."""
    now = datetime.now(UTC)
    paper.give_keys(cast, now - timedelta(days=30))
    file = paper.an_issued_page(cast, now - timedelta(hours=1)).file
    signing.verify(file=file, at=now)
    return file


def grow(cast: casting.Cast, to: int, file: str) -> None:
    """Fill the archive of the centre B1 up to so many arrivals: one in fifty shown to the officer, the last twenty still open."""
    now = datetime.now(UTC)
    have = documents_count()
    words = ["báo cáo", "kế hoạch", "đề nghị", "thông báo", "hướng dẫn", "kết luận", "dự toán", "kiểm tra"]
    for start in range(have, to, 2000):
        batch = [
            given.new_arrival(
                cast.recipient_id,
                key=f"bench:{n}",
                subject=f"{words[n % 8].capitalize()} {words[(n // 8) % 8]} số {n} về công tác văn thư",
                code=f"{n}/TCZ-KH",
                number=n + 1,
                identifier="",
                file=file,
            )
            for n in range(start, min(start + 2000, to))
        ]
        documents.arrive_many(arrivals=batch, actor=None, at=now - timedelta(minutes=to - start))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_document SET status = 'completed', next_act = '', next_holder = '', next_due_at = NULL"
            " WHERE next_holder = %s AND id <= (SELECT max(id) - %s FROM documents_document)",
            [f"R{cast.recipient_id}", OPEN],
        )
        cursor.execute(
            "INSERT INTO documents_visibility (document_id, holder, box, reason, since, order_at)"
            " SELECT id, %s, 'in', 'lead', order_at, order_at FROM documents_document WHERE direction = 'in' AND id %% %s = 0"
            " ON CONFLICT DO NOTHING",
            [f"P{cast.recipient_works_officer.post_id}", SEEN_BY_OFFICER],
        )
        cursor.execute("ANALYZE")


def documents_count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM documents_document")
        return int(cursor.fetchone()[0])


def measured(ask: Callable[[], Any]) -> dict[str, float]:
    """The answer's milliseconds, those of them that this process (not the database) worked, and its queries; not the first few."""
    taken, worked = [], []
    for n in range(TIMES + 5):
        start, core = time.perf_counter(), time.process_time()
        _answered(ask)
        if n >= 5:
            taken.append((time.perf_counter() - start) * 1000)
            worked.append((time.process_time() - core) * 1000)
    with CaptureQueriesContext(connection) as asked:
        _answered(ask)
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(sorted(taken)[int(len(taken) * 0.95)], 1),
        "own_core_p50_ms": round(statistics.median(worked), 1),
        "queries": len(asked),
    }


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


def pages(cast: casting.Cast) -> dict[str, dict[str, float]]:
    officer, clerk = seat(cast.recipient_works_officer), seat(cast.recipient_clerk)
    now = datetime.now(UTC)
    token = people.create_token(
        person_id=cast.recipient_works_officer.person_id,
        post_id=cast.recipient_works_officer.post_id,
        name="bench",
        scopes=("read",),
        expires_at=now + timedelta(days=1),
        actor=None,
        at=now,
    )
    headers = {"Authorization": f"Bearer {token.secret}"}
    api = Client()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(document_id) FROM documents_visibility WHERE holder = %s",
            [f"P{cast.recipient_works_officer.post_id}"],
        )
        document_id = cursor.fetchone()[0]
    return {
        "desk of an officer": measured(lambda: officer.get("/")),
        "desk of a clerk": measured(lambda: clerk.get("/")),
        "list of an officer": measured(lambda: officer.get("/incoming")),
        "list of a clerk": measured(lambda: clerk.get("/incoming")),
        "list by words, officer": measured(lambda: officer.get("/incoming", {"words": "kế hoạch"})),
        "document page, officer": measured(lambda: officer.get(f"/documents/{document_id}")),
        "API list, officer": measured(lambda: api.get("/api/documents", headers=headers)),
        "API detail, officer": measured(lambda: api.get(f"/api/documents/{document_id}", headers=headers)),
    }


def main() -> None:
    cast = casting.build()
    for member in (cast.recipient_works_officer, cast.recipient_clerk):
        USER[member.person_id] = people_queries.get_person(member.person_id).user_name or ""
    with outbox.kept_by_caller():
        file = a_signed_file(cast)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTION)
    found: dict[int, dict[str, dict[str, float]]] = {}
    for size in SIZES:
        grow(cast, size, file)
        found[size] = pages(cast)
    small, large = found[SIZES[0]], found[SIZES[-1]]
    told = {
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 1),
            "postgresql": connection.pg_version,
        },
        "sizes": {str(size): rows for size, rows in found.items()},
        "growth_p50": {name: round(large[name]["p50_ms"] / small[name]["p50_ms"], 2) for name in small},
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
