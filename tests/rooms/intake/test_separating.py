"""Where papers begin and end."""

from __future__ import annotations

import pytest

from antin.intake.separating import CODE, find_parts

SHEET = CODE


@pytest.mark.parametrize(
    ("pages", "sheets", "blank", "parts"),
    [
        (3, (), (), [(1, 3)]),
        (3, (), (2,), [(1, 3)]),
        (4, (1, 3), (), [(2, 2), (4, 4)]),
        (5, (3,), (), [(1, 2), (4, 5)]),
        (6, (1, 4), (2, 5), [(3, 3), (6, 6)]),
        (5, (1, 2, 5), (), [(3, 4)]),
        (2, (1, 2), (), []),
    ],
)
def test_papers_lie_between_the_sheets(pages, sheets, blank, parts):
    assert find_parts(pages, [(page, SHEET) for page in sheets], blank) == parts


def test_another_code_parts_nothing():
    assert find_parts(3, [(2, "https://example.vn"), (2, CODE.lower())], ()) == [(1, 3)]
