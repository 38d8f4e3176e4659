"""Two windows at once, a process killed at any line, a clock that moves: one signature results, and no other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from antin.files import operations as files
from antin.journal import queries as journal
from antin.keys import operations as keys
from antin.keys.models import KeyDevice
from antin.keys.policy import DeviceNotUsable, WrongPin
from antin.keys.states import DeviceStatus
from antin.signing import operations as signing
from antin.signing import pades, queries
from antin.signing.models import SigningRequest
from antin.signing.operations import levels, making
from antin.signing.policy import FileTooHeavy, TimestampRefused
from antin.signing.states import RequestState
from tests import signatures
from tests.cast import Cast
from tests.rooms.signing import test_corpus as corpus
from tests.signatures import PIN, Keys

AT_ONCE = 4


class Killed(BaseException):
    """What a process feels when it is killed: nothing of its own runs any more."""


def ask(cast: Cast, held: Keys, at: datetime) -> SigningRequest:
    return signing.open_request(
        key="k",
        file=signatures.prepared(at),
        field="Person",
        certificate_id=held.head.id,
        actor=cast.head.actor(),
        at=at,
    )


@pytest.mark.django_db(transaction=True)
def test_windows_that_sign_at_once_get_the_same_signature(cast: Cast, at: datetime, own_state: Path) -> None:
    held = signatures.issue_keys(cast)
    request = ask(cast, held, at)
    keys.open_signer(certificate_id=held.head.id, pin=PIN, at=at)
    together = Barrier(AT_ONCE)

    def sign(_: int) -> str:
        try:
            together.wait()
            return signing.carry_out(request_id=request.id, pin=PIN, at=at).result_file
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = set(pool.map(sign, range(AT_ONCE)))
    assert len(results) == 1
    events = [row.event for row in journal.list_for(("signing_request", request.id))]
    assert sorted(events) == ["signature.asked", "signature.made"]


@pytest.mark.django_db(transaction=True)
def test_windows_that_ask_at_once_ask_once(cast: Cast, at: datetime, own_state: Path) -> None:
    held = signatures.issue_keys(cast)
    together = Barrier(AT_ONCE)

    def open_one(_: int) -> int:
        try:
            together.wait()
            return ask(cast, held, at).id
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert len(set(pool.map(open_one, range(AT_ONCE)))) == 1
    assert SigningRequest.objects.count() == 1


def killed(*given: object, **named: object) -> None:
    raise Killed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "what"), [(keys, "open_signer"), (pades, "sign"), (files, "keep"), (signing, "_conclude")]
)
def test_a_process_killed_on_the_way_leaves_a_request_that_the_next_one_finishes(
    cast: Cast, at: datetime, own_state: Path, monkeypatch: pytest.MonkeyPatch, *, where: object, what: str
) -> None:
    held = signatures.issue_keys(cast, crl_at=at)
    request = ask(cast, held, at)
    with monkeypatch.context() as patched:
        patched.setattr(where, what, killed)
        with pytest.raises(Killed):
            signing.carry_out(request_id=request.id, pin=PIN, at=at)
    assert queries.get_request(request.id).state == RequestState.ASKED
    done = signing.carry_out(request_id=request.id, pin=PIN, at=at)
    assert len(signing.verify(file=done.result_file, at=at).signatures) == 1
    assert signing.carry_out(request_id=request.id, pin=None, at=at).result_file == done.result_file


@pytest.mark.django_db
def test_a_lease_that_nobody_lives_to_end_runs_out(
    cast: Cast, at: datetime, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = signatures.issue_keys(cast)
    request = ask(cast, held, at)
    SigningRequest.objects.filter(pk=request.pk).update(
        lease="of a dead process", leased_until=signing.Now() + timedelta(milliseconds=200)
    )
    assert signing.carry_out(request_id=request.id, pin=PIN, at=at).state == RequestState.DONE


@pytest.mark.django_db
def test_a_result_that_comes_after_the_lease_was_lost_is_dropped(
    cast: Cast, at: datetime, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow one wakes up after another has signed: there is one result, the other's."""
    held = signatures.issue_keys(cast)
    request = ask(cast, held, at)
    truly_keep = files.keep
    others: list[str] = []

    def overtaken(content: bytes, *, at: datetime) -> object:
        monkeypatch.setattr(files, "keep", truly_keep)
        SigningRequest.objects.filter(pk=request.pk).update(lease="", leased_until=None)
        others.append(signing.carry_out(request_id=request.id, pin=PIN, at=at).result_file)
        return truly_keep(content, at=at)

    monkeypatch.setattr(files, "keep", overtaken)
    assert signing.carry_out(request_id=request.id, pin=PIN, at=at).result_file == others[0]


@pytest.mark.django_db
def test_a_wrong_pin_frees_the_request_at_once(cast: Cast, at: datetime, own_state: Path) -> None:
    held = signatures.issue_keys(cast)
    request = ask(cast, held, at)
    with pytest.raises(WrongPin):
        signing.carry_out(request_id=request.id, pin="000001", at=at)
    kept = queries.get_request(request.id)
    assert (kept.state, kept.lease, kept.leased_until) == (RequestState.ASKED, "", None)


@pytest.mark.django_db
def test_a_device_out_of_use_settles_the_request_and_says_so_again(cast: Cast, at: datetime, own_state: Path) -> None:
    held = signatures.issue_keys(cast)
    request = ask(cast, held, at)
    KeyDevice.objects.filter(certificate=held.head).update(status=DeviceStatus.RETURNED)
    for _ in range(2):
        with pytest.raises(DeviceNotUsable) as refused:
            signing.carry_out(request_id=request.id, pin=PIN, at=at)
        assert refused.value.message == "Thiết bị lưu khóa “Nguyễn Văn An” không dùng được: Đã thu hồi."
    assert queries.get_request(request.id).state == RequestState.REFUSED


@pytest.mark.django_db
def test_no_timestamp_no_signature_and_the_request_stays_open(
    cast: Cast, at: datetime, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = signatures.issue_keys(cast)
    levels.set_rule(agency_id=None, signing="", secrecy=None, level="B-T", grace_hours=0, actor=None, at=at)
    request = ask(cast, held, at)
    with monkeypatch.context() as patched:
        patched.setattr(keys, "open_timestamper", lambda at: lambda asked: b"the line is dead")
        with pytest.raises(TimestampRefused):
            signing.carry_out(request_id=request.id, pin=PIN, at=at)
    assert signing.carry_out(request_id=request.id, pin=PIN, at=at).state == RequestState.DONE


@pytest.mark.django_db
def test_a_file_that_would_take_for_ever_is_refused(
    cast: Cast, at: datetime, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = signatures.issue_keys(cast)
    request = signing.open_request(
        key="k",
        file=signatures.kept(corpus.fields_doubling(), at),
        field="Person",
        certificate_id=held.head.id,
        actor=cast.head.actor(),
        at=at,
    )
    monkeypatch.setattr(making, "SECONDS", 0.3)
    with pytest.raises(FileTooHeavy):
        signing.carry_out(request_id=request.id, pin=PIN, at=at)
    assert queries.get_request(request.id).state == RequestState.REFUSED
