"""Lists by keyset, what waits, what is kept of searching."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL

from antin.documents import policy
from antin.documents.models import (
    ColumnChoice,
    Document,
    SavedSearch,
    Signatory,
    Visibility,
)
from antin.documents.states import Act, Direction, Secrecy, Status
from antin.identifiers.text import fold
from antin.people.actor import Actor

PAGE = 50


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


def list_searches(actor: Actor) -> list[SavedSearch]:
    """Return the searches the actor saved, then those the others of his unit share; each by name."""
    shared = Q(unit_id=actor.unit_id) if actor.unit_id else Q(pk__in=[])
    found = list(SavedSearch.objects.filter(Q(person_id=actor.person_id) | shared).order_by("name", "id"))
    return sorted(found, key=lambda each: each.person_id != actor.person_id)


LONGEST_WORD = 200  # PostgreSQL takes 2,046 bytes


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


def hidden_columns(actor: Actor, book: str) -> frozenset[str]:
    """Return the columns of a book this person has put away."""
    found = ColumnChoice.objects.filter(person_id=actor.person_id, book=book).values_list("hidden", flat=True).first()
    return frozenset(found or ())


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


def answered_by(ids: list[int]) -> list[int]:
    """Return the documents that some documents answer."""
    rows = Document.objects.filter(pk__in=ids, in_reply_to__isnull=False)
    return list(rows.values_list("in_reply_to_id", flat=True).distinct())
