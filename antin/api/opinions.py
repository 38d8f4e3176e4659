"""Opinions on a draft and comments on its passages, for machines."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Pin
from antin.api.problems import declared
from antin.documents import queries as papers
from antin.journeys import ask_opinions, sealing
from antin.opinions import operations, queries
from antin.opinions.operations import MOST_DAYS, Asked

router = Router(tags=["Opinions"])


class Opinion(Schema):
    """What one person or unit was asked, said, and was answered. Words on a classified document are sealed with it."""

    id: int
    turn: int
    name: str
    status: str = Field(description="waiting, asked, answered, dropped")
    due_at: datetime | None
    late: bool = Field(description="Not there when it was due, or came later.")
    verdict: str = Field(description="agreed, remarked, disagreed; empty until it is given")
    words: str
    answered_by: str
    answered_at: datetime | None
    settlement: str = Field(description="taken_in, in_part, explained; empty until the drafter answered it")
    settled_words: str
    settled_at: datetime | None


class Round(Schema):
    """One time that opinions were asked for."""

    number: int
    revision: int = Field(description="Of the draft, that was asked about.")
    words: str
    in_order: bool
    days: int
    asked_by: str
    asked_at: datetime
    closed_at: datetime | None
    opinions: list[Opinion]


class AskedIn(Schema):
    post_id: int | None = None
    unit_id: int | None = None


class AskIn(Schema):
    asked: list[AskedIn] = Field(min_length=1, max_length=200)
    words: str = Field("", max_length=2000)
    in_order: bool = False
    days: int = Field(3, ge=1, le=MOST_DAYS, description="Working days that each has from when he is asked.")
    key: str = Field("", max_length=40, description="The same key asks once.")
    pin: Pin = None


class OpinionIn(Schema):
    verdict: Literal["agreed", "remarked", "disagreed"]
    words: str = Field("", max_length=4000)


class SettleIn(Schema):
    settlement: Literal["taken_in", "in_part", "explained"]
    words: str = Field("", max_length=4000)


class Urged(Schema):
    urged: int


def _rounds(request: CalledRequest, document_id: int) -> list[dict[str, Any]]:
    papers.get_for(request.auth.actor, document_id)
    now = timezone.now()
    return [
        {
            **{name: getattr(row, name) for name in Round.model_fields if name != "opinions"},
            "opinions": [
                {
                    **{name: getattr(each, name) for name in Opinion.model_fields if name != "late"},
                    "late": queries.is_late(each, now),
                }
                for each in opinions
            ],
        }
        for row, opinions in queries.list_rounds(document_id).rows
    ]


@router.get(
    "/documents/{int:document_id}/opinions",
    auth=READ,
    response={200: list[Round], **declared(403, 404)},
    operation_id="listOpinions",
)
def list_opinions(request: CalledRequest, document_id: int) -> list[dict[str, Any]]:
    """Every round about a document, the latest first."""
    return _rounds(request, document_id)


@router.post(
    "/documents/{int:document_id}/opinions",
    auth=ACT,
    response={201: list[Round], **declared(*PROBLEMS)},
    operation_id="askOpinions",
)
def ask(request: CalledRequest, document_id: int, given: AskIn) -> Status[Any]:
    """Ask people and units about a draft; of a classified one they become readers, by the drafter's PIN."""
    actor = request.auth.actor
    ask_opinions.ask(
        document_id=document_id,
        asked=[Asked(each.post_id, each.unit_id) for each in given.asked],
        words=given.words,
        in_order=given.in_order,
        days=given.days,
        begun_in=f"api:{actor.person_id}:{given.key}" if given.key else None,
        pin=given.pin,
        actor=actor,
        at=timezone.now(),
    )
    return Status(201, _rounds(request, document_id))


@router.post(
    "/documents/{int:document_id}/opinions/close",
    auth=ACT,
    response={200: list[Round], **declared(*PROBLEMS)},
    operation_id="closeOpinions",
)
def close(request: CalledRequest, document_id: int) -> list[dict[str, Any]]:
    """End the open round; who has not answered is noted as having no opinion."""
    papers.get_for(request.auth.actor, document_id)
    operations.close(document_id=document_id, actor=request.auth.actor, at=timezone.now())
    return _rounds(request, document_id)


@router.post(
    "/documents/{int:document_id}/opinions/urge",
    auth=ACT,
    response={200: Urged, **declared(*PROBLEMS)},
    operation_id="urgeLateOpinions",
)
def urge_late(request: CalledRequest, document_id: int) -> dict[str, int]:
    """Urge everybody who is late and was not urged today."""
    actor = request.auth.actor
    return {"urged": ask_opinions.urge_late(document_id=document_id, actor=actor, at=timezone.now())}


@router.post(
    "/opinions/{int:opinion_id}/urge",
    auth=ACT,
    response={200: list[Round], **declared(*PROBLEMS)},
    operation_id="urgeOpinion",
)
def urge(request: CalledRequest, opinion_id: int) -> list[dict[str, Any]]:
    """Urge who was asked, once a day."""
    row = ask_opinions.urge(opinion_id=opinion_id, actor=request.auth.actor, at=timezone.now())
    return _rounds(request, row.document_id)


@router.post(
    "/opinions/{int:opinion_id}/answer",
    auth=ACT,
    response={200: list[Round], **declared(*PROBLEMS)},
    operation_id="giveOpinion",
)
def answer(request: CalledRequest, opinion_id: int, given: OpinionIn) -> list[dict[str, Any]]:
    """Give the opinion that was asked for; again while the round is open, in place of the first."""
    row = ask_opinions.answer(
        opinion_id=opinion_id, verdict=given.verdict, words=given.words, actor=request.auth.actor, at=timezone.now()
    )
    return _rounds(request, row.document_id)


@router.post(
    "/opinions/{int:opinion_id}/settle",
    auth=ACT,
    response={200: list[Round], **declared(*PROBLEMS)},
    operation_id="settleOpinion",
)
def settle(request: CalledRequest, opinion_id: int, given: SettleIn) -> list[dict[str, Any]]:
    """Say what the drafter made of an opinion."""
    row = ask_opinions.settle(
        opinion_id=opinion_id,
        settlement=given.settlement,
        words=given.words,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return _rounds(request, row.document_id)


class Said(Schema):
    id: int
    words: str
    author: str
    at: datetime


class Passage(Said):
    """A comment: the words it is about, and where they stand now."""

    quote: str
    revision: int
    line: int | None = Field(description="Of the draft's text, from 0; null where the passage is gone.")
    start: int | None
    end: int | None
    same: bool = Field(description="The passage still says the very same.")
    resolved_at: datetime | None
    resolved_by: str
    answers: list[Said]


class CommentIn(Schema):
    quote: str = Field(max_length=1000, description="Words of the draft's text.")
    line: int = Field(0, ge=0, le=100_000, description="The line they stand on, or near it.")
    words: str = Field(max_length=2000)


class ReplyIn(Schema):
    words: str = Field(max_length=2000)


def _comments(request: CalledRequest, document_id: int) -> list[dict[str, Any]]:
    document = papers.get_for(request.auth.actor, document_id)
    sealing.refuse_in_clear(document)
    names = ("id", "words", "author", "at", "quote", "revision", "resolved_at", "resolved_by")
    _lines, talks = queries.list_talks(document)
    return [
        {
            **{name: getattr(talk.comment, name) for name in names},
            "line": talk.place.line if talk.place else None,
            "start": talk.place.start if talk.place else None,
            "end": talk.place.end if talk.place else None,
            "same": bool(talk.place and talk.place.whole),
            "answers": talk.answers,
        }
        for talk in talks
    ]


@router.get(
    "/documents/{int:document_id}/comments",
    auth=READ,
    response={200: list[Passage], **declared(403, 404, 422)},
    operation_id="listComments",
)
def list_comments(request: CalledRequest, document_id: int) -> list[dict[str, Any]]:
    """The comments on passages of a draft, in the order of its text."""
    return _comments(request, document_id)


@router.post(
    "/documents/{int:document_id}/comments",
    auth=ACT,
    response={201: list[Passage], **declared(*PROBLEMS)},
    operation_id="comment",
)
def comment(request: CalledRequest, document_id: int, given: CommentIn) -> Status[Any]:
    """Comment on a passage of a draft."""
    ask_opinions.comment(
        document_id=document_id,
        line=given.line,
        quote=given.quote,
        words=given.words,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return Status(201, _comments(request, document_id))


@router.post(
    "/comments/{int:comment_id}/reply",
    auth=ACT,
    response={201: list[Passage], **declared(*PROBLEMS)},
    operation_id="replyToComment",
)
def reply(request: CalledRequest, comment_id: int, given: ReplyIn) -> Status[Any]:
    """Answer a comment."""
    row = operations.reply(comment_id=comment_id, words=given.words, actor=request.auth.actor, at=timezone.now())
    return Status(201, _comments(request, row.document_id))


def _resolve(request: CalledRequest, comment_id: int, resolved: bool) -> list[dict[str, Any]]:
    row = operations.resolve(comment_id=comment_id, resolved=resolved, actor=request.auth.actor, at=timezone.now())
    return _comments(request, row.document_id)


@router.post(
    "/comments/{int:comment_id}/resolve",
    auth=ACT,
    response={200: list[Passage], **declared(*PROBLEMS)},
    operation_id="resolveComment",
)
def resolve(request: CalledRequest, comment_id: int) -> list[dict[str, Any]]:
    """Mark a comment as dealt with."""
    return _resolve(request, comment_id, True)


@router.post(
    "/comments/{int:comment_id}/reopen",
    auth=ACT,
    response={200: list[Passage], **declared(*PROBLEMS)},
    operation_id="reopenComment",
)
def reopen(request: CalledRequest, comment_id: int) -> list[dict[str, Any]]:
    """Open a comment again."""
    return _resolve(request, comment_id, False)
