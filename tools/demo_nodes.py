"""`make demo-nodes`: three nodes on one machine, with letters going between them, until Ctrl-C.

Headquarters coordinates and runs three NATS servers; a far unit reaches them through a leaf of its own; an isolated one is reached
by files only, which this script carries from folder to folder as a person would carry a stick. Everything is kept below var/nodes.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PLACE = Path(os.environ.get("ANTIN_DEMO_NODES") or ROOT / "var" / "nodes")
PORT = int(os.environ.get("ANTIN_DEMO_PORT") or 8101)
NATS = int(os.environ.get("ANTIN_DEMO_NATS") or 14222)
PATIENCE = 600.0
PEOPLE = "quantri, vanthu, thutruong, truongphong, troly: Dung-thu-2026, PIN 246810"


@dataclass
class Node:
    """One of the three: its own state, ports, organisation, and a unit that acts on it."""

    code: str
    agency: str
    name: str
    mark: str
    port: int
    more: dict[str, str] = field(default_factory=dict)
    place: Path = PLACE
    running: subprocess.Popen[bytes] | None = None
    unit: subprocess.Popen[str] | None = None

    @property
    def state(self) -> Path:
        return self.place / self.code

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        return kept | {"ANTIN_STATE": str(self.state), "ANTIN_PORT": str(self.port)} | self.more

    def start(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        log = (self.state / "log").open("ab")
        command = [sys.executable, "-m", "antin", "run", "--no-demo"]
        self.running = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
        )

    def await_ready(self) -> None:
        self.await_well()
        self.act("found", code=self.agency, name=self.name, mark=self.mark)

    def await_well(self) -> None:
        """Start the process that acts on the node as its people do, and wait until the node answers.

        A database of the node's own has to be there before: how to connect to it is read once.
        """
        if "DATABASE_URL" in self.more:
            self.open_unit()
        _await(lambda: _answers(f"http://127.0.0.1:{self.port}/healthz"), f"{self.name} is ready")
        if self.unit is None:
            self.open_unit()

    def open_unit(self) -> None:
        if self.unit is not None:
            self.unit.terminate()
            self.unit.wait()
        self.unit = subprocess.Popen(
            [sys.executable, "-m", "tools.little_unit"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def act(self, what: str, **given: Any) -> dict[str, Any]:
        """Have the unit do something through the same acts that people's pages call."""
        assert self.unit is not None
        assert self.unit.stdin is not None
        assert self.unit.stdout is not None
        self.unit.stdin.write(json.dumps({"act": what} | given) + "\n")
        self.unit.stdin.flush()
        return dict(json.loads(self.unit.stdout.readline()))

    def antin(self, *words: str) -> str:
        """What a command of the console says; its unit does it when there is one, which has the application loaded."""
        if self.unit is not None:
            done = self.act("antin", words=words)
            if done["code"]:
                raise SystemExit(f"{self.code}: antin {' '.join(words)}: {done['said']}{done['wrong']}")
            return str(done["said"])
        command = [sys.executable, "-m", "antin", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{self.code}: antin {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def stop(self) -> None:
        if self.unit is not None:
            self.unit.terminate()
        if self.running is not None:
            self.running.send_signal(signal.SIGTERM)
            self.running.wait(60)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers={"Host": "localhost"}), timeout=5) as told:  # noqa: S310
            return bool(told.status == 200)
    except OSError:
        return False


def _await(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"never: {what}")
        time.sleep(0.2)


def three() -> tuple[Node, Node, Node]:
    far = {"ANTIN_NATS_PORT": str(NATS + 5), "ANTIN_NATS_LEAF": "1"}
    return (
        Node(
            "so-chi-huy", "G11.90", "Tổng cục Z", "TCZ", PORT, {"ANTIN_NATS_PORT": str(NATS), "ANTIN_NATS_SERVERS": "3"}
        ),
        Node("xa", "G11.91", "Cục Xa", "CX", PORT + 1, far),
        Node("dao", "G11.92", "Cục Đảo", "CD", PORT + 2),
    )


def join(head: Node, other: Node, way: str) -> None:
    """Invite, answer, confirm: as two administrators would, the files carried by hand."""
    if other.code in head.antin("nodes", "show"):
        return
    invitation, answer = str(PLACE / f"{other.code}.moi"), str(PLACE / f"{other.code}.tra-loi")
    head.antin(
        "nodes",
        "invite",
        other.code,
        other.name,
        "--agency",
        f"{other.agency}={other.name}",
        "--way",
        way,
        "-o",
        invitation,
    )
    other.antin("nodes", "accept", invitation, "-o", answer)
    head.antin("nodes", "confirm", answer)


def carry(giver: Node, taker: Node) -> str:
    """Carry a stick from one to the other."""
    stick = str(PLACE / f"{giver.code}-{taker.code}.zip")
    giver.antin("parcels", "export", taker.code, "-o", stick)
    return taker.antin("parcels", "import", stick)


@contextlib.contextmanager
def running(nodes: tuple[Node, ...]) -> Iterator[None]:
    try:
        for node in nodes:
            node.start()
        for node in nodes:
            node.await_ready()
        yield
    finally:
        for node in nodes:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                node.stop()


def main() -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    head, far, island = nodes = three()
    with running(nodes):
        if not (head.state / "nats" / "line").exists():
            head.antin("nodes", "establish", head.code, head.name)
        join(head, far, "nats")
        join(head, island, "file")
        carry(head, island)
        for node in nodes:
            node.act("clear")
            print(f"{node.name:<12} http://localhost:{node.port}/   {PEOPLE}", flush=True)
        known = "no such agency"
        _await(
            lambda: known not in str(far.act("issue", to=["G11.90"], subject="Báo cáo tình hình")),
            "the far unit knows us",
        )
        turn = 0
        while True:
            turn += 1
            print(
                head.act("issue", to=["G11.91", "G11.92"], subject=f"Đề nghị báo cáo lần {turn}", bytes=700_000),
                flush=True,
            )
            time.sleep(8)
            for giver, taker in ((head, island), (island, head)):
                print(f"{giver.code} → {taker.code}: {carry(giver, taker).strip()}", flush=True)
            time.sleep(4)
            for node in nodes:
                print(node.code, node.act("register"), node.act("finish"), flush=True)
            # What is on its way this very moment is missing, and told as such (exit 1).
            print(head.act("antin", words=["parcels", "gaps"])["said"].strip(), flush=True)
            time.sleep(20)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
