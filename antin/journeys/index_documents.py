"""What the index says of documents: gathered from the rooms that know of them, for `index.operations`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from antin.documents import queries as documents
from antin.documents.finding import FOR_EVER
from antin.documents.operations.sharing import box_of
from antin.documents.queries import ToIndex
from antin.documents.states import Direction
from antin.documents.types import ALL_TYPES
from antin.files import queries as files
from antin.index.operations import Entry, Saying
from antin.outbox import operations as outbox
from antin.tasks import queries as tasks
from antin.typeset import body as bodies
from antin.workdays.queries import local_date

PART = 500
LONGEST = 600_000
"""So many letters of all the files of one document are indexed; a book of 300 pages has as many."""
LONGEST_VALUE = 300
"""No longer are the values the hits are narrowed by."""


def _everything() -> Iterator[list[int]]:
    last = 0
    while ids := documents.list_ids(after=last, limit=PART):
        yield ids
        last = ids[-1]


def _entries(ids: Sequence[int]) -> tuple[list[Entry], set[int]]:
    """Entries with the words that are at hand, and the documents of which a file is still to be read."""
    unread: set[int] = set()

    def at_hand(row: ToIndex, digest: str) -> str:
        words = files.find_words(digest)
        if words is None:
            unread.add(row.document.pk)
        return words or ""

    return _made(ids, at_hand), unread


def _reading(ids: Sequence[int]) -> list[Entry]:
    return _made(ids, _read)


def _read(row: ToIndex, digest: str) -> str:
    """The words of a file. Those of a scan are recognised by the workers, and written when they are known."""
    words = files.read_words(digest)
    if not words.strip() and files.wants_recognition(digest):
        document_id = row.document.pk
        key = f"recognise:{digest}:{document_id}"
        outbox.promise("recognise", key=key, can_wait=True, digest=digest, document_id=document_id)
    return words


DOCUMENTS = Saying(entries=_entries, reading=_reading, everything=_everything)


def _made(ids: Sequence[int], words_of: Callable[[ToIndex, str], str]) -> list[Entry]:
    said = tasks.words_of(ids)
    return [_entry(row, said.get(row.document.pk, []), words_of) for row in documents.list_to_index(ids)]


def files_of(row: ToIndex) -> list[str]:
    """The digests of the papers a document is read from: as it stands, or the uploaded draft; what is attached."""
    main = row.document.file or (row.making.uploaded_file if row.making else "")
    return list(dict.fromkeys(digest for digest in (main, *(each.file for each in row.attachments)) if digest))


def _entry(row: ToIndex, said: list[str], words_of: Callable[[ToIndex, str], str]) -> Entry:
    """What is found of one document. Of a classified one only its line in the lists: nothing that is sealed is in any index."""
    document = row.document
    kind = ALL_TYPES.get(document.type_code)
    head = [document.code, document.subject, document.issuer_name, document.parties, kind.name if kind else ""]
    if not document.code:
        head.append(document.notation)
    day = document.document_date
    unit = document.issuer_name
    if document.direction == Direction.OUT and row.making is not None:
        unit = row.making.unit.name
    return Entry(
        id=document.pk,
        holders=row.holders,
        level=document.secrecy,
        order=int(document.order_at.timestamp() * 1_000_000),
        day=day.toordinal() if day else None,
        codes=(document.code,),
        head=" \n ".join(head),
        text="" if document.secrecy else _text(row, said, words_of),
        facets={
            "box": box_of(document),
            "kind": document.type_code,
            "year": str(day.year if day else local_date(document.order_at).year),
            "unit": unit,
            "status": document.status,
            "urgency": str(document.urgency),
            "attached": "1" if row.attachments else "0",
            **({} if document.secrecy else _filed(row)),
        },
    )


def _filed(row: ToIndex) -> dict[str, str]:
    """The field in the words of its list, and how long it is kept: so many years, or for ever."""
    filed = {"field": "", "retention": ""}
    if row.filing is not None and row.filing.field is not None:
        filed["field"] = row.filing.field.name[:LONGEST_VALUE]
    if row.filing is not None and row.filing.retention is not None:
        kept = row.filing.retention
        filed["retention"] = FOR_EVER if kept.permanent else str(kept.years or "")
    return filed


def _text(row: ToIndex, said: list[str], words_of: Callable[[ToIndex, str], str]) -> str:
    parts = [row.document.identifier, row.document.issuer_code]
    if row.document.arrival_number is not None:
        parts.append(str(row.document.arrival_number))
    if row.making is not None:
        parts += [row.making.drafter_name, row.making.reviewer_name, row.making.signer_name, row.making.return_reason]
        if row.making.body and not row.document.file:
            parts.append(bodies.plain_text(row.making.body))
    if row.arrival is not None:
        parts += [row.arrival.signer_name, row.arrival.registered_by, row.arrival.return_words]
    parts += [*row.recipients, *said, *(each.name for each in row.attachments)]
    parts += [words for remark in row.remarks for words in (remark.words, remark.author)]
    parts += [words_of(row, digest) for digest in files_of(row)]
    return " \n ".join(part for part in parts if part)[:LONGEST]
