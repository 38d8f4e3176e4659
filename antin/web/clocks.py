"""The clock of a row: how long until a deadline, or since it passed, in the fewest true words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
SOON = timedelta(days=1)


class Clock(NamedTuple):
    """Words, tone (`""` in order, `warn` soon, `late` over) and the exact moment; the part `clock` takes it as it is."""

    words: str
    tone: str
    at: str


def exact(moment: datetime) -> str:
    """A moment in full, on the Vietnamese clock: "16:00 ngày 25/11/2026"."""
    local = moment.astimezone(LOCAL)
    return _("%(time)s ngày %(day)s") % {"time": f"{local:%H:%M}", "day": f"{local:%d/%m/%Y}"}


def _left(span: timedelta, days: int) -> str:
    if days >= 1:
        return ngettext("còn %(n)d ngày", "còn %(n)d ngày", days) % {"n": days}
    if span >= timedelta(hours=1):
        hours = span // timedelta(hours=1)
        return ngettext("còn %(n)d giờ", "còn %(n)d giờ", hours) % {"n": hours}
    minutes = max(1, span // timedelta(minutes=1))
    return ngettext("còn %(n)d phút", "còn %(n)d phút", minutes) % {"n": minutes}


def _over(span: timedelta, days: int) -> str:
    if days >= 1:
        return ngettext("quá hạn %(n)d ngày", "quá hạn %(n)d ngày", days) % {"n": days}
    if span >= timedelta(hours=1):
        hours = span // timedelta(hours=1)
        return ngettext("quá hạn %(n)d giờ", "quá hạn %(n)d giờ", hours) % {"n": hours}
    minutes = max(1, span // timedelta(minutes=1))
    return ngettext("quá hạn %(n)d phút", "quá hạn %(n)d phút", minutes) % {"n": minutes}


def until(deadline: datetime | None, now: datetime, *, soon: timedelta = SOON) -> Clock | None:
    """The clock towards a deadline; None when there is none.

    Days are calendar days on the Vietnamese calendar: a deadline tomorrow at 08:00 is one day away at any hour of today.
    """
    if deadline is None:
        return None
    days = (deadline.astimezone(LOCAL).date() - now.astimezone(LOCAL).date()).days
    if deadline > now:
        tone = "warn" if deadline - now <= soon else ""
        return Clock(_left(deadline - now, days), tone, exact(deadline))
    return Clock(_over(now - deadline, -days), "late", exact(deadline))
