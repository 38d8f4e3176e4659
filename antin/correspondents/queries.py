"""Reading the directory of outside agencies: by id, by any spelling of a code, by words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet

from antin.correspondents.models import Correspondent, RecipientList, Spelling
from antin.identifiers.text import fold
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound

MOST_SUCCESSIONS = 20


@dataclass(frozen=True)
class Page:
    """Rows of the directory, how many there are in all, and the spellings of each by its id."""

    rows: list[Correspondent]
    total: int
    spellings: dict[int, list[str]] = field(default_factory=dict)


def get(correspondent_id: int) -> Correspondent:
    """Return one outside agency. :raises NotFound: there is none"""
    found = Correspondent.objects.filter(pk=correspondent_id).first()
    if found is None:
        raise NotFound()
    return found


def lock(correspondent_id: int) -> Correspondent:
    """Return one outside agency, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = Correspondent.objects.select_for_update().filter(pk=correspondent_id).first()
    if found is None:
        raise NotFound()
    return found


def find_by_code(code: str) -> Correspondent | None:
    """Return whom a code means, in any spelling, old or new; None when we never heard of it."""
    if not code:
        return None
    found = Spelling.objects.select_related("correspondent").filter(value=code.strip()).first()
    return found.correspondent if found else None


def find_open(ids: Iterable[int]) -> dict[int, Correspondent]:
    """Return those of the outside agencies that are not closed, by id."""
    return {row.pk: row for row in Correspondent.objects.filter(pk__in=list(ids), closed_at__isnull=True)}


def list_by_id(ids: Iterable[int]) -> dict[int, Correspondent]:
    """Return outside agencies by id, whatever their state."""
    return Correspondent.objects.in_bulk(list(ids))


def list_from(source: str) -> list[Correspondent]:
    """Return the outside agencies that one source told us of, closed ones too."""
    return list(Correspondent.objects.filter(source=source).order_by("id"))


def find_successor(correspondent: Correspondent) -> Correspondent | None:
    """Return who stands today in the place of a closed one; None when nobody does."""
    found: Correspondent | None = correspondent
    for _ in range(MOST_SUCCESSIONS):
        if found is None or found.closed_at is None:
            return found if found is not None and found.pk != correspondent.pk else None
        found = found.successor
    return None


def find_standing(ids: Iterable[int]) -> dict[int, int]:
    """Of each outside agency the one that stands in its place today: itself, or the open one that came after it."""
    found = {}
    for row in Correspondent.objects.select_related("successor").filter(pk__in=list(ids)):
        after = row if row.closed_at is None else find_successor(row)
        if after is not None:
            found[row.pk] = after.pk
    return found


def list_spellings(correspondent_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return every spelling of the codes of some outside agencies, by id."""
    spellings: dict[int, list[str]] = {}
    for row in Spelling.objects.filter(correspondent_id__in=correspondent_ids).order_by("value"):
        spellings.setdefault(row.correspondent_id, []).append(row.value)
    return spellings


def _answering(words: str) -> QuerySet[Correspondent]:
    found = Correspondent.objects.all()
    for word in fold(words).split():
        found = found.filter(search_text__contains=word)
    return found


def list_choices(*, words: str = "", limit: int = 20) -> list[Correspondent]:
    """Return open outside agencies that answer to words of their name or code, accents or not, the exact code first."""
    exact = find_by_code(words)
    rows = list(_answering(words).filter(closed_at__isnull=True).order_by("sort_key", "id")[:limit])
    if exact is not None and exact.closed_at is None:
        rows = [exact, *(row for row in rows if row.pk != exact.pk)][:limit]
    return rows


def list_page(*, words: str = "", channel: str = "", closed: bool = False, first: int = 0, limit: int = 50) -> Page:
    """Return a page of the directory for its keepers."""
    found = _answering(words).filter(closed_at__isnull=not closed)
    if channel:
        found = found.filter(channel=channel)
    rows = list(found.select_related("successor").order_by("sort_key", "id")[first : first + limit])
    return Page(rows, found.count(), list_spellings([row.pk for row in rows]))


def count_by_line() -> dict[tuple[str, str], int]:
    """Return how many open outside agencies each line leads to."""
    rows = Correspondent.objects.filter(closed_at__isnull=True).values_list("channel", "line").annotate(n=Count("id"))
    return {(channel, line): n for channel, line, n in rows.order_by()}


@dataclass(frozen=True)
class Held:
    """What a list holds on a day: agencies here and bodies outside, in order, each once."""

    agencies: tuple[int, ...]
    outside: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.agencies) + len(self.outside)


def list_lists(actor: Actor) -> list[RecipientList]:
    """Return the lists of recipients this actor may use: of his unit, of his agency, and his own; by name."""
    found = _lists(actor, gives=False)
    return list(found.prefetch_related("members__agency", "members__correspondent", "members__under"))


def list_groups(actor: Actor) -> list[RecipientList]:
    """Return the groups to whom this actor may give work by their name: of his unit, of his agency, and his own; by name."""
    return list(_lists(actor, gives=True).prefetch_related("members__part", "members__post__unit"))


def _lists(actor: Actor, *, gives: bool) -> QuerySet[RecipientList]:
    found = RecipientList.objects.filter(_usable(actor), closed_at=None, gives=gives)
    return found.select_related("unit").order_by("name", "id")


def _usable(actor: Actor) -> Q:
    return Q(unit_id__in=(actor.unit_id, actor.agency_id)) | Q(person_id=actor.person_id)


def get_list_for(actor: Actor, list_id: int) -> RecipientList:
    """Return a list of recipients that the actor may use. :raises NotFound: there is none"""
    found = next((each for each in list_lists(actor) if each.pk == list_id), None)
    if found is None:
        raise NotFound(list_id=list_id)
    return found


def get_group_for(actor: Actor, list_id: int) -> RecipientList:
    """Return a group to give work to that the actor may use. :raises NotFound: there is none"""
    found = next((each for each in list_groups(actor) if each.pk == list_id), None)
    if found is None:
        raise NotFound(list_id=list_id)
    return found


def lock_list(actor: Actor, list_id: int) -> RecipientList:
    """Return a list that the actor may use, locked. :raises NotFound: there is none"""
    found = RecipientList.objects.select_for_update(of=("self",)).filter(_usable(actor), pk=list_id).first()
    if found is None:
        raise NotFound(list_id=list_id)
    return found


def held_by(kept: RecipientList, *, on: date, without: int | None = None) -> Held:
    """Return what a list holds on a day: what was closed by then is replaced by what came after it, or left out; so is the agency
    that uses it (`without`)."""
    agencies: list[int] = []
    outside: list[int] = []
    for member in sorted(kept.members.all(), key=lambda each: each.position):
        if member.agency_id is not None:
            agencies.append(member.agency_id)
        elif member.correspondent is not None:
            outside.append(member.correspondent.pk)
        elif member.under is not None:
            below = people.list_tree(on=on, below=member.under, agencies_only=True)
            agencies += [row.id for row in below if row.id != member.under_id]
    here, away = people.find_standing(agencies, on), find_standing(outside) if outside else {}
    standing = dict.fromkeys(here[each] for each in agencies if each in here)
    return Held(
        tuple(each for each in standing if each != without),
        tuple(dict.fromkeys(away[each] for each in outside if each in away)),
    )
