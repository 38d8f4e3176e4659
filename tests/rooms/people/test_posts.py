"""Posts and who is in them: a post outlives its holder, one holder at a time, ends are exclusive."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from antin.journal.models import Record
from antin.people import operations, policy, queries
from antin.people.models import Appointment
from antin.refusal import NotAllowed, NotFound
from tests.cast import TODAY, Cast
from tests.unchanged import refusal

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TOMORROW = TODAY + timedelta(days=1)


def person(name: str = "Lê Mới") -> int:
    return operations.add_person(name=name, actor=None, at=AT).id


def appoint(person_id: int, post_id: int, **given: Any) -> Appointment:
    return operations.appoint(
        **({"person_id": person_id, "post_id": post_id, "since": TODAY, "actor": None, "at": AT} | given)
    )


def end(post_id: int, until: date, **given: Any) -> Appointment:
    running = queries.find_appointment(post_id, until - timedelta(days=1))
    assert running is not None
    return operations.end_appointment(
        **({"appointment_id": running.id, "until": until, "actor": None, "at": AT} | given)
    )


def test_a_post_outlives_its_holder(cast: Cast) -> None:
    post, old = cast.plan_head.post_id, cast.plan_head
    new = person()
    end(post, date(2026, 6, 1), at=datetime(2026, 5, 1, tzinfo=UTC))
    appoint(new, post, since=date(2026, 6, 10))
    holders = [
        queries.post_holder(post, day)
        for day in (date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 9), date(2026, 6, 10))
    ]
    assert [holder.id if holder else None for holder in holders] == [old.person_id, None, None, new]
    assert f"P{post}" in queries.get_actor(person_id=new, post_id=post, on=TODAY).holders
    with pytest.raises(queries.PostNotHeld):
        old.actor()


def test_the_end_of_an_appointment_is_the_first_day_without_it(cast: Cast) -> None:
    end(cast.plan_head.post_id, TOMORROW)
    assert cast.plan_head.actor(TODAY).post_title == "Trưởng phòng Kế hoạch"
    with pytest.raises(queries.PostNotHeld) as caught:
        cast.plan_head.actor(TOMORROW)
    assert caught.value.message == "Đồng chí không giữ chức vụ này trong ngày 24/11/2026."


def test_a_person_with_two_posts_acts_in_either_with_what_is_its_own(cast: Cast) -> None:
    post = operations.open_post(unit_id=cast.technique_id, title="Phụ trách", role="officer", actor=None, at=AT)
    appoint(cast.plan_head.person_id, post.id)
    held = queries.list_posts_held(cast.plan_head.person_id, TODAY)
    assert [(row.post_title, row.unit_name) for row in held] == [
        ("Trưởng phòng Kế hoạch", "Phòng Kế hoạch"),
        ("Phụ trách", "Phòng Kỹ thuật"),
    ]
    second = queries.get_actor(person_id=cast.plan_head.person_id, post_id=post.id, on=TODAY)
    assert second.holders == (f"P{post.id}", f"M{cast.plan_head.person_id}")


def test_a_post_is_held_by_one_at_a_time(cast: Cast) -> None:
    new = person()
    with refusal(operations.PostHeld) as caught:
        appoint(new, cast.plan_head.post_id)
    assert caught.value.message == "Chức vụ Trưởng phòng Kế hoạch đã có Hoàng Gia Đạt giữ trong thời gian này."
    end(cast.plan_head.post_id, TOMORROW)
    with refusal(operations.PostHeld):
        appoint(new, cast.plan_head.post_id)
    assert appoint(new, cast.plan_head.post_id, since=TOMORROW).post_id == cast.plan_head.post_id


def test_a_term_that_would_reach_into_the_next_is_refused(cast: Cast) -> None:
    post = operations.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=None, at=AT).id
    appoint(person("A"), post, since=TODAY + timedelta(days=10))
    with refusal(operations.PostHeld):
        appoint(person_id := cast.plan_head.person_id, post)
    with refusal(operations.PostHeld):
        appoint(person_id, post, until=TODAY + timedelta(days=11))
    assert appoint(person_id, post, until=TODAY + timedelta(days=10)).until == TODAY + timedelta(days=10)


def test_the_database_itself_keeps_one_holder_at_a_time(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(person_id=cast.clerk.person_id, post_id=cast.plan_head.post_id, since=TODAY)


def test_who_cannot_be_appointed_is_not(cast: Cast) -> None:
    post = operations.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=None, at=AT)
    new = person()
    with refusal(NotFound):
        appoint(10**9, post.id)
    with refusal(NotFound):
        appoint(new, 10**9)
    with refusal(operations.EndBeforeStart) as caught:
        appoint(new, post.id, until=TODAY)
    assert caught.value.message == "Ngày kết thúc phải sau ngày bắt đầu 23/11/2026."
    with refusal(policy.NotOpenYet):
        appoint(new, post.id, since=TODAY - timedelta(days=1))
    operations.let_go(person_id=new, basis="1/QĐ", actor=None, at=AT)
    with refusal(operations.PersonLeft):
        appoint(new, post.id)
    operations.close_post(post_id=post.id, actor=None, at=AT)
    with refusal(policy.PostClosed):
        appoint(cast.clerk.person_id, post.id)


def test_only_the_administrator_of_the_house_appoints_and_never_himself(cast: Cast) -> None:
    post = operations.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=None, at=AT)
    for member in (cast.head, cast.clerk, cast.recipient_head):
        with refusal(NotAllowed):
            appoint(cast.clerk.person_id, post.id, actor=member.actor())
    with refusal(operations.NotToOneself):
        appoint(cast.administrator.person_id, post.id, actor=cast.administrator.actor())
    appointment = appoint(cast.clerk.person_id, post.id, actor=cast.administrator.actor())
    with refusal(NotAllowed):
        operations.end_appointment(appointment_id=appointment.id, until=TOMORROW, actor=cast.head.actor(), at=AT)


def test_what_is_over_cannot_end_again(cast: Cast) -> None:
    with refusal(NotFound):
        operations.end_appointment(appointment_id=10**9, until=TOMORROW, actor=None, at=AT)
    running = queries.find_appointment(cast.plan_head.post_id, TODAY)
    assert running is not None
    with refusal(operations.EndBeforeStart):
        operations.end_appointment(appointment_id=running.id, until=date(2026, 1, 1), actor=None, at=AT)
    with refusal(operations.EndInThePast):
        operations.end_appointment(appointment_id=running.id, until=TODAY - timedelta(days=1), actor=None, at=AT)
    ended = end(cast.plan_head.post_id, TODAY)
    with refusal(operations.AlreadyEnded) as caught:
        operations.end_appointment(appointment_id=ended.id, until=TOMORROW, actor=None, at=AT)
    assert caught.value.message == "Đã kết thúc từ ngày 23/11/2026."


def test_a_unit_has_one_head(cast: Cast) -> None:
    with refusal(operations.HeadExists):
        operations.open_post(unit_id=cast.plan_id, title="Trưởng phòng", role="head", actor=None, at=AT)


@pytest.mark.parametrize("title", ["", " ", "x" * 201])
def test_a_post_has_a_title(cast: Cast, title: str) -> None:
    with refusal(operations.PostNeedsTitle):
        operations.open_post(unit_id=cast.plan_id, title=title, role="officer", actor=None, at=AT)


def test_a_post_is_opened_by_the_administrator_in_an_open_unit(cast: Cast) -> None:
    with refusal(NotAllowed):
        operations.open_post(unit_id=cast.plan_id, title="x", role="officer", actor=cast.plan_head.actor(), at=AT)
    with refusal(NotFound):
        operations.open_post(unit_id=10**9, title="x", role="officer", actor=None, at=AT)
    operations.close_unit(unit_id=cast.plan_id, actor=None, at=AT)
    with refusal(policy.UnitClosed):
        operations.open_post(unit_id=cast.plan_id, title="x", role="officer", actor=None, at=AT)


def test_only_a_vacant_post_closes(cast: Cast) -> None:
    post = cast.plan_officer.post_id
    with refusal(operations.PostStillHeld) as caught:
        operations.close_post(post_id=post, actor=None, at=AT)
    assert caught.value.message == "Chưa bỏ được chức vụ Trợ lý kế hoạch: Bùi Ngọc Giang còn giữ."
    end(post, TODAY)
    with refusal(NotAllowed):
        operations.close_post(post_id=post, actor=cast.plan_head.actor(), at=AT)
    operations.close_post(post_id=post, actor=cast.administrator.actor(), at=AT)
    with refusal(policy.PostClosed):
        operations.close_post(post_id=post, actor=None, at=AT)
    assert post not in [row.id for row in queries.list_posts(cast.agency_id, TODAY)]
    assert post in [row.id for row in queries.list_posts(cast.agency_id, TODAY - timedelta(days=1))]


def test_posts_are_listed_by_unit_and_order_with_vacant_ones(cast: Cast) -> None:
    end(cast.deputy.post_id, TODAY)
    rows = queries.list_posts(cast.agency_id, TODAY)
    assert [(row.title, row.person_name) for row in rows[:4]] == [
        ("Tổng cục trưởng", "Nguyễn Văn An"),
        ("Phó Tổng cục trưởng", ""),
        ("Chánh Văn phòng", "Lê Thị Chi"),
        ("Phó Chánh Văn phòng", "Đỗ Minh Châu"),
    ]
    clerks = queries.find_posts_with_role(agency_id=cast.agency_id, role="clerk", on=TODAY)
    assert [row.id for row in clerks] == [cast.clerk.post_id, cast.seal_keeper.post_id]
    assert [row.id for row in queries.list_seal_keepers(cast.agency_id, TODAY)] == [cast.seal_keeper.post_id]
    assert queries.get_head_post(cast.plan_id, TODAY).id == cast.plan_head.post_id


def test_actor_and_posts_cost_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        cast.head.actor()
    with django_assert_num_queries(2):
        queries.list_posts(cast.agency_id, TODAY)


def test_holders_are_named_for_a_screen(cast: Cast) -> None:
    end(cast.deputy.post_id, TODAY)
    tokens = [
        f"P{cast.clerk.post_id}",
        f"P{cast.deputy.post_id}",
        f"U{cast.plan_id}",
        f"R{cast.agency_id}",
        f"M{cast.head.person_id}",
        "P999999999",
    ]
    assert queries.name_holders(tokens, TODAY) == {
        f"P{cast.clerk.post_id}": "Phạm Thu Dung, Nhân viên văn thư, Văn phòng",
        f"P{cast.deputy.post_id}": "Phó Tổng cục trưởng, Tổng cục Z",
        f"U{cast.plan_id}": "Phòng Kế hoạch",
        f"R{cast.agency_id}": "Văn thư Tổng cục Z",
        f"M{cast.head.person_id}": "Nguyễn Văn An",
    }


def substitute(cast: Cast, **given: Any) -> int:
    facts = {
        "principal_id": cast.plan_head.post_id,
        "substitute_id": cast.technique_head.post_id,
        "since": TODAY,
        "until": TODAY + timedelta(days=5),
        "basis": "Giấy nghỉ phép 4/GNP",
        "actor": None,
        "at": AT,
    }
    return operations.substitute(**(facts | given)).id


def test_a_substitute_sees_and_acts_for_the_one_away_until_the_day(cast: Cast) -> None:
    substitute(cast)
    me = cast.technique_head
    assert f"P{cast.plan_head.post_id}" in me.actor().holders
    assert me.actor().on_behalf == ""
    stand_in = queries.get_actor(person_id=me.person_id, post_id=cast.plan_head.post_id, on=TODAY)
    assert stand_in.on_behalf == "Trưởng phòng Kế hoạch Hoàng Gia Đạt"
    assert (stand_in.person_id, stand_in.unit_id, stand_in.role) == (me.person_id, cast.plan_id, "head")
    assert stand_in.holders == (f"P{cast.plan_head.post_id}", f"M{me.person_id}", f"U{cast.plan_id}")
    held = queries.list_posts_held(me.person_id, TODAY)
    assert [(row.post_id, row.on_behalf) for row in held] == [
        (me.post_id, ""),
        (cast.plan_head.post_id, "Trưởng phòng Kế hoạch Hoàng Gia Đạt"),
    ]
    over = TODAY + timedelta(days=5)
    assert f"P{cast.plan_head.post_id}" not in me.actor(over).holders
    with pytest.raises(queries.PostNotHeld):
        queries.get_actor(person_id=me.person_id, post_id=cast.plan_head.post_id, on=over)


def test_a_substitute_may_not_hand_the_work_on(cast: Cast) -> None:
    substitute(cast)
    stand_in = queries.get_actor(person_id=cast.technique_head.person_id, post_id=cast.plan_head.post_id, on=TODAY)
    with refusal(NotAllowed):
        substitute(cast, substitute_id=cast.clerk.post_id, actor=stand_in)
    substitute(cast, principal_id=cast.technique_head.post_id, substitute_id=cast.clerk.post_id)
    with pytest.raises(queries.PostNotHeld):
        queries.get_actor(person_id=cast.clerk.person_id, post_id=cast.plan_head.post_id, on=TODAY)


def test_the_one_away_may_ask_for_a_substitute_himself_and_end_it(cast: Cast) -> None:
    me = cast.plan_head.actor()
    found = substitute(cast, actor=me)
    assert [row.state for row in queries.list_substitutions(agency_id=cast.agency_id, on=TODAY)] == ["in_force"]
    operations.end_substitution(substitution_id=found, actor=me, at=AT)
    assert [row.state for row in queries.list_substitutions(agency_id=cast.agency_id, on=TODAY)] == ["revoked"]
    assert f"P{me.post_id}" not in cast.technique_head.actor().holders
    with refusal(operations.AlreadyEnded):
        operations.end_substitution(substitution_id=found, actor=me, at=AT)


def test_what_is_no_substitution_is_refused(cast: Cast) -> None:
    with refusal(NotAllowed):
        substitute(cast, actor=cast.head.actor())
    with refusal(NotFound):
        substitute(cast, principal_id=10**9)
    for other in (cast.plan_head.post_id, cast.recipient_works_head.post_id):
        with refusal(operations.SubstituteElsewhere):
            substitute(cast, substitute_id=other)
    with refusal(operations.EndBeforeStart):
        substitute(cast, until=TODAY)
    with refusal(operations.NeedsBasis):
        substitute(cast, basis=" ")
    with refusal(NotFound):
        operations.end_substitution(substitution_id=10**9, actor=None, at=AT)
    end(cast.plan_officer.post_id, TODAY)
    operations.close_post(post_id=cast.plan_officer.post_id, actor=None, at=AT)
    with refusal(policy.PostClosed):
        substitute(cast, substitute_id=cast.plan_officer.post_id)


def test_every_act_is_recorded(cast: Cast) -> None:
    admin = cast.administrator.actor()
    post = operations.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=admin, at=AT)
    appointed = appoint(cast.clerk.person_id, post.id, actor=admin, basis="3/QĐ")
    operations.end_appointment(appointment_id=appointed.id, until=TOMORROW, actor=admin, at=AT)
    operations.end_substitution(substitution_id=substitute(cast, actor=admin), actor=admin, at=AT)
    events = list(Record.objects.order_by("id").values_list("event", flat=True))
    assert events == [
        "post.opened",
        "person.appointed",
        "person.appointment_ended",
        "post.substituted",
        "post.substitution_ended",
    ]
    assert Record.objects.get(event="person.appointed").facts["basis"] == "3/QĐ"
