"""Changes of a list: an entry added, worded anew, ended from a day on; a whole table taken in; any of these taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from antin.codelists import policy, queries
from antin.codelists.models import CodeList, Edition, Entry
from antin.codelists.policy import (
    BasisNeeded,
    BuiltUpon,
    ChangedSince,
    CodeNeeded,
    CodeTaken,
    HeadingHasPeriod,
    HeadingInCircle,
    NameNeeded,
    NoHeading,
    NothingChanged,
    StillAbove,
    TooEarly,
    UndoneAlready,
    YearsOutside,
)
from antin.codelists.states import TREES, Change, Listing
from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.refusal import NotFound, Refusal, refuse

_CODE = re.compile(r"[\w.\-/]{1,20}")
STEP = 10


@dataclass(frozen=True)
class Told:
    """What an entry says. `position` None puts it last."""

    code: str
    name: str
    above: str = ""
    years: int | None = None
    permanent: bool = False
    source: str = ""
    position: int | None = None


@dataclass(frozen=True)
class Line(Told):
    """The same, from a row of a table."""

    row: int = 0


@dataclass(frozen=True)
class Fault:
    """Why a row is not taken in."""

    row: int
    refusal: Refusal


@dataclass
class Imported:
    """What a table does to a list; `kept` once it was done."""

    added: int = 0
    changed: int = 0
    same: int = 0
    ended: int = 0
    faults: list[Fault] = field(default_factory=list)
    kept: bool = False

    @property
    def nothing(self) -> bool:
        return not (self.added or self.changed or self.ended)


def _agency(agency_id: int) -> Unit:
    found = Unit.objects.filter(pk=agency_id).first()
    if found is None:
        raise NotFound(unit=agency_id)
    return found


def _lock(agency_id: int, listing: str) -> CodeList:
    """The list, locked for a change; an empty one is made where there was none."""
    kept, _made = CodeList.objects.get_or_create(agency_id=agency_id, listing=Listing(listing))
    return CodeList.objects.select_for_update().get(pk=kept.pk)


def _checked(told: Told, listing: str) -> Told:
    """:raises CodeNeeded: :raises NameNeeded: :raises YearsOutside:"""
    code, name, above = clean_line(told.code), clean_line(told.name)[:500], clean_line(told.above)
    if not _CODE.fullmatch(code):
        raise CodeNeeded()
    if not name:
        raise NameNeeded()
    is_tree, kept = Listing(listing) in TREES, listing == Listing.RETENTION
    years = told.years if kept else None
    if years is not None and (told.permanent or not 1 <= years <= policy.MOST_YEARS):
        raise YearsOutside(most=policy.MOST_YEARS)
    return Told(
        code,
        name,
        above[:20] if is_tree else "",
        years,
        told.permanent and kept,
        clean_line(told.source)[:300],
        told.position,
    )


def _check_place(told: Told, standing: dict[str, Entry]) -> None:
    """Refuse a heading that is not there, keeps things itself, or lies below what it should head.

    :raises NoHeading: :raises HeadingHasPeriod: :raises HeadingInCircle:
    """
    above, seen = told.above, {told.code}
    while above:
        if above in seen:
            raise HeadingInCircle(entry=told.code)
        head = standing.get(above)
        if head is None:
            raise NoHeading(above=above)
        if above == told.above and policy.period_words(head.years, permanent=head.permanent):
            raise HeadingHasPeriod(above=f"{head.code} {head.name}")
        seen.add(above)
        above = head.above
    if told.years or told.permanent:
        below = any(each.above == told.code for each in standing.values())
        if below:
            raise HeadingHasPeriod(above=f"{told.code} {told.name}")


def _open(kept: CodeList) -> dict[str, Entry]:
    """The last wordings of all that has not ended, by code: what a change is checked against."""
    return {entry.code: entry for entry in Entry.objects.filter(code_list=kept, until=None)}


def _same(entry: Entry, told: Told) -> bool:
    position = entry.position if told.position is None else told.position
    was = (entry.name, entry.above, entry.years, entry.permanent, entry.source, entry.position)
    return was == (told.name, told.above, told.years, told.permanent, told.source, position)


def _basis(words: str) -> str:
    said = clean_line(words)[:500]
    if not said:
        raise BasisNeeded()
    return said


def _edition(
    kept: CodeList, change: Change, words: str, *, basis: str, from_date: date, actor: Actor | None, at: datetime
) -> Edition:
    last = Edition.objects.filter(code_list=kept).aggregate(last=Max("number"))["last"] or 0
    return Edition.objects.create(
        code_list=kept,
        number=last + 1,
        change=change,
        words=words[:300],
        basis=basis,
        from_date=from_date,
        made_by=f"{actor.person_name}, {actor.post_title}"[:200] if actor else "",
        made_at=at,
    )


def _record(made: Edition, actor: Actor | None, at: datetime, **facts: Any) -> None:
    kept = made.code_list
    told = {"listing": kept.listing, "edition": made.number, "basis": made.basis, "from": made.from_date, **facts}
    event = f"codelist.{made.change}"
    journal.record(event, subject=("unit", kept.agency_id), actor=actor, at=at, agency_id=kept.agency_id, **told)


def _facts(entry: Entry) -> dict[str, Any]:
    names = ("code", "name", "above", "years", "permanent", "source", "position")
    return {name: getattr(entry, name) for name in names}


def _write(kept: CodeList, told: Told, position: int, began: Edition) -> Entry:
    return Entry.objects.create(
        code_list=kept,
        code=told.code,
        name=told.name,
        above=told.above,
        position=position,
        years=told.years,
        permanent=told.permanent,
        source=told.source,
        since=began.from_date,
        began=began,
    )


def _stop(entry: Entry, by: Edition) -> None:
    if by.from_date < entry.since:
        raise TooEarly(day=f"{entry.since:%d/%m/%Y}")
    entry.until, entry.ended = by.from_date, by
    entry.save(update_fields=["until", "ended"])


def _last(standing: dict[str, Entry]) -> int:
    return max((entry.position for entry in standing.values()), default=0)


@transaction.atomic
def add_entry(
    *, agency_id: int, listing: str, told: Told, basis: str, from_date: date, actor: Actor | None, at: datetime
) -> Entry:
    """Add an entry to a list of an agency, from a day on.

    :raises NotAllowed: :raises NotYourHouse: :raises NotFound: no agency :raises BasisNeeded: :raises CodeNeeded:
    :raises NameNeeded: :raises YearsOutside: :raises CodeTaken: :raises NoHeading: :raises HeadingHasPeriod:
    """
    refuse(policy.why_not_change(actor, _agency(agency_id)))
    said, checked = _basis(basis), _checked(told, listing)
    kept = _lock(agency_id, listing)
    standing = _open(kept)
    if checked.code in standing:
        raise CodeTaken(entry=checked.code, name=standing[checked.code].name)
    ended = Entry.objects.filter(code_list=kept, code=checked.code).exclude(until=F("since")).order_by("-until").first()
    if ended is not None and ended.until is not None and ended.until > from_date:
        raise TooEarly(day=f"{ended.until:%d/%m/%Y}")
    _check_place(checked, standing)
    made = _edition(
        kept, Change.ADDED, f"{checked.code} {checked.name}", basis=said, from_date=from_date, actor=actor, at=at
    )
    position = checked.position if checked.position is not None else _last(standing) + STEP
    entry = _write(kept, checked, position, made)
    _record(made, actor, at, **_facts(entry))
    return entry


def _lock_open(entry_id: int, actor: Actor | None) -> tuple[CodeList, Entry]:
    found = queries.get_entry(entry_id)
    refuse(policy.why_not_change(actor, found.code_list.agency))
    kept = _lock(found.code_list.agency_id, found.code_list.listing)
    entry = Entry.objects.get(pk=entry_id)
    if entry.until is not None:
        raise ChangedSince()
    return kept, entry


@transaction.atomic
def change_entry(*, entry_id: int, told: Told, basis: str, from_date: date, actor: Actor | None, at: datetime) -> Entry:
    """Word an entry anew from a day on; its code stays, what was chosen by the old wording too.

    :raises NotAllowed: :raises NotYourHouse: :raises NotFound: :raises ChangedSince: somebody else was first
    :raises TooEarly: before the wording of now began :raises NothingChanged: :raises Refusal: as add_entry
    """
    kept, entry = _lock_open(entry_id, actor)
    said, checked = _basis(basis), _checked(told, kept.listing)
    if checked.code != entry.code:
        raise CodeNeeded()
    if _same(entry, checked):
        raise NothingChanged()
    _check_place(checked, _open(kept))
    made = _edition(
        kept, Change.CHANGED, f"{checked.code} {checked.name}", basis=said, from_date=from_date, actor=actor, at=at
    )
    _stop(entry, made)
    position = entry.position if checked.position is None else checked.position
    changed = _write(kept, checked, position, made)
    _record(made, actor, at, was=_facts(entry), **_facts(changed))
    return changed


@transaction.atomic
def end_entry(*, entry_id: int, basis: str, from_date: date, actor: Actor | None, at: datetime) -> Entry:
    """Let an entry be chosen no more from a day on.

    :raises NotAllowed: :raises NotYourHouse: :raises NotFound: :raises ChangedSince: :raises TooEarly: :raises BasisNeeded:
    :raises StillAbove: others stand below it
    """
    kept, entry = _lock_open(entry_id, actor)
    said = _basis(basis)
    below = sum(each.above == entry.code for each in _open(kept).values())
    if below:
        raise StillAbove(entry=f"{entry.code} {entry.name}", n=below)
    made = _edition(
        kept, Change.ENDED, f"{entry.code} {entry.name}", basis=said, from_date=from_date, actor=actor, at=at
    )
    _stop(entry, made)
    _record(made, actor, at, **_facts(entry))
    return entry


@transaction.atomic
def import_list(
    *,
    agency_id: int,
    listing: str,
    lines: Sequence[Line],
    whole: bool,
    basis: str,
    from_date: date,
    keep: bool,
    actor: Actor | None,
    at: datetime,
) -> Imported:
    """Look a table through, and with `keep` take it in from a day on if every row is right: all of it or nothing.

    What is the same stays untouched; `whole`: what the table does not name ends. Without `keep` nothing is written.

    :raises NotAllowed: :raises NotYourHouse: :raises NotFound: no agency :raises BasisNeeded:
    """
    refuse(policy.why_not_change(actor, _agency(agency_id)))
    said = _basis(basis)
    existing = CodeList.objects.filter(agency_id=agency_id, listing=listing).first()
    kept = _lock(agency_id, listing) if keep else existing
    standing = _open(kept) if kept else {}
    done = Imported()
    taken: dict[str, Told] = {}
    for line in lines:
        try:
            told = _checked(line, listing)
            if told.code in taken:
                raise CodeTaken(entry=told.code, name=taken[told.code].name)
            taken[told.code] = _placed(told, len(taken), standing.get(told.code))
        except Refusal as no:
            done.faults.append(Fault(line.row, no))
    after = _after(standing, taken, whole=whole)
    rows = {line.code.strip(): line.row for line in lines}
    changed: list[tuple[Entry | None, Told]] = []
    for told in taken.values():
        entry = standing.get(told.code)
        try:
            _check_place(told, after)
            if entry is not None and not _same(entry, told) and from_date < entry.since:
                raise TooEarly(day=f"{entry.since:%d/%m/%Y}")
        except Refusal as no:
            done.faults.append(Fault(rows.get(told.code, 0), no))
        if entry is None:
            done.added += 1
        elif _same(entry, told):
            done.same += 1
            continue
        else:
            done.changed += 1
        changed.append((entry, told))
    gone = [entry for code, entry in standing.items() if whole and code not in taken]
    done.ended = len(gone)
    early = next((entry for entry in gone if from_date < entry.since), None)
    if early is not None:
        done.faults.append(Fault(0, TooEarly(day=f"{early.since:%d/%m/%Y}")))
    done.faults.sort(key=lambda fault: fault.row)
    if not keep or kept is None or done.faults or done.nothing:
        return done
    counted = {"added": done.added, "changed": done.changed, "ended": done.ended}
    made = _edition(
        kept,
        Change.IMPORTED,
        f"+{done.added} ~{done.changed} -{done.ended}",
        basis=said,
        from_date=from_date,
        actor=actor,
        at=at,
    )
    for entry in (*(entry for entry, _told in changed if entry is not None), *gone):
        _stop(entry, made)
    for _entry, told in changed:
        _write(kept, told, told.position or 0, made)
    _record(made, actor, at, **counted)
    done.kept = True
    return done


def _placed(told: Told, n: int, entry: Entry | None) -> Told:
    """The order of a table is that of the list."""
    position = (n + 1) * STEP if told.position is None else told.position
    return Told(told.code, told.name, told.above, told.years, told.permanent, told.source, position)


def _after(standing: dict[str, Entry], taken: dict[str, Told], *, whole: bool) -> dict[str, Entry]:
    """The list as it would stand: what rows are checked against, for a heading may come below what it heads."""
    found = {} if whole else dict(standing)
    for told in taken.values():
        found[told.code] = Entry(
            code=told.code, name=told.name, above=told.above, years=told.years, permanent=told.permanent
        )
    return found


@transaction.atomic
def take_back(*, edition_id: int, basis: str, actor: Actor | None, at: datetime) -> Edition:
    """Undo a change of a list: what it began holds on no day, what it ended goes on. Choices made meanwhile stay as they are.

    :raises NotAllowed: :raises NotYourHouse: :raises NotFound: :raises BasisNeeded: :raises UndoneAlready:
    :raises BuiltUpon: a later change touched the same entries
    """
    found = queries.get_edition(edition_id)
    refuse(policy.why_not_change(actor, found.code_list.agency))
    said = _basis(basis)
    kept = _lock(found.code_list.agency_id, found.code_list.listing)
    edition = Edition.objects.get(pk=edition_id)
    if edition.undone_id is not None or edition.change == Change.TAKEN_BACK:
        raise UndoneAlready()
    begun = list(Entry.objects.filter(began=edition))
    stopped = list(Entry.objects.filter(ended=edition))
    standing = _open(kept)
    _check_built(begun, stopped, standing)
    made = _edition(kept, Change.TAKEN_BACK, edition.words, basis=said, from_date=edition.from_date, actor=actor, at=at)
    for entry in begun:
        entry.until, entry.ended = entry.since, made
        entry.save(update_fields=["until", "ended"])
    for entry in stopped:
        entry.until, entry.ended = None, None
        entry.save(update_fields=["until", "ended"])
    edition.undone = made
    edition.save(update_fields=["undone"])
    _record(made, actor, at, of=edition.number)
    return made


def _check_built(begun: Iterable[Entry], stopped: Iterable[Entry], standing: dict[str, Entry]) -> None:
    """:raises BuiltUpon:"""
    fresh = {entry.pk for entry in begun}
    for entry in begun:
        if entry.until is not None:
            raise BuiltUpon(entry=f"{entry.code} {entry.name}")
    for entry in stopped:
        now = standing.get(entry.code)
        if now is not None and now.pk not in fresh:
            raise BuiltUpon(entry=f"{entry.code} {entry.name}")
    again = {entry.code: entry for entry in stopped}
    left = {code: each for code, each in standing.items() if each.pk not in fresh} | again
    for each in left.values():
        if each.above and each.above not in left:
            raise BuiltUpon(entry=f"{each.code} {each.name}")
