"""Beat 5: deliver. On one node the wire is skipped, not the story: each recipient agency gets an arrival, judged and waiting."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.operations import NewArrival
from antin.exchange import operations as exchange
from antin.exchange import queries as deliveries
from antin.journeys import telling
from antin.notices import operations as notices
from antin.people import queries as people
from antin.signing import operations as signing
from antin.vault import queries as vault
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.exchange.models import Delivery


def deliver(*, dispatch_id: int, first: int, last: int, at: datetime) -> int:
    """Bring a range of deliveries of one dispatch to their recipients, each once; returns how many arrived now.

    One transaction for the range: arrivals, receipts and notices stay together or not at all. A recipient closed on the way
    fails alone, with its successor named.
    """
    waiting = deliveries.list_queued(dispatch_id=dispatch_id, first=first, last=last)
    if not waiting:
        return 0
    document = queries.get_issued(deliveries.document_of_dispatch(dispatch_id))
    # What is classified the recipient's clerk judges when he opens it.
    report = signing.verify(file=document.file, at=at) if document.classified_id is None else None
    today = workdays.local_date(at)
    open_agencies = people.find_open_agencies([delivery.home_id for delivery in waiting], today)
    closed = [delivery for delivery in waiting if delivery.home_id not in open_agencies]
    for delivery in closed:
        successor = people.find_successor(delivery.home_id, today)
        words = (
            _("Đơn vị đã đóng; đơn vị kế tiếp: %(name)s.") % {"name": successor.name}
            if successor
            else _("Đơn vị đã đóng, không có đơn vị kế tiếp.")
        )
        _fail(delivery, document, words, at)
    open_ones = [delivery for delivery in waiting if delivery not in closed]
    if not open_ones:
        return 0
    paper = paper_of(document)
    if report is not None:
        paper = replace(paper, verdict=report.verdict, replaces_paper=report.replaces_paper)
    holdings = _holdings(document, [delivery.home_id for delivery in open_ones])
    with transaction.atomic(durable=True):
        arrived = documents.arrive_many(
            arrivals=[
                replace(
                    paper,
                    delivery_key=f"delivery:{delivery.pk}",
                    agency_id=delivery.home_id,
                    classified_id=holdings.get(delivery.home_id),
                )
                for delivery in open_ones
            ],
            actor=None,
            at=at,
        )
        count = exchange.record_arrivals(
            dispatch_id=dispatch_id,
            arrivals={delivery.pk: arrived[f"delivery:{delivery.pk}"] for delivery in open_ones},
            actor=None,
            at=at,
        )
        notices.tell_many(
            [
                telling.news(
                    "document.arrived",
                    [f"R{delivery.home_id}"],
                    arrived[f"delivery:{delivery.pk}"],
                    code=document.code,
                    subject=document.subject,
                    by=document.issuer_name,
                )
                for delivery in open_ones
            ],
            actor=None,
            at=at,
        )
    return count


def _fail(delivery: Delivery, document: Document, words: str, at: datetime) -> None:
    with transaction.atomic(durable=True):
        exchange.fail(delivery_id=delivery.pk, code="agency_closed", words=words, actor=None, at=at)
        telling.tell(
            "delivery.failed",
            [f"R{document.agency_id}"],
            document.pk,
            actor=None,
            at=at,
            code=document.code,
            to=delivery.recipient_name,
            words=words,
        )


def _holdings(document: Document, agencies: list[int]) -> dict[int, int]:
    """What each agency was handed of a classified document when it was issued."""
    if document.classified_id is None:
        return {}
    found = {agency_id: vault.find_holding(document.classified_id, agency_id) for agency_id in agencies}
    return {agency_id: held.pk for agency_id, held in found.items() if held is not None}


def paper_of(document: Document) -> NewArrival:
    """Return what every recipient gets of a document: the paper's own words and its files; each judges the signatures itself."""
    return NewArrival(
        delivery_key="",
        agency_id=document.agency_id,
        type_code=document.type_code,
        subject=document.subject,
        urgency=document.urgency,
        issuer_name=document.issuer_name,
        issuer_code=document.issuer_code,
        number=document.number,
        notation=document.notation,
        code=document.code,
        document_date=document.document_date,
        identifier=document.identifier,
        reply_by=document.reply_by,
        file=document.file,
        pages=document.pages,
        signer_name=document.making.signer_name,
        answers=queries.identifier_answered(document),
        attachments=tuple(
            (row.name, row.sealed_file or row.file, row.size, row.media_type)
            for row in document.attachments.order_by("position")
        ),
        secrecy=document.secrecy,
        circulation=document.circulation,
    )
