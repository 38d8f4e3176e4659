"""Lists of an agency at the screen and by machine: added, imported after a look, taken back, and chosen for a document."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from antin.codelists import queries
from antin.codelists.models import Entry
from antin.documents import queries as papers
from antin.files.queries import read_table
from tests import given
from tests.cast import TODAY, Cast
from tests.doors.administration.test_organisation import book
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine

pytestmark = pytest.mark.django_db

HEADS = ["Mã", "Thuộc mục", "Tên mục", "Thời hạn bảo quản", "Căn cứ"]
ROWS = [
    ["I", "", "Tài liệu chung", "", ""],
    ["I.1", "I", "Báo cáo năm", "vĩnh viễn", "TT 10"],
    ["I.2", "I", "Công văn", "10 năm", "TT 10"],
]


def test_a_list_is_made_looked_at_and_taken_back_at_the_screen(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.administrator)
    here = reverse("code-list", args=[cast.agency_id, "retention"])
    assert "Chưa có mục nào" in browser.get(here).content.decode()
    suggested = read_table(browser.get(f"{here}/table").content)
    assert suggested[0].rows[0][:5] == HEADS
    assert suggested[0].rows[2][3] == "Vĩnh viễn"

    def send(rows: list[list[str]], status: int = 200, **more: str) -> str:
        told = {"basis": "12/QĐ", "from_date": "01/01/2026", **more}
        file = SimpleUploadedFile("bang.xlsx", book({"Bảng": [HEADS, *rows]}))
        answer = browser.post(f"{here}/take", {"table": file, **told})
        assert answer.status_code == status
        return unescape(answer.content.decode())

    bad = send([["I.1", "K", "Báo cáo", "lâu", ""]], 422)
    assert "không hiểu “lâu”" in bad
    assert "Không có đề mục K" in bad
    shown = send(ROWS)
    assert not Entry.objects.exists()
    kept = re.search(r'name="told" value="([^"]+)"', shown)
    assert kept is not None
    elsewhere = reverse("code-list-import", args=[cast.recipient_id, "retention"])
    assert browser.post(elsewhere, {"told": kept[1]}).status_code in (409, 422)
    browser.post(f"{here}/take", {"told": kept[1]})
    page = unescape(browser.get(here).content.decode())
    assert "3 mục mới, 0 mục sửa, 0 mục thôi dùng" in page
    below = unescape(browser.get(reverse("code-list", args=[cast.recipient_id, "retention"])).content.decode())
    assert "dùng danh mục của" in below
    entry = Entry.objects.get(code="I.2")
    told = {"name": "Công văn", "above": "I", "keeps": "years", "basis": "13/QĐ", "from_date": "01/01/2027"}
    change = reverse("code-entry-change", args=[entry.pk])
    assert browser.post(change, told | {"years": ""}).status_code == 422
    browser.post(change, told | {"years": "5"})
    assert "Sẽ áp dụng" in browser.get(here).content.decode()
    assert "5 năm" in browser.get(f"{here}?on=01/01/2027").content.decode()
    phrases = reverse("code-list", args=[cast.agency_id, "directive"])
    assert "Soạn văn bản trả lời, trình ký." in browser.get(phrases).content.decode()
    browser.post(f"{phrases}/add", {"code": "1", "name": "Báo cáo ngay.", "basis": "1/QĐ", "from_date": "01/01/2026"})
    edition = queries.list_editions(cast.agency_id, "retention")[0]
    browser.post(reverse("code-list-undo", args=[edition.pk]), {"basis": "sai"})
    assert "đã rút lại" in browser.get(here).content.decode()
    entry = Entry.objects.get(code="I.2", until=None)
    assert browser.get(reverse("code-entry-end", args=[entry.pk])).status_code == 200
    browser.post(reverse("code-entry-end", args=[entry.pk]), {"basis": "14/QĐ", "from_date": "01/06/2026"})
    assert [each.code for each in queries.list_choices(cast.agency_id, "retention", TODAY)] == ["I.1"]
    assert enter(cast.head).get(here).status_code == 403


def test_machines_keep_lists_and_documents_are_filed_by_them(
    cast: Cast, enter: Enter, client: Client, at: datetime
) -> None:
    admin, officer = Machine(client, cast.administrator), Machine(client, cast.plan_officer)
    by = {"basis": "12/QĐ", "from_date": "2026-01-01"}
    lines = [{"code": "I", "name": "Chung"}, {"code": "I.1", "name": "Báo cáo", "above": "I", "permanent": True}]
    assert admin.post("/code-lists/retention/import", {"entries": lines, **by})["added"] == 2
    assert admin.post("/code-lists/retention/import", {"entries": lines, "keep": True, **by})["kept"]
    faulty = admin.post("/code-lists/retention/import", {"entries": [{"code": "?", "name": "x"}], **by})
    assert [(each["row"], each["code"]) for each in faulty["faults"]] == [(1, "code_list_code_needed")]
    field = admin.post("/code-lists/field", {"entry": {"code": "KT", "name": "Kỹ thuật"}, **by}, 201)
    officer.post("/code-lists/field", {"entry": {"code": "KH", "name": "Kế hoạch"}, **by}, 403)
    officer.get("/code-lists/field/changes", 403)
    found = officer.get("/code-lists/retention")
    assert (found["keeper_id"], [each["code"] for each in found["entries"]]) == (cast.agency_id, ["I", "I.1"])
    document = given.a_draft(cast, at)
    kept = found["entries"][1]["id"]
    filed = officer.put(f"/documents/{document.pk}/filing", {"retention_id": kept, "field_id": field["id"]})
    assert (filed["retention"]["permanent"], filed["field"]["code"]) == (True, "KT")
    changed = {"entry": {"code": "KT", "name": "Kỹ thuật, công nghệ"}, **by, "from_date": "2026-02-01"}
    assert admin.put(f"/code-list-entries/{field['id']}", changed)["name"] == "Kỹ thuật, công nghệ"
    made = admin.get("/code-lists/field/changes")[0]
    assert admin.post(f"/code-list-changes/{made['id']}/take-back", {"basis": "sai"})["change"] == "taken_back"
    assert admin.post(f"/code-list-entries/{field['id']}/end", by)["until"] == "2026-01-01"
    assert officer.get(f"/documents/{document.pk}/filing")["field"]["name"] == "Kỹ thuật"

    browser = enter(cast.plan_officer)
    page = unescape(browser.get(reverse("document", args=[document.pk])).content.decode())
    assert "Vĩnh viễn" in page
    asked = unescape(browser.get(reverse("document-file-under", args=[document.pk])).content.decode())
    assert "Đã chọn trước đây" in asked  # the field that ended
    browser.post(reverse("document-file-under", args=[document.pk]), {"retention_id": "", "field_id": field["id"]})
    filing = papers.find_filing(document)
    assert filing is not None
    assert (filing.retention_id, filing.field_id) == (None, field["id"])
