"""Another release takes over while requests go on: none is refused, none is cut, and one that does not run changes nothing."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.house.plan import ROOT
from tests.node_life.conftest import PATIENCE, Node, await_that

TALKS, LISTENS = "01", "0A"  # states of a socket, as the kernel lists them


class Visitors:
    """People who ask for the sign-in page one after another, half of them over a line that stays open."""

    def __init__(self, port: int, count: int = 4) -> None:
        self.port, self.answers, self.gone = port, Counter[str](), threading.Event()
        self.threads = [threading.Thread(target=self.visit, args=(place % 2 == 0,)) for place in range(count)]

    def visit(self, stays: bool) -> None:
        line = None
        while not self.gone.wait(0.02):  # so that the node itself gets something of the machine
            fresh = line is None
            line = line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                line.request("GET", "/sign-in", headers={"Host": "localhost"})
                answer = line.getresponse()
                answer.read()
                self.answers[str(answer.status)] += 1
                again = stays and not answer.will_close
            except (OSError, http.client.HTTPException) as trouble:
                # a line that has stood idle may be closed at any moment by either side, and every browser asks anew
                self.answers[type(trouble).__name__ if fresh else "idle line closed"] += 1
                again = False
            if not again:
                line.close()
                line = None

    def __enter__(self) -> Visitors:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_told: object) -> None:
        self.gone.set()
        for thread in self.threads:
            thread.join()

    def await_more(self, more: int = 15) -> None:
        before = sum(self.answers.values())
        await_that(lambda: sum(self.answers.values()) >= before + more, "answers")


def reload(node: Node, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "antin", "reload"],
        cwd=ROOT,
        env=node.environment(**variables),
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE,
        check=False,
    )


def started_by(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def below(node: Node) -> dict[str, int]:
    """What the shift has started itself."""
    shift = node.children().get("shift")
    found = {}
    for pid in started_by(shift) if shift else ():
        found[Path(f"/proc/{pid}/comm").read_text().strip().removeprefix("antin-")] = int(pid)
    return found


def rows_of(port: int, state: str) -> list[str]:
    """The files of the sockets of a port that are in a state: nought for a line that nobody has taken."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == state]


def has_open(pid: str, file: str) -> bool:
    held = []
    for name in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            held.append(os.readlink(name))
    return f"socket:[{file}]" in held


def heard_at_the_end(node: Node, web: int) -> list[int]:
    """Answers to people whose line was taken, and who ask only when their web server takes no more.

    It is held still there, that it may not end before they have asked."""
    lines = [http.client.HTTPConnection("127.0.0.1", node.port, timeout=PATIENCE) for _ in range(8)]
    for line in lines:
        line.connect()
    await_that(lambda: len(taken := rows_of(node.port, TALKS)) >= len(lines) and "0" not in taken, "lines taken")
    [listened_at], workers = rows_of(node.port, LISTENS), started_by(web)
    assert any(has_open(pid, listened_at) for pid in workers)
    os.kill(web, signal.SIGTERM)
    await_that(lambda: not any(has_open(pid, listened_at) for pid in workers), "no line taken any more", pause=0.005)
    os.kill(web, signal.SIGSTOP)
    try:
        for line in lines:
            line.request("GET", "/sign-in", headers={"Host": "localhost"})
        return [line.getresponse().status for line in lines]
    finally:
        os.kill(web, signal.SIGCONT)
        for line in lines:
            line.close()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked")
def test_another_release_takes_over_and_no_request_fails_and_one_that_does_not_run_changes_nothing(
    node: Node, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    release.mkdir()
    broken = release / "broken"
    (release / "sitecustomize.py").write_text(
        f"import os, sys\nif 'shift' in sys.orig_argv and os.path.exists({str(broken)!r}): sys.exit('does not run')\n"
    )
    node.start("--no-demo", PYTHONPATH=str(release)).await_well()
    (node.state / "nats").mkdir()
    before = node.children()
    with Visitors(node.port) as visitors:
        visitors.await_more()
        broken.touch()
        refused = reload(node)
        assert node.children() == before
        broken.unlink()
        visitors.await_more()
        first, once = reload(node), below(node)
        visitors.await_more()
        second, twice = reload(node), below(node)
        visitors.await_more()
    assert (refused.returncode, "phiên bản đang chạy vẫn phục vụ" in refused.stdout) == (1, True)
    assert (first.returncode, first.stdout.strip(), second.returncode) == (0, "Đã nạp lại.", 0)
    assert set(visitors.answers) <= {"200", "idle line closed"}
    assert visitors.answers["200"] >= 45
    assert set(node.children()) == {"postgres", "shift"}
    assert {"web", "worker"} <= set(once) == set(twice)
    assert not {*once.values()} & {*twice.values(), *before.values()}
    assert not [name for name in ("web", "worker") if Path(f"/proc/{before[name]}").exists()]

    os.kill(node.children()["shift"], signal.SIGKILL)
    await_that(lambda: node.is_well() and "web" in below(node), f"the shift again; it said: {node.words()}")
    assert heard_at_the_end(node, below(node)["web"]) == [200] * 8
    assert node.stop() == 0
    assert node.processes() == []
    assert reload(node).returncode == 2
