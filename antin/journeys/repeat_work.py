"""Work that recurs is given when its day has come, in the name of whoever holds the giver's post, each occurrence once."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.journeys import direct_document
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.tasks import operations as tasks
from antin.tasks import queries
from antin.tasks.operations import Share
from antin.tasks.states import Origin
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.tasks.models import Series


def give_due(*, at: datetime) -> int:
    """Give every occurrence whose day has come; how many were given. A second run, also after a kill, gives nothing twice.

    Who gives is who holds the post now; while it is vacant the occurrence waits. What a rule refuses is noted with its words, and
    tried again on the next day. An occurrence whose day has passed while the node stood still is not given any more.
    """
    today = workdays.local_date(at)
    given = 0
    for series, day, due in queries.list_occurrences_due(today):
        try:
            given += _give(series, day, due, at)
        except Refusal as no:
            tasks.note_occurrence(series_id=series.pk, day=day, directive_id=None, fault=no.message, actor=None, at=at)
    return given


def _give(series: Series, day: date, due: date, at: datetime) -> int:
    actor = holder_of(series.giver_post_id, workdays.local_date(at))
    if actor is None:
        return 0
    due_at = workdays.end_of_working_day(due)
    shares = [Share(each["role"], each["unit_id"], each["post_id"], due_at) for each in series.shares]
    with transaction.atomic(durable=True):
        queries.lock_series(series.pk)
        if queries.is_given(series.pk, day):
            return 0
        directive = tasks.give(
            document_id=None,
            title=series.title,
            words=series.words,
            shares=shares,
            origin=Origin.ROUTINE,
            begun_in=f"series:{series.pk}:{day.isoformat()}",
            actor=actor,
            at=at,
        )
        tasks.note_occurrence(series_id=series.pk, day=day, directive_id=directive.pk, actor=actor, at=at)
        direct_document.tell_named(None, directive, actor, at)
    return 1


def holder_of(post_id: int, on: date) -> Actor | None:
    """Return who holds a post on a day, as he acts in it; None while it is vacant."""
    holder = people.post_holder(post_id, on)
    if holder is None:
        return None
    try:
        return people.get_actor(person_id=holder.pk, post_id=post_id, on=on)
    except Refusal:
        return None
