"""The calendar, the estate and families of documents as they are seen: wide and narrow, light and dark, and read by axe-core."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from antin.agenda import operations, queries
from antin.agenda.operations import Told
from antin.documents import operations as documents
from antin.estate import operations as things
from antin.journeys import hold_meeting
from antin.people import operations as people
from antin.workdays import queries as workdays
from tests import given
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


def an_organ_and_a_circular(cast: Cast, now: datetime) -> tuple[int, int, int]:
    """A Party organ with its members, a draft in its name, a circular with its drafting file."""
    today = workdays.local_date(now)
    admin, drafter = cast.administrator.actor(today), cast.plan_officer.actor(today)
    given_ = {"agency_id": cast.agency_id, "actor": admin, "at": now}
    documents.give_mandate(family="normative", basis="Nghị định 25/2025/NĐ-CP", since=today, **given_)  # type: ignore[arg-type]
    organ = people.found_body(
        kind="party", name="Đảng ủy Tổng cục Z", abbreviation="ĐU", parent_name="Đảng bộ Bộ Y", collective="Ban Thường vụ",
        basis="Quyết định 12-QĐ/ĐU", opened_on=today, **given_,  # type: ignore[arg-type]
    )  # fmt: skip
    for member, title, standing in ((cast.head, "Bí thư", "head"), (cast.plan_officer, "Ủy viên", "member")):
        seat = {"title": title, "standing": standing, "basis": "Nghị quyết Đại hội", "since": today}
        people.seat_in_body(body_id=organ.pk, post_id=member.post_id, **seat, actor=admin, at=now)  # type: ignore[arg-type]

    def draft(**changes: object) -> int:
        facts = given.facts(cast, **changes)
        return documents.create_draft(facts=facts, actor=drafter, today=today, at=now).pk

    party = draft(type_code="Đ.QĐ", subject="thành lập Tổ giúp việc Ban Chỉ đạo chuyển đổi số", body_id=organ.pk)
    circular = draft(type_code="TT", subject="Quy định về công tác văn thư")
    kept = documents.FileFacts(unconsulted="Trình tự rút gọn", appraiser="Vụ Pháp chế", appraisal_code="12/BC-PC", appraisal="Đủ điều kiện.")  # fmt: skip  # noqa: E501
    documents.keep_drafting_file(document_id=circular, facts=kept, actor=drafter, at=now)
    return organ.pk, party, circular


def a_form(cast: Cast, now: datetime) -> int:
    """A specialised form with a field of each kind that is answered otherwise than by a line, in use."""
    fields: list[dict[str, Any]] = [
        {"label": "Họ và tên", "kind": "person", "required": True},
        {"label": "Ngày vào", "kind": "date", "required": True, "help": "Ngày bắt đầu có hiệu lực"},
        {"label": "Loại", "kind": "choice", "options": ["Thường xuyên", "Một lần"]},
        {"label": "Vật tư", "kind": "table", "options": ["Tên", "Số lượng"]},
    ]
    words = [{"type": "text", "text": "Cho {{Họ và tên}} vào ngày {{Ngày vào}}, {{Loại}}."}]
    table = [{"type": "text", "text": "{{Vật tư}}"}]
    template = {"type": "doc", "content": [{"type": "paragraph", "content": each} for each in (words, table)]}
    by: dict[str, Any] = {"actor": cast.administrator.actor(workdays.local_date(now)), "at": now}
    form = documents.make_form(agency_id=cast.agency_id, name="Giấy ra vào kho", mark="GRV", pattern="typed", **by)

    documents.write_form(form_id=form.pk, fields=fields, template=template, addressed=False, **by)
    documents.publish_form(form_id=form.pk, **by)
    return form.pk


@pytest.mark.parametrize(("size", "theme"), [("1366", "light"), ("390", "dark")])
def test_families_of_documents_look_and_read_well(cast: Cast, seated: Window, size: str, theme: str) -> None:
    organ, party, circular = an_organ_and_a_circular(cast, timezone.now())
    form = a_form(cast, timezone.now())
    for user, pages in (
        (
            "quantri",
            (
                ("unit", f"/administration/units/{cast.agency_id}"),
                ("split", f"/administration/units/{cast.recipient_id}/split"),
                ("body", f"/administration/bodies/{organ}"),
                ("forms", f"/administration/units/{cast.agency_id}/forms"),
                ("write", f"/administration/forms/{form}/write"),
            ),
        ),
        (
            "kehoach",
            (
                ("draft", f"/drafts/{party}/edit"),
                ("file", f"/documents/{circular}/drafting-file"),
                ("fill", f"/drafts/forms/{form}"),
            ),
        ),
    ):
        page = seated(user, size, theme)
        for name, address in pages:
            page.goto(address)
            shoot(page, f"families-{name}-{size}-{theme}", whole=True)
            assert accessible(page) == [], address
