"""Making promises inside a transaction and keeping them after it.

`promise` writes one row and defers one queue job on Django's own connection, so both are rolled back with the caller. `keep` runs
the handler. A promise is kept *at least* once: the process may die between the handler's commit and ours, so every handler is
idempotent. It is never kept twice at the same moment: a session advisory lock, which dies with its connection, is held while
the handler runs, and no transaction is.
"""

from __future__ import annotations

import inspect
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from urllib.error import HTTPError

from asgiref.sync import async_to_sync
from django.db import InterfaceError, OperationalError, connection, transaction
from procrastinate.contrib.django import app as queue
from procrastinate.jobs import Job

from antin.outbox import queries, states
from antin.outbox.models import Promise
from antin.refusal import Refusal

log = logging.getLogger(__name__)
jobs = logging.getLogger("antin.job")
"""One line for each job, when the log is kept for programs."""

Handler = Callable[..., object]
Ids = dict[str, int | str]

NAMESPACE = "antin"
KEEP_TASK = f"{NAMESPACE}:keep"
QUEUE = "promises"
LATER = -10
ATTEMPTS = 12
BUG_ATTEMPTS = 3
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
ORPHAN_AFTER = timedelta(minutes=1)
STALLED_AFTER = 20.0  # seconds without a heartbeat
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
JOBS_KEPT_HOURS = 7 * 24

_handlers: dict[str, Handler] = {}
_accepted: dict[str, frozenset[str]] = {}
_collected: ContextVar[list[int] | None] = ContextVar("collected", default=None)


class Outcome(Enum):
    KEPT = "kept"
    POSTPONED = "postponed"
    DEAD = "dead"
    SETTLED = "settled"  # kept or given up before
    BUSY = "busy"  # another worker has it in hand


@dataclass
class Tally:
    """What one run of `keep_due` did."""

    kept: int = 0
    postponed: int = 0
    dead: int = 0

    def add(self, outcome: Outcome) -> None:
        self.kept += outcome is Outcome.KEPT
        self.postponed += outcome is Outcome.POSTPONED
        self.dead += outcome is Outcome.DEAD


# Making ---------------------------------------------------------------------------------------------------------------------


def promise(
    name: str,
    *,
    key: str,
    due_at: datetime | None = None,
    at: datetime | None = None,
    can_wait: bool = False,
    **ids: int | str,
) -> None:
    """Promise to run the handler of `name` with `ids` after the caller's commit; a key already used promises nothing new.

    What is due later is said with the moment it is now (`at`): the queue waits for what lies between, by its own clock. What
    takes long and nobody waits for `can_wait`: everything else that is due is taken up before it.
    """
    promise_many(name, of={key: ids}, due_at=due_at, at=at, can_wait=can_wait)


@transaction.atomic
def promise_many(
    name: str,
    *,
    of: dict[str, Ids],
    due_at: datetime | None = None,
    at: datetime | None = None,
    can_wait: bool = False,
) -> None:
    """Promise one thing per key in two statements, however many keys there are."""
    if not of:
        return
    wait = _between(at, due_at)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_promise (name, key, ids, due_at)"
            " SELECT %s, key, ids::jsonb, %s FROM unnest(%s::text[], %s::text[]) AS given (key, ids)"
            " ON CONFLICT (key) DO NOTHING RETURNING id",
            [name, due_at, list(of), [json.dumps(ids) for ids in of.values()]],
        )
        made = [row[0] for row in cursor.fetchall()]
    collected = _collected.get()
    if collected is None:
        _defer(made, wait, can_wait=can_wait)
    else:
        collected.extend(made)


@contextmanager
def kept_by_caller() -> Iterator[list[int]]:
    """Promises made inside get no queue job: the caller keeps them itself, those in the list or with `keep_due` all that are due.

    The sweep finds what a crash left behind.
    """
    made: list[int] = []
    token = _collected.set(made)
    try:
        yield made
    finally:
        _collected.reset(token)


def _between(at: datetime | None, due_at: datetime | None) -> timedelta | None:
    if due_at is None:
        return None
    if at is None:
        raise TypeError("a promise that is due later is made at a moment")
    return due_at - at


def _defer(promise_ids: list[int], wait: timedelta | None, *, can_wait: bool = False) -> None:
    """Give promises their jobs. The queue starts them by the database's clock, so the wait is added to that, whatever ours says."""
    if not promise_ids:
        return
    scheduled_at = None if wait is None else _clock_of_database() + wait
    queue.job_manager.batch_defer_jobs(
        [
            Job(
                queue=QUEUE,
                priority=LATER if can_wait else 0,
                lock=None,
                queueing_lock=None,
                task_name=KEEP_TASK,
                task_kwargs={"promise_id": promise_id},
                scheduled_at=scheduled_at,
            )
            for promise_id in promise_ids
        ]
    )


def _clock_of_database() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [moment] = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment


# Keeping --------------------------------------------------------------------------------------------------------------------


def keeps(name: str) -> Callable[[Handler], Handler]:
    """Register the handler of a promise. It is called with `at` and the promise's ids, as far as its parameters name them."""

    def register(handler: Handler) -> Handler:
        if name in _handlers:
            raise ValueError(f"two handlers keep {name!r}")
        _handlers[name] = handler
        _accepted[name] = frozenset(inspect.signature(handler).parameters)
        return handler

    return register


def kept_names() -> frozenset[str]:
    """Names of promises that have a handler."""
    return frozenset(_handlers)


def keep(*, promise_id: int, at: datetime) -> Outcome:
    """Run the handler of one promise, unless it is settled or another worker has it in hand.

    A refusal ends the promise at once; the outside world's faults are tried again with growing waits; a bug is tried a few times.
    """
    began = time.monotonic()
    outcome, made = _keep(promise_id, at)
    if jobs.isEnabledFor(logging.INFO):
        ids = {name: value for name, value in made.ids.items() if isinstance(value, int)} if made else {}
        facts = {
            "promise": promise_id,
            "job": made.name if made else "",
            "ids": ids,
            "attempt": made.attempts if made else 0,
            "outcome": outcome.value,
            "ms": round((time.monotonic() - began) * 1000, 1),
        }
        jobs.info("job", extra={"facts": facts})
    return outcome


def _keep(promise_id: int, at: datetime) -> tuple[Outcome, Promise | None]:
    with _claim(promise_id) as claimed:
        if not claimed:
            return Outcome.BUSY, None
        made = queries.find_open(promise_id)
        if made is None:
            return Outcome.SETTLED, None
        if made.attempts >= ATTEMPTS:
            return _give_up(made, "every try before this one was cut short by a crash"), made
        made.attempts += 1
        made.save(update_fields=["attempts"])
        try:
            _run(made, at)
        except Refusal as no:
            return _give_up(made, str(no)), made
        except Exception as fault:
            return _after_fault(made, fault, at), made
        return _settle(made, at), made


def keep_due(*, at: datetime, limit: int = 10_000) -> Tally:
    """Keep everything that is due at `at` in this process, also what the handlers promise meanwhile."""
    tally = Tally()
    tried: set[int] = set()
    while len(tried) < limit:
        due = [promise_id for promise_id in queries.list_due(at, limit) if promise_id not in tried]
        if not due:
            break
        for promise_id in due[: limit - len(tried)]:
            tried.add(promise_id)
            tally.add(keep(promise_id=promise_id, at=at))
    return tally


@transaction.atomic
def revive(*, promise_id: int) -> Promise:
    """Give a dead promise its tries back: a person has removed the cause.

    :raises NotFound: :raises WrongState: it is not dead
    """
    made = queries.lock(promise_id)
    made.status = states.step("revive", made.status)
    made.attempts, made.due_at = 0, None
    made.save(update_fields=["status", "attempts", "due_at"])
    _defer([made.id], None)
    return made


def _run(made: Promise, at: datetime) -> None:
    handler = _handlers.get(made.name)
    if handler is None:
        raise ConnectionError(f"no handler keeps {made.name!r} in this process")
    ids = {"at": at, **made.ids}
    handler(**{name: value for name, value in ids.items() if name in _accepted[made.name]})


def _settle(made: Promise, at: datetime) -> Outcome:
    made.status, made.kept_at, made.last_fault = states.step("keep", made.status), at, ""
    made.save(update_fields=["status", "kept_at", "last_fault"])
    return Outcome.KEPT


def _give_up(made: Promise, fault: str) -> Outcome:
    log.error("promise %s given up", made)  # why stands on the promise: it may quote what somebody wrote
    made.status, made.last_fault = states.step("give_up", made.status), fault[:2000]
    made.save(update_fields=["status", "last_fault"])
    return Outcome.DEAD


def _after_fault(made: Promise, fault: Exception, at: datetime) -> Outcome:
    incident = secrets.token_hex(4)
    text = f"incident {incident}: {type(fault).__name__}: {fault}"
    kind = type(fault).__name__
    log.warning("promise %s, try %d, incident %s: %s", made, made.attempts, incident, kind, exc_info=fault)
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    if made.attempts >= (ATTEMPTS if _is_of_the_outside(fault) else BUG_ATTEMPTS):
        return _give_up(made, text)
    with transaction.atomic():
        wait = _wait(made.attempts)
        made.due_at, made.last_fault = at + wait, text[:2000]
        made.save(update_fields=["due_at", "last_fault"])
        _defer([made.id], wait)
    return Outcome.POSTPONED


def _is_of_the_outside(fault: Exception) -> bool:
    """Whether time alone may cure it: time-outs, lost connections, a database that was away, others' server errors."""
    if isinstance(fault, HTTPError):
        return fault.code >= 500
    return isinstance(fault, (OSError, OperationalError, InterfaceError))


def _wait(attempts: int) -> timedelta:
    return min(FIRST_WAIT * 3 ** (attempts - 1), LONGEST_WAIT)


@contextmanager
def _claim(promise_id: int) -> Iterator[bool]:
    """Hold the promise for this database session; a session that dies lets go of it."""
    lock = "SELECT pg_try_advisory_lock(hashtextextended('outbox.promise', %s))"
    with connection.cursor() as cursor:
        cursor.execute(lock, [promise_id])
        [claimed] = cursor.fetchone() or (False,)
    session = connection.connection
    try:
        yield claimed
    finally:
        if claimed and connection.connection is session and not session.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended('outbox.promise', %s))", [promise_id])


# Sweeping -------------------------------------------------------------------------------------------------------------------


def redefer_orphans(*, at: datetime, limit: int = 1000) -> int:
    """Give open promises that are due but have no waiting or running job a new one; how many there were.

    When a promise is due was said by our clock, when it was made by the database's: each is compared with its own.
    """
    after = f"{ORPHAN_AFTER.total_seconds()} seconds"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT made.id FROM outbox_promise made"
            " WHERE made.status = 'open' AND CASE WHEN made.due_at IS NULL THEN made.made_at < now() - %s::interval"
            " ELSE made.due_at < %s::timestamptz - %s::interval END AND NOT EXISTS"
            " (SELECT FROM procrastinate_jobs job WHERE job.task_name = %s AND job.status IN ('todo', 'doing')"
            " AND (job.args ->> 'promise_id')::bigint = made.id)"
            " ORDER BY made.id LIMIT %s",
            [after, at, after, KEEP_TASK, limit],
        )
        orphans = [row[0] for row in cursor.fetchall()]
        _defer(orphans, None)
    return len(orphans)


def retry_stalled(*, seconds: float = STALLED_AFTER) -> int:
    """Put back the jobs whose worker has died; how many there were. The queue does not do it by itself."""
    manager = queue.job_manager
    stalled = list(async_to_sync(manager.get_stalled_jobs)(seconds_since_heartbeat=seconds))
    for job in stalled:
        if job.id is not None:
            manager.retry_job_by_id(job.id, retry_at=EARLIEST)
    return len(stalled)


def retry_abandoned() -> int:
    """Put back the promises' jobs that no process has in hand any more; how many there were. Any process may ask at any moment.

    Whoever keeps a promise holds its lock, which dies with him: what is begun and not locked was left by a process that was killed.
    One that was fetched this very instant may be fetched twice; the lock lets only one keep it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT job.id FROM procrastinate_jobs job WHERE job.task_name = %s AND job.status = 'doing' AND NOT EXISTS"
            " (SELECT FROM pg_locks held WHERE held.locktype = 'advisory' AND held.objsubid = 1"
            " AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (held.classid::bigint << 32) | held.objid::bigint"
            " = hashtextextended('outbox.promise', (job.args ->> 'promise_id')::bigint))",
            [KEEP_TASK],
        )
        abandoned = [row[0] for row in cursor.fetchall()]
    for job in abandoned:
        queue.job_manager.retry_job_by_id(job, retry_at=EARLIEST)
    return len(abandoned)


def remove_old_jobs() -> None:
    """Remove jobs that failed, or were cancelled or aborted, long ago; kept ones are removed at once by the worker."""
    async_to_sync(queue.job_manager.delete_old_jobs)(
        nb_hours=JOBS_KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
