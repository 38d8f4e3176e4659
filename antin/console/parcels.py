"""`antin parcels …`: what waits, what was set aside, the gap report, and the bundles that go by hand."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from antin.journeys import between_nodes
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes.queries import Comparison, Gap


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True)
    export = acts.add_parser("export", help="ghi mọi kiện đang chờ một nút ra tệp để mang tay")
    export.add_argument("node")
    export.add_argument("-o", "--out", type=Path, required=True)
    look = acts.add_parser("look", help="xem trong gói có gì, không nhận vào")
    look.add_argument("file", type=Path)
    take = acts.add_parser("import", help="nhận một gói mang tay")
    take.add_argument("file", type=Path)
    gaps = acts.add_parser("gaps", help="đối chiếu số kiện hai bên: thiếu, thừa, khác")
    gaps.add_argument("node", nargs="?")
    gaps.add_argument("--json", action="store_true")
    acts.add_parser("aside", help="kiện để riêng và lý do")
    again = acts.add_parser("again", help="thử nhận lại một kiện để riêng")
    again.add_argument("number", type=int, help="số ở cột đầu của “aside”")


def run(arguments: argparse.Namespace) -> int:
    acts: dict[str, Callable[[argparse.Namespace, datetime], int]] = {
        "export": _export,
        "look": _look,
        "import": _import,
        "gaps": _gaps,
        "aside": _aside,
        "again": _again,
    }
    return acts[arguments.act](arguments, datetime.now(UTC))


def _export(given: argparse.Namespace, at: datetime) -> int:
    with given.out.open("wb") as out:
        done = nodes.export_bundle(code=given.node, out=out, actor=None, at=at)
    print(f"{done.parcels} kiện, {done.size:,} byte")
    return 0


def _look(given: argparse.Namespace, at: datetime) -> int:
    found = between_nodes.look_into(source=given.file, actor=None, at=at)
    print(f"{found.sender.code} ({found.sender.name}), {found.made_at:%Y-%m-%d %H:%M:%SZ}, {found.size:,} byte")
    for each in found.inside:
        print(f"  {each.number} {each.kind} {each.words}{' (đã nhận)' if each.is_known else ''}")
    return 0


def _import(given: argparse.Namespace, at: datetime) -> int:
    done = between_nodes.take_bundle(source=given.file, actor=None, at=at)
    print(f"{done.parcels} kiện, từ chối {done.refused}")
    return 1 if done.refused else 0


def _gaps(given: argparse.Namespace, at: datetime) -> int:
    chosen = [members.get_member(given.node)] if given.node else members.list_partners()
    found = [members.compare(member) for member in chosen]
    if given.json:
        print(json.dumps([_told(each) for each in found], ensure_ascii=False, indent=1))
    else:
        for each in found:
            print(f"{each.member.code}: gửi {_words(each.outward)}; nhận {_words(each.inward)}")
    return 0 if all(gap is None or gap.is_whole for each in found for gap in (each.outward, each.inward)) else 1


def _told(found: Comparison) -> dict[str, object]:
    return {
        "node": found.member.code,
        "stated_at": found.member.stated_at.isoformat() if found.member.stated_at else None,
        "outward": vars(found.outward) if found.outward else None,
        "inward": vars(found.inward) if found.inward else None,
    }


def _words(gap: Gap | None) -> str:
    if gap is None:
        return "chưa đối chiếu"
    if gap.is_whole:
        return f"khớp {gap.taken}/{gap.given}"
    return f"thiếu {gap.missing}, thừa {gap.extra}{', nội dung khác' if gap.differs else ''}"


def _aside(given: argparse.Namespace, at: datetime) -> int:
    for row in members.list_aside():
        print(f"{row.pk} {row.member.code} {row.number} {row.kind}: {row.fault}")
    return 0


def _again(given: argparse.Namespace, at: datetime) -> int:
    nodes.take_again(received_id=given.number, actor=None, at=at)
    return 0
