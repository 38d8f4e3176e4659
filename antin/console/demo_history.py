"""Two years of the demonstration's ordinary work: what heads asked of their parts each month, and how it ended.

Made through the operations that people use, each act with its own moment, a month in a transaction: a run that was cut short
goes on with the month it stopped in. One unit (`BEHIND`) is visibly late, and hardly better with time; the others mend.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from antin.console import demo_programme
from antin.journal import operations as journal
from antin.journal import queries as written
from antin.people import queries as people
from antin.refusal import Refusal
from antin.tasks import operations as tasks
from antin.tasks.operations import Share
from antin.tasks.states import Origin
from antin.tasks.states import Role as Part
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.people.actor import Actor
    from antin.people.models import Unit

BEHIND = "K4"
MONTHS, FIRST_MARK, SEED = 24, 100_000, 60_2020
TITLES = (
    "Báo cáo kết quả công tác tháng {m}",
    "Kiểm kê trang thiết bị tháng {m}/{y}",
    "Bảo dưỡng máy trạm, máy in",
    "Rà soát hồ sơ, tài liệu lưu trữ",
    "Huấn luyện an toàn thông tin cho cán bộ, nhân viên",
    "Tổng hợp vướng mắc khi gửi, nhận văn bản điện tử",
    "Chuẩn bị nội dung giao ban tháng {m}",
    "Cập nhật danh mục thủ tục nội bộ",
    "Kiểm tra việc chấp hành chế độ văn thư, bảo mật",
    "Lập dự toán mua sắm quý {q}",
)


def fill_history(*, at: datetime) -> int:
    """Make what is missing of the two years before the month of this moment; returns how many months were made."""
    made = 0
    root = people.find_root()
    if root is None:
        return made
    for place, month in _months(workdays.local_date(at)):
        mark = ("demonstration", FIRST_MARK + place)
        if written.list_for(mark, limit=1):
            continue
        with transaction.atomic():
            for agency in people.list_agencies(month):
                _month_of(agency, month, random.Random(SEED * 1000 + place * 100 + agency.pk % 100), at)
            journal.record("demonstration.done", subject=mark, actor=None, at=at)
        made += 1
    return made


def _months(today: date) -> Iterator[tuple[int, date]]:
    """The first days of the months, the oldest first, each with a place that stays its own."""
    for back in range(MONTHS, -1, -1):
        place = today.year * 12 + today.month - 1 - back
        yield place, date(place // 12, place % 12 + 1, 1)


def _month_of(agency: Unit, month: date, dice: random.Random, at: datetime) -> None:
    """What the head of an agency asked of its parts in a month."""
    parts = list(people.list_departments(agency.pk, month))
    behind = agency.abbreviation == BEHIND
    age = (workdays.local_date(at) - month).days / 365
    late = 0.52 + 0.05 * age if behind else 0.02 + 0.05 * age * dice.random()
    for n in range(dice.choice((1, 1, 2, 2, 3)) + behind):
        day = workdays.next_working_day(month + timedelta(days=dice.randint(0, 24)))
        given = datetime.combine(day, time(8, dice.randint(0, 59)), workdays.HERE)
        if given >= at or not parts:
            continue
        titles = TITLES[(month.month * 3 + n) % len(TITLES)]
        title = titles.format(m=month.month, y=month.year, q=("I", "II", "III", "IV")[(month.month - 1) // 3])
        part = parts[(n + month.month) % len(parts)]
        _one((agency, part), title, given, dice.random() < late, dice=dice, at=at)


def _one(
    units: tuple[Unit, Unit], title: str, given: datetime, late: bool, *, dice: random.Random, at: datetime
) -> None:
    """One piece of work from its giving to its acceptance, as far as its time has come; a vacant post does nothing."""
    agency, part = units
    head, doer = _head(agency, given), _head(part, given)
    if head is None or doer is None:
        return
    days = dice.choice((5, 7, 10, 15))
    try:
        with transaction.atomic():
            directive = tasks.give(
                document_id=None, title=title, words="", shares=[Share(Part.LEAD, unit_id=part.pk, days=days)],
                origin=Origin.HAND, actor=head, at=given,
            )  # fmt: skip
    except Refusal:  # a unit that was closed since
        return
    task = directive.assignments.get()
    due = workdays.deadline(given, days).at
    moment = due + timedelta(days=dice.randint(1, 14)) if late else due - timedelta(hours=dice.randint(1, 24 * 4))
    moment = max(moment, given + timedelta(hours=2))
    try:
        for act, when in (
            ("take", given + timedelta(hours=1)),
            ("hand_in", moment),
            ("accept", moment + timedelta(hours=20)),
        ):
            if when >= at:
                return
            if act == "take":
                tasks.take(assignment_id=task.pk, actor=doer, at=when)
            elif act == "hand_in":
                actor = _head(part, when) or doer
                tasks.hand_in(assignment_id=task.pk, words="Đã hoàn thành, có báo cáo.", actor=actor, at=when)
            else:
                tasks.accept(assignment_id=task.pk, actor=_head(agency, when) or head, at=when)
    except Refusal:
        return


def _head(unit: Unit, at: datetime) -> Actor | None:
    return demo_programme.head_of(unit.pk, workdays.local_date(at))
