"""Counting what happened, read on from the sealed journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction

from antin.documents import queries as documents
from antin.estate import queries as estate
from antin.indicators import corrections, queries
from antin.indicators.facts import CONTEST, DOCUMENT, FACTS, MACHINE, PERSON, TASK, UNIT, Row, rows_of, sums_of
from antin.indicators.models import Contribution, Formula, Indicator, Reading
from antin.indicators.shipped import SHIPPED
from antin.indicators.states import Because, Nature
from antin.journal import queries as written
from antin.keys import queries as keys
from antin.people import queries as people
from antin.people.actor import Actor
from antin.tasks import queries as tasks
from antin.workdays.queries import local_date

BATCH = 2000


def count(*, actor: Actor | None = None, at: datetime, limit: int = BATCH) -> int:
    """Read on in the sealed journal and count anew whatever something happened to; returns how many records were read.

    Whoever comes while another counts leaves it to him. A kill leaves the place where it was, and nothing is counted twice: the
    rows of a thing are put in the place of its old ones.
    """
    read = 0
    while taken := _count_batch(at, limit):
        read += taken
        if taken < limit:
            break
    return read


@transaction.atomic
def _count_batch(at: datetime, limit: int) -> int:
    if queries.lacks({each.code for each in SHIPPED}):
        _ship(at)
    reading = Reading.objects.select_for_update(skip_locked=True).first()
    if reading is None:
        return 0
    records = written.list_sealed(reading.index, limit)
    if not records:
        return 0
    touched: dict[str, set[int]] = defaultdict(set)
    for _index, kind, number in records:
        touched[kind].add(number)
    papers = sorted(touched["document"])
    units = set(touched["unit"])
    agencies = set(documents.agencies_of(papers).values())
    units |= agencies - queries.rolled_out(sorted(agencies))
    works = tasks.list_touched(documents=papers, directives=sorted(touched["directive"]), tasks=sorted(touched["task"]))
    judged = {
        number for day in touched["calendar_day"] for number in documents.list_that_waited_over(date.fromordinal(day))
    }
    machines, equipped = _of_estate(touched)
    signers = touched["person"] | keys.persons_of(touched["certificate"])
    signers |= people.list_who_signed_for(touched["unit"], touched["post"])
    units |= equipped
    today = local_date(at)
    _replace(MACHINE, machines, today)
    _replace(DOCUMENT, {*papers, *documents.answered_by(papers), *judged}, today)
    _replace(TASK, works, today)
    _replace(UNIT, units, today)
    _replace(PERSON, signers, today)
    _replace(CONTEST, touched["contest"], today)
    reading.index, reading.read_at = records[-1][0], at
    reading.save(update_fields=["index", "read_at"])
    return len(records)


def _of_estate(touched: dict[str, set[int]]) -> tuple[set[int], set[int]]:
    """The workstations and agencies that something happened to in the estate; a new meaning of "current" touches all."""
    machines = set(touched["asset"])
    agencies = estate.agencies_of(machines) if machines else set()
    if touched["estate"]:
        agencies |= {unit.agency_id for unit in people.list_units(sorted(touched["estate"])).values()}
    if touched["estate_norm"]:
        every, owners = estate.every_machine()
        machines, agencies = machines | set(every), agencies | owners
    return machines, agencies


@transaction.atomic
def count_again(*, kind: str, ids: list[int], actor: Actor | None = None, at: datetime) -> None:
    """Count some things anew at once, without waiting for the journal to be sealed."""
    _replace(kind, ids, local_date(at))


def _ship(at: datetime) -> None:
    """Define the figures that every node begins with."""
    Reading.objects.get_or_create(pk=1)
    for place, each in enumerate(SHIPPED):
        indicator, fresh = Indicator.objects.get_or_create(
            code=each.code,
            defaults={
                "name": each.name,
                "explains": each.explains,
                "measure": each.measure,
                "better": each.better,
                "owner": "",
                "source": each.source,
                "place": place,
            },
        )
        if fresh:
            Formula.objects.create(
                indicator=indicator,
                version=1,
                expression=each.expression,
                target=each.target,
                valid_from=queries.BEGINNING,
                reason="",
                set_at=at,
            )


def _replace(kind: str, ids: Iterable[int], today: date) -> None:
    """Put what some things add now in the place of what they added, with the corrections of them, and move the sums."""
    wanted = sorted(set(ids))
    if not wanted:
        return
    if kind == CONTEST:
        for of, subjects in queries.subjects_of_contests(wanted).items():
            _replace(of, subjects, today)
        _put(CONTEST, {pk: corrections.missing(each) for pk, each in queries.list_missing(wanted).items()})
        return
    fresh = rows_of(kind, wanted, today)
    _put(kind, {number: fresh.get(number, []) for number in wanted})
    agreed = queries.list_corrections(kind, wanted)
    if agreed:
        _put(CONTEST, corrections.rows_of(fresh, agreed))


def _put(kind: str, fresh: dict[int, list[Row]]) -> None:
    """Put rows in the place of the old ones of the same things, and move the sums by the difference."""
    new: dict[tuple[int, str, int], Row] = {
        (number, row.fact, row.part): row for number, rows in fresh.items() for row in rows
    }
    ends = {key: _ends(key, row, new) for key, row in new.items()}
    old = {
        (row.subject_id, row.fact, row.part): row
        for row in Contribution.objects.filter(subject_kind=kind, subject_id__in=list(fresh))
    }
    moves: dict[tuple[str, int, date], int] = defaultdict(int)
    gone = [row for key, row in old.items() if not _same(row, new.get(key), ends.get(key))]
    come = []
    for row in gone:
        for name, n in sums_of(row.fact, row.amount):
            moves[name, row.unit_id, row.day] -= n
    for (number, fact, part), each in new.items():
        ends_on = ends[number, fact, part]
        if not _same(old.get((number, fact, part)), each, ends_on):
            for name, n in sums_of(fact, each.amount):
                moves[name, each.unit_id, each.day] += n
            come.append(
                Contribution(
                    fact=fact,
                    subject_kind=kind,
                    subject_id=number,
                    part=part,
                    unit_id=each.unit_id,
                    day=each.day,
                    amount=each.amount,
                    reasons=_plain(each),
                    ends_on=ends_on,
                )
            )
    Contribution.objects.filter(pk__in=[row.pk for row in gone]).delete()
    Contribution.objects.bulk_create(come)
    _move(moves)


def _plain(row: Row) -> dict[str, str]:
    return {name: str(Because(why).value) for name, why in row.reasons.items()}


def _ends(key: tuple[int, str, int], row: Row, rows: dict[tuple[int, str, int], Row]) -> date | None:
    """Before which day what a row begins ends again; None where it does not stand."""
    if FACTS[row.fact].nature == Nature.FLOW or row.amount <= 0:
        return None
    number, fact, part = key
    end = rows.get((number, fact, part + 1))
    return end.day if end is not None and end.amount < 0 else date.max


def _same(row: Contribution | None, new: Row | None, ends_on: date | None) -> bool:
    if row is None or new is None:
        return row is None and new is None
    kept = (row.unit_id, row.day, row.amount, row.reasons, row.ends_on)
    return kept == (new.unit_id, new.day, new.amount, _plain(new), ends_on)


def _move(moves: dict[tuple[str, int, date], int]) -> None:
    """Move the sums of days and of their months."""
    sums: dict[tuple[str, int, bool, date], int] = defaultdict(int)
    for (fact, unit_id, day), n in moves.items():
        sums[fact, unit_id, False, day] += n
        sums[fact, unit_id, True, day.replace(day=1)] += n
    rows = sorted((*key, n) for key, n in sums.items() if n)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into indicators_counter (fact, unit_id, month, day, amount) values (%s, %s, %s, %s, %s)
            on conflict (fact, month, unit_id, day) do update set amount = indicators_counter.amount + excluded.amount
            """,
            rows,
        )
