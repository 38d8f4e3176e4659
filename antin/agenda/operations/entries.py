"""Entries of a calendar: proposed, approved, published, changed, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from antin.agenda import policy, queries, states
from antin.agenda.models import Change, Entry, Invitee, Week
from antin.agenda.queries import ONE_DAY, Clash, Span
from antin.agenda.states import Answer, Kind, Status
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.journal.operations import Entry as Record
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, _, refuse
from antin.workdays import queries as workdays

LONGEST = timedelta(days=31)
MOST_WEEKS = 53
MOST_INVITED = 200
ONE_WEEK = timedelta(days=7)
EXCLUSION = "agenda_venue_one_at_a_time"


class TitleMissing(Refusal):
    code = "agenda_title_missing"
    words = _("Ghi nội dung công việc.")


class BadTimes(Refusal):
    code = "agenda_bad_times"
    words = _("Giờ kết thúc phải sau giờ bắt đầu; một lịch không dài quá 31 ngày.")


class ChairMissing(Refusal):
    code = "agenda_chair_missing"
    words = _("Chọn người chủ trì trong cơ quan.")


class TooManyInvited(Refusal):
    code = "agenda_too_many_invited"
    words = _("Một lịch mời không quá %(n)d đơn vị, chức vụ.")


class TooManyWeeks(Refusal):
    code = "agenda_too_many_weeks"
    words = _("Lịch hằng tuần kéo dài không quá 53 tuần, và ngày cuối không trước ngày đầu.")


class VenueTaken(Refusal):
    code = "agenda_venue_taken"
    words = _("%(venue)s đã có lịch %(when)s (%(unit)s). Chọn phòng khác hoặc giờ khác.")


class Clashing(Refusal):
    """Somebody is busy. It is said before saving; `despite` saves all the same."""

    code = "agenda_clashing"
    words = _("Trùng lịch: %(clashes)s. Lưu tiếp nếu vẫn muốn xếp như vậy.")


class ChangedMeanwhile(Refusal):
    code = "agenda_changed_meanwhile"
    words = _("Lịch này vừa được người khác sửa; mở lại để xem bản mới.")


class ReasonMissing(Refusal):
    code = "agenda_reason_missing"
    words = _("Phải ghi rõ lý do.")


class NotAMonday(Refusal):
    code = "agenda_not_a_monday"
    words = _("Tuần bắt đầu từ ngày thứ Hai.")


class PublishedAlready(Refusal):
    code = "agenda_published_already"
    words = _("Lịch tuần này đã ban hành; lịch duyệt thêm tự hiện là bổ sung.")


@dataclass(frozen=True)
class Told:
    """What a form says of an entry. `invited` are holders: P<post> or U<unit>."""

    title: str
    starts_at: datetime
    ends_at: datetime
    chair_post_id: int
    kind: str = Kind.MEETING
    details: str = ""
    venue_id: int | None = None
    place: str = ""
    attended: str = ""
    prepares_id: int | None = None
    vehicle: str = ""
    restricted: bool = False
    invited: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Named:
    """What a form says, checked and with names."""

    facts: dict[str, Any]
    invited: dict[str, str] = field(default_factory=dict)


def author(actor: Actor) -> str:
    return f"{actor.person_name}, {actor.post_title}"[:200]


def words_of(text: str, most: int) -> str:
    return clean(text).strip()[:most]


def when_of(entry: Entry | Span) -> str:
    """A time in the fewest words: 08:00–10:00 25/11/2026."""
    since, until = (each.astimezone(workdays.HERE) for each in (entry.starts_at, entry.ends_at))
    if since.date() == until.date():
        return f"{since:%H:%M}–{until:%H:%M} {since:%d/%m/%Y}"
    return f"{since:%H:%M %d/%m/%Y} – {until:%H:%M %d/%m/%Y}"


def _name(told: Told, agency_id: int, on: date) -> _Named:
    """Check what a form says, and find the names. :raises Refusal:"""
    title = words_of(told.title, 500)
    if not title:
        raise TitleMissing()
    if not timedelta(0) < told.ends_at - told.starts_at <= LONGEST:
        raise BadTimes()
    chair = people.list_posts_by_id([told.chair_post_id]).get(told.chair_post_id)
    if chair is None or chair.unit.agency_id != agency_id or chair.closed_on is not None:
        raise ChairMissing()
    if told.kind not in Kind.values:
        raise NotFound()
    venue = queries.lock_venue(agency_id, told.venue_id) if told.venue_id is not None else None
    if told.prepares_id is not None:
        people.get_unit_to_task(agency_id=agency_id, unit_id=told.prepares_id, under=None)
    tokens = list(dict.fromkeys(each for each in told.invited if each != f"P{chair.pk}"))
    if len(tokens) > MOST_INVITED:
        raise TooManyInvited(n=MOST_INVITED)
    facts = {
        "title": title,
        "kind": told.kind,
        "details": words_of(told.details, 2000),
        "starts_at": told.starts_at,
        "ends_at": told.ends_at,
        "venue_id": venue.pk if venue else None,
        "place": words_of(told.place, 300),
        "chair": f"P{chair.pk}",
        "chair_name": people.in_words(chair, on)[:300],
        "attended": words_of(told.attended, 500),
        "prepares_id": told.prepares_id,
        "vehicle": words_of(told.vehicle, 200),
        "restricted": told.restricted,
    }
    return _Named(facts, _names_of(tokens, agency_id, on))


def _names_of(tokens: Sequence[str], agency_id: int, on: date) -> dict[str, str]:
    """Name who is invited: posts and units of the agency, and of the agencies below it. :raises NotFound:"""
    posts: list[int] = []
    units: list[int] = []
    for token in tokens:
        kind, digits = token[:1], token[1:]
        if kind not in ("P", "U") or not digits.isdecimal() or len(digits) > 18:
            raise NotFound()
        (posts if kind == "P" else units).append(int(digits))
    under = f"/{agency_id}/"
    found_units = people.list_units(units)
    found_posts = people.list_posts_by_id(posts)
    for number in units:
        unit = found_units.get(number)
        if unit is None or unit.closed_on is not None or under not in unit.path or unit.pk == agency_id:
            raise NotFound()
    for number in posts:
        post = found_posts.get(number)
        if post is None or post.closed_on is not None or under not in post.unit.path:
            raise NotFound()
    named = people.name_holders(tokens, on)
    return {token: named[token][:300] for token in tokens}


def _look(
    actor: Actor, spans: Sequence[Span], named: _Named, without: Sequence[int], *, despite: bool, at: datetime
) -> None:
    """Look who is busy. :raises VenueTaken: :raises Clashing: somebody is, and nobody said `despite`"""
    found = queries.find_clashes(
        actor,
        spans,
        venue_id=named.facts["venue_id"],
        holders=[named.facts["chair"], *named.invited],
        without=without,
        now=at,
    )
    for clash in found:
        if clash.is_venue:
            raise VenueTaken(venue=clash.name, when=when_of(clash.entry), unit=clash.entry.unit.short_name)
    if found and not despite:
        raise Clashing(clashes="; ".join(_in_words(each) for each in found[:6]))


def _in_words(clash: Clash) -> str:
    return f"{clash.name} {when_of(clash.entry)}" + (f" “{clash.title}”" if clash.title else "")


def _save(entry: Entry, fields: Sequence[str] | None = None) -> None:
    """Write an entry; a venue that is taken is refused by the database, whoever forgot to lock it. :raises VenueTaken:"""
    try:
        with transaction.atomic():
            entry.save(update_fields=fields)
    except IntegrityError as fault:
        if EXCLUSION not in str(fault):
            raise
        venue = entry.venue.name if entry.venue else ""
        raise VenueTaken(venue=venue, when=when_of(entry), unit=entry.agency.short_name) from None


@transaction.atomic
def propose(
    *,
    told: Told,
    weekly_until: date | None = None,
    despite: bool = False,
    begun_in: str | None = None,
    actor: Actor,
    at: datetime,
) -> list[Entry]:
    """Put something into the calendar of the agency, for its office to approve: once, or every week until a day.

    A weekly one leaves out the days that nobody works. The same form sent twice (`begun_in`) proposes once.

    :raises NotAProposer: :raises TitleMissing: :raises BadTimes: :raises ChairMissing: :raises TooManyInvited:
    :raises TooManyWeeks: :raises NotFound: a venue, unit or post is not the agency's to name
    :raises VenueTaken: :raises Clashing: somebody is busy then, and nobody said `despite`
    """
    refuse(policy.why_not_propose(actor))
    if begun_in is not None:
        again = list(Entry.objects.filter(begun_in__in=[f"{begun_in}:{n}" for n in range(MOST_WEEKS)]).order_by("id"))
        if again:
            return again
    named = _name(told, actor.agency_id, workdays.local_date(at))
    spans = _weekly(told, weekly_until)
    _look(actor, spans, named, [], despite=despite, at=at)
    series = f"{begun_in or actor.post_id}:{at.timestamp()}"[:64] if len(spans) > 1 else ""
    made = []
    for n, span in enumerate(spans):
        entry = Entry(
            agency_id=actor.agency_id,
            unit_id=actor.unit_id,
            series=series,
            begun_in=f"{begun_in}:{n}" if begun_in else None,
            made_by=author(actor),
            made_post_id=actor.post_id,
            made_at=at,
            changed_at=at,
            **named.facts | {"starts_at": span.starts_at, "ends_at": span.ends_at},
        )
        _save(entry)
        made.append(entry)
    Invitee.objects.bulk_create(
        Invitee(entry=entry, holder=holder, name=name) for entry in made for holder, name in named.invited.items()
    )
    journal.record_many(
        Record("agenda.proposed", ("agenda", entry.pk), actor, at, actor.agency_id, _recorded(entry)) for entry in made
    )
    return made


def _recorded(entry: Entry) -> dict[str, Any]:
    """What the journal keeps: a restricted one without its words."""
    words = {} if entry.restricted else {"title": entry.title, "chair": entry.chair_name}
    return {"starts_at": entry.starts_at.isoformat(), "ends_at": entry.ends_at.isoformat(), **words}


def _weekly(told: Told, until: date | None) -> list[Span]:
    """The times of an entry: one, or one each week on the days that are worked. :raises TooManyWeeks:"""
    first = workdays.local_date(told.starts_at)
    if until is None:
        return [Span(told.starts_at, told.ends_at)]
    weeks = (until - first).days // 7 + 1
    if not 1 <= weeks <= MOST_WEEKS or until < first:
        raise TooManyWeeks()
    calendar = workdays.calendar()
    days = [n for n in range(weeks) if n == 0 or calendar.is_working_day(first + n * ONE_WEEK)]
    return [Span(told.starts_at + n * ONE_WEEK, told.ends_at + n * ONE_WEEK) for n in days]


@transaction.atomic
def lock_for(*, entry_id: int, actor: Actor, at: datetime) -> Entry:
    """Lock an entry that the actor may see. :raises NotFound:"""
    queries.get_for(actor, entry_id, at)
    return queries.lock(entry_id)


FIELDS = ("title", "kind", "details", "starts_at", "venue_id", "place", "chair", "attended", "prepares_id", "vehicle")


@transaction.atomic
def change(
    *, entry_id: int, told: Told, revision: int, words: str = "", despite: bool = False, actor: Actor, at: datetime
) -> tuple[Entry, dict[str, list[str]]]:
    """Change what an entry says; returns it and what became different, in words.

    After its week was published the change is kept and shown with its reason; another time asks everybody invited again.

    :raises NotTheWriter: :raises ChangedMeanwhile: somebody changed it since it was read :raises ReasonMissing: published already
    :raises Refusal: as propose
    """
    entry = lock_for(entry_id=entry_id, actor=actor, at=at)
    today = workdays.local_date(at)
    refuse(policy.why_not_change(actor, entry, queries.offices_of(entry.agency_id, today)))
    if entry.revision != revision:
        raise ChangedMeanwhile()
    named = _name(told, entry.agency_id, today)
    _look(actor, [Span(told.starts_at, told.ends_at)], named, [entry.pk], despite=despite, at=at)
    before = _shown(entry)
    moved = (entry.starts_at, entry.ends_at) != (told.starts_at, told.ends_at)
    for name, value in named.facts.items():
        setattr(entry, name, value)
    entry.revision, entry.changed_at = entry.revision + 1, at
    entry.venue = queries.get_venue(entry.agency_id, entry.venue_id) if entry.venue_id else None
    if moved:
        Invitee.objects.filter(entry=entry).update(
            answer=Answer.ASKED, reason="", substitute="", substitute_name="", answered_by="", answered_at=None
        )
    _save(entry)
    entry = queries.lock(entry_id)
    came, went = _invite(entry, named.invited)
    after = _shown(entry)
    fields = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if came or went:
        fields["invited"] = [", ".join(went), ", ".join(came)]
    said = words_of(words, 1000)
    if entry.status == Status.PUBLISHED and fields:
        if not said:
            raise ReasonMissing()
        Change.objects.create(entry=entry, kind="changed", fields=fields, words=said, by=author(actor), at=at)
    journal.record(
        "agenda.changed", subject=("agenda", entry.pk), actor=actor, at=at, fields=sorted(fields), words=said
    )
    return entry, fields


def _shown(entry: Entry) -> dict[str, str]:
    """What an entry says, as words that can be compared and shown."""
    return {
        "title": entry.title,
        "kind": str(entry.kind),
        "when": when_of(entry),
        "where": " ".join(part for part in (entry.venue.name if entry.venue else "", entry.place) if part),
        "chair": entry.chair_name,
        "attended": entry.attended,
        "prepares": entry.prepares.name if entry.prepares else "",
        "vehicle": entry.vehicle,
        "details": entry.details,
        "restricted": "x" if entry.restricted else "",
    }


def _invite(entry: Entry, invited: dict[str, str]) -> tuple[list[str], list[str]]:
    """Let exactly these be invited; who is already keeps what he answered. Returns who came and who went, by name."""
    there = {each.holder: each.name for each in Invitee.objects.filter(entry=entry)}
    Invitee.objects.filter(entry=entry, holder__in=set(there) - set(invited)).delete()
    fresh = {holder: name for holder, name in invited.items() if holder not in there}
    Invitee.objects.bulk_create(Invitee(entry=entry, holder=holder, name=name) for holder, name in fresh.items())
    return list(fresh.values()), [name for holder, name in there.items() if holder not in invited]


@transaction.atomic
def act(*, entry_id: int, name: str, words: str = "", actor: Actor, at: datetime) -> Entry:
    """Take a step with an entry: propose (again), withdraw, approve, send_back, cancel.

    What is approved into a week that was published is published at once, as an addition.

    :raises NotTheOffice: :raises NotTheWriter: :raises WrongState: :raises ReasonMissing: sent back or cancelled without a word
    :raises VenueTaken: proposed again, and its venue was taken meanwhile
    """
    if name not in ("propose", "withdraw", "approve", "send_back", "cancel"):
        raise NotFound()
    entry = lock_for(entry_id=entry_id, actor=actor, at=at)
    refuse(policy.why_not_act(actor, entry, name, queries.offices_of(entry.agency_id, workdays.local_date(at))))
    said = words_of(words, 1000)
    if name in ("send_back", "cancel") and not said:
        raise ReasonMissing()
    published = entry.published_at is not None
    entry.status, entry.changed_at, entry.words = states.step(name, entry.status), at, said
    if name in ("approve", "send_back", "cancel"):
        entry.decided_by, entry.decided_at = author(actor), at
        entry.revision += 1
    if name == "approve" and queries.find_week(
        entry.agency_id, queries.monday_of(workdays.local_date(entry.starts_at))
    ):
        entry.status, entry.published_at = states.step("publish", entry.status), at
        Change.objects.create(entry=entry, kind="added", words=said, by=author(actor), at=at)
    if name == "cancel" and published:
        Change.objects.create(entry=entry, kind="cancelled", words=said, by=author(actor), at=at)
    _save(entry)
    journal.record(f"agenda.{STEP_EVENTS[name]}", subject=("agenda", entry.pk), actor=actor, at=at, words=said)
    return entry


STEP_EVENTS = {
    "propose": "proposed",
    "withdraw": "withdrawn",
    "approve": "approved",
    "send_back": "sent_back",
    "cancel": "cancelled",
}


@transaction.atomic
def publish_week(*, monday: date, note: str = "", actor: Actor, at: datetime) -> tuple[Week, list[Entry]]:
    """Publish the approved entries of a week as its calendar; returns the week and what is in it.

    :raises NotTheOffice: :raises NotAMonday: :raises PublishedAlready:
    """
    offices = queries.offices_of(actor.agency_id, workdays.local_date(at))
    refuse(policy.why_not_decide(actor, offices))
    if monday.weekday():
        raise NotAMonday()
    if not date(2000, 1, 1) <= monday <= date(2100, 1, 1):
        raise NotAMonday()
    week, fresh = Week.objects.get_or_create(
        agency_id=actor.agency_id,
        monday=monday,
        defaults={"note": words_of(note, 1000), "published_by": author(actor), "published_at": at},
    )
    if not fresh:
        raise PublishedAlready()
    entries = list(
        Entry.objects.select_for_update(of=("self",))
        .select_related("unit", "venue")
        .filter(
            agency_id=actor.agency_id,
            status=Status.APPROVED,
            starts_at__lt=queries.begin_of(monday + 7 * ONE_DAY),
            starts_at__gte=queries.begin_of(monday),
        )
        .order_by("starts_at", "id")
    )
    for entry in entries:
        entry.status, entry.published_at = states.step("publish", entry.status), at
        entry.changed_at = at
        entry.save(update_fields=["status", "published_at", "changed_at"])
    journal.record(
        "agenda.week_published", subject=("week", week.pk), actor=actor, at=at, monday=monday, entries=len(entries)
    )
    return week, entries
