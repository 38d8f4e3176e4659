"""A post taken over in an emergency, on its pages: taken, given back, looked at by the head, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from antin.journeys import emergency as journey
from antin.people.models import Emergency
from tests.cast import Cast

pytestmark = pytest.mark.django_db
REASON = "Công điện hỏa tốc phải vào sổ ngay, văn thư đi viện"


@pytest.fixture
def taken(cast: Cast) -> Emergency:
    """The deputy sits in the clerk's place since just now: the pages go by the clock."""
    return journey.open_emergency(
        post_id=cast.clerk.post_id, reason=REASON, actor=cast.deputy.actor(), at=datetime.now(UTC)
    )


def test_the_head_says_what_he_found_once(cast: Cast, enter: Callable[..., Any], taken: Emergency) -> None:
    page = enter(cast.head)
    assert REASON in page.get("/emergencies").content.decode()
    address = f"/emergencies/{taken.pk}/review"
    assert REASON in page.get(address).content.decode()
    assert page.post(address, {"finding": "none of these"}).status_code == 422
    assert page.post(address, {"finding": "justified", "words": "Đúng việc"}).status_code == 302
    taken.refresh_from_db()
    assert (taken.finding, taken.words, taken.reviewer_id) == ("justified", "Đúng việc", cast.head.person_id)
    assert page.get(address).status_code == 302


@pytest.mark.parametrize("who", ["deputy", "clerk", "administrator", "recipient_clerk"])
def test_nobody_else_is_even_shown_the_form(cast: Cast, enter: Callable[..., Any], taken: Emergency, who: str) -> None:
    page = enter(getattr(cast, who))
    for answer in (page.get, page.post):
        assert answer(f"/emergencies/{taken.pk}/review").status_code in (403, 404)
    taken.refresh_from_db()
    assert taken.reviewed_at is None
