"""Killed at every commit of taking a parcel in: it arrives once, is receipted once, and no number is skipped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from antin.exchange import queries as deliveries
from antin.exchange.models import Incoming
from antin.files import queries as kept
from antin.journal.models import Record
from antin.journeys import between_nodes
from antin.nodes import queries as members
from antin.nodes import statements
from antin.nodes.models import Parcel, Received
from antin.nodes.states import Coming
from tests.journeys.test_between_nodes import Two, pdf, two  # noqa: F401 - a fixture
from tests.journeys.test_crashes import every_death, restart

pytestmark = pytest.mark.django_db(transaction=True)


def test_killed_while_taking_a_parcel_in(two: Two, at: datetime) -> None:  # noqa: F811
    papers: dict[int, bytes] = {}

    def begin() -> Received:
        number = len(papers) + 1
        paper = pdf(1000 + number)
        manifest = two.partner.document(two.ours, paper, code=f"{number}/B2-KH", number=number, identifier="")
        two.come(*two.partner.messages(two.ours, manifest, paper))
        received = Received.objects.latest("id")
        papers[received.pk] = paper
        return received

    def act(received: Received) -> Any:
        return between_nodes.take(received_id=received.pk, at=at)

    for received in every_death(begin, act):
        arrived = Incoming.objects.filter(reference=received.digest)
        now = members.get_received(received.pk).status
        assert (now, arrived.count()) in {(Coming.WHOLE, 0), (Coming.TAKEN, 1)}, "half taken"
        restart(at)
        [incoming] = arrived.select_related("document")
        assert members.get_received(received.pk).status == Coming.TAKEN
        assert kept.read(incoming.document.file) == papers[received.pk]
        told = Record.objects.filter(event="document.arrived", subject_id=incoming.document_id)
        assert told.count() == 1
        chain = deliveries.list_signed_of_incoming(incoming.document_id)
        assert [row.kind for row in chain] == ["arrived", "verified"]
        sent = Parcel.objects.filter(key__startswith=f"receipts:{incoming.document_id}:").order_by("id")
        assert statements.peek(bytes(sent[0].manifest))["parcel"] == received.digest
    feed = members.find_current_feed(two.member, inward=True)
    assert feed is not None
    assert (feed.upto, feed.last) == (len(papers), len(papers))


def test_killed_while_a_message_is_taken_from_the_line(two: Two, at: datetime) -> None:  # noqa: F811
    """What was not acknowledged comes again: the message is given once more after each death."""
    papers: dict[int, bytes] = {}

    def begin() -> list[bytes]:
        number = len(papers) + 1
        papers[number] = pdf(2000 + number)
        manifest = two.partner.document(two.ours, papers[number], code=f"{number}/B2-KH", number=number, identifier="")
        return two.partner.messages(two.ours, manifest, papers[number])

    for messages in every_death(begin, lambda messages: two.come(*messages)):
        assert two.come(*messages) == [True, True]
        restart(at)
    came = Incoming.objects.select_related("document").order_by("document_id")
    assert [kept.read(row.document.file) for row in came] == list(papers.values())
