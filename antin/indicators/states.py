"""The words of figures: how facts add up, which way is better, what stands against a row; the life of a contested row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Nature(models.TextChoices):
    """How a fact adds up: what happened in a period, or what stands on a day."""

    FLOW = "flow", _("trong kỳ")
    STOCK = "stock", _("đến ngày")


class Better(models.TextChoices):
    """Which way a figure should go."""

    HIGHER = "higher", _("càng cao càng tốt")
    LOWER = "lower", _("càng thấp càng tốt")


class Because(models.TextChoices):
    """Why a row is not counted with the others."""

    PAPER = "paper", _("đến bằng bản giấy")
    NOT_SIGNED = "not_signed", _("không có chữ ký số hợp lệ")
    NOT_SENT = "not_sent", _("không gửi qua mạng")
    BY_HAND = "by_hand", _("có nơi nhận bằng bản giấy hoặc gói mang tay")
    NOT_REGISTERED = "not_registered", _("chưa vào sổ")
    REGISTERED_LATE = "registered_late", _("vào sổ quá ngày làm việc tiếp theo")
    LATE = "late", _("nộp sau hạn")
    NOT_ANSWERED = "not_answered", _("chưa trả lời")
    ANSWERED_LATE = "answered_late", _("trả lời sau hạn")
    NOT_CONNECTED = "not_connected", _("chưa nhận văn bản nào qua mạng")
    NOT_SIGNING = "not_signing", _("chưa phát hành văn bản nào có chữ ký số")
    NOT_PROTECTED = "not_protected", _("chưa được bảo vệ")
    NO_NETWORK = "no_network", _("chưa có mạng")
    NO_SOFTWARE = "no_software", _("chưa có phần mềm dùng chung")
    NOT_ALL_PROTECTED = "not_all_protected", _("còn máy trạm chưa được bảo vệ")
    SIGNED_ON_PAPER = "signed_on_paper", _("ký trên giấy")
    NO_PAPER = "no_paper", _("không kèm bản giấy")
    NOT_RECEIVED = "not_received", _("còn nơi nhận chưa báo nhận")
    RECEIVED_LATE = "received_late", _("có nơi báo nhận sau ngày gửi")
    NO_CERTIFICATE = "no_certificate", _("không có chứng thư số còn hiệu lực")
    CORRECTED = "corrected", _("theo đính chính")


class Claim(models.TextChoices):
    """What is said to be wrong with a row."""

    COUNTS = "counts", _("dòng này phải được tính")
    COUNTS_NOT = "counts_not", _("dòng này không được tính")
    LEAVE_OUT = "leave_out", _("dòng này không thuộc chỉ tiêu")
    MISSING = "missing", _("thiếu một dòng")


class Status(models.TextChoices):
    """How a contested row stands."""

    OPEN = "open", _("Chờ trả lời")
    AGREED = "agreed", _("Đã đính chính")
    REFUSED = "refused", _("Không chấp nhận")
    WITHDRAWN = "withdrawn", _("Đã rút")
    TAKEN_BACK = "taken_back", _("Đã hủy đính chính")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "agree": (frozenset({Status.OPEN}), Status.AGREED),
    "refuse": (frozenset({Status.OPEN}), Status.REFUSED),
    "withdraw": (frozenset({Status.OPEN}), Status.WITHDRAWN),
    "take_back": (frozenset({Status.AGREED}), Status.TAKEN_BACK),
}
BEGINNINGS = frozenset({Status.OPEN})
FINAL = frozenset({Status.REFUSED, Status.WITHDRAWN, Status.TAKEN_BACK})
ALIVE = frozenset({Status.OPEN, Status.AGREED})
"""A row is contested once for a figure, until it is decided otherwise."""


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target
