"""The life of an entry of a work calendar, and what an invited one answers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Status(models.TextChoices):
    """How an entry stands."""

    PROPOSED = "proposed", _("Chờ duyệt lịch")
    RETURNED = "returned", _("Trả lại để sửa")
    APPROVED = "approved", _("Đã duyệt, chưa ban hành")
    PUBLISHED = "published", _("Đã ban hành")
    CANCELLED = "cancelled", _("Hoãn, hủy")
    WITHDRAWN = "withdrawn", _("Đã rút")


class Kind(models.TextChoices):
    MEETING = "meeting", _("Họp")
    WORK = "work", _("Làm việc")
    TRIP = "trip", _("Công tác")
    DUTY = "duty", _("Trực")


class Answer(models.TextChoices):
    """What an invited one said."""

    ASKED = "asked", _("Chưa trả lời")
    ACCEPTED = "accepted", _("Dự")
    DECLINED = "declined", _("Vắng")
    SUBSTITUTED = "substituted", _("Cử người thay")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "propose": (frozenset({Status.RETURNED}), Status.PROPOSED),
    "approve": (frozenset({Status.PROPOSED}), Status.APPROVED),
    "send_back": (frozenset({Status.PROPOSED}), Status.RETURNED),
    "publish": (frozenset({Status.APPROVED}), Status.PUBLISHED),
    "cancel": (frozenset({Status.APPROVED, Status.PUBLISHED}), Status.CANCELLED),
    "withdraw": (frozenset({Status.PROPOSED, Status.RETURNED}), Status.WITHDRAWN),
}
BEGINNINGS = frozenset({Status.PROPOSED})
FINAL = frozenset({Status.CANCELLED, Status.WITHDRAWN})
HOLDING = frozenset({Status.PROPOSED, Status.APPROVED, Status.PUBLISHED})
"""Whoever is in such an entry is busy, and its venue is taken."""
SETTLED = frozenset({Status.APPROVED, Status.PUBLISHED})
WRITTEN = frozenset({Status.PROPOSED, Status.RETURNED})
"""The unit that proposed it may still change it by itself."""


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target
