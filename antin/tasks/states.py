"""The life of one assignment, from being given to being accepted; where work comes from, and the cells it is counted in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Role(models.TextChoices):
    LEAD = "lead", _("Chủ trì")
    JOIN = "join", _("Phối hợp")
    INFORM = "inform", _("Để biết")


class Status(models.TextChoices):
    GIVEN = "given", _("Mới giao")
    STARTED = "started", _("Đang làm")
    HANDED_IN = "handed_in", _("Chờ nghiệm thu")
    ACCEPTED = "accepted", _("Đã hoàn thành")
    NOTED = "noted", _("Đã xem")
    CANCELLED = "cancelled", _("Đã thôi giao")
    DECLINED = "declined", _("Xin không nhận")


class Origin(models.TextChoices):
    """What a piece of work was made from."""

    DIRECTIVE = "directive", _("Bút phê trên văn bản đến")
    SENTENCE = "sentence", _("Một câu trong văn bản")
    CONCLUSION = "conclusion", _("Thông báo kết luận")
    PLAN = "plan", _("Kế hoạch")
    MEETING = "meeting", _("Giao ban")
    HAND = "hand", _("Giao trực tiếp")
    ROUTINE = "routine", _("Việc định kỳ")


class Priority(models.IntegerChoices):
    ORDINARY = 0, _("Thường")
    KEY = 1, _("Trọng tâm")
    URGENT = 2, _("Gấp")


class Evidence(models.TextChoices):
    """What must be shown for a result."""

    WORDS = "", _("Lời báo cáo, tệp hoặc văn bản")
    FILE = "file", _("Tệp kết quả")
    DOCUMENT = "document", _("Văn bản đã có số")


class Grade(models.IntegerChoices):
    """How well accepted work was done."""

    NONE = 0, _("Không xếp loại")
    POOR = 1, _("Đạt thấp")
    FAIR = 2, _("Đạt")
    GOOD = 3, _("Tốt")
    EXCELLENT = 4, _("Xuất sắc")


class Every(models.TextChoices):
    """How often work recurs."""

    WEEK = "week", _("Hằng tuần")
    MONTH = "month", _("Hằng tháng")
    QUARTER = "quarter", _("Hằng quý")


class Shift(models.TextChoices):
    """Where an occurrence goes whose day is not worked."""

    BEFORE = "before", _("Ngày làm việc trước đó")
    AFTER = "after", _("Ngày làm việc sau đó")


class Whom(models.TextChoices):
    """To whom a rule reminds of work."""

    HOLDER = "holder", _("Người, đơn vị thực hiện")
    GIVER = "giver", _("Người giao việc")
    ABOVE = "above", _("Cấp trưởng đơn vị cấp trên trực tiếp")
    AGENCY = "agency", _("Thủ trưởng cơ quan")


class Cell(models.TextChoices):
    """The four cells in which work is counted. Source: Decision 42/2014/QĐ-TTg (what is done and not done, in time and late)."""

    DONE_IN_TIME = "done_in_time", _("Hoàn thành đúng hạn")
    DONE_LATE = "done_late", _("Hoàn thành quá hạn")
    OPEN_IN_TIME = "open_in_time", _("Đang làm, trong hạn")
    OPEN_LATE = "open_late", _("Đang làm, quá hạn")


class Mark(models.TextChoices):
    """What is said of open work beside its cell."""

    SOON = "soon", _("Sắp đến hạn")
    BEHIND = "behind", _("Có nguy cơ chậm")
    SAID_AT_RISK = "said_at_risk", _("Người làm báo có nguy cơ")
    UNDATED = "undated", _("Không thời hạn")
    STANDS = "stands", _("Tạm dừng")


class Until(models.TextChoices):
    """When open work is due, as who leads looks at it."""

    LONG_LATE = "long_late", _("Quá hạn trên 10 ngày")
    LATE = "late", _("Quá hạn đến 10 ngày")
    WEEK = "week", _("Trong 7 ngày tới")
    MONTH = "month", _("Trong 30 ngày tới")
    LATER = "later", _("Sau đó")
    UNDATED = "undated", _("Không thời hạn")
    STANDS = "stands", _("Đang tạm dừng")
    WAITS = "waits", _("Chờ nghiệm thu")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "start": (frozenset({Status.GIVEN, Status.STARTED}), Status.STARTED),
    "decline": (frozenset({Status.GIVEN, Status.STARTED}), Status.DECLINED),
    "insist": (frozenset({Status.DECLINED}), Status.GIVEN),
    "hand_over": (frozenset({Status.GIVEN, Status.STARTED, Status.DECLINED}), Status.GIVEN),
    "hand_in": (frozenset({Status.GIVEN, Status.STARTED}), Status.HANDED_IN),
    "accept": (frozenset({Status.HANDED_IN}), Status.ACCEPTED),
    "send_back": (frozenset({Status.HANDED_IN}), Status.STARTED),
    "note": (frozenset({Status.GIVEN}), Status.NOTED),
    "cancel": (frozenset({Status.GIVEN, Status.STARTED, Status.HANDED_IN, Status.DECLINED}), Status.CANCELLED),
}
BEGINNINGS = frozenset({Status.GIVEN})
OPEN = frozenset({Status.GIVEN, Status.STARTED, Status.HANDED_IN, Status.DECLINED})
WORKING = frozenset({Status.GIVEN, Status.STARTED, Status.DECLINED})
FINAL = frozenset({Status.ACCEPTED, Status.NOTED, Status.CANCELLED})


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target
