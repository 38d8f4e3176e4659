"""What is typed becomes a question, whatever it is, and is shown where it was found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antin.index import words
from antin.index.words import Wish

SYNONYMS = words.synonyms_of(
    [("QĐ", "Quyết định"), ("ĐA", "Đề án"), ("DA", "Dự án"), ("VPTC", "Văn phòng Tổng cục Z"), ("", "Không tên tắt")]
)


def spans(text: str) -> list[tuple[str, ...]]:
    return [wish.plain for wish in words.ask(text, SYNONYMS).wishes]


def test_words_are_cut_at_signs_and_keep_their_marks() -> None:
    assert words.split("Số 15/QĐ-VP, ngày 05.3.2026") == ["số", "15", "qđ", "vp", "ngày", "05", "3", "2026"]
    assert words.folded(["số", "qđ", "Ễ"]) == ["so", "qd", "e"]


@pytest.mark.parametrize("written", ["15/QĐ-VP", "15/qd-vp", "015 / QĐ-VP", "15/QĐ–VP", "15/Q\u0110-VP", "15/QĐ -VP"])
def test_a_number_and_notation_has_one_form_however_it_is_written(written: str) -> None:
    assert words.code_of(written) == "15/qd-vp"


def test_a_question_that_is_a_code_says_so() -> None:
    assert words.ask("15/QD-VP", SYNONYMS).code == "15/qd-vp"
    assert words.ask("15/QD-VP hop", SYNONYMS).code == ""
    assert words.ask("hop giao ban", SYNONYMS).code == ""


def test_signs_inside_a_chunk_make_it_a_phrase() -> None:
    assert spans("họp 15/QĐ-VP") == [("hop",), ("15", "qd", "vp")]


def test_quotes_ask_for_a_phrase_and_a_minus_for_absence() -> None:
    question = words.ask('“kế hoạch năm” -"dự toán" -huỷ báo', {})
    assert [(wish.plain, wish.without) for wish in question.wishes] == [
        (("ke", "hoach", "nam"), False),
        (("du", "toan"), True),
        (("huy",), True),
        (("bao",), False),
    ]
    assert question.wishes[-1].begins


@pytest.mark.parametrize(
    ("text", "begins"), [("kế ho", True), ("kế ho ", True), ('"kế ho"', False), ("quý 4", False), ("kế h", False)]
)
def test_the_last_word_may_go_on_unless_it_is_closed_or_a_number(text: str, begins: bool) -> None:
    assert words.ask(text, {}).wishes[-1].begins is begins


def test_abbreviations_and_names_lead_to_one_another() -> None:
    assert words.ask("qđ", SYNONYMS).wishes == (Wish(("qđ",), ("qd",), (("quyet", "dinh"),), begins=True),)
    long = words.ask("quyết định nghỉ", SYNONYMS).wishes
    assert (long[0].plain, long[0].others) == (("quyet", "dinh"), (("qd",),))
    assert words.ask("văn phòng tổng cục z họp", SYNONYMS).wishes[0].others == (("vptc",),)


def test_a_syllable_is_an_abbreviation_only_in_capitals() -> None:
    assert words.ask("đã họp", SYNONYMS).wishes[0].others == ()
    assert words.ask("da họp", SYNONYMS).wishes[0].others == ()
    assert words.ask("ĐA họp", SYNONYMS).wishes[0].others == (("de", "an"), ("du", "an"))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400))
def test_nothing_that_is_typed_makes_it_fail(text: str) -> None:
    question = words.ask(text, SYNONYMS)
    assert all(wish.plain and len(wish.plain) <= words.MOST_WORDS for wish in question.wishes)
    pattern = words.pattern_of(question)
    assert "".join(piece for piece, _ in words.mark(text, pattern)) == text
    words.excerpt(text, pattern)


def test_what_was_asked_for_is_told_apart_in_any_spelling() -> None:
    pattern = words.pattern_of(words.ask("ke hoach", {}))
    assert words.mark("Kế hoạch, KẾ HOẠCHING và hoạch kê", pattern) == [
        ("Kế", True),
        (" ", False),
        ("hoạch", True),
        (", ", False),
        ("KẾ", True),
        (" ", False),
        ("HOẠCHING", True),
        (" và ", False),
        ("hoạch", True),
        (" ", False),
        ("kê", True),
    ]


def test_an_excerpt_is_the_neighbourhood_of_the_first_place() -> None:
    pattern = words.pattern_of(words.ask('"dự toán"', {}))
    text = "một hai ba " * 20 + "lập dự toán năm 2027 " + "bốn năm sáu " * 30
    pieces = words.excerpt(text, pattern, before=20, after=30)
    assert ("dự toán", True) in pieces
    assert "".join(piece for piece, _ in pieces) == "… ba một hai ba lập dự toán năm 2027 bốn năm sáu bốn năm …"
    assert words.excerpt("không có gì", pattern) == []
