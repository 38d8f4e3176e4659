"""What is done with the files of a paper whose circulation is limited: each reader, download and print is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from antin.documents import queries
from antin.documents.models import FileUse
from antin.documents.states import Circulation, Use
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.workdays.queries import local_date


@transaction.atomic
def note_use(*, document_id: int, file: str, use: str, actor: Actor, at: datetime) -> FileUse | None:
    """Keep that the actor reads, downloads or prints a file of a paper of limited circulation; of any other paper None.

    Reading is kept once a person and day, downloads and prints are counted each by each. Who may see the file is for the caller
    to have asked. Source: Decree 30/2020, Appendix VI (marks on what is printed, log of access).

    :raises NotFound: no such document
    """
    if queries.get_circulation(document_id) == Circulation.FREE:
        return None
    kept = FileUse(
        document_id=document_id,
        person_id=actor.person_id,
        post_id=actor.post_id,
        name=actor.person_name,
        unit_name=actor.unit_name,
        use=Use(use),
        file=file,
        day=local_date(at),
        at=at,
    )
    if kept.use == Use.SEEN:
        FileUse.objects.bulk_create([kept], ignore_conflicts=True)
        return kept
    document = queries.lock(document_id)
    kept.number = FileUse.objects.filter(document_id=document_id, use=kept.use).count() + 1
    kept.save(force_insert=True)
    journal.record(
        f"file.{kept.use}",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        agency_id=document.agency_id,
        file=file,
        number=kept.number,
    )
    return kept
