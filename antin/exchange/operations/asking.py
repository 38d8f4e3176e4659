"""Whom a recall, replacement or correction is asked of, and how the question gets to those outside the node."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from antin.exchange import policy, queries
from antin.exchange.models import Change, ChangeReply, Delivery
from antin.exchange.operations.waiting import TRIES, WAITS
from antin.exchange.states import Status
from antin.journal import operations as journal
from antin.outbox import operations as outbox
from antin.people.actor import Actor
from antin.refusal import refuse

NOBODY_HOLDS = frozenset({Status.WITHHELD, Status.QUEUED, Status.FAILED, Status.RETURNED})


def ask_of(deliveries: Iterable[Delivery], changes: Iterable[Change]) -> None:
    """Ask everybody who holds the document, each question once; whoever is outside, over the way the document went.

    Part of a larger act: of the asking itself, and of every later arrival.
    """
    holders = [each for each in deliveries if each.status not in NOBODY_HOLDS]
    for change in changes:
        asked = set(change.replies.values_list("delivery_id", flat=True))
        made = ChangeReply.objects.bulk_create(
            ChangeReply(change=change, delivery=each, arrival_id=each.arrival_id)
            for each in holders
            if each.pk not in asked
        )
        outside: dict[str, dict[str, int | str]] = {
            f"carry_change:{each.pk}:0": {"reply_id": each.pk} for each in made if each.is_outside
        }
        outbox.promise_many("carry_change", of=outside)


def ask_latecomers(deliveries: Iterable[Delivery], document_id: int) -> None:
    """Ask those who got the document only after its sender had asked the others. Part of a larger act."""
    changes = list(Change.objects.filter(document_id=document_id).order_by("id"))
    if changes:
        ask_of(deliveries, changes)


@transaction.atomic
def record_change_carried(*, reply_id: int, reference: str, actor: Actor | None, at: datetime) -> ChangeReply:
    """Record that a line took the question to an outside holder, and called it `reference`."""
    reply = queries.lock_reply(reply_id)
    if reply.carried_at is not None:
        return reply
    reply.reference, reply.carried_at, reply.fault, reply.retry_at = reference[:200], at, "", None
    reply.attempts += 1
    reply.save(update_fields=["reference", "carried_at", "fault", "retry_at", "attempts"])
    asked = reply.change.document
    assert asked is not None
    journal.record(
        "document.change_carried",
        subject=("document", asked.pk),
        actor=actor,
        at=at,
        agency_id=asked.agency_id,
        kind=reply.change.kind,
        recipient=reply.whom,
        reference=reply.reference,
    )
    return reply


@transaction.atomic
def postpone_change(*, reply_id: int, words: str, final: bool, actor: Actor | None, at: datetime) -> ChangeReply:
    """Record that a line did not take a question, and promise another try unless none can help: then the clerk is to know."""
    reply = queries.lock_reply(reply_id)
    if reply.carried_at is not None:
        return reply
    wait = WAITS[min(reply.attempts, len(WAITS) - 1)]
    reply.attempts += 1
    over = final or reply.attempts % TRIES == 0
    reply.fault, reply.retry_at = words[:500], None if over else at + wait
    reply.save(update_fields=["attempts", "fault", "retry_at"])
    if reply.retry_at is not None:
        key = f"carry_change:{reply.pk}:{reply.attempts}"
        outbox.promise("carry_change", key=key, due_at=reply.retry_at, at=at, reply_id=reply.pk)
    return reply


@transaction.atomic
def ask_again(*, reply_id: int, actor: Actor, at: datetime) -> ChangeReply:
    """Try to get a question over the line again that it declined. :raises NotTheIssuer: :raises NothingToAskAgain:"""
    reply = queries.lock_reply(reply_id)
    refuse(policy.why_not_ask_again(actor, reply))
    reply.fault = ""
    reply.save(update_fields=["fault"])
    outbox.promise("carry_change", key=f"carry_change:{reply.pk}:again:{reply.attempts}", reply_id=reply.pk)
    asked = reply.change.document
    assert asked is not None
    journal.record(
        "document.change_asked_again", subject=("document", asked.pk), actor=actor, at=at, recipient=reply.whom
    )
    return reply
