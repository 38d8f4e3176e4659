"""`antin journal verify` without a file: the journal of this node, against the checkpoints it has signed and remembers."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from antin.console.journal_verify import BadInput, read_checkpoints, read_key, tell
from antin.journal import custody, queries, verification


def run(arguments: argparse.Namespace) -> int:
    key = custody.node_key().public_key().public_bytes_raw().hex()
    try:
        keys = frozenset({key, *(read_key(given) for given in arguments.key)})
        known = [line for given in arguments.checkpoint for line in read_checkpoints(Path(given))]
    except BadInput as trouble:
        return tell([], arguments.json, str(trouble))
    remembered = [line for journal in custody.journals() for line in custody.remembered(journal)]
    report = verification.verify(queries.export_lines(at=datetime.now(UTC)), keys=keys, known=[*known, *remembered])
    for guard in queries.list_missing_guards():
        report.find("guard_missing", guard=guard)
    return tell([("nhật ký của nút", report)], arguments.json)
