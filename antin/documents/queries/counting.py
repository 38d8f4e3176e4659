"""What the index and the figures read of documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Exists, OuterRef, Subquery

from antin.correspondents.states import Channel
from antin.documents.models import (
    Arrival,
    Attachment,
    Document,
    Filing,
    Making,
    Posting,
    Recipient,
    Remark,
    Visibility,
)
from antin.documents.states import CopyForm, Status
from antin.workdays.queries import HERE


def list_ids(*, after: int, limit: int) -> list[int]:
    """Return the ids of the documents that follow one, whoever may see them: for the index."""
    return list(Document.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:limit])


@dataclass(frozen=True)
class ToIndex:
    """Everything a document is found by, and by whom."""

    document: Document
    making: Making | None
    arrival: Arrival | None
    filing: Filing | None
    holders: list[str]
    recipients: list[str]
    attachments: list[Attachment]
    remarks: list[Remark]


def list_to_index(ids: Sequence[int]) -> list[ToIndex]:
    """Return what the index says of these documents, in six queries however many they are."""
    beside = ("making__unit", "arrival", "filing__field", "filing__retention")
    found = list(Document.objects.defer("search").select_related(*beside).filter(pk__in=ids))
    holders: dict[int, list[str]] = defaultdict(list)
    for document_id, holder in Visibility.objects.filter(document_id__in=ids).values_list("document_id", "holder"):
        holders[document_id].append(holder)
    names: dict[int, list[str]] = defaultdict(list)
    for document_id, name in Recipient.objects.filter(document_id__in=ids).values_list("document_id", "name"):
        names[document_id].append(name)
    attachments: dict[int, list[Attachment]] = defaultdict(list)
    for attachment in Attachment.objects.filter(document_id__in=ids).order_by("position"):
        attachments[attachment.document_id].append(attachment)
    remarks: dict[int, list[Remark]] = defaultdict(list)
    for remark in Remark.objects.filter(document_id__in=ids):
        remarks[remark.document_id].append(remark)
    return [
        ToIndex(
            document,
            document.making if hasattr(document, "making") else None,
            document.arrival if hasattr(document, "arrival") else None,
            document.filing if hasattr(document, "filing") else None,
            holders[document.pk],
            names[document.pk],
            attachments[document.pk],
            remarks[document.pk],
        )
        for document in found
    ]


@dataclass(frozen=True)
class Counted:
    """What of a document figures are made of."""

    id: int
    direction: str
    agency_id: int
    unit_id: int
    issued_at: datetime | None
    signed_at: datetime | None
    sent: bool
    posted: bool  # a paper of it went by post, too
    carried: bool  # to some recipient in a bundle that somebody carries
    on_paper_only: bool  # a copy that was signed by hand
    arrived_at: datetime | None
    on_paper: bool
    verdict: str
    registered_at: datetime | None
    reply_by: date | None
    answered_at: datetime | None


def list_counted(ids: list[int]) -> list[Counted]:
    """Return what figures are made of, for some documents: one query."""
    answered = Making.objects.filter(document__in_reply_to=OuterRef("pk"), issued_at__isnull=False)
    rows = (
        Document.objects.filter(pk__in=ids)
        .exclude(status=Status.PAST)  # what an old book says was done is no figure of this node
        .annotate(
            answered_at=Subquery(answered.order_by("issued_at").values("issued_at")[:1]),
            sent=Exists(Recipient.objects.filter(document=OuterRef("pk"))),
            posted=Exists(Posting.objects.filter(document=OuterRef("pk"))),
            carried=Exists(Recipient.objects.filter(document=OuterRef("pk"), correspondent__channel=Channel.FILE)),
        )
        .values_list(
            "id",
            "direction",
            "agency_id",
            "making__unit_id",
            "making__issued_at",
            "making__signed_at",
            "sent",
            "posted",
            "carried",
            "copying__form",
            "arrival__arrived_at",
            "arrival__source",
            "arrival__verdict",
            "arrival__registered_at",
            "reply_by",
            "answered_at",
        )
    )
    return [
        Counted(
            id=pk, direction=way, agency_id=agency, unit_id=unit or agency, issued_at=issued, signed_at=signed, sent=sent,
            posted=posted, carried=carried, on_paper_only=form == CopyForm.PAPER, arrived_at=arrived,
            on_paper=source == Arrival.Source.PAPER, verdict=verdict or "", registered_at=registered, reply_by=reply_by,
            answered_at=answered_at,
        )
        for (pk, way, agency, unit, issued, signed, sent, posted, carried, form, arrived, source, verdict, registered,
             reply_by, answered_at) in rows
    ]  # fmt: skip


def list_that_waited_over(day: date) -> list[int]:
    """Return the arrivals that came before a day and were registered on it or after it: whether it is worked counts for them."""
    begins = datetime.combine(day, time.min, HERE)
    return list(Arrival.objects.filter(arrived_at__lt=begins, registered_at__gte=begins).values_list("pk", flat=True))


def find_first_exchange(agency_id: int) -> datetime | None:
    """Return when an agency first registered a document that came over the wire."""
    rows = Arrival.objects.filter(
        document__agency_id=agency_id, source=Arrival.Source.EXCHANGE, registered_at__isnull=False
    )
    return rows.order_by("registered_at").values_list("registered_at", flat=True).first()


def find_first_sealed(agency_id: int) -> datetime | None:
    """Return when an agency first issued a document that its competent person and it itself had signed."""
    rows = Making.objects.filter(document__agency_id=agency_id, issued_at__isnull=False).exclude(sealed_file="")
    return rows.order_by("issued_at").values_list("issued_at", flat=True).first()
