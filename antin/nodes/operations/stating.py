"""Statements of feeds: up to where each side has the other's. What acknowledges, what asks again, what finds gaps."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.journal import operations as journal
from antin.nodes import parcels, policy, queries, statements
from antin.nodes.models import Carried, Circle, Feed, Member, Parcel, Received
from antin.nodes.operations.feeds import signer
from antin.nodes.parcels import NotForUs
from antin.nodes.states import SETTLED, Coming, Status, step
from antin.outbox import operations as outbox
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.upkeep import queries as upkeep

if TYPE_CHECKING:
    from django.db.models import QuerySet

STATEMENT = "antin-statement/1"
WAYS = ("heard", "program", "schema", "remembers", "takes")
LONGEST_WAIT = timedelta(hours=6)
TOLD_ASIDE, TOLD_BEYOND = 100, 5_000


class NotAStatementOfFeeds(Refusal):
    code = "not_a_statement_of_feeds"
    words = _("Bảng đối chiếu của nút %(sender)s không đúng dạng.")


class NeverGiven(Refusal):
    """A partner says that it has a parcel that was never sent to it."""

    code = "number_never_given"
    words = _("Nút %(sender)s báo đã nhận kiện số %(number)s, trong khi mới gửi đến số %(last)s.")


@dataclass(frozen=True)
class Stated:
    """What a partner's statement newly told of our parcels: those it could not take, and those it had and has lost."""

    stuck: tuple[Parcel, ...] = ()
    lost: tuple[Parcel, ...] = ()


def state(*, member_id: int, actor: Actor | None, at: datetime) -> bytes:
    """Say, signed, up to where we have a partner's feed and how far ours goes: what acknowledges and what finds gaps.

    Its moment is later than that of the statement before, also when this node's clock was put back: the newest wins.
    """
    identity = queries.get_identity()
    with transaction.atomic():
        member = Member.objects.select_for_update(no_key=True).get(pk=member_id)
        member.said_at = at if member.said_at is None else max(at, member.said_at + timedelta(microseconds=1))
        member.save(update_fields=["said_at"])
    came, ours = queries.find_current_feed(member, inward=True), queries.find_current_feed(member, inward=False)
    told = {
        "form": STATEMENT,
        "from": identity.code,
        "to": member.code,
        "at": member.said_at.isoformat(),
        "in": _stated_in(came) if came else {},
        "out": _stated_out(ours, member) if ours else {},
        "heard": member.heard_at.isoformat() if member.heard_at else "",
        "echo": member.stated.get("at", ""),
        "program": settings.VERSION,
        "schema": upkeep.get_schema().name,
        "remembers": "1",
        "takes": f"{parcels.URGING},{parcels.BOOKS}",
    }
    return statements.sign(told, signer(identity, at), at=at, with_certificates=False)


def _stated_in(feed: Feed) -> dict[str, object]:
    beyond = Received.objects.filter(feed=feed, number__gt=feed.upto, status__in=SETTLED).order_by("number")
    lacking = Received.objects.filter(feed=feed, status=Coming.COMING, lacks=True).order_by("number")
    aside = Received.objects.filter(feed=feed, status=Coming.ASIDE).order_by("-number")[:TOLD_ASIDE]
    return {
        "feed": feed.feed,
        "upto": feed.upto,
        "chain": feed.chain,
        "beyond": list(beyond.values_list("number", flat=True)[:TOLD_BEYOND]),
        "lacking": list(lacking.values_list("number", flat=True)[:TOLD_ASIDE]),
        "aside": [[row.number, row.fault_code, row.fault] for row in aside],
    }


def _stated_out(feed: Feed, member: Member) -> dict[str, object]:
    theirs = member.stated.get("in", {})
    marks = {feed.last, int(theirs["upto"]) if theirs.get("feed") == feed.feed else 0}
    chains = Parcel.objects.filter(feed=feed, number__in=marks).order_by("number").values_list("number", "chain")
    told: dict[str, object] = {"feed": feed.feed, "last": feed.last, "chains": [list(row) for row in chains]}
    former = [[each.feed, each.last] for each in queries.list_former_feeds(feed)]
    return told | ({"former": former} if former else {})


def take_statement(*, content: bytes, actor: Actor | None, at: datetime) -> Stated:
    """Take a partner's statement in: what it has is settled, what it lacks goes again. Returns what of that is news.

    An older one than the newest known changes nothing.

    :raises NotAStatement: :raises NoSuchMember: :raises Expelled: :raises NotByItsKey: :raises NotForUs:
    :raises NotAStatementOfFeeds: :raises NeverGiven:
    """
    identity = queries.get_identity()
    unproved = statements.look(content)
    told = unproved.told
    member = queries.get_member(str(told.get("from", "")))
    refuse(policy.why_not_believe(member))
    statements.prove_by(unproved, bytes(member.sign_certificate), name=member.code)
    if told.get("to") != identity.code:
        raise NotForUs(to=str(told.get("to"))[:64])
    said = _read_stated(told, member)
    with transaction.atomic():
        member = queries.lock_member(member.code)
        if member.stated and not said.follows(member.stated):
            return Stated()
        feed = Feed.objects.filter(member=member, inward=False, feed=said.feed).first()
        _refuse_never_given(member, feed, said)
        member.stated, member.stated_at, member.heard_at = said.kept(), at, at
        member.save(update_fields=["stated", "stated_at", "heard_at"])
        if said.former:
            [(name, last), *_older] = said.former
            key = f"give_memory:{member.pk}:{said.theirs['feed']}"
            outbox.promise(
                "give_memory", key=key, member_id=member.pk, feed=said.theirs["feed"], former=name, after=last
            )
        return _settle_ours(feed, said, actor, at) if feed is not None else Stated()


def _refuse_never_given(member: Member, feed: Feed | None, said: _Stated) -> None:
    """Demand that a partner has no number of the feed in use that was never given. Of a former feed it may: those we have lost."""
    current = queries.find_current_feed(member, inward=False)
    highest = max({said.upto, *said.beyond})
    if feed is not None and feed == current and highest > feed.last:
        raise NeverGiven(sender=member.code, number=highest, last=feed.last)


@dataclass(frozen=True)
class _Stated:
    """What a partner says it has of a feed of ours."""

    moment: datetime
    feed: str
    upto: int
    beyond: frozenset[int]
    lacking: frozenset[int]
    aside: dict[int, tuple[str, str]]
    chain: str
    theirs: dict[str, Any]
    former: tuple[tuple[str, int], ...]
    """Its feeds before this one, newest first, and up to where it knows each: it was restored."""
    echo: datetime | None
    """The moment of the newest statement of ours that it has taken in: what we sent before, it has had occasion to take."""
    ways: dict[str, str]
    """Since when it heard us last, its program's version, its database's form, whether it remembers; older programs say none."""

    def follows(self, last: dict[str, Any]) -> bool:
        """Tell whether this was said after what was said last: by its feeds when its node was restored, else by its moment."""
        before, now = last["out"].get("feed", ""), self.theirs["feed"]
        if before in dict(self.former):
            return True
        return now not in last["out"].get("former", []) and self.moment > datetime.fromisoformat(last["at"])

    def kept(self) -> dict[str, Any]:
        """What of it the gap report reads later."""
        mine = {"feed": self.feed, "upto": self.upto, "chain": self.chain, "beyond": sorted(self.beyond)}
        return {"at": self.moment.isoformat(), "in": mine, "out": self.theirs, **self.ways}


def _read_stated(told: dict[str, Any], member: Member) -> _Stated:
    try:
        mine, moment = told["in"], datetime.fromisoformat(told["at"])
        theirs = told["out"]
        chains = [[int(number), str(chain)[:64]] for number, chain in theirs.get("chains", [])]
        if told["form"] != STATEMENT or moment.tzinfo is None:
            raise ValueError(told["form"])
        former = tuple((str(name)[:32], int(last)) for name, last in theirs.get("former", []))
        if not all(0 <= last < 2**53 for _name, last in former):
            raise ValueError(former)
        if not 0 <= int(mine.get("upto", 0)) < 2**53:
            raise ValueError(mine["upto"])
        echo = datetime.fromisoformat(told["echo"]) if told.get("echo") else None
        if echo is not None and echo.tzinfo is None:
            raise ValueError(told["echo"])
        return _Stated(
            moment=moment,
            feed=str(mine.get("feed", "")),
            upto=int(mine.get("upto", 0)),
            beyond=frozenset(int(each) for each in mine.get("beyond", [])),
            lacking=frozenset(int(each) for each in mine.get("lacking", [])),
            aside={int(number): (str(code)[:40], str(words)[:500]) for number, code, words in mine.get("aside", [])},
            chain=str(mine.get("chain", ""))[:64],
            theirs={
                "feed": str(theirs.get("feed", "")),
                "last": int(theirs.get("last", 0)),
                "chains": chains,
                "former": [name for name, _last in former],
            },
            former=former,
            echo=echo,
            ways={name: str(told.get(name, ""))[:40] for name in WAYS},
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as trouble:
        raise NotAStatementOfFeeds(sender=member.code) from trouble


def _settle_ours(feed: Feed, said: _Stated, actor: Actor | None, at: datetime) -> Stated:
    upto, beyond, lacking, aside = said.upto, said.beyond, said.lacking, said.aside
    rows = Parcel.objects.select_for_update(of=("self",)).filter(feed=feed)
    open_ones = rows.filter(status__in=(Status.WAITING, Status.SENT, Status.ASIDE), number__lte=max({upto, *beyond}))
    stuck, carried = [], []
    for parcel in open_ones.order_by("number"):
        if (parcel.number > upto and parcel.number not in beyond) or parcel.number in lacking:
            continue
        if parcel.number in aside:
            if parcel.status != Status.ASIDE:
                parcel.status = step("set_aside", parcel.status)
                parcel.fault_code, parcel.fault = aside[parcel.number]
                parcel.settled_at = at
                parcel.save()
                stuck.append(parcel)
                journal.record(
                    "parcel.not_taken",
                    subject=("parcel", parcel.pk),
                    actor=actor,
                    at=at,
                    number=parcel.number,
                    code=parcel.fault_code,
                    words=parcel.fault,
                )
            continue
        parcel.status, parcel.settled_at, parcel.fault, parcel.fault_code = step("take", parcel.status), at, "", ""
        parcel.save()
        carried += [each["sha256"] for each in parcels.files_of(statements.peek(bytes(parcel.manifest)))]
    Carried.objects.bulk_create(
        [Carried(member=feed.member, inward=False, digest=digest) for digest in dict.fromkeys(carried)],
        ignore_conflicts=True,
    )
    again = {"status": Status.WAITING, "pieces_sent": 0}
    resent = (Status.SENT, Status.ASIDE, Status.TAKEN)
    rows.filter(status__in=resent, number__in=lacking).update(whole=True, **again)
    gone = rows.filter(status=Status.TAKEN, number__gt=upto).exclude(number__in=beyond)
    lost = tuple(gone.order_by("number"))
    if lost:  # the partner had them and has them no more: it was restored
        gone.update(whole=True, **again)
        numbers = [parcel.number for parcel in lost]
        journal.record(
            "parcel.lost_there",
            subject=("member", feed.member_id),
            actor=actor,
            at=at,
            sender=feed.member.code,
            count=len(lost),
            first=numbers[0],
            last=numbers[-1],
        )
    _send_again(rows.filter(status=Status.SENT).exclude(number__in=lacking), said.echo, at)
    return Stated(tuple(stuck), lost)


def _send_again(unnamed: QuerySet[Parcel], echo: datetime | None, at: datetime) -> None:
    """Let go again what a partner does not name though it has long been sent, later and later.

    The line keeps the order. As long as the partner has not heard a word that we sent after a parcel, it is behind, and sending
    again would keep it there: a partner slower than our patience would be sent everything many times over.
    """
    patience = timedelta(seconds=settings.NATS.patience)
    overtaken = unnamed if echo is None else unnamed.filter(sent_at__lt=echo)
    for parcel in overtaken.order_by("number"):
        wait = min(patience * 2 ** min(parcel.attempts - 1, 10), LONGEST_WAIT)
        if parcel.sent_at is not None and parcel.sent_at + wait <= at:
            parcel.status, parcel.pieces_sent = step("send_again", parcel.status), 0
            parcel.save(update_fields=["status", "pieces_sent"])


@transaction.atomic
def give_back(*, parcel_id: int, receipts: list[bytes], actor: Actor | None, at: datetime) -> None:
    """Let receipts that a restored partner has lost go back to it with the parcel they are about."""
    parcel = Parcel.objects.select_for_update().get(pk=parcel_id)
    parcel.returned = [base64.b64encode(each).decode() for each in receipts]
    parcel.save(update_fields=["returned"])


@transaction.atomic
def end_memory(*, code: str, feed: str, actor: Actor | None, at: datetime) -> bool:
    """Note that a partner has told what this node had forgotten when it began this feed; False when it is not awaited."""
    current = queries.find_current_feed(queries.lock_member(code), inward=False)
    if current is None or current.feed != feed or not current.awaits_memory:
        return False
    current.awaits_memory = False
    current.save(update_fields=["awaits_memory"])
    journal.record("feed.remembered", subject=("member", current.member_id), actor=actor, at=at, code=code)
    return True


@transaction.atomic
def keep_circle(
    *, code: str, agency: str, statement: bytes, told_at: datetime, actor: Actor | None, at: datetime
) -> Circle:
    """Keep who in an agency of a member may be sealed to; what it told earlier changes nothing. The caller has proved it."""
    member = queries.lock_member(code)
    found = Circle.objects.filter(member=member, agency=agency).first()
    if found is not None and found.told_at >= told_at:
        return found
    found = found or Circle(member=member, agency=agency)
    found.statement, found.told_at, found.taken_at = statement, told_at, at
    found.save()
    journal.record("circle.taken", subject=("member", member.pk), actor=actor, at=at, code=code, agency=agency)
    return found
