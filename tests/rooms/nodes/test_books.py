"""What one node says of an agency's books, read by another: told and read the same, never believed when it contradicts itself."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from antin.nodes import books
from antin.nodes.books import Answer, Books, NotBooks, Register, Series
from antin.numbering.moving import Layout, Reserved, Told, Voided, ranges

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def told() -> dict[str, Any]:
    series = Told(
        book="out",
        year=2026,
        group="CV",
        secrecy_class="",
        body_id=None,
        last=12,
        given=ranges([1, 2, 3, 5, 6, 7, 8, 9, 10]),
        inserted=((7, "a"),),
        voided=(Voided(4, "", AT, "Trả lại"),),
        reserved=(
            Reserved(11, "", date(2026, 12, 1), "Chờ ký", "Trần Văn Thư", AT),
            Reserved(12, "", date(2026, 12, 1), "Chờ ký", "", AT),
        ),
    )
    layout = Layout("Sổ chung", "S3", ("BC", "TTr"), "", "year", 2026, None, "QĐ 1", None)
    return Books(
        move="ab" * 16,
        agency="G11.91",
        name="Cục Xa",
        sender="b2",
        receiver="tcz",
        edition=4,
        at=AT,
        layouts=((layout, "Đảng ủy"),),
        series=(Series(series, lines=9, digest="0" * 64),),
        registers=(Register("out", False, "1" * 64, 900, 9),),
    ).told()


def test_what_is_told_is_read_the_same() -> None:
    found = books.read(told())
    assert found.told() == told()
    assert found.totals() == {
        "series": 1,
        "numbers": 12,
        "given": 10,
        "voided": 1,
        "reserved": 2,
        "inserted": 1,
        "lines": 9,
    }
    answer = Answer("ab" * 16, "2" * 64, "G11.91", "tcz", "b2", "given_back", "Chưa lập phòng", AT)
    assert books.read_answer(answer.told()) == answer


def changed(where: tuple[Any, ...], value: object) -> dict[str, Any]:
    said = deepcopy(told())
    place: Any = said
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = value
    return said


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("form",), "antin-directory/1"),
        (("move",), "AB" * 16),
        (("agency",), ""),
        (("at",), "2026-11-23T08:00:00"),
        (("edition",), True),
        (("series",), "không"),
        (("series", 0, "last"), 10**7),
        (("series", 0, "last"), 9),
        (("series", 0, "given"), [[1, 12]]),
        (("series", 0, "given"), [[0, 3]]),
        (("series", 0, "given"), [[9, 5]]),
        (("series", 0, "given"), [[1, 10**9]]),
        (("series", 0, "inserted"), ["7a", "7a"]),
        (("series", 0, "inserted"), ["7"]),
        (("series", 0, "inserted"), ["0a"]),
        (("series", 0, "voided", 0, "number"), "5"),
        (("series", 0, "voided", 0, "reason"), " "),
        (("series", 0, "reserved", 0, "until"), "31/12/2026"),
        (("series", 0, "book"), "post"),
        (("series", 0, "digest"), "x"),
        (("books", 0, "types"), []),
        (("books", 0, "restarts"), "never"),
        (("registers", 0, "secret"), "no"),
        (("registers", 0, "sha256"), "../../etc"),
    ],
)
def test_what_contradicts_itself_is_no_statement_of_books(where: tuple[Any, ...], value: object) -> None:
    with pytest.raises(NotBooks):
        books.read(changed(where, value))


def test_one_series_is_not_told_twice() -> None:
    said = told()
    said["series"] *= 2
    with pytest.raises(NotBooks):
        books.read(said)
