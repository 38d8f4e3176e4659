"""Taking an old book in: read, checked line by line, explained, started, carried on in parts, finished, undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.documents import operations as documents
from antin.documents import policy as documents_policy
from antin.documents import queries as papers
from antin.documents.operations import PastFacts, PastPosting, PastUse
from antin.documents.queries import Issued
from antin.documents.types import TYPES
from antin.identifiers.text import clean_line, fold
from antin.journal import operations as journal
from antin.numbering import operations as numbering
from antin.numbering.operations import PastNumber
from antin.oldbooks import balance, policy, queries, reading, states
from antin.oldbooks.balance import Place
from antin.oldbooks.models import Hole, OldBook, OldLine
from antin.oldbooks.queries import SHARED
from antin.oldbooks.reading import BOOKS, COPIES, ENTRIES, IN, OUT, POST, Asked, Line
from antin.oldbooks.states import Outcome
from antin.outbox import operations as outbox
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse

BATCH = 2_000
NUMBER_OF = {OUT: "code", IN: "arrival", POST: "ordinal", COPIES: "ordinal"}
MOST_FAULTS = 8
SAMPLES = 5
CELL_KEPT = 500
# What is written into the register stays in the language of the register.
SHARED_NAME, SHARED_BASIS = _("Sổ chung năm %(year)s"), _("Theo sổ cũ: %(name)s")
HOLE_THEN, VOID_THEN = _("Sổ cũ khuyết số: %(reason)s"), _("Sổ cũ ghi: %(reason)s")


class NoBookInFile(Refusal):
    code = "old_book_no_headings"
    words = _("Không thấy dòng tiêu đề cột nào của sổ văn bản trong 20 dòng đầu của các bảng.")


class ColumnsLacking(Refusal):
    code = "old_book_columns_lacking"
    words = _("Chưa chọn cột cho: %(columns)s.")


class ColumnTwice(Refusal):
    code = "old_book_column_twice"
    words = _("Một cột được chọn cho hai nội dung: %(columns)s.")


class RowsStandAgainst(Refusal):
    code = "old_book_rows_refused"
    words = _("Còn %(n)s dòng sai. Sửa tệp rồi gửi lại, hoặc đồng ý để lại các dòng ấy (được nêu trong bảng cân đối).")


class NotSecretBook(Refusal):
    code = "old_book_not_of_secrets"
    words = _("Sổ mật là sổ văn bản đi hoặc đến; sổ bưu điện, sổ sử dụng bản lưu nhập như sổ thường.")


class NothingToTake(Refusal):
    code = "old_book_nothing"
    words = _("Không có dòng nào nhập được.")


class NoSuchHole(Refusal):
    code = "old_book_no_such_hole"
    words = _("Từ số %(first)s đến số %(last)s không phải là khoảng trống của dãy số này.")


class HoleReasonMissing(Refusal):
    code = "old_book_reason_missing"
    words = _("Ghi rõ lý do.")


@dataclass(frozen=True)
class Read:
    """What a file holds: which sheet, where its headings stand, the lines below, as text."""

    sheet: int
    heading_row: int
    rows: Sequence[Sequence[str]]
    formulas: frozenset[tuple[int, int]]


@dataclass(frozen=True)
class Made:
    """A line whose document can be made: what it says, and what of it did not come along."""

    line_id: int
    facts: PastFacts
    remark: str = ""


def _record(event: str, old_book: OldBook, actor: Actor | None, at: datetime, **facts: Any) -> None:
    journal.record(event, subject=("oldbook", old_book.pk), actor=actor, at=at, agency_id=old_book.agency_id, **facts)


@transaction.atomic
def begin(
    *,
    read: Read,
    name: str,
    file: str,
    archive_name: str,
    archive: str,
    begun_in: str | None,
    secret: bool = False,
    actor: Actor,
    today: date,
    at: datetime,
) -> OldBook:
    """Keep the file of an old book and what its columns seem to be. Nothing is taken yet; the same form begins one.

    Of a book of secret papers `read` and `file` are what `reading.mask` left of it.

    :raises NotForOldBooks: :raises NotForSecretBooks:
    """
    refuse(policy.why_not_import_secret(actor) if secret else policy.why_not_import(actor))
    if begun_in is not None:
        begun = queries.find_begun(actor, begun_in)
        if begun is not None:
            return begun
    headings = [cell[:200] for cell in read.rows[read.heading_row]]
    book = reading.guess_book(headings)
    below = read.rows[read.heading_row + 1 :]
    old_book = OldBook.objects.create(
        agency_id=actor.agency_id,
        book=book,
        name=clean_line(name)[:200] or "—",
        file=file,
        archive_name=clean_line(archive_name)[:200],
        archive=archive,
        sheet=read.sheet,
        heading_row=read.heading_row,
        headings=headings,
        samples=[[cell[:120] for cell in row] for row in below[:SAMPLES]],
        columns=reading.guess(headings, book),
        default_type="CV",
        secret=secret,
        level=1 if secret else 0,
        person_id=actor.person_id,
        post_id=actor.post_id,
        begun_by=f"{actor.person_name}, {actor.post_title}"[:200],
        begun_in=begun_in,
        begun_at=at,
    )
    _record("oldbook.read", old_book, actor, at, name=old_book.name, file=file, archive=archive, rows=len(below))
    return old_book


@transaction.atomic
def check(
    *,
    old_book_id: int,
    book: str,
    columns: Mapping[str, int],
    together: bool,
    default_type: str,
    year: int | None,
    read: Read,
    packed: Mapping[str, int],
    actor: Actor,
    today: date,
    at: datetime,
) -> OldBook:
    """Read every line by these columns and say what stands against each; nothing is taken. It may be done again and again.

    `packed` are the files that came along, each by its folded name, with its place.

    :raises NotForOldBooks: :raises WrongState: :raises ColumnsLacking: :raises ColumnTwice:
    """
    old_book = queries.lock(old_book_id)
    refuse(policy.why_not(actor, old_book, "check"))
    book = book if book in ((OUT, IN) if old_book.secret else BOOKS) else old_book.book
    chosen = {
        name: place
        for name, place in columns.items()
        if name in reading.BY_NAME and book in reading.BY_NAME[name].books and 0 <= place < len(old_book.headings)
    }
    _refuse_columns(chosen, book, old_book.secret)
    old_book.status = states.step("check", old_book.status)
    old_book.book, old_book.columns, old_book.together = book, chosen, together and book == OUT
    old_book.default_type = default_type if default_type in TYPES else ""
    old_book.year, old_book.checked_at = year, at
    cleared = documents_policy.level_of(actor)
    asked = Asked(book, chosen, today, old_book.default_type, year, read.formulas, old_book.secret, cleared)
    lines = _read_lines(read, asked)
    rows = _judged(old_book, lines, packed, today.year)
    if old_book.secret:
        old_book.level = max([1, *(row.facts.get("secrecy", 0) for row in rows if row.outcome != Outcome.REFUSED)])
    OldLine.objects.filter(old_book=old_book).delete()
    Hole.objects.filter(old_book=old_book).delete()
    OldLine.objects.bulk_create(rows, batch_size=BATCH)
    _reckon(old_book)
    old_book.save()
    _record(
        "oldbook.checked",
        old_book,
        actor,
        at,
        rows=old_book.balance["rows"],
        refused=old_book.balance["refused"],
        unexplained=old_book.balance["unexplained"],
    )
    return old_book


def _refuse_columns(chosen: Mapping[str, int], book: str, secret: bool) -> None:
    lacking = reading.list_lacking(chosen, book, secret=secret)
    if lacking:
        raise ColumnsLacking(columns=", ".join(lacking))
    named: dict[int, list[str]] = defaultdict(list)
    for name, place in chosen.items():
        named[place].append(str(reading.BY_NAME[name].words))
    twice = [" / ".join(names) for names in named.values() if len(names) > 1]
    if twice:
        raise ColumnTwice(columns=", ".join(twice))


def _read_lines(read: Read, asked: Asked) -> list[Line]:
    lines: list[Line] = []
    for place, cells in enumerate(read.rows[read.heading_row + 1 :], start=read.heading_row + 2):
        if any(cells) or any((place - 1, column) in read.formulas for column in asked.columns.values()):
            lines.append(reading.read_line(place, cells, asked, lines[-1] if lines else None))
    return lines


def _judged(old_book: OldBook, lines: Sequence[Line], packed: Mapping[str, int], this_year: int) -> list[OldLine]:
    """The lines with where each is numbered, and those that repeat a number of the book or of the node refused."""
    known: dict[tuple[str, int], Place] = {}
    rows = [_row(old_book, line, packed, this_year, known) for line in lines]
    if old_book.book in ENTRIES:
        _match(old_book, rows)
    places = {(row.year, row.group) for row in rows if row.year is not None and row.value is not None}
    held = queries.list_held(old_book, places, but_moved=True)
    first: dict[tuple[int, str, int, str], int] = {}
    for row in rows:
        if row.value is None or row.year is None or row.outcome == Outcome.REFUSED:
            continue
        number = f"{row.value}{row.suffix}"
        key = (row.year, row.group, row.value, row.suffix)
        if (row.value, row.suffix) in held.get((row.year, row.group), set()):
            _refuse_double(row, gettext("số %(number)s đã có trong sổ trên An Tín") % {"number": number})
        elif key in first:
            told = {"number": number, "row": first[key]}
            _refuse_double(row, gettext("trùng số %(number)s với dòng %(row)s") % told)
        else:
            first[key] = row.row
    return rows


def _match(old_book: OldBook, rows: Sequence[OldLine]) -> None:
    """Let lines that have no number of their own find the paper they tell of, and refuse those that stand in our books already."""
    ready = [row for row in rows if row.outcome == Outcome.READY]
    said = {row.row: reading.list_codes(row.facts["code"]) for row in ready}
    found = papers.find_issued_by_code(old_book.agency_id, {code for codes in said.values() for code in codes})
    years = {row.year for row in ready if row.year is not None}
    standing = papers.list_entry_marks(old_book.agency_id, old_book.book, years)
    first: dict[tuple[str, ...], int] = {}
    for row in ready:
        day = date.fromisoformat(row.facts["book_date"])
        paper = _paper_of([each for code in said[row.row] for each in found.get(code, ())], row.facts["dated"], day)
        if paper is not None:
            row.facts["document"] = paper.pk
        if paper is not None and paper.secrecy and old_book.book == COPIES:
            row.outcome = Outcome.REFUSED
            row.faults.append([str(reading.BY_NAME["code"].words), gettext("văn bản mật không ghi vào sổ thường")])
        who = fold(row.facts["to"] if old_book.book == POST else row.facts["user"])
        cells = tuple(
            row.cells[place]
            for name, place in sorted(old_book.columns.items())
            if name != "ordinal" and place < len(row.cells)
        )
        if any((day, fold(code), who) in standing for code in said[row.row]):
            _refuse_double(row, gettext("dòng này đã có trong sổ trên An Tín"))
        elif cells in first:
            _refuse_double(row, gettext("trùng hệt dòng %(row)s") % {"row": first[cells]})
        else:
            first[cells] = row.row


def _paper_of(found: Sequence[Issued], dated: str, day: date) -> Issued | None:
    """The paper of a line: of its own day where the book says one, else the latest of that number before the line's day."""
    fits = [
        each
        for each in found
        if each.document_date is not None
        and (each.document_date.isoformat() == dated if dated else each.document_date <= day)
    ]
    return max(fits, key=lambda each: each.document_date or day, default=None)


def _refuse_double(row: OldLine, words: str) -> None:
    row.outcome = Outcome.REFUSED
    row.facts["double"] = True
    row.faults.append([str(reading.BY_NAME[NUMBER_OF[row.old_book.book]].words), words])


def _row(
    old_book: OldBook,
    line: Line,
    packed: Mapping[str, int],
    this_year: int,
    known: dict[tuple[str, int], Place],
) -> OldLine:
    row = OldLine(
        old_book=old_book,
        row=line.row,
        cells=[cell[:CELL_KEPT] for cell in line.cells],
        facts=line.facts,
        faults=[list(each) for each in line.faults[:MOST_FAULTS]],
        outcome=Outcome.REFUSED if line.faults else Outcome.VOID if line.void else Outcome.READY,
        year=line.year,
        value=line.value,
        suffix=line.suffix,
    )
    if line.year is not None:
        kind = str(line.facts.get("type", ""))
        row.year, row.group = queries.place_of(old_book, kind, line.year, this_year, known)
    wanted = str(line.facts.get("file", ""))
    if wanted and row.outcome == Outcome.READY:
        place = _find_packed(packed, wanted)
        if place is None:
            row.remark = gettext("không có tệp “%(name)s” trong tệp nén") % {"name": wanted[:200]}
        else:
            row.facts["place"] = place
    return row


def _find_packed(packed: Mapping[str, int], wanted: str) -> int | None:
    """Return the place of a file that a line names: by its whole path, or by its last part; with .pdf where it names no kind."""
    said = fold(wanted.replace("\\", "/"))
    for name in (said, said.rpartition("/")[2]):
        for each in (name, f"{name}.pdf"):
            if each in packed:
                return packed[each]
    return None


def _reckon(old_book: OldBook) -> None:
    counted = list(queries.list_counted(old_book.pk))
    places = {(line.year, line.group) for line in counted if line.year is not None}
    held = {
        place: {value for value, suffix in values if not suffix}
        for place, values in queries.list_held(old_book, places).items()
    }
    old_book.balance = balance.reckon(counted, held, queries.list_said(old_book.pk))


@transaction.atomic
def explain(
    *, old_book_id: int, year: int, group: str, first: int, last: int, reason: str, actor: Actor, at: datetime
) -> OldBook:
    """Say why numbers are missing in the old book; they are void with this reason when it is taken in.

    :raises NotForOldBooks: :raises WrongState: :raises HoleReasonMissing: :raises NoSuchHole:
    """
    old_book = queries.lock(old_book_id)
    refuse(policy.why_not(actor, old_book, "start"))
    said = clean_line(reason)[:450]
    if not said:
        raise HoleReasonMissing()
    series = next((each for each in old_book.balance["series"] if (each["year"], each["group"]) == (year, group)), None)
    if series is None or [first, last] not in [each[:2] for each in series["holes"]]:
        raise NoSuchHole(first=first, last=last)
    Hole.objects.update_or_create(
        old_book=old_book,
        year=year,
        group=group,
        first=first,
        defaults={
            "last": last,
            "reason": said,
            "said_by": f"{actor.person_name}, {actor.post_title}"[:200],
            "said_at": at,
        },
    )
    _reckon(old_book)
    old_book.save(update_fields=["balance"])
    _record("oldbook.explained", old_book, actor, at, first=first, last=last, year=year, group=group, reason=said)
    return old_book


@transaction.atomic
def start(*, old_book_id: int, leave_out: bool, actor: Actor, at: datetime) -> OldBook:
    """Take the numbers of the old book, all at once, and promise to make its documents; repeating it changes nothing.

    :raises NotForOldBooks: :raises WrongState: :raises RowsStandAgainst: lines are refused, and the actor has not said to go on
    :raises NothingToTake: :raises NumbersHeld: a number was given on this node meanwhile
    """
    old_book = queries.lock(old_book_id)
    refuse(policy.why_not(actor, old_book, "start"))
    _reckon(old_book)
    account = old_book.balance
    if account["refused"] and not leave_out:
        raise RowsStandAgainst(n=account["refused"])
    if not account["imported"]:
        raise NothingToTake()
    books = _lay_out_shared(old_book, actor, at)
    kept = []
    for series in account["series"] if old_book.book not in ENTRIES else ():
        year, group = series["year"], series["group"]
        laid_out = books.get(year, (0, group))[1] if group == SHARED else group
        numbers = _numbers(old_book, series, laid_out)
        if numbers:
            key = queries.key_of(old_book, year, laid_out)
            before, last = numbering.take_past(series=key, numbers=numbers, import_id=old_book.pk, actor=actor, at=at)
            kept.append([year, laid_out, before, last])
        series["group"] = laid_out
    account["kept"], account["books"] = kept, [book_id for book_id, _group in books.values()]
    account["left_out"] = account["refused"]
    old_book.status, old_book.started_at = states.step("start", old_book.status), at
    old_book.save()
    _record(
        "oldbook.started",
        old_book,
        actor,
        at,
        file=old_book.file,
        rows=account["rows"],
        imported=account["imported"],
        void=account["void"],
        left_out=account["refused"],
        unexplained=account["unexplained"],
    )
    _promise(old_book, 0)
    return old_book


def _promise(old_book: OldBook, after: int) -> None:
    outbox.promise("take_old_book", key=f"old-book:{old_book.pk}:{after}", old_book_id=old_book.pk)


def _lay_out_shared(old_book: OldBook, actor: Actor, at: datetime) -> dict[int, tuple[int, str]]:
    """The books of years in which all types shared one sequence, by year: id and group."""
    found = {}
    for series in old_book.balance["series"]:
        if series["group"] == SHARED:
            made = numbering.open_past_book(
                agency_id=old_book.agency_id,
                name=SHARED_NAME % {"year": series["year"]},
                type_codes=list(TYPES),
                year=series["year"],
                basis=SHARED_BASIS % {"name": old_book.name},
                secrecy_class=queries.class_of(old_book),
                actor=actor,
                at=at,
            )
            OldLine.objects.filter(old_book=old_book, year=series["year"], group=SHARED).update(group=made.group)
            Hole.objects.filter(old_book=old_book, year=series["year"], group=SHARED).update(group=made.group)
            found[series["year"]] = (made.pk, made.group)
    return found


def _numbers(old_book: OldBook, series: Mapping[str, Any], group: str) -> list[PastNumber]:
    lines = OldLine.objects.filter(old_book=old_book, year=series["year"], group=group).exclude(outcome=Outcome.REFUSED)
    found = [
        PastNumber(line.value, line.suffix, 0 if line.outcome == Outcome.VOID else line.pk, _void_reason(line))
        for line in lines.order_by("row")
        if line.value is not None
    ]
    for first, last, reason in series["holes"]:
        if reason:
            said = HOLE_THEN % {"reason": reason}
            found += [PastNumber(value, reason=said) for value in range(first, last + 1)]
    return found


def _void_reason(line: OldLine) -> str:
    if line.outcome != Outcome.VOID:
        return ""
    return VOID_THEN % {"reason": str(line.facts.get("reason", ""))[:450]}


@transaction.atomic
def take_lines(*, old_book_id: int, made: Sequence[Made], actor: Actor | None, at: datetime) -> int:
    """Make the documents of some lines and let them hold their numbers; lines that were made before are passed over.

    Promises the next part. How many were made.
    """
    old_book = queries.lock(old_book_id)
    if old_book.status != states.Status.TAKING:
        return 0
    ready = {
        row.pk: row for row in OldLine.objects.filter(pk__in=[each.line_id for each in made], outcome=Outcome.READY)
    }
    wanted = [each for each in made if each.line_id in ready]
    kept = documents.take_past(
        agency_id=old_book.agency_id,
        taken=[each.facts for each in wanted],
        post_id=old_book.post_id,
        actor=actor,
        at=at,
    )
    holders = {}
    for each, document in zip(wanted, kept, strict=True):
        row = ready[each.line_id]
        row.outcome, row.document = Outcome.TAKEN, document
        row.remark = (each.remark or row.remark)[:500]
        holders[row.pk] = document.pk
    OldLine.objects.bulk_update(ready.values(), ["outcome", "document", "remark"])
    numbering.hold_past(holders=holders, actor=actor, at=at)
    if made:
        _promise(old_book, max(each.line_id for each in made))
    return len(wanted)


@transaction.atomic
def take_entries(*, old_book_id: int, limit: int, actor: Actor | None, at: datetime) -> int:
    """Write the next lines of an old postal book, or of kept copies in use, into ours, and promise the rest; how many."""
    old_book = queries.lock(old_book_id)
    if old_book.status != states.Status.TAKING:
        return 0
    rows = queries.list_ready(old_book_id, limit)
    told: dict[str, Any] = {
        "agency_id": old_book.agency_id,
        "import_id": old_book.pk,
        "made_by": old_book.begun_by,
        "at": at,
    }
    if old_book.book == POST:
        documents.take_past_postings(taken=[_posting(row) for row in rows], actor=actor, **told)
    else:
        documents.take_past_uses(taken=[_use(row) for row in rows], actor=actor, **told)
    OldLine.objects.filter(pk__in=[row.pk for row in rows]).update(outcome=Outcome.TAKEN)
    if rows:
        _promise(old_book, rows[-1].pk)
    return len(rows)


def _posting(row: OldLine) -> PastPosting:
    told = row.facts
    return PastPosting(
        row=row.row,
        document_id=told.get("document"),
        code=told["code"],
        recipient_name=told["to"],
        envelopes=told["envelopes"],
        posted_on=date.fromisoformat(told["book_date"]),
        postmark=told["taken"],
        note=told["note"],
    )


def _use(row: OldLine) -> PastUse:
    told = row.facts
    return PastUse(
        row=row.row,
        document_id=told.get("document"),
        code=told["code"],
        dated=date.fromisoformat(told["dated"]) if told["dated"] else None,
        title=told["subject"],
        lent_on=date.fromisoformat(told["book_date"]),
        user_name=told["user"],
        permitted_by=told["permitted"],
        file_code=told["file_code"],
        returned_on=date.fromisoformat(told["back"]) if told["back"] else None,
        note=told["note"],
    )


@transaction.atomic
def finish(*, old_book_id: int, actor: Actor | None, at: datetime) -> OldBook:
    """Note, once, that every line is a document now."""
    old_book = queries.lock(old_book_id)
    counted = queries.count_lines(old_book_id)
    if old_book.status != states.Status.TAKING or counted.get(Outcome.READY):
        return old_book
    old_book.status, old_book.ended_at = states.step("finish", old_book.status), at
    old_book.save(update_fields=["status", "ended_at"])
    _record("oldbook.taken", old_book, actor, at, documents=counted.get(Outcome.TAKEN, 0))
    return old_book


@transaction.atomic
def drop(*, old_book_id: int, actor: Actor, at: datetime) -> OldBook:
    """Let an import be that has taken nothing. :raises NotForOldBooks: :raises WrongState:"""
    old_book = queries.lock(old_book_id)
    refuse(policy.why_not(actor, old_book, "drop"))
    old_book.status, old_book.ended_at = states.step("drop", old_book.status), at
    old_book.save(update_fields=["status", "ended_at"])
    _record("oldbook.dropped", old_book, actor, at)
    return old_book


@transaction.atomic
def undo(*, old_book_id: int, reason: str, actor: Actor, at: datetime) -> OldBook:
    """Take an import back: its documents and numbers go, as if it had not been; the journal and the balance keep that it was.

    :raises NotForOldBooks: :raises WrongState: :raises HoleReasonMissing:
    :raises BuiltUpon: :raises NumbersGivenSince: something builds on it
    """
    old_book = queries.lock(old_book_id)
    refuse(policy.why_not(actor, old_book, "undo"))
    said = clean_line(reason)[:500]
    if not said:
        raise HoleReasonMissing()
    entries = documents.give_up_past_entries(
        agency_id=old_book.agency_id,
        import_id=old_book.pk,
        open_rows=queries.list_open_rows(old_book_id),
        actor=actor,
        at=at,
    )
    document_ids = queries.list_document_ids(old_book_id)
    OldLine.objects.filter(old_book=old_book, outcome=Outcome.TAKEN).update(document=None, outcome=Outcome.READY)
    numbering.give_back_past(
        before={
            queries.key_of(old_book, year, group): (before, last)
            for year, group, before, last in old_book.balance["kept"]
        },
        import_id=old_book.pk,
        document_ids=document_ids,
        actor=actor,
        at=at,
    )
    gone = documents.give_up_past(document_ids=document_ids, actor=actor, at=at)
    numbering.drop_past_books(book_ids=old_book.balance["books"], actor=actor, at=at)
    old_book.status, old_book.undone_at = states.step("undo", old_book.status), at
    old_book.undone_by, old_book.undo_reason = f"{actor.person_name}, {actor.post_title}"[:200], said
    old_book.save(update_fields=["status", "undone_at", "undone_by", "undo_reason"])
    _record("oldbook.undone", old_book, actor, at, documents=gone + entries, reason=said)
    return old_book
