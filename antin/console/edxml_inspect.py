"""`antin edxml inspect`: what an edXML message says. Stand-alone: no settings, database or server.

0: read; 1: read, with damage that the notes name; 2: refused, with the reason and the place. What is what: docs/edxml.md.
"""

from __future__ import annotations

import argparse
import json
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.exchange.edxml.facts import facts_of
from antin.exchange.edxml.message import Message
from antin.exchange.edxml.notes import EdxmlRefused
from antin.exchange.edxml.reading import read


class CannotOpen(EdxmlRefused):
    code = "edxml_cannot_open"
    words = _("Không mở được tệp: %(why)s.")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="TỆP", help="gói tin edXML; - là đọc từ đầu vào chuẩn")
    parser.add_argument("--json", action="store_true", help="kết quả dạng JSON")
    parser.add_argument("--repair", action="store_true", help="bỏ byte lạ trước và sau XML thay vì từ chối")


def run(arguments: argparse.Namespace) -> int:
    try:
        message = read_file(arguments.file, repair=arguments.repair)
    except EdxmlRefused as no:
        return tell_refusal(no, as_json=arguments.json)
    facts = facts_of(message)
    if arguments.json:
        tell(facts)
    else:
        say("\n".join(_in_words(facts)))
    return 1 if message.damaged else 0


def read_file(name: str, *, repair: bool = False) -> Message:
    """Read a message from a file, or from standard input. :raises EdxmlRefused: it cannot be opened or is not read"""
    with open_file(name) as stream:
        return read(stream, repair=repair)


@contextmanager
def open_file(name: str) -> Iterator[BinaryIO]:
    """A file or a pipe, for reading. :raises CannotOpen: a folder, a device, or not there"""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        path = Path(name)
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise CannotOpen(name, why=gettext("không phải tệp"))
        stream = path.open("rb")
    except (OSError, ValueError) as trouble:
        raise CannotOpen(name, why=getattr(trouble, "strerror", None) or str(trouble)) from None
    with stream:
        try:
            yield stream
        except OSError as trouble:
            raise CannotOpen(name, why=trouble.strerror or str(trouble)) from None


def tell_refusal(no: EdxmlRefused, *, as_json: bool) -> int:
    """Print why a message is not taken and where, and return the exit code that says so."""
    if as_json:
        tell({"refused": no.message, "at": no.at, "code": no.code})
    else:
        say(f"{no.message} [{no.at}]", sys.stderr)
    return 2


def say(words: str, out: TextIO | None = None) -> None:
    """Print words; what the terminal has no letters for is escaped."""
    out = out or sys.stdout
    encoding = out.encoding or "utf-8"
    print(words.encode(encoding, "backslashreplace").decode(encoding), file=out)


def tell(facts: dict[str, Any]) -> None:
    """Print JSON in whatever letters the terminal has."""
    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(facts, ensure_ascii=plain, indent=2))


_LABELS = {
    "kind": "Loại gói",
    "from": "Nơi gửi",
    "to": "Nơi nhận",
    "code": "Số, ký hiệu",
    "date": "Ngày",
    "document_id": "Mã văn bản",
    "subject": "Trích yếu",
    "signer": "Người ký",
    "status_code": "Trạng thái",
    "description": "Diễn giải",
    "timestamp": "Lúc",
}


def _in_words(facts: dict[str, Any]) -> Iterator[str]:
    for key, label in _LABELS.items():
        held = facts.get(key)
        if held:
            yield f"{label}: {', '.join(held) if isinstance(held, list) else held}"
    for response in facts["response_for"]:
        yield f"Liên quan: {', '.join(value for value in response.values() if value)}"
    for attachment in facts["attachments"]:
        yield f"Tệp: {attachment['name'] or '(không tên)'}, {attachment['bytes']} byte, SHA-256 {attachment['sha256']}"
        for note in attachment["notes"]:
            yield f"  - {note}"
    for note in facts["notes"]:
        yield f"- {note}"
