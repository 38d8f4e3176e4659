"""Whether numbers stay without a gap and a double when many clients take them, abort and are killed; and how soon one comes.

`python bench/numbering.py` prints JSON. CLIENTS processes take numbers from SERIES series for SECONDS, one after another without a
pause; one act in ten aborts after taking its number, and every KILL_EVERY seconds ten clients are killed at once (SIGKILL) wherever
they are and started again. A client is a process: threads of one would wait for one another's interpreter and not for a number.
Afterwards every series is counted. The limit in the same run: the same transaction without the number, one row and its journal
record. `--whole` is the measure of the bar, 200 clients for 10 minutes; without it 40 clients for 20 seconds.
A database of its own is made and removed.
"""

import json
import os
import platform
import random
import signal
import statistics
import sys
import threading
import time
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import connection, connections, transaction  # noqa: E402
from django.db.models import Count, Max  # noqa: E402

from antin.console.migrating import migrate  # noqa: E402
from antin.journal import operations as journal  # noqa: E402
from antin.numbering import operations as numbering  # noqa: E402
from antin.numbering.models import Number, Series  # noqa: E402
from antin.numbering.queries import SeriesKey  # noqa: E402
from antin.people import operations as people  # noqa: E402
from antin.people.states import Kind  # noqa: E402

WHOLE = "--whole" in sys.argv
CLIENTS, SERIES, SECONDS = (200, 20, 600) if WHOLE else (40, 20, int(os.environ.get("BENCH_SECONDS", "20")))
AT_ONCE = 10  # clients that are killed together
KILL_EVERY = 2.0
ABORTS = 0.1
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


class Aborted(Exception):
    pass


def client(number: int, agency_id: int, until: float, told: list[float], alone: list[float]) -> None:
    """Take numbers until the end, one series after another at random; note how long each act took, to its commit."""
    dice = random.Random(f"{number}-{os.getpid()}")
    subject = number * 10**12 + os.getpid() * 10**5
    while time.monotonic() < until:
        subject += 1
        key = SeriesKey(agency_id, "out", 2026, f"S{dice.randrange(SERIES)}")
        begun = time.perf_counter()
        try:
            with transaction.atomic():
                numbering.take(series=key, subject=("document", subject), actor=None, at=AT)
                if dice.random() < ABORTS:
                    raise Aborted
        except Aborted:
            continue
        told.append((time.perf_counter() - begun) * 1000)
        if dice.random() < ABORTS:
            begun = time.perf_counter()
            with transaction.atomic():
                journal.record("bench.act", subject=("document", subject), actor=None, at=AT, agency_id=agency_id)
            alone.append((time.perf_counter() - begun) * 1000)
    connections.close_all()


def alone_in_a_process(number: int, agency_id: int, until: float, answers) -> None:
    """A client; what it measured is told at its end, and lost with it when it is killed."""
    connections.close_all()
    told: list[float] = []
    alone: list[float] = []
    client(number, agency_id, until, told, alone)
    answers.put((told, alone))


def run(agency_id: int) -> dict[str, object]:
    context = get_context("fork")
    answers = context.SimpleQueue()
    until = time.monotonic() + SECONDS
    dice = random.Random(2026)

    def begin(first: int):
        made = [
            context.Process(target=alone_in_a_process, args=(first + n, agency_id, until, answers))
            for n in range(AT_ONCE)
        ]
        for process in made:
            process.start()
        return made

    connections.close_all()
    living = {first: begin(first) for first in range(0, CLIENTS, AT_ONCE)}
    killed = 0
    while time.monotonic() + KILL_EVERY < until:
        time.sleep(KILL_EVERY)
        chosen = dice.choice(sorted(living))
        for process in living[chosen]:
            os.kill(process.pid, signal.SIGKILL)
        for process in living[chosen]:
            process.join()
        killed += len(living[chosen])
        living[chosen] = begin(chosen)
    told: list[float] = []
    alone: list[float] = []
    for _ in range(CLIENTS):
        mine, others = answers.get()
        told += mine
        alone += others
    for group in living.values():
        for process in group:
            process.join()
    return {"killed_clients": killed, "take": spread(told), "same_act_without_a_number": spread(alone)}


def other_series_wait(agency_id: int) -> float:
    """The slowest of 200 numbers of other series while one series is held locked by an act that does not end, in milliseconds."""
    slowest = 0.0
    with transaction.atomic():
        numbering.take(series=SeriesKey(agency_id, "out", 2026, "HELD"), subject=("document", 1), actor=None, at=AT)
        done = threading.Event()

        def elsewhere() -> None:
            nonlocal slowest
            for n in range(200):
                begun = time.perf_counter()
                key = SeriesKey(agency_id, "out", 2026, f"S{n % SERIES}")
                numbering.take(series=key, subject=("other", n), actor=None, at=AT)
                slowest = max(slowest, (time.perf_counter() - begun) * 1000)
            connections.close_all()
            done.set()

        threading.Thread(target=elsewhere).start()
        if not done.wait(120):
            raise SystemExit("another series waited")
    return round(slowest, 1)


def spread(taken: list[float]) -> dict[str, float]:
    ordered = sorted(taken)
    return {
        "acts": len(ordered),
        "p50_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)], 1),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)], 1),
        "worst_ms": round(ordered[-1], 1),
    }


def count() -> dict[str, int]:
    gaps = doubles = 0
    for row in Series.objects.annotate(held=Count("number"), high=Max("number__value")):
        different = Number.objects.filter(series=row).values("value").distinct().count()
        doubles += row.held - different
        gaps += row.last - different
    return {"series": Series.objects.count(), "numbers": Number.objects.count(), "gaps": gaps, "doubles": doubles}


def _make(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    connections.close_all()


def main() -> None:
    ours = connection.settings_dict["NAME"]
    name = f"{ours}_numbering"
    _make(name)
    connection.settings_dict["NAME"] = name
    try:
        migrate()
        unit = people.open_unit(
            name="Đo",
            short_name="Đo",
            abbreviation="ĐO",
            kind=Kind.CENTRE,
            parent_id=None,
            code="G11.99",
            actor=None,
            at=AT,
        )
        measured = run(unit.id)
        waited = other_series_wait(unit.id)
        found = {
            "clients": CLIENTS,
            "seconds": SECONDS,
            "whole": WHOLE,
            **count(),
            **measured,
            "slowest_elsewhere_while_one_series_is_held_ms": waited,
            "load": os.getloadavg()[0],
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "python": platform.python_version(),
            "django": version("django"),
        }
        print(json.dumps(found, ensure_ascii=False, indent=1))
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = ours
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    if found["gaps"] or found["doubles"]:
        raise SystemExit("gaps or doubles")


if __name__ == "__main__":
    main()
