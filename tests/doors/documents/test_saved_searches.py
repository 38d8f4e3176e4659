"""What was found as a table and a file, its columns chosen, and searches kept by name."""

from __future__ import annotations

import io
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from django.test import Client
from openpyxl import load_workbook

from antin.documents import operations, queries
from antin.documents.operations.searches import MOST, QueryTooLong, SearchUnnamed, TooManySearches
from antin.refusal import NotFound
from tests import given, indexes
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def index(own_state: Path) -> None:
    indexes.begin()


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def table(browser: Client, **query: str) -> list[tuple[str, ...]]:
    answer = browser.get("/search/export", query)
    return list(load_workbook(io.BytesIO(answer.content)).active.values)


def test_what_is_found_is_taken_out_in_the_columns_chosen(cast: Cast, enter: Enter, now: datetime) -> None:
    given.an_arrival(cast, now, subject="=1+1 báo cáo")
    indexes.write()
    browser = enter(cast.recipient_clerk)
    heads, row = table(browser, q="báo cáo")
    assert heads[:4] == ("Số, ký hiệu", "Ngày văn bản", "Tên loại", "Trích yếu")
    assert row[:5] == ("15/TCZ-KH", "23/11/2026", "Công văn", "=1+1 báo cáo", "Tổng cục Z")
    assert "Văn bản đến" in row
    answer = browser.post("/search/columns?q=x", {"code": "on", "status": "on"})
    assert answer["Location"] == "/search?q=x&view=table"
    assert table(browser, q="báo cáo")[0] == ("Số, ký hiệu", "Trích yếu", "Trạng thái")
    page = text(browser.get("/search", {"q": "báo cáo", "view": "table"}))
    assert page.count('<th scope="col">') == 3
    assert "=1+1 báo cáo</a></td>" in page
    assert table(enter(cast.clerk), q="báo cáo")[1:] == []


def test_a_search_is_kept_shared_and_taken_away(cast: Cast, enter: Enter, now: datetime) -> None:
    browser = enter(cast.plan_officer)
    assert browser.post("/search/save?q=h%E1%BB%8Dp&kind=CV", {"name": "Họp", "share": "on"}).status_code == 302
    assert browser.post("/search/save?q=ri%C3%AAng", {"name": "Riêng"}).status_code == 302
    [shared, own] = queries.list_searches(cast.plan_officer.actor())
    assert (shared.query, own.name) == ("q=h%E1%BB%8Dp&kind=CV", "Riêng")
    page = text(browser.get(f"/search?{shared.query}"))
    assert ">Họp</a>" in page
    assert f"/search/saved/{shared.pk}/forget" in page
    colleague = text(enter(cast.plan_head).get("/search"))
    assert f"Họp · {cast.plan_officer.name}" in colleague
    assert "Riêng" not in colleague
    assert "Họp" not in text(enter(cast.clerk).get("/search"))
    assert enter(cast.plan_head).post(f"/search/saved/{shared.pk}/forget").status_code == 404
    browser.post(f"/search/saved/{shared.pk}/forget")
    assert queries.list_searches(cast.plan_head.actor()) == []


def test_the_same_name_takes_the_place_of_the_old(cast: Cast, now: datetime) -> None:
    actor = cast.plan_officer.actor()
    for query in ("q=a", "q=b"):
        operations.save_search(name=" Một ", query=query, share=False, actor=actor, at=now)
    assert [(each.name, each.query) for each in queries.list_searches(actor)] == [("Một", "q=b")]


def test_refusals_change_nothing(cast: Cast, now: datetime) -> None:
    actor = cast.plan_officer.actor()
    refused(SearchUnnamed, partial(operations.save_search, name="  ", query="q=a", share=False, actor=actor, at=now))
    refused(
        QueryTooLong, partial(operations.save_search, name="Dài", query="q" * 1001, share=False, actor=actor, at=now)
    )
    for n in range(MOST):
        operations.save_search(name=f"Số {n}", query="q=a", share=False, actor=actor, at=now)
    refused(
        TooManySearches, partial(operations.save_search, name="Thêm", query="q=a", share=False, actor=actor, at=now)
    )
    kept = queries.list_searches(actor)[0]
    refused(NotFound, partial(operations.forget_search, saved_id=kept.pk, actor=cast.plan_head.actor(), at=now))


def test_machines_keep_searches_too(cast: Cast, client: Client, now: datetime) -> None:
    machine = Machine(client, cast.plan_officer)
    made = machine.post("/searches", {"name": "Họp", "query": "q=hop"}, 201)
    assert machine.get("/searches") == [made]
    assert machine.send("DELETE", f"/searches/{made['id']}", {}, 200) == []
