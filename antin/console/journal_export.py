"""`antin journal export FILE`: seal what can be sealed, then write the whole journal down for anybody to verify."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from antin.journal import operations, queries


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="TỆP", type=Path)


def run(arguments: argparse.Namespace) -> int:
    at = datetime.now(UTC)
    operations.seal(at=at)
    final: Path = arguments.file
    fresh = final.with_name(f".{final.name}.{os.getpid()}")
    count = 0
    try:
        with fresh.open("xb") as out:
            for line in queries.export_lines(at=at):
                out.write(line)
                count += 1
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(final)
    except OSError as trouble:
        print(f"Không ghi được {final}: {trouble.strerror}", file=sys.stderr)
        return 2
    finally:
        fresh.unlink(missing_ok=True)
    print(f"{final}: {count} dòng")
    return 0
