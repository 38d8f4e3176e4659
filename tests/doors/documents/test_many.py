"""One act on many from the list: what may be ticked, what is asked, the page of progress, and the same by machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.http import HttpResponse
from django.test import Client

from antin.batches.models import ActBatch
from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.states import Status
from antin.workdays.queries import local_date
from tests import given
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine

pytestmark = pytest.mark.django_db

Keep = Callable[..., object]


def text(response: HttpResponse) -> str:
    return response.content.decode()


def arrivals(cast: Cast, now: datetime, count: int = 3) -> list[int]:
    return [
        given.an_arrival(cast, now, key=f"d:{n}", code=f"{n}/TCZ-KH", identifier=f"I{n}", subject=f"Việc {n}").pk
        for n in range(1, count + 1)
    ]


def test_the_clerk_ticks_registers_and_reads_what_came_of_each(
    cast: Cast, enter: Enter, now: datetime, keep_promises: Keep
) -> None:
    ids = arrivals(cast, now)
    browser = enter(cast.recipient_clerk)
    page = text(browser.get("/incoming"))
    assert page.count('name="pick"') == 3
    assert 'action="/many"' in page and 'name="act" value="register"' in page
    assert 'value="direct"' not in page  # that is the leader's
    asked = browser.get("/many", {"act": "register", "pick": ids})
    assert "Vào sổ 3 văn bản" in text(asked)
    form = {"act": "register", "pick": ids, "begun_in": asked.context["begun_in"]}
    sent = browser.post("/many", form)
    assert browser.post("/many", form)["Location"] == sent["Location"]  # a second press begins nothing
    running = browser.get(sent["Location"])
    assert "Vào sổ: xong 0 trên 3" in text(running) and 'hx-trigger="every 1s"' in text(running)
    keep_promises(now)
    done = text(browser.get(sent["Location"], headers={"HX-Request": "true", "HX-Target": "progress"}))
    assert done.lstrip().startswith("<div") and "Vào sổ: xong 3 trên 3" in done and "hx-trigger" not in done
    assert [f"số đến {n}" in done for n in (1, 2, 3)] == [True] * 3
    assert [queries.get(each).arrival_number for each in ids] == [1, 2, 3]
    assert text(browser.get("/incoming")).count('name="pick"') == 3  # they can still be presented to another


def test_who_can_do_nothing_with_many_has_no_ticks(cast: Cast, enter: Enter, now: datetime) -> None:
    arrivals(cast, now)
    assert 'name="pick"' not in text(enter(cast.recipient_head).get("/incoming"))


def test_what_cannot_be_done_is_said_before(cast: Cast, enter: Enter, now: datetime) -> None:
    first, second = arrivals(cast, now, 2)
    clerk = cast.recipient_clerk.actor()
    documents.register(document_id=first, actor=clerk, today=local_date(now), at=now)
    browser = enter(cast.recipient_clerk)
    page = text(browser.get("/many", {"act": "register", "pick": [first, second]}))
    assert "Vào sổ 1 văn bản" in page and "Không làm được, để lại" in page
    none = text(browser.get("/many", {"act": "register", "pick": [first]}))
    assert "Không làm được với mục nào" in none
    assert browser.get("/many", {"act": "burn", "pick": [first]}).status_code == 422
    assert enter(cast.plan_officer).get("/many", {"act": "register", "pick": [first]}).status_code == 404


def test_a_batch_is_stopped_and_gone_on_with_by_its_owner_only(
    cast: Cast, enter: Enter, now: datetime, keep_promises: Keep
) -> None:
    ids = arrivals(cast, now)
    browser = enter(cast.recipient_clerk)
    address = browser.post("/many", {"act": "register", "pick": ids})["Location"]
    assert enter(cast.clerk).get(address).status_code == 404
    browser.post(f"{address}/halt")
    keep_promises(now)
    assert "Đã dừng." in text(browser.get(address)) and ActBatch.objects.get().ended_at is None
    browser.post(f"{address}/go-on")
    keep_promises(now)
    assert "Vào sổ: xong 3 trên 3" in text(browser.get(address))


def test_the_leader_gives_many_to_one_unit(cast: Cast, enter: Enter, now: datetime, keep_promises: Keep) -> None:
    ids = arrivals(cast, now, 2)
    for each in ids:
        documents.register(document_id=each, actor=cast.recipient_clerk.actor(), today=local_date(now), at=now)
    browser = enter(cast.recipient_head)
    asked = text(browser.get("/many", {"act": "direct", "pick": ids}))
    assert "Giao xử lý 2 văn bản" in asked
    nobody = browser.post("/many", {"act": "direct", "pick": ids, "words": "Làm."})
    assert nobody.status_code == 422 and "Chỉ đạo phải nêu ít nhất một nơi" in text(nobody)
    form = {"act": "direct", "pick": ids, "words": "Làm.", "term": "3", f"role-U{cast.recipient_works_id}": "lead"}
    address = browser.post("/many", form)["Location"]
    keep_promises(now)
    assert "xong 2 trên 2" in text(browser.get(address))
    assert [queries.get(each).status for each in ids] == [Status.DIRECTED] * 2
    works = enter(cast.recipient_works_head)
    page = text(works.get("/tasks"))
    assert page.count('name="pick"') == 2 and 'name="act" value="take"' in page


def test_the_same_by_machine(cast: Cast, client: Client, now: datetime, keep_promises: Keep) -> None:
    ids = arrivals(cast, now)
    clerk = Machine(client, cast.recipient_clerk)
    body = {"act": "register", "ids": ids, "key": "k" * 20}
    begun = clerk.post("/batches", body, 202)
    assert clerk.post("/batches", body, 202)["id"] == begun["id"]
    assert [each["status"] for each in begun["items"]] == ["waiting"] * 3
    keep_promises(now)
    done = clerk.get(f"/batches/{begun['id']}")
    assert [(each["status"], each["words"]) for each in done["items"]] == [("done", "1"), ("done", "2"), ("done", "3")]
    assert [each["id"] for each in clerk.get("/batches")] == [begun["id"]]
    assert clerk.post(f"/batches/{begun['id']}/halt", status=422)["code"] == "batch_over"
    assert clerk.post("/batches", {"act": "present", "ids": ids}, 422)["code"] == "answer_missing"
    assert clerk.post("/batches", {"act": "direct", "ids": ids}, 422)["code"] == "answer_missing"
    assert Machine(client, cast.clerk).get(f"/batches/{begun['id']}", 404)["code"] == "not_found"
