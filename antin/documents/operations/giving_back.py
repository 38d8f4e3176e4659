"""What a document loses when it goes back to its drafter, or is let be."""

from __future__ import annotations

from datetime import datetime

from antin.documents import queries
from antin.documents.models import Document
from antin.numbering import operations as numbering
from antin.people.actor import Actor


def give_number_back(document: Document, reason: str, *, actor: Actor, at: datetime) -> None:
    """Take its number from a document that goes back or is let be, in the caller's transaction and save; void, with the reason."""
    if document.number is not None and document.document_date is not None:
        numbering.void(
            series=queries.series_of(document, document.document_date.year),
            subject=("document", document.pk),
            reason=reason[:500],
            actor=actor,
            at=at,
        )
    document.number, document.code, document.document_date, document.identifier = None, "", None, ""
