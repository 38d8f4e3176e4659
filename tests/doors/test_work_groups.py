"""Work given to a group by its name: kept by unit or person, chosen in the form; a deadline after the answer is due is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.test import Client

from antin.correspondents import operations, queries
from antin.correspondents.models import RecipientList
from antin.correspondents.operations import Entry, GroupTwoLeads, ListEmpty, MemberTwice, NoSuchColleague, NoSuchMember
from antin.documents import queries as documents
from antin.journeys import direct_document
from antin.journeys.direct_document import BeyondAnswerDay
from antin.refusal import NotFound
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.workdays.queries import end_of_working_day
from tests import given
from tests.cast import TODAY, Cast, Member
from tests.doors.test_api_documents import Machine
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Enter = Callable[..., Client]


def make(cast: Cast, at: datetime, *entries: Entry, who: Member | None = None, gives: bool = True) -> RecipientList:
    actor = (who or cast.recipient_head).actor()
    return operations.make_list(
        name="Khối nghiệp vụ", shared=True, entries=entries, gives=gives, actor=actor, today=TODAY, at=at
    )


def usual(cast: Cast) -> list[Entry]:
    return [
        Entry(part_id=cast.recipient_works_id, role="lead"),
        Entry(part_id=cast.recipient_study_id, role="join"),
        Entry(post_id=cast.recipient_deputy.post_id, role="inform"),
    ]


def test_a_group_names_only_colleagues_each_once(cast: Cast, at: datetime) -> None:
    works, lead = cast.recipient_works_id, Entry(part_id=cast.recipient_works_id, role="lead")
    cases: list[tuple[type[Exception], list[Entry]]] = [
        (NoSuchColleague, [Entry(part_id=cast.plan_id, role="lead")]),  # of another agency
        (NoSuchColleague, [Entry(part_id=cast.recipient_id, role="lead")]),  # the agency itself
        (NoSuchColleague, [Entry(part_id=works)]),  # without a role
        (NoSuchColleague, [Entry(agency_id=cast.agency_id, role="join")]),
        (MemberTwice, [lead, Entry(part_id=works, role="join")]),
        (GroupTwoLeads, [lead, Entry(part_id=cast.recipient_study_id, role="lead")]),
        (ListEmpty, []),
    ]
    for refusal, entries in cases:
        refused(refusal, lambda entries=entries: make(cast, at, *entries))
    refused(NoSuchMember, lambda: make(cast, at, lead, gives=False))  # nobody writes letters to a division
    kept = make(cast, at, *usual(cast))
    assert [str(each) for each in kept.members.all()] == [
        "Ban Nghiệp vụ",
        "Ban Nghiên cứu",
        "Phó Giám đốc, Trung tâm B1",
    ]
    assert queries.list_lists(cast.recipient_head.actor()) == []
    assert queries.list_groups(cast.recipient_works_officer.actor()) == [kept]  # of his agency
    with pytest.raises(NotFound):
        queries.get_group_for(cast.head.actor(), kept.pk)


def test_a_leader_gives_to_a_group_by_its_name(cast: Cast, at: datetime, enter: Enter) -> None:
    browser = enter(cast.recipient_head)
    works, study = cast.recipient_works_id, cast.recipient_study_id
    sent = browser.post(
        "/tasks/groups/make", {"name": "Khối nghiệp vụ", "shared": "on", "lead": [f"U{works}"], "join": [f"U{study}"]}
    )
    assert sent["Location"] == "/tasks/groups"
    kept = RecipientList.objects.get()
    page = browser.get("/tasks/groups").content.decode()
    assert "1 nhóm giao việc" in page and "Ban Nghiệp vụ" in page
    assert browser.get("/drafts/lists").context["rows"] == []
    document = given.a_registered_document(cast, at)
    shown = browser.get(f"/documents/{document.pk}").content.decode()
    assert f'data-roles="U{works}:lead U{study}:join"' in shown
    browser.post(f"/documents/{document.pk}/direct", {"words": "Thực hiện.", "group": str(kept.pk), "term": "5"})
    rows = {row.holder: row for row in Assignment.objects.all()}
    assert {key: row.role for key, row in rows.items()} == {f"U{works}": "lead", f"U{study}": "join"}
    assert {row.term_days for row in rows.values()} == {5}
    browser.post(f"/tasks/groups/{kept.pk}/change", {"name": "Khối B", "lead": [f"U{study}"]})
    assert [each.role for each in RecipientList.objects.get().members.all()] == ["lead"]
    assert Assignment.objects.count() == 2
    browser.post(f"/tasks/groups/{kept.pk}/drop")
    assert queries.list_groups(cast.recipient_head.actor()) == []


def test_the_same_by_machine(cast: Cast, at: datetime, client: Client) -> None:
    head = Machine(client, cast.recipient_head)
    works, deputy = cast.recipient_works_id, cast.recipient_deputy.post_id
    members = [{"role": "lead", "unit_id": works}, {"role": "inform", "post_id": deputy}]
    made = head.post("/work-groups", {"name": "Khối", "members": members}, 201)
    assert [each["role"] for each in made["members"]] == ["lead", "inform"]
    document = given.a_registered_document(cast, at)
    own = [{"role": "join", "post_id": deputy}]
    body = {"words": "Làm.", "shares": own, "group_id": made["id"], "group_days": 3}
    head.post(f"/documents/{document.pk}/direct", body, 201)
    assert sorted(Assignment.objects.values_list("holder", "role", "term_days")) == [
        (f"P{deputy}", "join", None),
        (f"U{works}", "lead", 3),
    ]
    body = {"name": "Khối", "members": members[:1]}
    assert len(head.put(f"/work-groups/{made['id']}", body)["members"]) == 1
    assert client.delete(f"/api/work-groups/{made['id']}", headers=head.headers).status_code == 204
    assert head.get("/work-groups") == []


def test_a_deadline_after_the_day_of_the_answer_is_asked_about(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at, reply_by=date(2026, 12, 4))
    limit, actor = end_of_working_day(date(2026, 12, 4)), cast.recipient_head.actor()

    def direct(day: date, **more: bool) -> None:
        share = Share("lead", unit_id=cast.recipient_works_id, due_at=end_of_working_day(day))
        direct_document.direct(document_id=document.pk, words="Làm.", shares=[share], actor=actor, at=at, **more)

    refused(BeyondAnswerDay, lambda: direct(date(2026, 12, 7)))
    assert documents.get(document.pk).due_at == limit
    direct(date(2026, 12, 7), beyond=True)
    assert Assignment.objects.get().due_at == end_of_working_day(date(2026, 12, 7))
