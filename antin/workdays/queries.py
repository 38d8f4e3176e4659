"""The working calendar and its arithmetic. To count many days take `calendar()` once: it is one frozen value.

Law: Labour Code 2019, art. 111-112 (rest days, holidays; a holiday on a rest day is compensated); Resolution 80-NQ/TW (24 November,
from 2026); Civil Code 2015, art. 147-148 (the day of the event does not count; a term ending on a free day ends with the next
working day). Holidays come from the `holidays` library; what the Government or the agency decides otherwise is a `CalendarDay`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import accumulate, groupby
from zoneinfo import ZoneInfo

import holidays
from django.utils.translation import gettext

from antin.refusal import Refusal, _
from antin.workdays.models import CalendarDay, CalendarVersion

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
CLOSE_OF_OFFICE = time(17, 0)
ONE_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1901, 2100
SATURDAY = 5
#: An explanation names each free weekend day up to so many, and counts them beyond.
NAMED_WEEKEND_DAYS = 4

Kind = CalendarDay.Kind
WORKED = frozenset({Kind.SWAPPED_WORK})


class OutsideCalendar(Refusal):
    code = "outside_calendar"
    words = _("Lịch làm việc chỉ có từ năm %(first)s đến năm %(last)s.")


@dataclass(frozen=True)
class Special:
    """A day that is not what the week says: free on a weekday, worked on a weekend, or named by the law."""

    day: date
    kind: str
    name: str
    decision: str
    worked: bool


@dataclass(frozen=True)
class Deadline:
    """When something is due, why then, and by which version of the calendar."""

    at: datetime
    day: date
    explanation: str
    calendar_version: int


@dataclass(frozen=True)
class Snap:
    """Where a date that somebody typed comes to lie. `words` warn; they are empty when the date is a working day."""

    asked: date
    day: date
    words: str


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: the law's holidays, Saturday and Sunday, and `own` decisions, which go before both.

    :raises OutsideCalendar: from every question about a day outside 1901-2100
    """

    version: int
    own: dict[date, Special]
    _years: dict[int, list[int]] = field(default_factory=dict, compare=False, repr=False)

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work on this day."""
        special = self.find_special(day)
        return special.worked if special else day.weekday() < SATURDAY

    def find_special(self, day: date) -> Special | None:
        """Return what is special about this day: the decision, or else the law's holiday."""
        if day in self.own:
            return self.own[day]
        return _year(day.year).get(day)

    def next_working_day(self, day: date) -> date:
        """Return the first working day after this day."""
        return self._step(day, ONE_DAY)

    def add_working_days(self, day: date, n: int) -> date:
        """Return the n-th working day after `day`; the day itself is day 0. A negative n counts back."""
        for _n in range(abs(n)):
            day = self._step(day, ONE_DAY if n > 0 else -ONE_DAY)
        return day

    def working_days_between(self, a: date, b: date) -> int:
        """Return how many working days lie after `a` up to and including `b`; negative when b is before a."""
        if b < a:
            return -self.working_days_between(b, a)
        whole_years = sum(self._worked(year)[-1] for year in range(a.year, b.year))
        return whole_years + self._worked(b.year)[_place(b)] - self._worked(a.year)[_place(a)]

    def deadline(self, at: datetime, days: int) -> Deadline:
        """Return the end of the n-th working day after a moment. The day of the moment, in Vietnam, is day 0."""
        start = local_date(at)
        day = self.add_working_days(start, days)
        return Deadline(end_of_working_day(day), day, self.explain(start, days), self.version)

    def snap(self, day: date) -> Snap:
        """Return the working day with which a term ends whose last day is this one, and say so when it is another."""
        if self.is_working_day(day):
            return Snap(day, day, "")
        end = self.next_working_day(day)
        facts = {"day": _in_words(day), "why": self._why_free(day), "end": _in_words(end)}
        return Snap(day, end, gettext("%(day)s là %(why)s; hạn được tính đến hết giờ làm việc ngày %(end)s.") % facts)

    def explain(self, start: date, days: int) -> str:
        """Say in words how the n-th working day after `start` was found: which days were passed over, and why."""
        end = self.add_working_days(start, days)
        passed = [start + timedelta(days=n) for n in range(1, (end - start).days)]
        said = [gettext("bắt đầu %(day)s") % {"day": _short(start)}]
        free = [day for day in passed if not self.is_working_day(day)]
        if free:
            said.append(gettext("trừ %(days)s") % {"days": ", ".join(self._name_free(free))})
        worked = [day for day in [*passed, end] if day.weekday() >= SATURDAY and self.is_working_day(day)]
        extra = [f"{_weekday(day)} {_short(day)}" for day in worked]
        if extra:
            said.append(gettext("kể cả %(days)s làm bù") % {"days": ", ".join(extra)})
        said.append(gettext("hạn 17:00 ngày %(day)s") % {"day": _in_words(end)})
        return ", ".join(said)

    def _name_free(self, free: list[date]) -> list[str]:
        """Name free days in order: weekends one by one or counted, holidays in runs with their name."""
        weekends = [day for day in free if self.find_special(day) is None]
        if len(weekends) > NAMED_WEEKEND_DAYS:
            named = [(free[0], gettext("%(count)s ngày cuối tuần") % {"count": len(weekends)})]
        else:
            named = [(day, f"{_weekday(day)} {_short(day)}") for day in weekends]
        special = [found for day in free if (found := self.find_special(day))]
        for (kind, _start), group in groupby(
            enumerate(special), lambda one: (one[1].kind, one[1].day.toordinal() - one[0])
        ):
            run = [found.day for _n, found in group]
            days = _short(run[0]) if len(run) == 1 else f"{_short(run[0])}–{_short(run[-1])}"
            named.append((run[0], f"{Kind(kind).label} {days}"))
        return [words for _day, words in sorted(named, key=lambda one: one[0])]

    def _why_free(self, day: date) -> str:
        special = self.find_special(day)
        return gettext("ngày nghỉ (%(name)s)") % {"name": special.name} if special else _weekday(day)

    def _step(self, day: date, step: timedelta) -> date:
        _year(day.year)  # refuses a day outside the calendar
        day += step
        while not self.is_working_day(day):
            day += step
        return day

    def _worked(self, year: int) -> list[int]:
        """Return, for each day of the year, how many days were worked from 1 January up to and including it."""
        if year not in self._years:
            first = date(year, 1, 1)
            days = (date(year, 12, 31) - first).days + 1
            self._years[year] = list(accumulate(self.is_working_day(first + timedelta(days=n)) for n in range(days)))
        return self._years[year]


@cache
def _year(year: int) -> dict[date, Special]:
    """Return the special days of a year by law: its holidays, and the weekend days that are worked in exchange."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutsideCalendar(first=FIRST_YEAR, last=LAST_YEAR)
    found = holidays.country_holidays("VN", years=year, language="vi", expand=False)
    free = {day: Special(day, _kind(name), name, "", False) for day, name in found.items()}
    swapped = {day for day in found.weekend_workdays if day.year == year}
    return free | {day: Special(day, Kind.SWAPPED_WORK, "ngày làm bù", "", True) for day in swapped}


def _kind(name: str) -> str:
    """Tell what kind of free day the library's name for it means."""
    if name.startswith("Ngày nghỉ (thay cho"):
        return Kind.SWAPPED_OFF
    return Kind.COMPENSATION if name.endswith("(nghỉ bù)") else Kind.HOLIDAY


def calendar() -> Calendar:
    """Return the calendar as it stands: one small query, the rest from memory."""
    return _of_version(CalendarVersion.objects.values_list("number", flat=True).first() or 0)


@lru_cache(maxsize=4)
def _of_version(version: int) -> Calendar:
    own = {}
    for row in CalendarDay.objects.all() if version else ():
        name = row.note or str(Kind(row.kind).label)
        own[row.date] = Special(row.date, row.kind, name, row.decision, row.kind in WORKED)
    return Calendar(version, own)


def list_special_days(year: int) -> list[Special]:
    """Return the special days of a year in order; those with a decision were set here, the others are the law's."""
    days = calendar()
    own = {day: special for day, special in days.own.items() if day.year == year}
    return sorted((_year(year) | own).values(), key=lambda special: special.day)


def is_working_day(day: date) -> bool:
    """Tell whether offices work on this day."""
    return calendar().is_working_day(day)


def next_working_day(day: date) -> date:
    """Return the first working day after this day."""
    return calendar().next_working_day(day)


def add_working_days(day: date, n: int) -> date:
    """Return the n-th working day after `day` (day 0)."""
    return calendar().add_working_days(day, n)


def working_days_between(a: date, b: date) -> int:
    """Return how many working days lie after `a` up to and including `b`; negative when b is before a."""
    return calendar().working_days_between(a, b)


def deadline(at: datetime, days: int) -> Deadline:
    """Return the end of the n-th working day after a moment, with its explanation and the calendar's version."""
    return calendar().deadline(at, days)


def snap(day: date) -> Snap:
    """Return the working day with which a term ends whose last day is this one, with a warning when it is another."""
    return calendar().snap(day)


def explain(start: date, days: int) -> str:
    """Say in words how the n-th working day after `start` was found."""
    return calendar().explain(start, days)


def end_of_working_day(day: date) -> datetime:
    """Return the moment (UTC) the office closes on this day: 17:00 in Vietnam."""
    return datetime.combine(day, CLOSE_OF_OFFICE, HERE).astimezone(UTC)


def local_date(at: datetime) -> date:
    """Return the Vietnamese calendar date of a moment."""
    return at.astimezone(HERE).date()


def _place(day: date) -> int:
    return day.timetuple().tm_yday - 1


def _short(day: date) -> str:
    return f"{day.day}/{day.month}"


def _in_words(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _weekday(day: date) -> str:
    return gettext("thứ Bảy") if day.weekday() == SATURDAY else gettext("Chủ nhật")
