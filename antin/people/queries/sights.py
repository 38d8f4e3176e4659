"""What persons hold on a day, all at once: the tokens by which documents are shown to them, in whichever post they sit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from antin.people.models import Appointment, Person, Post, Substitution
from antin.people.queries.posts import clearance_on, is_in_force
from antin.people.queries.units import is_open, is_running
from antin.people.states import Clearance, Role, Status


@dataclass(frozen=True)
class Sight:
    """By what a person sees documents: `tokens` of every post he may sit in, and up to which level of secrecy."""

    name: str
    level: int
    tokens: frozenset[str]


def list_sights(person_ids: Iterable[int], on: date) -> dict[int, Sight]:
    """Return the sight of persons on a day, in three statements. What his posts hold together: he may sit in each of them."""
    persons = Person.objects.in_bulk(list(person_ids))
    held: dict[int, set[str]] = {pk: {f"M{pk}"} for pk, person in persons.items() if person.status == Status.ACTIVE}
    filled: dict[int, list[int]] = defaultdict(list)
    running = Appointment.objects.filter(is_running(on), is_open(on, "post__"), is_open(on, "post__unit__"))
    for appointment in running.filter(person_id__in=held).select_related("post__unit"):
        held[appointment.person_id] |= _tokens(appointment.post)
        filled[appointment.post_id].append(appointment.person_id)
    bonds = Substitution.objects.filter(is_in_force(on), is_open(on, "principal__"), is_open(on, "principal__unit__"))
    for bond in bonds.filter(substitute_id__in=list(filled)).select_related("principal__unit"):
        for person_id in filled[bond.substitute_id]:
            held[person_id] |= _tokens(bond.principal)
    return {
        pk: Sight(persons[pk].name, Clearance.values.index(clearance_on(persons[pk], on)), frozenset(tokens))
        for pk, tokens in held.items()
    }


def _tokens(post: Post) -> set[str]:
    """What whoever sits in a post holds, himself left out: as `posts.get_actor` says it of one who acts."""
    leads = post.role in (Role.HEAD, Role.DEPUTY)
    found = {f"P{post.pk}"} | ({f"U{post.unit_id}"} if leads else set())
    clerk = post.role == Role.CLERK or (leads and post.unit_id == post.unit.agency_id)
    return found | ({f"R{post.unit.agency_id}"} if clerk else set())


def list_who_sit(*, post_ids: Iterable[int] = (), path: str = "", on: date) -> list[int]:
    """Return the persons in some posts, or in those of a unit and everything below it, and those who substitute them."""
    asked = Q(post_id__in=list(post_ids))
    theirs = Q(principal_id__in=list(post_ids))
    if path:
        asked |= Q(post__unit__path__startswith=path)
        theirs |= Q(principal__unit__path__startswith=path)
    stand_ins = Substitution.objects.filter(theirs, is_in_force(on)).values("substitute_id")
    running = Appointment.objects.filter(asked | Q(post_id__in=stand_ins), is_running(on))
    return sorted(set(running.values_list("person_id", flat=True)))
