"""Specialised forms for machines: made by an administrator, filled in by who drafts; what was filled in, as data."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field as Said

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Detail, detail, now
from antin.api.problems import declared
from antin.documents import operations, policy, queries
from antin.people import queries as people
from antin.refusal import NotFound, refuse

if TYPE_CHECKING:
    from antin.documents.models import PaperForm

router = Router(tags=["Specialised forms"])
KindName = Literal["text", "long", "number", "date", "choice", "person", "unit", "table"]


class FormField(Schema):
    label: str = Said(min_length=1, max_length=100)
    kind: KindName
    required: bool = False
    help: str = Said("", max_length=300)
    options: list[str] = Said([], max_length=100, description="What is chosen from, or the columns of a table.")


class FormIn(Schema):
    name: str = Said(min_length=1, max_length=200)
    mark: str = Said("", max_length=20, description="Its abbreviation in the notation.")
    pattern: Literal["typed", "with_year", "letter"]


class VersionIn(Schema):
    fields_: list[FormField] = Said(alias="fields", max_length=60)
    template: dict[str, Any] = Said(
        description="Structured text, see docs/body.md; {{label}} stands for what is filled in."
    )
    addressed: bool = False


class Version(Schema):
    number: int
    fields_: list[FormField] = Said(alias="fields")
    template: dict[str, Any]
    addressed: bool
    published_at: datetime | None = Said(description="Since when it is filled in; null: it is being written.")


class Form(FormIn):
    id: int
    closed_at: datetime | None
    versions: list[Version]


class FillIn(Schema):
    subject: str = Said(min_length=1, max_length=500)
    values: dict[str, Any] = Said(
        description="By label. Dates as YYYY-MM-DD, persons by post id, units by id, tables as rows of words."
    )
    key: str = Said("", max_length=40, description="The same key begins one document.")


class RefillIn(Schema):
    values: dict[str, Any]
    revision: int = Said(ge=1, description="The draft's revision, as it was last read.")


class Filled(Schema):
    form_id: int
    form: str
    version: int
    values: dict[str, Any]


def _form(form: PaperForm) -> dict[str, Any]:
    versions = [
        {
            "number": each.number,
            "fields": each.fields,
            "template": each.template,
            "addressed": each.addressed,
            "published_at": each.published_at,
        }
        for each in queries.list_form_versions(form.pk)
    ]
    names = ("id", "name", "mark", "pattern", "closed_at")
    return {name: getattr(form, name) for name in names} | {"versions": versions}


def _own(request: CalledRequest, form_id: int, *, to_change: bool = False) -> PaperForm:
    """A form of the caller's agency, or of the house he administers. :raises NotFound:"""
    form, actor = queries.get_form(form_id), request.auth.actor
    if to_change:
        refuse(policy.why_not_mandate(actor))
    if actor.role == "administrator":
        people.get_unit_for(actor, form.agency_id)
    elif form.agency_id != actor.agency_id:
        raise NotFound()
    return form


@router.get("/forms", auth=READ, response={200: list[Form], **declared(403)}, operation_id="listForms")
def list_forms(request: CalledRequest) -> list[dict[str, Any]]:
    """The forms of the caller's agency."""
    return [_form(each) for each in queries.list_forms(request.auth.actor.agency_id)]


@router.post("/forms", auth=ACT, response={201: Form, **declared(*PROBLEMS)}, operation_id="makeForm")
def make_form(request: CalledRequest, given: FormIn) -> Status[Any]:
    """Begin a form of the caller's agency; administrators only."""
    actor = request.auth.actor
    made = operations.make_form(agency_id=actor.agency_id, **given.dict(), actor=actor, at=timezone.now())
    return Status(201, _form(made))


@router.get("/forms/{int:form_id}", auth=READ, response={200: Form, **declared(403, 404)}, operation_id="getForm")
def get_form(request: CalledRequest, form_id: int) -> dict[str, Any]:
    """One form with its versions, the latest first."""
    return _form(_own(request, form_id))


@router.put("/forms/{int:form_id}", auth=ACT, response={200: Form, **declared(*PROBLEMS)}, operation_id="writeForm")
def write_form(request: CalledRequest, form_id: int, given: VersionIn) -> dict[str, Any]:
    """Write the version that is not published yet, a new one where all are."""
    form = _own(request, form_id, to_change=True)
    operations.write_form(
        form_id=form_id,
        fields=[each.dict() for each in given.fields_],
        template=given.template,
        addressed=given.addressed,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return _form(form)


@router.post(
    "/forms/{int:form_id}/publish", auth=ACT, response={200: Form, **declared(*PROBLEMS)}, operation_id="publishForm"
)
def publish_form(request: CalledRequest, form_id: int) -> dict[str, Any]:
    """Let the written version be filled in from now on."""
    form = _own(request, form_id, to_change=True)
    operations.publish_form(form_id=form_id, actor=request.auth.actor, at=timezone.now())
    return _form(form)


@router.post(
    "/forms/{int:form_id}/close", auth=ACT, response={200: Form, **declared(*PROBLEMS)}, operation_id="closeForm"
)
def close_form(request: CalledRequest, form_id: int) -> dict[str, Any]:
    """Let nobody fill it in any more."""
    _own(request, form_id, to_change=True)
    return _form(operations.close_form(form_id=form_id, actor=request.auth.actor, at=timezone.now()))


@router.post(
    "/forms/{int:form_id}/fill", auth=ACT, response={201: Detail, **declared(*PROBLEMS)}, operation_id="fillForm"
)
def fill(request: CalledRequest, form_id: int, given: FillIn) -> Status[Any]:
    """Begin a draft by filling a form in."""
    today, at = now()
    actor = request.auth.actor
    document = operations.begin_filled(
        form_id=form_id,
        subject=given.subject,
        values=given.values,
        key=f"api:{actor.person_id}:{given.key}"[:64] if given.key else "",
        actor=actor,
        today=today,
        at=at,
    )
    return Status(201, detail(request, document.pk))


@router.get(
    "/documents/{int:document_id}/filled",
    auth=READ,
    response={200: Filled, **declared(403, 404)},
    operation_id="getFilledForm",
)
def get_filled(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """What was filled into the form that a document is, as data."""
    filled = queries.find_filled(queries.get_for(request.auth.actor, document_id))
    if filled is None:
        raise NotFound()
    version = filled.version
    told = {"form_id": version.form_id, "form": version.form.name, "version": version.number}
    return told | {"values": filled.values}


@router.put(
    "/documents/{int:document_id}/filled",
    auth=ACT,
    response={200: Detail, **declared(*PROBLEMS)},
    operation_id="refillForm",
)
def refill(request: CalledRequest, document_id: int, given: RefillIn) -> dict[str, Any]:
    """Fill the form of a draft in anew."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    operations.refill(document_id=document_id, **given.dict(), actor=request.auth.actor, today=today, at=at)
    return detail(request, document_id)
