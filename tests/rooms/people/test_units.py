"""The tree of units: opening, naming, moving, closing, reading."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from antin.identifiers import codes
from antin.identifiers import operations as identifiers
from antin.identifiers.queries import resolve
from antin.journal.models import Record
from antin.people import operations, policy, queries
from antin.people.models import Appointment, FormerName, Unit
from antin.refusal import NotAllowed, NotFound
from tests.cast import TODAY, Cast
from tests.unchanged import refusal

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def open_unit(parent_id: int | None, **given: Any) -> Unit:
    facts = {
        "name": "Phòng Mới",
        "short_name": "Mới",
        "abbreviation": "M",
        "kind": "division",
        "actor": None,
        "at": AT,
    } | given
    return operations.open_unit(parent_id=parent_id, **facts)


def test_a_part_belongs_to_the_agency_of_its_parent(cast: Cast) -> None:
    unit = open_unit(cast.recipient_works_id)
    assert (unit.agency_id, unit.is_agency, unit.code, unit.opened_on) == (cast.recipient_id, False, None, TODAY)
    assert unit.path == f"/{cast.agency_id}/{cast.recipient_id}/{cast.recipient_works_id}/{unit.id}/"
    assert (unit.parent_name, unit.place_name) == ("Ban Nghiệp vụ", "Đà Nẵng")


def test_an_agency_is_its_own_agency_and_has_a_code(cast: Cast) -> None:
    unit = open_unit(cast.agency_id, code="G11.90.77", decision="7/QĐ")
    assert (unit.agency_id, unit.is_agency) == (unit.id, True)
    assert resolve("000.77.90.G11").value == "G11.90.77"
    found = queries.find_agency_by_code("G11.90.77")
    assert found is not None
    assert found.id == unit.id


def test_the_day_begins_at_midnight_in_vietnam(cast: Cast) -> None:
    assert open_unit(cast.agency_id, at=datetime(2026, 11, 22, 16, 59, tzinfo=UTC)).opened_on == date(2026, 11, 22)
    assert open_unit(cast.plan_id, at=datetime(2026, 11, 22, 17, 0, tzinfo=UTC)).opened_on == date(2026, 11, 23)


def test_a_decomposed_name_is_kept_composed_and_found_either_way(cast: Cast) -> None:
    unit = open_unit(
        cast.agency_id,
        name=unicodedata.normalize("NFD", "Phòng  Huấn luyện "),
        short_name="Huấn luyện",
        abbreviation="HL",
    )
    assert unit.name == "Phòng Huấn luyện"
    for words in ("huấn luyện", unicodedata.normalize("NFD", "HUẤN LUYỆN"), "huan luyen", "luyen huan"):
        assert [row.id for row in queries.list_tree(on=TODAY, words=words)] == [unit.id]


@pytest.mark.parametrize("field", ["name", "short_name", "abbreviation"])
@pytest.mark.parametrize("value", ["", " \u200b ", "x" * 301])
def test_a_unit_needs_its_names(cast: Cast, field: str, value: str) -> None:
    with refusal(operations.UnitNeedsName):
        open_unit(cast.agency_id, **{field: value})


def test_open_siblings_have_different_names(cast: Cast) -> None:
    with refusal(operations.UnitNameTaken):
        open_unit(cast.agency_id, name="Phòng Kế hoạch")
    assert open_unit(cast.recipient_id, name="Phòng Kế hoạch").name == "Phòng Kế hoạch"


def test_a_root_is_an_agency(cast: Cast) -> None:
    with refusal(operations.AgencyNeedsCode):
        open_unit(None)


def test_no_agency_stands_inside_a_part(cast: Cast) -> None:
    with refusal(operations.AgencyInsidePart):
        open_unit(cast.plan_id, code="G11.90.77")


@pytest.mark.parametrize("code", ["G11.91.01", "G11.9", "G11.900", "G12"])
def test_the_code_of_an_agency_lies_below_its_parents(cast: Cast, code: str) -> None:
    with refusal(operations.CodeOutsideParent):
        open_unit(cast.agency_id, code=code)


def test_a_bad_or_spent_code_opens_nothing(cast: Cast) -> None:
    with refusal(codes.BadCode):
        open_unit(cast.agency_id, code="G11.90.a")
    with refusal(identifiers.CodeSpent):
        open_unit(cast.agency_id, code="G11.90.21")


def test_nothing_opens_below_what_does_not_exist_or_is_closed(cast: Cast) -> None:
    with refusal(NotFound):
        open_unit(10**9)
    operations.close_unit(unit_id=cast.recipient_study_id, actor=None, at=AT)
    with refusal(policy.UnitClosed) as caught:
        open_unit(cast.recipient_study_id)
    assert caught.value.message == "Ban Nghiên cứu đã giải thể từ ngày 23/11/2026."
    with refusal(policy.NotOpenYet):
        open_unit(cast.plan_id, opened_on=date(2025, 12, 31))


def test_an_administrator_rules_his_house_and_below_but_not_above(cast: Cast) -> None:
    above = cast.administrator.actor()
    below_post = operations.open_post(
        unit_id=cast.recipient_works_id, title="Quản trị viên", role="administrator", actor=above, at=AT
    )
    person = operations.add_person(name="Lê Trị", actor=above, at=AT)
    operations.appoint(person_id=person.id, post_id=below_post.id, since=TODAY, actor=above, at=AT)
    below = queries.get_actor(person_id=person.id, post_id=below_post.id, on=TODAY)
    assert open_unit(cast.recipient_id, actor=below).parent_id == cast.recipient_id
    assert open_unit(cast.recipient_study_id, actor=above).parent_id == cast.recipient_study_id
    with refusal(policy.NotYourHouse):
        open_unit(cast.agency_id, actor=below)
    with refusal(policy.NotYourHouse):
        operations.rename_unit(unit_id=cast.plan_id, name="x", short_name="x", abbreviation="x", actor=below, at=AT)
    with refusal(NotAllowed):
        open_unit(None, code="G12", actor=above)


@pytest.mark.parametrize("role", ["head", "deputy", "clerk", "plan_officer"])
def test_nobody_else_changes_the_tree(cast: Cast, role: str) -> None:
    actor = getattr(cast, role).actor()
    with refusal(NotAllowed):
        open_unit(cast.plan_id, actor=actor)
    with refusal(NotAllowed):
        operations.close_unit(unit_id=cast.plan_id, actor=actor, at=AT)
    with refusal(NotAllowed):
        operations.move_unit(unit_id=cast.plan_id, parent_id=cast.office_id, actor=actor, at=AT)
    with refusal(NotAllowed):
        operations.describe_unit(
            unit_id=cast.plan_id, place_name="x", address="", parent_name="", collective="", actor=actor, at=AT
        )


def test_a_renamed_unit_is_known_by_the_name_of_the_day(cast: Cast) -> None:
    operations.rename_unit(
        unit_id=cast.plan_id, name="Phòng Tổng hợp", short_name="Tổng hợp", abbreviation="TH", actor=None, at=AT
    )
    later = AT + timedelta(days=10)
    operations.rename_unit(
        unit_id=cast.plan_id, name="Phòng Điều phối", short_name="Điều phối", abbreviation="ĐP", actor=None, at=later
    )
    called = [
        queries.get_unit_as_of(cast.plan_id, TODAY + timedelta(days=days)).abbreviation
        for days in (-300, -1, 0, 9, 10, 99)
    ]
    assert called == ["KH", "KH", "TH", "TH", "ĐP", "ĐP"]
    assert [row.name for row in queries.list_tree(on=TODAY, words="dieu phoi")] == ["Phòng Điều phối"]
    assert queries.list_tree(on=TODAY, words="ke hoach") == []


def test_a_renaming_is_refused_like_an_opening(cast: Cast) -> None:
    def rename(name: str) -> None:
        operations.rename_unit(unit_id=cast.plan_id, name=name, short_name="x", abbreviation="x", actor=None, at=AT)

    with refusal(operations.UnitNameTaken):
        rename("Phòng Kỹ thuật")
    with refusal(operations.UnitNeedsName):
        rename("")
    close(cast.plan_id)
    with refusal(policy.UnitClosed):
        rename("Phòng Tổng hợp")


def close(unit_id: int, **given: Any) -> Unit:
    return operations.close_unit(unit_id=unit_id, actor=None, at=AT, **given)


def test_a_letterhead_is_described(cast: Cast) -> None:
    unit = operations.describe_unit(
        unit_id=cast.recipient_id,
        place_name="Huế",
        address="Số 2",
        parent_name="TỔNG CỤC Z",
        collective="Hội đồng",
        actor=cast.administrator.actor(),
        at=AT,
    )
    unit.refresh_from_db()
    assert (unit.place_name, unit.address, unit.parent_name, unit.collective) == (
        "Huế",
        "Số 2",
        "TỔNG CỤC Z",
        "Hội đồng",
    )


def test_a_part_moves_with_everything_below_it_to_another_agency(cast: Cast) -> None:
    inner = open_unit(cast.plan_id)
    operations.move_unit(unit_id=cast.plan_id, parent_id=cast.recipient_id, decision="8/QĐ", actor=None, at=AT)
    moved, inside = queries.get_unit(cast.plan_id), queries.get_unit(inner.id)
    assert (moved.agency_id, inside.agency_id) == (cast.recipient_id, cast.recipient_id)
    assert inside.path == f"/{cast.agency_id}/{cast.recipient_id}/{cast.plan_id}/{inner.id}/"
    assert queries.get_unit_as_of(cast.plan_id, TODAY - timedelta(days=1)).parent_id == cast.agency_id
    assert cast.plan_officer.actor().agency_id == cast.recipient_id


def test_an_agency_moves_with_its_parts_and_takes_a_code_of_the_new_place(cast: Cast) -> None:
    host = open_unit(cast.agency_id, name="Cục A1", code="G11.90.01")
    with refusal(operations.AgencyNeedsCode):
        operations.move_unit(unit_id=cast.recipient_id, parent_id=host.id, actor=None, at=AT)
    with refusal(operations.CodeOutsideParent):
        operations.move_unit(unit_id=cast.recipient_id, parent_id=host.id, code="G11.90.02", actor=None, at=AT)
    operations.move_unit(
        unit_id=cast.recipient_id, parent_id=host.id, code="G11.90.01.21", decision="8/QĐ", actor=None, at=AT
    )
    part = queries.get_unit(cast.recipient_works_id)
    assert part.agency_id == cast.recipient_id
    assert part.path == f"/{cast.agency_id}/{host.id}/{cast.recipient_id}/{part.id}/"
    assert (resolve("000.21.90.G11").current, resolve("G11.90.21").status) == ("G11.90.01.21", "merged")
    assert queries.list_tree(on=TODAY, words="g11.90.01.21")[0].id == cast.recipient_id


def test_what_cannot_move_stays(cast: Cast) -> None:
    def move(unit_id: int, parent_id: int, code: str = "") -> None:
        operations.move_unit(unit_id=unit_id, parent_id=parent_id, code=code, actor=None, at=AT)

    with refusal(operations.UnitIntoItself):
        move(cast.recipient_id, cast.recipient_works_id)
    with refusal(operations.UnitIntoItself):
        move(cast.plan_id, cast.plan_id)
    with refusal(operations.AgencyInsidePart):
        move(cast.recipient_id, cast.plan_id)
    with refusal(operations.PartHasNoCode):
        move(cast.plan_id, cast.recipient_id, "G11.90.21.01")
    with refusal(NotFound):
        move(cast.plan_id, 10**9)
    open_unit(cast.recipient_id, name="Phòng Kế hoạch")
    with refusal(operations.UnitNameTaken):
        move(cast.plan_id, cast.recipient_id)
    close(cast.technique_id)
    with refusal(policy.UnitClosed):
        move(cast.plan_id, cast.technique_id)
    with refusal(policy.UnitClosed):
        move(cast.technique_id, cast.recipient_id)


def test_closing_a_unit_closes_its_posts_and_ends_who_is_in_them(cast: Cast) -> None:
    post = operations.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=None, at=AT)
    someone = operations.add_person(name="Lê Mới", actor=None, at=AT)
    operations.appoint(person_id=someone.id, post_id=post.id, since=TODAY, actor=None, at=AT)
    close(cast.plan_id, decision="9/QĐ")
    assert queries.list_posts(cast.agency_id, TODAY, unit_id=cast.plan_id) == []
    ends = (
        Appointment.objects.filter(post__unit_id=cast.plan_id).order_by("since", "id").values_list("until", flat=True)
    )
    assert list(ends) == [TODAY, TODAY, TODAY + timedelta(days=1)]
    with pytest.raises(queries.PostNotHeld):
        cast.plan_head.actor()
    assert cast.plan_head.actor(TODAY - timedelta(days=1)).unit_name == "Phòng Kế hoạch"


def test_a_closed_agency_leaves_its_code_to_its_successor(cast: Cast) -> None:
    for part in (cast.recipient_works_id, cast.recipient_study_id):
        close(part)
    heir = open_unit(cast.agency_id, name="Trung tâm B2", code="G11.90.22")
    close(cast.recipient_id, successor_id=heir.id, decision="9/QĐ")
    found = resolve("G11.90.21")
    assert (found.status, found.current, found.closing_decision) == ("merged", "G11.90.22", "9/QĐ")
    assert queries.find_agency_by_code("G11.90.21") is None
    assert queries.get_unit(cast.recipient_id).successor_id == heir.id
    assert cast.recipient_id not in [agency.id for agency in queries.list_agencies(TODAY)]
    assert cast.recipient_id in [agency.id for agency in queries.list_agencies(TODAY - timedelta(days=1))]


def test_a_closed_agency_without_a_successor_closes_its_code(cast: Cast) -> None:
    for part in (cast.recipient_works_id, cast.recipient_study_id, cast.recipient_id):
        close(part)
    assert (resolve("G11.90.21").status, resolve("G11.90.21").current) == ("closed", "G11.90.21")


def test_what_cannot_close_stays_open(cast: Cast) -> None:
    with refusal(operations.UnitHasOpenParts) as caught:
        close(cast.recipient_id)
    assert caught.value.message == "Chưa giải thể được Trung tâm B1: Ban Nghiệp vụ trực thuộc còn hoạt động."
    for part in (cast.recipient_works_id, cast.recipient_study_id):
        close(part)
    for successor in (cast.recipient_id, cast.plan_id, cast.recipient_works_id):
        with refusal(operations.BadSuccessor):
            close(cast.recipient_id, successor_id=successor)
    close(cast.recipient_id)
    with refusal(policy.UnitClosed):
        close(cast.recipient_id)
    with refusal(NotFound):
        close(10**9)


def test_the_tree_is_drawn_each_after_its_parent_in_order(cast: Cast) -> None:
    rows = queries.list_tree(on=TODAY)
    assert [(row.depth, row.name) for row in rows] == [
        (0, "Tổng cục Z"),
        (1, "Văn phòng"),
        (1, "Phòng Kế hoạch"),
        (1, "Phòng Kỹ thuật"),
        (1, "Trung tâm B1"),
        (2, "Ban Nghiệp vụ"),
        (2, "Ban Nghiên cứu"),
    ]
    assert [(row.code, row.is_agency) for row in rows if row.is_agency] == [("G11.90", True), ("G11.90.21", True)]
    below = queries.list_tree(on=TODAY, below=queries.get_unit(cast.recipient_id))
    assert [row.name for row in below] == ["Trung tâm B1", "Ban Nghiệp vụ", "Ban Nghiên cứu"]
    assert [row.name for row in queries.list_tree(on=TODAY, agencies_only=True)] == ["Tổng cục Z", "Trung tâm B1"]


def test_closed_units_are_in_the_tree_only_when_asked_for(cast: Cast) -> None:
    close(cast.plan_id)
    assert "Phòng Kế hoạch" not in [row.name for row in queries.list_tree(on=TODAY)]
    shown = {row.name: row.open for row in queries.list_tree(on=TODAY, with_closed=True)}
    assert (shown["Phòng Kế hoạch"], shown["Phòng Kỹ thuật"]) == (False, True)


def test_a_subtree_takes_in_no_neighbour_whose_number_begins_alike(cast: Cast) -> None:
    unit = queries.get_unit(cast.plan_id)
    Unit.objects.filter(id=cast.technique_id).update(path=unit.path[:-1] + "0/")
    assert [found.id for found in queries.subtree(unit)] == [cast.plan_id]


def test_departments_are_the_parts_of_one_agency(cast: Cast) -> None:
    assert [unit.name for unit in queries.list_departments(cast.recipient_id, TODAY)] == [
        "Ban Nghiệp vụ",
        "Ban Nghiên cứu",
    ]


def test_a_tree_costs_two_queries_at_most(cast: Cast, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(2):
        queries.list_tree(on=TODAY, words="z")


def test_every_act_is_recorded_in_its_agency(cast: Cast) -> None:
    actor = cast.administrator.actor()
    unit = open_unit(cast.recipient_id, actor=actor)
    operations.rename_unit(unit_id=unit.id, name="A", short_name="A", abbreviation="A", actor=actor, at=AT)
    operations.describe_unit(
        unit_id=unit.id, place_name="", address="", parent_name="", collective="", actor=actor, at=AT
    )
    operations.move_unit(unit_id=unit.id, parent_id=cast.recipient_works_id, actor=actor, at=AT)
    operations.close_unit(unit_id=unit.id, actor=actor, at=AT)
    recorded = Record.objects.filter(subject_kind="unit", subject_id=unit.id).order_by("id")
    assert [record.event for record in recorded] == [
        "unit.opened",
        "unit.renamed",
        "unit.described",
        "unit.moved",
        "unit.closed",
    ]
    assert {(record.agency_id, record.person_id) for record in recorded} == {(cast.recipient_id, actor.person_id)}
    assert FormerName.objects.filter(unit=unit).count() == 2
