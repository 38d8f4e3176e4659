"""`antin reload`: let a running node take up the release and settings that lie there now, without refusing anybody."""

from __future__ import annotations

import argparse
import os
import re
import signal
import time
from pathlib import Path

from config import environment

WITHIN = 240.0
OUTCOME = "reloaded"
DONE = "ok"


def outcome(state: Path) -> Path:
    """Where the supervisor says what came of it."""
    return state / OUTCOME


def arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(arguments: argparse.Namespace) -> int:
    """Ask the supervisor and wait for what comes of it: 0 the new one serves, 1 the old one goes on, 2 nobody is there."""
    node = environment.read()
    pid = _supervisor(node.state)
    if pid is None:
        print("Nút này không chạy.")
        return 2
    told = outcome(node.state)
    told.unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR1)
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        if told.exists() and (words := told.read_text()):
            print("Đã nạp lại." if words == DONE else words)
            return 0 if words == DONE else 1
        time.sleep(0.1)
    print("Tiến trình giám sát chưa trả lời; xem nhật ký của máy chủ.")
    return 1


def _supervisor(state: Path) -> int | None:
    """Who holds this state folder."""
    lock = state / "run.lock"
    found = re.search(r"tiến trình (\d+)", lock.read_text()) if lock.exists() else None
    if found is None:
        return None
    pid = int(found[1])
    command = Path(f"/proc/{pid}/cmdline")
    return pid if command.exists() and b"antin\0run" in command.read_bytes() else None
