"""Agency codes as text. Vectors: Decision 20/2020/QĐ-TTg and QCVN 102:2016, as met on the wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antin.identifiers import codes

LEVEL = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=6)
TOP = st.from_regex(r"\A[A-Z][0-9]{2}\Z")
CODES = (
    st.tuples(TOP, st.lists(LEVEL, max_size=5)).map(lambda t: ".".join([t[0], *t[1]])).filter(lambda c: len(c) <= 35)
)


@pytest.mark.parametrize(
    ("value", "levels"),
    [
        ("G11", ("G11",)),
        ("G12.34", ("G12", "34")),
        ("H37.DN.001", ("H37", "DN", "001")),
        ("H37.02.02", ("H37", "02", "02")),
        ("G11." + "1" * 31, ("G11", "1" * 31)),
    ],
)
def test_codes_are_read_level_by_level(value: str, levels: tuple[str, ...]) -> None:
    assert codes.parse(value) == levels
    assert codes.format_code(levels) == value
    assert codes.is_code(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "G1",
        "g11",
        "G11.",
        "G11..01",
        ".G11",
        "11G",
        "G11.0a",
        "G11 ",
        "G11\n",
        "G１１",
        "000.00.00.G11",
        "G11." + "1" * 32,
        "Đ11",
        "G11.Đ",
    ],
)
def test_what_is_no_code_is_refused(value: str) -> None:
    assert not codes.is_code(value)
    with pytest.raises(codes.BadCode) as caught:
        codes.parse(value)
    assert "Quyết định 20/2020/QĐ-TTg" in caught.value.message


@pytest.mark.parametrize(("value", "parent"), [("G11", None), ("G11.05", "G11"), ("G11.05.001", "G11.05")])
def test_the_parent_is_the_code_without_its_last_level(value: str, parent: str | None) -> None:
    assert codes.parent_of(value) == parent


def test_below_means_below_and_not_merely_alike() -> None:
    assert codes.is_below("G11.05", "G11")
    assert not codes.is_below("G11.05", "G11.0")
    assert not codes.is_below("G11", "G11")


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("G11", "000.00.00.G11"),
        ("G22", "000.00.00.G22"),
        ("G11.05", "000.00.05.G11"),
        ("H37.DN.02", "000.02.DN.H37"),
        ("G11.05.02.001", "001.02.05.G11"),
    ],
)
def test_the_old_form_is_the_new_one_turned_round_and_filled(new: str, old: str) -> None:
    assert codes.to_old(new) == old
    assert codes.from_old(old) == new
    assert len(old) == 13


@pytest.mark.parametrize("value", ["H37.DN.001", "G11.5", "G11.05.02.001.1", "G11.00", "G11.05.00", "G11.05.02.01"])
def test_what_has_no_old_form_is_refused(value: str) -> None:
    with pytest.raises(codes.NoOldForm):
        codes.to_old(value)


@pytest.mark.parametrize(
    "value", ["", "G11", "14.00.W00", "28.22.H17", "000.05.00.G11", "001.00.00.G11", "000.00.00.g11", "0000.00.00.G11"]
)
def test_an_old_code_that_names_no_new_one_is_refused(value: str) -> None:
    with pytest.raises(codes.BadOldCode):
        codes.from_old(value)


@given(CODES)
def test_reading_and_writing_are_each_others_inverse(value: str) -> None:
    assert codes.format_code(codes.parse(value)) == value


@given(CODES)
def test_every_code_lies_below_its_parent(value: str) -> None:
    parent = codes.parent_of(value)
    assert (parent is None) == ("." not in value)
    assert parent is None or codes.is_below(value, parent)


@given(CODES)
def test_the_old_form_loses_nothing_or_is_refused(value: str) -> None:
    try:
        old = codes.to_old(value)
    except codes.NoOldForm:
        return
    assert codes.from_old(old) == value


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert codes.is_code(text) == (len(text) <= 35 and text.isascii() and _reads(text))


def _reads(text: str) -> bool:
    try:
        codes.parse(text)
    except codes.BadCode:
        return False
    return True
