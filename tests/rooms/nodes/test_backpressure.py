"""What a partner does not name goes again, later and later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from antin.keys import operations as keys
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes import statements
from tests.journeys.test_between_nodes import Two, two  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def _enqueue(two: Two, count: int, *, urgency: int = 0, size: int = 0) -> None:  # noqa: F811
    identity = members.get_identity()
    signer = keys.open_node_signer(
        reference=identity.sign_reference, certificate=bytes(identity.sign_certificate), at=two.at
    )
    one = {"name": "", "role": "paper", "media_type": "application/pdf", "size": size, "sha256": "0" * 64}
    files = [one] if size else []
    for place in range(count):
        key = f"test:{urgency}:{size}:{place}"
        manifest = statements.sign({"kind": "document", "key": key, "files": files}, signer, at=two.at)
        nodes.enqueue(member_id=two.member.pk, key=key, manifest=manifest, urgency=urgency, actor=None, at=two.at)


def _send(two: Two) -> list[tuple[int, int]]:  # noqa: F811
    """Everything the line takes now, as it is recorded after it has taken it."""
    sent = []
    while parcels := members.list_to_send(two.member):
        nodes.record_sent(parcel_ids=[parcel.pk for parcel in parcels], actor=None, at=two.at)
        sent += [(parcel.urgency, parcel.number) for parcel in parcels]
    return sent


def _state(two: Two, upto: int) -> None:  # noqa: F811
    feed = members.find_current_feed(two.member, inward=False)
    assert feed is not None
    two.come(two.partner.statement(two.ours, at=two.at, **{"in": {"feed": feed.feed, "upto": upto, "chain": ""}}))


def test_what_a_partner_does_not_name_goes_again_later_and_later(two: Two) -> None:  # noqa: F811
    went, minutes = [], 0
    while minutes < 32:
        if _send(two):
            went.append(minutes)
        minutes += 1
        two.at += timedelta(minutes=1)
        _state(two, upto=0)
    assert went == [0, 2, 6, 14, 30]
