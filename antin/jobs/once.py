"""`antin jobs once`: keep every promise that is due, in this process, then stop."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from antin.jobs import handlers  # noqa: F401 - registers the handlers
from antin.outbox import operations


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=int, default=10_000, help="nhiều nhất bao nhiêu việc")


def run(arguments: argparse.Namespace) -> int:
    tally = operations.keep_due(at=datetime.now(UTC), limit=arguments.limit)
    print(f"xong {tally.kept}, hoãn {tally.postponed}, bỏ {tally.dead}")
    return 1 if tally.dead else 0
