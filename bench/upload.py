"""How soon a paper of 100 KB is accepted: uploaded, examined, kept, entered in the book with its number, answered.

`python bench/upload.py` prints JSON: milliseconds per paper and papers per second with one client and with eight, over HTTP, into
the server that a node runs; beside it what the same machine takes to write and fsync the same bytes (the limit in the same run).
A database of its own, beside the one that DATABASE_URL names, is made and removed.
"""

import http.client
import json
import os
import platform
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from antin.people import operations as people  # noqa: E402
from bench.start import await_page, free_port  # noqa: E402
from tests import cast as casting  # noqa: E402
from tests import papers  # noqa: E402

PAPERS = int(os.environ.get("BENCH_PAPERS", "120"))
SIZE = 100_000
SERVE = "from antin.console.children import load; load('antin.web.serve'); from antin.web import serve; "


def scans(number: int) -> list[bytes]:
    """So many different papers of two pages, each with a scan of noise in it."""
    return [papers.pdf(pages=2, change=_fill) for _ in range(number)]


def _fill(made: Any) -> None:
    made.Root.Scan = made.make_stream(secrets.token_bytes(SIZE - 2000))


def body(key: str, code: str, scan: bytes) -> tuple[bytes, str]:
    edge = secrets.token_hex(16)
    facts = {"key": key, "type_code": "GM", "subject": f"Mời họp {code}", "issuer_name": "Sở X", "code": code}
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in facts.items()
    ]
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="scan"; filename="a.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    return b"".join(parts) + head.encode() + scan + f"\r\n--{edge}--\r\n".encode(), edge


class Sender:
    """One client: a connection kept open."""

    def __init__(self, port: int, secret: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {secret}", "Host": "localhost"}

    def send(self, name: str, scan: bytes) -> float:
        """Milliseconds until the book's number is there."""
        content, edge = body(f"bench-{name}", f"{name}/SX", scan)
        start = time.perf_counter()
        headers = self.headers | {"Content-Type": f"multipart/form-data; boundary={edge}"}
        self.connection.request("POST", "/api/papers", content, headers)
        answer = self.connection.getresponse()
        told = answer.read()
        if answer.status != 201:
            raise SystemExit(f"{answer.status}: {told[:500]!r}")
        return (time.perf_counter() - start) * 1000


def measured(port: int, secret: str, clients: int, name: str) -> dict[str, float]:
    made = scans(PAPERS)
    senders = [Sender(port, secret) for _ in range(clients)]

    def part(n: int) -> list[float]:
        return [senders[n].send(f"{name}{n}.{k}", scan) for k, scan in enumerate(made[n::clients])]

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        taken = sorted(taken for each in pool.map(part, range(clients)) for taken in each)
    seconds = time.perf_counter() - start
    for sender in senders:
        sender.connection.close()
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(taken[int(len(taken) * 0.95)], 1),
        "papers_per_second": round(len(taken) / seconds, 1),
    }


def written(folder: Path) -> float:
    """Milliseconds to write and fsync the same bytes to the same disk: what no program can beat."""
    taken = []
    for n, scan in enumerate(scans(20)):
        start = time.perf_counter()
        with (folder / f"{n}").open("wb") as out:
            out.write(scan)
            out.flush()
            os.fsync(out.fileno())
        taken.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(taken), 2)


def address() -> str:
    """DATABASE_URL of the database made here."""
    found = connection.settings_dict
    account = quote(found["USER"]) + (f":{quote(found['PASSWORD'])}" if found["PASSWORD"] else "")
    port = f":{found['PORT']}" if found["PORT"] else ""
    return f"postgresql://{account}@{quote(str(found['HOST']), '')}{port}/{found['NAME']}"


def main(state: Path) -> None:
    now = datetime.now(UTC)
    clerk = casting.build().recipient_clerk
    token = people.create_token(
        person_id=clerk.person_id,
        post_id=clerk.post_id,
        name="bench",
        scopes=("read", "act"),
        expires_at=now + timedelta(days=1),
        actor=None,
        at=now,
    )
    port = free_port()
    environment = os.environ | {"DATABASE_URL": address(), "ANTIN_STATE": str(state)}
    command = [sys.executable, "-c", f"{SERVE}serve.serve(listen='127.0.0.1', port={port})"]
    server = subprocess.Popen(command, env=environment, cwd=Path(__file__).parent.parent)
    try:
        await_page(port, server)
        measured(port, token.secret, 8, "w")
        told = {
            "machine": {
                "system": platform.platform(),
                "python": platform.python_version(),
                "cores": os.cpu_count(),
                "load_before": round(os.getloadavg()[0], 1),
                "postgresql": connection.pg_version,
            },
            "bytes": SIZE,
            "write_and_fsync_ms": written(state),
            "clients": {str(n): measured(port, token.secret, n, f"c{n}.") for n in (1, 8)},
        }
    finally:
        server.terminate()
        server.wait(30)
    print(json.dumps(told, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    ours = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    with tempfile.TemporaryDirectory(prefix="antin-upload-") as place:
        settings.STATE = Path(place)
        try:
            main(Path(place))
        finally:
            connection.creation.destroy_test_db(ours, verbosity=0)
