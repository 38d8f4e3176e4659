"""The life of one delivery, as the sender sees it; the codes are those of QCVN 102:2016 status messages."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Status(models.TextChoices):
    QUEUED = "queued", _("Chờ gửi")
    FAILED = "failed", _("Gửi lỗi")
    SENT = "sent", _("Đã gửi, chờ nơi nhận báo")
    ARRIVED = "arrived", _("Đã đến, chờ tiếp nhận")
    RETURNED = "returned", _("Bị trả lại")
    REGISTERED = "registered", _("Đã tiếp nhận")
    ASSIGNED = "assigned", _("Đã phân công")
    PROCESSING = "processing", _("Đang xử lý")
    DONE = "done", _("Đã hoàn thành")
    WITHHELD = "withheld", _("Thôi gửi")


class AnswerStatus(models.TextChoices):
    """How far a receipt that we owe an outside agency is."""

    WAITING = "waiting", _("Chờ gửi")
    SENT = "sent", _("Đã gửi")
    FAILED = "failed", _("Gửi lỗi")


class ParcelStatus(models.TextChoices):
    """What became of a message that a line brought."""

    KEPT = "kept", _("Đã giữ, chờ xử lý")
    TAKEN = "taken", _("Đã nhận")
    SET_ASIDE = "set_aside", _("Để riêng")
    DROPPED = "dropped", _("Đã bỏ qua")


class ChangeKind(models.TextChoices):
    """What a sender asks about a document he issued. QCVN 102:2016, business types 1, 3 and 2."""

    RECALL = "recall", _("Thu hồi")
    REPLACE = "replace", _("Thay thế")
    CORRECT = "correct", _("Đính chính")


class ReplyStatus(models.TextChoices):
    """What a holder answered. QCVN 102:2016, statuses 15 and 16."""

    ASKED = "asked", _("Chờ trả lời")
    AGREED = "agreed", _("Đồng ý")
    REFUSED = "refused", _("Từ chối")


REPLY_STEPS = {
    "agree": (frozenset({ReplyStatus.ASKED}), ReplyStatus.AGREED),
    "refuse": (frozenset({ReplyStatus.ASKED}), ReplyStatus.REFUSED),
}

CODES = {
    Status.ARRIVED: "01",
    Status.RETURNED: "02",
    Status.REGISTERED: "03",
    Status.ASSIGNED: "04",
    Status.PROCESSING: "05",
    Status.DONE: "06",
}

# What was withheld while it was on its way already is with its recipient all the same, and is asked of him then.
STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "hand_over": (frozenset({Status.QUEUED, Status.FAILED, Status.WITHHELD}), Status.SENT),
    "fail": (frozenset({Status.QUEUED, Status.SENT}), Status.FAILED),
    "retry": (frozenset({Status.FAILED}), Status.QUEUED),
    "withhold": (frozenset({Status.QUEUED, Status.FAILED}), Status.WITHHELD),
    "arrive": (frozenset({Status.QUEUED, Status.FAILED, Status.SENT, Status.WITHHELD}), Status.ARRIVED),
    "return": (frozenset({Status.ARRIVED}), Status.RETURNED),
    "register": (frozenset({Status.ARRIVED}), Status.REGISTERED),
    "assign": (frozenset({Status.REGISTERED}), Status.ASSIGNED),
    "process": (frozenset({Status.REGISTERED, Status.ASSIGNED}), Status.PROCESSING),
    "finish": (frozenset({Status.REGISTERED, Status.ASSIGNED, Status.PROCESSING}), Status.DONE),
}
BEGINNINGS = frozenset({Status.QUEUED})
FINAL = frozenset({Status.RETURNED, Status.DONE})
TROUBLED = frozenset({Status.FAILED, Status.RETURNED})
AWAITED = frozenset({Status.QUEUED, Status.SENT, Status.ARRIVED, Status.WITHHELD})
"""Nobody there has taken it in yet."""
# A receipt of lower rank that comes late is kept, but does not move the delivery back.
RANK = {status: rank for rank, status in enumerate(Status)}
STEP_OF = {
    Status.ARRIVED: "arrive",
    Status.RETURNED: "return",
    Status.REGISTERED: "register",
    Status.ASSIGNED: "assign",
    Status.PROCESSING: "process",
    Status.DONE: "finish",
}


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target


def reply_step(name: str, status: str) -> ReplyStatus:
    """Return what a holder's answer leads to. :raises WrongState: it has been answered"""
    allowed, target = REPLY_STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(ReplyStatus(status).label))
    return target
