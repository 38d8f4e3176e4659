"""Signing in, passwords, lock-out, machine tokens, and the first administrator of an empty node."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from antin.journal.models import Record
from antin.people import operations, passwords, policy, queries
from antin.people.models import ApiToken, Attempts, Person
from antin.refusal import NotAllowed, NotFound, Refusal
from tests.cast import PASSWORD, TODAY, Cast
from tests.unchanged import refusal

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NEW = "Một mật khẩu rất mới"


def sign_in(user_name: str = "vanthu", password: str = PASSWORD, source: str = "10.0.0.1", at: datetime = AT) -> Person:
    return operations.sign_in(user_name=user_name, password=password, source=source, at=at)


def why(user_name: str = "vanthu", password: str = "sai", source: str = "10.0.0.1", at: datetime = AT) -> str:
    with pytest.raises(Refusal) as caught:
        sign_in(user_name, password, source, at)
    return caught.value.message


WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."


def test_the_right_password_lets_in_whatever_the_capitals_of_the_name(cast: Cast) -> None:
    assert sign_in().id == cast.clerk.person_id
    assert sign_in(" VanThu ").id == cast.clerk.person_id
    assert Record.objects.filter(event="person.signed_in", subject_id=cast.clerk.person_id).count() == 2


def test_the_same_words_meet_a_wrong_password_and_an_unknown_name(cast: Cast) -> None:
    no_account = operations.add_person(name="Không", user_name="khong", actor=None, at=AT)
    assert [why("vanthu"), why("khong-ai-ca", PASSWORD), why("khong", ""), why("", "")] == [WRONG] * 4
    assert queries.get_person(no_account.id).password == ""


def test_five_failures_close_a_name_for_a_quarter_of_an_hour(cast: Cast) -> None:
    assert [why(at=AT + second(n)) for n in range(5)] == [WRONG] * 5
    locked = "Đã nhập sai nhiều lần. Hãy thử lại sau %s phút."
    assert why(password=PASSWORD, at=AT + second(5)) == locked % 15
    assert why(password=PASSWORD, at=AT + 14 * MINUTE) == locked % 2
    assert sign_in("thutruong").id == cast.head.person_id
    assert sign_in(at=AT + second(4) + 15 * MINUTE).id == cast.clerk.person_id


def second(n: int) -> timedelta:
    return timedelta(seconds=n)


def test_a_name_nobody_has_is_locked_in_the_same_words(cast: Cast) -> None:
    told = [why("khong-ai-ca") for _ in range(6)]
    assert told == [why("thutruong") for _ in range(6)]
    assert told[5].startswith("Đã nhập sai nhiều lần.")


def test_success_forgets_the_failures_of_the_name(cast: Cast) -> None:
    for _ in range(2):
        for _ in range(3):
            why()
        sign_in()


def test_failures_are_forgotten_with_time(cast: Cast) -> None:
    for number in range(12):
        assert why(at=AT + number * 4 * MINUTE) == WRONG


def test_thirty_failures_close_a_source_for_every_name(cast: Cast) -> None:
    why("ai-do")
    Attempts.objects.update(failed=29)
    assert why("ai-khac") == WRONG
    assert why("vanthu", PASSWORD).startswith("Đã nhập sai nhiều lần.")
    assert sign_in(source="10.0.0.2").id == cast.clerk.person_id


def test_an_office_behind_one_address_is_not_locked_by_those_who_know_their_passwords(cast: Cast) -> None:
    why("ai-do")
    Attempts.objects.update(failed=29)
    for _ in range(3):
        sign_in()
    assert why("ai-khac") == WRONG
    assert why("ai-khac-nua").startswith("Đã nhập sai nhiều lần.")


def test_what_was_typed_as_a_name_is_not_kept(cast: Cast) -> None:
    why("mat-khau-go-nham-o-ten")
    assert not any("mat-khau" in subject for subject in Attempts.objects.values_list("subject", flat=True))


def test_a_failure_is_counted_and_recorded_though_it_is_refused(cast: Cast) -> None:
    why()
    assert sorted(Attempts.objects.values_list("failed", flat=True)) == [1, 1]
    assert Record.objects.get(event="person.sign_in_refused").subject_id == cast.clerk.person_id


def test_old_counts_are_swept(cast: Cast) -> None:
    why()
    assert operations.forget_attempts(at=AT + 29 * MINUTE) == 0
    assert operations.forget_attempts(at=AT + 31 * MINUTE) == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_more_than_five_guesses(cast: Cast) -> None:
    told: list[str] = []

    def guess() -> None:
        try:
            told.append(why())
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(message == WRONG for message in told) == [False] * 7 + [True] * 5


def test_a_hash_of_less_strength_is_made_again_at_sign_in(cast: Cast, costly_passwords: None) -> None:
    before = queries.get_person(cast.clerk.person_id).password
    assert before.startswith("$argon2id$v=19$m=1024,t=1,p=1$")
    after = sign_in().password
    assert after.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert sign_in().password == after


def test_a_password_typed_decomposed_is_the_same(cast: Cast) -> None:
    operations.set_password(person_id=cast.clerk.person_id, password=NEW, actor=cast.administrator.actor(), at=AT)
    assert sign_in(password=unicodedata.normalize("NFD", NEW)).id == cast.clerk.person_id


def test_a_new_password_ends_what_was_begun_with_the_old(cast: Cast) -> None:
    operations.set_password(person_id=cast.clerk.person_id, password=NEW, actor=cast.administrator.actor(), at=AT)
    assert queries.get_person(cast.clerk.person_id).signed_out_at == AT
    assert why(password=PASSWORD) == WRONG


def test_one_changes_ones_own_password_with_the_old_one(cast: Cast) -> None:
    me = cast.clerk
    with refusal(operations.SignInRefused):
        operations.change_password(person_id=me.person_id, old="sai", new=NEW, actor=me.actor(), at=AT)
    with refusal(NotAllowed):
        operations.change_password(person_id=cast.head.person_id, old=PASSWORD, new=NEW, actor=me.actor(), at=AT)
    with refusal(passwords.WeakPassword):
        operations.change_password(person_id=me.person_id, old=PASSWORD, new="vanthu-vanthu", actor=me.actor(), at=AT)
    operations.change_password(person_id=me.person_id, old=PASSWORD, new=NEW, actor=me.actor(), at=AT)
    assert sign_in(password=NEW).id == me.person_id


def test_passwords_are_set_by_the_administrator_of_the_house(cast: Cast) -> None:
    for member in (cast.head, cast.clerk):
        with refusal(NotAllowed):
            operations.set_password(person_id=cast.plan_head.person_id, password=NEW, actor=member.actor(), at=AT)
    with refusal(NotFound):
        operations.set_password(person_id=10**9, password=NEW, actor=cast.administrator.actor(), at=AT)
    with refusal(passwords.WeakPassword):
        operations.set_password(
            person_id=cast.clerk.person_id, password="ngan", actor=cast.administrator.actor(), at=AT
        )
    operations.let_go(person_id=cast.clerk.person_id, basis="1/QĐ", actor=None, at=AT)
    with refusal(NotFound):
        operations.set_password(person_id=cast.clerk.person_id, password=NEW, actor=None, at=AT)


def token(cast: Cast, **given: Any) -> operations.NewToken:
    facts = {
        "person_id": cast.clerk.person_id,
        "post_id": cast.clerk.post_id,
        "name": "Máy quét",
        "scopes": ["documents:write", "documents:read", "documents:read"],
        "expires_at": AT + timedelta(days=30),
        "actor": cast.clerk.actor(),
        "at": AT,
    }
    return operations.create_token(**(facts | given))


def test_a_token_speaks_for_its_person_in_its_post_and_only_its_digest_is_kept(cast: Cast) -> None:
    new = token(cast)
    use = operations.use_token(secret=new.secret, at=AT)
    assert (use.token_id, use.person_id, use.post_id) == (new.id, cast.clerk.person_id, cast.clerk.post_id)
    assert use.scopes == ("documents:read", "documents:write")
    kept = ApiToken.objects.values().get()
    assert new.secret.startswith("antin_")
    assert not any(new.secret in str(value) for value in kept.values())


def test_the_use_of_a_token_is_noted_once_a_minute(cast: Cast) -> None:
    secret = token(cast).secret
    noted = []
    for seconds in (0, 59, 60):
        operations.use_token(secret=secret, at=AT + timedelta(seconds=seconds))
        noted.append(ApiToken.objects.get().last_used_at)
    assert noted == [AT, AT, AT + MINUTE]


def test_a_token_ends_at_its_moment_or_when_revoked(cast: Cast) -> None:
    new = token(cast)
    end = AT + timedelta(days=30)
    assert operations.use_token(secret=new.secret, at=end - second(1)).token_id == new.id
    for secret, at in ((new.secret, end), ("antin_x", AT), ("", AT)):
        with refusal(operations.TokenRefused):
            operations.use_token(secret=secret, at=at)
    operations.revoke_token(token_id=new.id, actor=cast.clerk.actor(), at=AT)
    with refusal(operations.TokenRefused):
        operations.use_token(secret=new.secret, at=AT)
    with refusal(NotFound):
        operations.revoke_token(token_id=new.id, actor=cast.clerk.actor(), at=AT)


def test_a_token_is_for_a_post_one_holds(cast: Cast) -> None:
    with refusal(queries.PostNotHeld):
        token(cast, post_id=cast.head.post_id)
    with refusal(NotAllowed):
        token(cast, person_id=cast.head.person_id, post_id=cast.head.post_id)
    with refusal(NotFound):
        token(cast, person_id=10**9)
    assert token(cast, actor=cast.administrator.actor()).id


@pytest.mark.parametrize(
    "bad", [{"name": " "}, {"scopes": []}, {"expires_at": AT}, {"expires_at": AT + timedelta(days=366, seconds=1)}]
)
def test_a_token_has_a_name_a_scope_and_an_end(cast: Cast, bad: dict[str, Any]) -> None:
    with refusal(operations.BadToken):
        token(cast, **bad)


def test_a_token_is_revoked_by_its_person_or_his_administrator(cast: Cast) -> None:
    new = token(cast)
    with refusal(NotAllowed):
        operations.revoke_token(token_id=new.id, actor=cast.head.actor(), at=AT)
    operations.revoke_token(token_id=new.id, actor=cast.administrator.actor(), at=AT)
    assert [each.revoked_at for each in queries.list_tokens(cast.clerk.person_id)] == [AT]


def found(**given: Any) -> operations.Founded:
    facts = {
        "name": "Tổng cục Y",
        "short_name": "Tổng cục Y",
        "abbreviation": "TCY",
        "kind": "general_department",
        "code": "G11.80",
        "place_name": "Hà Nội",
        "administrator": "Lê Đầu Tiên",
        "user_name": "quantri",
        "password": NEW,
        "at": AT,
    }
    return operations.found(**(facts | given))


@pytest.fixture
def empty(empty_node: None) -> Iterator[None]:
    assert not queries.has_persons()
    yield


def test_an_empty_node_is_founded_by_its_first_administrator(empty: None) -> None:
    new = found()
    person = sign_in("quantri", NEW)
    actor = queries.get_actor(person_id=person.id, post_id=new.post_id, on=TODAY)
    assert (actor.role, actor.agency_id, actor.agency_name) == ("administrator", new.agency_id, "Tổng cục Y")
    assert actor.holders == (f"P{new.post_id}", f"M{new.person_id}")
    unit = operations.open_unit(
        name="Văn phòng", short_name="VP", abbreviation="VP", kind="office", parent_id=new.agency_id, actor=actor, at=AT
    )
    assert unit.agency_id == new.agency_id


def test_a_node_is_founded_once(empty: None) -> None:
    found()
    with refusal(operations.NodeNotEmpty):
        found(code="G11.81", user_name="khac")


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ({"user_name": ""}, operations.BadUserName),
        ({"password": ""}, passwords.WeakPassword),
        ({"administrator": ""}, operations.PersonNeedsName),
        ({"code": ""}, operations.AgencyNeedsCode),
        ({"name": ""}, operations.UnitNeedsName),
    ],
)
def test_a_node_is_not_founded_by_halves(empty: None, bad: dict[str, Any], kind: type[Refusal]) -> None:
    with refusal(kind):
        found(**bad)
    assert (queries.has_persons(), queries.find_root()) == (False, None)


def test_an_administrator_is_nobody_special_elsewhere(cast: Cast) -> None:
    actor = cast.administrator.actor()
    assert not any(token.startswith("R") for token in actor.holders)
    assert policy.why_not_administer(actor, None) is not None
