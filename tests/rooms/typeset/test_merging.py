"""Two edits brought together: nothing goes that one side alone changed, agreement is itself, and the sides may be exchanged."""

from __future__ import annotations

from collections import Counter
from itertools import repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antin.typeset import body as bodies
from antin.typeset.merging import Choice, Source, merge, resolve, words_of

EXCHANGED = {Source.MINE: Source.THEIRS, Source.THEIRS: Source.MINE}


def paragraph(words: str, kind: str = "paragraph") -> bodies.Node:
    return {"type": kind, "content": [{"type": "text", "text": words}]}


def body(*words: str) -> bodies.Node:
    return {"type": "doc", "content": [paragraph(each) for each in words]}


def said(text: bodies.Node) -> list[str]:
    return words_of(text["content"])


def resolved(found, choice: Choice) -> list[str]:
    return said(resolve(found, list(repeat((choice, ""), len(found.clashes)))))


texts = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=9).map(lambda words: body(*words))
bases = st.one_of(st.none(), texts)


@settings(max_examples=400, deadline=None)
@given(bases, texts, texts)
def test_the_sides_may_be_exchanged(base, mine, theirs):
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    assert [(piece.source, piece.base, piece.mine, piece.theirs) for piece in one.pieces] == [
        (EXCHANGED.get(piece.source, piece.source), piece.base, piece.theirs, piece.mine) for piece in other.pieces
    ]
    assert resolved(one, Choice.MINE) == resolved(other, Choice.THEIRS)


@settings(max_examples=400, deadline=None)
@given(bases, texts, texts)
def test_nothing_that_one_side_alone_changed_goes(base, mine, theirs):
    found = merge(base, mine, theirs)
    before = Counter(said(base)) if base else Counter()
    every = Counter(resolved(found, Choice.BOTH))
    for side in (mine, theirs):
        new = Counter(said(side)) - before
        assert not new - every, "what a side wrote stands in the text, or in a clash that a person decides"
    if base is not None:  # what one side took out and the other left alone is out
        for piece in found.pieces:
            if piece.source == Source.MINE:
                assert piece.theirs == piece.base
                assert piece.merged == piece.mine
            if piece.source == Source.THEIRS:
                assert piece.mine == piece.base
                assert piece.merged == piece.theirs
            if piece.source in (Source.KEPT, Source.AGREED):
                assert piece.mine == piece.theirs
    for number, side in ((1, mine), (2, theirs)):  # the pieces are each text whole
        parts = [(piece.base, piece.mine, piece.theirs)[number] for piece in found.pieces]
        assert [block for part in parts for block in part] == side["content"]


@settings(max_examples=200, deadline=None)
@given(bases, texts)
def test_sides_that_agree_are_the_text(base, side):
    found = merge(base, side, side)
    assert not found.clashes
    assert resolve(found, []) == side


@settings(max_examples=200, deadline=None)
@given(texts, texts)
def test_a_side_that_changed_nothing_gives_way(base, side):
    assert resolve(merge(base, side, base), []) == side
    assert resolve(merge(base, base, side), []) == side


def test_two_passages_beside_each_other_are_two_matters():
    found = merge(body("a", "b", "c"), body("A", "b", "c"), body("a", "B", "c"))
    assert not found.clashes
    assert said(resolve(found, [])) == ["A", "B", "c"]


@pytest.mark.parametrize(
    ("choice", "words", "expected"),
    [
        (Choice.MINE, "", ["a", "của tôi", "c"]),
        (Choice.THEIRS, "", ["a", "của bạn", "c"]),
        (Choice.BOTH, "", ["a", "của tôi", "của bạn", "c"]),
        (Choice.HAND, "của cả hai\n\nthêm một đoạn", ["a", "của cả hai", "thêm một đoạn", "c"]),
    ],
)
def test_a_clash_is_chosen(choice, words, expected):
    found = merge(body("a", "b", "c"), body("a", "của tôi", "c"), body("a", "của bạn", "c"))
    (clash,) = found.clashes
    assert words_of(clash.base) == ["b"]
    assert said(resolve(found, [(choice, words)])) == expected


def test_what_is_written_by_hand_keeps_the_kind_of_its_place_and_a_passage_that_stands_already_its_looks():
    bold = {"type": "clause", "content": [{"type": "text", "text": "đậm", "marks": [{"type": "bold"}]}]}
    mine = {"type": "doc", "content": [paragraph("một", "article"), bold]}
    found = merge(body("x"), mine, body("y"))
    assert resolve(found, [(Choice.HAND, "khác\nđậm")])["content"] == [paragraph("khác", "article"), bold]


def test_a_text_that_repeats_itself_without_end_costs_little():
    lines = [str(n % 3) for n in range(12_000)]
    mine, theirs = body(*lines, "tôi"), body("bạn", *lines[1:])
    found = merge(body(*reversed(lines)), mine, theirs)
    assert len(found.clashes) == 1
