"""The web server: granian, two processes forked from this one, two threads each."""

from __future__ import annotations

import os
import signal

from granian import Granian
from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.log import LogLevels

from config.children import die_with_parent

WORKERS = 2
THREADS = 2


def serve(*, listen: str, port: int) -> None:
    """Serve pages and API until told to stop. The application is loaded before, by whoever forked us."""
    _tie_workers()
    Granian(
        "config.wsgi:application",
        address=listen,
        port=port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        runtime_mode=RuntimeModes.st,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=10,
    ).serve()


def _tie_workers() -> None:
    """Let the kernel end the workers when this process is gone without a word: they would go on taking requests of the port."""
    tie, own = die_with_parent(signal.SIGKILL), os.getpid()
    if tie is not None:
        os.register_at_fork(after_in_child=lambda: tie() if os.getppid() == own else None)
