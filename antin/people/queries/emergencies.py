"""Reading who took over whose post in an emergency."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from antin.people.actor import Actor
from antin.people.models import Emergency, Post
from antin.people.queries.posts import PostRow, is_in_force, list_posts
from antin.people.states import Role


def _emergencies() -> QuerySet[Emergency]:
    return Emergency.objects.select_related("person", "reviewer", "substitution__principal__unit")


def find_emergency(person_id: int, on: date) -> Emergency | None:
    """Return the one a person is in on a day."""
    running = is_in_force(on, "substitution__")
    return _emergencies().filter(running, person_id=person_id).order_by("-opened_at").first()


def list_emergencies(actor: Actor) -> list[Emergency]:
    """List those of the agency to its head, to everybody else his own and those of his post; the latest first."""
    if actor.role == Role.HEAD and actor.unit_id == actor.agency_id:
        found = _emergencies().filter(substitution__principal__unit__agency_id=actor.agency_id)
    else:
        found = _emergencies().filter(person_id=actor.person_id) | _emergencies().filter(
            substitution__principal_id=actor.post_id
        )
    return list(found.order_by("-opened_at", "-id")[:100])


def list_posts_to_take_over(actor: Actor, on: date) -> list[PostRow]:
    """List the posts somebody may take over in an emergency: those `policy.why_not_take_over` lets him."""
    unit_id = None if actor.unit_id == actor.agency_id or actor.role == Role.CLERK else actor.unit_id
    return [
        row
        for row in list_posts(actor.agency_id, on, unit_id=unit_id)
        if row.id != actor.post_id and row.role != Role.ADMINISTRATOR
    ]


def list_told_of(post: Post, on: date) -> list[str]:
    """List the holders told when a post is taken over: the post, the head of the agency, its administrators."""
    rows = list_posts(post.unit.agency_id, on, roles=(Role.HEAD, Role.ADMINISTRATOR))
    leads = [row.id for row in rows if row.role == Role.ADMINISTRATOR or row.unit_id == row.agency_id]
    return [f"P{post_id}" for post_id in dict.fromkeys([post.pk, *leads])]
