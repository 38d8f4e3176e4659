"""`antin run`: the whole node under one supervisor.

Starts PostgreSQL (unless DATABASE_URL names one), loads the application once, and forks from itself what prepares the database,
then the web server and the workers; starts again what dies, and stops everything in the reverse order on SIGINT or SIGTERM. On
SIGUSR1 another release takes over (`antin reload`). It never touches the database itself. Children die with it, however it dies;
what a crash cut short is taken up at the next start.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import threading
import time

from antin.console import reload
from antin.console.children import Child, load
from antin.console.restore import MARK
from antin.console.shift import APPLICATION, Shift, new_line, prepare, web, workers
from config import environment, progress
from config.embedded_postgres import CannotStart, EmbeddedPostgres
from config.environment import Environment
from config.sole import Sole, Taken

READY_WITHIN = 60.0
BACKLOG = 1024
REPLACED = ("web", "line", "shift")
"""What another release takes over; workers too."""


def say(words: str) -> None:
    print(words, flush=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-demo", action="store_true", help="nút trống, không có tổ chức mẫu")


def run(arguments: argparse.Namespace) -> int:
    """Run the node until it is told to stop."""
    began = time.monotonic()
    os.umask(0o077)
    node = environment.read()
    stop, again = threading.Event(), threading.Event()
    signal.signal(signal.SIGUSR1, lambda *_: again.set())
    for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, lambda *_: stop.set())
    sole = Sole(node.state / "run.lock")
    try:
        sole.take(f"http://{_host(node)}:{node.port}/ (tiến trình {os.getpid()})")
    except Taken as taken:
        say(f"An Tín đang chạy trên thư mục dữ liệu này rồi: {taken.holder}\nDữ liệu: {node.state}")
        say("Muốn chạy thêm một nút khác: ANTIN_STATE=THƯ_MỤC_KHÁC ANTIN_PORT=CỔNG_KHÁC make run")
        return 2
    if (mark := node.state / MARK).exists():
        say(f"Thư mục dữ liệu mới khôi phục dở dang. Chạy lại: antin restore {mark.read_text().strip()}")
        return 2
    listening = _take_port(node)
    if listening is None:
        say(f"Cổng {node.port} đang có chương trình khác dùng. Chọn cổng khác: ANTIN_PORT={node.port + 1} make run")
        return 2
    database = EmbeddedPostgres(node.state / "postgres") if node.embedded else None
    children: list[Child | Shift] = []
    try:
        return _stand(
            node, database, children, (stop, again), listening=listening, began=began, demo=not arguments.no_demo
        )
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
    children: list[Child | Shift],
    told: tuple[threading.Event, threading.Event],
    *,
    listening: socket.socket,
    began: float,
    demo: bool,
) -> int:
    stop, again = told
    if database is not None:
        say("• Cơ sở dữ liệu …")
        database.start()
    say("• Chuẩn bị …")
    load(*APPLICATION)
    greeting = prepare(node, demo=demo)
    if stop.is_set():
        return 0
    if greeting is None:
        say("Không chuẩn bị được cơ sở dữ liệu; trang web chưa được chạy.")
        return 1
    say("• Trang web và tiến trình nền …")
    listening.listen(BACKLOG)
    children += [*workers(node.workers), web(node, listening.fileno())]
    if (node.state / "demonstration").exists() and not node.isolated:
        children.append(Child("axis", "Trục diễn tập", "antin.console.demo_axis:serve"))
    for child in children:
        child.start()
    announced = warned = False
    while not stop.wait(0.1 if not announced else 0.5):
        if not announced and _is_ready(node):
            announced = True
            _announce(node, time.monotonic() - began, greeting)
            if (demonstration := node.state / "demonstration").exists() and not progress.is_whole(demonstration):
                act = "antin.console.demo_traffic:fill_in_background"
                children.append(Child("traffic", "Lập văn bản mẫu", act, once=True))
                children[-1].start()
        if not announced and not warned and time.monotonic() - began > READY_WITHIN:
            warned = True
            say(f"! Sau {READY_WITHIN:.0f} giây vẫn chưa sẵn sàng; xem http://{_host(node)}:{node.port}/healthz")
        if database is not None and database.poll() is not None:
            say("! Cơ sở dữ liệu dừng bất ngờ; khởi động lại.")
            database.stop()
            database.start()
        _add_servers(node, children)
        if "shift" not in (there := [child.name for child in children]):
            for line in new_line(node, there):
                line.start()
                children.append(line)
        if again.is_set():
            again.clear()
            _reload(node, children, listening.fileno())
        for child in children:
            if trouble := child.revive():
                say(f"! {trouble}")
    say("\nĐang dừng …")
    return 0


def _add_servers(node: Environment, children: list[Child | Shift]) -> None:
    """Start the NATS servers of a node that deals with others, once it has been named and if it runs any."""
    folder, there = node.state / "nats", {child.name for child in children}
    if not (folder / "line").exists():
        return
    for kept in sorted(folder.glob("server-*.conf")):
        if (name := f"nats-{kept.stem.removeprefix('server-')}") not in there:
            words = f"Máy chủ đường liên kết {kept.stem.removeprefix('server-')}"
            children.append(Child(name, words, "antin.nodes.broker:become", {"conf": str(kept)}))
            children[-1].start()


def _reload(node: Environment, children: list[Child | Shift], listening: int) -> None:
    """Let a shift of the program that lies there now take over; when it does not come to serve, everything stays as it is."""
    say("• Nạp lại …")
    shift = Shift(listening)
    told = reload.outcome(node.state)
    if not shift.begin():
        say("! Phiên bản mới không chạy được; phiên bản đang chạy vẫn phục vụ.")
        told.write_text("Phiên bản mới không chạy được; phiên bản đang chạy vẫn phục vụ. Xem nhật ký của máy chủ.")
        return
    before = [child for child in children if child.name in REPLACED or child.name.startswith("worker")]
    children[:] = [*(child for child in children if child not in before), shift]
    for child in before:
        child.ask_to_stop()
    for child in before:
        child.stop()
    told.write_text(reload.DONE)
    say("Đã nạp lại.")


def _announce(node: Environment, seconds: float, greeting: str) -> None:
    address = f"http://{_host(node)}:{node.port}"
    say(f"\nAn Tín đã sẵn sàng sau {seconds:.1f} giây: {address}/")
    if greeting:
        say(greeting.replace(" /setup", f" {address}/setup"))
    say(f"Dữ liệu: {node.state}    Dừng: Ctrl-C\n")


def _host(node: Environment) -> str:
    return "localhost" if node.listen in ("127.0.0.1", "0.0.0.0", "::", "") else node.listen  # noqa: S104 - compared only


def _take_port(node: Environment) -> socket.socket | None:
    """Take the port; None when somebody else has it. Nobody can connect before there is somebody to answer."""
    family = socket.AF_INET6 if ":" in node.listen else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((node.listen, node.port))
    except OSError:
        taken.close()
        return None
    return taken


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
