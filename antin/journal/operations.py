"""Writing the journal, and sealing it.

Recording is a plain insert in the caller's own transaction, with no lock that another act could wait for. A record is sealed
later, when none can appear before it any more: when its transaction id lies below the oldest one still running. Sealed records
are numbered by (transaction, id) in a table beside them, and the root is signed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_noop as _

from antin.journal import custody, merkle, notation, queries
from antin.journal.models import Checkpoint
from antin.journal.notation import Line
from antin.refusal import Refusal

#: One checkpoint seals at most so many records, so that sealing a backlog holds little in memory.
BATCH = 10_000
_SEALING = 0x6E6861746B79  # "nhatky": the advisory lock of the one process that seals


class RolledBack(Refusal):
    """The node has signed checkpoints that the database does not know: it was put back to an older day."""

    code = "journal_rolled_back"
    words = _(
        "Cơ sở dữ liệu chỉ còn đến điểm niêm phong %(database)s, trong khi nút đã ký đến điểm %(remembered)s: "
        "dữ liệu đã bị đưa về một thời điểm cũ hoặc bị thay. Nhật ký tạm dừng niêm phong cho đến khi được xử lý."
    )


class Damaged(Refusal):
    """The tree in the database is not the one that was signed."""

    code = "journal_damaged"
    words = _("Cây niêm phong trong cơ sở dữ liệu không khớp điểm niêm phong %(number)s. Chạy “antin journal verify”.")


class Actor(Protocol):
    """Who acts, as far as the journal cares; `None` is the node itself. May also carry `on_behalf`, in words."""

    @property
    def person_id(self) -> int | None: ...
    @property
    def person_name(self) -> str: ...
    @property
    def post_id(self) -> int | None: ...
    @property
    def post_title(self) -> str: ...
    @property
    def agency_id(self) -> int | None: ...


@dataclass(frozen=True)
class Entry:
    """One event to be recorded by `record_many`."""

    event: str
    subject: tuple[str, int]
    actor: Actor | None
    at: datetime
    agency_id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def record(
    event: str,
    *,
    subject: tuple[str, int],
    actor: Actor | None,
    at: datetime,
    agency_id: int | None = None,
    **facts: Any,
) -> None:
    """Write down what happened, in the caller's transaction: it stays if and only if the act stays.

    `agency_id` is the agency in whose house it happened; the actor's own when not given.
    Facts are plain: text, whole numbers, truth values, dates, and lists and dicts of these.

    :raises TypeError: a fact is of a kind that cannot be hashed alike everywhere (a float, an object)
    """
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, _row(Entry(event, subject, actor, at, agency_id, facts)))


def record_many(entries: Iterable[Entry]) -> None:
    """Write down many events at once, in the given order."""
    _copy(_COPY, [_row(entry) for entry in entries])


# Every act passes here: these two statements take a tenth of what the ORM takes for the same rows.
_WRITTEN = (
    "at, event, subject_kind, subject_id, agency_id, person_id, person_name, post_id, post_title, on_behalf, facts"
)
_INSERT = f"insert into journal_record ({_WRITTEN}) values ({', '.join(['%s'] * 11)})"  # noqa: S608 - constants
_COPY = f"copy journal_record ({_WRITTEN}) from stdin"


def _copy(statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows by COPY, in their order."""
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row(row)


def _row(entry: Entry) -> tuple[Any, ...]:
    """Return the columns of an entry, as `_WRITTEN` lists them."""
    if entry.at.tzinfo is None:
        raise TypeError("the journal keeps aware moments only")
    actor, agency_id = entry.actor, entry.agency_id
    facts = json.dumps({key: _plain(value) for key, value in entry.facts.items()}, ensure_ascii=False)
    if actor is None:
        return (entry.at, entry.event, *entry.subject, agency_id, None, "", None, "", "", facts)
    agency_id = actor.agency_id if agency_id is None else agency_id
    person, post = (actor.person_id, actor.person_name), (actor.post_id, actor.post_title)
    return (
        entry.at,
        entry.event,
        *entry.subject,
        agency_id,
        *person,
        *post,
        getattr(actor, "on_behalf", "") or "",
        facts,
    )


def _plain(value: Any) -> Any:
    """Return the fact as JSON holds it. Moments become ISO 8601 text, money and ratios decimal text."""
    match value:
        case Enum():
            return _plain(value.value)
        case None | bool() | int() | str():
            return value
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case set() | frozenset():
            return sorted(_plain(inner) for inner in value)
    raise TypeError(f"a journal fact cannot be a {type(value).__name__}")


def seal(*, at: datetime) -> Line | None:
    """Seal every record that can be sealed; return the newest checkpoint made, or None when there was nothing to seal.

    Only one process seals at a time; another one that comes meanwhile returns None at once. A crash between the commit of a
    checkpoint and its remembering in the state folder is made good by the next call.

    :raises RolledBack: the database is older than what this node has signed
    :raises Damaged: the kept tree does not fit its last checkpoint
    """
    made = None
    while checkpoint := _seal_batch(at):
        made = checkpoint
    return made


@transaction.atomic(durable=True)
def _seal_batch(at: datetime) -> Line | None:
    """Remember what is committed, then seal one batch more."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [_SEALING])
        if cursor.fetchone() == (False,):
            return None
    kept = Checkpoint.objects.order_by("-number").first()
    try:
        last = queries.find_last_checkpoint() if kept else None
        if last:
            _remember(last)
    except notation.BadLine:
        raise Damaged(number=kept.number if kept else 0) from None
    rows, horizon = _sealable(kept.horizon if kept else 0)
    if not rows:
        return None
    tree = _tree(kept)
    leaves = []
    for row in rows:
        leaf = merkle.leaf_hash(queries.entry_body(row, tree.size))
        leaves.append((tree.size, row[0], leaf))
        tree.add(leaf)
    _copy("copy journal_leaf (index, record_id, hash) from stdin", leaves)
    return _sign(last, tree, horizon, at)


def _remember(last: Line) -> None:
    """Write down, in the state folder, the committed checkpoints it does not have yet; notice when it has others."""
    journal, number = last.says["journal"], last.says["number"]
    remembered = custody.last_remembered(journal)
    after = remembered.says["number"] if remembered else 0
    ours = list(queries.list_checkpoints(after=after - 1))
    if remembered and (not ours or ours.pop(0).body != remembered.body):
        raise RolledBack(database=number, remembered=after)
    custody.remember(journal, (notation.signed_line("checkpoint", line.body, line.proof) for line in ours))


def _sealable(horizon: int) -> tuple[list[tuple[Any, ...]], int]:
    """Return a batch of records to be sealed, in order, and the transaction id below which none is left after it.

    A transaction that writes in another database of the cluster writes no record here: those that were running just before are
    passed over, or a long one elsewhere would hold sealing up. (A session we may not look into counts as our own.)

    Transaction ids at or above the next one to be given out come from another cluster, the one a backup was taken from: those
    records are settled too. If every known id is such, the horizon itself belongs to that cluster and does not count.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select coalesce(array_agg(backend_xid::text::bigint), '{}') from pg_stat_activity
            where backend_xid is not null and datname <> current_database()
            """
        )
        (elsewhere,) = cursor.fetchone()
        cursor.execute(
            f"""
            with seen as materialized (select pg_current_snapshot() as now),
            running as (select xid::text::bigint as xid from seen, pg_snapshot_xip(now) as xid),
            bounds as materialized (
                select pg_snapshot_xmax(now)::text::bigint as highest,
                       coalesce((select min(xid) from running where xid %% 4294967296 <> all (%s::bigint[])),
                                pg_snapshot_xmax(now)::text::bigint) as lowest
                from seen
            )
            select (select lowest from bounds), {queries.COLUMNS} from journal_record
            where transaction >= (select case when highest < %s then 0 else %s end from bounds)
              and (transaction < (select lowest from bounds) or transaction >= (select highest from bounds))
              and (select index from journal_leaf where record_id = id) is null -- one look-up a row, whatever the table's size
            order by transaction, id limit %s
            """,  # noqa: S608 - constant columns
            [elsewhere, horizon, horizon, BATCH],
        )
        found = cursor.fetchall()
    if not found:
        return [], horizon
    lowest, rows = found[0][0], [row[1:] for row in found]
    return rows, min(lowest, rows[-1][1]) if len(rows) == BATCH else lowest


def _tree(kept: Checkpoint | None) -> merkle.Frontier:
    """Return the tree as the last checkpoint left it."""
    if kept is None:
        return merkle.Frontier()
    signed = json.loads(kept.body)
    try:
        tree = merkle.Frontier.load(kept.size, bytes(kept.frontier))
    except ValueError:
        raise Damaged(number=kept.number) from None
    if (tree.root().hex(), tree.size, kept.number) != (signed["root"], signed["size"], signed["number"]):
        raise Damaged(number=kept.number)
    return tree


def _sign(last: Line | None, tree: merkle.Frontier, horizon: int, at: datetime) -> Line:
    """Sign the tree as it stands now, naming the checkpoint before."""
    key = custody.node_key()
    says = {
        "at": notation.moment(at),
        "format": notation.CHECKPOINT,
        "horizon": horizon,
        "journal": last.says["journal"] if last else str(uuid.uuid4()),
        "key": key.public_key().public_bytes_raw().hex(),
        "node": settings.NODE,
        "number": last.says["number"] + 1 if last else 1,
        "previous": notation.fingerprint(last) if last else "",
        "root": tree.root().hex(),
        "size": tree.size,
    }
    body = notation.canonical(says)
    line = Line("checkpoint", body, says, notation.sign(key, body))
    Checkpoint.objects.create(
        number=says["number"], size=tree.size, horizon=horizon, at=at, body=body.decode(), signature=line.proof,
        frontier=tree.dump(),
    )  # fmt: skip
    return line
