"""Books that go to another node: closed, told, taken over with every number accounted for, and never numbered in at two places."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from antin.journal import queries as journal
from antin.numbering import operations as numbering
from antin.numbering import policy, queries
from antin.numbering.moving import Layout, Reserved, Told, Voided
from antin.numbering.operations import Taken
from antin.numbering.queries import Proof, SeriesKey
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db
UNTIL = TODAY + timedelta(days=30)


def key(cast: Cast, group: str = "CV", year: int = 2026) -> SeriesKey:
    return SeriesKey(agency_id=cast.agency_id, book="out", year=year, type_group=group)


def take(cast: Cast, at: datetime, subject: int, group: str = "CV") -> int:
    return numbering.take(series=key(cast, group), subject=("document", subject), actor=None, at=at).value


def proof(cast: Cast, group: str = "CV") -> Proof:
    rows = queries.list_proofs(agency_id=cast.agency_id, year=2026)
    return next(each for each in rows if each.type_group == group)


def close(cast: Cast, at: datetime) -> int:
    return numbering.close_books(agency_id=cast.agency_id, node="b2", node_name="Cục Xa", actor=None, at=at)


def came(cast: Cast, at: datetime, *told: Told, layouts: tuple[Layout, ...] = (), move_id: int = 7) -> Taken:
    return numbering.take_moved(
        agency_id=cast.agency_id, told=told, layouts=layouts, move_id=move_id, node="b2", actor=None, at=at
    )


def letters(at: datetime, **changes: object) -> Told:
    """1 to 5: 3 is void, 5 is kept back; 2a was put between."""
    told = Told(
        book="out",
        year=2026,
        group="CV",
        secrecy_class="",
        body_id=None,
        last=5,
        given=((1, 2), (4, 4)),
        inserted=((2, "a"),),
        voided=(Voided(3, "", at, "Trả lại"),),
        reserved=(Reserved(5, "", UNTIL, "Chờ ký", "Trần Văn Thư", at),),
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def test_closed_books_give_nothing_and_say_where_they_are(cast: Cast, at: datetime) -> None:
    first = take(cast, at, 1)
    kept = numbering.reserve(series=key(cast), reason="Chờ", until=UNTIL, actor=cast.clerk.actor(), today=TODAY, at=at)
    assert (first, close(cast, at)) == (1, 1)
    elsewhere = policy.BooksElsewhere
    again = {"series": key(cast), "actor": cast.clerk.actor(), "at": at}
    assert take(cast, at, 1) == 1, "asking for a number that is held is no taking"
    refused(elsewhere, lambda: take(cast, at, 2))
    refused(elsewhere, lambda: take(cast, at, 2, "BC"))  # a series that was not begun
    refused(elsewhere, lambda: numbering.take(subject=("document", 3), reserved_id=kept.pk, **again))
    refused(elsewhere, lambda: numbering.void(subject=("document", 1), reason="Sai", **again))
    refused(elsewhere, lambda: numbering.reserve(reason="Chờ", until=UNTIL, today=TODAY, **again))
    refused(elsewhere, lambda: numbering.release(number_id=kept.pk, reason="Thôi", actor=cast.clerk.actor(), at=at))
    refused(
        elsewhere,
        lambda: numbering.insert(
            series=key(cast), after=1, reason="Sót", until=UNTIL, actor=cast.head.actor(), today=TODAY, at=at
        ),
    )
    refused(elsewhere, lambda: close(cast, at))
    book = {"agency_id": cast.agency_id, "name": "Sổ", "type_codes": ["BC"], "from_year": 2027, "basis": "QĐ"}
    refused(elsewhere, lambda: numbering.set_book(**book, actor=cast.administrator.actor(), today=TODAY, at=at))
    assert numbering.release_expired(today=UNTIL + timedelta(days=1), at=at) == 0, "what was kept back went along"
    assert proof(cast).moved_to == "b2"
    assert numbering.open_books(agency_id=cast.agency_id, actor=None, at=at)
    assert not numbering.open_books(agency_id=cast.agency_id, actor=None, at=at)
    assert take(cast, at, 2) == 3


def test_numbering_goes_on_after_the_last_and_nothing_is_missing(cast: Cast, at: datetime) -> None:
    assert numbering.await_books(agency_id=cast.agency_id, node="b2", node_name="Cục Xa", actor=None, at=at)
    assert not numbering.await_books(agency_id=cast.agency_id, node="b2", node_name="Cục Xa", actor=None, at=at)
    other = {"agency_id": cast.agency_id, "node": "c3", "node_name": "", "actor": None, "at": at}
    refused(policy.BooksAwaited, lambda: numbering.close_books(**other))
    refused(policy.BooksElsewhere, lambda: take(cast, at, 1))
    done = came(cast, at, letters(at))
    assert (done.made, done.reserved, done.changed) == (6, 1, 0)
    found = proof(cast)
    assert (found.last, found.whole, found.moved, found.voided, found.reserved, found.inserted) == (5, True, 4, 1, 1, 1)
    assert take(cast, at, 1) == 6
    [kept] = queries.list_reserved_in(key(cast))
    used = numbering.take(series=key(cast), subject=("document", 2), reserved_id=kept.pk, actor=None, at=at)
    assert (used.value, used.status, kept.reserved_by) == (5, "taken", "Trần Văn Thư")
    assert queries.list_told(queries.list_series(cast.agency_id)[0]) == letters(
        at, last=6, given=((1, 2), (4, 6)), reserved=()
    )
    events = [each.event for each in journal.list_for(("unit", cast.agency_id))]
    assert events[:2] == ["books.taken", "books.awaited"]


def test_a_book_is_laid_out_as_it_was_and_its_series_found_under_its_name_here(cast: Cast, at: datetime) -> None:
    layout = Layout("Sổ chung", "S99", ("BC", "TTr"), "", "year", 2026, None, "QĐ 1", None)
    came(cast, at, letters(at, group="S99"), layouts=(layout,))
    [book] = queries.list_books(cast.agency_id)
    assert (book.name, book.group, book.type_codes) == ("Sổ chung", f"S{book.pk}", ["BC", "TTr"])
    assert queries.key_of(cast.agency_id, "TTr", "", 2026) == key(cast, book.group)
    assert take(cast, at, 1, book.group) == 6
    numbering.close_books(agency_id=cast.agency_id, node="b2", node_name="", actor=None, at=at)
    other = replace(layout, type_codes=("BC", "KH"))
    refused(numbering.BooksDiffer, lambda: came(cast, at, letters(at, group="S99"), layouts=(other,), move_id=8))


@pytest.mark.parametrize(
    "changes",
    [
        {"given": ((1, 1), (4, 4)), "voided": ()},  # what was given here is not told
        {"given": ((1, 1), (4, 4)), "voided": "2"},  # or told as void
        {"last": 1, "given": ((1, 1),), "inserted": (), "voided": (), "reserved": ()},  # an older statement
    ],
)
def test_what_stands_here_otherwise_is_named_and_nothing_taken(
    cast: Cast, at: datetime, changes: dict[str, object]
) -> None:
    assert [take(cast, at, 1), take(cast, at, 2)] == [1, 2]
    close(cast, at)
    if changes.get("voided") == "2":
        changes = changes | {"voided": (Voided(2, "", at, "Trả lại"), Voided(3, "", at, "Trả lại"))}
    told = letters(at, **changes)
    caught = refused(numbering.NumbersDiffer, lambda: came(cast, at, told))
    assert caught.facts["numbers"] == "2"
    refused(numbering.NumbersDiffer, lambda: came(cast, at))  # a series that is not told at all


def test_books_that_come_home_agree_with_what_was_left_there(cast: Cast, at: datetime) -> None:
    actor = cast.clerk.actor()
    take(cast, at, 1)
    for _each in range(3):
        numbering.reserve(series=key(cast), reason="Chờ", until=UNTIL, actor=actor, today=TODAY, at=at)
    close(cast, at)
    told = letters(at, given=((1, 2), (5, 5)), inserted=(), reserved=(Reserved(4, "", UNTIL, "Chờ", "", at),))
    done = came(cast, at, told)
    assert (done.made, done.changed) == (1, 2), "2 was used there, 3 voided there, 5 given there"
    found = proof(cast)
    assert (found.last, found.whole, found.moved, found.voided, found.reserved, found.moved_to) == (
        5,
        True,
        2,
        1,
        1,
        "",
    )
    assert take(cast, at, 9) == 6


def test_they_go_back_as_long_as_nothing_was_numbered(cast: Cast, at: datetime) -> None:
    numbering.await_books(agency_id=cast.agency_id, node="b2", node_name="Cục Xa", actor=None, at=at)
    layout = Layout("Sổ chung", "S99", ("BC", "TTr"), "", "year", 2026, None, "QĐ 1", None)
    back = {"agency_id": cast.agency_id, "move_id": 7, "node": "b2", "node_name": "Cục Xa", "actor": None, "at": at}
    done = came(cast, at, letters(at), letters(at, group="S99"), layouts=(layout,))
    numbering.give_moved_back(taken=done.__dict__, **back)
    assert (queries.list_series(cast.agency_id), queries.list_books(cast.agency_id)) == ([], [])
    refused(policy.BooksElsewhere, lambda: take(cast, at, 1))
    done = came(cast, at, letters(at))
    take(cast, at, 1)
    refused(numbering.GivenSince, lambda: numbering.give_moved_back(taken=done.__dict__, **back))


def test_a_number_given_up_here_keeps_the_books_here(cast: Cast, at: datetime) -> None:
    done = came(cast, at, letters(at))
    [kept] = queries.list_reserved_in(key(cast))
    numbering.release(number_id=kept.pk, reason="Thôi", actor=cast.clerk.actor(), at=at)
    back = {"agency_id": cast.agency_id, "move_id": 7, "node": "b2", "node_name": "Cục Xa", "actor": None, "at": at}
    refused(numbering.GivenSince, lambda: numbering.give_moved_back(taken=done.__dict__, **back))
