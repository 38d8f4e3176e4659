"""The assertion behind every refusal: it is of this kind, worded, and nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from django.apps import apps
from django.db import connection

from antin.refusal import Refusal

R = TypeVar("R", bound=Refusal)
ROOMS = (
    "identifiers",
    "people",
    "keys",
    "notices",
    "batches",
    "signing",
    "vault",
    "numbering",
    "codelists",
    "correspondents",
    "nodes",
    "documents",
    "opinions",
    "oldbooks",
    "handovers",
    "tasks",
    "exchange",
    "indicators",
    "estate",
    "programmes",
    "agenda",
    "journal",
    "outbox",
    "upkeep",
)


def everything() -> dict[str, str]:
    """Return a digest of every row of every table of the rooms of the walk, in one question to the database."""
    tables = [model._meta.db_table for room in ROOMS for model in apps.get_app_config(room).get_models()]
    rows = "md5(coalesce(string_agg(t::text, chr(10) order by t::text), ''))"
    question = " union all ".join(f"select '{table}', {rows} from \"{table}\" as t" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(question)
        return dict(cursor.fetchall())


@contextmanager
def refusal(kind: type[R]) -> Iterator[pytest.ExceptionInfo[R]]:
    """Expect what is done inside to be refused with exactly this kind, in words, and to change nothing."""
    before = everything()
    with pytest.raises(kind) as caught:
        yield caught
    assert type(caught.value) is kind
    assert caught.value.message
    assert "%(" not in caught.value.message
    assert everything() == before


def refused(kind: type[R], act: Callable[[], Any]) -> R:
    """Run the act, which must be refused with this kind and change nothing; return the refusal."""
    with refusal(kind) as caught:
        act()
    return caught.value
