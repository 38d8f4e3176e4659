"""For whom this token speaks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.problems import declared
from antin.keys import operations as keys
from antin.keys import queries as certificates

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


class OwnCertificate(Schema):
    id: int
    serial: str
    title: str
    organisation: str
    purpose: str = Field(description="`signing` or `encryption`.")
    device: str
    not_after: datetime
    standing: str
    pin_given: bool = Field(description="An administrator set its PIN: it opens nothing until that is changed.")


class NewPin(Schema):
    old: str = Field(max_length=64)
    new: str = Field(max_length=64)


@router.get(
    "/me/certificates", auth=READ, response={200: list[OwnCertificate], **declared(403)}, operation_id="ownCertificates"
)
def own_certificates(request: CalledRequest) -> list[dict[str, Any]]:
    """The caller's own certificates, newest first."""
    at = timezone.now()
    return [
        {
            "id": each.pk,
            "serial": each.serial,
            "title": each.title,
            "organisation": each.organisation,
            "purpose": each.purpose,
            "device": each.device.kind,
            "not_after": each.not_after,
            "standing": each.standing(at),
            "pin_given": each.device.pin_given,
        }
        for each in certificates.list_certificates_of_person(request.auth.actor.person_id)
    ]


@router.post(
    "/me/certificates/{int:certificate_id}/pin",
    auth=ACT,
    response={204: None, **declared(403, 404, 409, 422, 503)},
    operation_id="changePin",
)
def change_pin(request: CalledRequest, certificate_id: int, given: NewPin) -> Status[None]:
    """Put one's own key under another PIN, where the node can: software keys, tokens in the server."""
    keys.change_pin(
        certificate_id=certificate_id, old=given.old, new=given.new, actor=request.auth.actor, at=timezone.now()
    )
    return Status(204, None)
