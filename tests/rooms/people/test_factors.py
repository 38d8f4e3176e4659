"""The second factor: apps, printed codes, removal, secrets at rest. Security keys are shown in a browser (test_second_factor)."""

from __future__ import annotations

import base64
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from antin.journal.models import Record
from antin.people import at_rest, one_time, operations, passkeys, queries
from antin.people.models import Factor
from antin.people.operations import (
    FactorRefused,
    KeyRefused,
    NeedsFactorFirst,
    NoFactors,
    PasswordRefused,
    SignInLocked,
    TooManyFactors,
)
from antin.refusal import NotAllowed, NotFound, WrongState
from tests.cast import PASSWORD, Cast
from tests.unchanged import refused

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def with_app(cast: Cast, at: datetime = AT) -> bytes:
    """Give the clerk an app; its secret."""
    member = cast.clerk
    made = operations.add_app(person_id=member.person_id, name="điện thoại", actor=member.actor(), at=at)
    code = one_time.code_at(made.secret, at)
    operations.confirm_app(factor_id=made.id, code=code, actor=member.actor(), at=at)
    return made.secret


def show(cast: Cast, code: str, at: datetime) -> Factor:
    return operations.show_code(person_id=cast.clerk.person_id, code=code, source="10.0.0.1", entering=True, at=at)


@pytest.mark.parametrize(
    ("moment", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238(moment: int, code: str) -> None:
    assert one_time.code_at(b"12345678901234567890", datetime.fromtimestamp(moment, UTC)) == code


@given(st.integers(0, 10**10), st.integers(-100, 100))
def test_a_code_is_taken_one_step_early_or_late_and_no_other(moment: int, late: int) -> None:
    secret, at = b"12345678901234567890", datetime.fromtimestamp(moment + 200, UTC)
    code = one_time.code_at(secret, at)
    shown = at + timedelta(seconds=late)
    near = abs(int(shown.timestamp()) // 30 - int(at.timestamp()) // 30) <= 1
    found = one_time.step_of(secret, code, shown, after=0)
    others = {one_time.code_at(secret, shown + timedelta(seconds=30 * n)) for n in (-1, 0, 1)}
    assert (found is not None) == (near or code in others)


def test_an_app_proves_nothing_until_its_first_code(cast: Cast) -> None:
    member = cast.clerk
    made = operations.add_app(person_id=member.person_id, name="", actor=member.actor(), at=AT)
    assert not queries.has_factors(member.person_id)
    wrong = "000000" if one_time.code_at(made.secret, AT) != "000000" else "000001"
    refused(
        FactorRefused,
        lambda: operations.confirm_app(factor_id=made.id, code=wrong, actor=member.actor(), at=AT),
    )
    operations.confirm_app(factor_id=made.id, code=one_time.code_at(made.secret, AT), actor=member.actor(), at=AT)
    assert queries.has_factors(member.person_id)
    refused(WrongState, lambda: operations.confirm_app(factor_id=made.id, code="1", actor=member.actor(), at=AT))


def test_a_code_is_good_once(cast: Cast) -> None:
    secret = with_app(cast)
    later = AT + 2 * MINUTE
    code = one_time.code_at(secret, later)
    assert show(cast, f"{code[:3]} {code[3:]}", later).name == "điện thoại"
    with pytest.raises(FactorRefused):
        show(cast, code, later)
    with pytest.raises(FactorRefused):  # of the step before: older than the one accepted
        show(cast, one_time.code_at(secret, later - timedelta(seconds=30)), later)
    assert show(cast, one_time.code_at(secret, later + MINUTE), later + MINUTE).counter > 0
    events = Record.objects.filter(subject_kind="person", subject_id=cast.clerk.person_id).order_by("id")
    told = [each.event for each in events]
    assert told[-4:] == ["person.signed_in", "person.factor_refused", "person.factor_refused", "person.signed_in"]


def test_five_wrong_codes_close_the_second_factor_for_a_quarter_of_an_hour(cast: Cast) -> None:
    secret = with_app(cast)
    for n in range(5):
        with pytest.raises(FactorRefused):
            show(cast, f"wrong{n}", AT + MINUTE)
    right = one_time.code_at(secret, AT + 2 * MINUTE)
    with pytest.raises(SignInLocked):
        show(cast, right, AT + 2 * MINUTE)
    later = AT + 17 * MINUTE
    assert show(cast, one_time.code_at(secret, later), later)


def test_printed_codes_stand_in_each_once_and_a_new_list_ends_the_old(cast: Cast) -> None:
    member = cast.clerk
    refused(
        NeedsFactorFirst,
        lambda: operations.make_codes(person_id=member.person_id, actor=member.actor(), at=AT),
    )
    with_app(cast)
    codes = operations.make_codes(person_id=member.person_id, actor=member.actor(), at=AT)
    assert len(set(codes)) == 10
    assert show(cast, f"{codes[3][:5]}-{codes[3][5:].upper()}", AT + MINUTE).kind == "codes"
    with pytest.raises(FactorRefused):
        show(cast, codes[3], AT + MINUTE)
    fresh = operations.make_codes(person_id=member.person_id, actor=member.actor(), at=AT + 2 * MINUTE)
    with pytest.raises(FactorRefused):
        show(cast, codes[4], AT + 3 * MINUTE)
    assert show(cast, fresh[0], AT + 3 * MINUTE)


def test_of_what_is_removed_nothing_is_kept_and_with_the_last_go_the_codes(cast: Cast) -> None:
    member = cast.clerk
    secret = with_app(cast)
    operations.make_codes(person_id=member.person_id, actor=member.actor(), at=AT)
    [app, _codes] = queries.list_factors(member.person_id)
    refused(NotAllowed, lambda: operations.remove_factor(factor_id=app.pk, actor=cast.head.actor(), at=AT))
    operations.remove_factor(factor_id=app.pk, actor=member.actor(), at=AT)
    assert queries.list_factors(member.person_id) == []
    assert {bytes(each.material) for each in Factor.objects.all()} == {b""}
    with pytest.raises(FactorRefused):
        show(cast, one_time.code_at(secret, AT + MINUTE), AT + MINUTE)
    refused(NotFound, lambda: operations.remove_factor(factor_id=app.pk, actor=member.actor(), at=AT))


def test_nobody_adds_a_factor_for_another_and_nobody_has_eleven(cast: Cast) -> None:
    member = cast.clerk
    refused(
        NotAllowed,
        lambda: operations.add_app(person_id=member.person_id, name="", actor=cast.head.actor(), at=AT),
    )
    for n in range(10):
        made = passkeys.Made(bytes([n]), b"key")
        operations.add_key(person_id=member.person_id, name=f"k{n}", made=made, actor=member.actor(), at=AT)
    more = passkeys.Made(b"more", b"key")
    refused(
        TooManyFactors,
        lambda: operations.add_key(person_id=member.person_id, name="", made=more, actor=member.actor(), at=AT),
    )
    again = passkeys.Made(bytes([3]), b"key")
    refused(
        KeyRefused,
        lambda: operations.add_key(person_id=cast.head.person_id, name="", made=again, actor=cast.head.actor(), at=AT),
    )


def test_a_key_whose_count_went_back_is_a_copy(cast: Cast) -> None:
    member = cast.clerk
    made = passkeys.Made(b"id", b"key")
    operations.add_key(person_id=member.person_id, name="", made=made, actor=member.actor(), at=AT)

    def use(count: int) -> Factor:
        shown = passkeys.Shown(b"id", count)
        return operations.show_key(person_id=member.person_id, shown=shown, source="10.0.0.1", entering=True, at=AT)

    assert use(0).counter == 0
    assert use(7).counter == 7
    for count in (7, 3, 0):
        with pytest.raises(KeyRefused):
            use(count)
    assert use(8).counter == 8


def test_the_administrator_takes_lost_factors_away_for_a_reason(cast: Cast) -> None:
    member, administrator = cast.clerk, cast.administrator
    refused(
        NoFactors,
        lambda: operations.reset_factors(
            person_id=member.person_id, basis="mất máy", actor=administrator.actor(), at=AT
        ),
    )
    with_app(cast)
    refused(
        NotAllowed,
        lambda: operations.reset_factors(person_id=member.person_id, basis="mất máy", actor=cast.head.actor(), at=AT),
    )
    refused(
        operations.NeedsBasis,
        lambda: operations.reset_factors(person_id=member.person_id, basis=" ", actor=administrator.actor(), at=AT),
    )
    person = operations.reset_factors(
        person_id=member.person_id, basis="mất điện thoại", actor=administrator.actor(), at=AT
    )
    assert (person.signed_out_at, queries.has_factors(member.person_id)) == (AT, False)


def test_who_has_a_factor_shows_that_and_not_the_password_again(cast: Cast) -> None:
    member = cast.clerk

    def password(told: str) -> object:
        return operations.show_password(person_id=member.person_id, password=told, source="10.0.0.1", at=AT)

    assert password(PASSWORD)
    with pytest.raises(PasswordRefused):
        password("sai")
    with_app(cast)
    with pytest.raises(PasswordRefused):
        password(PASSWORD)


def test_a_known_device_is_met_again_and_a_forgotten_one_is_new(cast: Cast) -> None:
    def meet(secret: str) -> bool:
        return operations.meet_device(
            person_id=cast.clerk.person_id, secret=secret, name="Chrome, Windows", source="10.0.0.1", at=AT
        )[1]

    assert (meet("a"), meet("a"), meet("b")) == (True, False, True)
    device = queries.list_devices(cast.clerk.person_id)[0]
    refused(NotFound, lambda: operations.forget_device(device_id=device.pk, actor=cast.head.actor(), at=AT))
    operations.forget_device(device_id=device.pk, actor=cast.clerk.actor(), at=AT)
    assert len(queries.list_devices(cast.clerk.person_id)) == 1


# ---- at rest ---------------------------------------------------------------------------------------------------------------


def test_the_database_holds_no_secret_of_an_app(cast: Cast) -> None:
    secret = with_app(cast)
    with connection.cursor() as cursor:
        cursor.execute("select encode(material, 'escape') || encode(material, 'base64') from people_factor")
        kept = "".join(row[0] for row in cursor.fetchall()).encode()
    for form in (secret, base64.b32encode(secret), base64.b64encode(secret), secret.hex().encode()):
        assert form not in kept


def test_keys_are_changed_while_in_use_and_the_old_one_opens_nothing_afterwards(cast: Cast, tmp_path: Path) -> None:
    secret = with_app(cast)
    old = Path(settings.STATE, "secrets", "at-rest-keys").read_bytes()
    sealed_before = bytes(Factor.objects.get().material)
    assert at_rest.add_key() == 2
    assert at_rest.unseal(sealed_before) == secret
    last = operations.seal_again(limit=1)
    assert operations.seal_again(limit=1, after=last or 0) is None
    assert at_rest.drop_old_keys() == 1
    assert at_rest.unseal(bytes(Factor.objects.get().material)) == secret
    with pytest.raises(at_rest.Unsealable):
        at_rest.unseal(sealed_before)
    kept = Path(settings.STATE, "secrets", "at-rest-keys")
    assert (stat.S_IMODE(kept.stat().st_mode), kept.read_bytes() == old) == (0o600, False)
    later = AT + 2 * MINUTE
    assert show(cast, one_time.code_at(secret, later), later)
