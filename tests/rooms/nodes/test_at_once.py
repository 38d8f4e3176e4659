"""Messages that come at once are taken in as if one after another, and parcels are packed alike, in as few questions for many."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from antin.journeys import between_nodes
from antin.nodes import operations as nodes
from antin.nodes import parcels, pieces
from antin.nodes.models import Feed, Member, Parcel, Received, Rejection
from antin.nodes.states import Status as Sent
from antin.outbox.models import Promise
from tests.cast import Cast
from tests.partners import Partner
from tests.two_nodes import Two, link, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(cast: Cast, at: Any) -> Two:
    return link(cast, at)


def letter(two: Two, size: int, **given: Any) -> list[bytes]:
    paper = pdf(size)
    return two.partner.messages(two.ours, two.partner.document(two.ours, paper, subject=f"số {size}"), paper, **given)


def held(two: Two) -> dict[str, Any]:
    rows = list(Received.objects.order_by("number"))
    taking = {row.taking: row.number for row in rows}
    there = {row.number: pieces.count(two.member.pk, row.digest) for row in rows}
    return {
        "received": [(row.number, row.kind, row.status, f"{there[row.number]} of {row.pieces}") for row in rows],
        "feeds": list(Feed.objects.filter(inward=True).values_list("feed", "last", "upto")),
        "promised": sorted(taking[key] for key in Promise.objects.values_list("key", flat=True) if key in taking),
        "heard": Member.objects.get(pk=two.member.pk).heard_at,
        "rejected": list(Rejection.objects.order_by("code").values_list("code", "sender", "count")),
    }


def everything(two: Two) -> list[bytes]:
    """Letters with their pieces, one whose number was used before, another's, one that names other files now, words, rubbish."""
    whole, open_ended, ahead = letter(two, 1_100_000), letter(two, 600_000), letter(two, 700_000)
    twice = letter(two, 5, number=1)
    stranger = Partner("b2", "G11.91", "Cục Xa", two.at)
    lying = stranger.messages(two.ours, stranger.document(two.ours, pdf(6)), pdf(6), number=9)
    elsewhere = two.partner.messages(two.ours, two.partner.document(two.ours, pdf(7)), pdf(7), receiver="b9")
    other_files = letter(two, 650_000)
    paper = pdf(650_000)
    known = two.partner.document(two.ours, paper, subject="số 650000")
    named = two.partner.messages(two.ours, known, number=other_files_number(other_files))
    said = two.partner.statement(two.ours, at=two.at + timedelta(minutes=1))
    return [
        *ahead[1:],  # before their letter: they come again with it
        whole[0],
        whole[2],
        whole[2],
        *twice,
        b"rubbish",
        said,
        *lying,
        *elsewhere,
        open_ended[0],
        whole[1],
        ahead[0],
        whole[0],
        other_files[0],
        other_files[1],
        *named,
        *whole[1:],
        parcels.PIECE_MAGIC,
        *letter(two, 0),
    ]


def other_files_number(messages: list[bytes]) -> int:
    signed, _letter = parcels.split(messages[0])
    return parcels.read_envelope(parcels.statements.peek(signed)).number


@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_many_at_once_come_to_the_same_as_one_after_another(two: Two, at_once: int) -> None:
    messages = everything(two)
    answers: list[bool] = []
    for start in range(0, len(messages), at_once):
        answers += between_nodes.accept_many(messages=messages[start : start + at_once], way="nats", at=two.at)
    assert [place for place, taken in enumerate(answers) if not taken] == [5, 7, 9, 11, 23]
    assert held(two) == {
        "received": [
            (1, "document", "whole", "3 of 3"),
            (2, "document", "coming", "0 of 2"),
            (3, "document", "coming", "0 of 2"),
            (5, "document", "whole", "0 of 0"),
            (6, "document", "whole", "1 of 1"),
        ],
        "feeds": [("abcdef0123456789", 6, 0)],
        "promised": [1, 5, 6],
        "heard": two.at,
        "rejected": [
            ("not_a_parcel", "?", 1),
            ("not_a_statement", "?", 1),
            ("not_a_statement", "b2", 1),
            ("parcel_not_for_us", "b2", 1),
            ("parcel_number_taken", "b2", 1),
        ],
    }


def test_whatever_the_order_in_which_they_come_at_once_none_is_lost_when_they_come_again(two: Two) -> None:
    messages = [message for size in (510_000, 20, 1_600_000) for message in letter(two, size)]
    random.Random(5).shuffle(messages)
    for _time in range(2):
        assert all(between_nodes.accept_many(messages=messages, way="nats", at=two.at))
    assert [row[2] for row in held(two)["received"]] == ["whole"] * 3
    assert held(two)["promised"] == [1, 2, 3]


def questions(act: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


def test_forty_parcels_cost_as_many_questions_as_four(two: Two) -> None:
    four = [message for size in range(4) for message in letter(two, size)]
    forty = [message for size in range(10, 50) for message in letter(two, size)]

    def come(messages: list[bytes]) -> int:
        return questions(lambda: between_nodes.accept_many(messages=messages, way="nats", at=two.at))

    come(letter(two, 100))
    assert come(four) == come(forty) <= 20


def test_many_are_packed_as_each_would_be_in_the_same_few_questions(two: Two, keep_promises: Any) -> None:
    for size in (10, 20, 30):
        two.issue(pdf(size))
    keep_promises()
    sent = list(Parcel.objects.order_by("id").values_list("pk", flat=True))
    assert len(sent) == 4
    few = questions(lambda: nodes.pack_many(parcel_ids=sent[:2], at=two.at))
    assert questions(lambda: nodes.pack_many(parcel_ids=sent, at=two.at)) == few <= 4
    for packed in nodes.pack_many(parcel_ids=sent, at=two.at)[1:]:
        alone = nodes.pack(parcel_id=packed.parcel.pk, at=two.at)
        assert (alone.key, alone.following, alone.pieces) == (packed.key, packed.following, packed.pieces)
        told, [content] = two.partner.opens([packed.message, *nodes.each_piece(packed=packed, at=two.at)])
        assert told["files"][0]["size"] == len(content)
    Parcel.objects.filter(pk=sent[1]).update(status=Sent.STOPPED)
    assert [each.parcel.pk for each in nodes.pack_many(parcel_ids=sent[::-1], at=two.at)] == [sent[3], sent[2], sent[0]]
