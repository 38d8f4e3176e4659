"""The calendar on its pages: proposed, approved, published, printed; a meeting from invitation to work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from antin.agenda.models import Entry, Invitee, Point, Venue
from antin.documents.models import Document
from antin.files import queries as files
from antin.tasks.models import Assignment
from tests.cast import Cast

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


@pytest.fixture
def said(cast: Cast) -> dict[str, object]:
    return {
        "title": "Họp <giao ban>", "kind": "meeting", "day": "24/11/2099", "since": "8h30", "until": "10:00",
        "chair": f"P{cast.head.post_id}", "invited": [f"U{cast.technique_id}"], "place": "Nhà A1",
        "prepares": cast.plan_id, "vehicle": "Xe 12 chỗ", "begun_in": "once",
    }  # fmt: skip


def test_a_week_on_its_pages(cast: Cast, enter: Enter, said: dict[str, object]) -> None:
    officer, office, boss = enter(cast.plan_officer), enter(cast.office_head), enter(cast.technique_head)
    assert officer.get("/agenda/new").status_code == 200
    bad = officer.post("/agenda/new", said | {"until": "trưa"})
    assert (bad.status_code, "Ghi giờ theo dạng 08:00." in bad.content.decode()) == (422, True)
    home = officer.post("/agenda/new", said).headers["Location"]
    entry = Entry.objects.get()
    assert home == f"/agenda/{entry.pk}"
    clash = officer.post("/agenda/new", said | {"begun_in": "2", "title": "Trùng"})
    assert clash.status_code == 422
    assert "Vẫn xếp lịch dù trùng" in clash.content.decode()
    assert officer.post("/agenda/new", said | {"begun_in": "2", "title": "Trùng", "despite": "on"}).status_code == 302
    week = "/agenda?week=2099-11-23"
    assert "Chờ duyệt" in office.get(week).content.decode()
    assert boss.get(home).status_code == 404
    assert office.get(f"{home}/acts/approve").status_code == 200
    assert office.post(f"{home}/acts/approve", {"words": ""}).status_code == 302
    assert office.get(f"{home}/acts/nothing").status_code == 404
    assert boss.get("/agenda/publish?week=2099-11-23").status_code == 403
    assert office.post("/agenda/publish?week=2099-11-23", {"note": "Trực ban: 113"}).status_code == 302
    page = enter(cast.technique_officer).get(week).content.decode()
    for words in ("Họp &lt;giao ban&gt;", "08:30–10:00", "Nhà A1", "đã ban hành", "Trực ban: 113", "1 mục"):
        assert words in page, words
    assert "Trùng" not in page
    changed = said | {"since": "9:00", "until": "11:00", "revision": entry.revision + 1, "words": "Đổi giờ"}
    assert office.get(f"{home}/change").status_code == 200
    assert office.post(f"{home}/change", changed | {"despite": "on"}).status_code == 302
    for address in (week, home):
        assert "08:30–10:00 24/11/2099" in office.get(address).content.decode()
    assert "thay đổi sau khi ban hành" in office.get(week).content.decode()
    assert "Họp &lt;giao ban&gt;" not in office.get("/agenda?day=2099-11-25").content.decode()
    for address in ("/agenda?week=rubbish&unit=9999999999999999999999", "/agenda?week=9999-12-31", "/agenda?mine&all"):
        assert office.get(address).status_code == 200
    printed = office.get("/agenda/print?week=2099-11-23")
    assert printed["Content-Type"] == "application/pdf"
    lines = files.text_in(printed.content).splitlines()
    ends = tuple(line.strip() for line in lines)
    assert any(line.endswith("TL. TỔNG CỤC TRƯỞNG") for line in ends) and "CHÁNH VĂN PHÒNG" in ends
    text = " ".join(" ".join(lines).split())
    assert text.count("Nghỉ") == 2, "of a day off nothing else is said"
    assert text.count("Làm việc thường xuyên") == 4, "of five days that are worked one has an entry"
    for words in (
        "LỊCH CÔNG TÁC TUẦN 48",
        "Họp <giao ban> (thay đổi)",
        "09.00 - 11.00",
        "Xe 12 chỗ",
        "Độc lập",
        "Lê Thị Chi",
    ):
        assert words in text, words
    assert "DỰ THẢO" in files.text_in(office.get("/agenda/print?week=2099-11-30").content)
    assert enter(cast.administrator).get(home).status_code == 404


def test_a_meeting_from_invitation_to_work(cast: Cast, enter: Enter, said: dict[str, object], at: datetime) -> None:
    head, office, boss = enter(cast.head), enter(cast.office_head), enter(cast.technique_head)
    home = enter(cast.plan_officer).post("/agenda/new", said).headers["Location"]
    office.post(f"{home}/acts/approve", {"words": ""})
    invitee = Invitee.objects.get()
    answer = f"{home}/answers/{invitee.pk}"
    assert boss.get(answer).status_code == 200
    assert boss.post(answer, {"verdict": "declined"}).status_code == 422
    sent = {"verdict": "substituted", "substitute": cast.technique_officer.post_id}
    assert boss.post(answer, sent).status_code == 302
    assert "Đi thay: " in head.get(home).content.decode()
    invitation = enter(cast.technique_officer).get(f"{home}/invitation.ics")
    assert b"SUMMARY:H\xe1\xbb\x8dp <giao ban>" in invitation.content
    assert head.get(f"{home}/conclusions").status_code == 422  # not begun yet
    Entry.objects.update(starts_at=at.replace(year=2026), ends_at=at.replace(year=2026, hour=4))
    file = SimpleUploadedFile("Bảng số liệu.txt", b"so lieu")
    assert head.get(f"{home}/papers/add").status_code == 200
    assert head.post(f"{home}/papers/add", {"file": file}).status_code == 302
    paper = Entry.objects.get().papers.get()
    assert b"".join(boss.get(f"{home}/papers/{paper.pk}").streaming_content) == b"so lieu"  # type: ignore[attr-defined]
    assert office.get(f"{home}/papers/{paper.pk}").status_code == 404
    assert head.post(f"{home}/papers/{paper.pk}/remove").status_code == 302
    assert head.get(f"{home}/present").status_code == 200
    assert head.post(f"{home}/present", {f"n{invitee.pk}": 3}).status_code == 302
    assert "3 người có mặt" in head.get(home).content.decode()
    assert head.post(f"{home}/conclusions", {"points": "Nối mạng kho\n\nRà soát máy"}).status_code == 302
    point = Point.objects.get(place=2)
    assert head.get(f"{home}/conclusions/{point.pk}/give").status_code == 200
    told = {"unit_id": cast.technique_id, "due": "20/12/2099", "begun_in": "give-once"}
    assert head.post(f"{home}/conclusions/{point.pk}/give", told).status_code == 302
    task = Assignment.objects.get()
    assert f"/tasks/{task.pk}" in head.get(home).content.decode()
    assert f'href="{home}"' in boss.get(f"/tasks/{task.pk}").content.decode()
    drafted = head.post(f"{home}/notice")
    assert drafted.headers["Location"] == f"/drafts/{Document.objects.get().pk}/edit"


def test_meeting_rooms_and_the_address_for_calendar_programs(cast: Cast, enter: Enter, client: Client) -> None:
    office, officer = enter(cast.office_head), enter(cast.plan_officer)
    assert "Chưa có phòng họp nào" in officer.get("/agenda/venues").content.decode()
    assert officer.get("/agenda/venues/new").status_code == 403
    assert office.post("/agenda/venues/new", {"name": "Phòng A1", "seats": "20"}).status_code == 302
    assert "Phòng A1" in officer.get("/agenda/venues").content.decode()
    assert office.get(f"/agenda/venues/{Venue.objects.get().pk}/close").status_code == 200
    assert office.post(f"/agenda/venues/{Venue.objects.get().pk}/close").status_code == 302
    assert officer.get("/agenda/feed/make").status_code == 200
    made = officer.post("/agenda/feed/make").content.decode()
    address = made.split("http://testserver")[1].split(".ics")[0] + ".ics"
    assert client.get(address)["Content-Type"].startswith("text/calendar")
    assert "Địa chỉ tạo ngày" in officer.get("/agenda").content.decode()
    assert officer.post("/agenda/feed/revoke").status_code == 302
    assert client.get(address).status_code == 404


def test_the_desk_says_what_is_on_today(cast: Cast, enter: Enter, said: dict[str, object]) -> None:
    home = enter(cast.plan_officer).post("/agenda/new", said).headers["Location"]
    enter(cast.office_head).post(f"{home}/acts/approve", {"words": ""})
    now = Entry.objects.get()
    desk = enter(cast.technique_head).get("/").content.decode()
    assert "Hôm nay không có lịch." in desk
    today = timezone.now()
    Entry.objects.filter(pk=now.pk).update(starts_at=today, ends_at=today + (now.ends_at - now.starts_at))
    assert "Họp &lt;giao ban&gt;" in enter(cast.technique_head).get("/").content.decode()
