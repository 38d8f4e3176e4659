"""An organisation taken from tables: units, their posts, and who holds them. All or nothing; what is there already stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean_line, fold
from antin.journal import operations as journal
from antin.people import policy, queries
from antin.people.actor import Actor
from antin.people.models import Appointment, Person, Post
from antin.people.operations.persons import add_person
from antin.people.operations.posts import appoint, open_post
from antin.people.operations.units import open_unit
from antin.people.states import Kind, Role, Status
from antin.refusal import NotAllowed, Refusal, refuse

L = TypeVar("L", "UnitLine", "PostLine")
UNITS, POSTS = "units", "posts"
SEPARATOR = "/"


class UnknownUnit(Refusal):
    code = "unknown_unit"
    words = _("Không có đơn vị “%(unit)s” trong cơ quan của đồng chí hoặc ở các dòng trên.")


class UnitNotClear(Refusal):
    code = "unit_not_clear"
    words = _(
        "Có %(n)d đơn vị tên “%(unit)s”: ghi mã định danh, hoặc ghi cả cấp trên, ví dụ “Trung tâm B1 / Phòng Kế hoạch”."
    )


class PersonIsAnother(Refusal):
    code = "person_is_another"
    words = _("Tên đăng nhập hoặc số hiệu này là của người có họ tên khác.")


class PersonTwice(Refusal):
    code = "person_twice"
    words = _("Tên đăng nhập và số hiệu là của hai người khác nhau.")


@dataclass(frozen=True)
class UnitLine:
    """A unit as a table tells it. `under` names its parent: identifier code, name, or names from above parted by `/`."""

    row: int
    name: str
    under: str
    short_name: str = ""
    abbreviation: str = ""
    kind: str = Kind.UNIT.value
    code: str = ""
    place_name: str = ""
    address: str = ""
    decision: str = ""


@dataclass(frozen=True)
class PostLine:
    """A post as a table tells it, with its holder if `person` is told. `unit` names the unit as `UnitLine.under` does."""

    row: int
    unit: str
    title: str
    role: str = Role.OFFICER.value
    keeps_seal: bool = False
    person: str = ""
    rank: str = ""
    phone: str = ""
    code: str = ""
    user_name: str = ""
    since: date | None = None


@dataclass(frozen=True)
class Fault:
    """What stands against one line: of which table, in which row, and why."""

    table: str
    row: int
    refusal: Refusal


@dataclass
class Imported:
    """What an import did, or would do: how many were new and how many there already. `kept` is false when nothing was written."""

    kept: bool = False
    units: int = 0
    units_there: int = 0
    posts: int = 0
    posts_there: int = 0
    persons: int = 0
    persons_there: int = 0
    appointments: int = 0
    faults: list[Fault] = field(default_factory=list)
    seated: set[int] = field(default_factory=set)
    """Who came into a post by it."""


class _Places:
    """The units of the house by every name a table may call them."""

    def __init__(self, actor: Actor, on: date) -> None:
        self.named: dict[str, list[int]] = {}
        self.below: dict[tuple[int | None, str], int] = {}
        self.filled: set[int] = set()
        """Posts that a line has spoken of already."""
        for unit in queries.list_tree(on=on, below=queries.get_unit(actor.agency_id)):
            self.add(unit.id, unit.name, unit.short_name, unit.code, unit.parent_id)

    def add(self, unit_id: int, name: str, short_name: str, code: str, parent_id: int | None) -> None:
        for each in {fold(name), fold(short_name)}:
            self.named.setdefault(each, []).append(unit_id)
            self.below[parent_id, each] = unit_id
        if code:
            self.named[fold(code)] = [unit_id]

    def find(self, words: str) -> int:
        """Return the one unit so called. :raises UnknownUnit: :raises UnitNotClear:"""
        found = self.named.get(fold(words), [])
        if not found:
            first, *rest = (fold(each) for each in words.split(SEPARATOR))
            found = self.named.get(first, [])
            for name in rest:
                found = [self.below[each, name] for each in found if (each, name) in self.below]
        if not found:
            raise UnknownUnit(unit=words)
        if len(found) > 1:
            raise UnitNotClear(unit=words, n=len(found))
        return found[0]


def import_organisation(
    *, units: Sequence[UnitLine], posts: Sequence[PostLine], keep: bool, actor: Actor, at: datetime
) -> Imported:
    """Open the units, posts and persons of two tables that are not there yet, each line by the operation that does it singly.

    With one fault nothing is written, and every line that has one is named; without `keep` nothing is written either (a dry run).
    A unit is there already when its code, or its name under the same parent, is; a person by user name or code, without these
    by name in that very post; a vacant post of the same title is filled before another is opened. What is there is not changed.

    :raises NotAllowed: the actor administers no house
    """
    if actor.role != Role.ADMINISTRATOR:
        raise NotAllowed()
    done = Imported()
    with transaction.atomic():
        places = _Places(actor, localdate(at))
        _each(units, UNITS, done, lambda line: _take_unit(line, places, done, actor, at))
        _each(posts, POSTS, done, lambda line: _take_post(line, places, done, actor, at))
        done.kept = keep and not done.faults
        if done.kept:
            journal.record(
                "organisation.imported",
                subject=("unit", actor.agency_id),
                actor=actor,
                at=at,
                units=done.units,
                posts=done.posts,
                persons=done.persons,
            )
        else:
            transaction.set_rollback(True)
    return done


def _each(lines: Sequence[L], table: str, done: Imported, take: Callable[[L], None]) -> None:
    for line in lines:
        try:
            with transaction.atomic():
                take(line)
        except Refusal as no:
            done.faults.append(Fault(table, line.row, no))


def _take_unit(line: UnitLine, places: _Places, done: Imported, actor: Actor, at: datetime) -> None:
    parent_id = places.find(line.under)
    there = places.below.get((parent_id, fold(line.name)))
    if there is None and line.code and (named := places.named.get(fold(line.code))):
        there = named[0]
    if there is not None:
        done.units_there += 1
        return
    unit = open_unit(
        name=line.name,
        short_name=line.short_name or line.name[:100],
        abbreviation=line.abbreviation,
        kind=line.kind,
        parent_id=parent_id,
        code=line.code,
        decision=line.decision,
        place_name=line.place_name,
        address=line.address,
        order=50,
        actor=actor,
        at=at,
    )
    places.add(unit.id, unit.name, unit.short_name, line.code, parent_id)
    done.units += 1


def _take_post(line: PostLine, places: _Places, done: Imported, actor: Actor, at: datetime) -> None:
    unit_id = places.find(line.unit)
    day = localdate(at)
    since = line.since or day
    person = _find_person(line)
    alike = [
        each
        for each in Post.objects.filter(unit_id=unit_id, closed_on__isnull=True, role=line.role).order_by("id")
        if fold(each.title) == fold(line.title) and each.pk not in places.filled
    ]
    holders = {
        held.post_id: held.person
        for held in Appointment.objects.filter(post__in=alike).exclude(until__lte=day).select_related("person")
    }
    post = next((each for each in alike if _is_held_by(holders.get(each.pk), line, person)), None)
    if post is not None:
        places.filled.add(post.pk)
        done.posts_there += 1
        done.persons_there += bool(line.person)
        return
    post = next((each for each in alike if each.pk not in holders), None)
    if post is None:
        refuse(policy.why_not_administer(actor, queries.get_unit(unit_id)))
        post = open_post(
            unit_id=unit_id,
            title=line.title,
            role=line.role,
            keeps_seal=line.keeps_seal,
            order=50,
            actor=actor,
            at=at,
        )
        done.posts += 1
    else:
        done.posts_there += 1
    places.filled.add(post.pk)
    if not line.person:
        return
    if person is None:
        person = add_person(
            name=line.person,
            rank=line.rank,
            phone=line.phone,
            code=line.code,
            user_name=line.user_name,
            actor=actor,
            at=at,
        )
        done.persons += 1
    else:
        done.persons_there += 1
    appoint(person_id=person.pk, post_id=post.pk, since=max(since, post.opened_on), actor=actor, at=at)
    done.appointments += 1
    done.seated.add(person.pk)


def _is_held_by(holder: Person | None, line: PostLine, person: Person | None) -> bool:
    """Tell whether a post of that title is the one the line speaks of: held by that person, or by anybody when none is told."""
    if not line.person:
        return True
    if holder is None:
        return False
    if person is not None:
        return holder.pk == person.pk
    return not (line.code or line.user_name) and fold(holder.name) == fold(line.person)


def _find_person(line: PostLine) -> Person | None:
    """The person of a line, known by user name or code. :raises PersonIsAnother: :raises PersonTwice:"""
    user_name, code = clean_line(line.user_name).lower(), clean_line(line.code)
    by_user = Person.objects.filter(user_name=user_name).exclude(status=Status.LEFT).first() if user_name else None
    by_code = Person.objects.filter(code=code).exclude(status=Status.LEFT).first() if code else None
    if by_user and by_code and by_user.pk != by_code.pk:
        raise PersonTwice()
    found = by_user or by_code
    if found and fold(found.name) != fold(line.person):
        raise PersonIsAnother()
    return found
