"""The queue's tasks: one that keeps any promise, and one per row of the timetable. Loaded by the worker only."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app as queue

from antin.jobs import handlers, timetable  # noqa: F401 - registers the handlers
from antin.outbox import operations as outbox


@queue.task(name=outbox.KEEP_TASK, queue=outbox.QUEUE)
def keep(*, promise_id: int) -> None:
    """Keep one promise; what went wrong is written on the promise, so the job itself always succeeds."""
    outbox.keep(promise_id=promise_id, at=datetime.now(UTC))
