"""Lists an agency keeps by itself, for machines: as they hold on a day, and changed; under what a document is filed."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, now
from antin.api.problems import declared
from antin.codelists import operations, policy, queries
from antin.codelists.operations import Line, Told
from antin.codelists.states import Listing
from antin.documents import operations as documents
from antin.documents import queries as papers
from antin.people import queries as people
from antin.refusal import refuse
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.codelists.models import Edition as EditionRow
    from antin.codelists.models import Entry as EntryRow
    from antin.documents.models import Filing as FilingRow

router = Router(tags=["Code lists"])
ListName = Literal["retention", "field", "directive", "return"]


class EntryIn(Schema):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=500)
    above: str = Field("", max_length=20, description="The code of the heading it stands under.")
    years: int | None = Field(None, ge=1, le=policy.MOST_YEARS, description="How long things are kept; retention only.")
    permanent: bool = Field(False, description="Kept forever; with neither, a retention entry is a heading.")
    source: str = Field("", max_length=300)
    position: int | None = Field(None, ge=0, le=1_000_000, description="Its order in the list; null: last.")


class ByWriting(Schema):
    basis: str = Field(min_length=1, max_length=500)
    from_date: date


class AddIn(ByWriting):
    entry: EntryIn


class ImportIn(ByWriting):
    entries: list[EntryIn] = Field(max_length=5000)
    whole: bool = Field(False, description="What is not among the entries ends.")
    keep: bool = Field(False, description="False: say only what it would do.")


class BasisIn(Schema):
    basis: str = Field(min_length=1, max_length=500)


class Entry(Schema):
    id: int
    code: str
    name: str
    above: str
    years: int | None
    permanent: bool
    source: str
    position: int
    since: date
    until: date | None = Field(description="The first day on which it is chosen no more.")


class CodeList(Schema):
    keeper_id: int | None = Field(description="The agency whose list it is: the caller's own or the nearest above.")
    entries: list[Entry]


class Edition(Schema):
    id: int
    number: int
    change: Literal["added", "changed", "ended", "imported", "taken_back"]
    words: str
    basis: str
    from_date: date
    made_by: str
    made_at: datetime
    taken_back: bool


class LineFault(Schema):
    row: int = Field(description="From 1, in the order sent; 0: of what is not among them.")
    code: str
    words: str


class Imported(Schema):
    kept: bool
    added: int
    changed: int
    same: int
    ended: int
    faults: list[LineFault]


class FilingIn(Schema):
    retention_id: int | None
    field_id: int | None


class Filing(Schema):
    retention: Entry | None
    field: Entry | None
    chosen_by: str
    chosen_at: datetime | None


def _entry(entry: EntryRow) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.model_fields}


def _edition(edition: EditionRow) -> dict[str, Any]:
    names = [name for name in Edition.model_fields if name != "taken_back"]
    return {name: getattr(edition, name) for name in names} | {"taken_back": edition.undone_id is not None}


def _told(given: EntryIn) -> Told:
    return Told(**given.model_dump())


def _own(request: CalledRequest, agency_id: int) -> None:
    """:raises NotFound: not of the caller's house"""
    people.get_unit_for(request.auth.actor, agency_id)


@router.get(
    "/code-lists/{listing}", auth=READ, response={200: CodeList, **declared(403, 422)}, operation_id="getCodeList"
)
def get_list(request: CalledRequest, listing: ListName, on: date | None = None) -> dict[str, Any]:
    """A list as the caller's agency uses it on a day (today): headings before what stands below them."""
    day = on or local_date(timezone.now())
    found = queries.find_in_force(request.auth.actor.agency_id, listing, day)
    return {
        "keeper_id": found.keeper.pk if found.keeper else None,
        "entries": [_entry(row.entry) for row in found.rows],
    }


@router.post(
    "/code-lists/{listing}", auth=ACT, response={201: Entry, **declared(*PROBLEMS)}, operation_id="addCodeListEntry"
)
def add(request: CalledRequest, listing: ListName, given: AddIn) -> Status[Any]:
    """Add an entry to the list of the caller's agency; administrators only."""
    actor = request.auth.actor
    made = operations.add_entry(
        agency_id=actor.agency_id,
        listing=listing,
        told=_told(given.entry),
        basis=given.basis,
        from_date=given.from_date,
        actor=actor,
        at=timezone.now(),
    )
    return Status(201, _entry(made))


@router.post(
    "/code-lists/{listing}/import",
    auth=ACT,
    response={200: Imported, **declared(*PROBLEMS)},
    operation_id="importCodeList",
)
def take_in(request: CalledRequest, listing: ListName, given: ImportIn) -> dict[str, Any]:
    """Take many entries in from a day on, all or nothing; every one that has a fault is named. Administrators only."""
    actor = request.auth.actor
    lines = [Line(**each.model_dump(), row=row) for row, each in enumerate(given.entries, start=1)]
    done = operations.import_list(
        agency_id=actor.agency_id,
        listing=listing,
        lines=lines,
        whole=given.whole,
        basis=given.basis,
        from_date=given.from_date,
        keep=given.keep,
        actor=actor,
        at=timezone.now(),
    )
    faults = [{"row": each.row, "code": each.refusal.code, "words": each.refusal.message} for each in done.faults]
    return {**vars(done), "faults": faults}


@router.get(
    "/code-lists/{listing}/changes",
    auth=READ,
    response={200: list[Edition], **declared(403, 422)},
    operation_id="listCodeListChanges",
)
def changes(request: CalledRequest, listing: ListName) -> list[dict[str, Any]]:
    """The changes of the list of the caller's agency, the newest first."""
    actor = request.auth.actor
    refuse(policy.why_not_change(actor, people.get_unit(actor.agency_id)))
    return [_edition(each) for each in queries.list_editions(actor.agency_id, Listing(listing))]


@router.put(
    "/code-list-entries/{int:entry_id}",
    auth=ACT,
    response={200: Entry, **declared(*PROBLEMS)},
    operation_id="changeCodeListEntry",
)
def change(request: CalledRequest, entry_id: int, given: AddIn) -> dict[str, Any]:
    """Word an entry anew from a day on; its code stays."""
    _own(request, queries.get_entry(entry_id).code_list.agency_id)
    changed = operations.change_entry(
        entry_id=entry_id,
        told=_told(given.entry),
        basis=given.basis,
        from_date=given.from_date,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return _entry(changed)


@router.post(
    "/code-list-entries/{int:entry_id}/end",
    auth=ACT,
    response={200: Entry, **declared(*PROBLEMS)},
    operation_id="endCodeListEntry",
)
def end(request: CalledRequest, entry_id: int, given: ByWriting) -> dict[str, Any]:
    """Let an entry be chosen no more from a day on."""
    _own(request, queries.get_entry(entry_id).code_list.agency_id)
    ended = operations.end_entry(entry_id=entry_id, **given.dict(), actor=request.auth.actor, at=timezone.now())
    return _entry(ended)


@router.post(
    "/code-list-changes/{int:edition_id}/take-back",
    auth=ACT,
    response={200: Edition, **declared(*PROBLEMS)},
    operation_id="takeCodeListChangeBack",
)
def take_back(request: CalledRequest, edition_id: int, given: BasisIn) -> dict[str, Any]:
    """Undo a change; the undoing is a change of its own."""
    _own(request, queries.get_edition(edition_id).code_list.agency_id)
    made = operations.take_back(edition_id=edition_id, basis=given.basis, actor=request.auth.actor, at=timezone.now())
    return _edition(made)


def _filing(found: FilingRow | None) -> dict[str, Any]:
    if found is None:
        return {"retention": None, "field": None, "chosen_by": "", "chosen_at": None}
    return {
        "retention": found.retention and _entry(found.retention),
        "field": found.field and _entry(found.field),
        "chosen_by": found.chosen_by,
        "chosen_at": found.chosen_at,
    }


@router.get(
    "/documents/{int:document_id}/filing",
    auth=READ,
    response={200: Filing, **declared(403, 404)},
    operation_id="getFiling",
)
def get_filing(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """How long a document is kept and of which field it is, in the words of the day it was chosen."""
    return _filing(papers.find_filing(papers.get_for(request.auth.actor, document_id)))


@router.put(
    "/documents/{int:document_id}/filing",
    auth=ACT,
    response={200: Filing, **declared(*PROBLEMS)},
    operation_id="fileDocument",
)
def file_document(request: CalledRequest, document_id: int, given: FilingIn) -> dict[str, Any]:
    """Choose both from the lists in force today; null: none."""
    today, at = now()
    document = papers.get_for(request.auth.actor, document_id)
    documents.file_document(document_id=document_id, **given.dict(), actor=request.auth.actor, today=today, at=at)
    return _filing(papers.find_filing(document))
