"""`antin worker`: keeps promises and the timetable until it is stopped."""

from __future__ import annotations

import argparse
import threading

from procrastinate import PsycopgConnector
from procrastinate.contrib.django import DjangoApp, connector_params

from antin.jobs import indexing
from antin.jobs.tasks import tasks
from antin.outbox import operations as outbox

HEARTBEAT = 5.0
GRACE = 15.0
CONNECTED_WITHIN = 5.0
"""Seconds. A worker whose database is gone notes it then; told to stop, it asks the pool a few times more before it obeys."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=int, default=2, help="số việc làm cùng lúc")


def run(arguments: argparse.Namespace) -> int:
    work(concurrency=arguments.concurrency)
    return 0


def work(*, concurrency: int = 2) -> None:
    """Work until SIGTERM or SIGINT; jobs begun are finished within the grace. Several work side by side, one for each core.

    What a killed one left behind is put back by the next that starts, which is as a rule the one started in its place.
    """
    outbox.retry_stalled()
    outbox.retry_abandoned()
    app = DjangoApp(
        connector=PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=4, timeout=CONNECTED_WITHIN)
    )
    app.add_tasks_from(tasks, namespace=outbox.NAMESPACE)
    stop = threading.Event()
    writing = threading.Thread(target=indexing.keep, args=(stop,), name="index", daemon=True)
    writing.start()
    try:
        app.run_worker(
            concurrency=concurrency,
            delete_jobs="successful",
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=outbox.STALLED_AFTER,
            shutdown_graceful_timeout=GRACE,
        )
    finally:
        stop.set()
        writing.join(GRACE)
