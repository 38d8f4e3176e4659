"""What lines bring: kept before the line is told so, taken in once, set aside with the reason, tried again by an operator."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from antin.exchange import policy, queries
from antin.exchange.models import Parcel, Unfetched
from antin.exchange.states import ParcelStatus
from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.outbox import operations as outbox
from antin.refusal import refuse
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.people.actor import Actor


@dataclass(frozen=True)
class Brought:
    """A message that could be read, as far as the list of parcels tells: `same` and `content` as `Parcel` has them."""

    doc_id: str
    kind: str
    same: tuple[str, ...]
    content: str
    sender_code: str = ""
    sender_name: str = ""
    document_id: str = ""
    code: str = ""
    subject: str = ""


def digest_of(same: tuple[str, ...]) -> str:
    """A name of fixed length for what makes a message the same one again."""
    return hashlib.sha256(json.dumps(same).encode()).hexdigest()


@transaction.atomic
def keep_parcel(*, line_id: int, brought: Brought, file: str, actor: Actor | None, at: datetime) -> Parcel:
    """Keep a message that came, and promise to take it in. One that came before only counts; one that says something else under
    the same identifiers is set aside, with an alarm.
    """
    name = digest_of(brought.same)
    there = Parcel.objects.select_for_update().filter(same=name).first()
    if there is not None and there.content == brought.content:
        there.came_again = F("came_again") + 1
        there.save(update_fields=["came_again"])
        there.refresh_from_db()
        return there
    differs = there is not None
    if differs:
        name = digest_of((*brought.same, brought.content))
    made, fresh = Parcel.objects.get_or_create(
        same=name,
        defaults={
            "line_id": line_id,
            "doc_id": brought.doc_id[:200],
            "kind": brought.kind[:10],
            "content": brought.content,
            "file": file,
            "sender_code": brought.sender_code[:64],
            "sender_name": brought.sender_name[:300],
            "document_id": brought.document_id[:200],
            "code": brought.code[:80],
            "subject": brought.subject[:500],
            "came_at": at,
        },
    )
    if not fresh:
        Parcel.objects.filter(pk=made.pk).update(came_again=F("came_again") + 1)
        return made
    if differs:
        return set_aside(
            parcel_id=made.pk,
            code=policy.SaysSomethingElse.code,
            words=policy.SaysSomethingElse().message,
            actor=actor,
            at=at,
        )
    outbox.promise("take_in", key=f"take_in:{made.pk}:0", parcel_id=made.pk)
    return made


@transaction.atomic
def keep_unreadable(
    *, line_id: int, doc_id: str, kind: str, file: str, code: str, words: str, actor: Actor | None, at: datetime
) -> Parcel:
    """Keep a message that cannot be read, set aside with the reason; the same bytes again only count."""
    made, fresh = Parcel.objects.get_or_create(
        same=digest_of(("unreadable", file)),
        defaults={"line_id": line_id, "doc_id": doc_id[:200], "kind": kind[:10], "file": file, "came_at": at},
    )
    if not fresh:
        Parcel.objects.filter(pk=made.pk).update(came_again=F("came_again") + 1)
        return made
    return set_aside(parcel_id=made.pk, code=code, words=words, actor=actor, at=at)


TRIED, TRIED_FOR = 20, timedelta(days=1)
"""So often and so long each round asks for a message that does not come whole; then it is set aside."""


@transaction.atomic
def note_unfetched(
    *, line_id: int, doc_id: str, kind: str, fault: str, actor: Actor | None, at: datetime
) -> Parcel | None:
    """Note that a message which a line lists did not come whole; set it aside when that has been so long enough."""
    doc_id = doc_id[:200]
    row, _fresh = Unfetched.objects.get_or_create(line_id=line_id, doc_id=doc_id, defaults={"since_at": at})
    row.tries, row.fault = row.tries + 1, fault[:1000]
    row.save(update_fields=["tries", "fault"])
    if row.tries < TRIED or at - row.since_at < TRIED_FOR:
        return None
    made, _fresh = Parcel.objects.get_or_create(
        same=digest_of(("unfetched", str(line_id), doc_id)),
        defaults={"line_id": line_id, "doc_id": doc_id, "kind": kind[:10], "came_at": at},
    )
    since = workdays.local_date(row.since_at).strftime("%d/%m/%Y")
    no = policy.NeverCameWhole(tries=row.tries, since=since, fault=row.fault)
    row.delete()
    return set_aside(parcel_id=made.pk, code=no.code, words=no.message, actor=actor, at=at)


@transaction.atomic
def note_fetched(*, line_id: int, doc_ids: list[str], actor: Actor | None, at: datetime) -> None:
    """Forget that messages had not come whole before: now they have."""
    Unfetched.objects.filter(line_id=line_id, doc_id__in=doc_ids).delete()
    names = [digest_of(("unfetched", str(line_id), doc_id)) for doc_id in doc_ids]
    for parcel in Parcel.objects.filter(same__in=names).exclude(status=ParcelStatus.TAKEN):
        record_taken(parcel_id=parcel.pk, actor=actor, at=at)


@transaction.atomic
def set_aside(*, parcel_id: int, code: str, words: str, actor: Actor | None, at: datetime) -> Parcel:
    """Set a parcel aside with the reason, until an operator tries it again or drops it. One that was taken in is left alone."""
    parcel = queries.lock_parcel(parcel_id)
    if parcel.status == ParcelStatus.TAKEN:
        return parcel
    parcel.status, parcel.fault_code, parcel.fault = ParcelStatus.SET_ASIDE, code[:40], words[:1000]
    parcel.attempts += 1
    parcel.save(update_fields=["status", "fault_code", "fault", "attempts"])
    _record("set_aside", parcel, actor, at, words=parcel.fault)
    return parcel


@transaction.atomic
def record_taken(*, parcel_id: int, actor: Actor | None, at: datetime) -> Parcel:
    """Record that what a parcel brought is where it belongs."""
    parcel = queries.lock_parcel(parcel_id)
    parcel.status, parcel.fault, parcel.fault_code, parcel.settled_at = ParcelStatus.TAKEN, "", "", at
    parcel.save(update_fields=["status", "fault", "fault_code", "settled_at"])
    return parcel


@transaction.atomic
def retry_parcel(*, parcel_id: int, actor: Actor, at: datetime) -> Parcel:
    """Try a parcel again that was set aside. :raises NotAllowed: :raises WrongState: it was not set aside"""
    parcel = queries.lock_parcel(parcel_id)
    refuse(policy.why_not_handle(actor, parcel))
    parcel.status = ParcelStatus.KEPT
    parcel.save(update_fields=["status"])
    if parcel.file:  # else it never came whole: the next round asks for it
        outbox.promise("take_in", key=f"take_in:{parcel.pk}:{parcel.attempts}", parcel_id=parcel.pk)
    _record("retried", parcel, actor, at)
    return parcel


@transaction.atomic
def retry_foretold(*, line_id: int, senders: list[str], code: str, actor: Actor | None, at: datetime) -> int:
    """Try again what a sender said of a document before that document itself had come; how many were tried."""
    rows = Parcel.objects.select_for_update().filter(
        line_id=line_id, sender_code__in=senders, status=ParcelStatus.SET_ASIDE, fault_code=code
    )
    for parcel in rows.order_by("id"):
        parcel.status = ParcelStatus.KEPT
        parcel.save(update_fields=["status"])
        outbox.promise("take_in", key=f"take_in:{parcel.pk}:{parcel.attempts}", parcel_id=parcel.pk)
        _record("retried", parcel, actor, at)
    return len(rows)


@transaction.atomic
def drop_parcel(*, parcel_id: int, reason: str, actor: Actor, at: datetime) -> Parcel:
    """Leave a parcel that was set aside alone for good, with the reason; its bytes stay. :raises NotAllowed: :raises WrongState:"""
    parcel = queries.lock_parcel(parcel_id)
    refuse(policy.why_not_handle(actor, parcel))
    parcel.status, parcel.settled_at = ParcelStatus.DROPPED, at
    parcel.save(update_fields=["status", "settled_at"])
    _record("dropped", parcel, actor, at, reason=clean_line(reason)[:500])
    return parcel


def _record(what: str, parcel: Parcel, actor: Actor | None, at: datetime, **facts: Any) -> None:
    journal.record(
        f"parcel.{what}",
        subject=("parcel", parcel.pk),
        actor=actor,
        at=at,
        line=parcel.line_id,
        doc_id=parcel.doc_id,
        sender=parcel.sender_code,
        document_id=parcel.document_id,
        file=parcel.file,
        **facts,
    )
