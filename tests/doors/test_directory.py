"""The directory: everybody in a post, found by name, unit or number; who may say a number."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial

import pytest
from django.test import Client

from antin.people import operations, queries
from antin.people.operations import BadPhone
from antin.refusal import NotAllowed
from antin.workdays.queries import local_date
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def names(page: str) -> list[str]:
    return re.findall(r'<th scope="row">([^<]+)', page)


def test_somebody_is_found_by_what_is_known_of_him(cast: Cast, enter: Enter, at: datetime) -> None:
    operations.give_phone(person_id=cast.clerk.person_id, phone="069 512 345", actor=cast.clerk.actor(), at=at)
    browser = enter(cast.recipient_clerk)
    everybody = names(browser.get("/directory").content.decode())
    assert len(everybody) == 19
    for words in ("512345", "069 512", cast.clerk.name.lower(), "069 512 345"):
        page = browser.get("/directory", {"words": words}).content.decode()
        assert names(page) == [cast.clerk.name], words
        assert 'href="tel:069512345"' in page
    mine = names(browser.get("/directory", {"mine": "1"}).content.decode())
    assert cast.recipient_clerk.name in mine
    assert cast.clerk.name not in mine
    assert names(browser.get("/directory", {"words": "khongcoai"}).content.decode()) == []


def test_who_has_left_a_post_is_not_in_it(cast: Cast, at: datetime) -> None:
    operations.let_go(person_id=cast.plan_officer.person_id, basis="QĐ 1", actor=cast.administrator.actor(), at=at)
    found = queries.list_directory(on=local_date(at), limit=100)
    assert cast.plan_officer.person_id not in {each.person_id for each in found}


def test_pages_follow_one_another(cast: Cast, at: datetime) -> None:
    on = local_date(at)
    whole = queries.list_directory(on=on, limit=100)
    assert queries.list_directory(on=on, limit=5) + queries.list_directory(on=on, first=5, limit=100) == whole


def test_a_number_is_said_by_oneself_or_the_administrator(cast: Cast, enter: Enter, at: datetime) -> None:
    assert enter(cast.clerk).post("/me/phone", {"phone": "069 111 222"}).status_code == 302
    address = f"/administration/people/{cast.plan_head.person_id}/phone"
    assert enter(cast.administrator).post(address, {"phone": "+84 (0)69-333"}).status_code == 302
    assert [queries.get_person(each.person_id).phone for each in (cast.clerk, cast.plan_head)] == [
        "069 111 222",
        "+84 (0)69-333",
    ]
    give = partial(operations.give_phone, at=at)
    stranger = cast.plan_head.actor()
    refused(NotAllowed, partial(give, person_id=cast.clerk.person_id, phone="069 1", actor=stranger))
    for wrong in ("12", "gọi tôi", "069<b>1234", "1" * 41):
        refused(BadPhone, partial(give, person_id=cast.clerk.person_id, phone=wrong, actor=cast.clerk.actor()))
    assert enter(cast.clerk).post("/me/phone", {"phone": "không"}).status_code == 422


def test_machines_look_up_and_say(cast: Cast, client: Client) -> None:
    machine = Machine(client, cast.clerk)
    told = machine.send("PUT", f"/people/{cast.clerk.person_id}/phone", {"phone": "069 777 888"}, 200)
    assert told == {"person_id": cast.clerk.person_id, "phone": "069 777 888"}
    [entry] = machine.get("/directory?words=777888")
    assert (entry["name"], entry["phone"]) == (cast.clerk.name, "069 777 888")
