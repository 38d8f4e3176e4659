"""Reading who there is and what travels."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, Q, Sum

from antin.nodes import directory, parcels, statements
from antin.nodes.models import (
    BookMove,
    Carried,
    Circle,
    Edition,
    Feed,
    Identity,
    Invitation,
    Member,
    Parcel,
    Received,
    Rejection,
)
from antin.nodes.parcels import Envelope
from antin.nodes.policy import NoIdentity, NoSuchMember
from antin.nodes.states import SETTLED, Coming, Moving, Standing, Status, Way
from antin.refusal import NotFound

WINDOW = 64_000_000
"""Bytes to one partner on the way at once; what is beyond waits on our own disk, the urgent first."""
WINDOW_PARCELS = 400
TEST = "test"
"""The kind of a parcel that carries nothing: an operator asks whether the line holds."""


def find_identity() -> Identity | None:
    """Return who this node is among others, if it was named."""
    return Identity.objects.first()


def get_identity() -> Identity:
    """Return who this node is among others. :raises NoIdentity:"""
    found = find_identity()
    if found is None:
        raise NoIdentity()
    return found


def lock_identity() -> Identity:
    """Return it locked: whoever changes the directory or takes an edition holds it. :raises NoIdentity:"""
    found = Identity.objects.select_for_update().first()
    if found is None:
        raise NoIdentity()
    return found


def roots_of(member: Member) -> list[bytes]:
    """Return the roots that a member's agencies are certified below."""
    return [base64.b64decode(each) for each in member.roots]


def get_member(code: str) -> Member:
    """Return a member by its name on the lines. :raises NoSuchMember:"""
    found = Member.objects.filter(code=code).first()
    if found is None:
        raise NoSuchMember(code=code)
    return found


def get_partner(member_id: int) -> Member:
    """Return a member by its id. :raises NotFound:"""
    found = Member.objects.filter(pk=member_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_member(code: str) -> Member:
    """Return a member, locked. :raises NoSuchMember:"""
    found = Member.objects.select_for_update(no_key=True).filter(code=code).first()
    if found is None:
        raise NoSuchMember(code=code)
    return found


def find_member_serving(agency: str) -> Member | None:
    """Return the member that serves an agency today."""
    return Member.objects.filter(standing=Standing.MEMBER, agencies__has_key=agency).first()


def find_circle(agency: str) -> Circle | None:
    """Return who in an agency may be sealed to, as it told from the node that serves it today."""
    member = find_member_serving(agency)
    return Circle.objects.select_related("member").filter(member=member, agency=agency).first() if member else None


def list_members() -> list[Member]:
    """Return every node of the directory, in order of name, those expelled last."""
    return sorted(Member.objects.order_by("name", "id"), key=lambda row: row.standing != Standing.MEMBER)


def list_partners(way: str = "") -> list[Member]:
    """Return the other nodes that are members, or those reached that way: over the line only when both sides are on it."""
    own = find_identity()
    code = own.code if own else ""
    rows = list(Member.objects.filter(standing=Standing.MEMBER).order_by("id"))
    by_hand = any(row.code == code and row.way == Way.FILE for row in rows)
    reached = {row.pk: Way.FILE if by_hand else Way(row.way) for row in rows}
    return [row for row in rows if row.code != code and (not way or reached[row.pk] == way)]


def is_on_the_line() -> bool:
    """Tell whether this node has a line at all: one that is reached by hand has none."""
    own = find_identity()
    return own is not None and Member.objects.filter(code=own.code, way=Way.NATS).exists()


def list_invitations() -> list[Invitation]:
    """Return the invitations that are not settled, oldest first."""
    return list(Invitation.objects.filter(status__in=("open", "answered")).order_by("made_at", "id"))


def answered_certificate(row: Invitation) -> bytes:
    """Return the certificate whose fingerprint two people compare before the newcomer is confirmed."""
    return directory.read_listed(row.answer).sign


def find_edition() -> Edition | None:
    """Return the newest edition of the directory."""
    return Edition.objects.order_by("-version").first()


def find_parcel(key: str) -> Parcel | None:
    """Return the parcel of one matter, if it was made."""
    return Parcel.objects.select_related("member", "feed").filter(key=key).first()


def is_stopped(member: Member, digest: str) -> bool:
    """Tell whether our parcel of this digest was stopped before the member had taken it."""
    return Parcel.objects.filter(member=member, digest=digest, status=Status.STOPPED).exists()


def get_parcel(parcel_id: int) -> Parcel:
    """Return a parcel. :raises NotFound:"""
    found = Parcel.objects.select_related("member", "feed").filter(pk=parcel_id).first()
    if found is None:
        raise NotFound()
    return found


def list_parcels(parcel_ids: Collection[int]) -> list[Parcel]:
    """Return parcels with their partners and feeds, in this order."""
    found = Parcel.objects.select_related("member", "feed").in_bulk(parcel_ids)
    return [found[pk] for pk in parcel_ids if pk in found]


def find_parcel_of(member: Member, digest: str) -> Parcel | None:
    """Return our parcel to a member by the digest of its manifest: what a receipt names."""
    return Parcel.objects.filter(member=member, digest=digest).order_by("id").first()


def find_parcel_for(matter: str) -> Parcel | None:
    """Return our newest parcel of a matter, whatever try it was made at."""
    return Parcel.objects.select_related("member").filter(key__startswith=f"{matter}:").order_by("-id").first()


def lock_waiting(member: Member, kind: str) -> list[Received]:
    """Return a partner's parcels of a kind that are whole and not taken yet, the partner and they locked."""
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    rows = Received.objects.select_for_update().filter(member=member, kind=kind, status=Coming.WHOLE)
    return list(rows.order_by("id"))


def find_current_feed(member: Member, *, inward: bool) -> Feed | None:
    """Return the feed of a direction in use: the one begun last, whatever the clock said then."""
    return Feed.objects.filter(member=member, inward=inward).order_by("-id").first()


def list_former_feeds(feed: Feed) -> list[Feed]:
    """Return the feeds of ours that this one took the place of, newest first: one each time this node was restored."""
    return list(Feed.objects.filter(member_id=feed.member_id, inward=False, pk__lt=feed.pk).order_by("-id")[:20])


def list_forgotten(member: Member, feed: str, former: str, after: int) -> list[Received]:
    """Return what a partner has sent us and knows no more, since it began this feed: behind `after` of the former one, and in
    feeds between the two that it has forgotten altogether. Oldest first."""
    known = Feed.objects.filter(member=member, inward=True, feed=former).first()
    if known is None:
        return []
    rows = Received.objects.filter(member=member, status=Coming.TAKEN).exclude(feed__feed=feed)
    return list(rows.filter(Q(feed=known, number__gt=after) | Q(feed_id__gt=known.pk)).order_by("id"))


def awaits_memory(member: Member) -> bool:
    """Tell whether a partner still has to tell us what we said to it before this node was restored."""
    feed = find_current_feed(member, inward=False)
    return feed is not None and feed.awaits_memory


def list_waited_for() -> set[int]:
    """Return the members that a parcel of ours waits for: one question, however many there are."""
    return set(Parcel.objects.filter(status=Status.WAITING).values_list("member_id", flat=True).distinct())


def list_to_send(member: Member, *, limit: int = 100) -> list[Parcel]:
    """Return the parcels that may go to a partner now: the urgent first, as many as the window leaves room for."""
    on_the_way = Parcel.objects.filter(member=member, status=Status.SENT).aggregate(n=Count("id"), size=Sum("size"))
    room, places = WINDOW - (on_the_way["size"] or 0), WINDOW_PARCELS - on_the_way["n"]
    found: list[Parcel] = []
    waiting = Parcel.objects.select_related("feed").filter(member=member, status=Status.WAITING)
    for parcel in waiting.order_by("-urgency", "number", "id")[: max(0, min(limit, places))]:
        if found and parcel.size > room:
            break
        if room <= 0:
            break
        found.append(parcel)
        room -= parcel.size
    return found


def list_unsettled(member: Member) -> list[Parcel]:
    """Return every parcel that waits for a partner or is on its way: what a stick takes along, the urgent first."""
    waiting = Parcel.objects.select_related("feed").filter(member=member, status__in=(Status.WAITING, Status.SENT))
    return list(waiting.order_by("-urgency", "number", "id"))


def list_carried_to(wanted: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return those of the pairs of member and file where the member has got the file from us already."""
    members, digests = {member for member, _digest in wanted}, {digest for _member, digest in wanted}
    rows = Carried.objects.filter(member_id__in=members, inward=False, digest__in=digests)
    return set(rows.values_list("member_id", "digest")) & set(wanted)


def has_carried(member: Member, digest: str) -> bool:
    """Tell whether a file came from this partner before."""
    return Carried.objects.filter(member=member, inward=True, digest=digest).exists()


def has_received(member: Member, feed: str, number: int) -> bool:
    """Tell whether a partner's parcel of that number is here already."""
    return Received.objects.filter(member=member, feed__feed=feed, number=number).exists()


def find_numbers(keys: Collection[tuple[int, str, int]]) -> dict[tuple[int, str, int], tuple[str, int | None]]:
    """Return for numbers of feeds (member, feed, number) which parcel has it, and how many pieces it waits for, if any."""
    found: dict[tuple[int, str, int], tuple[str, int | None]] = {}
    if keys:
        of_members, feeds, numbers = ({key[place] for key in keys} for place in range(3))
        rows = Received.objects.filter(
            feed__member_id__in=of_members, feed__inward=True, feed__feed__in=feeds, number__in=numbers
        )
        for member, feed, number, digest, count, status in rows.values_list(
            "feed__member_id", "feed__feed", "number", "digest", "pieces", "status"
        ):
            found[(member, feed, number)] = (digest, count if status == Coming.COMING else None)
    return found


def find_coming(parcels_named: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return for parcels that wait for pieces from whom they come and how many pieces they have."""
    rows = Received.objects.filter(digest__in=parcels_named, status=Coming.COMING).order_by("-id")
    return {digest: (member, count) for digest, member, count in rows.values_list("digest", "member_id", "pieces")}


def lock_coming(numbers: Collection[tuple[int, int]], parcels_named: Collection[str]) -> list[Received]:
    """Return what there is under numbers of feeds, and the parcels of these names that wait for pieces; locked, oldest first."""
    by_name = Q(digest__in=parcels_named, status=Coming.COMING)
    by_number = Q(feed_id__in={feed for feed, _n in numbers}, number__in={number for _feed, number in numbers})
    return list(Received.objects.select_for_update().filter(by_name | by_number).order_by("id"))


def list_taken(wanted: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return those of the pairs of member and parcel that were taken in before, under whatever number."""
    members, digests = {member for member, _digest in wanted}, {digest for _member, digest in wanted}
    rows = Received.objects.filter(member_id__in=members, digest__in=digests, status=Coming.TAKEN)
    return set(rows.values_list("member_id", "digest"))


def get_received(received_id: int) -> Received:
    """Return a partner's parcel. :raises NotFound:"""
    found = Received.objects.select_related("member", "feed").filter(pk=received_id).first()
    if found is None:
        raise NotFound()
    return found


def find_whole(received_id: int) -> Received | None:
    """Return a partner's parcel that has come whole and is not taken in yet."""
    return Received.objects.select_related("member", "feed").filter(pk=received_id, status=Coming.WHOLE).first()


def lock_received_with_feed(received_id: int) -> Received:
    """Return a partner's parcel, locked after its partner and its feed: in this order by everybody. :raises NotFound:"""
    Member.objects.select_for_update(no_key=True).filter(received__pk=received_id).first()
    Feed.objects.select_for_update(no_key=True).filter(received__pk=received_id).first()
    return lock_received(received_id)


def lock_received(received_id: int) -> Received:
    """Return a partner's parcel, locked. :raises NotFound:"""
    found = Received.objects.select_for_update(of=("self",)).select_related("member", "feed").filter(pk=received_id)
    row = found.first()
    if row is None:
        raise NotFound()
    return row


def envelope_of(received: Received) -> Envelope:
    """Return the envelope of a parcel that was believed when it came."""
    return parcels.read_envelope(statements.peek(bytes(received.envelope)))


def list_marks() -> dict[int, tuple[tuple[int, int, int, int], ...]]:
    """Return for every partner with a feed what a statement to it depends on: while this is the same, nothing is to be said."""
    lacks = Received.objects.filter(Q(lacks=True, status=Coming.COMING) | Q(status=Coming.ASIDE))
    troubled = dict(lacks.values_list("feed_id").annotate(n=Count("id")).order_by())
    beyond = Received.objects.filter(number__gt=F("feed__upto"), status__in=SETTLED)
    ahead = dict(beyond.values_list("feed_id").annotate(n=Count("id")).order_by())
    found: dict[int, list[tuple[int, int, int, int]]] = {}
    for pk, member_id, inward, last, upto in Feed.objects.order_by("id").values_list(
        "id", "member_id", "inward", "last", "upto"
    ):
        mark = (pk, upto, troubled.get(pk, 0), ahead.get(pk, 0)) if inward else (pk, last, 0, 0)
        found.setdefault(member_id, []).append(mark)
    return {member_id: tuple(marks) for member_id, marks in found.items()}


def list_aside(*, limit: int = 50) -> list[Received]:
    """Return what was set aside, newest first."""
    aside = Received.objects.select_related("member").filter(status=Coming.ASIDE)
    return list(aside.order_by("-came_at", "-id")[:limit])


def list_stuck(*, limit: int = 50) -> list[Parcel]:
    """Return our parcels that a partner could not take, newest first."""
    return list(Parcel.objects.select_related("member").filter(status=Status.ASIDE).order_by("-made_at", "-id")[:limit])


def list_rejections(*, limit: int = 20) -> list[Rejection]:
    """Return what was not believed lately, newest first."""
    return list(Rejection.objects.order_by("-last_at", "-id")[:limit])


@dataclass(frozen=True)
class Queue:
    """What is between us and one partner: waiting, on the way, oldest waiting, set aside on either side, coming."""

    waiting: int = 0
    sent: int = 0
    stuck: int = 0
    waiting_bytes: int = 0
    oldest: datetime | None = None
    coming: int = 0
    aside: int = 0


def list_queues() -> dict[int, Queue]:
    """Return the queues by member's id. Two statements."""
    rows = Parcel.objects.filter(status__in=("waiting", "sent", "aside")).values("member_id").order_by()
    out = rows.annotate(
        waiting=Count("id", filter=Q(status="waiting")),
        sent=Count("id", filter=Q(status="sent")),
        stuck=Count("id", filter=Q(status="aside")),
        waiting_bytes=Sum("size", filter=Q(status="waiting")),
    )
    oldest = dict(
        Parcel.objects.filter(status__in=("waiting", "sent"))
        .values_list("member_id")
        .annotate(oldest=Min("made_at"))
        .order_by()
    )
    coming: dict[int, Any] = {
        row["member_id"]: row
        for row in Received.objects.exclude(status=Coming.TAKEN)
        .values("member_id")
        .annotate(coming=Count("id", filter=~Q(status="aside")), aside=Count("id", filter=Q(status="aside")))
        .order_by()
    }
    found: dict[int, Queue] = {}
    there: dict[int, Any] = {row["member_id"]: row for row in out}
    for member_id in {*there, *coming}:
        mine: dict[str, Any] = there.get(member_id, {})
        theirs: dict[str, Any] = coming.get(member_id, {})
        found[member_id] = Queue(
            waiting=mine.get("waiting", 0),
            sent=mine.get("sent", 0),
            stuck=mine.get("stuck", 0),
            waiting_bytes=mine.get("waiting_bytes") or 0,
            oldest=oldest.get(member_id),
            coming=theirs.get("coming", 0),
            aside=theirs.get("aside", 0),
        )
    return found


@dataclass(frozen=True)
class Gap:
    """One direction between us and a partner, its numbers compared. Empty lists: nothing is missing, nothing is too much."""

    feed: str
    given: int
    taken: int
    missing: list[int]
    extra: list[int]
    differs: bool
    underway: int

    @property
    def is_whole(self) -> bool:
        return not (self.missing or self.extra or self.differs)


@dataclass(frozen=True)
class Comparison:
    """Both directions, as far as the partner's newest statement tells; None: it has not said anything yet."""

    member: Member
    outward: Gap | None
    inward: Gap | None


def compare(member: Member) -> Comparison:
    """Return the gap report: our numbered feed against what the partner says it has, and its feed against what we have."""
    return Comparison(member, _outward(member), _inward(member))


def _outward(member: Member) -> Gap | None:
    feed = find_current_feed(member, inward=False)
    told = member.stated.get("in", {})
    if feed is None or told.get("feed") != feed.feed:
        return None
    upto, beyond = int(told["upto"]), {int(each) for each in told["beyond"]}
    settled = set(
        Parcel.objects.filter(feed=feed, number__gt=upto, status=Status.TAKEN).values_list("number", flat=True)
    )
    missing = sorted(settled - beyond)
    extra = sorted(number for number in {*beyond, upto} if number > feed.last)
    at_upto = Parcel.objects.filter(feed=feed, number=upto).values_list("chain", flat=True).first() or ""
    underway = Parcel.objects.filter(feed=feed, status__in=(Status.WAITING, Status.SENT)).count()
    return Gap(feed.feed, feed.last, upto + len(beyond), missing, extra, at_upto != told["chain"], underway)


def _inward(member: Member) -> Gap | None:
    told = member.stated.get("out", {})
    feed = Feed.objects.filter(member=member, inward=True, feed=told.get("feed", "")).first()
    if feed is None:
        return None
    last = int(told["last"])
    there = set(Received.objects.filter(feed=feed, number__gt=feed.upto).values_list("number", flat=True))
    missing = [number for number in range(feed.upto + 1, min(last, feed.upto + 10_000) + 1) if number not in there]
    extra = sorted(number for number in there if number > last)
    chains = dict(told.get("chains", []))
    differs = feed.upto in chains and chains[feed.upto] != feed.chain
    coming = Received.objects.filter(feed=feed, status__in=(Coming.COMING, Coming.WHOLE)).count()
    return Gap(feed.feed, last, feed.upto + len(there), missing, extra, differs, coming)


def count_by_way() -> dict[str, int]:
    """Return how many partners are reached each way."""
    return {way.value: len(list_partners(way)) for way in Way}


def list_tests() -> dict[int, Parcel]:
    """Return the last test message to each partner, by the member's id."""
    rows = Parcel.objects.filter(kind=TEST).order_by("member_id", "-made_at", "-id").distinct("member_id")
    return {row.member_id: row for row in rows.defer("manifest")}


def count_aside() -> int:
    """Return how many parcels of partners lie aside here."""
    return Received.objects.filter(status=Coming.ASIDE).count()


def may_leave(agency: str, *, own: str, to: str) -> bool:
    """Tell whether the directory lets the books of an agency go from us to that node: it is ours still, or went from us there."""
    serving = find_member_serving(agency)
    if serving is None:
        return False
    return serving.code == own or (serving.code == to and serving.formers.get(agency, {}).get("node") == own)


def list_left_behind(own: str) -> list[tuple[str, Member]]:
    """Return the agencies that another node serves and whose books we kept before, with that node."""
    rows = Member.objects.filter(standing=Standing.MEMBER).exclude(code=own).order_by("code")
    return [
        (agency, row)
        for row in rows
        for agency in sorted(row.agencies)
        if row.formers.get(agency, {}).get("node") == own
    ]


def find_open_move(agency: str) -> BookMove | None:
    """Return the move by which the books of an agency are closed here now, not answered yet."""
    rows = BookMove.objects.select_related("member").filter(agency=agency, inward=False, status=Moving.CLOSED)
    return rows.first()


def find_move(move: str) -> BookMove | None:
    """Return a move by the name that both nodes call it by."""
    return BookMove.objects.select_related("member").filter(move=move).first()


def get_move(move_id: int) -> BookMove:
    """Return a move of books. :raises NotFound:"""
    found = BookMove.objects.select_related("member").filter(pk=move_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_move(move_id: int) -> BookMove:
    """Return a move of books, locked. :raises NotFound:"""
    found = BookMove.objects.select_for_update(of=("self",)).select_related("member").filter(pk=move_id).first()
    if found is None:
        raise NotFound()
    return found


def list_moves(agency: str = "", *, limit: int = 200) -> list[BookMove]:
    """Return the moves of books, of one agency if asked, the latest first."""
    rows = BookMove.objects.select_related("member").order_by("-id")
    return list((rows.filter(agency=agency) if agency else rows)[:limit])


def is_settled(agency: str, since: int) -> bool:
    """Tell whether the books of an agency that came by this version of the directory were taken in, or opened without."""
    settled = BookMove.objects.filter(agency=agency, inward=True, status__in=(Moving.TAKEN, Moving.WAIVED))
    return settled.filter(since=since).exists()


def list_awaited(own: str) -> list[tuple[str, str]]:
    """Return the agencies that came to us and whose books have not, with the node that kept them."""
    found = Member.objects.filter(code=own).first()
    if found is None:
        return []
    settled = BookMove.objects.filter(inward=True, status__in=(Moving.TAKEN, Moving.WAIVED))
    done = set(settled.values_list("agency", "since"))
    return [
        (agency, before["node"])
        for agency, before in sorted(found.formers.items())
        if agency in found.agencies and (agency, before["since"]) not in done
    ]


def find_newest_move(agency: str, *, but: int) -> BookMove | None:
    """Return the newest move of an agency's books here that was told of or taken in, except one: nothing older is believed."""
    rows = BookMove.objects.filter(agency=agency).exclude(pk=but)
    return rows.exclude(status__in=(Moving.ARRIVED, Moving.GIVEN_BACK)).order_by("-edition", "-id").first()
