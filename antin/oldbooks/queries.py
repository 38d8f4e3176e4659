"""Reading imports of old books: an agency sees its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Count

from antin.identifiers.text import fold
from antin.numbering import queries as numbering
from antin.numbering.queries import SeriesKey
from antin.oldbooks import policy
from antin.oldbooks.balance import Counted, Place, Said
from antin.oldbooks.models import Hole, OldBook, OldLine
from antin.oldbooks.reading import COPIES, OUT
from antin.oldbooks.states import Outcome, Status
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, refuse
from antin.workdays.queries import local_date

PAGE = 200
SHARED = "*"
"""Group of a sequence of all types that has no book on this node yet."""


def get_for(actor: Actor, old_book_id: int) -> OldBook:
    """Return an import of the actor's agency. :raises NotForOldBooks: :raises NotFound: absent, or not his to see"""
    refuse(policy.why_not_import(actor))
    found = OldBook.objects.filter(policy.visible_to(actor), pk=old_book_id).first()
    if found is None:
        raise NotFound()
    return found


def get(old_book_id: int) -> OldBook:
    """Return an import for the node's own work. :raises NotFound: there is none"""
    found = OldBook.objects.filter(pk=old_book_id).first()
    if found is None:
        raise NotFound()
    return found


def lock(old_book_id: int) -> OldBook:
    """Return an import, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = OldBook.objects.select_for_update().filter(pk=old_book_id).first()
    if found is None:
        raise NotFound()
    return found


def find_begun(actor: Actor, key: str) -> OldBook | None:
    """Return the import that a form of the actor's agency began, if it did."""
    return OldBook.objects.filter(begun_in=key, agency_id=actor.agency_id).first()


def name_begun(key: str) -> str:
    """Return by what key an import that is begun from `key` is known: a new one once the last was dropped or undone."""
    rows = OldBook.objects.filter(begun_in__startswith=f"{key}:").values_list("status", flat=True)
    return f"{key}:{sum(status in (Status.DROPPED, Status.UNDONE) for status in rows)}"


def list_imports(actor: Actor, *, limit: int = 50) -> list[OldBook]:
    """Return the imports of the actor's agency, the latest first. :raises NotForOldBooks:"""
    refuse(policy.why_not_import(actor))
    return list(OldBook.objects.filter(policy.visible_to(actor)).defer("samples").order_by("-id")[:limit])


def list_lines(
    old_book_id: int, *, outcome: str = "", remarked: bool = False, after: int = 0, limit: int = PAGE
) -> list[OldLine]:
    """Return lines of an import in their order, of one outcome if asked, or those of which something did not come along."""
    rows = OldLine.objects.filter(old_book_id=old_book_id, row__gt=after)
    if outcome:
        rows = rows.filter(outcome=outcome)
    if remarked:
        rows = rows.exclude(remark="")
    return list(rows.order_by("row")[:limit])


def count_lines(old_book_id: int) -> dict[str, int]:
    """Return how many lines of an import there are by outcome."""
    rows = OldLine.objects.filter(old_book_id=old_book_id).values_list("outcome").annotate(n=Count("id")).order_by()
    return dict(rows)


def count_remarked(old_book_id: int) -> int:
    """Return of how many lines something did not come along."""
    return OldLine.objects.filter(old_book_id=old_book_id).exclude(remark="").count()


def list_ready(old_book_id: int, limit: int) -> list[OldLine]:
    """Return the next lines whose documents are still to be made."""
    return list(OldLine.objects.filter(old_book_id=old_book_id, outcome=Outcome.READY).order_by("row")[:limit])


def find_line_of(document_id: int) -> OldLine | None:
    """Return the line of the old book that a document of the past was made of."""
    return OldLine.objects.select_related("old_book").filter(document_id=document_id).first()


def list_document_ids(old_book_id: int) -> list[int]:
    """Return the documents an import made."""
    rows = OldLine.objects.filter(old_book_id=old_book_id, document__isnull=False)
    return list(rows.values_list("document_id", flat=True))


def list_said(old_book_id: int) -> list[Said]:
    """Return the reasons given for missing numbers."""
    rows = Hole.objects.filter(old_book_id=old_book_id).order_by("year", "group", "first")
    return [Said(row.year, row.group, row.first, row.last, row.reason) for row in rows]


def count_matched(old_book_id: int) -> int:
    """Return how many lines of a book that numbers nothing found their paper in our registers."""
    rows = OldLine.objects.filter(old_book_id=old_book_id, outcome__in=(Outcome.READY, Outcome.TAKEN))
    return rows.filter(facts__has_key="document").count()


def list_open_rows(old_book_id: int) -> list[int]:
    """Return the lines of a book of kept copies that had no day of return."""
    rows = OldLine.objects.filter(old_book_id=old_book_id, old_book__book=COPIES, outcome=Outcome.TAKEN)
    return list(rows.filter(facts__back="").values_list("row", flat=True))


def list_counted(old_book_id: int) -> Iterable[Counted]:
    """Return what of the lines of an import its balance is made of."""
    rows = OldLine.objects.filter(old_book_id=old_book_id).order_by("row")
    for outcome, year, group, value, suffix, facts in rows.values_list(
        "outcome", "year", "group", "value", "suffix", "facts"
    ).iterator(2000):
        yield Counted(
            outcome=outcome,
            year=year,
            group=group,
            value=value,
            suffix=suffix,
            double=bool(facts.get("double")),
            by_default=bool(facts.get("by_default")) and outcome != Outcome.REFUSED,
            filed=facts.get("place") is not None,
        )


def key_of(old_book: OldBook, year: int, group: str) -> SeriesKey:
    """Return the series of a place of the balance."""
    return SeriesKey(old_book.agency_id, old_book.book, year, group, class_of(old_book))


def class_of(old_book: OldBook) -> str:
    """Return the class of the series: secret papers have their own."""
    return "secret" if old_book.secret else ""


def place_of(
    old_book: OldBook, type_code: str, year: int, this_year: int, known: dict[tuple[str, int], Place]
) -> Place:
    """Return in which sequence a line is numbered: as books are laid out; `SHARED` where one is to be for a year that is over."""
    if old_book.book != OUT:
        return year, ""
    if (type_code, year) not in known:
        laid_out = numbering.find_book(old_book.agency_id, type_code, class_of(old_book), year)
        if old_book.together and laid_out is None and year < this_year:
            known[type_code, year] = (year, SHARED)
        else:
            key = numbering.key_of(old_book.agency_id, type_code, class_of(old_book), year)
            known[type_code, year] = (key.year, key.type_group)
    return known[type_code, year]


def list_held(
    old_book: OldBook, places: Iterable[Place], *, but_moved: bool = False
) -> dict[Place, set[tuple[int, str]]]:
    """Return the numbers that the sequences of an import hold on this node already; `but_moved`: without those whose lines are
    still to come from the node that gave them."""
    return {
        (year, group): numbering.list_values(key_of(old_book, year, group), but_moved=but_moved)
        for year, group in places
        if group != SHARED
    }


def named_units(old_book: OldBook) -> Mapping[str, int]:
    """Return the units of the agency by the names an old book may call them (folded); one that two share is left out."""
    house = people.get_unit(old_book.agency_id)
    found: dict[str, set[int]] = {}
    for row in people.list_tree(on=local_date(old_book.begun_at), below=house):
        if row.agency_id == old_book.agency_id:
            for words in (row.name, row.short_name, row.abbreviation):
                if words:
                    found.setdefault(fold(words), set()).add(row.id)
    return {words: next(iter(ids)) for words, ids in found.items() if len(ids) == 1}
