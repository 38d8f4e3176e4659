"""Reading opinions and comments: of a document, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from antin.documents import policy as documents
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.states import EDITABLE
from antin.opinions import anchors, policy
from antin.opinions.anchors import Anchor, Place
from antin.opinions.models import Comment, Opinion, Round
from antin.opinions.states import Status, Verdict
from antin.people.actor import Actor
from antin.refusal import NotFound
from antin.typeset import body as bodies


def lock_round(document_id: int) -> Round | None:
    """Return the round that is open for a document, locked; None where there is none."""
    return Round.objects.select_for_update().filter(document_id=document_id, closed_at=None).first()


def find_open(document_id: int) -> Round | None:
    """Return the round that is open for a document."""
    return Round.objects.filter(document_id=document_id, closed_at=None).first()


def find_begun_in(key: str) -> Round | None:
    """Return the round that this form began."""
    return Round.objects.filter(begun_in=key).first()


def get_for(actor: Actor, opinion_id: int) -> Opinion:
    """Return an opinion on a document that the actor may see. :raises NotFound: absent, or not his to see"""
    found = Opinion.objects.select_related("round", "document", "document__making").filter(pk=opinion_id).first()
    if found is None:
        raise NotFound()
    queries.get_for(actor, found.document_id)
    return found


def get_comment_for(actor: Actor, comment_id: int) -> Comment:
    """Return a comment on a document that the actor may see. :raises NotFound: absent, or not his to see"""
    found = Comment.objects.filter(pk=comment_id).first()
    if found is None:
        raise NotFound()
    queries.get_for(actor, found.document_id)
    return found


def lock(opinion_id: int) -> Opinion:
    """Return an opinion, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = (
        Opinion.objects.select_for_update(of=("self",))
        .select_related("round", "document")
        .filter(pk=opinion_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Rounds:
    """Every round about a document, the latest first, each with its opinions in their turn."""

    rows: list[tuple[Round, list[Opinion]]] = field(default_factory=list)

    @property
    def opinions(self) -> list[Opinion]:
        return [each for _round, opinions in self.rows for each in opinions]

    @property
    def open(self) -> Round | None:
        return next((each for each, _opinions in self.rows if each.closed_at is None), None)

    @property
    def awaited(self) -> list[Opinion]:
        return [each for each in self.opinions if each.status in (Status.WAITING, Status.ASKED)]

    @property
    def unsettled(self) -> list[Opinion]:
        """Remarks and disagreements that the drafter has not answered."""
        return [each for each in self.opinions if each.verdict in UNLIKE and not each.settlement]


UNLIKE = (Verdict.REMARKED, Verdict.DISAGREED)


def list_rounds(document_id: int) -> Rounds:
    """Return the rounds about a document that the caller was given by `documents.get_for`."""
    found = (
        Opinion.objects.select_related("round", "document")
        .filter(document_id=document_id)
        .order_by("-round__number", "turn")
    )
    rows: dict[int, tuple[Round, list[Opinion]]] = {}
    for each in found:
        rows.setdefault(each.round_id, (each.round, []))[1].append(each)
    return Rounds(list(rows.values()))


def list_waiting(actor: Actor) -> list[Opinion]:
    """List the opinions that the actor is asked for, those due first."""
    return list(_asked(actor).select_related("document", "document__making", "round").order_by("due_at", "id"))


def count_of_unit(unit_id: int) -> int:
    """Count the opinions that a unit is asked for, now or when its turn comes."""
    waiting = Opinion.objects.filter(holder=f"U{unit_id}", status__in=(Status.ASKED, Status.WAITING))
    return waiting.filter(round__closed_at=None).count()


def list_of_post(post_id: int, *, limit: int = 500) -> list[Opinion]:
    """List the opinions that a post is asked for, now or when its turn comes: for a hand-over."""
    rows = Opinion.objects.select_related("document").filter(
        holder=f"P{post_id}",
        status__in=(Status.ASKED, Status.WAITING),
        round__closed_at=None,
        document__status__in=EDITABLE,
    )
    return list(rows.order_by("id")[:limit])


def list_held(holders: Sequence[str], *, limit: int = 500) -> list[Opinion]:
    """Return the opinions that some holders are asked for, now or when their turn comes."""
    rows = Opinion.objects.select_related("document").filter(holder__in=holders, round__closed_at=None)
    return list(rows.filter(status__in=(Status.ASKED, Status.WAITING)).order_by("id")[:limit])


def count_waiting(actor: Actor) -> int:
    """Count them."""
    return _asked(actor).count()


def _asked(actor: Actor) -> QuerySet[Opinion]:
    return Opinion.objects.filter(
        status=Status.ASKED,
        holder__in=actor.holders,
        document__status__in=EDITABLE,
        document__secrecy__lte=documents.level_of(actor),
    )


@dataclass(frozen=True)
class Talk:
    """A comment with its answers, and where its passage stands now; None when it is gone."""

    comment: Comment
    answers: list[Comment]
    place: Place | None


def list_talks(document: Document) -> tuple[list[str], list[Talk]]:
    """Return the lines of a draft's text, and the comments on it where they stand now, in the order of the text."""
    lines = lines_of(document)
    rows = list(Comment.objects.filter(document=document).order_by("at", "id"))
    talks = [
        Talk(
            row,
            [each for each in rows if each.parent_id == row.pk],
            anchors.find(lines, Anchor(row.quote, row.before, row.after, row.line)),
        )
        for row in rows
        if row.parent_id is None
    ]
    end = (len(lines), 0)
    return lines, sorted(talks, key=lambda talk: (talk.place.line, talk.place.start) if talk.place else end)


def lines_of(document: Document) -> list[str]:
    """The lines of a draft's text, numbers included; none of one whose text is a file, or sealed."""
    making = queries.making_of(document)
    return anchors.lines_of(bodies.plain_text(making.body)) if making.body else []


def find_mine(actor: Actor, opinions: Iterable[Opinion]) -> Opinion | None:
    """Return the one of these that this actor is asked for now."""
    asked = (each for each in opinions if each.status == Status.ASKED)
    return next((each for each in asked if policy.why_not_answer(actor, each) is None), None)


def count_comments(document_id: int) -> int:
    """Count the comments on a document's passages that are open."""
    return Comment.objects.filter(document_id=document_id, parent=None, resolved_at=None).count()


def is_late(opinion: Opinion, now: datetime) -> bool:
    """Whether an opinion was due and is not there, or came after it was due."""
    if opinion.due_at is None:
        return False
    return (opinion.answered_at or now) > opinion.due_at and opinion.status != Status.DROPPED
