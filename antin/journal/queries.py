"""Reading the journal, and writing it down for others to verify."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from antin.journal import custody, notation
from antin.journal.models import Checkpoint, Leaf, Record
from antin.journal.notation import Line

CHUNK = 5000
COLUMNS = """
    id, transaction, at, event, subject_kind, subject_id, agency_id, person_id, person_name, post_id, post_title,
    on_behalf, facts
"""


@dataclass(frozen=True)
class Row:
    """One thing that happened, as it was written down. `person_name` is empty for what the node did by itself."""

    id: int
    at: datetime
    event: str
    subject: tuple[str, int]
    agency_id: int | None
    person_id: int | None
    person_name: str
    post_id: int | None
    post_title: str
    on_behalf: str
    facts: dict[str, Any]


def list_for(
    subject: tuple[str, int], *, before: int | None = None, without: tuple[str, ...] = (), limit: int = 200
) -> list[Row]:
    """Return what happened to one thing, newest first; `before` is the id of the last row already seen.

    `without` names events that the reader shows elsewhere: a document sent to a thousand units has thousands of them.
    """
    kind, number = subject
    found = Record.objects.filter(subject_kind=kind, subject_id=number)
    if without:
        found = found.exclude(event__in=without)
    if before is not None:
        found = found.filter(id__lt=before)
    return [_row(record) for record in found.order_by("-id")[:limit]]


def _row(record: Record) -> Row:
    return Row(
        id=record.id,
        at=record.at,
        event=record.event,
        subject=(record.subject_kind, record.subject_id),
        agency_id=record.agency_id,
        person_id=record.person_id,
        person_name=record.person_name,
        post_id=record.post_id,
        post_title=record.post_title,
        on_behalf=record.on_behalf,
        facts=record.facts,
    )


def entry_body(columns: tuple[Any, ...], index: int | None) -> bytes:
    """Return the bytes that are hashed for one record (its `COLUMNS`) in its place in the tree; no place, no `index`."""
    (id_, transaction, at, event, kind, subject, agency, person, name, post, title, behalf, facts) = columns
    says = {
        "agency": agency,
        "at": notation.moment(at),
        "event": event,
        "facts": json.loads(facts),
        "id": id_,
        "on_behalf": behalf,
        "person": {"id": person, "name": name},
        "post": {"id": post, "title": title},
        "subject": {"id": subject, "kind": kind},
        "transaction": transaction,
    }
    return notation.canonical(says if index is None else says | {"index": index})


def find_last_checkpoint() -> Line | None:
    """Return the newest checkpoint, if anything was ever sealed. :raises BadLine: it is not as it was written"""
    found = Checkpoint.objects.order_by("-number").first()
    return _checkpoint(found) if found else None


def is_sealing_stopped(*, at: datetime, within: timedelta) -> bool:
    """Whether a record has waited longer than `within` and nothing was sealed in that time.

    Sealing stops when the database is older than what the node has signed, or its tree does not fit: `operations.seal` says which.
    """
    oldest = find_oldest_unsealed()
    if oldest is None or oldest > at - within:
        return False
    return not Checkpoint.objects.filter(at__gt=at - within).exists()


def list_checkpoints(*, after: int = 0) -> Iterator[Line]:
    """Return the checkpoints in order, those with a number above `after`."""
    for checkpoint in Checkpoint.objects.filter(number__gt=after).order_by("number").iterator(chunk_size=CHUNK):
        yield _checkpoint(checkpoint)


def _checkpoint(row: Checkpoint) -> Line:
    return notation.parse(notation.signed_line("checkpoint", row.body.encode(), bytes(row.signature)))


def find_oldest_unsealed() -> datetime | None:
    """Return the moment of the oldest record that no checkpoint covers: sealing runs every minute, so an old one means trouble."""
    last = Checkpoint.objects.order_by("-number").first()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select at from journal_record
            where transaction >= %s and (select index from journal_leaf where record_id = id) is null
            order by transaction, id limit 1
            """,
            [last.horizon if last else 0],
        )
        found = cursor.fetchone()
    return found[0] if found else None


def list_missing_guards() -> list[str]:
    """Return the triggers that make the database refuse to change the journal, as far as they are absent or switched off."""
    tables = ("journal_record", "journal_leaf", "journal_checkpoint")
    wanted = {f"{table}_stays{whole}" for table in tables for whole in ("", "_whole")}
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgname from pg_trigger where tgrelid = any(%s::regclass[]) and tgenabled in ('O', 'A')",
            [list(tables)],
        )
        return sorted(wanted - {name for (name,) in cursor.fetchall()})


def export_lines(*, at: datetime) -> Iterator[bytes]:
    """Return the whole journal as lines of `antin-journal/1` (see `notation`), read in chunks.

    What is appended while this runs may or may not be among the unsealed records at the end; what a checkpoint covers is
    complete.
    """
    key = custody.node_key()
    public = key.public_key().public_bytes_raw().hex()
    last = Checkpoint.objects.order_by("-number").first()
    says = {
        "exported_at": notation.moment(at),
        "format": notation.FORMAT,
        "journal": _journal(),
        "key": public,
        "node": settings.NODE,
    }
    counted = {"checkpoints": 0, "entries": 0, "unsealed": 0}
    seen = hashlib.sha256()
    for kind, line in _lines(says, last):
        if kind in counted:
            counted[kind] += 1
        seen.update(line)
        yield line
    body = notation.canonical(counted | {"format": notation.END, "sha256": seen.hexdigest()})
    yield notation.signed_line("end", body, key.sign(body))


def _journal() -> str:
    """Return the name of the journal, from the first checkpoint that can be read."""
    for checkpoint in Checkpoint.objects.order_by("number").iterator(CHUNK):
        with suppress(notation.BadLine):
            return str(_checkpoint(checkpoint).says["journal"])
    return "-"


def _lines(header: dict[str, Any], last: Checkpoint | None) -> Iterator[tuple[str, bytes]]:
    yield "header", notation.header_line(header)
    start = 0
    for checkpoint in (
        Checkpoint.objects.filter(number__lte=last.number if last else 0).order_by("number").iterator(CHUNK)
    ):
        for body, leaf in _sealed(start, checkpoint.size):
            yield "entries", notation.entry_line(body, leaf)
        start = max(start, checkpoint.size)
        body = checkpoint.body.encode()
        yield "checkpoints", notation.signed_line("checkpoint", body, bytes(checkpoint.signature))
    for columns in _unsealed(last):
        yield "unsealed", notation.unsealed_line(entry_body(columns, None))


def _sealed(start: int, stop: int) -> Iterator[tuple[bytes, bytes]]:
    """Return the bodies, as the records stand, and the hashes, as they were sealed, of the leaves in this range."""
    with connection.cursor() as cursor:
        for chunk in range(start, stop, CHUNK):
            cursor.execute(
                f"""
                select leaf.index, leaf.hash, {COLUMNS} from journal_leaf leaf join journal_record on id = record_id
                where leaf.index >= %s and leaf.index < %s order by leaf.index
                """,  # noqa: S608 - constant columns
                [chunk, min(chunk + CHUNK, stop)],
            )
            for index, leaf, *columns in cursor.fetchall():
                yield entry_body(tuple(columns), index), bytes(leaf)


def _unsealed(last: Checkpoint | None) -> list[tuple[Any, ...]]:
    """Return the records that the tree of this checkpoint does not hold, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            select {COLUMNS} from journal_record left join journal_leaf leaf on id = record_id
            where leaf.index is null or leaf.index >= %s order by id
            """,  # noqa: S608 - constant columns
            [last.size if last else 0],
        )
        return cursor.fetchall()


def list_sealed(after: int, limit: int) -> list[tuple[int, str, int]]:
    """Return sealed records behind a place of the tree, in its order: place, kind and id of the subject.

    What is sealed has no late neighbours: whoever reads on from the last place misses nothing.
    """
    rows = Leaf.objects.filter(index__gt=after).order_by("index")[:limit]
    return list(rows.values_list("index", "record__subject_kind", "record__subject_id"))
