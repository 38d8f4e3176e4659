"""The NATS servers a node starts itself: what is written for them, and how a child process becomes one.

The coordinating node runs one server, or three that hold every message thrice. A leaf has one that keeps nothing and passes
everything on: what waits, waits in the node's own database. Every member has a user that may send to others only in its own name,
and fetch only what is its own.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from antin.nodes.tls import SCHEME, Files

CLUSTER, LEAF = 10, 20
"""How far behind a server's port its cluster's and its leaf nodes' ports are."""
DOMAIN = "antin"
"""The name of the coordinating node's store: what a leaf asks for passes through its own server only under that name."""
PRIVATE = 0o600
SYNC = "always"
"""An acknowledged message is on the disk, not only in the memory of the machine."""


def folder() -> Path:
    return Path(settings.STATE) / "nats"


def mark() -> None:
    """Tell the supervisor that this node deals with others from now on."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder() / "line").touch()


def hub(code: str, users: Mapping[str, str], *, tls: Files | None = None) -> dict[Path, str]:
    """What is written for the servers of a coordinating node; `users` are members with their passwords.

    With `tls` whoever connects, a client, a leaf or another server of the cluster, proves a certificate of the same authority.
    """
    lines = settings.NATS
    ports = [lines.port + place for place in range(lines.servers)]
    found = {}
    for place, port in enumerate(ports, 1):
        told = [
            f"server_name: {json.dumps(f'{code}-{place}')}",
            f"listen: {json.dumps(f'{lines.listen}:{port}')}",
            f"pid_file: {json.dumps(str(folder() / f'server-{place}.pid'))}",
            f"jetstream {{ store_dir: {json.dumps(str(folder() / f'store-{place}'))}, domain: {DOMAIN}, sync_interval: {SYNC} }}",
            *([_tls(tls)] if tls else []),
            f"leafnodes {{ listen: {json.dumps(f'{lines.listen}:{port + LEAF}')}{_beside(tls)} }}",
            "accounts {",
            f"  APP {{ jetstream: enabled, users: [{', '.join(_user(name, users[name], code) for name in sorted(users))}] }}",
            "  SYS { users: [] }",
            "}",
            "system_account: SYS",
            "max_payload: 1MB",
        ]
        if lines.servers > 1:
            routes = [f"nats-route://{lines.listen}:{each + CLUSTER}" for each in ports]
            told.append(
                f"cluster {{ name: {json.dumps(code)}, listen: {json.dumps(f'{lines.listen}:{port + CLUSTER}')},"
                f" routes: {json.dumps(routes)}{_beside(tls)} }}"
            )
        found[folder() / f"server-{place}.conf"] = "\n".join(told) + "\n"
    return found


def _tls(files: Files) -> str:
    told = {"cert_file": files.certificate, "key_file": files.key, "ca_file": files.authority}
    return "tls { " + ", ".join(f"{name}: {json.dumps(str(path))}" for name, path in told.items()) + ", verify: true }"


def _beside(files: Files | None) -> str:
    return f", {_tls(files)}" if files else ""


def _user(name: str, password: str, coordinator: str) -> str:
    if name == coordinator:
        return f"{{ user: {json.dumps(name)}, password: {json.dumps(password)} }}"
    stream, inbox = f"IN_{name}", f"_INBOX_{name}"
    asked = [f"CONSUMER.MSG.NEXT.{stream}.node", f"CONSUMER.INFO.{stream}.node"]
    send = [
        f"antin.*.{name}.>",
        *(f"$JS.{DOMAIN}.API.{each}" for each in asked),  # as a leaf passes it on
        *(f"$JS.API.{each}" for each in asked),  # as the server itself has rewritten it before it asks for the right
        f"$JS.ACK.{stream}.node.>",
    ]
    rights = {"publish": send, "subscribe": [f"{inbox}.>"]}
    return f"{{ user: {json.dumps(name)}, password: {json.dumps(password)}, permissions: {json.dumps(rights)} }}"


def leaf(code: str, password: str, addresses: list[str], *, tls: Files | None = None) -> dict[Path, str]:
    """What is written for the one server of a leaf: it listens to this node only, and leads to the coordinating node's."""
    lines = settings.NATS
    urls = [_leaf_address(each, code, password) for each in addresses]
    told = [
        f"server_name: {json.dumps(code)}",
        f"listen: {json.dumps(f'127.0.0.1:{lines.port}')}",
        f"pid_file: {json.dumps(str(folder() / 'server-1.pid'))}",
        f"leafnodes {{ remotes: [{{ urls: {json.dumps(urls)}{_beside(tls)} }}], reconnect: {json.dumps('2s')} }}",
        f"authorization {{ user: {json.dumps(code)}, password: {json.dumps(password)} }}",
        "max_payload: 1MB",
    ]
    return {folder() / "server-1.conf": "\n".join(told) + "\n"}


def _leaf_address(address: str, code: str, password: str) -> str:
    host, _colon, port = address.removeprefix("nats://").removeprefix(SCHEME).rpartition(":")
    return f"nats-leaf://{code}:{password}@{host}:{int(port) + LEAF}"


def write(wanted: Mapping[Path, str]) -> bool:
    """Write what is not written yet, and let running servers read it; returns whether anything changed."""
    changed = False
    for path, told in wanted.items():
        if path.exists() and path.read_text() == told:
            continue
        fresh = path.with_suffix(".fresh")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(descriptor, "w") as out:
            out.write(told)
        fresh.replace(path)
        changed = True
        _reload(path)
    return changed


def _reload(path: Path) -> None:
    """Let a running server read its new configuration (users); its ports never change while it runs."""
    kept = path.with_suffix(".pid")
    if not kept.exists():
        return
    try:
        pid = int(kept.read_text())
        if "nats-server" in Path(f"/proc/{pid}/comm").read_text():
            os.kill(pid, signal.SIGHUP)
    except (OSError, ValueError):
        return


def become(conf: str) -> None:
    """Turn this process into a server."""
    program = Path(sys.executable).with_name("nats-server")
    log = folder() / f"{Path(conf).stem}.log"
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.execv(program, ["nats-server", "-c", conf])  # noqa: S606 - our own binary, beside the interpreter
