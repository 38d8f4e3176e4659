"""Documents of 10 KB to 50 MB between three nodes while everything that can fail does, and what both sides say at the end.

`python bench/faults.py [DOCUMENTS]` prints JSON. So many deliveries (10,000) are made, or as many as `BENCH_SECONDS` (a day) leave
time for, a few at a time. Between them messages are lost, doubled, changed, cut, delayed and overtaken (`tools/bad_line.py`);
lines, workers, NATS servers and whole nodes are killed, members are parted, one node's clock goes wrong by an hour (where
libfaketime is installed), and one node is made anew from its backup. Needs `DATABASE_URL` of a PostgreSQL where databases may be
made; they are removed.
"""

import json
import os
import platform
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import rig
from tools.bad_line import CHANGED, CUT, LATE, LOST, OVERTAKEN, TWICE, Faults
from tools.rig import Rig

DOCUMENTS = int(sys.argv[1] if len(sys.argv) > 1 else "10000")
SECONDS = float(os.environ.get("BENCH_SECONDS", "86400"))
SEED = int(os.environ.get("BENCH_SEED", "1"))
SERVERS = int(os.environ.get("BENCH_SERVERS", "1"))
AT_ONCE = 64
CHANCES = {LOST: 0.002, TWICE: 0.02, CHANGED: 0.01, CUT: 0.004, OVERTAKEN: 0.02, LATE: 0.02}
SIZES = ((0.70, 10_000, 100_000), (0.22, 100_000, 500_000), (0.06, 500_000, 3_000_000), (0.018, 3_000_000, 15_000_000))
LARGEST = (15_000_000, 50_000_000)


def size(dice: random.Random) -> int:
    """One of most letters' sizes, and now and then one of a plan with maps."""
    rolled = dice.random()
    for share, least, most in SIZES:
        if rolled < share:
            return dice.randint(least, most)
        rolled -= share
    return dice.randint(*LARGEST)


def befall(made: Rig, dice: random.Random) -> None:
    """One thing goes wrong, or nothing."""
    node = dice.choice(made.nodes)
    match dice.choice(
        ("nothing", "nothing", "antin-line", "antin-line", "antin-worker", "nats-server", "part", "node")
    ):
        case "part":
            made.line.part(dice.choice(made.nodes[1:]).code)
            time.sleep(dice.uniform(0.5, 4))
            made.line.heal()
        case "node":
            rig.kill_node(made, node)
            rig.start_again(node)
        case "nothing":
            pass
        case name:
            rig.kill(made, made.head if name == "nats-server" else node, name)


def post(made: Rig, dice: random.Random, givers: list[rig.Node], count: int, number: int) -> None:
    giver = dice.choice(givers)
    taker = dice.choice([node for node in made.nodes if node is not giver])
    rig.post(giver, taker, *(size(dice) for _ in range(count)), seed=f"{SEED}:{number}")


def waits(node: rig.Node) -> list[float]:
    """Seconds from issuing to the moment that the recipient's receipt names."""
    rows = rig.ask(
        node, "select extract(epoch from arrived_at - sent_at) s from exchange_delivery where channel = 'node'"
    )
    return sorted(float(row["s"]) for row in rows if row["s"] is not None)


def run(made: Rig) -> dict[str, Any]:
    dice = random.Random(SEED)
    head, skewed, restored = made.nodes
    began, number, done = time.monotonic(), 0, 0
    backup, told = None, {}
    while done < DOCUMENTS and time.monotonic() - began < SECONDS:
        far = max(done / DOCUMENTS, (time.monotonic() - began) / SECONDS)
        if far >= 0.25 and "clock" not in told:
            rig.stop(skewed)
            told["clock"] = rig.set_clock(skewed, 1)
            rig.start_again(skewed)
        if far >= 0.33 and "backup" not in told:
            rig.await_rest(made, within=1800)  # what a node issues after its backup is lost with it: that is not tried
            backup = rig.back_up(made, restored)
            told["backup"] = True
        if far >= 0.5 and "restored" not in told and backup is not None:
            told["restored"] = rig.restore(made, restored, backup)["journal"]
            rig.start_again(restored)
            backup = None
        givers = made.nodes if backup is None else [head, skewed]
        count = min(AT_ONCE, DOCUMENTS - done)
        post(made, dice, givers, count, number)
        befall(made, dice)
        number, done = number + 1, done + count
    made.line.faults = Faults()
    made.line.heal()
    rig.wake(made)
    issued = time.monotonic() - began
    rig.await_rest(made, within=7200)
    rested = time.monotonic() - began
    found = rig.audit(made)
    unproven = [words for node in made.nodes for words in rig.prove_receipts(made, node)]
    took = waits(head)
    bytes_sent = sum(
        float(row["n"] or 0) for node in made.nodes for row in rig.ask(node, "select sum(size) n from nodes_parcel")
    )
    return {
        "documents": sum(len(rig.ask(node, rig.SENT)) for node in made.nodes),
        "megabytes": round(bytes_sent / 1e6),
        "findings": found + unproven,
        "seconds_until_issued": round(issued),
        "seconds_until_at_rest": round(rested),
        "faults": dict(made.line.happened),
        "killed": dict(made.killed),
        "befell": told,
        "head_issue_to_arrival_p50_s": round(statistics.median(took), 1),
        "head_issue_to_arrival_p95_s": round(took[int(len(took) * 0.95)], 1),
    }


def main() -> None:
    place = Path(tempfile.mkdtemp(prefix="antin-bench-faults-"))
    place.chmod(0o711)
    load = os.getloadavg()[0]
    faults = Faults(seed=SEED, chances=CHANCES)
    try:
        with rig.running(
            place,
            os.environ["DATABASE_URL"],
            prefix=f"bench_faults_{os.getpid()}",
            partners=2,
            faults=faults,
            servers=SERVERS,
            patience=10,
        ) as made:
            told = run(made)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "load_before": round(load, 1)}
    print(json.dumps({"machine": machine, "seed": SEED, "servers": SERVERS, **told}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
