"""A world that can write secrets: two agencies whose people are cleared and hold encryption keys, and a letter on its way in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from antin.documents import queries
from antin.documents.models import Document
from antin.documents.operations import Addressees, DraftFacts
from antin.documents.states import Direction
from antin.journeys import (
    approve_document,
    direct_document,
    draft_document,
    issue_document,
    receive_document,
    sealing,
    sign_document,
)
from antin.journeys.draft_document import Save
from antin.journeys.taking import Taken
from antin.keys import operations as keys
from antin.keys.models import Certificate
from antin.people import operations as people
from antin.tasks.operations import Share
from antin.vault import operations as vault
from antin.workdays.queries import local_date
from tests import given, paper
from tests.cast import TODAY, Cast, Member
from tests.paper import PIN
from tests.vaults import DECISION, ENDS

SENDERS = ("head", "deputy", "office_head", "clerk", "seal_keeper", "plan_head", "plan_officer")
RECIPIENTS = (
    "recipient_head",
    "recipient_deputy",
    "recipient_clerk",
    "recipient_works_head",
    "recipient_works_officer",
)


def give_keys(cast: Cast, at: datetime, *, recipients: tuple[str, ...] = RECIPIENTS) -> None:
    """Clear the people of both agencies for Tối mật, give each his two keys, and both agencies their recovery officers."""
    paper.give_keys(cast, at)
    for name in (*SENDERS, *recipients):
        equip(getattr(cast, name), at)
    establish(cast.head, (cast.deputy, cast.office_head, cast.plan_head), at)
    if recipients:
        establish(cast.recipient_head, (cast.recipient_deputy, cast.recipient_clerk, cast.recipient_works_head), at)


def equip(member: Member, at: datetime, level: str = "toi_mat") -> None:
    people.grant_clearance(person_id=member.person_id, level=level, until=ENDS, basis=DECISION, actor=None, at=at)
    if not Certificate.objects.filter(person_id=member.person_id).exists():
        keys.issue_person_certificate(person_id=member.person_id, post_id=member.post_id, pin=PIN, actor=None, at=at)
    keys.issue_encryption_certificate(pin=PIN, actor=member.actor(), at=at)


def establish(head: Member, officers: tuple[Member, ...], at: datetime) -> None:
    vault.establish_recovery(
        officers=[each.person_id for each in officers], decision=DECISION, actor=head.actor(), at=at
    )


def body(words: str) -> dict[str, Any]:
    return {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": words}]}]}


def save(cast: Cast, *, revision: int = 1, **changes: Any) -> Save:
    """What the form of a letter at Mật sends."""
    facts = given.facts(cast, **({"secrecy": 1} | changes.pop("facts", {})))
    plain: dict[str, Any] = {
        "facts": facts,
        "body": given.BODY,
        "uploaded_file": "",
        "addressees": Addressees(addressed=(cast.recipient_id,)),
        "revision": revision,
        "window": "w" * 32,
    }
    return Save(**(plain | changes))


def a_draft(cast: Cast, at: datetime, **changes: Any) -> Document:
    making = draft_document.begin(save=save(cast, **changes), actor=cast.plan_officer.actor(), today=TODAY, at=at)
    return queries.get(making.document_id)


def a_submitted_draft(cast: Cast, at: datetime, **changes: Any) -> Document:
    document = a_draft(cast, at, **changes)
    return approve_document.submit(
        document_id=document.pk, pin=PIN, actor=cast.plan_officer.actor(), today=TODAY, at=at
    )


def an_endorsed_document(cast: Cast, at: datetime, *, words: str = "", **changes: Any) -> Document:
    document = a_submitted_draft(cast, at, **changes)
    return approve_document.endorse(
        document_id=document.pk, words=words, pin=PIN, actor=cast.plan_head.actor(), today=TODAY, at=at
    )


def a_signed_document(cast: Cast, at: datetime, **changes: Any) -> Document:
    document = an_endorsed_document(cast, at, **changes)
    return sign_document.sign_document(
        document_id=document.pk, seen_file=document.file, pin=PIN, actor=cast.head.actor(), today=TODAY, at=at
    )


def an_issued_document(cast: Cast, at: datetime, **changes: Any) -> Document:
    document = a_signed_document(cast, at, **changes)
    issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    return issue_document.seal_document(document_id=document.pk, pin=PIN, actor=cast.seal_keeper.actor(), at=at)


def arrival_of(cast: Cast) -> Document:
    return Document.objects.get(agency_id=cast.recipient_id, direction=Direction.IN, classified__isnull=False)


def a_directed_arrival(cast: Cast, at: datetime, *, words: str = "") -> Document:
    """The letter that arrived, registered and directed by the recipient's leader to a unit, that is, to its head."""
    arrived = arrival_of(cast)
    clerk, head = cast.recipient_clerk.actor(), cast.recipient_head.actor()
    receive_document.register(document_id=arrived.pk, pin=PIN, actor=clerk, today=local_date(at), at=at)
    shares = [Share(role="lead", unit_id=cast.recipient_works_id)]
    direct_document.direct(document_id=arrived.pk, words=words, shares=shares, pin=PIN, actor=head, at=at)
    return queries.get(arrived.pk)


def opened(document: Document, member: Member, at: datetime) -> sealing.Paper:
    return sealing.open_document(document_id=document.pk, pin=PIN, actor=member.actor(), at=at)


def held(name: str, content: bytes, media_type: str = "text/plain") -> Taken:
    return Taken(name, "", len(content), media_type, 0, content)


__all__ = ["PIN", "DraftFacts"]
