"""Whom a paper goes to, as values of a field: the id of a unit of this node, or after an `o` that of an agency outside it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from antin.correspondents import queries as correspondents
from antin.documents.operations import Addressee, Outside
from antin.web.trees import Branch

OUTSIDE_SHOWN = 200
"""So many outside agencies stand in the page itself; a longer directory is asked by what is typed."""


def value_of(addressee: Addressee) -> str:
    return outside_value(addressee.correspondent_id) if isinstance(addressee, Outside) else str(addressee)


def outside_value(correspondent_id: int) -> str:
    return f"o{correspondent_id}"


def read(value: str) -> Addressee:
    """Of a value that the field let through."""
    return Outside(int(value[1:])) if value.startswith("o") else int(value)


def outside(chosen: Iterable[str]) -> list[Branch]:
    """The outside agencies that a page offers: the first of the directory, and those among what is chosen already."""
    first = correspondents.list_choices(limit=OUTSIDE_SHOWN)
    named = {int(value[1:]) for value in chosen if value[:1] == "o" and value[1:].isdecimal() and len(value) < 19}
    more = correspondents.list_by_id(named - {row.pk for row in first})
    closed, away = _("đã đóng"), _("ngoài nút")
    return [
        Branch(outside_value(row.pk), row.name, code=row.code, note=closed if row.closed_at else away)
        for row in [*first, *more.values()]
    ]
