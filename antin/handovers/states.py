"""The life of one hand-over of a post, and the kinds of things on its list."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Status(models.TextChoices):
    OPEN = "open", _("Đang lập danh mục")
    FIXED = "fixed", _("Chờ hai bên ký")
    DONE = "done", _("Đã bàn giao")
    WITHDRAWN = "withdrawn", _("Đã thôi")


STEPS = {
    "fix": (frozenset({Status.OPEN}), Status.FIXED),
    "reopen": (frozenset({Status.FIXED}), Status.OPEN),
    "conclude": (frozenset({Status.FIXED}), Status.DONE),
    "withdraw": (frozenset({Status.OPEN, Status.FIXED}), Status.WITHDRAWN),
}
BEGINNINGS = frozenset({Status.OPEN})
FINAL = frozenset({Status.DONE, Status.WITHDRAWN})


class Kind(models.TextChoices):
    """What a thing on the list is. Documents and work go on by the post; the others are bound to the person who leaves."""

    WAITING = "waiting", _("Văn bản chờ xử lý")
    DRAFT = "draft", _("Dự thảo đang trình")
    OPINION = "opinion", _("Ý kiến được hỏi")
    TO_DO = "to_do", _("Việc được giao")
    GIVEN = "given", _("Việc đã giao")
    POWER = "power", _("Giao ký, làm thay")
    DEVICE = "device", _("Thiết bị, con dấu")
    SECRET = "secret", _("Tài liệu mật được đọc")
    COPY = "copy", _("Bản sao tài liệu mật")


BY_POST = frozenset({Kind.WAITING, Kind.DRAFT, Kind.OPINION, Kind.TO_DO, Kind.GIVEN, Kind.POWER})


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this one"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target
