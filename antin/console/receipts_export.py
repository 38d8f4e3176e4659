"""`antin receipts export DELIVERY`: a delivery's chain of receipts as a file for a third party."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from antin.journeys import between_nodes


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("delivery", type=int, help="số của lần gửi, như trang theo dõi gửi nêu")
    parser.add_argument("-o", "--out", type=Path)


def run(arguments: argparse.Namespace) -> int:
    content = between_nodes.export_receipts(delivery_id=arguments.delivery)
    if arguments.out is None:
        sys.stdout.buffer.write(content)
    else:
        arguments.out.write_bytes(content)
    return 0
