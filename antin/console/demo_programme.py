"""The yearly plan of the demonstration, in five parts: what the users' own plan asks for, in our words, with work that is real.

Source: reports on the plan of digital transformation and cipher of a ministry's department, 2022-2023 (targets of electronic
sending, signing, connection, networks and protection).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from antin.indicators import operations as indicators
from antin.journeys import direct_document, run_programme
from antin.people import queries as people
from antin.people.actor import Actor
from antin.programmes import operations, queries
from antin.programmes.content import Content, Item, Milestone, Part, Target
from antin.refusal import Refusal
from antin.tasks import queries as tasks
from antin.tasks.states import Role
from antin.workdays import queries as workdays

ONCE = "demonstration:programme"


@dataclass(frozen=True)
class _Work:
    """Work of the example: who leads and joins by abbreviation, by which day of the year, how far it came (100: accepted)."""

    title: str
    lead: str
    joins: tuple[str, ...]
    due: tuple[int, int] | None
    percent: int
    risk: str = ""
    obstacle: str = ""


@dataclass(frozen=True)
class _Part:
    title: str
    goal: str
    unit: str
    works: tuple[_Work, ...]
    targets: tuple[tuple[str, str, int | None], ...] = ()
    milestones: tuple[tuple[str, tuple[int, int]], ...] = ()


PARTS = (
    _Part(
        "Văn bản điện tử, ký số",
        "Văn bản được gửi toàn văn qua mạng, có chữ ký số của người ký và của cơ quan.",
        "VP",
        (
            _Work("Gửi toàn văn văn bản điện tử giữa mọi cơ quan, đơn vị", "VP", ("KT",), (12, 15), 80),
            _Work("Bàn giao thiết bị lưu khóa ký cho chỉ huy các đơn vị", "KT", ("VP", "TC"), (9, 30), 100),
            _Work("Tập huấn ký số cho văn thư, trợ lý", "VP", ("B1", "T1"), (6, 30), 100),
            _Work("Rà soát văn bản còn gửi song song bản giấy", "VP", (), (10, 31), 60),
        ),
        (
            ("Văn bản gửi toàn văn qua mạng", "issued_electronic", 90),
            ("Văn bản đến có chữ ký số hợp lệ", "arrived_signed", 70),
        ),
        (("Thiết bị lưu khóa đã đến mọi đơn vị", (9, 30)),),
    ),
    _Part(
        "Hạ tầng mạng, dùng chung phần mềm",
        "Cơ quan, đơn vị được nối mạng, dùng chung một phần mềm quản lý văn bản và hồ sơ công việc.",
        "KT",
        (
            _Work("Nối mạng cho các kho", "KT", ("K1", "K2", "K3", "K4", "K5"), (11, 30), 55, "Thiết bị về chậm"),
            _Work("Chuyển các đơn vị còn dùng bản cũ sang phần mềm dùng chung", "B1", ("KT",), (12, 20), 70),
            _Work("Kiểm tra phòng máy chủ", "B2", (), (10, 15), 100),
            _Work(
                "Nâng cấp đường truyền của Kho K4", "K4", ("KT",), (10, 31), 20, "", "Chưa có mặt bằng đặt tủ thiết bị"
            ),
        ),
        (
            ("Cơ quan, đơn vị đã triển khai, liên thông", "agencies_connected", 85),
            ("Cơ quan, đơn vị có mạng, bảo vệ, phần mềm dùng chung", "agencies_equipped", 80),
        ),
        (("Khai trương đường truyền dự phòng", (11, 30)),),
    ),
    _Part(
        "An toàn thông tin",
        "Mọi máy trạm có phần mềm phòng, chống mã độc; mỗi quý kiểm tra một lần.",
        "KT",
        (
            _Work("Cài phần mềm phòng, chống mã độc cho mọi máy trạm", "KT", ("A1", "A2", "A3"), (11, 15), 85),
            _Work("Kiểm tra máy trạm quý III", "KT", ("VP",), (9, 30), 100),
            _Work("Diễn tập ứng cứu sự cố", "B3", ("KT",), (12, 5), 40),
        ),
        (("Máy trạm có phần mềm phòng, chống mã độc", "workstations_protected", 100),),
        (("Diễn tập ứng cứu sự cố", (12, 5)),),
    ),
    _Part(
        "Cải cách thủ tục, cung cấp dịch vụ",
        "Thủ tục nội bộ được rút gọn; việc được giải quyết đúng hạn.",
        "KH",
        (
            _Work("Rà soát, đề xuất bỏ thủ tục nội bộ trùng lặp", "KH", ("TC", "TCh"), (8, 31), 100),
            _Work("Công khai thủ tục đã rút gọn", "KH", ("VP",), (12, 10), 30),
            _Work("Trả lời văn bản của các cơ quan đúng hạn", "KH", (), None, 50),
        ),
        (
            ("Trả lời văn bản đúng hạn", "answers_in_time", 90),
            ("Vào sổ văn bản đến đúng hạn", "registered_in_time", 95),
        ),
    ),
    _Part(
        "Đào tạo, tổ chức thực hiện",
        "Người dùng thành thạo; tiến độ được kiểm tra hằng tháng, báo cáo hằng quý.",
        "TC",
        (
            _Work("Bồi dưỡng kỹ năng số cho cán bộ, nhân viên", "T1", ("TC",), (11, 28), 90),
            _Work("Biên soạn tài liệu hướng dẫn sử dụng", "V1", ("VP",), (7, 31), 100),
            _Work("Sơ kết, khen thưởng đơn vị thực hiện tốt", "TC", ("KH",), (12, 25), 0),
        ),
        (("Nhiệm vụ hoàn thành đúng hạn", "tasks_in_time", 95),),
        (("Sơ kết sáu tháng", (7, 10)), ("Tổng kết năm", (12, 28))),
    ),
)


def fill_programme(*, at: datetime) -> None:
    """Make the plan of this year and of its work what has become of it so far; what is there already is left as it is."""
    year = workdays.local_date(at).year
    root = people.find_root()
    if root is None or queries.find_begun_in(f"{ONCE}:{year}") is not None:
        return
    indicators.count(at=at)
    begun = begun_at(at)
    today = workdays.local_date(at)
    units = {unit.abbreviation: unit.id for unit in people.list_tree(on=today, below=people.get_unit(root.pk))}
    departments = {unit.abbreviation: unit.pk for unit in people.list_departments(root.pk, today)}
    units |= departments
    head, writer = head_of(root.pk, today), head_of(departments["KH"], today)
    if head is None or writer is None:
        return
    programme = operations.begin(
        title=title_of(year),
        since=date(year, 1, 1),
        until=date(year, 12, 31),
        begun_in=f"{ONCE}:{year}",
        actor=writer,
        at=begun,
    )
    told = _content(units, year)
    operations.write(programme_id=programme.pk, told=told, revision=0, actor=writer, at=begun)
    run_programme.submit(programme_id=programme.pk, actor=writer, at=begun + timedelta(hours=2))
    approved = begun + timedelta(days=1)
    run_programme.approve(
        programme_id=programme.pk, words="Nhất trí, giao các đơn vị thực hiện.", actor=head, at=approved
    )
    works = {work.title: work for part in PARTS for work in part.works}
    for part in told.parts:
        for item in part.items:
            _let_work(programme.pk, item, works[item.title], head, given=approved, at=at)
    for part in told.parts:
        for milestone in part.milestones:
            if milestone.day <= today:
                operations.reach(
                    programme_id=programme.pk, milestone=milestone.key, day=milestone.day, actor=writer, at=at
                )


def title_of(year: int) -> str:
    return f"Kế hoạch chuyển đổi số, bảo đảm an toàn thông tin năm {year}"


def begun_at(at: datetime) -> datetime:
    """When the plan of this year was begun to be written; it was approved a day later."""
    first = workdays.next_working_day(date(workdays.local_date(at).year, 1, 9))
    return max(datetime.combine(first, time(9), workdays.HERE), at - timedelta(days=390))


def bind_paper(*, document_id: int, at: datetime) -> None:
    """Say that the plan was issued by a document, once; what a rule of the house refuses has not happened."""
    today, root = workdays.local_date(at), people.find_root()
    programme, head = queries.find_begun_in(f"{ONCE}:{today.year}"), head_of(root.pk, today) if root else None
    version = queries.newest_approved(programme.pk) if programme else None
    if programme is None or head is None or version is None or version.paper_id is not None:
        return
    with contextlib.suppress(Refusal):
        operations.bind(programme_id=programme.pk, document_id=document_id, actor=head, at=at)


def _content(units: dict[str, int], year: int) -> Content:
    content = Content()
    for each in PARTS:
        key = content.next_key()
        content = content.with_part(Part(key, each.title, units[each.unit], each.goal))
        for work in each.works:
            joins = tuple(units[mark] for mark in work.joins if mark in units)
            due = date(year, *work.due) if work.due else None
            item = Item(content.next_key(), work.title, units[work.lead], join_ids=joins, due=due)
            content = content.with_entry(key, "items", item)
        for title, code, aim in each.targets:
            target = Target(content.next_key(), title, code, Decimal(aim) if aim is not None else None)
            content = content.with_entry(key, "targets", target)
        for title, day in each.milestones:
            content = content.with_entry(key, "milestones", Milestone(content.next_key(), title, date(year, *day)))
    return content


def head_of(unit_id: int, on: date) -> Actor | None:
    """Who heads a unit on a day; None while nobody does."""
    post = people.find_head_post(unit_id, on)
    holder = people.post_holder(post.pk, on) if post else None
    return people.get_actor(person_id=holder.pk, post_id=post.pk, on=on) if post and holder else None


def _let_work(programme_id: int, item: Item, work: _Work, head: Actor, *, given: datetime, at: datetime) -> None:
    """Give one entry, and let its lead say how far he is; what a rule of the house refuses has not happened."""
    directive = run_programme.entrust(programme_id=programme_id, item=item.key, actor=head, at=given)
    end = workdays.end_of_working_day(item.due) if item.due else at
    for task in tasks.list_of_directive(directive.pk):
        unit = head_of(task.in_unit_id, workdays.local_date(at))
        if unit is None:
            continue
        on: dict[str, Any] = {"assignment_id": task.pk, "actor": unit}
        moment = min(end - timedelta(days=5), at - timedelta(days=3))
        try:
            direct_document.take(at=given + timedelta(days=1), **on)
            if work.percent == 100:
                direct_document.hand_in(words="Đã hoàn thành, có báo cáo kèm theo.", at=moment, **on)
                direct_document.accept(assignment_id=task.pk, grade=3, actor=head, at=moment + timedelta(days=1))
                continue
            if work.percent and task.role == Role.LEAD:
                direct_document.report(words="Đang thực hiện theo kế hoạch.", percent=work.percent, at=moment, **on)
            for kind, words in (("risk", work.risk), ("obstacle", work.obstacle)):
                if words and task.role == Role.LEAD:
                    direct_document.say(kind=kind, words=words, at=moment, **on)
        except Refusal:
            continue
