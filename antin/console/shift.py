"""`antin shift`: what of a node answers people and works, of one release, loaded anew while another still does it.

The supervisor starts it (`antin reload`), gives it the socket that it listens at itself, and ends those before it once this one
serves: nobody is refused in between. A shift brings the database to its form, forks its web server, workers and line, starts again
what dies, and ends with the supervisor.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from antin.console.children import Child, load
from config import environment
from config.children import die_with_parent, name_process
from config.environment import Environment

APPLICATION = (
    "config.wsgi",
    "config.urls",
    "antin.web.serve",
    "antin.jobs.worker",
    "antin.jobs.line",
    "antin.console.prepare",
    "antin.console.demo_traffic",
    "antin.console.demo_axis",
)
BEGINS_WITHIN = 120.0
ENDS_WITHIN = 60.0


def workers(count: int) -> list[Child]:
    """One worker for each core, so that a batch has them all; the first keeps the plain name."""
    places = ["", *(f" {place}" for place in range(2, count + 1))]
    return [
        Child(f"worker{place.replace(' ', '-')}", f"Tiến trình nền{place}", "antin.jobs.worker:work")
        for place in places
    ]


def web(node: Environment, listening: int, *, ready: int | None = None) -> Child:
    """The web server, on a socket that is held for it."""
    given: dict[str, object] = {"listen": node.listen, "port": node.port, "socket": listening, "ready": ready}
    return Child("web", "Trang web", "antin.web.serve:serve", given)


def new_line(node: Environment, there: Iterable[str]) -> list[Child]:
    """The line to other nodes, once this one has been named and unless it is there."""
    if not (node.state / "nats" / "line").exists() or "line" in there:
        return []
    return [Child("line", "Đường liên kết", "antin.jobs.line:work", {})]


def prepare(node: Environment, *, demo: bool) -> str | None:
    """Prepare the database in a child; what a person must know once the node answers, or None when it failed."""
    told = node.state / "greeting"
    given: dict[str, object] = {"demonstrate": demo, "greeting": told}
    child = Child("prepare", "Chuẩn bị", "antin.console.prepare:prepare_and_tell", given)
    child.start()
    if child.wait() != 0:
        return None
    greeting = told.read_text()
    told.unlink()
    return greeting


# The supervisor's side -------------------------------------------------------------------------------------------------------


@dataclass
class Shift:
    """A shift as its supervisor has it: among its children like the others."""

    listening: int
    name: str = "shift"
    words: str = "Phiên bản mới"
    process: subprocess.Popen[bytes] | None = field(default=None)
    _due: float = 0.0

    def begin(self) -> bool:
        """Start it and wait until it serves; False when it does not, and is gone again."""
        ready, told = os.pipe()
        try:
            self._start(told)
        finally:
            os.close(told)
        try:
            serves = self._await(ready)
        finally:
            os.close(ready)
        if not serves:
            self.stop()
        return serves

    def _start(self, ready: int | None = None) -> None:
        more = [] if ready is None else ["--ready", str(ready)]
        self.process = subprocess.Popen(
            [sys.executable, *_as_we_were_started(), "shift", "--socket", str(self.listening), *more],
            pass_fds=[self.listening, *([] if ready is None else [ready])],
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - the supervisor has no threads
        )

    def _await(self, ready: int) -> bool:
        """Wait for the first process of its web server to say that it serves, or for all of them to be gone."""
        deadline = time.monotonic() + BEGINS_WITHIN
        while (left := deadline - time.monotonic()) > 0:
            if select.select([ready], [], [], left)[0]:
                return bool(os.read(ready, 1))
        return False

    def start(self) -> None:
        self._start()

    def ask_to_stop(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def stop(self) -> None:
        """Let it end what it has in hand."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(ENDS_WITHIN)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def revive(self) -> str:
        """Start it again if it died; what a person should know, if anything."""
        if self.process is None:
            if time.monotonic() >= self._due:
                self._start()
            return ""
        code = self.process.poll()
        if code is None:
            return ""
        self.process, self._due = None, time.monotonic() + 1.0
        return f"{self.words} dừng bất ngờ (mã {code}); khởi động lại."


def _as_we_were_started() -> list[str]:
    """The options of the interpreter before `-m antin`: -P where the folder we stand in is not to be looked at."""
    return [*(["-P"] if sys.flags.safe_path else []), "-m", "antin"]


# Its own side ----------------------------------------------------------------------------------------------------------------


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--socket", type=int, required=True, help="nơi tiến trình giám sát đang nghe")
    parser.add_argument("--ready", type=int, help="báo vào đây khi trang web đã chạy")


def run(arguments: argparse.Namespace) -> int:
    """Serve and work until the supervisor says that it is enough."""
    os.umask(0o077)
    node = environment.read()
    stop = threading.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: stop.set())
    name_process("antin-shift")
    load(*APPLICATION)
    if prepare(node, demo=False) is None:
        return 1
    children = [web(node, arguments.socket, ready=arguments.ready), *workers(node.workers)]
    try:
        for child in children:
            child.start()
        if arguments.ready is not None:
            os.close(arguments.ready)
        children[0].given["ready"] = None
        while not stop.wait(0.5):
            for line in new_line(node, [child.name for child in children]):
                line.start()
                children.append(line)
            for child in children:
                if trouble := child.revive():
                    print(f"! {trouble}", flush=True)
    finally:
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop()
    return 0
