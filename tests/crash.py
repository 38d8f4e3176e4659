"""Killing a process at its commit points: a child is forked, runs an act and dies at the n-th commit, before or after it.

The child dies by `os._exit`: nothing is unwound, no exception handler runs, the database sees the connection go.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

KILLED = 137
FAILED = 1


def address() -> str:
    """The test database, as another process is told of it."""
    where = {
        name: quote(str(connection.settings_dict[name]), safe="")
        for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")
    }
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**where)


def run_and_die(act: Callable[[], Any], *, commit: int, after: bool) -> bool:
    """Run the act in a child that dies at its n-th commit; return whether it died (False: it had fewer commits and finished)."""
    child = os.fork()
    if child == 0:
        _live_and_die(act, commit, after)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, KILLED), f"the child failed by itself, before it could be killed (exit {code})"
    return code == KILLED


def run_all_and_die(acts: list[tuple[Callable[[], Any], int, bool]]) -> list[bool]:
    """The same for many at once, each (act, commit, after) in a child of its own; forked before any of them is waited for."""
    children = []
    for act, commit, after in acts:
        child = os.fork()
        if child == 0:
            _live_and_die(act, commit, after)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert set(codes) <= {0, KILLED}, f"a child failed by itself, before it could be killed (exits {codes})"
    return [code == KILLED for code in codes]


def _live_and_die(act: Callable[[], Any], commit: int, after: bool) -> None:
    """Never returns. The parent's connection is forgotten, not closed: it is the parent's."""
    signal.alarm(300)
    connection.connection = None
    count = 0
    plain = BaseDatabaseWrapper._commit

    def counted(self: BaseDatabaseWrapper) -> None:
        nonlocal count
        count += 1
        if count == commit and not after:
            os._exit(KILLED)
        plain(self)
        if count == commit and after:
            os._exit(KILLED)

    BaseDatabaseWrapper._commit = counted
    try:
        act()
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(FAILED)
    os._exit(0)
