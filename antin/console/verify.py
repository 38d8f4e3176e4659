"""`antin verify`: what do the signatures of these files say? Needs no database, no server and no network.

0: every file is valid; 1: at least one is invalid; 2: cannot tell, or bad input. Each file is opened in a process of its own, with
limits on time and memory: what a file does to it becomes an answer about that file. What is printed: docs/verify.md.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from datetime import time as clock_time
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from antin.signing import anchors, criteria, opinions, other_files, verification
from antin.signing.anchors import Folder
from antin.signing.criteria import BadCriteria, Criteria
from antin.signing.report import PUBLIC, Report, public
from antin.signing.states import Reason

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
LARGEST = 512 << 20
MEMORY = 3 << 30
SECONDS = 40
"""How long one file may take; `verification` itself gives up after half of it and says so."""
EXIT = {"valid": 0, "undetermined": 2, "invalid": 1}
HEADLINES = {
    "valid": "HỢP LỆ",
    "undetermined": "CHƯA KẾT LUẬN ĐƯỢC",
    "invalid": "KHÔNG HỢP LỆ",
}
TIMES = {
    "timestamp": "theo dấu thời gian",
    "claimed": "theo đồng hồ máy ký",
    "none": "không ghi thời điểm ký",
}
INTEGRITY = {"intact": "nguyên vẹn", "broken": "hỏng", "unknown": "không kết luận"}
LEARN_MORE = """\
Không có --trust thì không tin cậy cơ quan chứng thực nào: chữ ký nguyên vẹn được trả lời là undetermined (CHAIN_UNTRUSTED).
--json: một tệp cho một đối tượng JSON; nhiều tệp cho một mảng JSON, mỗi tệp một đối tượng, theo thứ tự đã nêu; đối tượng nào
cũng có "file".
Mã thoát: 0 mọi tệp hợp lệ; 1 có tệp không hợp lệ; 2 chưa kết luận được hoặc đầu vào sai. Không bao giờ truy cập mạng."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = LEARN_MORE
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("files", nargs="+", metavar="TỆP", help="tệp PDF, XML, hoặc chữ ký .p7s cần kiểm tra")
    parser.add_argument(
        "--content",
        metavar="TỆP",
        help="tệp được ký, khi chữ ký .p7s nằm ngoài nó; không nêu thì tìm tệp cùng tên không có đuôi .p7s bên cạnh",
    )
    parser.add_argument("--json", action="store_true", help="kết quả dạng JSON")
    parser.add_argument(
        "--trust",
        metavar="THƯ_MỤC",
        help="chứng thư gốc, trung gian và danh sách thu hồi (PEM, DER, .crt .cer .pem .p7b .p7c .crl), kể cả thư mục con",
    )
    parser.add_argument(
        "--at", metavar="NGÀY", help="kiểm tra như vào ngày này (2026-11-22 hoặc 2026-11-22T10:00+07:00)"
    )
    parser.add_argument(
        "--second-opinion",
        action="store_true",
        help="hỏi thêm pdfsig và openssl nếu máy có, và nêu chỗ khác với kết quả của An Tín",
    )
    parser.add_argument("--policy", metavar="TỆP", help="chính sách của cơ quan (TOML); xem docs/verify.md")


class BadInput(Exception):
    """What was given cannot be used; says so in words."""


def run(arguments: argparse.Namespace) -> int:
    for each in (sys.stdout, sys.stderr):
        if isinstance(
            each, io.TextIOWrapper
        ):  # whatever the terminal speaks; bytes of a name that are no letters become \\udc..
            each.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        at = moment(arguments.at)
        trusted = _trusted(arguments.trust)
        asked = _criteria(arguments.policy)
    except BadInput as trouble:
        print(trouble, file=sys.stderr)
        return 2
    if len(arguments.files) > 1:
        import_module("antin.files.pdf")
    told = []
    for name in arguments.files:
        told.append(
            {
                "file": name,
                **answer(
                    name,
                    trusted=trusted,
                    at=at,
                    asked=asked,
                    others=arguments.second_opinion,
                    beside=arguments.content,
                ),
            }
        )
        if not arguments.json:
            print("\n".join(_in_words(told[-1])))
    if arguments.json:
        print(json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False, indent=2))
    return next((EXIT[each] for each in ("invalid", "undetermined") if any(one["verdict"] == each for one in told)), 0)


def moment(given: str | None) -> datetime:
    """The moment to judge at; a bare date is the end of that day in Hanoi. :raises BadInput:"""
    if not given:
        return datetime.now(UTC)
    try:
        if len(given) == 10:
            return datetime.combine(date.fromisoformat(given), clock_time(23, 59, 59), HANOI)
        read = datetime.fromisoformat(given)
    except ValueError:
        raise BadInput(f"Không hiểu ngày: {given}. Viết như 2026-11-22 hoặc 2026-11-22T10:00+07:00.") from None
    return read if read.tzinfo else read.replace(tzinfo=HANOI)


def _trusted(given: str | None) -> Folder:
    if not given:
        return anchors.NOBODY
    try:
        found = anchors.read(Path(given))
    except OSError:
        raise BadInput(f"Không mở được thư mục tin cậy: {given}") from None
    for name in found.unread:
        print(f"{given}: bỏ qua {name}: không có chứng thư hay danh sách thu hồi", file=sys.stderr)
    return found


def _criteria(given: str | None) -> Criteria:
    if not given:
        return criteria.DEFAULT
    try:
        return criteria.read(Path(given).read_bytes())
    except OSError:
        raise BadInput(f"Không mở được tệp chính sách: {given}") from None
    except BadCriteria as trouble:
        raise BadInput(f"Tệp chính sách sai: {given}: {trouble}") from None


def answer(
    name: str, *, trusted: Folder, at: datetime, asked: Criteria, others: bool = False, beside: str | None = None
) -> dict[str, Any]:
    """What is found of one file, whatever it is; `beside` names the file that a detached signature is over."""
    nothing = partial(_without, at=at, asked=asked, trusted=trusted)
    try:
        path = Path(name)
        if path.is_dir():
            raise BadInput(f"Đây là thư mục, không phải tệp: {name}")
        if not path.is_file():
            raise BadInput(f"Không có tệp này: {name}")
        if path.stat().st_size > LARGEST:
            return nothing(Reason.TOO_HEAVY)
        content, signed = path.read_bytes(), _beside(path, beside)
    except BadInput as trouble:
        return nothing(Reason.UNREADABLE) | {"trouble": str(trouble)}
    except (OSError, ValueError) as trouble:
        return nothing(Reason.UNREADABLE) | {"trouble": f"Không mở được {name}: {trouble}"}

    def judge() -> dict[str, Any]:
        report = other_files.verify(content, beside=signed, trusted=trusted, at=at, criteria=asked, draw=_draw)
        if not others:
            return public(report)
        said = opinions.ask(content, report, beside=signed)
        return public(report) | {"second_opinion": [each.as_json() for each in said]}

    said = apart(judge)
    return nothing(Reason.TOO_HEAVY) if said is None else said


def _beside(path: Path, given: str | None) -> bytes | None:
    """The file that a signature of its own is over: the one named, or the one beside it; None where there is none.

    :raises BadInput: what was named is not there
    """
    found = Path(given) if given else path.with_suffix("")
    if given and not found.is_file():
        raise BadInput(f"Không có tệp này: {given}")
    if not given and (path.suffix.lower() not in (".p7s", ".p7m", ".sig") or not found.is_file()):
        return None
    if found.stat().st_size > LARGEST:
        raise BadInput(f"Tệp quá lớn: {found}")
    return found.read_bytes()


def _draw(pdf: bytes, page: int, width: int, notes: bool = True) -> bytes:
    """Draw a page; the library for it is loaded only when a page has to be looked at."""
    return bytes(import_module("antin.files.pdf").grey(pdf, page, width, notes))


def _without(reason: Reason, *, at: datetime, asked: Criteria, trusted: Folder) -> dict[str, Any]:
    """The answer about a file of which nothing could be found out."""
    return public(
        Report(
            file="",
            verdict=reason.verdict,
            reasons=(reason,),
            signatures=(),
            replaces_paper=False,
            verified_at=at,
            policy=verification.POLICY,
            trust=trusted.state,
            criteria=asked.name,
        )
    )


def apart(work: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """Do the work in a child process with limits; None when it did not come back with an answer in time."""
    if not hasattr(os, "fork"):
        return work()
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        _work_and_leave(work, receiver, sender)
    os.close(sender)
    said, until = bytearray(), time.monotonic() + SECONDS
    while True:
        ready, _, _ = select.select([receiver], [], [], max(0.0, until - time.monotonic()))
        piece = os.read(receiver, 1 << 16) if ready else b""
        if not piece:
            break
        said += piece
    os.close(receiver)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        return dict(json.loads(bytes(said)))
    except ValueError:
        return None


def _work_and_leave(work: Callable[[], dict[str, Any]], receiver: int, sender: int) -> None:
    """The child's whole life. Nothing it prints reaches the terminal, and it never returns."""
    try:
        os.close(receiver)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.alarm(SECONDS)
        said = memoryview(json.dumps(work(), ensure_ascii=False).encode())
        while said:
            said = said[os.write(sender, said) :]
    finally:
        os._exit(0)


def _in_words(told: dict[str, Any]) -> list[str]:
    """What was found, for a person at a terminal."""
    lines = [f"{told['file']}: {HEADLINES[told['verdict']]}"]
    if told.get("trouble"):
        return [*lines, f"  {told['trouble']}"]
    lines += [
        f"  {words} [{code}]" for code, words in told["words"].items() if not told["signatures"] or code in FILES_OWN
    ]
    for signature in told["signatures"]:
        who = ", ".join(each for each in (signature["signer"], signature["title"], signature["organisation"]) if each)
        kind = "Dấu thời gian" if signature["kind"] == "timestamp" else "Chữ ký"
        lines.append(
            f"  {kind} {signature['field'] or '(không tên)'}: {HEADLINES[signature['verdict']].lower()}: {who or '?'}"
        )
        source = TIMES[signature["time_source"]]
        when = signature["signed_at"]
        shown = datetime.fromisoformat(when).astimezone(HANOI).strftime("%d/%m/%Y %H:%M:%S") if when else ""
        lines.append(f"    {f'ký lúc {shown}, ' if shown else ''}{source}; {signature['level'] or ''}".rstrip("; "))
        lines += [f"    - {told['words'].get(code) or Reason(code).words} [{code}]" for code in signature["reasons"]]
    for change in told["changes_after"]:
        where = f" ở trang {change['page']}" if change["page"] else ""
        subject = f" ({change['subject']})" if change["subject"] else ""
        lines.append(
            f"  {'•' if change['safe'] else '!'} sau chữ ký {change['after'] or '?'}: {change['words']}{subject}{where}"
        )
    for opinion in told.get("second_opinion", ()):
        found = ", ".join(f"{each['field']}: {INTEGRITY[each['integrity']]}" for each in opinion["signatures"])
        agrees = "giống An Tín" if opinion["agrees"] else f"KHÁC An Tín ở {', '.join(opinion['differs'])}"
        lines.append(f"  {opinion['tool']} {opinion['version']}: {found or 'không đọc được'}; {agrees}")
    if told["verdict"] == "valid":
        lines.append("  Thay được bản giấy." if told["replaces_paper"] else "  Chưa thay được bản giấy.")
    return lines


FILES_OWN = {
    each.value
    for each in (
        Reason.UNSIGNED,
        Reason.PERSON_ONLY,
        Reason.AGENCY_ONLY,
        Reason.ENCRYPTED,
        Reason.UNREADABLE,
        Reason.TOO_HEAVY,
        Reason.NOT_PDF,
    )
}
"""Reasons that are the file's own; those of a signature stand below it."""
assert set(EXIT) == set(PUBLIC.values())
