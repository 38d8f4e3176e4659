"""A day is read as people write it, and shown as the law writes it."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from django.utils import translation

from antin.web import days


@pytest.mark.parametrize(
    "text", ["05/01/2027", "5/1/2027", "05-01-2027", "5.1.2027", "05012027", "2027-01-05", " 05/01/2027 "]
)
def test_ways_to_write_a_day(text: str) -> None:
    assert days.read(text) == date(2027, 1, 5)


@pytest.mark.parametrize("text", ["31/02/2027", "1/13/2027", "5/1/27", "2027", "mai", "", "0" * 500, "\0"])
def test_what_is_no_day(text: str) -> None:
    assert days.read(text) is None


def test_a_day_is_shown_day_first_in_every_language() -> None:
    class Form(forms.Form):
        day = days.DayField(label="Ngày")

    for language, words in (("vi", "ngày/tháng/năm"), ("en", "dd/mm/yyyy")):
        with translation.override(language):
            html = str(Form(initial={"day": date(2027, 1, 5)})["day"])
        assert 'value="05/01/2027"' in html
        assert f'placeholder="{words}"' in html
