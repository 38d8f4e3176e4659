"""Posts handed over, for machines: begun, fixed in minutes, signed by both sides, withdrawn."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, now
from antin.api.problems import declared
from antin.handovers import operations, policy, queries
from antin.handovers.states import Status as State
from antin.journeys import hand_over_post

if TYPE_CHECKING:
    from antin.handovers.models import PostHandOver

router = Router(tags=["Hand-overs"])
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
HERE = "/hand-overs/{int:act_id}"


class Item(Schema):
    """A thing on the list, and how it goes over. Of a secret nothing but its number is told."""

    kind: Literal["waiting", "draft", "opinion", "to_do", "given", "power", "device", "secret", "copy"]
    subject_id: int
    name: str
    remark: str


class HandOver(Schema):
    """One hand-over. `items` are empty for who is no side of it; the taker has them once the list is fixed."""

    id: int
    status: Literal["open", "fixed", "done", "withdrawn"]
    post_id: int
    post_title: str
    unit_name: str
    giver_id: int
    giver_name: str
    taker_id: int
    taker_name: str
    vacant: bool
    from_date: date
    basis: str
    words: str
    minutes: str = Field(description="SHA-256 of the minutes, once the list is fixed.")
    giver_signed_at: datetime | None
    taker_signed_at: datetime | None
    withdraw_reason: str
    item_count: int
    items: list[Item]


class BeginIn(Schema):
    post_id: Id
    taker_id: Id = Field(description="A person.")
    vacant: bool = Field(False, description="Nobody follows yet; the taker keeps it.")
    from_date: date
    basis: str = Field(max_length=500)
    words: str = Field("", max_length=4000, description="What is handed over outside the system, a line each.")


class SignIn(Schema):
    pin: str = Field("", max_length=100, description="Of the caller's own key, where it asks for one.")


class PassIn(Schema):
    pin: str = Field(max_length=100, description="Of the caller's own key; opens everything sealed to it once.")
    secrets: list[int] | None = Field(
        None, max_length=2000, description="Which of them; all that the caller reads, if left out."
    )


class PassedSecret(Schema):
    """What became of one secret."""

    secret_id: int
    reads: bool = Field(description="The taker reads it now.")
    words: str


class WithdrawIn(Schema):
    reason: str = Field(max_length=500)


OWN = ("status", "post_id", "post_title", "unit_name", "giver_id", "giver_name", "taker_id", "taker_name", "vacant",
       "from_date", "basis", "words", "giver_signed_at", "taker_signed_at", "withdraw_reason")  # fmt: skip


def _told(request: CalledRequest, act: PostHandOver) -> dict[str, Any]:
    actor = request.auth.actor
    is_open = act.status == State.OPEN
    things: Any = hand_over_post.look(act, now()[1]) if is_open else queries.list_items(act.pk)
    reads = policy.is_party(actor, act) and (actor.person_id == act.giver_id or not is_open)
    items = [{name: getattr(each, name) for name in Item.model_fields} for each in things] if reads else []
    own = {name: getattr(act, name) for name in OWN}
    return own | {"id": act.pk, "minutes": act.file_id or "", "item_count": len(things), "items": items}


@router.get("/hand-overs", auth=READ, response={200: list[HandOver], **declared(403)}, operation_id="listHandOvers")
def acts(request: CalledRequest) -> list[dict[str, Any]]:
    """The hand-overs the caller is a side of; an administrator's are those of his agency. The latest first."""
    return [_told(request, act) for act in queries.list_for(request.auth.actor, limit=50)]


@router.post("/hand-overs", auth=ACT, response={201: HandOver, **declared(*PROBLEMS)}, operation_id="beginHandOver")
def begin(request: CalledRequest, given: BeginIn) -> Status[Any]:
    """Begin the hand-over of a post: its holder, or an administrator of the agency."""
    today, at = now()
    act = operations.begin(**given.model_dump(), actor=request.auth.actor, today=today, at=at)
    return Status(201, _told(request, act))


@router.get(HERE, auth=READ, response={200: HandOver, **declared(403, 404)}, operation_id="getHandOver")
def one(request: CalledRequest, act_id: int) -> dict[str, Any]:
    """A hand-over with its list."""
    return _told(request, queries.get_for(request.auth.actor, act_id))


@router.post(f"{HERE}/fix", auth=ACT, response={200: HandOver, **declared(*PROBLEMS)}, operation_id="fixHandOver")
def fix(request: CalledRequest, act_id: int) -> dict[str, Any]:
    """Fix the list as it stands now, in minutes."""
    return _told(request, hand_over_post.fix(act_id=act_id, actor=request.auth.actor, at=now()[1]))


@router.post(f"{HERE}/reopen", auth=ACT, response={200: HandOver, **declared(*PROBLEMS)}, operation_id="reopenHandOver")
def reopen(request: CalledRequest, act_id: int) -> dict[str, Any]:
    """Open the list again, before anybody signed."""
    queries.get_for(request.auth.actor, act_id)
    return _told(request, operations.reopen(act_id=act_id, actor=request.auth.actor, at=now()[1]))


@router.post(f"{HERE}/sign", auth=ACT, response={200: HandOver, **declared(*PROBLEMS)}, operation_id="signHandOver")
def sign(request: CalledRequest, act_id: int, given: SignIn) -> dict[str, Any]:
    """Sign the minutes: the giver first, then the taker, which hands the post over. A key on the caller's own machine signs them
    as a file first (`sign_file_first` says under which number; `prepareFileSignature`, `takeFileSignature`)."""
    act = hand_over_post.sign(act_id=act_id, pin=given.pin, actor=request.auth.actor, at=now()[1])
    return _told(request, act)


@router.post(
    f"{HERE}/secrets",
    auth=ACT,
    response={200: list[PassedSecret], **declared(*PROBLEMS)},
    operation_id="passSecretsOver",
)
def pass_secrets(request: CalledRequest, act_id: int, given: PassIn) -> list[dict[str, Any]]:
    """Let the taker read the giver's secrets at one PIN; what became of each. Sent again it goes on where it was."""
    done = hand_over_post.pass_secrets(
        act_id=act_id, chosen=given.secrets, pin=given.pin, actor=request.auth.actor, at=now()[1]
    )
    return [{"secret_id": each.classified_id, "reads": each.reads, "words": each.words} for each in done]


@router.post(
    f"{HERE}/withdraw", auth=ACT, response={200: HandOver, **declared(*PROBLEMS)}, operation_id="withdrawHandOver"
)
def withdraw(request: CalledRequest, act_id: int, given: WithdrawIn) -> dict[str, Any]:
    """Let a hand-over be that is not done."""
    act = hand_over_post.withdraw(act_id=act_id, reason=given.reason, actor=request.auth.actor, at=now()[1])
    return _told(request, act)
