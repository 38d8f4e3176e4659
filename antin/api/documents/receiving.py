"""A document that came: opened, registered, given back, presented, directed, closed; papers entered by hand."""

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Form, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import ACT, CalledRequest
from antin.api.documents.shapes import (
    PROBLEMS,
    BadMoment,
    Directive,
    Document,
    PinIn,
    ShareIn,
    Verification,
    again,
    content_of,
    now,
    router,
    shares,
    told_of,
)
from antin.api.problems import declared
from antin.documents import operations, policy, queries
from antin.documents.operations import PaperFacts
from antin.journeys import (
    change_secrecy,
    direct_document,
    receive_document,
    receive_secret_paper,
    sealing,
    stamp_arrival,
    taking,
)
from antin.journeys.receive_secret_paper import Custody
from antin.refusal import refuse
from antin.tasks.operations import Share

if TYPE_CHECKING:
    from antin.people.actor import Actor


class Said(Schema):
    kind: str
    author: str
    at: datetime
    words: str


class Enclosed(Schema):
    name: str
    media_type: str
    content: str = Field(description="In base64.")


class HandedIn(Enclosed):
    task_id: int
    holder_name: str
    at: datetime


class OpenedDocument(Schema):
    """A classified document in clear, in this one answer. Keep it nowhere."""

    subject: str
    body: dict[str, Any] | None
    seen_file: str = Field(description="What sign takes; empty while the page is not fixed.")
    pdf: str = Field(description="The pages, in base64; empty where there are none, and `trouble` says why.")
    trouble: str
    enclosed: list[Enclosed]
    results: list[HandedIn] = Field(description="Files handed in with the work that came from it.")
    said: list[Said]
    opened: int = Field(description="The how manieth view this was.")
    verification: Verification | None = Field(description="Its signatures, judged now; null until it is issued.")
    evidence_at: datetime | None = Field(description="From when a timestamp beside the sealed bytes proves them.")
    provable_until: datetime | None = Field(description="Until when they can be proven as it stands; null: not known.")


class RegisterIn(PinIn):
    present_to: int | None = None
    despite_duplicate: bool = False


class SendBackIn(Schema):
    reason: str = Field(description="A code: " + ", ".join(operations.RETURN_REASONS))
    words: str = ""


class PresentIn(PinIn):
    post_id: int
    words: str = ""


class PaperIn(Schema):
    key: str = Field(min_length=8, max_length=64, description="Makes a repeated request harmless.")
    type_code: str
    subject: str
    issuer_name: str
    code: str = ""
    document_date: date | None = None
    urgency: int = Field(0, ge=0, le=3)
    secrecy: int = Field(0, ge=0, le=3)
    circulation: Literal["", "internal", "return"] = ""
    reply_by: date | None = None
    present_to: int | None = None
    despite_duplicate: bool = False


class SecretPaperIn(PaperIn):
    """A secret paper: words are sealed, none is answered."""

    subject: str = Field("", description="Left out for an envelope that only the named one opens; then without a scan.")
    secrecy: int = Field(ge=1, le=3)
    holder_id: int = Field(description="Who keeps the paper itself: copy 1 of its register of copies.")
    reader_posts: list[int] = Field([], description="Posts that read it besides the caller and the leader.")
    scan_allowed_by: int | None = Field(None, description="Post of the leader who allowed the scan.")


class DirectiveIn(PinIn):
    """A group chosen by its name (`listWorkGroups`) adds its members, with one deadline for all that are not `inform`."""

    words: str = ""
    shares: list[ShareIn] = []
    group_id: int | None = Field(None, ge=1, le=2**31 - 1)
    group_due_at: datetime | None = None
    group_days: int | None = Field(None, ge=1, le=400, description="Working days instead of a moment.")
    beyond: bool = Field(
        False, description="`direct`: a deadline may be after the day the sender awaits the answer on."
    )


def given_shares(given: DirectiveIn, actor: Actor) -> list[Share]:
    """What a directive gives: its shares, and those of its group who are not among them.

    :raises BadMoment: a deadline without an offset :raises NotFound: no such group
    """
    named = shares(given.shares)
    if given.group_id is None:
        return named
    if given.group_due_at is not None and given.group_due_at.tzinfo is None:
        raise BadMoment()
    there = {(each.unit_id, each.post_id) for each in named}
    more = direct_document.shares_of_group(
        actor, given.group_id, due_at=given.group_due_at, days=None if given.group_due_at else given.group_days
    )
    return [*named, *(each for each in more if (each.unit_id, each.post_id) not in there)]


@router.post(
    "/documents/{int:document_id}/open",
    auth=ACT,
    response={200: OpenedDocument, **declared(*PROBLEMS)},
    operation_id="openDocument",
)
def open_document(request: CalledRequest, document_id: int, given: PinIn) -> dict[str, Any]:
    """Open a classified document by the caller's own PIN, or by keys of his own device.

    The opening stands in the journal before anything is given out."""
    paper = sealing.open_document(
        document_id=document_id, pin=given.opening or "", actor=request.auth.actor, at=timezone.now()
    )
    return {
        "subject": paper.subject,
        "body": paper.body,
        "seen_file": paper.seen,
        "pdf": base64.b64encode(paper.pdf).decode(),
        "trouble": paper.trouble,
        "enclosed": [
            {"name": each.name, "media_type": each.media_type, "content": base64.b64encode(each.content).decode()}
            for each in paper.enclosed
        ],
        "results": [
            {
                "name": each.name,
                "media_type": each.media_type,
                "content": base64.b64encode(each.content).decode(),
                "task_id": each.task_id,
                "holder_name": each.holder,
                "at": each.at,
            }
            for each in paper.results
        ],
        "said": [{"kind": each.kind, "author": each.author, "at": each.at, "words": each.words} for each in paper.said],
        "opened": paper.marking.number,
        "verification": {**told_of(paper.judged.report), "file": paper.seen} if paper.judged else None,
        "evidence_at": paper.judged.apart if paper.judged else None,
        "provable_until": paper.judged.until if paper.judged else None,
    }


@router.post(
    "/documents/{int:document_id}/unseal",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="unseal",
)
def unseal(request: CalledRequest, document_id: int, given: PinIn) -> dict[str, Any]:
    """Bring subject, page and files of a declassified document into clear, by the key of a reader who may pass it on.

    Each agency that holds it does so for itself. What was said of it before stays sealed (`openDocument`)."""
    _today, at = now()
    change_secrecy.unseal(document_id=document_id, opening=given.opening, actor=request.auth.actor, at=at)
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/register",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="register",
)
def register(request: CalledRequest, document_id: int, given: RegisterIn) -> dict[str, Any]:
    """Enter an arrival in the agency's book."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    receive_document.register(
        document_id=document_id,
        present_to=given.present_to,
        despite_duplicate=given.despite_duplicate,
        pin=given.opening,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/send-back",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="sendBack",
)
def send_back(request: CalledRequest, document_id: int, given: SendBackIn) -> dict[str, Any]:
    """Return an arrival to its sender with a coded reason."""
    queries.get_for(request.auth.actor, document_id)
    receive_document.send_back(
        document_id=document_id, reason=given.reason, words=given.words, actor=request.auth.actor, at=timezone.now()
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/present",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="present",
)
def present(request: CalledRequest, document_id: int, given: PresentIn) -> dict[str, Any]:
    """Pass a registered document to another leader of the agency."""
    queries.get_for(request.auth.actor, document_id)
    receive_document.present(
        document_id=document_id,
        post_id=given.post_id,
        words=given.words,
        pin=given.opening,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/close",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="close",
)
def close(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """Close a registered document that needs no work."""
    queries.get_for(request.auth.actor, document_id)
    receive_document.close(document_id=document_id, actor=request.auth.actor, at=timezone.now())
    return again(request, document_id)


class StampIn(Schema):
    left_mm: float | None = Field(
        None, ge=0, le=1000, description="From the left edge of page 1; with `top_mm`, else found."
    )
    top_mm: float | None = Field(None, ge=0, le=1000)
    pin: str | None = Field(None, max_length=64, description="Of a token that only its keeper opens.")


@router.post(
    "/documents/{int:document_id}/stamp",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="stampArrival",
)
def stamp(request: CalledRequest, document_id: int, given: StampIn) -> dict[str, Any]:
    """Put the arrival stamp on page 1 with the agency's signature, in a file beside the one that came."""
    corner = None if given.left_mm is None or given.top_mm is None else (given.left_mm, given.top_mm)
    stamp_arrival.stamp(
        document_id=document_id, corner=corner, pin=given.pin, actor=request.auth.actor, at=timezone.now()
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/direct",
    auth=ACT,
    response={201: Directive, **declared(*PROBLEMS)},
    operation_id="direct",
)
def direct(request: CalledRequest, document_id: int, given: DirectiveIn) -> Status[Any]:
    """Write the directive of the leader to whom the document was presented."""
    queries.get_for(request.auth.actor, document_id)
    made = direct_document.direct(
        document_id=document_id,
        words=given.words,
        shares=given_shares(given, request.auth.actor),
        pin=given.opening,
        beyond=given.beyond,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return Status(201, made)


@router.post("/papers", auth=ACT, response={201: Document, **declared(*PROBLEMS)}, operation_id="receivePaper")
def receive_paper(
    request: HttpRequest, given: Annotated[PaperIn, Form()], scan: Annotated[UploadedFile, File()]
) -> Status[Any]:
    """Register a paper that came by hand, with its scan (PDF)."""
    caller = cast(CalledRequest, request)
    refuse(policy.why_not_receive_paper(caller.auth.actor, given.secrecy))  # before anything of it is kept
    today, at = now()
    facts = PaperFacts(**given.model_dump(include=set(PaperFacts.__dataclass_fields__)))
    made = receive_document.receive_paper(
        facts=facts,
        scan=taking.take_scan(content_of(scan), name=scan.name or "", at=at),
        key=f"api:{caller.auth.token_id}:{given.key}",
        present_to=given.present_to,
        despite_duplicate=given.despite_duplicate,
        actor=caller.auth.actor,
        today=today,
        at=at,
    )
    return Status(201, again(caller, made.pk))


@router.post(
    "/papers/sealed", auth=ACT, response={201: Document, **declared(*PROBLEMS)}, operation_id="receiveSecretPaper"
)
def receive_sealed_paper(
    request: HttpRequest,
    given: Annotated[SecretPaperIn, Form()],
    scan: Annotated[UploadedFile | None, File()] = None,
    attachments: Annotated[list[UploadedFile] | None, File()] = None,
) -> Status[Any]:
    """Register a secret paper that came by hand in the book of secret papers: sealed in memory, or without a scan."""
    caller = cast(CalledRequest, request)
    today, at = now()
    made = receive_secret_paper.receive(
        facts=PaperFacts(**given.model_dump(include=set(PaperFacts.__dataclass_fields__))),
        custody=Custody(given.holder_id, given.reader_posts, given.scan_allowed_by),
        scan=None if scan is None else taking.hold_scan(content_of(scan), name=scan.name or ""),
        attachments=[taking.hold_attachment(content_of(each), name=each.name or "") for each in attachments or ()],
        key=f"api:{caller.auth.token_id}:{given.key}",
        present_to=given.present_to,
        despite_duplicate=given.despite_duplicate,
        actor=caller.auth.actor,
        today=today,
        at=at,
    )
    return Status(201, again(caller, made.pk))
