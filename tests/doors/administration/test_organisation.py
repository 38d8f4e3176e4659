"""An organisation from a table: looked through, refused by line, taken in whole, written out again."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from html import unescape
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import localdate
from openpyxl import Workbook, load_workbook

from antin.files.queries import NotATable, read_table
from antin.people import operations, queries
from antin.people.operations import PostLine, UnitLine
from antin.refusal import NotAllowed
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.unchanged import everything, refused

pytestmark = pytest.mark.django_db

UNITS = ["Tên đơn vị", "Thuộc", "Viết tắt", "Loại", "Mã định danh"]
POSTS = ["Đơn vị", "Chức vụ", "Vai trò", "Họ và tên", "Tên đăng nhập", "Từ ngày"]
NEW_UNITS = [
    ["Xưởng Y7", "{code}", "Y7", "Xưởng", "{code}.77"],
    ["Phòng Máy", "Xưởng Y7", "MAY", "Phòng", ""],
]
NEW_POSTS = [
    ["{code}.77", "Quản đốc", "Cấp trưởng", "Lê Văn Bình", "binh.y7", "01/12/2026"],
    ["Xưởng Y7 / Phòng Máy", "Thợ máy", "Cán bộ", "Trần Thị Mai", "mai.y7", ""],
    ["Xưởng Y7 / Phòng Máy", "Thợ máy", "Cán bộ", "", "", ""],
]


def book(sheets: dict[str, list[Sequence[Any]]]) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def filled(cast: Cast, rows: list[list[str]]) -> list[Sequence[Any]]:
    code = queries.get_unit(cast.agency_id).code
    assert code is not None
    return [[cell.format(code=code.value) for cell in row] for row in rows]


@pytest.fixture
def good(cast: Cast) -> bytes:
    return book({"Đơn vị": [UNITS, *filled(cast, NEW_UNITS)], "Người": [POSTS, *filled(cast, NEW_POSTS)]})


def send(browser: Client, content: bytes, name: str = "to-chuc.xlsx") -> Any:
    return browser.post("/administration/organisation", {"table": SimpleUploadedFile(name, content)})


def told(page: str) -> str:
    found = re.search(r'name="told" value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def test_a_table_is_looked_through_then_taken_in(cast: Cast, enter: Enter, good: bytes, at: datetime) -> None:
    browser = enter(cast.administrator)
    before = everything()
    answer = send(browser, good)
    assert answer.status_code == 200
    assert everything() == before, "looking through writes nothing"
    page = answer.content.decode()
    assert re.findall(r'<td class="num">(\d+)</td>', page) == ["2", "0", "3", "0", "2", "0"]
    assert browser.post("/administration/organisation", {"told": told(page)}).status_code == 302
    soon = max(localdate() + timedelta(days=1), date(2026, 12, 2))  # the table appoints from 1 December
    [workshop] = [row for row in queries.list_tree(on=soon, words="xuong y7") if row.is_agency]
    [part] = [row for row in queries.list_tree(on=soon) if row.parent_id == workshop.id]
    assert (part.name, part.is_agency, part.agency_id) == ("Phòng Máy", False, workshop.id)
    seats = queries.list_seats_of([workshop.id, part.id], soon)
    assert [(seat.post.title, seat.appointment and seat.appointment.person.name) for seat in seats] == [
        ("Quản đốc", "Lê Văn Bình"),
        ("Thợ máy", "Trần Thị Mai"),
        ("Thợ máy", None),
    ]
    again = send(browser, good).content.decode()
    assert re.findall(r'<td class="num">(\d+)</td>', again) == ["0", "2", "0", "3", "0", "2"]
    assert 'name="told"' not in again or "Không có gì mới" in again


def test_first_passwords_are_told_once(cast: Cast, enter: Enter, good: bytes) -> None:
    browser = enter(cast.administrator)
    browser.post("/administration/organisation", {"told": told(send(browser, good).content.decode())})
    assert "cho 2 người" in browser.get("/administration/people/passwords").content.decode()
    page = browser.post("/administration/people/passwords").content.decode()
    [given] = re.findall(r"Trần Thị Mai · mai\.y7.*?([a-z2-9]{4}(?:-[a-z2-9]{4}){3})", page, re.S)
    assert "Không còn ai chờ" in browser.get("/administration/people/passwords").content.decode()
    stranger = Client()
    stranger.post("/sign-in", {"user_name": "mai.y7", "password": given})
    assert stranger.get("/").status_code == 302, "a given password is changed first"
    assert "_auth" not in page


def test_every_fault_is_named_and_nothing_is_written(cast: Cast, enter: Enter) -> None:
    rows = [
        ["", "{code}", "A", "Phòng", ""],
        ["Xưởng Y8", "Nơi không có", "Y8", "Xưởng", ""],
        ["Xưởng Y9", "{code}", "Y9", "Lâu đài", ""],
        ["Xưởng Y10", "{code}", "Y10", "Xưởng", "{code}.78"],
    ]
    posts = [
        ["{code}.78", "Quản đốc", "Cấp trưởng", "Lê Văn Bình", "KHÔNG ĐÚNG", "hôm qua"],
        ["{code}", "Thủ trưởng thứ hai", "Cấp trưởng", "", "", ""],
        ["{code}", "Chuyên viên", "Cán bộ", "Tên Khác", cast_user(cast), ""],
    ]
    browser = enter(cast.administrator)
    before = everything()
    answer = send(browser, book({"Đơn vị": [UNITS, *filled(cast, rows)], "Người": [POSTS, *filled(cast, posts)]}))
    assert (answer.status_code, everything()) == (422, before)
    page = answer.content.decode()
    found = re.findall(r'<tr><td>([^<]+)</td><td class="num">(\d+)</td><td>([^<]+)</td></tr>', page)
    assert [(table, row) for table, row, _words in found] == [
        ("Đơn vị", "2"),
        ("Đơn vị", "3"),
        ("Đơn vị", "4"),
        ("Chức vụ và người", "2"),
        ("Chức vụ và người", "2"),
        ("Chức vụ và người", "3"),
        ("Chức vụ và người", "4"),
    ]
    assert 'name="told"' not in page


def cast_user(cast: Cast) -> str:
    return queries.get_person(cast.plan_officer.person_id).user_name or ""


def test_the_house_written_out_brings_nothing_new(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.administrator)
    content = browser.get("/administration/organisation/table").content
    assert [sheet.title for sheet in load_workbook(io.BytesIO(content)).worksheets] == ["Đơn vị", "Chức vụ và người"]
    answer = send(browser, content)
    assert answer.status_code == 200, answer.content.decode()
    new_and_there = re.findall(r'<td class="num">(\d+)</td>', answer.content.decode())
    assert new_and_there[::2] == ["0", "0", "0"]
    assert "0" not in new_and_there[1::2]


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"PK\x03\x04rubbish", "Tên".encode("utf-16"), b'"open', b"a\n" * 6000],
    ids=["empty", "pdf", "zip", "utf-16", "quote", "long"],
)
def test_what_is_no_table_is_refused(cast: Cast, enter: Enter, content: bytes) -> None:
    answer = send(enter(cast.administrator), content)
    assert answer.status_code in (409, 413, 422)
    assert 'name="told"' not in answer.content.decode()


def test_a_table_that_unpacks_to_too_much_is_refused(good: bytes) -> None:
    kept = io.BytesIO(good)
    with ZipFile(kept, "a", ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/large.bin", b"\0" * 120_000_000)
    refused(NotATable, partial(read_table, kept.getvalue()))


def test_a_csv_tells_one_table(cast: Cast) -> None:
    [sheet] = read_table("Đơn vị;Chức vụ\r\nVăn phòng;Lái xe\r\n".encode("utf-8-sig"))
    assert sheet.rows == [["Đơn vị", "Chức vụ"], ["Văn phòng", "Lái xe"]]


def test_who_administers_no_house_takes_nothing_in(cast: Cast, at: datetime) -> None:
    refused(
        NotAllowed,
        partial(operations.import_organisation, units=[], posts=[], keep=True, actor=cast.clerk.actor(), at=at),
    )


def test_machines_take_in_too(cast: Cast, client: Client) -> None:
    administrator = Machine(client, cast.administrator)
    body = {"posts": [{"row": 7, "unit": "Nơi không có", "title": "Lái xe"}], "keep": True}
    done = administrator.post("/organisation", body, 200)
    assert (done["kept"], done["faults"][0]["row"], done["faults"][0]["code"]) == (False, 7, "unknown_unit")
    name = queries.get_unit(cast.office_id).name
    body["posts"][0]["unit"] = name  # type: ignore[index]
    assert administrator.post("/organisation", body, 200)["kept"] is True


def test_names_that_could_be_two_units_are_asked_about(cast: Cast, at: datetime) -> None:
    actor = cast.administrator.actor()
    plan, office = queries.get_unit(cast.plan_id).name, queries.get_unit(cast.office_id).name
    units = [
        UnitLine(row=2, name="Tổ Một", under=plan, abbreviation="T1"),
        UnitLine(row=3, name="Tổ Một", under=office, abbreviation="T1"),
    ]
    posts = [PostLine(row=2, unit="Tổ Một", title="Tổ trưởng"), PostLine(row=3, unit=f"{plan}/Tổ Một", title="Tổ phó")]
    done = operations.import_organisation(units=units, posts=posts, keep=True, actor=actor, at=at)
    assert [(each.row, each.refusal.code) for each in done.faults] == [(2, "unit_not_clear")]
