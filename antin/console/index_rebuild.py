"""`antin index rebuild`: make the search index anew from the database while the node goes on working and being searched."""

from __future__ import annotations

import argparse
import sys
import time

from antin.index import engine, operations
from antin.journeys.index_documents import DOCUMENTS

STEP = 10_000


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="không báo từng bước")


def run(arguments: argparse.Namespace) -> int:
    began, told = time.monotonic(), 0

    def tell(n: int) -> None:
        nonlocal told
        if not arguments.quiet and n - told >= STEP:
            told = n
            print(f"… {n:,} văn bản", file=sys.stderr, flush=True)

    try:
        n = operations.rebuild(saying=DOCUMENTS, tell=tell)
    except operations.BuiltElsewhere:
        print("Một tiến trình khác đang lập chỉ mục.", file=sys.stderr)
        return 1
    seconds = time.monotonic() - began
    print(f"Đã lập chỉ mục {n:,} văn bản trong {seconds:.1f} giây, {engine.size():,} byte.")
    return 0
