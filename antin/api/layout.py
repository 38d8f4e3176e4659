"""How an agency's books and the node's year are laid out, for machines that administer: books and series, special days."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, now
from antin.api.posts import Key, begun_in
from antin.api.powers import agency_of
from antin.api.problems import declared
from antin.api.registers import Series
from antin.documents.types import TYPES, series_types
from antin.numbering import operations as numbering
from antin.numbering import queries as books
from antin.numbering.states import Restart
from antin.people import policy
from antin.people import queries as people
from antin.people.states import BodyKind
from antin.refusal import NotFound, Refusal, refuse
from antin.workdays import operations as workdays
from antin.workdays import queries
from antin.workdays.queries import FIRST_YEAR, LAST_YEAR, Kind

if TYPE_CHECKING:
    from antin.numbering.models import Book as BookRow

router = Router(tags=["Organisation"])
HERE = "/units/{int:unit_id}"
EVERY_TYPE = tuple(dict.fromkeys((*TYPES, *series_types(True), *series_types(False))))
BookYear = Annotated[int, Field(ge=2020, le=2100)]


class CloseBookIn(Schema):
    from_year: BookYear = Field(description="The first year in which it is used no more.")
    basis: str = Field(min_length=1, max_length=500)


class BookIn(Schema):
    """Types that share one series of outgoing documents from a year on."""

    name: str = Field(min_length=1, max_length=200)
    type_codes: list[Literal[EVERY_TYPE]] = Field(min_length=1, max_length=60)  # type: ignore[valid-type]
    secrecy_class: Literal["", "secret"] = Field("", description="Classified documents have books of their own.")
    restarts: Literal[tuple(Restart.values)] = Restart.YEAR.value  # type: ignore[valid-type]
    from_year: BookYear
    body_id: int | None = Field(None, description="Of a body that issues in its own name; null: the agency's.")
    basis: str = Field(min_length=1, max_length=500)
    key: Key = ""


class Book(Schema):
    id: int
    name: str
    type_codes: list[str]
    secrecy_class: str
    restarts: str
    from_year: int
    until_year: int | None = Field(description="The last year it is in use.")
    body_id: int | None
    basis: str


class Day(Schema):
    """A day that is not what the week says; with a decision where it was set here, else by law."""

    day: date
    kind: Literal[tuple(Kind.values)]  # type: ignore[valid-type]
    name: str
    decision: str
    worked: bool


class SetDayIn(Schema):
    kind: Literal[tuple(Kind.values)]  # type: ignore[valid-type]
    note: str = Field("", max_length=200)
    decision: str = Field(min_length=1, max_length=200)


class SwapIn(Schema):
    off: date = Field(description="A working day that is free.")
    work: date = Field(description="A free day that is worked for it.")
    note: str = Field("", max_length=200)
    decision: str = Field(min_length=1, max_length=200)


class BookOfOthers(Refusal):
    code = "book_types_not_theirs"
    words = _("Các loại %(types)s không thuộc văn bản của nơi lập sổ.")


# ---- books ------------------------------------------------------------------------------------------------------------------


def _book(row: BookRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Book.model_fields}


@router.get(f"{HERE}/books", auth=READ, response={200: list[Book], **declared(403, 404)}, operation_id="listBooks")
def list_books(request: CalledRequest, unit_id: int) -> list[dict[str, Any]]:
    """The books an agency and its bodies laid out, the latest first; administrators only."""
    return [_book(row) for row in books.list_books(agency_of(request, unit_id).pk)]


@router.get(
    f"{HERE}/series",
    auth=READ,
    response={200: list[Series], **declared(403, 404, 422)},
    operation_id="listAgencySeries",
)
def list_series(
    request: CalledRequest, unit_id: int, year: Annotated[int, Query(ge=2000, le=2100)]
) -> list[dict[str, Any]]:
    """Every series of an agency in a year, counted anew; administrators only (the registry office: listSeries)."""
    found = books.list_proofs(agency_id=agency_of(request, unit_id).pk, year=year)
    return [{name: getattr(row, name) for name in Series.model_fields} for row in found]


def _why_not_theirs(agency_id: int, given: BookIn) -> Refusal | None:
    """Whether the types are the agency's, or the body's whose book it would be. :raises NotFound: no such body of it"""
    offered: set[str] = set(TYPES)
    if given.body_id is not None:
        body = people.get_body(given.body_id)
        if body.agency_id != agency_id:
            raise NotFound()
        offered = set(series_types(body.kind == BodyKind.PARTY))
    others = sorted(set(given.type_codes) - offered)
    return BookOfOthers(types=", ".join(others)) if others else None


@router.post(f"{HERE}/books", auth=ACT, response={201: Book, **declared(*PROBLEMS)}, operation_id="setBook")
def set_book(request: CalledRequest, unit_id: int, given: BookIn) -> Status[Any]:
    """Let some types share a series from a year on; they leave the books they were in."""
    agency, (today, at) = agency_of(request, unit_id), now()
    refuse(_why_not_theirs(agency.pk, given))
    made = numbering.set_book(
        agency_id=agency.pk,
        **given.dict(exclude={"key"}),
        begun_in=begun_in(request, given.key),
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return Status(201, _book(made))


@router.post(
    f"{HERE}/books/{{int:book_id}}/close",
    auth=ACT,
    response={200: Book, **declared(*PROBLEMS)},
    operation_id="closeBook",
)
def close_book(request: CalledRequest, unit_id: int, book_id: int, given: CloseBookIn) -> dict[str, Any]:
    """Let a book end: from a year on its types number as before it was laid out."""
    agency, (today, at) = agency_of(request, unit_id), now()
    books.get_book([agency.pk], book_id)
    return _book(numbering.close_book(book_id=book_id, **given.dict(), actor=request.auth.actor, today=today, at=at))


# ---- the working calendar ---------------------------------------------------------------------------------------------------


def _days(year: int, only: tuple[date, ...] = ()) -> list[dict[str, Any]]:
    return [asdict(each) for each in queries.list_special_days(year) if not only or each.day in only]


@router.get(
    "/calendar/days", auth=READ, response={200: list[Day], **declared(403, 422)}, operation_id="listCalendarDays"
)
def list_days(request: CalledRequest, year: Annotated[int, Query(ge=FIRST_YEAR, le=LAST_YEAR)]) -> list[dict[str, Any]]:
    """The special days of a year: the law's, and those set by decision; administrators only."""
    refuse(policy.why_not_see_house(request.auth.actor))
    return _days(year)


@router.put(
    "/calendar/days/{day}", auth=ACT, response={200: list[Day], **declared(*PROBLEMS)}, operation_id="setCalendarDay"
)
def set_day(request: CalledRequest, day: date, given: SetDayIn) -> list[dict[str, Any]]:
    """Set what a day is, by decision, for the whole node. Deadlines that were reckoned stay."""
    kind, at = Kind(given.kind), now()[1]
    told = {"note": given.note, "decision": given.decision}
    workdays.set_day(day=day, kind=kind, **told, actor=request.auth.actor, at=at)
    return _days(day.year, (day,))


@router.post(
    "/calendar/swap", auth=ACT, response={200: list[Day], **declared(*PROBLEMS)}, operation_id="swapCalendarDays"
)
def swap(request: CalledRequest, given: SwapIn) -> list[dict[str, Any]]:
    """Let a working day be free and a free day be worked for it. Sent again it is refused: it is so already."""
    workdays.swap(**given.dict(), actor=request.auth.actor, at=now()[1])
    return [each for day in (given.off, given.work) for each in _days(day.year, (day,))]


@router.delete(
    "/calendar/days/{day}", auth=ACT, response={204: None, **declared(*PROBLEMS)}, operation_id="clearCalendarDay"
)
def clear(request: CalledRequest, day: date) -> Status[Any]:
    """Let a day be again what the law and the week say."""
    workdays.clear_day(day=day, actor=request.auth.actor, at=now()[1])
    return Status(204, None)
