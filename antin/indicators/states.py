"""The words of figures: how facts add up, which way is better, and what stands against a row that does not count."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


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
