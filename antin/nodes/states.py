"""The words of the room: how a member stands, how it is reached, how far a parcel is on either side."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Standing(models.TextChoices):
    """How a node stands in the directory."""

    MEMBER = "member", _("Thành viên")
    EXPELLED = "expelled", _("Đã loại khỏi danh bạ")


class Way(models.TextChoices):
    """How parcels reach a member."""

    NATS = "nats", _("Đường mạng")
    FILE = "file", _("Mang tay")


class Asking(models.TextChoices):
    """How an invitation stands."""

    OPEN = "open", _("Chờ trả lời")
    ANSWERED = "answered", _("Đã trả lời, chờ xác nhận")
    CONFIRMED = "confirmed", _("Đã kết nạp")
    WITHDRAWN = "withdrawn", _("Đã hủy")


class Status(models.TextChoices):
    """How far a parcel of ours is."""

    WAITING = "waiting", _("Chờ chuyển")
    SENT = "sent", _("Đã chuyển, chờ bên nhận báo")
    TAKEN = "taken", _("Bên nhận đã lấy")
    ASIDE = "aside", _("Bên nhận không lấy được")
    STOPPED = "stopped", _("Đã dừng")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "send": (frozenset({Status.WAITING, Status.SENT}), Status.SENT),
    "take": (frozenset({Status.WAITING, Status.SENT, Status.ASIDE}), Status.TAKEN),
    "set_aside": (frozenset({Status.WAITING, Status.SENT}), Status.ASIDE),
    "send_again": (frozenset({Status.SENT, Status.TAKEN, Status.ASIDE}), Status.WAITING),
    "stop": (frozenset({Status.WAITING, Status.SENT}), Status.STOPPED),
}
BEGINNINGS = frozenset({Status.WAITING})
FINAL = frozenset({Status.TAKEN, Status.STOPPED})
UNSETTLED = (Status.WAITING, Status.SENT)


def step(name: str, status: str) -> Status:
    """Return the status the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target


class Moving(models.TextChoices):
    """How far the books of an agency are on their way: at the node that kept them, then at the one that takes them."""

    CLOSED = "closed", _("Đã khóa sổ, chờ nút mới nhận")
    CONFIRMED = "confirmed", _("Nút mới đã nhận")
    RETURNED = "returned", _("Nút mới trả lại, chờ mở sổ")
    REOPENED = "reopened", _("Đã mở lại sổ")
    ARRIVED = "arrived", _("Chờ nhận sổ")
    TAKEN = "taken", _("Đã nhận sổ")
    GIVEN_BACK = "given_back", _("Đã trả lại nút cũ")
    WAIVED = "waived", _("Mở sổ không có bàn giao")


MOVES: dict[str, tuple[frozenset[Moving], Moving]] = {
    "confirm": (frozenset({Moving.CLOSED}), Moving.CONFIRMED),
    "return": (frozenset({Moving.CLOSED, Moving.CONFIRMED}), Moving.RETURNED),
    "reopen": (frozenset({Moving.RETURNED}), Moving.REOPENED),
    "take": (frozenset({Moving.ARRIVED}), Moving.TAKEN),
    "give_back": (frozenset({Moving.ARRIVED, Moving.TAKEN}), Moving.GIVEN_BACK),
}


def step_move(name: str, status: str) -> Moving:
    """Return how a move stands after the step. :raises WrongState: it does not start from this one"""
    allowed, target = MOVES[name]
    if status not in allowed:
        raise WrongState(state=str(Moving(status).label))
    return target


class Coming(models.TextChoices):
    """How far a partner's parcel is here."""

    COMING = "coming", _("Đang đến")
    WHOLE = "whole", _("Đã đủ, chờ mở")
    TAKEN = "taken", _("Đã nhận")
    ASIDE = "aside", _("Để riêng")


SETTLED = (Coming.TAKEN, Coming.ASIDE)
