"""Which way leads to an agency, and who told us of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How an agency is reached. `HERE` is never a correspondent's: it is the node's own agencies'."""

    HERE = "here", _("Trong nút")
    AXIS = "axis", _("Trục liên thông văn bản quốc gia")
    GATEWAY = "gateway", _("Cổng liên thông của tỉnh, bộ")
    NODE = "node", _("Nút An Tín khác")
    FILE = "file", _("Gói tệp mang tay")


OUTSIDE = (Channel.AXIS, Channel.GATEWAY, Channel.NODE, Channel.FILE)


class Source(models.TextChoices):
    """Who told us: a synchronisation changes only what a synchronisation brought."""

    HAND = "hand", _("Nhập tay")
    LIST = "list", _("Danh mục của trục")
    NODE = "node", _("Danh bạ nút")
    CAME = "came", _("Từ văn bản đã đến")
