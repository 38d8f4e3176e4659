"""The monthly review: what is decided there becomes work on the spot, and the work knows at which review it was decided."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.journeys import direct_document
from antin.people.actor import Actor
from antin.programmes import operations as programmes
from antin.programmes import policy, queries
from antin.refusal import refuse
from antin.tasks import operations as tasks
from antin.tasks import queries as assignments
from antin.tasks.operations import Share
from antin.tasks.states import Origin

if TYPE_CHECKING:
    from antin.tasks.models import Directive


def decide(
    *,
    review_id: int,
    title: str,
    words: str = "",
    shares: list[Share],
    begun_in: str | None = None,
    actor: Actor,
    at: datetime,
) -> Directive:
    """Give work that was decided at a review; the same form sent twice gives once.

    :raises Refusal: as programmes.note_resolved and tasks.give
    """
    review = queries.get_review_for(actor, review_id)
    refuse(policy.why_not_chair(actor, review))
    with transaction.atomic(durable=True):
        queries.lock_review(review_id)
        if begun_in and (again := assignments.find_begun_in(begun_in)) is not None:
            return again
        directive = tasks.give(
            document_id=None,
            title=title,
            words=words,
            shares=shares,
            origin=Origin.MEETING,
            begun_in=begun_in,
            actor=actor,
            at=at,
        )
        programmes.note_resolved(review_id=review_id, directive_id=directive.pk, actor=actor, at=at)
        direct_document.tell_named(None, directive, actor, at)
    return directive
