"""Groups to whom work is given by their name, for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import now
from antin.api.problems import declared
from antin.correspondents import operations, queries
from antin.correspondents.operations import MOST_MEMBERS, Entry

if TYPE_CHECKING:
    from antin.correspondents.models import RecipientList

router = Router(tags=["Work groups"])
PROBLEMS = (403, 404, 409, 422)
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Member(Schema):
    """Exactly one of `unit_id` and `post_id`, within the caller's agency."""

    role: Literal["lead", "join", "inform"]
    unit_id: Id | None = None
    post_id: Id | None = None


class GroupIn(Schema):
    name: str = Field(min_length=1, max_length=200)
    members: list[Member] = Field(max_length=MOST_MEMBERS)


class NewGroupIn(GroupIn):
    shared: bool = Field(True, description="Of the caller's unit; else his own.")


class KeptGroup(GroupIn):
    id: int
    revision: int
    shared: bool


def _kept(row: RecipientList) -> dict[str, Any]:
    members = sorted(row.members.all(), key=lambda each: each.position)
    return {
        "id": row.pk,
        "name": row.name,
        "revision": row.revision,
        "shared": row.unit_id is not None,
        "members": [{"role": each.role, "unit_id": each.part_id, "post_id": each.post_id} for each in members],
    }


def _entries(given: GroupIn) -> list[Entry]:
    return [Entry(part_id=each.unit_id, post_id=each.post_id, role=each.role) for each in given.members]


@router.get("/work-groups", auth=READ, response={200: list[KeptGroup], **declared(403)}, operation_id="listWorkGroups")
def groups(request: CalledRequest) -> list[dict[str, Any]]:
    """The groups the caller may give work to: of his unit, of his agency, his own."""
    return [_kept(each) for each in queries.list_groups(request.auth.actor)]


@router.post("/work-groups", auth=ACT, response={201: KeptGroup, **declared(*PROBLEMS)}, operation_id="makeWorkGroup")
def make(request: CalledRequest, given: NewGroupIn) -> Status[Any]:
    """Make a group."""
    today, at = now()
    actor = request.auth.actor
    made = operations.make_list(
        name=given.name, shared=given.shared, entries=_entries(given), gives=True, actor=actor, today=today, at=at
    )
    return Status(201, _kept(queries.get_group_for(actor, made.pk)))


@router.put(
    "/work-groups/{int:list_id}",
    auth=ACT,
    response={200: KeptGroup, **declared(*PROBLEMS)},
    operation_id="changeWorkGroup",
)
def change(request: CalledRequest, list_id: int, given: GroupIn) -> dict[str, Any]:
    """Write a group anew; work that was given stays with those who have it."""
    today, at = now()
    actor = request.auth.actor
    queries.get_group_for(actor, list_id)
    operations.change_list(list_id=list_id, name=given.name, entries=_entries(given), actor=actor, today=today, at=at)
    return _kept(queries.get_group_for(actor, list_id))


@router.delete(
    "/work-groups/{int:list_id}",
    auth=ACT,
    response={204: None, **declared(*PROBLEMS)},
    operation_id="dropWorkGroup",
)
def drop(request: CalledRequest, list_id: int) -> Status[Any]:
    """Drop a group: it is offered no more."""
    _today, at = now()
    queries.get_group_for(request.auth.actor, list_id)
    operations.drop_list(list_id=list_id, actor=request.auth.actor, at=at)
    return Status(204, None)
