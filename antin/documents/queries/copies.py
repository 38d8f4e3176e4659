"""Certified copies, and who read and printed a file."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from antin.documents import policy
from antin.documents.models import (
    Copy,
    Document,
    FileUse,
    Recipient,
)
from antin.documents.queries.whole import get_for
from antin.documents.states import Act, CopyForm, Direction, Status, Use
from antin.documents.types import COPIES
from antin.people.actor import Actor
from antin.refusal import NotFound


def get_circulation(document_id: int) -> str:
    """Return how far a document may go round, empty when freely. :raises NotFound: there is none"""
    found = Document.objects.filter(pk=document_id).values_list("circulation", flat=True).first()
    if found is None:
        raise NotFound()
    return found


def list_uses(actor: Actor, document: Document, *, limit: int = 500) -> list[FileUse]:
    """Return who read, downloaded and printed a paper of limited circulation, the newest first: everybody for those who answer
    for it, oneself for any other who sees it. :raises NotFound: the actor does not see it"""
    get_for(actor, document.pk)
    uses = FileUse.objects.filter(document=document).order_by("-id")
    if policy.why_not_follow_uses(actor, document) is not None:
        uses = uses.filter(person_id=actor.person_id)
    return list(uses[:limit])


def find_print(actor: Actor, document_id: int, use_id: int) -> FileUse | None:
    """Return the print that the actor himself has begun."""
    return FileUse.objects.filter(
        pk=use_id, document_id=document_id, person_id=actor.person_id, use=Use.PRINTED
    ).first()


def find_copying(document: Document) -> Copy | None:
    """Return how an outgoing document is a copy of a paper, if it is one."""
    if document.type_code not in COPIES or document.direction != Direction.OUT:
        return None
    return Copy.objects.select_related("source", "source__arrival").filter(document=document).first()


def find_source(actor: Actor, document: Document) -> Document | None:
    """Return the paper that this one is a copy of, if the actor may see it."""
    copying = find_copying(document)
    if copying is None:
        return None
    return Document.objects.filter(policy.visible_to(actor), pk=copying.source_id).first()


def is_for_hands(document: Document) -> bool:
    """Whether the document is a copy on paper, which is signed and stamped by hand."""
    copying = find_copying(document)
    return copying is not None and copying.form == CopyForm.PAPER


def list_copies_made(actor: Actor, source_id: int, limit: int = 50) -> list[Document]:
    """Return the copies of a paper that were permitted or asked for, the latest first, as far as the actor may see them."""
    return list(
        Document.objects.select_related("copying")
        .filter(policy.visible_to(actor), copying__source_id=source_id)
        .exclude(status=Status.ABANDONED)
        .order_by("-pk")[:limit]
    )


def list_letters_on(actor: Actor, document_id: int, limit: int = 50) -> list[Document]:
    """Return what was drafted on an arrival, answers and letters that pass it on, the latest first, as far as the actor may see."""
    return list(
        Document.objects.select_related("making")
        .filter(policy.visible_to(actor), in_reply_to_id=document_id, direction=Direction.OUT, making__isnull=False)
        .exclude(status=Status.ABANDONED)
        .order_by("-pk")[:limit]
    )


def list_answering(letters: Sequence[Document], issuer_code: str) -> set[int]:
    """Return which of these letters go to the agency of a code."""
    if not letters or not issuer_code:
        return set()
    to_it = Q(agency__code__value=issuer_code) | Q(correspondent__code=issuer_code)
    rows = Recipient.objects.filter(to_it, document__in=[each.pk for each in letters])
    return set(rows.values_list("document_id", flat=True))


def find_copy_to_print(document_id: int) -> Copy | None:
    """Return a numbered copy on paper whose page is still without the number; None when there is nothing to do."""
    return (
        Copy.objects.select_related("document", "document__making", "source", "source__arrival")
        .filter(document_id=document_id, document__next_act=Act.PRINT, page_file="")
        .first()
    )
