"""What a change of rights would do, told before it is made: counted by the rule of the lists, and nothing changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from antin.documents import operations as documents
from antin.documents import policy
from antin.documents.models import Document
from antin.documents.queries import sight as queries
from antin.journeys import look_ahead
from antin.journeys.look_ahead import Ahead
from antin.people import operations as people
from antin.people import queries as house
from antin.people.models import Appointment, Person
from antin.people.operations import PostLine
from antin.people.operations.posts import EndInThePast
from antin.workdays.queries import local_date
from tests import given
from tests.cast import Cast, Member
from tests.doors.administration.test_organisation import POSTS, book, send
from tests.doors.conftest import Enter, enter  # noqa: F401
from tests.doors.test_api_documents import Machine
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return timezone.now()


def seen(*members: Member) -> set[int]:
    """What these see by their lists."""
    found: set[int] = set()
    today = local_date(timezone.now())
    for member in members:
        found |= set(Document.objects.filter(policy.visible_to(member.actor(today))).values_list("pk", flat=True))
    return found


def holding(member: Member) -> int:
    return Appointment.objects.get(person_id=member.person_id, post_id=member.post_id).pk


def three_drafts(cast: Cast, at: datetime) -> None:
    for _n in range(3):
        given.a_submitted_draft(cast, at)


def three_past(cast: Cast, at: datetime) -> None:
    """Three drafts that were given up: still to be seen, and nothing waits for them."""
    for _n in range(3):
        draft = given.a_draft(cast, at)
        documents.submit(document_id=draft.pk, actor=cast.plan_officer.actor(), today=local_date(at), at=at)
        documents.withdraw(document_id=draft.pk, actor=cast.plan_officer.actor(), at=at)
        documents.abandon(document_id=draft.pk, actor=cast.plan_officer.actor(), at=at)


def one(found: Ahead) -> tuple[int, int, int]:
    (row,) = found.rows
    return row.person_id, row.gains, row.loses


def test_who_stands_in_sees_what_the_lists_would_show(cast: Cast, at: datetime) -> None:
    three_drafts(cast, at)
    office = {"principal_id": cast.plan_head.post_id, "substitute_id": cast.office_head.post_id, "basis": "QĐ 1"}
    days: dict[str, Any] = {"since": local_date(at), "until": local_date(at) + timedelta(days=7)}
    by: dict[str, Any] = {"actor": cast.administrator.actor(), "at": at}
    already = seen(cast.office_head)
    expected = len(seen(cast.plan_head) - already)
    assert expected == 3
    found = look_ahead.substitute(**office, **days, **by)
    assert one(found) == (cast.office_head.person_id, expected, 0)
    assert found.kinds == {(True, cast.agency_id, "draft"): 3}
    assert seen(cast.office_head) == already  # nothing was changed
    bond = people.substitute(**office, **days, **by)
    both = seen(cast.office_head)
    assert len(both - already) == expected
    found = look_ahead.end_substitution(substitution_id=bond.pk, **by)
    assert one(found) == (cast.office_head.person_id, 0, expected)


def test_a_table_that_seats_people_says_what_they_would_see(
    cast: Cast,
    at: datetime,
    client: Client,
    enter: Enter,  # noqa: F811
) -> None:
    three_drafts(cast, at)
    code = house.get_unit(cast.agency_id).code
    assert code is not None
    held = Appointment.objects.get(post_id=cast.plan_head.post_id)
    title, day = held.post.title, local_date(at)
    by: dict[str, Any] = {"actor": cast.administrator.actor(), "at": at}
    expected = len(seen(cast.plan_head))
    Appointment.objects.filter(pk=held.pk).update(until=day)
    unit = house.get_unit(cast.plan_id).name
    posts = [PostLine(2, unit, title, "head", person="Lê Văn Mới", user_name="moi.moi", since=day + timedelta(days=3))]
    found = look_ahead.import_organisation(units=[], posts=posts, **by)
    assert found.on == day + timedelta(days=3)
    (row,) = found.rows
    assert (row.name, row.gains, row.loses) == ("Lê Văn Mới", expected, 0)
    assert found.kinds == {(True, cast.agency_id, "draft"): expected}
    assert not Person.objects.filter(user_name="moi.moi").exists(), "nothing was written"
    table = book({"Chức vụ": [POSTS, [unit, title, "Cấp trưởng", "Lê Văn Mới", "moi.moi", ""]]})
    page = send(enter(cast.administrator), table).content.decode()
    assert f"1 người xem thêm {expected} văn bản" in page and "Ghi tất cả" in page
    machine = Machine(client, cast.administrator)
    line = {"row": 2, "unit": unit, "title": title, "role": "head", "person": "Lê Văn Mới", "user_name": "moi.moi"}
    told = machine.post("/organisation", {"posts": [line]})
    assert (told["appointments"], told["sight"]["persons"], told["sight"]["rows"][0]["gains"]) == (1, 1, expected)
    assert machine.post("/organisation", {"posts": [line], "keep": True})["sight"] is None


def test_who_comes_and_who_leaves(cast: Cast, at: datetime) -> None:
    three_drafts(cast, at)
    by: dict[str, Any] = {"actor": cast.administrator.actor(), "at": at}
    today = local_date(at)
    leaving: dict[str, Any] = {"appointment_id": holding(cast.plan_officer), "until": today + timedelta(days=1)}
    found = look_ahead.end_appointment(**leaving, **by)
    assert (found.on, one(found)) == (leaving["until"], (cast.plan_officer.person_id, 0, 3))
    refused(EndInThePast, lambda: look_ahead.end_appointment(**leaving | {"until": today - timedelta(days=1)}, **by))
    people.end_appointment(**leaving | {"until": today + timedelta(days=1)}, **by)
    found = look_ahead.appoint(
        person_id=cast.technique_officer.person_id,
        post_id=cast.plan_officer.post_id,
        since=today + timedelta(days=1),
        **by,
    )
    assert one(found) == (cast.technique_officer.person_id, 3, 0)


def test_a_unit_that_closes_and_one_that_moves(cast: Cast, at: datetime) -> None:
    three_past(cast, at)
    by: dict[str, Any] = {"actor": cast.administrator.actor(), "at": at}
    found = look_ahead.close_unit(unit_id=cast.plan_id, **by)
    assert {row.person_id: (row.gains, row.loses) for row in found.rows} == {
        cast.plan_officer.person_id: (0, 3),
        cast.plan_head.person_id: (0, 3),
    }
    assert not look_ahead.move_unit(unit_id=cast.plan_id, parent_id=cast.office_id, **by).matters


def test_it_costs_by_whom_it_touches_not_by_what_there_is(cast: Cast, at: datetime) -> None:
    by: dict[str, Any] = {"actor": cast.administrator.actor(), "at": at}
    counts = []
    for _round in range(2):
        three_past(cast, at)
        with CaptureQueriesContext(connection) as asked:
            look_ahead.close_unit(unit_id=cast.plan_id, **by)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 40, counts


def test_counting_stops(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    three_drafts(cast, at)
    monkeypatch.setattr(queries, "MOST_COUNTED", 1)
    assert sum(queries.count_seen_only({f"P{cast.plan_officer.post_id}"}, 0, (), 0).values()) == 2


def test_it_is_shown_before_it_is_done(cast: Cast, at: datetime, enter: Enter) -> None:  # noqa: F811
    three_drafts(cast, at)
    browser = enter(cast.administrator)
    today = local_date(at)
    address = f"/administration/appointments/{holding(cast.plan_officer)}/end"
    sent = {"until": f"{today + timedelta(days=1):%d/%m/%Y}", "basis": ""}
    page = browser.post(address, sent).content.decode()
    assert "1 người thôi xem 3 văn bản" in page
    assert "3 dự thảo" in page
    assert Appointment.objects.get(pk=holding(cast.plan_officer)).until is None
    looked = page.split('name="foreseen" value="')[1].split('"')[0]
    other = sent | {"until": f"{today + timedelta(days=2):%d/%m/%Y}", "foreseen": looked}
    assert browser.post(address, other).status_code == 200  # other answers are looked at anew
    assert browser.post(address, sent | {"foreseen": looked}).status_code == 302
    assert Appointment.objects.get(pk=holding(cast.plan_officer)).until == today + timedelta(days=1)


def test_by_machine(cast: Cast, at: datetime, client: Client) -> None:
    three_past(cast, at)
    machine = Machine(client, cast.administrator)
    told = machine.post("/rights/look-ahead", {"change": "close_unit", "unit_id": cast.plan_id})
    assert (told["persons"], told["uncounted"]) == (2, 0)
    assert told["kinds"] == [{"gained": False, "agency_id": cast.agency_id, "box": "draft", "documents": 6}]
    assert house.get_unit(cast.plan_id).closed_on is None
    assert machine.post("/rights/look-ahead", {"change": "move_unit"}, 422)["code"] == "field_missing"
    asked = {"change": "close_unit", "unit_id": cast.plan_id}
    Machine(client, cast.plan_officer).post("/rights/look-ahead", asked, 404)
