"""What tests of the doors share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from antin.web import health
from antin.web.session import sitting
from tests.cast import Member

Enter = Callable[[Member], Client]


@pytest.fixture
def enter(db: None) -> Enter:
    """Seat a member at a browser of his own, as sign-in does; gives the browser."""

    def seat(member: Member) -> Client:
        browser = Client()
        session = browser.session
        assert sitting.begin(session, person_id=member.person_id, at=timezone.now())
        session.save()
        browser.cookies["antin"] = session.session_key
        return browser

    return seat


@pytest.fixture
def known_health(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sign of the top bar knows how the node is: its questions, due every twenty seconds, fall into no count."""
    facts = health.Facts(worked_on=True, waiting=0, dead=0)
    monkeypatch.setattr(health, "_last", [(timezone.now(), facts)])
    monkeypatch.setattr(health, "FRESH", timedelta(days=1))
