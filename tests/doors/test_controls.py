"""A select is written as Django writes it, only sooner."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from antin.web.controls import Renderer
from antin.web.trees import Branch, TreeSelect

CHOICES = [
    ("", "Tất cả"),
    (1, "Một & hai"),
    ('"><script>', "<b>đậm</b>"),
    ("Nhóm <1>", [("a", "A"), ("b", "B")]),
]
TREE = [Branch("U1", "Cục <1>", code="C&1"), Branch("U2", "Phòng", parent="U1", note="“ghi chú”", closed=True)]


def plain(html: str) -> str:
    return re.sub(r">\s+<", "><", html.strip())


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.Select(choices=CHOICES), "1"),
        (forms.Select(choices=CHOICES), '"><script>'),
        (forms.Select(choices=CHOICES, attrs={"required": True, "disabled": False, "title": '"x"'}), None),
        (forms.SelectMultiple(choices=CHOICES), ["a", "b"]),
        (TreeSelect(TREE), "U1"),
        (TreeSelect(TREE, multiple=True), ["U1", "U2"]),
    ],
)
def test_the_same_html(widget: forms.Widget, value: object) -> None:
    attributes = {"id": "id_x", "class": "input", "aria-label": "<>"}
    ours = widget.render("x", value, attrs=attributes, renderer=Renderer())
    assert plain(ours) == plain(widget.render("x", value, attrs=attributes, renderer=DjangoTemplates()))


def test_other_controls_are_djangos_own() -> None:
    text = forms.TextInput()
    assert text.render("x", "<1>", renderer=Renderer()) == text.render("x", "<1>", renderer=DjangoTemplates())
