"""Child processes that never outlive their parent, and are called by their names."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15


def die_with_parent(how: signal.Signals) -> Callable[[], None] | None:
    """What a child runs before it becomes its program, so that the kernel signals it when the parent is gone (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(how))


def name_process(name: str) -> None:
    """Let `ps` and `top` show this process under a name of 15 letters at most (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode()[:15], 0, 0, 0)
