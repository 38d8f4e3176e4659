import threading
from dataclasses import dataclass
from datetime import date

import pytest
from django.db import connections, transaction

from antin.journal import queries as journal
from antin.refusal import NotAllowed
from antin.workdays import operations, queries
from antin.workdays.models import CalendarDay
from antin.workdays.queries import Kind, OutsideCalendar

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 24)


@dataclass(frozen=True)
class Someone:
    role: str = "administrator"
    person_id: int = 1
    person_name: str = "Lê Quản"
    post_id: int = 2
    post_title: str = "Quản trị"
    agency_id: int = 3


def set_day(at, day=DAY, kind=Kind.LOCAL, actor=None, decision="QĐ 12"):
    return operations.set_day(day=day, kind=kind, note="Kỷ niệm", decision=decision, actor=actor or Someone(), at=at)


def test_a_set_day_goes_before_the_law_and_the_week_and_is_recorded(at):
    assert queries.is_working_day(DAY) is True
    version = set_day(at)
    assert queries.is_working_day(DAY) is False
    assert queries.calendar().version == version
    assert queries.snap(DAY).words.startswith("24/12/2026 là ngày nghỉ (Kỷ niệm); ")
    [row] = journal.list_for(("calendar_day", DAY.toordinal()))
    assert (row.event, row.person_name) == ("calendar.set", "Lê Quản")
    assert row.facts == {
        "day": "2026-12-24",
        "kind": "local",
        "note": "Kỷ niệm",
        "decision": "QĐ 12",
        "was": None,
        "version": version,
    }


def test_a_holiday_can_be_made_a_working_day_and_back(at):
    holiday = date(2026, 11, 24)
    first = set_day(at, holiday, Kind.SWAPPED_WORK)
    assert queries.is_working_day(holiday) is True
    second = operations.clear_day(day=holiday, actor=Someone(), at=at)
    assert second > first
    assert queries.is_working_day(holiday) is False
    assert [row.event for row in journal.list_for(("calendar_day", holiday.toordinal()))] == [
        "calendar.cleared",
        "calendar.set",
    ]


def test_two_days_are_swapped_in_one_act(at):
    off, work = date(2026, 12, 31), date(2026, 12, 26)
    operations.swap(off=off, work=work, note="Hoán đổi", decision="TB 99", actor=None, at=at)
    assert (queries.is_working_day(off), queries.is_working_day(work)) == (False, True)
    assert "nghỉ hoán đổi 31/12" in queries.explain(date(2026, 12, 30), 1)
    special = {one.day: (one.kind, one.decision, one.worked) for one in queries.list_special_days(2026)}
    assert special[off] == ("swapped_off", "TB 99", False)
    assert special[work] == ("swapped_work", "TB 99", True)
    assert special[date(2026, 9, 2)] == ("holiday", "", False)
    assert special[date(2026, 8, 22)] == ("swapped_work", "", True)
    assert special[date(2026, 8, 31)] == ("swapped_off", "", False)


def nothing_changed():
    return CalendarDay.objects.count() == 0 and queries.calendar().version == 0


@pytest.mark.parametrize(
    ("off", "work"), [(date(2026, 11, 24), date(2026, 12, 26)), (date(2026, 12, 31), date(2026, 12, 30))]
)
def test_a_swap_needs_a_day_that_is_worked_and_one_that_is_not(at, off, work):
    with pytest.raises(operations.SwapNeedsBoth):
        operations.swap(off=off, work=work, note="", decision="TB 99", actor=None, at=at)
    assert nothing_changed()


def test_only_an_administrator_changes_the_calendar(at):
    clerk = Someone(role="clerk")
    with pytest.raises(NotAllowed):
        set_day(at, actor=clerk)
    with pytest.raises(NotAllowed):
        operations.swap(off=date(2026, 12, 31), work=date(2026, 12, 26), note="", decision="x", actor=clerk, at=at)
    with pytest.raises(NotAllowed):
        operations.clear_day(day=DAY, actor=clerk, at=at)
    assert nothing_changed()


def test_a_change_needs_a_decision_a_known_year_and_something_to_clear(at):
    with pytest.raises(operations.DecisionMissing):
        set_day(at, decision=" ")
    with pytest.raises(OutsideCalendar):
        set_day(at, day=date(2200, 1, 1))
    with pytest.raises(operations.NotSet) as no, transaction.atomic():
        operations.clear_day(day=DAY, actor=None, at=at)
    assert no.value.message == "Ngày 24/12/2026 không có thay đổi nào để bỏ."
    assert nothing_changed()


def test_a_version_that_was_rolled_back_never_names_another_calendar(at):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        lost = set_day(at)
        assert queries.is_working_day(DAY) is False
        raise ZeroDivisionError
    assert queries.is_working_day(DAY) is True
    assert set_day(at, day=date(2026, 12, 23)) > lost
    assert queries.is_working_day(DAY) is True


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_make_two_versions_and_nobody_keeps_an_old_calendar(at):
    done = []

    def other():
        done.append(set_day(at, day=date(2026, 12, 23)))
        connections.close_all()

    with transaction.atomic():
        first = set_day(at)
        thread = threading.Thread(target=other)
        thread.start()
    thread.join(20)
    assert done[0] > first
    days = queries.calendar()
    assert (days.version, sorted(days.own)) == (done[0], [date(2026, 12, 23), DAY])
