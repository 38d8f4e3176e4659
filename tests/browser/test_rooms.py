"""The calendar and the estate as they are seen: every page of both, wide and narrow, light and dark, and read by axe-core."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from antin.agenda import operations, queries
from antin.agenda.operations import Told
from antin.estate import operations as things
from antin.journeys import hold_meeting
from antin.workdays import queries as workdays
from tests.browser.conftest import accessible, shoot
from tests.cast import Cast

Window = Callable[..., Page]


def a_week(cast: Cast, now: datetime) -> int:
    """A published week with a change, a cancelled entry, one that waits, and a meeting that is being held."""
    today = workdays.local_date(now)
    monday = queries.monday_of(today)
    office, officer = cast.office_head.actor(today), cast.plan_officer.actor(today)
    hall = operations.add_venue(name="Phòng họp A1", place="Nhà A1, tầng 2", seats=40, actor=office, at=now)

    def put(title: str, day: date, hour: int, **more: object) -> int:
        starts = datetime.combine(day, time(hour), workdays.HERE)
        told = Told(title=title, starts_at=starts, ends_at=starts + timedelta(hours=2), **{"chair_post_id": cast.head.post_id, **more})  # type: ignore[arg-type]  # fmt: skip  # noqa: E501
        return hold_meeting.propose(told=told, despite=True, actor=officer, at=now)[0].pk

    def approve(number: int) -> int:
        return hold_meeting.act(entry_id=number, name="approve", actor=office, at=now).pk

    invited = (f"U{cast.technique_id}", f"P{cast.plan_head.post_id}", f"U{cast.recipient_id}")
    held = approve(put("Giao ban chuyển đổi số, an toàn thông tin quý IV", today, 0, venue_id=hall.pk, invited=invited, prepares_id=cast.plan_id, vehicle="Xe 12 chỗ"))  # fmt: skip  # noqa: E501
    approve(
        put("Làm việc với Trung tâm B1 về hạ tầng mạng", monday + timedelta(days=2), 14, place="Đà Nẵng", kind="trip")
    )
    gone = approve(put("Kiểm tra phòng máy chủ", monday + timedelta(days=3), 8, chair_post_id=cast.deputy.post_id))
    hold_meeting.publish_week(monday=monday, note="Trực ban: Phòng Kỹ thuật, máy lẻ 113.", actor=office, at=now)
    hold_meeting.act(entry_id=gone, name="cancel", words="Chuyển sang tuần sau", actor=office, at=now)
    put("Nghe báo cáo kế hoạch năm sau", monday + timedelta(days=4), 9, chair_post_id=cast.deputy.post_id)
    operations.conclude(
        entry_id=held, words=["Nối mạng các kho trước ngày 20/12.", "Rà soát máy trạm."], actor=officer, at=now
    )
    return held


@pytest.mark.parametrize(("size", "theme"), [("1366", "light"), ("390", "dark")])
def test_the_calendar_looks_and_reads_well(cast: Cast, seated: Window, size: str, theme: str) -> None:
    held = a_week(cast, timezone.now())
    page = seated("chanhvanphong", size, theme)
    for name, address in (
        ("week", "/agenda"),
        ("whole-week", "/agenda?all=1"),
        ("entry", f"/agenda/{held}"),
        ("write", "/agenda/new"),
        ("venues", "/agenda/venues"),
    ):
        page.goto(address)
        shoot(page, f"agenda-{name}-{size}-{theme}", whole=True)
        assert accessible(page) == [], address


def an_estate(cast: Cast, now: datetime) -> int:
    """Two machines, one of them not protected, a network, the shared program, a finding."""
    today = workdays.local_date(now)
    keeper = cast.administrator.actor(today)
    bare = {"kind": "workstation", "name": "may-ky-thuat-02", "keeper": "Dương Văn Hòa", "network": "military"}
    guarded = bare | {
        "name": "may-ky-thuat-01",
        "protection": "Lá chắn 3.1",
        "updated_on": today,
        "system": "Windows 11",
    }
    network = {"kind": "network", "name": "Mạng truyền số liệu", "network": "military"}
    on = {"unit_id": cast.technique_id, "actor": keeper, "at": now}
    made = [things.add(code=f"KT-{n}", facts=facts, **on) for n, facts in enumerate((guarded, bare, network))]  # type: ignore[arg-type]
    things.set_software(product="An Tín", edition="web", version="1.0", shared=True, signing=True, **on)  # type: ignore[arg-type]
    told = [("Chưa cài phần mềm phòng, chống mã độc", made[1].pk)]
    things.check(day=today, words="Phòng máy chủ đạt yêu cầu", found=told, **on)  # type: ignore[arg-type]
    things.change(asset_id=made[0].pk, facts={"keeper": "Đặng Thị Hương"}, revision=1, **on)  # type: ignore[arg-type]
    return made[0].pk


@pytest.mark.parametrize(("size", "theme"), [("1366", "dark"), ("390", "light")])
def test_the_estate_looks_and_reads_well(cast: Cast, seated: Window, size: str, theme: str) -> None:
    thing = an_estate(cast, timezone.now())
    page = seated("thutruong", size, theme)
    for name, address in (
        ("units", "/estate"),
        ("unit", f"/estate/units/{cast.technique_id}"),
        ("thing", f"/estate/things/{thing}"),
        ("unprotected", "/estate/unprotected"),
        ("imports", "/estate/imports"),
        ("add", f"/estate/units/{cast.technique_id}/add"),
    ):
        page.goto(address)
        shoot(page, f"estate-{name}-{size}-{theme}", whole=True)
        assert accessible(page) == [], address
