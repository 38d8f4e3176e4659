"""The web server: granian, two processes forked from this one, two threads each.

The supervisor holds the socket that is listened at, and may let another web server, of another release, take connections of it
while this one ends in peace: nobody is refused meanwhile.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.log import LogLevels
from granian.server.mp import MPServer

from config.children import die_with_parent
from config.wsgi import application

WORKERS = 2
THREADS = 2
BACKLOG = 1024


class _Held(MPServer):
    """Granian on a socket that somebody else holds: what waits there to be accepted outlives this server."""

    held: int
    _shd: Any
    _sfd: Any
    _sso: Any

    def _init_shared_socket(self) -> None:
        holder: Any = (
            SocketHolder  # its stub does not tell what it is given: descriptor, whether of this machine, backlog
        )
        self._shd, self._sfd, self._sso = holder(self.held, False, BACKLOG), self.held, None


def serve(*, listen: str, port: int, socket: int, ready: int | None = None) -> None:
    """Serve pages and API until told to stop. The application is loaded before, by whoever forked us.

    `socket` is the descriptor of what is listened at; to `ready` each process writes a byte when it begins to serve.
    """
    _tie_workers()
    server = _Held(
        "antin.web.serve:application",
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
    )
    server.held = socket
    server.serve(target_loader=partial(_begin, ready), wrap_loader=False)


def _begin(ready: int | None) -> Callable[..., Any]:
    """What a process serves; it says that it does."""
    if ready is not None:
        with suppress(OSError):  # started again later: nobody waits any more
            os.write(ready, b"1")
    return application


def _tie_workers() -> None:
    """Let the kernel end the workers when this process is gone without a word: they would go on taking requests of the port."""
    tie, own = die_with_parent(signal.SIGKILL), os.getpid()
    if tie is not None:
        os.register_at_fork(after_in_child=lambda: tie() if os.getppid() == own else None)
