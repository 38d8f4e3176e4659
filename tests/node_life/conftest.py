"""A real node of the test's own: its supervisor, database, web server and worker, on a port that was asked for."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.plan import ROOT

PATIENCE = 90


def await_that(holds: Callable[[], object], what: str, pause: float = 0.05) -> object:
    """What a condition says once it says something, asked every `pause` seconds; fails with `what` when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(pause)
    return found


class Node:
    """`antin run` as a person starts it."""

    def __init__(self, state: Path, said: Path) -> None:
        self.state, self.said = state, said
        with socket.socket() as asked:
            asked.bind(("127.0.0.1", 0))
            self.port = asked.getsockname()[1]
        self.process: subprocess.Popen[str] | None = None

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        return kept | {"ANTIN_STATE": str(self.state), "ANTIN_PORT": str(self.port)} | more

    def start(self, *flags: str, **variables: str) -> Node:
        self.out = self.said.open("a+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "antin", "run", *flags],
            cwd=ROOT,
            env=self.environment(**variables),
            stdout=self.out,
            stderr=self.out,
            text=True,
            start_new_session=True,
        )
        return self

    def words(self) -> str:
        return self.said.read_text()

    def health(self) -> dict[str, object]:
        try:
            status, body = self.get("/healthz")
        except OSError:
            return {}
        return json.loads(body) if status in (200, 503) else {}

    def get(self, address: str) -> tuple[int, str]:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asked.request("GET", address, headers={"Host": "localhost"})
            answer = asked.getresponse()
            return answer.status, answer.read().decode()
        finally:
            asked.close()

    def is_well(self) -> bool:
        return self.health().get("status") == "ok"

    def await_well(self) -> None:
        await_that(self.is_well, f"a well node; it said: {self.words()}")

    def children(self) -> dict[str, int]:
        """Process ids of the supervisor's own children, by the word that names them."""
        assert self.process is not None
        found = {}
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in listed:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            found[name.removeprefix("antin-")] = int(pid)
        return found

    def processes(self) -> list[str]:
        """Command lines of whatever works for this node."""
        found = []
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    variables = (process / "environ").read_bytes()
                    command = (process / "cmdline").read_text().replace("\0", " ")
                except OSError:
                    continue
                if f"ANTIN_STATE={self.state}\0".encode() in variables:
                    found.append(command)
        return found

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        code = self.process.wait(PATIENCE)
        self.out.close()
        return code


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that any account may walk to, as pytest's own is not: root's PostgreSQL runs as somebody else."""
    made = Path(tempfile.mkdtemp(prefix="antin-node-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def node(place: Path, tmp_path: Path) -> Iterator[Node]:
    made = Node(place, tmp_path / "said")
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop(signal.SIGTERM)
