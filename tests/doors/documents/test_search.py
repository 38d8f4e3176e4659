"""The search page and its API: what is found, how it is narrowed, and what it says when it cannot know."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from antin.index import asking, engine
from tests import given, indexes
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def index(own_state: Path) -> None:
    indexes.begin()


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def search(browser: Client, **query: str) -> str:
    answer = browser.get("/search", query)
    assert answer.status_code == 200
    return text(answer)


def test_it_finds_in_every_box_with_or_without_accents(cast: Cast, enter: Enter, now: datetime) -> None:
    given.a_draft(cast, now, subject="Kế hoạch huấn luyện năm 2027")
    given.an_issued_document(cast, now, subject="Kế hoạch huấn luyện quý I")
    indexes.write()
    browser = enter(cast.plan_officer)
    for words in ("ke hoach huan luyen", "Kế hoạch huấn"):
        page = search(browser, q=words)
        assert f"2 văn bản có “{words}”" in page
        assert "năm 2027" in page
        assert "quý I" in page
    assert "<mark>Kế hoạch</mark> <mark>huấn</mark> luyện năm 2027" in page
    assert "Không tìm thấy “trang bị”" in search(browser, q="trang bị")
    assert "Không tìm thấy “kế hoạch”" in search(enter(cast.recipient_works_officer), q="kế hoạch")


def test_facets_lead_to_what_they_count(cast: Cast, enter: Enter, now: datetime) -> None:
    given.a_draft(cast, now, subject="Kế hoạch soạn dở")
    given.an_issued_document(cast, now, subject="Kế hoạch đã gửi", type_code="KH")
    indexes.write()
    browser = enter(cast.plan_officer)
    page = search(browser, q="kế hoạch")
    assert '<a href="/search?q=k%E1%BA%BF+ho%E1%BA%A1ch&amp;box=draft">Dự thảo</a><span class="num">1</span>' in page
    narrowed = search(browser, q="kế hoạch", box="draft")
    assert "1 văn bản có" in narrowed
    assert "soạn dở" in narrowed
    assert "đã gửi" not in narrowed
    assert 'aria-label="Bỏ lọc Dự thảo"' in narrowed
    assert "1 văn bản" in search(browser, kind="KH")
    assert "Không tìm thấy" in search(browser, q="kế hoạch", until="01/01/2020")
    assert "2 văn bản có" in search(browser, q="kế hoạch", since="rubbish", page="x", sort="new", urgency="")


def test_what_is_found_is_escaped_with_its_marks(cast: Cast, enter: Enter, now: datetime) -> None:
    given.an_arrival(cast, now, subject="<script>alert(1)</script> báo cáo", issuer_name="<b>Z</b>")
    indexes.write()
    page = search(enter(cast.recipient_clerk), q="script báo")
    assert "&lt;<mark>script</mark>&gt;alert(1)" in page
    assert "<b>Z</b>" not in page


def test_pages_follow_one_another(cast: Cast, enter: Enter, now: datetime) -> None:
    for n in range(32):
        given.an_arrival(cast, now, key=f"k{n}", identifier="", code=f"{n + 1}/TCZ-KH", number=n + 1)
    indexes.write()
    browser = enter(cast.recipient_clerk)
    first, second = search(browser, q="báo cáo"), search(browser, q="báo cáo", page="2")
    assert "32 văn bản có “báo cáo”" in first
    assert "Dòng 1 đến 30" in first
    assert "Dòng 31 đến 32" in second
    assert first.count("data-row") == 30
    assert second.count("data-row") == 2


def test_a_lost_index_is_said_and_nothing_fails(cast: Cast, enter: Enter, now: datetime) -> None:
    given.an_arrival(cast, now)
    (engine.root() / "current").unlink()
    page = search(enter(cast.recipient_clerk), q="báo cáo")
    assert "Chỉ mục tìm kiếm chưa dùng được." in page
    assert given.SUBJECT in page.replace("<mark>", "").replace("</mark>", "")


@pytest.mark.parametrize("hostile", ['"', "*", "((((", "-", "holder:R1", "a" * 500, "'; drop table"])
def test_hostile_questions_are_questions(cast: Cast, enter: Enter, now: datetime, hostile: str) -> None:
    given.an_arrival(cast, now)
    indexes.write()
    assert given.SUBJECT not in search(enter(cast.recipient_clerk), q=hostile)


def test_machines_find_the_same(cast: Cast, client: Client, now: datetime) -> None:
    document = given.an_arrival(cast, now)
    indexes.write()
    machine = Machine(client, cast.recipient_clerk, ("read",))
    found = machine.get("/documents/search?q=bao+cao&limit=1")
    assert [hit["document"]["id"] for hit in found["items"]] == [document.pk]
    assert found["items"][0]["subject"][:2] == [
        {"words": "Báo cáo", "asked": True},
        {"words": " kết quả ký số quý IV", "asked": False},
    ]
    assert (found["count"], found["index_usable"], found["behind"], found["next"]) == (1, True, None, None)
    assert found["facets"]["kind"] == [{"value": "CV", "count": 1}]
    assert machine.get("/documents/search?q=bao+cao&kind=KH")["count"] == 0
    assert machine.get("/documents/search?after=x", 422)["code"] == "bad_cursor"
    assert Machine(client, cast.clerk, ("read",)).get("/documents/search?q=bao+cao")["count"] == 0


def test_nobody_without_papers_finds_any(cast: Cast, enter: Enter, now: datetime) -> None:
    given.an_arrival(cast, now)
    indexes.write()
    for member in (cast.administrator, cast.clerk):
        assert given.SUBJECT not in search(enter(member))


def test_field_and_retention_are_facets_columns_and_of_the_api(
    cast: Cast, enter: Enter, client: Client, now: datetime
) -> None:
    given.lists_to_file_by(cast, now)
    for n, retention in ((1, "I"), (2, "II")):
        told = {"key": f"k{n}", "identifier": "", "code": f"{n}/TCZ-KH", "number": n}
        document = given.a_registered_document(cast, now, **told)
        given.filed(cast, now, document.pk, field="KT", retention=retention)
    indexes.write()
    browser = enter(cast.recipient_clerk)
    page = search(browser, q="báo cáo")
    assert '&amp;retention=10">10 năm</a><span class="num">1</span>' in page
    assert '&amp;retention=permanent">Vĩnh viễn</a><span class="num">1</span>' in page
    narrowed = search(browser, q="báo cáo", retention="permanent", field="Kỹ thuật", view="table")
    assert "1 văn bản có “báo cáo”" in narrowed
    assert 'aria-label="Bỏ lọc Vĩnh viễn"' in narrowed
    assert 'aria-label="Bỏ lọc Kỹ thuật"' in narrowed
    assert 'data-label="Lĩnh vực">Kỹ thuật</td>' in narrowed
    assert 'data-label="Thời hạn bảo quản">Vĩnh viễn</td>' in narrowed
    assert '<option value="permanent" selected>Vĩnh viễn</option><option value="10">10 năm</option>' in narrowed
    assert '<option value="Kỹ thuật" selected>Kỹ thuật</option>' in narrowed
    gone = search(browser, q="báo cáo", field="Không còn dùng")
    assert '<option value="Không còn dùng" selected>Không còn dùng</option>' in gone
    assert "Không tìm thấy" in search(browser, q="báo cáo", retention="²")
    machine = Machine(client, cast.recipient_clerk, ("read",))
    found = machine.get("/documents/search?q=bao+cao&retention=10&field=K%E1%BB%B9+thu%E1%BA%ADt")
    assert found["count"] == 1
    assert found["facets"]["retention"] == [{"value": "10", "count": 1}]


def test_what_is_not_counted_is_said_with_the_way_to_count_it(
    cast: Cast, enter: Enter, client: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, n in (("DEAR", 3), ("NEWEST", 1), ("ENOUGH", 1)):
        monkeypatch.setattr(asking, name, n)
    for n in (1, 2):
        moment = now - timedelta(days=60 // n)
        given.an_arrival(cast, moment, key=f"k{n}", identifier="", code=f"{n}/TCZ-KH", number=n)
    indexes.write()
    browser = enter(cast.recipient_clerk)
    page = search(browser, q="báo cáo")
    assert "Ít nhất 2 văn bản có “báo cáo”" in page  # as many as are shown
    assert page.count("data-row") == 2
    assert '<a href="/search?q=b%C3%A1o+c%C3%A1o&amp;count=all">Đếm hết</a>' in page
    whole = search(browser, q="báo cáo", count="all")
    assert "2 văn bản có “báo cáo”" in whole
    assert "Đếm hết" not in whole
    machine = Machine(client, cast.recipient_clerk, ("read",))
    found = machine.get("/documents/search?q=bao+cao&limit=1")
    assert (found["count"], found["counted_since"] is None) == (1, False)
    found = machine.get("/documents/search?q=bao+cao&counting=exact")
    assert (found["count"], found["counted_since"]) == (2, None)
