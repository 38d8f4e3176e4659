"""Lists as they hold on a day: the agency's own, or that of the nearest agency above it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet, Subquery
from django.db.models.functions import Length

from antin.codelists.models import Edition, Entry
from antin.codelists.policy import period_words
from antin.codelists.states import Listing
from antin.people.models import Unit
from antin.refusal import NotFound


@dataclass(frozen=True)
class Row:
    """An entry as it stands in its list: so many headings above it, and whether something is below."""

    entry: Entry
    depth: int
    heads: bool

    @property
    def period(self) -> str:
        """How long things are kept, in words."""
        return period_words(self.entry.years, permanent=self.entry.permanent)


@dataclass(frozen=True)
class InForce:
    """A list as it holds for an agency on a day; `keeper` is whose it is, None where neither it nor any above has one."""

    keeper: Unit | None
    rows: list[Row]

    @property
    def choices(self) -> list[Entry]:
        """What may be chosen: of a retention list what has a period, of any other what has nothing below it."""
        if self.rows and self.rows[0].entry.code_list.listing == Listing.RETENTION:
            return [row.entry for row in self.rows if row.period]
        return [row.entry for row in self.rows if not row.heads]


def holding(on: date, prefix: str = "") -> Q:
    """Return the condition that a wording holds on a day."""
    return Q(**{f"{prefix}since__lte": on}) & (Q(**{f"{prefix}until": None}) | Q(**{f"{prefix}until__gt": on}))


def _found(agency_id: int, listing: str, on: date) -> QuerySet[Entry]:
    path = Unit.objects.filter(pk=agency_id).values("path")
    return (
        Entry.objects.filter(holding(on), code_list__listing=listing)
        .annotate(path=Subquery(path), deep=Length("code_list__agency__path"))
        .filter(path__startswith=F("code_list__agency__path"))
        .select_related("code_list__agency")
        .order_by("-deep", "position", "code")
    )


def find_in_force(agency_id: int, listing: str, on: date) -> InForce:
    """The list that an agency chooses from on a day, in one question."""
    found = list(_found(agency_id, listing, on))
    mine = [entry for entry in found if entry.code_list_id == found[0].code_list_id]
    return InForce(mine[0].code_list.agency if mine else None, in_order(mine))


def list_choices(agency_id: int, listing: str, on: date) -> list[Entry]:
    """What may be chosen on a day."""
    return find_in_force(agency_id, listing, on).choices


def find_choice(agency_id: int, listing: str, entry_id: int, on: date) -> Entry | None:
    """The entry, if it may be chosen on that day."""
    return next((each for each in list_choices(agency_id, listing, on) if each.pk == entry_id), None)


def list_own(agency_id: int, listing: str, on: date) -> list[Row]:
    """The agency's own entries of a day, in order."""
    found = Entry.objects.filter(holding(on), code_list__agency_id=agency_id, code_list__listing=listing)
    return in_order(found.select_related("code_list__agency").order_by("position", "code"))


def list_coming(agency_id: int, listing: str, on: date) -> list[Entry]:
    """The agency's wordings that begin after a day."""
    found = Entry.objects.filter(code_list__agency_id=agency_id, code_list__listing=listing, since__gt=on)
    return list(found.exclude(until=F("since")).order_by("since", "position", "code"))


def in_order(entries: Iterable[Entry]) -> list[Row]:
    """Entries under their headings, depth first; one whose heading is not there stands at the top."""
    found = list(entries)
    codes = {entry.code for entry in found}
    below: dict[str, list[Entry]] = {}
    for entry in found:
        below.setdefault(entry.above if entry.above in codes else "", []).append(entry)
    rows: list[Row] = []
    rest = [(entry, 0) for entry in reversed(below.get("", []))]
    while rest:
        entry, depth = rest.pop()
        under = below.get(entry.code, [])
        rows.append(Row(entry, depth, bool(under)))
        rest += [(each, depth + 1) for each in reversed(under)]
    return rows


def get_entry(entry_id: int) -> Entry:
    """A wording, with its list and agency. :raises NotFound:"""
    found = Entry.objects.select_related("code_list__agency").filter(pk=entry_id).first()
    if found is None:
        raise NotFound()
    return found


def list_wordings(entry: Entry) -> list[Entry]:
    """Everything its code stood for in the list, the newest first; what was taken back is left out."""
    found = Entry.objects.filter(code_list_id=entry.code_list_id, code=entry.code).exclude(until=F("since"))
    return list(found.select_related("began").order_by("-since", "-pk"))


def list_editions(agency_id: int, listing: str, *, limit: int = 100) -> list[Edition]:
    """The changes of a list, the newest first."""
    found = Edition.objects.filter(code_list__agency_id=agency_id, code_list__listing=listing)
    return list(found.select_related("undone", "undoes").order_by("-number")[:limit])


def get_edition(edition_id: int) -> Edition:
    """A change, with its list and agency. :raises NotFound:"""
    found = Edition.objects.select_related("code_list__agency").filter(pk=edition_id).first()
    if found is None:
        raise NotFound()
    return found


def count_own(agency_id: int, on: date) -> dict[str, int]:
    """How many entries each list of an agency has on a day."""
    found = Entry.objects.filter(holding(on), code_list__agency_id=agency_id).values_list("code_list__listing", "code")
    counted = dict.fromkeys(Listing.values, 0)
    for listing, _code in found:
        counted[listing] += 1
    return counted
