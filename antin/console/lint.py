"""`antin lint`: does a paper keep to Decree 30/2020/NĐ-CP? Stand-alone: no settings, no database, no server.

0: nothing found; 1: at least one deviation; 2: not judged, with the reason. Of several files: 1 if one deviates, else 2 if
one was not judged, else 0. What is judged and the keys of the JSON: docs/lint.md.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from antin.decree30 import report
from antin.decree30.report import Report

EXIT = {"conforms": 0, "deviates": 1, "not_judged": 2}
SAYS = {"conforms": "đúng thể thức", "deviates": "có điểm chưa đúng thể thức", "not_judged": "không kiểm tra được"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "kiểm tra thể thức văn bản hành chính theo Nghị định 30/2020/NĐ-CP"
    parser.epilog = (
        "Mã thoát: 0 không thấy sai; 1 có điểm sai; 2 không kiểm tra được (bản quét, văn bản không thuộc Nghị định 30…). "
        "Nhiều tệp: 1 nếu có tệp sai, không thì 2 nếu có tệp không kiểm tra được. "
        "JSON: một tệp cho một đối tượng, nhiều tệp cho một mảng theo thứ tự đã nêu."
    )
    parser.add_argument("files", nargs="+", metavar="TỆP", help="tệp PDF hoặc DOCX")
    parser.add_argument("--json", action="store_true", help="kết quả dạng JSON")


def run(arguments: argparse.Namespace) -> int:
    reports = [(path, of(Path(path))) for path in arguments.files]
    if arguments.json:
        told = [{"file": path} | one.as_json() for path, one in reports]
        print(json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False, indent=2))
    else:
        for path, one in reports:
            print("\n".join(spoken(path, one)))
    verdicts = {one.verdict for _path, one in reports}
    return next(EXIT[verdict] for verdict in ("deviates", "not_judged", "conforms") if verdict in verdicts)


def of(path: Path) -> Report:
    try:
        if path.stat().st_size > report.LARGEST:
            return Report("heavy", {}, [])
        return report.of(path.read_bytes())
    except OSError:
        return Report("missing", {}, [])


def spoken(path: str, one: Report) -> list[str]:
    """The report for a person."""
    lines = [f"{path}: {SAYS[one.verdict]}"]
    if one.reason:
        return [*lines, f"  {one.reason_words}"]
    for finding in one.findings:
        lines.append(f"  {place(finding.page, finding.box, finding.paragraph)}{finding.words}")
        lines.append(f"    {finding.article} [{finding.code}]")
        if finding.instead:
            lines.append(f"    → {finding.instead}")
    return lines


def place(page: int | None, box: dict[str, Any] | None, paragraph: int | None) -> str:
    if page is None:
        return f"Đoạn {paragraph}: " if paragraph else ""
    return f"Trang {page}, ({box['left']:.0f}; {box['bottom']:.0f}): " if box else f"Trang {page}: "
