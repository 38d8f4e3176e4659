"""What no parcel can be made of: refused in words, and not recorded as sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

import pytest

from antin.exchange.models import Delivery
from antin.exchange.states import Status
from antin.jobs.line import Keeper
from antin.nodes import operations as nodes
from antin.nodes import parcels
from antin.nodes.line import Line, Outgoing
from antin.nodes.models import Parcel
from antin.nodes.states import Status as Sent
from antin.outbox.operations import Tally
from tests.cast import Cast
from tests.two_nodes import Two, link, pdf

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]


class Wire:
    """A line that takes everything and brings nothing; before it takes the first message, something happens."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    def open_streams(self, codes: Sequence[str], *, replicas: int) -> None:
        pass

    def send(self, messages: Sequence[Outgoing]) -> None:
        self.sent += messages

    def begin(self, messages: Sequence[Outgoing]) -> Any:
        self.sent += messages
        return self

    def wait(self) -> None:
        pass

    def fetch(self, most: int, *, wait: float) -> list[Any]:
        return []

    def acknowledge(self, messages: Sequence[Any]) -> None:
        pass


@pytest.fixture
def two(cast: Cast, at: datetime) -> Two:
    return link(cast, at)


def test_a_parcel_that_cannot_be_packed_is_not_recorded_as_sent(
    two: Two, keep_promises: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.issue(pdf())
    keep_promises()
    stopped = Parcel.objects.get(kind="document")
    pack = nodes.pack_many

    def stop_and_pack(**given: Any) -> Any:
        Parcel.objects.filter(pk=stopped.pk).update(status=Sent.STOPPED)  # its partner is expelled in this moment
        return pack(**given)

    monkeypatch.setattr(nodes, "pack_many", stop_and_pack)
    wire = Wire()
    Keeper(cast(Line, wire)).turn(at=two.at)
    rows = {row.kind: (row.status, row.sent_at) for row in Parcel.objects.all()}
    assert rows == {"directory": (Sent.SENT, two.at), "document": (Sent.STOPPED, None)}
    assert len([each for each in wire.sent if each.kind == "parcel"]) == 1


def test_a_document_too_large_for_a_parcel_fails_in_words(
    two: Two, keep_promises: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "MOST_PIECES", 2)
    document = two.issue(pdf(1_200_000))
    keep_promises()
    delivery = Delivery.objects.get(dispatch__document=document)
    assert (delivery.status, delivery.fault) == (
        Status.FAILED,
        "Không gửi được sang nút b2: Văn bản và phụ lục vượt quá 1 MB, không gửi được giữa các máy chủ.",
    )
    assert not Parcel.objects.filter(kind="document").exists()
