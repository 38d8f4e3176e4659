"""A worker killed at its work: the promise is free at once, and its job comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from antin.outbox import operations, queries
from antin.outbox.operations import Outcome
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


def _address() -> str:
    """The test database, as another process is told of it."""
    where = {
        name: quote(str(connection.settings_dict[name]), safe="")
        for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")
    }
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**where)


@pytest.mark.django_db(transaction=True)
def test_a_promise_of_a_killed_worker_is_kept_by_the_next(at, monkeypatch):
    operations.promise("act", key="k")
    made = queries.find("k")
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": _address()}
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
