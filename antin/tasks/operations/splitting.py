"""Work of a unit that is split: what was given to the unit goes to the one that takes its work, the rest follows the posts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from antin.people import queries as people
from antin.people.actor import Actor
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
