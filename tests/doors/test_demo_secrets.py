"""The classified part of the demonstration: made once, through the journeys, for three agencies."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from antin.console import demo, demo_plan, demo_secrets, demo_traffic
from antin.documents.models import Document
from antin.documents.states import Status
from antin.jobs import handlers  # noqa: F401 - what the journeys promise is kept in this process
from antin.vault.models import Classified, Copy, Reading, RecoveryKey
from tests import canary
from tests.cast import empty_the_node

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_some_people_read_secrets_and_some_papers_go_their_way() -> None:
    empty_the_node()
    demo.fill_organisation(at=AT)
    play = demo_traffic._Play(AT)
    play.give_keys()
    told = {"pin": demo_traffic.PIN, "after": demo_plan.after}
    assert demo_secrets.fill_secrets(play, **told) == len(demo_secrets.PAPERS)
    assert demo_secrets.fill_secrets(play, **told) == 0
    assert RecoveryKey.objects.count() == 3
    ways = Counter(Document.objects.exclude(classified=None).values_list("direction", "status", "secrecy"))
    assert ways == {
        ("out", Status.ISSUED, 1): 2,
        ("out", Status.ISSUED, 2): 1,
        ("out", Status.SUBMITTED, 2): 1,
        ("out", Status.DRAFTED, 1): 1,
        ("in", Status.REGISTERED, 1): 3,
        ("in", Status.DIRECTED, 1): 1,
        ("in", Status.ARRIVED, 2): 2,
    }
    assert Classified.objects.count() == 11
    assert Copy.objects.filter(returned_at=None).count() == 3
    assert Reading.objects.filter(use="printed").exists()
    words = {paper.about: paper.about for paper in demo_secrets.PAPERS}
    assert canary.found_in(words, [canary.dump()]) == []
