"""One search over everything the post may see, and what is kept of searching."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.utils import timezone
from ninja import Query, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents.shapes import Document, document_out, router
from antin.api.paging import After, BadCursor, Limit
from antin.api.problems import declared
from antin.documents import finding, operations, queries

if TYPE_CHECKING:
    pass


class SavedSearch(Schema):
    id: int
    name: str
    query: str = Field(description="As the address of the search page has it.")
    owner_name: str
    shared: bool


class SaveSearchIn(Schema):
    name: str = Field(max_length=80)
    query: str = Field(max_length=1000)
    share: bool = False


def saved_out(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "query": row.query,
        "owner_name": row.owner_name,
        "shared": row.unit_id is not None,
    }


@router.get("/searches", auth=READ, response={200: list[SavedSearch], **declared(403)}, operation_id="listSearches")
def list_searches(request: CalledRequest) -> list[dict[str, Any]]:
    """The searches the caller saved, and those shared in his unit."""
    return [saved_out(row) for row in queries.list_searches(request.auth.actor)]


@router.post("/searches", auth=ACT, response={201: SavedSearch, **declared(403, 409, 422)}, operation_id="saveSearch")
def save_search(request: CalledRequest, given: SaveSearchIn) -> Status[Any]:
    """Keep a search by name, in place of one of the same name."""
    made = operations.save_search(
        name=given.name, query=given.query, share=given.share, actor=request.auth.actor, at=timezone.now()
    )
    return Status(201, saved_out(made))


@router.delete(
    "/searches/{int:saved_id}",
    auth=ACT,
    response={200: list[SavedSearch], **declared(403, 404)},
    operation_id="forgetSearch",
)
def forget_search(request: CalledRequest, saved_id: int) -> list[dict[str, Any]]:
    """Take one of the caller's own searches away; those that remain."""
    operations.forget_search(saved_id=saved_id, actor=request.auth.actor, at=timezone.now())
    return list_searches(request)


class Piece(Schema):
    words: str
    asked: bool = Field(description="Whether this is what was asked for.")


class Hit(Schema):
    document: Document
    subject: list[Piece]
    passage: list[Piece] = Field(description="Where its text says it, when its subject does not.")


class FacetValue(Schema):
    value: str
    count: int


class BehindOut(Schema):
    since: datetime
    documents: int


class SearchOut(Schema):
    items: list[Hit]
    next: str | None = Field(None, description="Give it as `after` to read on; null on the last page.")
    count: int | None = Field(description="How many there are; null when only the lists could be searched.")
    counted_since: datetime | None = Field(
        description="Not null: only what came or was issued since was counted, also in the facets: there are at least so many."
    )
    facets: dict[str, list[FacetValue]] = Field(
        description="By box, kind, year, unit, status, urgency, attached, field, retention."
    )
    index_usable: bool = Field(
        description="False: the index is being made; numbers, subjects and parties were searched."
    )
    behind: BehindOut | None = Field(description="Changes that cannot be found yet; null when there are none.")


class SearchIn(Schema):
    q: str = Field("", max_length=300, description="Words, phrases in quotes, -words that must be absent.")
    box: Literal["", "in", "out", "draft"] = ""
    kind: str = Field("", max_length=10, description="A type code.")
    unit: str = Field("", max_length=300, description="Sender of an arrival, drafting unit of our own.")
    year: str = Field("", max_length=4)
    status: str = Field("", max_length=12)
    urgency: str = Field("", max_length=1)
    attached: Literal["", "0", "1"] = ""
    field: str = Field("", max_length=300, description="The field of work it is filed under, in the words of its list.")
    retention: str = Field("", max_length=9, description="How many years it is kept, or `permanent`.")
    since: date | None = Field(None, description="The document's own date.")
    until: date | None = None
    sort: Literal["", "new"] = ""
    counting: Literal["", "exact"] = Field(
        "", description="`exact`: all are counted, however frequent what is asked for, and however long that takes."
    )


def pieces(given: list[tuple[str, bool]]) -> list[dict[str, Any]]:
    return [{"words": words, "asked": asked} for words, asked in given]


@router.get("/documents/search", auth=READ, response={200: SearchOut, **declared(403, 422)}, operation_id="search")
def search(
    request: CalledRequest, given: Annotated[SearchIn, Query()], limit: Limit = 50, after: After = ""
) -> dict[str, Any]:
    """What the caller's post may see of what is looked for, the best first: every field, and the text of files."""
    if after and not (after.isdecimal() and len(after) < 7):
        raise BadCursor()
    offset = int(after or 0)
    wanted = finding.Search(
        words=given.q,
        facets={name: (value,) for name in finding.FACETS if (value := getattr(given, name))},
        since=given.since,
        until=given.until,
        latest=given.sort == "new",
        exactly=given.counting == "exact",
    )
    found = finding.find(actor=request.auth.actor, search=wanted, at=timezone.now(), offset=offset, limit=limit)
    return {
        "items": [
            {"document": document_out(hit.document), "subject": pieces(hit.subject), "passage": pieces(hit.passage)}
            for hit in found.hits
        ],
        "next": str(offset + limit) if found.more and found.usable else None,
        "count": found.count,
        "counted_since": found.counted_since,
        "facets": {
            name: [{"value": value, "count": n} for value, n in values] for name, values in found.facets.items()
        },
        "index_usable": found.usable,
        "behind": {"since": found.behind.since, "documents": found.behind.n} if found.behind else None,
    }
