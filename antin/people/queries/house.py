"""What an administrator sees of his house: the tree below his agency, its posts, and the persons he may manage or appoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from antin.identifiers.text import fold
from antin.people import policy
from antin.people.actor import Actor
from antin.people.models import Appointment, Delegation, Person, Post, Substitution, Unit
from antin.people.queries.units import is_open, is_running
from antin.people.states import Role, Status
from antin.refusal import NotFound

PAGE = 50


@dataclass(frozen=True)
class Seat:
    """An open post of a unit with who holds it, and who will: `appointment` is None while it is vacant."""

    post: Post
    appointment: Appointment | None
    coming: Appointment | None


@dataclass(frozen=True)
class Entry:
    """A line of the directory: who holds a post of which unit, and where he is reached."""

    person_id: int
    name: str
    rank: str
    phone: str
    title: str
    acting: bool
    unit_id: int
    unit: str
    agency: str


@dataclass(frozen=True)
class UnitFigures:
    """What a list says of a unit: who heads it, how many posts it has and how many of them are filled."""

    head_name: str = ""
    head_title: str = ""
    posts: int = 0
    filled: int = 0


@dataclass(frozen=True)
class AgencyReadiness:
    """Who is there to send a document off: the first of each who is in office, as (post id, person id, words)."""

    head: tuple[int, int, str] | None
    clerk: tuple[int, int, str] | None
    seal_keeper: tuple[int, int, str] | None


@dataclass(frozen=True)
class ListedPerson:
    """A person in the administrator's list, with the posts held on the day as (title, unit)."""

    person: Person
    posts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PersonPage:
    rows: list[ListedPerson]
    next: int | None


def _administers(actor: Actor) -> bool:
    return actor.role == Role.ADMINISTRATOR


def get_unit_for(actor: Actor, unit_id: int) -> Unit:
    """Return a unit of the house the actor administers. :raises NotFound: absent, or not his"""
    found = (
        Unit.objects.select_related("agency__code", "parent", "code", "successor")
        .filter(policy.in_house(actor), pk=unit_id)
        .first()
    )
    if found is None:
        raise NotFound(unit=unit_id)
    return found


def get_agency_for(actor: Actor, unit_id: int) -> Unit:
    """Return an agency of the house the actor administers. :raises NotFound: absent, not his, or a part of an agency"""
    found = get_unit_for(actor, unit_id)
    if not found.is_agency:
        raise NotFound(unit=unit_id)
    return found


def get_post_for(actor: Actor, post_id: int) -> Post:
    """Return a post of the house the actor administers. :raises NotFound: absent, or not his"""
    found = Post.objects.select_related("unit__agency").filter(policy.in_house(actor, "unit__"), pk=post_id).first()
    if found is None:
        raise NotFound(post=post_id)
    return found


def get_appointment_for(actor: Actor, appointment_id: int) -> Appointment:
    """Return an appointment in the house the actor administers. :raises NotFound: absent, or not his"""
    found = (
        Appointment.objects.select_related("person", "post__unit")
        .filter(policy.in_house(actor, "post__unit__"), pk=appointment_id)
        .first()
    )
    if found is None:
        raise NotFound(appointment=appointment_id)
    return found


def get_delegation_for(actor: Actor, delegation_id: int) -> Delegation:
    """Return a leave to sign given in the house the actor administers. :raises NotFound: absent, or not his"""
    found = (
        Delegation.objects.select_related("from_post__unit", "to_post")
        .filter(policy.in_house(actor, "from_post__unit__"), pk=delegation_id)
        .first()
    )
    if found is None:
        raise NotFound(delegation=delegation_id)
    return found


def get_substitution_for(actor: Actor, substitution_id: int) -> Substitution:
    """Return a substitution in the house the actor administers. :raises NotFound: absent, or not his"""
    found = (
        Substitution.objects.select_related("principal__unit", "substitute")
        .filter(policy.in_house(actor, "principal__unit__"), pk=substitution_id)
        .first()
    )
    if found is None:
        raise NotFound(substitution=substitution_id)
    return found


def _persons_for(actor: Actor) -> QuerySet[Person]:
    """Those who hold or held a post of the house, and those who never held any: they wait to be appointed."""
    if not _administers(actor):
        return Person.objects.none()
    held = Appointment.objects.filter(person=OuterRef("pk"))
    return Person.objects.filter(Exists(held.filter(policy.in_house(actor, "post__unit__"))) | ~Exists(held))


def get_person_for(actor: Actor, person_id: int) -> Person:
    """Return a person of the house, or one without any post yet. :raises NotFound: absent, or not his to see"""
    found = _persons_for(actor).filter(pk=person_id).first()
    if found is None:
        raise NotFound(person=person_id)
    return found


def list_persons_for(
    actor: Actor,
    *,
    on: date,
    words: str = "",
    statuses: tuple[str, ...] = (),
    without_post: bool = False,
    without_password: bool = False,
    after: int | None = None,
    limit: int = PAGE,
) -> PersonPage:
    """List persons by given name, a page after the person `after`; `words` (accents or not) in name, user name or code."""
    found = _persons_for(actor)
    for word in fold(words).split():
        found = found.filter(search_text__contains=word)
    if statuses:
        found = found.filter(status__in=statuses)
    if without_password:
        found = found.filter(password="", user_name__isnull=False)
    if without_post:
        found = found.exclude(Exists(Appointment.objects.filter(is_running(on), person=OuterRef("pk"))))
    if after is not None:
        last = Person.objects.filter(pk=after).values("sort_key").first()
        if last is not None:
            found = found.filter(Q(sort_key__gt=last["sort_key"]) | Q(sort_key=last["sort_key"], pk__gt=after))
    persons = list(found.order_by("sort_key", "pk")[: limit + 1])
    shown = persons[:limit]
    held: dict[int, list[tuple[str, str]]] = {}
    running = Appointment.objects.filter(is_running(on), is_open(on, "post__"), person__in=shown)
    for each in running.select_related("post__unit").order_by("since", "pk"):
        held.setdefault(each.person_id, []).append((each.post.title, each.post.unit.name))
    rows = [ListedPerson(person, tuple(held.get(person.pk, ()))) for person in shown]
    return PersonPage(rows, shown[-1].pk if len(persons) > limit else None)


def list_directory(
    *, on: date, words: str = "", unit: Unit | None = None, first: int = 0, limit: int = PAGE
) -> list[Entry]:
    """List who holds which post, the units in the order of their agencies and each unit's posts in theirs, from the row `first`.

    Every word (accents or not) is in the name, the telephone number, or what the unit or its agency is called; or, as it is typed,
    in the title of the post.
    """
    running = Appointment.objects.filter(is_running(on), is_open(on, "post__")).exclude(person__status=Status.LEFT)
    if unit is not None:
        running = running.filter(post__unit__path__startswith=unit.path)
    for typed in words.split():
        word = fold(typed)
        # each kind of thing is looked through by itself: every row joined first takes twice as long among ten thousand people
        units = Unit.objects.filter(Q(search_text__contains=word) | Q(agency__search_text__contains=word))
        posts = Post.objects.filter(Q(title__icontains=typed) | Q(unit__in=units))
        persons = Person.objects.filter(search_text__contains=word)
        running = running.filter(Q(person__in=persons) | Q(post__in=posts))
    ordered = running.select_related("person", "post__unit__agency").order_by(
        "post__unit__agency__path", "post__unit__sort_key", "post__unit_id", "post__order", "post_id"
    )
    return [
        Entry(
            person_id=each.person_id,
            name=each.person.name,
            rank=each.person.rank,
            phone=each.person.phone,
            title=each.post.title,
            acting=each.acting,
            unit_id=each.post.unit_id,
            unit=each.post.unit.name,
            agency="" if each.post.unit.is_agency else each.post.unit.agency.name,
        )
        for each in ordered[first : first + limit]
    ]


def list_ancestors(unit: Unit) -> list[Unit]:
    """List the units above one, the root first."""
    ids = [int(part) for part in unit.path.split("/") if part][:-1]
    found = Unit.objects.in_bulk(ids)
    return [found[each] for each in ids if each in found]


def list_children(unit: Unit, on: date) -> list[Unit]:
    """List the units directly below one that are open or will be, in order."""
    children = Unit.objects.filter(parent=unit).exclude(closed_on__lte=on).select_related("code")
    return list(children.order_by("is_agency", "sort_key", "pk"))


def list_seats(unit_id: int, on: date) -> list[Seat]:
    """List the posts of a unit that are open or will be, in order, with their holders of the day and those to come."""
    return list_seats_of([unit_id], on)


def list_seats_of(unit_ids: list[int], on: date) -> list[Seat]:
    """List the seats of many units, each unit's in order; as `list_seats` does."""
    posts = list(
        Post.objects.filter(unit_id__in=unit_ids).exclude(closed_on__lte=on).order_by("unit_id", "order", "pk")
    )
    bonds = Appointment.objects.filter(post__in=posts).exclude(until__lte=on).select_related("person").order_by("since")
    holding: dict[int, Appointment] = {}
    coming: dict[int, Appointment] = {}
    for bond in bonds:
        (holding if bond.since <= on else coming).setdefault(bond.post_id, bond)
    return [Seat(post, holding.get(post.pk), coming.get(post.pk)) for post in posts]


def list_figures(unit_ids: list[int], on: date) -> dict[int, UnitFigures]:
    """Tell of many units at once who heads them and how many posts are filled."""
    running = Appointment.objects.filter(is_running(on), post=OuterRef("pk"))
    counted = (
        Post.objects.filter(is_open(on), unit_id__in=unit_ids)
        .values("unit_id")
        .annotate(posts=Count("pk"), filled=Count("pk", filter=Q(Exists(running))))
    )
    heads = Appointment.objects.filter(
        is_running(on), is_open(on, "post__"), post__unit_id__in=unit_ids, post__role=Role.HEAD
    ).select_related("person", "post")
    named = {each.post.unit_id: (each.person.name, each.post.title) for each in heads}
    return {
        row["unit_id"]: UnitFigures(*named.get(row["unit_id"], ("", "")), posts=row["posts"], filled=row["filled"])
        for row in counted
    }


def list_readiness(agency_ids: list[int], on: date) -> dict[int, AgencyReadiness]:
    """Tell of many agencies at once whether somebody heads them, keeps their books and keeps their seal."""
    running = (
        Appointment.objects.filter(is_running(on), is_open(on, "post__"), is_open(on, "post__unit__"))
        .filter(post__unit__agency_id__in=agency_ids)
        .filter(
            Q(post__role=Role.HEAD, post__unit__is_agency=True) | Q(post__role=Role.CLERK) | Q(post__keeps_seal=True)
        )
        .select_related("person", "post__unit")
        .order_by("post__order", "post_id")
    )
    found: dict[int, dict[str, tuple[int, int, str]]] = {}
    for each in running:
        mine = found.setdefault(each.post.unit.agency_id, {})
        words = (each.post_id, each.person_id, f"{each.person.name}, {each.post.title}")
        if each.post.role == Role.HEAD and each.post.unit.is_agency:
            mine.setdefault("head", words)
        if each.post.role == Role.CLERK:
            mine.setdefault("clerk", words)
        if each.post.keeps_seal:
            mine.setdefault("seal", words)
    return {
        each: AgencyReadiness(*(found.get(each, {}).get(part) for part in ("head", "clerk", "seal")))
        for each in agency_ids
    }


def list_vacant_posts(actor: Actor, on: date) -> list[Post]:
    """List the open posts of the house that nobody holds and nobody is to hold, by unit."""
    bound = Appointment.objects.filter(post=OuterRef("pk")).exclude(until__lte=on)
    found = Post.objects.filter(policy.in_house(actor, "unit__"), is_open(on), is_open(on, "unit__"))
    return list(found.exclude(Exists(bound)).select_related("unit").order_by("unit__path", "order", "pk"))


def list_holders_of(post_id: int) -> list[Appointment]:
    """List everybody who held a post, holds it or is to hold it, the latest first."""
    found = Appointment.objects.filter(post_id=post_id).select_related("person")
    return list(found.order_by("-since", "-pk"))


def list_holders_of_each(post_ids: list[int]) -> dict[int, list[Appointment]]:
    """List of many posts at once everybody who held each, holds it or is to hold it, the latest first."""
    found: dict[int, list[Appointment]] = {each: [] for each in post_ids}
    rows = Appointment.objects.filter(post_id__in=post_ids).select_related("person")
    for each in rows.order_by("-since", "-pk"):
        found[each.post_id].append(each)
    return found


def list_delegates(agency: Unit, on: date) -> list[Post]:
    """List the posts the head of an agency may give leave to sign to: those that head a part of it, or a unit below it."""
    found = Post.objects.filter(
        is_open(on), is_open(on, "unit__"), role=Role.HEAD, unit__path__startswith=agency.path
    ).exclude(unit=agency)
    return list(found.select_related("unit").order_by("unit__is_agency", "unit__sort_key", "pk"))
