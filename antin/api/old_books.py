"""Books of the past for machines: sent with their files, looked through by columns, explained, taken in, undone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, content_of, now
from antin.api.paging import After, BadCursor, Limit, Page
from antin.api.problems import declared
from antin.journeys import move_books, take_old_book
from antin.oldbooks import operations, policy, queries
from antin.people import queries as people
from antin.refusal import refuse

router = Router(tags=["Old books"])
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
State = Literal["read", "checked", "taking", "taken", "dropped", "undone"]
FactName = Literal[
    "ordinal",
    "moved",
    "lent",
    "user",
    "envelopes",
    "taken",
    "file_code",
    "back",
    "permitted",
    "arrival",
    "came",
    "code",
    "number",
    "notation",
    "date",
    "type",
    "subject",
    "issuer",
    "signer",
    "to",
    "unit",
    "copies",
    "note",
    "file",
    "urgency",
    "secrecy",
    "void",
]
Book = Literal["out", "in", "post", "copies"]
LineState = Literal["ready", "void", "refused", "taken"]


class Hole(Schema):
    """Numbers that are missing, and why; no reason: nobody has said."""

    first: int
    last: int
    reason: str


class Balance(Schema):
    """One sequence: last = before + imported + void + explained + missing; numbers put between (12a) are counted apart."""

    year: int
    group: str = Field(
        description="Code of the type or book; empty for arrivals; * for one book of all types, not laid out yet."
    )
    first: int
    last: int
    before: int
    imported: int
    inserted: int
    void: int
    explained: int
    missing: int
    refused: int
    doubles: list[str]
    holes: list[Hole]


class OldBook(Schema):
    """One import of an old book. `columns`: which fact stands in which column, from 0."""

    id: int
    book: Book
    secret: bool = Field(description="Of secret papers: no file was kept, only columns that may stand in clear.")
    status: State
    name: str
    file: str = Field(description="SHA-256 of the file as it came.")
    archive: str
    headings: list[str]
    columns: dict[str, int]
    together: bool
    default_type: str
    year: int | None
    begun_by: str
    begun_at: datetime
    undo_reason: str
    rows: int
    imported: int
    void: int
    refused: int
    unexplained: int
    balance: list[Balance]


class OldLine(Schema):
    """A line as it stands in the old book, and what stands against it."""

    row: int
    status: LineState
    cells: list[str]
    faults: list[str]
    remark: str = Field(description="What did not come along: its file, and why.")
    document_id: int | None


class MovedRegister(Schema):
    """Lines of a register that came with the agency's books from another node."""

    move_id: int
    place: int = Field(description="Which register of the move.")
    node: str
    book: Book
    secret: bool
    rows: int


class MovedIn(Schema):
    move_id: int
    place: int = Field(ge=0, le=10)


class SendIn(Schema):
    key: str = Field(pattern=r"^[\w-]{16,48}$", description="Chosen by the caller: sent twice, one import is begun.")


class CheckIn(Schema):
    book: Book
    columns: dict[FactName, Annotated[int, Field(ge=0, le=39)]]
    together: bool = Field(
        False, description="All types were numbered in one sequence a year; for years that are over."
    )
    default_type: str = Field(
        "CV", max_length=5, description="Of lines whose type is not recognised; empty refuses them."
    )
    year: int | None = Field(None, ge=1945, le=2100, description="Of days written without one.")


class ExplainIn(Schema):
    year: int = Field(ge=1945, le=2100)
    group: str = Field(max_length=20)
    first: int = Field(ge=1, le=50_000)
    last: int = Field(ge=1, le=50_000)
    reason: str = Field(max_length=450)


class StartIn(Schema):
    leave_out: bool = Field(False, description="Go on although lines are refused; the balance names them.")


class UndoIn(Schema):
    reason: str = Field(max_length=500)


OWN = ("id", "book", "secret", "status", "name", "file", "archive", "headings", "columns", "together", "default_type", "year",
       "begun_by", "begun_at", "undo_reason")  # fmt: skip


def _told(row: Any) -> dict[str, Any]:
    account = row.balance
    counted = {name: account.get(name, 0) for name in ("rows", "imported", "void", "refused", "unexplained")}
    series = [
        {name: each[name] for name in Balance.model_fields if name != "holes"}
        | {"holes": [{"first": first, "last": last, "reason": why} for first, last, why in each["holes"]]}
        for each in account.get("series", [])
    ]
    return {name: getattr(row, name) for name in OWN} | counted | {"balance": series}


@router.get("/old-books", auth=READ, response={200: list[OldBook], **declared(403)}, operation_id="listOldBooks")
def imports(request: CalledRequest) -> list[dict[str, Any]]:
    """The imports of old books of the caller's agency, the latest first; clerks and administrators only."""
    return [_told(row) for row in queries.list_imports(request.auth.actor)]


@router.post("/old-books", auth=ACT, response={201: OldBook, **declared(*PROBLEMS)}, operation_id="sendOldBook")
def send(
    request: HttpRequest,
    given: Annotated[SendIn, Form()],
    table: Annotated[UploadedFile, File(description="XLSX or CSV, one book.")],
    archive: Annotated[UploadedFile | None, File(description="ZIP of the files a column names.")] = None,
) -> Status[Any]:
    """Send an old book: its columns are guessed from their headings, and nothing is taken."""
    caller = cast(CalledRequest, request)
    today, at = now()
    begun = take_old_book.begin(
        table=content_of(table),
        name=table.name or "",
        archive=content_of(archive) if archive is not None else None,
        archive_name=(archive.name or "") if archive is not None else "",
        begun_in=f"api:{caller.auth.token_id}:{given.key}"[:64],
        actor=caller.auth.actor,
        today=today,
        at=at,
    )
    return Status(201, _told(begun))


@router.post(
    "/old-books/sealed", auth=ACT, response={201: OldBook, **declared(*PROBLEMS)}, operation_id="sendSecretOldBook"
)
def send_secret(
    request: HttpRequest,
    given: Annotated[SendIn, Form()],
    table: Annotated[UploadedFile, File(description="XLSX or CSV, one book; read in memory, not kept.")],
) -> Status[Any]:
    """Send an old book of secret papers: cleared clerks only. Numbers, days, levels, places and signers are kept of its lines; what
    a paper is about, notes and unknown columns are not written anywhere."""
    caller = cast(CalledRequest, request)
    today, at = now()
    begun = take_old_book.begin(
        table=content_of(table),
        name=table.name or "",
        archive=None,
        archive_name="",
        begun_in=f"api:{caller.auth.token_id}:{given.key}"[:64],
        secret=True,
        actor=caller.auth.actor,
        today=today,
        at=at,
    )
    return Status(201, _told(begun))


@router.get(
    "/old-books/moved",
    auth=READ,
    response={200: list[MovedRegister], **declared(403)},
    operation_id="listMovedRegisters",
)
def moved(request: CalledRequest) -> list[dict[str, Any]]:
    """Registers whose lines came with the agency's books from another node."""
    actor = request.auth.actor
    refuse(policy.why_not_import(actor))
    code = people.get_agency(actor.agency_id).code
    may = policy.why_not_import_secret(actor) is None
    return [
        {"move_id": move.pk, "place": place, "node": move.member.code}
        | {name: told[name] for name in ("book", "secret", "rows")}
        for move, place, told in (move_books.registers_of(code.value) if code else ())
        if may or not told["secret"]
    ]


@router.post(
    "/old-books/moved", auth=ACT, response={201: OldBook, **declared(*PROBLEMS)}, operation_id="beginMovedBook"
)
def begin_moved(request: CalledRequest, given: MovedIn) -> Status[Any]:
    """Begin an import of these lines, to be checked and started as any other; one at a time of each register."""
    today, at = now()
    begun = take_old_book.begin_moved(**given.model_dump(), actor=request.auth.actor, today=today, at=at)
    return Status(201, _told(begun))


@router.get(
    "/old-books/{int:old_book_id}", auth=READ, response={200: OldBook, **declared(403, 404)}, operation_id="getOldBook"
)
def one(request: CalledRequest, old_book_id: int) -> dict[str, Any]:
    """An import with its balance."""
    return _told(queries.get_for(request.auth.actor, old_book_id))


@router.get(
    "/old-books/{int:old_book_id}/lines",
    auth=READ,
    response={200: Page[OldLine], **declared(403, 404, 422)},
    operation_id="listOldLines",
)
def lines(
    request: CalledRequest,
    old_book_id: int,
    status: Annotated[LineState | None, Query(description="Only these.")] = None,
    limit: Limit = 50,
    after: After = "",
) -> dict[str, Any]:
    """The lines of an import in the order of the file, each with what stands against it."""
    queries.get_for(request.auth.actor, old_book_id)
    if after and not (after.isascii() and after.isdecimal() and len(after) < 9):
        raise BadCursor
    rows = queries.list_lines(old_book_id, outcome=status or "", after=int(after or 0), limit=limit + 1)
    items = [
        {
            "row": row.row,
            "status": row.outcome,
            "cells": row.cells,
            "faults": [f"{column}: {words}" for column, words in row.faults],
            "remark": row.remark,
            "document_id": row.document_id,
        }
        for row in rows[:limit]
    ]
    return {"items": items, "next": str(rows[limit - 1].row) if len(rows) > limit else None}


@router.post(
    "/old-books/{int:old_book_id}/check",
    auth=ACT,
    response={200: OldBook, **declared(*PROBLEMS)},
    operation_id="checkOldBook",
)
def check(request: CalledRequest, old_book_id: int, given: CheckIn) -> dict[str, Any]:
    """Look every line through by these columns and balance the numbers; nothing is taken, and it may be done again."""
    today, at = now()
    return _told(
        take_old_book.check(old_book_id=old_book_id, **given.model_dump(), actor=request.auth.actor, today=today, at=at)
    )


@router.post(
    "/old-books/{int:old_book_id}/explain",
    auth=ACT,
    response={200: OldBook, **declared(*PROBLEMS)},
    operation_id="explainOldBook",
)
def explain(request: CalledRequest, old_book_id: int, given: ExplainIn) -> dict[str, Any]:
    """Say why numbers are missing; they are void with this reason once the book is taken in."""
    queries.get_for(request.auth.actor, old_book_id)
    return _told(
        operations.explain(old_book_id=old_book_id, **given.model_dump(), actor=request.auth.actor, at=now()[1])
    )


@router.post(
    "/old-books/{int:old_book_id}/start",
    auth=ACT,
    response={202: OldBook, **declared(*PROBLEMS)},
    operation_id="startOldBook",
)
def start(request: CalledRequest, old_book_id: int, given: StartIn) -> Status[Any]:
    """Take the numbers at once; the workers make the documents."""
    queries.get_for(request.auth.actor, old_book_id)
    return Status(
        202,
        _told(
            operations.start(old_book_id=old_book_id, leave_out=given.leave_out, actor=request.auth.actor, at=now()[1])
        ),
    )


@router.post(
    "/old-books/{int:old_book_id}/drop",
    auth=ACT,
    response={200: OldBook, **declared(403, 404, 409)},
    operation_id="dropOldBook",
)
def drop(request: CalledRequest, old_book_id: int) -> dict[str, Any]:
    """Let an import be that has taken nothing."""
    queries.get_for(request.auth.actor, old_book_id)
    return _told(operations.drop(old_book_id=old_book_id, actor=request.auth.actor, at=now()[1]))


@router.post(
    "/old-books/{int:old_book_id}/undo",
    auth=ACT,
    response={200: OldBook, **declared(*PROBLEMS)},
    operation_id="undoOldBook",
)
def undo(request: CalledRequest, old_book_id: int, given: UndoIn) -> dict[str, Any]:
    """Take a whole import back, as long as nothing builds on it."""
    queries.get_for(request.auth.actor, old_book_id)
    return _told(operations.undo(old_book_id=old_book_id, reason=given.reason, actor=request.auth.actor, at=now()[1]))
