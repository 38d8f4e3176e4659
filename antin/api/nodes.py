"""Other nodes for machines: directory, invitations, queues, numbers compared, what lies aside, bundles; and how this node is.

As the pages Quản trị → Nút khác and → Vận hành: for administrators of the root of the house.
"""

from __future__ import annotations

import base64
import binascii
import tempfile
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, content_of, now
from antin.api.problems import declared
from antin.journeys import between_nodes, look_over
from antin.nodes import operations, policy, queries, statements
from antin.nodes.queries import Gap, Queue
from antin.people import queries as people
from antin.refusal import refuse

if TYPE_CHECKING:
    from antin.nodes.models import Invitation as InvitationRow
    from antin.nodes.models import Member as MemberRow

router = Router(tags=["Nodes"])
Way = Literal["nats", "file"]
Agencies = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=64)], Annotated[str, Field(min_length=1, max_length=300)]],
    Field(max_length=5000, description="Agency codes with their names."),
]
Code = Annotated[str, Field(max_length=20)]
Name = Annotated[str, Field(min_length=1, max_length=300)]
Content = Annotated[str, Field(max_length=4_000_000, description="The file's bytes in base64.")]


class This(Schema):
    """This node among others. The fingerprint is what two administrators compare by word of mouth."""

    code: str
    name: str
    coordinator: str
    coordinates: bool
    version: int = Field(description="Of the directory in force.")
    address: str
    fingerprint: str


class NameIn(Schema):
    code: Code
    name: Name
    address: str = Field("", max_length=300)


class Waiting(Schema):
    """What is between us and another node."""

    waiting: int
    sent: int
    coming: int
    aside: int
    stuck: int
    waiting_bytes: int
    oldest: datetime | None


class Compared(Schema):
    """One direction, its numbers compared. Nothing missing, extra or different: whole."""

    feed: str
    given: int
    taken: int
    underway: int
    missing: list[int]
    extra: list[int]
    differs: bool
    is_whole: bool


class Node(Schema):
    """A member of the directory."""

    code: str
    name: str
    way: Way
    standing: Literal["member", "expelled"]
    agencies: dict[str, str]
    since_at: datetime
    heard_at: datetime | None
    certified_until: datetime
    program: str
    schema_name: str
    queue: Waiting


class Gaps(Schema):
    """Null: the other side has not said anything of that direction yet."""

    outward: Compared | None
    inward: Compared | None


class InviteIn(Schema):
    code: Code
    name: Name
    way: Way = "nats"
    agencies: Agencies


class Invitation(Schema):
    id: int
    code: str
    name: str
    way: Way
    agencies: dict[str, str]
    status: Literal["open", "answered", "confirmed", "withdrawn"]
    expires_at: datetime
    fingerprint: str = Field(description="Of the newcomer's answer; empty before it came.")


class Invited(Invitation):
    content: str = Field(description="The invitation's file in base64: it holds the secret of the line, told only now.")


class JoinIn(Schema):
    content: Content
    fingerprint: str = Field(max_length=100, description="Of the coordinating node, as its administrator told it.")


class AnswerOut(Schema):
    content: str = Field(description="The answer's file in base64, to be carried back.")


class AnswerIn(Schema):
    content: Content


class CompareIn(Schema):
    fingerprint: str = Field(max_length=100, description="Of the newcomer, as its administrator told it.")


class ChangeIn(Schema):
    way: Way
    agencies: Agencies


class ExpelIn(Schema):
    reason: str = Field(min_length=1, max_length=500)


class Aside(Schema):
    """A parcel that could not be taken: `received` here, or `sent` and not taken by the other side."""

    id: int
    side: Literal["received", "sent"]
    node: str
    number: int
    kind: str
    fault_code: str
    fault: str


class Rejected(Schema):
    """What was not believed: one row per day, claimed sender and reason."""

    sender: str
    code: str
    words: str
    count: int
    last_at: datetime


class Inside(Schema):
    number: int
    kind: str
    urgency: int
    words: str
    is_known: bool


class Bundle(Schema):
    """What lies on a medium; nothing is taken in by looking."""

    sender: str
    made_at: datetime
    size: int
    inside: list[Inside]


class TakenBundle(Schema):
    parcels: int
    refused: int


class Tested(Schema):
    """A test message: it is answered when the other side's statement says so (`listNodes`, `getOperation`)."""

    number: int
    made_at: datetime


class AlarmOut(Schema):
    code: str
    tone: Literal["late", "warn"]
    words: str
    todo: str
    link: str


class Partner(Schema):
    code: str
    heard_at: datetime | None
    heard_us_at: datetime | None
    round_trip_seconds: float | None


class Operation(Schema):
    """How this node is; the figures are at `/metrics`."""

    at: datetime
    version: str
    schema_name: str
    alarms: list[AlarmOut]
    partners: list[Partner]


def _bytes(content: str) -> bytes:
    """The bytes of a file in base64. :raises NotAStatement: it is none"""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as trouble:
        raise statements.NotAStatement() from trouble


def _may_run(request: CalledRequest) -> None:
    refuse(policy.why_not_run(request.auth.actor))


def _this() -> dict[str, Any]:
    row = queries.get_identity()
    names = ("code", "name", "coordinator", "coordinates", "version", "address")
    fingerprint = statements.fingerprint(bytes(row.sign_certificate))
    return {name: getattr(row, name) for name in names} | {"fingerprint": fingerprint}


def _node(row: MemberRow, queue: Queue) -> dict[str, Any]:
    names = ("code", "name", "way", "standing", "agencies", "since_at", "heard_at")
    return {name: getattr(row, name) for name in names} | {
        "certified_until": look_over.certified_until(row),
        "program": row.stated.get("program", ""),
        "schema_name": row.stated.get("schema", ""),
        "queue": {name: getattr(queue, name) for name in Waiting.model_fields},
    }


def _of(code: str) -> dict[str, Any]:
    row = queries.get_member(code)
    return _node(row, queries.list_queues().get(row.pk, Queue()))


def _compared(gap: Gap | None) -> dict[str, Any] | None:
    return {name: getattr(gap, name) for name in Compared.model_fields} if gap else None


def _invitation(row: InvitationRow) -> dict[str, Any]:
    names = ("id", "code", "name", "way", "agencies", "status", "expires_at")
    found = statements.fingerprint(queries.answered_certificate(row)) if row.answer else ""
    return {name: getattr(row, name) for name in names} | {"fingerprint": found}


@router.get("/node", auth=READ, response={200: This, **declared(403, 422)}, operation_id="getNode")
def get_this(request: CalledRequest) -> dict[str, Any]:
    """This node's name among others; 422 while it has none."""
    _may_run(request)
    return _this()


@router.post("/node", auth=ACT, response={201: This, **declared(*PROBLEMS)}, operation_id="nameNode")
def establish(request: CalledRequest, given: NameIn) -> Status[Any]:
    """Name this node as the one that coordinates."""
    _may_run(request)
    today, at = now()
    root = people.find_root()
    rows = people.list_tree(on=today, below=root, agencies_only=True) if root else []
    own = {row.code: row.name for row in rows}
    operations.establish(**given.model_dump(), agencies=own, actor=request.auth.actor, at=at)
    return Status(201, _this())


@router.post("/node/join", auth=ACT, response={200: AnswerOut, **declared(*PROBLEMS)}, operation_id="joinNodes")
def join(request: CalledRequest, given: JoinIn) -> dict[str, Any]:
    """Join by an invitation whose fingerprint was compared."""
    _may_run(request)
    _today, at = now()
    content = _bytes(given.content)
    read = operations.read_invitation(content=content, at=at)
    refuse(policy.why_not_same(given.fingerprint, read.fingerprint))
    answer = operations.accept_invitation(content=content, actor=request.auth.actor, at=at)
    between_nodes.list_agencies(at=at)
    return {"content": base64.b64encode(answer).decode()}


@router.get("/nodes", auth=READ, response={200: list[Node], **declared(403)}, operation_id="listNodes")
def list_nodes(request: CalledRequest) -> list[dict[str, Any]]:
    """Every member of the directory with what waits between us, this node among them, those expelled last."""
    _may_run(request)
    queues = queries.list_queues()
    return [_node(row, queues.get(row.pk, Queue())) for row in queries.list_members()]


@router.put("/nodes/{code}", auth=ACT, response={200: Node, **declared(*PROBLEMS)}, operation_id="changeNode")
def change(request: CalledRequest, code: str, given: ChangeIn) -> dict[str, Any]:
    """Change how a member is reached and which agencies it serves; one of another member's moves over."""
    _today, at = now()
    operations.change_member(code=code, **given.model_dump(), actor=request.auth.actor, at=at)
    between_nodes.list_agencies(at=at)
    return _of(code)


@router.post("/nodes/{code}/expel", auth=ACT, response={200: Node, **declared(*PROBLEMS)}, operation_id="expelNode")
def expel(request: CalledRequest, code: str, given: ExpelIn) -> dict[str, Any]:
    """Expel a member: nothing is taken from it or sent to it any more."""
    _today, at = now()
    operations.expel(code=code, reason=given.reason, actor=request.auth.actor, at=at)
    between_nodes.list_agencies(at=at)
    return _of(code)


@router.get("/nodes/{code}/gaps", auth=READ, response={200: Gaps, **declared(403, 404)}, operation_id="compareNode")
def gaps(request: CalledRequest, code: str) -> dict[str, Any]:
    """The numbered feeds of both directions compared."""
    _may_run(request)
    found = queries.compare(queries.get_member(code))
    return {"outward": _compared(found.outward), "inward": _compared(found.inward)}


@router.post("/nodes/{code}/test", auth=ACT, response={201: Tested, **declared(*PROBLEMS)}, operation_id="testNode")
def test(request: CalledRequest, code: str) -> Status[Any]:
    """Send a member a parcel that carries nothing."""
    _today, at = now()
    parcel = between_nodes.send_test(code=code, actor=request.auth.actor, at=at)
    return Status(201, {"number": parcel.number, "made_at": parcel.made_at})


@router.post("/nodes/{code}/bundle", auth=ACT, operation_id="exportBundle", response={**declared(*PROBLEMS)})
def export(request: CalledRequest, code: str) -> FileResponse:
    """Everything that waits for a member as one file (`application/zip`), to be carried by hand."""
    _may_run(request)
    _today, at = now()
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it when it was sent
    try:
        operations.export_bundle(code=code, out=out, actor=request.auth.actor, at=at)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=f"kien-{code}.zip", content_type="application/zip")


@router.get(
    "/node-invitations", auth=READ, response={200: list[Invitation], **declared(403)}, operation_id="listInvitations"
)
def list_invitations(request: CalledRequest) -> list[dict[str, Any]]:
    """Invitations that are not settled, oldest first."""
    _may_run(request)
    return [_invitation(row) for row in queries.list_invitations()]


@router.post("/node-invitations", auth=ACT, response={201: Invited, **declared(*PROBLEMS)}, operation_id="inviteNode")
def invite(request: CalledRequest, given: InviteIn) -> Status[Any]:
    """Invite a node."""
    _today, at = now()
    made = operations.invite(**given.model_dump(), actor=request.auth.actor, at=at)
    return Status(201, _invitation(made.invitation) | {"content": base64.b64encode(made.content).decode()})


@router.post(
    "/node-invitations/answers", auth=ACT, response={200: Invitation, **declared(*PROBLEMS)}, operation_id="takeAnswer"
)
def take_answer(request: CalledRequest, given: AnswerIn) -> dict[str, Any]:
    """Take the answer's file of an invited node; it is no member before its fingerprint was compared."""
    _today, at = now()
    return _invitation(operations.take_answer(content=_bytes(given.content), actor=request.auth.actor, at=at))


@router.post(
    "/node-invitations/{int:invitation_id}/confirm",
    auth=ACT,
    response={200: Node, **declared(*PROBLEMS)},
    operation_id="confirmNode",
)
def confirm(request: CalledRequest, invitation_id: int, given: CompareIn) -> dict[str, Any]:
    """Confirm a newcomer whose fingerprint was compared."""
    _may_run(request)
    _today, at = now()
    row = next((each for each in queries.list_invitations() if each.pk == invitation_id and each.answer), None)
    found = statements.fingerprint(queries.answered_certificate(row)) if row else ""
    refuse(policy.why_not_same(given.fingerprint, found))
    member = operations.confirm_member(invitation_id=invitation_id, actor=request.auth.actor, at=at)
    between_nodes.list_agencies(at=at)
    return _of(member.code)


@router.post(
    "/node-invitations/{int:invitation_id}/withdraw",
    auth=ACT,
    response={200: Invitation, **declared(*PROBLEMS)},
    operation_id="withdrawInvitation",
)
def withdraw(request: CalledRequest, invitation_id: int) -> dict[str, Any]:
    """Take an invitation back."""
    _today, at = now()
    return _invitation(operations.withdraw_invitation(invitation_id=invitation_id, actor=request.auth.actor, at=at))


@router.get("/node-parcels/aside", auth=READ, response={200: list[Aside], **declared(403)}, operation_id="listAside")
def list_aside(request: CalledRequest) -> list[dict[str, Any]]:
    """Parcels that could not be taken, on either side, newest first."""
    _may_run(request)
    names = ("id", "number", "kind", "fault_code", "fault")
    sides = (("received", queries.list_aside()), ("sent", queries.list_stuck()))
    return [
        {name: getattr(row, name) for name in names} | {"side": side, "node": row.member.code}
        for side, rows in sides
        for row in rows
    ]


@router.post(
    "/node-parcels/aside/{int:received_id}/retry",
    auth=ACT,
    response={200: Aside, **declared(*PROBLEMS)},
    operation_id="retryAside",
)
def retry(request: CalledRequest, received_id: int) -> dict[str, Any]:
    """Try a parcel again that lies aside here."""
    _today, at = now()
    row = operations.take_again(received_id=received_id, actor=request.auth.actor, at=at)
    names = ("id", "number", "kind", "fault_code", "fault")
    return {name: getattr(row, name) for name in names} | {"side": "received", "node": row.member.code}


@router.get(
    "/node-parcels/rejected", auth=READ, response={200: list[Rejected], **declared(403)}, operation_id="listRejected"
)
def list_rejected(request: CalledRequest) -> list[dict[str, Any]]:
    """What was not believed lately, newest first."""
    _may_run(request)
    return [{name: getattr(row, name) for name in Rejected.model_fields} for row in queries.list_rejections()]


@router.post(
    "/node-bundles/look", auth=ACT, response={200: Bundle, **declared(413, *PROBLEMS)}, operation_id="lookBundle"
)
def look(request: HttpRequest, file: Annotated[UploadedFile, File()]) -> dict[str, Any]:
    """Say what is in a bundle without taking it in."""
    _today, at = now()
    actor = request.auth.actor  # type: ignore[attr-defined]
    refuse(policy.why_not_run(actor))
    found = between_nodes.look_into(source=content_of(file), actor=actor, at=at)
    return {
        "sender": found.sender.code,
        "made_at": found.made_at,
        "size": found.size,
        "inside": [{name: getattr(each, name) for name in Inside.model_fields} for each in found.inside],
    }


@router.post(
    "/node-bundles/take", auth=ACT, response={200: TakenBundle, **declared(413, *PROBLEMS)}, operation_id="takeBundle"
)
def take(request: HttpRequest, file: Annotated[UploadedFile, File()]) -> dict[str, Any]:
    """Take in everything in a bundle; the same one again changes nothing."""
    _today, at = now()
    actor = request.auth.actor  # type: ignore[attr-defined]
    refuse(policy.why_not_run(actor))
    done = between_nodes.take_bundle(source=content_of(file), actor=actor, at=at)
    return {"parcels": done.parcels, "refused": done.refused}


@router.get("/operation", auth=READ, response={200: Operation, **declared(403)}, operation_id="getOperation")
def operation(request: CalledRequest) -> dict[str, Any]:
    """What there is to see to, and last contact with other nodes."""
    refuse(look_over.why_not_look(request.auth.actor))
    _today, at = now()
    state = look_over.look(at)
    return {
        "at": at,
        "version": state.version,
        "schema_name": state.schema.name,
        "alarms": [
            {
                "code": each.code,
                "tone": each.tone,
                "words": _(each.words) % each.facts if each.facts else _(each.words),
                "todo": _(each.todo),
                "link": each.link,
            }
            for each in look_over.alarms(state)
        ],
        "partners": [
            {
                "code": each.code,
                "heard_at": each.heard_at,
                "heard_us_at": each.heard_us_at,
                "round_trip_seconds": each.round_trip.total_seconds() if each.round_trip is not None else None,
            }
            for each in state.partners
        ],
    }


@router.post(
    "/operation/promises/{int:promise_id}/retry",
    auth=ACT,
    response={204: None, **declared(*PROBLEMS)},
    operation_id="retryPromise",
)
def again(request: CalledRequest, promise_id: int) -> Status[Any]:
    """Try a background job again that was given up."""
    _today, at = now()
    look_over.try_again(promise_id=promise_id, actor=request.auth.actor, at=at)
    return Status(204, None)
