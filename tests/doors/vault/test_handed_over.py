"""The page of a hand-over passes the giver's secrets on at one PIN and shows what became of each; the same by API."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client

from antin.handovers import operations as acts
from antin.vault import queries
from tests.cast import Member
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.signatures import PIN
from tests.vaults import Letter, Vaulted

pytestmark = pytest.mark.django_db


def test_one_pin_passes_them_on(house: Vaulted, letter: Letter, at: datetime, enter: Enter, client: Client) -> None:
    giver: Member = house.cast.plan_officer
    taker: Member = house.cast.technique_head
    act = acts.begin(
        post_id=giver.post_id,
        taker_id=taker.person_id,
        vacant=False,
        from_date=date(2027, 12, 1),
        basis="QĐ 15/QĐ-TCZ",
        words="",
        actor=giver.actor(),
        today=at.date(),
        at=at,
    )
    here, number = f"/hand-overs/{act.pk}", letter.classified.pk
    browser = enter(giver)
    page = browser.get(here).content.decode()
    assert f'action="{here}/secrets"' in page and f'value="{number}"' in page
    assert f'action="{here}/secrets"' not in enter(house.cast.administrator).get(here).content.decode()
    wrong = browser.post(f"{here}/secrets", {"mat-secrets": [number], "mat-pin": "000000"})
    assert wrong.status_code in (403, 422) and queries.find_reader(number, taker.person_id) is None
    done = browser.post(f"{here}/secrets", {"mat-secrets": [number], "mat-pin": PIN}).content.decode()
    assert "Trao quyền đọc: 1 trên 1 tài liệu mật." in done and "đã trao: bên nhận đọc được" in done
    assert f'action="{here}/secrets"' not in done, "nothing is left to pass on"
    machine = Machine(client, giver)
    (told,) = machine.post(f"{here}/secrets", {"pin": PIN})
    assert told == {"secret_id": number, "reads": True, "words": "bên nhận đã có tên trong danh sách được đọc"}
    assert enter(taker).post(f"{here}/secrets", {"mat-secrets": [number], "mat-pin": PIN}).status_code == 403
