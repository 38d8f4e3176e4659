"""The register books of an agency, with the columns of Decree 30/2020, Appendix IV, and the proof that no number is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from antin.documents import queries as documents
from antin.documents.states import Direction
from antin.documents.types import TYPES, number_words
from antin.exchange import queries as deliveries
from antin.numbering import queries as numbering
from antin.numbering.queries import Proof
from antin.numbering.states import Status
from antin.refusal import NotFound
from antin.web import sheets
from antin.web.clocks import LOCAL
from antin.web.documents.rows import state_of
from antin.web.registers import names
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.numbering.models import Number

PAGE = 50
WHOLE = 5000
"""So many rows are laid out at once to be printed and bound."""


@dataclass(frozen=True)
class Cell:
    """What stands in one column. `narrow` is not broken into lines; `aside` is left out where the screen is small."""

    column: str
    words: str
    narrow: bool
    aside: bool


@dataclass(frozen=True)
class Entry:
    """One row of a book: its cells in the order of the columns, and where the document is. A voided number has words only."""

    value: int
    cells: tuple[Cell, ...]
    href: str = ""
    voided: str = ""


@dataclass(frozen=True)
class Asked:
    """Which book of which year, from the address."""

    book: str
    year: int
    group: str
    after: int | None
    whole: bool

    def href(self, page: str = "registers", **changes: Any) -> str:
        said: dict[str, Any] = {"book": self.book, "year": self.year, "type": self.group, **changes}
        return f"{reverse(page)}?{urlencode({name: value for name, value in said.items() if value})}"


def columns(book: str) -> tuple[str, ...]:
    """The columns of the book. Law: Decree 30/2020, Appendix IV."""
    if book == Direction.IN:
        return (
            _("Số đến"),
            _("Ngày đến"),
            _("Tác giả"),
            _("Số, ký hiệu"),
            _("Ngày văn bản"),
            _("Tên loại và trích yếu"),
            _("Đơn vị hoặc người nhận"),
            _("Ngày chuyển"),
            _("Ký nhận"),
            _("Ghi chú"),
        )
    return (
        _("Số, ký hiệu"),
        _("Ngày văn bản"),
        _("Tên loại và trích yếu"),
        _("Người ký"),
        _("Nơi nhận"),
        _("Đơn vị nhận bản lưu"),
        _("Số lượng bản"),
        _("Ngày chuyển"),
        _("Ký nhận"),
        _("Ghi chú"),
    )


NARROW = {Direction.IN: {0, 1, 3, 4, 7, 8}, Direction.OUT: {0, 1, 6, 7, 8}}
ASIDE = {Direction.IN: {4, 6, 7, 8}, Direction.OUT: {3, 5, 6, 7}}


def _cells(book: Direction, words: tuple[str, ...]) -> tuple[Cell, ...]:
    named = zip(columns(book), words, strict=True)
    return tuple(Cell(name, each, n in NARROW[book], n in ASIDE[book]) for n, (name, each) in enumerate(named))


def _day(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else ""


def _titled(document: Document) -> str:
    kind = TYPES.get(document.type_code)
    return f"{kind.name}: {document.subject}" if kind else document.subject


def _came(document: Document) -> Entry:
    arrival = document.arrival
    notes = [
        _("bản giấy") if arrival.source == "paper" else "",
        _("chữ ký không hợp lệ") if arrival.verdict == "invalid" else "",
        str(state_of(document).words),
    ]
    assert document.arrival_number is not None
    moved = arrival.registered_at.astimezone(LOCAL) if arrival.registered_at else None
    cells = (
        str(document.arrival_number),
        _day(arrival.arrival_date),
        document.issuer_name,
        document.code,
        _day(document.document_date),
        _titled(document),
        arrival.presented_post.title if arrival.presented_post else "",
        f"{moved:%d/%m/%Y}" if moved else "",
        _("điện tử") if moved else "",
        "; ".join(note for note in notes if note),
    )
    href = reverse("incoming-one", args=[document.pk])
    return Entry(document.arrival_number, _cells(Direction.IN, cells), href)


def _went(document: Document, taken: dict[str, int]) -> Entry:
    making = document.making
    moved = making.issued_at.astimezone(LOCAL) if making.issued_at else None
    assert document.number is not None
    cells = (
        document.code,
        _day(document.document_date),
        _titled(document),
        making.signer_name,
        document.parties,
        making.unit.name,
        str(making.copies),
        f"{moved:%d/%m/%Y}" if moved else "",
        _taken(taken) if moved else "",
        "" if moved else str(state_of(document).words),
    )
    return Entry(document.number, _cells(Direction.OUT, cells), reverse("document", args=[document.pk]))


def _taken(counts: dict[str, int]) -> str:
    """Who has taken the document in, as the signatures in the column of a paper book say."""
    total = sum(counts.values())
    waiting = counts.get("queued", 0) + counts.get("failed", 0) + counts.get("arrived", 0) + counts.get("returned", 0)
    return f"{total - waiting}/{total}" if total else ""


def _unheld(number: Number) -> Entry:
    """The line of a number that no document holds: voided, or kept back."""
    told = {"number": f"{number_words(number.value)}{number.suffix}", "reason": number.void_reason}
    if number.status == Status.RESERVED:
        words = _("Số %(number)s đang giữ đến hết ngày %(day)s: %(reason)s")
        told |= {"day": _day(number.reserved_until), "reason": number.reserve_reason}
    else:
        words = _("Số %(number)s đã hủy ngày %(day)s: %(reason)s")
        told["day"] = _day(local_date(number.voided_at) if number.voided_at else None)
    return Entry(number.value, (), voided=words % told)


def _asked(request: SignedRequest, proofs: list[Proof], year: int) -> Asked:
    book = Direction.OUT if request.GET.get("book") == Direction.OUT.value else Direction.IN
    groups = [proof.type_group for proof in proofs if proof.book == Direction.OUT]
    asked = request.GET.get("type", "")
    after = request.GET.get("after", "")
    return Asked(
        book=book,
        year=year,
        group="" if book == Direction.IN else asked if asked in groups else next(iter(groups), ""),
        after=int(after) if after.isdecimal() and len(after) < 10 else None,
        whole=request.GET.get("whole") == "1",
    )


def year_of(request: SignedRequest, years: list[int]) -> int:
    asked = request.GET.get("year", "")
    this_year = local_date(timezone.now()).year
    return int(asked) if asked.isdecimal() and int(asked) in years else this_year


def _entries(request: SignedRequest, asked: Asked, limit: int) -> list[Entry]:
    """A page of the book, the latest number first, one row more than asked for when there are more; voided numbers among them."""
    rows = documents.list_register(
        actor=request.actor,
        direction=asked.book,
        year=asked.year,
        after=asked.after,
        group=asked.group,
        limit=limit + 1,
    )
    if asked.book == Direction.IN:
        kept = [_came(document) for document in rows]
    else:
        taken = deliveries.count_by_document([document.pk for document in rows])
        kept = [_went(document, taken[document.pk]) for document in rows]
    lowest = kept[limit].value if len(kept) > limit else 0
    others = [
        *numbering.list_voided(agency_id=request.actor.agency_id, year=asked.year),
        *numbering.list_reserved(agency_id=request.actor.agency_id),
    ]
    voided = [
        _unheld(number)
        for number in others
        if (number.series.book, number.series.type_group, number.series.year) == (asked.book, asked.group, asked.year)
        and number.value > lowest
        and (asked.after is None or number.value < asked.after)
    ]
    return sorted([*kept, *voided], key=lambda entry: -entry.value)[: limit + 1]


def refuse_outsider(request: SignedRequest) -> None:
    """:raises NotFound: the actor has no part in the registry office"""
    if f"R{request.actor.agency_id}" not in request.actor.holders:
        raise NotFound()


@require_safe
def show(request: SignedRequest) -> HttpResponse:
    """One book of one year, by number."""
    refuse_outsider(request)
    agency_id = request.actor.agency_id
    years = numbering.list_years(agency_id)
    year = year_of(request, years)
    proofs = numbering.list_proofs(agency_id=agency_id, year=year)
    asked = _asked(request, proofs, year)
    limit = WHOLE if asked.whole else PAGE
    entries = _entries(request, asked, limit)
    older = asked.href(after=entries[limit - 1].value) if len(entries) > limit else ""
    told = {
        "asked": asked,
        "columns": columns(asked.book),
        "entries": entries[:limit],
        "older": older,
        "newer": asked.href() if asked.after is not None else "",
        "books": _books(asked, proofs),
        "years": [{"words": str(each), "href": asked.href(year=each), "current": each == year} for each in years],
        "groups": _groups(asked, proofs) if asked.book == Direction.OUT else [],
        "group_name": next((names.of_group(each) for each in proofs if each.type_group == asked.group), ""),
        "last": _last(asked, proofs),
        "whole_href": asked.href(whole=1),
        "export_href": asked.href("registers-export"),
        "proof_href": f"{reverse('registers-proof')}?{urlencode({'year': year})}",
    }
    return render(request, "registers/book.html", told)


@require_safe
def export(request: SignedRequest) -> HttpResponse:
    """The whole book of a year as a table to be kept, by number, voided numbers in their places."""
    refuse_outsider(request)
    agency_id = request.actor.agency_id
    year = year_of(request, numbering.list_years(agency_id))
    asked = replace(_asked(request, numbering.list_proofs(agency_id=agency_id, year=year), year), after=None)
    found: list[Entry] = []
    while True:
        entries = _entries(request, asked, WHOLE)
        found += entries[:WHOLE]
        if len(entries) <= WHOLE:
            break
        asked = replace(asked, after=found[-1].value)
    rows = [
        (str(entry.value), entry.voided) if entry.voided else tuple(cell.words for cell in entry.cells)
        for entry in reversed(found)
    ]
    title = _("Văn bản đến") if asked.book == Direction.IN else _("Văn bản đi")
    name = "-".join(filter(None, ("so-van-ban", "den" if asked.book == Direction.IN else "di", asked.group, str(year))))
    return sheets.answer(name, f"{title} {year}", columns(asked.book), rows)


def _books(asked: Asked, proofs: list[Proof]) -> list[dict[str, Any]]:
    counted = {book: sum(proof.last for proof in proofs if proof.book == book) for book in ("in", "out")}
    words = {"in": _("Sổ văn bản đến"), "out": _("Sổ văn bản đi")}
    return [
        {
            "words": words[book],
            "href": asked.href(book=book, type=""),
            "n": counted[book],
            "current": asked.book == book,
        }
        for book in ("in", "out")
    ]


def _groups(asked: Asked, proofs: list[Proof]) -> list[dict[str, Any]]:
    return [
        {
            "words": names.of_group(proof),
            "href": asked.href(type=proof.type_group),
            "n": proof.last,
            "current": proof.type_group == asked.group,
        }
        for proof in proofs
        if proof.book == Direction.OUT
    ]


def _last(asked: Asked, proofs: list[Proof]) -> int:
    """The last number of the book shown."""
    return next((proof.last for proof in proofs if (proof.book, proof.type_group) == (asked.book, asked.group)), 0)
