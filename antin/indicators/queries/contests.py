"""Contested rows: what is said of a row, by whom it is answered, and what a row is about as far as one may see it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum

from antin.documents import queries as documents
from antin.estate import queries as estate
from antin.indicators import policy
from antin.indicators.corrections import Correction
from antin.indicators.facts import CONTEST, DOCUMENT, MACHINE, PERSON, TASK, UNIT
from antin.indicators.models import Contest, Contribution, Indicator
from antin.indicators.states import ALIVE, Status
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.refusal import NotFound
from antin.tasks import queries as tasks


def titles_of(actor: Actor, keys: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Return the titles of what the actor may see; rows he may not see have none."""
    of = {kind: [number for each, number in keys if each == kind] for kind in (DOCUMENT, TASK, UNIT, MACHINE, PERSON)}
    found: dict[tuple[str, int], str] = {}
    found |= {(DOCUMENT, number): title for number, title in documents.list_titles(actor, of[DOCUMENT]).items()}
    found |= {(TASK, number): title for number, title in tasks.list_titles(actor, of[TASK]).items()}
    units = people.list_units(of[UNIT]) if of[UNIT] else {}
    found |= {(UNIT, number): unit.name for number, unit in units.items()}
    machines = estate.list_visible(actor, of[MACHINE]) if of[MACHINE] else {}
    found |= {(MACHINE, number): f"{asset.code} {asset.name}" for number, asset in machines.items()}
    persons = people.list_persons_by_id(of[PERSON]) if of[PERSON] else {}
    found |= {(PERSON, number): person.name for number, person in persons.items()}
    wanted = [number for kind, number in keys if kind == CONTEST]
    for each in Contest.objects.filter(pk__in=wanted).select_related("unit", "indicator") if wanted else []:
        if policy.why_not_read(actor, each, owner_of(each.indicator), sees_row=False) is None:
            found[CONTEST, each.pk] = each.title
    return found


def contested_of(keys: set[tuple[str, int]]) -> dict[tuple[str, int], list[Contest]]:
    """Return what is contested of some things, as far as it is open or agreed; a correction is its own."""
    rows = Contest.objects.filter(status__in=ALIVE).filter(
        Q(subject_id__in={number for _kind, number in keys}) & ~Q(subject_kind="")
        | Q(pk__in={number for kind, number in keys if kind == CONTEST})
    )
    found: dict[tuple[str, int], list[Contest]] = defaultdict(list)
    for each in rows.order_by("id"):
        key = (each.subject_kind, each.subject_id) if each.subject_kind else (CONTEST, each.pk)
        if key in keys:
            found[key].append(each)
    return found


def lock_indicator(code: str) -> Indicator:
    """:raises NotFound: there is none of this code"""
    found = Indicator.objects.select_for_update().filter(code=code).first()
    if found is None:
        raise NotFound()
    return found


def lock_contest(contest_id: int) -> Contest:
    """:raises NotFound:"""
    found = (
        Contest.objects.select_for_update(of=("self",))
        .select_related("indicator", "unit")
        .filter(pk=contest_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def owner_of(indicator: Indicator) -> int:
    """Return the unit that answers for a figure: the one named, or the uppermost agency."""
    if indicator.owner_unit_id is not None:
        return int(indicator.owner_unit_id)
    root = people.find_root()
    return root.pk if root else 0


def sees(actor: Actor, subject: tuple[str, int]) -> bool:
    """Whether an actor may see by himself what a row is about."""
    return subject in titles_of(actor, {subject})


def find_row(subject: tuple[str, int], base: list[str], until: date) -> Contribution | None:
    """Return the row of a thing among those a figure divides by, the last one that begins by a day."""
    rows = Contribution.objects.filter(
        subject_kind=subject[0], subject_id=subject[1], fact__in=base, amount__gt=0, day__lte=until
    )
    return rows.select_related("unit").order_by("-day", "-part").first()


def does_count(subject: tuple[str, int], counted: list[str], until: date) -> bool:
    """Whether a thing adds to every one of some facts by a day, by itself or by corrections."""
    of = Q(subject_kind=subject[0], subject_id=subject[1]) | Q(
        subject_kind=CONTEST,
        subject_id__in=Contest.objects.filter(subject_kind=subject[0], subject_id=subject[1]).values("pk"),
    )
    sums = (
        Contribution.objects.filter(of, fact__in=counted, day__lte=until).values_list("fact").annotate(n=Sum("amount"))
    )
    return {fact for fact, n in sums.order_by() if n > 0} >= set(counted)


def _correction(each: Contest) -> Correction:
    return Correction(
        each.pk, each.subject_id, each.claim, tuple(each.facts), each.base, each.unit_id, each.day,
        each.status == Status.AGREED,
    )  # fmt: skip


def list_corrections(kind: str, ids: list[int]) -> list[Correction]:
    """Return what was contested of some things, whether it holds or not."""
    return [_correction(each) for each in Contest.objects.filter(subject_kind=kind, subject_id__in=ids)]


def list_missing(ids: list[int]) -> dict[int, Correction]:
    """Return those of some contests that stand for something nobody counted."""
    return {each.pk: _correction(each) for each in Contest.objects.filter(pk__in=ids, subject_kind="")}


def subjects_of_contests(ids: list[int]) -> dict[str, list[int]]:
    """Return the things that some contests are about."""
    found: dict[str, list[int]] = defaultdict(list)
    for kind, number in (
        Contest.objects.filter(pk__in=ids).exclude(subject_kind="").values_list("subject_kind", "subject_id")
    ):
        found[kind].append(number)
    return found


@dataclass(frozen=True)
class Contested:
    """A contest as an actor may read it: `reads` whether its words are his, `title` what it is about, if he may see that."""

    contest: Contest
    title: str
    reads: bool


def get_contest_for(actor: Actor, contest_id: int) -> Contested:
    """:raises NotFound: there is none, or it is about the figures of a unit he may not see"""
    found = Contest.objects.select_related("indicator", "unit").filter(pk=contest_id).first()
    if found is None or policy.why_not_see(actor, found.unit) is not None:
        raise NotFound()
    return _as_read(actor, [found])[0]


def list_contests(actor: Actor, unit: Unit, *, code: str = "", status: str = "", limit: int = 200) -> list[Contested]:
    """Return what is contested of the rows of a unit and everything below it, what waits first. The caller has checked the unit."""
    rows = Contest.objects.filter(unit__in=people.subtree(unit)).select_related("indicator", "unit")
    rows = rows.filter(indicator__code=code) if code else rows
    rows = rows.filter(status=status) if status else rows
    found = sorted(rows.order_by("-raised_at", "-id")[:limit], key=lambda each: each.status != Status.OPEN)
    return _as_read(actor, found)


def _as_read(actor: Actor, rows: list[Contest]) -> list[Contested]:
    titles = titles_of(actor, {(each.subject_kind, each.subject_id) for each in rows if each.subject_kind})
    found = []
    for each in rows:
        title = titles.get((each.subject_kind, each.subject_id), "")
        reads = policy.why_not_read(actor, each, owner_of(each.indicator), sees_row=bool(title)) is None
        found.append(Contested(each, title or (each.title if reads else ""), reads))
    return found


def title_of(actor: Actor, subject: tuple[str, int]) -> str:
    """Return what a row is about, as the actor may read it; empty where he may not."""
    return titles_of(actor, {subject}).get(subject, "")


def list_moves(contest: Contest) -> list[tuple[str, Unit, date, int]]:
    """Return what a correction adds to which fact, for which unit, from which day on."""
    rows = Contribution.objects.filter(subject_kind=CONTEST, subject_id=contest.pk).select_related("unit")
    return [(row.fact, row.unit, row.day, row.amount) for row in rows.order_by("fact", "day")]


def count_open_contests(unit: Unit, indicator: Indicator | None = None) -> int:
    """Return how many rows of a unit and everything below it are contested and wait for an answer."""
    rows = Contest.objects.filter(unit__in=people.subtree(unit), status=Status.OPEN)
    return (rows.filter(indicator=indicator) if indicator else rows).count()
