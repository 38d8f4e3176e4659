"""What has been restored is held to its own journal; sittings of the day of the backup are over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from antin.console.archive import Manifest
from antin.journal import custody, notation, operations, queries, verification
from antin.keys.states import Device
from antin.nodes import operations as nodes
from antin.people import operations as people


def examine(manifest: Manifest, *, at: datetime) -> dict[str, Any]:
    """Verify the journal against the checkpoints that came back with it and the one in the manifest; then note what happened."""
    key = custody.node_key().public_key().public_bytes_raw().hex()
    known = [line for journal in custody.journals() for line in custody.remembered(journal)]
    if manifest.head:
        known += notation.checkpoints_in(iter([manifest.head.encode() + b"\n"]))
    report = verification.verify(queries.export_lines(at=at), keys=frozenset({key}), known=known)
    for guard in queries.list_missing_guards():
        report.find("guard_missing", guard=guard)
    with transaction.atomic():
        people.end_every_sitting(actor=None, at=at)
        nodes.begin_feeds(actor=None, at=at)
        operations.record("node.restored", subject=("node", 1), actor=None, at=at, made_at=manifest.made_at)
    told = report.as_json()
    elsewhere = sorted(
        f"{each['kind']} {each['reference']}" for each in manifest.keys if each["kind"] != Device.SOFTWARE
    )
    return {
        "journal": told["verdict"],
        "entries": told["entries"],
        "findings": told["findings"],
        "keys_elsewhere": elsewhere,
    }
