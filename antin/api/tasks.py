"""Assignments for machines."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from ninja import Query, Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Directive, DirectiveIn, ReasonIn, WordsIn, shares
from antin.api.paging import After, BadCursor, Limit, Page
from antin.api.problems import declared
from antin.journeys import direct_document
from antin.tasks import operations, queries
from antin.tasks.queries import Cursor

if TYPE_CHECKING:
    from antin.tasks.models import Assignment as Row

router = Router(tags=["Tasks"])


class Assignment(Schema):
    id: int
    document_id: int
    directive_id: int
    role: Literal["lead", "join", "inform"]
    status: str
    holder_name: str
    giver_name: str
    words: str
    due_at: datetime | None
    percent: int
    result: str
    reply_id: int | None
    made_at: datetime
    ended_at: datetime | None


class ProgressIn(Schema):
    words: str = ""
    percent: int = Field(ge=0, le=100)


class ResultIn(Schema):
    words: str = ""
    reply_id: int | None = None


def _out(row: Row) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in Assignment.model_fields if name not in ("giver_name", "words")}
    return found | {"giver_name": row.directive.giver_name, "words": row.directive.words}


def _cursor(text: str) -> Cursor:
    moment, _dash, number = text.rpartition("_")
    try:
        at = parse_datetime(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not number.isdigit() or len(number) > 18:
        raise BadCursor()
    return Cursor(at, int(number))


@router.get("/tasks", auth=READ, response={200: Page[Assignment], **declared(403, 422)}, operation_id="listTasks")
def list_tasks(
    request: CalledRequest,
    given: bool = False,
    status: Annotated[list[str] | None, Query()] = None,
    limit: Limit = 50,
    after: After = "",
) -> dict[str, Any]:
    """What the caller holds, or (`given`) has given out, newest first."""
    rows, more = queries.list_assignments(
        actor=request.auth.actor,
        given=given,
        statuses=tuple(status or ()),
        after=_cursor(after) if after else None,
        limit=limit,
    )
    return {
        "items": [_out(row) for row in rows],
        "next": f"{more.made_at.isoformat()}_{more.assignment_id}" if more else None,
    }


@router.get("/tasks/{int:task_id}", auth=READ, response={200: Assignment, **declared(403, 404)}, operation_id="getTask")
def get(request: CalledRequest, task_id: int) -> dict[str, Any]:
    """One assignment that the caller holds or gave."""
    return _out(queries.get_for(request.auth.actor, task_id))


@router.post(
    "/tasks/{int:task_id}/pass-down",
    auth=ACT,
    response={201: Directive, **declared(*PROBLEMS)},
    operation_id="passDown",
)
def pass_down(request: CalledRequest, task_id: int, given: DirectiveIn) -> Status[Any]:
    """Pass one's own work on to those below."""
    made = direct_document.pass_down(
        assignment_id=task_id,
        words=given.words,
        shares=shares(given.shares),
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return Status(201, {"id": made.pk, "words": made.words, "giver_name": made.giver_name, "given_at": made.given_at})


@router.post(
    "/tasks/{int:task_id}/report",
    auth=ACT,
    response={200: Assignment, **declared(*PROBLEMS)},
    operation_id="reportProgress",
)
def report(request: CalledRequest, task_id: int, given: ProgressIn) -> dict[str, Any]:
    """Say how far the work is."""
    direct_document.report(
        assignment_id=task_id, words=given.words, percent=given.percent, actor=request.auth.actor, at=timezone.now()
    )
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/hand-in", auth=ACT, response={200: Assignment, **declared(*PROBLEMS)}, operation_id="handIn"
)
def hand_in(request: CalledRequest, task_id: int, given: ResultIn) -> dict[str, Any]:
    """Hand finished work in."""
    direct_document.hand_in(
        assignment_id=task_id, words=given.words, reply_id=given.reply_id, actor=request.auth.actor, at=timezone.now()
    )
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/accept", auth=ACT, response={200: Assignment, **declared(*PROBLEMS)}, operation_id="accept"
)
def accept(request: CalledRequest, task_id: int, given: WordsIn) -> dict[str, Any]:
    """Accept finished work."""
    direct_document.accept(assignment_id=task_id, words=given.words, actor=request.auth.actor, at=timezone.now())
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/send-back",
    auth=ACT,
    response={200: Assignment, **declared(*PROBLEMS)},
    operation_id="sendWorkBack",
)
def send_back(request: CalledRequest, task_id: int, given: ReasonIn) -> dict[str, Any]:
    """Send work back to be done better."""
    direct_document.send_back(assignment_id=task_id, reason=given.reason, actor=request.auth.actor, at=timezone.now())
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/note", auth=ACT, response={200: Assignment, **declared(*PROBLEMS)}, operation_id="note"
)
def note(request: CalledRequest, task_id: int) -> dict[str, Any]:
    """Mark as read what was given for information."""
    operations.note(assignment_id=task_id, actor=request.auth.actor, at=timezone.now())
    return get(request, task_id)
