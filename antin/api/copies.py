"""Certified copies of papers, for machines: asked for, permitted, let be, handed out; numbered and sealed as any document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Document, again, document_out, now
from antin.api.problems import declared
from antin.documents import operations, queries
from antin.documents.operations import Addressees
from antin.documents.states import CopyForm
from antin.journeys import copy_document
from antin.journeys.copy_document import Wish

router = Router(tags=["Copies"])


class CopyIn(Schema):
    kind: Literal["SY", "SL", "TrS"] = Field(
        description="sao y, sao lục (of a copy), trích sao; Decree 30/2020, art. 25."
    )
    form: Literal["electronic", "paper"]
    signer_post_id: int = Field(description="Who may sign copies: listSigners of this kind.")
    passages: str = Field(
        "", max_length=200_000, description="Of an extract: the paper's own words, passages parted by empty lines."
    )
    recipients: list[str] = Field([], max_length=100, description="Lines of Nơi nhận, on a copy on paper.")
    addressed: list[int] = Field([], max_length=2000, description="Agencies that an electronic copy is sent to.")
    addressed_outside: list[int] = Field([], max_length=2000)
    key: str = Field("", max_length=40, description="The same key asks once.")


class CopyOut(Schema):
    """A document that is a copy, and how it is one."""

    document: Document
    form: str
    of: str = Field(description="The paper, as it was called when the copy was asked for.")
    source_id: int
    compared: bool = Field(description="Of an extract: the paper's own text had every passage.")
    permitted_by: str
    permitted_at: datetime | None


class DropIn(Schema):
    reason: str = Field(max_length=1000)


@router.get(
    "/documents/{int:document_id}/copies",
    auth=READ,
    response={200: list[CopyOut], **declared(403, 404)},
    operation_id="listCopiesOf",
)
def list_copies(request: CalledRequest, document_id: int) -> list[dict[str, Any]]:
    """Copies of a paper that were asked for or made, the latest first."""
    actor = request.auth.actor
    queries.get_for(actor, document_id)
    return [
        {
            "document": document_out(each),
            "form": each.copying.form,
            "of": each.copying.source_words,
            "source_id": document_id,
            "compared": each.copying.compared,
            "permitted_by": each.copying.permitted_by,
            "permitted_at": each.copying.permitted_at,
        }
        for each in queries.list_copies_made(actor, document_id)
    ]


@router.post(
    "/documents/{int:document_id}/copies",
    auth=ACT,
    response={201: Document, **declared(*PROBLEMS)},
    operation_id="askCopy",
)
def ask(request: CalledRequest, document_id: int, given: CopyIn) -> Status[Any]:
    """Ask for a copy of a paper; permitted at once when the caller is the one who may sign it."""
    today, at = now()
    actor = request.auth.actor
    document = copy_document.ask(
        source_id=document_id,
        wish=Wish(
            kind=given.kind,
            form=CopyForm(given.form),
            signer_post_id=given.signer_post_id,
            passages=given.passages,
            recipients=tuple(given.recipients),
            addressees=Addressees((*given.addressed, *map(operations.Outside, given.addressed_outside))),
        ),
        key=f"api:{actor.person_id}:{given.key}" if given.key else "",
        actor=actor,
        today=today,
        at=at,
    )
    return Status(201, again(request, document.pk))


@router.post(
    "/documents/{int:document_id}/permit",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="permitCopy",
)
def permit(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """Permit a copy, as who may sign copies."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    copy_document.permit(document_id=document_id, actor=request.auth.actor, today=today, at=at)
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/drop",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="dropCopy",
)
def drop(request: CalledRequest, document_id: int, given: DropIn) -> dict[str, Any]:
    """Let a copy be; a number it had is voided with the reason."""
    queries.get_for(request.auth.actor, document_id)
    copy_document.drop(document_id=document_id, reason=given.reason, actor=request.auth.actor, at=timezone.now())
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/hand-out",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="handOutCopy",
)
def hand_out(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """Say that a copy on paper was printed, signed by hand and stamped."""
    queries.get_for(request.auth.actor, document_id)
    copy_document.hand_out(document_id=document_id, actor=request.auth.actor, at=timezone.now())
    return again(request, document_id)
