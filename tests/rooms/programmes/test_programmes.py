"""A programme from its first entry to its end: versions, approval, work that is real, progress against a recount, who sees what."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from antin.documents.models import Document
from antin.indicators import operations as indicators
from antin.journal import queries as journal
from antin.journeys import direct_document as direction
from antin.journeys import run_programme
from antin.notices import queries as notices
from antin.programmes import content, operations, policy, queries
from antin.programmes.content import BadContent, Content, Item, Milestone, Part, Target
from antin.programmes.models import Programme
from antin.programmes.states import Status
from antin.refusal import NotFound, WrongState
from antin.tasks import queries as tasks
from antin.tasks import terms
from antin.tasks.models import Assignment
from antin.tasks.states import Cell, Origin, Role
from tests import given
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def figures(cast: Cast, at: datetime) -> None:
    """The figures that every node begins with are defined at the first counting."""
    indicators.count(at=at)


def told_by(cast: Cast) -> Content:
    reading = Item("k2", "Rà soát máy trạm", cast.plan_id, "Báo cáo quý", (cast.technique_id,), date(2026, 12, 10))
    training = Item("k3", "Tập huấn ký số", cast.recipient_id, due=date(2026, 12, 20), priority=1)
    safety = Part(
        "k1", "An toàn thông tin", cast.plan_id, "Không để lộ lọt", (reading, training),
        (Target("k4", "Gửi toàn văn qua mạng", "issued_electronic", Decimal("90.00")),),
        (Milestone("k5", "Xong kiểm kê", date(2026, 12, 1)),),
    )  # fmt: skip
    return Content(
        (safety, Part("k6", "Hạ tầng", cast.technique_id, items=(Item("k7", "Nâng cấp phòng máy", cast.technique_id),)))
    )


def begun(cast: Cast, at: datetime, **more: Any) -> Programme:
    return operations.begin(
        title="Kế hoạch năm 2026", since=date(2026, 1, 1), until=date(2026, 12, 31), actor=cast.plan_officer.actor(), at=at, **more
    )  # fmt: skip


def approved(cast: Cast, at: datetime) -> Programme:
    programme = begun(cast, at)
    writer = cast.plan_officer.actor()
    operations.write(programme_id=programme.pk, told=told_by(cast), revision=0, actor=writer, at=at)
    run_programme.submit(programme_id=programme.pk, actor=writer, at=at)
    run_programme.approve(programme_id=programme.pk, words="Nhất trí", actor=cast.head.actor(), at=at)
    return programme


def test_from_the_first_entry_to_work_and_progress(cast: Cast, at: datetime) -> None:
    programme = approved(cast, at)
    [told] = [row for row in notices.list_for(cast.head.actor()) if row.kind == "programme.submitted"]
    assert told.link == f"/programmes/{programme.pk}"
    version = queries.find_in_force(programme.pk)
    assert version is not None
    assert (version.status, version.digest) == (Status.APPROVED, content.digest_of(told_by(cast)))
    head = cast.head.actor()
    assert run_programme.entrust_all(programme_id=programme.pk, actor=head, at=at) == (3, {})
    assert run_programme.entrust_all(programme_id=programme.pk, actor=head, at=at) == (0, {})
    lead = Assignment.objects.get(in_unit_id=cast.plan_id)
    assert (lead.directive.origin, lead.directive.title, lead.role) == (Origin.PLAN, "Rà soát máy trạm", Role.LEAD)
    assert [row.role for row in Assignment.objects.filter(in_unit_id=cast.technique_id).order_by("id")] == [
        Role.JOIN,
        Role.LEAD,
    ]
    direction.hand_in(assignment_id=lead.pk, words="Đã rà soát", actor=cast.plan_head.actor(), at=at)
    direction.accept(assignment_id=lead.pk, actor=head, at=at)
    centre = Assignment.objects.get(in_unit_id=cast.recipient_id)
    direction.report(assignment_id=centre.pk, words="", percent=30, actor=cast.recipient_head.actor(), at=at)
    late = datetime.fromisoformat("2027-01-04T08:00:00+07:00")
    found = queries.progress_of([programme.pk], late)[programme.pk]
    assert found.whole.cells == {Cell.DONE_IN_TIME: 1, Cell.DONE_LATE: 0, Cell.OPEN_IN_TIME: 1, Cell.OPEN_LATE: 1}
    assert (found.parts["k1"].percent, found.parts["k6"].percent, found.whole.percent) == (65, 0, 43)
    recount: dict[int, Counter[str]] = {}
    for row in Assignment.objects.all():
        cell = terms.cell(tasks.standing_of(row), late)
        assert cell is not None
        recount.setdefault(row.in_unit_id, Counter())[cell] += 1
    assert {unit: +Counter(each.cells) for unit, each in found.units.items()} == recount
    work, hidden = queries.list_work(cast.plan_head.actor(), programme, "k1", late)
    assert ([row.pk for row in work["k2"]][:1], hidden) == ([lead.pk], 2)
    source = queries.find_source(cast.recipient_head.actor(), centre)
    assert source is not None
    assert (source.programme.pk, source.part) == (programme.pk, "k1")


def test_a_version_takes_the_place_of_the_one_before_and_given_work_stays(cast: Cast, at: datetime) -> None:
    programme = approved(cast, at)
    head, writer = cast.head.actor(), cast.plan_officer.actor()
    of_it = {"programme_id": programme.pk, "at": at}
    operations.begin_version(reason="Điều chỉnh", actor=writer, **of_it)
    refused(policy.VersionInHand, lambda: operations.begin_version(reason="Điều chỉnh", actor=writer, **of_it))
    version = queries.find_in_hand(programme.pk)
    assert version is not None
    run_programme.entrust(item="k2", actor=head, **of_it)
    refused(operations.GivenAlready, lambda: operations.note_entrusted(item="k2", directive_id=0, actor=head, **of_it))
    old = queries.content_of(version)
    refused(
        operations.GivenAlready,
        lambda: operations.write(told=old.without("k2"), revision=0, actor=writer, **of_it),
    )
    moved = old.find_item("k2")
    assert moved is not None
    new = old.without("k2").without("k4").with_entry("k6", "items", moved[1])
    new = new.with_entry("k6", "milestones", Milestone(new.next_key(), "Mở thầu", date(2026, 12, 2)))
    operations.write(told=new, revision=0, actor=writer, **of_it)
    refused(operations.WrittenElsewhere, lambda: operations.write(told=old, revision=0, actor=writer, **of_it))
    operations.approve(actor=head, **of_it)
    assert [row.status for row in queries.list_versions(programme)] == [Status.APPROVED, Status.REPLACED]
    assert [(each.how, each.title, each.fields) for each in content.compare(old, new)] == [
        ("other", "Rà soát máy trạm", ("part",)),
        ("new", "Mở thầu", ()),
        ("gone", "Gửi toàn văn qua mạng", ()),
    ]
    found = queries.progress_of([programme.pk], at)[programme.pk]
    assert (found.parts["k6"].whole, found.parts["k1"].whole) == (1, 0)
    operations.end(words="Đã xong", actor=head, **of_it)
    refused(policy.NotInForce, lambda: operations.item_to_give(item="k3", actor=head, **of_it))


def test_who_writes_approves_and_sees(cast: Cast, at: datetime) -> None:
    programme = begun(cast, at, begun_in="once")
    assert begun(cast, at, begun_in="once").pk == programme.pk
    of_it = {"programme_id": programme.pk, "at": at}
    write = {"told": told_by(cast), "revision": 0, **of_it}
    refused(policy.NotTheWriter, lambda: operations.write(actor=cast.technique_head.actor(), **write))
    refused(policy.NotAWriter, lambda: operations.begin(title="x", since=date(2026, 1, 1), until=date(2026, 2, 1), actor=cast.clerk.actor(), at=at))  # fmt: skip  # noqa: E501
    refused(policy.NothingWritten, lambda: operations.submit(actor=cast.plan_officer.actor(), **of_it))
    operations.write(actor=cast.plan_officer.actor(), **write)
    refused(policy.NotTheApprover, lambda: operations.approve(actor=cast.plan_head.actor(), **of_it))
    operations.submit(actor=cast.plan_head.actor(), **of_it)
    refused(WrongState, lambda: operations.submit(actor=cast.plan_head.actor(), **of_it))
    refused(operations.ReasonMissing, lambda: operations.send_back(reason=" ", actor=cast.head.actor(), **of_it))
    operations.send_back(reason="Thiếu chỉ tiêu", actor=cast.head.actor(), **of_it)
    seen = (cast.plan_head, cast.head)
    unseen = (cast.technique_head, cast.recipient_head, cast.administrator)
    for member in seen:
        assert queries.get_for(member.actor(), programme.pk).pk == programme.pk
    for member in unseen:
        refused(NotFound, lambda member=member: queries.get_for(member.actor(), programme.pk))
    operations.approve(actor=cast.head.actor(), **of_it)
    for member in (*seen, *unseen[:2], cast.recipient_works_officer):
        assert [row.programme.pk for row in queries.list_programmes(member.actor(), at)] == [programme.pk]
    refused(NotFound, lambda: queries.get_for(cast.administrator.actor(), programme.pk))
    operations.reach(milestone="k5", day=date(2026, 11, 20), actor=cast.plan_officer.actor(), **of_it)
    refused(operations.ReachedAlready, lambda: operations.reach(milestone="k5", day=date(2026, 11, 20), actor=cast.plan_officer.actor(), **of_it))  # fmt: skip  # noqa: E501
    outside = Content((Part("k1", "Ngoài", 987654),))
    operations.begin_version(reason="Thử", actor=cast.plan_officer.actor(), **of_it)
    refused(operations.UnitOutside, lambda: operations.write(told=outside, revision=0, actor=cast.plan_officer.actor(), **of_it))  # fmt: skip  # noqa: E501


def test_the_centre_has_its_own_programme_that_its_neighbours_do_not_see(cast: Cast, at: datetime) -> None:
    centre = cast.recipient_head.actor()
    made = operations.begin(title="Kế hoạch B1", since=date(2026, 1, 1), until=date(2026, 12, 31), actor=centre, at=at)
    part = Part("k1", "Phần", cast.recipient_works_id)
    operations.write(programme_id=made.pk, told=Content((part,)), revision=0, actor=centre, at=at)
    operations.approve(programme_id=made.pk, actor=centre, at=at)
    assert queries.get_for(cast.head.actor(), made.pk).pk == made.pk
    refused(NotFound, lambda: queries.get_for(cast.plan_head.actor(), made.pk))


@pytest.mark.parametrize(
    "given",
    [
        None,
        {"parts": 3},
        {"parts": [{}]},
        {"parts": [{"key": "k1", "title": "", "unit_id": 1}]},
        {"parts": [{"key": "../x", "title": "A", "unit_id": 1}]},
        {"parts": [{"key": "k1", "title": "A", "unit_id": 1}] * 2},
        {"parts": [{"key": "k1", "title": "A", "unit_id": True}]},
        {"parts": [{"key": "k1", "title": "A", "unit_id": 1, "items": [{"key": "k2", "title": "B"}]}]},
        {
            "parts": [
                {"key": "k1", "title": "A", "unit_id": 1, "milestones": [{"key": "k2", "title": "B", "day": None}]}
            ]
        },
        {"parts": [{"key": "k1", "title": "A", "unit_id": 1, "targets": [{"key": "k2", "title": "B", "aim": "NaN"}]}]},
        {"parts": [{"key": "k1", "title": "A", "unit_id": 1, "targets": [{"key": "k2", "title": "B", "aim": []}]}]},
        {"parts": [{"key": "k1", "title": "A", "unit_id": 1, "secret": 1}]},
        {"parts": [{"key": "k1", "title": "A", "unit_id": 1}] * 21},
    ],
)
def test_content_that_is_none_is_refused_in_words(given: Any) -> None:
    with pytest.raises(BadContent) as no:
        content.read(given)
    assert "%(" not in no.value.message


def test_content_is_read_as_it_is_written(cast: Cast, at: datetime) -> None:
    told = told_by(cast)
    assert content.read(content.written(told)) == told
    programme = begun(cast, at)
    [measured] = queries.measure(programme, told.parts[0].targets, at.date() + timedelta(days=1))
    assert measured.indicator is not None
    assert (measured.value, measured.met) == (None, None)  # nothing was issued on this node yet


def test_a_version_says_which_paper_issued_it_and_the_paper_leads_back(cast: Cast, at: datetime) -> None:
    programme = begun(cast, at)
    writer, head = cast.plan_officer.actor(), cast.head.actor()
    paper = given.an_issued_document(cast, at, subject="Kế hoạch công tác năm")
    told: dict[str, Any] = {"programme_id": programme.pk, "actor": writer, "at": at}
    refused(NotFound, lambda: operations.bind(document_id=paper.pk, **told))  # nothing was approved
    operations.write(programme_id=programme.pk, told=told_by(cast), revision=0, actor=writer, at=at)
    refused(NotFound, lambda: operations.bind(document_id=paper.pk, number=9, **told))
    refused(policy.NotInForce, lambda: operations.bind(document_id=paper.pk, number=1, **told))
    run_programme.submit(programme_id=programme.pk, actor=writer, at=at)
    run_programme.approve(programme_id=programme.pk, actor=head, at=at)
    draft = given.a_draft(cast, at)
    refused(policy.NotIssuedYet, lambda: operations.bind(document_id=draft.pk, **told))
    stranger = told | {"actor": cast.technique_officer.actor()}
    refused(NotFound, lambda: operations.bind(document_id=paper.pk, **stranger))
    paper.secrecy = 1
    assert isinstance(policy.why_not_bind(head, programme, queries.newest(programme.pk), paper), policy.SecretPaper)
    Document.objects.filter(pk=paper.pk).update(standing="recalled")
    refused(policy.PaperRecalled, lambda: operations.bind(document_id=paper.pk, **told))
    Document.objects.filter(pk=paper.pk).update(standing="")
    bound = operations.bind(document_id=paper.pk, **told)
    assert operations.bind(document_id=paper.pk, **told) == bound
    assert [row.event for row in journal.list_for(("programme", programme.pk)) if "bound" in row.event] == [
        "programme.bound"
    ]
    assert set(queries.papers_of(writer, [bound])) == {paper.pk}
    assert queries.papers_of(cast.technique_officer.actor(), [bound]) == {}
    assert queries.list_issued_by(head, paper.pk) == [bound]
    assert queries.list_issued_by(cast.recipient_head.actor(), paper.pk) == [bound]  # the plan is there for those below
    assert queries.get_paper_named(writer, f" {paper.code} ", paper.document_date) == paper.pk
    refused(queries.PaperNotFound, lambda: queries.get_paper_named(writer, "9/XX", None))
    again = given.an_issued_document(cast, at, subject="Kế hoạch sửa đổi")
    Document.objects.filter(pk=again.pk).update(code=paper.code)
    refused(queries.SeveralPapers, lambda: queries.get_paper_named(writer, paper.code, None))
    operations.begin_version(programme_id=programme.pk, reason="Bổ sung", actor=writer, at=at)
    run_programme.submit(programme_id=programme.pk, actor=writer, at=at)
    run_programme.approve(programme_id=programme.pk, actor=head, at=at)
    second = operations.bind(document_id=again.pk, **told)
    assert (second.number, bound.number) == (2, 1)
    assert queries.list_issued_by(head, paper.pk) == [bound]
