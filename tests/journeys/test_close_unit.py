"""A unit closed: what it had to do goes to the unit after it; what nobody would have is named, and nothing is done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.utils import timezone

from antin.documents import operations as documents
from antin.documents import policy as papers
from antin.documents.models import Document
from antin.estate import operations as estate
from antin.estate.models import Asset, Software
from antin.journal.models import Record
from antin.journeys import ask_opinions, close_unit, direct_document, look_ahead
from antin.opinions.models import Opinion
from antin.opinions.operations import Asked
from antin.people.models import Unit
from antin.tasks import operations as tasks
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Origin, Role
from antin.workdays.queries import local_date
from tests import given
from tests.cast import Cast, Member
from tests.doors.conftest import Enter, enter  # noqa: F401
from tests.doors.test_api_organisation import Machine
from tests.unchanged import everything, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return timezone.now()


def closing(cast: Cast, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "unit_id": cast.technique_id,
        "decision": "9/QĐ",
        "actor": cast.administrator.actor(local_date(at)),
        "at": at,
    } | more


def give(giver: Member, at: datetime, title: str, **whom: Any) -> Assignment:
    told: dict[str, Any] = {"document_id": None, "words": "Làm.", "origin": Origin.HAND, "title": title, "at": at}
    actor = giver.actor(local_date(at))
    found = tasks.give(shares=[Share(Role.LEAD, days=5, **whom)], actor=actor, **told).assignments.get()
    assert isinstance(found, Assignment)
    return found


def test_what_is_open_goes_to_the_unit_that_comes_after_it(cast: Cast, at: datetime) -> None:
    arrival = documents.arrive_many(
        arrivals=[given.new_arrival(cast.agency_id, key="x", issuer_name="Bộ Y", issuer_code="G11")], actor=None, at=at
    )["x"]
    documents.register(document_id=arrival, actor=cast.clerk.actor(), today=local_date(at), at=at)
    shares = [Share(Role.LEAD, unit_id=cast.technique_id, days=4)]
    direct_document.direct(document_id=arrival, words="Chủ trì.", shares=shares, actor=cast.head.actor(), at=at)
    whole = Assignment.objects.get()
    officer = give(cast.technique_head, at, "Rà soát", post_id=cast.technique_officer.post_id)
    draft = given.a_draft(cast, at)
    asked = {"document_id": draft.pk, "asked": [Asked(unit_id=cast.technique_id)], "days": 3, "in_order": False}
    ask_opinions.ask(words="", **asked, actor=cast.plan_officer.actor(local_date(at)), at=at)

    before = everything()
    with pytest.raises(close_unit.WorkOpen) as no:
        close_unit.close(**closing(cast, at))
    assert everything() == before
    assert no.value.facts["n"] == 3 and "Rà soát" in str(no.value.message)
    elsewhere = closing(cast, at, successor_id=cast.recipient_id)
    refused(close_unit.WorkOpen, lambda: close_unit.close(**elsewhere))
    assert look_ahead.close_unit(**closing(cast, at, successor_id=cast.plan_id)).persons

    close_unit.close(**closing(cast, at, successor_id=cast.plan_id))
    assert Unit.objects.get(pk=cast.technique_id).successor_id == cast.plan_id
    mine = f"U{cast.plan_id}"
    for work in (whole, officer):
        work.refresh_from_db()
        assert (work.holder, work.next_holder, work.in_unit_id, work.post_id) == (mine, mine, cast.plan_id, None)
    assert officer.giver_holder == mine and whole.giver_holder == f"P{cast.head.post_id}"
    assert Opinion.objects.get().holder == mine
    visible = Document.objects.filter(papers.visible_to(cast.plan_head.actor(local_date(at))))
    assert visible.filter(pk=arrival).exists()
    assert Record.objects.filter(event="task.reassigned").count() == 2
    # the new unit does it to the end: what the closed post gave it judges too
    head = cast.plan_head.actor(local_date(at))
    tasks.hand_in(assignment_id=officer.pk, words="Xong.", actor=head, at=at)
    officer.refresh_from_db()
    assert officer.next_holder == mine


def test_its_estate_and_programs_go_to_the_unit_after_it_or_stand_in_the_way(cast: Cast, at: datetime) -> None:
    admin = cast.administrator.actor(local_date(at))
    facts = {"kind": "workstation", "name": "Máy 1", "protection": "X 1.0"}
    told = {"unit_id": cast.technique_id, "actor": admin, "at": at}
    kept = estate.add(code="M-1", facts=facts, **told)
    old = estate.add(code="M-2", facts=facts | {"use": "retired"}, **told)
    Asset.objects.update(seen_on=date(2026, 1, 2))
    for unit_id, product in ((cast.technique_id, "QLVB"), (cast.technique_id, "Thư"), (cast.plan_id, "Thư")):
        estate.set_software(unit_id=unit_id, product=product, edition="web", actor=admin, at=at)
    no = refused(close_unit.WorkOpen, lambda: close_unit.close(**closing(cast, at)))
    assert (no.facts["n"], no.facts["names"]) == (1, "“M-1 Máy 1”")
    close_unit.close(**closing(cast, at, successor_id=cast.plan_id))
    assert set(Asset.objects.values_list("code", "unit_id")) == {("M-1", cast.plan_id), ("M-2", cast.plan_id)}
    assert set(Asset.objects.values_list("seen_on", flat=True)) == {date(2026, 1, 2)}  # nobody looked at it
    change = kept.changes.latest("pk")
    assert (set(change.fields), change.words) == ({"unit"}, "9/QĐ")
    assert Record.objects.filter(event="asset.changed").count() == 2 and old.revision == 1
    live = Software.objects.filter(until=None).values_list("unit_id", "product")
    assert sorted(live) == [(cast.plan_id, "QLVB"), (cast.plan_id, "Thư")]


def test_drafts_and_a_part_that_the_successor_has_already_are_named(cast: Cast, at: datetime, enter: Enter) -> None:  # noqa: F811
    draft = given.a_draft(cast, at, subject="Dự thảo còn dở")
    told = closing(cast, at, unit_id=cast.plan_id, successor_id=cast.technique_id)
    refused(close_unit.WorkOpen, lambda: close_unit.close(**told))
    page = enter(cast.administrator).post(
        f"/administration/units/{cast.plan_id}/close", {"successor_id": str(cast.technique_id), "decision": "9/QĐ"}
    )
    assert page.status_code == 422 and "Dự thảo còn dở" in page.content.decode()
    status, said = Machine(cast.administrator)("POST", f"/units/{cast.plan_id}/close", decision="9/QĐ")
    assert (status, said["code"]) == (422, "close_work_open")
    documents.abandon(document_id=draft.pk, actor=cast.plan_officer.actor(local_date(at)), at=at)

    both = [Share(Role.LEAD, unit_id=cast.plan_id, days=5), Share(Role.JOIN, unit_id=cast.technique_id, days=5)]
    words: dict[str, Any] = {
        "document_id": None,
        "words": "Làm.",
        "title": "Việc hai bên",
        "origin": Origin.HAND,
        "at": at,
    }
    tasks.give(shares=both, actor=cast.head.actor(local_date(at)), **words)
    with pytest.raises(close_unit.WorkOpen, match="Việc hai bên"):
        close_unit.close(**told)


def test_an_agency_with_open_documents_is_not_closed(cast: Cast, at: datetime) -> None:
    given.an_arrival(cast, at)
    for part in (cast.recipient_works_id, cast.recipient_study_id):
        close_unit.close(**closing(cast, at, unit_id=part))
    refused(
        close_unit.WorkOpen,
        lambda: close_unit.close(**closing(cast, at, unit_id=cast.recipient_id, successor_id=cast.agency_id)),
    )
