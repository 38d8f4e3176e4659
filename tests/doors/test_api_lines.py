"""Lines and outside agencies by the API: every act of the pages, by the same rights."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from antin.people import operations as people
from tests import given
from tests.axis import SECRET, Axis, National, open_axis
from tests.cast import Cast, Member

pytestmark = pytest.mark.django_db

LINE = {"name": "truc", "channel": "axis", "title": "Trục", "system_id": "H98.1", "secret": SECRET, "plain": True}


@pytest.fixture
def axis() -> Iterator[Axis]:
    made, server = open_axis(National)
    yield made
    made.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def ask() -> Callable[..., Any]:
    def asked(member: Member, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        now = timezone.now()
        made = people.create_token(
            person_id=member.person_id,
            post_id=member.post_id,
            name="thử",
            scopes=("read", "act"),
            expires_at=now + timedelta(days=1),
            actor=None,
            at=now,
        )
        answer = Client().generic(
            method,
            f"/api{path}",
            data=b"" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {made.secret}"},
        )
        return answer.status_code, answer.json()

    return asked


def test_a_line_and_its_directory(cast: Cast, axis: Axis, ask: Callable[..., Any]) -> None:
    who = cast.administrator
    axis.agencies = [{"code": "G99", "name": "Bộ Thử nghiệm", "code102": "000.00.00.G99", "pid": "", "mail": ""}]
    status, line = ask(who, "POST", "/lines", LINE | {"address": axis.base})
    assert (status, line["open"], line["name"], SECRET in str(line)) == (201, False, "truc", False)
    assert ask(who, "POST", f"/lines/{line['id']}/test") == (200, {"waiting": 0})
    assert ask(who, "POST", f"/lines/{line['id']}/directory") == (200, {"new": 1, "changed": 0, "closed": 0})
    assert ask(who, "POST", f"/lines/{line['id']}/open")[1]["open"] is True
    assert [each["to_send"] for each in ask(who, "GET", "/lines")[1]] == [0]
    assert ask(who, "GET", "/parcels?status=set_aside") == (200, [])
    assert ask(who, "POST", f"/lines/{line['id']}/shut")[1]["open"] is False
    assert ask(cast.clerk, "GET", "/lines")[0] == 403
    assert ask(cast.clerk, "POST", f"/lines/{line['id']}/open")[0] == 403


def test_a_draft_is_addressed_to_an_outside_agency(cast: Cast, at: datetime, ask: Callable[..., Any]) -> None:
    entered = {"code": "G99", "name": "Bộ Thử nghiệm", "channel": "file", "spellings": ["000.00.00.G99"]}
    assert ask(cast.clerk, "POST", "/correspondents", entered)[0] == 403
    status, made = ask(cast.administrator, "POST", "/correspondents", entered)
    assert (status, made["spellings"]) == (201, ["000.00.00.G99", "G99"])
    [found] = ask(cast.plan_officer, "GET", "/correspondents?words=000.00.00.G99")[1]
    draft = given.a_draft(cast, at)
    body = {"addressed": [cast.recipient_id], "addressed_outside": [found["id"]]}
    status, told = ask(cast.plan_officer, "PUT", f"/documents/{draft.pk}/recipients", body)
    assert status == 200
    assert [(each["agency_id"], each["correspondent_id"]) for each in told["recipients"]] == [
        (cast.recipient_id, None),
        (None, found["id"]),
    ]
    changed = {"name": "Bộ Thử", "channel": "node", "spellings": []}
    assert ask(cast.administrator, "PUT", f"/correspondents/{found['id']}", changed)[1]["name"] == "Bộ Thử"
    assert ask(cast.administrator, "POST", f"/correspondents/{found['id']}/close", {})[0] == 200
    assert ask(cast.administrator, "POST", f"/correspondents/{found['id']}/close", {})[0] == 422
