"""Reading documents: one for an actor, lists by keyset, what waits, register books."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Length

from antin.correspondents.states import Channel
from antin.documents import policy
from antin.documents.models import (
    Arrival,
    Attachment,
    CoDrafter,
    ColumnChoice,
    Copy,
    CopyUse,
    Document,
    DraftingFile,
    Edition,
    FileUse,
    Filing,
    Filled,
    FormVersion,
    Hold,
    Making,
    Mandate,
    OwnCopy,
    PaperForm,
    Posting,
    Recipient,
    Remark,
    SavedSearch,
    Signatory,
    TypeText,
    Version,
    Visibility,
)
from antin.documents.states import OPEN_OUT, TO_ISSUE, Act, CopyForm, Direction, Part, Secrecy, Status, Use
from antin.documents.types import COPIES, DRAFTED, SPECIALISED, DocumentType, Family
from antin.documents.types import series_of as series_type
from antin.identifiers.text import fold
from antin.numbering import queries as numbering
from antin.numbering.models import Number
from antin.numbering.queries import SeriesKey
from antin.numbering.states import Status as NumberStatus
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Body, Unit
from antin.people.queries import SigningRight
from antin.people.states import BodyKind
from antin.refusal import NotFound
from antin.workdays.queries import HERE

PAGE = 50
LATELY = 500


@dataclass(frozen=True)
class Cursor:
    """Where a page of a list ended: the last row's order moment and id."""

    order_at: datetime
    document_id: int

    def __str__(self) -> str:
        return f"{self.order_at.timestamp():.6f}-{self.document_id}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """Return the cursor written by str(), or None for anything else."""
        found = re.fullmatch(r"(\d{1,12}\.\d{6})-(\d{1,18})", text)
        if found is None:
            return None
        return cls(datetime.fromtimestamp(float(found[1]), tz=UTC), int(found[2]))


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty means everything."""

    words: str = ""
    statuses: tuple[str, ...] = ()
    type_code: str = ""
    urgency: int | None = None
    party: str = ""
    since: date | None = None
    until: date | None = None  # inclusive, on the document's own date


@dataclass(frozen=True)
class Page:
    """Rows of a list and the cursor of the next page, None at the end."""

    rows: list[Document]
    next: Cursor | None = None


@dataclass(frozen=True)
class Whole:
    """Everything a document's page shows, read in a fixed number of queries."""

    document: Document
    making: Making | None
    arrival: Arrival | None
    recipients: list[Recipient] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    replies: list[Document] = field(default_factory=list)
    signatories: list[Signatory] = field(default_factory=list)


@dataclass(frozen=True)
class Hands:
    """Who signs besides the signer: cosigners of the agency by post, other agencies that issue it too, and who initials."""

    cosigner_post_ids: tuple[int, ...] = ()
    joint_agency_ids: tuple[int, ...] = ()
    in_order: bool = False
    initials: bool = False
    format_post_id: int | None = None


def hands_of(document: Document, making: Making, signatories: list[Signatory]) -> Hands:
    """Return who signs besides the signer, as the drafter chose it."""
    cosigners = [each for each in signatories if each.part == Part.COSIGNER]
    return Hands(
        cosigner_post_ids=tuple(each.post_id for each in cosigners if each.agency_id == document.agency_id),
        joint_agency_ids=tuple(each.agency_id for each in cosigners if each.agency_id != document.agency_id),
        in_order=making.in_order,
        initials=any(each.part == Part.INITIALS for each in signatories),
        format_post_id=next((each.post_id for each in signatories if each.part == Part.FORMAT), None),
    )


def lock(document_id: int) -> Document:
    """Return the document, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = Document.objects.select_for_update().filter(pk=document_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_classified(classified_ids: Iterable[int]) -> list[Document]:
    """Return the documents that these classified things are of, locked, by id."""
    return list(Document.objects.select_for_update().filter(classified_id__in=list(classified_ids)).order_by("pk"))


def find_classified(actor: Actor, classified_ids: Iterable[int]) -> dict[int, Document]:
    """Return the masked documents of these classified things that the actor may see, by the thing."""
    asked = list(classified_ids)
    held = Q(classified_id__in=asked) | Q(once_classified_id__in=asked)
    found = Document.objects.defer("search").filter(policy.visible_to(actor), held)
    return {document.sealed_as or 0: document for document in found}


def making_of(document: Document) -> Making:
    """Return how an outgoing document is made. :raises NotFound: it is an incoming one"""
    found = Making.objects.filter(document=document).first()
    if found is None:
        raise NotFound()
    return found


def list_signatories(document: Document, making: Making) -> list[Signatory]:
    """Return who signs the page, in the order of the law; one that is not kept where the signer is alone."""
    if making.hands:
        return list(Signatory.objects.filter(document=document).order_by("id"))
    if making.signer_post_id is None:
        return []
    alone = Signatory(
        document=document,
        part=Part.SIGNER,
        post_id=making.signer_post_id,
        person_id=making.signer_person_id,
        agency_id=document.agency_id,
        agency_name=document.issuer_name,
        name=making.signer_name,
        authority_lines=making.authority_lines,
        signed_file=making.signed_file,
        signed_at=making.signed_at,
    )
    return [alone]


def list_joint_seals(document_id: int) -> list[Signatory]:
    """Return the hands beside which another agency seals a joint document, in the order of the page; none of any other."""
    return list(Signatory.objects.filter(document_id=document_id, seals=True).order_by("turn"))


def arrival_of(document: Document) -> Arrival:
    """Return how an incoming document came. :raises NotFound: it is an outgoing one"""
    found = Arrival.objects.select_related("presented_post").filter(document=document).first()
    if found is None:
        raise NotFound()
    return found


def get_for(actor: Actor, document_id: int) -> Document:
    """Return the document if the actor may see it. :raises NotFound: absent, or not his to see"""
    found = (
        Document.objects.select_related("making", "arrival", "arrival__presented_post")
        .defer("search")
        .filter(policy.visible_to(actor), pk=document_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def get_whole(actor: Actor, document_id: int) -> Whole:
    """Return everything the document's page shows, if the actor may see it. :raises NotFound: not his to see"""
    document = get_for(actor, document_id)
    outgoing = document.direction == Direction.OUT
    return Whole(
        document=document,
        making=document.making if outgoing else None,
        arrival=None if outgoing else document.arrival,
        recipients=list(document.recipients.order_by("position")) if outgoing else [],
        attachments=list(document.attachments.order_by("position")),
        remarks=list(document.remarks.order_by("at", "id")),
        replies=list(Document.objects.filter(policy.visible_to(actor), in_reply_to=document).order_by("id")),
        signatories=list_signatories(document, document.making) if outgoing else [],
    )


def find_answered(actor: Actor, document: Document) -> Document | None:
    """Return the document that this one replies to, if the actor may see it."""
    if document.in_reply_to_id is None:
        return None
    return Document.objects.filter(policy.visible_to(actor), pk=document.in_reply_to_id).first()


@dataclass(frozen=True)
class Plan:
    """What the page is laid out from: the document, its making, its agency and unit, its recipients, and whose hands it takes."""

    document: Document
    making: Making
    agency: Unit
    unit: Unit
    recipients: list[Recipient]
    signatories: list[Signatory] = field(default_factory=list)


def _plan(document: Document) -> Plan:
    making = Making.objects.select_related("unit").get(document=document)
    return Plan(
        document,
        making,
        people.get_agency(document.agency_id),
        making.unit,
        list(document.recipients.order_by("position")),
        list_signatories(document, making),
    )


def plan_of(document: Document) -> Plan:
    """Return what the page of an outgoing document is laid out from, for an act of one who reads it."""
    return _plan(document)


def find_plan_to_fix(document_id: int) -> Plan | None:
    """Return what an endorsed document's page is laid out from; None when it waits for no page any more."""
    document = Document.objects.filter(pk=document_id, status=Status.ENDORSED, classified=None).first()
    if document is None:
        return None
    plan = _plan(document)
    return None if plan.making.laid_out_revision == plan.making.revision else plan


def get_plan_for(actor: Actor, document_id: int) -> Plan:
    """Return what the page of an outgoing document is laid out from, for a preview.

    :raises NotFound: not the actor's to see
    :raises SealedDocument: it is classified
    """
    document = get_for(actor, document_id)
    if document.direction != Direction.OUT:
        raise NotFound()
    if document.classified_id is not None:
        raise policy.SealedDocument()
    return _plan(document)


def get(document_id: int) -> Document:
    """Return a document for the node's own work; doors use get_for. :raises NotFound: there is none"""
    found = Document.objects.select_related("making", "arrival").filter(pk=document_id).first()
    if found is None:
        raise NotFound()
    return found


def get_to_seal(document_id: int) -> Document | None:
    """Return a numbered document that its agency has still to seal and issue; None when it has been, went back, or waits for other
    agencies first."""
    return (
        Document.objects.select_related("making")
        .filter(pk=document_id, status__in=TO_ISSUE, number__isnull=False, next_act=Act.SEAL)
        .first()
    )


def is_named(digest: str) -> bool:
    """Tell whether any document, draft, version or attachment names a kept file."""
    stages = Q(uploaded_file=digest) | Q(laid_out_file=digest) | Q(signed_file=digest) | Q(sealed_file=digest)
    return (
        Document.objects.filter(file=digest).exists()
        or Making.objects.filter(stages).exists()
        or Attachment.objects.filter(Q(file=digest) | Q(sealed_file=digest)).exists()
        or Version.objects.filter(uploaded_file=digest).exists()
        or Edition.objects.filter(facts__uploaded_file=digest).exists()
        or OwnCopy.objects.filter(facts__uploaded_file=digest).exists()
        or OwnCopy.objects.filter(facts__attached__contains=[{"file": digest}]).exists()
    )


def get_issued(document_id: int) -> Document:
    """Return an issued document for its delivery. :raises NotFound: it was not issued"""
    found = (
        Document.objects.select_related("making", "in_reply_to").filter(pk=document_id, status=Status.ISSUED).first()
    )
    if found is None:
        raise NotFound()
    return found


def list_attachments(document_id: int) -> list[Attachment]:
    """Return the document's attachments in their order, for the node's own work."""
    return list(Attachment.objects.filter(document_id=document_id).order_by("position"))


def identifier_answered(document: Document) -> str:
    """Return the identifier of the document that this one replies to, "" if it replies to none."""
    return document.in_reply_to.identifier if document.in_reply_to else ""


def find_reply_code(document_id: int) -> str:
    """Return number and notation of the last issued document that replies to this one, "" if there is none."""
    found = Document.objects.filter(in_reply_to_id=document_id, status=Status.ISSUED).order_by("-id").first()
    return found.code if found else ""


def why_visible(actor: Actor, document_id: int) -> list[Visibility]:
    """Return the rows by which this actor sees the document: "vì sao tôi xem được"."""
    return list(Visibility.objects.filter(document_id=document_id, holder__in=actor.holders).order_by("since"))


def list_sight(actor: Actor, document_id: int) -> list[Visibility]:
    """Return every row by which somebody sees the document, for one who sees it himself. :raises NotFound: he does not"""
    get_for(actor, document_id)
    return list(Visibility.objects.filter(document_id=document_id).order_by("since", "id"))


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


def list_searches(actor: Actor) -> list[SavedSearch]:
    """Return the searches the actor saved, then those the others of his unit share; each by name."""
    shared = Q(unit_id=actor.unit_id) if actor.unit_id else Q(pk__in=[])
    found = list(SavedSearch.objects.filter(Q(person_id=actor.person_id) | shared).order_by("name", "id"))
    return sorted(found, key=lambda each: each.person_id != actor.person_id)


LONGEST_WORD = 200  # PostgreSQL takes 2,046 bytes


def list_holders(document_id: int) -> list[str]:
    """Return the tokens of everybody who sees a document, for the node's own telling."""
    return list(
        Visibility.objects.filter(document_id=document_id).order_by("since", "id").values_list("holder", flat=True)
    )


def list_issued_since(actor: Actor, document: Document, *, limit: int = 100) -> list[Document]:
    """Return what his agency issued since this document, the latest first: what may replace or correct it."""
    return list(
        Document.objects.defer("search")
        .filter(policy.visible_to(actor), agency_id=document.agency_id, direction=Direction.OUT, status=Status.ISSUED)
        .filter(order_at__gte=document.order_at, standing="")
        .exclude(pk=document.pk)
        .order_by("-order_at", "-id")[:limit]
    )


def word_query(words: str) -> SearchQuery | None:
    """Return the full-text query that finds every word, the last one by its beginning; accents typed or not."""
    tokens = [word[:LONGEST_WORD] for word in re.findall(r"[0-9a-z]+", fold(words))]
    if not tokens:
        return None
    # The last word twice: PostgreSQL knows how frequent a word is, but not how frequent a beginning is, and walks the wrong index.
    last = f"({tokens[-1]} | {tokens[-1]}:*)"
    return SearchQuery(" & ".join([*tokens[:-1], last]), config="simple", search_type="raw")


def search_vector(*parts: str) -> str:
    """Return the words under which a document is found, folded, marks of numbers split, as PostgreSQL writes a tsvector.

    Written out here, so that a thousand documents go into one statement.
    """
    words = re.findall(r"[0-9a-z]+", fold(" ".join(parts)))
    return " ".join(sorted({word[:LONGEST_WORD] for word in words}))


def _narrow(filters: Filters) -> Q:
    narrowed = Q()
    wanted = word_query(filters.words)
    if wanted is not None:
        narrowed &= Q(document__search=wanted)
    if filters.statuses:
        narrowed &= Q(document__status__in=filters.statuses)
    if filters.type_code:
        narrowed &= Q(document__type_code=filters.type_code)
    if filters.urgency is not None:
        narrowed &= Q(document__urgency=filters.urgency)
    party = word_query(filters.party)
    if party is not None:
        narrowed &= Q(document__search=party)
    if filters.since:
        narrowed &= Q(document__document_date__gte=filters.since)
    if filters.until:
        narrowed &= Q(document__document_date__lte=filters.until)
    return narrowed


def list_documents(
    *, actor: Actor, box: str, filters: Filters | None = None, after: Cursor | None = None, limit: int = PAGE
) -> Page:
    """Return a page of what the actor may see in a box ("draft", "out", "in"), newest first.

    One walk of (holder, box, order) per token the actor holds, each cut at the page, then merged: the cost does not grow with the
    number of documents. Two queries.
    """
    narrowed = Q(box=box, document__secrecy__lte=policy.level_of(actor)) & _narrow(filters or Filters())
    if after is not None:
        narrowed &= Q(order_at__lt=after.order_at) | Q(order_at=after.order_at, document_id__lt=after.document_id)
    walks: list[QuerySet[Visibility, tuple[datetime, int]]] = [
        Visibility.objects.filter(narrowed, holder=holder)
        .order_by("-order_at", "-document_id")
        .values_list("order_at", "document_id")[: limit + 1]
        for holder in actor.holders
    ]
    merged = (
        walks[0].union(*walks[1:]).order_by("-order_at", "-document_id")[: limit + 1] if len(walks) > 1 else walks[0]
    )
    keys = list(merged)
    found = (
        Document.objects.select_related("arrival", "making")
        .defer("search", "making__body")
        .in_bulk([document_id for _, document_id in keys[:limit]])
    )
    rows = [found[document_id] for _, document_id in keys[:limit]]
    more = Cursor(*keys[limit - 1]) if len(keys) > limit else None
    return Page(rows=rows, next=more)


def list_waiting(actor: Actor, *, limit: int = 200) -> list[Document]:
    """Return what waits for this actor's own act, most urgent first, then by clock."""
    return list(
        Document.objects.select_related("making", "arrival")
        .defer("search", "making__body")
        .filter(_doable(actor))
        .order_by("-urgency", "next_due_at", "id")[:limit]
    )


def count_waiting(actor: Actor) -> dict[str, int]:
    """Return how many documents wait for this actor, by act. Bounded by open work, not by the archive."""
    rows = Document.objects.filter(_doable(actor)).values_list("next_act").annotate(n=Count("id")).order_by()
    return dict(rows)


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


def _doable(actor: Actor) -> Q:
    """What waits for the actor: his tokens' work, among it what he signs together with others; the seal only where he keeps it,
    also on what another agency drafted."""
    holders = _acting(actor)
    posts = [int(holder[1:]) for holder in holders if holder.startswith("P")]
    held = Document.objects.filter(next_holder__in=holders)
    held = held if actor.keeps_seal else held.exclude(next_act__in=(Act.SEAL, Act.JOINT_SEAL, Act.PRINT))
    together = Signatory.objects.filter(waiting=True, post_id__in=posts)
    if actor.keeps_seal and f"R{actor.agency_id}" in holders:
        together |= Signatory.objects.filter(seal_waiting=True, agency_id=actor.agency_id)
    either = held.order_by().values_list("pk").union(together.order_by().values_list("document_id"), all=True)
    return Q(pk__in=either, secrecy__lte=policy.level_of(actor))


def _acting(actor: Actor) -> list[str]:
    """The tokens whose work is this actor's: a leader sees the registry's papers but does not do its work."""
    return [holder for holder in actor.holders if not holder.startswith("R") or actor.role == "clerk"]


def find_duplicate(
    *,
    agency_id: int,
    identifier: str,
    code: str,
    issuer_name: str,
    document_date: date | None,
    secret: bool = False,
    of: int | None = None,
) -> Document | None:
    """Return an incoming document of this agency that repeats the identifier, or number, notation and issuer together.

    Of two that are there (`of`: the one asked about) the second repeats the first, unless the second is in the book already.
    Classified documents are numbered for themselves: one of them and an open one of the same number are not the same.

    Source: Decree 30/2020, Appendix VI (alarm on duplicates).
    """
    same = Q(identifier=identifier) if identifier else Q(pk__in=[])
    if code and document_date:
        level = Q(secrecy__gt=Secrecy.NONE) if secret else Q(secrecy=Secrecy.NONE)
        same |= Q(level, code=code, issuer_name=issuer_name, document_date=document_date)
    found = Document.objects.filter(same, agency_id=agency_id, direction=Direction.IN).exclude(status=Status.SENT_BACK)
    if of is not None:
        found = found.filter(Q(pk__lt=of) | Q(pk__gt=of, arrival_number__isnull=False))
    return found.order_by("id").first()


def find_duplicate_of(document: Document) -> Document | None:
    """Return another incoming document that seems to be the same as this one."""
    return find_duplicate(
        agency_id=document.agency_id,
        identifier=document.identifier,
        code=document.code,
        issuer_name=document.issuer_name,
        document_date=document.document_date,
        secret=document.secrecy > Secrecy.NONE,
        of=document.pk,
    )


def facts_in_words(document: Document, making: Making) -> dict[str, Any]:
    """Return what stands on a draft besides its text, as a version keeps it: names in the order of the page, files by name."""
    recipients = list(document.recipients.order_by("position").values_list("role", "name"))
    return {
        "type_code": document.type_code,
        "issuer": document.issuer_name,
        "subject": document.subject,
        "urgency": document.urgency,
        "circulation": document.circulation,
        "reply_by": document.reply_by.isoformat() if document.reply_by else "",
        "in_reply_to": document.in_reply_to.code if document.in_reply_to else "",
        "signer": making.signer_name,
        "authority": list(making.authority_lines),
        "signatories": [f"{each.name} ({Part(each.part).label})" for each in _others(document, making)],
        "addressed": [name for role, name in recipients if role == Recipient.Role.ADDRESSED],
        "copied": [name for role, name in recipients if role == Recipient.Role.COPIED],
        "attachments": list(document.attachments.order_by("position").values_list("name", flat=True)),
    }


def _others(document: Document, making: Making) -> list[Signatory]:
    return [each for each in list_signatories(document, making) if each.part != Part.SIGNER]


def facts_of(document: Document, making: Making) -> dict[str, Any]:
    """Return what a drafter decides besides the text, as an edition keeps it: codes and ids that two edits are compared by."""
    hands = hands_of(document, making, list_signatories(document, making))
    rows = document.recipients.order_by("position").values_list("role", "agency_id", "correspondent_id")
    sent: dict[str, list[str]] = {Recipient.Role.ADDRESSED: [], Recipient.Role.COPIED: []}
    for role, agency_id, correspondent_id in rows:
        sent[role].append(str(agency_id) if correspondent_id is None else f"o{correspondent_id}")
    return {
        "type_code": document.type_code,
        "issuer": document.body_id,
        "subject": document.subject,
        "urgency": document.urgency,
        "circulation": str(document.circulation),
        "reply_by": document.reply_by.isoformat() if document.reply_by else "",
        "in_reply_to": document.in_reply_to_id,
        "signer": making.signer_post_id,
        "copies": making.copies,
        "cosigners": list(hands.cosigner_post_ids),
        "joint": list(hands.joint_agency_ids),
        "in_order": hands.in_order,
        "initials": hands.initials,
        "format_checker": hands.format_post_id,
        "addressed": sent[Recipient.Role.ADDRESSED],
        "copied": sent[Recipient.Role.COPIED],
        "uploaded_file": making.uploaded_file,
    }


def find_hold(document_id: int) -> Hold | None:
    """Return who has a draft checked out, lapsed or not."""
    return Hold.objects.filter(document_id=document_id).first()


def list_co_drafters(document_id: int) -> list[CoDrafter]:
    """Return whom a draft is written with, in the order they were asked."""
    rows = CoDrafter.objects.select_related("post__unit").filter(document_id=document_id, ended_at=None)
    return list(rows.order_by("invited_at", "id"))


def list_editions(document_id: int, *, limit: int = 60) -> list[Edition]:
    """Return the earlier states of a draft that were kept, the latest first, without their texts."""
    return list(Edition.objects.filter(document_id=document_id).defer("body", "facts").order_by("-revision")[:limit])


def get_edition(document_id: int, revision: int) -> Edition:
    """Return a draft as it stood. :raises NotFound: it was not kept"""
    found = Edition.objects.filter(document_id=document_id, revision=revision).first()
    if found is None:
        raise NotFound()
    return found


def find_base(document: Document, making: Making, revision: int) -> Edition | None:
    """Return what an edit that began at a revision can be compared by: the draft then, or the nearest kept state before it.

    An older one is as safe: what happened in between is then on both sides, or is shown as a clash.
    """
    if revision >= making.revision:
        return Edition(document=document, revision=making.revision, body=making.body, facts=facts_of(document, making))
    return Edition.objects.filter(document=document, revision__lte=revision).order_by("-revision").first()


def list_own_copies(actor: Actor, document_id: int) -> list[OwnCopy]:
    """Return the edits beside a draft that wait: the actor's own, and those handed to its drafters; without their texts."""
    rows = OwnCopy.objects.filter(document_id=document_id, ended_at=None)
    rows = rows.filter(Q(person_id=actor.person_id) | Q(returned_at__isnull=False))
    return list(rows.defer("body", "base", "facts", "base_facts").order_by("made_at", "id"))


def find_late_copy(document_id: int, person_id: int, window: str) -> OwnCopy | None:
    """Return what was kept of the late saves of a person's window, while it waits; None where there is nothing."""
    own = OwnCopy.objects.filter(document_id=document_id, person_id=person_id, window=window, ended_at=None)
    return own.first()


def get_own_copy(actor: Actor, copy_id: int) -> OwnCopy:
    """Return an edit beside a draft: the actor's own, or one handed to those who draft. :raises NotFound: it is neither"""
    found = OwnCopy.objects.filter(pk=copy_id).first()
    if found is None or (found.person_id != actor.person_id and found.returned_at is None):
        raise NotFound()
    get_for(actor, found.document_id)
    return found


def lock_own_copy(copy_id: int) -> OwnCopy:
    """Return an edit beside a draft, its row locked. :raises NotFound: there is none"""
    found = OwnCopy.objects.select_for_update().filter(pk=copy_id).first()
    if found is None:
        raise NotFound()
    return found


def list_versions(document_id: int) -> list[Version]:
    """Return every version of a draft, the latest first, for one who may see it; without their texts."""
    return list(Version.objects.filter(document_id=document_id).defer("facts", "body").order_by("-id"))


def find_last_version(document_id: int) -> Version | None:
    """Return the draft as it was last handed on, for one who may see it; None when it never was."""
    return Version.objects.filter(document_id=document_id).order_by("-id").first()


def list_issuers(agency_id: int) -> list[str]:
    """Return who sent the agency's last arrivals, the latest first, each once."""
    names = (
        Visibility.objects.filter(holder=f"R{agency_id}", box="in")
        .order_by("-order_at", "-document_id")
        .values_list("document__issuer_name", flat=True)[:LATELY]
    )
    return list(dict.fromkeys(names))


@dataclass(frozen=True)
class BookFilters:
    """What a register book is narrowed to; empty means everything. Days are the book's own, inclusive."""

    words: str = ""
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return bool(self.words or self.since or self.until)


@dataclass(frozen=True)
class BookLine:
    """One number of a series and the document that holds it; None where it is void or kept back."""

    number: Number
    document: Document | None


def _office(actor: Actor) -> int:
    """:raises NotFound: the actor has no part in the registry office"""
    if f"R{actor.agency_id}" not in actor.holders:
        raise NotFound()
    return actor.agency_id


def list_book(
    *,
    actor: Actor,
    series_id: int,
    filters: BookFilters | None = None,
    after: tuple[int, str] | None = None,
    limit: int = PAGE,
) -> list[BookLine]:
    """Return a page of a series as a register book, the latest number first; narrowed, only the documents that match.

    Classified documents have series of their own; a line whose title the actor may not read shows none (`policy.may_read_title`).

    :raises NotFound: the actor has no part in the registry office
    """
    agency_id = _office(actor)
    rows = Number.objects.filter(series_id=series_id, series__agency_id=agency_id)
    if after is not None:
        rows = rows.filter(Q(value__lt=after[0]) | Q(value=after[0], suffix__lt=after[1]))
    if filters:
        matching = Document.objects.filter(_in_book(filters, actor), agency_id=agency_id)
        rows = rows.filter(status=NumberStatus.TAKEN, subject_kind="document", subject_id__in=matching.values("id"))
    numbers = list(rows.order_by("-value", "-suffix")[:limit])
    taken = [number.subject_id for number in numbers if number.status == NumberStatus.TAKEN]
    found = (
        Document.objects.select_related("arrival__presented_post", "making__unit")
        .defer("search", "making__body")
        .in_bulk(taken)
    )
    return [
        BookLine(number, found.get(number.subject_id) if number.status == NumberStatus.TAKEN else None)
        for number in numbers
    ]


def _in_book(filters: BookFilters, actor: Actor) -> Q:
    """What is looked for by words is looked for only where the actor may read the title."""
    narrowed = Q()
    words = word_query(filters.words)
    if words is not None:
        narrowed &= Q(search=words, secrecy__lte=policy.level_of(actor))
    if filters.since:
        narrowed &= Q(direction="in", arrival__arrival_date__gte=filters.since) | Q(
            direction="out", document_date__gte=filters.since
        )
    if filters.until:
        narrowed &= Q(direction="in", arrival__arrival_date__lte=filters.until) | Q(
            direction="out", document_date__lte=filters.until
        )
    return narrowed


def list_postings(
    *, actor: Actor, year: int, filters: BookFilters | None = None, after: int | None = None, limit: int = PAGE
) -> list[Posting]:
    """Return a page of the postal book of a year, the latest first. :raises NotFound: no part in the registry office"""
    rows = Posting.objects.select_related("document").defer("document__search")
    rows = rows.filter(agency_id=_office(actor), posted_on__year=year)
    return list(_lines(rows, "posted_on", "recipient_name", filters, after)[:limit])


def list_copy_uses(
    *, actor: Actor, year: int, filters: BookFilters | None = None, after: int | None = None, limit: int = PAGE
) -> list[CopyUse]:
    """Return a page of the book of kept copies of a year, the latest first. :raises NotFound: no part in the registry office"""
    rows = CopyUse.objects.select_related("document").defer("document__search")
    rows = rows.filter(agency_id=_office(actor), lent_on__year=year)
    return list(_lines(rows, "lent_on", "user_name", filters, after)[:limit])


def _lines(rows: Any, day: str, who: str, filters: BookFilters | None, after: int | None) -> Any:
    """Narrowed and in the order they were written, the latest first."""
    asked = filters or BookFilters()
    words = word_query(asked.words)
    if words is not None:
        said = asked.words.strip()
        rows = rows.filter(Q(document__search=words) | Q(**{f"{who}__icontains": said}) | Q(code__icontains=said))
    if asked.since:
        rows = rows.filter(**{f"{day}__gte": asked.since})
    if asked.until:
        rows = rows.filter(**{f"{day}__lte": asked.until})
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return rows.order_by("-id")


def lock_posting(actor: Actor, posting_id: int) -> Posting:
    """Return a line of the postal book of the actor's agency, locked. :raises NotFound: there is none"""
    rows = Posting.objects.select_for_update(of=("self",)).select_related("document")
    found = rows.filter(pk=posting_id, agency_id=actor.agency_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_copy_use(actor: Actor, use_id: int) -> CopyUse:
    """Return a line of the book of kept copies of the actor's agency, locked. :raises NotFound: there is none"""
    rows = CopyUse.objects.select_for_update(of=("self",)).select_related("document")
    found = rows.filter(pk=use_id, agency_id=actor.agency_id).first()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Issued:
    """An outgoing document as an old book names it: by number and notation."""

    pk: int
    code: str
    document_date: date | None
    secrecy: int


def find_issued_by_code(agency_id: int, codes: Collection[str]) -> dict[str, list[Issued]]:
    """Return the outgoing documents of an agency that bear these numbers and notations."""
    rows = Document.objects.filter(agency_id=agency_id, direction=Direction.OUT, code__in=list(codes))
    found: dict[str, list[Issued]] = {}
    for row in rows.order_by("id").values_list("pk", "code", "document_date", "secrecy"):
        found.setdefault(row[1], []).append(Issued(*row))
    return found


def list_entry_marks(agency_id: int, book: str, years: Collection[int]) -> set[tuple[date, str, str]]:
    """Return day, paper and person (folded) of the lines that a postal book, or the book of kept copies, has of some years."""
    lines: Any = Posting.objects if book == "post" else CopyUse.objects
    day, who = ("posted_on", "recipient_name") if book == "post" else ("lent_on", "user_name")
    rows = lines.filter(**{"agency_id": agency_id, f"{day}__year__in": list(years)})
    told = rows.values_list(day, Coalesce("document__code", "code"), who)
    return {(on, fold(code), fold(name)) for on, code, name in told}


def list_entry_years(agency_id: int, book: str) -> list[int]:
    """Return the years of which a postal book, or the book of kept copies, has lines, the latest first."""
    days: Any = (
        Posting.objects.filter(agency_id=agency_id) if book == "post" else CopyUse.objects.filter(agency_id=agency_id)
    )
    name = "posted_on" if book == "post" else "lent_on"
    return [day.year for day in days.dates(name, "year", order="DESC")]


def hidden_columns(actor: Actor, book: str) -> frozenset[str]:
    """Return the columns of a book this person has put away."""
    found = ColumnChoice.objects.filter(person_id=actor.person_id, book=book).values_list("hidden", flat=True).first()
    return frozenset(found or ())


def list_of_post(post_id: int, *, limit: int = 500) -> tuple[list[Document], list[Document]]:
    """Return what waits for a post, then the drafts it began that are on their way elsewhere, masked as in lists."""
    rows = Document.objects.defer("search").order_by("id")
    waiting = list(rows.filter(next_holder=f"P{post_id}")[:limit])
    begun = rows.filter(making__drafter_post_id=post_id, status__in=OPEN_OUT).exclude(next_holder=f"P{post_id}")
    return waiting, list(begun[:limit])


def list_left(holders: Sequence[str], *, agency_id: int | None = None, limit: int = 1000) -> list[Document]:
    """Return what would be left with nobody when these holders are no more: documents that wait for them, drafts their posts began,
    and of an agency that is closed whatever somebody has yet to act on."""
    posts = [int(each[1:]) for each in holders if each.startswith("P")]
    left = Q(next_holder__in=holders) | Q(making__drafter_post__in=posts, status__in=OPEN_OUT)
    if agency_id is not None:
        left |= Q(agency_id=agency_id) & ~Q(next_holder="")
    return list(Document.objects.defer("search").filter(left).order_by("id")[:limit])


def count_open_of_agency(agency_id: int) -> int:
    """Count the documents of an agency, going out or come in, that somebody has yet to act on."""
    return Document.objects.filter(agency_id=agency_id).exclude(next_holder="").count()


def list_past_in_use(document_ids: list[int]) -> set[int]:
    """Return those of some documents of the past that were shown to somebody since they were taken from their book."""
    rows = Visibility.objects.filter(document_id__in=document_ids).exclude(reason="past")
    return set(rows.values_list("document_id", flat=True))


def reply_codes(document_ids: list[int]) -> dict[int, str]:
    """Return, for incoming documents, number and notation of the last issued document that replies to each. One query."""
    rows = Document.objects.filter(in_reply_to_id__in=document_ids, status=Status.ISSUED).order_by("id")
    return {answered: code for answered, code in rows.values_list("in_reply_to_id", "code") if answered is not None}


def count_astray(series_ids: list[int]) -> dict[int, int]:
    """Return, by series, how many numbers that are taken are not carried by the document that should; there should be none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT held.series_id, count(*) FROM numbering_number AS held"
            " LEFT JOIN documents_document AS paper ON held.subject_kind = 'document' AND paper.id = held.subject_id"
            " AND (held.value = CASE paper.direction WHEN 'in' THEN paper.arrival_number ELSE paper.number END"
            "  OR paper.status = 'past' AND (held.suffix <> '' OR paper.secrecy > 0) AND paper.arrival_number IS NULL)"
            " WHERE held.series_id = ANY(%s) AND held.status = 'taken' AND paper.id IS NULL GROUP BY held.series_id",
            [series_ids],
        )
        return dict(cursor.fetchall())


def series_of(document: Document, year: int) -> SeriesKey:
    """Return the series an outgoing document is numbered in, as the agency's books are laid out; secret ones have their own."""
    secrecy = "" if document.secrecy == Secrecy.NONE else "secret"
    filled = find_filled(document)
    group = f"F{filled.version.form_id}" if filled else series_type(document.type_code)
    return numbering.key_of(document.agency_id, group, secrecy, year, document.body_id)


def right_to_sign(document: Document, post_id: int, type_code: str, on: date) -> SigningRight:
    """Return the right of a post to sign for the agency, or for the body in whose name the document is issued.

    :raises Refusal: as people.get_signing_right and get_body_right
    """
    if document.body_id is None:
        return people.get_signing_right(agency_id=document.agency_id, post_id=post_id, type_code=type_code, on=on)
    return people.get_body_right(body_id=document.body_id, post_id=post_id, on=on)


def list_mandates(agency_id: int) -> list[Mandate]:
    """Return what the agency was given to issue besides administrative documents, the latest first."""
    return list(Mandate.objects.filter(agency_id=agency_id).order_by("-since", "-id"))


def list_drafted(agency_id: int, on: date, bodies: Iterable[Body] = ()) -> dict[str, DocumentType]:
    """Return the types that an agency drafts on a day, by their codes; those of the Party where one of the bodies is its organ."""
    running = Q(until=None) | Q(until__gt=on)
    given = set(Mandate.objects.filter(running, agency_id=agency_id, since__lte=on).values_list("family", flat=True))
    if any(each.kind == BodyKind.PARTY for each in bodies):
        given.add(Family.PARTY.value)
    return {
        code: kind for code, kind in DRAFTED.items() if kind.family not in policy.NOT_FOR_ALL or kind.family in given
    }


def find_drafting_file(document_id: int) -> DraftingFile | None:
    """Return the drafting file of a normative document, when something was written into it."""
    return DraftingFile.objects.filter(pk=document_id).first()


def get_form(form_id: int) -> PaperForm:
    """Return a form. :raises NotFound: there is none"""
    found = PaperForm.objects.select_related("agency").filter(pk=form_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_form(form_id: int) -> PaperForm:
    """Return a form that is in use, its row locked. :raises NotFound: there is none, or it is closed"""
    found = PaperForm.objects.select_for_update().filter(pk=form_id, closed_at=None).first()
    if found is None:
        raise NotFound()
    return found


def list_forms(agency_id: int) -> list[PaperForm]:
    """Return the forms of an agency, those closed last."""
    return list(PaperForm.objects.filter(agency_id=agency_id).order_by("-closed_at", "name", "id"))


def list_form_versions(form_id: int) -> list[FormVersion]:
    """Return every version of a form, the latest first."""
    return list(FormVersion.objects.filter(form_id=form_id).select_related("form").order_by("-number"))


def find_published(form: PaperForm) -> FormVersion | None:
    """Return the version of a form that is filled in now; None before its first, and of a closed form."""
    if form.closed_at is not None:
        return None
    published = FormVersion.objects.filter(form=form, published_at__isnull=False).select_related("form")
    return published.order_by("-number").first()


def list_to_fill(agency_id: int) -> list[FormVersion]:
    """Return, of each form of an agency that can be filled in, the version in use."""
    published = FormVersion.objects.filter(
        form__agency_id=agency_id, form__closed_at=None, published_at__isnull=False
    ).select_related("form")
    return list(published.order_by("form__name", "form_id", "-number").distinct("form__name", "form_id"))


def find_filled(document: Document) -> Filled | None:
    """Return what was filled into the form that a document is, if it is one."""
    if document.type_code not in SPECIALISED:
        return None
    return Filled.objects.select_related("version__form").filter(document=document).first()


def name_of_form(group: str) -> str:
    """Return the form whose series a group is; "" where it is none's."""
    if not (group[:1] == "F" and group[1:].isdecimal()):
        return ""
    return PaperForm.objects.filter(pk=int(group[1:])).values_list("name", flat=True).first() or ""


def find_type_texts(agency_id: int, on: date) -> dict[str, TypeText]:
    """What drafts of each type begin with in an agency on a day, in one question: its own version, or of the nearest above it."""
    found = (
        TypeText.objects.filter(published_at__isnull=False, undone_at=None, from_date__lte=on)
        .annotate(path=Subquery(Unit.objects.filter(pk=agency_id).values("path")), deep=Length("agency__path"))
        .filter(path__startswith=F("agency__path"))
        .select_related("agency")
        .order_by("deep", "from_date", "number")
    )
    return {text.type_code: text for text in found}


def list_type_texts(agency_id: int, type_code: str) -> list[TypeText]:
    """The versions an agency wrote for a type, the latest first."""
    return list(TypeText.objects.filter(agency_id=agency_id, type_code=type_code).order_by("-number"))


def get_type_text(text_id: int) -> TypeText:
    """One version, with its agency. :raises NotFound:"""
    found = TypeText.objects.select_related("agency").filter(pk=text_id).first()
    if found is None:
        raise NotFound()
    return found


def find_filing(document: Document) -> Filing | None:
    """Under what the document is filed."""
    return Filing.objects.select_related("retention", "field").filter(document=document).first()


def find_filings(document_ids: Sequence[int]) -> dict[int, Filing]:
    """Under what these documents are filed, by document; those that are not filed have none."""
    found = Filing.objects.select_related("retention", "field").filter(document_id__in=document_ids)
    return {filing.document_id: filing for filing in found}


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


def find_arrived(key: str) -> int | None:
    """Return the document that came under a delivery key, if it did."""
    return Arrival.objects.filter(delivery_key=key).values_list("document_id", flat=True).first()


def list_recipient_agencies(document_id: int) -> list[Recipient]:
    """Return the document's recipients in their order."""
    return list(
        Recipient.objects.select_related("agency", "correspondent").filter(document_id=document_id).order_by("position")
    )


def list_files(actor: Actor, document_id: int) -> dict[str, str]:
    """Return the digests of the files an actor may read with this document, each with a name.

    Of a classified document none: what is kept are its sealed bytes.

    :raises NotFound: the document is not his to see
    """
    document = get_for(actor, document_id)
    if document.classified_id is not None:
        return {}
    name = re.sub(r"[^\w.-]+", "-", document.code or "du-thao").strip("-")
    files = {document.file: f"{name}.pdf"} if document.file else {}
    if document.direction == Direction.OUT and document.making.laid_out_file:
        files.setdefault(document.making.laid_out_file, f"{name}-ban-trinh-ky.pdf")
    if document.direction == Direction.IN and document.arrival.stamped_file:
        files.setdefault(document.arrival.stamped_file, f"{name}-dau-den.pdf")
    for attachment in document.attachments.order_by("position"):
        files[attachment.file] = attachment.name
        if attachment.sealed_file:
            files[attachment.sealed_file] = attachment.name
    return files


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


def list_visible(actor: Actor, ids: list[int]) -> dict[int, Document]:
    """Return those of some documents that the actor may see."""
    return Document.objects.defer("search").filter(policy.visible_to(actor)).in_bulk(ids)


def list_titles(actor: Actor, ids: list[int]) -> dict[int, str]:
    """Return the numbers and subjects of those of many documents that the actor may see: one question, nothing else is read."""
    if not ids:
        return {}
    rows = Document.objects.filter(policy.visible_to(actor), pk__in=RawSQL("select unnest(%s::bigint[])", [ids]))
    return {pk: f"{code} {subject}".strip() for pk, code, subject in rows.values_list("pk", "code", "subject")}


def list_by_code(actor: Actor, code: str, on: date | None = None) -> list[Document]:
    """Return the documents of a number and notation (and day) that the actor may see, the newest first; ten at most."""
    rows = Document.objects.defer("search").filter(policy.visible_to(actor), code=code.strip())
    return list((rows.filter(document_date=on) if on else rows).order_by("-pk")[:10])


def agencies_of(ids: list[int]) -> dict[int, int]:
    """Return which agency holds each of some documents."""
    return dict(Document.objects.filter(pk__in=ids).values_list("id", "agency_id"))


def answered_by(ids: list[int]) -> list[int]:
    """Return the documents that some documents answer."""
    rows = Document.objects.filter(pk__in=ids, in_reply_to__isnull=False)
    return list(rows.values_list("in_reply_to_id", flat=True).distinct())


MOST_COUNTED = 100_000
"""Documents are counted up to here; of more it is said that they are more."""


def count_seen_only(
    tokens: Iterable[str], level: int, less: Iterable[str], less_level: int
) -> dict[tuple[int, str], int]:
    """Count, by agency and box, the documents seen by some tokens at a level that others at theirs do not see.

    By the rule of `policy.visible_to`, over the same rows. At most `MOST_COUNTED` and one are counted.
    """
    held, other = set(tokens), set(less)
    asked = held - other if level <= less_level else held
    if not asked:
        return {}
    theirs = Visibility.objects.filter(document=OuterRef("document"), holder__in=sorted(other))
    mine = Visibility.objects.filter(holder__in=sorted(asked), document__secrecy__lte=level)
    mine = mine.exclude(Q(Exists(theirs)) & Q(document__secrecy__lte=less_level)) if other else mine
    mine = mine.annotate(held_by=F("document__agency_id")).order_by()
    found = mine.values("document_id", "held_by", "box").distinct()[: MOST_COUNTED + 1]
    counted: dict[tuple[int, str], int] = defaultdict(int)
    sql, given = found.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT seen.held_by, seen.box, count(*) FROM ({sql}) seen GROUP BY 1, 2", given)  # noqa: S608
        for agency_id, box, n in cursor.fetchall():
            counted[agency_id, box] = n
    return dict(counted)
