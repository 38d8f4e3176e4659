"""The web server: granian, two processes forked from this one, two threads each.

The supervisor holds the socket that is listened at, and may let another web server, of another release, take connections of it
while this one ends in peace: nobody is refused meanwhile.
"""

from __future__ import annotations

import os
import signal
import socket as sockets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
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
HAND_OVER = 0.5
"""For how many seconds processes that are about to end take no more connections, and hear what they have taken. Granian does not
tell when everybody has been heard, so that it cannot be awaited; it is waited once, when the web server stops."""


class _Held(MPServer):
    """Granian on a socket that somebody else holds: what waits there to be accepted outlives this server."""

    held: int
    open_for: int
    """The writing end of a pipe: as long as it is open, the processes take connections."""
    _shd: Any
    _sfd: Any
    _sso: Any

    def _init_shared_socket(self) -> None:
        holder: Any = (
            SocketHolder  # its stub does not tell what it is given: descriptor, whether of this machine, backlog
        )
        self._shd, self._sfd, self._sso = holder(self.held, False, BACKLOG), self.held, None

    def _stop_workers(self) -> None:
        """Let processes end that take no connections any more: one that was taken and not read yet would be closed unheard."""
        with suppress(OSError):
            os.close(self.open_for)
        time.sleep(HAND_OVER)
        super()._stop_workers()


def serve(*, listen: str, port: int, socket: int, ready: int | None = None) -> None:
    """Serve pages and API until told to stop. The application is loaded before, by whoever forked us.

    `socket` is the descriptor of what is listened at; to `ready` each process writes a byte when it begins to serve.
    """
    _tie_workers()
    until, open_for = os.pipe()
    os.register_at_fork(after_in_child=partial(_close, open_for))  # this process alone has it open
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
    server.held, server.open_for = socket, open_for
    server.serve(target_loader=partial(_begin, socket, until, ready), wrap_loader=False)


def _close(descriptor: int) -> None:
    with suppress(OSError):
        os.close(descriptor)


def _begin(listening: int, until: int, ready: int | None) -> Callable[..., Any]:
    """What a process serves; it says that it does."""
    threading.Thread(target=_take_until, args=(listening, until), name="hand-over", daemon=True).start()
    if ready is not None:
        with suppress(OSError):  # started again later: nobody waits any more
            os.write(ready, b"1")
    return application


def _take_until(listening: int, until: int) -> None:
    """Wait until no more connections shall be taken here, and put a socket that nobody knows in the place of the one listened at.

    Those that come wait there for the web server that is next. Granian can only end altogether: it stops listening and closes
    every connection that has not asked for anything yet in one and the same moment.
    """
    os.read(until, 1)
    own = os.fstat(listening)
    deaf = sockets.create_server(("127.0.0.1", 0))
    deaf.setblocking(False)
    for name in (path.name for path in Path("/dev/fd").iterdir()):
        with suppress(OSError):
            found = os.fstat(int(name))
            if (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino):
                os.dup2(deaf.fileno(), int(name))


def _tie_workers() -> None:
    """Let the kernel end the workers when this process is gone without a word: they would go on taking requests of the port."""
    tie, own = die_with_parent(signal.SIGKILL), os.getpid()
    if tie is not None:
        os.register_at_fork(after_in_child=lambda: tie() if os.getppid() == own else None)
