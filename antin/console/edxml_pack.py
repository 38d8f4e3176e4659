"""`antin edxml pack`: a message from a JSON of facts and files, or from an unpacked folder. Stand-alone.

0: written; 2: refused, with the reason and the place, and nothing is written. The facts: docs/edxml.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from antin.console.edxml_inspect import tell_refusal
from antin.exchange.edxml.notes import EdxmlRefused
from antin.exchange.edxml.packing import CannotWrite, pack
from antin.exchange.edxml.writing import write


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("facts", metavar="NGUỒN", help="tệp JSON mô tả gói tin, hoặc thư mục đã mở bằng “unpack”")
    parser.add_argument("files", nargs="*", metavar="TỆP", help="tệp đính kèm thêm")
    parser.add_argument("-o", "--output", required=True, metavar="RA", help="tệp gói tin mới; - là đầu ra chuẩn")
    parser.add_argument("--json", action="store_true", help="lý do từ chối dạng JSON")


def run(arguments: argparse.Namespace) -> int:
    try:
        message = write(pack(Path(arguments.facts), [Path(each) for each in arguments.files]))
        _put(arguments.output, message)
    except EdxmlRefused as no:
        return tell_refusal(no, as_json=arguments.json)
    return 0


def _put(name: str, message: bytes) -> None:
    """Write a new file; one that is there stays as it is. :raises CannotWrite: it cannot be made"""
    if name == "-":
        sys.stdout.buffer.write(message)
        return
    try:
        with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as out:
            out.write(message)
    except (OSError, ValueError) as trouble:
        raise CannotWrite(name, why=getattr(trouble, "strerror", None) or str(trouble)) from None
