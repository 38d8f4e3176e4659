"""Reading calendars: a week, one entry, who is busy, what concerns somebody."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Prefetch, Q, QuerySet

from antin.agenda import policy
from antin.agenda.models import Change, Entry, Feed, Invitee, Paper, Point, Venue, Week
from antin.agenda.states import HOLDING, Status
from antin.documents import queries as documents
from antin.documents.models import Document
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotFound
from antin.tasks.models import Assignment
from antin.tasks.policy import visible_to as work_visible_to
from antin.tasks.states import Role as Share
from antin.workdays import queries as workdays

ONE_DAY = timedelta(days=1)
AHEAD, BEHIND = timedelta(days=180), timedelta(days=30)
"""So far a calendar program is told of what is to come, and of what was."""
MOST_IN_A_WEEK, MOST_IN_A_FEED = 500, 1000


def begin_of(day: date) -> datetime:
    """Return the first moment of a Vietnamese day."""
    return datetime.combine(day, time(0), workdays.HERE)


def monday_of(day: date) -> date:
    """Return the Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


def offices_of(agency_id: int, on: date) -> frozenset[int]:
    """Return the units in which the agency's clerks sit: its office, or in a small agency the agency itself."""
    return frozenset(row.unit_id for row in people.find_posts_with_role(agency_id=agency_id, role=Role.CLERK, on=on))


def _visible(actor: Actor, now: datetime) -> QuerySet[Entry]:
    """The entries an actor may see. Asked by ids, for the way to an entry over its invitees gives it several times."""
    seen = Entry.objects.filter(policy.visible_to(actor, offices_of(actor.agency_id, workdays.local_date(now))))
    return Entry.objects.filter(pk__in=seen.values("pk")).select_related("unit", "venue", "prepares", "agency")


def get_for(actor: Actor, entry_id: int, now: datetime) -> Entry:
    """Return an entry that the actor may see. :raises NotFound:"""
    found = _visible(actor, now).filter(pk=entry_id).first()
    if found is None:
        raise NotFound()
    return found


def lock(entry_id: int) -> Entry:
    """Return an entry, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = (
        Entry.objects.select_for_update(of=("self",))
        .select_related("unit", "venue", "prepares", "agency")
        .filter(pk=entry_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def list_invitees(entry: Entry) -> list[Invitee]:
    """Return who is invited, in the order of inviting."""
    return list(Invitee.objects.filter(entry=entry).order_by("id"))


def get_invitee(entry: Entry, invitee_id: int) -> Invitee:
    """:raises NotFound: nobody of this number is invited"""
    found = Invitee.objects.filter(entry=entry, pk=invitee_id).first()
    if found is None:
        raise NotFound()
    return found


def list_changes(entry: Entry) -> list[Change]:
    """Return what became different after it was published, the last first."""
    return list(Change.objects.filter(entry=entry).order_by("-at", "-id"))


def list_points(entry: Entry) -> list[Point]:
    """Return the conclusions in their order."""
    return list(Point.objects.filter(entry=entry).order_by("place"))


def list_given(actor: Actor, entry: Entry) -> dict[int, Assignment]:
    """Return the work that conclusions have become as far as the actor may see it, the lead's of each directive."""
    rows = Assignment.objects.filter(work_visible_to(actor), directive__point__entry=entry).select_related("directive")
    found: dict[int, Assignment] = {}
    for row in rows.order_by("id"):
        if row.role == Share.LEAD or row.directive_id not in found:
            found[row.directive_id] = row
    return found


def get_point(entry: Entry, point_id: int) -> Point:
    """:raises NotFound: the entry has no such conclusion"""
    found = Point.objects.filter(entry=entry, pk=point_id).first()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Papers:
    """The papers of an entry as far as the actor may see them, and how many documents he may not see."""

    rows: list[tuple[Paper, Document | None]]
    hidden: int = 0


def list_papers(actor: Actor, entry: Entry, invitees: Collection[Invitee]) -> Papers:
    """Return the papers. Files are for whom the entry concerns; a document for who may see it by itself."""
    if not policy.takes_part(actor, entry, invitees):
        return Papers([], 0)
    found: list[tuple[Paper, Document | None]] = []
    hidden = 0
    for paper in Paper.objects.filter(entry=entry).order_by("id"):
        if paper.document_id is None:
            found.append((paper, None))
            continue
        try:
            found.append((paper, documents.get_for(actor, paper.document_id)))
        except NotFound:
            hidden += 1
    return Papers(found, hidden)


def list_attachable(actor: Actor, *, limit: int = 40) -> list[Document]:
    """Return the documents last seen to by the actor that may go with an entry, those of both boxes, the newest first."""
    rows = [row for box in ("in", "out") for row in documents.list_documents(actor=actor, box=box, limit=limit).rows]
    fit = [row for row in rows if policy.why_not_attach(row) is None]
    return sorted(fit, key=lambda row: row.order_at, reverse=True)[:limit]


def list_shown(entry: Entry) -> list[Paper]:
    """Return the documents of an entry that the invited may see by it."""
    return list(Paper.objects.filter(entry=entry, shown=True, document__isnull=False).order_by("id"))


def get_file(actor: Actor, entry: Entry, paper_id: int) -> Paper:
    """Return a file of an entry. :raises NotFound: there is none, or not for this actor"""
    found = Paper.objects.filter(entry=entry, pk=paper_id, file__isnull=False).first()
    if found is None or not policy.takes_part(actor, entry, list_invitees(entry)):
        raise NotFound()
    return found


@dataclass(frozen=True)
class Filter:
    """What a week is narrowed to: what a unit proposes, prepares or is invited to; what concerns the actor himself."""

    unit_id: int | None = None
    mine: bool = False


@dataclass(frozen=True)
class Shown:
    """An entry in a week: who is invited, what changed since it was published."""

    entry: Entry
    invitees: list[Invitee]
    changes: list[Change]

    @property
    def added(self) -> bool:
        return any(each.kind == "added" for each in self.changes)

    @property
    def moved(self) -> Change | None:
        """The last change of what it says."""
        return next((each for each in self.changes if each.kind == "changed"), None)


def _filtered(rows: QuerySet[Entry], actor: Actor, wanted: Filter) -> QuerySet[Entry]:
    if wanted.unit_id is not None:
        token = f"U{wanted.unit_id}"
        of_unit = Q(unit_id=wanted.unit_id) | Q(prepares_id=wanted.unit_id) | Q(invitees__holder=token)
        rows = rows.filter(pk__in=Entry.objects.filter(of_unit).values("pk"))
    if wanted.mine:
        rows = rows.filter(pk__in=Entry.objects.filter(policy.concerns(actor)).values("pk"))
    return rows


def list_between(
    actor: Actor, since: date, until: date, now: datetime, *, wanted: Filter | None = None, limit: int = MOST_IN_A_WEEK
) -> list[Shown]:
    """Return what happens from one day to another (inclusive) as far as the actor may see it. Four questions to the database."""
    rows = _visible(actor, now).filter(starts_at__lt=begin_of(until + ONE_DAY), ends_at__gt=begin_of(since))
    rows = _filtered(rows.exclude(status=Status.WITHDRAWN), actor, wanted or Filter())
    found = rows.prefetch_related(
        Prefetch("invitees", Invitee.objects.order_by("id"), to_attr="invited"),
        Prefetch("changes", Change.objects.order_by("-at", "-id"), to_attr="changed"),
    ).order_by("starts_at", "ends_at", "id")[:limit]
    return [Shown(each, each.invited, each.changed) for each in found]


def find_week(agency_id: int, monday: date) -> Week | None:
    """Return a week of an agency if it was published."""
    return Week.objects.filter(agency_id=agency_id, monday=monday).first()


def list_waiting(actor: Actor, now: datetime, *, limit: int = 50) -> list[Entry]:
    """Return what waits for the office's word, the earliest first; nothing for who is not the office."""
    offices = offices_of(actor.agency_id, workdays.local_date(now))
    if policy.why_not_decide(actor, offices) is not None:
        return []
    rows = Entry.objects.select_related("unit", "venue").filter(agency_id=actor.agency_id, status=Status.PROPOSED)
    return list(rows.order_by("starts_at", "id")[:limit])


def list_today(actor: Actor, now: datetime, *, limit: int = 8) -> list[Entry]:
    """Return what concerns the actor today, for his desk. One question to the database."""
    day = workdays.local_date(now)
    mine = Entry.objects.filter(policy.concerns(actor), status__in=(Status.APPROVED, Status.PUBLISHED))
    rows = Entry.objects.select_related("venue").filter(pk__in=mine.values("pk"))
    return list(
        rows.filter(starts_at__lt=begin_of(day + ONE_DAY), ends_at__gt=begin_of(day)).order_by("starts_at", "id")[
            :limit
        ]
    )


def list_venues(agency_id: int, *, with_closed: bool = False) -> list[Venue]:
    """Return the meeting rooms of an agency."""
    rows = Venue.objects.filter(agency_id=agency_id)
    return list((rows if with_closed else rows.filter(closed_at=None)).order_by("closed_at", "name", "id"))


def get_venue(agency_id: int, venue_id: int) -> Venue:
    """Return an open meeting room of an agency. :raises NotFound:"""
    found = Venue.objects.filter(agency_id=agency_id, pk=venue_id, closed_at=None).first()
    if found is None:
        raise NotFound()
    return found


def lock_venue(agency_id: int, venue_id: int) -> Venue:
    """Return an open meeting room, its row locked: whoever else wants it waits until it is known who has it. :raises NotFound:"""
    found = Venue.objects.select_for_update().filter(agency_id=agency_id, pk=venue_id, closed_at=None).first()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Span:
    """A time from one moment until another."""

    starts_at: datetime
    ends_at: datetime

    def meets(self, other: Entry) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True)
class Clash:
    """Something that is at the same time: `what` is the venue or the holder, `title` empty where the actor may not see it."""

    what: str
    name: str
    entry: Entry
    title: str = field(default="")

    @property
    def is_venue(self) -> bool:
        return self.what == "venue"


def find_clashes(
    actor: Actor,
    spans: Sequence[Span],
    *,
    venue_id: int | None,
    holders: Iterable[str],
    without: Collection[int] = (),
    now: datetime,
) -> list[Clash]:
    """Return what else is at the same time in the venue, or with the same leader or invited post. Three questions at most."""
    busy = {each for each in holders if each.startswith("P")}
    if not spans or (venue_id is None and not busy):
        return []
    first, last = min(each.starts_at for each in spans), max(each.ends_at for each in spans)
    of_people = Q(chair__in=busy) | Q(invitees__holder__in=busy) | Q(invitees__substitute__in=busy)
    near = Entry.objects.filter(starts_at__lt=last, ends_at__gt=first, status__in=HOLDING).exclude(pk__in=without)
    same = near.filter(of_people | Q(venue_id=venue_id) if venue_id is not None else of_people)
    rows = (
        Entry.objects.select_related("venue", "unit")
        .filter(pk__in=same.values("pk"))
        .prefetch_related("invitees")
        .order_by("starts_at", "id")
    )
    met = [row for row in rows if any(span.meets(row) for span in spans)]
    seen = (
        set(_visible(actor, now).filter(pk__in=[row.pk for row in met]).values_list("pk", flat=True)) if met else set()
    )
    found = []
    for row in met:
        title = row.title if row.pk in seen else ""
        if venue_id is not None and row.venue_id == venue_id and row.venue is not None:
            found.append(Clash("venue", row.venue.name, row, title))
        if row.chair in busy:
            found.append(Clash(row.chair, row.chair_name, row, title))
        for each in row.invitees.all():
            if each.holder in busy and policy.comes(each):
                found.append(Clash(each.holder, each.name, row, title))
            if each.substitute in busy:
                found.append(Clash(each.substitute, each.substitute_name, row, title))
    return found


def source_of(actor: Actor, directive_id: int, now: datetime) -> Entry | None:
    """Return the meeting at which work was concluded, if the actor may see it."""
    point = Point.objects.filter(directive_id=directive_id).first()
    return _visible(actor, now).filter(pk=point.entry_id).first() if point else None


def digest_of(secret: str) -> str:
    """A feed's secret is 256 random bits: a plain digest is as good as a slow one, and found by index."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_feed(secret: str) -> Feed | None:
    """Return the feed that a secret opens, unless it was revoked."""
    return Feed.objects.filter(digest=digest_of(secret), revoked_at=None).first()


def find_feed_of(actor: Actor) -> Feed | None:
    """Return the actor's own feed in this post."""
    return Feed.objects.filter(person_id=actor.person_id, post_id=actor.post_id, revoked_at=None).first()


def list_for_feed(actor: Actor, now: datetime) -> list[Shown]:
    """Return what a calendar program is told: what concerns the actor, and was approved. Cancelled ones say so."""
    day = workdays.local_date(now)
    shown = list_between(actor, day - BEHIND, day + AHEAD, now, wanted=Filter(mine=True), limit=MOST_IN_A_FEED)
    told = (Status.APPROVED, Status.PUBLISHED, Status.CANCELLED)
    return [each for each in shown if each.entry.status in told]
