"""Two hundred documents by one PIN, finished by real `antin worker` processes: one of them, then one for each core.

`python bench/batch.py` prints JSON. The signer's own request (the PIN opened, a value for each document) runs alone; then
the workers begin, and what is counted is from the twentieth file they finish to the last. Core times are the
processes' own; the database's are not among them.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402

from antin.documents import queries as documents  # noqa: E402
from antin.journeys import sign_batch  # noqa: E402
from antin.signing import queries as signing  # noqa: E402
from antin.signing.models import Batch  # noqa: E402
from tests import cast as casting  # noqa: E402
from tests import paper  # noqa: E402
from tests.crash import address  # noqa: E402

DOCUMENTS = int(os.environ.get("BENCH_BATCH", "200"))
PATIENCE_SECONDS = 600


def _pages(cast: casting.Cast) -> dict[int, str]:
    """So many pages that wait for the head, by document."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    pages = [paper.a_page_to_sign(cast, now) for _ in range(DOCUMENTS)]
    return {document.pk: document.file for document in pages}


def _request(cast: casting.Cast, seen: dict[int, str]) -> tuple[Batch, float, float]:
    """The signer's own request: its seconds, by the clock and of a core."""
    begun, busy = time.perf_counter(), time.process_time()
    made = sign_batch.sign_batch(
        seen=seen, pin=paper.PIN, actor=cast.head.actor(), today=casting.TODAY, at=datetime.now(UTC)
    )
    return made, time.perf_counter() - begun, time.process_time() - busy


def _await(batch: Batch, done: int) -> float:
    begun = time.perf_counter()
    while signing.count_items(batch.pk).get("done", 0) < done:
        if time.perf_counter() - begun > PATIENCE_SECONDS:
            raise AssertionError(f"the batch was not signed: {signing.count_items(batch.pk)}")
        time.sleep(0.02)
    return time.perf_counter()


def _of_children() -> float:
    """Seconds of a core that ended children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(cast: casting.Cast, state: Path, workers: int) -> dict[str, Any]:
    """One batch with so many worker processes, each told one job at a time."""
    batch, request, request_core = _request(cast, _pages(cast))
    told = os.environ | {"DATABASE_URL": address(), "ANTIN_STATE": str(state)}
    command = [sys.executable, "-m", "antin", "worker", "--concurrency", "1"]
    before = _of_children()
    with (state / f"workers-{workers}.log").open("wb") as log:
        begun = [subprocess.Popen(command, env=told, stdout=log, stderr=log) for _ in range(workers)]
        try:
            warm = DOCUMENTS // 10
            since = _await(batch, warm)
            rest = _await(batch, DOCUMENTS) - since
        finally:
            for each in begun:
                each.send_signal(signal.SIGTERM)
            for each in begun:
                each.wait()
    core = _of_children() - before
    statuses = {documents.get(item.subject_id).status for item in signing.list_items(batch.pk)}
    if statuses != {"signed"}:
        raise AssertionError(f"not every document was signed: {statuses}")
    return {
        "workers": workers,
        "request_s": round(request, 2),
        "request_ms_each": round(request / DOCUMENTS * 1000, 1),
        "request_core_ms_each": round(request_core / DOCUMENTS * 1000, 1),
        "finished_per_second": round((DOCUMENTS - warm) / rest, 1),
        "finish_ms_each": round(rest / (DOCUMENTS - warm) * 1000, 1),
        "workers_core_ms_each_with_their_start": round(core / DOCUMENTS * 1000, 1),
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    logging.disable(logging.WARNING)
    runner = DiscoverRunner(verbosity=0, interactive=False)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as told:
        state = Path(told)
        settings.STATE = state
        secret = state / "secrets" / "secret-key"
        secret.parent.mkdir(mode=0o700)
        secret.write_text(settings.SECRET_KEY)
        secret.chmod(0o600)
        databases = runner.setup_databases()
        try:
            cast = casting.build()
            paper.give_keys(cast, datetime.now(UTC) - timedelta(hours=1))
            cores = os.cpu_count() or 1
            found = [measured(cast, state, n) for n in dict.fromkeys((1, cores))]
        finally:
            runner.teardown_databases(databases)
    report = {
        "documents": DOCUMENTS,
        "cores": cores,
        "load_before": round(load, 1),
        "batches": found,
        "all_cores_against_one": round(found[-1]["finished_per_second"] / found[0]["finished_per_second"], 2),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
