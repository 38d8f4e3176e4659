"""Changing the working calendar by decision: the holidays of a year announced late, swapped days, days of one's own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from antin.journal import operations as journal
from antin.refusal import Refusal, _, refuse
from antin.workdays import policy
from antin.workdays.models import CalendarDay
from antin.workdays.policy import Actor
from antin.workdays.queries import FIRST_YEAR, LAST_YEAR, Kind, OutsideCalendar, calendar


class DecisionMissing(Refusal):
    """A day is set by somebody's decision: its number, or at least whose it was."""

    code = "decision_missing"
    words = _("Phải ghi quyết định hoặc thông báo làm căn cứ thay đổi lịch làm việc.")


class NotSet(Refusal):
    code = "calendar_day_not_set"
    words = _("Ngày %(day)s không có thay đổi nào để bỏ.")


class SwapNeedsBoth(Refusal):
    code = "swap_needs_both"
    words = _("Hoán đổi cần một ngày làm việc để nghỉ và một ngày nghỉ để làm bù; ngày %(day)s không hợp lệ.")


@transaction.atomic
def set_day(*, day: date, kind: Kind, note: str, decision: str, actor: Actor | None, at: datetime) -> int:
    """Set what a day is, whatever the law or the week say of it, and return the new version of the calendar.

    Deadlines that were computed keep the version they were computed with.

    :raises NotAllowed: the actor is no administrator
    :raises DecisionMissing: no decision is named
    :raises OutsideCalendar: the day lies outside the years the calendar knows
    """
    refuse(policy.why_not_change_calendar(actor))
    refuse(_why_not_set(day, decision))
    return _set(CalendarDay(date=day, kind=kind, note=note.strip(), decision=decision.strip()), actor, at)


@transaction.atomic
def swap(*, off: date, work: date, note: str, decision: str, actor: Actor | None, at: datetime) -> int:
    """Let a working day be free and a free day be worked for it, and return the new version of the calendar.

    :raises SwapNeedsBoth: the one is not worked, or the other is
    :raises: as `set_day`
    """
    refuse(policy.why_not_change_calendar(actor))
    for day in (off, work):
        refuse(_why_not_set(day, decision))
    days = calendar()
    if not days.is_working_day(off):
        raise SwapNeedsBoth(day=f"{off:%d/%m/%Y}")
    if days.is_working_day(work):
        raise SwapNeedsBoth(day=f"{work:%d/%m/%Y}")
    reason = {"note": note.strip(), "decision": decision.strip()}
    _set(CalendarDay(date=off, kind=Kind.SWAPPED_OFF, **reason), actor, at)
    return _set(CalendarDay(date=work, kind=Kind.SWAPPED_WORK, **reason), actor, at)


@transaction.atomic
def clear_day(*, day: date, actor: Actor | None, at: datetime) -> int:
    """Let a day be again what the law and the week say, and return the new version of the calendar.

    :raises NotAllowed: the actor is no administrator
    :raises NotSet: nothing was set for that day
    """
    refuse(policy.why_not_change_calendar(actor))
    version = _next_version()
    found = CalendarDay.objects.filter(pk=day).first()
    if found is None:
        raise NotSet(day=f"{day:%d/%m/%Y}")
    found.delete()
    subject = ("calendar_day", day.toordinal())
    told: dict[str, Any] = {"day": day, "was": found.kind, "note": found.note, "decision": found.decision}
    journal.record("calendar.cleared", subject=subject, actor=actor, at=at, **told, version=version)
    return version


def _why_not_set(day: date, decision: str) -> Refusal | None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return OutsideCalendar(first=FIRST_YEAR, last=LAST_YEAR)
    return None if decision.strip() else DecisionMissing()


def _set(special: CalendarDay, actor: Actor | None, at: datetime) -> int:
    version = _next_version()
    before = CalendarDay.objects.filter(pk=special.pk).first()
    was = {"kind": before.kind, "note": before.note, "decision": before.decision} if before else None
    special.save()
    journal.record(
        "calendar.set",
        subject=("calendar_day", special.date.toordinal()),
        actor=actor,
        at=at,
        day=special.date,
        kind=special.kind,
        note=special.note,
        decision=special.decision,
        was=was,
        version=version,
    )
    return version


def _next_version() -> int:
    """Take the next version, one change at a time: the row's lock is held until the caller's end."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into workdays_calendarversion (id, number) values (1, nextval('workdays_version'))
            on conflict (id) do update set number = nextval('workdays_version') returning number
            """
        )
        return int(cursor.fetchone()[0])
