"""The end of a document's force: recalled, replaced, corrected. Nothing is deleted; what it said can still be proven."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from antin.documents import queries
from antin.documents.models import Document
from antin.documents.states import CANCELLED, Act, Standing
from antin.journal import operations as journal
from antin.people.actor import Actor


@transaction.atomic
def stand(*, document_id: int, standing: Standing, by: str, reason: str, actor: Actor | None, at: datetime) -> Document:
    """Mark a document as recalled, replaced or corrected; cancelled, nothing waits for anybody any more. The caller has judged.

    One that is cancelled stays so: a correction that comes late changes nothing.
    """
    document = queries.lock(document_id)
    if document.standing in CANCELLED:
        return document
    document.standing, document.standing_by, document.standing_words = standing, by[:80], reason[:1000]
    document.standing_at = document.changed_at = at
    if standing in CANCELLED:
        document.next_act, document.next_holder, document.next_due_at = Act.NONE, "", None
    document.save()
    journal.record(
        f"document.{standing.value}",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        agency_id=document.agency_id,
        by=by,
        words=reason,
    )
    return document
