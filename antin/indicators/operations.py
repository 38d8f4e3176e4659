"""Counting what happened, defining figures, closing periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction

from antin.documents import queries as documents
from antin.identifiers.text import clean
from antin.indicators import formulas, policy, queries
from antin.indicators.facts import DOCUMENT, NAMES, TASK, UNIT, Row, rows_of
from antin.indicators.models import Closing, Contribution, Formula, Indicator, Reading
from antin.indicators.shipped import SHIPPED
from antin.indicators.states import Because
from antin.journal import operations as journal
from antin.journal import queries as written
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, _, refuse
from antin.tasks import queries as tasks
from antin.workdays.queries import local_date

BATCH = 2000


class ClosedAlready(Refusal):
    code = "closed_already"
    words = _("Kỳ này đã chốt.")


class NotOverYet(Refusal):
    code = "period_not_over"
    words = _("Chỉ chốt được kỳ đã qua: ngày cuối kỳ phải trước hôm nay.")


class ReasonMissing(Refusal):
    code = "reason_missing"
    words = _("Phải ghi rõ lý do.")


class NotLater(Refusal):
    code = "formula_not_later"
    words = _("Công thức mới phải có hiệu lực sau công thức đang dùng (%(day)s).")


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
    judged = {number for day in touched["calendar_day"] for number in queries.arrived_near(date.fromordinal(day))}
    today = local_date(at)
    _replace(DOCUMENT, {*papers, *documents.answered_by(papers), *judged}, today)
    _replace(TASK, works, today)
    _replace(UNIT, units, today)
    reading.index, reading.read_at = records[-1][0], at
    reading.save(update_fields=["index", "read_at"])
    return len(records)


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
    """Put what some things add now in the place of what they added, and move the sums by the difference."""
    wanted = sorted(set(ids))
    if not wanted:
        return
    fresh = rows_of(kind, wanted, today)
    new: dict[tuple[int, str, int], Row] = {
        (number, row.fact, row.part): row for number, rows in fresh.items() for row in rows
    }
    old = {
        (row.subject_id, row.fact, row.part): row
        for row in Contribution.objects.filter(subject_kind=kind, subject_id__in=wanted)
    }
    moves: dict[tuple[str, int, date], int] = defaultdict(int)
    gone = [row.pk for key, row in old.items() if not _same(row, new.get(key))]
    come = []
    for key, row in old.items():
        if not _same(row, new.get(key)):
            moves[row.fact, row.unit_id, row.day] -= row.amount
    for (number, fact, part), each in new.items():
        if not _same(old.get((number, fact, part)), each):
            moves[fact, each.unit_id, each.day] += each.amount
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
                )
            )
    Contribution.objects.filter(pk__in=gone).delete()
    Contribution.objects.bulk_create(come)
    _move(moves)


def _plain(row: Row) -> dict[str, str]:
    return {name: str(Because(why).value) for name, why in row.reasons.items()}


def _same(row: Contribution | None, new: Row | None) -> bool:
    if row is None or new is None:
        return row is None and new is None
    kept = (row.unit_id, row.day, row.amount, row.reasons)
    return kept == (new.unit_id, new.day, new.amount, _plain(new))


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


@transaction.atomic
def set_formula(
    *, code: str, expression: str, target: Decimal | None, valid_from: date, reason: str, actor: Actor, at: datetime
) -> Formula:
    """Give a figure a new formula or target from a day on. Figures of earlier days go on by the earlier ones.

    :raises NotAllowed: the actor does not head the uppermost agency :raises NotLater: :raises ReasonMissing:
    :raises BadFormula: :raises UnknownFact: :raises TooGreat: the formula cannot be read, or real rows make it too great
    """
    root = people.find_root()
    refuse(policy.why_not_define(actor, root.pk if root else 0))
    indicator = queries.get_indicator(code)
    formulas.read(expression, NAMES)
    if root is not None:
        wanted = queries.thought_of(indicator, expression, target, valid_from)
        queries.trial(root, wanted, queries.BEGINNING, local_date(at))
    why = clean(reason).strip()[:500]
    if not why:
        raise ReasonMissing()
    last = queries.list_formulas(indicator)[0]
    if valid_from <= last.valid_from:
        raise NotLater(day=f"{last.valid_from:%d/%m/%Y}")
    made = Formula.objects.create(
        indicator=indicator,
        version=last.version + 1,
        expression=expression,
        target=target,
        valid_from=valid_from,
        reason=why,
        set_by=f"{actor.person_name}, {actor.post_title}",
        set_at=at,
    )
    journal.record(
        "indicator.formula_set",
        subject=("indicator", indicator.pk),
        actor=actor,
        at=at,
        expression=expression,
        target=target,
        valid_from=valid_from,
        version=made.version,
        reason=why,
    )
    return made


@transaction.atomic
def close(*, code: str, unit_id: int, since: date, until: date, actor: Actor, at: datetime) -> Closing:
    """Close a figure of a past period: its value and the digest of the very rows behind it stay.

    :raises NotFound: :raises NotAllowed: :raises NotOverYet: :raises ClosedAlready:
    """
    unit = people.get_unit(unit_id)
    refuse(policy.why_not_close(actor, unit))
    indicator = queries.get_indicator(code)
    if until >= local_date(at) or since > until:
        raise NotOverYet()
    if Closing.objects.filter(indicator=indicator, unit=unit, since=since, until=until).exists():
        raise ClosedAlready()
    figure = queries.get_figure(unit, indicator, since, until)
    lines = queries.lines_of(unit, indicator, since, until)
    made = Closing.objects.create(
        indicator=indicator,
        formula=figure.formula,
        unit=unit,
        since=since,
        until=until,
        value="" if figure.value is None else str(figure.value),
        rows=len(lines),
        lines=lines,
        digest=queries.digest_of(lines),
        closed_by=f"{actor.person_name}, {actor.post_title}",
        closed_at=at,
    )
    journal.record(
        "indicator.closed",
        subject=("indicator", indicator.pk),
        actor=actor,
        at=at,
        unit=unit.pk,
        since=since,
        until=until,
        value=made.value,
        rows=made.rows,
        digest=made.digest,
    )
    return made
