"""The language of formulas: exact, bounded, and deaf to anything that is not arithmetic."""

from __future__ import annotations

import random
import re
from fractions import Fraction

import pytest

from antin.indicators.facts import NAMES
from antin.indicators.formulas import BadFormula, TooGreat, UnknownFact, base_of, names, read, reckon
from antin.refusal import Refusal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100 * issued_electronic / issued", Fraction(200, 3)),
        ("1 - 2 - 3", Fraction(-4)),
        ("-(issued + 1.5) * 2", Fraction(-9)),
        ("min(issued, arrived, 7)", Fraction(0)),
        ("max(issued, 12 / (issued - 1))", Fraction(6)),
        ("issued / arrived", None),
        ("max(1, issued / arrived)", None),
        ("0 / issued", Fraction(0)),
    ],
)
def test_a_formula_is_reckoned_exactly(text: str, value: Fraction | None) -> None:
    assert reckon(read(text, NAMES), {"issued": 3, "issued_electronic": 2}) == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", BadFormula),
        ("issued +", BadFormula),
        ("issued issued", BadFormula),
        ("(issued", BadFormula),
        ("issued ** 9", BadFormula),
        ("__import__('os').system('x')", BadFormula),
        ("issued; drop table people_unit", BadFormula),
        ("[x for x in issued]", BadFormula),
        ("while (1) issued", BadFormula),
        ("issued.__class__", BadFormula),
        ("min()", BadFormula),
        ("password", UnknownFact),
        ("eval(issued)", BadFormula),
        ("9999999999", TooGreat),
        ("(" * 30 + "1" + ")" * 30, BadFormula),
        ("-" * 400 + "1", BadFormula),
        ("1+" * 300 + "1", BadFormula),
        ("1e9", BadFormula),
        ("issued\x00", BadFormula),
    ],
)
def test_what_is_not_arithmetic_over_declared_facts_is_refused(text: str, kind: type[Refusal]) -> None:
    with pytest.raises(kind) as caught:
        read(text, NAMES)
    assert "%(" not in caught.value.message


def test_a_result_that_grows_beyond_all_measure_is_refused() -> None:
    node = read("*".join(["999999999"] * 20), NAMES)
    with pytest.raises(TooGreat):
        reckon(node, {})


def test_the_rows_behind_a_figure_are_what_it_divides_by() -> None:
    node = read("100 * issued_electronic / issued", NAMES)
    assert (names(node), base_of(node)) == (["issued_electronic", "issued"], ["issued"])
    assert base_of(read("tasks_late + tasks_open", NAMES)) == ["tasks_late", "tasks_open"]


def test_whole_numbers_reckon_what_fractions_do() -> None:
    """Against fractions by Python itself, over random formulas and sums, noughts and what is below nought among them."""
    dice = random.Random(766)
    names = ("issued", "arrived", "registered", "signed")

    def some(depth: int) -> str:
        if depth == 0:
            return dice.choice((*names, "100", "0.8", "0", "4.4"))
        sign = dice.choice(("+", "-", "*", "/", "min", "max"))
        a, b = some(depth - 1), some(depth - dice.choice((1, depth)))
        return f"{sign}({a}, {b})" if sign in ("min", "max") else f"({a} {sign} {b})"

    valued = 0
    for _n in range(400):
        text = some(dice.choice((1, 2, 3, 4)))
        sums = {name: dice.choice((0, 0, 1, 7, 40_000)) for name in names}
        told = re.sub(r"[\d.]+", lambda found: f'F("{found.group()}")', text)
        try:
            plain = eval(told, {"F": Fraction, "min": min, "max": max, **{k: Fraction(n) for k, n in sums.items()}})
        except ZeroDivisionError:
            plain = None
        try:
            assert reckon(read(text, NAMES), sums) == plain, (text, sums)
        except TooGreat:
            continue
        valued += plain is not None
    assert valued > 200
