"""Leave to sign in the head's name, and who does whose work while he is away, for machines. Decree 30/2020/NĐ-CP, art. 13."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, now
from antin.api.paging import After, BadCursor, Limit, Page
from antin.api.posts import Key, begun_in
from antin.api.problems import declared
from antin.documents.types import TYPES
from antin.people import operations, policy, queries
from antin.refusal import NotFound, refuse

if TYPE_CHECKING:
    from antin.people.models import Unit

router = Router(tags=["Organisation"])
HERE = "/units/{int:unit_id}"
State = Literal["in_force", "future", "expired", "revoked"]
_CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2}):(\d{1,18})", re.ASCII)


class Delegation(Schema):
    """Leave to sign as it was written."""

    id: int
    form: Literal["TL.", "TUQ."]
    giver_post_id: int
    giver: str
    taker_post_id: int
    taker: str
    taker_unit: str
    type_codes: list[str] = Field(description="Empty: every type.")
    since: date
    until: date | None
    basis: str
    handed_on: bool = Field(description="The deputies of that part sign too (TL. only).")
    state: State


class DelegateIn(Schema):
    form: Literal["TL.", "TUQ."]
    to_post_id: int = Field(description="A post that heads a part of the agency (TL.), or a unit below it (TUQ.).")
    type_codes: list[Literal[tuple(TYPES)]] = Field(  # type: ignore[valid-type]
        [], max_length=len(TYPES), description="Empty: every type; TUQ. names them."
    )
    since: date
    until: date | None = Field(None, description="The first day it no longer holds; TUQ. needs it.")
    may_subdelegate: bool = False
    basis: str = Field(min_length=1, max_length=300)
    key: Key = ""


class Substitution(Schema):
    """A post does the work of another; it never gives leave to sign."""

    id: int
    principal_id: int
    principal: str
    substitute_id: int
    substitute: str
    since: date
    until: date
    basis: str
    state: State


class SubstituteIn(Schema):
    principal_id: int = Field(description="The post whose holder is away.")
    substitute_id: int = Field(description="Another post of the same agency.")
    since: date
    until: date = Field(description="The first day on which it no longer holds.")
    basis: str = Field(min_length=1, max_length=300)
    key: Key = ""


def agency_of(request: CalledRequest, unit_id: int) -> Unit:
    """The agency, of the house the caller administers. :raises NotAllowed: :raises NotFound: not of his house, or no agency"""
    refuse(policy.why_not_see_house(request.auth.actor))
    return queries.get_agency_for(request.auth.actor, unit_id)


def _last(after: str) -> tuple[date, int] | None:
    """Where the page before ended. :raises BadCursor:"""
    if not after:
        return None
    found = _CURSOR.fullmatch(after)
    try:
        return (date.fromisoformat(found[1]), int(found[2])) if found else _refused()
    except ValueError:
        return _refused()


def _refused() -> tuple[date, int]:
    raise BadCursor()


def _page(rows: list[Any], limit: int) -> dict[str, Any]:
    shown = rows[:limit]
    more = f"{shown[-1].since.isoformat()}:{shown[-1].id}" if len(rows) > limit else None
    return {"items": [asdict(each) for each in shown], "next": more}


@router.get(
    f"{HERE}/delegations",
    auth=READ,
    response={200: Page[Delegation], **declared(403, 404, 422)},
    operation_id="listDelegations",
)
def list_delegations(request: CalledRequest, unit_id: int, limit: Limit = 50, after: After = "") -> dict[str, Any]:
    """Every leave to sign the heads of an agency ever gave, the latest first; administrators only."""
    agency, (today, _at) = agency_of(request, unit_id), now()
    return _page(queries.list_delegations(agency_id=agency.pk, on=today, after=_last(after), limit=limit + 1), limit)


def _delegation(agency_id: int, delegation_id: int) -> dict[str, Any]:
    rows = queries.list_delegations(agency_id=agency_id, on=now()[0])
    return asdict(next(each for each in rows if each.id == delegation_id))


@router.post(
    f"{HERE}/delegations", auth=ACT, response={201: Delegation, **declared(*PROBLEMS)}, operation_id="delegate"
)
def delegate(request: CalledRequest, unit_id: int, given: DelegateIn) -> Status[Any]:
    """Record that the head of an agency gave somebody leave to sign, by order (TL.) or authorisation (TUQ.)."""
    agency, (today, at) = agency_of(request, unit_id), now()
    head = queries.get_head_post(agency.pk, today)
    made = operations.delegate(
        from_post_id=head.pk,
        **given.dict(exclude={"key"}),
        begun_in=begun_in(request, given.key),
        actor=request.auth.actor,
        at=at,
    )
    return Status(201, _delegation(made.from_post.unit_id, made.pk))


@router.post(
    "/delegations/{int:delegation_id}/revoke",
    auth=ACT,
    response={200: Delegation, **declared(*PROBLEMS)},
    operation_id="revokeDelegation",
)
def revoke_delegation(request: CalledRequest, delegation_id: int) -> dict[str, Any]:
    """Take a leave to sign back from today on; what was signed stays signed."""
    refuse(policy.why_not_see_house(request.auth.actor))
    given = queries.get_delegation_for(request.auth.actor, delegation_id)
    operations.revoke_delegation(delegation_id=given.pk, actor=request.auth.actor, at=timezone.now())
    return _delegation(given.from_post.unit_id, given.pk)


@router.get(
    f"{HERE}/substitutions",
    auth=READ,
    response={200: Page[Substitution], **declared(403, 404, 422)},
    operation_id="listSubstitutions",
)
def list_substitutions(request: CalledRequest, unit_id: int, limit: Limit = 50, after: After = "") -> dict[str, Any]:
    """Every substitution in an agency, the latest first; administrators only."""
    agency, (today, _at) = agency_of(request, unit_id), now()
    return _page(queries.list_substitutions(agency_id=agency.pk, on=today, after=_last(after), limit=limit + 1), limit)


def _substitution(agency_id: int, substitution_id: int) -> dict[str, Any]:
    rows = queries.list_substitutions(agency_id=agency_id, on=now()[0])
    return asdict(next(each for each in rows if each.id == substitution_id))


@router.post(
    f"{HERE}/substitutions", auth=ACT, response={201: Substitution, **declared(*PROBLEMS)}, operation_id="substitute"
)
def substitute(request: CalledRequest, unit_id: int, given: SubstituteIn) -> Status[Any]:
    """Let one post of an agency do the work of another for some days."""
    agency = agency_of(request, unit_id)
    for each in (given.principal_id, given.substitute_id):
        if queries.get_post_for(request.auth.actor, each).unit.agency_id != agency.pk:
            raise NotFound(post=each)
    made = operations.substitute(
        **given.dict(exclude={"key"}),
        begun_in=begun_in(request, given.key),
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return Status(201, _substitution(agency.pk, made.pk))


@router.post(
    "/substitutions/{int:substitution_id}/end",
    auth=ACT,
    response={200: Substitution, **declared(*PROBLEMS)},
    operation_id="endSubstitution",
)
def end_substitution(request: CalledRequest, substitution_id: int) -> dict[str, Any]:
    """End a substitution from today on."""
    refuse(policy.why_not_see_house(request.auth.actor))
    found = queries.get_substitution_for(request.auth.actor, substitution_id)
    operations.end_substitution(substitution_id=found.pk, actor=request.auth.actor, at=timezone.now())
    return _substitution(found.principal.unit.agency_id, found.pk)
