"""A refusal changes nothing: said once here, asserted everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps

from antin.refusal import Refusal


def _everything(rooms: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    models = [model for room in rooms for model in apps.get_app_config(room).get_models()]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


@contextmanager
def refused(refusal: type[Refusal], *rooms: str) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """Expect exactly this refusal, worded, and every row of these rooms and of the journal as it was before."""
    rooms = (*rooms, "journal")
    before = _everything(rooms)
    with pytest.raises(refusal) as caught:
        yield caught
    assert type(caught.value) is refusal
    assert caught.value.message
    assert "%(" not in caught.value.message
    assert _everything(rooms) == before
