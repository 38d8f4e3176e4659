"""What a change of rights would do, for machines: nothing is changed."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from antin.api.callers import ACT, CalledRequest
from antin.api.documents import PROBLEMS
from antin.api.problems import declared
from antin.journeys import look_ahead
from antin.refusal import Refusal

router = Router(tags=["House"])
Id = int | None


class FieldMissing(Refusal):
    code = "field_missing"
    words = "%(names)s"


class ChangeIn(Schema):
    """A change of rights; each kind takes its own fields, as its page does."""

    change: Literal[
        "appoint", "end_appointment", "substitute", "end_substitution", "grant_clearance", "move_unit", "close_unit"
    ]
    person_id: Id = None
    post_id: Id = None
    appointment_id: Id = None
    principal_id: Id = None
    substitute_id: Id = None
    substitution_id: Id = None
    unit_id: Id = None
    parent_id: Id = None
    successor_id: Id = None
    since: date | None = None
    until: date | None = None
    level: Literal["none", "mat", "toi_mat", "tuyet_mat"] | None = None
    basis: str = Field("", max_length=500)
    code: str = Field("", max_length=35)


NEEDS: dict[str, tuple[str, ...]] = {
    "appoint": ("person_id", "post_id", "since"),
    "end_appointment": ("appointment_id", "until"),
    "substitute": ("principal_id", "substitute_id", "since", "until", "basis"),
    "end_substitution": ("substitution_id",),
    "grant_clearance": ("person_id", "level", "basis"),
    "move_unit": ("unit_id", "parent_id"),
    "close_unit": ("unit_id",),
}
TAKES: dict[str, tuple[str, ...]] = {
    "appoint": ("until", "basis"),
    "end_appointment": ("basis",),
    "grant_clearance": ("until",),
    "move_unit": ("code",),
    "close_unit": ("successor_id",),
}


class ChangedSight(Schema):
    person_id: int
    name: str
    gains: int = Field(description="Documents seen more, up to 100,000; 100,001 says: more than that.")
    loses: int


class KindOut(Schema):
    gained: bool
    agency_id: int
    box: Literal["draft", "out", "in"]
    documents: int


class AheadOut(Schema):
    """What the change would do on its first day."""

    on: date
    persons: int = Field(description="Whose sight would change.")
    uncounted: int = Field(description="Of them, not counted one by one: 100 at most are.")
    rows: list[ChangedSight]
    kinds: list[KindOut] = Field(description="Sums by agency and box: no document is named.")


@router.post("/rights/look-ahead", auth=ACT, response={200: AheadOut, **declared(*PROBLEMS)}, operation_id="lookAhead")
def look(request: CalledRequest, given: ChangeIn) -> dict[str, Any]:
    """Say who would see how many documents more or no longer; refused as the change itself would be. Administrators."""
    names = NEEDS[given.change]
    missing = [name for name in names if getattr(given, name) in (None, "")]
    if missing:
        raise FieldMissing(names=", ".join(missing))
    asked = {name: getattr(given, name) for name in (*names, *TAKES.get(given.change, ()))}
    found = getattr(look_ahead, given.change)(**asked, actor=request.auth.actor, at=timezone.now())
    return told_of(found)


def told_of(found: look_ahead.Ahead) -> dict[str, Any]:
    """What a change would do, as it is told."""
    kinds = [
        {"gained": gained, "agency_id": agency_id, "box": box, "documents": n}
        for (gained, agency_id, box), n in sorted(found.kinds.items())
    ]
    return {
        "on": found.on,
        "persons": found.persons,
        "uncounted": found.uncounted,
        "rows": list(found.rows),
        "kinds": kinds,
    }
