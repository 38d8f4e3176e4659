"""For whom this token speaks."""

from __future__ import annotations

from ninja import Router, Schema

from antin.api.callers import READ, CalledRequest
from antin.api.problems import declared

router = Router(tags=["Caller"])


class Whoami(Schema):
    person_id: int
    person_name: str
    post_id: int
    post_title: str
    role: str
    unit_id: int
    unit_name: str
    agency_id: int
    agency_name: str
    on_behalf: str
    scopes: list[str]


@router.get("/me", auth=READ, response={200: Whoami, **declared(403)}, operation_id="whoami")
def whoami(request: CalledRequest) -> Whoami:
    """The person, the post and the agency that this token acts for, and its scopes."""
    caller = request.auth
    facts = {name: getattr(caller.actor, name) for name in Whoami.model_fields if name != "scopes"}
    return Whoami(**facts, scopes=list(caller.scopes))
