"""Persons: taken in, listed, cleared, let go; and the order of Vietnamese names."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antin.journal.models import Record
from antin.people import names, operations, passwords, policy, queries, states
from antin.people.models import Appointment, Person
from antin.refusal import NotAllowed, NotFound
from tests.cast import PASSWORD, TODAY, Cast
from tests.unchanged import refusal

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def add(**facts: Any) -> Person:
    return operations.add_person(**({"name": "Lê Mới", "actor": None, "at": AT} | facts))


def clear(person_id: int, **facts: Any) -> Person:
    given = {"level": "mat", "until": TODAY + timedelta(days=9), "basis": "1/QĐ", "actor": None, "at": AT}
    return operations.grant_clearance(person_id=person_id, **(given | facts))


def test_a_decomposed_name_is_kept_composed_and_found_either_way(cast: Cast) -> None:
    person = add(name=unicodedata.normalize("NFD", "Trần  Thị Thủy"), user_name=" Thuy.TT ")
    assert (person.name, person.user_name) == ("Trần Thị Thủy", "thuy.tt")
    operations.appoint(person_id=person.id, post_id=vacant(cast), since=TODAY, actor=None, at=AT)
    for words in ("thủy", unicodedata.normalize("NFD", "THỦY trần"), "thuy tran", "thuy.tt"):
        assert [row.name for row in queries.list_people(agency_id=cast.agency_id, on=TODAY, words=words)] == [
            "Trần Thị Thủy"
        ]


def vacant(cast: Cast) -> int:
    return operations.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=None, at=AT).id


def test_people_are_listed_by_given_name_with_all_their_posts(cast: Cast) -> None:
    operations.appoint(person_id=cast.head.person_id, post_id=vacant(cast), since=TODAY, actor=None, at=AT)
    rows = queries.list_people(agency_id=cast.agency_id, on=TODAY)
    assert [row.name for row in rows] == [
        "Nguyễn Văn An",
        "Trần Đức Bình",
        "Đỗ Minh Châu",
        "Lê Thị Chi",
        "Võ Thị Dấu",
        "Phạm Thu Dung",
        "Hoàng Gia Đạt",
        "Bùi Ngọc Giang",
        "Ngô Quang Hải",
        "Dương Văn Hòa",
        "Đặng Thị Hương",
        "Lý Quốc Trị",
    ]
    assert rows[0].posts == ("Tổng cục trưởng", "Trợ lý")
    assert rows[0].unit_names == ("Tổng cục Z", "Phòng Kế hoạch")
    assert [row.name for row in queries.list_people(agency_id=cast.agency_id, on=TODAY, unit_id=cast.technique_id)] == [
        "Ngô Quang Hải",
        "Dương Văn Hòa",
        "Đặng Thị Hương",
    ]


def test_names_are_ordered_by_given_name_then_family_and_tones_last() -> None:
    ordered = [
        "Nguyễn Văn An",
        "Trần An",
        "Lê Án",
        "Lê Anh",
        "Lê Ánh",
        "Lê Ăn",
        "Lê Ân",
        "Lê Dũng",
        "Lê Đàn",
        "Lê La",
        "Lê Là",
        "Lê Lan",
        "Lê Oanh",
        "Lê Ôn",
        "Lê Ơn",
        "Lê Tú",
        "Lê Tư",
    ]
    shuffled = ordered[1::2] + ordered[::2]
    assert sorted(shuffled, key=names.sort_key_of_name) == ordered


@given(st.text(max_size=30))
def test_a_name_sorts_alike_composed_or_not(text: str) -> None:
    assert names.sort_key_of_name(unicodedata.normalize("NFD", text)) == names.sort_key_of_name(
        unicodedata.normalize("NFC", text)
    )


@pytest.mark.parametrize("name", ["", " \u200b", "x" * 101])
def test_a_person_has_a_name(cast: Cast, name: str) -> None:
    with refusal(operations.PersonNeedsName):
        add(name=name)


@pytest.mark.parametrize("user_name", ["a", "lê", "a b", ".a", "x" * 61, "a/b", "а1"])
def test_a_user_name_is_plain(cast: Cast, user_name: str) -> None:
    with refusal(operations.BadUserName):
        add(user_name=user_name)


def test_user_names_and_codes_are_one_persons(cast: Cast) -> None:
    add(user_name="moi", code="DT1")
    with refusal(operations.UserNameTaken):
        add(user_name="MOI")
    with refusal(operations.UserNameTaken):
        add(code="DT1")
    assert add(name="Không tài khoản").user_name is None
    assert add(name="Không tài khoản").user_name is None


@pytest.mark.parametrize("password", ["ngan-qua", "x" * 201, "moi-2026-moi"])
def test_a_weak_password_is_refused(cast: Cast, password: str) -> None:
    with refusal(passwords.WeakPassword) as caught:
        add(user_name="moi", password=password)
    assert caught.value.message == "Mật khẩu phải có từ 10 đến 200 ký tự và không chứa tên đăng nhập."


def test_only_an_administrator_takes_people_in(cast: Cast) -> None:
    for member in (cast.head, cast.clerk):
        with refusal(NotAllowed):
            add(actor=member.actor())
    assert add(actor=cast.administrator.actor()).name == "Lê Mới"


def test_clearance_is_dated_and_ends(cast: Cast) -> None:
    clear(cast.clerk.person_id, level="toi_mat")
    levels = [cast.clerk.actor(TODAY + timedelta(days=days)).clearance for days in (0, 8, 9)]
    assert levels == ["toi_mat", "toi_mat", "none"]
    clear(cast.clerk.person_id, level="none", until=None)
    assert cast.clerk.actor().clearance == "none"


def test_a_clearance_covers_its_degree_and_those_below() -> None:
    order = ["none", "mat", "toi_mat", "tuyet_mat"]
    assert [[states.covers(mine, level) for level in order] for mine in order] == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]


def test_a_clearance_that_may_not_be_given_is_refused(cast: Cast) -> None:
    admin = cast.administrator.actor()
    with refusal(NotAllowed):
        clear(cast.clerk.person_id, actor=cast.head.actor())
    with refusal(operations.NotToOneself):
        clear(cast.administrator.person_id, actor=admin)
    with refusal(NotFound):
        clear(10**9)
    with refusal(operations.ClearanceNeedsEnd):
        clear(cast.clerk.person_id, until=None)
    with refusal(operations.ClearanceNeedsEnd):
        clear(cast.clerk.person_id, until=TODAY)
    with refusal(operations.NeedsBasis):
        clear(cast.clerk.person_id, basis="")
    operations.let_go(person_id=cast.plan_officer.person_id, basis="1/QĐ", actor=admin, at=AT)
    with refusal(operations.PersonLeft):
        clear(cast.plan_officer.person_id, actor=admin)


def below(cast: Cast) -> Any:
    """An administrator of the recipient, who rules nobody above."""
    post = operations.open_post(
        unit_id=cast.recipient_works_id, title="Quản trị", role="administrator", actor=None, at=AT
    )
    person = add(name="Lê Trị")
    operations.appoint(person_id=person.id, post_id=post.id, since=TODAY, actor=None, at=AT)
    return queries.get_actor(person_id=person.id, post_id=post.id, on=TODAY)


def test_an_administrator_gets_no_hold_of_somebody_above_him(cast: Cast) -> None:
    low = below(cast)
    clear(cast.recipient_clerk.person_id, actor=low)
    for person_id in (cast.head.person_id, cast.administrator.person_id):
        with refusal(policy.NotYourHouse):
            clear(person_id, actor=low)
        with refusal(policy.NotYourHouse):
            operations.set_password(person_id=person_id, password="Mot-mat-khau-moi", actor=low, at=AT)
        with refusal(policy.NotYourHouse):
            operations.let_go(person_id=person_id, basis="1/QĐ", actor=low, at=AT)
    operations.appoint(person_id=cast.head.person_id, post_id=vacant_below(cast), since=TODAY, actor=low, at=AT)
    with refusal(policy.NotYourHouse):
        operations.set_password(person_id=cast.head.person_id, password="Mot-mat-khau-moi", actor=low, at=AT)


def vacant_below(cast: Cast) -> int:
    return operations.open_post(unit_id=cast.recipient_works_id, title="Trợ lý", role="officer", actor=None, at=AT).id


def test_one_who_leaves_leaves_everything_but_his_work(cast: Cast) -> None:
    me = cast.plan_officer
    clear(me.person_id)
    today_only = vacant(cast)
    operations.appoint(person_id=me.person_id, post_id=today_only, since=TODAY, actor=None, at=AT)
    later = operations.open_post(unit_id=cast.plan_id, title="Trợ lý hai", role="officer", actor=None, at=AT).id
    operations.appoint(person_id=me.person_id, post_id=later, since=TODAY + timedelta(days=9), actor=None, at=AT)
    token = operations.create_token(
        person_id=me.person_id,
        post_id=me.post_id,
        name="máy",
        scopes=["documents:read"],
        expires_at=AT + timedelta(days=1),
        actor=me.actor(),
        at=AT,
    )
    operations.let_go(person_id=me.person_id, basis="1/QĐ", actor=cast.administrator.actor(), at=AT)
    ends = Appointment.objects.filter(person_id=me.person_id).order_by("post_id").values_list("post_id", "until")
    assert list(ends) == [(me.post_id, TODAY), (today_only, TODAY + timedelta(days=1))]
    for post in (me.post_id, today_only):
        with pytest.raises(queries.PostNotHeld):
            queries.get_actor(person_id=me.person_id, post_id=post, on=TODAY)
    assert queries.list_posts_held(me.person_id, TODAY) == []
    with pytest.raises(operations.SignInRefused):
        operations.sign_in(user_name="kehoach", password=PASSWORD, source="10.0.0.1", at=AT)
    with refusal(operations.TokenRefused):
        operations.use_token(secret=token.secret, at=AT)
    person = queries.get_person(me.person_id)
    assert (person.status, person.password, person.clearance, person.signed_out_at) == ("left", "", "none", AT)
    assert Record.objects.get(event="person.left").facts == {"basis": "1/QĐ", "posts": [me.post_id, today_only, later]}


def test_letting_go_is_refused_where_it_must_be(cast: Cast) -> None:
    admin = cast.administrator.actor()

    def let_go(person_id: int, basis: str = "1/QĐ", actor: Any = admin) -> None:
        operations.let_go(person_id=person_id, basis=basis, actor=actor, at=AT)

    with refusal(NotAllowed):
        let_go(cast.clerk.person_id, actor=cast.head.actor())
    with refusal(operations.NotToOneself):
        let_go(cast.administrator.person_id)
    with refusal(NotFound):
        let_go(10**9)
    with refusal(operations.NeedsBasis):
        let_go(cast.clerk.person_id, basis=" ")
    let_go(cast.clerk.person_id)
    with refusal(operations.PersonLeft):
        let_go(cast.clerk.person_id)


def test_the_past_of_a_person_stays_readable(cast: Cast) -> None:
    operations.appoint(person_id=cast.clerk.person_id, post_id=vacant(cast), since=TODAY, actor=None, at=AT)
    posts = [(each.post.title, each.since) for each in queries.list_appointments(cast.clerk.person_id)]
    assert [title for title, _ in posts] == ["Trợ lý", "Nhân viên văn thư"]
