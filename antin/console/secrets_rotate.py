"""`antin secrets rotate`: a new key for what is sealed in the database. The node goes on; cut short, it is called again."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

from antin.exchange import operations as exchange
from antin.people import at_rest, operations


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep-old", action="store_true", help="giữ khóa cũ, để còn mở được bản sao lưu trước đó")
    parser.add_argument("--json", action="store_true", help="in JSON")


def run(arguments: argparse.Namespace) -> int:
    at_rest.add_key()
    last: int | None = 0
    while last is not None:
        last = operations.seal_again(after=last)
    exchange.seal_again(actor=None, at=datetime.now(UTC))
    dropped = 0 if arguments.keep_old else at_rest.drop_old_keys()
    told = f"Đã niêm phong lại bằng khóa mới; bỏ {dropped} khóa cũ."
    print(json.dumps({"dropped": dropped}) if arguments.json else told)
    return 0
