"""Every rule finds its planted fault, and nothing else is said of that paper."""

import pytest

from antin.decree30 import judging
from antin.decree30.rules import RULES
from tests.rooms.decree30.faults import FAULTS
from tests.rooms.decree30.printing import printed
from tests.rooms.decree30.specimens import specimen

# One change that breaks two rules.
TOGETHER = {"number.place": {"date.level"}, "date.level": {"number.place"}}


@pytest.mark.parametrize(
    ("code", "kind", "changes"), FAULTS, ids=[f"{n:03d}-{fault[0]}" for n, fault in enumerate(FAULTS)]
)
def test_the_fault_is_found_and_nothing_else(code, kind, changes):
    answer = judging.judge(printed(specimen(kind, **changes)))
    assert answer["reason"] is None
    assert {finding["code"] for finding in answer["findings"]} == {code} | TOGETHER.get(code, set())


def test_every_rule_has_a_planted_fault():
    assert {rule.code for rule in RULES} == {code for code, _kind, _changes in FAULTS}
