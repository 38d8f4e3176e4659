"""`antin journal checkpoint`: seal what can be sealed and print the newest checkpoint, to be kept somewhere else."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from antin.journal import notation, operations, queries


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(arguments: argparse.Namespace) -> int:
    operations.seal(at=datetime.now(UTC))
    last = queries.find_last_checkpoint()
    if last is None:
        print("Nhật ký chưa có gì để niêm phong.", file=sys.stderr)
        return 1
    sys.stdout.write(notation.signed_line("checkpoint", last.body, last.proof).decode())
    return 0
