"""The books of an agency that go to another node: closed here, taken in there with every number accounted for, opened again.

At any moment one node numbers for an agency. What it gave is told, and stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.journal import operations as journal
from antin.numbering import policy, queries
from antin.numbering.models import Book, Elsewhere, Number, Series
from antin.numbering.moving import Layout, Place, Told
from antin.numbering.operations.books import record_layout
from antin.numbering.operations.past import AT_ONCE, MOVE
from antin.numbering.queries import SeriesKey
from antin.numbering.states import Status
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse


class StillImporting(Refusal):
    code = "books_still_importing"
    words = _("Một sổ cũ của cơ quan này đang nhập; đợi nhập xong rồi mới chuyển sổ.")


class NumbersDiffer(Refusal):
    """A number stands here otherwise than the other node tells: given twice, or one of the two is wrong."""

    code = "moved_numbers_differ"
    words = _("Dãy số %(series)s: số %(numbers)s ở đây khác với bản bàn giao. Đối chiếu hai sổ trước khi nhận.")


class BooksDiffer(Refusal):
    code = "moved_books_differ"
    words = _("Ở đây đã chia sổ khác với nút cũ: %(names)s. Đóng các sổ ấy rồi nhận lại.")


class GivenSince(Refusal):
    code = "moved_given_since"
    words = _("Từ khi nhận sổ, dãy số %(series)s đã cấp hoặc hủy số ở đây: không trả lại được nữa, chỉ chuyển tiếp.")


@dataclass
class Taken:
    """What taking books in did: enough to give them back as long as nothing was built on it. Plain JSON by `__dict__`."""

    before: dict[str, list[int]] = field(default_factory=dict)  # series: last before, rows before, last after
    made: int = 0  # numbers that were entered
    reserved: int = 0  # of them kept back
    changed: int = 0  # numbers that stood here and were found used or voided there
    books: list[int] = field(default_factory=list)  # laid out by it


def _record(event: str, agency_id: int, actor: Actor | None, at: datetime, **facts: Any) -> None:
    journal.record(event, subject=("unit", agency_id), actor=actor, at=at, agency_id=agency_id, **facts)


@transaction.atomic
def close_books(*, agency_id: int, node: str, node_name: str, actor: Actor | None, at: datetime) -> int:
    """Let no number of an agency be given, kept or voided here any more: another node numbers for it. How many series it has.

    :raises BooksElsewhere: they are closed already :raises StillImporting:
    """
    rows = queries.lock_all_series(agency_id)
    refuse(policy.why_not_here(queries.find_elsewhere(agency_id)))
    if queries.is_importing(agency_id):
        raise StillImporting()
    _close(agency_id, node, node_name, False, at)
    _record("books.closed", agency_id, actor, at, node=node, series=len(rows), numbers=sum(row.last for row in rows))
    return len(rows)


def _close(agency_id: int, node: str, node_name: str, awaited: bool, at: datetime) -> None:
    Elsewhere.objects.create(agency_id=agency_id, node=node, node_name=node_name[:300], awaited=awaited, since_at=at)
    Series.objects.filter(agency_id=agency_id).update(moved_to=node, moved_at=at)


@transaction.atomic
def await_books(*, agency_id: int, node: str, node_name: str, actor: Actor | None, at: datetime) -> bool:
    """Let nothing of an agency that came to this node be numbered before its books have come too; whether that is new."""
    queries.lock_all_series(agency_id)
    if queries.find_elsewhere(agency_id) is not None:
        return False
    _close(agency_id, node, node_name, True, at)
    _record("books.awaited", agency_id, actor, at, node=node)
    return True


@transaction.atomic
def open_books(*, agency_id: int, why: str = "", actor: Actor | None, at: datetime) -> bool:
    """Let this node number for an agency (again); whether it did not before. The caller has proof that nobody else does."""
    queries.lock_all_series(agency_id)
    away = queries.find_elsewhere(agency_id)
    if away is None:
        return False
    _open(agency_id)
    _record("books.opened", agency_id, actor, at, node=away.node, why=why)
    return True


def _open(agency_id: int) -> None:
    Elsewhere.objects.filter(agency_id=agency_id).delete()
    Series.objects.filter(agency_id=agency_id).update(moved_to="", moved_at=None)


@transaction.atomic
def take_moved(
    *,
    agency_id: int,
    told: Sequence[Told],
    layouts: Sequence[Layout],
    move_id: int,
    node: str,
    actor: Actor | None,
    at: datetime,
) -> Taken:
    """Take over the books of an agency as the node that kept them tells them: from now on this one numbers, after the last of each.

    A number given there stands as moved, a void one with its reason, one kept back is kept back here. What stood here from an
    earlier time must agree. All or nothing.

    :raises NumbersDiffer: :raises BooksDiffer:
    """
    rows = queries.lock_all_series(agency_id)
    done = Taken()
    groups = _lay_out(agency_id, layouts, done, actor, at)
    named: dict[SeriesKey, Told] = {}
    for each in told:
        key = SeriesKey(
            agency_id, each.book, each.year, groups.get(each.group, each.group), each.secrecy_class, each.body_id
        )
        named[key] = replace(each, group=key.type_group)
    for row in rows:
        if row.last and _key(row) not in named:
            raise NumbersDiffer(series=_words(row), numbers=f"1–{row.last}")
    _open(agency_id)
    for key, each in named.items():
        _take_series(queries.lock_series(key), each, move_id, done, at)
    _record("books.taken", agency_id, actor, at, node=node, series=len(told), numbers=done.made, changed=done.changed)
    return done


def _key(row: Series) -> SeriesKey:
    return SeriesKey(row.agency_id, row.book, row.year, row.type_group, row.secrecy_class, row.body_id)


def _words(row: Series) -> str:
    return f"{row.type_group or row.book} {row.year}"


def _lay_out(
    agency_id: int, layouts: Sequence[Layout], done: Taken, actor: Actor | None, at: datetime
) -> dict[str, str]:
    """Lay the books out as they were there; how their series are called here. :raises BooksDiffer:"""
    here = {queries.layout_of(book).same: book for book in queries.list_books(agency_id)}
    there = {each.same for each in layouts}
    extra = [book.name for same, book in here.items() if same not in there]
    if extra:
        raise BooksDiffer(names=", ".join(extra[:10]))
    groups = {}
    for each in layouts:
        book = here.get(each.same)
        if book is None:
            book = Book.objects.create(
                agency_id=agency_id,
                body_id=each.body_id,
                name=each.name[:200],
                group=each.group,
                type_codes=list(each.type_codes),
                secrecy_class=each.secrecy_class,
                restarts=each.restarts,
                from_year=each.from_year,
                until_year=each.until_year,
                basis=each.basis[:500],
                set_at=at,
            )
            if each.group not in each.type_codes:
                book.group = f"S{book.pk}"
                book.save(update_fields=["group"])
            done.books.append(book.pk)
            record_layout(book, actor=actor, at=at)
        elif book.until_year != each.until_year:
            book.until_year = each.until_year
            book.save(update_fields=["until_year"])
            done.changed += 1
        groups[each.group] = book.group
    return groups


def _take_series(row: Series, told: Told, move_id: int, done: Taken, at: datetime) -> None:
    held = {(each.value, each.suffix): each for each in Number.objects.filter(series=row)}
    wanted = {(each.value, each.suffix): each for each in _numbers(row, told, move_id, at)}
    astray = sorted(place for place in held if place not in wanted)
    changed: list[Number] = []
    for place, there in wanted.items():
        here = held.get(place)
        if here is not None and not _agree(here, there, move_id, changed):
            astray.append(place)
    if astray:
        raise NumbersDiffer(series=_words(row), numbers=", ".join(f"{n}{suffix}" for n, suffix in sorted(astray)[:10]))
    fresh = [there for place, there in wanted.items() if place not in held]
    Number.objects.bulk_create(fresh, batch_size=AT_ONCE)
    Number.objects.bulk_update(
        changed,
        ["status", "subject_kind", "subject_id", "voided_at", "void_reason", "reserved_until", "moved_in"],
        batch_size=AT_ONCE,
    )
    done.before[str(row.pk)] = [row.last, len(held), told.last]
    done.made += len(fresh)
    done.reserved += sum(each.status == Status.RESERVED for each in fresh)
    done.changed += len(changed)
    row.last = told.last
    row.save(update_fields=["last"])


def _agree(here: Number, there: Number, move_id: int, changed: list[Number]) -> bool:
    """Whether a number that stands here is what is told of it; one that was kept back here may have been used or voided there."""
    given = {Status.TAKEN, Status.MOVED}
    if here.status in given or here.status == Status.VOIDED:
        return (here.status in given) == (there.status in given) and there.status != Status.RESERVED
    if there.status != Status.RESERVED:
        here.status, here.subject_kind, here.subject_id, here.moved_in = there.status, MOVE, move_id, move_id
        here.voided_at, here.void_reason = there.voided_at, there.void_reason
        changed.append(here)
    return True


def _numbers(row: Series, told: Told, move_id: int, at: datetime) -> Iterator[Number]:
    own: dict[str, Any] = {
        "series": row,
        "subject_kind": MOVE,
        "subject_id": move_id,
        "moved_in": move_id,
        "taken_at": at,
    }
    given: list[Place] = [(value, "") for first, last in told.given for value in range(first, last + 1)]
    for value, suffix in (*given, *told.inserted):
        yield Number(value=value, suffix=suffix, status=Status.MOVED, reserve_reason=PUT if suffix else "", **own)
    for void in told.voided:
        yield Number(
            value=void.value,
            suffix=void.suffix,
            status=Status.VOIDED,
            voided_at=void.at,
            void_reason=void.reason[:500],
            reserve_reason=PUT if void.suffix else "",
            **own,
        )
    for kept in told.reserved:
        yield Number(
            value=kept.value,
            suffix=kept.suffix,
            status=Status.RESERVED,
            reserved_at=kept.at,
            reserved_until=kept.until,
            reserved_by=kept.by[:200],
            reserve_reason=kept.reason[:500],
            **own,
        )


PUT = _("Số chèn ở nút cũ")


@transaction.atomic
def give_moved_back(
    *,
    agency_id: int,
    move_id: int,
    node: str,
    node_name: str,
    taken: Mapping[str, Any],
    actor: Actor | None,
    at: datetime,
) -> None:
    """Take back that books were taken in: their numbers go, and the node that told them is the one that numbers.

    :raises GivenSince: a number was given, used or voided here since, or what came had changed what stood here
    """
    rows = {str(row.pk): row for row in queries.lock_all_series(agency_id)}
    refuse(policy.why_not_here(queries.find_elsewhere(agency_id)))
    before: Mapping[str, list[int]] = taken["before"]
    for pk, row in rows.items():
        _first, held, last = before.get(pk, (0, 0, 0))
        brought = Number.objects.filter(series=row, subject_kind=MOVE, subject_id=move_id).count()
        there = Number.objects.filter(series=row).count()
        used = Number.objects.filter(series=row, moved_in=move_id).exclude(subject_kind=MOVE).exists()
        if taken["changed"] or row.last != last or there - brought != held or used:
            raise GivenSince(series=_words(row))
    brought_here = Number.objects.filter(series__in=rows.values(), moved_in=move_id)
    kept = brought_here.filter(status=Status.RESERVED).count()
    gone = brought_here.delete()[0]
    if (gone, kept) != (taken["made"], taken["reserved"]):
        raise GivenSince(series=", ".join(map(_words, rows.values())))
    for pk, row in rows.items():
        row.last = before.get(pk, (0, 0, 0))[0]
        row.save(update_fields=["last"])
    Series.objects.filter(pk__in=[row.pk for row in rows.values() if not row.last], number__isnull=True).delete()
    for book in queries.list_unused_books(taken["books"]):
        book.delete()
    _close(agency_id, node, node_name, True, at)
    _record("books.given_back", agency_id, actor, at, node=node, numbers=gone)
