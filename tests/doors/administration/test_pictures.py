"""Pictures of stamps and signatures at the screen and by machine; a page is signed with the picture in use."""

from __future__ import annotations

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from antin.keys import queries
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.rooms.keys.test_pictures import drawn, hand

pytestmark = pytest.mark.django_db


def test_a_stamp_is_brought_looked_at_and_taken_back(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.administrator)
    here = reverse("unit-pictures", args=[cast.agency_id])
    page = unescape(browser.get(here).content.decode())
    assert "hình vẽ sẵn" in page
    assert reverse("unit-picture-drawn", args=[cast.agency_id]) in page

    def bring(content: bytes, address: str, **more: str) -> tuple[int, str]:
        told = {"picture": SimpleUploadedFile("dau.png", content), "from_date": "01/01/2026", "basis": "3/QĐ", **more}
        answer = browser.post(address, told)
        return answer.status_code, unescape(answer.content.decode())

    address = reverse("unit-picture-set", args=[cast.agency_id])
    status, said = bring(drawn(ground=255), address)
    assert status == 422
    assert "Nền ảnh không trong suốt" in said
    assert bring(drawn(), address)[0] == 302
    (picture,) = queries.list_pictures(agency_id=cast.agency_id)
    page = unescape(browser.get(here).content.decode())
    assert "đang dùng" in page
    shown = browser.get(reverse("picture", args=[picture.pk]))
    assert (shown["Content-Type"], shown.content[:4]) == ("image/png", b"\x89PNG")
    browser.post(reverse("picture-undo", args=[picture.pk]), {"basis": "nhầm"})
    assert "đã rút lại" in unescape(browser.get(here).content.decode())
    mine = reverse("person-pictures", args=[cast.head.person_id])
    assert browser.get(reverse("person-picture-drawn", args=[cast.head.person_id])).status_code == 200
    assert bring(hand(dpi=0), reverse("person-picture-set", args=[cast.head.person_id]), width_mm="40")[0] == 302
    assert 'width="40.00"' in browser.get(mine).content.decode()
    assert enter(cast.head).get(mine).status_code == 403


def test_machines_bring_pictures(cast: Cast, client: Client) -> None:
    admin = Machine(client, cast.administrator)

    def bring(content: bytes, address: str, who: Machine = admin) -> tuple[int, dict[str, object]]:
        file = SimpleUploadedFile("dau.png", content)
        told = {"file": file, "since": "2026-01-01", "basis": "3/QĐ"}
        answer = client.post(f"/api{address}", told, headers=who.headers)
        return answer.status_code, answer.json()

    status, made = bring(drawn(), f"/units/{cast.agency_id}/pictures")
    assert (status, made["width_mm"]) == (201, 40.0)
    status, no = bring(drawn(dpi=0), f"/units/{cast.agency_id}/pictures")
    assert (status, no["code"]) == (422, "picture_no_size")
    assert bring(hand(), f"/people/{cast.head.person_id}/pictures")[0] == 201
    assert bring(hand(), f"/people/{cast.head.person_id}/pictures", Machine(client, cast.clerk))[0] in (403, 404)
    assert [each["id"] for each in admin.get(f"/units/{cast.agency_id}/pictures")] == [made["id"]]
    assert admin.get(f"/people/{cast.head.person_id}/pictures")[0]["height_mm"] > 10
    assert admin.post(f"/pictures/{made['id']}/take-back", {"basis": "nhầm"})["undone_at"]
