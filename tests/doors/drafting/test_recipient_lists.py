"""Named lists of recipients: by member and by rule, kept by unit or person, journalled, written out in a draft when it is saved."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from antin.correspondents import operations, queries
from antin.correspondents.models import RecipientList
from antin.correspondents.operations import Entry, ListEmpty, ListNeedsName, NoSuchMember
from antin.correspondents.policy import ListClosed, NotYourList
from antin.documents.models import Document
from antin.journal.models import Record
from antin.people import operations as people
from antin.refusal import NotAllowed, NotFound
from antin.web.drafting import recipient_lists
from antin.workdays.queries import local_date
from tests.cast import TODAY, Cast, Member, forty
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def make(cast: Cast, at: datetime, *entries: Entry, who: Member | None = None, shared: bool = True) -> RecipientList:
    actor = (who or cast.plan_officer).actor()
    return operations.make_list(name="Khối trung tâm", shared=shared, entries=entries, actor=actor, today=TODAY, at=at)


def outsider(cast: Cast, at: datetime) -> int:
    return operations.enter(
        code="H35", name="UBND tỉnh Sông Thương", channel="file", actor=cast.administrator.actor(), at=at
    ).pk


def test_a_list_holds_members_and_whatever_stands_under_a_unit_on_the_day(cast: Cast, at: datetime) -> None:
    away = outsider(cast, at)
    kept = make(cast, at, Entry(correspondent_id=away), Entry(under_id=cast.agency_id))
    held = queries.held_by(kept, on=TODAY, without=cast.agency_id)
    assert (held.agencies, held.outside) == ((cast.recipient_id,), (away,))
    later = forty(cast)[:2]
    held = queries.held_by(queries.get_list_for(cast.plan_officer.actor(), kept.pk), on=TODAY, without=cast.agency_id)
    assert {each.agency_id for each in later} < set(held.agencies)
    operations.close(correspondent_id=away, actor=cast.administrator.actor(), at=at)
    kept = queries.get_list_for(cast.plan_officer.actor(), kept.pk)
    assert queries.held_by(kept, on=TODAY).outside == ()


def test_what_was_closed_stands_for_what_came_after_it(cast: Cast, at: datetime) -> None:
    away, after = outsider(cast, at), operations.enter(code="H36", name="Bộ Y", channel="file", actor=None, at=at).pk
    gone, heir, *_others = forty(cast)
    kept = make(
        cast, at, Entry(agency_id=gone.agency_id), Entry(correspondent_id=away), Entry(agency_id=heir.agency_id)
    )
    admin = cast.administrator.actor()
    operations.close(correspondent_id=away, successor_id=after, actor=admin, at=at)
    people.close_unit(unit_id=gone.agency_id, successor_id=heir.agency_id, actor=admin, at=at)
    held = queries.held_by(queries.get_list_for(cast.plan_officer.actor(), kept.pk), on=TODAY)
    assert (held.agencies, held.outside) == ((heir.agency_id,), (after,))
    people.close_unit(unit_id=heir.agency_id, actor=admin, at=at)
    assert queries.held_by(kept, on=TODAY).agencies == ()


def test_changes_are_journalled_with_whom_they_took_in_and_left_out(cast: Cast, at: datetime) -> None:
    away = outsider(cast, at)
    kept = make(cast, at, Entry(agency_id=cast.recipient_id))
    actor = cast.plan_officer.actor()
    told = {"list_id": kept.pk, "name": kept.name, "actor": actor, "today": TODAY, "at": at}
    operations.change_list(entries=[Entry(agency_id=cast.recipient_id)], **told)  # the same: nothing
    changed = operations.change_list(entries=[Entry(correspondent_id=away)], **told)
    assert changed.revision == 2
    operations.drop_list(list_id=kept.pk, actor=actor, at=at)
    rows = Record.objects.filter(subject_kind="list", subject_id=kept.pk).order_by("id")
    assert [row.event for row in rows] == ["list.made", "list.changed", "list.dropped"]
    assert rows[1].facts["added"] == ["UBND tỉnh Sông Thương"]
    assert rows[1].facts["removed"] == rows[0].facts["holds"]
    assert queries.list_lists(actor) == []
    refused(ListClosed, lambda: operations.drop_list(list_id=kept.pk, actor=actor, at=at))


def test_a_list_is_changed_only_where_it_is_kept(cast: Cast, at: datetime) -> None:
    away = outsider(cast, at)
    entries = [Entry(correspondent_id=away)]
    of_agency = make(cast, at, *entries, who=cast.head)
    own = make(cast, at, *entries, who=cast.plan_officer, shared=False)
    officer, stranger = cast.plan_officer.actor(), cast.recipient_clerk.actor()
    assert {each.pk for each in queries.list_lists(officer)} == {of_agency.pk, own.pk}
    assert queries.list_lists(cast.plan_head.actor()) == [of_agency]
    told = {"name": "X", "entries": entries, "today": TODAY, "at": at}
    refused(NotYourList, lambda: operations.change_list(list_id=of_agency.pk, actor=officer, **told))
    refused(NotFound, lambda: operations.change_list(list_id=own.pk, actor=stranger, **told))
    refused(NotAllowed, lambda: operations.make_list(shared=True, actor=cast.administrator.actor(), **told))
    refused(ListNeedsName, lambda: operations.make_list(shared=True, actor=officer, **(told | {"name": " "})))
    refused(ListEmpty, lambda: operations.make_list(shared=True, actor=officer, **(told | {"entries": []})))
    no_agency = [Entry(agency_id=cast.plan_id)]
    refused(NoSuchMember, lambda: operations.make_list(shared=True, actor=officer, **(told | {"entries": no_agency})))


def test_a_draft_writes_the_list_out_and_keeps_it(cast: Cast, enter: Enter, at: datetime) -> None:
    browser = enter(cast.plan_officer)
    sent = browser.post(
        "/drafts/lists/make",
        {"name": "Các trung tâm", "shared": "on", "members": [str(cast.recipient_id)], "under": []},
    )
    assert sent["Location"] == "/drafts/lists"
    kept = RecipientList.objects.get()
    page = browser.get("/drafts/lists").content.decode()
    assert "1 danh sách nơi nhận" in page and "Các trung tâm" in page
    new = browser.get("/drafts/new")
    assert f'value="l{kept.pk}"' in new.content.decode()
    form = new.context["form"]
    told = {
        "key": form["key"].value(),
        "revision": 1,
        "type_code": "CV",
        "subject": "Mời họp",
        "urgency": 0,
        "secrecy": 0,
        "addressed": [f"l{kept.pk}"],
        "body": "Kính mời.",
    }
    answer = browser.post("/drafts/new", told)
    assert answer.status_code in (200, 302), answer.content[:300]
    document = Document.objects.get(subject="Mời họp")
    assert [row.agency_id for row in document.recipients.all()] == [cast.recipient_id]
    browser.post(f"/drafts/lists/{kept.pk}/drop")
    assert [row.agency_id for row in document.recipients.all()] == [cast.recipient_id]
    on = local_date(timezone.now())
    with pytest.raises(NotFound):
        recipient_lists.held(cast.plan_officer.actor(), kept.pk, on)


def test_the_same_by_machine(cast: Cast, client: Client) -> None:
    officer = Machine(client, cast.plan_officer)
    made = officer.post("/recipient-lists", {"name": "Khối", "under": [cast.agency_id]}, 201)
    assert (made["revision"], made["holds_agencies"]) == (1, [cast.recipient_id])
    body = {"name": "Khối B", "agencies": [cast.recipient_id]}
    assert officer.put(f"/recipient-lists/{made['id']}", body)["revision"] == 2
    assert [each["name"] for each in officer.get("/recipient-lists")] == ["Khối B"]
    assert Machine(client, cast.recipient_clerk).get("/recipient-lists") == []
    gone = client.delete(f"/api/recipient-lists/{made['id']}", headers=officer.headers)
    assert gone.status_code == 204
    assert officer.get("/recipient-lists") == []
