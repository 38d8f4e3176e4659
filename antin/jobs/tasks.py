"""The queue's tasks: one that keeps any promise, and one per row of the timetable. Loaded by the worker only."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from procrastinate import Blueprint

from antin.jobs import handlers, timetable  # noqa: F401 - handlers register themselves
from antin.outbox import operations as outbox

log = logging.getLogger("antin.job")
tasks = Blueprint()


@tasks.task(name="keep", queue=outbox.QUEUE)
def keep(*, promise_id: int) -> None:
    """Keep one promise; what went wrong is written on the promise, so the job itself always succeeds."""
    outbox.keep(promise_id=promise_id, at=datetime.now(UTC))


def _by_the_clock(row: timetable.Row) -> None:
    def act(*, timestamp: int) -> None:  # the tick; a late one acts at the real moment
        began = time.monotonic()
        row.act(datetime.now(UTC))
        ms = round((time.monotonic() - began) * 1000, 1)
        log.info("by the clock", extra={"facts": {"job": f"timetable.{row.name}", "outcome": "kept", "ms": ms}})

    name = f"timetable.{row.name}"
    tasks.periodic(cron=row.cron)(tasks.task(name=name, queue="timetable", queueing_lock=name)(act))


for row in timetable.TIMETABLE:
    _by_the_clock(row)
