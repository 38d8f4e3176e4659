"""The organisation for machines that administer it: units opened, renamed, moved, merged and closed. What a change of rights would
do is told beforehand by `lookAhead`."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS
from antin.api.problems import declared
from antin.api.rights import AheadOut, told_of
from antin.identifiers import queries as identifiers
from antin.journeys import close_unit as closing
from antin.journeys import split_unit
from antin.people import operations, policy, queries
from antin.people.states import Kind
from antin.refusal import refuse

if TYPE_CHECKING:
    from antin.people.models import Unit as UnitRow

router = Router(tags=["Organisation"])
HERE = "/units/{int:unit_id}"
Decision = Field("", max_length=200, description="Number and notation of the decision; kept in the journal.")


class Called(Schema):
    """What a unit was called, and where it stood, until a day (exclusive)."""

    until: date
    name: str
    short_name: str
    abbreviation: str
    parent_id: int | None


class Code(Schema):
    """An identifier code (Decision 20/2020): never given again, resolvable for ever."""

    value: str
    status: Literal["active", "closed", "merged"]
    current: str = Field(description="The code that stands in its place today: itself unless it was merged.")
    issued_at: datetime
    issuing_decision: str
    closed_at: datetime | None
    closing_decision: str
    spellings: list[str] = Field(description="Every text that means it, the code itself first.")


class UnitNames(Schema):
    name: str = Field(min_length=1, max_length=300)
    short_name: str = Field(min_length=1, max_length=100)
    abbreviation: str = Field(min_length=1, max_length=30, description="What stands in notations.")


class Letterhead(Schema):
    place_name: str = Field("", max_length=100, description="Before the date; empty at opening: the parent's.")
    address: str = Field("", max_length=300)
    parent_name: str = Field("", max_length=300, description="The line above the name.")
    collective: str = Field("", max_length=200, description="In whose name the head signs (TM.).")


class UnitWhole(UnitNames, Letterhead):
    """A unit as its administrator sees it; `closed_on` and `successor_id` once it is closed, or merged."""

    id: int
    kind: Literal[tuple(Kind.values)]  # type: ignore[valid-type]
    parent_id: int | None
    agency_id: int
    is_agency: bool
    opened_on: date
    closed_on: date | None
    successor_id: int | None
    code: Code | None = Field(description="Null inside an agency.")
    former: list[Called]


class OpenUnitIn(UnitNames, Letterhead):
    kind: Literal[tuple(Kind.values)] = Kind.DIVISION.value  # type: ignore[valid-type]
    code: str = Field("", max_length=40, description="With an identifier code it is an agency, without a part of one.")
    order: int = Field(50, ge=0, le=9999, description="Among its siblings, the least first.")
    opened_on: date | None = Field(None, description="Today where it is null.")
    decision: str = Decision


class RenameUnitIn(UnitNames):
    decision: str = Decision


class MoveUnitIn(Schema):
    parent_id: int
    code: str = Field("", max_length=40, description="Of an agency whose code does not lie below its new parent's.")
    decision: str = Decision


class CloseUnitIn(Schema):
    successor_id: int | None = Field(
        None, description="The unit it is merged into; of an agency the code then leads to this one's."
    )
    decision: str = Field(min_length=1, max_length=200)


class PartIn(UnitNames):
    """A unit to be, and which posts and units below the old one go to it."""

    kind: Literal[tuple(Kind.values)] = Kind.DIVISION.value  # type: ignore[valid-type]
    code: str = Field("", max_length=40, description="Of an agency: an agency is split into agencies.")
    posts: list[int] = Field([], max_length=500)
    units: list[int] = Field([], max_length=500)
    takes_work: bool = Field(
        False, description="Takes the work given to the old unit itself; of an agency that is closed: succeeds it."
    )
    sees: bool = Field(
        False,
        description="Its leaders see what the old unit's leaders see, as whoever takes the work does; no agency's.",
    )


class SplitIn(Schema):
    parts: list[PartIn] = Field(min_length=1, max_length=20)
    keeps: bool = Field(description="The old unit lives on (tách); else it is closed (chia).")
    decision: str = Field(min_length=1, max_length=200)
    keep: bool = Field(False, description="Without it nothing is written: a dry run.")


class SplitOut(Schema):
    """What came of it, or would: `kept` is false when nothing was written, and `units` holds ids only of what was."""

    kept: bool
    units: list[int] = Field(description="The new units, as they were asked for.")
    closed: bool
    posts: int
    drafts: int
    works: int
    things: int = Field(
        description="Of the estate, with its programs: they go where the work goes when the unit is closed."
    )
    opinions: int
    sight: AheadOut | None = Field(
        None, description="Of a dry run: who would see how many documents more or no longer."
    )


def _code(value: str) -> dict[str, Any]:
    found = identifiers.resolve(value)
    spelled = [each.value for each in identifiers.list_spellings(found.value)]
    own = {name: getattr(found, name) for name in Code.model_fields if name != "spellings"}
    return own | {"spellings": spelled}


def _whole(unit: UnitRow) -> dict[str, Any]:
    own = {name: getattr(unit, name) for name in UnitWhole.model_fields if name not in ("code", "former")}
    former = [{name: getattr(each, name) for name in Called.model_fields} for each in queries.list_former(unit.pk)]
    return own | {"former": former, "code": _code(unit.code.value) if unit.code else None}


def administered(request: CalledRequest, unit_id: int) -> UnitRow:
    """The unit, of the house the caller administers. :raises NotAllowed: he administers none :raises NotFound: not of his house"""
    refuse(policy.why_not_see_house(request.auth.actor))
    return queries.get_unit_for(request.auth.actor, unit_id)


@router.get(HERE, auth=READ, response={200: UnitWhole, **declared(403, 404)}, operation_id="getUnit")
def get_unit(request: CalledRequest, unit_id: int) -> dict[str, Any]:
    """One unit with its dates, its code and what it was called before; administrators only."""
    return _whole(administered(request, unit_id))


@router.post(f"{HERE}/units", auth=ACT, response={201: UnitWhole, **declared(*PROBLEMS)}, operation_id="openUnit")
def open_unit(request: CalledRequest, unit_id: int, given: OpenUnitIn) -> Status[Any]:
    """Open a unit below this one. Sent again it is refused: its name, or its code, is taken."""
    administered(request, unit_id)
    made = operations.open_unit(parent_id=unit_id, **given.dict(), actor=request.auth.actor, at=timezone.now())
    return Status(201, _whole(made))


@router.post(f"{HERE}/rename", auth=ACT, response={200: UnitWhole, **declared(*PROBLEMS)}, operation_id="renameUnit")
def rename_unit(request: CalledRequest, unit_id: int, given: RenameUnitIn) -> dict[str, Any]:
    """Give a unit another name from today on; what it was called is kept with its date."""
    administered(request, unit_id)
    return _whole(operations.rename_unit(unit_id=unit_id, **given.dict(), actor=request.auth.actor, at=timezone.now()))


@router.put(
    f"{HERE}/letterhead", auth=ACT, response={200: UnitWhole, **declared(*PROBLEMS)}, operation_id="describeUnit"
)
def describe_unit(request: CalledRequest, unit_id: int, given: Letterhead) -> dict[str, Any]:
    """Say what stands on a unit's letterhead besides its name."""
    administered(request, unit_id)
    return _whole(
        operations.describe_unit(unit_id=unit_id, **given.dict(), actor=request.auth.actor, at=timezone.now())
    )


@router.post(f"{HERE}/move", auth=ACT, response={200: UnitWhole, **declared(*PROBLEMS)}, operation_id="moveUnit")
def move_unit(request: CalledRequest, unit_id: int, given: MoveUnitIn) -> dict[str, Any]:
    """Put a unit, with everything below it, under another parent from today on."""
    for each in (unit_id, given.parent_id):
        administered(request, each)
    return _whole(operations.move_unit(unit_id=unit_id, **given.dict(), actor=request.auth.actor, at=timezone.now()))


@router.post(f"{HERE}/close", auth=ACT, response={200: UnitWhole, **declared(*PROBLEMS)}, operation_id="closeUnit")
def close_unit(request: CalledRequest, unit_id: int, given: CloseUnitIn) -> dict[str, Any]:
    """Close a unit from today on with its posts and appointments, or merge it into another. It is not opened again.

    Open work and opinions go to a successor in the same agency; refused, with what is open, where somebody would be missing.
    """
    for each in (unit_id, given.successor_id):
        if each is not None:
            administered(request, each)
    return _whole(closing.close(unit_id=unit_id, **given.dict(), actor=request.auth.actor, at=timezone.now()))


@router.post(f"{HERE}/split", auth=ACT, response={200: SplitOut, **declared(*PROBLEMS)}, operation_id="splitUnit")
def split(request: CalledRequest, unit_id: int, given: SplitIn) -> dict[str, Any]:
    """Split a unit from today on, with the posts, units, work and sight that go to each part; all or nothing."""
    administered(request, unit_id)
    parts = [
        operations.Part(**each.dict(exclude={"posts", "units"}), posts=tuple(each.posts), units=tuple(each.units))
        for each in given.parts
    ]
    asked: dict[str, Any] = {"unit_id": unit_id, "parts": parts, "keeps": given.keeps, "decision": given.decision}
    asked |= {"actor": request.auth.actor, "at": timezone.now()}
    sight = None
    if given.keep:
        done = split_unit.split(**asked)
    else:
        outlook = split_unit.foresee(**asked)
        done, sight = outlook.done, told_of(outlook.ahead)
    return {
        "kept": given.keep,
        "units": [each.pk for each in done.split.parts] if given.keep else [],
        "closed": not given.keeps,
        "posts": len(done.split.posts),
        "drafts": done.drafts,
        "works": done.works,
        "things": done.things,
        "opinions": done.opinions,
        "sight": sight,
    }
