"""The assertion behind every refusal: it is of this kind, worded, and nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from django.apps import apps

from antin.refusal import Refusal

R = TypeVar("R", bound=Refusal)
ROOMS = ("documents", "tasks", "exchange", "numbering", "notices", "journal", "outbox", "signing", "keys")


def everything() -> dict[str, list[Any]]:
    """Return every row of the rooms of the walk."""
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
    }


def refused(kind: type[R], act: Callable[[], Any]) -> R:
    """Run the act, which must be refused with this kind and change nothing; return the refusal."""
    before = everything()
    with pytest.raises(kind) as caught:
        act()
    assert everything() == before
    assert caught.value.message
    return caught.value
