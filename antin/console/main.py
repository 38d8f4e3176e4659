"""The `antin` command: one table of its commands, each a module loaded only when asked for.

A command's module has `arguments(parser)` and `run(arguments) -> int`. Stand-alone commands need no settings, database or server;
before any other command's module is loaded, Django is set up. Exit codes: 0 holds or done, 1 does not hold or refused,
2 cannot tell or bad input.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from importlib import import_module

import django
from django.conf import settings

from antin.refusal import Refusal


@dataclass(frozen=True)
class Command:
    words: str
    module: str
    purpose: str
    standalone: bool = False
    sets_up: bool = False  # sets Django up itself, when its time has come
    on_node: str = ""  # the module that answers, with Django set up, when the stand-alone one was given no files


COMMANDS = (
    Command("run", "antin.console.run", "chạy cả nút: cơ sở dữ liệu, trang web, tiến trình nền", sets_up=True),
    Command("reload", "antin.console.reload", "nạp phiên bản mới mà không ngừng phục vụ", sets_up=True),
    Command("shift", "antin.console.shift", "dùng nội bộ: trang web và tiến trình nền của lần nạp lại", sets_up=True),
    Command("prepare", "antin.console.prepare", "nâng cấp cơ sở dữ liệu cho khớp với phiên bản này"),
    Command("worker", "antin.jobs.worker", "chạy riêng tiến trình nền"),
    Command("token create", "antin.console.token_create", "tạo khóa truy cập API cho một người trong một chức vụ"),
    Command("trust", "antin.console.trust", "xem, thêm, thôi tin cậy chứng thực gốc"),
    Command("secrets rotate", "antin.console.secrets_rotate", "đổi khóa niêm phong các bí mật giữ trong cơ sở dữ liệu"),
    Command("nodes", "antin.console.nodes", "tên của nút này, danh bạ nút, mời, kết nạp, loại nút"),
    Command("parcels", "antin.console.parcels", "kiện giữa các nút: hàng chờ, đối chiếu, gói mang tay"),
    Command("receipts verify", "antin.console.receipts_verify", "kiểm chuỗi giấy báo đã xuất", standalone=True),
    Command("receipts export", "antin.console.receipts_export", "xuất chuỗi giấy báo của một lần gửi"),
    Command("backup verify", "antin.console.backup_verify", "đọc lại từng byte của một bản sao lưu"),
    Command("backup", "antin.console.backup", "sao lưu toàn bộ nút trong khi nút vẫn chạy"),
    Command("restore", "antin.console.restore", "khôi phục một bản sao lưu vào chỗ trống", sets_up=True),
    Command("docs states", "antin.console.docs_states", "vẽ lại sơ đồ trạng thái trong docs/states"),
    Command("signatures report", "antin.console.signatures_report", "chữ ký đã lưu chứng minh được đến bao giờ"),
    Command("index rebuild", "antin.console.index_rebuild", "lập lại chỉ mục tìm kiếm trong khi nút vẫn chạy"),
    Command("jobs once", "antin.jobs.once", "làm hết các việc đang chờ rồi dừng"),
    Command("agent", "antin.console.agent", "ký bằng thiết bị lưu khóa trên máy của người ký", standalone=True),
    Command("verify", "antin.console.verify", "kiểm tra chữ ký số của các tệp PDF", standalone=True),
    Command(
        "journal verify",
        "antin.console.journal_verify",
        "kiểm tra nhật ký: các tệp đã xuất, hoặc của chính nút này",
        standalone=True,
        on_node="antin.console.journal_live",
    ),
    Command(
        "lint",
        "antin.console.lint",
        "kiểm tra thể thức văn bản (PDF, DOCX) theo Nghị định 30/2020/NĐ-CP",
        standalone=True,
    ),
    Command("journal export", "antin.console.journal_export", "xuất toàn bộ nhật ký ra tệp"),
    Command("edxml inspect", "antin.console.edxml_inspect", "đọc một gói tin edXML và nói nó chứa gì", standalone=True),
    Command(
        "edxml pack", "antin.console.edxml_pack", "tạo gói tin edXML từ tệp JSON và các tệp đính kèm", standalone=True
    ),
    Command("edxml unpack", "antin.console.edxml_unpack", "mở gói tin edXML vào một thư mục", standalone=True),
    Command("journal checkpoint", "antin.console.journal_checkpoint", "in điểm niêm phong mới nhất để giữ ở nơi khác"),
)


def main(argv: list[str] | None = None) -> int:
    """Find the command by its words, load it and run it."""
    given = sys.argv[1:] if argv is None else argv
    command = _find(given)
    if command is None:
        return _explain(given)
    try:
        return _carry_out(command, given[len(command.words.split()) :])
    except Refusal as no:
        print(no.message, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _carry_out(command: Command, given: list[str]) -> int:
    if not command.standalone and not command.sets_up:
        _set_up()
    elif not command.on_node and not command.sets_up:
        _do_without()
    module = import_module(command.module)
    parser = argparse.ArgumentParser(prog=f"antin {command.words}", description=command.purpose)
    module.arguments(parser)
    arguments = parser.parse_args(given)
    if command.on_node and arguments.files:
        _do_without()
    elif command.on_node:
        _set_up()
        module = import_module(command.on_node)
    return int(module.run(arguments))


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()


def _do_without() -> None:
    """Let words be what they are in the code. Where settings stand already, they stay."""
    if not settings.configured:
        settings.configure(USE_I18N=False)


def _find(given: list[str]) -> Command | None:
    return next((command for command in COMMANDS if given[: len(command.words.split())] == command.words.split()), None)


def _explain(given: list[str]) -> int:
    """List every command, or those of the family that was begun."""
    asked = not given or given[0] in ("-h", "--help", "help")
    family = [] if asked else [c for c in COMMANDS if c.words.split()[0] == given[0]]
    listed = family or COMMANDS
    width = max(len(command.words) for command in listed)
    out = sys.stdout if asked or "--help" in given or "-h" in given else sys.stderr
    if out is sys.stderr:
        print(f"antin: không có lệnh “{' '.join(given)}”.\n", file=out)
    print("Cách dùng: antin LỆNH [--help]\n", file=out)
    for command in listed:
        print(f"  {command.words:<{width}}  {command.purpose}", file=out)
    return 0 if out is sys.stdout else 2
