"""The life of one assignment, from being given to being accepted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Role(models.TextChoices):
    LEAD = "lead", _("Chủ trì")
    JOIN = "join", _("Phối hợp")
    INFORM = "inform", _("Để biết")


class Status(models.TextChoices):
    GIVEN = "given", _("Mới giao")
    STARTED = "started", _("Đang làm")
    HANDED_IN = "handed_in", _("Chờ nghiệm thu")
    ACCEPTED = "accepted", _("Đã hoàn thành")
    NOTED = "noted", _("Đã xem")
    CANCELLED = "cancelled", _("Đã thôi giao")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "start": (frozenset({Status.GIVEN, Status.STARTED}), Status.STARTED),
    "hand_in": (frozenset({Status.GIVEN, Status.STARTED}), Status.HANDED_IN),
    "accept": (frozenset({Status.HANDED_IN}), Status.ACCEPTED),
    "send_back": (frozenset({Status.HANDED_IN}), Status.STARTED),
    "note": (frozenset({Status.GIVEN}), Status.NOTED),
    "cancel": (frozenset({Status.GIVEN, Status.STARTED, Status.HANDED_IN}), Status.CANCELLED),
}
BEGINNINGS = frozenset({Status.GIVEN})
OPEN = frozenset({Status.GIVEN, Status.STARTED, Status.HANDED_IN})
FINAL = frozenset({Status.ACCEPTED, Status.NOTED, Status.CANCELLED})


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target
