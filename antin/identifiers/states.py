"""What can be said of a code: it is in use, it was closed, or another code took its place."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    ACTIVE = "active", _("Đang dùng")
    CLOSED = "closed", _("Đã đóng")
    MERGED = "merged", _("Đã nhập vào mã khác")


class Scheme(TextChoices):
    """The spellings an agency code is met in."""

    QD20 = "qd20", _("Quyết định 20/2020/QĐ-TTg")
    QCVN102 = "qcvn102", _("QCVN 102:2016/BTTTT")
    OTHER = "other", _("Cách viết khác")
