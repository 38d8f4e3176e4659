"""Reading promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q
from django.db.models.functions import Coalesce, Now
from procrastinate.contrib.django.models import ProcrastinateWorker

from antin.outbox.models import Promise
from antin.outbox.states import Status
from antin.refusal import NotFound


def find_open(promise_id: int) -> Promise | None:
    """The promise, if it still waits to be kept."""
    return Promise.objects.filter(id=promise_id, status=Status.OPEN).first()


def find(key: str) -> Promise | None:
    """The promise made under this key."""
    return Promise.objects.filter(key=key).first()


def list_due(at: datetime, limit: int) -> list[int]:
    """Ids of open promises whose moment has come, in the order they were made."""
    due = Q(due_at__isnull=True) | Q(due_at__lte=at)
    return list(Promise.objects.filter(due, status=Status.OPEN).order_by("id").values_list("id", flat=True)[:limit])


def list_dead(limit: int = 200) -> list[Promise]:
    """Promises given up, latest first: each waits for a person."""
    return list(Promise.objects.filter(status=Status.DEAD).order_by("-id")[:limit])


def list_dead_named(name: str, limit: int = 200) -> list[Promise]:
    """Return the promises of one name that were given up, latest first."""
    return list(Promise.objects.filter(status=Status.DEAD, name=name).order_by("-id")[:limit])


def count_open() -> int:
    return Promise.objects.filter(status=Status.OPEN).count()


def lock(promise_id: int) -> Promise:
    """Return a promise, locked. :raises NotFound:"""
    found = Promise.objects.select_for_update().filter(id=promise_id).first()
    if found is None:
        raise NotFound()
    return found


def list_faults(limit: int = 200) -> list[tuple[str, str, str]]:
    """Key, name and last fault of promises that met one and are not kept."""
    faulty = Promise.objects.exclude(status=Status.KEPT).exclude(last_fault="")
    return list(faulty.order_by("id").values_list("key", "name", "last_fault")[:limit])


def is_worked_on(*, within: timedelta) -> bool:
    """Whether some worker was alive lately, by the database's clock."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=Now() - within).exists()


@dataclass(frozen=True)
class Queue:
    """Promises of one name: how many wait, how many of them are due, since when the oldest of those, how many were given up."""

    name: str
    waiting: int
    due: int
    oldest_at: datetime | None
    dead: int


def list_queues(at: datetime) -> list[Queue]:
    """Return what waits to be kept, by the name of the promise. One statement over two partial indexes."""
    moment = Coalesce(F("due_at"), F("made_at"))
    is_open, is_due = Q(status=Status.OPEN), Q(status=Status.OPEN) & (Q(due_at__isnull=True) | Q(due_at__lte=at))
    rows = (
        Promise.objects.filter(Q(status=Status.OPEN) | Q(status=Status.DEAD))
        .values("name")
        .annotate(
            waiting=Count("id", filter=is_open),
            due=Count("id", filter=is_due),
            oldest_at=Min(moment, filter=is_due),
            dead=Count("id", filter=Q(status=Status.DEAD)),
        )
        .order_by("name")
    )
    return [Queue(**row) for row in rows]


def list_workers() -> list[datetime]:
    """Return the last heartbeat of each worker, the latest first; one that was stopped properly is not there any more."""
    return list(ProcrastinateWorker.objects.order_by("-last_heartbeat").values_list("last_heartbeat", flat=True))
