"""Every way out says what it does with a classified document (tests/exits.py), tried in tests/doors/test_exits.py."""

from __future__ import annotations

import pytest

from tests import exits


@pytest.mark.parametrize(
    ("found", "stated"),
    [(exits.pages(), exits.PAGES), (set(exits.endpoints()), exits.ENDPOINTS), (exits.jobs(), exits.JOBS)],
    ids=["pages", "endpoints", "jobs"],
)
def test_every_way_out_says_what_it_does_with_a_classified_document(
    found: set[str], stated: dict[str, exits.Says]
) -> None:
    assert sorted(found ^ set(stated)) == [], "state in tests/exits.py what it does with a classified document"
