"""Documents read: lists, one with its files, its history, its signatures and its deliveries."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import File, Query, Schema
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import READ, CalledRequest
from antin.api.documents.shapes import (
    Detail,
    Digest,
    Document,
    Verification,
    content_of,
    document_out,
    now,
    router,
    told_of,
)
from antin.api.paging import After, BadCursor, Limit, Page
from antin.api.problems import declared
from antin.documents import operations, queries
from antin.documents.queries import Cursor, Filters
from antin.documents.states import Use
from antin.files import queries as kept
from antin.journal import queries as journal
from antin.journeys import (
    sealing,
)
from antin.people import queries as people
from antin.refusal import NotFound
from antin.signing import operations as signing

if TYPE_CHECKING:
    pass


class Event(Schema):
    id: int
    event: str
    at: datetime
    person_name: str
    post_title: str
    on_behalf: str
    facts: dict[str, Any]


class ListIn(Schema):
    """What a list is narrowed to. Words are found with or without accents; dates are the paper's own."""

    box: Literal["in", "out", "draft"] = "in"
    words: str = Field("", max_length=200)
    party: str = Field("", max_length=200)
    status: list[str] = []
    type_code: str = ""
    urgency: int | None = None
    since: date | None = None
    until: date | None = None

    def filters(self) -> Filters:
        given = self.model_dump(exclude={"box", "status"})
        return Filters(**given, statuses=tuple(self.status))


@router.get("/documents", auth=READ, response={200: Page[Document], **declared(403, 422)}, operation_id="listDocuments")
def list_documents(
    request: CalledRequest,
    given: Annotated[ListIn, Query()],
    limit: Limit = 50,
    after: After = "",
) -> dict[str, Any]:
    """What the caller's post sees in a box, newest first."""
    cursor = Cursor.parse(after) if after else None
    if after and cursor is None:
        raise BadCursor()
    page = queries.list_documents(
        actor=request.auth.actor, box=given.box, filters=given.filters(), after=cursor, limit=limit
    )
    return {"items": [document_out(row) for row in page.rows], "next": str(page.next) if page.next else None}


class Sight(Schema):
    holder: str = Field(description="Who, in words: a post with its holder, a unit, a registry office, a person.")
    reason: str = Field(description="drafter, reviewer, unit, signer, registry, presented, lead, join, inform …")
    since: datetime


@router.get(
    "/documents/{int:document_id}/sight",
    auth=READ,
    response={200: list[Sight], **declared(403, 404)},
    operation_id="listSight",
)
def list_sight(request: CalledRequest, document_id: int) -> list[dict[str, Any]]:
    """Who may see the document, why and since when; for those who see it."""
    rows = queries.list_sight(request.auth.actor, document_id)
    names = people.name_holders([row.holder for row in rows], now()[0])
    return [{"holder": names.get(row.holder, row.holder), "reason": row.reason, "since": row.since} for row in rows]


@router.get(
    "/documents/waiting", auth=READ, response={200: list[Document], **declared(403)}, operation_id="listWaiting"
)
def waiting(request: CalledRequest) -> list[dict[str, Any]]:
    """What waits for the caller's own act, most urgent first."""
    return [document_out(row) for row in queries.list_waiting(request.auth.actor)]


@router.get(
    "/documents/{int:document_id}", auth=READ, response={200: Detail, **declared(403, 404)}, operation_id="getDocument"
)
def detail(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """One document with its text, parties, attachments and remarks."""
    whole = queries.get_whole(request.auth.actor, document_id)
    found = document_out(whole.document)
    for name in ("recipients", "attachments", "remarks", "signatories"):
        found[name] = list(getattr(whole, name))
    if whole.making:
        names = ("body", "revision", "signer_name", "authority_lines", "return_reason", "fault")
        found |= {name: getattr(whole.making, name) for name in names}
    if whole.arrival:
        found |= {name: getattr(whole.arrival, name) for name in ("verdict", "replaces_paper", "signer_name")}
    return found


@router.get(
    "/documents/{int:document_id}/files/{digest}", auth=READ, operation_id="getFile", response={**declared(403, 404)}
)
def file(request: CalledRequest, document_id: int, digest: Digest) -> FileResponse:
    """The bytes of the paper or of an attachment, exactly as they were kept."""
    files = queries.list_files(request.auth.actor, document_id)
    if digest not in files:
        raise NotFound()
    operations.note_use(document_id=document_id, file=digest, use=Use.TAKEN, actor=request.auth.actor, at=now()[1])
    answer = FileResponse(kept.open_stream(digest), as_attachment=True, filename=files[digest])
    answer["Content-Type"] = kept.get(digest).media_type
    return answer


@router.get(
    "/documents/{int:document_id}/timeline",
    auth=READ,
    response={200: Page[Event], **declared(403, 404, 422)},
    operation_id="getTimeline",
)
def timeline(request: CalledRequest, document_id: int, limit: Limit = 50, after: After = "") -> dict[str, Any]:
    """Everything that happened to the document, newest first."""
    document = queries.get_for(request.auth.actor, document_id)
    if after and not (after.isdigit() and len(after) < 19):
        raise BadCursor()
    rows = journal.list_for(("document", document.pk), before=int(after) if after else None, limit=limit + 1)
    items = [{name: getattr(row, name) for name in Event.model_fields} for row in rows[:limit]]
    return {"items": items, "next": str(rows[limit - 1].id) if len(rows) > limit else None}


@router.get(
    "/documents/{int:document_id}/verification",
    auth=READ,
    response={200: Verification, **declared(403, 404)},
    operation_id="verifyDocument",
)
def verification(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """What the signatures say, judged against what this node trusts now. :raises NotFound: there is no paper yet"""
    document = queries.get_for(request.auth.actor, document_id)
    if not document.file:
        raise NotFound()
    sealing.refuse_in_clear(document)
    return told_of(signing.verify(file=document.file, at=timezone.now()))


@router.post("/verify", auth=READ, response={200: dict[str, Any], **declared(400, 413, 422)}, operation_id="verifyFile")
def verify_file(
    request: HttpRequest, file: Annotated[UploadedFile, File()], beside: Annotated[UploadedFile | None, File()] = None
) -> dict[str, Any]:
    """Judge the signatures of any file by what this node trusts now; of a .p7s, over the file `beside` it. Nothing is kept.
    Answers as `antin verify --json` does."""
    content = content_of(file).read()
    signed = content_of(beside).read() if beside else None
    found = signing.examine(content=content, beside=signed, at=timezone.now())
    return {"file": file.name or "", **signing.public(found)}
