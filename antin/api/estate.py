"""The IT estate for machines: units, things with their history, imports of an agent's inventory, software, checks and findings."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Directive, ShareIn, shares
from antin.api.problems import declared
from antin.estate import inventory, operations, queries
from antin.journeys import check_estate
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.estate.models import Asset

router = Router(tags=["Estate"])

Id = Annotated[int, Field(ge=1, lt=2**63)]
KindIn = Literal["workstation", "server", "network", "data_room"]
NetworkIn = Literal["none", "isolated", "military", "internet"]
UseIn = Literal["used", "stored", "retired"]


class ThingOut(Schema):
    id: int
    code: str
    kind: str
    name: str
    unit_id: int
    keeper: str
    place: str
    serial: str
    system: str
    network: str
    use: str
    protection: str
    updated_on: date | None
    seen_on: date | None
    revision: int
    why_not_protected: str | None = Field(description="absent, undated or old; null: protected today.")


class ChangeOut(Schema):
    fields: dict[str, list[str]]
    words: str
    by: str
    at: datetime
    source_id: int | None = Field(description="The import that brought it.")


class ThingWhole(ThingOut):
    history: list[ChangeOut]


class UnitTally(Schema):
    unit_id: int
    unit_name: str
    workstations: int
    protected: int
    servers: int
    connected: bool
    editions: list[str]
    signing: bool


class ThingIn(Schema):
    kind: KindIn
    name: str = Field(min_length=1, max_length=200)
    unit_id: Id
    keeper: str = Field("", max_length=200)
    place: str = Field("", max_length=200)
    serial: str = Field("", max_length=100)
    system: str = Field("", max_length=200)
    network: NetworkIn = "none"
    use: UseIn = "used"
    protection: str = Field("", max_length=200, description="The anti-malware and its version; empty: none.")
    updated_on: date | None = Field(None, description="The day of its signatures.")


class NewThingIn(ThingIn):
    code: str = Field(min_length=1, max_length=60)


class ChangeIn(ThingIn):
    revision: int = Field(ge=0, lt=2**31)
    words: str = Field("", max_length=500)


class SoftwareIn(Schema):
    unit_id: Id
    product: str = Field(max_length=200)
    edition: Literal["web", "desktop", "mobile"]
    version: str = Field("", max_length=60)
    shared: bool = False
    signing: bool = False
    used: bool = Field(True, description="False: no longer, from today on.")


class SoftwareOut(Schema):
    unit_id: int
    product: str
    edition: str
    version: str
    shared: bool
    signing: bool
    since: date
    until: date | None


class InventoryIn(Schema):
    name: str = Field("", max_length=200)
    keep: bool = Field(False, description="False: only look it through. True: take it in, unless a line is faulty.")
    content: dict[str, Any] | list[Any] = Field(
        description="An inventory of ours, of osquery or of Wazuh: docs/estate.md."
    )


class FaultOut(Schema):
    row: int
    code: str
    words: str


class TakenOut(Schema):
    import_id: int | None = Field(description="Null: nothing was written.")
    added: int
    changed: int
    same: int
    faults: list[FaultOut]


class NormIn(Schema):
    days: int = Field(ge=1, le=365)
    valid_from: date
    basis: str = Field(min_length=1, max_length=300)


class NormOut(Schema):
    days: int
    valid_from: date
    basis: str


class FoundIn(Schema):
    words: str = Field(max_length=2000)
    asset_id: Id | None = None


class CheckIn(Schema):
    unit_id: Id
    day: date
    words: str = Field("", max_length=2000)
    found: list[FoundIn] = Field([], max_length=100)


class FindingOut(Schema):
    id: int
    unit_id: int
    day: date
    asset_id: int | None
    words: str
    status: str
    settled_words: str


class GiveIn(Schema):
    words: str = ""
    shares: list[ShareIn]
    key: str = Field("", max_length=40, description="The same key gives once.")


class SettleIn(Schema):
    words: str = Field(max_length=1000)


NAMES = ("kind", "name", "keeper", "place", "serial", "system", "network", "use", "protection", "updated_on")


def _thing(row: Asset) -> dict[str, Any]:
    why = queries.why_not_protected(row, local_date(timezone.now()), queries.norms())
    return {name: getattr(row, name) for name in NAMES} | {
        "id": row.pk,
        "code": row.code,
        "unit_id": row.unit_id,
        "seen_on": row.seen_on,
        "revision": row.revision,
        "why_not_protected": str(why.value) if why else None,
    }


def _whole(request: CalledRequest, asset_id: int) -> dict[str, Any]:
    row = queries.get_for(request.auth.actor, asset_id)
    return _thing(row) | {"history": queries.list_changes(row)}


def _findings(rows: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "unit_id": row.check_of.unit_id,
            "day": row.check_of.day,
            "asset_id": row.asset_id,
            "words": row.words,
            "status": row.status,
            "settled_words": row.settled_words,
        }
        for row in rows
    ]


@router.get("/estate", auth=READ, response={200: list[UnitTally], **declared(403)}, operation_id="listEstate")
def list_estate(request: CalledRequest) -> list[dict[str, Any]]:
    """What each unit under the caller has, with everything below it."""
    _root, rows, _whole_tally = queries.list_by_unit(request.auth.actor, local_date(timezone.now()))
    return [
        {
            "unit_id": unit.pk,
            "unit_name": unit.name,
            "workstations": each.workstations,
            "protected": each.protected,
            "servers": each.servers,
            "connected": each.connected,
            "editions": each.editions,
            "signing": each.signing,
        }
        for unit, each in rows
    ]


@router.get(
    "/estate/unprotected", auth=READ, response={200: list[ThingOut], **declared(403)}, operation_id="listUnprotected"
)
def list_unprotected(request: CalledRequest) -> list[dict[str, Any]]:
    """The machines in use that are not protected today, with why; 500 at most."""
    rows = queries.list_unprotected(request.auth.actor, local_date(timezone.now()))
    return [_thing(each.asset) for each in rows]


@router.get(
    "/estate/things", auth=READ, response={200: list[ThingOut], **declared(403, 422)}, operation_id="findThings"
)
def find_things(request: CalledRequest, q: Annotated[str, Query(max_length=200)]) -> list[dict[str, Any]]:
    """Things by identifier, name, serial or keeper, accents or not; 50 at most."""
    return [_thing(row) for row in queries.find_things(request.auth.actor, q)]


@router.post("/estate/things", auth=ACT, response={201: ThingWhole, **declared(*PROBLEMS)}, operation_id="addThing")
def add_thing(request: CalledRequest, given: NewThingIn) -> Status[Any]:
    """Add a thing to a unit."""
    facts = {name: getattr(given, name) for name in NAMES}
    made = operations.add(
        code=given.code, unit_id=given.unit_id, facts=facts, actor=request.auth.actor, at=timezone.now()
    )
    return Status(201, _whole(request, made.pk))


@router.get(
    "/estate/things/{int:asset_id}",
    auth=READ,
    response={200: ThingWhole, **declared(403, 404)},
    operation_id="getThing",
)
def get_thing(request: CalledRequest, asset_id: int) -> dict[str, Any]:
    """One thing with its history."""
    return _whole(request, asset_id)


@router.put(
    "/estate/things/{int:asset_id}",
    auth=ACT,
    response={200: ThingWhole, **declared(*PROBLEMS)},
    operation_id="changeThing",
)
def change_thing(request: CalledRequest, asset_id: int, given: ChangeIn) -> dict[str, Any]:
    """Change a thing, whole, or move it to another unit."""
    operations.change(
        asset_id=asset_id,
        unit_id=given.unit_id,
        facts={name: getattr(given, name) for name in NAMES},
        revision=given.revision,
        words=given.words,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return _whole(request, asset_id)


@router.post(
    "/estate/imports", auth=ACT, response={200: TakenOut, **declared(*PROBLEMS)}, operation_id="importInventory"
)
def import_inventory(request: CalledRequest, given: InventoryIn) -> dict[str, Any]:
    """Look an inventory through, or take it in whole: one faulty line, and nothing is written."""
    data = json.dumps(given.content, ensure_ascii=True).encode()
    done = operations.take_in(
        told=inventory.of_file(data),
        name=given.name,
        content=data,
        keep=given.keep,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return {
        "import_id": done.made.pk if done.made else None,
        "added": done.added,
        "changed": done.changed,
        "same": done.same,
        "faults": [
            {"row": each.row, "code": each.refusal.code, "words": each.refusal.message} for each in done.faults[:500]
        ],
    }


@router.post(
    "/estate/software", auth=ACT, response={200: SoftwareOut | None, **declared(*PROBLEMS)}, operation_id="setSoftware"
)
def set_software(request: CalledRequest, given: SoftwareIn) -> Any:
    """Say which edition of a program a unit uses from today on; null where it no longer does."""
    return operations.set_software(**given.dict(), actor=request.auth.actor, at=timezone.now())


@router.post("/estate/norm", auth=ACT, response={201: NormOut, **declared(*PROBLEMS)}, operation_id="setProtectionNorm")
def set_norm(request: CalledRequest, given: NormIn) -> Status[Any]:
    """Say how old signatures may be to be current, from a day to come on."""
    return Status(201, operations.set_norm(**given.dict(), actor=request.auth.actor, at=timezone.now()))


@router.get(
    "/estate/units/{int:unit_id}/findings",
    auth=READ,
    response={200: list[FindingOut], **declared(403, 404)},
    operation_id="listFindings",
)
def list_findings(request: CalledRequest, unit_id: int) -> list[dict[str, Any]]:
    """What checks of a unit found, what is open first."""
    unit = queries.get_unit_for(request.auth.actor, unit_id)
    return _findings(queries.list_findings(request.auth.actor, unit=unit))


@router.post(
    "/estate/checks", auth=ACT, response={201: list[FindingOut], **declared(*PROBLEMS)}, operation_id="noteCheck"
)
def note_check(request: CalledRequest, given: CheckIn) -> Status[Any]:
    """Note a check of a unit and what it found."""
    actor = request.auth.actor
    unit = queries.get_unit_for(actor, given.unit_id)
    made = operations.check(
        unit_id=unit.pk,
        day=given.day,
        words=given.words,
        found=[(each.words, each.asset_id) for each in given.found],
        actor=actor,
        at=timezone.now(),
    )
    rows = [row for row in queries.list_findings(actor, unit=unit) if row.check_of_id == made.pk]
    return Status(201, _findings(rows))


@router.post(
    "/estate/findings/{int:finding_id}/give",
    auth=ACT,
    response={201: Directive, **declared(*PROBLEMS)},
    operation_id="giveFinding",
)
def give_finding(request: CalledRequest, finding_id: int, given: GiveIn) -> Status[Any]:
    """Give out what was found, to be put right."""
    actor = request.auth.actor
    made = check_estate.give(
        finding_id=finding_id,
        shares=shares(given.shares),
        words=given.words,
        begun_in=f"api:{actor.person_id}:{given.key}"[:64] if given.key else None,
        actor=actor,
        at=timezone.now(),
    )
    return Status(201, made)


@router.post(
    "/estate/findings/{int:finding_id}/settle",
    auth=ACT,
    response={200: FindingOut, **declared(*PROBLEMS)},
    operation_id="settleFinding",
)
def settle_finding(request: CalledRequest, finding_id: int, given: SettleIn) -> dict[str, Any]:
    """Note that what was found is put right."""
    made = operations.settle(finding_id=finding_id, words=given.words, actor=request.auth.actor, at=timezone.now())
    return _findings([made])[0]
