"""What a check of the estate found becomes work, and the work knows what it was found by."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.estate import operations as estate
from antin.estate import queries, states
from antin.journeys import direct_document
from antin.people.actor import Actor
from antin.tasks import operations as tasks
from antin.tasks import queries as assignments
from antin.tasks.operations import Share
from antin.tasks.states import Origin

if TYPE_CHECKING:
    from antin.tasks.models import Directive


def give(
    *, finding_id: int, shares: list[Share], words: str = "", begun_in: str | None = None, actor: Actor, at: datetime
) -> Directive:
    """Give out what was found, to be put right; the same form sent twice gives once.

    :raises WrongState: it was given or put right :raises NotTheKeeper: :raises Refusal: as tasks.give
    """
    found = queries.get_finding(actor, finding_id)
    with transaction.atomic(durable=True):
        if begun_in and (again := assignments.find_begun_in(begun_in)) is not None:
            return again
        states.step("give", found.status)
        thing = f" ({found.asset.code})" if found.asset else ""
        directive = tasks.give(
            document_id=None,
            title=f"{found.words}{thing}"[:500],
            words=words,
            shares=shares,
            origin=Origin.HAND,
            begun_in=begun_in,
            actor=actor,
            at=at,
        )
        estate.note_given(finding_id=finding_id, directive_id=directive.pk, actor=actor, at=at)
        direct_document.tell_named(None, directive, actor, at)
    return directive
