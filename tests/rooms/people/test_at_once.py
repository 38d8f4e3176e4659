"""Two administrators at the same moment: one is served, the other is told why not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from antin.identifiers import operations as identifiers
from antin.people import operations, policy, queries
from antin.people.models import Appointment, Unit
from antin.refusal import Refusal
from tests.cast import TODAY, Cast

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Do all at the same moment, each on a connection of its own; return "" or the code of the refusal of each."""
    start = threading.Barrier(len(acts))
    told = [""] * len(acts)

    def do(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            acts[number]()
        except Refusal as no:
            told[number] = no.code
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_a_post_is_given_to_one(cast: Cast) -> None:
    post = operations.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=None, at=AT)
    people = [operations.add_person(name=f"Lê {n}", actor=None, at=AT).id for n in range(4)]

    def appoint(person_id: int) -> Callable[[], Any]:
        return lambda: operations.appoint(person_id=person_id, post_id=post.id, since=TODAY, actor=None, at=AT)

    assert sorted(at_once(*(appoint(person_id) for person_id in people))) == ["", "post_held", "post_held", "post_held"]
    assert Appointment.objects.filter(post=post).count() == 1


def test_a_code_is_issued_once(cast: Cast) -> None:
    def issue() -> Any:
        return identifiers.issue(value="G12.05", decision="", actor=None, at=AT)

    assert sorted(at_once(issue, issue, issue)) == ["", "code_spent", "code_spent"]


def test_no_part_opens_in_a_unit_that_closes(cast: Cast) -> None:
    def close() -> Any:
        return operations.close_unit(unit_id=cast.plan_id, actor=None, at=AT)

    def open_part() -> Any:
        return operations.open_unit(
            name="Tổ", short_name="Tổ", abbreviation="T", kind="section", parent_id=cast.plan_id, actor=None, at=AT
        )

    told = at_once(close, open_part)
    assert told in (["", policy.UnitClosed.code], [operations.UnitHasOpenParts.code, ""])
    open_parts = Unit.objects.filter(parent_id=cast.plan_id, closed_on__isnull=True).count()
    assert (queries.get_unit(cast.plan_id).closed_on is None) == (open_parts == 1)


def test_a_node_has_one_first_administrator(empty_node: None) -> None:
    def found(number: int) -> Callable[[], Any]:
        return lambda: operations.found(
            name="Tổng cục Y",
            short_name="Y",
            abbreviation="Y",
            kind="general_department",
            code=f"G11.8{number}",
            place_name="Hà Nội",
            administrator="Lê Đầu",
            user_name=f"quantri{number}",
            password="Mot-mat-khau-moi",
            at=AT,
        )

    assert sorted(at_once(found(0), found(1))) == ["", "node_not_empty"]
    assert Unit.objects.count() == 1
