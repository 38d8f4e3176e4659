"""Promises are made in the caller's transaction, once per key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from antin.outbox import operations, queries
from antin.outbox.models import Promise

pytestmark = pytest.mark.django_db


def _jobs():
    return [
        (job.task_name, job.queue_name, job.args["promise_id"], job.scheduled_at)
        for job in ProcrastinateJob.objects.order_by("id")
    ]


def test_a_promise_is_a_row_and_a_job():
    operations.promise("lay_out", key="lay_out:7", document_id=7)
    made = queries.find("lay_out:7")
    assert (made.name, made.ids, made.status, made.due_at, made.attempts) == (
        "lay_out",
        {"document_id": 7},
        "open",
        None,
        0,
    )
    assert _jobs() == [("antin:keep", "promises", made.id, None)]


def test_the_same_key_promises_nothing_new():
    operations.promise("lay_out", key="lay_out:7", document_id=7)
    operations.promise("lay_out", key="lay_out:7", document_id=8)
    assert [made.ids for made in Promise.objects.all()] == [{"document_id": 7}]
    assert len(_jobs()) == 1


def test_rolled_back_with_the_caller():
    class Mishap(Exception):
        pass

    with pytest.raises(Mishap), transaction.atomic():
        operations.promise("lay_out", key="lay_out:7", document_id=7)
        raise Mishap
    assert not Promise.objects.exists()
    assert not _jobs()


def test_a_later_promise_is_scheduled(at):
    operations.promise("remind", key="remind:1", due_at=at + timedelta(days=1), at=at, assignment_id=1)
    assert timedelta(hours=23) < _jobs()[0][3] - Promise.objects.get().made_at <= timedelta(hours=24, minutes=1)
    with pytest.raises(TypeError, match="moment"):
        operations.promise("remind", key="remind:2", due_at=at)


def test_many_are_made_at_once(django_assert_num_queries):
    of = {f"deliver:{n}": {"delivery_id": n} for n in range(40)}
    with django_assert_num_queries(4):  # savepoint, promises, jobs, release
        operations.promise_many("deliver", of=of)
    assert [made.ids["delivery_id"] for made in Promise.objects.order_by("id")] == list(range(40))
    assert len(_jobs()) == 40


def test_kept_by_the_caller_means_no_job():
    with operations.kept_by_caller():
        operations.promise("lay_out", key="lay_out:7", document_id=7)
    assert queries.count_open() == 1
    assert not _jobs()
