"""The pages of lines to the outside and of the agencies behind them: set up, tried, opened; searched, entered, imported."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from antin.correspondents import queries as directory
from antin.documents import queries as documents
from antin.documents.operations import Outside
from antin.exchange import queries
from antin.exchange.models import Delivery, Line
from antin.people import at_rest
from tests import given
from tests.axis import SECRET, Axis, National, open_axis
from tests.cast import Cast

pytestmark = pytest.mark.django_db

FORM = {"channel": "axis", "title": "Trục quốc gia", "name": "truc", "system_id": "H98.1", "secret": SECRET}
TABLE = "Mã;Tên;Mã cũ\nG99;Bộ Thử nghiệm;000.00.00.G99\nH95;Tỉnh Sông Thương\n"


@pytest.fixture
def axis() -> Iterator[Axis]:
    made, server = open_axis(National)
    yield made
    made.over.set()
    server.shutdown()
    server.server_close()


def shown(browser: Any, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.content.decode())


def test_a_line_is_set_up_tried_opened_and_its_directory_taken(
    cast: Cast, axis: Axis, enter: Callable[..., Any]
) -> None:
    axis.agencies = [{"code": "G99", "name": "Bộ Thử nghiệm", "code102": "", "pid": "", "mail": ""}]
    page = enter(cast.administrator)
    assert "Chưa có kênh liên thông" in shown(page, "/administration/lines")
    refused = page.post("/administration/lines/set-up", FORM | {"address": "ftp://x"})
    assert (refused.status_code, Line.objects.count()) == (422, 0)
    codes = "G11.90 = H98.1.2"
    address = {"address": axis.base, "plain": "on", "codes": codes}
    assert page.post("/administration/lines/set-up", FORM | address).status_code == 302
    line = Line.objects.get()
    assert queries.list_codes(line) == {cast.agency_id: "H98.1.2"}
    assert SECRET.encode() not in bytes(line.sealed)
    assert at_rest.unseal(bytes(line.sealed))
    change = shown(page, f"/administration/lines/{line.pk}/change")
    assert (SECRET in change, codes in change) == (False, True)
    for act in ("test", "directory", "open"):
        assert page.get(f"/administration/lines/{line.pk}/{act}").status_code == 200
        assert page.post(f"/administration/lines/{line.pk}/{act}").status_code == 302, act
    told = shown(page, "/administration/lines")
    for words in ("1 kênh liên thông đang mở", "thông suốt", "1 cơ quan", "không có gì chờ"):
        assert words in told
    assert page.post(f"/administration/lines/{line.pk}/shut").status_code == 302
    assert "đang tắt" in shown(page, "/administration/lines")


def test_the_directory_is_searched_entered_imported_and_closed(cast: Cast, enter: Callable[..., Any]) -> None:
    page = enter(cast.administrator)
    entered = {"code": "G77", "name": "Bộ Khác", "way": "file:", "spellings": "a, b"}
    assert page.post("/administration/correspondents/enter", entered).status_code == 302
    table = SimpleUploadedFile("danh-ba.csv", TABLE.encode())
    assert page.post("/administration/correspondents/import", {"way": "file:", "table": table}).status_code == 302
    broken = SimpleUploadedFile("danh-ba.csv", b"G1;\n")
    assert page.post("/administration/correspondents/import", {"way": "file:", "table": broken}).status_code == 422
    assert "3 cơ quan ngoài nút" in shown(page, "/administration/correspondents")
    found = shown(page, "/administration/correspondents?words=song+thuong")
    assert ("Tỉnh Sông Thương" in found, "Bộ Khác" in found) == (True, False)
    row, heir = directory.find_by_code("a"), directory.find_by_code("000.00.00.G99")
    assert row is not None
    assert heir is not None
    change = f"/administration/correspondents/{row.pk}/change"
    assert "a, b" in shown(page, change)
    assert page.post(change, {"name": "Bộ Khác nữa", "way": "node:", "spellings": "a"}).status_code == 302
    close = f"/administration/correspondents/{row.pk}/close"
    assert page.post(close, {"successor": "no such"}).status_code == 404
    assert page.post(close, {"successor": "G99"}).status_code == 302
    assert directory.find_successor(directory.get(row.pk)) == heir


def test_a_drafter_finds_an_outside_agency_and_the_board_shows_it(
    cast: Cast, at: datetime, enter: Callable[..., Any]
) -> None:
    administrator, officer = enter(cast.administrator), enter(cast.plan_officer)
    entered = {"code": "G77", "name": "Bộ Khác", "way": "file:", "spellings": "000.00.00.G77"}
    administrator.post("/administration/correspondents/enter", entered)
    [found] = officer.get("/drafts/recipients?words=000.00.00.g77").json()["found"]
    assert (found["words"], found["code"], found["note"]) == ("Bộ Khác", "G77", "ngoài nút")
    draft = given.a_draft(cast, at)
    page = officer.get(f"/drafts/{draft.pk}/edit")
    form = page.context["form"]
    told = {name: form[name].value() for name in ("key", "revision", "type_code", "subject", "urgency", "secrecy")}
    sent = {**told, "signer": cast.head.post_id, "addressed": [found["value"], str(cast.recipient_id)], "body": ""}
    assert officer.post(f"/drafts/{draft.pk}/edit", sent).status_code == 302
    names = [(row.name, row.role) for row in documents.list_recipient_agencies(draft.pk)]
    assert names == [("Bộ Khác", "addressed"), ("Trung tâm B1", "addressed")]
    assert f'value="{found["value"]}" selected' in shown(officer, f"/drafts/{draft.pk}/edit")

    row = directory.find_by_code("G77")
    assert row is not None
    from_draft = given.an_issued_document(cast, at, recipients=[Outside(row.pk)])
    board = shown(enter(cast.clerk), f"/outgoing/{from_draft.pk}/board")
    assert "Gói tệp mang tay" in board
    assert Delivery.objects.get().channel == "file"


def test_only_administrators(cast: Cast, enter: Callable[..., Any]) -> None:
    clerk = enter(cast.clerk)
    for path in ("/administration/lines", "/administration/correspondents", "/administration/lines/set-up"):
        assert clerk.get(path).status_code == 403
