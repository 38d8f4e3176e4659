"""Receipts and statuses: both ways, nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antin.exchange import states
from antin.exchange.edxml.facts import facts_of
from antin.exchange.edxml.message import Organisation, ResponseFor, StaffInfo
from antin.exchange.edxml.reading import read
from antin.exchange.edxml.receipts import KINDS, OF_CODE, Told, as_receipt, as_status, is_about
from antin.exchange.edxml.statuses import RECEIVER, SENDER, STATUSES
from antin.exchange.edxml.writing import write
from tests.edxml import status

AT = datetime(2026, 3, 10, 2, 5, 1, tzinfo=UTC)
US = Organisation(organ_id="H98", name="UBND tỉnh Mẫu")
IT = ResponseFor(organ_id="G99", code="34E31/BTN-VP", document_id="G99,2026/03/09,34E31/BTN-VP", date="2026/03/09")


def told(kind, **more):
    return Told(kind, KINDS[kind], AT, US, IT, **more)


def there_and_back(thing):
    return as_receipt(read(write(as_status(thing))))


def test_the_table_is_whole():
    assert set(KINDS.values()) == set(STATUSES)
    assert {state.value: code for state, code in states.CODES.items()} == {
        kind: code for kind, code in KINDS.items() if code < "10"
    }
    assert len(OF_CODE) == len(KINDS)
    assert {code for code, each in STATUSES.items() if each.sent_by == SENDER} == {"13"}
    assert {each.sent_by for each in STATUSES.values()} == {SENDER, RECEIVER}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"words": "Gửi nhầm đơn vị", "facts": {"return_code": "wrong_unit"}},
        {"facts": {"arrival_number": 123}},
        {"facts": {"reply_code": "15/UBND-VX", "names": ["Phòng A", "Bà B"]}},
        {"words": "Xem {phụ lục}", "staff": StaffInfo(department="Văn thư", staff="Trần Thị Mẫu")},
        {"words": 'Kèm {"a":1}', "facts": {"b": {"c": [1, None, True]}}},
    ],
)
def test_every_receipt_comes_back_as_it_was(kind, more):
    assert there_and_back(told(kind, **more)) == told(kind, **more)


def test_what_others_see():
    facts = facts_of(read(write(as_status(told("registered", facts={"arrival_number": 7})))))
    assert (facts["kind"], facts["status_code"], facts["timestamp"], facts["notes"]) == (
        "status",
        "03",
        "2026/03/10 09:05:01",
        [],
    )
    assert facts["description"] == 'Đã tiếp nhận {"arrival_number":7}'
    assert (facts["from"], facts["document_id"]) == ("H98", IT.document_id)


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30).map(
    lambda said: " ".join(said.split())
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS, lambda below: st.lists(below, max_size=2), max_leaves=3
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(list(KINDS)),
    WORDS | st.sampled_from(["a {", "{", "{}", "a {} }", '{"a":', "{ {"]),
    st.dictionaries(WORDS.filter(lambda key: key != "at"), VALUES, max_size=3),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda when: when.replace(tzinfo=UTC)),
)
def test_any_receipt_comes_back_as_it_was(kind, words, facts, at):
    thing = Told(kind, KINDS[kind], at, US, IT, words, facts)
    assert there_and_back(thing) == thing


def test_foreign_statuses_are_understood_as_far_as_they_go():
    foreign = as_receipt(read(status(code="02")))
    assert (foreign.kind, foreign.words, foreign.facts) == ("returned", "Đã vào sổ", {})
    assert foreign.at == AT
    unknown = as_receipt(read(status(code="77")))
    assert (unknown.kind, unknown.code) == ("", "77")
    assert as_receipt(read(write(as_status(unknown)))) == unknown
    assert as_receipt(read(status(code="4"))).kind == "assigned"
    assert as_receipt(read(status(when="hôm qua"))).at is None
    assert as_receipt(read(status(response=""))).about == ResponseFor()


def test_a_status_needs_a_code_and_a_moment():
    with pytest.raises(KeyError):
        as_status(Told("", "", AT, US, IT))
    for at in (None, datetime(2026, 1, 1)):
        with pytest.raises(ValueError, match="moment"):
            as_status(Told("done", "06", at, US, IT))


def test_which_document_it_is_about():
    ours = {
        "document_id": IT.document_id,
        "code": IT.code,
        "issued": "2026-03-09",
        "organ_ids": frozenset({"G99", "000.00.00.G99"}),
    }
    assert is_about(IT, **ours)
    assert not is_about(ResponseFor(document_id="khác", code=IT.code, date=IT.date, organ_id="G99"), **ours)
    for spelt in ("G99", "000.00.00.G99"):
        assert is_about(
            ResponseFor(code=IT.code, date="09/03/2026 00:00:00", organ_id=spelt, document_id="null"), **ours
        )
    assert not is_about(ResponseFor(code=IT.code, organ_id="G99"), **ours)
    assert not is_about(ResponseFor(code=IT.code, date="2026/03/10", organ_id="G99"), **ours)
    assert not is_about(ResponseFor(code=IT.code, date="2026/03/09", organ_id="G98"), **ours)
