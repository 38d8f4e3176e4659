"""What an administrator does to an account: renamed, locked, opened again, signed out; and a new person seated at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from antin.journal.models import Record
from antin.people import operations, policy, queries
from antin.people.models import Appointment, Person
from antin.refusal import NotAllowed, NotFound, WrongState
from tests.cast import PASSWORD, TODAY, Cast, Member, seat
from tests.unchanged import refusal

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WHY = "Báo cáo số 12/BC-KH"


def lock(member: Member, **given: Any) -> Person:
    return operations.lock_account(**({"person_id": member.person_id, "basis": WHY, "actor": None, "at": AT} | given))


def unlock(member: Member, **given: Any) -> Person:
    return operations.unlock_account(**({"person_id": member.person_id, "basis": WHY, "actor": None, "at": AT} | given))


def sign_in() -> Person:
    return operations.sign_in(user_name="vanthu", password=PASSWORD, source="10.0.0.1", at=AT)


def test_a_locked_person_is_out_until_unlocked_and_keeps_his_post(cast: Cast) -> None:
    administrator = cast.administrator.actor()
    assert lock(cast.clerk, actor=administrator).signed_out_at == AT
    with pytest.raises(operations.SignInRefused):
        sign_in()
    with pytest.raises(queries.PostNotHeld):
        cast.clerk.actor()
    holder = queries.post_holder(cast.clerk.post_id, TODAY)
    assert holder is not None and holder.id == cast.clerk.person_id
    unlock(cast.clerk, actor=administrator)
    assert sign_in().id == cast.clerk.person_id
    assert cast.clerk.actor().post_id == cast.clerk.post_id
    written = Record.objects.filter(subject_kind="person", subject_id=cast.clerk.person_id, event__contains="locked")
    assert [(each.event, each.facts["basis"]) for each in written.order_by("id")] == [
        ("person.locked", WHY),
        ("person.unlocked", WHY),
    ]


def test_a_locked_person_may_be_given_a_password_and_let_go(cast: Cast) -> None:
    lock(cast.clerk)
    operations.set_password(person_id=cast.clerk.person_id, password="Mật khẩu rất mới", actor=None, at=AT)
    assert operations.let_go(person_id=cast.clerk.person_id, basis=WHY, actor=None, at=AT).status == "left"


def test_an_account_is_locked_once_and_with_a_reason(cast: Cast) -> None:
    with refusal(operations.NeedsBasis):
        lock(cast.clerk, basis=" ")
    with refusal(WrongState):
        unlock(cast.clerk)
    lock(cast.clerk)
    with refusal(WrongState) as caught:
        lock(cast.clerk)
    assert caught.value.message == "Không thực hiện được ở trạng thái hiện tại: Đã khóa tài khoản."
    with refusal(operations.NeedsBasis):
        unlock(cast.clerk, basis="")
    operations.let_go(person_id=cast.clerk.person_id, basis=WHY, actor=None, at=AT)
    for act in (lock, unlock):
        with refusal(WrongState):
            act(cast.clerk)
        with refusal(NotFound):
            act(cast.clerk, person_id=10**9)


def test_nobody_locks_himself_out_nor_somebody_elses_person(cast: Cast) -> None:
    with refusal(operations.NotToOneself):
        lock(cast.administrator, actor=cast.administrator.actor())
    part = administrator_of_b1(cast).actor()
    for act in (lock, unlock):
        with refusal(NotAllowed):
            act(cast.clerk, actor=cast.head.actor())
        with refusal(policy.NotYourHouse):
            act(cast.clerk, actor=part)
    assert lock(cast.recipient_clerk, actor=part).status == "locked"


def administrator_of_b1(cast: Cast) -> Member:
    return seat(cast.recipient_works_id, "Quản trị viên", "administrator", "Trịnh Quản", "quantri.b1", order=90)


def test_sittings_are_ended_by_the_person_or_his_administrator(cast: Cast) -> None:
    for actor in (cast.clerk.actor(), cast.administrator.actor()):
        ended = operations.end_sittings(person_id=cast.clerk.person_id, actor=actor, at=AT)
        assert ended.signed_out_at == AT
    assert Record.objects.filter(event="person.signed_out", subject_id=cast.clerk.person_id).count() == 2
    with refusal(NotAllowed):
        operations.end_sittings(person_id=cast.clerk.person_id, actor=cast.head.actor(), at=AT)
    part = administrator_of_b1(cast).actor()
    with refusal(policy.NotYourHouse):
        operations.end_sittings(person_id=cast.clerk.person_id, actor=part, at=AT)
    with refusal(NotFound):
        operations.end_sittings(person_id=10**9, actor=None, at=AT)


def test_a_persons_name_is_changed_and_found(cast: Cast) -> None:
    person = operations.describe_person(
        person_id=cast.clerk.person_id, name="Phạm  Thu Dũng", rank="Đại úy", actor=cast.administrator.actor(), at=AT
    )
    assert (person.name, person.rank) == ("Phạm Thu Dũng", "Đại úy")
    assert [row.id for row in queries.list_people(agency_id=cast.agency_id, on=TODAY, words="thu dung vanthu")] == [
        person.id
    ]
    assert Record.objects.get(event="person.described").facts["former"] == "Phạm Thu Dung"


def test_a_bad_name_a_stranger_and_one_who_left_are_refused(cast: Cast) -> None:
    def describe(**given: Any) -> None:
        facts = {"person_id": cast.clerk.person_id, "name": "Mới", "rank": "", "actor": None, "at": AT}
        operations.describe_person(**(facts | given))

    for name in ("", " \u200b ", "x" * 101):
        with refusal(operations.PersonNeedsName):
            describe(name=name)
    with refusal(NotAllowed):
        describe(actor=cast.head.actor())
    part = administrator_of_b1(cast).actor()
    with refusal(policy.NotYourHouse):
        describe(actor=part)
    with refusal(NotFound):
        describe(person_id=10**9)
    operations.let_go(person_id=cast.clerk.person_id, basis=WHY, actor=None, at=AT)
    with refusal(operations.PersonLeft):
        describe()


def vacant(cast: Cast) -> int:
    return operations.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=None, at=AT).id


def test_a_new_person_is_seated_at_once_or_not_taken_in(cast: Cast) -> None:
    post = vacant(cast)
    facts = {"name": "Lê Mới", "user_name": "moi", "password": PASSWORD, "since": TODAY, "basis": WHY, "at": AT}
    administrator = cast.administrator.actor()
    person = operations.seat_new_person(post_id=post, **facts, actor=administrator)
    assert queries.get_actor(person_id=person.id, post_id=post, on=TODAY).person_name == "Lê Mới"
    with refusal(operations.PostHeld):
        operations.seat_new_person(post_id=post, **(facts | {"user_name": "khac"}), actor=administrator)
    other = vacant(cast)
    with refusal(operations.UserNameTaken):
        operations.seat_new_person(post_id=other, **facts, actor=administrator)
    with refusal(NotAllowed):
        operations.seat_new_person(post_id=post, **(facts | {"user_name": "khac"}), actor=cast.head.actor())


# ---- an administrator helps himself to nothing ---------------------------------------------------------------------------------


def test_an_administrator_gives_the_seal_to_no_post_of_his_own(cast: Cast) -> None:
    def describe(post_id: int, **given: Any) -> Any:
        facts = {"title": "Tên mới", "keeps_seal": True, "order": 3, "actor": cast.administrator.actor(), "at": AT}
        return operations.describe_post(post_id=post_id, **(facts | given))

    with refusal(operations.NotToOneself):
        describe(cast.administrator.post_id)
    assert describe(cast.administrator.post_id, keeps_seal=False).title == "Tên mới"
    assert describe(cast.clerk.post_id).keeps_seal is True
    assert Record.objects.filter(event="post.described").count() == 2
    with refusal(operations.PostNeedsTitle):
        describe(cast.clerk.post_id, title=" ")
    with refusal(NotAllowed):
        describe(cast.clerk.post_id, actor=cast.head.actor())
    with refusal(NotFound):
        describe(10**9)
    post = vacant(cast)
    operations.close_post(post_id=post, actor=None, at=AT)
    with refusal(policy.PostClosed):
        describe(post)


def test_an_administrator_makes_himself_nobodys_substitute(cast: Cast) -> None:
    administrator = cast.administrator.actor()
    with refusal(operations.NotToOneself):
        operations.substitute(
            principal_id=cast.head.post_id,
            substitute_id=cast.administrator.post_id,
            since=TODAY,
            until=TODAY + timedelta(days=3),
            basis=WHY,
            actor=administrator,
            at=AT,
        )


def test_an_administrator_gives_himself_no_leave_to_sign(cast: Cast) -> None:
    Appointment.objects.filter(post_id=cast.plan_head.post_id).update(person_id=cast.administrator.person_id)
    with refusal(operations.NotToOneself):
        operations.delegate(
            from_post_id=cast.head.post_id,
            to_post_id=cast.plan_head.post_id,
            form="TL.",
            since=TODAY,
            basis=WHY,
            actor=cast.administrator.actor(),
            at=AT,
        )
