"""`antin edxml unpack`: a message into a folder: `facts.json` and the files. Stand-alone: no settings, database or server.

0: unpacked; 1: unpacked, with damage that the notes name; 2: refused, and nothing is written. What is in the folder: docs/edxml.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from antin.console.edxml_inspect import read_file, say, tell, tell_refusal
from antin.exchange.edxml.notes import EdxmlRefused
from antin.exchange.edxml.packing import unpack


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="TỆP", help="gói tin edXML; - là đọc từ đầu vào chuẩn")
    parser.add_argument("folder", metavar="THƯ_MỤC", help="thư mục mới hoặc trống để mở gói tin vào")
    parser.add_argument("--json", action="store_true", help="kết quả dạng JSON")
    parser.add_argument("--repair", action="store_true", help="bỏ byte lạ trước và sau XML thay vì từ chối")


def run(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.folder)
    try:
        message = read_file(arguments.file, repair=arguments.repair)
        written = unpack(message, folder)
    except EdxmlRefused as no:
        return tell_refusal(no, as_json=arguments.json)
    names = [str(path.relative_to(folder)) for path in written]
    if arguments.json:
        tell({"folder": str(folder), "files": names})
    else:
        say("\n".join(names))
    return 1 if message.damaged else 0
