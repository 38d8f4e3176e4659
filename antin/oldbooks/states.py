"""The life of one import of an old book, and what becomes of each of its lines."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Status(models.TextChoices):
    READ = "read", _("Chờ đối chiếu cột")
    CHECKED = "checked", _("Đã kiểm tra, chờ nhập")
    TAKING = "taking", _("Đang nhập")
    TAKEN = "taken", _("Đã nhập")
    DROPPED = "dropped", _("Đã bỏ, chưa nhập gì")
    UNDONE = "undone", _("Đã hoàn tác")


STEPS = {
    "check": (frozenset({Status.READ, Status.CHECKED}), Status.CHECKED),
    "start": (frozenset({Status.CHECKED}), Status.TAKING),
    "finish": (frozenset({Status.TAKING}), Status.TAKEN),
    "drop": (frozenset({Status.READ, Status.CHECKED}), Status.DROPPED),
    "undo": (frozenset({Status.TAKEN}), Status.UNDONE),
}
BEGINNINGS = frozenset({Status.READ})
FINAL = frozenset({Status.DROPPED, Status.UNDONE, Status.TAKEN})


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this one"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target


class Outcome(models.TextChoices):
    """What becomes, or became, of a line of the old book."""

    READY = "ready", _("Sẽ nhập")
    VOID = "void", _("Số hủy")
    REFUSED = "refused", _("Không nhập")
    TAKEN = "taken", _("Đã nhập")
