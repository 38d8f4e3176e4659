"""The work calendar: proposed, approved, published, changed; rooms taken once; answers, papers, conclusions, feeds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import vobject
from django.db import IntegrityError, connection, connections
from django.test import Client

from antin.agenda import ics, operations, policy, queries
from antin.agenda.models import Change, Entry, Invitee, Point
from antin.agenda.operations import Told, entries, meetings, venues
from antin.agenda.states import Answer, Status
from antin.documents import queries as documents
from antin.documents.models import Visibility
from antin.journeys import hold_meeting
from antin.notices.models import Notice
from antin.refusal import NotFound, WrongState
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Origin, Role
from tests import given
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)


def told(cast: Cast, starts: datetime, **more: Any) -> Told:
    facts = {"title": "Giao ban công nghệ", "chair_post_id": cast.deputy.post_id, "ends_at": starts + HOUR}
    return Told(starts_at=starts, **{**facts, **more})


def proposed(cast: Cast, at: datetime, starts: datetime, **more: Any) -> Entry:
    return hold_meeting.propose(told=told(cast, starts, **more), actor=cast.plan_officer.actor(), at=at)[0]


def approved(cast: Cast, at: datetime, starts: datetime, **more: Any) -> Entry:
    entry = proposed(cast, at, starts, **more)
    return hold_meeting.act(entry_id=entry.pk, name="approve", actor=cast.office_head.actor(), at=at)


def test_a_week_is_proposed_approved_published_and_changed_in_sight_of_everybody(cast: Cast, at: datetime) -> None:
    tomorrow = at + timedelta(days=1)
    invited = (f"U{cast.technique_id}", f"P{cast.plan_head.post_id}", f"U{cast.recipient_id}")
    entry = proposed(cast, at, tomorrow, invited=invited, prepares_id=cast.plan_id)
    stranger, office, head = cast.recipient_works_officer.actor(), cast.office_head.actor(), cast.head.actor()
    outside = cast.technique_officer.actor()
    for nobody in (stranger, outside, cast.administrator.actor(), cast.technique_head.actor()):
        refused(NotFound, lambda nobody=nobody: queries.get_for(nobody, entry.pk, at))
    refused(
        policy.NotTheOffice,
        lambda: hold_meeting.act(entry_id=entry.pk, name="approve", actor=cast.clerk.actor(), at=at),
    )
    refused(policy.NotTheOffice, lambda: hold_meeting.publish_week(monday=MONDAY, actor=cast.plan_head.actor(), at=at))
    assert [row.pk for row in queries.list_waiting(office, at)] == [entry.pk]
    hold_meeting.act(entry_id=entry.pk, name="approve", actor=office, at=at)
    assert queries.get_for(cast.technique_head.actor(), entry.pk, at).status == Status.APPROVED
    refused(NotFound, lambda: queries.get_for(outside, entry.pk, at))  # not published yet
    refused(entries.NotAMonday, lambda: hold_meeting.publish_week(monday=date(2026, 11, 24), actor=office, at=at))
    _week, published = hold_meeting.publish_week(monday=MONDAY, note="Trực: Phòng Kế hoạch", actor=office, at=at)
    assert [row.pk for row in published] == [entry.pk]
    refused(entries.PublishedAlready, lambda: hold_meeting.publish_week(monday=MONDAY, actor=office, at=at))
    assert queries.get_for(outside, entry.pk, at).status == Status.PUBLISHED
    refused(NotFound, lambda: queries.get_for(stranger, entry.pk, at))  # another agency, not invited
    assert queries.get_for(cast.recipient_head.actor(), entry.pk, at).pk == entry.pk
    # A change after publishing: by the office alone, with a reason, told to whom it concerns, answers asked again.
    invitee = Invitee.objects.get(holder=f"U{cast.technique_id}")
    hold_meeting.answer(
        entry_id=entry.pk, invitee_id=invitee.pk, verdict="accepted", actor=cast.technique_head.actor(), at=at
    )
    later = told(cast, tomorrow + HOUR, invited=invited[:2], prepares_id=cast.plan_id)
    entry = Entry.objects.get()
    on = {"entry_id": entry.pk, "told": later, "revision": entry.revision, "at": at}
    refused(policy.NotTheWriter, lambda: hold_meeting.change(actor=cast.plan_officer.actor(), words="x", **on))
    refused(entries.ReasonMissing, lambda: hold_meeting.change(actor=office, **on))
    hold_meeting.change(actor=office, words="Thủ trưởng bận", **on)
    refused(entries.ChangedMeanwhile, lambda: hold_meeting.change(actor=office, words="lần nữa", **on))
    change = Change.objects.get()
    assert (change.kind, sorted(change.fields)) == ("changed", ["invited", "when"])
    assert change.fields["when"] == ["09:00–10:00 24/11/2026", "10:00–11:00 24/11/2026"]
    invitee.refresh_from_db()
    assert invitee.answer == Answer.ASKED
    news = Notice.objects.filter(kind="agenda.changed").values_list("holder", flat=True)
    assert {f"U{cast.technique_id}", f"P{cast.deputy.post_id}", f"U{cast.recipient_id}"} <= set(news)
    # What is approved into a published week is an addition; what is cancelled stays, and says so.
    added = approved(cast, at, at + timedelta(days=2), title="Bổ sung")
    assert (added.status, added.changes.get().kind) == (Status.PUBLISHED, "added")
    refused(entries.ReasonMissing, lambda: hold_meeting.act(entry_id=added.pk, name="cancel", actor=head, at=at))
    hold_meeting.act(entry_id=added.pk, name="cancel", words="Trùng việc", actor=head, at=at)
    refused(WrongState, lambda: hold_meeting.act(entry_id=added.pk, name="cancel", words="x", actor=head, at=at))
    shown = queries.list_between(outside, MONDAY, MONDAY + timedelta(days=6), at)
    assert [(each.entry.title, each.entry.status, each.added) for each in shown] == [
        ("Giao ban công nghệ", Status.PUBLISHED, False),
        ("Bổ sung", Status.CANCELLED, True),
    ]


def test_who_is_busy_is_said_before_saving_and_a_room_is_given_once(cast: Cast, at: datetime) -> None:
    office = cast.office_head.actor()
    refused(policy.NotTheKeeper, lambda: operations.add_venue(name="A", actor=cast.plan_head.actor(), at=at))
    hall = operations.add_venue(name="Phòng họp A1", seats=40, actor=cast.clerk.actor(), at=at)
    refused(venues.VenueNamedTwice, lambda: operations.add_venue(name="Phòng họp A1", actor=office, at=at))
    first = proposed(cast, at, at + HOUR, venue_id=hall.pk, invited=(f"P{cast.plan_head.post_id}",), restricted=True)
    taken = told(cast, at + HOUR + HOUR / 2, venue_id=hall.pk, chair_post_id=cast.head.post_id)
    other = cast.technique_officer.actor()
    no = refused(entries.VenueTaken, lambda: hold_meeting.propose(told=taken, despite=True, actor=other, at=at))
    assert no.facts["venue"] == "Phòng họp A1"
    busy = told(cast, at + HOUR + HOUR / 2, title="Khác", chair_post_id=cast.plan_head.post_id)
    no = refused(entries.Clashing, lambda: hold_meeting.propose(told=busy, actor=other, at=at))
    assert "Hoàng Gia Đạt" in no.message
    assert first.title not in no.message  # restricted: that he is busy, not why
    hold_meeting.propose(told=busy, despite=True, actor=other, at=at)
    after = replace(taken, starts_at=first.ends_at, ends_at=first.ends_at + HOUR)
    second = hold_meeting.propose(told=after, actor=other, at=at)[0]  # one after the other is no clash
    refused(venues.VenueInUse, lambda: operations.close_venue(venue_id=hall.pk, actor=office, at=at))
    for each in (first, second):
        owner = cast.plan_officer.actor() if each == first else other
        hold_meeting.act(entry_id=each.pk, name="withdraw", actor=owner, at=at)
    operations.close_venue(venue_id=hall.pk, actor=office, at=at)
    gone = told(cast, at + 9 * HOUR, venue_id=hall.pk)
    refused(NotFound, lambda: hold_meeting.propose(told=gone, actor=other, at=at))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_in_one_room_are_told_apart_by_the_database(cast: Cast, at: datetime) -> None:
    hall = operations.add_venue(name="Hội trường", actor=cast.office_head.actor(), at=at)
    members = [(cast.plan_officer, cast.head), (cast.technique_officer, cast.deputy)]
    gate, outcome = threading.Barrier(2), []

    def race(member: Any, chair: Any) -> None:
        actor, said = member.actor(), told(cast, at + HOUR, venue_id=hall.pk, chair_post_id=chair.post_id)
        try:
            gate.wait(timeout=60)
            outcome.append(hold_meeting.propose(told=said, actor=actor, at=at)[0].pk)
        except entries.VenueTaken as no:
            outcome.append(no.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=race, args=each) for each in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(each, str) for each in outcome) == [False, True]
    again = Entry.objects.get()
    again.pk, again.begun_in = None, None
    with pytest.raises(IntegrityError, match=entries.EXCLUSION):
        again.save()  # whatever an operation forgot


def test_a_weekly_entry_leaves_out_days_that_nobody_works_and_one_form_proposes_once(cast: Cast, at: datetime) -> None:
    tuesday = datetime(2026, 11, 17, 1, tzinfo=UTC)
    said = told(cast, tuesday)
    actor = cast.plan_officer.actor()
    for _again in range(2):
        made = hold_meeting.propose(told=said, weekly_until=date(2026, 12, 1), begun_in="f", actor=actor, at=at)
    days = [row.starts_at.date().isoformat() for row in made]
    assert days == ["2026-11-17", "2026-12-01"]  # 24 November is a holiday
    assert (Entry.objects.count(), len({row.series for row in made})) == (2, 1)
    for until in (date(2026, 11, 16), date(2028, 1, 1)):
        refused(
            entries.TooManyWeeks,
            lambda until=until: hold_meeting.propose(told=said, weekly_until=until, actor=actor, at=at),
        )


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"title": " \u200b "}, entries.TitleMissing),
        ({"ends_at": datetime(2026, 11, 23, 2, tzinfo=UTC)}, entries.BadTimes),
        ({"ends_at": datetime(2027, 11, 23, 2, tzinfo=UTC)}, entries.BadTimes),
        ({"chair_post_id": 0}, entries.ChairMissing),
        ({"invited": ("U0",)}, NotFound),
        ({"invited": ("X1",)}, NotFound),
        ({"invited": tuple(f"P{n}" for n in range(1, 300))}, entries.TooManyInvited),
        ({"kind": "party"}, NotFound),
        ({"venue_id": 0}, NotFound),
    ],
    ids=["title", "no_time", "too_long", "chair", "unit", "holder", "many", "kind", "venue"],
)
def test_what_cannot_be_is_refused(cast: Cast, at: datetime, wrong: dict[str, Any], kind: Any) -> None:
    refused(kind, lambda: hold_meeting.propose(told=told(cast, at, **wrong), actor=cast.plan_officer.actor(), at=at))


def test_an_invitation_is_answered_by_whom_it_names(cast: Cast, at: datetime) -> None:
    entry = approved(cast, at, at + HOUR, invited=(f"U{cast.technique_id}", f"P{cast.plan_head.post_id}"))
    unit, post = queries.list_invitees(entry)
    boss = cast.technique_head.actor()
    on: dict[str, Any] = {"entry_id": entry.pk, "invitee_id": unit.pk}
    refused(
        policy.NotInvited, lambda: hold_meeting.answer(verdict="accepted", actor=cast.plan_head.actor(), at=at, **on)
    )
    refused(
        meetings.AnswerReasonMissing,
        lambda: hold_meeting.answer(verdict="declined", reason=" ", actor=boss, at=at, **on),
    )
    for wrong in (None, cast.plan_officer.post_id, cast.technique_head.post_id):
        refused(
            meetings.SubstituteMissing,
            lambda wrong=wrong: hold_meeting.answer(
                verdict="substituted", substitute_post_id=wrong, actor=boss, at=at, **on
            ),
        )
    sent = cast.technique_officer
    refused(NotFound, lambda: queries.get_for(sent.actor(), entry.pk, at))
    hold_meeting.answer(verdict="substituted", substitute_post_id=sent.post_id, actor=boss, at=at, **on)
    assert queries.get_for(sent.actor(), entry.pk, at).pk == entry.pk
    assert [row.pk for row in queries.list_today(sent.actor(), at)] == [entry.pk]
    assert Notice.objects.filter(kind="agenda.sent", holder=f"P{sent.post_id}").exists()
    refused(policy.OverAlready, lambda: hold_meeting.answer(verdict="accepted", actor=boss, at=at + 3 * HOUR, **on))
    host = cast.plan_officer.actor()
    count = {unit.pk: 2, post.pk: 0}
    refused(policy.NotBegun, lambda: operations.count_present(entry_id=entry.pk, counts=count, actor=host, at=at))
    refused(
        policy.NotTheHost,
        lambda: operations.count_present(entry_id=entry.pk, counts=count, actor=boss, at=at + 2 * HOUR),
    )
    operations.count_present(entry_id=entry.pk, counts=count, actor=host, at=at + 2 * HOUR)
    assert [row.present for row in queries.list_invitees(entry)] == [2, 0]


def test_papers_are_for_those_invited_and_secrets_are_never_among_them(cast: Cast, at: datetime) -> None:
    entry = approved(cast, at, at + HOUR, invited=(f"U{cast.technique_id}",))
    paper = given.a_registered_document(cast, at)
    head = cast.recipient_head.actor()
    host = cast.plan_officer.actor()
    refused(NotFound, lambda: hold_meeting.attach_document(entry_id=entry.pk, document_id=paper.pk, actor=host, at=at))
    draft = given.a_draft(cast, at)
    refused(
        policy.NotRegistered,
        lambda: hold_meeting.attach_document(
            entry_id=entry.pk, document_id=draft.pk, actor=cast.plan_officer.actor(), at=at
        ),
    )
    refused(NotFound, lambda: hold_meeting.attach_document(entry_id=entry.pk, document_id=paper.pk, actor=head, at=at))
    issued = given.an_issued_document(cast, at)
    boss = cast.technique_head.actor()
    refused(NotFound, lambda: documents.get_for(boss, issued.pk))
    leader = cast.plan_head.actor()
    for _again in range(2):
        hold_meeting.attach_document(entry_id=entry.pk, document_id=issued.pk, actor=leader, at=at)
    row = queries.list_papers(boss, entry, queries.list_invitees(entry)).rows
    shown = Visibility.objects.filter(document=issued, reason="meeting").values_list("holder", flat=True)
    assert set(shown) == {f"U{cast.technique_id}", f"P{cast.deputy.post_id}"}
    assert [document.pk for _paper, document in row if document] == [issued.pk]
    other = given.an_issued_document(cast, at)  # an officer names it, and opens it to nobody by that
    hold_meeting.attach_document(entry_id=entry.pk, document_id=other.pk, actor=host, at=at)
    assert queries.list_papers(boss, entry, queries.list_invitees(entry)).hidden == 1
    issued.secrecy = 1
    refused(
        policy.ClassifiedPaper,
        lambda: operations.name_document(entry_id=entry.pk, document=issued, actor=leader, at=at),
    )
    hold_meeting.attach_file(entry_id=entry.pk, name="Bảng.txt", content=BytesIO(b"so lieu"), actor=host, at=at)
    [_document, (file, _none)] = queries.list_papers(boss, entry, queries.list_invitees(entry)).rows
    assert queries.get_file(boss, entry, file.pk).name == "Bảng.txt"
    refused(NotFound, lambda: queries.get_file(cast.clerk.actor(), entry, file.pk))  # the office, but not invited
    operations.remove_paper(entry_id=entry.pk, paper_id=file.pk, actor=host, at=at)


def test_conclusions_become_a_notice_and_work(cast: Cast, at: datetime) -> None:
    entry = approved(cast, at, at, chair_post_id=cast.head.post_id, invited=(f"U{cast.technique_id}",))
    host, head = cast.plan_officer.actor(), cast.head.actor()
    on: dict[str, Any] = {"entry_id": entry.pk, "at": at + 2 * HOUR}
    today = MONDAY
    refused(meetings.NothingConcluded, lambda: operations.conclude(words=["", " "], actor=host, **on))
    refused(meetings.NothingConcluded, lambda: hold_meeting.draft_notice(actor=host, today=today, **on))
    first, second = operations.conclude(words=["Nối mạng kho K4", "", "Rà soát máy trạm"], actor=host, **on)
    share = [Share(Role.LEAD, unit_id=cast.technique_id, days=5)]
    for _again in range(2):
        made = hold_meeting.decide(point_id=second.pk, shares=share, begun_in="once", actor=head, **on)
    refused(meetings.PointGiven, lambda: hold_meeting.decide(point_id=second.pk, shares=share, actor=head, **on))
    assert (made.origin, made.title) == (Origin.MEETING, "Rà soát máy trạm")
    task = Assignment.objects.get()
    assert queries.source_of(cast.technique_head.actor(), made.pk, at) == entry
    assert list(queries.list_given(cast.technique_head.actor(), entry).values()) == [task]
    refused(meetings.PointGiven, lambda: operations.conclude(words=["Chỉ còn một"], actor=host, **on))
    operations.conclude(words=["Nối mạng kho K4, K5", "Rà soát máy trạm", "Thêm"], actor=host, **on)
    assert [row.words for row in queries.list_points(entry)] == ["Nối mạng kho K4, K5", "Rà soát máy trạm", "Thêm"]
    assert Point.objects.filter(directive=made).get().place == 2
    for _again in range(2):
        draft = hold_meeting.draft_notice(actor=host, today=today, **on)
    assert draft.type_code == "TB"
    text = str(documents.making_of(draft).body)
    assert "1. Nối mạng kho K4, K5" in text
    assert "Nguyễn Văn An" in text
    assert first.place == 1


def test_a_calendar_program_reads_what_concerns_its_owner_until_the_address_ends(
    cast: Cast, at: datetime, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    nasty = "Họp; kế hoạch, “2027”\\n: BEGIN:VEVENT ễ" + "ộ" * 80
    entry = approved(
        cast, at, at + HOUR, title=nasty, invited=(f"U{cast.technique_id}",), details="dòng 1\r\nEND:VCALENDAR"
    )
    approved(cast, at, at + 5 * HOUR, title="Không liên quan", chair_post_id=cast.head.post_id)
    boss = cast.technique_head.actor()
    secret = operations.make_feed(actor=boss, at=at)
    monkeypatch.setattr("antin.web.agenda.feeds.timezone.now", lambda: at)
    told = client.get(f"/agenda/feeds/{secret}.ics")
    assert told["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in told.content.split(b"\r\n"))
    read = vobject.readOne(told.content.decode())
    [event] = read.vevent_list
    assert event.summary.value == entry.title
    assert event.dtstart.value == at + HOUR
    assert event.dtstart.value.utcoffset() == timedelta(hours=7)
    assert event.uid.value == f"agenda-{entry.pk}@testserver"
    hold_meeting.act(entry_id=entry.pk, name="cancel", words="Hoãn", actor=cast.office_head.actor(), at=at)
    again = vobject.readOne(client.get(f"/agenda/feeds/{secret}.ics").content.decode()).vevent
    assert again.status.value == "CANCELLED"
    assert int(again.sequence.value) > int(event.sequence.value)
    fresh = operations.make_feed(actor=boss, at=at)
    assert client.get(f"/agenda/feeds/{secret}.ics").status_code == 404
    assert client.get(f"/agenda/feeds/{fresh}.ics").status_code == 200
    operations.revoke_feed(actor=boss, at=at)
    assert client.get(f"/agenda/feeds/{fresh}.ics").status_code == 404
    refused(NotFound, lambda: operations.revoke_feed(actor=boss, at=at))
    refused(policy.NotAProposer, lambda: operations.make_feed(actor=cast.administrator.actor(), at=at))
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from journal_record where facts::text like %s", [f"%{fresh}%"])
        assert cursor.fetchone()[0] == 0


def test_the_calendar_format_is_folded_and_escaped_whatever_stands_in_it() -> None:
    moment = datetime(2026, 11, 23, 2, tzinfo=UTC)
    told = ics.Happening("u@x", 1, "a\nb,c;d\\e" + "ễ" * 60, "x\r\ny", "z", moment, moment + HOUR, moment)
    event = vobject.readOne(ics.write([told], name="n").decode()).vevent
    assert event.summary.value == "a\nb,c;d\\e" + "ễ" * 60


def test_a_week_asks_the_same_number_of_questions_however_full(
    cast: Cast, at: datetime, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for n in range(12):
        approved(cast, at, at + n * HOUR, invited=(f"U{cast.technique_id}",), title=f"Việc {n}")
    office, boss = cast.office_head.actor(), cast.technique_head.actor()
    with django_assert_max_num_queries(6):
        assert len(queries.list_between(office, MONDAY, MONDAY + timedelta(days=6), at)) == 12
    with django_assert_max_num_queries(1):
        assert len(queries.list_today(boss, at)) == 8
