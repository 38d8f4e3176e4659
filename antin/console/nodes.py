"""`antin nodes …`: this node's name among others, and the directory of members."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from antin.journeys import between_nodes, move_books
from antin.keys import queries as keys
from antin.keys.states import Role
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes import statements
from antin.people import queries as people
from antin.workdays.queries import local_date


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("show", help="danh bạ, hàng chờ, lần liên lạc cuối")
    establish = acts.add_parser("establish", help="đặt tên nút này làm nút điều phối")
    establish.add_argument("code")
    establish.add_argument("name")
    establish.add_argument(
        "--address", default="", help="máy:cổng mà nút khác nối tới, qua TLS; nats://… trước máy: không TLS"
    )
    invite = acts.add_parser("invite", help="mời một nút; ghi giấy mời ra tệp")
    invite.add_argument("code")
    invite.add_argument("name")
    _agencies(invite)
    invite.add_argument("--way", choices=("nats", "file"), default="nats")
    invite.add_argument("-o", "--out", type=Path, required=True)
    accept = acts.add_parser("accept", help="nhận giấy mời; ghi giấy trả lời ra tệp")
    accept.add_argument("file", type=Path)
    accept.add_argument("-o", "--out", type=Path, required=True)
    accept.add_argument("--fingerprint", help="dấu vân tay của nút điều phối, đã đối chiếu bằng lời")
    confirm = acts.add_parser("confirm", help="kết nạp nút đã trả lời")
    confirm.add_argument("file", type=Path, help="giấy trả lời")
    confirm.add_argument("--fingerprint", help="dấu vân tay của nút xin vào, đã đối chiếu bằng lời")
    change = acts.add_parser("change", help="đổi cơ quan và đường tới một nút; cơ quan của nút khác chuyển sang")
    change.add_argument("code")
    _agencies(change)
    change.add_argument("--way", choices=("nats", "file"), default="nats")
    expel = acts.add_parser("expel", help="loại một nút khỏi danh bạ")
    expel.add_argument("code")
    expel.add_argument("reason")
    acts.add_parser("books", help="sổ đã khóa, đã đến, đang chờ")
    closes = acts.add_parser("books-close", help="khóa sổ của một cơ quan để chuyển sang nút khác")
    closes.add_argument("agency")
    closes.add_argument("node")
    closes.add_argument("--look", action="store_true", help="chỉ nêu việc còn dở, chưa khóa")
    for name, help in (("books-take", "nhận sổ đã đến"), ("books-reopen", "mở lại sổ mà nút kia ký trả lại")):
        acts.add_parser(name, help=help).add_argument("id", type=int)
    gives = acts.add_parser("books-return", help="trả lại sổ cho nút cũ")
    gives.add_argument("id", type=int)
    gives.add_argument("reason")
    opens = acts.add_parser("books-open", help="mở sổ không có bản bàn giao: nút cũ mất hẳn")
    opens.add_argument("agency")
    opens.add_argument("reason")
    edition = acts.add_parser("edition", help="xuất danh bạ đang dùng ra tệp, hoặc nhận danh bạ từ tệp")
    edition.add_argument("file", type=Path)
    edition.add_argument("--take", action="store_true")


def _agencies(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--agency", action="append", default=[], metavar="MÃ=TÊN", help="cơ quan nút ấy phục vụ")


def run(arguments: argparse.Namespace) -> int:
    acts: dict[str, Callable[[argparse.Namespace, datetime], int]] = {
        "show": _show,
        "establish": _establish,
        "invite": _invite,
        "accept": _accept,
        "confirm": _confirm,
        "change": _change,
        "expel": _expel,
        "edition": _edition,
        "books": _books,
        "books-close": _books_close,
        "books-take": _books_act,
        "books-return": _books_act,
        "books-reopen": _books_act,
        "books-open": _books_open,
    }
    return acts[arguments.act](arguments, datetime.now(UTC))


def _pairs(given: list[str]) -> dict[str, str]:
    found = {}
    for each in given:
        code, _equal, name = each.partition("=")
        found[code.strip()] = name.strip() or code.strip()
    return found


def own_agencies(at: datetime) -> dict[str, str]:
    """Return the agencies of this node that are open today, code to name."""
    root = people.find_root()
    rows = people.list_tree(on=local_date(at), below=root, agencies_only=True) if root else []
    return {row.code: row.name for row in rows}


def _establish(given: argparse.Namespace, at: datetime) -> int:
    lines = settings.NATS
    ports = range(lines.port, lines.port + max(1, lines.servers))
    address = given.address or ",".join(f"{lines.listen}:{port}" for port in ports)
    keys.get_authority(Role.ISSUING)
    identity = nodes.establish(
        code=given.code, name=given.name, address=address, agencies=own_agencies(at), actor=None, at=at
    )
    print(f"{identity.code}: {statements.fingerprint(bytes(identity.sign_certificate))}")
    return 0


def _invite(given: argparse.Namespace, at: datetime) -> int:
    invited = nodes.invite(
        code=given.code, name=given.name, way=given.way, agencies=_pairs(given.agency), actor=None, at=at
    )
    _write(given.out, invited.content)
    print(statements.fingerprint(bytes(members.get_identity().sign_certificate)))
    return 0


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def _differs(asked: str | None, found: str) -> bool:
    if asked is not None and asked.replace(" ", "").upper() != found.replace(" ", ""):
        print(f"Dấu vân tay không khớp: {found}", file=sys.stderr)
        return True
    return False


def _accept(given: argparse.Namespace, at: datetime) -> int:
    content = given.file.read_bytes()
    read = nodes.read_invitation(content=content, at=at)
    print(f"{read.coordinator.code} ({read.coordinator.name}): {read.fingerprint}")
    if _differs(given.fingerprint, read.fingerprint):
        return 1
    _write(given.out, nodes.accept_invitation(content=content, actor=None, at=at))
    between_nodes.list_agencies(at=at)
    print(f"{read.code}: {statements.fingerprint(bytes(members.get_identity().sign_certificate))}")
    return 0


def _confirm(given: argparse.Namespace, at: datetime) -> int:
    row = nodes.take_answer(content=given.file.read_bytes(), actor=None, at=at)
    found = statements.fingerprint(members.answered_certificate(row))
    print(f"{row.code} ({row.name}): {found}")
    if _differs(given.fingerprint, found):
        return 1
    nodes.confirm_member(invitation_id=row.pk, actor=None, at=at)
    between_nodes.list_agencies(at=at)
    return 0


def _change(given: argparse.Namespace, at: datetime) -> int:
    nodes.change_member(code=given.code, way=given.way, agencies=_pairs(given.agency), actor=None, at=at)
    between_nodes.list_agencies(at=at)
    return 0


def _expel(given: argparse.Namespace, at: datetime) -> int:
    nodes.expel(code=given.code, reason=given.reason, actor=None, at=at)
    between_nodes.list_agencies(at=at)
    return 0


def _edition(given: argparse.Namespace, at: datetime) -> int:
    if given.take:
        between_nodes.take_edition(content=given.file.read_bytes(), at=at)
        return 0
    newest = members.find_edition()
    if newest is None:
        return 1
    given.file.write_bytes(bytes(newest.content))
    print(f"phiên bản {newest.version}")
    return 0


def _books(given: argparse.Namespace, at: datetime) -> int:
    for agency, node in move_books.list_awaited():
        print(f"{agency:<20} chờ sổ từ nút {node}")
    for row in members.list_moves():
        way = "từ" if row.inward else "sang"
        told = ", ".join(f"{name} {n}" for name, n in row.totals.items())
        print(f"{row.pk:>5} {row.agency:<20} {way} {row.member.code:<20} {row.get_status_display()}; {told or '—'}")
    return 0


def _books_close(given: argparse.Namespace, at: datetime) -> int:
    ahead = move_books.look(agency=given.agency, actor=None)
    print(
        f"{ahead.agency.name}: {ahead.series} dãy số; dự thảo {ahead.open.drafts}, văn bản đến chờ vào sổ"
        f" {ahead.open.arrivals}, số đang giữ {len(ahead.reserved)}; đã cấp số chưa phát hành:"
        f" {', '.join(ahead.open.numbered) or '—'}"
    )
    if not given.look:
        move = move_books.close(agency=given.agency, to=given.node, actor=None, at=at)
        print(f"{move.pk}: {move.get_status_display()}")
    return 0


def _books_act(given: argparse.Namespace, at: datetime) -> int:
    if given.act == "books-take":
        move = move_books.take(move_id=given.id, actor=None, at=at)
    elif given.act == "books-reopen":
        move = move_books.reopen(move_id=given.id, actor=None, at=at)
    else:
        move = move_books.give_back(move_id=given.id, reason=given.reason, actor=None, at=at)
    print(f"{move.pk}: {move.get_status_display()}")
    return 0


def _books_open(given: argparse.Namespace, at: datetime) -> int:
    move = move_books.open_without(agency=given.agency, reason=given.reason, actor=None, at=at)
    print(f"{move.pk}: {move.get_status_display()}")
    return 0


def _show(given: argparse.Namespace, at: datetime) -> int:
    identity, queues = members.get_identity(), members.list_queues()
    print(f"{identity.code} ({identity.name}), danh bạ {identity.version} của {identity.coordinator}")
    for member in members.list_members():
        if member.code == identity.code:
            continue
        queue = queues.get(member.pk, members.Queue())
        heard = f"{member.heard_at:%Y-%m-%d %H:%M:%SZ}" if member.heard_at else "—"
        print(
            f"{member.code:<20} {member.get_standing_display()}, {member.get_way_display()}; chờ {queue.waiting},"
            f" đang chuyển {queue.sent}, đang đến {queue.coming}, để riêng {queue.aside}/{queue.stuck}; {heard}"
        )
    return 0
