"""Numbers and books for machines: whether a series is whole, numbers kept back or put between, how books are laid out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Document, again, now
from antin.api.problems import declared
from antin.documents import operations as papers
from antin.documents import queries as documents
from antin.documents.types import COPY_SERIES, DRAFTED, series_of
from antin.exchange import operations
from antin.exchange import queries as exchange
from antin.journeys import change_document
from antin.numbering import operations as numbering
from antin.numbering import queries
from antin.numbering.queries import SeriesKey
from antin.people import queries as people
from antin.refusal import NotFound

router = Router(tags=["Registers"])
Year = Annotated[int, Query(ge=2000, le=2100)]


class Series(Schema):
    """One series of the caller's agency; `whole` when 1 to `last` are all there, each once."""

    book: Literal["out", "in"]
    year: int
    type_group: str = Field(description="Code of the type, or of the book that several types share.")
    body_id: int | None = Field(description="Of the body whose it is; null: the agency's own.")
    secrecy_class: str
    name: str = Field(description="Of the book; empty where a type has a series of its own.")
    last: int
    kept: int
    voided: int
    reserved: int
    inserted: int
    moved: int = Field(description="Numbers that another node gave and whose lines are there.")
    moved_to: str = Field(description="The node that numbers in it now; empty: this one.")
    whole: bool
    missing: list[int]


class Number(Schema):
    """A number that was once kept back, or put between two others (suffix)."""

    id: int
    value: int
    suffix: str
    status: Literal["taken", "reserved", "voided", "moved"]
    type_group: str
    year: int
    reserve_reason: str
    reserved_by: str
    reserved_until: date | None
    void_reason: str


class ReserveIn(Schema):
    type_code: str = Field(description="Of the documents whose series it is.")
    body_id: int | None = Field(None, description="Of the body that issues in its own name; null: the agency.")
    reason: str
    until: date = Field(description="The last day it is kept; then it is voided.")


class InsertIn(ReserveIn):
    after: int = Field(ge=1, le=999_999, description="The number it follows: 12 gives 12a.")


class WhyIn(Schema):
    reason: str


def _key(request: CalledRequest, type_code: str, year: int, body_id: int | None) -> SeriesKey:
    """:raises NotFound: no such type or body"""
    if type_code not in (*DRAFTED, COPY_SERIES):
        raise NotFound()
    agency_id = request.auth.actor.agency_id
    if body_id is not None and people.get_body(body_id).agency_id != agency_id:
        raise NotFound()
    return queries.key_of(agency_id, series_of(type_code), "", year, body_id)


def _office(request: CalledRequest) -> int:
    """:raises NotFound: the caller has no part in the registry office"""
    actor = request.auth.actor
    if f"R{actor.agency_id}" not in actor.holders:
        raise NotFound()
    return actor.agency_id


def _number(row: Any) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in Number.model_fields if name not in ("type_group", "year")}
    return own | {"type_group": row.series.type_group, "year": row.series.year}


@router.get("/series", auth=READ, response={200: list[Series], **declared(403, 404, 422)}, operation_id="listSeries")
def series(request: CalledRequest, year: Year) -> list[dict[str, Any]]:
    """Every series of the caller's agency in a year, counted anew: without a hole, or which numbers are missing."""
    found = queries.list_proofs(agency_id=_office(request), year=year)
    return [{name: getattr(row, name) for name in Series.model_fields} for row in found]


@router.get("/numbers", auth=READ, response={200: list[Number], **declared(403, 404, 422)}, operation_id="listNumbers")
def numbers(request: CalledRequest, year: Year) -> list[dict[str, Any]]:
    """Numbers out of turn, of a year: kept back or put between, and what became of them."""
    return [_number(row) for row in queries.list_exceptions(agency_id=_office(request), year=year)]


@router.post("/numbers/reserve", auth=ACT, response={201: Number, **declared(*PROBLEMS)}, operation_id="reserveNumber")
def reserve(request: CalledRequest, given: ReserveIn) -> Status[Any]:
    """Keep the next number of a series back, with a reason."""
    today, at = now()
    key = _key(request, given.type_code, today.year, given.body_id)
    kept = numbering.reserve(
        series=key, reason=given.reason, until=given.until, actor=request.auth.actor, today=today, at=at
    )
    return Status(201, _number(kept))


@router.post("/numbers/insert", auth=ACT, response={201: Number, **declared(*PROBLEMS)}, operation_id="insertNumber")
def insert(request: CalledRequest, given: InsertIn) -> Status[Any]:
    """Let a number be put between two others, with a reason; the caller must lead the agency."""
    today, at = now()
    kept = numbering.insert(
        series=_key(request, given.type_code, today.year, given.body_id),
        after=given.after,
        reason=given.reason,
        until=given.until,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return Status(201, _number(kept))


@router.post(
    "/numbers/{int:number_id}/release",
    auth=ACT,
    response={200: Number, **declared(*PROBLEMS)},
    operation_id="releaseNumber",
)
def release(request: CalledRequest, number_id: int, given: WhyIn) -> dict[str, Any]:
    """Give up a number that is kept back; it is voided."""
    _today, at = now()
    queries.get_number_for(request.auth.actor, number_id)
    return _number(numbering.release(number_id=number_id, reason=given.reason, actor=request.auth.actor, at=at))


# ---- recall, replacement, correction ---------------------------------------------------------------------------------------


class Reply(Schema):
    """What one holder of the document answered."""

    id: int
    whom: str
    status: Literal["asked", "agreed", "refused"]
    words: str
    answered_at: datetime | None
    answered_by: str
    carried_at: datetime | None = Field(description="When the line to a holder outside this node took the question.")
    fault: str = Field(
        description="Why the line has not taken it yet; tried again by itself at `retry_at`, if that is set."
    )
    retry_at: datetime | None


class Change(Schema):
    """What the sender asks of all who hold a document."""

    id: int
    kind: Literal["recall", "replace", "correct"]
    reason: str
    by_code: str = Field(description="Number and notation of the document that replaces or corrects it.")
    asked_at: datetime
    asked_by: str
    replies: list[Reply]


class ChangeIn(Schema):
    kind: Literal["recall", "replace", "correct"]
    reason: str
    by_id: int | None = Field(
        None, description="The issued document that replaces or corrects it; needed but for a recall."
    )


class AnswerIn(Schema):
    agree: bool
    words: str = Field("", description="Needed to refuse.")


def _change(row: Any) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in Change.model_fields if name != "replies"}
    return own | {"replies": [_reply(each) for each in row.replies.order_by("id")]}


def _reply(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Reply.model_fields}


@router.post(
    "/documents/{int:document_id}/change",
    auth=ACT,
    response={201: Change, **declared(*PROBLEMS)},
    operation_id="askChange",
)
def ask_change(request: CalledRequest, document_id: int, given: ChangeIn) -> Status[Any]:
    """Recall, replace or correct an issued document: it is frozen here, and every holder is asked."""
    documents.get_for(request.auth.actor, document_id)
    if given.by_id is not None:
        documents.get_for(request.auth.actor, given.by_id)
    _today, at = now()
    made = change_document.ask(document_id=document_id, **given.model_dump(), actor=request.auth.actor, at=at)
    return Status(201, _change(made))


@router.get(
    "/documents/{int:document_id}/changes",
    auth=READ,
    response={200: list[Change], **declared(403, 404)},
    operation_id="listChanges",
)
def changes(request: CalledRequest, document_id: int) -> list[dict[str, Any]]:
    """What was asked about a document of ours, and what every holder answered."""
    document = documents.get_for(request.auth.actor, document_id)
    return [_change(row) for row in exchange.list_changes(document.pk)]


@router.get(
    "/documents/{int:document_id}/asked",
    auth=READ,
    response={200: Reply | None, **declared(403, 404)},
    operation_id="getAsked",
)
def asked(request: CalledRequest, document_id: int) -> dict[str, Any] | None:
    """What the sender of a received document asks and waits for; null when nothing."""
    found = exchange.find_asked(documents.get_for(request.auth.actor, document_id).pk)
    return _reply(found) if found else None


@router.post(
    "/changes/{int:reply_id}/again",
    auth=ACT,
    response={200: Reply, **declared(*PROBLEMS)},
    operation_id="askChangeAgain",
)
def ask_change_again(request: CalledRequest, reply_id: int) -> dict[str, Any]:
    """Ask a holder outside the node again, whose line declined the question for good."""
    exchange.get_reply_for(request.auth.actor, reply_id)
    _today, at = now()
    return _reply(operations.ask_again(reply_id=reply_id, actor=request.auth.actor, at=at))


@router.post(
    "/changes/{int:reply_id}/answer",
    auth=ACT,
    response={200: Reply, **declared(*PROBLEMS)},
    operation_id="answerChange",
)
def answer_change(request: CalledRequest, reply_id: int, given: AnswerIn) -> dict[str, Any]:
    """Agree to what the sender asks, or refuse it: agreed to a recall or a replacement, the document is cancelled here."""
    exchange.get_reply_for(request.auth.actor, reply_id)
    _today, at = now()
    return _reply(
        change_document.answer(reply_id=reply_id, agree=given.agree, words=given.words, actor=request.auth.actor, at=at)
    )


# ---- papers by post, kept copies -------------------------------------------------------------------------------------------


class PostIn(Schema):
    recipient_name: str
    envelopes: int = Field(1, ge=1, le=10_000)
    posted_on: date
    note: str = ""


class LendIn(Schema):
    user_name: str
    permitted_by: str
    file_code: str = ""
    note: str = ""


@router.post(
    "/documents/{int:document_id}/post",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="postByMail",
)
def post_by_mail(request: CalledRequest, document_id: int, given: PostIn) -> dict[str, Any]:
    """Note that a paper of an issued document was sent by post."""
    documents.get_for(request.auth.actor, document_id)
    today, at = now()
    papers.post_by_mail(document_id=document_id, **given.model_dump(), actor=request.auth.actor, today=today, at=at)
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/lend",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="lendCopy",
)
def lend_copy(request: CalledRequest, document_id: int, given: LendIn) -> dict[str, Any]:
    """Note who takes the kept copy of an issued document, and who permitted it."""
    documents.get_for(request.auth.actor, document_id)
    today, at = now()
    papers.lend_copy(document_id=document_id, **given.model_dump(), actor=request.auth.actor, today=today, at=at)
    return again(request, document_id)
