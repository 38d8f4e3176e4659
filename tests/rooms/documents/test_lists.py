"""Lists: what is found, in which order, page by page, at a fixed number of queries."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.queries import Cursor, Filters
from antin.numbering import queries as numbering
from antin.refusal import NotFound
from tests import given
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def arrivals(cast: Cast, at: datetime, count: int) -> list[int]:
    return [
        given.an_arrival(
            cast,
            at + timedelta(seconds=n // 2),
            key=f"k{n}",
            code=f"{n + 1}/TCZ-KH",
            number=n + 1,
            subject=f"Việc {n + 1}",
        ).pk
        for n in range(count)
    ]


def test_pages_follow_one_another_without_a_gap_or_a_double(cast: Cast, at: datetime) -> None:
    made = arrivals(cast, at, 23)
    seen: list[int] = []
    after: Cursor | None = None
    while True:
        page = queries.list_documents(actor=cast.recipient_head.actor(), box="in", after=after, limit=5)
        seen += [row.pk for row in page.rows]
        if page.next is None:
            break
        after = Cursor.parse(str(page.next))
        assert after == page.next
    assert seen == sorted(made, reverse=True)


@pytest.mark.parametrize("text", ["", "1-", "x-1", "1.5-2", "99999999999999.000000-1", "1.000000-1'; drop table"])
def test_a_cursor_that_nobody_wrote_is_no_cursor(text: str) -> None:
    assert Cursor.parse(text) is None


def test_a_page_costs_two_queries_for_every_actor(
    cast: Cast, at: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    arrivals(cast, at, 6)
    for member in (cast.recipient_clerk, cast.recipient_head, cast.recipient_works_officer):
        actor = member.actor()
        with django_assert_num_queries(2 if member is not cast.recipient_works_officer else 1):
            queries.list_documents(actor=actor, box="in", filters=Filters(words="viec"))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("kết quả ký số", True),
        ("ket qua ky so", True),
        ("KẾT QUẢ", True),
        ("ke\u0302\u0301t qua\u0309", True),
        ("ký số quý I", True),  # the last word by its beginning
        ("15/TCZ", True),
        ("15/tcz-kh", True),
        ("tong cuc z", True),
        ("16/TCZ", False),
        ("hội nghị", False),
        ("' | !", True),  # nothing to look for: everything
    ],
)
def test_words_are_found_with_or_without_accents(cast: Cast, at: datetime, words: str, found: bool) -> None:
    given.an_arrival(cast, at)
    page = queries.list_documents(actor=cast.recipient_clerk.actor(), box="in", filters=Filters(words=words))
    assert bool(page.rows) is found


def test_filters_narrow(cast: Cast, at: datetime) -> None:
    given.an_arrival(cast, at, key="a", type_code="QĐ", urgency=2, document_date=date(2026, 10, 1))
    given.an_arrival(cast, at, key="b", document_date=date(2026, 11, 1))

    def keys(**filters: object) -> list[str]:
        page = queries.list_documents(actor=cast.recipient_clerk.actor(), box="in", filters=Filters(**filters))  # type: ignore[arg-type]
        return sorted(row.arrival.delivery_key for row in page.rows)

    assert keys() == ["a", "b"]
    assert keys(type_code="QĐ") == ["a"]
    assert keys(urgency=2) == ["a"]
    assert keys(since=date(2026, 10, 2)) == ["b"]
    assert keys(until=date(2026, 10, 1)) == ["a"]
    assert keys(statuses=("registered",)) == []
    assert keys(party="tổng cục") == ["a", "b"]


def test_the_register_books_are_the_registrys(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    [series] = numbering.list_proofs(agency_id=cast.recipient_id, year=2026)
    for member in (cast.recipient_clerk, cast.recipient_head):
        [line] = queries.list_book(actor=member.actor(), series_id=series.series_id)
        assert (line.document, line.number.value) == (document, 1)
    assert queries.list_book(actor=cast.clerk.actor(), series_id=series.series_id) == []
    with pytest.raises(NotFound):
        queries.list_book(actor=cast.recipient_works_officer.actor(), series_id=series.series_id)


def test_an_answer_is_found_from_both_ends_by_those_who_see_both(cast: Cast, at: datetime) -> None:
    asked = given.an_issued_document(cast, at)
    [answer_id] = documents.arrive_many(
        arrivals=[given.new_arrival(cast.agency_id, key="reply", answers=asked.identifier)], actor=None, at=at
    ).values()
    clerk = cast.clerk.actor()
    whole = queries.get_whole(clerk, asked.pk)
    assert [reply.pk for reply in whole.replies] == [answer_id]
    answer = queries.get_for(clerk, answer_id)
    assert queries.find_answered(clerk, answer) == asked
    assert queries.find_answered(cast.recipient_clerk.actor(), answer) is None
    assert queries.get_whole(cast.plan_officer.actor(), asked.pk).replies == []
