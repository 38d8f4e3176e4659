"""Two hundred documents by one PIN, on real `antin worker` processes: one of them, then one for each core.

What is counted: the signer's own request (the PIN opened, a value for each document), and from its end until the last document is
signed, filed and recorded. The workers are warm: each has signed a document before.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402

from antin.journeys import sign_batch  # noqa: E402
from antin.signing import queries as signing  # noqa: E402
from tests import cast as casting  # noqa: E402
from tests import paper  # noqa: E402
from tests.crash import address  # noqa: E402

DOCUMENTS = int(os.environ.get("BENCH_BATCH", "200"))
PATIENCE_SECONDS = 300


def _sign(cast: casting.Cast, n: int) -> tuple[float, float]:
    """Seconds of the signer's request, and from its end until the workers have done the last of `n` documents."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    pages = [paper.a_page_to_sign(cast, now) for _ in range(n)]
    seen = {document.pk: document.file for document in pages}
    begun = time.perf_counter()
    made = sign_batch.sign_batch(
        seen=seen, pin=paper.PIN, actor=cast.head.actor(), today=casting.TODAY, at=datetime.now(UTC)
    )
    asked = time.perf_counter()
    while signing.count_items(made.pk) != {"done": n}:
        if time.perf_counter() - asked > PATIENCE_SECONDS:
            raise AssertionError(f"the batch of the benchmark was not signed: {signing.count_items(made.pk)}")
        time.sleep(0.02)
    return asked - begun, time.perf_counter() - asked


def measured(cast: casting.Cast, state: Path, workers: int) -> dict[str, Any]:
    """One batch with so many worker processes."""
    told = os.environ | {"DATABASE_URL": address(), "ANTIN_STATE": str(state)}
    command = [sys.executable, "-m", "antin", "worker", "--concurrency", "1"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    begun = [subprocess.Popen(command, env=told, **silent) for _ in range(workers)]  # type: ignore[call-overload]
    try:
        _sign(cast, 4 * workers)
        request, rest = _sign(cast, DOCUMENTS)
    finally:
        for each in begun:
            each.kill()
            each.wait()
    return {
        "workers": workers,
        "request_s": round(request, 2),
        "request_ms_each": round(request / DOCUMENTS * 1000, 1),
        "until_all_done_s": round(rest, 2),
        "done_per_second": round(DOCUMENTS / rest, 1),
    }


def main() -> None:
    logging.disable(logging.WARNING)
    runner = DiscoverRunner(verbosity=0, interactive=False)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as told:
        state = Path(told)
        settings.STATE = state
        secret = state / "secrets" / "secret-key"
        secret.parent.mkdir()
        secret.write_text(settings.SECRET_KEY)
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
        "load_before": load,
        "batches": found,
        "all_cores_against_one": round(found[0]["until_all_done_s"] / found[-1]["until_all_done_s"], 2),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
