"""What drafts of a type begin with, at the screen and by machine."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from antin.correspondents import operations as correspondents
from antin.documents.models import TypeText
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.rooms.documents.test_type_texts import LETTER

pytestmark = pytest.mark.django_db


def test_it_is_written_looked_at_used_and_taken_back_at_the_screen_and_by_machine(
    cast: Cast, enter: Enter, client: Client
) -> None:
    browser = enter(cast.administrator)
    here = reverse("type-text", args=[cast.agency_id, "QĐ"])
    listed = unescape(browser.get(reverse("type-texts", args=[cast.agency_id])).content.decode())
    assert "thể thức chung" in listed
    assert "Căn cứ" in unescape(browser.get(f"{here}/write").content.decode())
    body = "Căn cứ chức năng của {{Cơ quan}};\nXét đề nghị của {{Đơn vị soạn}}."
    assert browser.post(f"{here}/write", {"body": "{{Sai}}"}).status_code == 422
    assert browser.post(f"{here}/write", {"body": body, "copied": [cast.recipient_id]}).status_code == 302
    pdf = browser.get(reverse("type-text-preview", args=[cast.agency_id, "QĐ", 1]))
    assert pdf.content.startswith(b"%PDF")
    assert "đang soạn" in unescape(browser.get(here).content.decode())
    browser.post(f"{here}/publish", {"from_date": "01/01/2026", "basis": "7/QĐ"})
    assert "đang dùng" in unescape(browser.get(here).content.decode())
    page = unescape(enter(cast.plan_officer).get(reverse("draft-new") + "?type=QĐ").content.decode())
    assert f"Xét đề nghị của {cast.plan_officer.actor().unit_name}." in page
    away = correspondents.enter(code="G91", name="Bộ Z", channel="axis", line="truc", actor=None, at=timezone.now())
    form = unescape(browser.get(f"{here}/write").content.decode())
    assert (f'value="o{away.pk}"' in form, reverse("draft-recipients") in form) == (True, True)
    officer, admin = Machine(client, cast.plan_officer), Machine(client, cast.administrator)
    assert officer.get("/document-types/QĐ/beginning")["copied"] == [cast.recipient_id]
    officer.get("/document-types/QĐ/texts", 403)
    (text,) = admin.get("/document-types/QĐ/texts")
    assert admin.post(f"/type-texts/{text['id']}/take-back")["undone_at"]
    assert officer.get("/document-types/QĐ/beginning")["copied"] == []
    admin.put("/document-types/QĐ/text", {"template": LETTER, "copied_outside": [999_999]}, 422)
    made = admin.put("/document-types/QĐ/text", {"template": LETTER, "copied_outside": [away.pk]})
    assert (made["copied"], made["copied_outside"]) == ([], [away.pk])
    chosen = {"body": body, "copied": [cast.recipient_id, f"o{away.pk}"]}
    assert browser.post(f"{here}/write", chosen).status_code == 302
    assert "Bộ Z" in unescape(browser.get(here).content.decode())
    assert admin.post("/document-types/QĐ/text/publish", {"from_date": "2026-01-01", "basis": "8/QĐ"})["number"] == 2
    begun = officer.get("/document-types/QĐ/beginning")
    assert (begun["copied"], begun["copied_outside"]) == ([cast.recipient_id], [away.pk])
    page = unescape(enter(cast.plan_officer).get(reverse("draft-new") + "?type=QĐ").content.decode())
    assert f'value="o{away.pk}" selected' in page
    browser.post(reverse("type-text-undo", args=[TypeText.objects.get(number=2).pk]))
    assert "không còn dùng" in unescape(browser.get(here).content.decode())
    assert enter(cast.head).get(here).status_code == 403
