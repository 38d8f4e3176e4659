"""Finding documents by words: the index is asked with the tokens the actor holds, and every hit is checked again in the database.

When there is no index to ask, or it is damaged, the words of the lists are searched instead (number, subject, parties), and that is
said. Nothing is ever found that the actor may not see: the index only proposes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from antin.documents import policy, queries
from antin.documents.models import Attachment, Document, Visibility
from antin.documents.queries import Filters
from antin.documents.types import ALL_TYPES
from antin.files import queries as files
from antin.identifiers.text import clean_line
from antin.index import queries as index
from antin.index.queries import Behind, Narrowing
from antin.index.words import Piece, Synonyms
from antin.people import queries as people
from antin.people.actor import Actor
from antin.typeset import body as bodies

FACETS = index.FACETS
PAGE = 30
MOST = 5000
"""So many rows are taken out at once."""
KNOWN_FOR = 60.0
BOXES = ("in", "out", "draft")
FOR_EVER = "permanent"
"""The retention period that is no number of years."""


@dataclass(frozen=True)
class Search:
    """What is looked for. `facets` by the names of `index.FACETS`, any of the values; `since` and `until` on the document's own
    date, both included; `latest`: the newest first, however well they fit."""

    words: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    latest: bool = False
    exactly: bool = False


@dataclass(frozen=True)
class Hit:
    """A document, its subject and code with what was asked for told apart, and a passage of its text when it is found there."""

    document: Document
    subject: list[Piece]
    code: list[Piece]
    passage: list[Piece]


@dataclass(frozen=True)
class Results:
    """A page of hits. `count` is None when only the lists could be searched. `behind` says what the index does not know yet.

    `counted_since`: only what has come or been issued since was counted, also in the facets; there are at least so many.
    """

    hits: list[Hit]
    count: int | None
    facets: Mapping[str, list[tuple[str, int]]]
    behind: Behind | None
    usable: bool
    more: bool
    counted_since: datetime | None = None


def find(*, actor: Actor, search: Search, at: datetime, offset: int = 0, limit: int = PAGE) -> Results:
    """Return a page of what the actor may see of what is looked for, the best first, in a fixed number of queries."""
    question = index.ask(search.words, _synonyms())
    asked = _Asked(index.pattern_of(question), index.pattern_of(question, typed_only=True))
    narrowing = Narrowing(
        holders=actor.holders,
        level=policy.level_of(actor),
        facets={name: values for name, values in search.facets.items() if values and name in index.FACETS},
        since=search.since.toordinal() if search.since else None,
        until=search.until.toordinal() if search.until else None,
    )
    if search.words.strip() and not question.wanted:
        return Results([], 0, {}, None, usable=True, more=False)
    try:
        found = index.find(
            question, narrowing, limit=limit + 1, offset=offset, latest=search.latest, exactly=search.exactly
        )
    except index.Unusable:
        return _in_the_lists(actor, search, asked, limit)
    ids = found.ids[:limit]
    documents = _checked(actor, ids)
    gone = len(ids) - len(documents)
    return Results(
        hits=_hits(documents, asked),
        count=max(found.count - gone, len(documents)),
        facets=found.facets,
        behind=index.find_behind(at),
        usable=True,
        more=len(found.ids) > limit and offset + limit < index.DEEPEST,
        counted_since=datetime.fromtimestamp(found.since / 1_000_000, UTC) if found.since is not None else None,
    )


def _checked(actor: Actor, ids: list[int]) -> list[Document]:
    """The documents the actor may see now, in the order of the ids."""
    held = Visibility.objects.filter(document_id__in=ids, holder__in=actor.holders).values_list(
        "document_id", flat=True
    )
    seen = (
        Document.objects.select_related("arrival", "making")
        .defer("search")
        .filter(secrecy__lte=policy.level_of(actor))
        .in_bulk(set(held))
    )
    return [seen[each] for each in ids if each in seen]


@dataclass(frozen=True)
class _Asked:
    """What finds the words in a text: with what they stand for, and as they were typed."""

    any: re.Pattern[str] | None
    typed: re.Pattern[str] | None


def _hits(documents: list[Document], asked: _Asked) -> list[Hit]:
    hits = []
    wanting = []
    for document in documents:
        hit = Hit(document, index.mark(document.subject, asked.any), index.mark(document.code, asked.any), [])
        if asked.any is not None and not any(said for _, said in hit.subject):
            wanting.append(document)
        hits.append(hit)
    passages = _passages(wanting, asked)
    return [Hit(hit.document, hit.subject, hit.code, passages.get(hit.document.pk, [])) for hit in hits]


def _passages(documents: list[Document], asked: _Asked) -> dict[int, list[Piece]]:
    """Where the text says it, for those whose subject does not; only what was read before is looked through."""
    found: dict[int, list[Piece]] = {}
    attached: dict[int, list[str]] = {}
    if documents:
        rows = Attachment.objects.filter(document__in=documents).order_by("position").values_list("document_id", "file")
        for document_id, digest in rows:
            attached.setdefault(document_id, []).append(digest)
    for document in documents:
        if document.secrecy:
            continue
        texts = list(_texts(document, attached.get(document.pk, [])))
        ways = ((text, pattern) for pattern in (asked.typed, asked.any) for text in texts)
        passage = next(filter(None, (index.excerpt(text, pattern) for text, pattern in ways)), None)
        if passage:
            found[document.pk] = passage
    return found


def _texts(document: Document, attached: list[str]) -> Iterable[str]:
    making = getattr(document, "making", None)
    if making is not None and making.body and not document.file:
        yield bodies.plain_text(making.body)
    uploaded = making.uploaded_file if making is not None else ""
    for digest in (document.file or uploaded, *attached):
        if digest:
            yield files.find_words(digest) or ""


def _in_the_lists(actor: Actor, search: Search, asked: _Asked, limit: int) -> Results:
    """What the lists know by their own words, of every box, the newest first."""

    def one(name: str) -> str:
        return next(iter(search.facets.get(name, ())), "")

    urgency = one("urgency")
    filters = Filters(
        words=search.words,
        statuses=search.facets.get("status", ()),
        type_code=one("kind"),
        urgency=int(urgency) if urgency.isdecimal() else None,
        party=one("unit"),
        since=search.since,
        until=search.until,
    )
    boxes = [box for box in BOXES if box in search.facets.get("box", BOXES)]
    rows = [
        document
        for box in boxes
        for document in queries.list_documents(actor=actor, box=box, filters=filters, limit=limit).rows
    ]
    rows.sort(key=lambda document: (document.order_at, document.pk), reverse=True)
    return Results(_hits(rows[:limit], asked), None, {}, None, usable=False, more=len(rows) > limit)


_known: tuple[float, Synonyms] = (0.0, {})


def _synonyms() -> Synonyms:
    """Abbreviations of document types and units, each with its name; asked anew every minute."""
    global _known  # noqa: PLW0603 - one per process
    learned, synonyms = _known
    if not synonyms or time.monotonic() - learned > KNOWN_FOR:
        pairs = [(kind.abbreviation, kind.name) for kind in ALL_TYPES.values() if kind.abbreviation]
        pairs += [(clean_line(short), clean_line(name)) for short, name in people.list_abbreviations()]
        synonyms = index.synonyms_of(pairs)
        _known = (time.monotonic(), synonyms)
    return synonyms
