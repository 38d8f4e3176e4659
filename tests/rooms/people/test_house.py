"""What an administrator sees: his house and those who wait for a post; others see nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from antin.people import operations, queries
from antin.people.actor import Actor
from antin.refusal import NotFound
from tests.cast import TODAY, Cast
from tests.rooms.people.test_account import administrator_of_b1

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def names(actor: Actor, **asked: object) -> list[str]:
    return [row.person.name for row in queries.list_persons_for(actor, on=TODAY, **asked).rows]  # type: ignore[arg-type]


def test_the_administrator_of_a_part_sees_his_part_and_those_without_a_post(cast: Cast) -> None:
    part = administrator_of_b1(cast).actor()
    waiting = operations.add_person(name="Lê Chờ", actor=None, at=AT)
    mine = {
        "Vũ Trọng Khánh",
        "Hồ Thị Lan",
        "Mai Thị Linh",
        "Phan Văn Long",
        "Cao Xuân Mai",
        "Tạ Hữu Nam",
        "Đinh Thế Oanh",
    }
    assert set(names(part)) == mine | {"Trịnh Quản", "Lê Chờ"}
    assert names(part, without_post=True) == ["Lê Chờ"]
    assert queries.get_person_for(part, waiting.id) == waiting
    assert queries.get_unit_for(part, cast.recipient_study_id).name == "Ban Nghiên cứu"
    for get, thing in (
        (queries.get_person_for, cast.head.person_id),
        (queries.get_unit_for, cast.agency_id),
        (queries.get_unit_for, cast.plan_id),
        (queries.get_post_for, cast.head.post_id),
        (queries.get_appointment_for, appointment_of(cast.head.post_id)),
    ):
        with pytest.raises(NotFound):
            get(part, thing)
        get(cast.administrator.actor(), thing)


def appointment_of(post_id: int) -> int:
    found = queries.find_appointment(post_id, TODAY)
    assert found is not None
    return found.id


def test_who_administers_nothing_sees_nothing(cast: Cast) -> None:
    head = cast.head.actor()
    assert names(head) == []
    assert queries.list_vacant_posts(head, TODAY) == []
    for get, thing in (
        (queries.get_person_for, cast.clerk.person_id),
        (queries.get_unit_for, cast.agency_id),
        (queries.get_post_for, cast.clerk.post_id),
        (queries.get_appointment_for, appointment_of(cast.clerk.post_id)),
    ):
        with pytest.raises(NotFound):
            get(head, thing)


def test_somebody_who_left_the_house_stays_its_own(cast: Cast) -> None:
    part = administrator_of_b1(cast).actor()
    operations.let_go(person_id=cast.recipient_clerk.person_id, basis="1/QĐ", actor=part, at=AT)
    assert names(part, statuses=("left",)) == ["Mai Thị Linh"]
    with pytest.raises(NotFound):
        queries.get_appointment_for(part, appointment_of(cast.clerk.post_id))


def test_the_list_goes_on_where_it_stopped_and_is_searched_with_or_without_accents(cast: Cast) -> None:
    actor = cast.administrator.actor()
    whole = names(actor)
    found: list[str] = []
    after: int | None = None
    while True:
        page = queries.list_persons_for(actor, on=TODAY, after=after, limit=4)
        found += [row.person.name for row in page.rows]
        after = page.next
        if after is None:
            break
    assert found == whole
    assert whole[:3] == ["Nguyễn Văn An", "Trần Đức Bình", "Đỗ Minh Châu"]
    assert names(actor, words="dung thu") == names(actor, words="THU DUNG") == ["Phạm Thu Dung"]
    assert names(actor, words="vanthu.b1") == ["Mai Thị Linh"]
    assert names(actor, words="%_'") == []
    assert names(actor, after=10**9) == whole


def test_a_unit_is_told_with_its_head_and_how_many_posts_are_filled(cast: Cast) -> None:
    operations.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=None, at=AT)
    figures = queries.list_figures([cast.plan_id, cast.office_id], TODAY)
    assert figures[cast.plan_id] == queries.UnitFigures("Hoàng Gia Đạt", "Trưởng phòng Kế hoạch", 3, 2)
    assert figures[cast.office_id].filled == 5


def test_seats_tell_who_holds_and_who_will(cast: Cast) -> None:
    running = queries.find_appointment(cast.plan_head.post_id, TODAY)
    assert running is not None
    leaves = TODAY.replace(day=30)
    operations.end_appointment(appointment_id=running.id, until=leaves, actor=None, at=AT)
    operations.appoint(
        person_id=cast.plan_officer.person_id, post_id=cast.plan_head.post_id, since=leaves, actor=None, at=AT
    )
    first = next(seat for seat in queries.list_seats(cast.plan_id, TODAY) if seat.post.id == cast.plan_head.post_id)
    assert first.appointment is not None and first.coming is not None
    assert (first.appointment.person.name, first.coming.person.name) == ("Hoàng Gia Đạt", "Bùi Ngọc Giang")
    assert [each.person.name for each in queries.list_holders_of(cast.plan_head.post_id)] == [
        "Bùi Ngọc Giang",
        "Hoàng Gia Đạt",
    ]


def test_readiness_names_the_first_who_is_there(cast: Cast) -> None:
    ready = queries.list_readiness([cast.agency_id, cast.recipient_id, 10**9], TODAY)
    assert ready[cast.agency_id].head == (cast.head.post_id, cast.head.person_id, "Nguyễn Văn An, Tổng cục trưởng")
    assert ready[cast.agency_id].seal_keeper == (
        cast.seal_keeper.post_id,
        cast.seal_keeper.person_id,
        "Võ Thị Dấu, Nhân viên giữ dấu",
    )
    assert ready[10**9] == queries.AgencyReadiness(None, None, None)


def test_only_vacant_posts_of_the_house_are_offered(cast: Cast) -> None:
    part = administrator_of_b1(cast).actor()
    assert queries.list_vacant_posts(part, TODAY) == []
    post = operations.open_post(unit_id=cast.recipient_works_id, title="Trợ lý", role="officer", actor=None, at=AT)
    operations.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=None, at=AT)
    assert queries.list_vacant_posts(part, TODAY) == [post]
