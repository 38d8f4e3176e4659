"""One act on many for machines: asked once, done by the workers, a result for each."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.problems import declared
from antin.batches import operations, queries
from antin.batches.policy import MOST_AT_ONCE
from antin.journeys import act_on_many
from antin.refusal import Refusal
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.batches.models import ActBatch

router = Router(tags=["Batches"])
PROBLEMS = (403, 404, 409, 422)
ActName = Literal["register", "present", "direct", "close", "endorse", "number", "take", "note"]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class AnswerMissing(Refusal):
    code = "answer_missing"
    words = _("Việc này cần %(names)s.")


class ShareIn(Schema):
    """Who gets the work of `direct`: exactly one of `unit_id` and `post_id`; until a day, or within working days."""

    role: Literal["lead", "join", "inform"]
    unit_id: int | None = Field(None, ge=1, le=2**31 - 1)
    post_id: int | None = Field(None, ge=1, le=2**31 - 1)
    due_on: date | None = None
    days: int | None = Field(None, ge=1, le=400)


class ActIn(Schema):
    """An act and what it is done to: documents, or (`take`, `note`) assignments."""

    act: ActName
    ids: list[Id] = Field(min_length=1, max_length=MOST_AT_ONCE)
    key: str | None = Field(
        None, pattern=r"^[\w-]{16,64}$", description="Chosen by the caller: sent twice, it is begun once."
    )
    present_to: int | None = Field(None, ge=1, le=2**31 - 1, description="`register`: a post; without it the head.")
    post_id: int | None = Field(None, ge=1, le=2**31 - 1, description="`present`: to whom.")
    words: str = Field("", max_length=2000, description="`present`, `direct`, `endorse`.")
    shares: list[ShareIn] = Field([], max_length=200, description="`direct`: at least one.")


class Item(Schema):
    """One thing of a batch. `words`: the number it got, or why nothing was done; `code`: of the refusal."""

    subject_id: int
    name: str
    status: Literal["waiting", "done", "failed"]
    code: str
    words: str


class Batch(Schema):
    id: int
    act: ActName
    asked_at: datetime
    halted_at: datetime | None
    ended_at: datetime | None


class BatchWhole(Batch):
    items: list[Item]


def _row(batch: ActBatch) -> dict[str, Any]:
    return {name: getattr(batch, name) for name in Batch.model_fields}


def _whole(batch: ActBatch) -> dict[str, Any]:
    items = [{name: getattr(each, name) for name in Item.model_fields} for each in queries.list_items(batch.pk)]
    return _row(batch) | {"items": items}


def _answers(given: ActIn) -> dict[str, Any]:
    match given.act:
        case "register":
            return {"present_to": given.present_to}
        case "present":
            if given.post_id is None:
                raise AnswerMissing(names="post_id")
            return {"post_id": given.post_id, "words": given.words}
        case "direct":
            if not given.shares:
                raise AnswerMissing(names="shares")
            return {"words": given.words, "shares": [_share(each) for each in given.shares]}
        case "endorse":
            return {"words": given.words}
    return {}


def _share(given: ShareIn) -> dict[str, Any]:
    due = workdays.end_of_working_day(given.due_on).isoformat() if given.due_on else None
    return given.model_dump(include={"role", "unit_id", "post_id", "days"}) | {"due_at": due}


@router.post("/batches", auth=ACT, response={202: BatchWhole, **declared(*PROBLEMS)}, operation_id="actOnMany")
def act(request: CalledRequest, given: ActIn) -> Status[Any]:
    """Ask for one act on many. It is done in this order; what refuses is named with its reason, the others go on."""
    batch = act_on_many.begin(
        act=given.act,
        ids=given.ids,
        answers=_answers(given),
        begun_in=f"api:{request.auth.token_id}:{given.key}"[:64] if given.key else None,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return Status(202, _whole(batch))


@router.get("/batches", auth=READ, response={200: list[Batch], **declared(403)}, operation_id="listBatches")
def recent(request: CalledRequest) -> list[dict[str, Any]]:
    """The last fifty of the caller."""
    return [_row(each) for each in queries.list_for(request.auth.actor, limit=50)]


@router.get(
    "/batches/{int:batch_id}", auth=READ, response={200: BatchWhole, **declared(403, 404)}, operation_id="getBatch"
)
def one(request: CalledRequest, batch_id: int) -> dict[str, Any]:
    """How far it has come, and what came of each."""
    return _whole(queries.get_for(request.auth.actor, batch_id))


@router.post(
    "/batches/{int:batch_id}/halt",
    auth=ACT,
    response={200: BatchWhole, **declared(*PROBLEMS)},
    operation_id="haltBatch",
)
def halt(request: CalledRequest, batch_id: int) -> dict[str, Any]:
    """Stop after the thing in hand; the others wait."""
    return _whole(operations.halt(batch_id=batch_id, actor=request.auth.actor, at=timezone.now()))


@router.post(
    "/batches/{int:batch_id}/resume",
    auth=ACT,
    response={200: BatchWhole, **declared(*PROBLEMS)},
    operation_id="resumeBatch",
)
def resume(request: CalledRequest, batch_id: int) -> dict[str, Any]:
    """Go on with a halted one, or try again what failed in one that is over."""
    return _whole(operations.go_on(batch_id=batch_id, actor=request.auth.actor, at=timezone.now()))
