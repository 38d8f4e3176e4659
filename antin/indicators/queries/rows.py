"""The very rows behind a figure, as far as somebody may see them: whether each counts, and why not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from antin.indicators.facts import CONTEST, FACTS
from antin.indicators.models import Contest, Formula, Indicator
from antin.indicators.queries.contests import contested_of, titles_of
from antin.indicators.queries.defined import facts_of, formula_on
from antin.indicators.queries.sums import Below, Sums, below, natures
from antin.indicators.states import ALIVE, Because, Claim, Status
from antin.people.actor import Actor
from antin.people.models import Unit

MOST = 1000
"""So many rows behind a figure are looked through for a page, the newest first; the sums know them all."""
SHOWN = 100

Key = tuple[str, int]


@dataclass(frozen=True)
class Behind:
    """A row behind a figure that the reader may see: what it is, where it leads, which facts it adds to and why not to others."""

    kind: str
    id: int
    title: str
    unit_name: str
    day: date
    counts: bool
    reasons: dict[str, str]
    contest: Contest | None = None
    amounts: Sums = field(default_factory=dict)
    """How much it adds to facts that are no counts: days, minutes."""

    @property
    def subject(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Rows:
    """The rows behind a figure: those shown, how many there are, and how many the reader may not see."""

    shown: list[Behind]
    whole: int
    hidden: int
    cut: int

    @property
    def newest(self) -> bool:
        """Whether there are more than were looked through."""
        return self.whole >= MOST


PART = """
    (select subject_kind, subject_id, unit_id, day, reasons from indicators_contribution
     where fact = %s and unit_id = any(%s) and day >= %s and day <= %s and amount > 0 {standing}
       and (subject_kind <> %s or subject_id in (select id from indicators_contest where claim = %s and status = %s))
     order by day desc, subject_id desc limit %s)
"""
WHOLE = """
    with behind as (select * from ({parts}) part order by day desc, subject_id desc limit %s)
    select subject_kind, subject_id, unit_id, day, reasons,
           (select string_agg(o.fact || ' ' || o.amount, ',') from indicators_contribution o
                  where o.subject_kind = behind.subject_kind and o.subject_id = behind.subject_id and o.fact = any(%s)
                    and o.amount > 0 and o.day <= %s and (o.ends_on is null or o.ends_on > %s)),
           exists(select 1 from indicators_contest c
                   where c.subject_kind = behind.subject_kind and c.subject_id = behind.subject_id and c.status = any(%s))
      from behind order by day desc, subject_id desc
"""


def _behind(held: Below, base: list[str], counted: list[str], since: date, until: date) -> list[Any]:
    """The newest rows of what a figure divides by, each with what else its thing adds, and whether it is contested. One question.

    What stands is found by where it ends: what never does, and what does after the day; each in the order of an index.
    """
    flows, stocks = natures(base)
    parts: list[str] = []
    told: list[Any] = []
    whose = (CONTEST, Claim.MISSING.value, Status.AGREED.value, MOST)
    for fact in flows:
        parts.append(PART.format(standing=""))
        told += [fact, held.ids, since, until, *whose]
    for fact in stocks:
        for standing, ends in (
            ("and ends_on = %s", [date.max]),
            ("and ends_on > %s and ends_on < %s", [until, date.max]),
        ):
            parts.append(PART.format(standing=standing))
            told += [fact, held.ids, date.min, until, *ends, *whose]
    told += [MOST, counted, until, until, sorted(ALIVE)]
    with connection.cursor() as cursor:
        cursor.execute(WHOLE.format(parts=" union all ".join(parts)), told)
        return list(cursor.fetchall())


def list_rows(
    actor: Actor,
    unit: Unit,
    indicator: Indicator,
    since: date,
    until: date,
    *,
    formula: Formula | None = None,
    held: Below | None = None,
    limit: int = SHOWN,
) -> Rows:
    """Return the very rows behind a figure that the actor may see, those that do not count first, and how many are hidden.

    `formula` is one that is only thought of (`trial`). The caller has checked that he may see the figure.
    """
    base, facts = facts_of(formula or formula_on(indicator, until))
    held = held or below(unit)
    rows = _behind(held, base, facts, since, until)
    measured = [name for name in facts if FACTS[name].quantity]
    counted = {name for name in facts if not FACTS[name].quantity}
    titles = titles_of(actor, {(kind, number) for kind, number, *_rest in rows})
    marked = {(row[0], row[1]) for row in rows if row[6] or row[0] == CONTEST}
    contested = contested_of(marked) if marked else {}
    seen: list[tuple[bool, int, Any, Sums, Contest | None, bool]] = []
    for row in rows:
        key: Key = (row[0], row[1])
        if key not in titles:
            continue
        added = {
            name: int(n) for name, _space, n in (each.partition(" ") for each in (row[5] or "").split(",")) if name
        }
        own, counts, corrected = _contest_of(contested.get(key, []), indicator, counted, counts=counted.issubset(added))
        amounts = {name: added.get(name, 0) for name in measured}
        seen.append((counts, -sum(amounts.values()), row, amounts, own, corrected))
    seen.sort(key=lambda each: each[:2])
    shown = []
    for counts, _most, (kind, number, unit_id, day, reasons, *_rest), amounts, own, corrected in seen[:limit]:
        told = reasons if isinstance(reasons, dict) else json.loads(reasons)
        why = {name: why for name, why in told.items() if name in counted}
        shown.append(
            Behind(
                kind=kind,
                id=number,
                title=titles[kind, number],
                unit_name=held.names[unit_id],
                day=day,
                counts=counts,
                reasons={"": Because.CORRECTED.value} if corrected else why,
                contest=own,
                amounts=amounts,
            )
        )
    return Rows(shown, len(rows), len(rows) - len(seen), max(0, len(seen) - limit))


def _contest_of(
    contests: list[Contest], indicator: Indicator, counted: set[str], *, counts: bool
) -> tuple[Contest | None, bool, bool]:
    """What is contested of a row for a figure, whether it counts after all corrections, and whether one of them decided that."""
    own = next((each for each in contests if each.indicator_id == indicator.pk), None)
    corrected = False
    for each in contests:
        if each.status == Status.AGREED and (each.claim == Claim.LEAVE_OUT or set(each.facts) & counted):
            counts, corrected = each.claim == Claim.COUNTS, True
            own = own or each
    return own, counts, corrected
