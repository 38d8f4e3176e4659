"""Words that were commented on are found again in a text that was edited."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from antin.opinions.anchors import Anchor, Place, find, take

LINES = [
    "Để chuẩn bị hội nghị, đề nghị các đơn vị báo cáo kết quả trước ngày 10 tháng 12.",
    "Các đơn vị báo cáo kết quả bằng văn bản.",
]


def test_words_are_taken_with_what_stands_around_them() -> None:
    anchor = take(LINES, 1, "báo cáo kết quả")
    assert anchor == Anchor("báo cáo kết quả", "Các đơn vị ", " bằng văn bản.", 1)
    assert take(LINES, 0, "không có ở đâu") is None
    assert take(LINES, 0, "  ") is None


def test_the_same_words_twice_are_told_apart_by_what_is_around_them() -> None:
    anchor = take(LINES, 1, "báo cáo kết quả")
    assert anchor is not None
    assert find(["Thêm một dòng.", *LINES], anchor) == Place(2, 11, 26)
    assert find(list(reversed(LINES)), anchor) == Place(0, 11, 26)


def test_a_passage_that_was_edited_is_found_by_likeness_and_one_that_is_gone_is_not() -> None:
    anchor = take(LINES, 0, "đề nghị các đơn vị báo cáo kết quả")
    assert anchor is not None
    edited = ["Để chuẩn bị hội nghị, đề nghị các cơ quan, đơn vị báo cáo đầy đủ kết quả trước ngày 10 tháng 12."]
    assert find(edited, anchor) == Place(0, 22, 72, whole=False)
    assert find(["Kính chào."], anchor) is None
    assert find([], anchor) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abcđê ", max_size=40), max_size=6), st.integers(0, 6))
def test_what_is_written_elsewhere_never_loses_a_passage(more: list[str], at: int) -> None:
    lines = [*more[:at], "Điều 7. Trách nhiệm thi hành", *more[at:]]
    anchor = take(lines, 0, "Trách nhiệm thi hành")
    assert anchor is not None
    place = find(lines, anchor)
    assert place is not None
    assert lines[place.line][place.start : place.end] == "Trách nhiệm thi hành"
    assert place.whole
