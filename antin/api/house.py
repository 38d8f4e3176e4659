"""The house for machines: whom a document can go to, who may sign it, who can be given work."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from antin.api.callers import READ, CalledRequest
from antin.api.problems import declared
from antin.people import queries
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
) -> list[dict[str, Any]]:
    """Everybody who may sign a document of this type for the caller's agency today."""
    found = queries.list_signing_rights(agency_id=request.auth.actor.agency_id, type_code=type_code, on=_today())
    return [asdict(row) for row in found]
