"""Recovery of state secrets by three officers, and the caller's own key to which contents are sealed, for machines."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, now
from antin.api.problems import declared
from antin.api.vault import Level, Locks, Number, OpeningIn, Paper, Person, Sealed, Wrap, lock, locks_of
from antin.journeys import recover_secret
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.keys.providers import Kind
from antin.keys.states import Purpose
from antin.people import policy as house
from antin.people import queries as people
from antin.refusal import refuse
from antin.vault import operations, policy, queries

if TYPE_CHECKING:
    from antin.keys.models import Certificate as CertificateRow
    from antin.vault.models import Recovery as RecoveryRow

router = Router(tags=["Vault"])


class Keeping(Schema):
    """A recovery key and the three who keep it."""

    id: int
    agency_id: int
    decision: str
    established_at: datetime
    retired_at: datetime | None
    officers: list[Person]
    things: int = Field(description="How much that is protected it can bring back.")


class Ceremony(Schema):
    """One recovery and where it stands."""

    id: int
    classified_id: int
    level: Level
    person: Person
    decision: str
    state: Literal["asked", "half", "done", "withdrawn"]
    asked_by: str
    asked_at: datetime
    first_officer: str
    first_at: datetime | None
    second_officer: str
    settled_at: datetime | None


class Standing(Schema):
    """The caller's agency: its recovery key, older ones that something still needs, and the ceremonies that concern the caller."""

    keepings: list[Keeping] = Field(description="The one without `retired_at` counts now.")
    ceremonies: list[Ceremony]


class AgencyStanding(Schema):
    """Whether an agency can begin anything classified; `keyed` of its three officers can still open their parts."""

    agency_id: int
    agency_name: str
    keeping: Keeping | None
    keyed: int


class EstablishIn(Schema):
    officers: list[Number] = Field(max_length=10, description="Three different persons with encryption certificates.")
    decision: Paper


class HalfLocks(Schema):
    certificate: str = Field(description="Whose key opens them; DER, base64.")
    locks: list[Wrap]


class AskRecoveryIn(Schema):
    classified_id: Number
    person_id: Number
    decision: Paper


class Encryption(Schema):
    """A certificate of the caller's to which contents are sealed; `behind` of them the newest does not open yet."""

    id: int
    serial: str
    device: str
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None
    newest: bool
    contents: int
    behind: int


class MakeIn(Schema):
    pin: str = Field(max_length=64, description="Of the caller's signing key.")
    token: str = Field(
        "", max_length=300, description="Where the key is made: a token in the node's slots; empty: a software key."
    )
    token_pin: str = Field("", max_length=64)
    kind: Kind = Kind.P256


# ---- answers ---------------------------------------------------------------------------------------------------------------


def _keeping(found: queries.Keeping) -> dict[str, Any]:
    told = {name: getattr(found.key, name) for name in ("id", "agency_id", "decision", "established_at", "retired_at")}
    officers = [{"id": each.pk, "name": each.name} for each in found.officers]
    return told | {"officers": officers, "things": found.things}


def _ceremony(row: RecoveryRow) -> dict[str, Any]:
    told = {
        name: getattr(row, name)
        for name in ("id", "classified_id", "decision", "state", "asked_at", "first_at", "settled_at")
    }
    return told | {
        "level": row.classified.level,
        "person": {"id": row.person_id, "name": row.person.name},
        "asked_by": row.asked_by.name,
        "first_officer": row.first_officer.name if row.first_officer else "",
        "second_officer": row.second_officer.name if row.second_officer else "",
    }


def _held(row: CertificateRow, newest_id: int | None, held: queries.Holding | None) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("id", "serial", "not_before", "not_after", "revoked_at")}
    return told | {
        "device": row.device.kind,
        "newest": row.pk == newest_id,
        "contents": held.contents if held else 0,
        "behind": held.behind if held else 0,
    }


# ---- recovery --------------------------------------------------------------------------------------------------------------


@router.get("/vault/recovery", auth=READ, response={200: Standing, **declared(403, 404)}, operation_id="getRecovery")
def standing(request: CalledRequest) -> dict[str, Any]:
    """Who keeps the agency's recovery key, and the recoveries that concern the caller."""
    actor = request.auth.actor
    refuse(policy.why_not_see_recovery(actor, officer=queries.keeps_recovery_key(actor.person_id)))
    return {
        "keepings": [_keeping(each) for each in queries.list_keepings([actor.agency_id], retired=True)],
        "ceremonies": [_ceremony(row) for row in queries.list_recoveries(actor)],
    }


@router.get(
    "/vault/recovery/states",
    auth=READ,
    response={200: list[AgencyStanding], **declared(403)},
    operation_id="listRecoveryStates",
)
def states(request: CalledRequest) -> list[dict[str, Any]]:
    """Which agencies of the house have a recovery key, kept by whom; administrators."""
    unit = people.get_unit(request.auth.actor.agency_id)
    refuse(house.why_not_administer(request.auth.actor, unit))
    today, at = now()
    agencies = people.list_tree(on=today, below=unit, agencies_only=True)
    keepings = {each.key.agency_id: each for each in queries.list_keepings([unit.id for unit in agencies])}
    keyed = certificates.list_encryption_holders(
        [officer.pk for each in keepings.values() for officer in each.officers], at
    )
    return [_standing(unit, keepings.get(unit.id), keyed) for unit in agencies]


def _standing(unit: Any, keeping: queries.Keeping | None, keyed: set[int]) -> dict[str, Any]:
    return {
        "agency_id": unit.id,
        "agency_name": unit.name,
        "keeping": _keeping(keeping) if keeping else None,
        "keyed": sum(officer.pk in keyed for officer in keeping.officers) if keeping else 0,
    }


@router.post(
    "/vault/recovery/establish",
    auth=ACT,
    response={201: Keeping, **declared(*PROBLEMS)},
    operation_id="establishRecovery",
)
def establish(request: CalledRequest, given: EstablishIn) -> Status[Any]:
    """Name three officers and make the agency's recovery key; its head. What was begun before stays with the older key's three."""
    _today, at = now()
    actor = request.auth.actor
    key = recover_secret.establish(officers=given.officers, decision=given.decision, actor=actor, at=at)
    made = next(each for each in queries.list_keepings([actor.agency_id]) if each.key.pk == key.pk)
    return Status(201, _keeping(made))


@router.post("/vault/recovery", auth=ACT, response={201: Ceremony, **declared(*PROBLEMS)}, operation_id="askRecovery")
def ask_recovery(request: CalledRequest, given: AskRecoveryIn) -> Status[Any]:
    """Ask the officers to bring something to a person, by a decision; the head of the agency that holds it."""
    _today, at = now()
    return Status(201, _ceremony(recover_secret.ask(**given.model_dump(), actor=request.auth.actor, at=at)))


@router.post(
    "/vault/recovery/{int:recovery_id}/locks",
    auth=READ,
    response={200: HalfLocks, **declared(*PROBLEMS)},
    operation_id="lockHalves",
)
def half_locks(request: CalledRequest, recovery_id: int) -> dict[str, Any]:
    """What the officer's own device is to open in the step that is next: its `keys` are named by their places here, from 0."""
    _today, at = now()
    locked = operations.lock_halves(recovery_id=recovery_id, actor=request.auth.actor, at=at)
    return {
        "certificate": base64.b64encode(bytes(locked.certificate.certificate)).decode(),
        "locks": [lock(wrapped) for wrapped in locked.locks],
    }


@router.post(
    "/vault/recovery/{int:recovery_id}/half",
    auth=ACT,
    response={200: Ceremony, **declared(*PROBLEMS)},
    operation_id="giveRecoveryHalf",
)
def give_half(request: CalledRequest, recovery_id: int, given: OpeningIn) -> dict[str, Any]:
    """The first officer opens his part and leaves it, sealed, to the other two. Nothing can be opened yet."""
    _today, at = now()
    actor = request.auth.actor
    return _ceremony(recover_secret.give_half(recovery_id=recovery_id, pin=given.opening, actor=actor, at=at))


@router.post(
    "/vault/recovery/{int:recovery_id}/recover",
    auth=ACT,
    response={200: Ceremony, **declared(*PROBLEMS)},
    operation_id="recover",
)
def recover(request: CalledRequest, recovery_id: int, given: OpeningIn) -> dict[str, Any]:
    """The second officer joins the parts in memory; every content is sealed to the person, none is opened."""
    _today, at = now()
    actor = request.auth.actor
    return _ceremony(recover_secret.recover(recovery_id=recovery_id, pin=given.opening, actor=actor, at=at))


@router.post(
    "/vault/recovery/{int:recovery_id}/withdraw",
    auth=ACT,
    response={200: Ceremony, **declared(*PROBLEMS)},
    operation_id="withdrawRecovery",
)
def withdraw(request: CalledRequest, recovery_id: int) -> dict[str, Any]:
    """Give a recovery up; what the first officer left is deleted."""
    _today, at = now()
    return _ceremony(recover_secret.withdraw(recovery_id=recovery_id, actor=request.auth.actor, at=at))


# ---- one's own key ---------------------------------------------------------------------------------------------------------


def _own(request: CalledRequest) -> list[dict[str, Any]]:
    person_id = request.auth.actor.person_id
    _today, at = now()
    held = queries.count_sealed_to(person_id, at)
    newest = certificates.find_encryption_certificate(person_id, at)
    rows = certificates.list_certificates_of_person(person_id)
    own = [row for row in rows if row.purpose == Purpose.ENCRYPTION]
    return [_held(row, newest.pk if newest else None, held.get(row.pk)) for row in own]


@router.get(
    "/me/encryption", auth=READ, response={200: list[Encryption], **declared(403)}, operation_id="listOwnEncryption"
)
def own_encryption(request: CalledRequest) -> list[dict[str, Any]]:
    """The caller's encryption certificates, newest first, and how much is sealed to each."""
    return _own(request)


@router.post(
    "/me/encryption",
    auth=ACT,
    response={201: list[Encryption], **declared(*PROBLEMS)},
    operation_id="makeEncryption",
)
def make_encryption(request: CalledRequest, given: MakeIn) -> Status[Any]:
    """Make one's own key to which contents are sealed. Nobody makes it for another. Older ones go on opening what was theirs."""
    _today, at = now()
    keys.issue_encryption_certificate(**given.model_dump(), actor=request.auth.actor, at=at)
    return Status(201, _own(request))


@router.post(
    "/me/encryption/{int:certificate_id}/locks",
    auth=READ,
    response={200: Locks, **declared(*PROBLEMS)},
    operation_id="lockOld",
)
def old_locks(request: CalledRequest, certificate_id: int) -> dict[str, Any]:
    """What the caller's old device is to open so that its contents go to his newest key: so many as it opens at once."""
    _today, at = now()
    return locks_of(operations.lock_old(certificate_id=certificate_id, actor=request.auth.actor, at=at))


@router.post(
    "/me/encryption/{int:certificate_id}/carry-over",
    auth=ACT,
    response={200: Sealed, **declared(*PROBLEMS)},
    operation_id="carryOver",
)
def carry_over(request: CalledRequest, certificate_id: int, given: OpeningIn) -> dict[str, Any]:
    """After a key was replaced: seal to the newest what was sealed to this one, by its PIN. No content is opened."""
    _today, at = now()
    made = operations.rewrap(certificate_id=certificate_id, pin=given.opening, actor=request.auth.actor, at=at)
    return {"contents": made}
