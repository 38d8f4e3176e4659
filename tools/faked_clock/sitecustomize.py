"""For a process under libfaketime with a true monotonic clock: its `clock_nanosleep` (0.9.10) refuses every sleep with EINVAL.

Python sleeps by it since 3.11, so a supervisor would die of its first wait. `select` waits as long and is left alone.
"""

import select
import time


def _sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = _sleep
