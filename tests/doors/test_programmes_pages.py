"""Programmes on their pages: written by a unit, approved by the head, given out; who sees them; the demonstration's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client

from antin.console import demo, demo_plan, demo_programme, demo_traffic
from antin.documents.models import Document
from antin.indicators import operations as indicators
from antin.programmes import queries
from antin.programmes.models import Entrusted, Programme, Version
from antin.tasks.models import Assignment
from antin.tasks.states import Status
from tests import given
from tests.cast import Cast, empty_the_node

pytestmark = pytest.mark.django_db

Enter = Callable[..., Client]


def test_a_plan_is_written_approved_and_given_out_on_its_pages(cast: Cast, enter: Enter, at: datetime) -> None:
    indicators.count(at=at)
    writer, head = enter(cast.plan_officer), enter(cast.head)
    first = {"title": "Kế hoạch <năm>", "kind": "plan", "of_agency": "1", "since": "01/01/2099", "until": "31/12/2099"}
    began = writer.post("/programmes/new", first | {"begun_in": "once"})
    [programme] = Programme.objects.all()
    home, desk = f"/programmes/{programme.pk}", f"/programmes/{programme.pk}/write"
    assert began.headers["Location"] == desk
    assert "Chưa có phần nào" in writer.get(desk).content.decode()
    assert "Kế hoạch chưa có phần nào." in writer.get(desk).content.decode()

    def add(kind: str, part: str, **told: object) -> None:
        answer = writer.post(f"{home}/entries/{kind}/new?part={part}", told)
        assert answer.status_code == 302, answer.content.decode()[:3000]

    add("parts", "", title="An toàn", unit_id=cast.plan_id, goal="Không lộ lọt")
    add("items", "k1", title="Rà soát", unit_id=cast.plan_id, join_ids=[cast.technique_id], due="20/12/2099")
    add("items", "k1", title="Tập huấn", unit_id=cast.recipient_id)
    add("targets", "k1", title="Gửi toàn văn", code="issued_electronic", aim="90")
    add("milestones", "k1", title="Kiểm kê", day="01/12/2099")
    add("items", "k1", title="Việc thừa", unit_id=cast.plan_id)
    assert writer.post(f"{home}/remove/k6").status_code == 302
    assert writer.post(f"{home}/entries/items/k2", {"title": "Rà soát máy", "unit_id": cast.plan_id, "join_ids": [cast.technique_id], "due": "21/12/2099"}).status_code == 302  # fmt: skip  # noqa: E501
    assert writer.get(f"{home}/entries/items/new?part=k1").status_code == 200
    page = writer.get(desk).content.decode()
    assert "Rà soát máy" in page
    assert "Việc thừa" not in page
    assert enter(cast.technique_head).get(desk).status_code == 404
    assert writer.post(f"{home}/acts/approve", {"words": ""}).status_code == 403
    assert writer.post(f"{home}/acts/submit").status_code == 302
    assert "Duyệt" in head.get(home).content.decode()
    assert head.post(f"{home}/acts/approve", {"words": "Nhất trí"}).status_code == 302
    assert "Giao 2 việc" in head.get(home).content.decode()
    assert head.post(f"{home}/acts/entrust").status_code == 302
    assert Assignment.objects.count() == 3
    assert "0/2" in head.get(home).content.decode()
    paper = given.an_issued_document(cast, at, subject="Kế hoạch công tác năm")
    named = {"number": "1", "code": paper.code, "on": ""}
    assert enter(cast.technique_head).post(f"{home}/acts/bind", named).status_code == 403
    assert head.post(f"{home}/acts/bind", named | {"code": "9/XX"}).status_code == 422
    assert head.post(f"{home}/acts/bind", named).status_code == 302
    for address in (home, f"{home}/versions/1"):
        assert f'href="/documents/{paper.pk}"' in head.get(address).content.decode()
        assert "một văn bản đồng chí không được xem" in enter(cast.technique_officer).get(address).content.decode()
    assert f'href="{home}"' in head.get(f"/documents/{paper.pk}").content.decode()
    Document.objects.filter(pk=paper.pk).update(standing="replaced")
    assert "kiểm tra có phải sửa đổi kế hoạch" in head.get(home).content.decode()
    part = enter(cast.plan_head).get(f"{home}/parts/k1").content.decode()
    task = Assignment.objects.get(in_unit_id=cast.plan_id)
    assert f"/tasks/{task.pk}" in part
    assert "2 nhiệm vụ đồng chí không được xem riêng." in part
    assert "Kế hoạch &lt;năm&gt;" in enter(cast.plan_head).get(f"/tasks/{task.pk}").content.decode()
    assert writer.post(f"{home}/milestones/k5", {"day": "20/11/2099", "words": ""}).status_code == 302
    assert "đã đạt" in writer.get(home).content.decode()
    assert writer.post(f"{home}/acts/revise", {"reason": "Thêm việc"}).headers["Location"] == desk
    assert "Đang có bản sửa đổi" in writer.get(home).content.decode()
    assert writer.post(f"{home}/acts/drop").status_code == 302
    for number in (1, 2):
        assert "Phiên bản" in writer.get(f"{home}/versions/{number}").content.decode()
    assert "nội dung còn nguyên" in head.get(f"{home}/versions/1").content.decode()
    assert head.post(f"{home}/acts/end", {"words": "Xong"}).status_code == 302
    assert "1 kế hoạch đang thực hiện" not in head.get("/programmes").content.decode()
    assert "Kế hoạch &lt;năm&gt;" in enter(cast.recipient_works_officer).get("/programmes").content.decode()
    for address in (
        f"{home}/versions/9",
        f"{home}/parts/k9",
        f"{home}/entries/nothing/new",
        f"{home}/acts/nothing",
        desk,
    ):
        assert head.get(address).status_code == 404
    assert enter(cast.clerk).get("/programmes/new").status_code == 403


def test_the_list_asks_the_same_number_of_questions_whatever_its_length(
    cast: Cast, at: datetime, django_assert_max_num_queries: Callable[..., object]
) -> None:
    writer = cast.plan_officer.actor()
    for number in range(12):
        made = Programme.objects.create(
            unit_id=cast.agency_id, made_in_id=cast.plan_id, title=f"{number}", since=at.date(), until=at.date(), made_at=at
        )  # fmt: skip
        Version.objects.create(programme=made, number=1, written_at=at)
    with django_assert_max_num_queries(4):  # type: ignore[attr-defined]
        assert len(queries.list_programmes(writer, at)) == 12


@pytest.mark.slow
def test_the_example_of_the_demonstration_has_five_parts_with_real_work() -> None:
    at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    empty_the_node()
    demo.fill_organisation(at=at)
    demo_programme.fill_programme(at=at)
    demo_programme.fill_programme(at=at)
    [programme] = Programme.objects.all()
    assert len(queries.content_of(queries.find_in_force(programme.pk)).parts) == 5
    assert Entrusted.objects.count() == sum(len(part.works) for part in demo_programme.PARTS)
    found = queries.progress_of([programme.pk], at)[programme.pk].whole
    assert found.done == 6
    assert found.late == 3
    assert found.at_risk == 1
    assert Assignment.objects.filter(status=Status.ACCEPTED).count() == 14

    demo_traffic._begin(at)
    [decision] = [each for each in demo_plan.plan(at) if each.number == demo_plan.ISSUING]
    demo_traffic.bind_the_plan(at=at)
    assert queries.newest_approved(programme.pk).paper is None  # nothing is issued yet
    demo_traffic.fill_traffic(at=at, parts=[replace(decision, to=("K1",))])
    demo_traffic.bind_the_plan(at=at)
    paper = queries.newest_approved(programme.pk).paper
    assert (paper.subject, paper.type_code, paper.status) == (f"Về việc ban hành {programme.title}", "QĐ", "issued")
