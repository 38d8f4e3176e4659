"""A worker killed at its work: the promise is free at once, and its job comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from antin.outbox import operations, queries
from antin.outbox.operations import Outcome
from tests.crash import address
from tests.house.plan import ROOT

WORKER = """
import sys, time, django
django.setup()
from datetime import UTC, datetime
from antin.outbox import operations

@operations.keeps("act")
def act():
    print("begun", flush=True)
    time.sleep(600)

operations.keep(promise_id=int(sys.argv[1]), at=datetime.now(UTC))
"""


@pytest.mark.django_db(transaction=True)
def test_a_promise_of_a_killed_worker_is_kept_by_the_next(at, monkeypatch):
    operations.promise("act", key="k")
    made = queries.find("k")
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": address()}
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(made.id)], cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "begun\n"
    assert operations.keep(promise_id=made.id, at=at) is Outcome.BUSY

    worker.send_signal(signal.SIGKILL)
    worker.wait()
    seen = []
    monkeypatch.setitem(operations._handlers, "act", lambda: seen.append(1))
    monkeypatch.setitem(operations._accepted, "act", frozenset())
    while (outcome := operations.keep(promise_id=made.id, at=at)) is Outcome.BUSY:
        pass  # the database has yet to notice that the session is gone
    assert outcome is Outcome.KEPT
    assert seen == [1]
    assert queries.find("k").attempts == 2


@pytest.mark.django_db
def test_jobs_of_dead_workers_are_put_back_and_those_of_living_ones_left():
    for key in ("dead", "gone", "alive"):
        operations.promise("act", key=key)
    with connection.cursor() as cursor:
        for key, heard in (("dead", timedelta(minutes=5)), ("alive", timedelta(0))):
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id",
                [f"{heard.total_seconds()} seconds"],
            )
            [worker] = cursor.fetchone()
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE args ->> 'promise_id' = %s",
                [worker, str(queries.find(key).id)],
            )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing' WHERE args ->> 'promise_id' = %s",
            [str(queries.find("gone").id)],
        )
    assert operations.retry_stalled() == 2
    found = {job.args["promise_id"]: job.status for job in ProcrastinateJob.objects.all()}
    assert {key: found[queries.find(key).id] for key in ("dead", "gone", "alive")} == {
        "dead": "todo",
        "gone": "todo",
        "alive": "doing",
    }


@pytest.mark.django_db
def test_what_a_killed_process_had_in_hand_is_put_back_at_once_and_what_is_kept_this_moment_is_left():
    for key in ("left", "in hand", "waiting"):
        operations.promise("act", key=key)
    busy = ProcrastinateJob.objects.exclude(args__promise_id=queries.find("waiting").id)
    with (
        psycopg.connect(address(), autocommit=True) as other,
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = ANY (%s)", [[job.id for job in busy]])
        held = "SELECT pg_advisory_lock(hashtextextended('outbox.promise', %s))"
        other.execute(held, [queries.find("in hand").id])
        assert operations.retry_abandoned() == 1
        assert operations.retry_abandoned() == 0
    found = {job.args["promise_id"]: job.status for job in ProcrastinateJob.objects.all()}
    assert {key: found[queries.find(key).id] for key in ("left", "in hand", "waiting")} == {
        "left": "todo",
        "in hand": "doing",
        "waiting": "todo",
    }
    assert operations.retry_abandoned() == 1


@pytest.mark.django_db
def test_old_failed_jobs_are_removed_and_new_ones_kept():
    operations.promise("act", key="old")
    operations.promise("act", key="new")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
        old = "(SELECT id FROM procrastinate_jobs WHERE args ->> 'promise_id' = %s)"
        cursor.execute(
            f"UPDATE procrastinate_events SET at = now() - interval '8 days' WHERE job_id = {old}",
            [str(queries.find("old").id)],
        )
    operations.remove_old_jobs()
    assert [job.args["promise_id"] for job in ProcrastinateJob.objects.all()] == [queries.find("new").id]
