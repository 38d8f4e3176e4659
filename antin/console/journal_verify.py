"""`antin journal verify`: does a journal hold? Stand-alone for exports; without one, the journal of this node.

0: every export holds; 1: at least one does not; 2: cannot tell. What is checked: docs/journal-format.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from antin.journal import notation, verification
from antin.journal.notation import BadLine, Line
from antin.journal.verification import BROKEN, HOLDS, UNKNOWN, Report

#: No line of an export is longer; what is longer is no export.
LONGEST_LINE = 64 << 20
EXIT = {HOLDS: 0, BROKEN: 1, UNKNOWN: 2}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="*", metavar="TỆP", help="tệp xuất nhật ký; không có thì kiểm tra nhật ký của chính nút này"
    )
    parser.add_argument(
        "--checkpoint", action="append", default=[], metavar="TỆP", help="điểm niêm phong đã thấy trước đây"
    )
    parser.add_argument(
        "--key", action="append", default=[], metavar="KHÓA", help="khóa công khai đã biết: tệp PEM hoặc 64 chữ số hex"
    )
    parser.add_argument("--json", action="store_true", help="kết quả dạng JSON")


def run(arguments: argparse.Namespace) -> int:
    try:
        keys = frozenset(read_key(given) for given in arguments.key)
        known = [line for given in arguments.checkpoint for line in read_checkpoints(Path(given))]
        exports = [_glance(Path(given)) for given in arguments.files]
    except BadInput as trouble:
        return tell([], arguments.json, str(trouble))
    reports = []
    for export in exports:
        seen = [*known, *_seen_by_others(export, exports)]
        with export.path.open("rb") as stream:
            reports.append((str(export.path), verification.verify(bounded(stream), keys=keys, known=seen)))
    return tell(reports, arguments.json)


class BadInput(Exception):
    """What was given cannot be read; says so in words."""


@dataclass(frozen=True)
class Export:
    """An export at a glance: when it was made, and its last checkpoint, neither of them verified."""

    path: Path
    exported_at: str
    last: Line | None


def tell(reports: list[tuple[str, Report]], as_json: bool, trouble: str = "") -> int:
    """Print what was found, and return the exit code it means."""
    verdicts = [report.verdict for _name, report in reports]
    verdict = next((one for one in (BROKEN, UNKNOWN) if one in verdicts), HOLDS if reports else UNKNOWN)
    if as_json:
        exports = [{"file": name, **report.as_json()} for name, report in reports]
        print(json.dumps({"verdict": verdict, "trouble": trouble, "exports": exports}, ensure_ascii=False, indent=2))
    elif trouble:
        print(trouble, file=sys.stderr)
    for name, report in [] if as_json else reports:
        print("\n".join(_in_words(name, report)))
    return EXIT[verdict]


def read_key(given: str) -> str:
    """Return a public key as 64 hex digits. :raises BadInput: there is none in what was given"""
    try:
        path = Path(given)
        return notation.read_public_key(path.read_bytes() if path.exists() else given.encode())
    except (OSError, ValueError):
        raise BadInput(f"Không đọc được khóa công khai: {given}") from None


def read_checkpoints(path: Path) -> list[Line]:
    """Return the checkpoints in a file, each with a signature that is its key's. :raises BadInput: there is none, or a wrong one"""
    try:
        with path.open("rb") as stream:
            found = [notation.parse(line) for line in bounded(stream)]
    except (OSError, BadLine):
        raise BadInput(f"Không đọc được điểm niêm phong: {path}") from None
    if not found or not all(_is_good(line) for line in found):
        raise BadInput(f"Tệp không chứa điểm niêm phong có chữ ký đúng: {path}")
    return found


def bounded(stream: BinaryIO) -> Iterator[bytes]:
    """Return the lines of a file, however long it pretends a line to be."""
    return iter(lambda: stream.readline(LONGEST_LINE), b"")


def _is_good(line: Line) -> bool:
    says = line.says
    return verification.is_checkpoint(says) and notation.is_signed(says["key"], line.body, line.proof)


def _glance(path: Path) -> Export:
    exported_at, last = "", None
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(bounded(stream)):
                if number == 0 and line.startswith(b'{"header":'):
                    exported_at = str(_says(line).get("exported_at", ""))
                last = next(notation.checkpoints_in(iter([line])), last)
    except OSError as trouble:
        raise BadInput(f"Không mở được {path}: {trouble.strerror}") from None
    return Export(path, exported_at, last if last and _is_good(last) else None)


def _says(line: bytes) -> dict[str, object]:
    try:
        return notation.parse(line).says
    except BadLine:
        return {}


def _seen_by_others(export: Export, exports: list[Export]) -> list[Line]:
    """Return the checkpoints that other exports of the same journal prove for this one: smaller ones, and all of earlier ones."""
    if export.last is None:
        return []
    return [
        other.last
        for other in exports
        if other is not export
        and other.last
        and other.last.says["journal"] == export.last.says["journal"]
        and (other.last.says["size"] <= export.last.says["size"] or other.exported_at < export.exported_at)
    ]


def _in_words(name: str, report: Report) -> Iterator[str]:
    verdict = {HOLDS: "còn nguyên vẹn", BROKEN: "KHÔNG còn nguyên vẹn", UNKNOWN: "không kết luận được"}[report.verdict]
    yield f"{name}: {verdict}"
    if report.verdict != UNKNOWN:
        yield f"  nút {report.node}, nhật ký {report.journal}, ghi lúc {report.exported_at}"
        yield f"  {report.entries} mục, {report.checkpoints} điểm niêm phong, {report.unsealed} mục chưa niêm phong"
        for key in report.keys:
            yield f"  khóa {key} ({'đã biết' if report.key_is_known else 'chưa được xác nhận: hãy so với khóa nút công bố'})"
    for finding in report.findings:
        where = [f"dòng {finding.line}"] if finding.line else []
        where += [f"mục {finding.index}"] if finding.index is not None else []
        where += [f"bản ghi {finding.record}"] if finding.record is not None else []
        yield f"  - {', '.join(where) or 'cả tệp'}: {finding.words}"
    if report.found > len(report.findings):
        yield f"  … và {report.found - len(report.findings)} chỗ nữa"
