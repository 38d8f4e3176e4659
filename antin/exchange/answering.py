"""Which documents await an answer and whose: what came to us with a day to answer by, and what we sent with one.

An answer is a document that was issued in reply to it; for ours, one that came in reply from the very recipient, or his receipt
"done" that names his. A recipient that only got a copy owes none. Law: Decree 30/2020, art. 24 (following up, urging).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from antin.documents import policy as sight
from antin.documents.models import Document, Recipient
from antin.documents.states import Direction, Standing
from antin.documents.states import Status as Stage
from antin.exchange.models import Delivery, Incoming, NoAnswer
from antin.exchange.states import Status
from antin.people.actor import Actor

PAGE = 50
REACHED = (Status.ARRIVED, Status.REGISTERED, Status.ASSIGNED, Status.PROCESSING, Status.DONE)


@dataclass(frozen=True)
class Cursor:
    """Where a page ended: the day to answer by, and the id of the row."""

    day: date
    row: int

    def __str__(self) -> str:
        return f"{self.day.isoformat()}.{self.row}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """Return the cursor written by str(), or None for anything else."""
        day, _dot, row = text.partition(".")
        try:
            return cls(date.fromisoformat(day), int(row)) if len(row) < 19 else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Owed:
    """A document that came to us and still awaits our answer; `drafts`: answers that are being made."""

    document: Document
    since: datetime
    urged_at: datetime | None
    drafts: list[str]


@dataclass(frozen=True)
class Awaited:
    """A delivery of ours whose recipient still owes an answer."""

    delivery: Delivery
    document: Document


def _open(direction: str, actor: Actor) -> QuerySet[Document]:
    """Documents of the actor's agency with a day to answer by, not waived and not cancelled."""
    waived = NoAnswer.objects.filter(document=OuterRef("pk"))
    cancelled = (Standing.REPLACED, Standing.RECALLED)
    return (
        Document.objects.defer("search")
        .filter(sight.visible_to(actor), agency_id=actor.agency_id, direction=direction, reply_by__isnull=False)
        .exclude(standing__in=cancelled)
        .filter(~Exists(waived))
    )


def owed(actor: Actor) -> QuerySet[Document]:
    """What came to the actor's agency with a day to answer by and was not answered yet, as far as he may see."""
    answers = Document.objects.filter(in_reply_to=OuterRef("pk"), status=Stage.ISSUED)
    return _open(Direction.IN, actor).exclude(status=Stage.SENT_BACK).filter(~Exists(answers))


def awaited(actor: Actor) -> QuerySet[Delivery]:
    """Deliveries of what the actor's agency sent with a day to answer by, whose recipients have not answered yet."""
    ours = _open(Direction.OUT, actor).filter(status=Stage.ISSUED)
    return Delivery.objects.filter(dispatch__document__in=ours, status__in=REACHED, reply_code="").filter(
        _addressed(), ~Exists(_came())
    )


def _addressed() -> Exists:
    """Whether the recipient was addressed, and not only copied."""
    rows = Recipient.objects.filter(document=OuterRef("dispatch__document"), role=Recipient.Role.ADDRESSED)
    same = Q(agency=OuterRef("agency")) | Q(correspondent=OuterRef("correspondent"))
    return Exists(rows.filter(same))


def _came() -> QuerySet[Document]:
    """What came in reply from the very recipient."""
    answers = Document.objects.filter(direction=Direction.IN, in_reply_to=OuterRef("dispatch__document"))
    return answers.filter(
        Q(delivery__dispatch__agency=OuterRef("agency")) | Q(incoming__correspondent=OuterRef("correspondent"))
    )


def is_answered(delivery: Delivery) -> bool:
    """Whether the recipient of this delivery has answered, or we said that none is needed."""
    if delivery.reply_code or NoAnswer.objects.filter(document_id=delivery.dispatch.document_id).exists():
        return True
    return not Delivery.objects.filter(pk=delivery.pk).filter(_addressed(), ~Exists(_came())).exists()


def list_owed(actor: Actor, *, after: Cursor | None = None, limit: int = PAGE) -> tuple[list[Owed], Cursor | None]:
    """Return a page of what the actor's agency owes, the earliest day first, and where it ended. Four queries."""
    rows = owed(actor).select_related("arrival").order_by("reply_by", "id")
    if after is not None:
        rows = rows.filter(Q(reply_by__gt=after.day) | Q(reply_by=after.day, pk__gt=after.row))
    found = list(rows[: limit + 1])
    ids = [each.pk for each in found]
    urged = dict(Delivery.objects.filter(arrival_id__in=ids).values_list("arrival_id", "urged_at"))
    urged |= dict(Incoming.objects.filter(document_id__in=ids).values_list("document_id", "urged_at"))
    drafts: dict[int, list[str]] = {}
    making = Document.objects.filter(sight.visible_to(actor), in_reply_to_id__in=ids, direction=Direction.OUT)
    for answered, subject in making.exclude(status=Stage.ABANDONED).values_list("in_reply_to_id", "subject"):
        drafts.setdefault(answered or 0, []).append(subject)
    listed = [
        Owed(each, each.arrival.registered_at or each.arrival.arrived_at, urged.get(each.pk), drafts.get(each.pk, []))
        for each in found[:limit]
    ]
    last = found[limit - 1] if len(found) > limit else None
    return listed, Cursor(last.reply_by, last.pk) if last is not None and last.reply_by else None


def list_awaited(
    actor: Actor, *, after: Cursor | None = None, limit: int = PAGE
) -> tuple[list[Awaited], Cursor | None]:
    """Return a page of whose answers the actor's agency awaits, the earliest day first, and where it ended. One query."""
    rows = awaited(actor).select_related("dispatch__document").defer("dispatch__document__search")
    rows = rows.order_by("dispatch__document__reply_by", "id")
    if after is not None:
        later = Q(dispatch__document__reply_by__gt=after.day)
        rows = rows.filter(later | Q(dispatch__document__reply_by=after.day, pk__gt=after.row))
    found = list(rows[: limit + 1])
    listed = [Awaited(each, each.dispatch.document) for each in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    day = last.dispatch.document.reply_by if last is not None else None
    return listed, Cursor(day, last.pk) if last is not None and day else None


def list_awaited_from(actor: Actor, correspondent_id: int, *, limit: int = PAGE) -> list[Awaited]:
    """Return what the actor's agency awaits from one outside agency, the earliest day first. One query."""
    rows = awaited(actor).filter(correspondent_id=correspondent_id).select_related("dispatch__document")
    rows = rows.defer("dispatch__document__search").order_by("dispatch__document__reply_by", "id")
    return [Awaited(each, each.dispatch.document) for each in rows[:limit]]


def count_answers(actor: Actor, today: date) -> dict[str, int]:
    """Return how many answers the actor's agency owes and awaits, and how many of them are late. Two queries."""
    ours = owed(actor).values_list("reply_by", flat=True)
    theirs = awaited(actor).values_list("dispatch__document__reply_by", flat=True)
    counted = {"owed": list(ours[:1000]), "awaited": list(theirs[:1000])}
    counts = {side: len(days) for side, days in counted.items()}
    return counts | {f"{side}_late": sum(day < today for day in days if day) for side, days in counted.items()}
