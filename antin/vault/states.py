"""The words of the vault: levels, parts, readers, copies; the life of a classified thing and of a recovery."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Status(models.TextChoices):
    """How a classified thing stands."""

    PROTECTED = "protected", _("Đang bảo vệ")
    DECLASSIFIED = "declassified", _("Đã giải mật")
    DESTROYED = "destroyed", _("Đã tiêu hủy")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "declassify": (frozenset({Status.PROTECTED}), Status.DECLASSIFIED),
    "destroy": (frozenset({Status.PROTECTED, Status.DECLASSIFIED}), Status.DESTROYED),
}
BEGINNINGS = frozenset({Status.PROTECTED})
FINAL = frozenset({Status.DESTROYED})


def step(name: str, status: str) -> Status:
    """Return the status the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target


class Level(models.IntegerChoices):
    """The levels of the state-secrets law, by their height."""

    MAT = 1, _("Mật")
    TOI_MAT = 2, _("Tối mật")
    TUYET_MAT = 3, _("Tuyệt mật")


STAMPS = {Level.MAT: "MẬT", Level.TOI_MAT: "TỐI MẬT", Level.TUYET_MAT: "TUYỆT MẬT"}
"""What is stamped on paper and page; a stamp is not translated."""
NO_LONGER = "GIẢI MẬT"
"""What is stamped once it is declassified."""

TERMS: tuple[tuple[date, dict[Level, int]], ...] = (
    (date(2020, 7, 1), {Level.MAT: 10, Level.TOI_MAT: 20, Level.TUYET_MAT: 30}),
)
"""Years of protection from a day on (29/2018/QH14). The terms of Law 117/2025/QH15 get a line of their own when they are read."""


def term_years(level: int, on: date) -> int:
    """How long a level is protected that is fixed that day."""
    years = next((years for since, years in reversed(TERMS) if since <= on), TERMS[0][1])
    return years[Level(level)]


SCANS: tuple[tuple[date, Level], ...] = ((date(2020, 7, 1), Level.TOI_MAT),)
"""Up to which level a unit's own leaders may allow a copy, from a day on; a scan is a copy (29/2018/QH14, art. 11: of Tuyệt mật
only the highest office holders may). The copy powers of Law 117/2025/QH15 get a line of their own when they are read."""


def may_scan(level: int, on: date) -> bool:
    """Tell whether the scan of a paper of this level may be kept, when a leader has allowed it."""
    return level <= next((most for since, most in reversed(SCANS) if since <= on), SCANS[0][1])


def years_after(day: date, years: int) -> date:
    """The same day years later; 29 February becomes 1 March, so that a term is never cut short."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


class Part(models.TextChoices):
    """What of a document is sealed."""

    TITLE = "title", _("Trích yếu")
    BODY = "body", _("Nội dung")
    PAGES = "pages", _("Bản trình bày")
    TEXT = "text", _("Văn bản trích xuất")
    ATTACHMENT = "attachment", _("Tài liệu kèm theo")
    NAME = "name", _("Tên tệp")
    COMMENT = "comment", _("Ý kiến")


class Need(models.TextChoices):
    """Why somebody needs to know."""

    DRAFTER = "drafter", _("Người soạn thảo")
    REVIEWER = "reviewer", _("Người xem xét")
    SIGNER = "signer", _("Người ký")
    CLERK = "clerk", _("Văn thư")
    RECIPIENT = "recipient", _("Người nhận")
    ASSIGNEE = "assignee", _("Người được giao xử lý")
    RECOVERED = "recovered", _("Được cấp lại qua phục hồi")


PASSING_ON = frozenset({Need.DRAFTER, Need.SIGNER, Need.CLERK, Need.RECIPIENT, Need.RECOVERED})
"""Who, reading something, may let others read it."""


class Use(models.TextChoices):
    """What a reader did with a content."""

    VIEWED = "viewed", _("Đã xem")
    PRINTED = "printed", _("Đã in")


class Medium(models.TextChoices):
    """What a copy is."""

    PAPER = "paper", _("Bản giấy")
    ELECTRONIC = "electronic", _("Bản điện tử")


class Change(models.TextChoices):
    """What a decision did to a level or its term."""

    FIXED = "fixed", _("Xác định độ mật")
    RAISED = "raised", _("Tăng độ mật")
    LOWERED = "lowered", _("Giảm độ mật")
    EXTENDED = "extended", _("Gia hạn thời hạn bảo vệ")
    DECLASSIFIED = "declassified", _("Giải mật")
    ENDED = "ended", _("Hết thời hạn bảo vệ")


class Ceremony(models.TextChoices):
    """How a recovery stands."""

    ASKED = "asked", _("Chờ hai cán bộ mở khóa phục hồi")
    HALF = "half", _("Một cán bộ đã mở, chờ người thứ hai")
    DONE = "done", _("Đã phục hồi")
    WITHDRAWN = "withdrawn", _("Đã hủy yêu cầu")
