"""Work of one's own on its pages: given by the form, split, declined, extended, finished; what others may see of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from antin.tasks.models import Assignment
from antin.tasks.states import Status
from tests.cast import Cast
from tests.unchanged import everything

pytestmark = pytest.mark.django_db

Enter = Callable[..., Client]


def give(browser: Client, cast: Cast, **more: str) -> list[Assignment]:
    answer = browser.post(
        "/tasks/new",
        {
            "title": "Rà soát <b>máy trạm</b>",
            "words": "Báo cáo trước giao ban",
            "priority": "1",
            "evidence": "",
            "term": "6",
            f"role-U{cast.plan_id}": "lead",
            f"role-U{cast.technique_id}": "join",
            f"role-U{cast.recipient_id}": "inform",
            "begun_in": "once",
            **more,
        },
    )
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return list(Assignment.objects.order_by("id"))


def test_the_story_of_work_that_two_units_share(cast: Cast, enter: Enter) -> None:
    head, plan, technique = enter(cast.head), enter(cast.plan_head), enter(cast.technique_head)
    assert "Giao việc" in head.get("/").content.decode()
    lead, join, inform = give(head, cast)
    assert give(head, cast) == [lead, join, inform]
    page = head.get(f"/tasks/{lead.pk}").content.decode()
    assert "Rà soát &lt;b&gt;máy trạm&lt;/b&gt;" in page
    assert "Trọng tâm" in page
    assert "6 ngày làm việc: bắt đầu" in page

    plan.post(f"/tasks/{lead.pk}/acts/decline", {"words": "Đang kiểm kê"})
    assert "Yêu cầu thực hiện" in head.get(f"/tasks/{lead.pk}").content.decode()
    head.post(f"/tasks/{lead.pk}/acts/insist", {"words": "Vẫn phải làm"})
    plan.post(f"/tasks/{lead.pk}/acts/take", {})
    officer = f"role-P{cast.plan_officer.post_id}"
    split = plan.post(f"/tasks/{lead.pk}/split", {"words": "Lập danh sách", "term": "3", officer: "lead"})
    assert split.status_code == 302
    [below] = Assignment.objects.filter(directive__parent=lead)

    plan.post(f"/tasks/{lead.pk}/acts/extend", {"until": "30/12/2099", "words": "Chờ số liệu"})
    head.post(f"/tasks/{lead.pk}/acts/grant", {"words": ""})
    lead.refresh_from_db()
    assert lead.due_at == datetime(2099, 12, 30, 10, 0, tzinfo=UTC)

    member = enter(cast.plan_officer)
    member.post(f"/tasks/{below.pk}/acts/report", {"words": "Đã đi hai phòng", "percent": "40"})
    tree = head.get(f"/tasks/{lead.pk}").content.decode()
    assert "Trợ lý kế hoạch Bùi Ngọc Giang" in tree
    assert '<span class="nowrap">40 %</span>' in tree
    greyed = plan.get(f"/tasks/{lead.pk}").content.decode()
    assert "Còn 1 việc đã giao xuống chưa xong: Trợ lý kế hoạch Bùi Ngọc Giang." in greyed
    member.post(f"/tasks/{below.pk}/acts/hand-in", {"words": "Đủ danh sách", "reply": ""})
    plan.post(f"/tasks/{below.pk}/acts/accept", {"words": "", "grade": "3"})
    plan.post(f"/tasks/{lead.pk}/acts/hand-in", {"words": "Đã báo cáo", "reply": ""})
    head.post(f"/tasks/{lead.pk}/acts/accept", {"words": "Tốt", "grade": "4"})
    for task in (lead, below):
        task.refresh_from_db()
    assert [(task.status, task.grade) for task in (lead, below)] == [(Status.ACCEPTED, 4), (Status.ACCEPTED, 3)]
    done = head.get(f"/tasks/{lead.pk}").content.decode()
    assert "Hoàn thành đúng hạn" in done
    assert "Xuất sắc" in done

    assert technique.get(f"/tasks/{join.pk}").status_code == 200
    assert enter(cast.recipient_head).post(f"/tasks/{inform.pk}/noted").status_code == 302
    for stranger in (enter(cast.technique_officer), enter(cast.recipient_study_head)):
        assert stranger.get(f"/tasks/{below.pk}").status_code == 404
        assert stranger.get(f"/tasks/{lead.pk}/acts/accept").status_code == 404


def test_what_the_form_lacks_is_said_and_what_was_typed_stays(cast: Cast, enter: Enter) -> None:
    head = enter(cast.head)
    answer = head.post("/tasks/new", {"title": "Kiểm tra", "term": "x", f"role-U{cast.plan_id}": "lead"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Thời hạn chung là một số ngày làm việc, từ 1 đến 400." in page
    assert 'value="Kiểm tra"' in page
    assert head.post("/tasks/new", {"title": "Kiểm tra"}).status_code == 422
    told = {"title": "Kho số 4 đạn hỏng", "secrecy": "2", f"role-U{cast.plan_id}": "lead"}
    before = everything()
    secret = head.post("/tasks/new", told).content.decode()
    assert ("Việc độ Tối mật không giao bằng lời được" in secret, 'href="/drafts/new"' in secret) == (True, True)
    assert ("đạn hỏng" in secret, everything() == before) == (False, True)
    assert '<option value="2" selected>' in secret  # the level that was chosen stays chosen, the words do not
    assert enter(cast.plan_officer).get("/tasks/new").status_code == 403
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("act", ["accept", "grant", "insist", "resume", "nothing"])
def test_an_act_that_is_not_possible_is_refused_before_it_asks(cast: Cast, enter: Enter, act: str) -> None:
    head = enter(cast.head)
    lead, *_ = give(head, cast)
    assert head.get(f"/tasks/{lead.pk}/acts/{act}").status_code in (403, 404, 409, 422)
