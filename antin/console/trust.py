"""`antin trust`: whom this node believes, since when, until when and why; listed, added and ended without the web."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from django.utils import timezone

from antin.keys import operations, queries
from antin.refusal import NotFound


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["list", "add", "end"], help="xem, thêm, thôi tin cậy")
    parser.add_argument(
        "what", nargs="?", default="", metavar="TỆP|VÂN-TAY", help="tệp chứng thư số, hoặc vân tay SHA-256"
    )
    parser.add_argument("--reason", default="", help="căn cứ, lý do; bắt buộc khi thêm, thôi tin cậy")
    parser.add_argument(
        "--since", type=_day, help="tin cậy từ ngày (2026-11-25); bỏ trống: từ khi chứng thư số có hiệu lực"
    )
    parser.add_argument("--until", type=_day, help="đến ngày; bỏ trống: không hạn, hoặc từ lúc này khi thôi tin cậy")
    parser.add_argument("--json", action="store_true", help="in JSON")


def _day(text: str) -> datetime:
    return timezone.make_aware(datetime.strptime(text, "%Y-%m-%d"))  # noqa: DTZ007 - made aware in this very line


def run(arguments: argparse.Namespace) -> int:
    at = datetime.now(UTC)
    if arguments.act == "add":
        operations.add_trust_anchor(
            certificate=Path(arguments.what).read_bytes(),
            reason=arguments.reason,
            trusted_from=arguments.since,
            trusted_until=arguments.until,
            actor=None,
            at=at,
        )
    if arguments.act == "end":
        found = [each for each in queries.list_anchors() if each.fingerprint == arguments.what.replace(" ", "").lower()]
        if not found:
            raise NotFound(fingerprint=arguments.what)
        operations.end_trust(
            anchor_id=found[-1].pk, until=arguments.until or at, reason=arguments.reason, actor=None, at=at
        )
    rows = [
        {
            "name": each.name,
            "fingerprint": each.fingerprint,
            "trusted_from": each.trusted_from.isoformat(),
            "trusted_until": each.trusted_until.isoformat() if each.trusted_until else None,
            "reason": each.reason,
            "end_reason": each.end_reason,
        }
        for each in queries.list_anchors()
    ]
    if arguments.json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            print(f"{row['fingerprint']}  {row['trusted_from']} - {row['trusted_until'] or ''}  {row['name']}")
            print(f"    {row['reason']} {row['end_reason']}".rstrip())
    return 0
