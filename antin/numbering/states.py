"""The life of one number: taken, or reserved and then used; perhaps voided; never given again."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    TAKEN = "taken", _("Đã cấp")
    RESERVED = "reserved", _("Đang giữ")
    VOIDED = "voided", _("Đã hủy")


STEPS = {
    "use": (frozenset({Status.RESERVED}), Status.TAKEN),
    "release": (frozenset({Status.RESERVED}), Status.VOIDED),
    "void": (frozenset({Status.TAKEN}), Status.VOIDED),
}
BEGINNINGS = frozenset({Status.TAKEN, Status.RESERVED})
FINAL = frozenset({Status.TAKEN, Status.VOIDED})


class Restart(models.TextChoices):
    """When a book begins again at 1. Law: Decree 30/2020, art. 15 (each year); a term ends when it is closed."""

    YEAR = "year", _("Ngày 01 tháng 01 hằng năm")
    TERM = "term", _("Liên tục qua các năm, đến khi mở sổ khác")
