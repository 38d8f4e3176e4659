"""The life of one opinion that was asked for."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Status(models.TextChoices):
    """How far an opinion is."""

    WAITING = "waiting", _("Chưa đến lượt")
    ASKED = "asked", _("Chờ ý kiến")
    ANSWERED = "answered", _("Đã có ý kiến")
    DROPPED = "dropped", _("Không có ý kiến")


class Verdict(models.TextChoices):
    """What the opinion comes to."""

    AGREED = "agreed", _("Nhất trí")
    REMARKED = "remarked", _("Nhất trí, có góp ý")
    DISAGREED = "disagreed", _("Không nhất trí")


class Settlement(models.TextChoices):
    """What the drafter made of it."""

    NONE = "", ""
    TAKEN_IN = "taken_in", _("Tiếp thu")
    IN_PART = "in_part", _("Tiếp thu một phần")
    EXPLAINED = "explained", _("Giải trình, giữ nguyên")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "ask": (frozenset({Status.WAITING}), Status.ASKED),
    "answer": (frozenset({Status.ASKED, Status.ANSWERED}), Status.ANSWERED),
    "drop": (frozenset({Status.WAITING, Status.ASKED}), Status.DROPPED),
}
BEGINNINGS = frozenset({Status.WAITING})
FINAL = frozenset({Status.ANSWERED, Status.DROPPED})
OPEN = frozenset({Status.WAITING, Status.ASKED})


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target
