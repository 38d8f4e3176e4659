"""Books of an agency that go to another node, or come from one: closed, told, taken in, given back.

As the page Quản trị → Nút khác → Chuyển sổ: for administrators of the root of the house.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, now
from antin.api.problems import declared
from antin.journeys import move_books
from antin.nodes import policy, queries
from antin.refusal import refuse

router = Router(tags=["Nodes"])
Agency = Annotated[str, Field(min_length=1, max_length=64)]
State = Literal["closed", "confirmed", "returned", "reopened", "arrived", "taken", "given_back", "waived"]


class BookMove(Schema):
    """A move of an agency's books. `inward`: to this node. The counts are those of the signed statement; 0 before it was made."""

    id: int
    move: str = Field(description="What both nodes call it.")
    inward: bool
    node: str
    agency: str
    agency_name: str
    status: State
    statement: str = Field(description="SHA-256 of the signed statement; empty before it was made.")
    reason: str
    told_at: datetime
    settled_at: datetime | None
    series: int
    numbers: int
    given: int
    voided: int
    reserved: int
    inserted: int
    lines: int


class Voided(Schema):
    number: str
    reason: str


class MovedSeries(Schema):
    """One series as the node that kept it tells it: every number from 1 to `last` is given, void or kept back."""

    book: Literal["out", "in"]
    year: int
    group: str
    secrecy_class: str
    body: str
    form: str
    last: int
    given: list[tuple[int, int]]
    inserted: list[str]
    voided: list[Voided]
    reserved: list[str]
    lines: int


class MoveWhole(BookMove):
    """With every series, and why it cannot be taken in now (empty: it can, or was)."""

    account: list[MovedSeries]
    against: str


class Kept(Schema):
    value: int
    suffix: str
    reason: str
    until: date | None


class Ahead(Schema):
    """What stands open in an agency before its books are closed. Papers numbered and not issued must be issued or returned."""

    agency: str
    name: str
    drafts: int
    numbered: list[str]
    arrivals: int
    reserved: list[Kept]
    series: int
    last: int


class CloseIn(Schema):
    agency: Agency
    node: str = Field(max_length=20, description="The member that is to number for the agency.")


class WhyIn(Schema):
    reason: str = Field(min_length=1, max_length=500)


class OpenIn(WhyIn):
    agency: Agency


COUNTS = ("series", "numbers", "given", "voided", "reserved", "inserted", "lines")


def _told(row: Any) -> dict[str, Any]:
    names = ("id", "move", "inward", "agency", "agency_name", "status", "statement", "reason", "told_at", "settled_at")
    counts = {name: row.totals.get(name, 0) for name in COUNTS}
    return {name: getattr(row, name) for name in names} | {"node": row.member.code} | counts


def _of(move_id: int) -> dict[str, Any]:
    return _told(queries.get_move(move_id))


@router.get("/node-books", auth=READ, response={200: list[BookMove], **declared(403)}, operation_id="listBookMoves")
def moves(request: CalledRequest) -> list[dict[str, Any]]:
    """Books that went to another node or came from one, the latest first."""
    refuse(policy.why_not_run(request.auth.actor))
    return [_told(row) for row in queries.list_moves()]


@router.get(
    "/node-books/ahead/{agency}", auth=READ, response={200: Ahead, **declared(403, 404)}, operation_id="lookAtBooks"
)
def ahead(request: CalledRequest, agency: str) -> dict[str, Any]:
    """What closing the books of an agency would leave behind; nothing is closed."""
    found = move_books.look(agency=agency, actor=request.auth.actor)
    return {
        "agency": agency,
        "name": found.agency.name,
        "drafts": found.open.drafts,
        "numbered": list(found.open.numbered),
        "arrivals": found.open.arrivals,
        "reserved": [
            {"value": row.value, "suffix": row.suffix, "reason": row.reserve_reason, "until": row.reserved_until}
            for row in found.reserved
        ],
        "series": found.series,
        "last": found.last,
    }


@router.get(
    "/node-books/{int:move_id}", auth=READ, response={200: MoveWhole, **declared(403, 404)}, operation_id="getBookMove"
)
def one(request: CalledRequest, move_id: int) -> dict[str, Any]:
    """One move with every series of its statement."""
    move, found = move_books.open_move(move_id=move_id, actor=request.auth.actor)
    no = move_books.why_not_take(move, found) if found and move.status == "arrived" else None
    account = [
        {
            "book": each.told.book,
            "year": each.told.year,
            "group": each.told.group,
            "secrecy_class": each.told.secrecy_class,
            "body": each.body,
            "form": each.form,
            "last": each.told.last,
            "given": each.told.given,
            "inserted": [f"{value}{suffix}" for value, suffix in each.told.inserted],
            "voided": [{"number": f"{row.value}{row.suffix}", "reason": row.reason} for row in each.told.voided],
            "reserved": [f"{row.value}{row.suffix}" for row in each.told.reserved],
            "lines": each.lines,
        }
        for each in (found.series if found else ())
    ]
    return _told(move) | {"account": account, "against": no.message if no else ""}


@router.post("/node-books", auth=ACT, response={201: BookMove, **declared(*PROBLEMS)}, operation_id="closeBooks")
def close(request: CalledRequest, given: CloseIn) -> Status[Any]:
    """Close the books of an agency for another node; the signed statement follows by itself."""
    _today, at = now()
    move = move_books.close(agency=given.agency, to=given.node, actor=request.auth.actor, at=at)
    return Status(201, _told(move))


@router.post(
    "/node-books/{int:move_id}/take",
    auth=ACT,
    response={200: BookMove, **declared(*PROBLEMS)},
    operation_id="takeBooks",
)
def take(request: CalledRequest, move_id: int) -> dict[str, Any]:
    """Take books in that came: from now on this node numbers for the agency."""
    _today, at = now()
    move_books.take(move_id=move_id, actor=request.auth.actor, at=at)
    return _of(move_id)


@router.post(
    "/node-books/{int:move_id}/return",
    auth=ACT,
    response={200: BookMove, **declared(*PROBLEMS)},
    operation_id="giveBooksBack",
)
def give_back(request: CalledRequest, move_id: int, given: WhyIn) -> dict[str, Any]:
    """Give books back to the node that sent them, as long as nothing was numbered here."""
    _today, at = now()
    move_books.give_back(move_id=move_id, reason=given.reason, actor=request.auth.actor, at=at)
    return _of(move_id)


@router.post(
    "/node-books/{int:move_id}/reopen",
    auth=ACT,
    response={200: BookMove, **declared(*PROBLEMS)},
    operation_id="reopenBooks",
)
def reopen(request: CalledRequest, move_id: int) -> dict[str, Any]:
    """Open books again that the other node gave back by its signed answer."""
    _today, at = now()
    move_books.reopen(move_id=move_id, actor=request.auth.actor, at=at)
    return _of(move_id)


@router.post(
    "/node-books/open", auth=ACT, response={201: BookMove, **declared(*PROBLEMS)}, operation_id="openBooksWithout"
)
def open_without(request: CalledRequest, given: OpenIn) -> Status[Any]:
    """Open the books of an agency whose old node is gone for good, without a statement."""
    _today, at = now()
    move = move_books.open_without(agency=given.agency, reason=given.reason, actor=request.auth.actor, at=at)
    return Status(201, _told(move))
