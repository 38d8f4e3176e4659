"""The work calendar for machines: weeks, entries and their steps, answers, papers, conclusions, meeting rooms."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from antin.agenda import operations, policy, queries
from antin.agenda.operations import Told
from antin.agenda.queries import ONE_DAY, Filter, Shown
from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Directive, ShareIn, shares
from antin.api.problems import declared
from antin.journeys import hold_meeting
from antin.refusal import refuse
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.agenda.models import Entry, Venue

router = Router(tags=["Agenda"])

Id = Annotated[int, Field(ge=1, lt=2**63)]
Moment = Annotated[datetime, Field(description="RFC 3339, with an offset.")]
Holder = Annotated[str, Field(pattern=r"^[PU][0-9]{1,18}$", description="P<post id> or U<unit id>.")]


class InviteeOut(Schema):
    id: int
    holder: str
    name: str
    answer: str
    reason: str
    substitute_name: str
    present: int | None = Field(description="How many came; null where nobody counted.")


class EntryInBrief(Schema):
    id: int
    kind: str
    title: str
    status: str
    starts_at: datetime
    ends_at: datetime
    where: str
    chair: str
    chair_name: str
    unit_id: int
    restricted: bool
    changes: int = Field(description="How often it changed after its week was published.")


class PaperOut(Schema):
    id: int
    name: str
    document_id: int | None


class PointOut(Schema):
    id: int
    place: int
    words: str
    given: bool


class ChangeOut(Schema):
    kind: str
    fields: dict[str, list[str]]
    words: str
    by: str
    at: datetime


class EntryWhole(EntryInBrief):
    details: str
    attended: str
    prepares_id: int | None
    vehicle: str
    venue_id: int | None
    place: str
    revision: int
    words: str
    invitees: list[InviteeOut]
    papers: list[PaperOut]
    hidden_papers: int
    points: list[PointOut]
    history: list[ChangeOut]
    notice_id: int | None


class WeekOut(Schema):
    monday: date
    published_at: datetime | None
    note: str
    entries: list[EntryInBrief]


class EntryIn(Schema):
    title: str = Field(max_length=500)
    starts_at: Moment
    ends_at: Moment
    chair_post_id: Id
    kind: Literal["meeting", "work", "trip", "duty"] = "meeting"
    details: str = Field("", max_length=2000)
    venue_id: Id | None = None
    place: str = Field("", max_length=300)
    attended: str = Field("", max_length=500)
    prepares_id: Id | None = None
    vehicle: str = Field("", max_length=200)
    restricted: bool = False
    invited: list[Holder] = Field([], max_length=200)
    despite: bool = Field(
        False, description="Save although somebody is busy then; a venue that is taken is always refused."
    )


class ProposalIn(EntryIn):
    weekly_until: date | None = Field(
        None, description="Repeat every week until this day; days nobody works are left out."
    )
    key: str = Field("", max_length=40, description="The same key proposes once.")


class ChangeIn(EntryIn):
    revision: int = Field(ge=0, lt=2**31, description="The revision that was read.")
    words: str = Field("", max_length=1000, description="Why; needed once the week was published.")


class StepIn(Schema):
    words: str = Field("", max_length=1000)


class AnswerIn(Schema):
    answer: Literal["accepted", "declined", "substituted"]
    reason: str = Field("", max_length=500)
    substitute_post_id: Id | None = None


class PresentIn(Schema):
    counts: dict[Id, Annotated[int, Field(ge=0, le=9999)] | None] = Field(description="How many came, by invitee.")


class PublishIn(Schema):
    monday: date
    note: str = Field("", max_length=1000)


class DocumentIn(Schema):
    document_id: Id


class PointsIn(Schema):
    points: list[str] = Field(max_length=60)


class GivenIn(Schema):
    words: str = ""
    shares: list[ShareIn]
    key: str = Field("", max_length=40, description="The same key gives once.")


class DraftedOut(Schema):
    document_id: int


class VenueOut(Schema):
    id: int
    name: str
    place: str
    seats: int


class VenueIn(Schema):
    name: str = Field(max_length=100)
    place: str = Field("", max_length=200)
    seats: int = Field(0, ge=0, le=9999)


class FeedOut(Schema):
    path: str = Field(description="Told this once: whoever has it reads the calendar.")


def _where(entry: Entry) -> str:
    return ", ".join(part for part in (entry.venue.name if entry.venue else "", entry.place) if part)


def _brief(entry: Entry, changes: int) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "kind": entry.kind,
        "title": entry.title,
        "status": entry.status,
        "starts_at": entry.starts_at,
        "ends_at": entry.ends_at,
        "where": _where(entry),
        "chair": entry.chair,
        "chair_name": entry.chair_name,
        "unit_id": entry.unit_id,
        "restricted": entry.restricted,
        "changes": changes,
    }


def _whole(request: CalledRequest, entry_id: int) -> dict[str, Any]:
    actor, now = request.auth.actor, timezone.now()
    entry = queries.get_for(actor, entry_id, now)
    invitees = queries.list_invitees(entry)
    papers = queries.list_papers(actor, entry, invitees)
    offices = queries.offices_of(entry.agency_id, workdays.local_date(now))
    inside = policy.takes_part(actor, entry, invitees) or policy.why_not_host(actor, entry, offices) is None
    changes = queries.list_changes(entry)
    return _brief(entry, len(changes)) | {
        "details": entry.details,
        "attended": entry.attended,
        "prepares_id": entry.prepares_id,
        "vehicle": entry.vehicle,
        "venue_id": entry.venue_id,
        "place": entry.place,
        "revision": entry.revision,
        "words": entry.words,
        "invitees": invitees,
        "papers": [{"id": row.pk, "name": row.name, "document_id": row.document_id} for row, _d in papers.rows],
        "hidden_papers": papers.hidden,
        "points": [
            {"id": row.pk, "place": row.place, "words": row.words, "given": row.directive_id is not None}
            for row in (queries.list_points(entry) if inside else [])
        ],
        "history": changes,
        "notice_id": entry.notice_id,
    }


def _told(given: EntryIn) -> Told:
    names = ("title", "kind", "details", "venue_id", "place", "attended", "prepares_id", "vehicle", "restricted")
    return Told(
        starts_at=_aware(given.starts_at),
        ends_at=_aware(given.ends_at),
        chair_post_id=given.chair_post_id,
        invited=tuple(given.invited),
        **{name: getattr(given, name) for name in names},
    )


def _aware(moment: datetime) -> datetime:
    """A moment without an offset is meant on the Vietnamese clock."""
    return moment if moment.tzinfo else moment.replace(tzinfo=workdays.HERE)


@router.get("/agenda", auth=READ, response={200: WeekOut, **declared(403, 422)}, operation_id="getAgendaWeek")
def week(
    request: CalledRequest,
    day: Annotated[date, Query(ge=date(2000, 1, 1), le=date(2099, 12, 31), description="Any day of the week.")],
    mine: bool = False,
    unit_id: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> dict[str, Any]:
    """The calendar of a week of the caller's agency, with what else concerns him, as far as he may see it."""
    actor = request.auth.actor
    monday = queries.monday_of(day)
    wanted = Filter(unit_id, mine)
    shown: list[Shown] = queries.list_between(actor, monday, monday + 6 * ONE_DAY, timezone.now(), wanted=wanted)
    published = queries.find_week(actor.agency_id, monday)
    return {
        "monday": monday,
        "published_at": published.published_at if published else None,
        "note": published.note if published else "",
        "entries": [_brief(each.entry, len(each.changes)) for each in shown],
    }


@router.post(
    "/agenda", auth=ACT, response={201: list[EntryWhole], **declared(*PROBLEMS)}, operation_id="proposeAgendaEntry"
)
def propose(request: CalledRequest, given: ProposalIn) -> Status[Any]:
    """Put something into the calendar, for the office to approve: once, or every week."""
    actor = request.auth.actor
    made = hold_meeting.propose(
        told=_told(given),
        weekly_until=given.weekly_until,
        despite=given.despite,
        begun_in=f"api:{actor.person_id}:{given.key}" if given.key else None,
        actor=actor,
        at=timezone.now(),
    )
    return Status(201, [_whole(request, entry.pk) for entry in made])


@router.post(
    "/agenda/publish", auth=ACT, response={201: WeekOut, **declared(*PROBLEMS)}, operation_id="publishAgendaWeek"
)
def publish(request: CalledRequest, given: PublishIn) -> Status[Any]:
    """Publish the approved entries of a week."""
    made, entries = hold_meeting.publish_week(
        monday=given.monday, note=given.note, actor=request.auth.actor, at=timezone.now()
    )
    told = {"monday": made.monday, "published_at": made.published_at, "note": made.note}
    return Status(201, told | {"entries": [_brief(entry, 0) for entry in entries]})


@router.get(
    "/agenda/{int:entry_id}", auth=READ, response={200: EntryWhole, **declared(403, 404)}, operation_id="getAgendaEntry"
)
def get(request: CalledRequest, entry_id: int) -> dict[str, Any]:
    """One entry: who is invited and what they answered, papers, conclusions, what changed since it was published."""
    return _whole(request, entry_id)


@router.put(
    "/agenda/{int:entry_id}",
    auth=ACT,
    response={200: EntryWhole, **declared(*PROBLEMS)},
    operation_id="changeAgendaEntry",
)
def change(request: CalledRequest, entry_id: int, given: ChangeIn) -> dict[str, Any]:
    """Change what an entry says, whole."""
    hold_meeting.change(
        entry_id=entry_id,
        told=_told(given),
        revision=given.revision,
        words=given.words,
        despite=given.despite,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return _whole(request, entry_id)


@router.post(
    "/agenda/{int:entry_id}/steps/{step}",
    auth=ACT,
    response={200: EntryWhole, **declared(*PROBLEMS)},
    operation_id="stepAgendaEntry",
)
def take_step(
    request: CalledRequest,
    entry_id: int,
    step: Literal["approve", "send_back", "propose", "withdraw", "cancel"],
    given: StepIn,
) -> dict[str, Any]:
    """Approve an entry, send it back, propose it again, withdraw it, cancel it."""
    hold_meeting.act(entry_id=entry_id, name=step, words=given.words, actor=request.auth.actor, at=timezone.now())
    return _whole(request, entry_id)


@router.post(
    "/agenda/{int:entry_id}/invitees/{int:invitee_id}/answer",
    auth=ACT,
    response={200: InviteeOut, **declared(*PROBLEMS)},
    operation_id="answerInvitation",
)
def answer(request: CalledRequest, entry_id: int, invitee_id: int, given: AnswerIn) -> Any:
    """Answer an invitation: come, stay away with a reason, send somebody."""
    return hold_meeting.answer(
        entry_id=entry_id,
        invitee_id=invitee_id,
        verdict=given.answer,
        reason=given.reason,
        substitute_post_id=given.substitute_post_id,
        actor=request.auth.actor,
        at=timezone.now(),
    )


@router.post(
    "/agenda/{int:entry_id}/present",
    auth=ACT,
    response={200: EntryWhole, **declared(*PROBLEMS)},
    operation_id="countPresent",
)
def present(request: CalledRequest, entry_id: int, given: PresentIn) -> dict[str, Any]:
    """Note how many came."""
    operations.count_present(entry_id=entry_id, counts=given.counts, actor=request.auth.actor, at=timezone.now())
    return _whole(request, entry_id)


@router.post(
    "/agenda/{int:entry_id}/papers",
    auth=ACT,
    response={201: PaperOut, **declared(*PROBLEMS)},
    operation_id="addMeetingPaper",
)
def add_paper(request: CalledRequest, entry_id: int, given: DocumentIn) -> Status[Any]:
    """Put a registered document with an entry. A classified one is refused."""
    row = hold_meeting.attach_document(
        entry_id=entry_id, document_id=given.document_id, actor=request.auth.actor, at=timezone.now()
    )
    return Status(201, {"id": row.pk, "name": row.name, "document_id": row.document_id})


@router.delete(
    "/agenda/{int:entry_id}/papers/{int:paper_id}",
    auth=ACT,
    response={200: EntryWhole, **declared(*PROBLEMS)},
    operation_id="removeMeetingPaper",
)
def remove_paper(request: CalledRequest, entry_id: int, paper_id: int) -> dict[str, Any]:
    """Take a paper away from an entry."""
    operations.remove_paper(entry_id=entry_id, paper_id=paper_id, actor=request.auth.actor, at=timezone.now())
    return _whole(request, entry_id)


@router.put(
    "/agenda/{int:entry_id}/conclusions",
    auth=ACT,
    response={200: list[PointOut], **declared(*PROBLEMS)},
    operation_id="concludeMeeting",
)
def conclude(request: CalledRequest, entry_id: int, given: PointsIn) -> list[dict[str, Any]]:
    """Write down what was concluded, in place of what stood there."""
    rows = operations.conclude(entry_id=entry_id, words=given.points, actor=request.auth.actor, at=timezone.now())
    return [
        {"id": row.pk, "place": row.place, "words": row.words, "given": row.directive_id is not None} for row in rows
    ]


@router.post(
    "/agenda/{int:entry_id}/conclusions/{int:point_id}/give",
    auth=ACT,
    response={201: Directive, **declared(*PROBLEMS)},
    operation_id="giveConclusion",
)
def give(request: CalledRequest, entry_id: int, point_id: int, given: GivenIn) -> Status[Any]:
    """Give one conclusion out as work."""
    actor = request.auth.actor
    made = hold_meeting.decide(
        entry_id=entry_id,
        point_id=point_id,
        words=given.words,
        shares=shares(given.shares),
        begun_in=f"api:{actor.person_id}:{given.key}"[:64] if given.key else None,
        actor=actor,
        at=timezone.now(),
    )
    return Status(201, made)


@router.post(
    "/agenda/{int:entry_id}/notice",
    auth=ACT,
    response={201: DraftedOut, **declared(*PROBLEMS)},
    operation_id="draftConclusionNotice",
)
def notice(request: CalledRequest, entry_id: int) -> Status[Any]:
    """Draft the notice of the conclusions; asked again, the same draft."""
    now = timezone.now()
    made = hold_meeting.draft_notice(
        entry_id=entry_id, actor=request.auth.actor, today=workdays.local_date(now), at=now
    )
    return Status(201, {"document_id": made.pk})


@router.get("/venues", auth=READ, response={200: list[VenueOut], **declared(403)}, operation_id="listVenues")
def list_venues(request: CalledRequest) -> list[Venue]:
    """The meeting rooms of the caller's agency."""
    return queries.list_venues(request.auth.actor.agency_id)


@router.post("/venues", auth=ACT, response={201: VenueOut, **declared(*PROBLEMS)}, operation_id="addVenue")
def add_venue(request: CalledRequest, given: VenueIn) -> Status[Any]:
    """Add a meeting room."""
    made = operations.add_venue(
        name=given.name, place=given.place, seats=given.seats, actor=request.auth.actor, at=timezone.now()
    )
    return Status(201, made)


@router.post(
    "/venues/{int:venue_id}/close", auth=ACT, response={200: VenueOut, **declared(*PROBLEMS)}, operation_id="closeVenue"
)
def close_venue(request: CalledRequest, venue_id: int) -> Any:
    """Take a meeting room out of use."""
    return operations.close_venue(venue_id=venue_id, actor=request.auth.actor, at=timezone.now())


@router.post("/agenda/feed", auth=ACT, response={201: FeedOut, **declared(403, 422)}, operation_id="makeCalendarFeed")
def make_feed(request: CalledRequest) -> Status[Any]:
    """Make the caller's address for calendar programs; an earlier one ends."""
    refuse(policy.why_not_propose(request.auth.actor))
    secret = operations.make_feed(actor=request.auth.actor, at=timezone.now())
    return Status(201, {"path": f"/agenda/feeds/{secret}.ics"})


@router.delete("/agenda/feed", auth=ACT, response={204: None, **declared(403, 404)}, operation_id="revokeCalendarFeed")
def revoke_feed(request: CalledRequest) -> HttpResponse:
    """End the caller's address for calendar programs."""
    operations.revoke_feed(actor=request.auth.actor, at=timezone.now())
    return HttpResponse(status=204)
