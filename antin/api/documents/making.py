"""A document on its way out: drafted, approved, signed, numbered, sealed."""

from __future__ import annotations

import secrets
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.utils import timezone
from ninja import Query, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, CalledRequest
from antin.api.documents.reading import detail
from antin.api.documents.shapes import (
    PROBLEMS,
    Detail,
    Digest,
    Document,
    OpensIn,
    PinIn,
    ReasonIn,
    WordsIn,
    again,
    now,
    pin_of,
    router,
)
from antin.api.problems import declared
from antin.documents import operations, queries
from antin.documents.operations import DraftFacts, Hands
from antin.journeys import (
    approve_document,
    draft_document,
    issue_document,
    sign_document,
)
from antin.journeys.draft_document import Save

if TYPE_CHECKING:
    pass

ReservedId = Annotated[
    int | None, Query(description="A number kept back for it (listNumbers), instead of the next one.")
]


class DraftIn(Schema):
    type_code: str
    subject: str
    urgency: int = Field(0, ge=0, le=3)
    secrecy: int = Field(0, ge=0, le=3)
    circulation: Literal["", "internal", "return"] = ""
    reply_by: date | None = None
    in_reply_to_id: int | None = None
    signer_post_id: int | None = None
    body_id: int | None = Field(
        None, description="In whose name, if not the agency's: a Party organ, a council (listBodies)."
    )
    copies: int = Field(1, ge=1, le=10_000)
    cosigner_post_ids: list[int] = Field([], description="Posts of the agency that sign beside the signer.")
    joint_agency_ids: list[int] = Field([], description="Other agencies that issue it too; the head of each signs.")
    in_order: bool = Field(False, description="They sign one after the other, the signer last; else in any order.")
    initials: bool = Field(False, description="The head of the drafting unit initials the end of the text.")
    format_post_id: int | None = Field(None, description="Who checks the form and signs beside “Nơi nhận”.")

    def facts(self) -> DraftFacts:
        hands = Hands(
            **self.model_dump(include={"in_order", "initials", "format_post_id"}),
            cosigner_post_ids=tuple(self.cosigner_post_ids),
            joint_agency_ids=tuple(self.joint_agency_ids),
        )
        return DraftFacts(**self.model_dump(include=set(DraftFacts.__dataclass_fields__)), hands=hands)


class TextIn(DraftIn):
    revision: int
    body: dict[str, Any] | None = Field(None, description="Structured text, see docs/body.md; null leaves it as it is.")


class RecipientsIn(Schema):
    addressed: list[int] = []
    copied: list[int] = []
    addressed_outside: list[int] = Field([], description="Ids of agencies outside the node (listCorrespondents).")
    copied_outside: list[int] = []


class SealIn(PinIn):
    seal_pin: str | None = Field(
        None,
        max_length=64,
        description="Of the agency's token, where a classified page takes the caller's own PIN too.",
    )


class WordsWithPinIn(WordsIn, PinIn):
    pass


class SignIn(OpensIn):
    seen_file: Digest
    pin: str = Field(max_length=64)


@router.post("/documents", auth=ACT, response={201: Document, **declared(*PROBLEMS)}, operation_id="createDraft")
def create(request: CalledRequest, given: DraftIn) -> Status[Any]:
    """Begin an outgoing document in the caller's unit. One with a secrecy is sealed at once: openDocument gives its words back."""
    today, at = now()
    if given.secrecy:
        making = draft_document.begin(
            save=Save(given.facts(), None, "", None, 1, secrets.token_hex(16)),
            actor=request.auth.actor,
            today=today,
            at=at,
        )
        return Status(201, again(request, making.document_id))
    made = operations.create_draft(facts=given.facts(), actor=request.auth.actor, today=today, at=at)
    return Status(201, again(request, made.pk))


@router.put(
    "/documents/{int:document_id}", auth=ACT, response={200: Detail, **declared(*PROBLEMS)}, operation_id="saveDraft"
)
def save(request: CalledRequest, document_id: int, given: TextIn) -> dict[str, Any]:
    """Save a draft: its facts and its structured text. Text takes the place of a ready page; without it, what there is stays."""
    today, at = now()
    document = queries.get_for(request.auth.actor, document_id)
    making = queries.making_of(document)
    if document.classified_id is not None or given.secrecy:
        draft_document.save(
            document_id=document_id,
            save=Save(
                given.facts(),
                given.body,
                making.uploaded_file if given.body is None else "",
                None,
                given.revision,
                secrets.token_hex(16),
            ),
            actor=request.auth.actor,
            today=today,
            at=at,
        )
        return detail(request, document_id)
    operations.revise(
        document_id=document_id,
        facts=given.facts(),
        body=making.body if given.body is None else given.body,
        uploaded_file=making.uploaded_file if given.body is None else "",
        revision=given.revision,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return detail(request, document_id)


@router.put(
    "/documents/{int:document_id}/recipients",
    auth=ACT,
    response={200: Detail, **declared(*PROBLEMS)},
    operation_id="setRecipients",
)
def recipients(request: CalledRequest, document_id: int, given: RecipientsIn) -> dict[str, Any]:
    """Replace the recipients of a draft, by the ids of their agencies."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    operations.set_recipients(
        document_id=document_id,
        addressed=[*given.addressed, *map(operations.Outside, given.addressed_outside)],
        copied=[*given.copied, *map(operations.Outside, given.copied_outside)],
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return detail(request, document_id)


@router.post(
    "/documents/{int:document_id}/submit",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="submit",
)
def submit(request: CalledRequest, document_id: int, given: PinIn | None = None) -> dict[str, Any]:
    """Hand a finished draft on. A classified one takes the PIN: reviewer and signer become its readers."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    approve_document.submit(document_id=document_id, pin=pin_of(given), actor=request.auth.actor, today=today, at=at)
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/endorse",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="endorse",
)
def endorse(request: CalledRequest, document_id: int, given: WordsWithPinIn) -> dict[str, Any]:
    """Agree with a draft as head of the drafting unit."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    approve_document.endorse(
        document_id=document_id, words=given.words, pin=given.opening, actor=request.auth.actor, today=today, at=at
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/return",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="return",
)
def return_to_drafter(request: CalledRequest, document_id: int, given: ReasonIn) -> dict[str, Any]:
    """Send a document back to its drafter with a reason."""
    queries.get_for(request.auth.actor, document_id)
    approve_document.return_to_drafter(
        document_id=document_id, reason=given.reason, actor=request.auth.actor, at=timezone.now()
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/sign", auth=ACT, response={200: Document, **declared(*PROBLEMS)}, operation_id="sign"
)
def sign(request: CalledRequest, document_id: int, given: SignIn) -> dict[str, Any]:
    """Sign exactly the page named by its digest, with the caller's own key opened by his PIN."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    sign_document.sign_document(
        document_id=document_id,
        seen_file=given.seen_file,
        pin=given.pin,
        opening=given.opening,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/number",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="number",
)
def number(
    request: CalledRequest, document_id: int, reserved_id: ReservedId = None, given: SealIn | None = None
) -> dict[str, Any]:
    """Give a signed document its number and date; where the caller keeps the seal, seal and issue it as well."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    issue_document.number_document(
        document_id=document_id,
        reserved_id=reserved_id,
        pin=pin_of(given),
        seal_pin=given.seal_pin if given else None,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/seal", auth=ACT, response={200: Document, **declared(*PROBLEMS)}, operation_id="seal"
)
def seal(request: CalledRequest, document_id: int, given: SealIn | None = None) -> dict[str, Any]:
    """Seal and issue a numbered document as keeper of the seal; with his PIN where the token or a classified page asks it.

    On a joint document the keeper of each other agency seals first, by the same call, and issues nothing.
    """
    queries.get_for(request.auth.actor, document_id)
    issue_document.seal_document(
        document_id=document_id,
        pin=pin_of(given),
        seal_pin=given.seal_pin if given else None,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return again(request, document_id)
