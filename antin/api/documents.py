"""Documents for machines: what the caller's post sees, and every act of the walk that the post may do."""

from __future__ import annotations

import base64
import secrets
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal, cast

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.paging import After, BadCursor, Limit, Page
from antin.api.problems import declared
from antin.documents import finding, operations, policy, queries
from antin.documents.operations import DraftFacts, Hands, PaperFacts
from antin.documents.queries import Cursor, Filters
from antin.documents.states import Use
from antin.exchange import queries as exchange
from antin.exchange.states import CODES
from antin.exchange.states import Status as Delivered
from antin.files import queries as kept
from antin.journal import queries as journal
from antin.journeys import (
    approve_document,
    change_secrecy,
    direct_document,
    draft_document,
    issue_document,
    receive_document,
    receive_secret_paper,
    sealing,
    sign_document,
    stamp_arrival,
    taking,
    urge_recipient,
)
from antin.journeys.draft_document import Save
from antin.journeys.receive_secret_paper import Custody
from antin.people import queries as people
from antin.refusal import NotFound, Refusal, refuse
from antin.signing import operations as signing
from antin.tasks.operations import Share
from antin.vault.operations import DeviceKeys, Opening
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document as Row
    from antin.exchange.models import Delivery as DeliveryRow
    from antin.people.actor import Actor

router = Router(tags=["Documents"])
PROBLEMS = (403, 404, 409, 422)
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the file, hexadecimal.")]


ReservedId = Annotated[
    int | None, Query(description="A number kept back for it (listNumbers), instead of the next one.")
]


class BadMoment(Refusal):
    code = "bad_moment"
    words = _("Thời điểm phải kèm múi giờ.")


class Document(Schema):
    """One document as the caller's agency holds it."""

    id: int
    direction: Literal["out", "in"]
    status: str
    type_code: str
    subject: str
    urgency: int = Field(description="0 ordinary, 1 urgent, 2 very urgent, 3 immediate.")
    secrecy: int
    circulation: str = Field(description="How far it may go round: empty, internal, or return after reading.")
    code: str = Field(description="Number and notation, empty before it has one.")
    identifier: str = Field(description="QCVN 102 DocumentId, empty before it has one.")
    document_date: date | None
    issuer_name: str
    body_id: int | None = Field(description="Of the body in whose name it is issued (listBodies); null: the agency's.")
    issuer_code: str
    parties: str
    arrival_number: int | None
    reply_by: date | None
    due_at: datetime | None
    next_act: str = Field(description="What must be done with it now, empty when nothing.")
    standing: str = Field(description="Empty while it holds; corrected, replaced or recalled.")
    standing_by: str = Field(description="Number and notation of the document that replaces or corrects it.")
    file: str = Field(description="SHA-256 of the paper as it stands, empty before there is one.")
    pages: int
    in_reply_to_id: int | None


class Attachment(Schema):
    id: int
    name: str
    file: str
    sealed_file: str
    size: int
    media_type: str


class Recipient(Schema):
    """Whom it goes to: an agency of this node, or one outside it."""

    agency_id: int | None
    correspondent_id: int | None
    name: str
    role: Literal["addressed", "copied"]


class Remark(Schema):
    kind: str
    words: str
    author: str
    at: datetime


class Signatory(Schema):
    """One hand on the page, in the order of the law."""

    part: str = Field(description="initials, format, cosigner, signer.")
    post_id: int
    name: str
    title: str
    agency_name: str
    waiting: bool = Field(description="Whether it is its turn.")
    signed_at: datetime | None
    seals: bool = Field(False, description="Whether its agency, which issues the document too, seals beside it.")
    seal_waiting: bool = Field(False, description="Whether that seal is awaited now.")
    sealed_at: datetime | None = None
    sealed_by: str = ""


class Detail(Document):
    """A document with everything that belongs to it."""

    body: dict[str, Any] | None = None
    revision: int | None = Field(None, description="Give it back when saving a draft, so that nobody is overwritten.")
    signer_name: str = ""
    signatories: list[Signatory] = []
    authority_lines: list[str] = []
    return_reason: str = ""
    fault: str = ""
    verdict: str = ""
    replaces_paper: bool | None = None
    recipients: list[Recipient] = []
    attachments: list[Attachment] = []
    remarks: list[Remark] = []


class Delivery(Schema):
    """How far a document is at one recipient; `code` is the status of QCVN 102:2016."""

    id: int
    agency_id: int | None
    correspondent_id: int | None
    channel: str = Field(description="here, axis, gateway, node, file.")
    recipient_name: str
    status: str
    code: str
    sent_at: datetime
    arrived_at: datetime | None
    returned_at: datetime | None
    registered_at: datetime | None
    assigned_at: datetime | None
    processing_at: datetime | None
    done_at: datetime | None
    arrival_number: int | None
    return_code: str
    return_words: str
    reply_code: str
    fault: str


class Receipt(Schema):
    delivery_id: int
    kind: str
    code: str
    at: datetime
    facts: dict[str, Any]


class Board(Schema):
    deliveries: list[Delivery]
    receipts: list[Receipt]
    counts: dict[str, int]


class Event(Schema):
    id: int
    event: str
    at: datetime
    person_name: str
    post_title: str
    on_behalf: str
    facts: dict[str, Any]


class Signature(Schema):
    field: str
    kind: str
    verdict: str
    reasons: list[str]
    name: str
    organisation: str
    organisation_code: str
    signed_at: datetime | None
    time_source: str
    intact: bool
    covers_number: bool | None


class Verification(Schema):
    """What the signatures on the paper say."""

    file: str
    verdict: str
    replaces_paper: bool
    verified_at: datetime
    reasons: list[str]
    signatures: list[Signature]


class ListIn(Schema):
    """What a list is narrowed to. Words are found with or without accents; dates are the paper's own."""

    box: Literal["in", "out", "draft"] = "in"
    words: str = Field("", max_length=200)
    party: str = Field("", max_length=200)
    status: list[str] = []
    type_code: str = ""
    urgency: int | None = None
    since: date | None = None
    until: date | None = None

    def filters(self) -> Filters:
        given = self.model_dump(exclude={"box", "status"})
        return Filters(**given, statuses=tuple(self.status))


class DraftIn(Schema):
    type_code: str
    subject: str
    urgency: int = Field(0, ge=0, le=3)
    secrecy: int = Field(0, ge=0, le=3)
    circulation: Literal["", "internal", "return"] = ""
    reply_by: date | None = None
    in_reply_to_id: int | None = None
    signer_post_id: int | None = None
    body_id: int | None = Field(
        None, description="In whose name, if not the agency's: a Party organ, a council (listBodies)."
    )
    copies: int = Field(1, ge=1, le=10_000)
    cosigner_post_ids: list[int] = Field([], description="Posts of the agency that sign beside the signer.")
    joint_agency_ids: list[int] = Field([], description="Other agencies that issue it too; the head of each signs.")
    in_order: bool = Field(False, description="They sign one after the other, the signer last; else in any order.")
    initials: bool = Field(False, description="The head of the drafting unit initials the end of the text.")
    format_post_id: int | None = Field(None, description="Who checks the form and signs beside “Nơi nhận”.")

    def facts(self) -> DraftFacts:
        hands = Hands(
            **self.model_dump(include={"in_order", "initials", "format_post_id"}),
            cosigner_post_ids=tuple(self.cosigner_post_ids),
            joint_agency_ids=tuple(self.joint_agency_ids),
        )
        return DraftFacts(**self.model_dump(include=set(DraftFacts.__dataclass_fields__)), hands=hands)


class TextIn(DraftIn):
    revision: int
    body: dict[str, Any] | None = Field(None, description="Structured text, see docs/body.md; null leaves it as it is.")


class RecipientsIn(Schema):
    addressed: list[int] = []
    copied: list[int] = []
    addressed_outside: list[int] = Field([], description="Ids of agencies outside the node (listCorrespondents).")
    copied_outside: list[int] = []


class WordsIn(Schema):
    words: str = ""


Pin = Annotated[
    str | None,
    Field(max_length=64, description="The caller's own PIN; asked where the act opens a classified document."),
]


Keys = Annotated[
    dict[str, str] | None,
    Field(
        description="Instead of the PIN: content keys that the caller's own device opened (lockElsewhere with `everything`), by "
        "content, in base64. Proved, used for this act only, and forgotten."
    ),
]


class PinIn(Schema):
    pin: Pin = None
    keys: Keys = None

    @property
    def opening(self) -> Opening | None:
        """What opens a classified document: the caller's PIN, or keys of his own device. :raises ContentDamaged: unreadable"""
        return DeviceKeys.read(self.keys) if self.keys else self.pin


class SealIn(PinIn):
    seal_pin: str | None = Field(
        None,
        max_length=64,
        description="Of the agency's token, where a classified page takes the caller's own PIN too.",
    )


def pin_of(given: PinIn | None) -> Opening | None:
    """What came to open by, if a body came at all."""
    return given.opening if given is not None else None


class WordsWithPinIn(WordsIn, PinIn):
    pass


class Said(Schema):
    kind: str
    author: str
    at: datetime
    words: str


class Enclosed(Schema):
    name: str
    media_type: str
    content: str = Field(description="In base64.")


class HandedIn(Enclosed):
    task_id: int
    holder_name: str
    at: datetime


class OpenedDocument(Schema):
    """A classified document in clear, in this one answer. Keep it nowhere."""

    subject: str
    body: dict[str, Any] | None
    seen_file: str = Field(description="What sign takes; empty while the page is not fixed.")
    pdf: str = Field(description="The pages, in base64; empty where there are none, and `trouble` says why.")
    trouble: str
    enclosed: list[Enclosed]
    results: list[HandedIn] = Field(description="Files handed in with the work that came from it.")
    said: list[Said]
    opened: int = Field(description="The how manieth view this was.")
    verification: Verification | None = Field(description="Its signatures, judged now; null until it is issued.")
    evidence_at: datetime | None = Field(description="From when a timestamp beside the sealed bytes proves them.")
    provable_until: datetime | None = Field(description="Until when they can be proven as it stands; null: not known.")


class ReasonIn(Schema):
    reason: str


class OpensIn(Schema):
    """What opens a classified page, where it is not the PIN of the key that signs."""

    opening_pin: str | None = Field(None, max_length=64, description="The PIN of the key that opens.")
    keys: Keys = None

    @property
    def opening(self) -> Opening | None:
        return DeviceKeys.read(self.keys) if self.keys else self.opening_pin


class SignIn(OpensIn):
    seen_file: Digest
    pin: str = Field(max_length=64)


class RegisterIn(PinIn):
    present_to: int | None = None
    despite_duplicate: bool = False


class SendBackIn(Schema):
    reason: str = Field(description="A code: " + ", ".join(operations.RETURN_REASONS))
    words: str = ""


class PresentIn(PinIn):
    post_id: int
    words: str = ""


class PaperIn(Schema):
    key: str = Field(min_length=8, max_length=64, description="Makes a repeated request harmless.")
    type_code: str
    subject: str
    issuer_name: str
    code: str = ""
    document_date: date | None = None
    urgency: int = Field(0, ge=0, le=3)
    secrecy: int = Field(0, ge=0, le=3)
    circulation: Literal["", "internal", "return"] = ""
    reply_by: date | None = None
    present_to: int | None = None
    despite_duplicate: bool = False


class SecretPaperIn(PaperIn):
    """A secret paper: words are sealed, none is answered."""

    subject: str = Field("", description="Left out for an envelope that only the named one opens; then without a scan.")
    secrecy: int = Field(ge=1, le=3)
    holder_id: int = Field(description="Who keeps the paper itself: copy 1 of its register of copies.")
    reader_posts: list[int] = Field([], description="Posts that read it besides the caller and the leader.")
    scan_allowed_by: int | None = Field(None, description="Post of the leader who allowed the scan.")


class ShareIn(Schema):
    role: Literal["lead", "join", "inform"]
    unit_id: int | None = None
    post_id: int | None = None
    due_at: datetime | None = None
    days: int | None = Field(None, ge=1, le=400, description="Working days instead of a moment.")


class DirectiveIn(PinIn):
    """A group chosen by its name (`listWorkGroups`) adds its members, with one deadline for all that are not `inform`."""

    words: str = ""
    shares: list[ShareIn] = []
    group_id: int | None = Field(None, ge=1, le=2**31 - 1)
    group_due_at: datetime | None = None
    group_days: int | None = Field(None, ge=1, le=400, description="Working days instead of a moment.")
    beyond: bool = Field(
        False, description="`direct`: a deadline may be after the day the sender awaits the answer on."
    )


class Directive(Schema):
    id: int
    words: str
    giver_name: str
    given_at: datetime


def shares(given: list[ShareIn]) -> list[Share]:
    """:raises BadMoment: a deadline without an offset"""
    if any(share.due_at is not None and share.due_at.tzinfo is None for share in given):
        raise BadMoment()
    return [Share(share.role, share.unit_id, share.post_id, share.due_at, share.days) for share in given]


def given_shares(given: DirectiveIn, actor: Actor) -> list[Share]:
    """What a directive gives: its shares, and those of its group who are not among them.

    :raises BadMoment: a deadline without an offset :raises NotFound: no such group
    """
    named = shares(given.shares)
    if given.group_id is None:
        return named
    if given.group_due_at is not None and given.group_due_at.tzinfo is None:
        raise BadMoment()
    there = {(each.unit_id, each.post_id) for each in named}
    more = direct_document.shares_of_group(
        actor, given.group_id, due_at=given.group_due_at, days=None if given.group_due_at else given.group_days
    )
    return [*named, *(each for each in more if (each.unit_id, each.post_id) not in there)]


def now() -> tuple[date, datetime]:
    """Return the Vietnamese day and the moment."""
    at = timezone.now()
    return workdays.local_date(at), at


def document_out(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Document.model_fields}


def again(request: CalledRequest, document_id: int) -> dict[str, Any]:
    return document_out(queries.get_for(request.auth.actor, document_id))


@router.get("/documents", auth=READ, response={200: Page[Document], **declared(403, 422)}, operation_id="listDocuments")
def list_documents(
    request: CalledRequest,
    given: Annotated[ListIn, Query()],
    limit: Limit = 50,
    after: After = "",
) -> dict[str, Any]:
    """What the caller's post sees in a box, newest first."""
    cursor = Cursor.parse(after) if after else None
    if after and cursor is None:
        raise BadCursor()
    page = queries.list_documents(
        actor=request.auth.actor, box=given.box, filters=given.filters(), after=cursor, limit=limit
    )
    return {"items": [document_out(row) for row in page.rows], "next": str(page.next) if page.next else None}


class Sight(Schema):
    holder: str = Field(description="Who, in words: a post with its holder, a unit, a registry office, a person.")
    reason: str = Field(description="drafter, reviewer, unit, signer, registry, presented, lead, join, inform …")
    since: datetime


@router.get(
    "/documents/{int:document_id}/sight",
    auth=READ,
    response={200: list[Sight], **declared(403, 404)},
    operation_id="listSight",
)
def list_sight(request: CalledRequest, document_id: int) -> list[dict[str, Any]]:
    """Who may see the document, why and since when; for those who see it."""
    rows = queries.list_sight(request.auth.actor, document_id)
    names = people.name_holders([row.holder for row in rows], now()[0])
    return [{"holder": names.get(row.holder, row.holder), "reason": row.reason, "since": row.since} for row in rows]


class SavedSearch(Schema):
    id: int
    name: str
    query: str = Field(description="As the address of the search page has it.")
    owner_name: str
    shared: bool


class SaveSearchIn(Schema):
    name: str = Field(max_length=80)
    query: str = Field(max_length=1000)
    share: bool = False


def saved_out(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "query": row.query,
        "owner_name": row.owner_name,
        "shared": row.unit_id is not None,
    }


@router.get("/searches", auth=READ, response={200: list[SavedSearch], **declared(403)}, operation_id="listSearches")
def list_searches(request: CalledRequest) -> list[dict[str, Any]]:
    """The searches the caller saved, and those shared in his unit."""
    return [saved_out(row) for row in queries.list_searches(request.auth.actor)]


@router.post("/searches", auth=ACT, response={201: SavedSearch, **declared(403, 409, 422)}, operation_id="saveSearch")
def save_search(request: CalledRequest, given: SaveSearchIn) -> Status[Any]:
    """Keep a search by name, in place of one of the same name."""
    made = operations.save_search(
        name=given.name, query=given.query, share=given.share, actor=request.auth.actor, at=timezone.now()
    )
    return Status(201, saved_out(made))


@router.delete(
    "/searches/{int:saved_id}",
    auth=ACT,
    response={200: list[SavedSearch], **declared(403, 404)},
    operation_id="forgetSearch",
)
def forget_search(request: CalledRequest, saved_id: int) -> list[dict[str, Any]]:
    """Take one of the caller's own searches away; those that remain."""
    operations.forget_search(saved_id=saved_id, actor=request.auth.actor, at=timezone.now())
    return list_searches(request)


class Piece(Schema):
    words: str
    asked: bool = Field(description="Whether this is what was asked for.")


class Hit(Schema):
    document: Document
    subject: list[Piece]
    passage: list[Piece] = Field(description="Where its text says it, when its subject does not.")


class FacetValue(Schema):
    value: str
    count: int


class BehindOut(Schema):
    since: datetime
    documents: int


class SearchOut(Schema):
    items: list[Hit]
    next: str | None = Field(None, description="Give it as `after` to read on; null on the last page.")
    count: int | None = Field(description="How many there are; null when only the lists could be searched.")
    counted_since: datetime | None = Field(
        description="Not null: only what came or was issued since was counted, also in the facets: there are at least so many."
    )
    facets: dict[str, list[FacetValue]] = Field(
        description="By box, kind, year, unit, status, urgency, attached, field, retention."
    )
    index_usable: bool = Field(
        description="False: the index is being made; numbers, subjects and parties were searched."
    )
    behind: BehindOut | None = Field(description="Changes that cannot be found yet; null when there are none.")


class SearchIn(Schema):
    q: str = Field("", max_length=300, description="Words, phrases in quotes, -words that must be absent.")
    box: Literal["", "in", "out", "draft"] = ""
    kind: str = Field("", max_length=10, description="A type code.")
    unit: str = Field("", max_length=300, description="Sender of an arrival, drafting unit of our own.")
    year: str = Field("", max_length=4)
    status: str = Field("", max_length=12)
    urgency: str = Field("", max_length=1)
    attached: Literal["", "0", "1"] = ""
    field: str = Field("", max_length=300, description="The field of work it is filed under, in the words of its list.")
    retention: str = Field("", max_length=9, description="How many years it is kept, or `permanent`.")
    since: date | None = Field(None, description="The document's own date.")
    until: date | None = None
    sort: Literal["", "new"] = ""
    counting: Literal["", "exact"] = Field(
        "", description="`exact`: all are counted, however frequent what is asked for, and however long that takes."
    )


def pieces(given: list[tuple[str, bool]]) -> list[dict[str, Any]]:
    return [{"words": words, "asked": asked} for words, asked in given]


@router.get("/documents/search", auth=READ, response={200: SearchOut, **declared(403, 422)}, operation_id="search")
def search(
    request: CalledRequest, given: Annotated[SearchIn, Query()], limit: Limit = 50, after: After = ""
) -> dict[str, Any]:
    """What the caller's post may see of what is looked for, the best first: every field, and the text of files."""
    if after and not (after.isdecimal() and len(after) < 7):
        raise BadCursor()
    offset = int(after or 0)
    wanted = finding.Search(
        words=given.q,
        facets={name: (value,) for name in finding.FACETS if (value := getattr(given, name))},
        since=given.since,
        until=given.until,
        latest=given.sort == "new",
        exactly=given.counting == "exact",
    )
    found = finding.find(actor=request.auth.actor, search=wanted, at=timezone.now(), offset=offset, limit=limit)
    return {
        "items": [
            {"document": document_out(hit.document), "subject": pieces(hit.subject), "passage": pieces(hit.passage)}
            for hit in found.hits
        ],
        "next": str(offset + limit) if found.more and found.usable else None,
        "count": found.count,
        "counted_since": found.counted_since,
        "facets": {
            name: [{"value": value, "count": n} for value, n in values] for name, values in found.facets.items()
        },
        "index_usable": found.usable,
        "behind": {"since": found.behind.since, "documents": found.behind.n} if found.behind else None,
    }


@router.get(
    "/documents/waiting", auth=READ, response={200: list[Document], **declared(403)}, operation_id="listWaiting"
)
def waiting(request: CalledRequest) -> list[dict[str, Any]]:
    """What waits for the caller's own act, most urgent first."""
    return [document_out(row) for row in queries.list_waiting(request.auth.actor)]


@router.get(
    "/documents/{int:document_id}", auth=READ, response={200: Detail, **declared(403, 404)}, operation_id="getDocument"
)
def detail(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """One document with its text, parties, attachments and remarks."""
    whole = queries.get_whole(request.auth.actor, document_id)
    found = document_out(whole.document)
    for name in ("recipients", "attachments", "remarks", "signatories"):
        found[name] = list(getattr(whole, name))
    if whole.making:
        names = ("body", "revision", "signer_name", "authority_lines", "return_reason", "fault")
        found |= {name: getattr(whole.making, name) for name in names}
    if whole.arrival:
        found |= {name: getattr(whole.arrival, name) for name in ("verdict", "replaces_paper", "signer_name")}
    return found


@router.get(
    "/documents/{int:document_id}/files/{digest}", auth=READ, operation_id="getFile", response={**declared(403, 404)}
)
def file(request: CalledRequest, document_id: int, digest: Digest) -> FileResponse:
    """The bytes of the paper or of an attachment, exactly as they were kept."""
    files = queries.list_files(request.auth.actor, document_id)
    if digest not in files:
        raise NotFound()
    operations.note_use(document_id=document_id, file=digest, use=Use.TAKEN, actor=request.auth.actor, at=now()[1])
    answer = FileResponse(kept.open_stream(digest), as_attachment=True, filename=files[digest])
    answer["Content-Type"] = kept.get(digest).media_type
    return answer


@router.get(
    "/documents/{int:document_id}/timeline",
    auth=READ,
    response={200: Page[Event], **declared(403, 404, 422)},
    operation_id="getTimeline",
)
def timeline(request: CalledRequest, document_id: int, limit: Limit = 50, after: After = "") -> dict[str, Any]:
    """Everything that happened to the document, newest first."""
    document = queries.get_for(request.auth.actor, document_id)
    if after and not (after.isdigit() and len(after) < 19):
        raise BadCursor()
    rows = journal.list_for(("document", document.pk), before=int(after) if after else None, limit=limit + 1)
    items = [{name: getattr(row, name) for name in Event.model_fields} for row in rows[:limit]]
    return {"items": items, "next": str(rows[limit - 1].id) if len(rows) > limit else None}


@router.get(
    "/documents/{int:document_id}/verification",
    auth=READ,
    response={200: Verification, **declared(403, 404)},
    operation_id="verifyDocument",
)
def verification(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """What the signatures say, judged against what this node trusts now. :raises NotFound: there is no paper yet"""
    document = queries.get_for(request.auth.actor, document_id)
    if not document.file:
        raise NotFound()
    sealing.refuse_in_clear(document)
    return _verification(signing.verify(file=document.file, at=timezone.now()))


def _verification(report: signing.Report) -> dict[str, Any]:
    return {name: getattr(report, name) for name in Verification.model_fields if name != "signatures"} | {
        "signatures": [{name: getattr(found, name) for name in Signature.model_fields} for found in report.signatures]
    }


@router.post("/verify", auth=READ, response={200: dict[str, Any], **declared(400, 413, 422)}, operation_id="verifyFile")
def verify_file(
    request: HttpRequest, file: Annotated[UploadedFile, File()], beside: Annotated[UploadedFile | None, File()] = None
) -> dict[str, Any]:
    """Judge the signatures of any file by what this node trusts now; of a .p7s, over the file `beside` it. Nothing is kept.
    Answers as `antin verify --json` does."""
    content = content_of(file).read()
    signed = content_of(beside).read() if beside else None
    found = signing.examine(content=content, beside=signed, at=timezone.now())
    return {"file": file.name or "", **signing.public(found)}


def _delivery(row: DeliveryRow) -> dict[str, Any]:
    names = [name for name in Delivery.model_fields if name != "code"]
    return {name: getattr(row, name) for name in names} | {"code": CODES.get(Delivered(row.status), "")}


@router.get(
    "/documents/{int:document_id}/deliveries",
    auth=READ,
    response={200: Board, **declared(403, 404)},
    operation_id="getDeliveries",
)
def deliveries(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """How far the document is at each recipient, and every receipt."""
    board = exchange.get_board(request.auth.actor, document_id)
    receipts = [
        {
            "delivery_id": row.delivery_id,
            "kind": row.kind,
            "code": CODES[Delivered(row.kind)],
            "at": row.at,
            "facts": row.facts,
        }
        for row in exchange.list_receipts([delivery.pk for delivery in board.deliveries])
    ]
    return {"deliveries": [_delivery(row) for row in board.deliveries], "receipts": receipts, "counts": board.counts}


@router.post("/documents", auth=ACT, response={201: Document, **declared(*PROBLEMS)}, operation_id="createDraft")
def create(request: CalledRequest, given: DraftIn) -> Status[Any]:
    """Begin an outgoing document in the caller's unit. One with a secrecy is sealed at once: openDocument gives its words back."""
    today, at = now()
    if given.secrecy:
        making = draft_document.begin(
            save=Save(given.facts(), None, "", None, 1, secrets.token_hex(16)),
            actor=request.auth.actor,
            today=today,
            at=at,
        )
        return Status(201, again(request, making.document_id))
    made = operations.create_draft(facts=given.facts(), actor=request.auth.actor, today=today, at=at)
    return Status(201, again(request, made.pk))


@router.put(
    "/documents/{int:document_id}", auth=ACT, response={200: Detail, **declared(*PROBLEMS)}, operation_id="saveDraft"
)
def save(request: CalledRequest, document_id: int, given: TextIn) -> dict[str, Any]:
    """Save a draft: its facts and its structured text. Text takes the place of a ready page; without it, what there is stays."""
    today, at = now()
    document = queries.get_for(request.auth.actor, document_id)
    making = queries.making_of(document)
    if document.classified_id is not None or given.secrecy:
        draft_document.save(
            document_id=document_id,
            save=Save(
                given.facts(),
                given.body,
                making.uploaded_file if given.body is None else "",
                None,
                given.revision,
                secrets.token_hex(16),
            ),
            actor=request.auth.actor,
            today=today,
            at=at,
        )
        return detail(request, document_id)
    operations.revise(
        document_id=document_id,
        facts=given.facts(),
        body=making.body if given.body is None else given.body,
        uploaded_file=making.uploaded_file if given.body is None else "",
        revision=given.revision,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return detail(request, document_id)


@router.put(
    "/documents/{int:document_id}/recipients",
    auth=ACT,
    response={200: Detail, **declared(*PROBLEMS)},
    operation_id="setRecipients",
)
def recipients(request: CalledRequest, document_id: int, given: RecipientsIn) -> dict[str, Any]:
    """Replace the recipients of a draft, by the ids of their agencies."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    operations.set_recipients(
        document_id=document_id,
        addressed=[*given.addressed, *map(operations.Outside, given.addressed_outside)],
        copied=[*given.copied, *map(operations.Outside, given.copied_outside)],
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return detail(request, document_id)


@router.post(
    "/documents/{int:document_id}/open",
    auth=ACT,
    response={200: OpenedDocument, **declared(*PROBLEMS)},
    operation_id="openDocument",
)
def open_document(request: CalledRequest, document_id: int, given: PinIn) -> dict[str, Any]:
    """Open a classified document by the caller's own PIN, or by keys of his own device.

    The opening stands in the journal before anything is given out."""
    paper = sealing.open_document(
        document_id=document_id, pin=given.opening or "", actor=request.auth.actor, at=timezone.now()
    )
    return {
        "subject": paper.subject,
        "body": paper.body,
        "seen_file": paper.seen,
        "pdf": base64.b64encode(paper.pdf).decode(),
        "trouble": paper.trouble,
        "enclosed": [
            {"name": each.name, "media_type": each.media_type, "content": base64.b64encode(each.content).decode()}
            for each in paper.enclosed
        ],
        "results": [
            {
                "name": each.name,
                "media_type": each.media_type,
                "content": base64.b64encode(each.content).decode(),
                "task_id": each.task_id,
                "holder_name": each.holder,
                "at": each.at,
            }
            for each in paper.results
        ],
        "said": [{"kind": each.kind, "author": each.author, "at": each.at, "words": each.words} for each in paper.said],
        "opened": paper.marking.number,
        "verification": {**_verification(paper.judged.report), "file": paper.seen} if paper.judged else None,
        "evidence_at": paper.judged.apart if paper.judged else None,
        "provable_until": paper.judged.until if paper.judged else None,
    }


@router.post(
    "/documents/{int:document_id}/unseal",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="unseal",
)
def unseal(request: CalledRequest, document_id: int, given: PinIn) -> dict[str, Any]:
    """Bring subject, page and files of a declassified document into clear, by the key of a reader who may pass it on.

    Each agency that holds it does so for itself. What was said of it before stays sealed (`openDocument`)."""
    _today, at = now()
    change_secrecy.unseal(document_id=document_id, opening=given.opening, actor=request.auth.actor, at=at)
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/submit",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="submit",
)
def submit(request: CalledRequest, document_id: int, given: PinIn | None = None) -> dict[str, Any]:
    """Hand a finished draft on. A classified one takes the PIN: reviewer and signer become its readers."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    approve_document.submit(document_id=document_id, pin=pin_of(given), actor=request.auth.actor, today=today, at=at)
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/endorse",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="endorse",
)
def endorse(request: CalledRequest, document_id: int, given: WordsWithPinIn) -> dict[str, Any]:
    """Agree with a draft as head of the drafting unit."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    approve_document.endorse(
        document_id=document_id, words=given.words, pin=given.opening, actor=request.auth.actor, today=today, at=at
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/return",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="return",
)
def return_to_drafter(request: CalledRequest, document_id: int, given: ReasonIn) -> dict[str, Any]:
    """Send a document back to its drafter with a reason."""
    queries.get_for(request.auth.actor, document_id)
    approve_document.return_to_drafter(
        document_id=document_id, reason=given.reason, actor=request.auth.actor, at=timezone.now()
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/sign", auth=ACT, response={200: Document, **declared(*PROBLEMS)}, operation_id="sign"
)
def sign(request: CalledRequest, document_id: int, given: SignIn) -> dict[str, Any]:
    """Sign exactly the page named by its digest, with the caller's own key opened by his PIN."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    sign_document.sign_document(
        document_id=document_id,
        seen_file=given.seen_file,
        pin=given.pin,
        opening=given.opening,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/number",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="number",
)
def number(
    request: CalledRequest, document_id: int, reserved_id: ReservedId = None, given: SealIn | None = None
) -> dict[str, Any]:
    """Give a signed document its number and date; where the caller keeps the seal, seal and issue it as well."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    issue_document.number_document(
        document_id=document_id,
        reserved_id=reserved_id,
        pin=pin_of(given),
        seal_pin=given.seal_pin if given else None,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/seal", auth=ACT, response={200: Document, **declared(*PROBLEMS)}, operation_id="seal"
)
def seal(request: CalledRequest, document_id: int, given: SealIn | None = None) -> dict[str, Any]:
    """Seal and issue a numbered document as keeper of the seal; with his PIN where the token or a classified page asks it.

    On a joint document the keeper of each other agency seals first, by the same call, and issues nothing.
    """
    queries.get_for(request.auth.actor, document_id)
    issue_document.seal_document(
        document_id=document_id,
        pin=pin_of(given),
        seal_pin=given.seal_pin if given else None,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/register",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="register",
)
def register(request: CalledRequest, document_id: int, given: RegisterIn) -> dict[str, Any]:
    """Enter an arrival in the agency's book."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    receive_document.register(
        document_id=document_id,
        present_to=given.present_to,
        despite_duplicate=given.despite_duplicate,
        pin=given.opening,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/send-back",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="sendBack",
)
def send_back(request: CalledRequest, document_id: int, given: SendBackIn) -> dict[str, Any]:
    """Return an arrival to its sender with a coded reason."""
    queries.get_for(request.auth.actor, document_id)
    receive_document.send_back(
        document_id=document_id, reason=given.reason, words=given.words, actor=request.auth.actor, at=timezone.now()
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/present",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="present",
)
def present(request: CalledRequest, document_id: int, given: PresentIn) -> dict[str, Any]:
    """Pass a registered document to another leader of the agency."""
    queries.get_for(request.auth.actor, document_id)
    receive_document.present(
        document_id=document_id,
        post_id=given.post_id,
        words=given.words,
        pin=given.opening,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/close",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="close",
)
def close(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """Close a registered document that needs no work."""
    queries.get_for(request.auth.actor, document_id)
    receive_document.close(document_id=document_id, actor=request.auth.actor, at=timezone.now())
    return again(request, document_id)


class StampIn(Schema):
    left_mm: float | None = Field(
        None, ge=0, le=1000, description="From the left edge of page 1; with `top_mm`, else found."
    )
    top_mm: float | None = Field(None, ge=0, le=1000)
    pin: str | None = Field(None, max_length=64, description="Of a token that only its keeper opens.")


@router.post(
    "/documents/{int:document_id}/stamp",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="stampArrival",
)
def stamp(request: CalledRequest, document_id: int, given: StampIn) -> dict[str, Any]:
    """Put the arrival stamp on page 1 with the agency's signature, in a file beside the one that came."""
    corner = None if given.left_mm is None or given.top_mm is None else (given.left_mm, given.top_mm)
    stamp_arrival.stamp(
        document_id=document_id, corner=corner, pin=given.pin, actor=request.auth.actor, at=timezone.now()
    )
    return again(request, document_id)


@router.post(
    "/documents/{int:document_id}/direct",
    auth=ACT,
    response={201: Directive, **declared(*PROBLEMS)},
    operation_id="direct",
)
def direct(request: CalledRequest, document_id: int, given: DirectiveIn) -> Status[Any]:
    """Write the directive of the leader to whom the document was presented."""
    queries.get_for(request.auth.actor, document_id)
    made = direct_document.direct(
        document_id=document_id,
        words=given.words,
        shares=given_shares(given, request.auth.actor),
        pin=given.opening,
        beyond=given.beyond,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return Status(201, made)


@router.post(
    "/deliveries/{int:delivery_id}/urge", auth=ACT, response={200: Delivery, **declared(*PROBLEMS)}, operation_id="urge"
)
def urge(request: CalledRequest, delivery_id: int) -> dict[str, Any]:
    """Urge a recipient that has not registered the document."""
    return _delivery(urge_recipient.urge(delivery_id=delivery_id, actor=request.auth.actor, at=timezone.now()))


@router.post(
    "/deliveries/{int:delivery_id}/resend",
    auth=ACT,
    response={200: Delivery, **declared(*PROBLEMS)},
    operation_id="resend",
)
def resend(request: CalledRequest, delivery_id: int) -> dict[str, Any]:
    """Try a failed delivery again; a closed recipient is replaced by its successor."""
    today, at = now()
    return _delivery(urge_recipient.resend(delivery_id=delivery_id, actor=request.auth.actor, today=today, at=at))


def content_of(sent: UploadedFile) -> BinaryIO:
    """What was uploaded, from its beginning.

    :raises TooLarge: :raises NoRoom: refused while it streamed
    """
    refuse(getattr(sent, "refusal", None))
    sent.seek(0)
    return cast(BinaryIO, sent.file)


@router.post("/papers", auth=ACT, response={201: Document, **declared(*PROBLEMS)}, operation_id="receivePaper")
def receive_paper(
    request: HttpRequest, given: Annotated[PaperIn, Form()], scan: Annotated[UploadedFile, File()]
) -> Status[Any]:
    """Register a paper that came by hand, with its scan (PDF)."""
    caller = cast(CalledRequest, request)
    refuse(policy.why_not_receive_paper(caller.auth.actor, given.secrecy))  # before anything of it is kept
    today, at = now()
    facts = PaperFacts(**given.model_dump(include=set(PaperFacts.__dataclass_fields__)))
    made = receive_document.receive_paper(
        facts=facts,
        scan=taking.take_scan(content_of(scan), name=scan.name or "", at=at),
        key=f"api:{caller.auth.token_id}:{given.key}",
        present_to=given.present_to,
        despite_duplicate=given.despite_duplicate,
        actor=caller.auth.actor,
        today=today,
        at=at,
    )
    return Status(201, again(caller, made.pk))


@router.post(
    "/papers/sealed", auth=ACT, response={201: Document, **declared(*PROBLEMS)}, operation_id="receiveSecretPaper"
)
def receive_sealed_paper(
    request: HttpRequest,
    given: Annotated[SecretPaperIn, Form()],
    scan: Annotated[UploadedFile | None, File()] = None,
    attachments: Annotated[list[UploadedFile] | None, File()] = None,
) -> Status[Any]:
    """Register a secret paper that came by hand in the book of secret papers: sealed in memory, or without a scan."""
    caller = cast(CalledRequest, request)
    today, at = now()
    made = receive_secret_paper.receive(
        facts=PaperFacts(**given.model_dump(include=set(PaperFacts.__dataclass_fields__))),
        custody=Custody(given.holder_id, given.reader_posts, given.scan_allowed_by),
        scan=None if scan is None else taking.hold_scan(content_of(scan), name=scan.name or ""),
        attachments=[taking.hold_attachment(content_of(each), name=each.name or "") for each in attachments or ()],
        key=f"api:{caller.auth.token_id}:{given.key}",
        present_to=given.present_to,
        despite_duplicate=given.despite_duplicate,
        actor=caller.auth.actor,
        today=today,
        at=at,
    )
    return Status(201, again(caller, made.pk))
