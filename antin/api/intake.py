"""Scanned papers for machines: sent many at once, what was read off each, confirmed and registered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Document, again, content_of, now
from antin.api.paging import After, BadCursor, Limit, Page
from antin.api.problems import declared
from antin.documents.operations import PaperFacts
from antin.files.queries import UNREAD_WORDS
from antin.intake import operations as intake
from antin.intake import queries
from antin.intake.proposing import WARNINGS
from antin.intake.states import Status as State
from antin.journeys import take_scans

router = Router(tags=["Scans"])
PaperState = Literal["reading", "ready", "registered", "dropped"]


class Scan(Schema):
    """One file of papers as it was sent. `parting`: waiting, parted into papers, or failed with `fault`."""

    id: int
    name: str
    file: str = Field(description="SHA-256 of the file as it came.")
    pages: int
    parting: Literal["waiting", "parted", "failed"]
    fault: str
    sheets: int = Field(description="Separator sheets and blank pages behind them, left out.")
    sent_by: str
    sent_at: datetime


class Place(Schema):
    """A box on a page in points from the bottom left."""

    left: float
    bottom: float
    right: float
    top: float


class Proposal(Schema):
    """A value read off the paper, how sure the reading is (0 to 1), and where it stands."""

    value: str | int
    sure: float
    page: int
    box: Place


class Paper(Schema):
    """One paper in a scan, from reading to the register book."""

    id: int
    scan_id: int
    status: PaperState
    first_page: int
    last_page: int
    file: str = Field(description="SHA-256 of the paper's pages.")
    proposals: dict[str, Proposal] = Field(description="By field of `confirmScannedPaper`, and `addressees`.")
    warnings: list[str] = Field(description="What looks wrong, in words.")
    unread: str = Field(description="Why its words could not be read; empty when they were.")
    document_id: int | None


class SendIn(Schema):
    key: str = Field(pattern=r"^[\w-]{16,64}$", description="Chosen by the caller: sent twice, it is taken in once.")


class ConfirmIn(Schema):
    type_code: str
    subject: str
    issuer_name: str
    code: str = ""
    document_date: date | None = None
    urgency: int = Field(0, ge=0, le=3)
    secrecy: int = Field(0, ge=0, le=3)
    reply_by: date | None = None
    present_to: int | None = Field(None, ge=1, le=2**31 - 1)
    despite_duplicate: bool = False


def _scan(row: Any) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in Scan.model_fields if name != "file"}
    return told | {"file": row.file_id}


def _paper(row: Any) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("id", "scan_id", "status", "first_page", "last_page", "document_id")},
        "file": row.digest,
        "proposals": row.proposals,
        "warnings": [gettext(WARNINGS[code]) for code in row.warnings],
        "unread": gettext(UNREAD_WORDS[row.unread]) if row.unread else "",
    }


@router.post("/scans", auth=ACT, response={201: Scan, **declared(*PROBLEMS)}, operation_id="sendScan")
def send(request: HttpRequest, given: Annotated[SendIn, Form()], scan: Annotated[UploadedFile, File()]) -> Status[Any]:
    """Take in a file of scanned papers (PDF); the workers part it at our separator sheets and read each paper."""
    caller = cast(CalledRequest, request)
    made = take_scans.send(
        content_of(scan),
        name=scan.name or "",
        key=f"api:{caller.auth.token_id}:{given.key}",
        actor=caller.auth.actor,
        at=timezone.now(),
    )
    return Status(201, _scan(made))


@router.get("/scans/{int:scan_id}", auth=READ, response={200: Scan, **declared(403, 404)}, operation_id="getScan")
def scan(request: CalledRequest, scan_id: int) -> dict[str, Any]:
    """How far a scan has come."""
    return _scan(queries.get_scan_for(request.auth.actor, scan_id))


@router.get(
    "/scans/papers",
    auth=READ,
    response={200: Page[Paper], **declared(403, 422)},
    operation_id="listScannedPapers",
)
def papers(
    request: CalledRequest,
    status: Annotated[PaperState, Query(description="In this state.")] = "ready",
    limit: Limit = 50,
    after: After = "",
) -> dict[str, Any]:
    """The papers found in the agency's scans, in the order they were scanned; a clerk's only."""
    if after and not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise BadCursor
    rows = queries.list_papers(request.auth.actor, statuses=(State(status),), after=int(after or 0), limit=limit + 1)
    more = len(rows) > limit
    return {"items": [_paper(row) for row in rows[:limit]], "next": str(rows[limit - 1].pk) if more else None}


@router.get(
    "/scans/papers/{int:paper_id}",
    auth=READ,
    response={200: Paper, **declared(403, 404)},
    operation_id="getScannedPaper",
)
def paper(request: CalledRequest, paper_id: int) -> dict[str, Any]:
    """What was read off one paper."""
    return _paper(queries.get_for(request.auth.actor, paper_id))


@router.post(
    "/scans/papers/{int:paper_id}/register",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="confirmScannedPaper",
)
def confirm(request: CalledRequest, paper_id: int, given: ConfirmIn) -> dict[str, Any]:
    """Enter a paper in the book with the facts its clerk confirms. Repeating it gives the same document."""
    today, at = now()
    made = take_scans.register(
        paper_id=paper_id,
        facts=PaperFacts(**given.model_dump(include=set(PaperFacts.__dataclass_fields__))),
        present_to=given.present_to,
        despite_duplicate=given.despite_duplicate,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return again(request, made.pk)


@router.post(
    "/scans/papers/{int:paper_id}/drop",
    auth=ACT,
    response={200: Paper, **declared(*PROBLEMS)},
    operation_id="dropScannedPaper",
)
def drop(request: CalledRequest, paper_id: int) -> dict[str, Any]:
    """Put a paper aside: it does not go into the book."""
    queries.get_for(request.auth.actor, paper_id)
    intake.drop(paper_id=paper_id, actor=request.auth.actor, at=timezone.now())
    return _paper(queries.get_for(request.auth.actor, paper_id))


@router.post(
    "/scans/papers/{int:paper_id}/back",
    auth=ACT,
    response={200: Paper, **declared(*PROBLEMS)},
    operation_id="bringBackScannedPaper",
)
def bring_back(request: CalledRequest, paper_id: int) -> dict[str, Any]:
    """Take a paper that was put aside up again."""
    queries.get_for(request.auth.actor, paper_id)
    intake.bring_back(paper_id=paper_id, actor=request.auth.actor, at=timezone.now())
    return _paper(queries.get_for(request.auth.actor, paper_id))
