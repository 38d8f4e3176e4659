"""Whoever settles a parcel and whoever takes it in once more lock the same rows in the same order."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from antin.nodes import operations as nodes
from antin.nodes.models import Received
from tests.journeys.test_between_nodes import Two, pdf, two  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def _locked(asked: CaptureQueriesContext) -> list[str]:
    """The tables whose rows are locked, in order. A partner and a feed never so that rows which name them could not be added."""
    found = [
        (table[1], "FOR NO KEY UPDATE" in each["sql"])
        for each in asked.captured_queries
        if each["sql"].endswith("UPDATE") or "UPDATE OF" in each["sql"]
        if (table := re.search(r'FROM "nodes_(\w+)"', each["sql"]))
    ]
    assert {table for table, lets_add in found if not lets_add} <= {"received"}
    return list(dict.fromkeys(table for table, _lets_add in found))


def test_a_parcel_that_comes_again_while_it_is_settled_waits_and_never_deadlocks(two: Two) -> None:  # noqa: F811
    paper = pdf()
    first, *pieces = two.partner.messages(two.ours, two.partner.document(two.ours, paper), paper)
    two.come(first)
    with CaptureQueriesContext(connection) as again:
        two.come(first)
    two.come(*pieces)
    [received] = Received.objects.all()
    with CaptureQueriesContext(connection) as aside:
        nodes.set_aside(received_id=received.pk, code="x", words="x", actor=None, at=two.at)
    nodes.take_again(received_id=received.pk, actor=None, at=two.at)
    with CaptureQueriesContext(connection) as settled:
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=two.at)
    assert _locked(again) == ["feed", "received"]
    assert _locked(aside) == _locked(settled) == ["member", "feed", "received"]
