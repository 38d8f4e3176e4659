"""Documents of the past: taken from an old book into the registry, read-only; nothing is claimed of their signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_noop as _

from antin.documents import queries
from antin.documents.models import Arrival, Attachment, CopyUse, Document, Making, Posting, Visibility
from antin.documents.operations.sharing import box_of
from antin.documents.states import Direction, Status
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.workdays.queries import HERE


class BuiltUpon(Refusal):
    code = "past_built_upon"
    words = _(
        "Đã có việc khác dựa trên văn bản %(codes)s (trả lời, giao việc, chuyển tiếp…): không bỏ lần nhập này được nữa."
    )


@dataclass(frozen=True)
class PastFacts:
    """What a line of an old book says of one document. `number` of an outgoing one, `arrival_number` of an incoming one: None
    where it was put between two others. `shown_to` are tokens of those it was handed to then, where they still are."""

    direction: Direction
    key: str
    type_code: str
    subject: str
    code: str
    notation: str
    document_date: date | None
    book_date: date
    issuer_name: str
    parties: str
    number: int | None = None
    arrival_number: int | None = None
    arrival_year: int | None = None
    signer_name: str = ""
    unit_id: int | None = None
    copies: int = 1
    urgency: int = 0
    secrecy: int = 0  # of a secret paper only its line is kept: no file, the mask for its subject
    file: str = ""
    pages: int = 0
    attachments: tuple[tuple[str, str, int, str], ...] = ()  # name, digest, size, media type
    shown_to: tuple[str, ...] = field(default=())


@transaction.atomic
def take_past(
    *, agency_id: int, taken: Sequence[PastFacts], post_id: int, actor: Actor | None, at: datetime
) -> list[Document]:
    """Keep documents of an old book as they are told there, in a fixed number of statements. They are complete and never change.

    The caller took their numbers. Of an outgoing one `post_id` is the post that entered it; nobody here drafted or signed it.
    """
    documents = Document.objects.bulk_create(
        Document(
            agency_id=agency_id,
            direction=each.direction,
            status=Status.PAST,
            type_code=each.type_code,
            subject=each.subject[:500],
            urgency=each.urgency,
            secrecy=each.secrecy,
            issuer_name=each.issuer_name[:300],
            number=each.number,
            notation=each.notation[:60],
            code=each.code[:80],
            document_date=each.document_date,
            arrival_number=each.arrival_number,
            arrival_year=each.arrival_year if each.arrival_number is not None else None,
            file=each.file,
            pages=min(each.pages, 32_000),
            parties=each.parties[:300],
            attachment_count=len(each.attachments),
            made_at=at,
            changed_at=at,
            order_at=datetime.combine(each.book_date, time(12), HERE),
            search=queries.search_vector(each.code, each.subject, each.issuer_name, each.parties, each.signer_name),
        )
        for each in taken
    )
    pairs = list(zip(taken, documents, strict=True))
    Making.objects.bulk_create(
        Making(
            document=document,
            unit_id=each.unit_id or agency_id,
            drafter_post_id=post_id,
            drafter_name="",
            signer_name=each.signer_name[:160],
            copies=each.copies,
        )
        for each, document in pairs
        if each.direction == Direction.OUT
    )
    Arrival.objects.bulk_create(
        Arrival(
            document=document,
            source=Arrival.Source.PAST,
            delivery_key=each.key,
            arrived_at=document.order_at,
            arrival_date=each.book_date,
            signer_name=each.signer_name[:160],
        )
        for each, document in pairs
        if each.direction == Direction.IN
    )
    Attachment.objects.bulk_create(
        Attachment(document=document, position=position, name=name[:200], file=file, size=size, media_type=media_type)
        for each, document in pairs
        for position, (name, file, size, media_type) in enumerate(each.attachments, 1)
    )
    Visibility.objects.bulk_create(
        Visibility(
            document=document, holder=holder, box=box_of(document), reason="past", since=at, order_at=document.order_at
        )
        for each, document in pairs
        for holder in dict.fromkeys((f"R{agency_id}", *each.shown_to))
    )
    journal.record_many(
        [
            journal.Entry(
                event="document.taken_from_book",
                subject=("document", document.pk),
                actor=actor,
                at=at,
                agency_id=agency_id,
                facts={"code": each.code, "key": each.key, "file": each.file},
            )
            for each, document in pairs
        ]
    )
    return documents


# ---- lines of books that number nothing -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PastPosting:
    """A line of an old postal book; `document_id` where its paper is in a register here, `code` as the book names it."""

    row: int
    document_id: int | None
    code: str
    recipient_name: str
    envelopes: int
    posted_on: date
    postmark: str = ""
    note: str = ""


@dataclass(frozen=True)
class PastUse:
    """A line of an old book of kept copies; without `returned_on` the copy is still out, and can be noted as back."""

    row: int
    document_id: int | None
    code: str
    dated: date | None
    title: str
    lent_on: date
    user_name: str
    permitted_by: str
    file_code: str = ""
    returned_on: date | None = None
    note: str = ""


@transaction.atomic
def take_past_postings(
    *,
    agency_id: int,
    import_id: int,
    taken: Sequence[PastPosting],
    made_by: str,
    actor: Actor | None,
    at: datetime,
) -> int:
    """Write lines of an old postal book into ours; how many. The caller takes each once, and records it."""
    rows = [
        Posting(
            document_id=each.document_id,
            agency_id=agency_id,
            code=each.code[:80],
            recipient_name=each.recipient_name[:300],
            envelopes=each.envelopes,
            posted_on=each.posted_on,
            postmark=each.postmark[:200],
            note=each.note[:500],
            made_by=made_by,
            made_at=at,
            past_import=import_id,
            past_row=each.row,
        )
        for each in taken
    ]
    return len(Posting.objects.bulk_create(rows))


@transaction.atomic
def take_past_uses(
    *, agency_id: int, import_id: int, taken: Sequence[PastUse], made_by: str, actor: Actor | None, at: datetime
) -> int:
    """Write lines of an old book of kept copies into ours; how many. The caller takes each once, and records it."""
    rows = [
        CopyUse(
            document_id=each.document_id,
            agency_id=agency_id,
            code=each.code[:80],
            dated=each.dated,
            title="" if each.document_id else each.title[:500],
            lent_on=each.lent_on,
            user_name=each.user_name[:200],
            permitted_by=each.permitted_by[:200],
            file_code=each.file_code[:60],
            returned_on=each.returned_on,
            note=each.note[:500],
            made_by=made_by,
            made_at=at,
            past_import=import_id,
            past_row=each.row,
        )
        for each in taken
    ]
    return len(CopyUse.objects.bulk_create(rows))


@transaction.atomic
def give_up_past_entries(
    *, agency_id: int, import_id: int, open_rows: Sequence[int], actor: Actor, at: datetime
) -> int:
    """Take the lines of an old book that numbers nothing out of ours again; how many went. The caller records it.

    :raises BuiltUpon: of one that was open then (`open_rows`) it was noted since that the copy is back
    """
    kept = CopyUse.objects.select_for_update().filter(agency_id=agency_id, past_import=import_id)
    since = [each.code for each in kept if each.past_row in set(open_rows) and each.returned_on is not None]
    if since:
        raise BuiltUpon(codes=", ".join(since[:NAMED]))
    gone = kept.delete()[0]
    return gone + Posting.objects.filter(agency_id=agency_id, past_import=import_id).delete()[0]


NAMED = 5


@transaction.atomic
def give_up_past(*, document_ids: Sequence[int], actor: Actor, at: datetime) -> int:
    """Take documents of the past out again, as long as nothing was built upon any of them; how many went. The caller records it.

    :raises BuiltUpon: one is answered, directed, copied, linked or shown to others meanwhile
    """
    rows = list(Document.objects.select_for_update().defer("search").filter(pk__in=document_ids).order_by("pk"))
    held = queries.list_past_in_use([row.pk for row in rows])
    if held or any(row.status != Status.PAST for row in rows):
        raise BuiltUpon(codes=", ".join([row.code or row.subject for row in rows if row.pk in held][:NAMED]))
    for kept in (Visibility, Attachment, Arrival, Making):
        kept.objects.filter(document__in=rows).delete()
    try:
        Document.objects.filter(pk__in=[row.pk for row in rows]).delete()
    except ProtectedError as no:
        named = {
            getattr(each, "document_id", None) or getattr(each, "in_reply_to_id", None) for each in no.protected_objects
        }
        raise BuiltUpon(
            codes=", ".join([row.code or row.subject for row in rows if row.pk in named][:NAMED]) or "—"
        ) from no
    return len(rows)
