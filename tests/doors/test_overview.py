"""How the work below stands, as who leads sees it: sums against a slow recount, rows only as far as they are his to see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from antin.people import queries as people
from antin.refusal import NotFound
from antin.tasks import operations, overview, policy, terms
from antin.tasks import queries as tasks
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.overview import Wanted
from antin.tasks.states import Cell, Mark, Origin, Role, Until
from antin.workdays import queries as workdays
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def give(cast: Cast, at: datetime, title: str, unit_id: int, *, giver: str = "head", **more: int) -> Assignment:
    made = operations.give(
        document_id=None, title=title, words="", shares=[Share(Role.LEAD, unit_id=unit_id, **more)],
        origin=Origin.HAND, actor=getattr(cast, giver).actor(), at=at,
    )  # fmt: skip
    return made.assignments.get()


def a_year_of_work(cast: Cast, at: datetime) -> dict[str, Assignment]:
    """Work in every cell and with every mark, in three units and in one below a unit of its own agency."""
    early = at - timedelta(days=30)
    made = {
        "long late": give(cast, early, "Quá hạn lâu", cast.plan_id, days=3),
        "late": give(cast, at - timedelta(days=8), "Mới quá hạn", cast.plan_id, days=2),
        "soon": give(cast, at - timedelta(days=1), "Sắp đến hạn", cast.technique_id, days=2),
        "said": give(cast, at - timedelta(days=1), "Báo nguy cơ", cast.technique_id, days=25),
        "undated": give(cast, early, "Không hạn", cast.recipient_id),
        "stands": give(cast, early, "Tạm dừng", cast.recipient_id, days=10),
        "waits": give(cast, early, "Đã nộp", cast.technique_id, days=30),
        "done": give(cast, early, "Xong đúng hạn", cast.plan_id, days=15),
        "below": give(cast, early, "Việc riêng của B1", cast.recipient_works_id, giver="recipient_head", days=40),
    }
    head, technique = cast.head.actor(), cast.technique_head.actor()
    operations.say(assignment_id=made["said"].pk, kind="risk", words="Thiếu máy", actor=technique, at=at)
    operations.pause(assignment_id=made["stands"].pk, reason="Chờ kinh phí", actor=head, at=early + timedelta(days=2))
    operations.hand_in(assignment_id=made["waits"].pk, words="Xong", actor=technique, at=at)
    operations.hand_in(assignment_id=made["done"].pk, words="Xong", actor=cast.plan_head.actor(), at=early)
    operations.accept(assignment_id=made["done"].pk, actor=head, at=at)
    return made


def test_the_sums_are_those_of_a_slow_recount(cast: Cast, at: datetime) -> None:
    made = a_year_of_work(cast, at)
    root = people.get_unit(cast.agency_id)
    found = overview.sums_by_unit(root, at - timedelta(days=300), at)
    works = [tasks.standing_of(row) for row in Assignment.objects.all()]
    whole, soon = overview.add_up(found.values()), terms.soon_until(at, workdays.calendar())
    assert whole.cells == terms.tally(works, at)
    said = [terms.marks(work, at, soon) for work in works]
    assert whole.marks == {mark: sum(mark in each for each in said) for mark in Mark}
    assert whole.at_risk == sum(bool(each & {Mark.BEHIND, Mark.SAID_AT_RISK}) for each in said)
    assert sum(whole.untils.values()) == whole.open
    by_unit = {
        cast.plan_id: {Until.LONG_LATE: 1, Until.LATE: 1},
        cast.technique_id: {Until.WEEK: 1, Until.LATER: 1, Until.WAITS: 1},
        cast.recipient_id: {Until.UNDATED: 1, Until.STANDS: 1},
        cast.recipient_works_id: {Until.MONTH: 1},
    }
    assert {unit: {k: n for k, n in sums.untils.items() if n} for unit, sums in found.items()} == by_unit
    assert (found[cast.plan_id].cells[Cell.DONE_IN_TIME], whole.whole) == (1, len(made))
    assert overview.sums_by_unit(root, at + timedelta(seconds=1), at)[cast.plan_id].done == 0


def test_rows_are_shown_as_far_as_they_are_the_readers(cast: Cast, at: datetime) -> None:
    made = a_year_of_work(cast, at)
    root, since = people.get_unit(cast.agency_id), at - timedelta(days=300)
    found = overview.list_rows(cast.head.actor(), Wanted(root, cell="open"), since, at)
    assert [row.pk for row in found.rows][:2] == [made["long late"].pk, made["late"].pk]
    assert (found.whole, found.hidden, len(found.rows)) == (8, 1, 7)  # what B1 gave within itself is a number to him
    plan = people.get_unit(cast.plan_id)
    narrow = overview.list_rows(cast.plan_head.actor(), Wanted(plan, until=Until.LATE), since, at)
    assert [row.pk for row in narrow.rows] == [made["late"].pk]
    at_risk = overview.list_rows(cast.head.actor(), Wanted(root, mark="at_risk"), since, at)
    assert made["said"].pk in {row.pk for row in at_risk.rows}
    assert overview.list_rows(cast.head.actor(), Wanted(root, alone=True), since, at).whole == 0
    for member, unit_id in ((cast.plan_officer, cast.plan_id), (cast.clerk, cast.agency_id)):
        assert isinstance(policy.why_not_oversee(member.actor(), people.get_unit(unit_id)), policy.NotOverThisUnit)
    for unit_id in (cast.agency_id, cast.technique_id):
        assert isinstance(policy.why_not_oversee(cast.plan_head.actor(), people.get_unit(unit_id)), NotFound)


@pytest.mark.usefixtures("known_health")
def test_the_pages_ask_the_same_whatever_there_is(cast: Cast, at: datetime, enter: Callable[..., Client]) -> None:
    head = enter(cast.head)
    made = a_year_of_work(cast, at)
    asked = []
    for _round in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = head.get("/tasks/overview")
        asked.append(len(queries))
        for n in range(5):
            give(cast, at, f"Thêm {n}", cast.technique_id, days=5)
    assert asked[1] <= asked[0] <= 32
    words = page.content.decode()
    assert "Toàn cảnh" in words
    assert f'href="/tasks/{made["long late"].pk}"' in words
    rows = head.get("/tasks/overview/work", {"unit": cast.agency_id, "cell": "open"}).content.decode()
    assert "1 nhiệm vụ đồng chí không được xem riêng" in rows
    assert "Việc riêng của B1" not in rows
    assert head.get("/tasks/overview/work?cell=nothing&until=x&mark=%27").status_code == 200
    assert head.get("/tasks/overview?as=xlsx").headers["Content-Type"].endswith("spreadsheetml.sheet")
    plan = enter(cast.plan_head)
    assert plan.get("/tasks/overview").status_code == 200
    assert plan.get(f"/tasks/overview?unit={cast.technique_id}").status_code == 404
    assert plan.get(f"/tasks/overview/work?unit={cast.agency_id}").status_code == 404
    assert enter(cast.plan_officer).get("/tasks/overview").status_code == 403
    assert "Toàn cảnh" not in enter(cast.plan_officer).get("/tasks").content.decode()
