"""Giving sight of a document: the rows that every list, search and file access obeys."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from antin.documents.models import Document, Visibility
from antin.documents.states import Direction, Status
from antin.people.actor import Actor


def box_of(document: Document) -> str:
    """Return the box a document lies in: "draft", "out" or "in"."""
    if document.direction == Direction.IN:
        return "in"
    return "out" if document.status in (Status.ISSUED, Status.PAST) else "draft"


@transaction.atomic
def show(*, document: Document, holders: dict[str, str], actor: Actor | None, at: datetime) -> None:
    """Let these holders see the document; `holders` maps a token to the reason. Who sees it already keeps the first reason.

    The act that gives the right records it in the journal; this is one of its beats, so it writes no record of its own.
    """
    box = box_of(document)
    Visibility.objects.bulk_create(
        [
            Visibility(document=document, holder=holder, box=box, reason=reason, since=at, order_at=document.order_at)
            for holder, reason in holders.items()
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def move_box(*, document: Document, actor: Actor | None, at: datetime) -> None:
    """Follow the document into its new box: a draft that was issued lies among the outgoing ones, in the order of issue."""
    Visibility.objects.filter(document=document).update(box=box_of(document), order_at=document.order_at)
