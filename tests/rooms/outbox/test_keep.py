"""Promises are kept at least once, one at a time, and given up for a reason."""

from __future__ import annotations

from datetime import timedelta
from urllib.error import HTTPError

import psycopg
import pytest
from django.db import OperationalError, connection
from procrastinate.contrib.django.models import ProcrastinateJob

from antin.outbox import operations, queries
from antin.outbox.operations import Outcome, Tally
from antin.refusal import Refusal, WrongState

pytestmark = pytest.mark.django_db


class Spent(Refusal):
    code = "spent"
    words = "Đã dùng."


@pytest.fixture
def handler(monkeypatch):
    """Registers a handler for the length of one test."""

    def register(name, function):
        monkeypatch.setattr(operations, "_handlers", {**operations._handlers})
        monkeypatch.setattr(operations, "_accepted", {**operations._accepted})
        return operations.keeps(name)(function)

    return register


def _made(key="k", **ids):
    operations.promise("act", key=key, **ids)
    return queries.find(key)


def test_the_handler_gets_the_ids_it_names_and_the_moment(handler, at):
    seen = []
    handler("act", lambda document_id, at: seen.append((document_id, at)))
    made = _made(document_id=7, forgotten=1)
    assert operations.keep(promise_id=made.id, at=at) is Outcome.KEPT
    assert seen == [(7, at)]
    kept = queries.find("k")
    assert (kept.status, kept.kept_at, kept.attempts, kept.last_fault) == ("kept", at, 1, "")


def test_a_kept_promise_is_not_kept_again(handler, at):
    seen = []
    handler("act", lambda: seen.append(1))
    made = _made()
    operations.keep(promise_id=made.id, at=at)
    assert operations.keep(promise_id=made.id, at=at) is Outcome.SETTLED
    assert seen == [1]


def test_a_refusal_ends_it_at_once(handler, at):
    def refuses():
        raise Spent

    handler("act", refuses)
    made = _made()
    assert operations.keep(promise_id=made.id, at=at) is Outcome.DEAD
    dead = queries.find("k")
    assert (dead.status, dead.attempts, dead.last_fault) == ("dead", 1, "spent: Đã dùng.")


@pytest.mark.parametrize(
    "fault",
    [
        TimeoutError("slow"),
        ConnectionResetError("gone"),
        OperationalError("away"),
        HTTPError("http://tsa", 503, "busy", None, None),
    ],
)
def test_the_outside_is_tried_again_with_growing_waits(handler, at, fault):
    def fails():
        raise fault

    handler("act", fails)
    made = _made()
    waits, moment = [], at
    while (outcome := operations.keep(promise_id=made.id, at=moment)) is Outcome.POSTPONED:
        due_at = queries.find("k").due_at
        waits.append(int((due_at - moment).total_seconds()))
        moment = due_at
    assert outcome is Outcome.DEAD
    assert waits == [5, 15, 45, 135, 405, 1215, 3600, 3600, 3600, 3600, 3600]
    assert type(fault).__name__ in queries.find("k").last_fault


@pytest.mark.parametrize("fault", [ValueError("a bug"), HTTPError("http://tsa", 400, "bad", None, None)])
def test_a_bug_is_tried_three_times_and_has_an_incident(handler, at, fault):
    def fails():
        raise fault

    handler("act", fails)
    made = _made()
    outcomes = [operations.keep(promise_id=made.id, at=at) for _ in range(3)]
    assert outcomes == [Outcome.POSTPONED, Outcome.POSTPONED, Outcome.DEAD]
    assert queries.find("k").last_fault.startswith("incident ")


@pytest.mark.parametrize("clock_is_off_by", [timedelta(0), timedelta(hours=1), timedelta(hours=-1)])
def test_a_promise_waits_as_long_as_it_should_whatever_our_clock_says(handler, clock_is_off_by):
    """The queue starts jobs by the database's clock; a node an hour ahead of it would wait an hour, one behind not at all."""

    def fails():
        raise TimeoutError

    handler("act", fails)
    at = _clock_of_database() + clock_is_off_by
    made = _made()
    operations.keep(promise_id=made.id, at=at)
    operations.promise("act", key="later", due_at=at + timedelta(minutes=2), at=at)
    first, again, later = ProcrastinateJob.objects.order_by("id")
    now = _clock_of_database()
    assert first.scheduled_at is None
    assert now - timedelta(minutes=1) < again.scheduled_at - timedelta(seconds=5) <= now
    assert now - timedelta(minutes=1) < later.scheduled_at - timedelta(minutes=2) <= now
    assert queries.find("k").due_at == at + timedelta(seconds=5)
    assert operations.keep_due(at=at + timedelta(seconds=5)).postponed == 1


@pytest.mark.parametrize("clock_is_off_by", [timedelta(hours=1), timedelta(hours=-1)])
def test_what_has_lost_its_job_is_found_whatever_our_clock_says(clock_is_off_by):
    at = _clock_of_database() + clock_is_off_by
    with operations.kept_by_caller():
        operations.promise("act", key="due", due_at=at - timedelta(minutes=2), at=at)
        operations.promise("act", key="not yet", due_at=at + timedelta(minutes=2), at=at)
        operations.promise("act", key="just made")
    assert operations.redefer_orphans(at=at) == 1
    assert [job.args["promise_id"] for job in ProcrastinateJob.objects.all()] == [queries.find("due").id]


def _clock_of_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def test_tries_cut_short_by_crashes_count(handler, at):
    seen = []

    def dies():
        seen.append(1)
        raise SystemExit

    handler("act", dies)
    made = _made()
    for _ in range(12):
        with pytest.raises(SystemExit):
            operations.keep(promise_id=made.id, at=at)
    assert operations.keep(promise_id=made.id, at=at) is Outcome.DEAD
    assert len(seen) == 12


def test_a_promise_without_handler_waits_for_the_version_that_knows_it(at):
    made = _made()
    assert operations.keep(promise_id=made.id, at=at) is Outcome.POSTPONED


def test_a_dead_promise_can_be_revived(handler, at):
    faults = [Spent()]

    def recovers():
        if faults:
            raise faults.pop()

    handler("act", recovers)
    made = _made()
    operations.keep(promise_id=made.id, at=at)
    operations.revive(promise_id=made.id)
    assert ProcrastinateJob.objects.count() == 2
    assert operations.keep(promise_id=made.id, at=at) is Outcome.KEPT
    with pytest.raises(WrongState):
        operations.revive(promise_id=made.id)


def test_keep_due_follows_the_promises_of_handlers_and_leaves_the_future_alone(handler, at):
    seen = []

    def acts(n):
        seen.append(n)
        if n < 3:
            operations.promise("act", key=f"next:{n}", n=n + 1)

    handler("act", acts)
    _made(n=1)
    operations.promise("act", key="tomorrow", due_at=at + timedelta(days=1), at=at, n=9)
    assert operations.keep_due(at=at) == Tally(kept=3)
    assert seen == [1, 2, 3]
    assert operations.keep_due(at=at + timedelta(days=1)) == Tally(kept=1)


def test_two_handlers_of_one_name_are_a_mistake(handler):
    handler("act", print)
    with pytest.raises(ValueError, match="act"):
        operations.keeps("act")(print)


@pytest.mark.django_db(transaction=True)
def test_another_session_that_holds_it_is_left_to_its_work(handler, at):
    seen = []
    handler("act", lambda: seen.append(1))
    made = _made()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('outbox.promise', %s))", [made.id])
        assert operations.keep(promise_id=made.id, at=at) is Outcome.BUSY
        other.execute("SELECT pg_advisory_unlock_all()")
    assert seen == []
    assert operations.keep(promise_id=made.id, at=at) is Outcome.KEPT


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_handler_runs(handler, at):
    seen = []
    handler("act", lambda: seen.append(connection.in_atomic_block))
    operations.keep(promise_id=_made().id, at=at)
    assert seen == [False]


def test_open_promises_without_a_job_get_one(at):
    with operations.kept_by_caller():
        operations.promise("act", key="lost", due_at=at - timedelta(days=40), at=at)
        operations.promise("act", key="fresh")
    operations.promise("act", key="waiting", due_at=at - timedelta(days=40), at=at)
    assert operations.redefer_orphans(at=at) == 1
    assert operations.redefer_orphans(at=at) == 0
    lost = queries.find("lost").id
    assert ProcrastinateJob.objects.filter(args={"promise_id": lost}).count() == 1
