"""Work of a unit that is split or closed: what was given to it goes to the unit that takes its work, the rest follows the posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from antin.people import queries as people
from antin.people.actor import Actor
from antin.tasks import queries
from antin.tasks.models import Assignment
from antin.tasks.operations import writing
from antin.tasks.states import OPEN


@transaction.atomic
def follow_posts(*, posts: Mapping[int, int], actor: Actor | None, at: datetime) -> int:
    """Let the unit (`posts`: by post) that a post belongs to now answer for the open work the post has; how many pieces."""
    rows = Assignment.objects.select_for_update().filter(status__in=OPEN, holder__in=[f"P{each}" for each in posts])
    works = list(rows.order_by("pk"))
    for work in works:
        work.in_unit_id = posts[int(work.holder[1:])]
        work.save(update_fields=["in_unit"])
    writing.stand(works, at)
    return len(works)


@transaction.atomic
def take_over(*, unit_id: int, heir_id: int, words: str, actor: Actor, at: datetime) -> int:
    """Give the open work of a unit itself to another; role, deadline, giver and how far it is stay. How many pieces."""
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("directive")
    works = list(rows.filter(status__in=OPEN, holder=f"U{unit_id}").order_by("pk"))
    heir = people.get_unit(heir_id)
    for work in works:
        former = work.holder_name
        if work.next_holder == work.holder:
            work.next_holder = f"U{heir_id}"
        work.unit_id, work.in_unit_id = heir_id, heir_id
        work.holder, work.holder_name = f"U{heir_id}", heir.name
        work.save(update_fields=["unit", "in_unit", "holder", "holder_name", "next_holder"])
        told = {"former": former, "to": heir.name}
        writing.record("task.reassigned", work, "reassigned", words, actor=actor, at=at, **told)
    return len(works)


@transaction.atomic
def inherit(*, holders: Sequence[str], heir_id: int, words: str, actor: Actor, at: datetime) -> list[Assignment]:
    """Give the open work of a unit that is closed, and of its posts (`holders`), to another unit, which also judges what they gave.

    Role, deadline and how far it is stay. What stays behind: work on a classified document, whose readers are persons, and work of
    which the other unit has a part already, for it has one part of a directive.
    """
    heir, mine = people.get_unit(heir_id), f"U{heir_id}"
    given = Assignment.objects.select_for_update().filter(giver_holder__in=holders, status__in=OPEN).order_by("pk")
    for work in given:
        if work.next_holder == work.giver_holder:
            work.next_holder = mine
        work.giver_holder = mine
        work.save(update_fields=["giver_holder", "next_holder"])
    found = []
    for work in queries.lock_open_of(holders):
        if work.document is not None and work.document.classified_id is not None:
            continue
        if Assignment.objects.filter(directive_id=work.directive_id, holder=mine).exists():
            continue
        former = work.holder_name
        if work.next_holder == work.holder:
            work.next_holder = mine
        work.post_id, work.unit_id, work.in_unit_id = None, heir_id, heir_id
        work.holder, work.holder_name = mine, heir.name
        work.save(update_fields=["post", "unit", "in_unit", "holder", "holder_name", "next_holder"])
        told = {"former": former, "to": heir.name}
        writing.record("task.reassigned", work, "reassigned", words, actor=actor, at=at, **told)
        found.append(work)
    return found
