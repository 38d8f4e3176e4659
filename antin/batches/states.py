"""The life of one thing in a batch: it waits, then it is done, or it is not and says why."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Status(models.TextChoices):
    WAITING = "waiting", _("Chưa làm")
    DONE = "done", _("Xong")
    FAILED = "failed", _("Không làm được")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "finish": (frozenset({Status.WAITING}), Status.DONE),
    "fail": (frozenset({Status.WAITING}), Status.FAILED),
    "try_again": (frozenset({Status.FAILED}), Status.WAITING),
}
BEGINNINGS = frozenset({Status.WAITING})
FINAL = frozenset({Status.DONE, Status.FAILED})


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target
