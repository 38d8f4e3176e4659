"""What the journal costs an act, and how fast it is sealed, exported and verified.

`python bench/journal.py` prints JSON. An act is one small row in one transaction, without and with its record, beside each
other in one run. The limit of verifying is SHA-256 over the same bytes. A database of its own is made and removed.
"""

import hashlib
import io
import json
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402

from antin.files.models import File  # noqa: E402
from antin.journal import operations, queries  # noqa: E402
from antin.journal.operations import Entry  # noqa: E402
from antin.journal.verification import verify  # noqa: E402

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


class Clerk:
    person_id, person_name, post_id, post_title, agency_id = 7, "Nguyễn Thị Ánh", 70, "Văn thư", 3


def act(n: int, *, recorded: bool) -> None:
    """One small write in one transaction, as an act does it."""
    with transaction.atomic():
        File.objects.create(
            digest=hashlib.sha256(f"{recorded} {n}".encode()).hexdigest(), size=n, media_type="x", kept_at=AT
        )
        if recorded:
            operations.record(
                "document.submitted", subject=("document", n), actor=Clerk(), at=AT, number=n, series="QĐ/2026"
            )


def acts(first: int, count: int, *, recorded: bool) -> list[float]:
    taken = []
    for n in range(first, first + count):
        start = time.perf_counter()
        act(n, recorded=recorded)
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def together(threads: int, first: int, count: int, *, recorded: bool) -> float:
    """Acts per second of several clients at once."""

    def client(place: int) -> None:
        acts(first + place * count, count, recorded=recorded)
        connections.close_all()

    clients = [threading.Thread(target=client, args=(place,)) for place in range(threads)]
    start = time.perf_counter()
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return round(threads * count / (time.perf_counter() - start), 1)


def figures(taken: list[float]) -> dict[str, float]:
    p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    return {"per_second": round(1000 * len(taken) / sum(taken), 1), "p50_ms": round(p50, 2), "p95_ms": round(p95, 2)}


def appended(count: int) -> dict[str, object]:
    """Acts without and with their record, turn about, so that both meet the same disturbance."""
    acts(0, 50, recorded=False), acts(0, 50, recorded=True)
    without, with_ = [], []
    for round_ in range(10):
        first = 1000 + round_ * count
        without += acts(first, count // 10, recorded=False)
        with_ += acts(first, count // 10, recorded=True)
    alone = {"without": figures(without), "with": figures(with_)}
    alone["ratio"] = round(alone["with"]["p50_ms"] / alone["without"]["p50_ms"], 2)
    four = {
        "without_per_second": together(4, 10_000_000, count // 4, recorded=False),
        "with_per_second": together(4, 20_000_000, count // 4, recorded=True),
    }
    return {"one_client": alone, "four_clients": four}


def fill(count: int) -> float:
    start = time.perf_counter()
    for first in range(0, count, 1000):
        operations.record_many(
            Entry("task.reported", ("task", n), Clerk(), AT, facts={"progress": n % 100, "note": "đã xong phần một"})
            for n in range(first, min(first + 1000, count))
        )
    return count / (time.perf_counter() - start)


def sealed_and_verified() -> dict[str, object]:
    start = time.perf_counter()
    last = operations.seal(at=AT)
    sealing = time.perf_counter() - start
    size = last.says["size"]
    start = time.perf_counter()
    export = list(queries.export_lines(at=AT))
    exporting = time.perf_counter() - start
    start = time.perf_counter()
    report = verify(io.BytesIO(b"".join(export)))
    verifying = time.perf_counter() - start
    assert (report.verdict, report.entries) == ("holds", size)
    start = time.perf_counter()
    for line in export:
        hashlib.sha256(line).digest()
    limit = time.perf_counter() - start
    return {
        "entries": size,
        "bytes_per_entry": round(sum(map(len, export)) / size),
        "sealed_per_second": round(size / sealing),
        "exported_per_second": round(size / exporting),
        "verified_per_second": round(size / verifying),
        "verify_against_bare_sha256": round(verifying / limit, 1),
        "ten_million_verified_in_minutes": round(10_000_000 / (size / verifying) / 60, 1),
    }


def small_seal() -> dict[str, float]:
    """Milliseconds to seal ten records on top of everything sealed before: it must not grow with the journal."""
    taken = []
    for _ in range(20):
        fill(10)
        start = time.perf_counter()
        operations.seal(at=AT)
        taken.append((time.perf_counter() - start) * 1000)
    return {"p50_ms": round(statistics.median(taken), 1), "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 1)}


def main() -> None:
    acts_count = int(os.environ.get("BENCH_ACTS", "2000"))
    records = int(os.environ.get("BENCH_RECORDS", "200000"))
    found: dict[str, object] = {
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "postgresql": connection.pg_version,
            "psycopg": version("psycopg"),
        }
    }
    found["acts"] = appended(acts_count)
    found["seal_ten_on_a_small_journal"] = small_seal()
    found["bulk_recorded_per_second"] = round(fill(records))
    found["whole"] = sealed_and_verified()
    found["seal_ten_on_a_large_journal"] = small_seal()
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    ours = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    with tempfile.TemporaryDirectory() as state:
        settings.STATE = Path(state)
        try:
            main()
        finally:
            connection.creation.destroy_test_db(ours, verbosity=0)
