"""Lines to the outside and the agencies they lead to, for machines: found by anybody who drafts, kept by administrators."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from ninja import Query, Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, now
from antin.api.problems import declared
from antin.correspondents import operations as correspondents
from antin.correspondents import queries as directory
from antin.exchange import operations, policy, queries
from antin.exchange.operations import LineFacts
from antin.journeys import take_in
from antin.refusal import refuse

if TYPE_CHECKING:
    from antin.correspondents.models import Correspondent as CorrespondentRow
    from antin.exchange.models import Line as LineRow

router = Router(tags=["Exchange"])
Way = Literal["axis", "gateway", "node", "file"]


class Correspondent(Schema):
    """An agency outside the node."""

    id: int
    code: str
    name: str
    channel: Way
    line: str
    spellings: list[str] = Field(description="Every code it goes by, its own among them.")


class FoundIn(Schema):
    words: str = Field("", max_length=200, description="Name or any code; accents typed or not.")


class DescribeIn(Schema):
    name: str
    channel: Way
    line: str = ""
    spellings: list[str] = []
    email: str = ""


class EnterIn(DescribeIn):
    code: str


class SuccessorIn(Schema):
    successor_id: int | None = None


class Line(Schema):
    """A line to the outside and what waits on it. Its secrets are never told."""

    id: int
    name: str
    title: str
    channel: Literal["axis", "gateway"]
    address: str
    system_id: str
    open: bool
    contact_at: datetime | None
    fault: str
    fault_at: datetime | None
    to_send: int
    failed: int
    answers: int
    answers_failed: int
    kept: int
    set_aside: int


class LineIn(Schema):
    title: str
    address: str
    system_id: str
    user_name: str = ""
    secret: str = Field("", description="Empty: as it was.")
    password: str = Field("", description="Empty: as it was.")
    plain: bool = False
    raw: bool = False
    authority: str = ""
    codes: dict[int, str] = Field(
        {}, description="Codes of our agencies on this line where they are not their own, by unit id."
    )

    def facts(self) -> LineFacts:
        return LineFacts(**self.model_dump(include=set(LineFacts.__dataclass_fields__)))


class SetUpIn(LineIn):
    name: str
    channel: Literal["axis", "gateway"]


class Waiting(Schema):
    waiting: int


class Taken(Schema):
    new: int
    changed: int
    closed: int


class Parcel(Schema):
    """A message as a line brought it, and what became of it."""

    id: int
    line_id: int
    doc_id: str
    kind: str
    sender_code: str
    sender_name: str
    document_id: str
    code: str
    subject: str
    status: Literal["kept", "taken", "set_aside", "dropped"]
    fault_code: str
    fault: str
    came_again: int
    came_at: datetime


class ParcelsIn(Schema):
    status: Literal["", "kept", "taken", "set_aside", "dropped"] = ""
    limit: int = Field(50, ge=1, le=200)


class ReasonIn(Schema):
    reason: str


def _correspondent(row: CorrespondentRow) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("id", "code", "name", "channel", "line")}
    return told | {"spellings": directory.list_spellings([row.pk]).get(row.pk, [])}


def _line(row: LineRow) -> dict[str, Any]:
    queue = queries.list_queues().get(row.name, queries.Queue())
    return {name: getattr(queue if hasattr(queue, name) else row, name) for name in Line.model_fields}


def _parcel(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Parcel.model_fields}


@router.get(
    "/correspondents",
    auth=READ,
    response={200: list[Correspondent], **declared(403, 422)},
    operation_id="listCorrespondents",
)
def list_correspondents(request: CalledRequest, given: Annotated[FoundIn, Query()]) -> list[dict[str, Any]]:
    """Agencies outside the node that answer to a name or a code, thirty at most."""
    return [_correspondent(row) for row in directory.list_choices(words=given.words, limit=30)]


@router.post(
    "/correspondents",
    auth=ACT,
    response={201: Correspondent, **declared(*PROBLEMS)},
    operation_id="enterCorrespondent",
)
def enter(request: CalledRequest, given: EnterIn) -> Status[Any]:
    """Enter an outside agency; administrators."""
    _today, at = now()
    return Status(201, _correspondent(correspondents.enter(**given.model_dump(), actor=request.auth.actor, at=at)))


@router.put(
    "/correspondents/{int:correspondent_id}",
    auth=ACT,
    response={200: Correspondent, **declared(*PROBLEMS)},
    operation_id="describeCorrespondent",
)
def describe(request: CalledRequest, correspondent_id: int, given: DescribeIn) -> dict[str, Any]:
    """Change its name, the spellings of its code, or the way to it; administrators."""
    _today, at = now()
    return _correspondent(
        correspondents.change(correspondent_id=correspondent_id, **given.model_dump(), actor=request.auth.actor, at=at)
    )


@router.post(
    "/correspondents/{int:correspondent_id}/close",
    auth=ACT,
    response={200: Correspondent, **declared(*PROBLEMS)},
    operation_id="closeCorrespondent",
)
def close(request: CalledRequest, correspondent_id: int, given: SuccessorIn) -> dict[str, Any]:
    """Take it out of the directory, with who follows it; administrators."""
    _today, at = now()
    return _correspondent(
        correspondents.close(
            correspondent_id=correspondent_id, successor_id=given.successor_id, actor=request.auth.actor, at=at
        )
    )


@router.get("/lines", auth=READ, response={200: list[Line], **declared(403)}, operation_id="listLines")
def list_lines(request: CalledRequest) -> list[dict[str, Any]]:
    """Every line and what waits on it; administrators."""
    refuse(policy.why_not_keep_lines(request.auth.actor))
    return [_line(row) for row in queries.list_lines()]


@router.post("/lines", auth=ACT, response={201: Line, **declared(*PROBLEMS)}, operation_id="setUpLine")
def set_up(request: CalledRequest, given: SetUpIn) -> Status[Any]:
    """Set up a line, shut; administrators."""
    _today, at = now()
    made = operations.set_up_line(
        name=given.name, channel=given.channel, facts=given.facts(), actor=request.auth.actor, at=at
    )
    return Status(201, _line(made))


@router.put("/lines/{int:line_id}", auth=ACT, response={200: Line, **declared(*PROBLEMS)}, operation_id="changeLine")
def change(request: CalledRequest, line_id: int, given: LineIn) -> dict[str, Any]:
    """Change where a line leads, who we are there, its secrets; administrators."""
    _today, at = now()
    return _line(operations.change_line(line_id=line_id, facts=given.facts(), actor=request.auth.actor, at=at))


@router.post(
    "/lines/{int:line_id}/open", auth=ACT, response={200: Line, **declared(*PROBLEMS)}, operation_id="openLine"
)
def open_line(request: CalledRequest, line_id: int) -> dict[str, Any]:
    """Open a line; administrators."""
    _today, at = now()
    return _line(operations.open_line(line_id=line_id, actor=request.auth.actor, at=at))


@router.post(
    "/lines/{int:line_id}/shut", auth=ACT, response={200: Line, **declared(*PROBLEMS)}, operation_id="shutLine"
)
def shut(request: CalledRequest, line_id: int) -> dict[str, Any]:
    """Shut a line; administrators."""
    _today, at = now()
    return _line(operations.shut_line(line_id=line_id, actor=request.auth.actor, at=at))


@router.post(
    "/lines/{int:line_id}/test", auth=ACT, response={200: Waiting, **declared(*PROBLEMS)}, operation_id="testLine"
)
def test(request: CalledRequest, line_id: int) -> dict[str, Any]:
    """Ask a line how many documents wait, taking none; administrators."""
    _today, at = now()
    line = queries.get_line_for(request.auth.actor, line_id)
    return {"waiting": take_in.test_connection(line=line, at=at)}


@router.post(
    "/lines/{int:line_id}/directory",
    auth=ACT,
    response={200: Taken, **declared(*PROBLEMS)},
    operation_id="takeDirectory",
)
def take_directory(request: CalledRequest, line_id: int) -> dict[str, Any]:
    """Make the directory of outside agencies agree with a line's own list; administrators."""
    _today, at = now()
    line = queries.get_line_for(request.auth.actor, line_id)
    taken = take_in.take_directory(line=line, actor=request.auth.actor, at=at)
    return {"new": taken.new, "changed": taken.changed, "closed": taken.closed}


@router.get("/parcels", auth=READ, response={200: list[Parcel], **declared(403, 422)}, operation_id="listParcels")
def list_parcels(request: CalledRequest, given: Annotated[ParcelsIn, Query()]) -> list[dict[str, Any]]:
    """The last messages that lines brought, newest first; administrators."""
    refuse(policy.why_not_keep_lines(request.auth.actor))
    statuses = (given.status,) if given.status else ()
    return [_parcel(row) for row in queries.list_parcels(statuses=statuses, limit=given.limit)]


@router.post(
    "/parcels/{int:parcel_id}/retry",
    auth=ACT,
    response={200: Parcel, **declared(*PROBLEMS)},
    operation_id="retryParcel",
)
def retry(request: CalledRequest, parcel_id: int) -> dict[str, Any]:
    """Try a parcel again that was set aside; administrators."""
    _today, at = now()
    queries.get_parcel_for(request.auth.actor, parcel_id)
    return _parcel(operations.retry_parcel(parcel_id=parcel_id, actor=request.auth.actor, at=at))


@router.post(
    "/parcels/{int:parcel_id}/drop", auth=ACT, response={200: Parcel, **declared(*PROBLEMS)}, operation_id="dropParcel"
)
def drop(request: CalledRequest, parcel_id: int, given: ReasonIn) -> dict[str, Any]:
    """Leave a parcel that was set aside alone for good; administrators."""
    _today, at = now()
    queries.get_parcel_for(request.auth.actor, parcel_id)
    return _parcel(operations.drop_parcel(parcel_id=parcel_id, reason=given.reason, actor=request.auth.actor, at=at))
