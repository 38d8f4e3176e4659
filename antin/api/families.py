"""What belongs to families of documents, for machines: mandates, bodies that issue in their own name, drafting files."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS
from antin.api.problems import declared
from antin.documents import operations, policy, queries
from antin.documents.operations import FileFacts
from antin.people import operations as organisation
from antin.people import queries as people
from antin.refusal import NotFound, refuse
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import DraftingFile as FileRow
    from antin.documents.models import Mandate as MandateRow
    from antin.people.models import Body as BodyRow

router = Router(tags=["Families of documents"])


class MandateIn(Schema):
    family: Literal["normative"]
    basis: str = Field(min_length=1, max_length=500)
    since: date


class MandateOut(MandateIn):
    id: int
    until: date | None = Field(description="The first day on which no such document is begun any more.")


class MandateEnd(Schema):
    until: date
    basis: str = Field(min_length=1, max_length=500)


class BodyIn(Schema):
    """What issues in its own name through the agency's registry."""

    kind: Literal["party", "advisory"]
    name: str = Field(min_length=1, max_length=300)
    abbreviation: str = Field(min_length=1, max_length=30)
    parent_name: str = Field("", max_length=300)
    collective: str = Field("", max_length=200, description="On whose behalf is signed; empty: the head for himself.")
    office_id: int | None = Field(None, description="The unit whose people draft for it.")
    basis: str = Field(min_length=1, max_length=300)
    opened_on: date


class Member(Schema):
    id: int
    post_id: int
    title: str
    standing: Literal["head", "deputy", "order", "member"]
    basis: str
    since: date
    until: date | None


class BodyOut(BodyIn):
    id: int
    closed_on: date | None
    members: list[Member]


class SeatIn(Schema):
    post_id: int
    title: str = Field(min_length=1, max_length=200)
    standing: Literal["head", "deputy", "order", "member"]
    basis: str = Field(min_length=1, max_length=300)
    since: date


class BasisIn(Schema):
    basis: str = Field(min_length=1, max_length=300)


class DraftingFileIn(Schema):
    """The drafting file of a legal normative document."""

    unconsulted: str = Field("", max_length=2000, description="Why nobody is consulted; empty where somebody is.")
    appraiser: str = Field("", max_length=300)
    appraisal_code: str = Field("", max_length=80)
    appraised_on: date | None = None
    appraisal: str = Field("", max_length=8000)
    explanation: str = Field("", max_length=8000)


class DraftingFile(DraftingFileIn):
    changed_by: str
    changed_at: datetime | None


def _agency(request: CalledRequest, unit_id: int) -> int:
    refuse(policy.why_not_mandate(request.auth.actor))
    return people.get_agency_for(request.auth.actor, unit_id).pk


def _mandate(row: MandateRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in MandateOut.model_fields}


@router.get(
    "/units/{int:unit_id}/mandates",
    auth=READ,
    response={200: list[MandateOut], **declared(403, 404)},
    operation_id="listMandates",
)
def list_mandates(request: CalledRequest, unit_id: int) -> list[dict[str, Any]]:
    """What an agency issues besides administrative documents; administrators only."""
    return [_mandate(row) for row in queries.list_mandates(_agency(request, unit_id))]


@router.post(
    "/units/{int:unit_id}/mandates",
    auth=ACT,
    response={201: MandateOut, **declared(*PROBLEMS)},
    operation_id="giveMandate",
)
def give_mandate(request: CalledRequest, unit_id: int, given: MandateIn) -> Status[Any]:
    """Let an agency issue documents of a family."""
    made = operations.give_mandate(
        agency_id=_agency(request, unit_id), **given.dict(), actor=request.auth.actor, at=timezone.now()
    )
    return Status(201, _mandate(made))


@router.post(
    "/units/{int:unit_id}/mandates/{int:mandate_id}/end",
    auth=ACT,
    response={200: MandateOut, **declared(*PROBLEMS)},
    operation_id="endMandate",
)
def end_mandate(request: CalledRequest, unit_id: int, mandate_id: int, given: MandateEnd) -> dict[str, Any]:
    """Let it issue none any more from a day on."""
    if all(each.pk != mandate_id for each in queries.list_mandates(_agency(request, unit_id))):
        raise NotFound()
    return _mandate(
        operations.end_mandate(mandate_id=mandate_id, **given.dict(), actor=request.auth.actor, at=timezone.now())
    )


def _body(body: BodyRow) -> dict[str, Any]:
    members = people.list_members(body.pk)
    own = {name: getattr(body, name) for name in BodyOut.model_fields if name != "members"}
    return own | {"members": [{name: getattr(each, name) for name in Member.model_fields} for each in members]}


@router.get(
    "/units/{int:unit_id}/bodies",
    auth=READ,
    response={200: list[BodyOut], **declared(403, 404)},
    operation_id="listBodies",
)
def list_bodies(request: CalledRequest, unit_id: int) -> list[dict[str, Any]]:
    """The Party organs, councils, boards and teams that issue through an agency's registry: to its administrator all of them, to
    others of their own agency those they draft for."""
    actor = request.auth.actor
    if actor.role == "administrator":
        return [_body(each) for each in people.list_bodies(_agency(request, unit_id))]
    if unit_id != actor.agency_id:
        raise NotFound(unit=unit_id)
    return [_body(each) for each in people.list_bodies_of(actor, local_date(timezone.now()))]


@router.post(
    "/units/{int:unit_id}/bodies", auth=ACT, response={201: BodyOut, **declared(*PROBLEMS)}, operation_id="foundBody"
)
def found_body(request: CalledRequest, unit_id: int, given: BodyIn) -> Status[Any]:
    """Let a body issue in its own name."""
    agency_id = _agency(request, unit_id)
    made = organisation.found_body(agency_id=agency_id, **given.dict(), actor=request.auth.actor, at=timezone.now())
    return Status(201, _body(made))


@router.post(
    "/bodies/{int:body_id}/members", auth=ACT, response={201: BodyOut, **declared(*PROBLEMS)}, operation_id="seatInBody"
)
def seat(request: CalledRequest, body_id: int, given: SeatIn) -> Status[Any]:
    """Put a post into a body, and say as what it signs."""
    people.get_body_for(request.auth.actor, body_id)
    organisation.seat_in_body(body_id=body_id, **given.dict(), actor=request.auth.actor, at=timezone.now())
    return Status(201, _body(people.get_body(body_id)))


@router.post(
    "/bodies/{int:body_id}/members/{int:member_id}/end",
    auth=ACT,
    response={200: BodyOut, **declared(*PROBLEMS)},
    operation_id="unseatFromBody",
)
def unseat(request: CalledRequest, body_id: int, member_id: int, given: BasisIn) -> dict[str, Any]:
    """End a membership today."""
    body = people.get_body_for(request.auth.actor, body_id)
    if all(each.pk != member_id for each in people.list_members(body_id)):
        raise NotFound()
    organisation.unseat_from_body(member_id=member_id, basis=given.basis, actor=request.auth.actor, at=timezone.now())
    return _body(body)


@router.post(
    "/bodies/{int:body_id}/close", auth=ACT, response={200: BodyOut, **declared(*PROBLEMS)}, operation_id="closeBody"
)
def close_body(request: CalledRequest, body_id: int, given: BasisIn) -> dict[str, Any]:
    """Let a body end today."""
    people.get_body_for(request.auth.actor, body_id)
    closed = organisation.close_body(body_id=body_id, basis=given.basis, actor=request.auth.actor, at=timezone.now())
    return _body(closed)


def _file(row: FileRow | None) -> dict[str, Any]:
    if row is None:
        return {**DraftingFileIn.model_construct().dict(), "changed_by": "", "changed_at": None}
    return {name: getattr(row, name) for name in DraftingFile.model_fields}


@router.get(
    "/documents/{int:document_id}/drafting-file",
    auth=READ,
    response={200: DraftingFile, **declared(403, 404)},
    operation_id="getDraftingFile",
)
def get_drafting_file(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """The drafting file of a normative document; opinions are listed by listOpinions."""
    queries.get_for(request.auth.actor, document_id)
    return _file(queries.find_drafting_file(document_id))


@router.put(
    "/documents/{int:document_id}/drafting-file",
    auth=ACT,
    response={200: DraftingFile, **declared(*PROBLEMS)},
    operation_id="keepDraftingFile",
)
def keep_drafting_file(request: CalledRequest, document_id: int, given: DraftingFileIn) -> dict[str, Any]:
    """Write the drafting file anew."""
    queries.get_for(request.auth.actor, document_id)
    row = operations.keep_drafting_file(
        document_id=document_id, facts=FileFacts(**given.dict()), actor=request.auth.actor, at=timezone.now()
    )
    return _file(row)
