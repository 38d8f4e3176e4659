"""A person's key opens by its PIN; guesses are counted, whoever makes them and however many at once."""

from __future__ import annotations

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key
from django.db import connection

from antin.keys import keepers
from antin.keys import operations as keys
from antin.keys.models import KeyDevice
from antin.keys.policy import DeviceLocked, PinMissing, WeakPin, WrongPin
from antin.keys.providers import WrongSecret
from antin.keys.providers.software import SoftwareKeys
from antin.refusal import NotFound
from tests import signatures
from tests.cast import Cast
from tests.signatures import PIN, Keys

pytestmark = pytest.mark.usefixtures("costly_pins")


@pytest.fixture
def held(cast: Cast, at: datetime, own_state: Path) -> Keys:
    return signatures.issue_keys(cast)


def open_with(held: Keys, pin: str | None, at: datetime) -> None:
    keys.open_signer(certificate_id=held.head.id, pin=pin, at=at)


def guess(held: Keys, at: datetime) -> int:
    with pytest.raises(WrongPin) as wrong:
        open_with(held, "000001", at)
    return int(wrong.value.facts["left"])


@pytest.mark.django_db
def test_five_wrong_pins_lock_the_key_and_each_lock_is_longer(cast: Cast, held: Keys, at: datetime) -> None:
    keepers.forget()
    assert [guess(held, at) for _ in range(4)] == [4, 3, 2, 1]
    with pytest.raises(DeviceLocked) as locked:
        open_with(held, "000001", at)
    assert locked.value.message == "Nhập sai mã PIN nhiều lần nên khóa bị tạm khóa đến 09:15 23/11/2026."
    with pytest.raises(DeviceLocked):
        open_with(held, PIN, at + timedelta(minutes=14))
    later = at + timedelta(minutes=15)
    assert [guess(held, later) for _ in range(4)] == [4, 3, 2, 1]
    with pytest.raises(DeviceLocked) as longer:
        open_with(held, "000001", later)
    assert longer.value.facts["until"] == "09:45 23/11/2026"
    open_with(held, PIN, at + timedelta(hours=1))
    device = KeyDevice.objects.get(certificate=held.head)
    assert (device.failures, device.locked_until) == (0, None)


@pytest.mark.django_db
def test_an_open_key_still_asks_for_its_pin(cast: Cast, held: Keys, at: datetime) -> None:
    open_with(held, PIN, at)
    with pytest.raises(PinMissing):
        open_with(held, None, at)
    assert guess(held, at) == 4


@pytest.mark.django_db
def test_a_locked_key_does_not_open_even_if_this_process_knows_its_pin(cast: Cast, held: Keys, at: datetime) -> None:
    open_with(held, PIN, at)
    for _ in range(4):
        guess(held, at)
    with pytest.raises(DeviceLocked):
        open_with(held, "000001", at)
    with pytest.raises(DeviceLocked):
        open_with(held, PIN, at)


@pytest.mark.django_db
def test_an_agencys_key_is_opened_by_the_node(cast: Cast, held: Keys, at: datetime) -> None:
    signer = keys.open_signer(certificate_id=held.agency.id, pin=None, at=at)
    assert signer.key is keys.open_signer(certificate_id=held.agency.id, pin=None, at=at).key


@pytest.mark.django_db
def test_the_pin_is_changed_by_its_owner_only(cast: Cast, held: Keys, at: datetime) -> None:
    change = {"certificate_id": held.head.id, "at": at}
    with pytest.raises(NotFound):
        keys.change_pin(**change, old=PIN, new="97531864", actor=cast.deputy.actor())
    with pytest.raises(WeakPin):
        keys.change_pin(**change, old=PIN, new=PIN, actor=cast.head.actor())
    with pytest.raises(WrongPin):
        keys.change_pin(**change, old="000001", new="97531864", actor=cast.head.actor())
    keys.change_pin(**change, old=PIN, new="97531864", actor=cast.head.actor())
    with pytest.raises(WrongPin):
        open_with(held, PIN, at)
    open_with(held, "97531864", at)


@pytest.mark.django_db
def test_without_the_nodes_secret_the_key_files_are_of_no_use(cast: Cast, held: Keys, own_state: Path) -> None:
    thief = SoftwareKeys(own_state / "keys", "another node's secret")
    for certificate, secret in ((held.head, PIN), (held.agency, None)):
        with pytest.raises(WrongSecret):
            thief.open(certificate.device.reference, secret)
    modes = {path.stat().st_mode & 0o777 for path in (own_state / "keys").iterdir()}
    assert modes == {0o600}


def test_each_guess_at_a_stolen_folder_costs_eight_megabytes_and_their_time(tmp_path: Path) -> None:
    reference = SoftwareKeys(tmp_path, "the node's secret").create(PIN)
    bound = hmac.digest(b"the node's secret", b"antin private key " + reference.encode(), "sha256")
    derived = hashlib.scrypt(PIN.encode(), salt=bound, dklen=32, maxmem=64 * 2**20, n=2**13, r=8, p=1)
    content = (tmp_path / f"{reference}.p8").read_bytes()
    assert load_der_private_key(content, derived.hex().encode())
    with pytest.raises(ValueError, match="ncorrect password"):
        load_der_private_key(content, bound.hex().encode())


@pytest.mark.django_db(transaction=True)
def test_guesses_made_at_once_all_count(cast: Cast, at: datetime, own_state: Path) -> None:
    held = signatures.issue_keys(cast)
    keepers.forget()

    def try_one(number: int) -> str:
        try:
            open_with(held, f"00000{number}", at)
        except (WrongPin, DeviceLocked) as refused:
            return refused.code
        finally:
            connection.close()
        return "opened"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(try_one, range(8)))
    assert outcomes == ["device_locked"] * 4 + ["wrong_pin"] * 4
    assert KeyDevice.objects.get(certificate=held.head).failures == 5
