"""What new drafts begin with, type by type, for machines."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, now
from antin.api.problems import declared
from antin.documents import operations, policy, queries
from antin.journeys import draft_document
from antin.people import queries as people
from antin.refusal import refuse

if TYPE_CHECKING:
    from antin.documents.models import TypeText as TextRow

router = Router(tags=["Beginnings of drafts"])


class TypeTextIn(Schema):
    template: dict[str, Any] | None = Field(
        description="Structured text, see docs/body.md; {{name}} stands for a fact. Null: as the Decree's form has it."
    )
    addressed: list[int] = Field([], max_length=60, description="Agencies of the node.")
    copied: list[int] = Field([], max_length=60)
    addressed_outside: list[int] = Field(
        [], max_length=60, description="Ids of agencies outside the node (listCorrespondents)."
    )
    copied_outside: list[int] = Field([], max_length=60)


class TypeText(TypeTextIn):
    id: int
    number: int
    from_date: date | None = Field(description="Since when drafts begin with it; null: it is being written.")
    basis: str
    published_at: datetime | None
    undone_at: datetime | None = Field(description="When it was taken back.")


class PublishIn(Schema):
    from_date: date
    basis: str = Field(min_length=1, max_length=500)


class Beginning(Schema):
    body: dict[str, Any]
    addressed: list[int]
    copied: list[int]
    addressed_outside: list[int] = Field(description="Ids of agencies outside the node (listCorrespondents).")
    copied_outside: list[int]


def _text(text: TextRow) -> dict[str, Any]:
    return {name: getattr(text, name) for name in TypeText.model_fields}


@router.get(
    "/document-types/{type_code}/beginning",
    auth=READ,
    response={200: Beginning, **declared(403, 404)},
    operation_id="getBeginning",
)
def get_beginning(request: CalledRequest, type_code: str) -> dict[str, Any]:
    """What a new draft of the type begins with for the caller: body, agencies addressed and copied."""
    _today, at = now()
    begun = draft_document.beginning_of(type_code=type_code, answered=None, actor=request.auth.actor, at=at)
    told: dict[str, Any] = {"body": begun.body}
    for name, addressees in (("addressed", begun.addressed), ("copied", begun.copied)):
        told[name] = [each for each in addressees if isinstance(each, int)]
        told[f"{name}_outside"] = [each.correspondent_id for each in addressees if not isinstance(each, int)]
    return told


@router.get(
    "/document-types/{type_code}/texts",
    auth=READ,
    response={200: list[TypeText], **declared(403)},
    operation_id="listTypeTexts",
)
def list_texts(request: CalledRequest, type_code: str) -> list[dict[str, Any]]:
    """The versions of the caller's agency, the latest first; administrators only."""
    actor = request.auth.actor
    refuse(policy.why_not_mandate(actor))
    return [_text(each) for each in queries.list_type_texts(actor.agency_id, type_code)]


@router.put(
    "/document-types/{type_code}/text",
    auth=ACT,
    response={200: TypeText, **declared(*PROBLEMS)},
    operation_id="writeTypeText",
)
def write(request: CalledRequest, type_code: str, given: TypeTextIn) -> dict[str, Any]:
    """Write the version that is not published yet, a new one where all are."""
    actor = request.auth.actor
    written = operations.write_type_text(
        agency_id=actor.agency_id,
        type_code=type_code,
        template=given.template,
        addressed=[*given.addressed, *map(operations.Outside, given.addressed_outside)],
        copied=[*given.copied, *map(operations.Outside, given.copied_outside)],
        actor=actor,
        at=timezone.now(),
    )
    return _text(written)


@router.post(
    "/document-types/{type_code}/text/publish",
    auth=ACT,
    response={200: TypeText, **declared(*PROBLEMS)},
    operation_id="publishTypeText",
)
def publish(request: CalledRequest, type_code: str, given: PublishIn) -> dict[str, Any]:
    """Let new drafts begin with what was written, from a day on."""
    actor = request.auth.actor
    published = operations.publish_type_text(
        agency_id=actor.agency_id, type_code=type_code, **given.dict(), actor=actor, at=timezone.now()
    )
    return _text(published)


@router.post(
    "/type-texts/{int:text_id}/take-back",
    auth=ACT,
    response={200: TypeText, **declared(*PROBLEMS)},
    operation_id="takeTypeTextBack",
)
def take_back(request: CalledRequest, text_id: int) -> dict[str, Any]:
    """Let a version hold on no day; what it came after holds again."""
    people.get_unit_for(request.auth.actor, queries.get_type_text(text_id).agency_id)
    return _text(operations.take_back_type_text(text_id=text_id, actor=request.auth.actor, at=timezone.now()))
