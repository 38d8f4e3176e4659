"""The lines of an agency's register books as plain cells, to go to another node: what a book of the past is read from there.

For the node's own work: nobody's sight is asked. Of secret papers only what may stand in clear (`oldbooks.reading.KEPT_OF_SECRET`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from antin.documents.models import Document
from antin.documents.states import OPEN_OUT, Secrecy, Status, Urgency
from antin.documents.types import ALL_TYPES, series_of
from antin.numbering import queries as numbering
from antin.numbering.models import Number, Series
from antin.numbering.states import Status as NumberStatus
from antin.workdays.queries import local_date

AT_ONCE = 2_000
OUT = ("Số, ký hiệu", "Ngày văn bản", "Loại văn bản", "Trích yếu", "Người ký", "Nơi nhận", "Đơn vị nhận bản lưu",
       "Số lượng bản", "Độ khẩn", "Ghi chú")  # fmt: skip
IN = ("Số đến", "Ngày đến", "Tác giả", "Số, ký hiệu", "Ngày văn bản", "Loại văn bản", "Trích yếu", "Người ký",
      "Đơn vị hoặc người nhận", "Độ khẩn", "Ghi chú")  # fmt: skip
LEVEL = "Độ mật"
NOT_OF_SECRET = frozenset(("Trích yếu", "Ghi chú"))
LEVELS = {Secrecy.CONFIDENTIAL: "Mật", Secrecy.SECRET: "Tối mật", Secrecy.TOP_SECRET: "Tuyệt mật"}
URGENCIES = {
    Urgency.ORDINARY: "",
    Urgency.URGENT: "Khẩn",
    Urgency.VERY_URGENT: "Thượng khẩn",
    Urgency.IMMEDIATE: "Hỏa tốc",
}


@dataclass(frozen=True)
class Open:
    """What of an agency is not finished: drafts, papers numbered and not issued (their codes), arrivals not registered."""

    drafts: int
    numbered: tuple[str, ...]
    arrivals: int


def find_open(agency_id: int) -> Open:
    """Return what of an agency would be left behind if its books were closed now."""
    out = Document.objects.filter(agency_id=agency_id, direction="out", status__in=OPEN_OUT)
    numbered = out.exclude(number=None).order_by("id").values_list("code", flat=True)
    arrivals = Document.objects.filter(agency_id=agency_id, direction="in", status=Status.ARRIVED)
    return Open(out.filter(number=None).count(), tuple(numbered[:50]), arrivals.count())


def headings(book: str, *, secret: bool) -> list[str]:
    """Return the headings of a register, as the reader of books of the past knows them."""
    plain = OUT if book == "out" else IN
    return [*(each for each in plain if not secret or each not in NOT_OF_SECRET), *((LEVEL,) if secret else ())]


def travels(series: Series) -> bool:
    """Whether lines of a series can be read as a book of the past there: a body's own, copies and forms are not; they stay here."""
    return series.body_id is None and not series.type_group.startswith("F")


def list_lines(series: Series) -> Iterator[list[str]]:
    """Give the lines of a series in order of number, one of each document that holds one and is numbered there by its type."""
    if not travels(series):
        return
    after: tuple[int, int] = (0, 0)
    while True:
        rows = Number.objects.filter(series=series, status=NumberStatus.TAKEN, subject_kind="document")
        rows = (
            rows.filter(value__gte=after[0]).exclude(value=after[0], pk__lte=after[1]).order_by("value", "pk")[:AT_ONCE]
        )
        numbers = list(rows)
        if not numbers:
            return
        found = (
            Document.objects.select_related("arrival__presented_post", "making__unit")
            .defer("search", "making__body")
            .in_bulk([number.subject_id for number in numbers])
        )
        for number in numbers:
            document = found.get(number.subject_id)
            if document is not None and _is_of(series, document):
                yield _cells(series, number, document)
        after = (numbers[-1].value, numbers[-1].pk)


def _is_of(series: Series, document: Document) -> bool:
    """Whether a reader that knows type, year and level of a line would look for it in this series."""
    if series.book == "in":
        return True
    day = document.document_date
    if day is None or series_of(document.type_code) != document.type_code:
        return False
    key = numbering.key_of(series.agency_id, document.type_code, series.secrecy_class, day.year)
    return (key.year, key.type_group) == (series.year, series.type_group)


def _day(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        value = local_date(value)
    return f"{value:%d/%m/%Y}" if value else ""


def _cells(series: Series, number: Number, document: Document) -> list[str]:
    kind = ALL_TYPES.get(document.type_code)
    named = kind.name if kind else document.type_code
    urgency = URGENCIES.get(Urgency(document.urgency), "")
    if series.book == "out":
        making = document.making
        cells = [document.code, _day(document.document_date), named, document.subject, making.signer_name, document.parties,
                 making.unit.name, str(making.copies), urgency, ""]  # fmt: skip
    else:
        arrival = document.arrival
        to = arrival.presented_post.title if arrival.presented_post else document.parties
        cells = [f"{number.value}{number.suffix}", _day(arrival.arrival_date), document.issuer_name, document.code,
                 _day(document.document_date), named, document.subject, arrival.signer_name, to, urgency, ""]  # fmt: skip
    if not series.secrecy_class:
        return cells
    plain = OUT if series.book == "out" else IN
    kept = [cell for heading, cell in zip(plain, cells, strict=True) if heading not in NOT_OF_SECRET]
    return [*kept, LEVELS.get(Secrecy(document.secrecy), "Mật")]
