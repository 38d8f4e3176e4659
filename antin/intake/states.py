"""The life of one paper found in a scan, from being read to standing in the book; and how far a scan has been parted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Status(models.TextChoices):
    READING = "reading", _("Đang đọc")
    READY = "ready", _("Chờ xác nhận")
    REGISTERED = "registered", _("Đã vào sổ")
    DROPPED = "dropped", _("Đã bỏ ra")


class Parting(models.TextChoices):
    """How far a scan has come."""

    WAITING = "waiting", _("Đang tách")
    PARTED = "parted", _("Đã tách")
    FAILED = "failed", _("Không tách được")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "read": (frozenset({Status.READING}), Status.READY),
    "register": (frozenset({Status.READING, Status.READY}), Status.REGISTERED),
    "drop": (frozenset({Status.READING, Status.READY}), Status.DROPPED),
    "bring_back": (frozenset({Status.DROPPED}), Status.READY),
}
BEGINNINGS = frozenset({Status.READING})
OPEN = frozenset({Status.READING, Status.READY})
FINAL = frozenset({Status.REGISTERED, Status.DROPPED})


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target
