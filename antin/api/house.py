"""The house for machines: whom a document can go to, who may sign it, who can be given work."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.problems import declared
from antin.api.rights import AheadOut, told_of
from antin.journeys import look_ahead
from antin.people import operations, queries
from antin.people.states import Kind, Role
from antin.refusal import NotFound
from antin.workdays import queries as workdays

router = Router(tags=["House"])


class Unit(Schema):
    """A unit of the house, after its parent. An agency has a registry office of its own: documents go to agencies."""

    id: int
    name: str
    short_name: str
    abbreviation: str
    code: str = Field(description="Identifier code (QCVN 102:2016), empty inside an agency.")
    kind: str
    parent_id: int | None
    agency_id: int
    is_agency: bool
    depth: int


class UnitsIn(Schema):
    words: str = Field("", max_length=200, description="Name, abbreviation or code; accents typed or not.")
    agencies_only: bool = False


class Post(Schema):
    """A post and who holds it today; nobody when it is vacant."""

    id: int
    title: str
    role: Literal["head", "deputy", "clerk", "officer", "administrator"]
    keeps_seal: bool
    unit_id: int
    unit_name: str
    person_id: int | None
    person_name: str
    rank: str
    acting: bool


class Signer(Schema):
    """Who may sign for the caller's agency today, and on what authority."""

    post_id: int
    post_title: str
    unit_name: str
    person_id: int
    person_name: str
    rank: str
    form: str = Field(description="KT., TL., TUQ., TM., Q. or empty for the head himself.")
    lines: list[str] = Field(description="As printed above the signature (Decree 30/2020, annex I).")
    basis: str
    until: date | None


def _today() -> date:
    return workdays.local_date(timezone.now())


@router.get("/units", auth=READ, response={200: list[Unit], **declared(403, 422)}, operation_id="listUnits")
def units(request: CalledRequest, given: Annotated[UnitsIn, Query()]) -> list[dict[str, Any]]:
    """The units open today, as a tree is drawn."""
    rows = queries.list_tree(on=_today(), words=given.words, agencies_only=given.agencies_only)
    return [asdict(row) for row in rows]


@router.get("/posts", auth=READ, response={200: list[Post], **declared(403, 422)}, operation_id="listPosts")
def posts(request: CalledRequest, unit_id: int | None = None) -> list[dict[str, Any]]:
    """The posts of the caller's agency, or of one unit inside it."""
    return [asdict(row) for row in queries.list_posts(request.auth.actor.agency_id, _today(), unit_id=unit_id)]


@router.get("/signers", auth=READ, response={200: list[Signer], **declared(403, 404, 422)}, operation_id="listSigners")
def signers(
    request: CalledRequest,
    type_code: Annotated[str, Query(max_length=10, description="Type of the document: CV, QĐ, TB …")],
    body_id: Annotated[int | None, Query(description="Of the body in whose name it is issued.")] = None,
) -> list[dict[str, Any]]:
    """Everybody who may sign a document of this type for the caller's agency, or a body of it, today."""
    if body_id is not None:
        if queries.get_body(body_id).agency_id != request.auth.actor.agency_id:
            raise NotFound()
        return [asdict(row) for row in queries.list_body_rights(body_id=body_id, on=_today())]
    found = queries.list_signing_rights(agency_id=request.auth.actor.agency_id, type_code=type_code, on=_today())
    return [asdict(row) for row in found]


class Entry(Schema):
    """A line of the directory: who holds a post, and where he is reached."""

    person_id: int
    name: str
    rank: str
    phone: str
    title: str
    acting: bool
    unit_id: int
    unit: str
    agency: str = Field(description="Empty for a post of the agency itself.")


class DirectoryIn(Schema):
    words: str = Field("", max_length=200, description="Name, telephone number or unit; accents typed or not.")
    first: int = Field(0, ge=0, description="The row it begins with.")
    limit: int = Field(50, ge=1, le=200)


@router.get("/directory", auth=READ, response={200: list[Entry], **declared(403, 422)}, operation_id="listDirectory")
def directory(request: CalledRequest, given: Annotated[DirectoryIn, Query()]) -> list[dict[str, Any]]:
    """Who holds which post today, unit by unit."""
    found = queries.list_directory(on=_today(), words=given.words, first=given.first, limit=given.limit)
    return [asdict(entry) for entry in found]


class PhoneIn(Schema):
    phone: str = Field(max_length=40, description="Empty takes it away.")


class Phone(Schema):
    person_id: int
    phone: str


@router.put(
    "/people/{int:person_id}/phone",
    auth=ACT,
    response={200: Phone, **declared(403, 404, 422)},
    operation_id="givePhone",
)
def give_phone(request: CalledRequest, person_id: int, given: PhoneIn) -> dict[str, Any]:
    """Say under which telephone number a person is reached: the caller himself, or one he administers."""
    person = operations.give_phone(person_id=person_id, phone=given.phone, actor=request.auth.actor, at=timezone.now())
    return {"person_id": person.pk, "phone": person.phone}


class UnitLine(Schema):
    """A unit to be opened when it is not there yet."""

    row: int = Field(ge=0, description="By which a fault is told back.")
    name: str = Field(max_length=300)
    under: str = Field(
        max_length=300, description="Its parent: identifier code, name, or names from above parted by /."
    )
    short_name: str = Field("", max_length=100)
    abbreviation: str = Field("", max_length=30)
    kind: Literal[tuple(Kind.values)] = Kind.UNIT.value  # type: ignore[valid-type]
    code: str = Field("", max_length=40, description="With an identifier code it is an agency, without a part of one.")
    place_name: str = Field("", max_length=100)
    address: str = Field("", max_length=300)
    decision: str = Field("", max_length=300)


class PostLine(Schema):
    """A post to be opened when no vacant one of its title is there, and who shall hold it."""

    row: int = Field(ge=0)
    unit: str = Field(max_length=300)
    title: str = Field(max_length=200)
    role: Literal[tuple(Role.values)] = Role.OFFICER.value  # type: ignore[valid-type]
    keeps_seal: bool = False
    person: str = Field("", max_length=100)
    rank: str = Field("", max_length=50)
    phone: str = Field("", max_length=40)
    code: str = Field("", max_length=40)
    user_name: str = Field("", max_length=60)
    since: date | None = None


class OrganisationIn(Schema):
    units: list[UnitLine] = Field(default_factory=list, max_length=5000)
    posts: list[PostLine] = Field(default_factory=list, max_length=5000)
    keep: bool = Field(False, description="Without it nothing is written: a dry run.")


class LineFault(Schema):
    table: Literal["units", "posts"]
    row: int
    code: str
    words: str


class Organisation(Schema):
    """What was taken in, or would be; `kept` is false when nothing was written."""

    kept: bool
    units: int
    units_there: int
    posts: int
    posts_there: int
    persons: int
    persons_there: int
    appointments: int
    faults: list[LineFault]
    sight: AheadOut | None = Field(
        None, description="Of a dry run: who would see how many documents more, coming into a post."
    )


@router.post(
    "/organisation",
    auth=ACT,
    response={200: Organisation, **declared(403, 422)},
    operation_id="importOrganisation",
)
def import_organisation(request: CalledRequest, given: OrganisationIn) -> dict[str, Any]:
    """Take in units, posts and persons from two tables, all or nothing; every line that has a fault is named."""
    units = [operations.UnitLine(**each.model_dump()) for each in given.units]
    posts = [operations.PostLine(**each.model_dump()) for each in given.posts]
    done = operations.import_organisation(
        units=units,
        posts=posts,
        keep=given.keep,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    faults = [
        {"table": each.table, "row": each.row, "code": each.refusal.code, "words": each.refusal.message}
        for each in done.faults
    ]
    sight = None
    if done.appointments and not given.keep and not faults:
        ahead = look_ahead.import_organisation(units=units, posts=posts, actor=request.auth.actor, at=timezone.now())
        sight = told_of(ahead)
    return {**vars(done), "faults": faults, "sight": sight}
