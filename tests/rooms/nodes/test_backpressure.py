"""A partner that is away costs rows and nothing else; when it is back, the urgent goes first and nothing goes twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_django

from antin.keys import operations as keys
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes import statements
from antin.nodes.models import Parcel
from antin.nodes.operations.stating import NotAStatementOfFeeds
from antin.nodes.states import Status
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


def _state(two: Two, upto: int, **more: str) -> None:  # noqa: F811
    feed = members.find_current_feed(two.member, inward=False)
    assert feed is not None
    mine = {"feed": feed.feed, "upto": upto, "chain": ""}
    two.come(two.partner.statement(two.ours, at=two.at, **{"in": mine}, **more))


def test_a_partner_away_for_a_week_costs_rows_and_hears_the_urgent_first(
    two: Two,  # noqa: F811
    settings: pytest_django.fixtures.SettingsWrapper,
) -> None:
    held = [Path(settings.STATE) / name for name in ("files", "parcels")]
    before = {path for folder in held for path in folder.rglob("*")}
    _enqueue(two, members.WINDOW_PARCELS + 50)  # and the directory's edition is before them
    assert len(_send(two)) == members.WINDOW_PARCELS
    for _day in range(7):
        two.at += timedelta(days=1)
        assert _send(two) == []
    _enqueue(two, 3, urgency=3)
    assert {path for folder in held for path in folder.rglob("*")} == before
    queue = members.list_queues()[two.member.pk]
    assert (queue.waiting, queue.sent) == (54, members.WINDOW_PARCELS)
    assert queue.oldest == two.at - timedelta(days=7)

    _state(two, upto=members.WINDOW_PARCELS)  # it was only the line: the partner had kept up
    urgent = [(3, 452), (3, 453), (3, 454)]
    assert _send(two) == [*urgent, *((0, number) for number in range(401, 452))]
    two.at += timedelta(seconds=1)
    _state(two, upto=454)
    assert Parcel.objects.exclude(status=Status.TAKEN).count() == 0
    assert members.list_queues().get(two.member.pk) is None


def test_large_parcels_leave_as_the_window_has_room_and_one_may_go_beyond_it(two: Two) -> None:  # noqa: F811
    _state(two, upto=1)
    Parcel.objects.update(status=Status.TAKEN)
    _enqueue(two, 3, size=30_000_000)  # of 64 MB at most
    _enqueue(two, 1, size=100_000_000)
    assert _send(two) == [(0, 2), (0, 3), (0, 4)]
    two.at += timedelta(seconds=1)
    _state(two, upto=3)
    assert _send(two) == [(0, 5)]


def test_what_a_partner_does_not_name_goes_again_later_and_later(two: Two) -> None:  # noqa: F811
    went, minutes = [], 0
    while minutes < 32:
        if _send(two):
            went.append(minutes)
        minutes += 1
        two.at += timedelta(minutes=1)
        _state(two, upto=0)
    assert went == [0, 2, 6, 14, 30]


def test_what_a_partner_that_is_behind_may_yet_take_does_not_go_again(two: Two) -> None:  # noqa: F811
    def a_minute(minutes: int, heard: datetime) -> list[tuple[int, int]]:
        two.at += timedelta(minutes=minutes)
        _state(two, upto=0, echo=heard.isoformat())
        return _send(two)

    before, sent_at = two.at - timedelta(minutes=1), two.at
    assert _send(two) == [(3, 1)]
    assert a_minute(60, before) == []  # it has heard nothing that went behind it
    assert a_minute(60, before) == []
    assert a_minute(1, sent_at + timedelta(seconds=1)) == [(3, 1)]  # it has, and does not name it: lost


@pytest.mark.parametrize("echo", ["yesterday", "2026-11-23T09:00:00"])
def test_an_echo_that_is_no_moment_is_refused(two: Two, echo: str) -> None:  # noqa: F811
    with pytest.raises(NotAStatementOfFeeds):
        nodes.take_statement(content=two.partner.statement(two.ours, at=two.at, echo=echo), actor=None, at=two.at)


def test_a_statement_echoes_the_newest_it_has_heard(two: Two) -> None:  # noqa: F811
    def told() -> str:
        return str(statements.peek(nodes.state(member_id=two.member.pk, actor=None, at=two.at))["echo"])

    assert told() == ""
    heard = two.at.isoformat()
    _state(two, upto=0)
    two.at += timedelta(minutes=1)
    assert told() == heard
