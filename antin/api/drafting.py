"""The files of a draft for machines: a ready page in place of the text, attachments; and taking a draft back."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Literal, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Attachment, Detail, Document, again, content_of, detail, now
from antin.api.problems import declared
from antin.documents import operations, queries
from antin.documents.operations import DraftFacts, EditedElsewhere
from antin.documents.policy import HeldByAnother
from antin.files.content import DOCX
from antin.journeys import draft_document, draft_together, fix_page, sealing, taking
from antin.refusal import WrongState

router = Router(tags=["Drafts"])
Revision = Annotated[int, Query(ge=1, le=2**31 - 1, description="The draft's revision, as it was last read.")]


@router.post(
    "/documents/{int:document_id}/page",
    auth=ACT,
    response={200: Detail, **declared(*PROBLEMS)},
    operation_id="setPage",
)
def set_page(
    request: HttpRequest, document_id: int, revision: Revision, page: Annotated[UploadedFile, File()]
) -> dict[str, Any]:
    """Make a ready PDF the page of a draft, in place of its text; a DOCX is laid out by LibreOffice where the node has it.

    One that comes back late, or after the draft was handed on, is refused, and kept beside the draft as a copy to be merged
    (`getTogether`, `mergeOwnCopy`), when the draft has come back.
    """
    caller = cast(CalledRequest, request)
    sealing.refuse_in_clear(queries.get_for(caller.auth.actor, document_id))
    taken = taking.take_text(content_of(page), name=page.name or "", at=timezone.now())
    try:
        return _revise(caller, document_id, revision, taken.digest)
    except (EditedElsewhere, HeldByAnother, WrongState) as no:
        with suppress(WrongState):  # neither is it kept of what was issued or given up
            draft_together.keep_page(
                document_id=document_id,
                revision=revision,
                file=taken.digest,
                actor=caller.auth.actor,
                at=timezone.now(),
            )
        raise no


class Finding(Schema):
    """One deviation from Decree 30."""

    code: str = Field(description="Of the rule.")
    article: str
    page: int | None = Field(description="From 1; null for a DOCX.")
    box: dict[str, float] | None = Field(
        description="left, bottom, right, top in points from the bottom left of the page."
    )
    words: str
    found: str | None
    instead: str | None = Field(description="What to write, where that is certain.")
    paragraph: int | None = Field(description="Of a DOCX, from 1.")


class Reason(Schema):
    code: str
    words: str


class Check(Schema):
    """What Decree 30 says of a paper."""

    verdict: Literal["conforms", "deviates", "not_judged"]
    reason: Reason | None
    facts: dict[str, Any]
    findings: list[Finding]


@router.get(
    "/documents/{int:document_id}/template.docx",
    auth=READ,
    response={**declared(403, 404, 409, 422)},
    operation_id="getTemplate",
)
def get_template(request: CalledRequest, document_id: int) -> HttpResponse:
    """A draft as DOCX by Decree 30, to be edited in Word and sent back by setPage."""
    made = fix_page.template(queries.get_plan_for(request.auth.actor, document_id), timezone.now())
    return HttpResponse(made, content_type=DOCX)


@router.get(
    "/documents/{int:document_id}/check",
    auth=READ,
    response={200: Check, **declared(403, 404, 409, 422)},
    operation_id="checkDraft",
)
def check_draft(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """Judge a draft's pages, as they would be signed now, by Decree 30/2020/NĐ-CP."""
    plan = queries.get_plan_for(request.auth.actor, document_id)
    return fix_page.check(fix_page.preview(plan, timezone.now())).as_json()


@router.post("/papers/check", auth=READ, response={200: Check, **declared(403, 422)}, operation_id="checkPaper")
def check_paper(request: HttpRequest, paper: Annotated[UploadedFile, File()]) -> dict[str, Any]:
    """Judge a PDF or DOCX by Decree 30/2020/NĐ-CP. Nothing is kept."""
    return fix_page.check(content_of(paper).read()).as_json()


@router.delete(
    "/documents/{int:document_id}/page",
    auth=ACT,
    response={200: Detail, **declared(*PROBLEMS)},
    operation_id="dropPage",
)
def drop_page(request: CalledRequest, document_id: int, revision: Revision) -> dict[str, Any]:
    """Let the draft be laid out from its text again."""
    return _revise(request, document_id, revision, "")


def _revise(request: CalledRequest, document_id: int, revision: int, page: str) -> dict[str, Any]:
    today, at = now()
    document = queries.get_for(request.auth.actor, document_id)
    sealing.refuse_in_clear(document)
    making = queries.making_of(document)
    facts = DraftFacts(
        type_code=document.type_code,
        subject=document.subject,
        urgency=document.urgency,
        secrecy=document.secrecy,
        circulation=document.circulation,
        reply_by=document.reply_by,
        in_reply_to_id=document.in_reply_to_id,
        signer_post_id=making.signer_post_id,
        copies=making.copies,
        hands=queries.hands_of(document, making, queries.list_signatories(document, making)),
        body_id=document.body_id,
    )
    operations.revise(
        document_id=document_id,
        facts=facts,
        body=making.body,
        uploaded_file=page,
        revision=revision,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return detail(request, document_id)


@router.post(
    "/documents/{int:document_id}/attachments",
    auth=ACT,
    response={201: Attachment, **declared(*PROBLEMS)},
    operation_id="attach",
)
def attach(request: HttpRequest, document_id: int, file: Annotated[UploadedFile, File()]) -> Status[Any]:
    """Put a file with the draft. It gets the agency's signature of its own when the document is issued, if it is a PDF.

    With a classified draft the file and its name are sealed to the draft's readers, and taken only at this address with
    `?sealed=1`, which writes nothing to a disk (up to 50 MB); no PIN is asked, and it comes with `openDocument`.
    """
    made = draft_document.attach(
        document_id=document_id,
        name=file.name or "",
        content=content_of(file),
        in_memory=getattr(file, "in_memory", False),
        actor=cast(CalledRequest, request).auth.actor,
        at=timezone.now(),
    )
    return Status(201, made)


@router.delete(
    "/documents/{int:document_id}/attachments/{int:attachment_id}",
    auth=ACT,
    response={200: Detail, **declared(*PROBLEMS)},
    operation_id="detach",
)
def detach(request: CalledRequest, document_id: int, attachment_id: int) -> dict[str, Any]:
    """Take a file off the draft. One that is sealed stays so, for who reads the draft here, and goes to no recipient."""
    queries.get_for(request.auth.actor, document_id)
    operations.remove_attachment(
        document_id=document_id, attachment_id=attachment_id, actor=request.auth.actor, at=timezone.now()
    )
    return detail(request, document_id)


@router.post(
    "/documents/{int:document_id}/withdraw",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="withdraw",
)
def withdraw(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """Take a draft back to go on with it, while nobody has acted on it."""
    queries.get_for(request.auth.actor, document_id)
    operations.withdraw(document_id=document_id, actor=request.auth.actor, at=timezone.now())
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/abandon",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="abandon",
)
def abandon(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """Give a draft up."""
    queries.get_for(request.auth.actor, document_id)
    operations.abandon(document_id=document_id, actor=request.auth.actor, at=timezone.now())
    return again(request, document_id)
