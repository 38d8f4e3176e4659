"""Named lists of recipients for machines: kept by the caller's unit or himself, with what each holds today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import now
from antin.api.problems import declared
from antin.correspondents import operations, queries
from antin.correspondents.operations import MOST_MEMBERS, Entry

if TYPE_CHECKING:
    from antin.correspondents.models import RecipientList

router = Router(tags=["Recipient lists"])
PROBLEMS = (403, 404, 409, 422)
Ids = Annotated[list[Annotated[int, Field(ge=1, le=2**31 - 1)]], Field(max_length=MOST_MEMBERS)]


class ListIn(Schema):
    """A list as it shall be: agencies of the node, outside ones, and by rule every agency under some units."""

    name: str = Field(min_length=1, max_length=200)
    agencies: Ids = []
    outside: Ids = []
    under: Ids = []


class NewListIn(ListIn):
    shared: bool = Field(True, description="Of the caller's unit; else his own.")


class KeptList(ListIn):
    """`holds_agencies`, `holds_outside`: what it holds today, for `setRecipients`."""

    id: int
    revision: int
    shared: bool
    holds_agencies: list[int]
    holds_outside: list[int]


def _kept(request: CalledRequest, row: RecipientList) -> dict[str, Any]:
    today, _at = now()
    held = queries.held_by(row, on=today, without=request.auth.actor.agency_id)
    members = sorted(row.members.all(), key=lambda each: each.position)
    return {
        "id": row.pk,
        "name": row.name,
        "revision": row.revision,
        "shared": row.unit_id is not None,
        "agencies": [each.agency_id for each in members if each.agency_id],
        "outside": [each.correspondent_id for each in members if each.correspondent_id],
        "under": [each.under_id for each in members if each.under_id],
        "holds_agencies": list(held.agencies),
        "holds_outside": list(held.outside),
    }


def _entries(given: ListIn) -> list[Entry]:
    return [
        *(Entry(agency_id=each) for each in given.agencies),
        *(Entry(correspondent_id=each) for each in given.outside),
        *(Entry(under_id=each) for each in given.under),
    ]


@router.get(
    "/recipient-lists", auth=READ, response={200: list[KeptList], **declared(403)}, operation_id="listRecipientLists"
)
def lists(request: CalledRequest) -> list[dict[str, Any]]:
    """The lists the caller may use: of his unit, of his agency, his own."""
    return [_kept(request, each) for each in queries.list_lists(request.auth.actor)]


@router.post(
    "/recipient-lists", auth=ACT, response={201: KeptList, **declared(*PROBLEMS)}, operation_id="makeRecipientList"
)
def make(request: CalledRequest, given: NewListIn) -> Status[Any]:
    """Make a list."""
    today, at = now()
    made = operations.make_list(
        name=given.name, shared=given.shared, entries=_entries(given), actor=request.auth.actor, today=today, at=at
    )
    return Status(201, _kept(request, queries.get_list_for(request.auth.actor, made.pk)))


@router.put(
    "/recipient-lists/{int:list_id}",
    auth=ACT,
    response={200: KeptList, **declared(*PROBLEMS)},
    operation_id="changeRecipientList",
)
def change(request: CalledRequest, list_id: int, given: ListIn) -> dict[str, Any]:
    """Write a list anew; documents that used it keep what it held."""
    today, at = now()
    operations.change_list(
        list_id=list_id, name=given.name, entries=_entries(given), actor=request.auth.actor, today=today, at=at
    )
    return _kept(request, queries.get_list_for(request.auth.actor, list_id))


@router.delete(
    "/recipient-lists/{int:list_id}",
    auth=ACT,
    response={204: None, **declared(*PROBLEMS)},
    operation_id="dropRecipientList",
)
def drop(request: CalledRequest, list_id: int) -> Status[Any]:
    """Drop a list: it is offered no more."""
    _today, at = now()
    operations.drop_list(list_id=list_id, actor=request.auth.actor, at=at)
    return Status(204, None)
