"""An old book with its files: read in the limited process, checked line by line, imported in parts that repeat harmlessly."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from antin.documents.operations import PastFacts
from antin.documents.states import MASKS, Direction, Secrecy
from antin.files import operations as files
from antin.files import queries as kept
from antin.identifiers.text import fold
from antin.journeys import move_books
from antin.oldbooks import operations, policy, queries, reading
from antin.oldbooks.operations import Made, NoBookInFile, Read
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse

if TYPE_CHECKING:
    from antin.oldbooks.models import OldBook, OldLine

PART = 200
"""So many lines are made documents of at once."""
ENTRIES_AT_ONCE = 2_000
PDF = "application/pdf"
TAKEN = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/tiff",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.text",
        "text/plain",
        "application/rtf",
    }
)
"""What goes beside a document of the past when it is no PDF."""


class PapersOfSecrets(Refusal):
    code = "old_book_papers_of_secrets"
    words = gettext_noop("Sổ mật nhập không kèm tệp: văn bản mật chỉ vào bằng niêm phong.")


def _find(sheets: Sequence[kept.OldSheet], wanted: int | None = None) -> Read:
    """:raises NoBookInFile: none has headings of a book"""
    for place, sheet in enumerate(sheets):
        heading = reading.find_heading(sheet.rows) if wanted in (None, place) else None
        if heading is not None:
            return Read(place, heading, sheet.rows, sheet.formulas)
    raise NoBookInFile()


def _packed(content: BinaryIO | bytes) -> dict[str, int]:
    """The files of an archive by their folded names: whole paths, and last parts where these are the only ones."""
    found: dict[str, int] = {}
    last: dict[str, list[int]] = {}
    for each in kept.list_packed(content):
        said = fold(each.name)
        found[said] = each.place
        last.setdefault(said.rpartition("/")[2], []).append(each.place)
    return {name: places[0] for name, places in last.items() if len(places) == 1} | found


def begin(
    *,
    table: BinaryIO,
    name: str,
    archive: BinaryIO | None,
    archive_name: str,
    begun_in: str | None,
    secret: bool = False,
    actor: Actor,
    today: date,
    at: datetime,
) -> OldBook:
    """Take in the files of an old book and guess its columns; nothing else is done.

    A book of secret papers is read in memory; what is kept of it is what may stand in clear (`reading.mask`), never the file.

    :raises NotForOldBooks: :raises NotATable: :raises MacrosInside: :raises NotAnArchive: :raises NoBookInFile:
    :raises NotForSecretBooks: :raises NotSecretBook: :raises PapersOfSecrets: files came along
    """
    refuse(policy.why_not_import_secret(actor) if secret else policy.why_not_import(actor))
    if secret and archive is not None:
        raise PapersOfSecrets()
    content = table.read()
    read = _find(kept.read_old_book(content))
    if secret:
        content, read = _masked(read)
    packed = ""
    if archive is not None:
        _packed(archive)
        archive.seek(0)
        packed = files.keep(archive, at=at).digest
    file = files.keep(content, at=at).digest
    return operations.begin(
        read=read,
        name=name,
        file=file,
        archive_name=archive_name,
        archive=packed,
        begun_in=begun_in,
        secret=secret,
        actor=actor,
        today=today,
        at=at,
    )


def begin_moved(*, move_id: int, place: int, actor: Actor, today: date, at: datetime) -> OldBook:
    """Begin an import of the lines that came with the agency's books from another node; of each register one at a time.

    :raises NotForOldBooks: :raises NotForSecretBooks: :raises NotFound: no such register of the actor's agency
    """
    code = people.get_agency(actor.agency_id).code
    found = move_books.registers_of(code.value) if code else []
    register = next(((move, told) for move, which, told in found if (move.pk, which) == (move_id, place)), None)
    if register is None:
        raise NotFound()
    move, told = register
    name = _("Sổ chuyển từ nút %(node)s") % {"node": move.member.name}
    return begin(
        table=io.BytesIO(kept.read(str(told["sha256"]))),
        name=name,
        archive=None,
        archive_name="",
        begun_in=queries.name_begun(f"move:{move_id}:{place}"),
        secret=bool(told["secret"]),
        actor=actor,
        today=today,
        at=at,
    )


def _masked(read: Read) -> tuple[bytes, Read]:
    """A book of secret papers as it may be kept: a table of its harmless columns, and that table read.

    :raises NotSecretBook: it is of no numbered papers
    """
    if reading.guess_book(read.rows[read.heading_row]) in reading.ENTRIES:
        raise operations.NotSecretBook()
    rows = reading.mask(read.rows, read.heading_row, read.formulas)
    said = io.StringIO()
    csv.writer(said).writerows(rows)
    return said.getvalue().encode(), Read(0, 0, rows, frozenset())


def check(
    *,
    old_book_id: int,
    book: str,
    columns: Mapping[str, int],
    together: bool,
    default_type: str,
    year: int | None,
    actor: Actor,
    today: date,
    at: datetime,
) -> OldBook:
    """Look every line through by these columns; nothing is taken. :raises Refusal: as oldbooks.check"""
    old_book = queries.get_for(actor, old_book_id)
    refuse(policy.why_not(actor, old_book, "check"))
    sheets = kept.read_old_book(kept.read(old_book.file))
    packed: dict[str, int] = {}
    if old_book.archive:
        with kept.open_stream(old_book.archive) as stream:
            packed = _packed(stream.read())
    return operations.check(
        old_book_id=old_book_id,
        book=book,
        columns=columns,
        together=together,
        default_type=default_type,
        year=year,
        read=_find(sheets, old_book.sheet),
        packed=packed,
        actor=actor,
        today=today,
        at=at,
    )


def take_part(*, old_book_id: int, actor: Actor | None, at: datetime) -> int:
    """Make the documents of the next lines, or say that all are made. Half of it may have been done before."""
    old_book = queries.get(old_book_id)
    if old_book.book in reading.ENTRIES and queries.list_ready(old_book_id, 1):
        return operations.take_entries(old_book_id=old_book_id, limit=ENTRIES_AT_ONCE, actor=actor, at=at)
    lines = queries.list_ready(old_book_id, PART)
    if not lines:
        operations.finish(old_book_id=old_book_id, actor=actor, at=at)
        return 0
    issuer = people.get_unit(old_book.agency_id).name
    units = queries.named_units(old_book)
    made = [_made(old_book, line, issuer, units, at) for line in lines]
    return operations.take_lines(old_book_id=old_book_id, made=made, actor=actor, at=at)


def _made(old_book: OldBook, line: OldLine, issuer: str, units: Mapping[str, int], at: datetime) -> Made:
    told = line.facts
    incoming = old_book.book == reading.IN
    level = told.get("secrecy", 0) if old_book.secret else 0
    file, pages, attachments, remark = _file(old_book, line, at)
    book_date = date.fromisoformat(told["book_date"])
    handed = _units_in(told.get("to", "") if incoming else told.get("unit", ""), units)
    facts = PastFacts(
        direction=Direction.IN if incoming else Direction.OUT,
        key=f"past:{old_book.pk}:{line.row}",
        type_code=told["type"],
        subject=MASKS[Secrecy(level)] if level else told["subject"],
        secrecy=level,
        code=told.get("code", ""),
        notation=told.get("notation", ""),
        document_date=date.fromisoformat(told["date"]) if told.get("date") else None,
        book_date=book_date,
        issuer_name=(told.get("issuer") or _("không ghi")) if incoming else issuer,
        parties=(told.get("issuer") or "") if incoming else told.get("to", ""),
        number=None if incoming else line.value,
        arrival_number=line.value if incoming and not line.suffix and not level else None,
        arrival_year=line.year if incoming else None,
        signer_name=told.get("signer", ""),
        unit_id=handed[0] if handed and not incoming else None,
        copies=told.get("copies", 1),
        urgency=told.get("urgency", 0),
        file=file,
        pages=pages,
        attachments=attachments,
        shown_to=tuple(f"U{unit_id}" for unit_id in handed) if not level else (),
    )
    return Made(line.pk, facts, remark)


def _units_in(words: str, units: Mapping[str, int]) -> list[int]:
    """The units that a cell names: the whole of it, or its parts between commas and semicolons."""
    parts = [words, *words.replace(";", ",").split(",")]
    return list(dict.fromkeys(units[fold(each)] for each in parts if fold(each) in units))


def _file(
    old_book: OldBook, line: OldLine, at: datetime
) -> tuple[str, int, tuple[tuple[str, str, int, str], ...], str]:
    """The paper of a line, or what it comes with, or why neither: a file that cannot be taken does not hold the line up."""
    place = line.facts.get("place")
    if place is None:
        return "", 0, (), ""
    name = str(line.facts["file"]).replace("\\", "/").rpartition("/")[2][:200]
    try:
        content = kept.unpack(old_book.archive, place)
        with suppress(kept.NotPdf):
            pages = kept.inspect_pdf(content).pages
            return files.keep(content, at=at).digest, pages, (), ""
        file = files.keep(io.BytesIO(content), at=at)
    except Refusal as no:
        return "", 0, (), _("tệp “%(name)s” không nhận: %(why)s") % {"name": name, "why": no.message}
    if file.media_type not in TAKEN:
        return "", 0, (), _("tệp “%(name)s” không nhận: loại %(kind)s") % {"name": name, "kind": file.media_type}
    return "", 0, ((name, file.digest, file.size, file.media_type),), ""
