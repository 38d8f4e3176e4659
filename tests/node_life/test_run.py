"""The whole node: stands, survives the death of each of its parts, stops cleanly, starts again on what it kept."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest

from tests.house.plan import ROOT
from tests.node_life.conftest import Node, await_that

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]


def _run_again(node: Node) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "antin", "run"]
    return subprocess.run(
        command, cwd=ROOT, env=node.environment(), capture_output=True, text=True, check=False, timeout=60
    )


def test_an_empty_node_stands_asks_for_its_first_people_and_keeps_what_it_has(node: Node):
    node.start("--no-demo").await_well()
    token = (node.state / "setup-token").read_text()
    address = f"http://localhost:{node.port}/setup?token={token}"
    await_that(lambda: address in node.words(), "the address of the first administrator's page")
    assert node.get(f"/setup?token={token}")[0] == 200
    assert (node.state / "secrets" / "secret-key").stat().st_mode & 0o077 == 0
    assert (node.state / "postgres" / "connection.json").stat().st_mode & 0o077 == 0

    again = _run_again(node)
    assert again.returncode == 2
    assert f"đang chạy trên thư mục dữ liệu này rồi: http://localhost:{node.port}/" in again.stdout

    for part in ("worker", "web", "postgres"):
        before = node.children()
        os.kill(before[part], signal.SIGKILL)
        await_that(
            lambda part=part, before=before: node.children().get(part, before[part]) != before[part], f"a new {part}"
        )
        node.await_well()
    for part in ("Tiến trình nền", "Trang web", "Cơ sở dữ liệu"):
        assert f"{part} dừng bất ngờ" in node.words()

    assert node.stop(signal.SIGINT) == 0
    assert node.words().rstrip().endswith("An Tín đã dừng.")
    assert not (node.state / "postgres" / "data" / "postmaster.pid").exists()
    assert node.processes() == []

    node.start("--no-demo").await_well()
    assert (node.state / "setup-token").read_text() == token
    assert "Nâng cấp" not in node.words().split("An Tín đã dừng.")[-1]
    assert node.stop(signal.SIGTERM) == 0


def test_a_killed_supervisor_leaves_nothing_behind_and_nothing_is_lost(node: Node):
    node.start("--no-demo").await_well()
    children = node.children()
    node.stop(signal.SIGKILL)
    for name, pid in children.items():
        await_that(lambda pid=pid: not _lives(pid), f"the end of the {name} of a killed supervisor")
    await_that(lambda: not node.processes(), "the end of everything that a killed supervisor started")
    node.start("--no-demo").await_well()
    assert "Nâng cấp" not in node.words().rsplit("Cơ sở dữ liệu …", 1)[-1]
    assert node.stop() == 0


def test_a_port_in_use_is_said_with_what_to_do(node: Node):
    with socket.socket() as other:
        other.bind(("127.0.0.1", node.port))
        other.listen()
        refused = _run_again(node)
    assert refused.returncode == 2
    assert f"Cổng {node.port} đang có chương trình khác dùng" in refused.stdout
    assert f"ANTIN_PORT={node.port + 1} make run" in refused.stdout
    assert not (node.state / "postgres").exists()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
