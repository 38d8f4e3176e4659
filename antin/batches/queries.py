"""Reading batches: only the one who asked sees what he asked, in whatever post he sits now."""

from __future__ import annotations

from django.db.models import Count

from antin.batches.models import ActBatch, ActItem
from antin.batches.states import Status
from antin.people.actor import Actor
from antin.refusal import NotFound

LATELY = 5


def get_for(actor: Actor, batch_id: int) -> ActBatch:
    """Return a batch of this person. :raises NotFound: absent, or another's"""
    found = ActBatch.objects.filter(pk=batch_id, person_id=actor.person_id).first()
    if found is None:
        raise NotFound(batch_id=batch_id)
    return found


def get(batch_id: int) -> ActBatch:
    """Return a batch for the node's own work. :raises NotFound:"""
    found = ActBatch.objects.filter(pk=batch_id).first()
    if found is None:
        raise NotFound(batch_id=batch_id)
    return found


def lock(batch_id: int) -> ActBatch:
    """Return a batch, locked until the transaction ends. :raises NotFound:"""
    found = ActBatch.objects.select_for_update().filter(pk=batch_id).first()
    if found is None:
        raise NotFound(batch_id=batch_id)
    return found


def lock_item(item_id: int) -> ActItem:
    """Return a thing of a batch, locked. :raises NotFound:"""
    found = ActItem.objects.select_for_update().filter(pk=item_id).first()
    if found is None:
        raise NotFound(item_id=item_id)
    return found


def find_begun(key: str) -> ActBatch | None:
    """Return the batch that a form began, if it did."""
    return ActBatch.objects.filter(begun_in=key).first()


def find_next(batch_id: int) -> ActItem | None:
    """Return the first thing of the batch that waits; None when there is none, or the batch was halted."""
    waiting = ActItem.objects.filter(batch_id=batch_id, status=Status.WAITING, batch__halted_at=None)
    return waiting.order_by("position").first()


def list_items(batch_id: int) -> list[ActItem]:
    """Return the things of a batch in the order they were chosen."""
    return list(ActItem.objects.filter(batch_id=batch_id).order_by("position"))


def count_items(batch_id: int) -> dict[str, int]:
    """Return how many things of a batch stand in each state."""
    rows = ActItem.objects.filter(batch_id=batch_id).values_list("status").annotate(n=Count("id")).order_by()
    return dict(rows)


def list_for(actor: Actor, *, limit: int = LATELY) -> list[ActBatch]:
    """Return the last batches of this person."""
    return list(ActBatch.objects.filter(person_id=actor.person_id).order_by("-id")[:limit])
