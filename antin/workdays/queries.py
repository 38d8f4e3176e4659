"""The working calendar and its arithmetic. To count many days take `calendar()` once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

from antin.workdays.models import CalendarDay, CalendarVersion

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
CLOSE_OF_OFFICE = time(17, 0)
ONE_DAY = timedelta(days=1)
_OFF = frozenset(
    {CalendarDay.Kind.HOLIDAY, CalendarDay.Kind.SWAPPED_OFF, CalendarDay.Kind.COMPENSATION, CalendarDay.Kind.LOCAL}
)


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: the law's holidays, Saturday and Sunday, and `own` decisions, which go before both."""

    version: int
    own: dict[date, tuple[str, str]]

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work on this day."""
        if day in self.own:
            return self.own[day][0] not in _OFF
        public, swapped = _year(day.year)
        return day not in public and (day.weekday() < 5 or day in swapped)

    def next_working_day(self, day: date) -> date:
        """Return the first working day after this day."""
        day += ONE_DAY
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def add_working_days(self, day: date, n: int) -> date:
        """Return the n-th working day after `day`; the day itself is day 0. A negative n counts back."""
        step = ONE_DAY if n > 0 else -ONE_DAY
        for _ in range(abs(n)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def working_days_between(self, a: date, b: date) -> int:
        """Return how many working days lie after `a` up to and including `b`; negative when b is before a."""
        if b < a:
            return -self.working_days_between(b, a)
        return sum(self.is_working_day(a + timedelta(days=n)) for n in range(1, (b - a).days + 1))


@cache
def _year(year: int) -> tuple[dict[date, str], frozenset[date]]:
    """Return the public holidays of a year with their names, and its weekend days that are worked in exchange."""
    found = holidays.country_holidays("VN", years=year, language="vi", expand=False)
    return dict(found), frozenset(found.weekend_workdays)


def calendar() -> Calendar:
    """Return the calendar as it stands: one small query, the rest from memory."""
    return _of_version(CalendarVersion.objects.values_list("number", flat=True).first() or 0)


@lru_cache(maxsize=4)
def _of_version(version: int) -> Calendar:
    rows = CalendarDay.objects.values_list("date", "kind", "note") if version else ()
    return Calendar(version, {day: (kind, note) for day, kind, note in rows})


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


def end_of_working_day(day: date) -> datetime:
    """Return the moment (UTC) the office closes on this day: 17:00 in Vietnam."""
    return datetime.combine(day, CLOSE_OF_OFFICE, HERE).astimezone(UTC)


def local_date(at: datetime) -> date:
    """Return the Vietnamese calendar date of a moment."""
    return at.astimezone(HERE).date()
