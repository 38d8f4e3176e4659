"""A fault rig: real nodes on one machine, a line between them that is bad on request, an auditor who reads all databases.

Each node is an `antin run` of its own (its state folder, its database on one PostgreSQL) with a small unit that acts on it.
What may befall them: everything `tools.bad_line` does to messages; processes, NATS servers and whole nodes killed without warning;
clocks that are wrong (libfaketime, where it is installed); a node that is made anew from its backup. `audit` says what must hold
at the end. Used by tests/node_life/test_faults.py.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from tools.bad_line import BadLine, Faults
from tools.demo_nodes import ROOT, Node

PHRASE = "một cụm mật khẩu dài"
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
PROCESSES = ("antin-line", "antin-worker", "nats-server")


class NeverCame(AssertionError):
    """A condition that did not come about in time."""


def await_that(holds: Callable[[], Any], what: str, *, within: float = 90.0) -> Any:
    """What a condition says once it says something."""
    deadline = time.monotonic() + within
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise NeverCame(what)
        time.sleep(0.1)
    return found


@dataclass
class Rig:
    """The nodes, the first of which coordinates, and the line the others reach it by."""

    place: Path
    url: str
    nodes: list[Node]
    line: BadLine
    server: int
    killed: Counter[str] = field(default_factory=Counter)

    @property
    def head(self) -> Node:
        return self.nodes[0]


def free_ports(count: int) -> list[int]:
    """So many ports of this machine that nobody listens at."""
    with contextlib.ExitStack() as stack:
        asked = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in asked:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in asked]


def _database_url(url: str, name: str) -> str:
    parts = urlsplit(url)
    return parts._replace(path=f"/{name}").geturl()


def _on_server(url: str, *statements: sql.Composed) -> None:
    with psycopg.connect(_database_url(url, "postgres"), autocommit=True) as connection:
        for each in statements:
            connection.execute(each)


def drop_database(url: str, name: str) -> None:
    _on_server(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def make_database(url: str, name: str, *, template: str = "template0") -> None:
    drop_database(url, name)
    _on_server(url, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def database_of(rig: Rig, node: Node) -> str:
    return urlsplit(node.more["DATABASE_URL"]).path.lstrip("/")


@contextlib.contextmanager
def running(
    place: Path,
    url: str,
    *,
    prefix: str,
    partners: int = 1,
    faults: Faults,
    servers: int = 1,
    patience: int = 3,
    straight: bool = False,
    hours: float = 0,
    form: str = "",
) -> Iterator[Rig]:
    """Nodes that know each other, at rest: one that coordinates, and so many partners behind one bad line, or `straight` on it.

    The last one's clock is wrong by so many `hours` from the beginning. Their databases begin as copies of the one named `form`,
    which is in today's form and empty, or are brought to it first.
    """
    ports = free_ports(2 + partners)
    [server] = _row_of_ports(servers)
    names = [("tcz", "G11.90", "Tổng cục Z", "TCZ")]
    names += [(f"b{n}", f"G11.90.{n:02d}", f"Cục B{n}", f"B{n}") for n in range(1, partners + 1)]
    line = BadLine([server + place for place in range(servers)], faults)
    nodes = [
        Node(
            code,
            agency,
            name,
            mark,
            port,
            more={
                "DATABASE_URL": _database_url(url, f"{prefix}_{code}"),
                "ANTIN_NATS_PORT": str(server),
                "ANTIN_NATS_SERVERS": str(servers),
                "ANTIN_NATS_PATIENCE": str(patience),
                "ANTIN_BACKUP_PASSPHRASE": PHRASE,
            },
            place=place,
        )
        for (code, agency, name, mark), port in zip(names, ports, strict=False)
    ]
    rig = Rig(place, url, nodes, line, server)
    try:
        set_clock(nodes[-1], hours)
        _prepare_databases(rig, form)
        for node in nodes:
            node.start()
        for node in nodes:
            node.act("found", code=node.agency, name=node.name, mark=node.mark)
        for node in nodes:
            await_that(lambda node=node: "antin-worker" in processes(node), f"{node.code} works")
        _join(rig, server if straight else line.port)
        yield rig
    finally:
        for node in nodes:
            if node.running is not None:
                kill_node(rig, node)
            if node.unit is not None:
                node.unit.kill()
                node.unit.wait()
        line.close()
        for node in nodes:
            drop_database(url, database_of(rig, node))


def _row_of_ports(servers: int) -> list[int]:
    """The first of a row of ports that are all free, with those behind them that servers use for each other."""
    for _try in range(100):
        [first] = free_ports(1)
        if first + 30 < 65_500 and all(_is_free(first + more) for more in (*range(servers), *range(10, 24))):
            return [first]
    raise NeverCame("a row of free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) != 0


def _prepare_databases(rig: Rig, form: str) -> None:
    """Let the first node's unit bring its database to form, unless there is one to copy; the others begin with a copy of it."""
    for node in rig.nodes:
        node.state.mkdir(parents=True)
        node.open_unit()
    if not form:
        make_database(rig.url, database_of(rig, rig.head))
        rig.head.antin("prepare", "--no-demo")
    for node in rig.nodes[0 if form else 1 :]:
        make_database(rig.url, database_of(rig, node), template=form or database_of(rig, rig.head))


def _join(rig: Rig, port: int) -> None:
    address = f"nats://127.0.0.1:{port}"
    rig.head.antin("nodes", "establish", rig.head.code, rig.head.name, "--address", address)
    for other in rig.nodes[1:]:
        asked, answer = str(rig.place / f"{other.code}.moi"), str(rig.place / f"{other.code}.tra-loi")
        agency = f"{other.agency}={other.name}"
        rig.head.antin("nodes", "invite", other.code, other.name, "--agency", agency, "-o", asked)
        other.antin("nodes", "accept", asked, "-o", answer)
        rig.head.antin("nodes", "confirm", answer)
    for node in rig.nodes:
        await_that(lambda node=node: len(_agencies(rig, node)) == len(rig.nodes) - 1, f"{node.code} knows the others")


def _agencies(rig: Rig, node: Node) -> list[dict[str, Any]]:
    return ask(node, "select code from correspondents_correspondent where closed_at is null and channel = 'node'")


def ask(node: Node, question: str, *given: Any) -> list[dict[str, Any]]:
    """What a node's database says; the auditor's own eyes, not the node's."""
    with psycopg.connect(node.more["DATABASE_URL"], row_factory=dict_row) as connection:
        return connection.execute(question, given).fetchall()


# What befalls them -----------------------------------------------------------------------------------------------------------


def processes(node: Node) -> dict[str, int]:
    """The process ids of what `antin run` started, by name."""
    assert node.running is not None
    found = {}
    with contextlib.suppress(OSError):
        for pid in Path(f"/proc/{node.running.pid}/task/{node.running.pid}/children").read_text().split():
            with contextlib.suppress(OSError):
                found[Path(f"/proc/{pid}/comm").read_text().strip()] = int(pid)
    return found


def post(giver: Node, taker: Node, *sizes: int, seed: object) -> list[str]:
    """Issue letters of these sizes from one node to another; their files' digests."""
    told = giver.act("post", to=[taker.agency], sizes=list(sizes), seed=str(seed))
    if "posted" not in told:
        raise NeverCame(f"{giver.code}: {told}")
    return [each["file"] for each in told["posted"]]


def kill(rig: Rig, node: Node, name: str) -> bool:
    """Kill one process without warning; its supervisor starts it again. False when it is not there just now."""
    pid = processes(node).get(name)
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        rig.killed[name] += 1
    return True


def kill_node(rig: Rig, node: Node) -> None:
    """Kill a whole node, every process of it at once, as when its machine loses power."""
    assert node.running is not None
    for pid in (node.running.pid, *processes(node).values()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    node.running.wait()
    rig.killed["node"] += 1


def start_again(node: Node) -> None:
    """Start a node that was stopped, killed or restored, and wait until it answers."""
    node.start()
    node.await_well()


def stop(node: Node) -> None:
    node.stop()
    node.running = node.unit = None


def set_clock(node: Node, hours: float) -> bool:
    """Let a node's clock be wrong from its next start; False where libfaketime is not installed."""
    if FAKETIME is None:
        return False
    for name in ("LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC", "PYTHONPATH"):
        node.more.pop(name, None)
    if hours:
        node.more |= {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME": f"{hours:+g}h",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(ROOT / "tools" / "faked_clock"),
        }
    return True


def back_up(rig: Rig, node: Node) -> Path:
    """Back a node up while it works."""
    return Path(json.loads(node.antin("backup", str(rig.place / f"{node.code}.backups"), "--json"))["backup"])


def restore(rig: Rig, node: Node, backup: Path) -> dict[str, Any]:
    """Make a node anew from a backup: what happened on it since is gone."""
    if node.running is not None:
        stop(node)
    shutil.rmtree(node.state)
    node.state.mkdir()
    make_database(rig.url, database_of(rig, node))
    told: dict[str, Any] = json.loads(node.antin("restore", str(backup), "--json"))
    return told


def wake(rig: Rig) -> None:
    """Let nodes take up at once what a killed worker held."""
    for node in rig.nodes:
        node.act("wake")


# What must hold --------------------------------------------------------------------------------------------------------------

SENT = """
select d.id, d.status, d.reference, d.line, doc.code, doc.file, doc.number, array(
  select r.digest from exchange_signedreceipt r where r.delivery_id = d.id order by r.number) as links
from exchange_delivery d join exchange_dispatch s on s.id = d.dispatch_id join documents_document doc on doc.id = s.document_id
where d.channel = 'node' order by d.id"""
CAME = """
select i.reference, i.line, doc.id, doc.code, doc.file, doc.status, array(
  select r.digest from exchange_signedreceipt r where r.incoming_id = i.document_id order by r.number) as links
from exchange_incoming i join documents_document doc on doc.id = i.document_id order by doc.id"""

OWN_NUMBERS = """
select number from documents_document d where number is not null
and not exists (select 1 from documents_arrival a where a.document_id = d.id)"""


def is_settled(rig: Rig) -> str:
    """Why the exchange is not at rest yet; "" when every delivery is receipted and nothing is on its way."""
    for node in rig.nodes:
        open_ones = ask(node, "select count(*) n from nodes_parcel where status in ('waiting', 'sent')")[0]["n"]
        if open_ones:
            return f"{node.code}: {open_ones} parcels not settled"
        coming = ask(node, "select count(*) n from nodes_received where status in ('coming', 'whole')")[0]["n"]
        if coming:
            return f"{node.code}: {coming} parcels coming"
        lacking = [row["code"] for row in ask(node, SENT) if len(row["links"]) < 2]
        if lacking:
            return f"{node.code}: {len(lacking)} deliveries without their receipts, first {lacking[0]}"
    return ""


def await_rest(rig: Rig, *, within: float = 120.0) -> None:
    """Wait until nothing is on its way any more. :raises NeverCame: with what is"""
    deadline = time.monotonic() + within
    while why := is_settled(rig):
        if time.monotonic() > deadline:
            raise NeverCame("; ".join([why, *audit(rig), *(_last_words(node) for node in rig.nodes)]))
        time.sleep(0.25)


def _last_words(node: Node) -> str:
    queue = ask(
        node,
        "select name, status, attempts, last_fault from outbox_promise where status <> 'kept' order by id desc limit 5",
    )
    return f"{node.code}: promises {queue}; log: {(node.state / 'log').read_text()[-1500:]}"


def audit(rig: Rig) -> list[str]:
    """Everything that does not hold between the nodes; nothing when each document arrived once, unchanged, and both sides tell
    the same story. Reads the databases, the files on the disks and the journals."""
    found: list[str] = []
    for giver in rig.nodes:
        for taker in rig.nodes:
            if giver is not taker:
                found += _compare(rig, giver, taker)
    for node in rig.nodes:
        found += _own_books(rig, node)
    return found


def _compare(rig: Rig, giver: Node, taker: Node) -> list[str]:
    sent = {row["reference"]: row for row in ask(giver, SENT) if row["line"] == taker.code}
    came = [row for row in ask(taker, CAME) if row["line"] == giver.code]
    way = f"{giver.code} → {taker.code}"
    found = [f"{way}: {n} times {name}" for name, n in Counter(row["reference"] for row in came).items() if n > 1]
    there = {row["reference"]: row for row in came}
    found += [f"{way}: {sent[name]['code']} never arrived" for name in sorted(sent.keys() - there.keys())]
    found += [f"{way}: {there[name]['code']} was never sent" for name in sorted(there.keys() - sent.keys())]
    for name in sorted(sent.keys() & there.keys()):
        ours, theirs = sent[name], there[name]
        if (ours["code"], ours["file"]) != (theirs["code"], theirs["file"]):
            found.append(f"{way}: {ours['code']} arrived as {theirs['code']} {theirs['file'][:12]}")
        if not _is_itself(taker, theirs["file"]):
            found.append(f"{way}: the file of {ours['code']} is not what its name says")
        if ours["links"] != theirs["links"]:
            found.append(
                f"{way}: receipts of {ours['code']}: {len(theirs['links'])} signed, {len(ours['links'])} held, not the same"
            )
    return found


def _is_itself(node: Node, digest: str) -> bool:
    path = node.state / "files" / digest[:2] / digest[2:4] / digest
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def _own_books(rig: Rig, node: Node) -> list[str]:
    found = []
    numbers = [row["number"] for row in ask(node, OWN_NUMBERS)]
    if sorted(numbers) != list(range(1, len(numbers) + 1)):
        found.append(f"{node.code}: numbers of issued documents are not without gap")
    aside = ask(node, "select member_id, number, fault from nodes_received where status = 'aside'")
    found += [f"{node.code}: set aside {row['number']}: {row['fault']}" for row in aside]
    for command in (("parcels", "gaps"), ("journal", "verify")):
        try:
            node.antin(*command)
        except SystemExit as no:
            found.append(str(no))
    journal = Counter(row["event"] for row in ask(node, "select event from journal_record"))
    arrived = len(ask(node, CAME))
    if journal["document.arrived"] != arrived:
        found.append(f"{node.code}: the journal tells of {journal['document.arrived']} arrivals, there are {arrived}")
    return found


def prove_receipts(rig: Rig, node: Node, *, most: int = 5) -> list[str]:
    """Export receipts of a node's first deliveries and prove them without any node; what could not be proven."""
    roots = rig.place / "roots.pem"
    roots.write_text(
        "".join(_pem(row["root"]) for each in rig.nodes for row in ask(each, "select root from nodes_identity"))
    )
    found = []
    for row in ask(node, SENT)[:most]:
        out = rig.place / f"receipts-{node.code}-{row['id']}.json"
        node.antin("receipts", "export", str(row["id"]), "-o", str(out))
        command = [sys.executable, "-m", "antin", "receipts", "verify", str(out), "--trust", str(roots), "--json"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            found.append(f"{node.code}: {row['code']}: {done.stdout}{done.stderr}")
    return found


def _pem(der: bytes) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(bytes(der)).decode()}-----END CERTIFICATE-----\n"
