"""Two years of ordinary work of the demonstration: made once, however often it is cut short, with one unit visibly behind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from antin.console import demo, demo_history
from antin.indicators import operations, queries
from antin.journal import operations as journal
from antin.people import queries as people
from antin.tasks.models import Assignment
from antin.workdays.queries import local_date
from tests.cast import empty_the_node

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.slow
def test_two_years_of_figures_have_one_unit_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    empty_the_node()
    demo.fill_organisation(at=AT)
    monkeypatch.setattr(demo_history, "MONTHS", 11)
    assert demo_history.fill_history(at=AT) == 12
    made = Assignment.objects.count()
    assert demo_history.fill_history(at=AT) == 0
    assert (Assignment.objects.count(), Assignment.objects.filter(made_at__gt=AT).count()) == (made, 0)
    journal.seal(at=AT)
    operations.count(at=AT)
    root, day = people.find_root(), local_date(AT)
    assert root is not None
    indicator = queries.get_indicator("tasks_in_time")
    whole = queries.get_figure(root, indicator, day.replace(month=1, day=1), day)
    rows = queries.list_by_unit(root, [whole], day.replace(month=1, day=1), day)
    by_name = {unit.abbreviation: own.value for unit, [own] in rows if own.value is not None and not own.few}
    assert min(by_name, key=lambda name: by_name[name]) == demo_history.BEHIND
    mean = sum(by_name.values()) / len(by_name)
    assert (by_name[demo_history.BEHIND] < 70, mean > 85) == (True, True)
