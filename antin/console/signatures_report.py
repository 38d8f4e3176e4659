"""`antin signatures report`: until when the signatures of this node can be proven, and what ends that first.

Exit codes: 0 all is provable as its rule asks, 1 something is owed, ended or cannot be read.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from antin.signing import operations, queries
from antin.signing.states import Limit

SOONEST = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="in ra JSON cho máy đọc")
    parser.add_argument("--renew", action="store_true", help="hẹn ngay việc bổ sung, đóng dấu thời gian lại")


def run(arguments: argparse.Namespace) -> int:
    at = datetime.now(UTC)
    if arguments.renew:
        operations.keep_watch(at=at, asked=True)
    counted = queries.count_proofs()
    ending = queries.list_ending(limit=SOONEST)
    lost = [each for each in ending if each.limit == Limit.UNREADABLE or (each.until and each.until <= at)]
    told: dict[str, Any] = {
        "at": at.isoformat(),
        "watched": sum(counted.values()),
        "owed": queries.count_owed(),
        "by_level_and_year": [
            {"level": level, "ends": year, "files": n} for (level, year), n in sorted(counted.items(), key=str)
        ],
        "soonest": [
            {"file": each.file_id, "level": each.level, "ends": str(each.until or ""), "limit": each.limit}
            for each in ending
        ],
    }
    if arguments.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        print(f"{told['watched']} tệp ký số được theo dõi, {told['owed']} tệp chờ bổ sung bằng chứng")
        for row in told["by_level_and_year"]:
            print(f"  {row['level']:<6} {row['ends'] or '????'}  {row['files']}")
        for each in ending:
            until = f"{each.until:%d/%m/%Y}" if each.until else "không đọc được"
            print(f"{each.file_id}  {each.level:<6} {until}  {each.limit}")
    return 1 if told["owed"] or lost else 0
