"""Assignments for machines."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from ninja import File, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import (
    PROBLEMS,
    BadMoment,
    Directive,
    DirectiveIn,
    ReasonIn,
    ShareIn,
    WordsIn,
    content_of,
    given_shares,
    shares,
)
from antin.api.paging import After, BadCursor, Limit, Page
from antin.api.problems import declared
from antin.documents.policy import SealedDocument
from antin.files import queries as kept
from antin.journeys import direct_document
from antin.people import queries as people
from antin.refusal import refuse
from antin.tasks import operations, overview, policy, queries, terms
from antin.tasks.operations import Share
from antin.tasks.queries import Cursor
from antin.tasks.states import Origin, Role
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.tasks.models import Assignment as Row

router = Router(tags=["Tasks"])


class Assignment(Schema):
    id: int
    document_id: int | None
    directive_id: int
    title: str
    origin: str
    priority: int
    evidence: str
    anchor_page: int | None
    anchor_text: str
    anchor_file: str
    path: str
    cell: str | None = Field(description="One of the four cells; null for what is not counted.")
    marks: list[str]
    role: Literal["lead", "join", "inform"]
    status: str
    holder_name: str
    giver_name: str
    words: str
    due_at: datetime | None
    due_words: str = Field(description="Why it is due then, in words.")
    paused_at: datetime | None
    risk: str
    grade: int
    percent: int
    result: str
    reply_id: int | None
    made_at: datetime
    ended_at: datetime | None


class UnitSums(Schema):
    unit_id: int
    unit_name: str
    cells: dict[str, int] = Field(
        description="The four cells; what is done counts when accepted since the beginning of the year."
    )
    untils: dict[str, int] = Field(description="What is open, by when it is due.")
    marks: dict[str, int]
    at_risk: int = Field(description="Said to be at risk, or behind by the rule.")


class Overview(Schema):
    unit_id: int
    at: datetime
    units: list[UnitSums] = Field(description="Each unit of the branch by itself.")


class WorkIn(Schema):
    """Work of one's own: by hand, or with `document_id`, `page` and `sentence` from what a paper says."""

    title: str
    words: str = ""
    shares: list[ShareIn]
    priority: Literal[0, 1, 2] = 0
    evidence: Literal["", "file", "document"] = ""
    document_id: int | None = None
    page: int | None = Field(None, ge=1, le=9999)
    sentence: str = Field("", max_length=2000)
    secrecy: Literal[0, 1, 2, 3] = Field(
        0,
        description="Work bears the level of its paper. By hand none but 0 can be given: what is said here is not sealed.",
    )
    key: str = Field("", max_length=64, description="The same key gives once.")


class SayingIn(Schema):
    kind: Literal["obstacle", "proposal", "risk"]
    words: str = ""


class ExtensionIn(Schema):
    until_at: datetime
    reason: str


class DecisionIn(Schema):
    granted: bool
    words: str = ""


class HandOverIn(Schema):
    unit_id: int | None = None
    post_id: int | None = None
    reason: str


class JudgementIn(Schema):
    words: str = ""
    grade: Literal[0, 1, 2, 3, 4] = 0


class ProgressIn(Schema):
    words: str = ""
    percent: int = Field(ge=0, le=100)


class ResultFile(Schema):
    id: int
    name: str = Field(description="On work from a classified document a mask: `openDocument` gives name and bytes.")
    size: int
    at: datetime


class ResultIn(Schema):
    words: str = ""
    reply_id: int | None = None


_OF_THE_DIRECTIVE = (
    "title",
    "origin",
    "priority",
    "evidence",
    "anchor_page",
    "anchor_text",
    "anchor_file",
    "giver_name",
    "words",
)
_RECKONED = ("cell", "marks", "due_words")


def _out(row: Row, now: datetime | None = None) -> dict[str, Any]:
    now = now or timezone.now()
    calendar, standing = workdays.calendar(), queries.standing_of(row)
    found = {
        name: getattr(row, name) for name in Assignment.model_fields if name not in (*_OF_THE_DIRECTIVE, *_RECKONED)
    }
    found |= {name: getattr(row.directive, name) for name in _OF_THE_DIRECTIVE}
    return found | {
        "cell": terms.cell(standing, now),
        "marks": sorted(terms.marks(standing, now, terms.soon_until(now, calendar))),
        "due_words": terms.due(queries.terms_of(row), calendar).words,
    }


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


@router.get(
    "/tasks/overview", auth=READ, response={200: Overview, **declared(403, 404, 422)}, operation_id="getOverview"
)
def get_overview(
    request: CalledRequest, unit_id: Annotated[int | None, Query(ge=1, lt=2**63)] = None
) -> dict[str, Any]:
    """How the work of a unit and of everything below it stands now; for who leads it, or a unit above it."""
    actor, now = request.auth.actor, timezone.now()
    unit = people.get_unit(unit_id if unit_id is not None else actor.unit_id)
    refuse(policy.why_not_oversee(actor, unit))
    since = datetime.combine(workdays.local_date(now).replace(month=1, day=1), time(), workdays.HERE)
    found = overview.sums_by_unit(unit, since, now)
    names = people.list_units(list(found))
    rows = [{"unit_id": number, "unit_name": names[number].name, **asdict(sums)} for number, sums in found.items()]
    return {"unit_id": unit.pk, "at": now, "units": rows}


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
        shares=given_shares(given, request.auth.actor),
        pin=given.opening,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return Status(201, made)


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


@router.get(
    "/tasks/{int:task_id}/files",
    auth=READ,
    response={200: list[ResultFile], **declared(403, 404)},
    operation_id="listResults",
)
def results(request: CalledRequest, task_id: int) -> list[Any]:
    """The files handed in with an assignment, in their order."""
    return list(queries.list_files_of(request.auth.actor, task_id))


@router.post(
    "/tasks/{int:task_id}/files",
    auth=ACT,
    response={201: ResultFile, **declared(*PROBLEMS)},
    operation_id="attachResult",
)
def attach(request: HttpRequest, task_id: int, file: Annotated[UploadedFile, File()]) -> Status[Any]:
    """Put a file with the work as a result. On work from a classified document it is sealed to the document's readers, and taken
    only at this address with `?sealed=1`, which writes nothing to a disk (up to 50 MB).
    """
    made = direct_document.attach(
        assignment_id=task_id,
        name=file.name or "",
        content=content_of(file),
        in_memory=getattr(file, "in_memory", False),
        actor=cast(CalledRequest, request).auth.actor,
        at=timezone.now(),
    )
    return Status(201, made)


@router.get(
    "/tasks/{int:task_id}/files/{int:file_id}",
    auth=READ,
    response={**declared(403, 404, 422)},
    operation_id="getResult",
)
def result(request: CalledRequest, task_id: int, file_id: int) -> FileResponse:
    """The bytes of a result file as they were kept. A sealed one comes with `openDocument` alone."""
    found = queries.get_result_file(request.auth.actor, task_id, file_id)
    refuse(SealedDocument() if direct_document.is_sealed_file(found) else None)
    return FileResponse(
        kept.open_stream(found.file),
        as_attachment=True,
        filename=found.name,
        content_type="application/octet-stream",
    )


@router.post(
    "/tasks/{int:task_id}/accept", auth=ACT, response={200: Assignment, **declared(*PROBLEMS)}, operation_id="accept"
)
def accept(request: CalledRequest, task_id: int, given: JudgementIn) -> dict[str, Any]:
    """Accept finished work, and say how well it was done."""
    direct_document.accept(
        assignment_id=task_id, words=given.words, grade=given.grade, actor=request.auth.actor, at=timezone.now()
    )
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


@router.post("/tasks", auth=ACT, response={201: Directive, **declared(*PROBLEMS)}, operation_id="giveWork")
def give(request: CalledRequest, given: WorkIn) -> Status[Any]:
    """Give work of one's own to those below."""
    origin = Origin.HAND if given.document_id is None else Origin.SENTENCE if given.sentence else Origin.CONCLUSION
    made = direct_document.give(
        title=given.title,
        words=given.words,
        shares=shares(given.shares),
        origin=origin,
        priority=given.priority,
        evidence=given.evidence,
        document_id=given.document_id,
        page=given.page,
        sentence=given.sentence,
        secrecy=given.secrecy,
        begun_in=f"api:{request.auth.actor.person_id}:{given.key}"[:64] if given.key else None,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return Status(201, made)


@router.get(
    "/tasks/{int:task_id}/tree",
    auth=READ,
    response={200: list[Assignment], **declared(403, 404)},
    operation_id="getTaskTree",
)
def tree(request: CalledRequest, task_id: int) -> list[dict[str, Any]]:
    """The live tree: what this assignment's directive gave and everything passed down from it, each after what it came from."""
    found = queries.get_for(request.auth.actor, task_id)
    now = timezone.now()
    return [_out(row, now) for row in queries.flat(queries.tree_below(request.auth.actor, found))]


@router.post(
    "/tasks/{int:task_id}/take", auth=ACT, response={200: Assignment, **declared(*PROBLEMS)}, operation_id="takeWork"
)
def take(request: CalledRequest, task_id: int) -> dict[str, Any]:
    """Accept an assignment and begin it."""
    direct_document.take(assignment_id=task_id, actor=request.auth.actor, at=timezone.now())
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/decline",
    auth=ACT,
    response={200: Assignment, **declared(*PROBLEMS)},
    operation_id="declineWork",
)
def decline(request: CalledRequest, task_id: int, given: ReasonIn) -> dict[str, Any]:
    """Ask to be let off an assignment."""
    direct_document.decline(assignment_id=task_id, reason=given.reason, actor=request.auth.actor, at=timezone.now())
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/insist",
    auth=ACT,
    response={200: Assignment, **declared(*PROBLEMS)},
    operation_id="insistOnWork",
)
def insist(request: CalledRequest, task_id: int, given: ReasonIn) -> dict[str, Any]:
    """Let a declined assignment stand."""
    direct_document.insist(assignment_id=task_id, words=given.reason, actor=request.auth.actor, at=timezone.now())
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/hand-over",
    auth=ACT,
    response={200: Assignment, **declared(*PROBLEMS)},
    operation_id="handOverWork",
)
def hand_over(request: CalledRequest, task_id: int, given: HandOverIn) -> dict[str, Any]:
    """Let somebody else do the whole of an assignment."""
    to = Share(Role.LEAD, unit_id=given.unit_id, post_id=given.post_id)
    direct_document.hand_over(
        assignment_id=task_id, to=to, words=given.reason, actor=request.auth.actor, at=timezone.now()
    )
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/extension",
    auth=ACT,
    response={200: Assignment, **declared(*PROBLEMS)},
    operation_id="askExtension",
)
def ask_extension(request: CalledRequest, task_id: int, given: ExtensionIn) -> dict[str, Any]:
    """Ask the giver for a later deadline."""
    if given.until_at.tzinfo is None:
        raise BadMoment()
    direct_document.ask_extension(
        assignment_id=task_id, until_at=given.until_at, reason=given.reason, actor=request.auth.actor, at=timezone.now()
    )
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/extension/decision",
    auth=ACT,
    response={200: Assignment, **declared(*PROBLEMS)},
    operation_id="decideExtension",
)
def decide_extension(request: CalledRequest, task_id: int, given: DecisionIn) -> dict[str, Any]:
    """Grant the later deadline that was asked for, or refuse it."""
    direct_document.decide_extension(
        assignment_id=task_id, granted=given.granted, words=given.words, actor=request.auth.actor, at=timezone.now()
    )
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/pause", auth=ACT, response={200: Assignment, **declared(*PROBLEMS)}, operation_id="pauseWork"
)
def pause(request: CalledRequest, task_id: int, given: ReasonIn) -> dict[str, Any]:
    """Let the clock stand."""
    direct_document.pause(assignment_id=task_id, reason=given.reason, actor=request.auth.actor, at=timezone.now())
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/resume",
    auth=ACT,
    response={200: Assignment, **declared(*PROBLEMS)},
    operation_id="resumeWork",
)
def resume(request: CalledRequest, task_id: int, given: WordsIn) -> dict[str, Any]:
    """Set the clock going again."""
    direct_document.resume(assignment_id=task_id, words=given.words, actor=request.auth.actor, at=timezone.now())
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/say", auth=ACT, response={200: Assignment, **declared(*PROBLEMS)}, operation_id="sayOfWork"
)
def say(request: CalledRequest, task_id: int, given: SayingIn) -> dict[str, Any]:
    """Say what stands in the way, what is proposed, or that the work is at risk."""
    direct_document.say(
        assignment_id=task_id, kind=given.kind, words=given.words, actor=request.auth.actor, at=timezone.now()
    )
    return get(request, task_id)


@router.post(
    "/tasks/{int:task_id}/cancel",
    auth=ACT,
    response={200: Assignment, **declared(*PROBLEMS)},
    operation_id="cancelWork",
)
def cancel(request: CalledRequest, task_id: int, given: ReasonIn) -> dict[str, Any]:
    """Take an assignment back, with what was passed down from it."""
    direct_document.cancel(assignment_id=task_id, reason=given.reason, actor=request.auth.actor, at=timezone.now())
    return get(request, task_id)
