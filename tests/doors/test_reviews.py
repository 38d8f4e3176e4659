"""The monthly review: what is brought before it, decisions that become work, its closing; and its pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from antin.journeys import hold_review
from antin.programmes import operations, policy, queries
from antin.programmes.models import Resolution, Review
from antin.refusal import NotFound
from antin.tasks import operations as tasks
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Cell, Origin, Role
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def give(cast: Cast, at: datetime, title: str, unit_id: int, **more: int) -> Assignment:
    made = tasks.give(
        document_id=None, title=title, words="", shares=[Share(Role.LEAD, unit_id=unit_id, **more)],
        origin=Origin.HAND, actor=cast.head.actor(), at=at,
    )  # fmt: skip
    return made.assignments.get()


def test_what_is_late_risky_hindered_or_proposed_is_brought_before_the_head(cast: Cast, at: datetime) -> None:
    early = at - timedelta(days=20)  # 3 November
    late = give(cast, early, "Quá hạn", cast.plan_id, days=3)
    risky = give(cast, early, "Có nguy cơ", cast.technique_id, days=30)
    tasks.say(assignment_id=risky.pk, kind="risk", words="Thiếu máy", actor=cast.technique_head.actor(), at=at)
    spoken = give(cast, early, "Có vướng mắc", cast.recipient_id)
    tasks.say(assignment_id=spoken.pk, kind="obstacle", words="Chưa có đường truyền", actor=cast.recipient_head.actor(), at=at)  # fmt: skip  # noqa: E501
    fine = give(cast, early, "Bình thường", cast.plan_id, days=40)
    month_before = give(cast, early - timedelta(days=30), "Đề xuất tháng trước", cast.technique_id)
    tasks.say(assignment_id=month_before.pk, kind="proposal", words="Cũ", actor=cast.technique_head.actor(), at=early - timedelta(days=20))  # fmt: skip  # noqa: E501
    head = cast.head.actor()
    review = operations.call_review(month=date(2026, 11, 15), actor=head, at=at)
    assert operations.call_review(month=date(2026, 11, 1), actor=head, at=at).pk == review.pk
    table = queries.table_of(head, review, at)
    assert [(line.task_id, line.cell, line.said) for line in table.lines] == [
        (late.pk, Cell.OPEN_LATE, ()),
        (risky.pk, Cell.OPEN_IN_TIME, (("risk", "Thiếu máy"),)),
        (spoken.pk, Cell.OPEN_IN_TIME, (("obstacle", "Chưa có đường truyền"),)),
    ]
    assert fine.pk not in {line.task_id for line in table.lines}
    assert (table.units[cast.plan_id].late, table.units[cast.plan_id].whole, table.hidden) == (1, 2, 0)
    seen = queries.table_of(cast.plan_head.actor(), review, at)
    assert ([line.task_id for line in seen.lines], seen.hidden) == ([late.pk], 2)


def test_a_decision_is_work_and_the_closed_review_stays(cast: Cast, at: datetime) -> None:
    late = give(cast, at - timedelta(days=20), "Quá hạn", cast.plan_id, days=3)
    head = cast.head.actor()
    review = operations.call_review(month=at.date(), actor=head, at=at)
    share = [Share(Role.LEAD, unit_id=cast.technique_id, days=4)]
    on = {"review_id": review.pk, "at": at}
    for _again in range(2):
        made = hold_review.decide(title="Bố trí máy", shares=share, begun_in="once", actor=head, **on)  # type: ignore[arg-type]
    assert Resolution.objects.get().directive_id == made.pk
    task = made.assignments.get()
    assert made.origin == Origin.MEETING
    assert queries.find_review_of(cast.technique_head.actor(), task) == review
    refused(policy.NotTheChair, lambda: operations.close_review(minutes="x", actor=cast.plan_head.actor(), **on))  # type: ignore[arg-type]
    refused(operations.MinutesMissing, lambda: operations.close_review(minutes=" ", actor=head, **on))  # type: ignore[arg-type]
    closed = operations.close_review(minutes="Đã họp", actor=head, **on)  # type: ignore[arg-type]
    assert closed.digest == queries.digest_of_review(Review.objects.get())
    tasks.hand_in(assignment_id=late.pk, words="Xong", actor=cast.plan_head.actor(), at=at)
    lines, hidden = queries.kept_lines(head, Review.objects.get())
    assert ([(line.task_id, line.cell) for line in lines], hidden) == ([(late.pk, Cell.OPEN_LATE)], 0)
    assert queries.kept_lines(cast.technique_head.actor(), closed) == ([], 1)
    refused(policy.ReviewClosed, lambda: hold_review.decide(title="Muộn", shares=share, actor=head, **on))  # type: ignore[arg-type]
    Review.objects.update(minutes="Sửa trộm")
    assert queries.digest_of_review(Review.objects.get()) != closed.digest


def test_who_calls_and_who_sees(cast: Cast, at: datetime) -> None:
    refused(policy.NotTheChair, lambda: operations.call_review(month=at.date(), actor=cast.plan_officer.actor(), at=at))
    refused(
        operations.MonthToCome, lambda: operations.call_review(month=date(2027, 1, 1), actor=cast.head.actor(), at=at)
    )
    review = operations.call_review(month=at.date(), actor=cast.recipient_head.actor(), at=at)
    for member in (cast.head, cast.recipient_works_officer):
        assert queries.get_review_for(member.actor(), review.pk) == review
    for member in (cast.plan_officer, cast.administrator):
        refused(NotFound, lambda member=member: queries.get_review_for(member.actor(), review.pk))


def test_a_review_is_held_on_its_pages(cast: Cast, at: datetime, enter: Callable[..., Client]) -> None:
    give(cast, at - timedelta(days=20), "Rà soát <b>máy</b>", cast.plan_id, days=3)
    head = enter(cast.head)
    assert "Chưa có cuộc giao ban nào" in head.get("/reviews").content.decode()
    home = head.post("/reviews/call", {"month": "20/11/2026"}).headers["Location"]
    page = head.get(home).content.decode()
    assert "1 việc quá hạn," in page
    assert "Rà soát &lt;b&gt;máy" in page
    told = {"title": "Bố trí máy", "unit_id": cast.technique_id, "join_ids": [cast.plan_id], "due": "20/12/2099"}
    assert head.get(f"{home}/decide").status_code == 200
    assert head.post(f"{home}/decide", told | {"begun_in": "once"}).status_code == 302
    task = Assignment.objects.get(in_unit_id=cast.technique_id)
    assert "tháng 11/2026" in enter(cast.technique_head).get(f"/tasks/{task.pk}").content.decode()
    assert enter(cast.plan_head).get(f"{home}/close").status_code == 403
    assert head.post(f"{home}/close", {"minutes": "Kết luận: làm ngay"}).status_code == 302
    closed = head.get(home).content.decode()
    assert "nội dung còn nguyên" in closed
    assert "Kết luận: làm ngay" in closed
    assert head.get(f"{home}/decide").status_code == 422
    assert enter(cast.administrator).get(home).status_code == 404
