"""Who sees what and why, and what hangs on a post or a unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from antin.documents.models import (
    Document,
    Visibility,
)
from antin.documents.queries.whole import get_for
from antin.documents.states import OPEN_OUT
from antin.people.actor import Actor


def why_visible(actor: Actor, document_id: int) -> list[Visibility]:
    """Return the rows by which this actor sees the document: "vì sao tôi xem được"."""
    return list(Visibility.objects.filter(document_id=document_id, holder__in=actor.holders).order_by("since"))


def list_sight(actor: Actor, document_id: int) -> list[Visibility]:
    """Return every row by which somebody sees the document, for one who sees it himself. :raises NotFound: he does not"""
    get_for(actor, document_id)
    return list(Visibility.objects.filter(document_id=document_id).order_by("since", "id"))


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


def agencies_of(ids: list[int]) -> dict[int, int]:
    """Return which agency holds each of some documents."""
    return dict(Document.objects.filter(pk__in=ids).values_list("id", "agency_id"))


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
