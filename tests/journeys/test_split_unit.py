"""A unit split: posts go with holders, drafts, work and sight; codes are spent; what cannot be is refused and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from antin.documents import policy as papers
from antin.documents.models import Document, Making
from antin.estate import operations as estate
from antin.identifiers import queries as codes
from antin.identifiers.operations import CodeSpent
from antin.journal.models import Record
from antin.journeys import ask_opinions, split_unit
from antin.opinions.models import Opinion
from antin.opinions.operations import Asked
from antin.people import operations as people
from antin.people import queries
from antin.people.models import Delegation, FormerPlace, Post, Substitution, Unit
from antin.people.operations import Part
from antin.people.policy import NotYourHouse
from antin.refusal import NotAllowed
from antin.tasks import operations as tasks
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Origin, Role
from antin.workdays.queries import local_date
from tests import given
from tests.cast import Cast, Member, seat
from tests.doors.conftest import Enter, enter  # noqa: F401
from tests.doors.test_api_organisation import Machine
from tests.unchanged import everything, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return timezone.now()


def ask(cast: Cast, at: datetime, unit_id: int, *parts: Part, keeps: bool = True, **more: Any) -> dict[str, Any]:
    told = {"unit_id": unit_id, "parts": list(parts), "keeps": keeps, "decision": "15/QĐ-TCZ"}
    return told | {"actor": cast.administrator.actor(local_date(at)), "at": at} | more


def part(name: str, mark: str, **more: Any) -> Part:
    return Part(name=name, short_name=name, abbreviation=mark, **more)


def seen(member: Member, at: datetime) -> set[int]:
    visible = papers.visible_to(member.actor(local_date(at)))
    return set(Document.objects.filter(visible).values_list("pk", flat=True))


def give(cast: Cast, at: datetime) -> list[Assignment]:
    """Work for the planning division itself, and for its officer."""
    shares = [Share(Role.LEAD, unit_id=cast.plan_id, days=5)]
    told: dict[str, Any] = {"document_id": None, "words": "Báo cáo", "origin": Origin.HAND, "at": at}
    head = cast.head.actor(local_date(at))
    above = tasks.give(title="Rà soát", shares=shares, actor=head, **told).assignments.get()
    officer = [Share(Role.LEAD, post_id=cast.plan_officer.post_id, days=3)]
    own = cast.plan_head.actor(local_date(at))
    below = tasks.give(title="Rà soát", shares=officer, actor=own, **told).assignments.get()
    return [above, below]


def test_posts_are_split_off_with_their_drafts_and_their_work(cast: Cast, at: datetime) -> None:
    draft = given.a_draft(cast, at)
    fixed = given.an_endorsed_document(cast, at)
    above, below = give(cast, at)
    before = seen(cast.plan_officer, at)
    assert draft.notation == "TCZ-KH"
    told = ask(cast, at, cast.plan_id, part("Phòng Thống kê", "TK", posts=(cast.plan_officer.post_id,)))
    was = everything()
    outlook = split_unit.foresee(**told)
    assert everything() == was
    assert (outlook.ahead.matters, outlook.ahead.on, outlook.done.drafts, outlook.done.works) == (
        False,
        local_date(at),
        1,
        1,
    )
    done = split_unit.split(**told)
    (new,) = done.split.parts
    assert (new.parent_id, new.agency_id, new.is_agency, new.opened_on) == (
        cast.agency_id,
        cast.agency_id,
        False,
        local_date(at),
    )
    assert Post.objects.get(pk=cast.plan_officer.post_id).unit_id == new.pk
    assert cast.plan_officer.actor(local_date(at)).unit_id == new.pk
    place = FormerPlace.objects.get()
    assert (place.post_id, place.unit_id, place.until) == (cast.plan_officer.post_id, cast.plan_id, local_date(at))
    old = Unit.objects.get(pk=cast.plan_id)
    assert (old.closed_on, Post.objects.get(pk=cast.plan_head.post_id).unit_id) == (None, cast.plan_id)
    draft.refresh_from_db()
    assert (draft.notation, Making.objects.get(document=draft).unit_id) == ("TCZ-TK", new.pk)
    assert Making.objects.get(document=fixed).unit_id == cast.plan_id
    above.refresh_from_db()
    below.refresh_from_db()
    assert (above.holder, above.in_unit_id) == (f"U{cast.plan_id}", cast.plan_id)
    assert (below.holder, below.in_unit_id) == (f"P{cast.plan_officer.post_id}", new.pk)
    assert below.spells.get(until_at=None).in_unit_id == new.pk
    assert seen(cast.plan_officer, at) == before
    record = Record.objects.get(event="unit.split")
    assert (record.subject_id, record.person_id, record.facts["keeps"], record.facts["decision"]) == (
        cast.plan_id,
        cast.administrator.person_id,
        True,
        "15/QĐ-TCZ",
    )
    assert record.facts["posts"] == {str(cast.plan_officer.post_id): new.pk}
    moved = Record.objects.get(event="post.moved")
    assert (moved.facts["former_unit"], moved.facts["unit"]) == (cast.plan_id, new.pk)


def test_a_division_is_divided_and_its_work_and_sight_go_to_one_part(cast: Cast, at: datetime) -> None:
    draft = given.a_submitted_draft(cast, at)
    opinion = given.a_draft(cast, at)
    asked = {"document_id": opinion.pk, "asked": [Asked(unit_id=cast.technique_id)], "days": 3, "in_order": False}
    ask_opinions.ask(words="", **asked, actor=cast.plan_officer.actor(local_date(at)), at=at)
    shares = [Share(Role.LEAD, unit_id=cast.technique_id, days=5)]
    told: dict[str, Any] = {"document_id": None, "words": "Làm", "title": "Việc", "origin": Origin.HAND, "at": at}
    work = tasks.give(shares=shares, actor=cast.head.actor(local_date(at)), **told).assignments.get()
    section = people.open_unit(
        name="Tổ Máy", short_name="Tổ Máy", abbreviation="TM", kind="section", parent_id=cast.technique_id, actor=None,
        at=at,
    )  # fmt: skip
    one = part("Phòng Một", "P1", posts=(cast.technique_head.post_id, cast.technique_officer.post_id))
    two = part("Phòng Hai", "P2", posts=(cast.technique_deputy.post_id,), units=(section.pk,))
    saw = seen(cast.technique_head, at)
    assert opinion.pk in saw

    machine = estate.add(
        code="M-1",
        unit_id=cast.technique_id,
        facts={"kind": "workstation", "name": "Máy 1"},
        actor=cast.administrator.actor(local_date(at)),
        at=at,
    )

    left = refused(
        split_unit.WorkLeftBehind, lambda: split_unit.split(**ask(cast, at, cast.technique_id, one, two, keeps=False))
    )
    assert left.facts["n"] == 2
    one = replace(one, takes_work=True)
    done = split_unit.split(**ask(cast, at, cast.technique_id, one, two, keeps=False))
    first, second = done.split.parts
    old = Unit.objects.get(pk=cast.technique_id)
    assert (old.closed_on, old.successor_id) == (local_date(at), first.pk)
    assert (done.works, done.opinions, done.things) == (1, 1, 1)
    machine.refresh_from_db()
    assert machine.unit_id == first.pk
    work.refresh_from_db()
    assert (work.holder, work.holder_name, work.next_holder, work.unit_id, work.in_unit_id) == (
        f"U{first.pk}",
        "Phòng Một",
        f"U{first.pk}",
        first.pk,
        first.pk,
    )
    assert Opinion.objects.get().holder == f"U{first.pk}"
    assert seen(cast.technique_head, at) == saw
    assert seen(cast.technique_deputy, at) < saw
    section.refresh_from_db()
    assert (section.parent_id, section.path) == (second.pk, f"{second.path}{section.pk}/")
    assert Making.objects.get(document=draft).unit_id == cast.plan_id
    told_of = Record.objects.filter(subject_kind="unit", subject_id=cast.technique_id).order_by("id")
    assert [each.event for each in told_of][-2:] == ["unit.closed", "unit.split"]
    from_now = {"name": "Việc", "short_name": "V", "abbreviation": "V", "kind": "section"}
    with pytest.raises(people.UnitNameTaken):
        people.open_unit(**from_now | {"name": "Phòng Một"}, parent_id=cast.agency_id, actor=None, at=at)


def test_what_is_foreseen_is_what_the_lists_show(cast: Cast, at: datetime) -> None:
    for _n in range(3):
        given.a_submitted_draft(cast, at)
    one = part("Phòng Một", "P1", posts=(cast.plan_head.post_id,))
    two = part("Phòng Hai", "P2", posts=(cast.plan_officer.post_id,))
    before = seen(cast.plan_head, at)
    outlook = split_unit.foresee(**ask(cast, at, cast.plan_id, one, two, keeps=False))
    split_unit.split(**ask(cast, at, cast.plan_id, one, two, keeps=False))
    lost = before - seen(cast.plan_head, at)
    told = {row.person_id: (row.gains, row.loses) for row in outlook.ahead.rows}
    assert told.get(cast.plan_head.person_id, (0, 0)) == (0, len(lost))


def test_an_agency_is_divided_into_agencies_and_its_code_leads_to_its_successor(cast: Cast, at: datetime) -> None:
    day = local_date(at)
    leave = people.delegate(
        from_post_id=cast.recipient_head.post_id, to_post_id=cast.recipient_works_head.post_id, form="TL.", since=day,
        basis="1/QC", actor=None, at=at,
    )  # fmt: skip
    away = people.substitute(
        principal_id=cast.recipient_clerk.post_id, substitute_id=cast.recipient_works_officer.post_id, since=day,
        until=day + timedelta(days=3), basis="1", actor=None, at=at,
    )  # fmt: skip
    one = part(
        "Trung tâm C1", "C1", code="G11.90.31", posts=(cast.recipient_head.post_id, cast.recipient_clerk.post_id)
    )
    one = replace(one, units=(cast.recipient_works_id,), takes_work=True)
    two = part("Trung tâm C2", "C2", code="G11.90.32", posts=(cast.recipient_deputy.post_id,))
    two = replace(two, units=(cast.recipient_study_id,))
    told = ask(cast, at, cast.recipient_id, one, two, keeps=False)
    done = split_unit.split(**told)
    first, second = done.split.parts
    assert [(each.is_agency, each.agency_id == each.pk) for each in (first, second)] == [(True, True)] * 2
    assert Unit.objects.get(pk=cast.recipient_study_id).agency_id == second.pk
    assert cast.recipient_clerk.actor(day).agency_id == first.pk
    resolved = codes.resolve("G11.90.21")
    assert (resolved.status, resolved.current) == ("merged", "G11.90.31")
    successor = queries.find_successor(cast.recipient_id, day)
    assert successor is not None
    assert successor.pk == first.pk
    assert Delegation.objects.get(pk=leave.pk).revoked_on == day
    assert Substitution.objects.get(pk=away.pk).revoked_on is None  # both went to the first
    again = {"name": "Trung tâm B1", "short_name": "B1", "abbreviation": "B1", "kind": "centre", "code": "G11.90.21"}
    refused(CodeSpent, lambda: people.open_unit(**again, parent_id=cast.agency_id, actor=None, at=at))


def test_papers_of_an_agency_stay_until_they_are_done(cast: Cast, at: datetime) -> None:
    given.an_arrival(cast, at)
    everybody = (cast.recipient_head.post_id, cast.recipient_deputy.post_id, cast.recipient_clerk.post_id)
    units = (cast.recipient_works_id, cast.recipient_study_id)
    one = part("Trung tâm C1", "C1", code="G11.90.31", posts=everybody, units=units)
    two = part("Trung tâm C2", "C2", code="G11.90.32")
    whole = ask(cast, at, cast.recipient_id, one, two, keeps=False)
    no = refused(split_unit.AgencyHasPapers, lambda: split_unit.split(**whole))
    assert no.facts == {"unit": "Trung tâm B1", "n": 1}
    sees = ask(cast, at, cast.recipient_id, replace(two, sees=True))
    refused(split_unit.FilesStay, lambda: split_unit.split(**sees))
    officer = cast.recipient_works_officer
    work = {"document_id": None, "words": "Làm", "title": "Việc", "origin": Origin.HAND, "at": at}
    head = cast.recipient_head.actor(local_date(at))
    tasks.give(shares=[Share(Role.LEAD, post_id=cast.recipient_deputy.post_id, days=3)], actor=head, **work)
    assert officer
    deputy = ask(cast, at, cast.recipient_id, replace(two, posts=(cast.recipient_deputy.post_id,)))
    no = refused(split_unit.PostHasPapers, lambda: split_unit.split(**deputy))
    assert no.facts["n"] == 1


def test_each_thing_that_cannot_be_is_refused(cast: Cast, at: datetime) -> None:
    officer, head = cast.plan_officer.post_id, cast.plan_head.post_id
    one, two = part("Phòng Một", "P1", posts=(head,)), part("Phòng Hai", "P2", posts=(officer,))

    def no(kind: Any, *parts: Part, unit_id: int = cast.plan_id, keeps: bool = False, **more: Any) -> None:
        refused(kind, lambda: split_unit.split(**ask(cast, at, unit_id, *parts, keeps=keeps, **more)))

    no(people.TooFewParts, one)
    no(people.TooFewParts, keeps=True)
    no(people.NeedsBasis, one, two, decision=" ")
    no(people.OneTakesTheWork, replace(one, takes_work=True), replace(two, takes_work=True))
    no(people.NotOfTheUnit, one, replace(two, posts=(officer, head)))
    no(people.NotOfTheUnit, one, replace(two, posts=(officer, cast.clerk.post_id)))
    no(people.NotOfTheUnit, one, replace(two, units=(cast.office_id,)))
    no(people.PostLeftBehind, one, replace(two, posts=()))
    no(people.UnitNameTaken, replace(one, name="Văn phòng"), two)
    no(people.UnitNameTaken, one, replace(two, name="Phòng Một"))
    no(people.UnitNeedsName, one, replace(two, abbreviation=""))
    no(people.PartHasNoCode, one, replace(two, code="G11.90.44"))
    no(people.AgencyNeedsCode, part("C1", "C1"), unit_id=cast.recipient_id, keeps=True)
    no(CodeSpent, part("C1", "C1", code="G11.90.21"), unit_id=cast.recipient_id, keeps=True)
    no(people.UnitLeftBehind, part("C1", "C1", code="G11.90.51", posts=(
        cast.recipient_head.post_id, cast.recipient_deputy.post_id, cast.recipient_clerk.post_id)),
        part("C2", "C2", code="G11.90.52"), unit_id=cast.recipient_id)  # fmt: skip
    no(NotAllowed, one, two, actor=cast.plan_head.actor(local_date(at)))
    no(NotAllowed, part("X", "X", code="G11.99"), unit_id=cast.agency_id, keeps=True)
    own = seat(cast.recipient_works_id, "Quản trị viên", "administrator", "Trịnh Quản", "quantri.b1", order=90)
    no(NotYourHouse, one, two, actor=own.actor(local_date(at)))
    no(
        NotYourHouse,
        part("X", "X", code="G11.90.71"),
        unit_id=cast.recipient_id,
        keeps=True,
        actor=own.actor(local_date(at)),
    )
    vacant = people.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=None, at=at)
    given.a_draft(cast, at)
    Making.objects.update(drafter_post_id=vacant.pk)
    Document.objects.filter(next_holder=f"P{officer}").update(next_holder=f"P{vacant.pk}")
    no(split_unit.PostLeftWithWork, one, two)


# ---- at the doors --------------------------------------------------------------------------------------------------------------


def sent(cast: Cast, **more: str) -> dict[str, str]:
    told = {f"n{n}-kind": "division" for n in range(1, 5)}
    told |= {"n1-name": "Phòng Thống kê", "n1-short_name": "Thống kê", "n1-abbreviation": "TK"}
    return told | {"keeps": "1", "decision": "15/QĐ", f"post-{cast.plan_officer.post_id}": "1"} | more


def test_the_page_shows_what_would_be_done_and_does_it_when_it_is_sent_again(
    cast: Cast, at: datetime, enter: Enter  # noqa: F811
) -> None:  # fmt: skip
    page: Client = enter(cast.administrator)
    here = f"/administration/units/{cast.plan_id}/split"
    assert "Tách, chia" in page.get(f"/administration/units/{cast.plan_id}").content.decode()
    shown = page.get(here).content.decode()
    assert "Trợ lý kế hoạch: Bùi Ngọc Giang" in shown
    wrong = page.post(here, sent(cast, decision=""))
    assert (wrong.status_code, "Phải nêu văn bản làm căn cứ." in wrong.content.decode()) == (422, True)
    assert 'value="Phòng Thống kê"' in wrong.content.decode()
    no_name = page.post(here, sent(cast, **{"n1-name": ""})).content.decode()
    assert "Đơn vị phải có tên, tên ngắn và chữ viết tắt." in no_name
    given.a_draft(cast, at)
    before = Record.objects.count()
    looked = page.post(here, sent(cast)).content.decode()
    assert Record.objects.count() == before
    for words in ("Lập Phòng Thống kê.", "1 chức vụ chuyển đi.", "1 dự thảo đi theo người soạn.", "Thực hiện"):
        assert words in looked, words
    mark = looked.split('name="foreseen" value="')[1].split('"')[0]
    other = page.post(here, sent(cast, foreseen=mark, decision="16/QĐ"))
    assert (other.status_code, Unit.objects.filter(name="Phòng Thống kê").exists()) == (200, False)
    done = page.post(here, sent(cast, foreseen=mark), follow=True)
    assert "Đã tách Phòng Thống kê từ Phòng Kế hoạch." in done.content.decode()
    assert Post.objects.get(pk=cast.plan_officer.post_id).unit.name == "Phòng Thống kê"
    assert page.get(f"/administration/units/{cast.agency_id}/split").status_code == 404
    agency = page.get(f"/administration/units/{cast.recipient_id}/split").content.decode()
    assert "Mã định danh" in agency
    assert enter(cast.plan_head).get(here).status_code == 403


def test_machines_look_first_and_keep_when_they_say_so(cast: Cast) -> None:
    api, here = Machine(cast.administrator), f"/units/{cast.plan_id}/split"
    new = {"name": "Phòng Thống kê", "short_name": "Thống kê", "abbreviation": "TK"}
    told: dict[str, Any] = {"parts": [new | {"posts": [cast.plan_officer.post_id]}], "keeps": True, "decision": "15/QĐ"}
    status, looked = api("POST", here, **told)
    assert (status, looked["kept"], looked["units"], looked["posts"]) == (200, False, [], 1)
    assert looked["sight"]["on"] == local_date(timezone.now()).isoformat()
    assert not Unit.objects.filter(name="Phòng Thống kê").exists()
    status, done = api("POST", here, **told, keep=True)
    assert (status, done["kept"], done["sight"]) == (200, True, None)
    assert Unit.objects.get(name="Phòng Thống kê").pk == done["units"][0]
    assert api("POST", here, **told, keep=True)[1]["code"] == "split_not_of_the_unit"
    assert Machine(cast.plan_officer)("POST", here, **told)[0] == 403
    assert api("POST", f"/units/{cast.agency_id}/split", **told)[0] == 403
