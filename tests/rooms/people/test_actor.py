"""Who acts: holders, posts held, dates."""

from datetime import date

import pytest

from antin.people import queries
from tests.cast import TODAY, Cast


def test_a_clerk_holds_his_post_his_person_and_the_registry_office(cast: Cast) -> None:
    actor = cast.clerk.actor()
    assert actor.holders == (f"P{cast.clerk.post_id}", f"M{cast.clerk.person_id}", f"R{cast.agency_id}")
    assert (actor.agency_id, actor.unit_id, actor.role, actor.keeps_seal) == (
        cast.agency_id,
        cast.office_id,
        "clerk",
        False,
    )


def test_the_head_of_an_agency_holds_it_and_sees_its_registry_office(cast: Cast) -> None:
    assert cast.head.actor().holders == (
        f"P{cast.head.post_id}",
        f"M{cast.head.person_id}",
        f"U{cast.agency_id}",
        f"R{cast.agency_id}",
    )


def test_the_head_of_a_part_holds_his_unit_only(cast: Cast) -> None:
    actor = cast.plan_head.actor()
    assert actor.holders == (f"P{cast.plan_head.post_id}", f"M{cast.plan_head.person_id}", f"U{cast.plan_id}")


def test_nobody_acts_in_a_post_before_his_day(cast: Cast) -> None:
    with pytest.raises(queries.PostNotHeld):
        cast.head.actor(date(2025, 12, 31))
    assert cast.head.actor(date(2026, 1, 1)).post_title == "Tổng cục trưởng"


def test_nobody_acts_in_another_mans_post(cast: Cast) -> None:
    with pytest.raises(queries.PostNotHeld):
        queries.get_actor(person_id=cast.clerk.person_id, post_id=cast.head.post_id, on=TODAY)
