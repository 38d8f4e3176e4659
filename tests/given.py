"""Worlds built through the operations, for tests that begin in the middle of the story.

Rooms' tests use made-up digests for files: no paper is needed to test who may do what. Journeys' tests go through the real page,
the real key and the real seal.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from antin.codelists import operations as lists
from antin.codelists.operations import Line
from antin.codelists.queries import list_choices
from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.operations import DraftFacts, NewArrival
from antin.exchange import operations as exchange
from antin.workdays.queries import local_date
from tests.cast import TODAY, Agency, Cast

BODY: dict[str, Any] = {
    "type": "doc",
    "content": [
        {
            "type": "paragraph",
            "content": [{"type": "text", "text": "Để chuẩn bị hội nghị, đề nghị các đơn vị báo cáo kết quả."}],
        }
    ],
}
PAGE = "a" * 64
SIGNED = "b" * 64
SEALED = "c" * 64
SUBJECT = "Báo cáo kết quả ký số quý IV"


def facts(cast: Cast, **changes: Any) -> DraftFacts:
    """The facts of an ordinary letter that the head signs."""
    return DraftFacts(**({"type_code": "CV", "subject": SUBJECT, "signer_post_id": cast.head.post_id} | changes))


def a_draft(
    cast: Cast, at: datetime, *, recipients: list[documents.Addressee] | None = None, **changes: Any
) -> Document:
    """A letter with text and recipients (the centre B1), in the hands of the officer of the planning division."""
    actor = cast.plan_officer.actor()
    document = documents.create_draft(facts=facts(cast, **changes), actor=actor, today=TODAY, at=at)
    documents.set_recipients(
        document_id=document.pk, addressed=recipients or [cast.recipient_id], copied=[], actor=actor, today=TODAY, at=at
    )
    making = queries.making_of(document)
    documents.revise(
        document_id=document.pk,
        facts=facts(cast, **changes),
        body=BODY,
        uploaded_file="",
        revision=making.revision,
        actor=actor,
        today=TODAY,
        at=at,
    )
    return queries.get(document.pk)


def a_submitted_draft(cast: Cast, at: datetime, **changes: Any) -> Document:
    """The same, waiting for the head of the planning division."""
    document = a_draft(cast, at, **changes)
    documents.submit(document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    return queries.get(document.pk)


def an_endorsed_document(cast: Cast, at: datetime, **changes: Any) -> Document:
    """The same, its page fixed, waiting for the head's signature."""
    document = a_submitted_draft(cast, at, **changes)
    documents.endorse(document_id=document.pk, words="", actor=cast.plan_head.actor(), today=TODAY, at=at)
    revision = queries.making_of(document).revision
    documents.keep_laid_out(document_id=document.pk, revision=revision, file=PAGE, pages=1, actor=None, at=at)
    return queries.get(document.pk)


def a_signed_document(cast: Cast, at: datetime, **changes: Any) -> Document:
    """The same, signed by the head, waiting for its number."""
    document = an_endorsed_document(cast, at, **changes)
    documents.keep_signed(
        document_id=document.pk, laid_out_file=PAGE, signed_file=SIGNED, actor=cast.head.actor(), at=at
    )
    return queries.get(document.pk)


def a_numbered_document(cast: Cast, at: datetime, *, today: date = TODAY, **changes: Any) -> Document:
    """The same with number and date, waiting for the seal."""
    document = a_signed_document(cast, at, **changes)
    documents.number(document_id=document.pk, actor=cast.clerk.actor(), today=today, at=at)
    return queries.get(document.pk)


def an_issued_document(cast: Cast, at: datetime, **changes: Any) -> Document:
    """The same, sealed, issued and dispatched; its deliveries wait."""
    document = a_numbered_document(cast, at, **changes)
    documents.keep_sealed(document_id=document.pk, file=SEALED, attachments={}, actor=cast.seal_keeper.actor(), at=at)
    documents.issue(document_id=document.pk, actor=cast.seal_keeper.actor(), at=at)
    exchange.dispatch(document_id=document.pk, actor=cast.seal_keeper.actor(), at=at)
    return queries.get(document.pk)


def new_arrival(agency_id: int, *, key: str = "delivery:1", **changes: Any) -> NewArrival:
    """What comes to an agency from the general department."""
    plain = {
        "delivery_key": key,
        "agency_id": agency_id,
        "type_code": "CV",
        "subject": SUBJECT,
        "urgency": 0,
        "issuer_name": "Tổng cục Z",
        "issuer_code": "G11.90",
        "number": 15,
        "notation": "TCZ-KH",
        "code": "15/TCZ-KH",
        "document_date": TODAY,
        "identifier": "G11.90,2026/11/23,15/TCZ-KH",
        "reply_by": None,
        "file": SEALED,
        "pages": 1,
        "verdict": "valid",
        "replaces_paper": True,
    }
    return NewArrival(**(plain | changes))


def an_arrival(cast: Cast, at: datetime, **changes: Any) -> Document:
    """An arrival at the centre B1, waiting for its clerk."""
    new = new_arrival(cast.recipient_id, **changes)
    return queries.get(documents.arrive_many(arrivals=[new], actor=None, at=at)[new.delivery_key])


def a_registered_document(cast: Cast, at: datetime, **changes: Any) -> Document:
    """The same in the book, waiting for the centre's head."""
    document = an_arrival(cast, at, **changes)
    documents.register(document_id=document.pk, actor=cast.recipient_clerk.actor(), today=local_date(at), at=at)
    return queries.get(document.pk)


def lists_to_file_by(cast: Cast, at: datetime) -> None:
    """A list of fields and one of retention periods, kept by the agency that sends, for every agency below it too."""
    for listing, lines in (
        ("field", [Line("KT", "Kỹ thuật"), Line("TH", "Tổng hợp")]),
        ("retention", [Line("I", "Công văn trao đổi", years=10), Line("II", "Văn bản chỉ đạo", permanent=True)]),
    ):
        lists.import_list(
            agency_id=cast.agency_id,
            listing=listing,
            lines=lines,
            whole=False,
            basis="12/QĐ-TCZ",
            from_date=TODAY,
            keep=True,
            actor=cast.administrator.actor(),
            at=at,
        )


def filed(cast: Cast, at: datetime, document_id: int, *, field: str = "", retention: str = "") -> None:
    """An arrival filed by its clerk under entries of these lists."""
    entries = {
        entry.code: entry.pk
        for listing in ("field", "retention")
        for entry in list_choices(cast.recipient_id, listing, TODAY)
    }
    documents.file_document(
        document_id=document_id,
        field_id=entries.get(field),
        retention_id=entries.get(retention),
        actor=cast.recipient_clerk.actor(),
        today=TODAY,
        at=at,
    )


def recipients_of(agencies: list[Agency]) -> list[documents.Addressee]:
    """The unit ids of some agencies."""
    return [agency.agency_id for agency in agencies]
