"""Reading promises."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now
from procrastinate.contrib.django.models import ProcrastinateWorker

from antin.outbox.models import Promise
from antin.outbox.states import Status


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


def count_open() -> int:
    return Promise.objects.filter(status=Status.OPEN).count()


def lock(promise_id: int) -> Promise:
    return Promise.objects.select_for_update().get(id=promise_id)


def list_faults(limit: int = 200) -> list[tuple[str, str, str]]:
    """Key, name and last fault of promises that met one and are not kept."""
    faulty = Promise.objects.exclude(status=Status.KEPT).exclude(last_fault="")
    return list(faulty.order_by("id").values_list("key", "name", "last_fault")[:limit])


def is_worked_on(*, within: timedelta) -> bool:
    """Whether some worker was alive lately, by the database's clock."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=Now() - within).exists()
