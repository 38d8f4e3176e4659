"""Which lists there are, and what a change of one was."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Listing(models.TextChoices):
    """A list an agency keeps by itself."""

    RETENTION = "retention", _("Thời hạn bảo quản")
    FIELD = "field", _("Lĩnh vực")
    DIRECTIVE = "directive", _("Câu chỉ đạo mẫu")
    RETURN = "return", _("Lý do trả lại dự thảo")


TREES = frozenset({Listing.RETENTION, Listing.FIELD})
"""Lists with headings above their entries."""


class Change(models.TextChoices):
    """What a change did."""

    ADDED = "added", _("Thêm mục")
    CHANGED = "changed", _("Sửa mục")
    ENDED = "ended", _("Thôi dùng mục")
    IMPORTED = "imported", _("Nhập từ tệp")
    TAKEN_BACK = "taken_back", _("Rút lại thay đổi")
