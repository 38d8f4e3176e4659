"""`antin run`: the whole node under one supervisor.

Starts PostgreSQL (unless DATABASE_URL names one), brings the database up to date, then runs the web server and the worker as
children, starts again what dies, and stops everything in the reverse order on SIGINT or SIGTERM. The supervisor itself loads
neither Django nor the rooms. Children die with it, however it dies; what a crash cut short is taken up at the next start.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from config import environment
from config.children import die_with_parent
from config.embedded_postgres import CannotStart, EmbeddedPostgres
from config.environment import Environment
from config.sole import Sole, Taken

READY_WITHIN = 60.0
STOP_WITHIN = 20.0
LONGEST_PAUSE = 30.0


@dataclass
class Child:
    """A process of the node that is started again when it dies."""

    name: str
    words: str
    command: list[str]
    once: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 0.0
    due: float = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            cwd=environment.ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one thread here
        )
        self.started_at = time.monotonic()

    def stop(self) -> None:
        """Ask it to stop, and insist when the grace is over."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._clear()

    def _clear(self) -> None:
        """End what a dead child left of its own children: they share its process group."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def revive(self) -> None:
        """Start it again if it died, with growing pauses while it keeps dying young."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        if self.once and code == 0:
            return
        self._clear()
        lived = time.monotonic() - self.started_at
        self.pause = 0.5 if lived > LONGEST_PAUSE else min(max(self.pause * 2, 0.5), LONGEST_PAUSE)
        say(f"! {self.words} dừng bất ngờ (mã {code}); khởi động lại sau {self.pause:g} giây.")
        self.process, self.due = None, time.monotonic() + self.pause


def say(words: str) -> None:
    print(words, flush=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-demo", action="store_true", help="nút trống, không có tổ chức mẫu")


def run(arguments: argparse.Namespace) -> int:
    """Run the node until it is told to stop."""
    began = time.monotonic()
    os.umask(0o077)
    node = environment.read()
    stop = threading.Event()
    for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, lambda *_: stop.set())
    sole = Sole(node.state / "run.lock")
    try:
        sole.take(f"http://{_host(node)}:{node.port}/ (tiến trình {os.getpid()})")
    except Taken as taken:
        say(f"An Tín đang chạy trên thư mục dữ liệu này rồi: {taken.holder}\nDữ liệu: {node.state}")
        say("Muốn chạy thêm một nút khác: ANTIN_STATE=THƯ_MỤC_KHÁC ANTIN_PORT=CỔNG_KHÁC make run")
        return 2
    if not _port_is_free(node):
        say(f"Cổng {node.port} đang có chương trình khác dùng. Chọn cổng khác: ANTIN_PORT={node.port + 1} make run")
        return 2
    database = EmbeddedPostgres(node.state / "postgres") if node.embedded else None
    children: list[Child] = []
    try:
        return _stand(node, database, children, stop, began, demo=not arguments.no_demo)
    except (CannotStart, Taken) as trouble:
        say(f"Không khởi động được:\n{trouble}")
        return 2
    finally:
        for child in reversed(children):
            child.stop()
        if database is not None:
            database.stop()
        sole.release()
        say("An Tín đã dừng.")


def _stand(
    node: Environment,
    database: EmbeddedPostgres | None,
    children: list[Child],
    stop: threading.Event,
    began: float,
    *,
    demo: bool,
) -> int:
    if database is not None:
        say("• Cơ sở dữ liệu …")
        database.start()
    say("• Chuẩn bị …")
    prepared = subprocess.run(
        _antin("prepare", *([] if demo else ["--no-demo"])),
        cwd=environment.ROOT,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    if prepared.returncode != 0 and not stop.is_set():
        say("Không nâng cấp được cơ sở dữ liệu; trang web chưa được chạy.")
        return 1
    if stop.is_set():
        return 0
    say("• Trang web và tiến trình nền …")
    children += [
        Child("worker", "Tiến trình nền", _antin("worker", *(["--alone"] if database is not None else []))),
        Child("web", "Trang web", _web(node)),
    ]
    for child in children:
        child.start()
    announced = False
    while not stop.wait(0.1 if not announced else 0.5):
        if not announced and _is_ready(node):
            announced = True
            _announce(node, time.monotonic() - began, prepared.stdout)
        if not announced and time.monotonic() - began > READY_WITHIN:
            announced = True
            say(f"! Sau {READY_WITHIN:.0f} giây vẫn chưa sẵn sàng; xem http://{_host(node)}:{node.port}/healthz")
        if database is not None and database.poll() is not None:
            say("! Cơ sở dữ liệu dừng bất ngờ; khởi động lại.")
            database.stop()
            database.start()
        for child in children:
            child.revive()
    say("\nĐang dừng …")
    return 0


def _announce(node: Environment, seconds: float, greeting: str) -> None:
    address = f"http://{_host(node)}:{node.port}"
    say(f"\nAn Tín đã sẵn sàng sau {seconds:.1f} giây: {address}/")
    say(greeting.replace(" /setup", f" {address}/setup") + f"Dữ liệu: {node.state}    Dừng: Ctrl-C\n")


def _antin(*words: str) -> list[str]:
    return [sys.executable, "-m", "antin", *words]


def _web(node: Environment) -> list[str]:
    flags = {
        "--interface": "wsgi",
        "--host": node.listen,
        "--port": str(node.port),
        "--http": "1",
        "--workers": "2",
        "--blocking-threads": "2",
        "--runtime-mode": "st",
        "--log-level": "warning",
        "--workers-kill-timeout": "10",
    }
    given = [part for flag in flags.items() for part in flag]
    return [sys.executable, "-m", "granian", *given, "--no-ws", "--respawn-failed-workers", "config.wsgi:application"]


def _host(node: Environment) -> str:
    return "localhost" if node.listen in ("127.0.0.1", "0.0.0.0", "::", "") else node.listen  # noqa: S104 - compared only


def _port_is_free(node: Environment) -> bool:
    family = socket.AF_INET6 if ":" in node.listen else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind((node.listen, node.port))
        except OSError:
            return False
    return True


def _is_ready(node: Environment) -> bool:
    host = "127.0.0.1" if node.listen in ("0.0.0.0", "") else node.listen  # noqa: S104 - compared only
    asked = http.client.HTTPConnection(host, node.port, timeout=5)
    try:
        asked.request("GET", "/healthz", headers={"Host": "localhost"})
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
