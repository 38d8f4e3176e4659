"""How soon a node answers, and what it weighs when it has nothing to do.

`python bench/start.py` prints JSON: an empty state folder to the first page (with the demonstration's people, and without), a
restart to the first page, each beside the time Python takes to load the same application and do nothing (the limit in the same
run), the memory of the idle node without its database (PSS), and, with BENCH_CLONE=1, a fresh clone to its first page.
"""

import http.client
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIMES = int(os.environ.get("BENCH_TIMES", "5"))
LOAD = "import django; django.setup(); import config.urls, antin.web.serve, antin.jobs.worker, antin.console.prepare"
PATIENCE = 600


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def environment(state: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return kept | {"ANTIN_STATE": str(state), "ANTIN_PORT": str(port)}


def await_page(port: int, node: subprocess.Popen[bytes]) -> None:
    """Ask for the sign-in page until it comes."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if node.poll() is not None:
            raise SystemExit("the node ended before it answered")
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            asked.request("GET", "/sign-in", headers={"Host": "localhost"})
            if asked.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.02)
        finally:
            asked.close()
    raise SystemExit("no page came")


def start(command: list[str], state: Path, folder: Path = ROOT) -> tuple[subprocess.Popen[bytes], float]:
    """Start a node; the seconds until its first page."""
    port = free_port()
    began = time.monotonic()
    node = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(state, port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    await_page(port, node)
    return node, time.monotonic() - began


def stop(node: subprocess.Popen[bytes]) -> float:
    began = time.monotonic()
    os.killpg(node.pid, signal.SIGINT)
    node.wait(PATIENCE)
    return time.monotonic() - began


def weigh(state: Path) -> dict[str, float]:
    """Megabytes (PSS) of every process of the node but PostgreSQL's."""
    found: dict[str, float] = {}
    for process in Path("/proc").iterdir():
        try:
            if f"ANTIN_STATE={state}\0".encode() not in (process / "environ").read_bytes():
                continue
            name = (process / "comm").read_text().strip()
            pss = next(line for line in (process / "smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
        except (OSError, StopIteration):
            continue
        if name != "postgres":
            found[f"{name} {process.name}"] = round(int(pss.split()[1]) / 1024, 1)
    return found


def run(*flags: str) -> list[str]:
    return [sys.executable, "-m", "antin", "run", *flags]


def main() -> None:
    machine = {"system": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count()}
    found: dict[str, object] = {"machine": machine | {"load_before": round(os.getloadavg()[0], 1)}}
    with tempfile.TemporaryDirectory(prefix="antin-start-") as place:
        Path(place).chmod(0o711)
        state = Path(place) / "empty"
        node, found["first_start_empty_s"] = start(run("--no-demo"), state)
        time.sleep(15)  # idle: caches filled, heartbeats only
        parts = weigh(state)
        found["idle_pss_mb"] = {"all": round(sum(parts.values()), 1), "parts": sorted(parts.items())}
        found["stop_s"] = round(stop(node), 2)
        restarts, loads = [], []
        for _ in range(TIMES):
            node, seconds = start(run("--no-demo"), state)
            stop(node)
            restarts.append(seconds)
            began = time.monotonic()
            loaded = environment(state, 1) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
            subprocess.run([sys.executable, "-c", LOAD], cwd=ROOT, env=loaded, check=True)
            loads.append(time.monotonic() - began)
        found["restart_s"] = round(statistics.median(restarts), 2)
        found["load_only_s"] = round(statistics.median(loads), 2)
        found["restart_against_load"] = round(statistics.median(restarts) / statistics.median(loads), 2)
        node, found["first_start_demonstration_s"] = start(run(), Path(place) / "demonstration")
        stop(node)
        if os.environ.get("BENCH_CLONE") == "1":
            clone = Path(place) / "clone"
            began = time.monotonic()
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
            node, _ = start(["make", "run", "ARGS=--no-demo"], clone / "var", clone)
            found["fresh_clone_s"] = round(time.monotonic() - began, 1)
            stop(node)
    for name, value in found.items():
        if isinstance(value, float):
            found[name] = round(value, 2)
    json.dump(found, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
