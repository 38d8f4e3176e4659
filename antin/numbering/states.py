"""The life of one number: taken, perhaps voided; never given again."""

from django.db import models


class Status(models.TextChoices):
    TAKEN = "taken", "Đã cấp"
    VOIDED = "voided", "Đã hủy"


STEPS = {"void": (frozenset({Status.TAKEN}), Status.VOIDED)}
BEGINNINGS = frozenset({Status.TAKEN})
FINAL = frozenset({Status.TAKEN, Status.VOIDED})
