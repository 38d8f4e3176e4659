"""The life of one number: taken, or reserved and then used; perhaps voided; never given again. Another node's is moved."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    TAKEN = "taken", _("Đã cấp")
    RESERVED = "reserved", _("Đang giữ")
    VOIDED = "voided", _("Đã hủy")
    MOVED = "moved", _("Nút khác đã cấp")


STEPS = {
    "use": (frozenset({Status.RESERVED}), Status.TAKEN),
    "release": (frozenset({Status.RESERVED}), Status.VOIDED),
    "void": (frozenset({Status.TAKEN}), Status.VOIDED),
    # a book that went to another node and came back; its lines taken in there
    "used_elsewhere": (frozenset({Status.RESERVED}), Status.MOVED),
    "hold": (frozenset({Status.MOVED}), Status.TAKEN),
}
BEGINNINGS = frozenset({Status.TAKEN, Status.RESERVED, Status.MOVED})
FINAL = frozenset({Status.TAKEN, Status.VOIDED, Status.MOVED})


class Restart(models.TextChoices):
    """When a book begins again at 1. Law: Decree 30/2020, art. 15 (each year); a term ends when it is closed."""

    YEAR = "year", _("Ngày 01 tháng 01 hằng năm")
    TERM = "term", _("Liên tục qua các năm, đến khi mở sổ khác")
