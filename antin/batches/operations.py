"""Beginning a batch, halting it, going on, and settling each thing in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from antin.batches import policy, queries, states
from antin.batches.models import ActBatch, ActItem
from antin.batches.states import Status
from antin.journal import operations as journal
from antin.outbox import operations as outbox
from antin.people.actor import Actor
from antin.refusal import refuse


@dataclass(frozen=True)
class Picked:
    """One thing that was chosen: its id and its name for people."""

    subject_id: int
    name: str


@transaction.atomic
def begin(
    *,
    act: str,
    picked: Iterable[Picked],
    answers: dict[str, Any],
    begun_in: str | None = None,
    actor: Actor,
    at: datetime,
) -> ActBatch:
    """Write down what shall be done to which things, and promise to do it. The same form sent twice begins one.

    :raises NothingPicked: :raises TooManyPicked: none, or more than at once
    """
    if begun_in is not None:
        begun = queries.find_begun(begun_in)
        if begun is not None and begun.person_id == actor.person_id:
            return begun
    listed = list({each.subject_id: each for each in picked}.values())
    refuse(policy.why_not_begin(len(listed)))
    batch = ActBatch.objects.create(
        person_id=actor.person_id, post_id=actor.post_id, act=act, answers=answers, begun_in=begun_in, asked_at=at
    )
    ActItem.objects.bulk_create(
        ActItem(batch=batch, position=place, subject_id=each.subject_id, name=each.name[:500])
        for place, each in enumerate(listed, 1)
    )
    _record("acts.begun", batch, actor, at, act=act, count=len(listed))
    _set_going(batch)
    return batch


def _set_going(batch: ActBatch) -> None:
    outbox.promise("act_on_many", key=f"act_on_many:{batch.pk}:{batch.runs}", batch_id=batch.pk)


def _record(event: str, batch: ActBatch, actor: Actor | None, at: datetime, **facts: Any) -> None:
    agency_id = actor.agency_id if actor else None
    journal.record(event, subject=("acts", batch.pk), actor=actor, at=at, agency_id=agency_id, **facts)


@transaction.atomic
def halt(*, batch_id: int, actor: Actor, at: datetime) -> ActBatch:
    """Stop after the thing that is in hand; the others wait. :raises NotFound: :raises BatchOver:"""
    queries.get_for(actor, batch_id)
    batch = queries.lock(batch_id)
    refuse(policy.why_not_halt(batch))
    batch.halted_at = at
    batch.save(update_fields=["halted_at"])
    _record("acts.halted", batch, actor, at)
    return batch


@transaction.atomic
def go_on(*, batch_id: int, actor: Actor, at: datetime) -> ActBatch:
    """Go on with a halted batch, or try again what failed in one that is over. What is done stays done.

    :raises NotFound: :raises BatchUnderWay: :raises BatchOver:
    """
    queries.get_for(actor, batch_id)
    batch = queries.lock(batch_id)
    failed = ActItem.objects.filter(batch=batch, status=Status.FAILED)
    refuse(policy.why_not_go_on(batch, failed.count()))
    if batch.halted_at is None:
        failed.update(status=states.step("try_again", Status.FAILED), code="", words="", settled_at=None)
    batch.halted_at, batch.ended_at = None, None
    batch.runs += 1
    batch.save(update_fields=["halted_at", "ended_at", "runs"])
    _record("acts.resumed", batch, actor, at)
    _set_going(batch)
    return batch


@transaction.atomic
def finish(*, item_id: int, words: str, actor: Actor | None, at: datetime) -> None:
    """Say what came of a thing, in the transaction of the act itself: neither is there without the other.

    :raises WrongState: it is settled already
    """
    _settle(queries.lock_item(item_id), "finish", words, "", at)


@transaction.atomic
def fail(*, item_id: int, code: str, words: str, actor: Actor | None, at: datetime) -> None:
    """Say why nothing came of a thing. One that was settled meanwhile stays as it is."""
    item = queries.lock_item(item_id)
    if item.status == Status.WAITING:
        _settle(item, "fail", words, code, at)


def _settle(item: ActItem, step: str, words: str, code: str, at: datetime) -> None:
    item.status = states.step(step, item.status)
    item.words, item.code, item.settled_at = words[:500], code[:60], at
    item.save(update_fields=["status", "words", "code", "settled_at"])


@transaction.atomic
def end(*, batch_id: int, actor: Actor | None, at: datetime) -> None:
    """Note that a batch is over, once: nothing in it waits."""
    batch = queries.lock(batch_id)
    counted = queries.count_items(batch_id)
    if batch.ended_at is not None or counted.get(Status.WAITING):
        return
    batch.ended_at = at
    batch.save(update_fields=["ended_at"])
    _record("acts.ended", batch, actor, at, done=counted.get(Status.DONE, 0), failed=counted.get(Status.FAILED, 0))
