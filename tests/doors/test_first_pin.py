"""A PIN that an administrator set opens nothing until its holder has changed it, on the page or by the interface."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from antin.keys import operations as keys
from antin.keys.models import Certificate
from antin.keys.policy import PinWasGiven, WrongPin
from tests.cast import Cast
from tests.doors.test_api_documents import Machine
from tests.unchanged import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]
Enter = Callable[..., Client]
GIVEN, OWN = "246813", "975310"


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def given(cast: Cast, now: datetime) -> Certificate:
    at = now - timedelta(hours=1)
    keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=at)
    who = {"person_id": cast.head.person_id, "post_id": cast.head.post_id, "pin": GIVEN}
    return keys.issue_person_certificate(**who, actor=cast.administrator.actor(), at=at)


def test_it_opens_nothing_until_its_holder_has_changed_it(cast: Cast, given: Certificate, now: datetime) -> None:
    head = cast.head.actor()
    used = {"certificate_id": given.pk, "at": now}
    refused(PinWasGiven, lambda: keys.open_signer(**used, pin=GIVEN))
    refused(PinWasGiven, lambda: keys.issue_encryption_certificate(pin=GIVEN, actor=head, at=now))
    with pytest.raises(WrongPin):
        keys.change_pin(**used, old=OWN, new="864209", actor=head)
    refused(PinWasGiven, lambda: keys.open_signer(**used, pin=GIVEN))
    keys.change_pin(**used, old=GIVEN, new=OWN, actor=head)
    assert keys.open_signer(**used, pin=OWN).certificate == bytes(given.certificate)
    mine = keys.issue_encryption_certificate(pin=OWN, actor=head, at=now)
    assert not mine.device.pin_given
    assert keys.open_reader(certificate_id=mine.pk, pin=OWN, actor=head, at=now + timedelta(seconds=1)).public


def test_the_account_page_asks_for_it_and_the_interface_changes_it(
    cast: Cast, client: Client, enter: Enter, given: Certificate
) -> None:
    browser = enter(cast.head)
    asked = "Mã PIN này do quản trị viên đặt."
    assert asked in html.unescape(browser.get("/me").content.decode())
    machine = Machine(client, cast.head)
    assert [each["pin_given"] for each in machine.get("/me/certificates")] == [True]
    here = f"/api/me/certificates/{given.pk}/pin"
    wrong = client.post(here, {"old": "000000", "new": OWN}, content_type="application/json", headers=machine.headers)
    assert wrong.json()["code"] == "wrong_pin"
    done = client.post(here, {"old": GIVEN, "new": OWN}, content_type="application/json", headers=machine.headers)
    assert done.status_code == 204
    assert [each["pin_given"] for each in machine.get("/me/certificates")] == [False]
    assert asked not in html.unescape(browser.get("/me").content.decode())
