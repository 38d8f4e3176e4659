"""When work is due, and in which cell it is counted: pure, given a calendar.

A deadline is a named moment, or so many working days since the work was given. A granted extension names a new moment and the
terms begin anew with it. While the clock stands (`Rest`) no day counts: the deadline moves by the working days at whose
close it stood.
Sources: Civil Code 2015, art. 147-148 (how a term is counted); Decision 42/2014/QĐ-TTg (deadlines; done and not, in time and late).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from antin.tasks.states import OPEN, Cell, Mark, Role, Status
from antin.workdays.queries import HERE, ONE_DAY, Calendar, end_of_working_day, local_date

SOON_DAYS = 2
"""Work is due soon when no more than so many working days are left."""
BEHIND_FROM, BEHIND_BY = 50, 30
"""Work is behind when half of its time is gone and what is done lies thirty points or more under the time that is gone."""


@dataclass(frozen=True)
class Rest:
    """A time in which the clock stood; `until` is None while it stands."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Terms:
    """What was agreed on: a moment, or working days, or neither (không thời hạn), since when, and what stood in between."""

    since: datetime
    named_at: datetime | None = None
    days: int | None = None
    rests: tuple[Rest, ...] = ()


@dataclass(frozen=True)
class Due:
    """When work is due and why then; `stood` are the working days that do not count."""

    at: datetime | None
    stood: int
    words: str


def due(terms: Terms, calendar: Calendar) -> Due:
    """Return when work under these terms is due by this calendar, in words that explain it."""
    if terms.named_at is None and terms.days is None:
        return Due(None, 0, _("không thời hạn"))
    if terms.named_at is not None:
        moment = terms.named_at
        words = _("hạn được nêu: %(day)s") % {"day": f"{moment.astimezone(HERE):%H:%M %d/%m/%Y}"}
    else:
        start = local_date(terms.since)
        moment = end_of_working_day(calendar.add_working_days(start, terms.days or 0))
        words = _("%(n)d ngày làm việc: %(why)s") % {
            "n": terms.days or 0,
            "why": calendar.explain(start, terms.days or 0),
        }
    stood = 0
    for rest in terms.rests:
        if rest.until is not None and rest.since < moment:
            passed = _lost(rest.since, rest.until, terms.since, calendar)
            moment = _later(moment, passed, calendar)
            stood += passed
    if stood:
        words = _("%(words)s; tạm dừng %(n)d ngày làm việc, hạn còn lại %(day)s") % {
            "words": words,
            "n": stood,
            "day": f"{moment.astimezone(HERE):%H:%M %d/%m/%Y}",
        }
    return Due(moment, stood, words)


def _lost(since: datetime, until: datetime, begun: datetime, calendar: Calendar) -> int:
    """Return how many working days were lost: at their close the clock stood, and they lie after the day the terms began."""
    first, last = local_date(since), local_date(until)
    if since > end_of_working_day(first):
        first += ONE_DAY
    if until <= end_of_working_day(last):
        last -= ONE_DAY
    first = max(first, local_date(begun) + ONE_DAY)
    return calendar.working_days_between(first - ONE_DAY, last) if first <= last else 0


def _later(moment: datetime, days: int, calendar: Calendar) -> datetime:
    """Return the same time of day so many working days later."""
    if days == 0:
        return moment
    local = moment.astimezone(HERE)
    day = calendar.add_working_days(local.date(), days)
    return datetime.combine(day, local.time(), HERE).astimezone(moment.tzinfo)


@dataclass(frozen=True)
class Standing:
    """What of an assignment decides its cell and its marks."""

    role: str
    status: str
    given_at: datetime
    due_at: datetime | None
    handed_in_at: datetime | None
    paused_at: datetime | None
    percent: int
    risk: str


def cell(work: Standing, now: datetime) -> Cell | None:
    """Return the cell of a piece of work; None for what is not counted: for information, and what was taken back.

    What counts is when the accepted result was handed in, not when somebody found the time to accept it. Without a deadline work
    is never late. While the clock stands it is as late as it was.
    """
    if work.role == Role.INFORM or work.status in (Status.CANCELLED, Status.NOTED):
        return None
    stopped = work.handed_in_at or work.paused_at or now
    late = work.due_at is not None and stopped > work.due_at
    if work.status == Status.ACCEPTED:
        return Cell.DONE_LATE if late else Cell.DONE_IN_TIME
    return Cell.OPEN_LATE if late else Cell.OPEN_IN_TIME


def marks(work: Standing, now: datetime, soon: datetime) -> frozenset[Mark]:
    """Return what is said of open work beside its cell; `soon` is the end of the last working day that is near (`soon_until`)."""
    if work.status not in OPEN or cell(work, now) is None:
        return frozenset()
    found = set()
    if work.due_at is None:
        found.add(Mark.UNDATED)
    if work.paused_at is not None:
        found.add(Mark.STANDS)
    if work.risk:
        found.add(Mark.SAID_AT_RISK)
    if work.due_at is not None and work.handed_in_at is None and work.paused_at is None and now <= work.due_at:
        if work.due_at <= soon:
            found.add(Mark.SOON)
        gone, whole = (now - work.given_at) * 100, work.due_at - work.given_at
        if gone >= whole * BEHIND_FROM and gone - whole * work.percent >= whole * BEHIND_BY:
            found.add(Mark.BEHIND)
    return frozenset(found)


def soon_until(now: datetime, calendar: Calendar) -> datetime:
    """Return until when a deadline is near."""
    return end_of_working_day(calendar.add_working_days(local_date(now), SOON_DAYS))


def soon_from(due_at: datetime, calendar: Calendar) -> date:
    """Return the first day on which a deadline is near."""
    day = local_date(due_at)
    while end_of_working_day(calendar.add_working_days(day - ONE_DAY, SOON_DAYS)) >= due_at:
        day -= ONE_DAY
    return day


def behind_from(made_at: datetime, due_at: datetime, percent: int) -> datetime:
    """Return from when on work of which so much is done is behind, if it is not done by its deadline; after that: never."""
    return made_at + (due_at - made_at) * max(BEHIND_FROM, percent + BEHIND_BY) / 100


def rule_of(mark: Mark) -> str:
    """Say by which rule a mark is set."""
    return {
        Mark.SOON: _("Còn không quá %(n)d ngày làm việc.") % {"n": SOON_DAYS},
        Mark.BEHIND: _("Đã qua ít nhất %(gone)d %% thời hạn mà phần đã xong kém phần thời gian đã qua từ %(by)d điểm.")
        % {"gone": BEHIND_FROM, "by": BEHIND_BY},
        Mark.SAID_AT_RISK: _("Người thực hiện tự báo."),
        Mark.UNDATED: _("Việc được giao không nêu thời hạn; không tính là quá hạn."),
        Mark.STANDS: _("Người giao cho tạm dừng; đồng hồ đứng cho đến khi tiếp tục."),
    }[mark]


def tally(works: Sequence[Standing], now: datetime) -> dict[Cell, int]:
    """Count works by cell."""
    found = dict.fromkeys(Cell, 0)
    for work in works:
        at = cell(work, now)
        if at is not None:
            found[at] += 1
    return found
