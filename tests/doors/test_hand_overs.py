"""The pages of hand-overs, and the same by API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from antin.handovers.models import PostHandOver
from antin.keys import operations as issuing
from tests import given, paper
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.paper import PIN

pytestmark = pytest.mark.django_db
HERE = "/hand-overs"


@pytest.fixture
def keyed(cast: Cast) -> Cast:
    now = datetime.now(UTC)
    paper.give_keys(cast, now)
    for each in (cast.plan_officer, cast.plan_head):
        issuing.issue_person_certificate(person_id=each.person_id, post_id=each.post_id, pin=PIN, actor=None, at=now)
    given.a_draft(cast, now)
    return cast


def asked(cast: Cast, **changes: Any) -> dict[str, Any]:
    told = {
        "post_id": cast.plan_officer.post_id,
        "taker_id": cast.plan_head.person_id,
        "from_date": "2027-01-04",
        "basis": "QĐ 15/QĐ-TCZ",
        "words": "Chìa khóa tủ",
    }
    return told | changes


def test_a_post_is_handed_over_on_the_pages(keyed: Cast, enter: Enter) -> None:
    giver, taker = keyed.plan_officer, keyed.plan_head
    page = enter(giver).post(HERE, asked(keyed), follow=True).content.decode()
    act = PostHandOver.objects.get()
    here = f"{HERE}/{act.pk}"
    assert given.SUBJECT in page and "theo chức vụ, người giữ chức vụ làm tiếp" in page
    assert given.SUBJECT not in enter(taker).get(here).content.decode(), "the taker reads it once it is fixed"
    watching = enter(keyed.administrator).get(here).content.decode()
    assert given.SUBJECT not in watching and "chỉ hai bên đọc được" in watching
    assert enter(keyed.technique_head).get(here).status_code == 404
    assert "Chờ hai bên ký" in enter(giver).post(f"{here}/fix", follow=True).content.decode()
    assert enter(giver).post(here, {"pin": "000000"}).status_code in (403, 422)
    assert "Đã ký biên bản bàn giao." in enter(giver).post(here, {"pin": PIN}, follow=True).content.decode()
    done = enter(taker).post(here, {"pin": PIN}, follow=True).content.decode()
    assert "Đã bàn giao" in done and "ký, nhận" in done and given.SUBJECT in done
    assert b"".join(enter(taker).get(f"{here}/file/minutes").streaming_content)[:5] == b"%PDF-"  # type: ignore[attr-defined]
    assert enter(keyed.administrator).get(f"{here}/file/minutes").status_code == 404
    assert enter(taker).get(f"{here}/file/giver").status_code == 200
    assert act.post_title in enter(taker).get(HERE).content.decode()


def test_machines_hand_over_and_withdraw(keyed: Cast, client: Client) -> None:
    giver = Machine(client, keyed.plan_officer)
    told = giver.post(HERE, asked(keyed, vacant=True), 201)
    assert [each["kind"] for each in told["items"]] == ["waiting"]
    here = f"{HERE}/{told['id']}"
    fixed = giver.post(f"{here}/fix")
    assert (fixed["status"], len(fixed["minutes"])) == ("fixed", 64)
    assert giver.post(f"{here}/reopen")["minutes"] == ""
    giver.post(f"{here}/fix")
    assert giver.post(f"{here}/sign", {"pin": PIN})["giver_signed_at"]
    assert giver.post(f"{here}/withdraw", {"reason": "Hoãn"})["status"] == "withdrawn"
    watching = Machine(client, keyed.administrator).get(HERE)
    assert (watching[0]["item_count"], watching[0]["items"]) == (1, [])
    Machine(client, keyed.technique_head).get(here, 404)
