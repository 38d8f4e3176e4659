"""The calendar and the estate of the demonstration: a week with meetings, and what every unit has, one of them visibly behind."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from antin.agenda import operations as agenda
from antin.agenda import queries as calendars
from antin.agenda.operations import Told
from antin.estate import operations as estate
from antin.estate import queries as things
from antin.estate.inventory import Inventory, Line, SoftwareLine
from antin.estate.states import Source
from antin.journeys import hold_meeting
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.workdays import queries as workdays

BEHIND = "K4"
"""The unit whose network is late in the plan of the demonstration, too."""
HALLS = (
    ("Phòng họp A1", "Nhà A, tầng 2", 40),
    ("Phòng giao ban", "Nhà A, tầng 3", 20),
    ("Hội trường lớn", "Nhà C", 300),
)
WEEK = (
    (0, 8, 2, "meeting", "Giao ban đầu tuần", 1, ("KH", "KT", "TC")),
    (0, 14, 2, "meeting", "Nghe báo cáo tiến độ kế hoạch chuyển đổi số, an toàn thông tin", 0, ("KH", "KT", "VP")),
    (1, 8, 3, "trip", "Kiểm tra phòng máy chủ, đường truyền Kho K4", None, ("KT",)),
    (2, 9, 2, "meeting", "Thống nhất dự thảo quy chế sử dụng mạng", 0, ("VP", "KT")),
    (3, 8, 4, "meeting", "Tập huấn ký số cho văn thư các đơn vị", 2, ("VP", "KT", "TC")),
    (3, 14, 2, "work", "Làm việc với đoàn kiểm tra của cấp trên", 1, ("VP",)),
    (4, 15, 1, "meeting", "Hội ý chỉ huy, chuẩn bị lịch tuần sau", 1, ("VP",)),
)


def fill_rooms(*, at: datetime) -> None:
    """Make the week and the estate; what is there already is left as it is."""
    root = people.find_root()
    if root is None:
        return
    today = workdays.local_date(at)
    fill_week(root.pk, today, at)
    fill_estate(root.pk, today, at)


def _actor(post_id: int | None, on: date) -> Actor | None:
    holder = people.post_holder(post_id, on) if post_id is not None else None
    return people.get_actor(person_id=holder.pk, post_id=post_id, on=on) if holder and post_id is not None else None


def _head(unit_id: int, on: date) -> Actor | None:
    post = people.find_head_post(unit_id, on)
    return _actor(post.pk if post else None, on)


def fill_week(agency_id: int, today: date, at: datetime) -> None:
    """The calendar of this week, published, with a change, and the beginnings of the next."""
    monday = calendars.monday_of(today)
    parts = {unit.abbreviation: unit.pk for unit in people.list_departments(agency_id, today)}
    head, office, planner = (_head(number, today) for number in (agency_id, parts.get("VP", 0), parts.get("KH", 0)))
    if head is None or office is None or planner is None or calendars.find_week(agency_id, monday) is not None:
        return
    halls = [agenda.add_venue(name=name, place=place, seats=seats, actor=office, at=at) for name, place, seats in HALLS]
    made = []
    for week in (0, 1):
        for day, hour, hours, kind, title, hall, marks in WEEK:
            starts = datetime.combine(monday + timedelta(days=day + 7 * week), time(hour), workdays.HERE)
            told = Told(
                title=title,
                kind=kind,
                starts_at=starts,
                ends_at=starts + timedelta(hours=hours),
                chair_post_id=head.post_id,
                venue_id=halls[hall].pk if hall is not None else None,
                place="" if hall is not None else "Kho K4",
                vehicle="" if hall is not None else "Xe 7 chỗ",
                prepares_id=parts[marks[0]],
                invited=tuple(f"U{parts[mark]}" for mark in marks if mark in parts),
            )
            made.append(hold_meeting.propose(told=told, despite=True, actor=planner, at=at)[0].pk)
    for number in made[: len(WEEK)]:
        hold_meeting.act(entry_id=number, name="approve", actor=office, at=at)
    hold_meeting.publish_week(monday=monday, note="Trực chỉ huy, trực ban theo lịch riêng.", actor=office, at=at)
    hold_meeting.act(entry_id=made[5], name="cancel", words="Đoàn kiểm tra lùi sang tuần sau", actor=office, at=at)
    first = calendars.get_for(office, made[0], at)
    for each in calendars.list_invitees(first)[:2]:
        leader = _head(int(each.holder[1:]), today)
        if leader is not None and first.ends_at > at:
            hold_meeting.answer(entry_id=first.pk, invitee_id=each.pk, verdict="accepted", actor=leader, at=at)
    if first.starts_at <= at:
        points = ["Các phòng hoàn thành báo cáo quý trước ngày 25.", "Phòng Kỹ thuật nối mạng xong Kho K4 trong tháng."]
        agenda.conclude(entry_id=first.pk, words=points, actor=office, at=at)


def fill_estate(agency_id: int, today: date, at: datetime) -> None:
    """What every agency has: a network, workstations with fresh signatures, the shared program; one unit is behind."""
    keepers = people.find_posts_with_role(agency_id=agency_id, role=Role.ADMINISTRATOR, on=today)
    keeper = next((found for row in keepers if (found := _actor(row.id, today))), None)
    if keeper is None or things.list_imports(keeper):
        return
    told = Inventory(Source.TABLE)
    for place, unit in enumerate(people.list_agencies(today)):
        behind = unit.abbreviation == BEHIND
        mark, name = unit.abbreviation, unit.name
        if not behind:
            network = {"code": f"{mark}-MANG", "kind": "network", "name": f"Mạng của {name}", "network": "military"}
            told.lines.append(Line(0, network, name))
            shared = {"product": "An Tín", "edition": ("web", "desktop")[place % 2], "version": "1.0", "shared": True, "signing": place % 5 != 4}  # fmt: skip  # noqa: E501
            told.software.append(SoftwareLine(0, name, shared))
        for n in range(1, 5 + place % 4):
            bare = behind and n % 2 == 0
            machine = {
                "code": f"{mark}-{n:02d}",
                "kind": "workstation",
                "name": f"may-{mark.lower()}-{n:02d}",
                "network": "none" if behind else "military",
                "protection": "" if bare else "Lá chắn 3.1",
                "updated_on": None if bare else today - timedelta(days=30 if behind else n % 4),
            }
            told.lines.append(Line(0, machine, name))
    server = {"code": "TCZ-MC01", "kind": "server", "name": "may-chu-01", "network": "military", "protection": "Lá chắn 3.1", "updated_on": today, "place": "Phòng máy chủ"}  # fmt: skip  # noqa: E501
    room = {"code": "TCZ-PMC", "kind": "data_room", "name": "Phòng máy chủ"}
    root = people.get_unit(agency_id)
    told.lines += [Line(0, server, root.name), Line(0, room, root.name)]
    estate.take_in(told=told, name="Kiểm kê thiết bị đầu năm.xlsx", content=b"", keep=True, actor=keeper, at=at)
    late = next((unit for unit in people.list_agencies(today) if unit.abbreviation == BEHIND), None)
    if late is not None:
        lines: list[tuple[str, int | None]] = [("Chưa có đường truyền", None), ("Mẫu nhận diện mã độc quá cũ", None)]
        estate.check(unit_id=late.pk, day=today, words="Chưa đạt yêu cầu", found=lines, actor=keeper, at=at)
