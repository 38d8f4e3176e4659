"""The life of a version of a programme, and of the monthly review."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Status(models.TextChoices):
    """How a version of a programme stands."""

    DRAFTED = "drafted", _("Đang soạn")
    SUBMITTED = "submitted", _("Chờ duyệt")
    APPROVED = "approved", _("Đang thực hiện")
    REPLACED = "replaced", _("Đã có bản thay")
    ENDED = "ended", _("Đã kết thúc")
    DROPPED = "dropped", _("Đã bỏ")


class Kind(models.TextChoices):
    PLAN = "plan", _("Kế hoạch")
    PROGRAMME = "programme", _("Chương trình")


class Span(models.TextChoices):
    """How long a period is that is reported on."""

    MONTH = "month", _("Tháng")
    QUARTER = "quarter", _("Quý")
    YEAR = "year", _("Năm")
    DAYS = "days", _("Từ ngày đến ngày")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "submit": (frozenset({Status.DRAFTED}), Status.SUBMITTED),
    "send_back": (frozenset({Status.SUBMITTED}), Status.DRAFTED),
    "approve": (frozenset({Status.DRAFTED, Status.SUBMITTED}), Status.APPROVED),
    "drop": (frozenset({Status.DRAFTED, Status.SUBMITTED}), Status.DROPPED),
    "replace": (frozenset({Status.APPROVED}), Status.REPLACED),
    "end": (frozenset({Status.APPROVED}), Status.ENDED),
}
BEGINNINGS = frozenset({Status.DRAFTED})
FINAL = frozenset({Status.REPLACED, Status.ENDED, Status.DROPPED})
OPEN = frozenset({Status.DRAFTED, Status.SUBMITTED})
"""A version that is being written or waits for approval; a programme has one at most."""
HELD = frozenset({Status.APPROVED, Status.ENDED})
"""The version by which a programme goes, or went to its end."""


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target
